/*
 * session.c
 *		What this backend knows of deployments: which one is open in the target,
 *		whether the current transaction belongs to it, and what has to be true
 *		when the transaction ends.
 *
 * A transaction belongs to a deployment in one of three ways: it began it
 * (scope "transaction"), the setting yesterday.deployment names it, or the
 * session's user is its join_role. Membership is decided at the first tracked
 * write or DDL of the transaction and stays until its end.
 */
#include "session.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "capture.h"
#include "captured.h"
#include "catalog.h"
#include "catalog/pg_type.h"
#include "digest.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "outside.h"
#include "restore.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

#define SCOPE_TRANSACTION	't'
#define SCOPE_OPEN			'o'

/* What the newest look at yesterday.deployment showed; dropped by invalidation */
typedef struct OpenDeployment
{
	bool		valid;
	Oid			relid;			/* yesterday.deployment, for the callback */
	int64		id;				/* 0: none open */
	char		scope;
	Oid			join_role;		/* InvalidOid: none */
	bool		digests;		/* is to be proven by digests of whole tables */
} OpenDeployment;

/* State of the current transaction */
typedef struct TransactionDeployment
{
	int64		id;				/* 0: belongs to none, so far */
	char		scope;
	bool		outside;		/* wrote when it belonged to none */
	bool		touched;
	bool		digests;
	int			finished_level; /* nesting level of finish_deployment(), 0: not yet */
	FullTransactionId begin_xid;
} TransactionDeployment;

static OpenDeployment open_deployment;
static TransactionDeployment current;
static bool internal = false;
static int	internal_level = 0;		/* nesting level that switched it on */

/*
 * The deployments that this session joined and named last: leaving an open one
 * half-way is refused. A trigger of somebody's could clear the setting between
 * a statement and the capture of its rows.
 */
static int64 joined_before = 0;
static int64 named_before = 0;

/* transaction ids looked up for the current deployment: member or not */
typedef struct MemberXid
{
	TransactionId xid;
	bool		member;
} MemberXid;
static HTAB *member_xids = NULL;

typedef struct DeploymentRow
{
	int64		id;
	bool		is_open;
	char		scope;
	Oid			join_role;
	int64		system_identifier;
	Oid			database;
	FullTransactionId begin_xid;
	bool		digests;
	bool		accepts_irreversible;
} DeploymentRow;

static void
decode_row(Relation rel, HeapTuple tuple, DeploymentRow *row)
{
	bool		isnull;
	Datum		value;

	row->id = DatumGetInt64(yd_column(rel, tuple, "id", &isnull));
	value = yd_column(rel, tuple, "status", &isnull);
	row->is_open = strcmp(TextDatumGetCString(value), "open") == 0;
	value = yd_column(rel, tuple, "scope", &isnull);
	row->scope = strcmp(TextDatumGetCString(value), "open") == 0 ? SCOPE_OPEN : SCOPE_TRANSACTION;
	value = yd_column(rel, tuple, "join_role", &isnull);
	row->join_role = isnull ? InvalidOid : get_role_oid(NameStr(*DatumGetName(value)), true);
	row->system_identifier = DatumGetInt64(yd_column(rel, tuple, "system_identifier", &isnull));
	row->database = DatumGetObjectId(yd_column(rel, tuple, "database", &isnull));
	row->begin_xid = DatumGetFullTransactionId(yd_column(rel, tuple, "begin_xid", &isnull));
	value = yd_column(rel, tuple, "proof_level", &isnull);
	row->digests = strcmp(TextDatumGetCString(value), "full") == 0;
	row->accepts_irreversible = DatumGetBool(yd_column(rel, tuple, "accept_irreversible", &isnull));
}

static bool
read_deployment(int64 id, DeploymentRow *row)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_DEPLOYMENT), "id"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(id));
	yd_scan_begin(&scan, YD_TABLE_DEPLOYMENT, "deployment_pkey", 1, key);
	if (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		decode_row(scan.rel, tuple, row);
		found = true;
	}
	yd_scan_end(&scan);
	return found;
}

static void
deployment_changed(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == open_deployment.relid)
		open_deployment.valid = false;
}

/*
 * Which deployment is open? Kept until yesterday.deployment changes: whoever
 * changes it sends an invalidation, which this backend takes in before it
 * starts a statement.
 */
