/*
 * yesterday.c
 *		Entry point of the library: settings and callbacks.
 */
#include "yesterday.h"

#include <limits.h>

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "session.h"
#include "spelling.h"
#include "utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

char	   *yd_setting_deployment = NULL;
int			yd_setting_lock_wait = 5000;
int			yd_setting_proof = YD_PROOF_FULL;
int			yd_setting_max_saved = 10 * 1024 * 1024;
int			yd_setting_max_rebuild = 10 * 1024 * 1024;

static const struct config_enum_entry proof_levels[] = {
	{"off", YD_PROOF_OFF, false},
	{"touched", YD_PROOF_TOUCHED, false},
	{"full", YD_PROOF_FULL, false},
	{NULL, 0, false}
};

void		_PG_init(void);

/*
 * A session can have set the variable before anything loaded the library, which
 * then happens behind its first tracked write. Refusing the value at that moment
 * would only be a warning, and the write would pass by the deployment: it is
 * judged when it is used.
 */
static bool loading = false;

static bool
check_deployment(char **newval, void **extra, GucSource source)
{
	const char *c;

	if (loading || *newval == NULL || **newval == '\0')
		return true;
	for (c = *newval; *c != '\0'; c++)
		if (*c < '0' || *c > '9')
			break;
	if (*c != '\0' || c - *newval > 18)
	{
		GUC_check_errcode(ERRCODE_YD_UNKNOWN_DEPLOYMENT);
		GUC_check_errmsg("\"%s\" is not the id of a deployment", *newval);
		GUC_check_errdetail("yesterday.deployment takes the number that begin_deployment(scope => 'open') returned.");
		GUC_check_errhint("SELECT open_deployment FROM yesterday.status;");
		return false;
	}
	if (source >= PGC_S_INTERACTIVE && IsTransactionState() &&
		TransactionIdIsValid(GetTopTransactionIdIfAny()) && yd_current_deployment_known() == 0)
	{
		GUC_check_errcode(ERRCODE_YD_WRONG_TRANSACTION);
		GUC_check_errmsg("cannot join a deployment in a transaction that has written");
		GUC_check_errdetail("What it wrote before would not have been captured.");
		GUC_check_errhint("Set yesterday.deployment before the first write of the transaction, or for the session.");
		return false;
	}
	return true;
}

static void
assign_deployment(const char *newval, void *extra)
{
	yd_deployment_named(newval);
}

void
_PG_init(void)
{
	loading = true;
	DefineCustomStringVariable("yesterday.deployment",
							   "Id of the open deployment that this session belongs to.",
							   "Usually set through PGOPTIONS by \"yesterday run\".",
							   &yd_setting_deployment, "", PGC_USERSET, 0,
							   check_deployment, assign_deployment, NULL);
	loading = false;
	DefineCustomIntVariable("yesterday.lock_wait",
							"Longest wait for any one lock of a rollback, proof or drill.",
							NULL, &yd_setting_lock_wait, 5000, 0, INT_MAX / 2,
							PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomEnumVariable("yesterday.proof",
							 "How finish_deployment() proves the rollback.",
							 "full, touched or off; less than full needs yesterday_admin.",
							 &yd_setting_proof, YD_PROOF_FULL, proof_levels,
							 PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("yesterday.max_saved_bytes",
							"Most bytes that one destructive command may have saved.",
							NULL, &yd_setting_max_saved, 10 * 1024 * 1024, 0, INT_MAX,
							PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomIntVariable("yesterday.max_rebuild_bytes",
							"Largest table that finish_deployment() lets a rollback rebuild.",
							"With accept_irreversible the order of its columns is not restored instead.", &yd_setting_max_rebuild, 10 * 1024 * 1024, 0, INT_MAX,
							PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
	MarkGUCPrefixReserved("yesterday");
	yd_session_init();
	yd_spelling_init();
	yd_utility_init();
	yd_silence_init();
}
