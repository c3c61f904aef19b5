/*
 * restore_order.c
 *		In which order rows go.
 */
#include "restore.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplesort.h"
#include "utils/typcache.h"

static bool
leaves(const YdEntry *entry)
{
	return entry->fate == YD_GO &&
		(entry->action == YD_REMOVE || (entry->action == YD_UPDATE && entry->moves));
}

/*
 * Rows go in order of their key, so that sessions that lock them in that order
 * wait for us instead of deadlocking with us.
 */
void
yd_sort_doomed(YdRestore *restore, YdRestoring *table)
{
	YdBinding  *binding = table->binding;
	int			nkeys = binding->nkeys;
	TupleDesc	desc;
	AttrNumber *columns = palloc(sizeof(AttrNumber) * (nkeys + 1));
	Oid		   *operators = palloc(sizeof(Oid) * (nkeys + 1));
	Oid		   *collations = palloc(sizeof(Oid) * (nkeys + 1));
	bool	   *nulls_first = palloc0(sizeof(bool) * (nkeys + 1));
	Tuplesortstate *sort;
	TupleTableSlot *slot;
	int			sorted = 0;
	MemoryContext old;

	for (uint32 i = 0; i < table->nentries; i++)
		if (leaves(&table->entries[i]))
			table->ndoomed++;
	if (table->ndoomed == 0)
		return;
	table->doomed = MemoryContextAllocHuge(restore->context, sizeof(uint32) * (Size) table->ndoomed);

	desc = CreateTemplateTupleDesc(nkeys + 1);
	for (int k = 0; k < nkeys; k++)
	{
		YdBoundColumn *column = &binding->columns[binding->keys[k]];
		TypeCacheEntry *type = lookup_type_cache(column->type, TYPECACHE_LT_OPR);

		TupleDescInitEntry(desc, k + 1, NULL, column->type, column->typmod, 0);
		TupleDescInitEntryCollation(desc, k + 1, column->collation);
		if (OidIsValid(type->lt_opr))
		{
			columns[sorted] = k + 1;
			operators[sorted] = type->lt_opr;
			collations[sorted] = column->collation;
			sorted++;
		}
	}
	TupleDescInitEntry(desc, nkeys + 1, NULL, INT8OID, -1, 0);
	columns[sorted] = nkeys + 1;
	operators[sorted] = lookup_type_cache(INT8OID, TYPECACHE_LT_OPR)->lt_opr;
	collations[sorted] = InvalidOid;
	sorted++;

	slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	sort = tuplesort_begin_heap(desc, sorted, columns, operators, collations, nulls_first,
								work_mem, NULL, TUPLESORT_NONE);
	old = MemoryContextSwitchTo(restore->row_context);
	{
		TupleTableSlot *input = MakeTupleTableSlot(desc, &TTSOpsVirtual);

		for (uint32 i = 0; i < table->nentries; i++)
		{
			if (!leaves(&table->entries[i]))
				continue;
			(void) yd_fetch_current(table, i);
			ExecClearTuple(input);
			for (int k = 0; k < nkeys; k++)
				input->tts_values[k] = slot_getattr(table->current,
													binding->columns[binding->keys[k]].attnum,
													&input->tts_isnull[k]);
			input->tts_values[nkeys] = Int64GetDatum(i);
			input->tts_isnull[nkeys] = false;
			ExecStoreVirtualTuple(input);
			tuplesort_puttupleslot(sort, input);
		}
		ExecClearTuple(input);
	}
	MemoryContextSwitchTo(old);
	tuplesort_performsort(sort);
	for (uint32 n = 0; tuplesort_gettupleslot(sort, true, false, slot, NULL); n++)
	{
		bool		isnull;

		table->doomed[n] = (uint32) DatumGetInt64(slot_getattr(slot, nkeys + 1, &isnull));
	}
	tuplesort_end(sort);
	ExecDropSingleTupleTableSlot(slot);
}
