/*
 * ddl.c
 *		The ledger: which DDL ran while a deployment was open, and whose it was.
 *
 * The event triggers run as whoever runs the DDL, under that session's
 * search_path, in which the names of a command must be looked up. What they
 * run through SPI runs as the extension's owner under a pinned search_path.
 * They look at the kind of a command and at the objects that the server names,
 * never at the text of the command.
 */
#include "ddl.h"

#include "access/xact.h"
#include "capture.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "execute_as.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "session.h"
#include "tcop/cmdtag.h"
#include "utility.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(yesterday_ledger_start);
PG_FUNCTION_INFO_V1(yesterday_ledger_end);
PG_FUNCTION_INFO_V1(yesterday_ledger_drop);
PG_FUNCTION_INFO_V1(yesterday_ledger_rewrite);
PG_FUNCTION_INFO_V1(yd_is_own_xid);

/* What an event trigger has to know about the deployment */
typedef struct LedgerContext
{
	int64		deployment;
	bool		member;
} LedgerContext;

/*
 * A command saved values of columns whose type it changes, and what they became is not saved yet. Where the command
 * fails, the next one looks in vain.
 */
static bool retyped = false;

EventTriggerData *
yd_event_data(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function is an event trigger"),
				 errdetail("It tells Yesterday of DDL."),
				 errhint("It is called by the server only.")));
	return (EventTriggerData *) fcinfo->context;
}

/* Is there anything to do? Otherwise the trigger costs one look at a cached flag. */
static bool
ledger_wanted(LedgerContext *ledger)
{
	if (yd_is_internal())
		return false;
	ledger->deployment = yd_current_deployment();
	ledger->member = ledger->deployment != 0;
	if (!ledger->member)
		ledger->deployment = yd_open_deployment();
	return ledger->deployment != 0;
}

/*
 * Commands that must be the first of their transaction: nothing may be written,
 * and no transaction id assigned, before them.
 */
static bool
must_be_first(Node *command)
{
	switch (nodeTag(command))
	{
		case T_IndexStmt:
			return castNode(IndexStmt, command)->concurrent;
		case T_DropStmt:
			return castNode(DropStmt, command)->concurrent;
		case T_ReindexStmt:
			return true;
		case T_AlterTableStmt:
			{
				ListCell   *lc;

				foreach(lc, castNode(AlterTableStmt, command)->cmds)
				{
					AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

					if (cmd->subtype == AT_DetachPartition &&
						castNode(PartitionCmd, cmd->def)->concurrent)
						return true;
				}
				return false;
			}
		default:
			return false;
	}
}

void
yd_enter_replaced(int64 deployment, bool member, List *relids)
{
	Oid			types[3] = {INT8OID, OIDARRAYOID, BOOLOID};
	Datum		values[3];
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(relids), 1));
	int			n = 0;
	ListCell   *cell;

	if (relids == NIL)
		return;
	foreach(cell, relids)
		elements[n++] = ObjectIdGetDatum(lfirst_oid(cell));
	values[0] = Int64GetDatum(deployment);
	values[1] = PointerGetDatum(construct_array(elements, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	values[2] = BoolGetDatum(member);
	yd_run_own("SELECT yesterday._enter_replaced($1, $2, $3)", 3, types, values, NULL, NULL);
}

static void
take_text(void *state)
{
	char	  **answer = state;

	if (SPI_tuptable != NULL && SPI_processed > 0 && SPI_gettypeid(SPI_tuptable->tupdesc, 1) == TEXTOID)
	{
		char	   *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);

		*answer = text == NULL ? NULL : MemoryContextStrdup(TopTransactionContext, text);
	}
}

/*
 * Run one statement of ours, with the deployment as $1 and two more parameters, between yd_own_begin() and
 * yd_own_end(). Returns the first row's text, or NULL.
 */
static char *
run_within(const char *statement, const LedgerContext *ledger, const char *text)
{
	Oid			types[3] = {INT8OID, BOOLOID, TEXTOID};
	Datum		values[3];
	char	   *answer = NULL;

	values[0] = Int64GetDatum(ledger->deployment);
	values[1] = BoolGetDatum(ledger->member);
	values[2] = CStringGetTextDatum(text);
	yd_own_run(statement, 3, types, values, take_text, &answer);
	return answer;
}

/* The same as a statement alone */
static char *
run_own(const char *statement, const LedgerContext *ledger, const char *text)
{
	YdOwn		own;
	char	   *answer;

	yd_own_begin(&own);
	answer = run_within(statement, ledger, text);
	yd_own_end(&own);
	return answer;
}

