/*
 * restore_touched.h
 *		Records of a shadow in a hash table of their own, by key or by the whole row.
 */
#ifndef YESTERDAY_RESTORE_TOUCHED_H
#define YESTERDAY_RESTORE_TOUCHED_H

#include "restore.h"

#include "utils/rel.h"
#include "utils/snapmgr.h"

#define YD_NO_ITEM		PG_UINT32_MAX

/* A record, or for whole rows all records of the same row */
typedef struct YdTouchedItem
{
	uint32		hash;
	uint32		next;			/* in the bucket */
	ItemPointerData image;
	int64		net;			/* whole rows: how many have to be there more than now */
	uint16		origin;			/* whole rows: of YdEntry */
	bool		imaged;			/* whole rows: "image" is no record of an inserted row */
	uint32		entry;			/* keyed */
} YdTouchedItem;

typedef struct YdTouched
{
	YdRestoring *table;
	int			ncolumns;
	YdBoundColumn **columns;
	FmgrInfo   *hash;			/* by column; fn_oid 0: bitwise */
	FmgrInfo   *equal;
	uint32	   *buckets;
	uint32		nbuckets;		/* a power of two */
	YdTouchedItem *items;
	uint32		nitems;
	uint32		capacity;
} YdTouched;

extern YdTouched *yd_touched_begin(YdRestoring *table, bool whole_rows);
extern void yd_touched_end(YdTouched *touched);

/* Hash of a record, or of a row. */
extern uint32 yd_touched_hash(YdTouched *touched, TupleTableSlot *slot, bool is_image);

/* Compare a record (left) with a row or with another record. */
extern bool yd_touched_equal(YdTouched *touched, TupleTableSlot *image, TupleTableSlot *slot,
							 bool is_image);

/* The item that a row (or record) belongs to, or NULL. */
extern YdTouchedItem *yd_touched_find(YdTouched *touched, uint32 hash, TupleTableSlot *slot,
									  bool is_image, TupleTableSlot *scratch);
extern YdTouchedItem *yd_touched_add(YdRestore *restore, YdTouched *touched, uint32 hash,
									 ItemPointer image);

static inline void
yd_fetch_record(YdRestoring *table, ItemPointer tid, TupleTableSlot *slot)
{
	if (!yd_fetch(table->binding->shadow, tid, SnapshotAny, slot))
		elog(ERROR, "a record of shadow table \"%s\" vanished",
			 RelationGetRelationName(table->binding->shadow));
}

#endif
