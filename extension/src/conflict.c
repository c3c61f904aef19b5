/*
 * conflict.c
 *		Rows that stand where a prior image belongs.
 *
 * Unique and exclusion indexes of every kind are asked alike: deferrable ones,
 * partial ones and those over expressions included. Yesterday wins over a
 * newcomer; beside a row that has to stay there is no room for the image.
 */
#include "restore.h"

#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

void
yd_add_suspect(YdRestore *restore, YdRestoring *table, uint32 entry)
{
	if (table->nsuspects == table->suspect_capacity)
	{
		uint32		capacity = Max(table->suspect_capacity * 2, 64);

		table->suspects = table->suspects == NULL ?
			MemoryContextAllocHuge(restore->context, sizeof(uint32) * (Size) capacity) :
			repalloc_huge(table->suspects, sizeof(uint32) * (Size) capacity);
		table->suspect_capacity = capacity;
	}
	table->suspects[table->nsuspects++] = entry;
}

/* A row of the table has what the image of this entry needs. */
static void
resolve(YdRestore *restore, YdRestoring *table, uint32 n, TupleTableSlot *other,
		Relation index)
{
	ItemPointer tid = &other->tts_tid;
	const char *name = RelationGetRelationName(index);
	YdOrigin	cause = yd_origin(table, n);
	YdNewcomer *newcomer;
	int64		found;

	found = yd_find_current(table, tid);
	if (found >= 0)
	{
		if (found == n || (restore->dry && !yd_stays(&table->entries[found])))
			return;
		(void) yd_set_fate(restore, table, n, YD_UNPLACEABLE,
						   psprintf("its place in \"%s\" is taken by row %s, which stays",
									name, yd_key_text(table, found)));
		return;
	}
	found = restore->dry ? -1 : yd_find_written(table, tid);
	if (found >= 0)
	{
		/* of two images that need one place, the first one found gives way */
		if (table->entries[found].fate == YD_GO)
			(void) yd_set_fate(restore, table, n, YD_UNPLACEABLE,
							   psprintf("its place in \"%s\" is taken by row %s, which is restored",
										name, yd_key_text(table, found)));
		return;
	}
	if (table->binding->business)
	{
		(void) yd_set_fate(restore, table, n, YD_UNPLACEABLE,
						   psprintf("its place in \"%s\" is taken by a row written since, which stays", name));
		return;
	}
	newcomer = yd_find_newcomer(restore, table->relid, tid);
	if (newcomer != NULL && newcomer->pinned)
		(void) yd_set_fate(restore, table, n, YD_UNPLACEABLE,
						   psprintf("its place in \"%s\" is taken by a newer row, which stays: %s",
									name, newcomer->reason));
	else
		(void) yd_displace(restore, table->relid, tid, &cause,
						   psprintf("it took the place of row %s in \"%s\"",
									yd_key_text(table, n), name));
}

/* Scan keys for the likes of these index values; 0: there can be none. */
static int
like_keys(Relation index, IndexInfo *info, Datum *values, bool *isnull, ScanKey keys)
{
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		Oid			collation = index->rd_indcollation[i];

		if (isnull[i] && (info->ii_ExclusionOps != NULL || !info->ii_NullsNotDistinct))
			return 0;
		if (info->ii_ExclusionOps != NULL)
			ScanKeyEntryInitialize(&keys[i], 0, i + 1, info->ii_ExclusionStrats[i], InvalidOid,
								   collation, info->ii_ExclusionProcs[i], values[i]);
		else if (isnull[i])
			ScanKeyEntryInitialize(&keys[i], SK_ISNULL | SK_SEARCHNULL, i + 1, InvalidStrategy,
								   InvalidOid, collation, InvalidOid, (Datum) 0);
		else
		{
			Oid			type = index->rd_opcintype[i];
			Oid			operator = get_opfamily_member(index->rd_opfamily[i], type, type,
													   BTEqualStrategyNumber);

			if (!OidIsValid(operator))
				elog(ERROR, "missing equality operator of index \"%s\"",
					 RelationGetRelationName(index));
			ScanKeyEntryInitialize(&keys[i], 0, i + 1, BTEqualStrategyNumber, type,
								   collation, get_opcode(operator), values[i]);
		}
	}
	return info->ii_NumIndexKeyAttrs;
}

/* A lossy index found this row: does it really conflict? */
static bool
really_conflicts(YdRestoring *table, Relation index, IndexInfo *info, TupleTableSlot *other,
				 Datum *values)
{
	Datum		others[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS];

	if (info->ii_ExclusionOps == NULL)
		return true;
	GetPerTupleExprContext(table->estate)->ecxt_scantuple = other;
	FormIndexDatum(info, other, table->estate, others, nulls);
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
		if (nulls[i] ||
			!DatumGetBool(OidFunctionCall2Coll(info->ii_ExclusionProcs[i],
											   index->rd_indcollation[i], others[i], values[i])))
			return false;
	return true;
}

