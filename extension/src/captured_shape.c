/*
 * captured_shape.c
 *		A table as it is now, described for its capture: its columns, and how its
 *		rows are told apart.
 */
#include "captured.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/stratnum.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "wide.h"

static bool
is_btree(Oid indexid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(indexid));
	bool		btree;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", indexid);
	btree = ((Form_pg_class) GETSTRUCT(tuple))->relam == BTREE_AM_OID;
	ReleaseSysCache(tuple);
	return btree;
}

/*
 * Are values alike to the index exactly where they are to everybody else: by the
 * equality of their type and the collation of their column? We look for rows, and
 * sort and join records, by that; an index with an operator class of another
 * equality, or a collation of one, tells other rows apart.
 */
bool
yd_index_compares_plainly(TupleDesc desc, Oid indexid)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
	Form_pg_index form;
	oidvector  *classes;
	oidvector  *collations;
	bool		isnull;
	bool		plain = true;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u", indexid);
	form = (Form_pg_index) GETSTRUCT(tuple);
	classes = (oidvector *) DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple,
															Anum_pg_index_indclass, &isnull));
	collations = (oidvector *) DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple,
															   Anum_pg_index_indcollation, &isnull));
	for (int i = 0; plain && i < form->indnkeyatts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, form->indkey.values[i] - 1);
		TypeCacheEntry *known = lookup_type_cache(att->atttypid,
												  TYPECACHE_EQ_OPR | TYPECACHE_BTREE_OPFAMILY);
		Oid			class = classes->values[i];
		Oid			family = get_opclass_family(class);
		Oid			type = get_opclass_input_type(class);
		Oid			collation = collations->values[i];

		/* what a user's class compares with is not known by its operators */
		plain = (family == known->btree_opf || class < FirstNormalObjectId) &&
			get_opfamily_member(family, type, type, BTEqualStrategyNumber) == known->eq_opr &&
			(collation == att->attcollation ||
			 (get_collation_isdeterministic(collation) &&
			  get_collation_isdeterministic(att->attcollation)));
	}
	ReleaseSysCache(tuple);
	return plain;
}

/* Is this an index whose columns tell all rows apart? */
static bool
is_key_index(TupleDesc desc, HeapTuple tuple)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);

	if (!form->indisvalid || !form->indisunique || form->indisexclusion ||
		!is_btree(form->indexrelid) ||
		!heap_attisnull(tuple, Anum_pg_index_indpred, NULL) ||
		!heap_attisnull(tuple, Anum_pg_index_indexprs, NULL))
		return false;
	for (int i = 0; i < form->indnkeyatts; i++)
		if (form->indkey.values[i] <= 0 ||
			!YD_NOT_NULL_HOLDS(desc, form->indkey.values[i] - 1))
			return false;
	return yd_index_compares_plainly(desc, form->indexrelid);
}

/*
 * The index whose columns tell the rows apart: the primary key, else a unique
 * index over NOT NULL columns only (the oldest of the immediate ones, so that
 * every look gives the same answer). InvalidOid: no such index.
 */
static Oid
find_key_index(Relation rel, char *kind)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;
	Oid			best = InvalidOid;
	bool		best_immediate = false;

	*kind = 'r';
	foreach(cell, indexes)
	{
		Oid			indexid = lfirst_oid(cell);
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
		Form_pg_index form;
		bool		usable;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", indexid);
		form = (Form_pg_index) GETSTRUCT(tuple);
		usable = is_key_index(RelationGetDescr(rel), tuple);
		if (usable && form->indisprimary)
		{
			ReleaseSysCache(tuple);
			*kind = 'p';
			return indexid;
		}
		if (usable && (!OidIsValid(best) ||
					   (form->indimmediate && !best_immediate) ||
					   (form->indimmediate == best_immediate && indexid < best)))
		{
			best = indexid;
			best_immediate = form->indimmediate;
		}
		ReleaseSysCache(tuple);
	}
	if (OidIsValid(best))
		*kind = 'u';
	return best;
}

