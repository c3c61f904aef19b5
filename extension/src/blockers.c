/*
 * blockers.c
 *		Who held the row that a rollback could not have in time?
 *
 * PostgreSQL's error for a lock timeout does not say. The row's own header
 * does: its locker, or the lockers of its multixact, those that are still in
 * progress.
 */
#include "restore.h"

#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/subtrans.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "storage/procarray.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(yd_blocking_xids);

#define MAX_BLOCKERS	64

static TransactionId blockers[MAX_BLOCKERS];
static int	nblockers = 0;

static void
add_blocker(TransactionId xid)
{
	if (nblockers < MAX_BLOCKERS && TransactionIdIsValid(xid) && TransactionIdIsInProgress(xid))
		blockers[nblockers++] = SubTransGetTopmostTransaction(xid);
}

/* The current row of this entry was waited for in vain; the attempt is undone. */
void
yd_remember_blockers(YdRestoring *table, uint32 entry)
{
	HeapTuple	tuple;
	bool		should_free;
	TransactionId xmax;

	nblockers = 0;
	if (!ItemPointerIsValid(&table->entries[entry].current) || !yd_fetch_current(table, entry))
		return;
	tuple = ExecFetchSlotHeapTuple(table->current, false, &should_free);
	xmax = HeapTupleHeaderGetRawXmax(tuple->t_data);
	if (tuple->t_data->t_infomask & HEAP_XMAX_INVALID)
		xmax = InvalidTransactionId;
	if (TransactionIdIsValid(xmax) && (tuple->t_data->t_infomask & HEAP_XMAX_IS_MULTI))
	{
		MultiXactMember *members;
		int			n = GetMultiXactIdMembers(xmax, &members, false,
											  HEAP_XMAX_IS_LOCKED_ONLY(tuple->t_data->t_infomask));

		for (int i = 0; i < n; i++)
			add_blocker(members[i].xid);
	}
	else
		add_blocker(xmax);
	ExecClearTuple(table->current);
}

/* _blocking_xids(): transactions that held the row waited for last in vain. */
Datum
yd_blocking_xids(PG_FUNCTION_ARGS)
{
	Datum		xids[MAX_BLOCKERS];

	for (int i = 0; i < nblockers; i++)
		xids[i] = TransactionIdGetDatum(blockers[i]);
	PG_RETURN_POINTER(construct_array(xids, nblockers, XIDOID, sizeof(TransactionId), true,
									  TYPALIGN_INT));
}
