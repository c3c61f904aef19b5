/*
 * buffer.c
 *		Records on their way to the shadow tables.
 *
 * They lie packed in one small piece of memory, which stays in the processor's
 * cache from the making of a record to its way into the page and the log.
 */
#include "buffer.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "capture.h"
#include "packed.h"
#include "pages.h"
#include "recorded_keys.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define FIRST_BYTES		4096
#define MOST_BYTES		(64 * 1024)

/* ----- writing ----- */

static void
write_records(YdCapturedTable *table, YdBuffer *buffer)
{
	Relation	shadow;
	HeapTupleData *tuples;
	bool		pushed;

	if (buffer->ntuples == 0)
		return;
	if (table->nslots < buffer->ntuples)
	{
		MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);

		if (table->slots == NULL)
			table->slots = palloc(sizeof(TupleTableSlot *) * YD_BUFFER_TUPLES);
		while (table->nslots < buffer->ntuples)
			table->slots[table->nslots++] =
				MakeSingleTupleTableSlot(table->shadow_desc, yd_packed_slots());
		MemoryContextSwitchTo(old);
	}
	tuples = palloc0(sizeof(HeapTupleData) * buffer->ntuples);
	for (int i = 0; i < buffer->ntuples; i++)
	{
		tuples[i].t_data = (HeapTupleHeader) (buffer->bytes + buffer->records[i].at);
		tuples[i].t_len = buffer->records[i].length;
		ItemPointerSetInvalid(&tuples[i].t_self);
		yd_store_packed(table->slots[i], &tuples[i]);
	}
	/* at the end of a (sub)transaction there is none; storing out of line asks for one */
	pushed = !ActiveSnapshotSet();
	if (pushed)
		PushActiveSnapshot(GetTransactionSnapshot());
	shadow = table_open(table->shadow, RowExclusiveLock);
	table_multi_insert(shadow, table->slots, buffer->ntuples,
					   GetCurrentCommandId(true), TABLE_INSERT_SKIP_FSM, NULL);
	for (int i = 0; i < buffer->ntuples; i++)
		ExecClearTuple(table->slots[i]);
	table_close(shadow, NoLock);
	if (pushed)
		PopActiveSnapshot();
	pfree(tuples);
}

static void
empty_buffer(YdBuffer *buffer)
{
	buffer->ntuples = 0;
	buffer->used = 0;
	buffer->written_level = 0;
	if (buffer->capacity > MOST_BYTES)
	{
		pfree(buffer->bytes);
		buffer->bytes = NULL;
		buffer->capacity = 0;
	}
}

static void
write_buffer(YdCapturedTable *table, YdBuffer *buffer)
{
	write_records(table, buffer);
	empty_buffer(buffer);
}

/* Keep what lies behind the first n records. */
static void
drop_first(YdBuffer *buffer, int n)
{
	Size		from;

	if (n == buffer->ntuples)
	{
		empty_buffer(buffer);
		return;
	}
	from = buffer->records[n].at;
	memmove(buffer->bytes, buffer->bytes + from, buffer->used - from);
	buffer->used -= from;
	buffer->ntuples -= n;
	memmove(buffer->records, buffer->records + n, sizeof(YdRecordPlace) * buffer->ntuples);
	for (int i = 0; i < buffer->ntuples; i++)
		buffer->records[i].at -= from;
}

/* A buffer is full: write whole pages of it where that can be done, else all of it. */
static void
make_room(YdCapturedTable *table, YdBuffer *buffer)
{
	Relation	shadow = table_open(table->shadow, RowExclusiveLock);
	int			written = yd_write_pages(shadow, buffer);

	table_close(shadow, NoLock);
	if (written == 0)
		write_buffer(table, buffer);
	else
		drop_first(buffer, written);
}

/* ----- filling ----- */

YdBuffer *
yd_buffer(YdCapturedTable *table)
{
	YdBuffer   *buffer = table->buffer;
	int			level = GetCurrentTransactionNestLevel();

	if (buffer != NULL && buffer->level == level)
		return buffer;
	buffer = MemoryContextAllocZero(TopTransactionContext, sizeof(YdBuffer));
	buffer->level = level;
	buffer->below = table->buffer;
	buffer->images_before = table->image_keys.count;
	buffer->inserted_before = table->inserted_keys.count;
	table->buffer = buffer;
	return buffer;
}

static bool
has_room(YdBuffer *buffer, Size length)
{
	return buffer->ntuples < YD_BUFFER_TUPLES &&
		(buffer->ntuples == 0 || buffer->used + length <= MOST_BYTES);
}

