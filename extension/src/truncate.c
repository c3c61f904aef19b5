/*
 * truncate.c
 *		TRUNCATE of tables that are not tracked.
 *
 * A tracked table has a trigger for it. The rows of any other are captured here,
 * under the command's own lock, into a shadow table; of what the deployment
 * writes into the emptied table, finish_deployment() records what it left, told
 * by xmin. The rollback takes these rows away again and puts the others back beside
 * what has been written since, which stays: it is business.
 */
#include "utility.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "capture.h"
#include "catalog.h"
#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "ddl.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "restore.h"
#include "session.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "wide.h"

PG_FUNCTION_INFO_V1(yd_record_own_rows);

/* ----- which tables ----- */

/*
 * Lock a table as the command will, if the user may empty it at all: otherwise
 * the command itself complains, and nobody waited for us.
 */
static bool
lock_truncated(Oid relid)
{
	if (pg_class_aclcheck(relid, GetUserId(), ACL_TRUNCATE) != ACLCHECK_OK)
		return false;
	LockRelationOid(relid, AccessExclusiveLock);
	return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid));
}

/* Every table that the command empties, as far as it resolves; locked in its order. */
static List *
truncated_tables(TruncateStmt *truncate)
{
	List	   *relids = NIL;
	ListCell   *cell;

	foreach(cell, truncate->relations)
	{
		RangeVar   *name = lfirst(cell);
		Oid			relid = RangeVarGetRelid(name, NoLock, true);

		if (!OidIsValid(relid) || !lock_truncated(relid))
			continue;			/* the command itself will complain */
		/* of inherited tables the parent's privilege decides */
		relids = list_concat_unique_oid(relids, name->inh ?
										find_all_inheritors(relid, AccessExclusiveLock, NULL) :
										list_make1_oid(relid));
	}
	if (truncate->behavior == DROP_CASCADE)
	{
		List	   *more;

		while ((more = heap_truncate_find_FKs(relids)) != NIL)
		{
			foreach(cell, more)
				if (!lock_truncated(lfirst_oid(cell)))
					return relids;
			relids = list_concat_unique_oid(relids, more);
		}
	}
	return relids;
}

/* Are there rows that nothing else captures? */
static bool
has_rows_to_lose(Relation rel)
{
	if (yd_is_own_table(RelationGetRelid(rel)) ||
		list_member_oid(yd_tracked_relids(), RelationGetRelid(rel)))
		return false;
	if (rel->rd_rel->relkind == RELKIND_FOREIGN_TABLE)
		return true;
	return rel->rd_rel->relkind == RELKIND_RELATION &&
		rel->rd_rel->relpersistence != RELPERSISTENCE_TEMP &&
		rel->rd_createSubid == InvalidSubTransactionId &&
		RelationGetNumberOfBlocks(rel) > 0;
}

/* ----- names of before ----- */

