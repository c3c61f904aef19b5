/*
 * captured.h
 *		The tables under capture in the current transaction, and the buffers of
 *		records in front of their shadow tables.
 */
#ifndef YESTERDAY_CAPTURED_H
#define YESTERDAY_CAPTURED_H

#include "shadow.h"
#include "executor/tuptable.h"
#include "utils/hsearch.h"

#define YD_BUFFER_TUPLES	256

/* Where a record lies among the bytes of its buffer */
typedef struct YdRecordPlace
{
	Size		at;
	uint32		length;
} YdRecordPlace;

/*
 * Records of one nesting level. A record must be written by the
 * subtransaction that made it, or go with it; so records of an outer level
 * wait while an inner one runs.
 */
typedef struct YdBuffer
{
	struct YdBuffer *below;
	int			level;
	char	   *bytes;
	Size		used;
	Size		capacity;
	int			ntuples;
	int			written_level;	/* inner level that wrote the records already; 0: none */
	int64		seen;			/* row writes that the triggers saw at this level */
	bool		restarted;		/* TRUNCATE: the count replaces that of outer levels */
	int64		prior;			/* prior images recorded at this level */
	int64		inserted;		/* inserted keys recorded at this level */
	uint64		seal;			/* sum of the seals of both */
	bool		has_large;		/* some may be stored in another form, which has another seal */
	int			images_before;	/* keys that had been noted when this level came to the table */
	int			inserted_before;
	YdRecordPlace records[YD_BUFFER_TUPLES];
} YdBuffer;

/* A key: two hashes of it that know nothing of each other, the second with a secret of the backend */
typedef struct YdKeyHash
{
	uint64		hash;
	uint64		check;
} YdKeyHash;

/* Keys in the order of their records, and a set of them (recorded_keys.c) */
typedef struct YdKeyHashes
{
	YdKeyHash  *keys;
	int			count;
	int			capacity;
	int			entered;		/* of these in the set */
	struct keyset_hash *set;	/* made when it is asked for */
	bool		overflowed;		/* there were more */
} YdKeyHashes;

/* Do the bytes of a row lie as those of its record? Asked anew after each ALTER TABLE. */
typedef enum YdLayout
{
	YD_LAYOUT_UNKNOWN,
	YD_LAYOUT_ALIKE,
	YD_LAYOUT_DIFFERENT
} YdLayout;

typedef struct YdCapturedTable
{
	Oid			relid;			/* hash key */
	bool		skip;			/* made by the deployment: goes as a whole */
	NameData	schema;			/* names before the deployment */
	NameData	table;
	Oid			owner;			/* where described, not where loaded */
	bool		business;		/* not tracked: the deployment emptied it */
	char		key_kind;		/* 'p', 'u' or 'r' */
	int			nkeys;
	int		   *keys;			/* indexes into columns */
	int			ncolumns;
	YdShadowColumn *columns;
	bool		has_text;
	AttrNumber	wide;			/* column of the shadow for those without one; 0: there is none */
	bool		lost_columns;	/* some were dropped, or changed their type, before TRUNCATE */
	int			shadow_level;	/* level that made the shadow; 0: not made yet */
	int64		id;				/* of yesterday.captured_table */
	Oid			shadow;
	TupleDesc	shadow_desc;
	TupleDesc	key_desc;		/* its columns as far as the last of the key; NULL: not asked for yet */
	int			complete_level; /* level at which every row was captured; 0: not */
	bool		settled;		/* no record has been added, and none has to go, since they were counted */
	bool		retake;			/* rows count as new ones when this command has changed them */
	YdBuffer   *buffer;			/* innermost level first */
	TupleTableSlot **slots;		/* for writing, as many as were needed */
	int			nslots;
	YdKeyHashes inserted_keys;
	YdKeyHashes image_keys;
	YdLayout	layout;
	char	   *digest;			/* digest before, taken when the file was about to go */
	int			digest_level;
	bool		digest_kept;	/* open scope: yesterday.table_digest has one */
} YdCapturedTable;

