/*
 * run_own.c
 *		Statements of our own, that C has run.
 *
 * Event triggers run a handful of them for every DDL command, and to parse and
 * plan one takes several times as long as to run it: plans are kept for the
 * life of the session. The server makes them again when what they name changes.
 */
#include "ddl.h"

#include "catalog.h"
#include "execute_as.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "session.h"
#include "utils/memutils.h"

/* A statement as it stands in the source of this library, and its plan */
typedef struct OwnPlan
{
	char	   *statement;
	SPIPlanPtr	plan;
} OwnPlan;

static List *own_plans = NIL;

/* Within SPI, as the extension's owner and with its settings */
static SPIPlanPtr
own_plan(const char *statement, int nargs, Oid *types)
{
	OwnPlan    *own;
	MemoryContext old;
	ListCell   *cell;
	SPIPlanPtr	plan;

	foreach(cell, own_plans)
	{
		own = lfirst(cell);
		if (strcmp(own->statement, statement) == 0)
			return own->plan;
	}
	plan = SPI_prepare_cursor(statement, nargs, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "cannot prepare \"%s\": %s", statement, SPI_result_code_string(SPI_result));
	old = MemoryContextSwitchTo(TopMemoryContext);
	own = palloc(sizeof(OwnPlan));
	own->statement = pstrdup(statement);
	own->plan = plan;
	own_plans = lappend(own_plans, own);
	MemoryContextSwitchTo(old);
	return plan;
}

void
yd_own_begin(YdOwn *own)
{
	own->internal = yd_internal_begin();
	GetUserIdAndSecContext(&own->userid, &own->sec_context);
	SetUserIdAndSecContext(yd_owner(), own->sec_context | SECURITY_LOCAL_USERID_CHANGE);
	own->guc_level = yd_pin_settings();
}

void
yd_own_end(const YdOwn *own)
{
	yd_unpin_settings(own->guc_level);
	SetUserIdAndSecContext(own->userid, own->sec_context);
	yd_internal_end(own->internal);
}

void
yd_own_run(const char *statement, int nargs, Oid *types, Datum *values,
		   void (*take) (void *state), void *state)
{
	SPI_connect();
	SPI_execute_plan(own_plan(statement, nargs, types), values, NULL, false, 0);
	if (take != NULL)
		take(state);
	SPI_finish();
}

void
yd_run_own(const char *statement, int nargs, Oid *types, Datum *values,
		   void (*take) (void *state), void *state)
{
	YdOwn		own;

	yd_own_begin(&own);
	yd_own_run(statement, nargs, types, values, take, state);
	yd_own_end(&own);
}