/* The table whose triggers a command disables or enables without naming one; invalid: it does no such thing */
static Oid
table_of_all_triggers(Node *command)
{
	ListCell   *lc;

	if (!IsA(command, AlterTableStmt))
		return InvalidOid;
	foreach(lc, castNode(AlterTableStmt, command)->cmds)
	{
		switch (lfirst_node(AlterTableCmd, lc)->subtype)
		{
			case AT_EnableTrigAll:
			case AT_EnableTrigUser:
			case AT_DisableTrigAll:
			case AT_DisableTrigUser:
				return RangeVarGetRelid(castNode(AlterTableStmt, command)->relation, NoLock, true);
			default:
				break;
		}
	}
	return InvalidOid;
}

/* Those of the capture stay as they are. Nothing else can write between the command and its end. */
static void
keep_capturing(const LedgerContext *ledger, Node *command, bool done)
{
	Oid			relid = table_of_all_triggers(command);

	if (OidIsValid(relid))
		(void) run_own(done ? "SELECT yesterday._keep_capturing($1, $3::pg_catalog.oid, true) WHERE $2"
					   : "SELECT yesterday._keep_capturing($1, $3::pg_catalog.oid, false) WHERE $2",
					   ledger, psprintf("%u", relid));
}

void
yd_ledger_before(const char *tag)
{
	LedgerContext ledger = {yd_current_deployment(), true};

	if (yd_is_finished())
		yd_refuse_after_finish(tag);
	yd_touch();
	if (yd_in_transaction_scope() && !yd_capture_is_prepared())
	{
		yd_capture_prepare_all();
		(void) run_own("SELECT yesterday._image_before($1) WHERE $2 AND $3 <> ''", &ledger, tag);
	}
}

Datum
yesterday_ledger_start(PG_FUNCTION_ARGS)
{
	EventTriggerData *data = yd_event_data(fcinfo);
	LedgerContext ledger;

	yd_guard_own_extension(data->parsetree);
	if (!ledger_wanted(&ledger))
		PG_RETURN_NULL();
	yd_refuse_own_before(data->parsetree, GetCommandTagName(data->tag), ledger.member);
	if (!ledger.member)
		PG_RETURN_NULL();
	if (yd_is_finished())
		yd_refuse_after_finish(GetCommandTagName(data->tag));
	if (must_be_first(data->parsetree))
		PG_RETURN_NULL();
	if (IsA(data->parsetree, AlterExtensionContentsStmt))
		(void) run_own("INSERT INTO yesterday.ddl_entry (deployment, xid, member, event, tag, object_type, identity)"
					   " VALUES ($1, pg_current_xact_id(), $2, 'command', 'ALTER EXTENSION', 'contents of an extension', $3)",
					   &ledger, castNode(AlterExtensionContentsStmt, data->parsetree)->extname);
	yd_ledger_before(GetCommandTagName(data->tag));
	if (yd_save_before(ledger.deployment, data->parsetree))
		retyped = true;
	keep_capturing(&ledger, data->parsetree, false);
	PG_RETURN_NULL();
}

/*
 * The sequence of an identity is a property of its table: what is said to it by its own name is said to the table.
 */
static const char enter_identities[] =
	"INSERT INTO yesterday.ddl_entry"
	" (deployment, xid, member, event, tag, object_type, identity, classid, objid, objsubid)"
	" SELECT $1, pg_current_xact_id(), $2, 'command', $3, i.type, i.identity, d.refclassid, d.refobjid, 0"
	" FROM pg_event_trigger_ddl_commands() c"
	" JOIN pg_class s ON c.classid = 'pg_class'::regclass AND s.oid = c.objid AND s.relkind = 'S' AND s.relpersistence <> 't'"
	" JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'"
	" CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, 0) i"
	" WHERE i.schema NOT IN ('yesterday', 'yesterday_shadow')";

/* Whether a command sets where a sequence stands, and nothing else: that is no part of any definition */
static bool
only_restarts(AlterSeqStmt *command)
{
	ListCell   *cell;

	foreach(cell, command->options)
	{
		if (strcmp(castNode(DefElem, lfirst(cell))->defname, "restart") != 0)
			return false;
	}
	return true;
}

/* Whether a command can change what a sequence is; ALTER TABLE takes them, too */
static bool
can_alter_sequence(Node *command)
{
	RangeVar   *relation;

	if (IsA(command, AlterSeqStmt))
		return !only_restarts(castNode(AlterSeqStmt, command));
	if (IsA(command, RenameStmt))
		return true;
	if (IsA(command, CommentStmt))
		return castNode(CommentStmt, command)->objtype == OBJECT_SEQUENCE;
	if (!IsA(command, AlterTableStmt))
		return false;
	relation = castNode(AlterTableStmt, command)->relation;
	return get_rel_relkind(RangeVarGetRelid(relation, NoLock, true)) == RELKIND_SEQUENCE;
}

