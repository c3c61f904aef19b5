/*
 * seal.c
 *		A seal on the contents of a shadow table: a hash of every record, summed, so
 *		that their order does not matter.
 *
 * It is known when a deployment is finished and compared when it is rolled back,
 * to find what was written into a shadow table meanwhile. It is made of the
 * bytes on the page, which in one database stay what they are; only values out
 * of line are read as values. Nobody is kept out by it who can write our tables.
 *
 * Where one transaction makes all records, their hashes are summed while they are made,
 * by the subtransaction that makes them; else the shadow table is read.
 */
#include "captured.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog.h"
#include "digest.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "hash.h"
#include "miscadmin.h"
#include "session.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(yd_shadow_seal);
PG_FUNCTION_INFO_V1(yd_recorded_seal);

uint64
yd_seal_of_record(HeapTupleHeader record, Size length)
{
	int			natts = HeapTupleHeaderGetNatts(record);
	bool		has_nulls = (record->t_infomask & HEAP_HASNULL) != 0;
	uint64		hash;

	/* an inserted key ends behind the key, until VACUUM FULL adds the columns that it lacks */
	while (has_nulls && natts > 0 && att_isnull(natts - 1, record->t_bits))
		natts--;
	hash = yd_hash_word(natts, 0);
	if (has_nulls)
		hash = yd_hash_bytes((unsigned char *) record->t_bits, BITMAPLEN(natts), hash);
	return yd_hash_bytes((unsigned char *) record + record->t_hoff, length - record->t_hoff, hash);
}

/* A record with values out of line, whose place may change. */
static uint64
record_values(TupleTableSlot *slot)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;
	uint64		hash = 0;

	slot_getallattrs(slot);
	for (int i = 0; i < desc->natts; i++)
		if (!slot->tts_isnull[i])
			hash = yd_hash_word(yd_hash_value(TupleDescAttr(desc, i), slot->tts_values[i], i), hash);
	return hash;
}

/*
 * _shadow_seal(shadow name): NULL where there is no such table.
 */
Datum
yd_shadow_seal(PG_FUNCTION_ARGS)
{
	Oid			relid = get_relname_relid(NameStr(*PG_GETARG_NAME(0)), yd_shadow_schema_oid());
	Relation	shadow;
	Snapshot	snapshot;
	TupleTableSlot *slot;
	TableScanDesc scan;
	MemoryContext values;
	MemoryContext outer;
	uint64		seal = 0;

	if (!OidIsValid(relid))
		PG_RETURN_NULL();
	shadow = table_open(relid, AccessShareLock);
	values = AllocSetContextCreate(CurrentMemoryContext, "yesterday seal", ALLOCSET_DEFAULT_SIZES);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	slot = table_slot_create(shadow, NULL);
	scan = table_beginscan(shadow, snapshot, 0, NULL);
	outer = MemoryContextSwitchTo(values);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);

		if (HeapTupleHasExternal(tuple))
		{
			seal += record_values(slot);
			MemoryContextReset(values);
		}
		else
			seal += yd_seal_of_record(tuple->t_data, tuple->t_len);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(outer);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(shadow, AccessShareLock);
	MemoryContextDelete(values);
	PG_RETURN_INT64((int64) seal);
}

/*
 * _recorded_seal(shadow name): the seal of what this transaction recorded; NULL where
 * that is not all that there is, or records did not stay as they were made.
 */
Datum
yd_recorded_seal(PG_FUNCTION_ARGS)
{
	Oid			relid = get_relname_relid(NameStr(*PG_GETARG_NAME(0)), yd_shadow_schema_oid());
	YdCapturedScan scan;
	YdCapturedTable *table;
	uint64		seal = 0;

	if (!OidIsValid(relid) || !yd_in_transaction_scope() || yd_is_finished())
		PG_RETURN_NULL();
	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
	{
		if (table->skip || table->shadow_level == 0 || table->shadow != relid)
			continue;
		hash_seq_term(&scan.status);
		if (!table->settled)
			PG_RETURN_NULL();
		for (YdBuffer *buffer = table->buffer; buffer != NULL; buffer = buffer->below)
		{
			if (buffer->has_large)
				PG_RETURN_NULL();
			seal += buffer->seal;
		}
		PG_RETURN_INT64((int64) seal);
	}
	PG_RETURN_NULL();
}