HeapTupleHeader
yd_buffer_add(YdCapturedTable *table, YdBuffer *buffer, Size length)
{
	HeapTupleHeader record;
	Size		needed = MAXALIGN(length);

	if (!has_room(buffer, needed))
		make_room(table, buffer);
	if (buffer->used + needed > buffer->capacity)
	{
		Size		capacity = Max(buffer->capacity * 2, FIRST_BYTES);

		while (capacity < buffer->used + needed)
			capacity *= 2;
		buffer->bytes = buffer->bytes == NULL ?
			MemoryContextAllocHuge(TopTransactionContext, capacity) :
			repalloc_huge(buffer->bytes, capacity);
		buffer->capacity = capacity;
	}
	record = (HeapTupleHeader) (buffer->bytes + buffer->used);
	/* the page takes the padding, too */
	memset((char *) record + length, 0, needed - length);
	buffer->records[buffer->ntuples].at = buffer->used;
	buffer->records[buffer->ntuples].length = length;
	buffer->used += needed;
	buffer->ntuples++;
	return record;
}

void
yd_count_write(YdCapturedTable *table)
{
	yd_buffer(table)->seen++;
}

void
yd_restart_count(YdCapturedTable *table)
{
	YdBuffer   *buffer = yd_buffer(table);

	buffer->seen = 0;
	buffer->restarted = true;
}

/*
 * Whoever reads the shadows sees all records. Those of an outer level are
 * written by the current one, and kept until it is certain that it commits.
 */
void
yd_capture_flush(void)
{
	YdCapturedScan scan;
	YdCapturedTable *table;
	int			level = GetCurrentTransactionNestLevel();

	yd_captured_begin_scan(&scan);
	if (!scan.active)
		return;
	while ((table = yd_captured_next(&scan)) != NULL)
	{
		for (YdBuffer *buffer = table->buffer; buffer != NULL; buffer = buffer->below)
		{
			if (buffer->level == level)
				write_buffer(table, buffer);
			else if (buffer->ntuples > 0 && buffer->written_level == 0)
			{
				write_records(table, buffer);
				buffer->written_level = level;
			}
		}
	}
	CommandCounterIncrement();
}

/* ----- subtransactions ----- */

/* Can an inner level's records go over to its parent's buffer, without writing? */
static bool
fits(YdBuffer *below, YdBuffer *buffer)
{
	return below->ntuples == 0 ||
		(below->ntuples + buffer->ntuples <= YD_BUFFER_TUPLES &&
		 below->used + buffer->used <= MOST_BYTES);
}

/*
 * A subtransaction is about to commit: write what its parent's buffer has no
 * room for, while it can still write.
 */
void
yd_capture_subflush(int level)
{
	YdCapturedScan scan;
	YdCapturedTable *table;

	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
	{
		YdBuffer   *buffer = table->buffer;

		if (buffer != NULL && buffer->level == level &&
			buffer->below != NULL && buffer->below->level == level - 1 &&
			!fits(buffer->below, buffer))
			write_buffer(table, buffer);
	}
}

static void
free_buffer(YdBuffer *buffer)
{
	if (buffer->bytes != NULL)
		pfree(buffer->bytes);
	pfree(buffer);
}

/* Take over the records of an inner level, which fit. */
static void
take_over(YdCapturedTable *table, YdBuffer *below, YdBuffer *buffer)
{
	if (below->ntuples == 0)
	{
		char	   *bytes = below->bytes;
		Size		capacity = below->capacity;

		below->bytes = buffer->bytes;
		below->capacity = buffer->capacity;
		below->used = buffer->used;
		below->ntuples = buffer->ntuples;
		memcpy(below->records, buffer->records, sizeof(YdRecordPlace) * buffer->ntuples);
		buffer->bytes = bytes;
		buffer->capacity = capacity;
		return;
	}
	for (int i = 0; i < buffer->ntuples; i++)
	{
		YdRecordPlace *from = &buffer->records[i];

		memcpy(yd_buffer_add(table, below, from->length),
			   buffer->bytes + from->at, from->length);
	}
}

void
yd_buffer_subcommit(YdCapturedTable *table, int level)
{
	YdBuffer   *buffer = table->buffer;
	YdBuffer   *below;

	for (YdBuffer *outer = table->buffer; outer != NULL; outer = outer->below)
	{
		if (outer->written_level != level)
			continue;
		outer->written_level = level - 1;
		if (outer->written_level == outer->level)
			empty_buffer(outer);
	}
	if (buffer == NULL || buffer->level != level)
		return;
	below = buffer->below;
	if (below == NULL || below->level < level - 1)
	{
		buffer->level = level - 1;
		return;
	}
	take_over(table, below, buffer);
	below->seen = buffer->restarted ? buffer->seen : below->seen + buffer->seen;
	below->restarted |= buffer->restarted;
	below->prior += buffer->prior;
	below->inserted += buffer->inserted;
	below->seal += buffer->seal;
	below->has_large |= buffer->has_large;
	table->buffer = below;
	free_buffer(buffer);
}

void
yd_buffer_subabort(YdCapturedTable *table, int level)
{
	while (table->buffer != NULL && table->buffer->level >= level)
	{
		YdBuffer   *buffer = table->buffer;

		yd_forget_keys(table, buffer->images_before, buffer->inserted_before);
		table->buffer = buffer->below;
		free_buffer(buffer);
	}
	for (YdBuffer *outer = table->buffer; outer != NULL; outer = outer->below)
		if (outer->written_level >= level)
			outer->written_level = 0;
}
