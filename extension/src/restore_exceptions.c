/*
 * restore_exceptions.c
 *		What an attempt learns for the next one: entries that cannot go the way of
 *		their record, and newcomers that stand in the way. Neither is ever forgotten
 *		during a restore, so the attempts end.
 */
#include "restore.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ----- entries ----- */

/* The row is there after the restore as it is there now. */
bool
yd_stays(const YdEntry *entry)
{
	return entry->fate != YD_GO || entry->action == YD_KEEP;
}

bool
yd_set_fate(YdRestore *restore, YdRestoring *table, uint32 n, YdFate fate, const char *reason)
{
	if (table->entries[n].fate != YD_GO)
		return false;
	if (table->reasons == NULL)
		table->reasons = MemoryContextAllocExtended(restore->context,
													sizeof(char *) * (Size) table->nentries,
													MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table->entries[n].fate = fate;
	table->reasons[n] = MemoryContextStrdup(restore->context, reason);
	restore->found = true;
	return true;
}

/*
 * Key of an entry, as people read it: values as they are stored in the shadow,
 * so no code of users runs.
 */
char *
yd_key_text(YdRestoring *table, uint32 n)
{
	YdBinding  *binding = table->binding;
	int			count = binding->keyed ? binding->nkeys : Min(binding->ncolumns, 5);
	StringInfoData text;

	if (!yd_fetch(binding->shadow, &table->entries[n].image, SnapshotAny,
									   table->scratch))
		elog(ERROR, "a record of shadow table \"%s\" vanished",
			 RelationGetRelationName(binding->shadow));
	initStringInfo(&text);
	if (count != 1)
		appendStringInfoChar(&text, '(');
	for (int i = 0; i < count; i++)
	{
		YdBoundColumn *column = &binding->columns[binding->keyed ? binding->keys[i] : i];
		char	   *value = yd_image_text(column, table->scratch);

		if (i > 0)
			appendStringInfoString(&text, ", ");
		if (value == NULL)
			value = "NULL";
		if (strlen(value) > 100)
			appendStringInfo(&text, "%.*s...", pg_mbcliplen(value, strlen(value), 100), value);
		else
			appendStringInfoString(&text, value);
	}
	if (!binding->keyed && count < binding->ncolumns)
		appendStringInfoString(&text, ", ...");
	if (count != 1)
		appendStringInfoChar(&text, ')');
	ExecClearTuple(table->scratch);
	return text.data;
}

/* ----- entries by row ----- */

static int
compare_current(const void *left, const void *right, void *arg)
{
	YdEntry    *entries = arg;
	uint32		l = *(const uint32 *) left;
	uint32		r = *(const uint32 *) right;
	int			order = ItemPointerCompare(&entries[l].current, &entries[r].current);

	if (order != 0)
		return order;
	/* of two records of one row an image beats an inserted key, an early one a late one */
	if ((entries[l].action == YD_REMOVE) != (entries[r].action == YD_REMOVE))
		return entries[l].action == YD_REMOVE ? 1 : -1;
	return l < r ? -1 : 1;
}

static int
compare_written(const void *left, const void *right, void *arg)
{
	YdEntry    *entries = arg;

	return ItemPointerCompare(&entries[*(const uint32 *) left].written,
							  &entries[*(const uint32 *) right].written);
}

static uint32 *
sorted_entries(YdRestoring *table, bool written, uint32 *n)
{
	MemoryContext context = GetMemoryChunkContext(table->entries);
	uint32	   *sorted = MemoryContextAllocHuge(context, sizeof(uint32) * (Size) table->nentries);

	*n = 0;
	for (uint32 i = 0; i < table->nentries; i++)
		if (ItemPointerIsValid(written ? &table->entries[i].written : &table->entries[i].current))
			sorted[(*n)++] = i;
	qsort_arg(sorted, *n, sizeof(uint32), written ? compare_written : compare_current,
			  table->entries);
	return sorted;
}

/* First entry with this row, or -1. */
static int64
find_entry(YdRestoring *table, const uint32 *sorted, uint32 n, bool written, ItemPointer tid)
{
	uint32		low = 0;
	uint32		high = n;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;
		YdEntry    *entry = &table->entries[sorted[middle]];

		if (ItemPointerCompare(written ? &entry->written : &entry->current, tid) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < n)
	{
		YdEntry    *entry = &table->entries[sorted[low]];

		if (ItemPointerEquals(written ? &entry->written : &entry->current, tid))
			return sorted[low];
	}
	return -1;
}

int64
yd_find_current(YdRestoring *table, ItemPointer tid)
{
	if (table->nentries == 0)
		return -1;
	if (table->by_current == NULL)
		table->by_current = sorted_entries(table, false, &table->nby_current);
	return find_entry(table, table->by_current, table->nby_current, false, tid);
}

void
yd_forget_current(YdRestoring *table)
{
	if (table->by_current != NULL)
		pfree(table->by_current);
	table->by_current = NULL;
}

/* Valid from the last write of an attempt to the beginning of the next one. */
int64
yd_find_written(YdRestoring *table, ItemPointer tid)
{
	if (table->nentries == 0)
		return -1;
	if (table->by_written == NULL)
		table->by_written = sorted_entries(table, true, &table->nby_written);
	return find_entry(table, table->by_written, table->nby_written, true, tid);
}

void
yd_forget_written(YdRestoring *table)
{
	if (table->by_written != NULL)
		pfree(table->by_written);
	table->by_written = NULL;
}

/* ----- newcomers ----- */

YdNewcomer *
yd_find_newcomer(YdRestore *restore, Oid relid, ItemPointer tid)
{
	YdNewcomerKey key;

	if (restore->newcomers == NULL)
		return NULL;
	memset(&key, 0, sizeof(key));
	key.relid = relid;
	key.tid = *tid;
	return hash_search(restore->newcomers, &key, HASH_FIND, NULL);
}

/* Key of a newcomer, as people read it. */
static char *
newcomer_label(YdRestore *restore, Oid relid, ItemPointer tid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	YdRestoring *table = yd_restoring(restore, relid);
	Bitmapset  *keys = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	StringInfoData text;
	YdUserSwitch save;
	int			n = 0;

	initStringInfo(&text);
	yd_switch_to_owner(rel->rd_rel->relowner, &save);
	if (!yd_fetch(rel, tid, SnapshotAny, slot))
		elog(ERROR, "a row of table \"%s\" vanished", RelationGetRelationName(rel));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		bool		wanted = bms_is_member(att->attnum - FirstLowInvalidHeapAttributeNumber, keys);
		Datum		value;
		bool		isnull;
		Oid			function;
		bool		varlena;

		for (int k = 0; table != NULL && k < table->binding->nkeys; k++)
			if (table->binding->columns[table->binding->keys[k]].attnum == att->attnum)
				wanted = true;
		if (!wanted || att->attisdropped)
			continue;
		value = slot_getattr(slot, att->attnum, &isnull);
		getTypeOutputInfo(att->atttypid, &function, &varlena);
		appendStringInfo(&text, "%s%s", n++ > 0 ? ", " : "",
						 isnull ? "NULL" : OidOutputFunctionCall(function, value));
	}
	yd_switch_back(&save);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	return n > 0 ? text.data : "a row without a key";
}

