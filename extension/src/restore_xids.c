/*
 * restore_xids.c
 *		Which row versions are provably the deployment's own.
 *
 * A version is known by its xmin: one of the deployment's transactions. The
 * rollback of a later deployment that puts such a version back does so in a
 * transaction that counts as one of them. Whatever is not known goes to the
 * attic before it is overwritten: keeping too much is noise, losing a version
 * is a defect.
 */
#include "restore.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "catalog.h"
#include "executor/spi.h"
#include "session.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

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

	if (value >= next)
		return;
	if (restore->nxids == *capacity)
	{
		*capacity = Max(*capacity * 2, 16);
		restore->xids = restore->xids == NULL ?
			MemoryContextAllocHuge(restore->context, sizeof(YdKnownXid) * (Size) *capacity) :
			repalloc_huge(restore->xids, sizeof(YdKnownXid) * (Size) *capacity);
	}
	restore->xids[restore->nxids].xid = XidFromFullTransactionId(xid);
	/* an id that old may have been given out again as a 32-bit one */
	restore->xids[restore->nxids].aged = next - value >= ((uint64) 1 << 31);
	restore->xids[restore->nxids].first_epoch = EpochFromFullTransactionId(xid) == 0;
	restore->nxids++;
	if (!FullTransactionIdIsValid(restore->oldest) || FullTransactionIdPrecedes(xid, restore->oldest))
		restore->oldest = xid;
}

/*
 * Read the deployment's transactions. Runs before any switch of user.
 */
void
yd_load_xids(YdRestore *restore)
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(restore->deployment)};
	int			capacity = 0;
	bool		isnull;

	restore->own_xids = yd_current_deployment_known() == restore->deployment;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT system_identifier, scope = 'open', yesterday._has_ddl(id) FROM yesterday.deployment"
							  " WHERE id = $1", 1, types, values, NULL, false, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		ereport(ERROR,
				(errcode(ERRCODE_YD_UNKNOWN_DEPLOYMENT),
				 errmsg("there is no deployment " INT64_FORMAT, restore->deployment),
				 errdetail("yesterday.deployment has no row with this id."),
				 errhint("SELECT id, name, status FROM yesterday.history;")));
	restore->open_scope = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	restore->has_ddl = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull));
	if (DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)) ==
		(int64) GetSystemIdentifier())
	{

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
	/* before its commit a deployment's own transaction is not entered yet */
	if (restore->nxids == 0 && restore->own_xids)
		restore->oldest = GetTopFullTransactionIdIfAny();
	if (restore->nxids > 0)
		qsort(restore->xids, restore->nxids, sizeof(YdKnownXid), compare_xids);
}

static YdKnownXid *
find_xid(YdRestore *restore, TransactionId xmin)
{
	YdKnownXid	key = {xmin, false, false};

	return restore->nxids == 0 ? NULL :
		bsearch(&key, restore->xids, restore->nxids, sizeof(YdKnownXid), compare_xids);
}

bool
yd_xmin_is_known(YdRestore *restore, HeapTuple tuple)
{
	TransactionId xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
	bool		frozen = HeapTupleHeaderXminFrozen(tuple->t_data);
	YdKnownXid *known = find_xid(restore, xmin);

	if (known != NULL && !known->aged)
		return !frozen || known->first_epoch;
	return !frozen && restore->own_xids && TransactionIdIsCurrentTransactionId(xmin);
}

/*
 * Was the version there before the deployment wrote anything? One that is frozen can have any age: while ids have never come round its
 * own says which, and after that it is taken for the deployment's only if it has one of the deployment's.
 */
bool
yd_xmin_is_older(YdRestore *restore, HeapTuple tuple)
{
	TransactionId xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
	FullTransactionId next = ReadNextFullTransactionId();

	if (!FullTransactionIdIsValid(restore->oldest))
		return false;
	if (!TransactionIdIsNormal(xmin))
		return true;
	if (!HeapTupleHeaderXminFrozen(tuple->t_data))
		return U64FromFullTransactionId(next) + (int64) (int32) (xmin - XidFromFullTransactionId(next)) <
			U64FromFullTransactionId(restore->oldest);
	if (EpochFromFullTransactionId(next) == 0)
		return xmin < XidFromFullTransactionId(restore->oldest);
	return find_xid(restore, xmin) == NULL;
}

