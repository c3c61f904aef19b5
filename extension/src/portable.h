/*
 * portable.h
 *		Digests of rows that are the same in every target that is aligned: by
 *		natural keys, without what is local to one database.
 */
#ifndef YESTERDAY_PORTABLE_H
#define YESTERDAY_PORTABLE_H

#include "yesterday.h"
#include "access/attnum.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "execute_as.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/hsearch.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

struct YdPortableTable;

/* What a foreign key refers to, by natural key */
typedef struct YdPortableReference
{
	Oid			parent;
	Oid			index;			/* of the referenced columns; of all partitions, if so */
	AttrNumber *parent_columns;
	Oid		   *equal;			/* parent = child */
	struct YdPortableTable **leaves;	/* the parent, or its partitions */
	Oid		   *indexes;		/* of the leaves */
	int			nleaves;
} YdPortableReference;

/* One thing that counts of a row: a column, or the columns of a foreign key */
typedef struct YdPortableItem
{
	char	   *name;
	bool		is_key;
	int			n;
	AttrNumber *columns;
	YdPortableReference *reference; /* NULL: a plain value, or presence only */
	bool		presence_only;
} YdPortableItem;

typedef struct YdPortableTable
{
	Oid			relid;			/* hash key */
	Oid			owner;
	char	   *name;			/* schema.table, of the root of partitions */
	Relation	rel;
	bool		has_key;
	int			nitems;
	YdPortableItem *items;		/* by name, as bytes */
	FmgrInfo   *output;			/* by attribute number - 1; found when needed */
} YdPortableTable;

/* One call: everything it opened, and what it has found out about referenced rows */
typedef struct YdPortable
{
	MemoryContext context;
	HTAB	   *tables;
	HTAB	   *keys;			/* natural keys of referenced rows */
	Snapshot	snapshot;
	pg_cryptohash_ctx *sha;
	int			depth;			/* references that are being followed */
	bool		circular;		/* one led back to where it came from */
} YdPortable;

/*
 * A row to be told. "columns" are the attribute numbers in the slot of the table's own, NULL where they are
 * the same; "as_text" tells those that hold the text of the value.
 */
typedef struct YdPortableRow
{
	TupleTableSlot *slot;
	const AttrNumber *columns;
	const bool *as_text;
} YdPortableRow;

typedef struct YdPortableSum
{
	int64		rows;
	uint64		words[PG_SHA256_DIGEST_LENGTH / sizeof(uint64)];
} YdPortableSum;

/* ----- portable_plan.c ----- */

/*
 * Opens a table and everything that its natural keys lead to. Reads our own
 * functions and tables, so it comes before any switch of user.
 */
extern YdPortableTable *yd_portable_open(YdPortable *run, Oid relid, Oid root);
extern void yd_portable_close(YdPortable *run);

/* The table itself, or its partitions. */
extern List *yd_portable_leaves(Oid relid);

/* ----- portable.c ----- */
extern YdPortable *yd_portable_begin(void);

/* Forgets referenced rows when there are many; between rows. */
extern void yd_portable_trim(YdPortable *run);

/*
 * Digest of a row: of all items, or of its key. Runs output functions and
 * comparisons: as the table's owner, whom the caller has switched to.
 */
extern void yd_portable_row(YdPortable *run, YdPortableTable *table, YdPortableRow *row,
							bool key_only, uint8 *digest);

extern Datum yd_portable_value(YdPortableRow *row, AttrNumber attnum, bool *isnull);
extern char *yd_portable_text(YdPortable *run, YdPortableTable *table, YdPortableRow *row,
							  AttrNumber attnum, Datum value);

/* The row that a foreign key refers to, in a slot to be dropped; false: there is none. */
extern bool yd_portable_parent(YdPortable *run, YdPortableTable *table, YdPortableItem *item,
							   YdPortableRow *row, YdPortableTable **leaf, TupleTableSlot **slot);

/* In between code runs as this owner; settings are pinned already. */
extern void yd_portable_step_into(Oid owner, YdUserSwitch *save);
extern void yd_portable_step_back(const YdUserSwitch *save);

extern void yd_portable_sha256(YdPortable *run, const char *bytes, int length, uint8 *digest);
extern void yd_portable_append(StringInfo bytes, char tag, const char *content, int length);

#endif