/* The entry of a tracked table; makes it, and its shadow, at the first touch. */
extern YdCapturedTable *yd_captured_table(Relation rel, bool for_write);

/* The entry that was asked for last, where it is this table's and wants nothing more for a write. */
extern YdCapturedTable *yd_captured_last(Oid relid);

/*
 * The same as yd_captured_table() for a table that is not tracked, before TRUNCATE takes its rows.
 * "describe" gives a new entry the names of before the deployment.
 */
extern YdCapturedTable *yd_captured_business(Relation rel, bool *is_new,
											 void (*describe) (YdCapturedTable *table));

/* Enter a captured table that this transaction has not touched. */
extern YdCapturedTable *yd_enter_captured(int64 id);

/* ----- captured_shape.c ----- */

/* Describe a table as it is now. */
extern void yd_describe_table(YdCapturedTable *table, Relation rel);

/* Are values alike to a B-tree over plain columns exactly where they are by their types and collations? */
extern bool yd_index_compares_plainly(TupleDesc desc, Oid indexid);

/* Set the output function of a column that is stored as text. */
extern void yd_find_output(YdShadowColumn *column);

/* ----- captured_catalog.c ----- */

/* Enter a described table in the catalog and make its shadow. */
extern void yd_make_shadow(YdCapturedTable *table, int64 deployment);

/*
 * Read the entry of this table (relid) in a deployment from the catalog; "skip": it is
 * not captured there.
 */
extern void yd_load_table(YdCapturedTable *table, int64 deployment);

/* The same for an entry of nothing yet; false: it is not captured. */
extern bool yd_load_captured_of(int64 deployment, Oid relid, YdCapturedTable *table);

/* Read the entry of any captured table from the catalog; false: there is none. */
extern bool yd_load_captured(int64 id, YdCapturedTable *table);

/* ----- captured.c ----- */

/* Once a backend. */
extern void yd_captured_init(void);

/* Raises when a touched table has more row writes than the triggers saw. */
extern void yd_check_touched_counts(void);

/* ... and enter the catalogs that it wrote and no schema image explains. */
extern void yd_enter_catalog_writes(void);

/* Every entry, one after another; the entry just returned may be removed. */
typedef struct YdCapturedScan
{
	bool		active;
	HASH_SEQ_STATUS status;
} YdCapturedScan;

extern void yd_captured_begin_scan(YdCapturedScan *scan);
extern YdCapturedTable *yd_captured_next(YdCapturedScan *scan);

/* OIDs of the tables that this transaction has touched. */
extern List *yd_captured_relids(void);

/* Rows count as new ones when the running command has changed them. */
extern void yd_retake(YdCapturedTable *table);

/* The tables to be taken again, once: the caller does it. */
extern List *yd_tables_to_retake(void);

/* OIDs of the tracked tables that exist, partitioned parents left out. */
extern List *yd_tracked_relids(void);

/*
 * Add one record to the buffer of the current level. "now" is the version of
 * the row that the table has afterwards, or NULL.
 */
extern void yd_add_record(YdCapturedTable *table, char op, TupleTableSlot *row, bool key_only,
						  TupleTableSlot *now);

/* What a record, of which nothing lies out of line, adds to the seal of its shadow (seal.c). */
extern uint64 yd_seal_of_record(HeapTupleHeader record, Size length);

/* Note that a row trigger fired, whether or not it made a record. */
extern void yd_count_write(YdCapturedTable *table);

/* A TRUNCATE starts the server's counts of this level anew: do likewise. */
extern void yd_restart_count(YdCapturedTable *table);

/* Hash of a row's key, and of a record's: equal where the shadow's values are the same bytes. */
extern uint64 yd_key_hash(YdCapturedTable *table, TupleTableSlot *row);
extern uint64 yd_record_key_hash(YdCapturedTable *table, TupleTableSlot *record);

/* The entry of a table that this transaction has touched already, or NULL. */
extern YdCapturedTable *yd_find_captured(Oid relid);
extern YdCapturedTable *yd_find_captured_id(int64 id);

#endif