/*
 * A command of a member on what is Yesterday's own is given back, to be refused: the images leave it out.
 */
static const char enter_commands[] =
	"WITH c AS MATERIALIZED ("
	" SELECT classid, objid, objsubid, command_tag, object_type, schema_name, object_identity, in_extension"
	" FROM pg_event_trigger_ddl_commands()"
	"), entered AS ("
	" INSERT INTO yesterday.ddl_entry"
	" (deployment, xid, member, event, tag, object_type, identity, classid, objid, objsubid, was)"
	" SELECT $1, pg_current_xact_id(), $2, 'command', c.command_tag, c.object_type,"
	"        coalesce(c.object_identity, c.object_type), c.classid, c.objid, c.objsubid,"
	"        CASE WHEN c.object_type = 'index' AND $3 <> '' THEN format('%I.%I', c.schema_name, $3) END"
	" FROM c"
	" WHERE NOT c.in_extension AND coalesce(c.schema_name, '') NOT IN ('pg_temp', 'yesterday', 'yesterday_shadow')"
	")"
	" SELECT c.object_identity FROM c"
	" WHERE $2 AND (c.schema_name IN ('yesterday', 'yesterday_shadow')"
	"    OR (c.object_type = 'extension' AND c.object_identity = 'yesterday')"
	"    OR (c.object_type = 'schema' AND c.object_identity IN ('yesterday', 'yesterday_shadow')))"
	" LIMIT 1";

/*
 * GRANT, REVOKE and DROP OWNED name the kind of object only, or nothing. Which objects they changed
 * the catalog tells: rows that this (sub)transaction wrote last.
 */
static const char enter_granted[] =
	"INSERT INTO yesterday.ddl_entry"
	" (deployment, xid, member, event, tag, object_type, identity, classid, objid, objsubid)"
	" SELECT $1, pg_current_xact_id(), $2, 'command', 'GRANT', i.type, i.identity, o.classid, o.objid, 0"
	" FROM (SELECT 'pg_class'::regclass::oid AS classid, c.oid AS objid FROM pg_class c WHERE c.xmin = $3::xid"
	"       UNION SELECT 'pg_class'::regclass, a.attrelid FROM pg_attribute a WHERE a.xmin = $3::xid"
	"       UNION SELECT 'pg_proc'::regclass, p.oid FROM pg_proc p WHERE p.xmin = $3::xid"
	"       UNION SELECT 'pg_type'::regclass, t.oid FROM pg_type t WHERE t.xmin = $3::xid"
	"       UNION SELECT 'pg_namespace'::regclass, n.oid FROM pg_namespace n WHERE n.xmin = $3::xid"
	"       UNION SELECT 'pg_policy'::regclass, y.oid FROM pg_policy y WHERE y.xmin = $3::xid"
	"       UNION SELECT 'pg_default_acl'::regclass, d.oid FROM pg_default_acl d WHERE d.xmin = $3::xid"
	"       UNION SELECT 'pg_language'::regclass, l.oid FROM pg_language l WHERE l.xmin = $3::xid"
	"       UNION SELECT 'pg_foreign_server'::regclass, s.oid FROM pg_foreign_server s WHERE s.xmin = $3::xid"
	"       UNION SELECT 'pg_foreign_data_wrapper'::regclass, w.oid FROM pg_foreign_data_wrapper w WHERE w.xmin = $3::xid"
	"       UNION SELECT d.refclassid, d.refobjid FROM pg_class s"
	"             JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'"
	"             WHERE s.relkind = 'S' AND s.xmin = $3::xid"
	"      ) o CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) i"
	" WHERE coalesce(i.schema, '') NOT IN ('yesterday', 'yesterday_shadow')";

static const char enter_dropped[] =
	"WITH d AS MATERIALIZED ("
	" SELECT classid, objid, objsubid, original, is_temporary, object_type, schema_name, object_identity"
	" FROM pg_event_trigger_dropped_objects()"
	"), entered AS ("
	" INSERT INTO yesterday.ddl_entry"
	" (deployment, xid, member, event, tag, object_type, identity, classid, objid, objsubid)"
	" SELECT $1, pg_current_xact_id(), $2, 'drop', $3, d.object_type, d.object_identity,"
	"        d.classid, d.objid, d.objsubid"
	" FROM d"
	" WHERE NOT d.is_temporary AND coalesce(d.schema_name, '') NOT IN ('yesterday', 'yesterday_shadow')"
	")"
	" SELECT d.object_identity FROM d"
	" WHERE $2 AND d.original AND (d.schema_name IN ('yesterday', 'yesterday_shadow')"
	"    OR (d.object_type = 'extension' AND d.object_identity = 'yesterday'))"
	" LIMIT 1";

