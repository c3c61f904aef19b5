/*
 * restore_plan.c
 *		What has to happen for every record of a shadow.
 *
 * Everything here runs as the table's owner: key look-ups and text conversions
 * reach code of users.
 */
#include "restore.h"

#include "alike.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

/* Fill table->differs; true: every column of the image equals the row's. */
bool
yd_compare(YdRestoring *table, TupleTableSlot *image, TupleTableSlot *current, bool exactly)
{
	YdBinding  *binding = table->binding;
	bool		same = true;

	if (binding->alike && yd_same_bytes(binding, image, current))
	{
		memset(table->differs, 0, sizeof(bool) * binding->ncolumns);
		return true;
	}
	slot_getallattrs(image);
	slot_getallattrs(current);
	for (int c = 0; c < binding->ncolumns; c++)
	{
		bool		equal = yd_same_value(&binding->columns[c], image, current, exactly);

		table->differs[c] = !equal;
		same &= equal;
	}
	return same;
}

/* ----- classification ----- */

/*
 * Which attributes decide whether a row has room: those of unique and
 * exclusion indexes, their expressions and predicates included.
 */
static void
collect_unique_columns(YdRestore *restore, YdRestoring *table)
{
	List	   *indexes = RelationGetIndexList(table->binding->rel);
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index;
		Form_pg_index form;
		Bitmapset  *used = NULL;
		int			member = -1;

		if (yd_demand_goes(restore, lfirst_oid(cell), 0))
			continue;
		index = index_open(lfirst_oid(cell), AccessShareLock);
		form = index->rd_index;

		if (form->indisunique || form->indisexclusion)
		{
			for (int i = 0; i < form->indnkeyatts; i++)
				if (form->indkey.values[i] > 0)
					table->unique_columns = bms_add_member(table->unique_columns,
														   form->indkey.values[i]);
			pull_varattnos((Node *) RelationGetIndexExpressions(index), 1, &used);
			pull_varattnos((Node *) RelationGetIndexPredicate(index), 1, &used);
			while ((member = bms_next_member(used, member)) >= 0)
			{
				int			attnum = member + FirstLowInvalidHeapAttributeNumber;

				if (attnum > 0)
					table->unique_columns = bms_add_member(table->unique_columns, attnum);
				else
					table->unique_any = true;
			}
		}
		index_close(index, NoLock);
	}
	list_free(indexes);
}

/* As yd_compare(), but it may stop at a difference, and leave "differs" as it is. */
static bool
is_image(YdRestoring *table, bool *stopped)
{
	YdBinding  *binding = table->binding;

	*stopped = binding->alike;
	if (!binding->alike)
		return yd_compare(table, table->image, table->current, false);
	if (yd_same_bytes(binding, table->image, table->current))
		return true;
	for (int c = 0; c < binding->ncolumns; c++)
		if (!yd_same_value(&binding->columns[c], table->image, table->current, false))
			return false;
	return true;
}

static bool
unique_value_differs(YdRestoring *table, bool stopped)
{
	for (int c = 0; c < table->binding->ncolumns; c++)
	{
		YdBoundColumn *column = &table->binding->columns[c];

		if (!table->unique_any && !bms_is_member(column->attnum, table->unique_columns))
			continue;
		if (stopped ? !yd_same_value(column, table->image, table->current, false) :
			table->differs[c])
			return true;
	}
	return false;
}

YdEntry *
yd_add_entry(YdRestore *restore, YdRestoring *table, ItemPointer image)
{
	YdEntry    *entry;

	if (table->nentries == table->capacity)
	{
		Size		capacity = Max((Size) table->capacity * 2, 1024);

		if (capacity > PG_UINT32_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("table \"%s\" has too many records to put back",
							RelationGetRelationName(table->binding->rel)),
					 errdetail("At most 4 billion records a table can be handled."),
					 errhint("Restore the table from a backup.")));
		table->entries = table->entries == NULL ?
			MemoryContextAllocHuge(restore->context, capacity * sizeof(YdEntry)) :
			repalloc_huge(table->entries, capacity * sizeof(YdEntry));
		table->capacity = capacity;
	}
	entry = &table->entries[table->nentries++];
	memset(entry, 0, sizeof(YdEntry));
	entry->image = *image;
	ItemPointerSetInvalid(&entry->current);
	ItemPointerSetInvalid(&entry->written);
	return entry;
}

/*
 * Is the row the very version that was captured? It differs from its image only
 * because a type was changed beneath it, which writes no row anew.
 */
