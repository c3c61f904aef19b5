/*
 * references.c
 *		Foreign keys with a touched table at either end, and queries about them.
 *
 * Values travel to the queries as a named tuplestore: any type will do, the
 * planner knows how many there are, and an unindexed referencing table is read
 * once a query, whatever their number. Each end is asked as its own owner, the
 * way PostgreSQL's own referential checks do.
 */
#include "references.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/partition.h"
#include "catalog.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* ----- which references ----- */

/* Which touched tables are this relation or a partition of it? */
static int
touched_under(YdRestore *restore, Oid relid, int **found)
{
	int			n = 0;

	*found = palloc(sizeof(int) * Max(restore->ntables, 1));
	for (int t = 0; t < restore->ntables; t++)
	{
		Oid			leaf = restore->tables[t].relid;

		if (leaf == relid ||
			(get_rel_relispartition(leaf) &&
			 list_member_oid(get_partition_ancestors(leaf), relid)))
			(*found)[n++] = t;
	}
	return n;
}

static void
read_columns(HeapTuple tuple, TupleDesc desc, int column, AttrNumber *columns, int *n)
{
	bool		isnull;
	ArrayType  *array = DatumGetArrayTypeP(SPI_getbinval(tuple, desc, column, &isnull));

	*n = ARR_DIMS(array)[0];
	memcpy(columns, ARR_DATA_PTR(array), sizeof(AttrNumber) * *n);
}

static void
read_operators(HeapTuple tuple, TupleDesc desc, int column, Oid *operators, int n)
{
	bool		isnull;
	ArrayType  *array = DatumGetArrayTypeP(SPI_getbinval(tuple, desc, column, &isnull));

	memcpy(operators, ARR_DATA_PTR(array), sizeof(Oid) * n);
}

static YdReference *
read_reference(YdRestore *restore, HeapTuple tuple, TupleDesc desc)
{
	YdReference *reference = palloc0(sizeof(YdReference));
	bool		isnull;
	ListCell   *cell;

	reference->name = SPI_getvalue(tuple, desc, 1);
	reference->child = DatumGetObjectId(SPI_getbinval(tuple, desc, 2, &isnull));
	reference->parent = DatumGetObjectId(SPI_getbinval(tuple, desc, 3, &isnull));
	reference->child_name = yd_relation_name(reference->child);
	reference->parent_name = yd_relation_name(reference->parent);
	if (DatumGetBool(SPI_getbinval(tuple, desc, 9, &isnull)))
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("foreign key \"%s\" of table %s is a temporal one",
						reference->name, reference->child_name),
				 errdetail("References with PERIOD to or from tracked tables cannot be judged by a rollback."),
				 errhint("ALTER TABLE %s DROP CONSTRAINT %s; then run the command again.",
						 reference->child_name, quote_identifier(reference->name))));
	reference->valid = DatumGetBool(SPI_getbinval(tuple, desc, 8, &isnull));
	read_columns(tuple, desc, 4, reference->child_columns, &reference->n);
	read_columns(tuple, desc, 5, reference->parent_columns, &reference->n);
	read_operators(tuple, desc, 6, reference->equal, reference->n);
	read_operators(tuple, desc, 7, reference->parent_equal, reference->n);
	reference->child_owner = yd_relation_owner(reference->child);
	reference->parent_owner = yd_relation_owner(reference->parent);
	reference->child_only = get_rel_relkind(reference->child) != RELKIND_PARTITIONED_TABLE;
	reference->parent_only = get_rel_relkind(reference->parent) != RELKIND_PARTITIONED_TABLE;
	reference->nchildren = touched_under(restore, reference->child, &reference->children);
	reference->nparents = touched_under(restore, reference->parent, &reference->parents);
	reference->child_tracked = yd_is_tracked(restore, reference->child);
	if (!reference->child_only)
		foreach(cell, find_all_inheritors(reference->child, NoLock, NULL))
			if (yd_is_tracked(restore, lfirst_oid(cell)))
				reference->child_tracked = true;
	return reference;
}

/*
 * Read every enforced foreign key with a touched table, or one of its
 * partitioned ancestors, at either end. Reads catalogs as ourselves, so it
 * runs before any switch of user, and after the table locks, which keep new
 * foreign keys away.
 */