/* What a relation was called that the command gives another name; "" where it does no such thing */
static const char *
name_before(Node *command)
{
	if (!IsA(command, RenameStmt))
		return "";
	switch (castNode(RenameStmt, command)->renameType)
	{
		case OBJECT_INDEX:
		case OBJECT_TABLE:		/* ALTER TABLE takes indexes, too */
			return castNode(RenameStmt, command)->relation->relname;
		default:
			return "";
	}
}

/*
 * What Yesterday itself is made of is no part of a deployment: the images leave
 * it out, and without it nothing could be rolled back.
 */
static void
refuse_own(EventTriggerData *data, const char *identity)
{
	if (identity != NULL)
		yd_refuse_own(identity, GetCommandTagName(data->tag), true);
}

/*
 * REINDEX, which newer servers show, changes no definition, unless it moves the indexes; nor does what others
 * do all day to the rows of a materialized view.
 */
static bool
changes_nothing(Node *command, bool member)
{
	return (IsA(command, ReindexStmt) && !yd_reindex_moves(castNode(ReindexStmt, command))) ||
		(IsA(command, RefreshMatViewStmt) && !member);
}

Datum
yesterday_ledger_end(PG_FUNCTION_ARGS)
{
	EventTriggerData *data = yd_event_data(fcinfo);
	LedgerContext ledger;
	YdOwn		own;
	bool		alters_sequence;

	if (!ledger_wanted(&ledger) || changes_nothing(data->parsetree, ledger.member))
		PG_RETURN_NULL();
	if (ledger.member)
	{
		yd_touch();
		keep_capturing(&ledger, data->parsetree, true);
		yd_capture_retake();
	}
	/* by the session's search_path */
	alters_sequence = can_alter_sequence(data->parsetree);
	yd_own_begin(&own);
	refuse_own(data, run_within(enter_commands, &ledger, name_before(data->parsetree)));
	if (ledger.member && retyped && (data->tag == CMDTAG_ALTER_TABLE || data->tag == CMDTAG_ALTER_TYPE))
	{
		(void) run_within("SELECT yesterday._save_after($1), yesterday._note_rows_after($1) WHERE $2 AND $3 <> ''",
						  &ledger, GetCommandTagName(data->tag));
		retyped = false;
	}
	if (alters_sequence)
		(void) run_within(enter_identities, &ledger, GetCommandTagName(data->tag));
	switch (data->tag)
	{
		case CMDTAG_GRANT:
		case CMDTAG_REVOKE:
		case CMDTAG_ALTER_DEFAULT_PRIVILEGES:
		case CMDTAG_DROP_OWNED:
			(void) run_within(enter_granted, &ledger, psprintf("%u", GetCurrentTransactionId()));
			break;
		default:
			break;
	}
	yd_own_end(&own);
	PG_RETURN_NULL();
}

Datum
yesterday_ledger_drop(PG_FUNCTION_ARGS)
{
	EventTriggerData *data = yd_event_data(fcinfo);
	LedgerContext ledger;

	if (!ledger_wanted(&ledger))
		PG_RETURN_NULL();
	if (ledger.member)
		yd_touch();
	refuse_own(data, run_own(enter_dropped, &ledger, GetCommandTagName(data->tag)));
	PG_RETURN_NULL();
}

/*
 * A table of the deployment's, or of somebody else's, gets another file. Of a
 * tracked one only the capture before the command accounts for that. Nothing
 * of the table may be read here: its catalog rows are ahead of its rows.
 */
Datum
yesterday_ledger_rewrite(PG_FUNCTION_ARGS)
{
	LedgerContext ledger;

	(void) yd_event_data(fcinfo);
	if (!ledger_wanted(&ledger))
		PG_RETURN_NULL();
	if (ledger.member)
		yd_touch();
	(void) run_own("SELECT yesterday._enter_replaced($1, ARRAY[c.oid], $2)"
				   " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
				   " WHERE $3 <> '' AND c.oid = pg_event_trigger_table_rewrite_oid()"
				   " AND NOT EXISTS (SELECT FROM yesterday.tracked_table t"
				   "                 WHERE t.schema_name = n.nspname AND t.table_name = c.relname)",
				   &ledger, "rewrite");
	PG_RETURN_NULL();
}

/* _is_own_xid(xid): one of the running transaction, subtransactions included */
Datum
yd_is_own_xid(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(TransactionIdIsCurrentTransactionId(PG_GETARG_TRANSACTIONID(0)));
}
