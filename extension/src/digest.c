/*
 * digest.c
 *		Digests of the rows of a table, independent of the capture: what the
 *		proof compares.
 *
 * Both digests of a proof are taken under one snapshot, so that what others
 * commit in between appears in neither. For "before" its command counter is
 * set to the first command: of this transaction nothing shows, neither what it
 * inserted nor what it deleted, while rows it holds locked cannot have been
 * changed by anybody else. That is the state the rollback has to bring back.
 *
 * Where the file of the table stays the same, both digests are taken at once,
 * after the rehearsal, and versions that show in both are passed over: they are
 * the same bytes in the same place, and would count the same on either side.
 */
#include "digest.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "capture.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "session.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

static Snapshot shared_snapshot = NULL;
static int	shared_level = 0;		/* nesting level that took it */

static char *
digest_rows(YdCapturedTable *table, Relation rel, const AttrNumber *attnums, Snapshot snapshot)
{
	YdDigestColumn *columns = yd_digest_columns(table, RelationGetDescr(rel), attnums);
	YdTextSettings settings;
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "yesterday digest",
													  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;
	YdDigest	digest = {0};

	old = MemoryContextSwitchTo(row_context);
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			yd_digest_row(slot, columns, table->ncolumns, &digest, 1);
			MemoryContextReset(row_context);
			CHECK_FOR_INTERRUPTS();
		}
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return yd_digest_text(&digest);
}

/* ----- both digests at once ----- */

/* Can what this transaction did make the version show on one side only? */
static bool
can_be_ours(HeapTupleHeader header, TransactionId top)
{
	/* a subtransaction's id comes after its parent's */
	if (TransactionIdFollowsOrEquals(HeapTupleHeaderGetXmin(header), top))
		return true;
	if ((header->t_infomask & HEAP_XMAX_INVALID) != 0)
		return false;
	return (header->t_infomask & HEAP_XMAX_IS_MULTI) != 0 ||
		TransactionIdFollowsOrEquals(HeapTupleHeaderGetRawXmax(header), top);
}

typedef struct OneSided
{
	HeapTupleData tuple;
	bool		before;			/* shows without us; else it shows with us only */
} OneSided;

/* The versions of a page that show on one side only. The buffer is pinned. */
static int
one_sided_of_page(Relation rel, Buffer buffer, Snapshot snapshot, TransactionId top,
				  CommandId command, OneSided *found)
{
	Page		page = BufferGetPage(buffer);
	int			n = 0;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	for (OffsetNumber offset = FirstOffsetNumber; offset <= PageGetMaxOffsetNumber(page); offset++)
	{
		ItemId		item = PageGetItemId(page, offset);
		HeapTuple	tuple = &found[n].tuple;
		bool		before;
		bool		now;

		if (!ItemIdIsNormal(item))
			continue;
		tuple->t_data = (HeapTupleHeader) PageGetItem(page, item);
		if (!can_be_ours(tuple->t_data, top))
			continue;
		tuple->t_len = ItemIdGetLength(item);
		tuple->t_tableOid = RelationGetRelid(rel);
		ItemPointerSet(&tuple->t_self, BufferGetBlockNumber(buffer), offset);
		snapshot->curcid = FirstCommandId;
		before = HeapTupleSatisfiesVisibility(tuple, snapshot, buffer);
		snapshot->curcid = command;
		now = HeapTupleSatisfiesVisibility(tuple, snapshot, buffer);
		if (before == now)
			continue;
		found[n].before = before;
		n++;
	}
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	return n;
}

