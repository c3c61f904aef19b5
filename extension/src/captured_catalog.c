/*
 * captured_catalog.c
 *		What yesterday.captured_table and yesterday.captured_column say: written
 *		when a table gets its shadow, read by members of an open deployment and by
 *		whoever looks at a deployment later.
 */
#include "captured.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "wide.h"

static void
describe_shadow(YdCapturedTable *table)
{
	Relation	shadow = table_open(table->shadow, AccessShareLock);
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);

	table->shadow_desc = CreateTupleDescCopy(RelationGetDescr(shadow));
	table->key_desc = NULL;
	table->layout = YD_LAYOUT_UNKNOWN;
	MemoryContextSwitchTo(old);
	table_close(shadow, AccessShareLock);
}

void
yd_make_shadow(YdCapturedTable *table, int64 deployment)
{
	static const char *const table_columns[] = {
		"id", "deployment", "schema_name", "table_name", "relid", "shadow_name",
		"key_kind", "key_columns", "owner", "business"
	};
	static const char *const column_columns[] = {
		"captured_table", "attnum", "column_name", "shadow_column", "storage",
		"type_name", "type_mod", "generated", "identity"
	};
	Datum		values[10];
	bool		nulls[10] = {false};
	NameData	shadow_name;
	NameData	owner;
	Datum	   *keys = palloc(sizeof(Datum) * Max(table->nkeys, 1));

	table->id = yd_next_id("captured_table_id_seq");
	memset(&shadow_name, 0, sizeof(shadow_name));
	snprintf(NameStr(shadow_name), NAMEDATALEN, "d" INT64_FORMAT "_t" INT64_FORMAT,
			 deployment, table->id);
	table->shadow = yd_create_shadow(NameStr(shadow_name), table->columns, table->ncolumns,
									 table->wide);
	table->shadow_level = GetCurrentTransactionNestLevel();
	describe_shadow(table);

	for (int i = 0; i < table->nkeys; i++)
		keys[i] = NameGetDatum(&table->columns[table->keys[i]].name);
	values[0] = Int64GetDatum(table->id);
	values[1] = Int64GetDatum(deployment);
	values[2] = NameGetDatum(&table->schema);
	values[3] = NameGetDatum(&table->table);
	values[4] = ObjectIdGetDatum(table->relid);
	values[5] = NameGetDatum(&shadow_name);
	values[6] = CStringGetTextDatum(table->key_kind == 'p' ? "primary" :
									table->key_kind == 'u' ? "unique" : "row");
	values[7] = PointerGetDatum(construct_array(keys, table->nkeys, NAMEOID,
												NAMEDATALEN, false, TYPALIGN_CHAR));
	namestrcpy(&owner, GetUserNameFromId(table->owner, false));
	values[8] = NameGetDatum(&owner);
	values[9] = BoolGetDatum(table->business);
	yd_insert(YD_TABLE_CAPTURED_TABLE, table_columns, values, nulls, 10);

	for (int i = 0; i < table->ncolumns; i++)
	{
		YdShadowColumn *column = &table->columns[i];
		NameData	shadow_column;

		memset(&shadow_column, 0, sizeof(shadow_column));
		if (column->shadow > 0)
			snprintf(NameStr(shadow_column), NAMEDATALEN, "c%d", column->attnum);
		else
			namestrcpy(&shadow_column, YD_WIDE_COLUMN);
		values[0] = Int64GetDatum(table->id);
		values[1] = Int16GetDatum(column->attnum);
		values[2] = NameGetDatum(&column->name);
		values[3] = NameGetDatum(&shadow_column);
		values[4] = CStringGetTextDatum(column->native ? "native" : "text");
		values[5] = CStringGetTextDatum(format_type_extended(column->type, column->typmod,
															 FORMAT_TYPE_TYPEMOD_GIVEN |
															 FORMAT_TYPE_FORCE_QUALIFY));
		values[6] = Int32GetDatum(column->typmod);
		values[7] = BoolGetDatum(column->generated);
		values[8] = BoolGetDatum(column->identity);
		yd_insert(YD_TABLE_CAPTURED_COLUMN, column_columns, values, nulls, 9);
	}
	CommandCounterIncrement();
}

