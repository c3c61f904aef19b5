/*
 * unshown.c
 *		DDL that no event trigger shows, entered in the ledger by the hook.
 *
 * CLUSTER and VACUUM FULL give a table another file with the same row versions:
 * that is accounted for, and the mark that CLUSTER leaves is DDL like any other.
 * REASSIGN OWNED and the commands about event triggers name what they change.
 * What lies outside the database (roles, databases, tablespaces) is entered
 * without an object: no rollback undoes it, and the report says so.
 */
#include "utility.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/event_trigger.h"
#include "ddl.h"
#include "session.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ----- the ledger ----- */

static void
enter(const char *statement, Node *command, Oid classid, Oid objid)
{
	Oid			types[4] = {INT8OID, TEXTOID, OIDOID, OIDOID};
	Datum		values[4];

	values[0] = Int64GetDatum(yd_current_deployment());
	values[1] = CStringGetTextDatum(CreateCommandName(command));
	values[2] = ObjectIdGetDatum(classid);
	values[3] = ObjectIdGetDatum(objid);
	yd_run_own(statement, 4, types, values, NULL, NULL);
}

static void
enter_object(Node *command, Oid classid, Oid objid)
{
	enter("INSERT INTO yesterday.ddl_entry"
		  " (deployment, xid, member, event, tag, object_type, identity, classid, objid, objsubid)"
		  " SELECT $1, pg_current_xact_id(), true, 'command', $2, i.type, i.identity, $3, $4, 0"
		  " FROM pg_identify_object($3, $4, 0) i",
		  command, classid, objid);
}

/* Everything that a role owns here; what it owns outside the database has no object. */
static void
enter_owned(Node *command, Oid role)
{
	enter("INSERT INTO yesterday.ddl_entry"
		  " (deployment, xid, member, event, tag, object_type, identity, classid, objid, objsubid)"
		  " SELECT $1, pg_current_xact_id(), true, 'command', $2,"
		  "        CASE WHEN s.dbid = 0 THEN 'outside the database' ELSE i.type END, i.identity,"
		  "        CASE WHEN s.dbid <> 0 THEN s.classid END, CASE WHEN s.dbid <> 0 THEN s.objid END, 0"
		  " FROM pg_shdepend s CROSS JOIN LATERAL pg_identify_object(s.classid, s.objid, 0) i"
		  " WHERE s.refclassid = $3 AND s.refobjid = $4 AND s.deptype = 'o'"
		  "   AND s.dbid IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))"
		  "   AND coalesce(i.schema, '') NOT IN ('pg_temp', 'yesterday', 'yesterday_shadow')",
		  command, AuthIdRelationId, role);
}

static void
enter_outside(Node *command)
{
	enter("INSERT INTO yesterday.ddl_entry"
		  " (deployment, xid, member, event, tag, object_type, identity)"
		  " SELECT $1, pg_current_xact_id(), true, 'command', $2, 'outside the database', $2"
		  " WHERE $3 = $4",
		  command, InvalidOid, InvalidOid);
}

/* ----- commands that write a table's file anew ----- */

static List *
with_children(Oid relid)
{
	return get_rel_relkind(relid) == RELKIND_PARTITIONED_TABLE ?
		find_all_inheritors(relid, NoLock, NULL) : list_make1_oid(relid);
}

/* All tables that a command without a name can mean. */
List *
yd_all_tables(void)
{
	Relation	catalog = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	List	   *relids = NIL;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		if (form->relkind == RELKIND_RELATION && form->oid >= FirstNormalObjectId)
			relids = lappend_oid(relids, form->oid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return relids;
}

static List *
vacuumed_tables(VacuumStmt *vacuum)
{
	bool		full = false;
	List	   *relids = NIL;
	ListCell   *cell;

	foreach(cell, vacuum->options)
		if (strcmp(lfirst_node(DefElem, cell)->defname, "full") == 0)
			full = defGetBoolean(lfirst_node(DefElem, cell));
	if (!full)
		return NIL;
	if (vacuum->rels == NIL)
		return yd_all_tables();
	foreach(cell, vacuum->rels)
	{
		VacuumRelation *rel = lfirst_node(VacuumRelation, cell);
		Oid			relid = OidIsValid(rel->oid) ? rel->oid :
			RangeVarGetRelid(rel->relation, NoLock, true);

		if (OidIsValid(relid))
			relids = list_concat_unique_oid(relids, with_children(relid));
	}
	return relids;
}

static List *
clustered_tables(ClusterStmt *cluster)
{
	Oid			relid;

	if (cluster->relation == NULL)
		return yd_all_tables();
	relid = RangeVarGetRelid(cluster->relation, NoLock, true);
	return OidIsValid(relid) ? with_children(relid) : NIL;
}

List *
yd_rewritten_by(Node *command)
{
	return IsA(command, ClusterStmt) ? clustered_tables(castNode(ClusterStmt, command)) :
		vacuumed_tables(castNode(VacuumStmt, command));
}

/* CLUSTER leaves a mark on the index, and on the table that has it. */
static void
enter_mark(ClusterStmt *cluster)
{
	Oid			relid = cluster->relation == NULL ? InvalidOid :
		RangeVarGetRelid(cluster->relation, NoLock, true);
	Oid			indexid = !OidIsValid(relid) || cluster->indexname == NULL ? InvalidOid :
		get_relname_relid(cluster->indexname, get_rel_namespace(relid));

	if (!OidIsValid(indexid))
		return;					/* no mark, or the command itself will complain */
	yd_ledger_before(CreateCommandName((Node *) cluster));
	enter_object((Node *) cluster, RelationRelationId, relid);
	enter_object((Node *) cluster, RelationRelationId, indexid);
}

/* ----- others ----- */

static void
before_reassign(ReassignOwnedStmt *reassign)
{
	ListCell   *cell;

	yd_ledger_before(CreateCommandName((Node *) reassign));
	foreach(cell, reassign->roles)
		enter_owned((Node *) reassign, get_rolespec_oid(lfirst_node(RoleSpec, cell), false));
}

/* Our own event triggers stay as they are while a deployment runs. */
static void
refuse_own(const char *name)
{
	if (strncmp(name, "yesterday_", strlen("yesterday_")) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_YD_CAPTURE_BYPASSED),
				 errmsg("event trigger \"%s\" cannot be changed inside a deployment", name),
				 errdetail("It shows Yesterday the deployment's DDL."),
				 errhint("Finish or abandon the deployment first.")));
}