/* Digests of the versions that show without this transaction only, and with it only. */
static void
digest_one_sided(YdCapturedTable *table, Relation rel, Snapshot snapshot,
				 YdDigest *before, YdDigest *now)
{
	YdDigestColumn *columns = yd_digest_columns(table, RelationGetDescr(rel), NULL);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	OneSided   *found = palloc(sizeof(OneSided) * MaxHeapTuplesPerPage);
	BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	TransactionId top = GetTopTransactionId();
	CommandId	command = GetCurrentCommandId(false);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "yesterday digest",
													  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(row_context);

	for (BlockNumber block = 0; block < nblocks; block++)
	{
		Buffer		buffer = ReadBufferExtended(rel, MAIN_FORKNUM, block, RBM_NORMAL, strategy);
		int			n = one_sided_of_page(rel, buffer, snapshot, top, command, found);

		for (int i = 0; i < n; i++)
		{
			ExecStoreBufferHeapTuple(&found[i].tuple, slot, buffer);
			yd_digest_row(slot, columns, table->ncolumns, found[i].before ? before : now, 1);
			MemoryContextReset(row_context);
		}
		ExecClearTuple(slot);
		ReleaseBuffer(buffer);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	FreeAccessStrategy(strategy);
	ExecDropSingleTupleTableSlot(slot);
	pfree(found);
}

/* A copy of the snapshot at which nothing of this transaction shows. */
static Snapshot
without_us(Snapshot snapshot)
{
	Snapshot	copy = RegisterSnapshot(snapshot);

	if (copy == snapshot)
		elog(ERROR, "the snapshot is not a copy");
	copy->curcid = FirstCommandId;
	return copy;
}

static char *
digest_and_snapshot(YdCapturedTable *table, Relation rel, Datum *taken_at)
{
	Snapshot	snapshot;
	char	   *digest;

	/* of a table that is not tracked only what TRUNCATE took comes back */
	snapshot = table->business ? RegisterSnapshot(GetLatestSnapshot()) :
		without_us(GetLatestSnapshot());
	digest = digest_rows(table, rel, NULL, snapshot);
	if (taken_at != NULL)
	{
		PushActiveSnapshot(snapshot);
		*taken_at = OidFunctionCall0(F_PG_CURRENT_SNAPSHOT);
		PopActiveSnapshot();
	}
	UnregisterSnapshot(snapshot);
	return digest;
}

char *
yd_digest_without_us(YdCapturedTable *table, Relation rel)
{
	return digest_and_snapshot(table, rel, NULL);
}

void
yd_keep_digest(YdCapturedTable *table, Relation rel)
{
	static const char *const columns[] = {"captured_table", "xid", "digest", "snapshot"};
	YdScan		scan;
	ScanKeyData key[1];
	bool		found;

	if (table->digest_kept)
		return;
	if (!yd_wants_digests())
	{
		table->digest_kept = true;
		return;
	}
	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_TABLE_DIGEST), "captured_table"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(table->id));
	yd_scan_begin(&scan, YD_TABLE_TABLE_DIGEST, "table_digest_pkey", 1, key);
	found = HeapTupleIsValid(yd_scan_next(&scan));
	yd_scan_end(&scan);
	if (!found)
	{
		Datum		values[4];
		bool		nulls[4] = {false, false, false, false};

		values[0] = Int64GetDatum(table->id);
		values[1] = FullTransactionIdGetDatum(GetTopFullTransactionId());
		values[2] = CStringGetTextDatum(digest_and_snapshot(table, rel, &values[3]));
		yd_insert(YD_TABLE_TABLE_DIGEST, columns, values, nulls, 4);
		CommandCounterIncrement();
	}
	table->digest_kept = true;
}

static void
forget_snapshot(void)
{
	if (shared_snapshot != NULL)
		UnregisterSnapshotFromOwner(shared_snapshot, TopTransactionResourceOwner);
	shared_snapshot = NULL;
}

/* An error in a proof that somebody caught: nobody comes to the end of it. */
void
yd_digest_subabort(int level)
{
	if (shared_level >= level)
		forget_snapshot();
}

void
yd_digest_reset(void)
{
	shared_snapshot = NULL;		/* the resource owner has let go of it */
}

PG_FUNCTION_INFO_V1(yd_digest_begin);
PG_FUNCTION_INFO_V1(yd_digest_end);
PG_FUNCTION_INFO_V1(yd_digest);

Datum
yd_digest_begin(PG_FUNCTION_ARGS)
{
	forget_snapshot();
	shared_level = GetCurrentTransactionNestLevel();
	shared_snapshot = RegisterSnapshotOnOwner(GetLatestSnapshot(), TopTransactionResourceOwner);
	PG_RETURN_VOID();
}

Datum
yd_digest_end(PG_FUNCTION_ARGS)
{
	forget_snapshot();
	PG_RETURN_VOID();
}

/*
 * _digest(captured bigint, is_before boolean): before, the table is the one
 * captured; now, the one that carries its name. NULL when there is none.
 */
