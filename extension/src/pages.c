/*
 * pages.c
 *		Full pages of a shadow table, written at once.
 *
 * heap_multi_insert() asks page after page for room, and copies every record once
 * more, for the log. Records that fill pages of their own need neither: the file
 * grows by several pages, and each is filled and logged from where the records lie.
 * What goes into the log is the heap's own record of an insertion into a new page, so
 * that recovery, standbys and tools see nothing that they do not know.
 */
#include "pages.h"

#include "access/heapam.h"
#include "access/heapam_xlog.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "access/xloginsert.h"
#include "catalog/catalog.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/lmgr.h"
#include "storage/predicate.h"
#include "utils/rel.h"

#define MOST_PAGES	16

/*
 * In the log a record is preceded by its length and by the last three fields of its header,
 * which lie in the header in that order: so the length goes before them, where
 * the header on the page has half of ctid, and what is logged is in one piece.
 */
#define LOGGED_FROM		(offsetof(HeapTupleHeaderData, t_infomask2) - sizeof(uint16))

StaticAssertDecl(offsetof(HeapTupleHeaderData, t_infomask2) - LOGGED_FROM ==
				 offsetof(xl_multi_insert_tuple, t_infomask2) &&
				 offsetof(HeapTupleHeaderData, t_infomask) - LOGGED_FROM ==
				 offsetof(xl_multi_insert_tuple, t_infomask) &&
				 offsetof(HeapTupleHeaderData, t_hoff) - LOGGED_FROM ==
				 offsetof(xl_multi_insert_tuple, t_hoff) &&
				 SizeofHeapTupleHeader - LOGGED_FROM == SizeOfMultiInsertTuple &&
				 offsetof(xl_multi_insert_tuple, datalen) == 0 &&
				 LOGGED_FROM % sizeof(uint16) == 0,
				 "a tuple in the log is the end of its header, behind its length");

static HeapTupleHeader
record_at(YdBuffer *buffer, int i)
{
	return (HeapTupleHeader) (buffer->bytes + buffer->records[i].at);
}

/* How many of the records from "first" on go on one page; 0: they do not fill it. */
static int
fill_of_page(YdBuffer *buffer, int first)
{
	Size		room = BLCKSZ - SizeOfPageHeaderData;

	for (int i = first; i < buffer->ntuples; i++)
	{
		Size		needed = MAXALIGN(buffer->records[i].length) + sizeof(ItemIdData);

		if (needed > room || i - first == MaxHeapTuplesPerPage)
			return i - first;
		room -= needed;
	}
	return 0;
}

/* New pages at the end of the file, pinned: as many as wanted, or fewer. */
static int
grow(Relation shadow, int wanted, Buffer *pages)
{
	/* nobody else sees a file that this transaction made */
	bool		is_shared = !RELATION_IS_LOCAL(shadow);
#if YD_GROWS_BY_SEVERAL
	uint32		got;

	ExtendBufferedRelBy(BMR_REL(shadow), MAIN_FORKNUM, NULL,
						is_shared ? 0 : EB_SKIP_EXTENSION_LOCK, wanted, pages, &got);
	return (int) got;
#else
	if (is_shared)
		LockRelationForExtension(shadow, ExclusiveLock);
	for (int i = 0; i < wanted; i++)
		pages[i] = ReadBufferExtended(shadow, MAIN_FORKNUM, P_NEW, RBM_NORMAL, NULL);
	if (is_shared)
		UnlockRelationForExtension(shadow, ExclusiveLock);
	return wanted;
#endif
}

/*
 * The kernel gives a process the memory of a shared buffer when it first touches it: page by
 * page where it writes, but sixteen at once where it reads. Buffers are mostly handed out in
 * the order of their memory, upwards or downwards: look at those that are likely to come next.
 */
static void
touch_next(Buffer first, Buffer last)
{
	int			step = last > first ? 1 : -1;
	int			n = abs(last - first) + 1;

	for (int i = 1; i <= n; i += Max(n - 1, 1))
	{
		Buffer		next = last + step * i;

		if (n <= MOST_PAGES && next >= 1 && next <= NBuffers)
			(void) *(volatile char *) BufferGetPage(next);
	}
}