static void
look_up_open_deployment(void)
{
	YdScan		scan;
	HeapTuple	tuple;
	OpenDeployment found = {0};

	if (open_deployment.valid)
		return;

	/* set first: an invalidation during the scan must be able to reset it */
	open_deployment.relid = yd_table_oid(YD_TABLE_DEPLOYMENT);
	open_deployment.valid = true;
	yd_scan_begin(&scan, YD_TABLE_DEPLOYMENT, "deployment_one_open", 0, NULL);
	while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		DeploymentRow row;

		decode_row(scan.rel, tuple, &row);
		if (!row.is_open)
			continue;
		found.id = row.id;
		found.scope = row.scope;
		found.join_role = row.join_role;
		found.digests = row.digests;
	}
	yd_scan_end(&scan);
	open_deployment.id = found.id;
	open_deployment.scope = found.scope;
	open_deployment.join_role = found.join_role;
	open_deployment.digests = found.digests;
}

int64
yd_open_deployment(void)
{
	look_up_open_deployment();
	return open_deployment.id;
}

int64
yd_current_deployment_known(void)
{
	return current.id;
}

bool
yd_in_transaction_scope(void)
{
	return current.id != 0 && current.scope == SCOPE_TRANSACTION;
}

bool
yd_accepts_irreversible(void)
{
	DeploymentRow row;

	return current.id != 0 && read_deployment(current.id, &row) && row.accepts_irreversible;
}

bool
yd_wants_digests(void)
{
	return current.digests;
}

int64
yd_open_beside(void)
{
	look_up_open_deployment();
	return current.id == 0 && open_deployment.scope == SCOPE_OPEN ? open_deployment.id : 0;
}

int64
yd_outside_of(void)
{
	int64		id = yd_open_beside();

	return id != 0 && open_deployment.digests ? id : 0;
}

bool
yd_is_finished(void)
{
	return current.finished_level > 0;
}

void
yd_refuse_after_finish(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_YD_ALREADY_FINISHED),
			 errmsg("%s after finish_deployment() in the same transaction", what),
			 errdetail("Deployment " INT64_FORMAT " was proven without it.", current.id),
			 errhint("COMMIT first, and write in the next transaction; or make the change before finish_deployment().")));
}

void
yd_touch(void)
{
	current.touched = true;
}

bool
yd_internal_begin(void)
{
	bool		saved = internal;

	if (!internal)
		internal_level = GetCurrentTransactionNestLevel();
	internal = true;
	return saved;
}

void
yd_internal_end(bool saved)
{
	internal = saved;
}

bool
yd_is_internal(void)
{
	return internal;
}

/* The id in a value of the setting; 0: none, -1: it is no id. */
static int64
setting_to_id(const char *value)
{
	Size		length = value == NULL ? 0 : strlen(value);

	if (length == 0)
		return 0;
	if (strspn(value, "0123456789") != length || length > 18)
		return -1;
	return pg_strtoint64(value);
}

void
yd_deployment_named(const char *value)
{
	int64		id = setting_to_id(value);

	if (id > 0)
		named_before = id;
}

/* The id that the setting names, or 0. */
static int64
wanted_by_setting(void)
{
	int64		id = setting_to_id(yd_setting_deployment);

	if (id < 0)
		ereport(ERROR,
				(errcode(ERRCODE_YD_UNKNOWN_DEPLOYMENT),
				 errmsg("\"%s\" is not the id of a deployment", yd_setting_deployment),
				 errdetail("yesterday.deployment takes the number that begin_deployment(scope => 'open') returned."),
				 errhint("SELECT open_deployment FROM yesterday.status;")));
	return id;
}

/*
 * Make the current transaction a member of an open deployment.
 *
 * The lock is hardly waited for: this runs behind a row write, and somebody who
 * closes the deployment may need this very table. The short while is for one
 * who is done and lets go of his locks, of the table's first.
 */
