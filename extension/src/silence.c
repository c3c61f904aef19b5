/*
 * silence.c
 *		Event triggers of users are silent while a rollback, a proof or a drill is
 *		at work: one that forbids commands would keep yesterday away at 3 AM, and
 *		one that writes would write things that nobody did.
 *
 * Those of extensions, ours among them, keep their own books by them and go on.
 * Nothing is switched off in the catalog: other sessions see no difference, and
 * there is nothing to switch on again after a crash.
 */
#include "utility.h"

#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "session.h"
#include "utils/lsyscache.h"

static needs_fmgr_hook_type next_needs = NULL;
static fmgr_hook_type next_hook = NULL;

static bool
is_silenced(Oid function)
{
	return yd_is_internal() && get_func_rettype(function) == EVENT_TRIGGEROID &&
		!OidIsValid(getExtensionOfObject(ProcedureRelationId, function));
}

static bool
needs(Oid function)
{
	return (next_needs != NULL && next_needs(function)) || is_silenced(function);
}

static Datum
do_nothing(PG_FUNCTION_ARGS)
{
	PG_RETURN_NULL();
}

/* The server looks the function up for this one call. */
static void
around(FmgrHookEventType event, FmgrInfo *function, Datum *state)
{
	if (event == FHET_START && is_silenced(function->fn_oid))
		function->fn_addr = do_nothing;
	if (next_hook != NULL && (next_needs == NULL || next_needs(function->fn_oid)))
		next_hook(event, function, state);
}

void
yd_silence_init(void)
{
	next_needs = needs_fmgr_hook;
	needs_fmgr_hook = needs;
	next_hook = fmgr_hook;
	fmgr_hook = around;
}