YdOrigin
yd_origin(YdRestoring *table, uint32 entry)
{
	YdOrigin	origin = {0};

	origin.table = table->index;
	origin.entry = entry;
	origin.relid = table->relid;
	ItemPointerSetInvalid(&origin.tid);
	return origin;
}

/*
 * A newcomer goes because of an entry, or of another newcomer that goes. Once
 * that one stays as it is, there is no reason left.
 */
bool
yd_goes(YdRestore *restore, const YdNewcomer *newcomer)
{
	const YdOrigin *cause = &newcomer->cause;

	if (newcomer->pinned)
		return false;
	if (cause->table >= 0)
		return restore->tables[cause->table].entries[cause->entry].fate == YD_GO;
	newcomer = yd_find_newcomer(restore, cause->relid, unconstify(ItemPointerData *, &cause->tid));
	return newcomer != NULL && yd_goes(restore, newcomer);
}

/*
 * This newcomer has to go; false: that is known, or it was decided that it
 * stays. A cause that fell away is replaced, and each cause falls away once at
 * most.
 */
bool
yd_displace(YdRestore *restore, Oid relid, ItemPointer tid, const YdOrigin *cause,
			const char *reason)
{
	YdNewcomerKey key;
	YdNewcomer *newcomer;
	bool		known;

	if (restore->newcomers == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(YdNewcomerKey);
		ctl.entrysize = sizeof(YdNewcomer);
		ctl.hcxt = restore->context;
		restore->newcomers = hash_create("yesterday newcomers", 64, &ctl,
										 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	memset(&key, 0, sizeof(key));
	key.relid = relid;
	key.tid = *tid;
	newcomer = hash_search(restore->newcomers, &key, HASH_ENTER, &known);
	if (known && (newcomer->pinned || yd_goes(restore, newcomer)))
		return false;
	newcomer->cause = *cause;
	newcomer->pinned = false;
	newcomer->gone = false;
	newcomer->reason = MemoryContextStrdup(restore->context, reason);
	newcomer->label = MemoryContextStrdup(restore->context, newcomer_label(restore, relid, tid));
	restore->found = true;
	if (!restore->dry && yd_restoring(restore, relid) == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(restore->context);

		restore->wanted_locks = list_append_unique_oid(restore->wanted_locks, relid);
		MemoryContextSwitchTo(old);
	}
	return true;
}

/* This newcomer stays: something that stays refers to it. */
bool
yd_pin(YdRestore *restore, YdNewcomer *newcomer, const char *reason)
{
	if (newcomer->pinned)
		return false;
	newcomer->pinned = true;
	newcomer->reason = MemoryContextStrdup(restore->context, reason);
	restore->found = true;
	return true;
}

static int
compare_newcomers(const void *left, const void *right)
{
	const YdNewcomer *l = *(YdNewcomer *const *) left;
	const YdNewcomer *r = *(YdNewcomer *const *) right;

	if (l->key.relid != r->key.relid)
		return l->key.relid < r->key.relid ? -1 : 1;
	return ItemPointerCompare(unconstify(ItemPointerData *, &l->key.tid),
							  unconstify(ItemPointerData *, &r->key.tid));
}

/* All newcomers, in a fixed order. */
YdNewcomer **
yd_sorted_newcomers(YdRestore *restore, long *n)
{
	HASH_SEQ_STATUS status;
	YdNewcomer *newcomer;
	YdNewcomer **sorted;

	*n = 0;
	if (restore->newcomers == NULL)
		return NULL;
	sorted = palloc(sizeof(YdNewcomer *) * Max(hash_get_num_entries(restore->newcomers), 1));
	hash_seq_init(&status, restore->newcomers);
	while ((newcomer = hash_seq_search(&status)) != NULL)
		sorted[(*n)++] = newcomer;
	qsort(sorted, *n, sizeof(YdNewcomer *), compare_newcomers);
	return sorted;
}
