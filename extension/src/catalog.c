/*
 * catalog.c
 *		Direct access to the extension's own tables.
 */
#include "catalog.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "commands/sequence.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

static const char *const table_names[YD_TABLE_COUNT] = {
	[YD_TABLE_DEPLOYMENT] = "deployment",
	[YD_TABLE_MEMBER_TRANSACTION] = "member_transaction",
	[YD_TABLE_CAPTURED_TABLE] = "captured_table",
	[YD_TABLE_CAPTURED_COLUMN] = "captured_column",
	[YD_TABLE_TRACKED_TABLE] = "tracked_table",
	[YD_TABLE_TAKEN_TABLE] = "taken_table",
	[YD_TABLE_TABLE_DIGEST] = "table_digest",
	[YD_TABLE_OUTSIDE_WRITE] = "outside_write",
	[YD_TABLE_OUTSIDE_ROW] = "outside_row",
};

/*
 * The library may be loaded where the extension is not, or not yet, or no
 * longer: hooks and callbacks of every session ask first. pg_upgrade makes its
 * objects one by one.
 */
bool
yd_is_installed(void)
{
	Oid			schema = get_namespace_oid(YD_SCHEMA, true);

	return !creating_extension && !IsBinaryUpgrade && OidIsValid(schema) &&
		OidIsValid(get_relname_relid(table_names[YD_TABLE_DEPLOYMENT], schema));
}

Oid
yd_schema_oid(void)
{
	return get_namespace_oid(YD_SCHEMA, false);
}

Oid
yd_shadow_schema_oid(void)
{
	return get_namespace_oid(YD_SHADOW_SCHEMA, false);
}

/*
 * Who owns the extension: the owner of the schema that its script made.
 */
Oid
yd_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACENAME, CStringGetDatum(YD_SHADOW_SCHEMA));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "schema \"%s\" does not exist", YD_SHADOW_SCHEMA);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* The syscache behind these look-ups is what keeps them right and fast. */
Oid
yd_table_oid(YdTable table)
{
	Oid			relid = get_relname_relid(table_names[table], yd_schema_oid());

	if (!OidIsValid(relid))
		elog(ERROR, "table \"%s.%s\" does not exist", YD_SCHEMA, table_names[table]);
	return relid;
}

/* Tables of our two schemas are never under capture. */
bool
yd_is_own_table(Oid relid)
{
	Oid			schema = get_rel_namespace(relid);

	return OidIsValid(schema) &&
		(schema == get_namespace_oid(YD_SCHEMA, true) ||
		 schema == get_namespace_oid(YD_SHADOW_SCHEMA, true));
}

Oid
yd_relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

char *
yd_relation_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

int64
yd_next_id(const char *sequence)
{
	Oid			relid = get_relname_relid(sequence, yd_schema_oid());

	if (!OidIsValid(relid))
		elog(ERROR, "sequence \"%s.%s\" does not exist", YD_SCHEMA, sequence);
	return nextval_internal(relid, false);
}

void
yd_scan_begin(YdScan *scan, YdTable table, const char *index, int nkeys, ScanKey keys)
{
	Oid			indexid = InvalidOid;

	scan->rel = table_open(yd_table_oid(table), AccessShareLock);
	if (index != NULL)
	{
		indexid = get_relname_relid(index, yd_schema_oid());
		if (!OidIsValid(indexid))
			elog(ERROR, "index \"%s.%s\" does not exist", YD_SCHEMA, index);
	}
	scan->snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan->scan = systable_beginscan(scan->rel, indexid, OidIsValid(indexid),
									scan->snapshot, nkeys, keys);
}

HeapTuple
yd_scan_next(YdScan *scan)
{
	return systable_getnext(scan->scan);
}

void
yd_scan_end(YdScan *scan)
{
	systable_endscan(scan->scan);
	UnregisterSnapshot(scan->snapshot);
	table_close(scan->rel, AccessShareLock);
}

Datum
yd_column(Relation rel, HeapTuple tuple, const char *column, bool *isnull)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(rel), column);

	if (attnum == InvalidAttrNumber)
		elog(ERROR, "column \"%s\" of \"%s\" does not exist",
			 column, RelationGetRelationName(rel));
	return heap_getattr(tuple, attnum, RelationGetDescr(rel), isnull);
}

/*
 * Insert one row; columns that are not named become NULL, defaults do not apply.
 */
void
yd_insert(YdTable table, const char *const *columns, Datum *values, bool *nulls, int n)
{
	Relation	rel = table_open(yd_table_oid(table), RowExclusiveLock);
	TupleDesc	desc = RelationGetDescr(rel);
	Datum	   *row = palloc0(sizeof(Datum) * desc->natts);
	bool	   *rownulls = palloc(sizeof(bool) * desc->natts);
	HeapTuple	tuple;

	memset(rownulls, true, sizeof(bool) * desc->natts);
	for (int i = 0; i < n; i++)
	{
		AttrNumber	attnum = get_attnum(RelationGetRelid(rel), columns[i]);

		if (attnum == InvalidAttrNumber)
			elog(ERROR, "column \"%s\" of \"%s\" does not exist",
				 columns[i], RelationGetRelationName(rel));
		row[attnum - 1] = values[i];
		rownulls[attnum - 1] = nulls[i];
	}
	tuple = heap_form_tuple(desc, row, rownulls);
	CatalogTupleInsert(rel, tuple);
	heap_freetuple(tuple);
	table_close(rel, NoLock);
}

/*
 * Tell every backend, at commit, to look again which deployment is open.
 */
void
yd_invalidate_deployments(void)
{
	CacheInvalidateRelcacheByRelid(yd_table_oid(YD_TABLE_DEPLOYMENT));
}