Datum
yd_digest(PG_FUNCTION_ARGS)
{
	int64		captured = PG_GETARG_INT64(0);
	bool		before = PG_GETARG_BOOL(1);
	YdCapturedTable *table = yd_find_captured_id(captured);
	YdCapturedTable loaded;
	Relation	rel;
	AttrNumber *attnums;
	CommandId	command;
	char	   *digest;

	if (shared_snapshot == NULL || (before && table == NULL))
		elog(ERROR, "no digest of captured table " INT64_FORMAT " can be taken here", captured);
	if (table == NULL)
	{
		if (!yd_load_captured(captured, &loaded))
			PG_RETURN_NULL();
		table = &loaded;
	}
	if (before && table->digest != NULL)
		PG_RETURN_TEXT_P(cstring_to_text(table->digest));
	if (before && table->lost_columns)
		PG_RETURN_NULL();		/* the rows of before were not in it any more when it was emptied */

	attnums = palloc(sizeof(AttrNumber) * Max(table->ncolumns, 1));
	if (before)
		rel = try_relation_open(table->relid, AccessShareLock);
	else
	{
		Oid			schema = get_namespace_oid(NameStr(table->schema), true);
		Oid			relid = OidIsValid(schema) ? get_relname_relid(NameStr(table->table), schema) : InvalidOid;

		rel = OidIsValid(relid) ? try_relation_open(relid, AccessShareLock) : NULL;
		for (int i = 0; rel != NULL && i < table->ncolumns; i++)
		{
			attnums[i] = get_attnum(relid, NameStr(table->columns[i].name));
			if (attnums[i] == InvalidAttrNumber)
				ereport(ERROR,
						(errcode(ERRCODE_YD_PROOF_FAILED),
						 errmsg("the rollback would leave table \"%s.%s\" without column \"%s\"",
								NameStr(table->schema), NameStr(table->table),
								NameStr(table->columns[i].name)),
						 errdetail("The column was there before the deployment."),
						 errhint("Take the change out of the deployment, and run it again.")));
		}
	}
	if (rel == NULL)
		PG_RETURN_NULL();

	command = shared_snapshot->curcid;
	shared_snapshot->curcid = before ? FirstCommandId : GetCurrentCommandId(false);
	digest = digest_rows(table, rel, before ? NULL : attnums, shared_snapshot);
	shared_snapshot->curcid = command;
	relation_close(rel, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text(digest));
}

PG_FUNCTION_INFO_V1(yd_digest_by_change);
PG_FUNCTION_INFO_V1(yd_digest_changed);

/*
 * _digest_by_change(captured bigint): will _digest_changed() do for this table?
 * The caller knows that the rehearsal has no DDL in it.
 */
Datum
yd_digest_by_change(PG_FUNCTION_ARGS)
{
	YdCapturedTable *table = yd_find_captured_id(PG_GETARG_INT64(0));

	PG_RETURN_BOOL(table != NULL && yd_in_transaction_scope() && !table->business &&
				   table->digest == NULL && get_rel_relkind(table->relid) == RELKIND_RELATION);
}

/*
 * _digest_changed(captured bigint, OUT before text, OUT now text): of the
 * versions that this transaction, rehearsal included, took away or brought.
 */
Datum
yd_digest_changed(PG_FUNCTION_ARGS)
{
	YdCapturedTable *table = yd_find_captured_id(PG_GETARG_INT64(0));
	YdDigest	before = {0};
	YdDigest	now = {0};
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	YdTextSettings settings;
	Relation	rel;
	CommandId	command;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (shared_snapshot == NULL || table == NULL || table->digest != NULL)
		elog(ERROR, "no digest of captured table " INT64_FORMAT " can be taken here",
			 PG_GETARG_INT64(0));
	rel = table_open(table->relid, AccessShareLock);
	command = shared_snapshot->curcid;
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		digest_one_sided(table, rel, shared_snapshot, &before, &now);
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
		shared_snapshot->curcid = command;
	}
	PG_END_TRY();
	table_close(rel, AccessShareLock);
	values[0] = CStringGetTextDatum(yd_digest_text(&before));
	values[1] = CStringGetTextDatum(yd_digest_text(&now));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/*
 * _digest_beside(digest text, rows bigint, sum1 bigint, sum2 bigint): the digest
 * of before with what others wrote beside the deployment.
 */
PG_FUNCTION_INFO_V1(yd_digest_beside);

Datum
yd_digest_beside(PG_FUNCTION_ARGS)
{
	char	   *before = text_to_cstring(PG_GETARG_TEXT_PP(0));
	unsigned long long rows,
				sum1,
				sum2;
	YdDigest	digest;

	if (sscanf(before, "%llu rows %16llx%16llx", &rows, &sum1, &sum2) != 3)
		elog(ERROR, "\"%s\" is no digest", before);
	digest.rows = rows + (uint64) PG_GETARG_INT64(1);
	digest.sum1 = sum1 + (uint64) PG_GETARG_INT64(2);
	digest.sum2 = sum2 + (uint64) PG_GETARG_INT64(3);
	PG_RETURN_TEXT_P(cstring_to_text(yd_digest_text(&digest)));
}