/* Read the columns of an entry that begin_deployment() committed. */
static void
load_columns(YdCapturedTable *table)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;
	int			capacity = MaxHeapAttributeNumber;

	table->wide = Max(get_attnum(table->shadow, YD_WIDE_COLUMN), 0);
	table->columns = MemoryContextAllocZero(TopTransactionContext,
											sizeof(YdShadowColumn) * Max(capacity, 1));
	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_CAPTURED_COLUMN), "captured_table"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(table->id));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_COLUMN, "captured_column_pkey", 1, key);
	while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		YdShadowColumn *column = &table->columns[table->ncolumns];
		bool		isnull;
		char	   *storage;
		char	   *name;

		column->attnum = DatumGetInt16(yd_column(scan.rel, tuple, "attnum", &isnull));
		column->name = *DatumGetName(yd_column(scan.rel, tuple, "column_name", &isnull));
		storage = TextDatumGetCString(yd_column(scan.rel, tuple, "storage", &isnull));
		column->native = strcmp(storage, "native") == 0;
		name = NameStr(*DatumGetName(yd_column(scan.rel, tuple, "shadow_column", &isnull)));
		column->shadow = strcmp(name, YD_WIDE_COLUMN) == 0 ? 0 : get_attnum(table->shadow, name);
		column->stored_type = column->shadow == 0 ? TEXTOID :
			TupleDescAttr(table->shadow_desc, column->shadow - 1)->atttypid;
		if (!column->native)
			table->has_text = true;
		table->ncolumns++;
	}
	yd_scan_end(&scan);
}

/* Fill an entry from its row in yesterday.captured_table. */
static void
load_row(YdCapturedTable *table, Relation catalog, HeapTuple tuple)
{
	bool		isnull;
	Datum		value;
	Datum	   *names;
	int			nnames;

	table->skip = false;
	table->id = DatumGetInt64(yd_column(catalog, tuple, "id", &isnull));
	table->relid = DatumGetObjectId(yd_column(catalog, tuple, "relid", &isnull));
	table->schema = *DatumGetName(yd_column(catalog, tuple, "schema_name", &isnull));
	table->table = *DatumGetName(yd_column(catalog, tuple, "table_name", &isnull));
	value = yd_column(catalog, tuple, "key_kind", &isnull);
	table->key_kind = TextDatumGetCString(value)[0];
	table->business = DatumGetBool(yd_column(catalog, tuple, "business", &isnull));
	value = yd_column(catalog, tuple, "shadow_name", &isnull);
	table->shadow = get_relname_relid(NameStr(*DatumGetName(value)), yd_shadow_schema_oid());
	if (!OidIsValid(table->shadow))
		ereport(ERROR,
				(errcode(ERRCODE_YD_CAPTURE_BYPASSED),
				 errmsg("shadow table \"%s\" of table \"%s.%s\" is gone",
						NameStr(*DatumGetName(value)), NameStr(table->schema),
						NameStr(table->table)),
				 errdetail("Prior images of the deployment cannot be kept."),
				 errhint("SELECT * FROM yesterday.status; and abandon the open deployment.")));

	describe_shadow(table);
	table->shadow_level = 1;
	load_columns(table);

	value = yd_column(catalog, tuple, "key_columns", &isnull);
	deconstruct_array(DatumGetArrayTypeP(value), NAMEOID, NAMEDATALEN, false,
					  TYPALIGN_CHAR, &names, NULL, &nnames);
	table->nkeys = nnames;
	table->keys = MemoryContextAlloc(TopTransactionContext, sizeof(int) * Max(nnames, 1));
	for (int k = 0; k < nnames; k++)
		for (int i = 0; i < table->ncolumns; i++)
			if (strcmp(NameStr(*DatumGetName(names[k])), NameStr(table->columns[i].name)) == 0)
				table->keys[k] = i;
}

void
yd_load_table(YdCapturedTable *table, int64 deployment)
{
	YdScan		scan;
	ScanKeyData keys[2];
	HeapTuple	tuple;
	Oid			catalog = yd_table_oid(YD_TABLE_CAPTURED_TABLE);

	table->skip = true;
	ScanKeyInit(&keys[0], get_attnum(catalog, "deployment"), BTEqualStrategyNumber,
				F_INT8EQ, Int64GetDatum(deployment));
	ScanKeyInit(&keys[1], get_attnum(catalog, "relid"), BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(table->relid));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_TABLE, "captured_table_relid", 2, keys);
	if (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
		load_row(table, scan.rel, tuple);
	yd_scan_end(&scan);
}

bool
yd_load_captured_of(int64 deployment, Oid relid, YdCapturedTable *table)
{
	memset(table, 0, sizeof(YdCapturedTable));
	table->relid = relid;
	yd_load_table(table, deployment);
	return !table->skip;
}

bool
yd_load_captured(int64 id, YdCapturedTable *table)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;
	bool		found = false;

	memset(table, 0, sizeof(YdCapturedTable));
	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_CAPTURED_TABLE), "id"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(id));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_TABLE, "captured_table_pkey", 1, key);
	if (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		load_row(table, scan.rel, tuple);
		found = true;
	}
	yd_scan_end(&scan);
	return found;
}
