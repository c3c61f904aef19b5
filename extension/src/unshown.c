/*
 * unshown.c
 *		Commands that no event trigger shows: which they are, and what the ledger
 *		or the capture has to know of each.
 *
 * CLUSTER and VACUUM FULL give a table another file with the same row versions:
 * that is accounted for, and the mark that CLUSTER leaves is DDL like any other.
 * REASSIGN OWNED and the commands about event triggers name what they change.
 * What lies outside the database (roles, other databases, tablespaces) is entered
 * without an object: no rollback undoes it, and the report says so.
 */
#include "utility.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/event_trigger.h"
#include "ddl.h"
#include "miscadmin.h"
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
		  "        CASE WHEN v.inside THEN i.type ELSE 'outside the database' END, i.identity,"
		  "        CASE WHEN v.inside THEN s.classid END, CASE WHEN v.inside THEN s.objid END, 0"
		  " FROM pg_shdepend s CROSS JOIN LATERAL pg_identify_object(s.classid, s.objid, 0) i"
		  " CROSS JOIN LATERAL (SELECT s.dbid <> 0 OR (s.classid = 'pg_database'::regclass"
		  "                           AND i.identity = quote_ident(current_database()))) AS v (inside)"
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

/* What is set, said and granted on this database is a part of it; another one is outside. */
static void
enter_database(Node *command, const char *name)
{
	if (name == NULL || strcmp(name, get_database_name(MyDatabaseId)) != 0)
	{
		enter_outside(command);
		return;
	}
	yd_ledger_before(CreateCommandName(command));
	enter_object(command, DatabaseRelationId, MyDatabaseId);
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

static void
before_cluster(Node *command, YdUnshown *unshown)
{
	enter_mark(castNode(ClusterStmt, command));
	unshown->replaced = yd_rewritten_by(command);
}

static void
before_vacuum(Node *command, YdUnshown *unshown)
{
	unshown->replaced = yd_rewritten_by(command);
}

/* ----- REINDEX ----- */

/* Does it move the indexes? Otherwise it changes nothing that a definition says. */
bool
yd_reindex_moves(ReindexStmt *reindex)
{
	ListCell   *cell;

	foreach(cell, reindex->params)
		if (strcmp(lfirst_node(DefElem, cell)->defname, "tablespace") == 0)
			return true;
	return false;
}

static void
before_reindex(Node *command, YdUnshown *unshown)
{
	ReindexStmt *reindex = castNode(ReindexStmt, command);
	Oid			relid = reindex->relation == NULL ? InvalidOid :
		RangeVarGetRelid(reindex->relation, NoLock, true);
	Oid			namespaceid = reindex->kind == REINDEX_OBJECT_SCHEMA ?
		get_namespace_oid(reindex->name, true) : InvalidOid;

	if (!yd_reindex_moves(reindex) || (reindex->relation != NULL && !OidIsValid(relid)))
		return;
	yd_ledger_before(CreateCommandName(command));
	enter("INSERT INTO yesterday.ddl_entry"
		  " (deployment, xid, member, event, tag, object_type, identity, classid, objid, objsubid)"
		  " SELECT $1, pg_current_xact_id(), true, 'command', $2, o.type, o.identity, 'pg_class'::regclass, i.indexrelid, 0"
		  " FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid"
		  " CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, i.indexrelid, 0) o"
		  " WHERE t.relkind IN ('r', 'p', 'm') AND t.oid >= 16384 AND t.relpersistence <> 't'"
		  "   AND ($3 = 0 OR t.relnamespace = $3)"
		  "   AND ($4 = 0 OR i.indexrelid IN (SELECT p.relid FROM pg_partition_tree($4::regclass) p UNION SELECT $4)"
		  "        OR i.indrelid IN (SELECT p.relid FROM pg_partition_tree($4::regclass) p UNION SELECT $4))"
		  "   AND o.schema NOT IN ('yesterday', 'yesterday_shadow')",
		  command, namespaceid, relid);
}

/* ----- owners ----- */

static void
before_reassign(Node *command, YdUnshown *unshown)
{
	ReassignOwnedStmt *reassign = castNode(ReassignOwnedStmt, command);
	ListCell   *cell;

	yd_ledger_before(CreateCommandName(command));
	foreach(cell, reassign->roles)
		enter_owned(command, get_rolespec_oid(lfirst_node(RoleSpec, cell), false));
}

/* ----- event triggers ----- */

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
enter_event_trigger(Node *command, const char *name)
{
	Oid			objid;

	refuse_own(name);
	yd_ledger_before(CreateCommandName(command));
	objid = get_event_trigger_oid(name, true);
	if (OidIsValid(objid))
		enter_object(command, EventTriggerRelationId, objid);
}

static void
before_create_event_trigger(Node *command, YdUnshown *unshown)
{
	yd_ledger_before(CreateCommandName(command));
	unshown->made = castNode(CreateEventTrigStmt, command)->trigname;
}

static void
before_alter_event_trigger(Node *command, YdUnshown *unshown)
{
	enter_event_trigger(command, castNode(AlterEventTrigStmt, command)->trigname);
}

/* ----- commands that many kinds of objects share ----- */

/* Of a kind that event triggers show nothing needs to be done; the name is one word where it counts. */
static void
before_shared(Node *command, ObjectType type, Node *object)
{
	if (type == OBJECT_DATABASE)
		enter_database(command, object == NULL ? NULL : strVal(object));
	else if (type == OBJECT_ROLE || type == OBJECT_TABLESPACE || type == OBJECT_PARAMETER_ACL)
		enter_outside(command);
	else if (type == OBJECT_EVENT_TRIGGER && object != NULL)
		enter_event_trigger(command, strVal(object));
}

static void
before_drop(Node *command, YdUnshown *unshown)
{
	DropStmt   *drop = castNode(DropStmt, command);
	ListCell   *cell;

	foreach(cell, drop->objects)
		before_shared(command, drop->removeType, lfirst(cell));
}

static void
before_rename(Node *command, YdUnshown *unshown)
{
	before_shared(command, castNode(RenameStmt, command)->renameType,
				  castNode(RenameStmt, command)->object);
}

static void
before_alter_owner(Node *command, YdUnshown *unshown)
{
	before_shared(command, castNode(AlterOwnerStmt, command)->objectType,
				  castNode(AlterOwnerStmt, command)->object);
}

static void
before_comment(Node *command, YdUnshown *unshown)
{
	before_shared(command, castNode(CommentStmt, command)->objtype,
				  castNode(CommentStmt, command)->object);
}

static void
before_label(Node *command, YdUnshown *unshown)
{
	before_shared(command, castNode(SecLabelStmt, command)->objtype,
				  castNode(SecLabelStmt, command)->object);
}

static void
before_grant(Node *command, YdUnshown *unshown)
{
	GrantStmt  *grant = castNode(GrantStmt, command);
	ListCell   *cell;

	if (grant->objtype != OBJECT_DATABASE)
		before_shared(command, grant->objtype, NULL);
	else
		foreach(cell, grant->objects)
			enter_database(command, strVal(lfirst(cell)));
}

static void
before_database_set(Node *command, YdUnshown *unshown)
{
	enter_database(command, castNode(AlterDatabaseSetStmt, command)->dbname);
}

static void
before_database_options(Node *command, YdUnshown *unshown)
{
	enter_database(command, castNode(AlterDatabaseStmt, command)->dbname);
}

/* ALTER ROLE ... IN DATABASE is a setting of the database */
static void
before_role_set(Node *command, YdUnshown *unshown)
{
	enter_database(command, castNode(AlterRoleSetStmt, command)->database);
}

/* Privileges that the roles were given on this database go, too */
static void
before_drop_owned(Node *command, YdUnshown *unshown)
{
	enter_database(command, get_database_name(MyDatabaseId));
}

static void
before_outside(Node *command, YdUnshown *unshown)
{
	enter_outside(command);
}

/* ----- which commands ----- */

/* NULL: it is seen to before, whether or not a deployment is open in this session */
static const struct
{
	NodeTag		tag;
	void		(*before) (Node *command, YdUnshown *unshown);
}			commands[] = {
	{T_TruncateStmt, NULL},
	{T_ClusterStmt, before_cluster},
	{T_VacuumStmt, before_vacuum},
	{T_ReindexStmt, before_reindex},
	{T_ReassignOwnedStmt, before_reassign},
	{T_CreateEventTrigStmt, before_create_event_trigger},
	{T_AlterEventTrigStmt, before_alter_event_trigger},
	{T_DropStmt, before_drop},
	{T_RenameStmt, before_rename},
	{T_AlterOwnerStmt, before_alter_owner},
	{T_CommentStmt, before_comment},
	{T_SecLabelStmt, before_label},
	{T_GrantStmt, before_grant},
	{T_CreateRoleStmt, before_outside},
	{T_AlterRoleStmt, before_outside},
	{T_AlterRoleSetStmt, before_role_set},
	{T_DropRoleStmt, before_outside},
	{T_GrantRoleStmt, before_outside},
	{T_AlterDatabaseStmt, before_database_options},
	{T_AlterDatabaseSetStmt, before_database_set},
	{T_AlterSystemStmt, before_outside},
	{T_DropOwnedStmt, before_drop_owned},
	{T_CreateTableSpaceStmt, before_outside},
	{T_AlterTableSpaceOptionsStmt, before_outside},
	{T_DropTableSpaceStmt, before_outside},
	{T_CreatedbStmt, before_outside},
	{T_DropdbStmt, before_outside},
};

bool
yd_is_unshown(Node *command)
{
	for (int i = 0; i < lengthof(commands); i++)
		if (commands[i].tag == nodeTag(command))
			return true;
	return false;
}

void
yd_before_unshown(Node *command, YdUnshown *unshown)
{
	for (int i = 0; i < lengthof(commands); i++)
		if (commands[i].tag == nodeTag(command) && commands[i].before != NULL)
			commands[i].before(command, unshown);
}

void
yd_after_unshown(Node *command, YdUnshown *unshown)
{
	if (unshown->made != NULL)
		enter_object(command, EventTriggerRelationId,
					 get_event_trigger_oid(unshown->made, false));
}