static void
join_deployment(int64 id, bool by_role)
{
	DeploymentRow row;
	Oid			caller = GetOuterUserId();
	Oid			deployer = get_role_oid("yesterday_deployer", true);
	LOCKTAG		tag;
	int			patience = 10;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, yd_table_oid(YD_TABLE_DEPLOYMENT), (Oid) id, 0);
	while (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
	{
		CHECK_FOR_INTERRUPTS();
		if (patience-- > 0)
		{
			pg_usleep(5000L);
			continue;
		}
		ereport(ERROR,
				(errcode(ERRCODE_YD_DEPLOYMENT_CLOSED),
				 errmsg("deployment " INT64_FORMAT " is being finished or rolled back", id),
				 errdetail("This transaction wrote for it, but somebody is closing it at this moment."),
				 errhint("Run the transaction again when that is done; SELECT * FROM yesterday.status shows the outcome.")));
	}

	if (!read_deployment(id, &row) || !row.is_open || row.scope != SCOPE_OPEN)
	{
		if (by_role)
			return;				/* closed meanwhile: an ordinary session again */
		ereport(ERROR,
				(errcode(ERRCODE_YD_DEPLOYMENT_CLOSED),
				 errmsg("deployment " INT64_FORMAT " is not open", id),
				 errdetail("The setting yesterday.deployment joins this session to a deployment that is finished, rolled back or unknown, or that belongs to one transaction only."),
				 errhint("RESET yesterday.deployment (or take it out of PGOPTIONS) and begin a deployment with scope => 'open'.")));
	}
	if (row.system_identifier != (int64) GetSystemIdentifier() || row.database != MyDatabaseId)
		ereport(ERROR,
				(errcode(ERRCODE_YD_DEPLOYMENT_CLOSED),
				 errmsg("deployment " INT64_FORMAT " was open in another database", id),
				 errdetail("This database was restored from a dump taken while the deployment was open; what its sessions wrote can no longer be told apart here."),
				 errhint("SELECT * FROM yesterday.abandon_deployment(" INT64_FORMAT ");", id)));
	if (!by_role && !(OidIsValid(deployer) && has_privs_of_role(caller, deployer)) &&
		!(OidIsValid(row.join_role) && GetSessionUserId() == row.join_role))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to join deployment " INT64_FORMAT, id),
				 errdetail("Joining needs the privileges of role \"yesterday_deployer\", or being the deployment's join_role."),
				 errhint("GRANT yesterday_deployer TO %s, or RESET yesterday.deployment.",
						 quote_identifier(GetUserNameFromId(caller, false)))));

	current.id = id;
	current.scope = SCOPE_OPEN;
	current.begin_xid = row.begin_xid;
	current.digests = row.digests;
	joined_before = id;
}

int64
yd_current_deployment(void)
{
	int64		wanted;

	/* our own DDL and writes belong to nobody's deployment */
	if (current.id != 0 || internal)
		return current.id;

	wanted = wanted_by_setting();
	if (wanted != 0)
	{
		join_deployment(wanted, false);
		return current.id;
	}

	/*
	 * Without the setting a transaction that has written outside stays there:
	 * when the deployment began meanwhile, what it wrote before is not captured.
	 */
	look_up_open_deployment();
	if (open_deployment.id == 0 || open_deployment.scope != SCOPE_OPEN || current.outside)
	{
		current.outside = true;
		return 0;
	}
	if (OidIsValid(open_deployment.join_role) &&
		GetSessionUserId() == open_deployment.join_role)
	{
		join_deployment(open_deployment.id, true);
		current.outside = current.id == 0;
		return current.id;
	}
	if (joined_before == open_deployment.id || named_before == open_deployment.id)
		ereport(ERROR,
				(errcode(ERRCODE_YD_CAPTURE_BYPASSED),
				 errmsg("this session named deployment " INT64_FORMAT " as its own and left it half-way",
						open_deployment.id),
				 errdetail("The setting yesterday.deployment was cleared or changed while the deployment is open; what this session writes now would not be captured."),
				 errhint("SET yesterday.deployment = '" INT64_FORMAT "', or write from another session.",
						 open_deployment.id)));
	current.outside = true;
	return 0;
}

/* ----- transaction ids of the deployment ----- */