void
yd_load_references(YdRestore *restore)
{
	List	   *relids = NIL;
	ListCell   *cell;
	Datum	   *elements;
	Oid			types[3] = {OIDARRAYOID, INT8OID, BOOLOID};
	Datum		values[3];
	int			n = 0;
	MemoryContext outer = CurrentMemoryContext;
	SPIPlanPtr	plan;

	for (int t = 0; t < restore->ntables; t++)
	{
		Oid			relid = restore->tables[t].relid;

		relids = list_append_unique_oid(relids, relid);
		if (get_rel_relispartition(relid))
			relids = list_concat_unique_oid(relids, get_partition_ancestors(relid));
	}
	elements = palloc(sizeof(Datum) * Max(list_length(relids), 1));
	foreach(cell, relids)
		elements[n++] = ObjectIdGetDatum(lfirst_oid(cell));
	values[0] = PointerGetDatum(construct_array(elements, n, OIDOID, sizeof(Oid), true,
												TYPALIGN_INT));

	values[1] = Int64GetDatum(restore->deployment);
	/* a preview finds them all in their places */
	values[2] = BoolGetDatum(restore->dry);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare("SELECT c.conname::pg_catalog.text, c.conrelid, c.confrelid,"
					   " c.conkey, c.confkey, c.conpfeqop, c.conppeqop, c.convalidated, "
					   YD_FKEY_PERIOD ", c.oid"
					   " FROM pg_catalog.pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0"
					   " AND (c.conrelid = ANY ($1) OR c.confrelid = ANY ($1))" YD_FKEY_FILTER
					   " UNION ALL SELECT r.name, r.child, r.parent, r.child_columns, r.parent_columns,"
					   " r.equal, r.parent_equal, r.valid, false, 0::pg_catalog.oid"
					   " FROM yesterday._references_away($2) r WHERE NOT $3"
					   " AND (r.child = ANY ($1) OR r.parent = ANY ($1))"
					   " ORDER BY 2, 1", 3, types);
	if (plan == NULL ||
		SPI_execute_snapshot(plan, values, NULL,
							 restore->dry ? restore->snapshot : GetLatestSnapshot(),
							 InvalidSnapshot, true, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading foreign keys failed");
	MemoryContextSwitchTo(outer);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;

		if (yd_demand_goes(restore, DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc,
																   10, &isnull)), 0))
			continue;
		restore->references = lappend(restore->references,
									  read_reference(restore, SPI_tuptable->vals[i],
													 SPI_tuptable->tupdesc));
	}
	SPI_finish();
}

AttrNumber
yd_reference_column(YdReference *reference, bool child, int i, Oid relid)
{
	Oid			root = child ? reference->child : reference->parent;
	AttrNumber	attnum = child ? reference->child_columns[i] : reference->parent_columns[i];

	if (relid == root)
		return attnum;
	attnum = get_attnum(relid, get_attname(root, attnum, false));
	if (attnum <= 0)
		elog(ERROR, "partition %u lacks a column of foreign key \"%s\"", relid, reference->name);
	return attnum;
}

/* ----- sets of values ----- */

YdValues *
yd_values_begin(YdReference *reference, bool of_child)
{
	YdValues   *values = palloc0(sizeof(YdValues));
	Relation	rel = table_open(of_child ? reference->child : reference->parent, AccessShareLock);

	values->reference = reference;
	values->of_child = of_child;
	values->desc = CreateTemplateTupleDesc(reference->n + 4);
	for (int i = 0; i < reference->n; i++)
	{
		AttrNumber	attnum = of_child ? reference->child_columns[i] : reference->parent_columns[i];
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), attnum - 1);

		TupleDescInitEntry(values->desc, i + 1, psprintf("v%d", i + 1),
						   att->atttypid, att->atttypmod, 0);
		TupleDescInitEntryCollation(values->desc, i + 1, att->attcollation);
	}
	table_close(rel, NoLock);
	TupleDescInitEntry(values->desc, reference->n + 1, "t", INT4OID, -1, 0);
	TupleDescInitEntry(values->desc, reference->n + 2, "n", INT8OID, -1, 0);
	TupleDescInitEntry(values->desc, reference->n + 3, "r", OIDOID, -1, 0);
	TupleDescInitEntry(values->desc, reference->n + 4, "c", TIDOID, -1, 0);
	values->store = tuplestore_begin_heap(true, false, work_mem);
	return values;
}

void
yd_values_add(YdValues *values, const YdOrigin *origin, const Datum *datums)
{
	int			n = values->reference->n;
	Datum		row[INDEX_MAX_KEYS + 4];
	bool		isnull[INDEX_MAX_KEYS + 4] = {false};
	ItemPointerData tid = origin->tid;

	memcpy(row, datums, sizeof(Datum) * n);
	row[n] = Int32GetDatum(origin->table);
	row[n + 1] = Int64GetDatum(origin->entry);
	row[n + 2] = ObjectIdGetDatum(origin->relid);
	row[n + 3] = PointerGetDatum(&tid);
	tuplestore_putvalues(values->store, values->desc, row, isnull);
	values->count++;
}

void
yd_values_end(YdValues *values)
{
	tuplestore_end(values->store);
	FreeTupleDesc(values->desc);
	pfree(values);
}

/* ----- queries ----- */

static void
register_values(YdValues *values, const char *name)
{
	EphemeralNamedRelation relation = palloc0(sizeof(EphemeralNamedRelationData));

	relation->md.name = pstrdup(name);
	relation->md.reliddesc = InvalidOid;
	relation->md.tupdesc = values->desc;
	relation->md.enrtype = ENR_NAMED_TUPLESTORE;
	relation->md.enrtuples = values->count;
	relation->reldata = values->store;
	if (SPI_register_relation(relation) != SPI_OK_REL_REGISTER)
		elog(ERROR, "SPI_register_relation failed");
}

