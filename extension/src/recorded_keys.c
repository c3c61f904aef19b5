/*
 * recorded_keys.c
 *		Did one key get several records in this transaction?
 *
 * Two prior images never have one key: before the deployment its index kept
 * the rows apart, and a version that the deployment wrote is no prior image.
 * So keys are compared only where there are inserted ones, once, at the end;
 * until then their hashes are appended to plain arrays, which costs the writes
 * nothing that would show.
 */
#include "recorded_keys.h"

#include "access/nbtree.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

/* Beyond this many of either kind a repetition is taken for granted. */
#define YD_KEYS_NOTED	(4 * 1024 * 1024)

typedef struct InsertedKey
{
	uint64		hash;
	char		status;
} InsertedKey;

#define SH_PREFIX			keyset
#define SH_ELEMENT_TYPE		InsertedKey
#define SH_KEY_TYPE			uint64
#define SH_KEY				hash
#define SH_HASH_KEY(tb, key)	((uint32) ((key) ^ ((key) >> 32)))
#define SH_EQUAL(tb, a, b)	((a) == (b))
#define SH_SCOPE			static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

void
yd_note_key(YdCapturedTable *table, bool inserted, uint64 hash)
{
	YdKeyHashes *keys = inserted ? &table->inserted_keys : &table->image_keys;

	if (keys->count == YD_KEYS_NOTED)
	{
		keys->overflowed = true;
		return;
	}
	if (keys->count == keys->capacity)
	{
		int			capacity = Max(1024, keys->capacity * 2);

		keys->hashes = keys->hashes == NULL ?
			MemoryContextAlloc(TopTransactionContext, sizeof(uint64) * capacity) :
			repalloc(keys->hashes, sizeof(uint64) * capacity);
		keys->capacity = capacity;
	}
	keys->hashes[keys->count++] = hash;
}

/*
 * Are keys that are equal the same bytes, too? Not those of numeric (1.0 and
 * 1.00), float8 (0 and -0), interval, jsonb, arrays: of these two records can
 * mean one row though their hashes differ.
 */
static bool
keys_are_exact(YdCapturedTable *table)
{
	for (int k = 0; k < table->nkeys; k++)
	{
		Form_pg_attribute att = TupleDescAttr(table->shadow_desc,
											  table->columns[table->keys[k]].shadow - 1);
		TypeCacheEntry *type = lookup_type_cache(att->atttypid, TYPECACHE_BTREE_OPFAMILY);
		Oid			proc;

		/* the family of bpchar says yes, and means values of one length */
		if (!OidIsValid(type->btree_opf) || att->atttypid == BPCHAROID)
			return false;
		proc = get_opfamily_proc(type->btree_opf, type->btree_opintype, type->btree_opintype,
								 BTEQUALIMAGE_PROC);
		if (!OidIsValid(proc) ||
			!DatumGetBool(OidFunctionCall1Coll(proc, att->attcollation,
											   ObjectIdGetDatum(type->btree_opintype))))
			return false;
	}
	return true;
}

bool
yd_keys_repeated(YdCapturedTable *table)
{
	YdKeyHashes *inserted = &table->inserted_keys;
	YdKeyHashes *images = &table->image_keys;
	keyset_hash *seen;
	bool		repeated = false;

	if (inserted->count == 0)
		return false;
	if (inserted->overflowed || images->overflowed || !keys_are_exact(table))
		return true;
	seen = keyset_create(CurrentMemoryContext, inserted->count, NULL);
	for (int i = 0; i < inserted->count && !repeated; i++)
		keyset_insert(seen, inserted->hashes[i], &repeated);
	for (int i = 0; i < images->count && !repeated; i++)
		repeated = keyset_lookup(seen, images->hashes[i]) != NULL;
	keyset_destroy(seen);
	return repeated;
}