static bool
is_version_of_image(YdRestoring *table, HeapTuple tuple)
{
	bool		isnull;
	Datum		prior = slot_getattr(table->image, table->binding->prior, &isnull);

	return !isnull && !HeapTupleHeaderXminFrozen(tuple->t_data) &&
		XidFromFullTransactionId(DatumGetFullTransactionId(prior)) ==
		HeapTupleHeaderGetRawXmin(tuple->t_data);
}

/* The version is not proven to be the deployment's own: nothing of it may be lost. */
static bool
changed_since(YdRestore *restore, YdRestoring *table, YdEntry *entry, char op)
{
	bool		should_free;
	HeapTuple	tuple = ExecFetchSlotHeapTuple(table->current, false, &should_free);

	if (yd_version_was_own(table, &entry->image) || (op != YD_OP_INSERT && is_version_of_image(table, tuple)))
		return false;
	if (table->binding->business)
		return !yd_is_left_alone(restore, table, entry, op, tuple);
	return !yd_xmin_is_known(restore, tuple);
}

/* The earlier deployment that wrote the image, if it can still be rolled back. */
uint16
yd_image_origin(YdRestore *restore, YdRestoring *table)
{
	bool		isnull;
	Datum		prior = slot_getattr(table->image, table->binding->prior, &isnull);

	return isnull ? 0 :
		yd_origin_of(restore, U64FromFullTransactionId(DatumGetFullTransactionId(prior)));
}

static bool
written_by_us(YdRestoring *table)
{
	bool		should_free;
	HeapTuple	tuple = ExecFetchSlotHeapTuple(table->current, false, &should_free);

	return !HeapTupleHeaderXminFrozen(tuple->t_data) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetRawXmin(tuple->t_data));
}

/* Decide for one record; table->current holds the row, if there is one. */
static void
classify(YdRestore *restore, YdRestoring *table, YdEntry *entry, char op, bool present)
{
	bool		stopped;

	if (present)
		entry->current = table->current->tts_tid;

	if (op == YD_OP_FOREIGN)
	{
		entry->action = YD_KEEP_VERSION;
		ItemPointerSetInvalid(&entry->current);
		return;
	}
	if (op == 'I')
	{
		if (!present)
			table->nentries--;	/* gone already: nothing to do, ever */
		else
		{
			entry->action = YD_REMOVE;
			entry->changed = changed_since(restore, table, entry, op);
		}
		return;
	}
	entry->origin = yd_image_origin(restore, table);
	if (!present)
		entry->action = YD_INSERT;
	else if (is_image(table, &stopped))
	{
		bool		retyped;

		entry->action = YD_KEEP;
		entry->refilled = !yd_same_lost(table->binding, table->image, table->current, &retyped);
		/* the inverse DDL writes over what somebody else has put there */
		entry->changed = restore->dry ?
			retyped && !table->binding->business && changed_since(restore, table, entry, op) :
			yd_version_is_kept(table, &entry->image);
		/* inverse DDL gave it our xmin: it gets one that the earlier deployment knows */
		if (entry->origin != 0 && !entry->changed && written_by_us(table) &&
			yd_version_was_own(table, &entry->image))
			entry->action = YD_UPDATE;
	}
	else
	{
		entry->action = YD_UPDATE;
		entry->moves = unique_value_differs(table, stopped);
		entry->changed = changed_since(restore, table, entry, op);
	}
}

static char
record_op(YdRestoring *table)
{
	bool		isnull;

	return DatumGetChar(slot_getattr(table->image, table->binding->op, &isnull));
}

/*
 * The key of the record, which is in table->image, is none that the type of now can have, and so no row has it: the type has another
 * number of attributes than it had then. Before the inverse DDL that is true of keys of before; once it has made the type anew, of
 * those that were written meanwhile.
 */
bool
yd_key_is_outgrown(YdRestore *restore, YdRestoring *table)
{
	YdBinding  *binding = table->binding;

	if (!restore->has_ddl || !binding->keyed || binding->business ||
		(!table->dry && !yd_is_written_anew(table)))
		return false;
	for (int k = 0; k < binding->nkeys; k++)
	{
		YdBoundColumn *column = &binding->columns[binding->keys[k]];

		/* a column that has stayed another type's is none of that kind */
		if ((table->dry || column->fits) && !yd_can_be_now(column, table->image))
			return true;
	}
	return false;
}