static void
take_answer(void *state)
{
	bool	   *answer = state;
	bool		isnull;

	*answer = SPI_processed == 1 &&
		DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

static bool
ask(const char *question, Oid relid)
{
	Oid			types[2] = {INT8OID, OIDOID};
	Datum		values[2] = {Int64GetDatum(yd_current_deployment()), ObjectIdGetDatum(relid)};
	bool		answer;

	yd_run_own(question, 2, types, values, take_answer, &answer);
	return answer;
}

/* Another transaction of the deployment made the table: it goes as a whole. */
static bool
made_by_deployment(Oid relid)
{

	if (yd_in_transaction_scope())
		return false;			/* rd_createSubid says it */
	return ask("SELECT EXISTS (SELECT FROM yesterday.ddl_entry e WHERE e.deployment = $1 AND e.member"
			   " AND e.objid = $2 AND e.objsubid = 0"
			   " AND e.tag IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA'))"
			   " AND NOT EXISTS (SELECT FROM yesterday.schema_object o WHERE o.deployment = $1"
			   " AND o.phase = 'before' AND o.classid = 'pg_class'::regclass AND o.objid = $2)",
			   relid);
}

/*
 * The deployment dropped this column, or changed its type: what it had was saved
 * then, and comes from there into the records.
 */
static void
take_lost_column(YdCapturedTable *table, YdShadowColumn *column)
{
	column->native = false;
	column->stored_type = TEXTOID;
	if (!OidIsValid(column->type))
		column->type = TEXTOID; /* no row has a value of it any more */
	yd_find_output(column);
	table->has_text = true;
	table->lost_columns = true;
}

/* One row a column of before, in their order: schema, table, number, name, lost */
static void
take_names(void *state)
{
	YdCapturedTable *table = state;
	TupleDesc	desc = SPI_tuptable->tupdesc;
	YdShadowColumn *now = table->columns;
	int			kept = 0;
	AttrNumber	keys[INDEX_MAX_KEYS];

	if (SPI_processed == 0)
		return;					/* no image yet: it is called as it was */
	for (int k = 0; k < table->nkeys; k++)
		keys[k] = table->columns[table->keys[k]].attnum;
	table->columns = MemoryContextAllocZero(TopTransactionContext,
											sizeof(YdShadowColumn) * SPI_processed);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[row];
		YdShadowColumn *column = &table->columns[kept];
		bool		isnull;
		Datum		number = SPI_getbinval(tuple, desc, 3, &isnull);
		bool		lost = !isnull && DatumGetBool(SPI_getbinval(tuple, desc, 5, &isnull));

		if (isnull)
			continue;			/* a table without columns */
		column->typmod = -1;
		column->attnum = DatumGetInt16(number);
		for (int i = 0; i < table->ncolumns; i++)
			if (now[i].attnum == DatumGetInt16(number))
				*column = now[i];
		namestrcpy(&column->name, SPI_getvalue(tuple, desc, 4));
		if (lost)
			take_lost_column(table, column);
		else if (!OidIsValid(column->type))
			continue;			/* virtual, or dropped with nothing in it */
		kept++;
	}
	table->ncolumns = kept;
	namestrcpy(&table->schema, SPI_getvalue(SPI_tuptable->vals[0], desc, 1));
	namestrcpy(&table->table, SPI_getvalue(SPI_tuptable->vals[0], desc, 2));
	for (int k = 0; k < table->nkeys; k++)
	{
		int			place = -1;

		for (int i = 0; i < kept; i++)
			if (table->columns[i].attnum == keys[k])
				place = i;
		if (place < 0)
		{
			/* the deployment made the key's column */
			table->nkeys = 0;
			table->key_kind = 'r';
			return;
		}
		table->keys[k] = place;
	}
}

static void
give_names_of_before(YdCapturedTable *table)
{
	Oid			types[2] = {INT8OID, OIDOID};
	Datum		values[2] = {Int64GetDatum(yd_current_deployment()), ObjectIdGetDatum(table->relid)};

	yd_run_own("SELECT o.schema_name, o.object_name, (c.value ->> 'num')::smallint, c.value ->> 'name',"
			   " EXISTS (SELECT FROM yesterday.saved_table s WHERE s.deployment = o.deployment"
			   " AND s.relid = o.objid AND (c.value ->> 'num')::smallint = ANY (s.lost))"
			   " FROM yesterday.schema_object o"
			   " LEFT JOIN LATERAL jsonb_array_elements(o.definition -> 'columns') c ON true"
			   " WHERE o.deployment = $1 AND o.phase = 'before' AND o.classid = 'pg_class'::regclass"
			   " AND o.objid = $2 ORDER BY 3",
			   2, types, values, take_names, table);
	yd_lay_out(table);
	if (table->wide > 0 && table->lost_columns)
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("TRUNCATE of table \"%s.%s\" could not be rolled back",
						NameStr(table->schema), NameStr(table->table)),
				 errdetail("The deployment has dropped columns of it or changed their type, and its rows are too wide for a copy to be completed."),
				 errhint("Empty the table first, and change its columns then.")));
}

/* ----- before the command ----- */

/* It was accepted when the deployment began: said in every report from now on. */
static void
enter_residue(const char *name)
{
	Oid			types[2] = {INT8OID, TEXTOID};
	Datum		values[2];

	values[0] = Int64GetDatum(yd_current_deployment());
	values[1] = CStringGetTextDatum(name);
	yd_run_own("INSERT INTO yesterday.ddl_refusal (deployment, kind, identity, reason)"
			   " VALUES ($1, 'truncate', $2, 'the rows that TRUNCATE took from this table are gone')",
			   2, types, values, NULL, NULL);
}

