/*
 * member_xids.c
 *		Which transactions are the deployment's: looked up for the row versions that
 *		the capture meets, entered before they commit.
 */
#include "session_state.h"

#include "access/xact.h"
#include "catalog.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

/* transaction ids looked up for the current deployment: member or not */
typedef struct MemberXid
{
	TransactionId xid;
	bool		member;
} MemberXid;
static HTAB *member_xids = NULL;

static void
load_member_xids(void)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;

	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_MEMBER_TRANSACTION), "deployment"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(yd_transaction.id));
	yd_scan_begin(&scan, YD_TABLE_MEMBER_TRANSACTION, "member_transaction_pkey", 1, key);
	while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		bool		isnull;
		Datum		value = yd_column(scan.rel, tuple, "xid", &isnull);
		TransactionId xid = XidFromFullTransactionId(DatumGetFullTransactionId(value));
		MemberXid  *entry = hash_search(member_xids, &xid, HASH_ENTER, NULL);
		ArrayType  *array;
		FullTransactionId *children;

		entry->member = true;
		value = yd_column(scan.rel, tuple, "subxids", &isnull);
		array = DatumGetArrayTypeP(value);
		children = (FullTransactionId *) ARR_DATA_PTR(array);
		for (int i = 0; i < ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); i++)
		{
			xid = XidFromFullTransactionId(children[i]);
			entry = hash_search(member_xids, &xid, HASH_ENTER, NULL);
			entry->member = true;
		}
	}
	yd_scan_end(&scan);
}

/*
 * The caller has a row version that is visible and not frozen. Members enter
 * their ids before they commit, so what the latest snapshot shows is complete
 * for every version that could be seen; an answer never changes afterwards.
 */
bool
yd_is_member_xid(TransactionId xid)
{
	MemberXid  *entry;
	bool		found;

	if (TransactionIdIsCurrentTransactionId(xid))
		return true;
	if (yd_transaction.scope == YD_SCOPE_TRANSACTION ||
		TransactionIdPrecedes(xid, XidFromFullTransactionId(yd_transaction.begin_xid)))
		return false;

	if (member_xids == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(TransactionId);
		ctl.entrysize = sizeof(MemberXid);
		ctl.hcxt = TopTransactionContext;
		member_xids = hash_create("yesterday member transactions", 64, &ctl,
								  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	entry = hash_search(member_xids, &xid, HASH_FIND, NULL);
	if (entry != NULL)
		return entry->member;

	load_member_xids();
	entry = hash_search(member_xids, &xid, HASH_ENTER, &found);
	if (!found)
		entry->member = false;
	return entry->member;
}

/* Write down which transaction and subtransactions wrote for the deployment. */
void
yd_enter_member_transaction(void)
{
	static const char *const columns[] = {"deployment", "ordinal", "xid", "subxids"};
	FullTransactionId top = GetTopFullTransactionId();
	TransactionId *children;
	int			nchildren = xactGetCommittedChildren(&children);
	Datum	   *ids = palloc(sizeof(Datum) * Max(nchildren, 1));
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	for (int i = 0; i < nchildren; i++)
	{
		uint64		full = U64FromFullTransactionId(top);

		/* a subtransaction's id follows its parent's, by less than 2^31 */
		full += (uint32) (children[i] - XidFromFullTransactionId(top));
		ids[i] = FullTransactionIdGetDatum(FullTransactionIdFromU64(full));
	}
	values[0] = Int64GetDatum(yd_transaction.id);
	values[1] = Int64GetDatum(yd_next_id("member_transaction_ordinal_seq"));
	values[2] = FullTransactionIdGetDatum(top);
	values[3] = PointerGetDatum(construct_array(ids, nchildren, XID8OID, 8,
												FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	yd_insert(YD_TABLE_MEMBER_TRANSACTION, columns, values, nulls, 4);
}

void
yd_member_xids_reset(void)
{
	member_xids = NULL;			/* its memory goes with TopTransactionContext */
}
