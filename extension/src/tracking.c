/*
 * tracking.c
 *		Putting our triggers on a table and taking them off.
 *
 * In C, and not by CREATE TRIGGER, so that no event trigger of anybody runs as
 * the extension's owner.
 *
 * The arguments of a trigger are what a write outside any deployment gets
 * ('allow' or 'refuse') and the id of its yesterday.tracked_table row, which so
 * travels with the table through renames, dump and restore.
 */
#include "yesterday.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "ddl.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#define TRUNCATE_TRIGGER	"yesterday_truncate"

/* One for each kind of write, because the condition of each names other versions of the row. */
static const struct
{
	const char *name;
	int16		event;
	bool		has_old;
	bool		has_new;
}			row_triggers[] =
{
	{"yesterday_insert", TRIGGER_TYPE_INSERT, false, true},
	{"yesterday_update", TRIGGER_TYPE_UPDATE, true, true},
	{"yesterday_delete", TRIGGER_TYPE_DELETE, true, false},
};

PG_FUNCTION_INFO_V1(yd_create_triggers);
PG_FUNCTION_INFO_V1(yd_drop_triggers);
PG_FUNCTION_INFO_V1(yesterday_follow_tables);

static List *
own_function_name(const char *name)
{
	return list_make2(makeString(pstrdup(YD_SCHEMA)), makeString(pstrdup(name)));
}

static void
create_trigger(Oid relid, const char *name, const char *function, bool row,
			   int16 timing, int16 events, List *args, Node *when)
{
	CreateTrigStmt *stmt = makeNode(CreateTrigStmt);
	Relation	rel = table_open(relid, NoLock);

	stmt->trigname = pstrdup(name);
	stmt->relation = makeRangeVar(get_namespace_name(RelationGetNamespace(rel)),
								  pstrdup(RelationGetRelationName(rel)), -1);
	stmt->funcname = own_function_name(function);
	stmt->args = args;
	stmt->row = row;
	stmt->timing = timing;
	stmt->events = events;
	stmt->whenClause = when;
	table_close(rel, NoLock);
	CreateTriggerFiringOn(stmt, "", relid, InvalidOid, InvalidOid, InvalidOid,
						  InvalidOid, InvalidOid, NULL, false, false,
						  TRIGGER_FIRES_ALWAYS);
	CommandCounterIncrement();
}

static void
drop_trigger(Oid relid, const char *name)
{
	Oid			trigger = get_trigger_oid(relid, name, true);
	ObjectAddress object;

	if (!OidIsValid(trigger))
		return;
	ObjectAddressSet(object, TriggerRelationId, trigger);
	performDeletion(&object, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
	CommandCounterIncrement();
}

static void
drop_triggers(Oid relid)
{
	for (int i = 0; i < lengthof(row_triggers); i++)
		drop_trigger(relid, row_triggers[i].name);
	drop_trigger(relid, TRUNCATE_TRIGGER);
}

/* old.ctid or new.ctid; NULL where there is no such version */
static Node *
place_of(const char *version, bool exists)
{
	A_Const    *none;
	ColumnRef  *column;

	if (!exists)
	{
		none = makeNode(A_Const);
		none->isnull = true;
		none->location = -1;
		return (Node *) none;
	}
	column = makeNode(ColumnRef);
	column->fields = list_make2(makeString(pstrdup(version)), makeString("ctid"));
	column->location = -1;
	return (Node *) column;
}

/* WHEN (yesterday._capturing(refuse, old.ctid, new.ctid)) */
static Node *
condition(bool refuse, bool has_old, bool has_new)
{
	A_Const    *constant = makeNode(A_Const);

	constant->val.boolval.type = T_Boolean;
	constant->val.boolval.boolval = refuse;
	constant->location = -1;
	return (Node *) makeFuncCall(own_function_name("_capturing"),
								 list_make3(constant, place_of("old", has_old),
											place_of("new", has_new)),
								 COERCE_EXPLICIT_CALL, -1);
}

/*
 * _create_triggers(table oid, outside text, tracked bigint): (re)creates the
 * triggers, under the lock that CREATE TRIGGER takes.
 */
Datum
yd_create_triggers(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	char	   *outside = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *tracked = psprintf(INT64_FORMAT, PG_GETARG_INT64(2));
	Relation	rel = table_open(relid, ShareRowExclusiveLock);
	bool		refuse = strcmp(outside, "refuse") == 0;

	drop_triggers(relid);
	/* on a partitioned table they would be cloned to the partitions, which have their own */
	for (int i = 0; i < lengthof(row_triggers) && rel->rd_rel->relkind == RELKIND_RELATION; i++)
		create_trigger(relid, row_triggers[i].name, "_capture", true, TRIGGER_TYPE_AFTER,
					   row_triggers[i].event,
					   list_make2(makeString(outside), makeString(tracked)),
					   condition(refuse, row_triggers[i].has_old, row_triggers[i].has_new));
	create_trigger(relid, TRUNCATE_TRIGGER, "_capture_truncate", false,
				   TRIGGER_TYPE_BEFORE, TRIGGER_TYPE_TRUNCATE,
				   list_make2(makeString(outside), makeString(tracked)), NULL);
	table_close(rel, NoLock);
	PG_RETURN_VOID();
}

Datum
yd_drop_triggers(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	Relation	rel = table_open(relid, ShareRowExclusiveLock);

	drop_triggers(relid);
	table_close(rel, NoLock);
	PG_RETURN_VOID();
}

/*
 * Whether a command leaves names and families of tables as they are, and makes no table: most of ALTER TABLE,
 * of which a deployment has hundreds.
 */
static bool
changes_no_table(Node *command)
{
	ListCell   *cell;

	if (!IsA(command, AlterTableStmt))
		return false;
	foreach(cell, castNode(AlterTableStmt, command)->cmds)
	{
		switch (lfirst_node(AlterTableCmd, cell)->subtype)
		{
			case AT_AddColumn:
			case AT_DropColumn:
			case AT_ColumnDefault:
			case AT_SetNotNull:
			case AT_DropNotNull:
			case AT_AlterColumnType:
			case AT_SetStatistics:
			case AT_SetStorage:
			case AT_SetCompression:
			case AT_SetOptions:
			case AT_ResetOptions:
			case AT_AddIdentity:
			case AT_SetIdentity:
			case AT_DropIdentity:
			case AT_DropExpression:
			case AT_AddConstraint:
			case AT_AlterConstraint:
			case AT_ValidateConstraint:
			case AT_DropConstraint:
			case AT_SetRelOptions:
			case AT_ResetRelOptions:
			case AT_EnableRowSecurity:
			case AT_DisableRowSecurity:
			case AT_ForceRowSecurity:
			case AT_NoForceRowSecurity:
			case AT_ChangeOwner:
				break;
			default:
				return false;
		}
	}
	return true;
}

/*
 * Event trigger: new tables come under capture, renamed ones keep their row. In PL/pgSQL, as the extension's
 * owner; the rights of whoever runs the DDL do not come into it.
 */
Datum
yesterday_follow_tables(PG_FUNCTION_ARGS)
{
	EventTriggerData *data = yd_event_data(fcinfo);
	oidvector  *none = buildoidvector(NULL, 0);
	Oid			function;

	if (changes_no_table(data->parsetree))
		PG_RETURN_NULL();
	function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("_follow_tables"),
							   PointerGetDatum(none), ObjectIdGetDatum(yd_schema_oid()));
	if (!OidIsValid(function))
		elog(ERROR, "function yesterday._follow_tables() is missing");
	OidFunctionCall0(function);
	PG_RETURN_NULL();
}
