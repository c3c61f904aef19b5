/*
 * restore_scan.c
 *		Finding the rows that records speak of by hash and one scan.
 *
 * Where the index over the key is not there yet (its constraint comes back only
 * after the rows), the records are hashed and the table is read once.
 */
#include "restore_touched.h"

#include "access/tableam.h"
#include "miscadmin.h"

/*
 * Give a record a row of its key. There can be several: a deployment that takes the key away can write rows
 * that are alike in it. Those of its own go, but for one that the record needs. A row that was there before is
 * none that it has inserted.
 */
static void
give_row(YdRestore *restore, YdRestoring *table, uint32 n, TupleTableSlot *record,
		 TupleTableSlot *row, bool anew)
{
	bool		isnull;
	char		op = DatumGetChar(slot_getattr(record, table->binding->op, &isnull));
	bool		should_free;
	ItemPointerData other = row->tts_tid;
	YdEntry    *entry = &table->entries[n];
	bool		own;
	bool		other_own;

	if (op == YD_OP_INSERT && !anew && !table->binding->business &&
		yd_xmin_is_older(restore, ExecFetchSlotHeapTuple(row, false, &should_free)))
		return;
	if (!ItemPointerIsValid(&entry->current))
	{
		entry->current = other;
		return;
	}
	if (table->binding->business || anew || op == YD_OP_FOREIGN)
		return;
	other_own = yd_xmin_is_known(restore, ExecFetchSlotHeapTuple(row, false, &should_free));
	(void) yd_fetch_current(table, n);
	own = yd_xmin_is_known(restore, ExecFetchSlotHeapTuple(table->current, false, &should_free));
	if (op == YD_OP_INSERT ? other_own && !own : own && !other_own)
	{
		ItemPointerData first = entry->current;

		entry->current = other;
		other = first;
		other_own = own;
	}
	if (other_own)
	{
		ItemPointerData image = entry->image;
		YdEntry    *beside = yd_add_entry(restore, table, &image);

		beside->current = other;
		beside->action = YD_REMOVE;
		beside->beside = true;
	}
}

/*
 * Give every entry of a keyed table its current row, without an index.
 */
void
yd_match_by_scan(YdRestore *restore, YdRestoring *table)
{
	YdTouched  *touched = yd_touched_begin(table, false);
	TupleTableSlot *scratch = table_slot_create(table->binding->shadow, NULL);
	TableScanDesc scan = table_beginscan(table->binding->rel, restore->snapshot, 0, NULL);
	TupleTableSlot *row = table_slot_create(table->binding->rel, NULL);
	MemoryContext old = MemoryContextSwitchTo(restore->row_context);
	bool		anew = yd_is_written_anew(table);

	for (uint32 i = 0; i < table->nentries; i++)
	{
		MemoryContextReset(restore->row_context);
		yd_fetch_image(table, i);
		if (yd_key_is_outgrown(restore, table))
			continue;
		yd_touched_add(restore, touched, yd_touched_hash(touched, table->image, true),
					   &table->entries[i].image)->entry = i;
		CHECK_FOR_INTERRUPTS();
	}

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		uint32		hash;
		uint32		i;

		MemoryContextReset(restore->row_context);
		hash = yd_touched_hash(touched, row, false);
		/* an equal key may stand in several records: all of them get the row */
		for (i = touched->buckets[hash & (touched->nbuckets - 1)]; i != YD_NO_ITEM;
			 i = touched->items[i].next)
		{
			if (touched->items[i].hash != hash)
				continue;
			yd_fetch_record(table, &touched->items[i].image, scratch);
			if (yd_touched_equal(touched, scratch, row, false))
				give_row(restore, table, touched->items[i].entry, scratch, row, anew);
		}
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	MemoryContextSwitchTo(old);
	ExecDropSingleTupleTableSlot(row);
	ExecDropSingleTupleTableSlot(scratch);
	yd_touched_end(touched);
}
