/*
 * saved.c
 *		Rows saved before DDL destroys them.
 *
 * Not capture: a tracked table goes back row by row to what it was, while of
 * any other table only what DDL destroyed comes back. The copy has the shape
 * of a shadow table and depends on nothing of the user's.
 */
#include "ddl.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "restore.h"
#include "session.h"
#include "shadow.h"
#include "storage/bufmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(yd_save_rows);

/* What the command that runs destroys, as far as it has been looked at */
static struct
{
	Oid		   *relids;
	int			nrelids;
	int			size;
	uint64		bytes;
}			command_destroys;

void
yd_begin_destruction(void)
{
	command_destroys.nrelids = 0;
	command_destroys.bytes = 0;
}

/* False: the table has been counted already. */
static bool
count_table(Oid relid, uint64 bytes)
{
	for (int i = 0; i < command_destroys.nrelids; i++)
		if (command_destroys.relids[i] == relid)
			return false;
	if (command_destroys.nrelids == command_destroys.size)
	{
		int			size = Max(16, command_destroys.size * 2);

		command_destroys.relids = command_destroys.size == 0 ?
			MemoryContextAlloc(TopMemoryContext, sizeof(Oid) * size) :
			repalloc(command_destroys.relids, sizeof(Oid) * size);
		command_destroys.size = size;
	}
	command_destroys.relids[command_destroys.nrelids++] = relid;
	command_destroys.bytes += bytes;
	return true;
}

static void
refuse_too_large(Relation rel, uint64 bytes)
{
	ereport(ERROR,
			(errcode(ERRCODE_YD_TOO_LARGE),
			 errmsg("the rows of table \"%s.%s\" are too large to be saved",
					get_namespace_name(RelationGetNamespace(rel)), RelationGetRelationName(rel)),
			 command_destroys.nrelids == 1 ?
			 errdetail("The command destroys data of a table of " UINT64_FORMAT " kB; yesterday.max_saved_bytes is %d kB. Nothing was changed.",
					   bytes / 1024, yd_setting_max_saved) :
			 errdetail("The command destroys data of a table of " UINT64_FORMAT " kB, with others of " UINT64_FORMAT " kB or more in all; yesterday.max_saved_bytes is %d kB. Nothing was changed.",
					   bytes / 1024, command_destroys.bytes / 1024, yd_setting_max_saved),
			 errhint("SET yesterday.max_saved_bytes higher, or keep the data: rename the table or column instead of dropping it.")));
}

void
yd_check_saved_size(Relation rel)
{
	uint64		bytes = (uint64) RelationGetNumberOfBlocks(rel) * BLCKSZ;

	if (OidIsValid(rel->rd_rel->reltoastrelid))
	{
		Relation	toast = table_open(rel->rd_rel->reltoastrelid, AccessShareLock);

		bytes += (uint64) RelationGetNumberOfBlocks(toast) * BLCKSZ;
		table_close(toast, AccessShareLock);
	}
	if (count_table(RelationGetRelid(rel), bytes) &&
		command_destroys.bytes / 1024 > (uint64) yd_setting_max_saved)
		refuse_too_large(rel, bytes);
}

/* The live, stored columns among those wanted; all of them for NULL. */
static YdShadowColumn *
choose_columns(Relation rel, ArrayType *wanted, int *ncolumns)
{
	TupleDesc	desc = RelationGetDescr(rel);
	YdShadowColumn *columns = palloc0(sizeof(YdShadowColumn) * Max(desc->natts, 1));
	Datum	   *attnums = NULL;
	int			nattnums = 0;

	if (wanted != NULL)
		deconstruct_array(wanted, INT2OID, 2, true, TYPALIGN_SHORT, &attnums, NULL, &nattnums);
	*ncolumns = 0;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		YdShadowColumn *column = &columns[*ncolumns];
		bool		chosen = wanted == NULL;

		for (int k = 0; k < nattnums; k++)
			chosen |= DatumGetInt16(attnums[k]) == att->attnum;
		if (!chosen || att->attisdropped || YD_ATT_IS_VIRTUAL(att))
			continue;
		column->attnum = att->attnum;
		column->type = att->atttypid;
		column->native = yd_stored_natively(att->atttypid, &column->stored_type);
		if (!column->native)
		{
			Oid			output;
			bool		varlena;

			getTypeOutputInfo(att->atttypid, &output, &varlena);
			fmgr_info(output, &column->output);
		}
		column->shadow = YD_SHADOW_FIRST + (*ncolumns)++;
	}
	return columns;
}

