/*
 * outside.c
 *		Writes beside an open deployment.
 *
 * A digest of a whole table, taken when the first member touched it, is compared
 * at finish_deployment() with what a rollback leaves. What others wrote in
 * between is in the one and not in the other; so the difference that it makes is
 * noted, row by row, with the row's key: of a key that a member has touched
 * before, the rollback brings back what was there before the member. Where there
 * is too much to note, the table is noted as a whole, and cannot be compared.
 */
#include "outside.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "binding.h"
#include "catalog.h"
#include "digest.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "session.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

typedef struct OutsideWrite
{
	Oid			relid;
	int			level;			/* of the subtransaction that noted it */
} OutsideWrite;

static List *noted = NIL;

/* A table that this transaction writes row by row */
typedef struct OutsideTable
{
	YdCapturedTable table;
	bool		captured;
	int			rows;
} OutsideTable;

#define YD_OUTSIDE_ROWS		10000	/* as many of a table in one transaction are noted one by one */

static List *tables = NIL;

void
yd_note_outside_write(Oid relid)
{
	static const char *const columns[] = {"deployment", "relid", "xid"};
	int64		deployment = yd_outside_of();
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	OutsideWrite *write;
	MemoryContext old;
	ListCell   *cell;

	if (deployment == 0)
		return;
	foreach(cell, noted)
		if (((OutsideWrite *) lfirst(cell))->relid == relid)
			return;

	values[0] = Int64GetDatum(deployment);
	values[1] = ObjectIdGetDatum(relid);
	values[2] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	yd_insert(YD_TABLE_OUTSIDE_WRITE, columns, values, nulls, 3);

	old = MemoryContextSwitchTo(TopTransactionContext);
	write = palloc(sizeof(OutsideWrite));
	write->relid = relid;
	write->level = GetCurrentTransactionNestLevel();
	noted = lappend(noted, write);
	MemoryContextSwitchTo(old);
}

static OutsideTable *
find_table(int64 deployment, Oid relid)
{
	MemoryContext old;
	OutsideTable *outside;
	ListCell   *cell;

	foreach(cell, tables)
		if (((OutsideTable *) lfirst(cell))->table.relid == relid)
			return lfirst(cell);
	old = MemoryContextSwitchTo(TopTransactionContext);
	outside = palloc0(sizeof(OutsideTable));
	outside->captured = yd_load_captured_of(deployment, relid, &outside->table);
	tables = lappend(tables, outside);
	MemoryContextSwitchTo(old);
	return outside;
}

/* The difference that a write makes to the digest, under one key. */
static void
enter_row(int64 deployment, YdCapturedTable *table, TupleTableSlot *old, TupleTableSlot *new)
{
	static const char *const columns[] = {
		"deployment", "relid", "xid", "ordinal", "key_hash", "rows", "sum1", "sum2"
	};
	YdDigest	difference = {0};
	Datum		values[8];
	bool		nulls[8] = {false};

	if (old != NULL)
		yd_digest_add(table, old, &difference, -1);
	if (new != NULL)
		yd_digest_add(table, new, &difference, 1);
	values[0] = Int64GetDatum(deployment);
	values[1] = ObjectIdGetDatum(table->relid);
	values[2] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	values[3] = Int64GetDatum(yd_next_id("member_transaction_ordinal_seq"));
	values[4] = Int64GetDatum((int64) yd_key_hash(table, new != NULL ? new : old));
	values[5] = Int64GetDatum((int64) difference.rows);
	values[6] = Int64GetDatum((int64) difference.sum1);
	values[7] = Int64GetDatum((int64) difference.sum2);
	yd_insert(YD_TABLE_OUTSIDE_ROW, columns, values, nulls, 8);
}

void
yd_note_outside_row(Relation rel, TupleTableSlot *old, TupleTableSlot *new)
{
	static MemoryContext scratch = NULL;
	int64		deployment = yd_outside_of();
	OutsideTable *outside;
	MemoryContext context;

	if (deployment == 0)
		return;
	outside = find_table(deployment, RelationGetRelid(rel));
	if (!outside->captured || outside->rows++ >= YD_OUTSIDE_ROWS)
	{
		yd_note_outside_write(RelationGetRelid(rel));
		return;
	}
	if (scratch == NULL)
		scratch = AllocSetContextCreate(TopMemoryContext, "yesterday outside row",
										ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(scratch);
	context = MemoryContextSwitchTo(scratch);
	if (old != NULL && new != NULL &&
		yd_key_hash(&outside->table, old) == yd_key_hash(&outside->table, new))
		enter_row(deployment, &outside->table, old, new);
	else
	{
		if (old != NULL)
			enter_row(deployment, &outside->table, old, NULL);
		if (new != NULL)
			enter_row(deployment, &outside->table, NULL, new);
	}
	MemoryContextSwitchTo(context);
}

PG_FUNCTION_INFO_V1(yd_record_hashes);

/* _record_hashes(captured bigint): hash of key and transaction of every record. */
Datum
yd_record_hashes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	YdCapturedTable table;
	Relation	shadow;
	Snapshot	snapshot;
	TupleTableSlot *slot;
	TableScanDesc scan;
	MemoryContext per_row,
				old;

	InitMaterializedSRF(fcinfo, 0);
	if (!yd_load_captured(PG_GETARG_INT64(0), &table) || table.key_kind == 'r')
		return (Datum) 0;
	per_row = AllocSetContextCreate(CurrentMemoryContext, "yesterday record hash", ALLOCSET_DEFAULT_SIZES);
	shadow = table_open(table.shadow, AccessShareLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	slot = table_slot_create(shadow, NULL);
	scan = table_beginscan(shadow, snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		Datum		values[2];
		bool		nulls[2] = {false, false};
		bool		isnull;

		old = MemoryContextSwitchTo(per_row);
		if (DatumGetChar(slot_getattr(slot, YD_SHADOW_OP, &isnull)) != YD_OP_FOREIGN)
		{
			values[0] = Int64GetDatum((int64) yd_record_key_hash(&table, slot));
			values[1] = slot_getattr(slot, YD_SHADOW_XID, &isnull);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(per_row);
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(shadow, AccessShareLock);
	MemoryContextDelete(per_row);
	return (Datum) 0;
}

void
yd_outside_reset(void)
{
	tables = NIL;
	noted = NIL;				/* memory goes with TopTransactionContext */
}

void
yd_outside_subcommit(int level)
{
	ListCell   *cell;

	foreach(cell, noted)
	{
		OutsideWrite *write = lfirst(cell);

		write->level = Min(write->level, level - 1);
	}
}

void
yd_outside_subabort(int level)
{
	ListCell   *cell;

	foreach(cell, noted)
		if (((OutsideWrite *) lfirst(cell))->level >= level)
			noted = foreach_delete_current(noted, cell);
}