/* Put records on a new page: nothing here may fail. */
static void
put_records(Page page, BlockNumber block, YdBuffer *buffer, int first, int n,
			TransactionId xid, CommandId cid)
{
	PageHeader	header = (PageHeader) page;

	PageInit(page, BLCKSZ, 0);
	for (int i = 0; i < n; i++)
	{
		HeapTupleHeader from = record_at(buffer, first + i);
		uint32		length = buffer->records[first + i].length;
		HeapTupleHeader to;

		/* what is logged has these, too */
		from->t_infomask &= ~HEAP_XACT_MASK;
		from->t_infomask2 &= ~HEAP2_XACT_MASK;
		from->t_infomask |= HEAP_XMAX_INVALID;

		header->pd_upper -= MAXALIGN(length);
		ItemIdSetNormal(PageGetItemId(page, FirstOffsetNumber + i), header->pd_upper, length);
		to = (HeapTupleHeader) (page + header->pd_upper);
		memcpy(to, from, MAXALIGN(length));
		HeapTupleHeaderSetXmin(to, xid);
		HeapTupleHeaderSetXmax(to, InvalidTransactionId);
		HeapTupleHeaderSetCmin(to, cid);
		ItemPointerSet(&to->t_ctid, block, FirstOffsetNumber + i);
	}
	header->pd_lower += n * sizeof(ItemIdData);
}

static XLogRecPtr
log_records(Buffer page, YdBuffer *buffer, int first, int n)
{
	xl_heap_multi_insert record = {0};

	record.ntuples = n;
	record.flags = XLH_INSERT_LAST_IN_MULTI;
	XLogBeginInsert();
	XLogRegisterData((char *) &record, SizeOfHeapMultiInsert);
	XLogRegisterBuffer(0, page, REGBUF_STANDARD | REGBUF_WILL_INIT);
	for (int i = 0; i < n; i++)
	{
		char	   *from = (char *) record_at(buffer, first + i) + LOGGED_FROM;
		uint32		length = buffer->records[first + i].length - LOGGED_FROM;
		uint16		datalen = buffer->records[first + i].length - SizeofHeapTupleHeader;

		memcpy(from, &datalen, sizeof(datalen));
		/* the next one begins at an even place; behind the last one there is nothing */
		XLogRegisterBufData(0, from, i < n - 1 ? SHORTALIGN(length) : length);
	}
	XLogSetRecordFlags(XLOG_INCLUDE_ORIGIN);
	return XLogInsert(RM_HEAP2_ID, XLOG_HEAP2_MULTI_INSERT | XLOG_HEAP_INIT_PAGE);
}

static void
write_page(Relation shadow, Buffer page, YdBuffer *buffer, int first, int n,
		   TransactionId xid, CommandId cid)
{
	XLogRecPtr	lsn;

	START_CRIT_SECTION();
	put_records(BufferGetPage(page), BufferGetBlockNumber(page), buffer, first, n, xid, cid);
	MarkBufferDirty(page);
	lsn = log_records(page, buffer, first, n);
	PageSetLSN(BufferGetPage(page), lsn);
	END_CRIT_SECTION();
}

/* Are these records such as lie on a page as they are? */
static bool
are_plain(Relation shadow, YdBuffer *buffer)
{
	if (!RelationNeedsWAL(shadow) || RelationIsLogicallyLogged(shadow))
		return false;
	for (int i = 0; i < buffer->ntuples; i++)
		if (buffer->records[i].length > TOAST_TUPLE_THRESHOLD)
			return false;
	return true;
}

int
yd_write_pages(Relation shadow, YdBuffer *buffer)
{
	int			fills[MOST_PAGES];
	Buffer		pages[MOST_PAGES];
	int			npages = 0;
	int			nrecords = 0;
	int			written = 0;
	TransactionId xid = GetCurrentTransactionId();
	CommandId	cid = GetCurrentCommandId(true);

	if (!are_plain(shadow, buffer))
		return 0;
	while (npages < MOST_PAGES && (fills[npages] = fill_of_page(buffer, nrecords)) > 0)
		nrecords += fills[npages++];
	if (npages == 0)
		return 0;

	CheckForSerializableConflictIn(shadow, NULL, InvalidBlockNumber);
	XLogEnsureRecordSpace(0, MaxHeapTuplesPerPage + 2);
	for (int done = 0; done < npages;)
	{
		int			got = grow(shadow, npages - done, pages);
		BlockNumber last = BufferGetBlockNumber(pages[got - 1]);

		for (int i = 0; i < got; i++)
		{
			LockBuffer(pages[i], BUFFER_LOCK_EXCLUSIVE);
			/* between its making and our lock somebody else can have found its room */
			if (PageIsNew(BufferGetPage(pages[i])))
			{
				write_page(shadow, pages[i], buffer, written, fills[done], xid, cid);
				written += fills[done++];
			}
			UnlockReleaseBuffer(pages[i]);
		}
		/* whoever inserts by heap_multi_insert() goes on behind these: the order of records counts */
		RelationSetTargetBlock(shadow, last);
		touch_next(pages[0], pages[got - 1]);
	}
	pgstat_count_heap_insert(shadow, written);
	return written;
}
