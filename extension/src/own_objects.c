/*
 * own_objects.c
 *		Commands on what Yesterday itself is made of.
 *
 * It is no part of a deployment: the images leave it out, and without it nothing
 * could be rolled back. Most commands name their objects when they are done; here
 * are those that name nothing then, or after which nothing of ours is found.
 */
#include "ddl.h"

#include "catalog.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static bool
is_own_schema(const char *name)
{
	return name != NULL && (strcmp(name, "yesterday") == 0 || strcmp(name, "yesterday_shadow") == 0);
}

static bool
is_in_own_schema(Oid schema)
{
	return OidIsValid(schema) && (schema == yd_schema_oid() || schema == yd_shadow_schema_oid());
}

/* rollback_last() and rollback_preview() are in another schema */
static bool
is_own_function(Oid function)
{
	return OidIsValid(function) &&
		(is_in_own_schema(get_func_namespace(function)) ||
		 (OidIsValid(get_extension_oid("yesterday", true)) &&
		  getExtensionOfObject(ProcedureRelationId, function) == get_extension_oid("yesterday", true)));
}

/* The name of the first object of ours on which a GRANT or REVOKE changes privileges; NULL: there is none. */
static char *
granted_of_ours(GrantStmt *grant)
{
	ListCell   *cell;

	foreach(cell, grant->objects)
	{
		Node	   *object = lfirst(cell);

		if (grant->targtype == ACL_TARGET_ALL_IN_SCHEMA || grant->objtype == OBJECT_SCHEMA)
		{
			if (is_own_schema(strVal(object)))
				return strVal(object);
		}
		else if (IsA(object, RangeVar))
		{
			Oid			relid = RangeVarGetRelid(castNode(RangeVar, object), NoLock, true);

			if (OidIsValid(relid) && is_in_own_schema(get_rel_namespace(relid)))
				return get_rel_name(relid);
		}
		else if (IsA(object, ObjectWithArgs))
		{
			Oid			function = LookupFuncWithArgs(grant->objtype, castNode(ObjectWithArgs, object), true);

			if (is_own_function(function))
				return get_func_name(function);
		}
	}
	return NULL;
}

static char *
defaults_of_ours(AlterDefaultPrivilegesStmt *stmt)
{
	ListCell   *cell;

	foreach(cell, stmt->options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);
		ListCell   *name;

		if (strcmp(option->defname, "schemas") != 0)
			continue;
		foreach(name, (List *) option->arg)
			if (is_own_schema(strVal(lfirst(name))))
				return strVal(lfirst(name));
	}
	return NULL;
}

void
yd_refuse_own_before(Node *command, const char *tag, bool member)
{
	char	   *name = NULL;

	if (IsA(command, RenameStmt))
	{
		/* whoever it is: nothing of ours would be found from then on, and the deployment is under way */
		if (castNode(RenameStmt, command)->renameType == OBJECT_SCHEMA &&
			is_own_schema(castNode(RenameStmt, command)->subname))
			name = castNode(RenameStmt, command)->subname;
	}
	else if (!member)
		return;
	else if (IsA(command, GrantStmt))
		name = granted_of_ours(castNode(GrantStmt, command));
	else if (IsA(command, AlterDefaultPrivilegesStmt))
		name = defaults_of_ours(castNode(AlterDefaultPrivilegesStmt, command));
	if (name != NULL)
		yd_refuse_own(name, tag, member);
}

void
yd_refuse_own(const char *name, const char *tag, bool member)
{
	ereport(ERROR,
			(errcode(ERRCODE_YD_CAPTURE_BYPASSED),
			 member ? errmsg("%s of \"%s\" inside a deployment", tag, name) :
			 errmsg("%s of \"%s\" while a deployment is open", tag, name),
			 errdetail("It belongs to Yesterday, which would not bring it back and may need it to roll this deployment back."),
			 errhint("Finish or abandon the deployment first, and run the command outside of it.")));
}

void
yd_guard_own_extension(Node *command)
{
	DropStmt   *drop = (DropStmt *) command;
	ListCell   *cell;

	if (!IsA(command, DropStmt) || drop->removeType != OBJECT_EXTENSION)
		return;
	foreach(cell, drop->objects)
	{
		YdScan		scan;
		HeapTuple	tuple;
		int64		rollbackable = 0;

		if (strcmp(strVal(lfirst(cell)), "yesterday") != 0)
			continue;
		yd_scan_begin(&scan, YD_TABLE_DEPLOYMENT, NULL, 0, NULL);
		while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
		{
			bool		forgotten,
						isnull;
			char	   *status;

			(void) yd_column(scan.rel, tuple, "forgotten_at", &isnull);
			forgotten = !isnull;
			status = TextDatumGetCString(yd_column(scan.rel, tuple, "status", &isnull));
			if (!forgotten && (strcmp(status, "open") == 0 || strcmp(status, "finished") == 0))
				rollbackable++;
		}
		yd_scan_end(&scan);
		if (rollbackable > 0)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot drop extension yesterday: deployments can still be rolled back"),
					 errdetail("The prior images of " INT64_FORMAT " deployments would go with it.", rollbackable),
					 errhint("To give their rollbacks up for good: SELECT * FROM yesterday.forget(keep => 0); and drop it then.")));
	}
}