/* Look for the likes of a row in one index. */
static void
search_index(YdRestore *restore, YdRestoring *table, uint32 n, TupleTableSlot *row,
			 Relation index, IndexInfo *info, TupleTableSlot *other)
{
	ExprContext *econtext = GetPerTupleExprContext(table->estate);
	Snapshot	snapshot = restore->dry ? restore->snapshot : SnapshotSelf;
	ScanKeyData keys[INDEX_MAX_KEYS];
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	IndexScanDesc scan;
	int			nkeys;

	econtext->ecxt_scantuple = row;
	if (info->ii_Predicate != NIL)
	{
		if (info->ii_PredicateState == NULL)
			info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, table->estate);
		if (!ExecQual(info->ii_PredicateState, econtext))
			return;
	}
	FormIndexDatum(info, row, table->estate, values, isnull);
	nkeys = like_keys(index, info, values, isnull, keys);
	if (nkeys == 0)
		return;

	scan = yd_index_beginscan(table->binding->rel, index, snapshot, nkeys);
	index_rescan(scan, keys, nkeys, NULL, 0);
	while (index_getnext_slot(scan, ForwardScanDirection, other))
	{
		if (!restore->dry && ItemPointerEquals(&other->tts_tid, &table->entries[n].written))
			continue;
		if (scan->xs_recheck && !really_conflicts(table, index, info, other, values))
			continue;
		resolve(restore, table, n, other, index);
	}
	index_endscan(scan);
}

static void
search_indexes(YdRestore *restore, YdRestoring *table, uint32 n, TupleTableSlot *row,
			   TupleTableSlot *other)
{
	for (int i = 0; i < table->result->ri_NumIndices; i++)
	{
		Relation	index = table->result->ri_IndexRelationDescs[i];
		IndexInfo  *info = table->result->ri_IndexRelationInfo[i];

		/* what CREATE INDEX CONCURRENTLY left half-made may have no file to look into */
		if (info->ii_ReadyForInserts && (info->ii_Unique || info->ii_ExclusionOps != NULL))
			search_index(restore, table, n, row, index, info, other);
	}
}

/*
 * Everything is written: which of the suspects still have their like? Runs
 * while the table's result relation is open, as its owner.
 */
void
yd_resolve_conflicts(YdRestore *restore, YdRestoring *table)
{
	TupleTableSlot *other;
	MemoryContext old;

	if (table->nsuspects == 0)
		return;
	old = MemoryContextSwitchTo(restore->context);
	other = table_slot_create(table->binding->rel, NULL);
	MemoryContextSwitchTo(restore->row_context);
	for (uint32 i = 0; i < table->nsuspects; i++)
	{
		uint32		n = table->suspects[i];

		MemoryContextReset(restore->row_context);
		ResetPerTupleExprContext(table->estate);
		if (!yd_fetch(table->binding->rel, &table->entries[n].written,
										   SnapshotSelf, table->current))
			elog(ERROR, "a row written to table \"%s\" vanished",
				 RelationGetRelationName(table->binding->rel));
		search_indexes(restore, table, n, table->current, other);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
	ExecDropSingleTupleTableSlot(other);
}

/*
 * The same before anything is written: would the images find their places
 * free, and would the constraints of now let them stand?
 */
void
yd_foresee_conflicts(YdRestore *restore, YdRestoring *table)
{
	TupleTableSlot *other = table_slot_create(table->binding->rel, NULL);
	YdUserSwitch save;
	MemoryContext old;

	yd_switch_to_owner(table->binding->owner, &save);
	yd_open_result(restore, table);
	old = MemoryContextSwitchTo(restore->row_context);
	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];
		const char *why;

		if (table->unread || entry->fate != YD_GO ||
			(entry->action != YD_INSERT && entry->action != YD_UPDATE))
			continue;
		MemoryContextReset(restore->row_context);
		ResetPerTupleExprContext(table->estate);
		restore->at_table = table;
		restore->at_entry = n;
		if (!yd_build_row(table, n, &why))
			(void) yd_set_fate(restore, table, n, YD_UNPLACEABLE, why);
		else if (entry->action == YD_INSERT || entry->moves)
			search_indexes(restore, table, n, table->row, other);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
	yd_close_result(table);
	yd_switch_back(&save);
	ExecDropSingleTupleTableSlot(other);
}
