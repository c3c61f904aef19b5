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
#include "access/relscan.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

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

void
yd_portable_trim(YdPortable *run)
{
	if (run->keys == NULL || hash_get_num_entries(run->keys) <= MOST_KEYS_KEPT)
		return;
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

void
yd_portable_sha256(YdPortable *run, const char *bytes, int length, uint8 *digest)
{
	if (pg_cryptohash_init(run->sha) < 0 ||
		pg_cryptohash_update(run->sha, (const uint8 *) bytes, length) < 0 ||
		pg_cryptohash_final(run->sha, digest, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "SHA-256 failed");
}

/* ----- values ----- */

void
yd_portable_step_into(Oid owner, YdUserSwitch *save)
{
	GetUserIdAndSecContext(&save->userid, &save->sec_context);
	SetUserIdAndSecContext(owner, save->sec_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
}

void
yd_portable_step_back(const YdUserSwitch *save)
{
	SetUserIdAndSecContext(save->userid, save->sec_context);
}

Datum
yd_portable_value(YdPortableRow *row, AttrNumber attnum, bool *isnull)
{
	return slot_getattr(row->slot, row->columns == NULL ? attnum : row->columns[attnum - 1], isnull);
}

char *
yd_portable_text(YdPortable *run, YdPortableTable *table, YdPortableRow *row, AttrNumber attnum, Datum value)
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
operand(YdPortable *run, YdPortableTable *table, YdPortableRow *row, AttrNumber attnum, Datum value, Oid wanted)
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
			return OidInputFunctionCall(input, yd_portable_text(run, table, row, attnum, value), parameter, -1);
		default:
			elog(ERROR, "a foreign key compares type %u with type %u, and there is no cast", wanted, type);
	}
	return value;
}

/* ----- references ----- */

/* The scan keys for one leaf, in the order of the index, and the values in them. */
static void
make_keys(YdPortable *run, YdPortableTable *table, YdPortableItem *item, YdPortableRow *row,
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
			value = yd_portable_value(row, item->columns[i], &isnull);
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
bool
yd_portable_parent(YdPortable *run, YdPortableTable *table, YdPortableItem *item, YdPortableRow *row,
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
reference_digest(YdPortable *run, YdPortableTable *table, YdPortableItem *item, YdPortableRow *row, uint8 *digest)
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
	yd_portable_step_into(item->reference->leaves[0]->owner, &save);
	if (yd_portable_parent(run, table, item, row, &leaf, &slot))
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
			YdPortableRow parent = {slot, NULL, NULL};

			entry->known = false;
			memset(entry->digest, 0xFF, PG_SHA256_DIGEST_LENGTH);
			run->depth++;
			yd_portable_row(run, leaf, &parent, true, digest);
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
	yd_portable_step_back(&save);
}

/* ----- rows ----- */

void
yd_portable_append(StringInfo bytes, char tag, const char *content, int length)
{
	uint32		size = pg_hton32((uint32) length);

	appendStringInfoChar(bytes, tag);
	appendBinaryStringInfo(bytes, (const char *) &size, sizeof(size));
	appendBinaryStringInfo(bytes, content, length);
}

void
yd_portable_row(YdPortable *run, YdPortableTable *table, YdPortableRow *row, bool key_only, uint8 *digest)
{
	StringInfoData bytes;

	initStringInfo(&bytes);
	yd_portable_append(&bytes, key_only ? 'K' : 'R', table->name, strlen(table->name));
	for (int i = 0; i < table->nitems; i++)
	{
		YdPortableItem *item = &table->items[i];
		bool		any_null = false;
		bool		isnull;

		/* where nothing tells rows apart everything does */
		if (key_only && table->has_key && !item->is_key)
			continue;
		yd_portable_append(&bytes, 'c', item->name, strlen(item->name));
		for (int c = 0; c < item->n; c++)
		{
			(void) yd_portable_value(row, item->columns[c], &isnull);
			any_null |= isnull;
		}
		if (any_null)
			appendStringInfoChar(&bytes, 'n');
		else if (item->presence_only)
			appendStringInfoChar(&bytes, 'p');
		else if (item->reference != NULL)
		{
			uint8		parent[PG_SHA256_DIGEST_LENGTH];

			reference_digest(run, table, item, row, parent);
			yd_portable_append(&bytes, 'r', (const char *) parent, PG_SHA256_DIGEST_LENGTH);
		}
		else
		{
			Datum		value = yd_portable_value(row, item->columns[0], &isnull);
			char	   *text = yd_portable_text(run, table, row, item->columns[0], value);

			yd_portable_append(&bytes, 'v', text, strlen(text));
			pfree(text);
		}
	}
	yd_portable_sha256(run, bytes.data, bytes.len, digest);
	pfree(bytes.data);
}