/* Copy one row; the context is reset for every row. */
static void
save_row(Relation shadow, YdShadowColumn *columns, int ncolumns, TupleTableSlot *source,
		 BulkInsertState bulk)
{
	int			natts = RelationGetDescr(shadow)->natts;
	Datum	   *values = palloc0(sizeof(Datum) * natts);
	bool	   *nulls = palloc0(sizeof(bool) * natts);

	slot_getallattrs(source);
	values[YD_SHADOW_OP - 1] = CharGetDatum(YD_OP_TAKEN);
	values[YD_SHADOW_XID - 1] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	nulls[YD_SHADOW_PLACE - 1] = true;
	nulls[YD_SHADOW_PRIOR - 1] = true;
	for (int i = 0; i < ncolumns; i++)
	{
		int			from = columns[i].attnum - 1;
		int			to = YD_SHADOW_FIRST - 1 + i;

		nulls[to] = source->tts_isnull[from];
		if (nulls[to])
			continue;
		if (columns[i].native)
			values[to] = source->tts_values[from];
		else
			values[to] = CStringGetTextDatum(OutputFunctionCall(&columns[i].output,
																source->tts_values[from]));
	}
	heap_insert(shadow, heap_form_tuple(RelationGetDescr(shadow), values, nulls),
				GetCurrentCommandId(true), 0, bulk);
}

/* A row that the deployment wrote itself, in this transaction or an earlier one. */
static bool
is_own(YdRestore *known, TupleTableSlot *row)
{
	bool		should_free;
	HeapTuple	tuple = ExecFetchSlotHeapTuple(row, false, &should_free);

	return TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetRawXmin(tuple->t_data)) ||
		yd_xmin_is_known(known, tuple);
}

/*
 * _save_rows(relation oid, columns int2[], shadow name, but_of bigint): copies
 * these columns of every row, but of those that this deployment wrote, into a
 * new table of yesterday_shadow; returns how many rows.
 */
Datum
yd_save_rows(PG_FUNCTION_ARGS)
{
	Relation	rel = table_open(PG_GETARG_OID(0), AccessExclusiveLock);
	ArrayType  *wanted = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	char	   *name = NameStr(*PG_GETARG_NAME(2));
	YdShadowColumn *columns;
	int			ncolumns;
	Relation	shadow;
	Snapshot	snapshot;
	TableScanDesc scan;
	TupleTableSlot *source;
	BulkInsertState bulk = GetBulkInsertState();
	MemoryContext per_row,
				old;
	YdTextSettings settings;
	YdRestore	known = {0};
	int64		rows = 0;

	if (!PG_ARGISNULL(3))
	{
		known.deployment = PG_GETARG_INT64(3);
		known.context = CurrentMemoryContext;
		yd_load_xids(&known);
	}
	yd_check_saved_size(rel);
	columns = choose_columns(rel, wanted, &ncolumns);
	shadow = table_open(yd_create_shadow(name, columns, ncolumns, 0), RowExclusiveLock);
	per_row = AllocSetContextCreate(CurrentMemoryContext, "yesterday saved row", ALLOCSET_DEFAULT_SIZES);

	/* the lock is ours: what is committed by now is all there is */
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan = table_beginscan(rel, snapshot, 0, NULL);
	source = table_slot_create(rel, NULL);
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		while (table_scan_getnextslot(scan, ForwardScanDirection, source))
		{
			CHECK_FOR_INTERRUPTS();
			if (known.deployment != 0 && is_own(&known, source))
				continue;
			old = MemoryContextSwitchTo(per_row);
			save_row(shadow, columns, ncolumns, source, bulk);
			rows++;
			MemoryContextSwitchTo(old);
			MemoryContextReset(per_row);
		}
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	ExecDropSingleTupleTableSlot(source);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	FreeBulkInsertState(bulk);
	MemoryContextDelete(per_row);
	table_close(shadow, NoLock);
	table_close(rel, NoLock);
	CommandCounterIncrement();
	PG_RETURN_INT64(rows);
}