static void
refuse_or_accept(Relation rel, const char *why)
{
	char	   *name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
												  RelationGetRelationName(rel));

	if (!yd_accepts_irreversible())
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("TRUNCATE of table %s could not be rolled back", name),
				 errdetail("%s", why),
				 errhint("Leave the command out of the deployment, or begin it with accept_irreversible => true.")));
	enter_residue(name);
}

static void
refuse_after_finish(List *relids)
{
	ListCell   *cell;

	foreach(cell, relids)
	{
		Relation	rel = try_relation_open(lfirst_oid(cell), NoLock);

		if (rel == NULL)
			continue;
		if (has_rows_to_lose(rel))
			yd_refuse_after_finish("TRUNCATE");
		relation_close(rel, NoLock);
	}
}

/* What columns had that are gone, or have another type, comes into the records from where it was saved. */
static void
complete_rows(Oid relid)
{
	Oid			types[2] = {INT8OID, OIDOID};
	Datum		values[2] = {Int64GetDatum(yd_current_deployment()), ObjectIdGetDatum(relid)};

	yd_capture_flush();
	yd_run_own("SELECT yesterday._complete_emptied($1, $2)", 2, types, values, NULL, NULL);
}

static void
save_truncated(Oid relid, bool restart_sequences)
{
	Relation	rel = try_relation_open(relid, NoLock);

	if (rel == NULL)
		return;
	if (has_rows_to_lose(rel) && !made_by_deployment(relid))
	{
		yd_touch();
		if (rel->rd_rel->relkind != RELKIND_RELATION || rel->rd_rel->relam != HEAP_TABLE_AM_OID)
			refuse_or_accept(rel, "It is no ordinary table: its rows cannot be put back one by one.");
		else
		{
			yd_check_saved_size(rel);
			if (yd_capture_emptied(relid, give_names_of_before))
				complete_rows(relid);
			if (restart_sequences)
				yd_note_sequences(relid);
		}
	}
	relation_close(rel, NoLock);
}

/* Of these tables the ones that have a file of their own, which is about to change. */
static List *
with_files(List *relids)
{
	List	   *files = NIL;
	ListCell   *cell;

	foreach(cell, relids)
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_RELATION &&
			get_rel_persistence(lfirst_oid(cell)) != RELPERSISTENCE_TEMP &&
			!yd_is_own_table(lfirst_oid(cell)))
			files = lappend_oid(files, lfirst_oid(cell));
	return files;
}

void
yd_before_truncate(TruncateStmt *truncate)
{
	int64		deployment = yd_current_deployment();
	bool		member = deployment != 0;
	List	   *relids;
	ListCell   *cell;

	if (!member)
		deployment = yd_open_beside();
	if (deployment == 0)
		return;
	yd_begin_destruction();
	relids = truncated_tables(truncate);
	if (member && yd_is_finished())
		refuse_after_finish(relids);
	yd_enter_replaced(deployment, member, with_files(relids));
	if (member)
		foreach(cell, relids)
			save_truncated(lfirst_oid(cell), truncate->restart_seqs);
}

/* ----- what the deployment wrote into an emptied table ----- */

/*
 * _record_own_rows(captured bigint, deployment bigint): the rows of an emptied table that
 * transactions of the deployment wrote. Its members have all ended.
 */
Datum
yd_record_own_rows(PG_FUNCTION_ARGS)
{
	YdRestore	known = {0};
	YdCapturedTable *table = yd_enter_captured(PG_GETARG_INT64(0));
	Relation	rel = table == NULL ? NULL : try_relation_open(table->relid, AccessShareLock);
	Snapshot	snapshot;
	TableScanDesc scan;
	TupleTableSlot *slot;
	MemoryContext outer = CurrentMemoryContext;

	if (rel == NULL)
		PG_RETURN_VOID();		/* dropped: it goes as a whole */
	known.deployment = PG_GETARG_INT64(1);
	known.context = AllocSetContextCreate(outer, "yesterday own rows", ALLOCSET_DEFAULT_SIZES);
	yd_load_xids(&known);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	slot = table_slot_create(rel, NULL);
	scan = table_beginscan(rel, snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);

		if (yd_xmin_is_known(&known, tuple))
			yd_add_record(table, YD_OP_INSERT, slot, false, slot);
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	relation_close(rel, NoLock);
	MemoryContextDelete(known.context);
	yd_capture_flush();
	PG_RETURN_VOID();
}