static void
before_event_trigger(Node *command, const char *name)
{
	Oid			objid;

	refuse_own(name);
	yd_ledger_before(CreateCommandName(command));
	objid = get_event_trigger_oid(name, true);
	if (OidIsValid(objid))
		enter_object(command, EventTriggerRelationId, objid);
}

static bool
is_outside(ObjectType type)
{
	return type == OBJECT_DATABASE || type == OBJECT_ROLE || type == OBJECT_TABLESPACE;
}

/* The commands that several kinds of objects share: kind, and name where it is one word. */
static bool
shared_command(Node *command, ObjectType *type, Node **object)
{
	*object = NULL;
	switch (nodeTag(command))
	{
		case T_RenameStmt:
			*type = castNode(RenameStmt, command)->renameType;
			*object = castNode(RenameStmt, command)->object;
			return true;
		case T_AlterOwnerStmt:
			*type = castNode(AlterOwnerStmt, command)->objectType;
			*object = castNode(AlterOwnerStmt, command)->object;
			return true;
		case T_CommentStmt:
			*type = castNode(CommentStmt, command)->objtype;
			*object = castNode(CommentStmt, command)->object;
			return true;
		case T_SecLabelStmt:
			*type = castNode(SecLabelStmt, command)->objtype;
			*object = castNode(SecLabelStmt, command)->object;
			return true;
		case T_GrantStmt:
			*type = castNode(GrantStmt, command)->objtype;
			return true;
		default:
			return false;
	}
}

static void
before_shared(Node *command, ObjectType type, Node *object)
{
	if (is_outside(type))
		enter_outside(command);
	else if (type == OBJECT_EVENT_TRIGGER && object != NULL)
		before_event_trigger(command, strVal(object));
}

void
yd_before_unshown(Node *command, YdUnshown *unshown)
{
	ObjectType	type;
	Node	   *object;
	ListCell   *cell;

	if (shared_command(command, &type, &object))
	{
		before_shared(command, type, object);
		return;
	}
	switch (nodeTag(command))
	{
		case T_ClusterStmt:
			enter_mark(castNode(ClusterStmt, command));
			unshown->replaced = yd_rewritten_by(command);
			break;
		case T_VacuumStmt:
			unshown->replaced = yd_rewritten_by(command);
			break;
		case T_ReassignOwnedStmt:
			before_reassign(castNode(ReassignOwnedStmt, command));
			break;
		case T_CreateEventTrigStmt:
			yd_ledger_before(CreateCommandName(command));
			unshown->made = castNode(CreateEventTrigStmt, command)->trigname;
			break;
		case T_AlterEventTrigStmt:
			before_event_trigger(command, castNode(AlterEventTrigStmt, command)->trigname);
			break;
		case T_DropStmt:
			if (castNode(DropStmt, command)->removeType == OBJECT_EVENT_TRIGGER)
				foreach(cell, castNode(DropStmt, command)->objects)
					before_event_trigger(command, strVal(lfirst(cell)));
			break;
		case T_CreateRoleStmt:
		case T_AlterRoleStmt:
		case T_AlterRoleSetStmt:
		case T_DropRoleStmt:
		case T_GrantRoleStmt:
		case T_AlterDatabaseStmt:
		case T_AlterDatabaseSetStmt:
		case T_CreateTableSpaceStmt:
		case T_AlterTableSpaceOptionsStmt:
		case T_DropTableSpaceStmt:
		case T_CreatedbStmt:
		case T_DropdbStmt:
			enter_outside(command);
			break;
		default:
			break;
	}
}

void
yd_after_unshown(Node *command, YdUnshown *unshown)
{
	if (unshown->made != NULL)
		enter_object(command, EventTriggerRelationId,
					 get_event_trigger_oid(unshown->made, false));
}
