/*
 * portable_functions.c
 *		Portable digests for SQL: of a table, of its rows one by one, and of the
 *		prior images in a shadow table.
 */
#include "portable.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "captured.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "records.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "wide.h"

static void
add_digest(YdPortableSum *sum, const uint8 *digest)
{
	uint64		carry = 0;

	sum->rows++;
	for (int i = lengthof(sum->words) - 1; i >= 0; i--)
	{
		uint64		word;
		uint64		total;

		memcpy(&word, digest + i * sizeof(uint64), sizeof(uint64));
		word = pg_ntoh64(word);
		total = sum->words[i] + word;
		word = total < word;
		total += carry;
		carry = word + (total < carry);
		sum->words[i] = total;
	}
}

static char *
hex(const uint8 *digest)
{
	char	   *text = palloc(2 * PG_SHA256_DIGEST_LENGTH + 1);

	for (int i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}

/* (rows, digest) of a sum */
static Datum
sum_record(YdPortable *run, const char *table, YdPortableSum *sum, FunctionCallInfo fcinfo)
{
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	StringInfoData bytes;
	uint64		rows = pg_hton64((uint64) sum->rows);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	initStringInfo(&bytes);
	yd_portable_append(&bytes, 'T', table, strlen(table));
	appendBinaryStringInfo(&bytes, (const char *) &rows, sizeof(rows));
	for (int i = 0; i < lengthof(sum->words); i++)
	{
		uint64		word = pg_hton64(sum->words[i]);

		appendBinaryStringInfo(&bytes, (const char *) &word, sizeof(word));
	}
	yd_portable_sha256(run, bytes.data, bytes.len, digest);
	values[0] = Int64GetDatum(sum->rows);
	values[1] = CStringGetTextDatum(hex(digest));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

typedef void (*RowVisitor) (YdPortable *run, YdPortableTable *table, TupleTableSlot *slot, void *state);

/* Shows every row of a table, partitions included, to the visitor: as the table's owner. */
static void
visit_rows(YdPortable *run, Oid relid, RowVisitor visitor, void *state)
{
	List	   *tables = NIL;
	ListCell   *cell;
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "yesterday portable row",
													  ALLOCSET_DEFAULT_SIZES);

	foreach(cell, yd_portable_leaves(relid))
		tables = lappend(tables, yd_portable_open(run, lfirst_oid(cell), relid));
	foreach(cell, tables)
	{
		YdPortableTable *table = lfirst(cell);
		TupleTableSlot *slot = table_slot_create(table->rel, NULL);
		TableScanDesc scan = table_beginscan(table->rel, run->snapshot, 0, NULL);
		YdUserSwitch save;

		yd_switch_to_owner(table->owner, &save);
		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			MemoryContext old = MemoryContextSwitchTo(row_context);

			yd_portable_trim(run);
			visitor(run, table, slot, state);
			MemoryContextSwitchTo(old);
			MemoryContextReset(row_context);
			CHECK_FOR_INTERRUPTS();
		}
		yd_switch_back(&save);
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
	}
	MemoryContextDelete(row_context);
}

static void
add_row(YdPortable *run, YdPortableTable *table, TupleTableSlot *slot, void *state)
{
	YdPortableRow row = {slot, NULL, NULL};
	uint8		digest[PG_SHA256_DIGEST_LENGTH];

	yd_portable_row(run, table, &row, false, digest);
	add_digest(state, digest);
}

PG_FUNCTION_INFO_V1(yd_portable_digest);
PG_FUNCTION_INFO_V1(yd_portable_rows);
PG_FUNCTION_INFO_V1(yd_portable_records);

/*
 * _portable_digest(relation oid): the rows of a table as they are.
 */
Datum
yd_portable_digest(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	YdPortable *run = yd_portable_begin();
	YdPortableSum sum = {0};
	Datum		result;

	visit_rows(run, relid, add_row, &sum);
	result = sum_record(run, quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
														get_rel_name(relid)), &sum, fcinfo);
	yd_portable_close(run);
	return result;
}

/* ----- single rows ----- */

