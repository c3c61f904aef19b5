/*
 * portable.c
 *		Digests of rows that are the same in every target that is aligned.
 *
 * A row is the list of what counts of it: plain columns by the text of their
 * values, foreign keys by the natural key of the row that they refer to, and so
 * on from there. Its digest is the SHA-256 of that list; the digest of a table
 * comes from the sum of the digests of its rows, so no order matters, and no
 * row order, OID or surrogate key gets into it.
 *
 * Output functions and comparisons are code of users. They run as the owner of
 * the table whose values they are given, under SECURITY_RESTRICTED_OPERATION,
 * as in the rest of the extension.
 */
#include "portable.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "captured.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "execute_as.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "port/pg_bswap.h"
#include "records.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "wide.h"

#define MOST_KEYS_KEPT	200000

/* A referenced row, by its place, and the digest of its natural key */
typedef struct KeyPlace
{
	Oid			relid;
	ItemPointerData tid;
} KeyPlace;

typedef struct KeyEntry
{
	KeyPlace	place;
	bool		known;			/* false: it is just being found out */
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
} KeyEntry;

YdPortable *
yd_portable_begin(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "yesterday portable",
												  ALLOCSET_DEFAULT_SIZES);
	YdPortable *run = MemoryContextAllocZero(context, sizeof(YdPortable));
	HASHCTL		control = {0};

	run->context = context;
	control.keysize = sizeof(Oid);
	control.entrysize = 2 * sizeof(void *);
	control.hcxt = context;
	run->tables = hash_create("yesterday portable tables", 32, &control,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	run->snapshot = GetActiveSnapshot();
	run->sha = pg_cryptohash_create(PG_SHA256);
	if (run->sha == NULL)
		elog(ERROR, "SHA-256 is not available");
	return run;
}

static void
forget_keys(YdPortable *run)
{
	if (run->keys != NULL)
		hash_destroy(run->keys);
	run->keys = NULL;
}

