/*
 * restore_lookup.c
 *		Finding the rows that records speak of by the unique index over the key.
 *
 * As a rule: the cost follows the number of records, not the size of the table.
 * Where there is no such index the table is read once, see restore_scan.c.
 */
#include "restore.h"

#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "captured.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

struct YdLookup
{
	YdRestoring *table;
	MemoryContext context;		/* what the scan allocates lives as long as the scan */
	Snapshot	snapshot;
	BlockNumber nblocks;
	Relation	index;
	IndexScanDesc scan;
	int			nkeys;
	ScanKeyData keys[INDEX_MAX_KEYS];
	YdBoundColumn *columns[INDEX_MAX_KEYS];
};

/* Is this a unique B-tree over the key columns and nothing else? */
static bool
index_fits(YdBinding *binding, Relation index)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisunique || !form->indisvalid || !form->indisready ||
		form->indcheckxmin || form->indnkeyatts != binding->nkeys ||
		index->rd_rel->relam != BTREE_AM_OID ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL) ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indexprs, NULL))
		return false;
	for (int k = 0; k < binding->nkeys; k++)
	{
		bool		found = false;

		for (int i = 0; i < form->indnkeyatts; i++)
			if (form->indkey.values[i] == binding->columns[binding->keys[k]].attnum)
				found = true;
		if (!found)
			return false;
	}
	return yd_index_compares_plainly(RelationGetDescr(binding->rel), RelationGetRelid(index));
}

YdLookup *
yd_lookup_begin(YdRestore *restore, YdRestoring *table)
{
	YdBinding  *binding = table->binding;
	YdLookup   *lookup = palloc0(sizeof(YdLookup));
	List	   *indexes = RelationGetIndexList(binding->rel);
	ListCell   *cell;

	lookup->table = table;
	lookup->snapshot = restore->snapshot;
	lookup->nblocks = RelationGetNumberOfBlocks(binding->rel);
	lookup->context = CurrentMemoryContext;
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index_fits(binding, index))
		{
			lookup->index = index;
			break;
		}
		index_close(index, NoLock);
	}
	list_free(indexes);
	if (lookup->index == NULL)
	{
		pfree(lookup);
		return NULL;
	}

	lookup->nkeys = binding->nkeys;
	for (int i = 0; i < lookup->nkeys; i++)
	{
		AttrNumber	attnum = lookup->index->rd_index->indkey.values[i];
		Oid			type = lookup->index->rd_opcintype[i];
		Oid			operator = get_opfamily_member(lookup->index->rd_opfamily[i], type, type,
												   BTEqualStrategyNumber);

		if (!OidIsValid(operator))
			elog(ERROR, "missing equality operator of index \"%s\"",
				 RelationGetRelationName(lookup->index));
		for (int c = 0; c < binding->ncolumns; c++)
			if (binding->columns[c].attnum == attnum)
				lookup->columns[i] = &binding->columns[c];
		ScanKeyEntryInitialize(&lookup->keys[i], 0, i + 1, BTEqualStrategyNumber, type,
							   lookup->index->rd_indcollation[i],
							   get_opcode(operator), (Datum) 0);
	}
	lookup->scan = yd_index_beginscan(binding->rel, lookup->index, restore->snapshot,
									  lookup->nkeys);
	return lookup;
}

/*
 * Is the row still where the record says, or was it updated in sight of there?
 * Its key has to be the image's, byte for byte; a row with that key is the only one.
 */
static bool
found_in_place(YdLookup *lookup, TupleTableSlot *image, TupleTableSlot *found)
{
	bool		isnull;
	Datum		place = slot_getattr(image, lookup->table->binding->place, &isnull);

	if (isnull || !yd_follow(lookup->table->binding->rel, (ItemPointer) DatumGetPointer(place),
							 lookup->nblocks, lookup->snapshot, found))
		return false;
	for (int i = 0; i < lookup->nkeys; i++)
	{
		YdBoundColumn *column = lookup->columns[i];
		Datum		now = slot_getattr(found, column->attnum, &isnull);

		if (isnull || !datum_image_eq(lookup->keys[i].sk_argument, now,
									  column->typbyval, column->typlen))
			return false;
	}
	return true;
}

bool
yd_lookup_find(YdLookup *lookup, TupleTableSlot *image, TupleTableSlot *found)
{
	MemoryContext old;
	bool		present;

	for (int i = 0; lookup->table->dry && i < lookup->nkeys; i++)
		if (!yd_can_be_now(lookup->columns[i], image))
			return false;
	for (int i = 0; i < lookup->nkeys; i++)
		if (yd_image_value(lookup->columns[i], image, &lookup->keys[i].sk_argument))
		{
			/* recorded when the key was gone, whose name another column has by now */
			if (lookup->table->dry)
				return false;
			elog(ERROR, "key column \"%s\" of a record is NULL",
				 NameStr(lookup->columns[i]->name));
		}
	if (found_in_place(lookup, image, found))
		return true;
	old = MemoryContextSwitchTo(lookup->context);
	index_rescan(lookup->scan, lookup->keys, lookup->nkeys, NULL, 0);
	present = index_getnext_slot(lookup->scan, ForwardScanDirection, found);
	MemoryContextSwitchTo(old);
	return present;
}

void
yd_lookup_end(YdLookup *lookup)
{
	index_endscan(lookup->scan);
	index_close(lookup->index, NoLock);
	pfree(lookup);
}