typedef struct RowResult
{
	ReturnSetInfo *result;
	List	   *shown;			/* tables whose values the caller may see */
} RowResult;

/* The natural key of a row as {column: text}, references as the key of what they refer to. */
static void
add_key(YdPortable *run, YdPortableTable *table, YdPortableRow *row, RowResult *into, YdImage *image,
		const char *prefix, int depth)
{
	for (int i = 0; i < table->nitems; i++)
	{
		YdPortableItem *item = &table->items[i];
		char	   *name = psprintf("%s%s", prefix, get_attname(table->relid, item->columns[0], false));
		YdPortableTable *leaf;
		TupleTableSlot *slot;
		YdUserSwitch save;
		bool		isnull;
		Datum		value;

		if (table->has_key && !item->is_key)
			continue;
		value = yd_portable_value(row, item->columns[0], &isnull);
		if (isnull || item->presence_only)
			yd_image_add(image, name, NULL);
		else if (item->reference == NULL)
			yd_image_add(image, name, yd_portable_text(run, table, row, item->columns[0], value));
		else if (item->reference->nleaves == 0 || depth > 8 ||
				 !list_member_oid(into->shown, item->reference->parent))
			yd_image_add(image, name, "...");
		else
		{
			yd_portable_step_into(item->reference->leaves[0]->owner, &save);
			if (yd_portable_parent(run, table, item, row, &leaf, &slot))
			{
				YdPortableRow parent = {slot, NULL, NULL};

				add_key(run, leaf, &parent, into, image, psprintf("%s.", name), depth + 1);
				ExecDropSingleTupleTableSlot(slot);
			}
			yd_portable_step_back(&save);
		}
	}
}

static void
put_row(YdPortable *run, YdPortableTable *table, TupleTableSlot *slot, void *state)
{
	RowResult  *into = state;
	YdPortableRow row = {slot, NULL, NULL};
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	Datum		values[3];
	bool		nulls[3] = {false, false, true};

	yd_portable_row(run, table, &row, true, digest);
	values[0] = CStringGetTextDatum(hex(digest));
	yd_portable_row(run, table, &row, false, digest);
	values[1] = CStringGetTextDatum(hex(digest));
	if (list_member_oid(into->shown, table->relid))
	{
		YdImage		image;

		yd_image_begin(&image);
		add_key(run, table, &row, into, &image, "", 0);
		values[2] = yd_image_end(&image);
		nulls[2] = false;
	}
	tuplestore_putvalues(into->result->setResult, into->result->setDesc, values, nulls);
}

/*
 * _portable_rows(relation oid, shown oid[])
 */
Datum
yd_portable_rows(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	YdPortable *run;
	RowResult	into = {0};
	Datum	   *shown;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	into.result = (ReturnSetInfo *) fcinfo->resultinfo;
	deconstruct_array(array, OIDOID, sizeof(Oid), true, TYPALIGN_INT, &shown, NULL, &n);
	for (int i = 0; i < n; i++)
		into.shown = lappend_oid(into.shown, DatumGetObjectId(shown[i]));
	run = yd_portable_begin();
	visit_rows(run, relid, put_row, &into);
	yd_portable_close(run);
	return (Datum) 0;
}

/* ----- prior images ----- */

/*
 * _portable_records(captured bigint): the prior images of a shadow table, with
 * what they refer to as it is now. That is as it was before when the rollback
 * has just been rehearsed. NULL when the table is not there.
 */