static HTAB *
keys_of(YdPortable *run)
{
	HASHCTL		control = {0};

	if (run->keys == NULL)
	{
		control.keysize = sizeof(KeyPlace);
		control.entrysize = sizeof(KeyEntry);
		control.hcxt = run->context;
		run->keys = hash_create("yesterday portable keys", 1024, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	return run->keys;
}

static void
sha256(YdPortable *run, const char *bytes, int length, uint8 *digest)
{
	if (pg_cryptohash_init(run->sha) < 0 ||
		pg_cryptohash_update(run->sha, (const uint8 *) bytes, length) < 0 ||
		pg_cryptohash_final(run->sha, digest, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "SHA-256 failed");
}

/* ----- values ----- */

/* From here to step_back() code runs as this owner; settings are pinned already. */
static void
step_into(Oid owner, YdUserSwitch *save)
{
	GetUserIdAndSecContext(&save->userid, &save->sec_context);
	SetUserIdAndSecContext(owner, save->sec_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
}

static void
step_back(const YdUserSwitch *save)
{
	SetUserIdAndSecContext(save->userid, save->sec_context);
}

typedef struct RowSource
{
	TupleTableSlot *slot;
	const AttrNumber *columns;
	const bool *as_text;
} RowSource;

static Datum
value_of(RowSource *row, AttrNumber attnum, bool *isnull)
{
	return slot_getattr(row->slot, row->columns == NULL ? attnum : row->columns[attnum - 1], isnull);
}

static char *
text_of(YdPortable *run, YdPortableTable *table, RowSource *row, AttrNumber attnum, Datum value)
{
	FmgrInfo   *output = &table->output[attnum - 1];

	if (row->as_text != NULL && row->as_text[attnum - 1])
		return TextDatumGetCString(value);
	if (!OidIsValid(output->fn_oid))
	{
		Oid			function;
		bool		varlena;

		getTypeOutputInfo(TupleDescAttr(RelationGetDescr(table->rel), attnum - 1)->atttypid,
						  &function, &varlena);
		fmgr_info_cxt(function, output, run->context);
	}
	return OutputFunctionCall(output, value);
}

/* A value as the operator of a foreign key takes it; casts can be code of users. */
static Datum
operand(YdPortable *run, YdPortableTable *table, RowSource *row, AttrNumber attnum, Datum value, Oid wanted)
{
	Oid			type = TupleDescAttr(RelationGetDescr(table->rel), attnum - 1)->atttypid;
	Oid			input;
	Oid			parameter;
	Oid			cast;

	if (row->as_text != NULL && row->as_text[attnum - 1])
	{
		getTypeInputInfo(type, &input, &parameter);
		value = OidInputFunctionCall(input, TextDatumGetCString(value), parameter, -1);
	}
	if (IsPolymorphicType(wanted) || IsBinaryCoercible(type, wanted))
		return value;
	switch (find_coercion_pathway(wanted, type, COERCION_IMPLICIT, &cast))
	{
		case COERCION_PATH_RELABELTYPE:
			return value;
		case COERCION_PATH_FUNC:
			return OidFunctionCall3(cast, value, Int32GetDatum(-1), BoolGetDatum(false));
		case COERCION_PATH_COERCEVIAIO:
			getTypeInputInfo(wanted, &input, &parameter);
			return OidInputFunctionCall(input, text_of(run, table, row, attnum, value), parameter, -1);
		default:
			elog(ERROR, "a foreign key compares type %u with type %u, and there is no cast", wanted, type);
	}
	return value;
}

/* ----- references ----- */

/* The scan keys for one leaf, in the order of the index, and the values in them. */
static void
make_keys(YdPortable *run, YdPortableTable *table, YdPortableItem *item, RowSource *row,
		  YdPortableTable *leaf, Relation index, ScanKey keys)
{
	YdPortableReference *reference = item->reference;
	int			nkeys = 0;

	for (int j = 0; j < index->rd_index->indnkeyatts; j++)
	{
		for (int i = 0; i < item->n; i++)
		{
			AttrNumber	column = reference->parent_columns[i];
			Oid			left,
						right;
			int			strategy;
			bool		isnull;
			Datum		value;

			if (leaf->relid != reference->parent)
				column = get_attnum(leaf->relid, get_attname(reference->parent, column, false));
			if (index->rd_index->indkey.values[j] != column)
				continue;
			get_op_opfamily_properties(reference->equal[i], index->rd_opfamily[j], false,
									   &strategy, &left, &right);
			value = value_of(row, item->columns[i], &isnull);
			value = operand(run, table, row, item->columns[i], value, right);
			ScanKeyEntryInitialize(&keys[nkeys++], 0, j + 1, strategy,
								   IsPolymorphicType(right) ? InvalidOid : right,
								   index->rd_indcollation[j],
								   get_opcode(reference->equal[i]), value);
		}
	}
	if (nkeys != item->n)
		elog(ERROR, "index \"%s\" does not have the columns that a foreign key refers to",
			 RelationGetRelationName(index));
}

/* The row that a foreign key refers to; false: there is none. */
static bool
find_parent(YdPortable *run, YdPortableTable *table, YdPortableItem *item, RowSource *row,
			YdPortableTable **leaf, TupleTableSlot **slot)
{
	YdPortableReference *reference = item->reference;

	for (int i = 0; i < reference->nleaves; i++)
	{
		ScanKeyData keys[INDEX_MAX_KEYS];
		Relation	index = index_open(reference->indexes[i], AccessShareLock);
		IndexScanDesc scan;
		bool		found;

		*leaf = reference->leaves[i];
		*slot = table_slot_create((*leaf)->rel, NULL);
		make_keys(run, table, item, row, *leaf, index, keys);
		scan = yd_index_beginscan((*leaf)->rel, index, run->snapshot, item->n);
		index_rescan(scan, keys, item->n, NULL, 0);
		found = index_getnext_slot(scan, ForwardScanDirection, *slot);
		index_endscan(scan);
		index_close(index, NoLock);
		if (found)
			return true;
		ExecDropSingleTupleTableSlot(*slot);
	}
	return false;
}

/* Digest of the natural key of the referenced row. */
static void
reference_digest(YdPortable *run, YdPortableTable *table, YdPortableItem *item, RowSource *row, uint8 *digest)
{
	YdPortableTable *leaf;
	TupleTableSlot *slot;
	YdUserSwitch save;
	KeyPlace	place = {0};
	KeyEntry   *entry;
	bool		found;

	check_stack_depth();
	memset(digest, 0, PG_SHA256_DIGEST_LENGTH);
	if (item->reference->nleaves == 0)
		return;
	step_into(item->reference->leaves[0]->owner, &save);
	if (find_parent(run, table, item, row, &leaf, &slot))
	{
		place.relid = leaf->relid;
		place.tid = slot->tts_tid;
		entry = hash_search(keys_of(run), &place, HASH_ENTER, &found);
		if (found)
		{
			/* keys that go in a circle: where it closes, all are the same */
			run->circular |= !entry->known;
			memcpy(digest, entry->digest, PG_SHA256_DIGEST_LENGTH);
		}
		else
		{
			entry->known = false;
			memset(entry->digest, 0xFF, PG_SHA256_DIGEST_LENGTH);
			run->depth++;
			yd_portable_row(run, leaf, slot, NULL, NULL, true, digest);
			run->depth--;
			/* what was found out on the way round depends on where it began */
			entry = hash_search(run->keys, &place, run->circular ? HASH_REMOVE : HASH_FIND, NULL);
			if (!run->circular)
			{
				memcpy(entry->digest, digest, PG_SHA256_DIGEST_LENGTH);
				entry->known = true;
			}
		}
		if (run->depth == 0)
			run->circular = false;
		ExecDropSingleTupleTableSlot(slot);
	}
	step_back(&save);
}

/* ----- rows ----- */

static void
append_counted(StringInfo bytes, char tag, const char *content, int length)
{
	uint32		size = pg_hton32((uint32) length);

	appendStringInfoChar(bytes, tag);
	appendBinaryStringInfo(bytes, (const char *) &size, sizeof(size));
	appendBinaryStringInfo(bytes, content, length);
}

void
yd_portable_row(YdPortable *run, YdPortableTable *table, TupleTableSlot *slot,
				const AttrNumber *columns, const bool *as_text, bool key_only, uint8 *digest)
{
	RowSource	row = {slot, columns, as_text};
	StringInfoData bytes;

	initStringInfo(&bytes);
	append_counted(&bytes, key_only ? 'K' : 'R', table->name, strlen(table->name));
	for (int i = 0; i < table->nitems; i++)
	{
		YdPortableItem *item = &table->items[i];
		bool		any_null = false;
		bool		isnull;

		/* where nothing tells rows apart everything does */
		if (key_only && table->has_key && !item->is_key)
			continue;
		append_counted(&bytes, 'c', item->name, strlen(item->name));
		for (int c = 0; c < item->n; c++)
		{
			(void) value_of(&row, item->columns[c], &isnull);
			any_null |= isnull;
		}
		if (any_null)
			appendStringInfoChar(&bytes, 'n');
		else if (item->presence_only)
			appendStringInfoChar(&bytes, 'p');
		else if (item->reference != NULL)
		{
			uint8		parent[PG_SHA256_DIGEST_LENGTH];

			reference_digest(run, table, item, &row, parent);
			append_counted(&bytes, 'r', (const char *) parent, PG_SHA256_DIGEST_LENGTH);
		}
		else
		{
			Datum		value = value_of(&row, item->columns[0], &isnull);
			char	   *text = text_of(run, table, &row, item->columns[0], value);

			append_counted(&bytes, 'v', text, strlen(text));
			pfree(text);
		}
	}
	sha256(run, bytes.data, bytes.len, digest);
	pfree(bytes.data);
}

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
	append_counted(&bytes, 'T', table, strlen(table));
	appendBinaryStringInfo(&bytes, (const char *) &rows, sizeof(rows));
	for (int i = 0; i < lengthof(sum->words); i++)
	{
		uint64		word = pg_hton64(sum->words[i]);

		appendBinaryStringInfo(&bytes, (const char *) &word, sizeof(word));
	}
	sha256(run, bytes.data, bytes.len, digest);
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

			if (run->keys != NULL && hash_get_num_entries(run->keys) > MOST_KEYS_KEPT)
				forget_keys(run);
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
	uint8		digest[PG_SHA256_DIGEST_LENGTH];

	yd_portable_row(run, table, slot, NULL, NULL, false, digest);
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
add_key(YdPortable *run, YdPortableTable *table, RowSource *row, RowResult *into, YdImage *image,
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
		value = value_of(row, item->columns[0], &isnull);
		if (isnull || item->presence_only)
			yd_image_add(image, name, NULL);
		else if (item->reference == NULL)
			yd_image_add(image, name, text_of(run, table, row, item->columns[0], value));
		else if (item->reference->nleaves == 0 || depth > 8 ||
				 !list_member_oid(into->shown, item->reference->parent))
			yd_image_add(image, name, "...");
		else
		{
			step_into(item->reference->leaves[0]->owner, &save);
			if (find_parent(run, table, item, row, &leaf, &slot))
			{
				RowSource	parent = {slot, NULL, NULL};

				add_key(run, leaf, &parent, into, image, psprintf("%s.", name), depth + 1);
				ExecDropSingleTupleTableSlot(slot);
			}
			step_back(&save);
		}
	}
}

static void
put_row(YdPortable *run, YdPortableTable *table, TupleTableSlot *slot, void *state)
{
	RowResult  *into = state;
	RowSource	row = {slot, NULL, NULL};
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	Datum		values[3];
	bool		nulls[3] = {false, false, true};

	yd_portable_row(run, table, slot, NULL, NULL, true, digest);
	values[0] = CStringGetTextDatum(hex(digest));
	yd_portable_row(run, table, slot, NULL, NULL, false, digest);
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
	yd_switch_to_owner(table->owner, &save);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		uint8		digest[PG_SHA256_DIGEST_LENGTH];
		bool		isnull;
		char		op = DatumGetChar(slot_getattr(slot, YD_SHADOW_OP, &isnull));

		if (op == YD_OP_UPDATE || op == YD_OP_DELETE || op == YD_OP_TAKEN)
		{
			if (run->keys != NULL && hash_get_num_entries(run->keys) > MOST_KEYS_KEPT)
				forget_keys(run);
			if (wide != NULL)
				yd_wide_unpack(&captured, wide, slot, record);
			yd_portable_row(run, table, record, columns, as_text, false, digest);
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
