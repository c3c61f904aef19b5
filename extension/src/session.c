/*
 * session.c
 *		Which deployment the current transaction belongs to.
 *
 * A transaction belongs to a deployment in one of three ways: it began it
 * (scope "transaction"), the setting yesterday.deployment names it, or the
 * session's user is its join_role. Membership is decided at the first tracked
 * write or DDL of the transaction and stays until its end.
 */
#include "session_state.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

YdTransaction yd_transaction;

static bool internal = false;
static int	internal_level = 0;		/* nesting level that switched it on */

/*
 * The deployments that this session joined and named last: leaving an open one
 * half-way is refused. A trigger of somebody's could clear the setting between
 * a statement and the capture of its rows.
 */
static int64 joined_before = 0;
static int64 named_before = 0;

int64
yd_open_deployment(void)
{
	return yd_open_row()->id;
}

int64
yd_current_deployment_known(void)
{
	return yd_transaction.id;
}

bool
yd_in_transaction_scope(void)
{
	return yd_transaction.id != 0 && yd_transaction.scope == YD_SCOPE_TRANSACTION;
}

bool
yd_accepts_irreversible(void)
{
	YdDeploymentRow row;

	return yd_transaction.id != 0 && yd_read_deployment(yd_transaction.id, &row) && row.accepts_irreversible;
}

bool
yd_wants_digests(void)
{
	return yd_transaction.digests;
}

int64
yd_open_beside(void)
{
	const YdDeploymentRow *open = yd_open_row();

	return yd_transaction.id == 0 && open->scope == YD_SCOPE_OPEN ? open->id : 0;
}

int64
yd_outside_of(void)
{
	int64		id = yd_open_beside();

	return id != 0 && yd_open_row()->digests ? id : 0;
}

bool
yd_is_finished(void)
{
	return yd_transaction.finished_level > 0;
}

void
yd_refuse_after_finish(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_YD_ALREADY_FINISHED),
			 errmsg("%s after finish_deployment() in the same transaction", what),
			 errdetail("Deployment " INT64_FORMAT " was proven without it.", yd_transaction.id),
			 errhint("COMMIT first, and write in the next transaction; or make the change before finish_deployment().")));
}

void
yd_touch(void)
{
	yd_transaction.touched = true;
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

void
yd_internal_reset(int level)
{
	if (level <= 1 || internal_level >= level)
		internal = false;
}

/* ----- joining ----- */

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

static bool
is_join_role(const YdDeploymentRow *row)
{
	return OidIsValid(row->join_role) && GetSessionUserId() == row->join_role;
}

static bool
may_join(const YdDeploymentRow *row)
{
	Oid			deployer = get_role_oid("yesterday_deployer", true);

	return (OidIsValid(deployer) && has_privs_of_role(GetOuterUserId(), deployer)) ||
		is_join_role(row);
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
	YdDeploymentRow row;
	int			patience = 10;

	while (!yd_try_share(id))
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

	if (!yd_read_deployment(id, &row) || !row.is_open || row.scope != YD_SCOPE_OPEN)
	{
		if (by_role)
			return;				/* closed meanwhile: an ordinary session again */
		ereport(ERROR,
				(errcode(ERRCODE_YD_DEPLOYMENT_CLOSED),
				 errmsg("deployment " INT64_FORMAT " is not open", id),
				 errdetail("The setting yesterday.deployment joins this session to a deployment that is finished, rolled back or unknown, or that belongs to one transaction only."),
				 errhint("RESET yesterday.deployment (or take it out of PGOPTIONS) and begin a deployment with scope => 'open'.")));
	}
	if (!yd_row_is_of_here(&row))
		ereport(ERROR,
				(errcode(ERRCODE_YD_DEPLOYMENT_CLOSED),
				 errmsg("deployment " INT64_FORMAT " was open in another database", id),
				 errdetail("This database was restored from a dump taken while the deployment was open; what its sessions wrote can no longer be told apart here."),
				 errhint("SELECT * FROM yesterday.abandon_deployment(" INT64_FORMAT ");", id)));
	if (!by_role && !may_join(&row))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to join deployment " INT64_FORMAT, id),
				 errdetail("Joining needs the privileges of role \"yesterday_deployer\", or being the deployment's join_role."),
				 errhint("GRANT yesterday_deployer TO %s, or RESET yesterday.deployment.",
						 quote_identifier(GetUserNameFromId(GetOuterUserId(), false)))));

	yd_transaction.id = id;
	yd_transaction.scope = YD_SCOPE_OPEN;
	yd_transaction.begin_xid = row.begin_xid;
	yd_transaction.digests = row.digests;
	joined_before = id;
}

int64
yd_current_deployment(void)
{
	int64		wanted;
	const YdDeploymentRow *open;

	/* our own DDL and writes belong to nobody's deployment */
	if (yd_transaction.id != 0 || internal)
		return yd_transaction.id;

	wanted = wanted_by_setting();
	if (wanted != 0)
	{
		join_deployment(wanted, false);
		return yd_transaction.id;
	}

	/*
	 * Without the setting a transaction that has written outside stays there:
	 * when the deployment began meanwhile, what it wrote before is not captured.
	 */
	open = yd_open_row();
	if (open->id == 0 || open->scope != YD_SCOPE_OPEN || yd_transaction.outside)
	{
		yd_transaction.outside = true;
		return 0;
	}
	if (is_join_role(open))
	{
		join_deployment(open->id, true);
		yd_transaction.outside = yd_transaction.id == 0;
		return yd_transaction.id;
	}
	if (joined_before == open->id || named_before == open->id)
		ereport(ERROR,
				(errcode(ERRCODE_YD_CAPTURE_BYPASSED),
				 errmsg("this session named deployment " INT64_FORMAT " as its own and left it half-way",
						open->id),
				 errdetail("The setting yesterday.deployment was cleared or changed while the deployment is open; what this session writes now would not be captured."),
				 errhint("SET yesterday.deployment = '" INT64_FORMAT "', or write from another session.",
						 open->id)));
	yd_transaction.outside = true;
	return 0;
}

/*
 * A transaction that wrote tables which are not tracked belongs to the
 * deployment as well when its session does: its rows are told by its id. It is
 * let in quietly or not at all, for what it did is nobody's concern otherwise.
 */
void
yd_join_before_commit(void)
{
	int64		id = setting_to_id(yd_setting_deployment);
	YdDeploymentRow row;

	if (yd_transaction.outside || internal || IsParallelWorker() ||
		!TransactionIdIsValid(GetTopTransactionIdIfAny()) ||
		!yd_is_installed())
		return;
	if (id == 0 && yd_open_row()->scope == YD_SCOPE_OPEN && is_join_role(yd_open_row()))
		id = yd_open_row()->id;
	if (id <= 0)
		return;
	if (!yd_try_share(id) || !yd_read_deployment(id, &row) || !row.is_open ||
		row.scope != YD_SCOPE_OPEN || !yd_row_is_of_here(&row) || !may_join(&row))
		return;
	yd_transaction.id = id;
	yd_transaction.scope = YD_SCOPE_OPEN;
	yd_transaction.touched = true;
}
