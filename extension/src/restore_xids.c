/*
 * restore_xids.c
 *		Which row versions are provably the deployment's own.
 *
 * A version is known by its xmin: one of the deployment's transactions, or an
 * attempt of an earlier rollback in this very transaction. Whatever is not
 * known goes to the attic before it is overwritten: keeping too much is noise,
 * losing a version is a defect.
 */
#include "restore.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

/*
 * Subtransactions of this transaction in which rows were put back. An id that
 * was undone stays in the list and does no harm: no live version carries it.
 */
static FullTransactionId own_top = {0};
static TransactionId *own_attempts = NULL;
static int	own_nattempts = 0;
static int	own_capacity = 0;

static int
compare_xids(const void *left, const void *right)
{
	TransactionId l = ((const YdKnownXid *) left)->xid;
	TransactionId r = ((const YdKnownXid *) right)->xid;

	return l < r ? -1 : l > r ? 1 : 0;
}

static void
add_xid(YdRestore *restore, int *capacity, FullTransactionId xid)
{
	uint64		next = U64FromFullTransactionId(ReadNextFullTransactionId());
	uint64		value = U64FromFullTransactionId(xid);

	/* an id that old may have been given out again as a 32-bit one */
	if (value >= next || next - value >= ((uint64) 1 << 31))
		return;
	if (restore->nxids == *capacity)
	{
		*capacity = Max(*capacity * 2, 16);
		restore->xids = restore->xids == NULL ?
			MemoryContextAllocHuge(restore->context, sizeof(YdKnownXid) * (Size) *capacity) :
			repalloc_huge(restore->xids, sizeof(YdKnownXid) * (Size) *capacity);
	}
	restore->xids[restore->nxids].xid = XidFromFullTransactionId(xid);
	restore->xids[restore->nxids].first_epoch = EpochFromFullTransactionId(xid) == 0;
	restore->nxids++;
}

/*
 * Read the deployment's transactions. Runs before any switch of user.
 */
void
yd_load_xids(YdRestore *restore)
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(restore->deployment)};
	FullTransactionId top = GetTopFullTransactionIdIfAny();
	int			capacity = 0;
	bool		isnull;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT begin_xid, system_identifier FROM yesterday.deployment"
							  " WHERE id = $1", 1, types, values, NULL, false, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		ereport(ERROR,
				(errcode(ERRCODE_YD_UNKNOWN_DEPLOYMENT),
				 errmsg("there is no deployment " INT64_FORMAT, restore->deployment),
				 errdetail("yesterday.deployment has no row with this id."),
				 errhint("SELECT id, name, status FROM yesterday.history;")));
	if (DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull)) ==
		(int64) GetSystemIdentifier())
	{
		FullTransactionId begin;

		begin = DatumGetFullTransactionId(SPI_getbinval(SPI_tuptable->vals[0],
														SPI_tuptable->tupdesc, 1, &isnull));
		if (FullTransactionIdIsValid(top) && FullTransactionIdEquals(begin, top))
			restore->own_xids = true;
		if (SPI_execute_with_args("SELECT m.xid FROM yesterday.member_transaction m"
								  " WHERE m.deployment = $1"
								  " UNION ALL SELECT s.xid FROM yesterday.member_transaction m,"
								  " pg_catalog.unnest(m.subxids) AS s(xid)"
								  " WHERE m.deployment = $1",
								  1, types, values, NULL, false, 0) != SPI_OK_SELECT)
			elog(ERROR, "reading yesterday.member_transaction failed");
		for (uint64 i = 0; i < SPI_processed; i++)
			add_xid(restore, &capacity,
					DatumGetFullTransactionId(SPI_getbinval(SPI_tuptable->vals[i],
															SPI_tuptable->tupdesc, 1, &isnull)));
	}
	SPI_finish();
	if (restore->nxids > 0)
		qsort(restore->xids, restore->nxids, sizeof(YdKnownXid), compare_xids);
}

bool
yd_xmin_is_known(YdRestore *restore, HeapTuple tuple)
{
	TransactionId xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
	bool		frozen = HeapTupleHeaderXminFrozen(tuple->t_data);
	YdKnownXid	key = {xmin, false};
	YdKnownXid *known;

	known = restore->nxids == 0 ? NULL :
		bsearch(&key, restore->xids, restore->nxids, sizeof(YdKnownXid), compare_xids);
	if (known != NULL)
		return !frozen || known->first_epoch;
	if (frozen)
		return false;
	if (restore->own_xids && TransactionIdIsCurrentTransactionId(xmin))
		return true;
	if (own_nattempts > 0 &&
		FullTransactionIdEquals(own_top, GetTopFullTransactionIdIfAny()))
		for (int i = 0; i < own_nattempts; i++)
			if (own_attempts[i] == xmin)
				return true;
	return false;
}

/* Remember the subtransaction that puts rows back right now. */
void
yd_remember_own_xid(void)
{
	TransactionId xid = GetCurrentTransactionIdIfAny();
	FullTransactionId top = GetTopFullTransactionIdIfAny();

	if (!TransactionIdIsValid(xid))
		return;
	if (!FullTransactionIdEquals(own_top, top))
	{
		own_top = top;
		own_nattempts = 0;
	}
	if (own_nattempts == own_capacity)
	{
		own_capacity = Max(own_capacity * 2, 16);
		own_attempts = own_attempts == NULL ?
			MemoryContextAlloc(TopMemoryContext, sizeof(TransactionId) * own_capacity) :
			repalloc(own_attempts, sizeof(TransactionId) * own_capacity);
	}
	own_attempts[own_nattempts++] = xid;
}
