/*
 * restore_scan.c
 *		Finding the rows that records speak of by hash and one scan.
 *
 * Where the index over the key is not there yet (its constraint comes back only
 * after the rows), and for tables without a key, the records are hashed and the
 * table is read once.
 */
#include "restore.h"

#include "access/tableam.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#define NO_ITEM		PG_UINT32_MAX

/* A record, or for whole rows all records of the same row */
typedef struct TouchedItem
{
	uint32		hash;
	uint32		next;			/* in the bucket */
	ItemPointerData image;
	int64		net;			/* whole rows: how many have to be there more than now */
	uint16		origin;			/* whole rows: of YdEntry */
	bool		imaged;			/* whole rows: "image" is no record of an inserted row */
	uint32		entry;			/* keyed */
} TouchedItem;

typedef struct Touched
{
	YdRestoring *table;
	int			ncolumns;
	YdBoundColumn **columns;
	FmgrInfo   *hash;			/* by column; fn_oid 0: bitwise */
	FmgrInfo   *equal;
	uint32	   *buckets;
	uint32		nbuckets;		/* a power of two */
	TouchedItem	   *items;
	uint32		nitems;
	uint32		capacity;
} Touched;

static Touched *
touched_begin(YdRestoring *table, bool whole_rows)
{
	YdBinding  *binding = table->binding;
	Touched    *touched = palloc0(sizeof(Touched));
	int			most = whole_rows ? binding->ncolumns : binding->nkeys;

	touched->table = table;
	touched->columns = palloc(sizeof(YdBoundColumn *) * Max(most, 1));
	touched->hash = palloc0(sizeof(FmgrInfo) * Max(most, 1));
	touched->equal = palloc0(sizeof(FmgrInfo) * Max(most, 1));
	for (int n = 0; n < most; n++)
	{
		YdBoundColumn *column = &binding->columns[whole_rows ? n : binding->keys[n]];
		TypeCacheEntry *type;
		int			i;

		/* what it is computed of tells the rows apart as well */
		if (whole_rows && column->recomputed)
			continue;
		i = touched->ncolumns++;
		touched->columns[i] = column;
		if (whole_rows)
			continue;
		type = lookup_type_cache(column->type, TYPECACHE_HASH_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO);
		if (OidIsValid(type->hash_proc_finfo.fn_oid) && OidIsValid(type->eq_opr_finfo.fn_oid))
		{
			fmgr_info_copy(&touched->hash[i], &type->hash_proc_finfo, CurrentMemoryContext);
			fmgr_info_copy(&touched->equal[i], &type->eq_opr_finfo, CurrentMemoryContext);
		}
	}
	touched->nbuckets = 1024;
	touched->buckets = palloc(sizeof(uint32) * touched->nbuckets);
	memset(touched->buckets, 0xff, sizeof(uint32) * touched->nbuckets);
	return touched;
}

static bool
touched_value(Touched *touched, int i, TupleTableSlot *slot, bool is_image, Datum *value)
{
	bool		isnull;

	if (is_image)
		return yd_image_value(touched->columns[i], slot, value);
	*value = slot_getattr(slot, touched->columns[i]->attnum, &isnull);
	return isnull;
}

/*
 * Values that are stored as text are told by it: the type may not be able to read
 * it any more, or not yet, while the deployment's change of it is in place.
 */
static bool
told_by_text(Touched *touched, int i)
{
	return !touched->columns[i]->native && !OidIsValid(touched->hash[i].fn_oid);
}

static char *
touched_text(Touched *touched, int i, TupleTableSlot *slot, bool is_image)
{
	return is_image ? yd_image_text_now(touched->columns[i], slot) :
		yd_row_text(touched->columns[i], slot);
}

static uint32
touched_hash(Touched *touched, TupleTableSlot *slot, bool is_image)
{
	uint32		hash = 0;

	for (int i = 0; i < touched->ncolumns; i++)
	{
		YdBoundColumn *column = touched->columns[i];
		Datum		value;
		uint32		one = 0;

		if (told_by_text(touched, i))
		{
			char	   *text = touched_text(touched, i, slot, is_image);

			if (text != NULL)
				one = DatumGetUInt32(hash_any((unsigned char *) text, strlen(text)));
		}
		else if (touched_value(touched, i, slot, is_image, &value))
			one = 0;
		else if (OidIsValid(touched->hash[i].fn_oid))
			one = DatumGetUInt32(FunctionCall1Coll(&touched->hash[i], column->collation, value));
		else
			one = datum_image_hash(value, column->typbyval, column->typlen);
		hash = hash_combine(hash, one);
	}
	return hash;
}

/* Compare a record (left) with a row or with another record. */
static bool
touched_equal(Touched *touched, TupleTableSlot *image, TupleTableSlot *slot, bool is_image)
{
	for (int i = 0; i < touched->ncolumns; i++)
	{
		YdBoundColumn *column = touched->columns[i];
		Datum		left;
		Datum		right;
		bool		left_null;

		if (told_by_text(touched, i))
		{
			char	   *left_text = touched_text(touched, i, image, true);
			char	   *right_text = touched_text(touched, i, slot, is_image);

			if (left_text == NULL || right_text == NULL ?
				left_text != right_text : strcmp(left_text, right_text) != 0)
				return false;
			continue;
		}
		if (!is_image && !OidIsValid(touched->equal[i].fn_oid))
		{
			if (!yd_same_value(column, image, slot, true))
				return false;
			continue;
		}
		left_null = yd_image_value(column, image, &left);
		if (left_null != touched_value(touched, i, slot, is_image, &right))
			return false;
		if (left_null)
			continue;
		if (OidIsValid(touched->equal[i].fn_oid))
		{
			if (!DatumGetBool(FunctionCall2Coll(&touched->equal[i], column->collation, left, right)))
				return false;
		}
		else if (!datum_image_eq(left, right, column->typbyval, column->typlen))
			return false;
	}
	return true;
}

