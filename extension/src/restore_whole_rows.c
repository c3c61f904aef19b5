/*
 * restore_whole_rows.c
 *		What has to happen to the rows of a table without a key: they are told apart by
 *		all of their values, and counted.
 */
#include "restore_touched.h"

#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Rows that are spoken for, in order of their place */
typedef struct SpokenFor
{
	ItemPointerData *rows;
	uint32		n;
	uint32		capacity;
} SpokenFor;

static int
compare_places(const void *left, const void *right)
{
	return ItemPointerCompare(unconstify(ItemPointerData *, (const ItemPointerData *) left),
							  unconstify(ItemPointerData *, (const ItemPointerData *) right));
}

static void
speak_for(YdRestore *restore, SpokenFor *spoken, ItemPointer row)
{
	if (spoken->n == spoken->capacity)
	{
		Size		size;

		spoken->capacity = Max(spoken->capacity * 2, 1024);
		size = sizeof(ItemPointerData) * (Size) spoken->capacity;
		spoken->rows = spoken->rows == NULL ? MemoryContextAllocHuge(restore->context, size) :
			repalloc_huge(spoken->rows, size);
	}
	spoken->rows[spoken->n++] = *row;
}

/*
 * Rows to remove that were found before the inverse DDL, where they stood then. A type that has lost an attribute since can make such a row one
 * that is to come back: it stays.
 */
static void
plan_foreseen(YdRestore *restore, YdRestoring *table, YdTouched *touched, TupleTableSlot *scratch,
			  SpokenFor *spoken)
{
	for (uint32 i = 0; i < touched->nitems; i++)
	{
		YdTouchedItem *item = &touched->items[i];
		ItemPointerData place;

		for (int n = 0; item->net < 0 && yd_foreseen_place(table, &item->image, n, &place); n++)
		{
			YdTouchedItem *wanted;
			YdEntry    *entry;

			MemoryContextReset(restore->row_context);
			/* inverse DDL that fills a column moves rows */
			if (!yd_fetch(table->binding->rel, &place, restore->snapshot, table->current))
				continue;
			wanted = yd_touched_find(touched, yd_touched_hash(touched, table->current, false),
									 table->current, false, scratch);
			if (wanted != NULL && wanted->net > 0)
			{
				wanted->net--;
				entry = yd_add_entry(restore, table, &wanted->image);
				entry->action = YD_KEEP;
			}
			else
			{
				entry = yd_add_entry(restore, table, &item->image);
				entry->action = YD_REMOVE;
			}
			entry->current = place;
			item->net++;
			speak_for(restore, spoken, &place);
			CHECK_FOR_INTERRUPTS();
		}
	}
	if (spoken->n > 0)
		qsort(spoken->rows, spoken->n, sizeof(ItemPointerData), compare_places);
}

static bool
is_spoken_for(SpokenFor *spoken, ItemPointer row)
{
	return spoken->n > 0 &&
		bsearch(row, spoken->rows, spoken->n, sizeof(ItemPointerData), compare_places) != NULL;
}

/*
 * Entries of a table without a key: the net count of every distinct row
 * decides how many of them are inserted or removed.
 */
void
yd_plan_whole_rows(YdRestore *restore, YdRestoring *table)
{
	SpokenFor	spoken = {0};
	YdBinding  *binding = table->binding;
	YdTouched  *touched = yd_touched_begin(table, true);
	TupleTableSlot *scratch = table_slot_create(binding->shadow, NULL);
	TableScanDesc scan = table_beginscan(binding->shadow, restore->snapshot, 0, NULL);
	int64		to_remove = 0;
	MemoryContext old = MemoryContextSwitchTo(restore->row_context);

	while (table_scan_getnextslot(scan, ForwardScanDirection, table->image))
	{
		bool		isnull;
		char		op = DatumGetChar(slot_getattr(table->image, binding->op, &isnull));
		uint32		hash;
		YdTouchedItem *item;

		MemoryContextReset(restore->row_context);
		hash = yd_touched_hash(touched, table->image, true);
		item = yd_touched_find(touched, hash, table->image, true, scratch);
		if (item == NULL)
			item = yd_touched_add(restore, touched, hash, &table->image->tts_tid);
		item->net += op == 'I' ? -1 : 1;
		if (op != 'I' && item->origin == 0)
			item->origin = yd_image_origin(restore, table);
		if (op != 'I' && !item->imaged)
		{
			item->image = table->image->tts_tid;
			item->imaged = true;
		}
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	plan_foreseen(restore, table, touched, scratch, &spoken);

	for (uint32 i = 0; i < touched->nitems; i++)
	{
		YdTouchedItem *item = &touched->items[i];

		for (int64 n = 0; n < item->net; n++)
		{
			YdEntry    *entry = yd_add_entry(restore, table, &item->image);

			entry->action = YD_INSERT;
			entry->origin = item->origin;
		}
		if (item->net < 0)
			to_remove -= item->net;
	}

	if (to_remove > 0)
	{
		MemoryContextSwitchTo(old);
		scan = table_beginscan(binding->rel, restore->snapshot, 0, NULL);
		MemoryContextSwitchTo(restore->row_context);
		while (to_remove > 0 && table_scan_getnextslot(scan, ForwardScanDirection, table->current))
		{
			YdTouchedItem *item;

			if (is_spoken_for(&spoken, &table->current->tts_tid))
				continue;
			MemoryContextReset(restore->row_context);
			item = yd_touched_find(touched, yd_touched_hash(touched, table->current, false),
								   table->current, false, scratch);
			if (item != NULL && item->net < 0)
			{
				YdEntry    *entry = yd_add_entry(restore, table, &item->image);

				entry->action = YD_REMOVE;
				entry->current = table->current->tts_tid;
				item->net++;
				to_remove--;
			}
			CHECK_FOR_INTERRUPTS();
		}
		table_endscan(scan);
	}
	/* a table that the inverse DDL made anew got none of the rows that were to be removed */
	table->missing = binding->rel->rd_createSubid == InvalidSubTransactionId ? to_remove : 0;
	MemoryContextSwitchTo(old);
	ExecDropSingleTupleTableSlot(scratch);
	yd_touched_end(touched);
}
