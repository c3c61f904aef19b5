/*
 * restore_touched.c
 *		Records of a shadow in a hash table of their own, by key or by the whole row.
 */
#include "restore_touched.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

YdTouched *
yd_touched_begin(YdRestoring *table, bool whole_rows)
{
	YdBinding  *binding = table->binding;
	YdTouched  *touched = palloc0(sizeof(YdTouched));
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
touched_value(YdTouched *touched, int i, TupleTableSlot *slot, bool is_image, Datum *value)
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
told_by_text(YdTouched *touched, int i)
{
	return !touched->columns[i]->native && !OidIsValid(touched->hash[i].fn_oid);
}

static char *
touched_text(YdTouched *touched, int i, TupleTableSlot *slot, bool is_image)
{
	return is_image ? yd_image_text_now(touched->columns[i], slot) :
		yd_row_text(touched->columns[i], slot);
}

uint32
yd_touched_hash(YdTouched *touched, TupleTableSlot *slot, bool is_image)
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

bool
yd_touched_equal(YdTouched *touched, TupleTableSlot *image, TupleTableSlot *slot, bool is_image)
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

YdTouchedItem *
yd_touched_find(YdTouched *touched, uint32 hash, TupleTableSlot *slot, bool is_image,
				TupleTableSlot *scratch)
{
	uint32		i = touched->buckets[hash & (touched->nbuckets - 1)];

	for (; i != YD_NO_ITEM; i = touched->items[i].next)
	{
		if (touched->items[i].hash != hash)
			continue;
		yd_fetch_record(touched->table, &touched->items[i].image, scratch);
		if (yd_touched_equal(touched, scratch, slot, is_image))
			return &touched->items[i];
	}
	return NULL;
}

YdTouchedItem *
yd_touched_add(YdRestore *restore, YdTouched *touched, uint32 hash, ItemPointer image)
{
	YdTouchedItem *item;

	if (touched->nitems == touched->capacity)
	{
		uint32		capacity = Max(touched->capacity * 2, 1024);
		Size		size = sizeof(YdTouchedItem) * (Size) capacity;

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

void
yd_touched_end(YdTouched *touched)
{
	if (touched->items != NULL)
		pfree(touched->items);
	pfree(touched->buckets);
	pfree(touched);
}
