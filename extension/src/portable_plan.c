/*
 * portable_plan.c
 *		What counts of the rows of a table, as yesterday._portable_plan() says,
 *		and of every table that its foreign keys lead to.
 */
#include "portable.h"

#include "access/table.h"
#include "catalog.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

List *
yd_portable_leaves(Oid relid)
{
	List	   *leaves = NIL;
	ListCell   *cell;

	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
		return list_make1_oid(relid);
	foreach(cell, find_all_inheritors(relid, AccessShareLock, NULL))
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_RELATION)
			leaves = lappend_oid(leaves, lfirst_oid(cell));
	return leaves;
}

static void
read_attnums(Datum value, AttrNumber **columns, int *n)
{
	ArrayType  *array = DatumGetArrayTypeP(value);

	*n = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	*columns = palloc(sizeof(AttrNumber) * Max(*n, 1));
	memcpy(*columns, ARR_DATA_PTR(array), sizeof(AttrNumber) * *n);
}

static void
read_item(YdPortableItem *item, HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	Datum		value;
	int			n;

	item->name = SPI_getvalue(tuple, desc, 1);
	item->is_key = DatumGetBool(SPI_getbinval(tuple, desc, 2, &isnull));
	read_attnums(SPI_getbinval(tuple, desc, 3, &isnull), &item->columns, &item->n);
	value = SPI_getbinval(tuple, desc, 4, &isnull);
	if (isnull)
		return;
	if (!OidIsValid(DatumGetObjectId(value)))
	{
		item->presence_only = true;
		return;
	}
	item->reference = palloc0(sizeof(YdPortableReference));
	item->reference->parent = DatumGetObjectId(value);
	item->reference->index = DatumGetObjectId(SPI_getbinval(tuple, desc, 5, &isnull));
	read_attnums(SPI_getbinval(tuple, desc, 6, &isnull), &item->reference->parent_columns, &n);
	item->reference->equal = palloc(sizeof(Oid) * item->n);
	memcpy(item->reference->equal,
		   ARR_DATA_PTR(DatumGetArrayTypeP(SPI_getbinval(tuple, desc, 7, &isnull))),
		   sizeof(Oid) * item->n);
}

static void
read_plan(YdPortable *run, YdPortableTable *table)
{
	Oid			types[1] = {OIDOID};
	Datum		values[1] = {ObjectIdGetDatum(table->relid)};
	MemoryContext old;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT * FROM yesterday._portable_plan($1)", 1, types, values,
							  NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "the portable plan of table %u could not be read", table->relid);
	old = MemoryContextSwitchTo(run->context);
	table->nitems = (int) SPI_processed;
	table->items = palloc0(sizeof(YdPortableItem) * Max(table->nitems, 1));
	for (int i = 0; i < table->nitems; i++)
	{
		read_item(&table->items[i], SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		table->has_key |= table->items[i].is_key;
	}
	MemoryContextSwitchTo(old);
	SPI_finish();
}

/* The index of a leaf that belongs to the index of the table as a whole */
static Oid
leaf_index(Oid index, Oid leaf)
{
	ListCell   *cell;

	if (IndexGetRelation(index, false) == leaf)
		return index;
	foreach(cell, find_all_inheritors(index, AccessShareLock, NULL))
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_INDEX &&
			IndexGetRelation(lfirst_oid(cell), false) == leaf)
			return lfirst_oid(cell);
	elog(ERROR, "partition %u has no index that belongs to index %u", leaf, index);
	return InvalidOid;
}

static void
open_reference(YdPortable *run, YdPortableReference *reference)
{
	List	   *leaves = yd_portable_leaves(reference->parent);
	ListCell   *cell;

	reference->leaves = MemoryContextAlloc(run->context,
										   sizeof(YdPortableTable *) * Max(list_length(leaves), 1));
	reference->indexes = MemoryContextAlloc(run->context,
											sizeof(Oid) * Max(list_length(leaves), 1));
	foreach(cell, leaves)
	{
		int			i = reference->nleaves;

		reference->leaves[i] = yd_portable_open(run, lfirst_oid(cell), reference->parent);
		reference->indexes[i] = leaf_index(reference->index, lfirst_oid(cell));
		reference->nleaves++;
	}
}

YdPortableTable *
yd_portable_open(YdPortable *run, Oid relid, Oid root)
{
	YdPortableTable **entry;
	YdPortableTable *table;
	bool		found;

	entry = hash_search(run->tables, &relid, HASH_FIND, NULL);
	if (entry != NULL)
		return entry[1];

	table = MemoryContextAllocZero(run->context, sizeof(YdPortableTable));
	table->relid = relid;
	table->rel = table_open(relid, AccessShareLock);
	table->owner = table->rel->rd_rel->relowner;
	table->name = MemoryContextStrdup(run->context,
									  quote_qualified_identifier(get_namespace_name(get_rel_namespace(root)),
																 get_rel_name(root)));
	table->output = MemoryContextAllocZero(run->context, sizeof(FmgrInfo) *
										   RelationGetDescr(table->rel)->natts);
	/* entered first: what it refers to may refer to it */
	entry = hash_search(run->tables, &relid, HASH_ENTER, &found);
	entry[1] = table;
	read_plan(run, table);
	for (int i = 0; i < table->nitems; i++)
		if (table->items[i].reference != NULL)
			open_reference(run, table->items[i].reference);
	return table;
}

void
yd_portable_close(YdPortable *run)
{
	HASH_SEQ_STATUS status;
	YdPortableTable **entry;

	hash_seq_init(&status, run->tables);
	while ((entry = hash_seq_search(&status)) != NULL)
		table_close(entry[1]->rel, NoLock);
	pg_cryptohash_free(run->sha);
	MemoryContextDelete(run->context);
}
