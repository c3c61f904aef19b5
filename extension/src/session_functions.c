/*
 * session_functions.c
 *		What the SQL side asks and tells this backend about deployments.
 */
#include "session_state.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(yd_check_begin);
PG_FUNCTION_INFO_V1(yd_enter_deployment);
PG_FUNCTION_INFO_V1(yd_mark_finished);
PG_FUNCTION_INFO_V1(yd_current_deployment_sql);
PG_FUNCTION_INFO_V1(yd_in_transaction_scope_sql);
PG_FUNCTION_INFO_V1(yd_try_lock);
PG_FUNCTION_INFO_V1(yd_invalidate);
PG_FUNCTION_INFO_V1(yd_require_read_committed);
PG_FUNCTION_INFO_V1(yd_next_xid);
PG_FUNCTION_INFO_V1(yd_system_identifier);
PG_FUNCTION_INFO_V1(yd_internal);
PG_FUNCTION_INFO_V1(yd_is_internal_sql);

/*
 * _check_begin(): a deployment begins in a transaction that has written
 * nothing, at its top level.
 */
Datum
yd_check_begin(PG_FUNCTION_ARGS)
{
	if (yd_transaction.id != 0)
		ereport(ERROR,
				(errcode(ERRCODE_YD_DEPLOYMENT_IN_PROGRESS),
				 errmsg("this transaction already belongs to deployment " INT64_FORMAT, yd_transaction.id),
				 errdetail("Deployments do not nest."),
				 errhint("SELECT * FROM yesterday.finish_deployment(); COMMIT;")));
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("begin_deployment() in a read-only transaction"),
				 errdetail("A deployment has to be written down before it changes anything."),
				 errhint("BEGIN READ WRITE; on a standby, connect to the primary.")));
	if (GetCurrentTransactionNestLevel() > 1)
		ereport(ERROR,
				(errcode(ERRCODE_YD_WRONG_TRANSACTION),
				 errmsg("begin_deployment() inside a savepoint"),
				 errdetail("ROLLBACK TO SAVEPOINT would take the deployment's record away and leave what came before it."),
				 errhint("Call begin_deployment() as the first statement after BEGIN, not in a savepoint or an EXCEPTION block.")));
	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		ereport(ERROR,
				(errcode(ERRCODE_YD_WRONG_TRANSACTION),
				 errmsg("begin_deployment() in a transaction that has written"),
				 errdetail("What was written before would be part of the transaction but not of the deployment."),
				 errhint("Call begin_deployment() as the first statement after BEGIN.")));
	PG_RETURN_VOID();
}

/* _enter_deployment(id): from now on this transaction is the deployment. */
Datum
yd_enter_deployment(PG_FUNCTION_ARGS)
{
	yd_transaction.id = PG_GETARG_INT64(0);
	yd_transaction.scope = YD_SCOPE_TRANSACTION;
	yd_transaction.begin_xid = GetTopFullTransactionId();
	yd_transaction.touched = true;
	yd_transaction.finished_level = 0;
	PG_RETURN_VOID();
}

Datum
yd_mark_finished(PG_FUNCTION_ARGS)
{
	yd_transaction.finished_level = GetCurrentTransactionNestLevel();
	PG_RETURN_VOID();
}

/* _current_deployment(): id of the deployment begun in this transaction, or NULL. */
Datum
yd_current_deployment_sql(PG_FUNCTION_ARGS)
{
	int64		id = yd_current_deployment();

	if (id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(id);
}

Datum
yd_in_transaction_scope_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(yd_in_transaction_scope());
}

/*
 * _try_lock(object bigint, wait boolean): the target (0) or a deployment (its
 * id), exclusively, until the transaction ends. Polls instead of queueing, for
 * at most yesterday.lock_wait; false when it was not to be had.
 */
Datum
yd_try_lock(PG_FUNCTION_ARGS)
{
	int64		object = PG_GETARG_INT64(0);
	int			left = yd_setting_lock_wait;
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, yd_table_oid(YD_TABLE_DEPLOYMENT), (Oid) object, 0);
	for (;;)
	{
		if (LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL)
			PG_RETURN_BOOL(true);
		if (left <= 0)
			PG_RETURN_BOOL(false);
		CHECK_FOR_INTERRUPTS();
		pg_usleep(10000L);
		left -= 10;
	}
}

Datum
yd_invalidate(PG_FUNCTION_ARGS)
{
	yd_invalidate_deployments();
	PG_RETURN_VOID();
}

/* _require_read_committed(verb text) */
Datum
yd_require_read_committed(PG_FUNCTION_ARGS)
{
	char	   *verb = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (XactIsoLevel != XACT_READ_COMMITTED)
		ereport(ERROR,
				(errcode(ERRCODE_YD_WRONG_TRANSACTION),
				 errmsg("%s needs the isolation level READ COMMITTED", verb),
				 errdetail("Under an older snapshot it would not see, and so lose, rows that others committed."),
				 errhint("ROLLBACK; BEGIN ISOLATION LEVEL READ COMMITTED; and call it again.")));
	PG_RETURN_VOID();
}

Datum
yd_next_xid(PG_FUNCTION_ARGS)
{
	PG_RETURN_FULLTRANSACTIONID(ReadNextFullTransactionId());
}

Datum
yd_system_identifier(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) GetSystemIdentifier());
}

/* _internal(on boolean): marks our own DDL from SQL; returns what it was. */
Datum
yd_internal(PG_FUNCTION_ARGS)
{
	bool		saved = yd_is_internal();

	if (PG_GETARG_BOOL(0))
		(void) yd_internal_begin();
	else
		yd_internal_end(false);
	PG_RETURN_BOOL(saved);
}

Datum
yd_is_internal_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(yd_is_internal());
}