static void
load_member_xids(void)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;

	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_MEMBER_TRANSACTION), "deployment"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(current.id));
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
	if (current.scope == SCOPE_TRANSACTION ||
		TransactionIdPrecedes(xid, XidFromFullTransactionId(current.begin_xid)))
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
static void
enter_member_transaction(void)
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
	values[0] = Int64GetDatum(current.id);
	values[1] = Int64GetDatum(yd_next_id("member_transaction_ordinal_seq"));
	values[2] = FullTransactionIdGetDatum(top);
	values[3] = PointerGetDatum(construct_array(ids, nchildren, XID8OID, 8,
												FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	yd_insert(YD_TABLE_MEMBER_TRANSACTION, columns, values, nulls, 4);
}

/*
 * A transaction that wrote tables which are not tracked belongs to the
 * deployment as well when its session does: its rows are told by its id. It is
 * let in quietly or not at all, for what it did is nobody's concern otherwise.
 */
static void
join_before_commit(void)
{
	int64		id = setting_to_id(yd_setting_deployment);
	DeploymentRow row;
	LOCKTAG		tag;
	Oid			deployer;

	if (current.outside || internal || IsParallelWorker() ||
		!TransactionIdIsValid(GetTopTransactionIdIfAny()) ||
		!yd_is_installed())
		return;
	if (id == 0)
	{
		look_up_open_deployment();
		if (open_deployment.scope == SCOPE_OPEN && OidIsValid(open_deployment.join_role) &&
			GetSessionUserId() == open_deployment.join_role)
			id = open_deployment.id;
	}
	if (id <= 0)
		return;
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, yd_table_oid(YD_TABLE_DEPLOYMENT), (Oid) id, 0);
	if (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL ||
		!read_deployment(id, &row) || !row.is_open || row.scope != SCOPE_OPEN ||
		row.system_identifier != (int64) GetSystemIdentifier() || row.database != MyDatabaseId)
		return;
	deployer = get_role_oid("yesterday_deployer", true);
	if (!(OidIsValid(deployer) && has_privs_of_role(GetOuterUserId(), deployer)) &&
		!(OidIsValid(row.join_role) && GetSessionUserId() == row.join_role))
		return;
	current.id = id;
	current.scope = SCOPE_OPEN;
	current.touched = true;
}

static void
before_commit(void)
{
	if (current.id == 0)
		join_before_commit();
	if (current.id == 0)
		return;
	if (current.scope == SCOPE_TRANSACTION && current.finished_level == 0)
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_FINISHED),
				 errmsg("deployment " INT64_FORMAT " reached COMMIT without finish_deployment()", current.id),
				 errdetail("Its rollback was not proven, so nothing of the transaction may land."),
				 errhint("Run the deployment again, with SELECT * FROM yesterday.finish_deployment() before COMMIT.")));
	yd_capture_flush();
	if (current.touched)
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		if (current.scope == SCOPE_OPEN)
			yd_check_touched_counts();
		enter_member_transaction();
		PopActiveSnapshot();
	}
}

static void
forget_transaction(void)
{
	memset(&current, 0, sizeof(current));
	member_xids = NULL;			/* its memory goes with TopTransactionContext */
	internal = false;
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
			if (current.finished_level == level)
				current.finished_level = level - 1;
			yd_capture_subcommit(level);
			yd_outside_subcommit(level);
			break;
		case SUBXACT_EVENT_ABORT_SUB:
			if (current.finished_level >= level)
				current.finished_level = 0;
			if (internal && internal_level >= level)
				internal = false;
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
	CacheRegisterRelcacheCallback(deployment_changed, (Datum) 0);
	yd_captured_init();
}

/* ----- functions for the SQL side ----- */

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
	if (current.id != 0)
		ereport(ERROR,
				(errcode(ERRCODE_YD_DEPLOYMENT_IN_PROGRESS),
				 errmsg("this transaction already belongs to deployment " INT64_FORMAT, current.id),
				 errdetail("Deployments do not nest."),
				 errhint("SELECT * FROM yesterday.finish_deployment() and COMMIT first.")));
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
	current.id = PG_GETARG_INT64(0);
	current.scope = SCOPE_TRANSACTION;
	current.begin_xid = GetTopFullTransactionId();
	current.touched = true;
	current.finished_level = 0;
	PG_RETURN_VOID();
}

Datum
yd_mark_finished(PG_FUNCTION_ARGS)
{
	current.finished_level = GetCurrentTransactionNestLevel();
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
	bool		saved = internal;

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