/* ----- earlier deployments, whose versions come back ----- */

static int
compare_prior_xids(const void *left, const void *right)
{
	uint64		l = ((const YdPriorXid *) left)->xid;
	uint64		r = ((const YdPriorXid *) right)->xid;

	return l < r ? -1 : l > r ? 1 : 0;
}

/*
 * Read the transactions of the deployments before this one that can still be
 * rolled back. Runs before any switch of user.
 */
void
yd_load_origins(YdRestore *restore)
{
	Oid			types[2] = {INT8OID, INT8OID};
	Datum		values[2] = {Int64GetDatum(restore->deployment),
	Int64GetDatum((int64) GetSystemIdentifier())};
	bool		isnull;
	int64		last = 0;

	if (restore->dry)
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT d.id, x.xid FROM yesterday.deployment d"
							  " JOIN yesterday.member_transaction m ON m.deployment = d.id,"
							  " pg_catalog.unnest(m.subxids OPERATOR(pg_catalog.||) m.xid) AS x(xid)"
							  " WHERE d.id < $1 AND d.system_identifier = $2"
							  " AND d.status = 'finished' AND d.forgotten_at IS NULL ORDER BY d.id",
							  2, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading yesterday.member_transaction failed");
	restore->prior_xids = MemoryContextAllocHuge(restore->context,
												 sizeof(YdPriorXid) * Max(SPI_processed, 1));
	restore->origins = MemoryContextAllocHuge(restore->context,
											  sizeof(YdOriginDeployment) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		int64		id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
													 SPI_tuptable->tupdesc, 1, &isnull));
		YdPriorXid *prior = &restore->prior_xids[restore->nprior_xids];

		if (id != last)
		{
			/* versions of more deployments than fit count as nobody's, and are kept */
			if (restore->norigins == PG_UINT16_MAX)
				break;
			restore->norigins++;
			restore->origins[restore->norigins].deployment = id;
			restore->origins[restore->norigins].used = false;
			last = id;
		}
		prior->xid = U64FromFullTransactionId(DatumGetFullTransactionId(
																		SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull)));
		prior->origin = restore->norigins;
		restore->nprior_xids++;
	}
	SPI_finish();
	qsort(restore->prior_xids, restore->nprior_xids, sizeof(YdPriorXid), compare_prior_xids);
}

uint16
yd_origin_of(YdRestore *restore, uint64 prior)
{
	YdPriorXid	key = {prior, 0};
	YdPriorXid *found;

	if (restore->nprior_xids == 0)
		return 0;
	found = bsearch(&key, restore->prior_xids, restore->nprior_xids, sizeof(YdPriorXid),
					compare_prior_xids);
	if (found == NULL)
		return 0;
	restore->origins[found->origin].used = true;
	return found->origin;
}

/*
 * The subtransaction under way wrote versions of an earlier deployment: enter
 * it among that one's.
 */
void
yd_enter_origin(YdRestore *restore, int origin)
{
	static const char *const columns[] = {"deployment", "ordinal", "xid", "subxids"};
	FullTransactionId top = GetTopFullTransactionIdIfAny();
	TransactionId xid = GetCurrentTransactionIdIfAny();
	uint64		full;
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	if (!TransactionIdIsValid(xid))
		return;
	/* the id of a subtransaction follows its parent's */
	full = U64FromFullTransactionId(top) + (uint32) (xid - XidFromFullTransactionId(top));
	values[0] = Int64GetDatum(restore->origins[origin].deployment);
	values[1] = Int64GetDatum(yd_next_id("member_transaction_ordinal_seq"));
	values[2] = FullTransactionIdGetDatum(FullTransactionIdFromU64(full));
	values[3] = PointerGetDatum(construct_empty_array(XID8OID));
	yd_insert(YD_TABLE_MEMBER_TRANSACTION, columns, values, nulls, 4);
}