static int
column_index(YdCapturedTable *table, AttrNumber attnum)
{
	for (int i = 0; i < table->ncolumns; i++)
		if (table->columns[i].attnum == attnum)
			return i;
	return -1;
}

void
yd_find_output(YdShadowColumn *column)
{
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(column->type, &output, &varlena);
	fmgr_info_cxt(output, &column->output, TopTransactionContext);
	yd_find_spelling(&column->spelling, column->type);
}

void
yd_describe_table(YdCapturedTable *table, Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	Oid			indexid;

	namestrcpy(&table->schema, get_namespace_name(RelationGetNamespace(rel)));
	namestrcpy(&table->table, RelationGetRelationName(rel));
	table->owner = rel->rd_rel->relowner;
	table->columns = palloc0(sizeof(YdShadowColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		YdShadowColumn *column = &table->columns[table->ncolumns];

		if (att->attisdropped || YD_ATT_IS_VIRTUAL(att))
			continue;
		column->attnum = att->attnum;
		column->name = att->attname;
		column->type = att->atttypid;
		column->typmod = att->atttypmod;
		column->generated = att->attgenerated != '\0';
		column->identity = att->attidentity != '\0';
		column->native = yd_stored_natively(att->atttypid, &column->stored_type);
		if (!column->native)
		{
			yd_find_output(column);
			table->has_text = true;
		}
		table->ncolumns++;
	}

	indexid = find_key_index(rel, &table->key_kind);
	if (OidIsValid(indexid))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
		Form_pg_index form;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", indexid);
		form = (Form_pg_index) GETSTRUCT(tuple);
		table->nkeys = form->indnkeyatts;
		table->keys = palloc(sizeof(int) * table->nkeys);
		for (int i = 0; i < table->nkeys; i++)
			table->keys[i] = column_index(table, form->indkey.values[i]);
		ReleaseSysCache(tuple);
	}
	yd_lay_out(table);
	MemoryContextSwitchTo(old);
}

PG_FUNCTION_INFO_V1(yd_table_key);

/*
 * _table_key(relation oid, OUT key_kind text, OUT key_columns name[])
 */
Datum
yd_table_key(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	TupleDesc	desc;
	Relation	rel;
	YdCapturedTable table = {0};
	Datum	   *keys;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	rel = try_relation_open(relid, AccessShareLock);
	if (rel == NULL)
		PG_RETURN_NULL();
	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
	{
		relation_close(rel, AccessShareLock);
		PG_RETURN_NULL();
	}
	yd_describe_table(&table, rel);
	relation_close(rel, AccessShareLock);

	keys = palloc(sizeof(Datum) * Max(table.nkeys, 1));
	for (int i = 0; i < table.nkeys; i++)
		keys[i] = NameGetDatum(&table.columns[table.keys[i]].name);
	values[0] = CStringGetTextDatum(table.key_kind == 'p' ? "primary" :
									table.key_kind == 'u' ? "unique" : "row");
	values[1] = PointerGetDatum(construct_array(keys, table.nkeys, NAMEOID,
												NAMEDATALEN, false, TYPALIGN_CHAR));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

PG_FUNCTION_INFO_V1(yd_is_key_index);

/*
 * _is_key_index(index oid)
 */
Datum
yd_is_key_index(PG_FUNCTION_ARGS)
{
	Oid			indexid = PG_GETARG_OID(0);
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
	Relation	rel;
	bool		is_key;

	if (!HeapTupleIsValid(tuple))
		PG_RETURN_NULL();
	rel = try_relation_open(((Form_pg_index) GETSTRUCT(tuple))->indrelid, AccessShareLock);
	if (rel == NULL)
	{
		ReleaseSysCache(tuple);
		PG_RETURN_NULL();
	}
	is_key = is_key_index(RelationGetDescr(rel), tuple);
	relation_close(rel, AccessShareLock);
	ReleaseSysCache(tuple);
	PG_RETURN_BOOL(is_key);
}
