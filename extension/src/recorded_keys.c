/*
 * recorded_keys.c
 *		Which keys have a record of this transaction.
 *
 * A key that is inserted where it has a record already gets no second one: what
 * has to become of its row is known. That is told by two hashes of the key, 128 bits,
 * of which nobody can foresee the second.
 *
 * Two prior images never have one key: before the deployment its index kept
 * the rows apart, and a version that the deployment wrote is no prior image.
 * Only a key that had been inserted when an image of it came (of a constraint that is checked
 * later), and keys that are equal but not the same bytes, are left to be settled at the end.
 */
#include "recorded_keys.h"

#include "access/nbtree.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "digest.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

/* Beyond this many of either kind a repetition is taken for granted. */
#define YD_KEYS_NOTED	(4 * 1024 * 1024)

/* ----- a set of places in the array ----- */

typedef struct KeyPlace
{
	uint32		place;
	char		status;
} KeyPlace;

#define KEY_AT(tb, place)	(((YdKeyHashes *) (tb)->private_data)->keys[place])

#define SH_PREFIX			keyset
#define SH_ELEMENT_TYPE		KeyPlace
#define SH_KEY_TYPE			uint32
#define SH_KEY				place
#define SH_HASH_KEY(tb, key)	((uint32) KEY_AT(tb, key).check)
#define SH_EQUAL(tb, a, b)	(KEY_AT(tb, a).hash == KEY_AT(tb, b).hash && \
							 KEY_AT(tb, a).check == KEY_AT(tb, b).check)
#define SH_SCOPE			static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* Room for one key more than there are: it is where one that is looked up is put. */
static void
make_room(YdKeyHashes *keys)
{
	int			capacity = Max(1024, keys->capacity * 2);

	if (keys->count + 1 < keys->capacity)
		return;
	keys->keys = keys->keys == NULL ?
		MemoryContextAllocHuge(TopTransactionContext, sizeof(YdKeyHash) * (Size) capacity) :
		repalloc_huge(keys->keys, sizeof(YdKeyHash) * (Size) capacity);
	keys->capacity = capacity;
}

/* Enter what was noted since. */
static void
enter_keys(YdKeyHashes *keys)
{
	bool		found;

	if (keys->set == NULL)
		keys->set = keyset_create(TopTransactionContext, Max(keys->count, 256), keys);
	for (; keys->entered < keys->count; keys->entered++)
		(void) keyset_insert(keys->set, keys->entered, &found);
}

static bool
is_noted(YdKeyHashes *keys, YdKeyHash key)
{
	if (keys->count == 0)
		return false;
	enter_keys(keys);
	make_room(keys);
	keys->keys[keys->count] = key;
	return keyset_lookup(keys->set, keys->count) != NULL;
}

static void
keep_first(YdKeyHashes *keys, int n)
{
	while (keys->entered > n)
	{
		KeyPlace   *found = keyset_lookup(keys->set, --keys->entered);

		/* its like before it stays */
		if (found != NULL && found->place == keys->entered)
			keyset_delete_item(keys->set, found);
	}
	keys->count = Min(keys->count, n);
}

/* ----- keys ----- */

static uint64
check_value(Form_pg_attribute att, Datum value, uint64 seed)
{
	struct varlena *plain;

	if (att->attbyval)
		return hash_bytes_extended((unsigned char *) &value, sizeof(value), seed);
	if (att->attlen > 0)
		return hash_bytes_extended((unsigned char *) DatumGetPointer(value), att->attlen, seed);
	if (att->attlen == -2)
		return hash_bytes_extended((unsigned char *) DatumGetCString(value),
								   strlen(DatumGetCString(value)), seed);
	plain = PG_DETOAST_DATUM_PACKED(value);
	return hash_bytes_extended((unsigned char *) VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain), seed);
}

static uint64
secret(void)
{
	static uint64 secret = 0;

	while (secret == 0)
		if (!pg_strong_random(&secret, sizeof(secret)))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not get a random number for the keys of records"),
					 errdetail("The system's source of random numbers does not answer."),
					 errhint("Mend the source of random numbers, then run the deployment again.")));
	return secret;
}

bool
yd_hash_key(YdCapturedTable *table, TupleTableSlot *row, const Datum *values, const bool *nulls,
			YdKeyHash *key)
{
	bool		complete = true;

	key->hash = 0;
	key->check = secret();
	for (int k = 0; k < table->nkeys; k++)
	{
		int			att = table->columns[table->keys[k]].shadow - 1;
		Form_pg_attribute stored = TupleDescAttr(table->shadow_desc, att);
		bool		isnull = values != NULL && nulls[att];
		Datum		value = values != NULL ? values[att] :
			slot_getattr(row, table->columns[table->keys[k]].attnum, &isnull);

		complete &= !isnull;
		if (isnull)
			continue;
		key->hash = hash_combine64(key->hash, yd_hash_value(stored, value, k + 1));
		key->check = check_value(stored, value, key->check + k);
	}
	return complete;
}

void
yd_note_key(YdCapturedTable *table, bool inserted, YdKeyHash key)
{
	YdKeyHashes *keys = inserted ? &table->inserted_keys : &table->image_keys;

	if (keys->count == YD_KEYS_NOTED)
	{
		keys->overflowed = true;
		return;
	}
	make_room(keys);
	keys->keys[keys->count++] = key;
}

bool
yd_key_is_recorded(YdCapturedTable *table, YdKeyHash key)
{
	return is_noted(&table->image_keys, key) || is_noted(&table->inserted_keys, key);
}

void
yd_forget_keys(YdCapturedTable *table, int images, int inserted)
{
	keep_first(&table->image_keys, images);
	keep_first(&table->inserted_keys, inserted);
}

/* ----- at the end ----- */

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
	bool		repeated;

	if (inserted->count == 0)
		return false;
	if (inserted->overflowed || images->overflowed || !keys_are_exact(table))
		return true;
	enter_keys(inserted);
	repeated = inserted->set->members < inserted->count;
	for (int i = 0; i < images->count && !repeated; i++)
		repeated = is_noted(inserted, images->keys[i]);
	return repeated;
}