/* What the deployment did not write itself can only be somebody else's, of meanwhile. */
static void
plan_outgrown(YdRestore *restore, YdRestoring *table, YdEntry *entry)
{
	char		op = record_op(table);

	classify(restore, table, entry, op == YD_OP_INSERT || table->dry ? op : YD_OP_FOREIGN, false);
}

static void
plan_by_index(YdRestore *restore, YdRestoring *table, YdLookup *lookup)
{
	TableScanDesc scan = table_beginscan(table->binding->shadow, restore->snapshot, 0, NULL);
	MemoryContext old = MemoryContextSwitchTo(restore->row_context);

	while (table_scan_getnextslot(scan, ForwardScanDirection, table->image))
	{
		YdEntry    *entry;

		MemoryContextReset(restore->row_context);
		entry = yd_add_entry(restore, table, &table->image->tts_tid);
		if (yd_key_is_outgrown(restore, table))
			plan_outgrown(restore, table, entry);
		else
			classify(restore, table, entry, record_op(table),
					 yd_lookup_find(lookup, table->image, table->current));
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	MemoryContextSwitchTo(old);
}

static void
plan_by_scan(YdRestore *restore, YdRestoring *table)
{
	TableScanDesc scan = table_beginscan(table->binding->shadow, restore->snapshot, 0, NULL);
	uint32		nrecords;
	MemoryContext old;

	while (table_scan_getnextslot(scan, ForwardScanDirection, table->image))
		(void) yd_add_entry(restore, table, &table->image->tts_tid);
	table_endscan(scan);
	yd_match_by_scan(restore, table);

	/* classify() drops entries at the end of the array: write them anew in place */
	old = MemoryContextSwitchTo(restore->row_context);
	nrecords = table->nentries;
	table->nentries = 0;
	for (uint32 i = 0; i < nrecords; i++)
	{
		YdEntry    *entry = &table->entries[table->nentries];
		bool		present;

		MemoryContextReset(restore->row_context);
		*entry = table->entries[i];
		table->nentries++;
		if (entry->beside)
			continue;
		yd_fetch_image(table, table->nentries - 1);
		if (yd_key_is_outgrown(restore, table))
			plan_outgrown(restore, table, entry);
		else
		{
			present = yd_fetch_current(table, table->nentries - 1);
			classify(restore, table, entry, record_op(table), present);
		}
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
}

/*
 * Two records of one row: possible where the index calls keys equal that the
 * settling of the shadow, which compares them as stored, told apart ('abc' and
 * 'ABC' of a case-insensitive type). An image beats an inserted key, and the
 * first image the others.
 */
static void
drop_double_records(YdRestoring *table)
{
	bool		possible = false;
	bool	   *loser;

	for (int k = 0; k < table->binding->nkeys; k++)
	{
		YdBoundColumn *column = &table->binding->columns[table->binding->keys[k]];

		if (!column->native || (OidIsValid(column->collation) &&
								!get_collation_isdeterministic(column->collation)))
			possible = true;
	}
	if (!possible)
		return;

	loser = MemoryContextAllocExtended(CurrentMemoryContext, Max(table->nentries, 1),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < table->nentries; i++)
		if (ItemPointerIsValid(&table->entries[i].current) &&
			yd_find_current(table, &table->entries[i].current) != i)
			loser[i] = true;
	for (uint32 i = 0; i < table->nentries; i++)
	{
		YdEntry    *entry = &table->entries[i];

		if (!loser[i])
			continue;
		entry->action = entry->action == YD_REMOVE ? YD_SETTLED : YD_KEEP_VERSION;
		ItemPointerSetInvalid(&entry->current);
	}
	pfree(loser);
	yd_forget_current(table);
}

/*
 * Classify every record of a table's shadow.
 */
void
yd_plan_table(YdRestore *restore, YdRestoring *table)
{
	YdBinding  *binding = table->binding;
	YdLookup   *lookup;

	collect_unique_columns(restore, table);
	if (!binding->keyed)
		yd_plan_whole_rows(restore, table);
	else if ((lookup = yd_lookup_begin(restore, table)) != NULL)
	{
		plan_by_index(restore, table, lookup);
		yd_lookup_end(lookup);
	}
	else
		plan_by_scan(restore, table);

	if (binding->business)
		yd_settle_business(restore, table);
	if (binding->keyed)
		drop_double_records(table);
	yd_sort_doomed(restore, table);
	ExecClearTuple(table->image);
	ExecClearTuple(table->current);
}