void
yd_query_begin(YdQuery *query, Oid owner, Snapshot snapshot, const char *sql,
			   YdValues *key, YdValues *back)
{
	SPIPlanPtr	plan;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	register_values(key, "yd_key");
	if (back != NULL)
		register_values(back, "yd_back");
	yd_switch_to_owner(owner, &query->save);
	plan = SPI_prepare(sql, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	/* a caller's snapshot is used as it is; else nothing committed may be missed */
	if (SPI_execute_snapshot(plan, NULL, NULL,
							 snapshot != NULL ? snapshot : GetLatestSnapshot(),
							 InvalidSnapshot, snapshot != NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "a query about foreign key \"%s\" failed", key->reference->name);
	query->rows = SPI_processed;
}

YdOrigin
yd_query_origin(uint64 row, int first_column)
{
	HeapTuple	tuple = SPI_tuptable->vals[row];
	TupleDesc	desc = SPI_tuptable->tupdesc;
	YdOrigin	origin;
	bool		isnull;

	origin.table = DatumGetInt32(SPI_getbinval(tuple, desc, first_column, &isnull));
	origin.entry = (uint32) DatumGetInt64(SPI_getbinval(tuple, desc, first_column + 1, &isnull));
	origin.relid = DatumGetObjectId(SPI_getbinval(tuple, desc, first_column + 2, &isnull));
	origin.tid = *(ItemPointer) DatumGetPointer(SPI_getbinval(tuple, desc, first_column + 3, &isnull));
	return origin;
}

void
yd_query_end(YdQuery *query)
{
	yd_switch_back(&query->save);
	SPI_finish();
}

void
yd_append_table(StringInfo sql, YdReference *reference, bool child)
{
	if (child ? reference->child_only : reference->parent_only)
		appendStringInfoString(sql, "ONLY ");
	appendStringInfoString(sql, child ? reference->child_name : reference->parent_name);
}

/* One side of a comparison, cast to what the operator takes. */
static void
append_operand(StringInfo sql, YdReference *reference, bool child, int i,
			   const char *alias, bool is_values, Oid wanted, Oid collation)
{
	Oid			relid = child ? reference->child : reference->parent;
	AttrNumber	attnum = child ? reference->child_columns[i] : reference->parent_columns[i];
	Oid			type = get_atttype(relid, attnum);

	if (is_values)
		appendStringInfo(sql, "%s.v%d", alias, i + 1);
	else
		appendStringInfo(sql, "%s.%s", alias, quote_identifier(get_attname(relid, attnum, false)));
	if (type != wanted && !IsPolymorphicType(wanted))
		appendStringInfo(sql, "::%s", format_type_extended(wanted, -1, FORMAT_TYPE_FORCE_QUALIFY));
	if (OidIsValid(collation))
	{
		HeapTuple	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
		Form_pg_collation form;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for collation %u", collation);
		form = (Form_pg_collation) GETSTRUCT(tuple);
		appendStringInfo(sql, " COLLATE %s",
						 quote_qualified_identifier(get_namespace_name(form->collnamespace),
													NameStr(form->collname)));
		ReleaseSysCache(tuple);
	}
}

static void
append_comparison(StringInfo sql, YdReference *reference, int i, Oid operator,
				  const char *left, bool left_is_values,
				  const char *right, bool right_is_values, bool right_is_child)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;
	Oid			parent_collation;
	Oid			child_collation;
	Oid			type;
	int32		typmod;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	get_atttypetypmodcoll(reference->parent, reference->parent_columns[i],
						  &type, &typmod, &parent_collation);
	get_atttypetypmodcoll(reference->child, reference->child_columns[i],
						  &type, &typmod, &child_collation);

	appendStringInfoString(sql, i == 0 ? "" : " AND ");
	append_operand(sql, reference, false, i, left, left_is_values, form->oprleft, InvalidOid);
	appendStringInfo(sql, " OPERATOR(%s.%s) ",
					 quote_identifier(get_namespace_name(form->oprnamespace)),
					 NameStr(form->oprname));
	/* equality is the referenced column's affair, so is its collation */
	append_operand(sql, reference, right_is_child, i, right, right_is_values, form->oprright,
				   right_is_child && parent_collation != child_collation ?
				   parent_collation : InvalidOid);
	ReleaseSysCache(tuple);
}

void
yd_append_match(StringInfo sql, YdReference *reference,
				const char *parent, bool parent_is_values,
				const char *child, bool child_is_values)
{
	for (int i = 0; i < reference->n; i++)
		append_comparison(sql, reference, i, reference->equal[i],
						  parent, parent_is_values, child, child_is_values, true);
}

void
yd_append_parent_match(StringInfo sql, YdReference *reference,
					   const char *left, bool left_is_values,
					   const char *right, bool right_is_values)
{
	for (int i = 0; i < reference->n; i++)
		append_comparison(sql, reference, i, reference->parent_equal[i],
						  left, left_is_values, right, right_is_values, false);
}

List *
yd_ancestors(Oid relid)
{
	return get_partition_ancestors(relid);
}