static void
fetch_record(YdRestoring *table, ItemPointer tid, TupleTableSlot *slot)
{
	if (!yd_fetch(table->binding->shadow, tid, SnapshotAny, slot))
		elog(ERROR, "a record of shadow table \"%s\" vanished",
			 RelationGetRelationName(table->binding->shadow));
}

/* The item that a row (or record) belongs to; skip: how many to pass over first. */
static TouchedItem *
touched_find(Touched *touched, uint32 hash, TupleTableSlot *slot, bool is_image,
			 TupleTableSlot *scratch)
{
	uint32		i = touched->buckets[hash & (touched->nbuckets - 1)];

	for (; i != NO_ITEM; i = touched->items[i].next)
	{
		if (touched->items[i].hash != hash)
			continue;
		fetch_record(touched->table, &touched->items[i].image, scratch);
		if (touched_equal(touched, scratch, slot, is_image))
			return &touched->items[i];
	}
	return NULL;
}

static TouchedItem *
touched_add(YdRestore *restore, Touched *touched, uint32 hash, ItemPointer image)
{
	TouchedItem	   *item;

	if (touched->nitems == touched->capacity)
	{
		uint32		capacity = Max(touched->capacity * 2, 1024);
		Size		size = sizeof(TouchedItem) * (Size) capacity;

		touched->items = touched->items == NULL ?
			MemoryContextAllocHuge(restore->context, size) :
			repalloc_huge(touched->items, size);
		touched->capacity = capacity;

		/* as many buckets as items: chains stay short */
		touched->nbuckets = capacity;
		pfree(touched->buckets);
		touched->buckets = MemoryContextAllocHuge(restore->context,
												  sizeof(uint32) * (Size) touched->nbuckets);
		memset(touched->buckets, 0xff, sizeof(uint32) * (Size) touched->nbuckets);
		for (uint32 i = 0; i < touched->nitems; i++)
		{
			uint32	   *bucket = &touched->buckets[touched->items[i].hash & (capacity - 1)];

			touched->items[i].next = *bucket;
			*bucket = i;
		}
	}
	item = &touched->items[touched->nitems];
	item->hash = hash;
	item->image = *image;
	item->net = 0;
	item->origin = 0;
	item->imaged = false;
	item->next = touched->buckets[hash & (touched->nbuckets - 1)];
	touched->buckets[hash & (touched->nbuckets - 1)] = touched->nitems;
	touched->nitems++;
	return item;
}

static void
touched_end(Touched *touched)
{
	if (touched->items != NULL)
		pfree(touched->items);
	pfree(touched->buckets);
	pfree(touched);
}

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
	Touched    *touched = touched_begin(table, false);
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
		touched_add(restore, touched, touched_hash(touched, table->image, true),
					&table->entries[i].image)->entry = i;
		CHECK_FOR_INTERRUPTS();
	}

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		uint32		hash;
		uint32		i;

		MemoryContextReset(restore->row_context);
		hash = touched_hash(touched, row, false);
		/* an equal key may stand in several records: all of them get the row */
		for (i = touched->buckets[hash & (touched->nbuckets - 1)]; i != NO_ITEM;
			 i = touched->items[i].next)
		{
			if (touched->items[i].hash != hash)
				continue;
			fetch_record(table, &touched->items[i].image, scratch);
			if (touched_equal(touched, scratch, row, false))
				give_row(restore, table, touched->items[i].entry, scratch, row, anew);
		}
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	MemoryContextSwitchTo(old);
	ExecDropSingleTupleTableSlot(row);
	ExecDropSingleTupleTableSlot(scratch);
	touched_end(touched);
}

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
plan_foreseen(YdRestore *restore, YdRestoring *table, Touched *touched, TupleTableSlot *scratch,
			  SpokenFor *spoken)
{
	for (uint32 i = 0; i < touched->nitems; i++)
	{
		TouchedItem *item = &touched->items[i];
		ItemPointerData place;

		for (int n = 0; item->net < 0 && yd_foreseen_place(table, &item->image, n, &place); n++)
		{
			TouchedItem *wanted;
			YdEntry    *entry;

			MemoryContextReset(restore->row_context);
			/* inverse DDL that fills a column moves rows */
			if (!yd_fetch(table->binding->rel, &place, restore->snapshot, table->current))
				continue;
			wanted = touched_find(touched, touched_hash(touched, table->current, false),
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
	Touched    *touched = touched_begin(table, true);
	TupleTableSlot *scratch = table_slot_create(binding->shadow, NULL);
	TableScanDesc scan = table_beginscan(binding->shadow, restore->snapshot, 0, NULL);
	int64		to_remove = 0;
	MemoryContext old = MemoryContextSwitchTo(restore->row_context);

	while (table_scan_getnextslot(scan, ForwardScanDirection, table->image))
	{
		bool		isnull;
		char		op = DatumGetChar(slot_getattr(table->image, binding->op, &isnull));
		uint32		hash;
		TouchedItem	   *item;

		MemoryContextReset(restore->row_context);
		hash = touched_hash(touched, table->image, true);
		item = touched_find(touched, hash, table->image, true, scratch);
		if (item == NULL)
			item = touched_add(restore, touched, hash, &table->image->tts_tid);
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
		TouchedItem	   *item = &touched->items[i];

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
			TouchedItem	   *item;

			if (is_spoken_for(&spoken, &table->current->tts_tid))
				continue;
			MemoryContextReset(restore->row_context);
			item = touched_find(touched, touched_hash(touched, table->current, false),
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
	touched_end(touched);
}