Datum
yd_portable_records(PG_FUNCTION_ARGS)
{
	YdCapturedTable captured;
	YdPortable *run;
	YdPortableTable *table;
	YdPortableSum sum = {0};
	Oid			schema;
	Oid			relid;
	Oid			root;
	int			natts;
	AttrNumber *columns;
	bool	   *as_text;
	YdPortableRow row;
	Relation	shadow;
	TupleTableSlot *slot;
	TupleTableSlot *record;
	YdWide	   *wide;
	TableScanDesc scan;
	YdUserSwitch save;
	MemoryContext row_context;
	Datum		result;

	if (!yd_load_captured(PG_GETARG_INT64(0), &captured))
		elog(ERROR, "there is no captured table " INT64_FORMAT, PG_GETARG_INT64(0));
	schema = get_namespace_oid(NameStr(captured.schema), true);
	relid = OidIsValid(schema) ? get_relname_relid(NameStr(captured.table), schema) : InvalidOid;
	if (!OidIsValid(relid) || get_rel_relkind(relid) != RELKIND_RELATION)
		PG_RETURN_NULL();
	root = PG_ARGISNULL(1) ? relid : PG_GETARG_OID(1);

	run = yd_portable_begin();
	table = yd_portable_open(run, relid, root);
	natts = RelationGetDescr(table->rel)->natts;
	columns = palloc0(sizeof(AttrNumber) * natts);
	as_text = palloc0(sizeof(bool) * natts);
	for (int i = 0; i < captured.ncolumns; i++)
	{
		AttrNumber	attnum = get_attnum(relid, NameStr(captured.columns[i].name));

		if (attnum <= 0)
			continue;
		columns[attnum - 1] = YD_SHADOW_FIRST + i;
		as_text[attnum - 1] = !captured.columns[i].native;
	}
	for (int i = 0; i < table->nitems; i++)
		for (int c = 0; c < table->items[i].n; c++)
			if (columns[table->items[i].columns[c] - 1] == 0)
				elog(ERROR, "the shadow of table %s lacks a column of it", table->name);

	shadow = table_open(captured.shadow, AccessShareLock);
	slot = table_slot_create(shadow, NULL);
	wide = yd_wide_begin(shadow);
	record = wide == NULL ? slot : yd_wide_slot(&captured);
	scan = table_beginscan(shadow, run->snapshot, 0, NULL);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "yesterday portable row",
										ALLOCSET_DEFAULT_SIZES);
	row = (YdPortableRow) {record, columns, as_text};
	yd_switch_to_owner(table->owner, &save);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		uint8		digest[PG_SHA256_DIGEST_LENGTH];
		bool		isnull;
		char		op = DatumGetChar(slot_getattr(slot, YD_SHADOW_OP, &isnull));

		if (op == YD_OP_UPDATE || op == YD_OP_DELETE || op == YD_OP_TAKEN)
		{
			yd_portable_trim(run);
			if (wide != NULL)
				yd_wide_unpack(&captured, wide, slot, record);
			yd_portable_row(run, table, &row, false, digest);
			add_digest(&sum, digest);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	yd_switch_back(&save);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(shadow, NoLock);
	MemoryContextDelete(row_context);
	result = sum_record(run, table->name, &sum, fcinfo);
	yd_portable_close(run);
	return result;
}

/* ----- the inverse document ----- */

PG_FUNCTION_INFO_V1(yd_exact_digest);

/*
 * _exact_digest(deployment bigint): SHA-256 of the inverse document, line by
 * line, however long it is.
 */
Datum
yd_exact_digest(PG_FUNCTION_ARGS)
{
	YdPortable *run = yd_portable_begin();
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {PG_GETARG_DATUM(0)};
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char	   *result;
	Portal		portal;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	portal = SPI_cursor_open_with_args(NULL, "SELECT pg_catalog.convert_to(l.line || E'\\n', 'UTF8')"
									   " FROM yesterday._inverse_lines($1) l",
									   1, types, values, NULL, false, 0);
	if (pg_cryptohash_init(run->sha) < 0)
		elog(ERROR, "SHA-256 failed");
	for (;;)
	{
		SPI_cursor_fetch(portal, true, 1000);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			bytea	   *line = DatumGetByteaPP(SPI_getbinval(SPI_tuptable->vals[i],
															 SPI_tuptable->tupdesc, 1, &isnull));

			if (pg_cryptohash_update(run->sha, (const uint8 *) VARDATA_ANY(line),
									 VARSIZE_ANY_EXHDR(line)) < 0)
				elog(ERROR, "SHA-256 failed");
		}
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_finish();
	if (pg_cryptohash_final(run->sha, digest, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "SHA-256 failed");
	result = hex(digest);
	yd_portable_close(run);
	PG_RETURN_TEXT_P(cstring_to_text(result));
}
