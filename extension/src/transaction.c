/*
 * transaction.c
 *		What has to be true when a transaction ends, and what a subtransaction that
 *		ends leaves to its parent.
 */
#include "session_state.h"

#include "access/xact.h"
#include "capture.h"
#include "captured.h"
#include "digest.h"
#include "outside.h"
#include "restore.h"
#include "utils/snapmgr.h"

static void
before_commit(void)
{
	if (yd_transaction.id == 0)
		yd_join_before_commit();
	if (yd_transaction.id == 0)
		return;
	if (yd_transaction.scope == YD_SCOPE_TRANSACTION && yd_transaction.finished_level == 0)
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_FINISHED),
				 errmsg("deployment " INT64_FORMAT " reached COMMIT without finish_deployment()", yd_transaction.id),
				 errdetail("Its rollback was not proven, so nothing of the transaction may land."),
				 errhint("Run the deployment again, with SELECT * FROM yesterday.finish_deployment() before COMMIT.")));
	yd_capture_flush();
	if (yd_transaction.touched)
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		if (yd_transaction.scope == YD_SCOPE_OPEN)
		{
			yd_check_touched_counts();
			yd_enter_catalog_writes();
		}
		yd_enter_member_transaction();
		PopActiveSnapshot();
	}
}

static void
forget_transaction(void)
{
	memset(&yd_transaction, 0, sizeof(yd_transaction));
	yd_member_xids_reset();
	yd_internal_reset(1);
	yd_capture_reset();
	yd_digest_reset();
	yd_forget_foresight();
	yd_outside_reset();
}

static void
transaction_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			before_commit();
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			forget_transaction();
			break;
		default:
			break;
	}
}

static void
subtransaction_callback(SubXactEvent event, SubTransactionId mine,
						SubTransactionId parent, void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	switch (event)
	{
		case SUBXACT_EVENT_PRE_COMMIT_SUB:
			yd_capture_subflush(level);
			break;
		case SUBXACT_EVENT_COMMIT_SUB:
			if (yd_transaction.finished_level == level)
				yd_transaction.finished_level = level - 1;
			yd_capture_subcommit(level);
			yd_outside_subcommit(level);
			break;
		case SUBXACT_EVENT_ABORT_SUB:
			if (yd_transaction.finished_level >= level)
				yd_transaction.finished_level = 0;
			yd_internal_reset(level);
			yd_capture_subabort(level);
			yd_digest_subabort(level);
			yd_outside_subabort(level);
			break;
		default:
			break;
	}
}

void
yd_session_init(void)
{
	RegisterXactCallback(transaction_callback, NULL);
	RegisterSubXactCallback(subtransaction_callback, NULL);
	yd_deployment_row_init();
	yd_captured_init();
}
