/*
 * restore_fetch.c
 *		Reading rows and records by their place.
 *
 * Entries stand in the order of the shadow, and rows of one deployment stand
 * together: as long as the next row is in the block that the slot has pinned,
 * no buffer has to be looked up.
 */
#include "restore.h"

#include "access/heapam.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Versions of a row that are looked at before its index is asked */
#define MOST_HOPS	4

/*
 * Read the version at this place into a buffer slot of that relation; false:
 * the snapshot does not show it. Heap tables only, as everything here.
 */
bool
yd_fetch(Relation rel, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot)
{
	BufferHeapTupleTableSlot *bslot = (BufferHeapTupleTableSlot *) slot;
	HeapTuple	tuple = &bslot->base.tupdata;
	BlockNumber block = ItemPointerGetBlockNumber(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);
	bool		pinned = !TTS_EMPTY(slot) && BufferIsValid(bslot->buffer) &&
		BufferGetBlockNumber(bslot->buffer) == block;
	Buffer		buffer = pinned ? bslot->buffer : ReadBuffer(rel, block);
	bool		visible = false;
	Page		page;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(buffer);
	if (offset >= FirstOffsetNumber && offset <= PageGetMaxOffsetNumber(page) &&
		ItemIdIsNormal(PageGetItemId(page, offset)))
	{
		ItemId		item = PageGetItemId(page, offset);

		tuple->t_data = (HeapTupleHeader) PageGetItem(page, item);
		tuple->t_len = ItemIdGetLength(item);
		tuple->t_tableOid = RelationGetRelid(rel);
		tuple->t_self = *tid;
		visible = HeapTupleSatisfiesVisibility(tuple, snapshot, buffer);
	}
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);

	if (visible && pinned)
		ExecStoreBufferHeapTuple(tuple, slot, buffer);
	else if (visible)
		ExecStorePinnedBufferHeapTuple(tuple, slot, buffer);
	else
	{
		ExecClearTuple(slot);	/* drops the pin it has */
		if (!pinned)
			ReleaseBuffer(buffer);
		return false;
	}
	slot->tts_tableOid = RelationGetRelid(rel);
	return true;
}

/* Where the version that followed this one is said to be; false: nowhere else. */
static bool
next_place(Relation rel, ItemPointer tid)
{
	Buffer		buffer = ReadBuffer(rel, ItemPointerGetBlockNumber(tid));
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);
	bool		found = false;
	Page		page;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(buffer);
	if (offset >= FirstOffsetNumber && offset <= PageGetMaxOffsetNumber(page))
	{
		ItemId		item = PageGetItemId(page, offset);

		if (ItemIdIsRedirected(item))
		{
			ItemPointerSetOffsetNumber(tid, ItemIdGetRedirect(item));
			found = true;
		}
		else if (ItemIdIsNormal(item))
		{
			HeapTupleHeader header = (HeapTupleHeader) PageGetItem(page, item);

			found = !ItemPointerEquals(tid, &header->t_ctid) &&
				!HeapTupleHeaderIndicatesMovedPartitions(header);
			if (found)
				*tid = header->t_ctid;
		}
	}
	UnlockReleaseBuffer(buffer);
	return found;
}

/*
 * Read the version that the snapshot shows of a row that was once at this
 * place; false: not found this way. A hint and no more: the file may be another
 * one and the place another row's by now, so the caller looks at the key.
 */
bool
yd_follow(Relation rel, ItemPointer place, BlockNumber nblocks, Snapshot snapshot,
		  TupleTableSlot *slot)
{
	ItemPointerData tid = *place;

	for (int hops = 0; hops < MOST_HOPS; hops++)
	{
		if (!ItemPointerIsValid(&tid) || ItemPointerGetBlockNumberNoCheck(&tid) >= nblocks)
			return false;
		if (yd_fetch(rel, &tid, snapshot, slot))
			return true;
		if (!next_place(rel, &tid))
			return false;
	}
	return false;
}

void
yd_fetch_image(YdRestoring *table, uint32 entry)
{
	if (!yd_fetch(table->binding->shadow, &table->entries[entry].image, SnapshotAny, table->image))
		elog(ERROR, "a record of shadow table \"%s\" vanished",
			 RelationGetRelationName(table->binding->shadow));
}

/* The row as it was found, also after this transaction deleted it. */
bool
yd_fetch_current(YdRestoring *table, uint32 entry)
{
	if (!ItemPointerIsValid(&table->entries[entry].current))
		return false;
	if (!yd_fetch(table->binding->rel, &table->entries[entry].current, SnapshotAny, table->current))
		elog(ERROR, "a row of table \"%s\" vanished under its lock",
			 RelationGetRelationName(table->binding->rel));
	return true;
}
