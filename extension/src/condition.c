/*
 * condition.c
 *		The WHEN condition of the capture triggers, which captures most rows itself.
 *
 * The executor evaluates the condition of an AFTER ROW trigger when the row has just been
 * written, its versions still in the processor's cache. A row that is captured there needs no
 * event in the server's queue, and its versions need not be read again at the end of
 * the statement, which costs more than making the record.
 *
 * A condition is an expression, and hands its functions values, not rows. But the
 * value of old.ctid and new.ctid is a pointer into the slot that holds the version,
 * in every server from 12 on, and from there it is one step to the slot. The step
 * is taken only where the expression says that the argument is such a column, and
 * that of a trigger's row: no other expression has system columns of these two
 * "range table entries".
 *
 * Anybody may write such a condition for a trigger of his own. His is not told from
 * ours by how it looks; so, where another trigger of the table looks at ctid,
 * and where ours is not there, the condition captures nothing and leaves
 * the row to the function of our trigger, which only we can put on a table.
 */
#include "capture.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "outside.h"
#include "session.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/reltrigger.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(yd_capturing);

/* What is known of one condition, as long as the executor keeps it: a statement and a table. */
typedef struct Condition
{
	bool		asked;
	bool		captures;
} Condition;

/* ----- is it one of ours? ----- */

/* Is the argument the place of a trigger's row, in this role (INNER_VAR: old, OUTER_VAR: new)? */
static bool
is_place_of(Node *argument, int role)
{
	return IsA(argument, Var) && ((Var *) argument)->varno == role &&
		((Var *) argument)->varlevelsup == 0 &&
		((Var *) argument)->varattno == SelfItemPointerAttributeNumber;
}

static bool
is_null(Node *argument)
{
	return IsA(argument, Const) && ((Const *) argument)->constisnull;
}

/* Do the arguments come from a trigger's rows, or not at all? */
static bool
has_rows(FmgrInfo *function)
{
	FuncExpr   *call = (FuncExpr *) function->fn_expr;
	Node	   *old;
	Node	   *new;

	if (call == NULL || !IsA(call, FuncExpr) || call->funcid != function->fn_oid ||
		list_length(call->args) != 3)
		return false;
	old = lsecond(call->args);
	new = lthird(call->args);
	return (is_place_of(old, INNER_VAR) && (is_place_of(new, OUTER_VAR) || is_null(new))) ||
		(is_null(old) && is_place_of(new, OUTER_VAR));
}

static bool
names_ctid(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varattno == SelfItemPointerAttributeNumber;
	return expression_tree_walker(node, names_ctid, context);
}

/* The function of our triggers; "condition" is that of their conditions. */
static Oid
trigger_function(Oid condition)
{
	static Oid	known_condition = InvalidOid;
	static Oid	known_function = InvalidOid;

	/* the extension can have been dropped and created again; who writes may not use its schema */
	if (known_condition != condition)
	{
		oidvector  *none = buildoidvector(NULL, 0);

		known_function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
										 CStringGetDatum("_capture"), PointerGetDatum(none),
										 ObjectIdGetDatum(get_func_namespace(condition)));
		known_condition = condition;
	}
	return known_function;
}

/* Is our trigger for this kind of write there, and no other one that could pass for it? */
static bool
is_the_only_one(Relation rel, Oid function, int16 event)
{
	bool		found = false;

	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		Trigger    *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tgfoid == function)
			found |= TRIGGER_TYPE_MATCHES(trigger->tgtype, TRIGGER_TYPE_ROW, TRIGGER_TYPE_AFTER, event) &&
				trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
		else if (trigger->tgqual != NULL && names_ctid(stringToNode(trigger->tgqual), NULL))
			return false;
	}
	return found;
}

static bool
may_capture(FmgrInfo *condition, TupleTableSlot *old, TupleTableSlot *new)
{
	TupleTableSlot *row = old != NULL ? old : new;
	Relation	rel;
	bool		only;

	if (row == NULL || !OidIsValid(row->tts_tableOid) ||
		(old != NULL && new != NULL && old->tts_tableOid != new->tts_tableOid))
		return false;
	rel = table_open(row->tts_tableOid, NoLock);	/* the statement has locked it */
	only = is_the_only_one(rel, trigger_function(condition->fn_oid),
						   old == NULL ? TRIGGER_TYPE_INSERT :
						   new == NULL ? TRIGGER_TYPE_DELETE : TRIGGER_TYPE_UPDATE);
	table_close(rel, NoLock);
	return only;
}

/* ----- capturing ----- */

/* The slot whose place this is. */
static TupleTableSlot *
slot_of(NullableDatum *place)
{
	if (place->isnull)
		return NULL;
	return (TupleTableSlot *) (DatumGetPointer(place->value) - offsetof(TupleTableSlot, tts_tid));
}

/* Capture the row, where this is the condition of our trigger. */
static bool
capture(FunctionCallInfo fcinfo)
{
	Condition  *condition = fcinfo->flinfo->fn_extra;
	TupleTableSlot *old;
	TupleTableSlot *new;
	Oid			relid;
	YdCapturedTable *table;

	if (condition == NULL)
	{
		condition = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Condition));
		condition->asked = !has_rows(fcinfo->flinfo);
		fcinfo->flinfo->fn_extra = condition;
	}
	if (condition->asked && !condition->captures)
		return false;
	old = slot_of(&fcinfo->args[1]);
	new = slot_of(&fcinfo->args[2]);
	if (!condition->asked)
	{
		condition->captures = may_capture(fcinfo->flinfo, old, new);
		condition->asked = true;
		if (!condition->captures)
			return false;
	}
	yd_touch();
	relid = old != NULL ? old->tts_tableOid : new->tts_tableOid;
	table = yd_captured_last(relid);
	if (table == NULL)
	{
		Relation	rel = table_open(relid, NoLock);

		table = yd_captured_table(rel, true);
		table_close(rel, NoLock);
	}
	yd_capture_row(table, old, new);
	return true;
}

/*
 * _capturing(refuse boolean, old_place tid, new_place tid): does the trigger have
 * to see the row? Keeps the executor from queueing events that nobody wants.
 */
Datum
yd_capturing(PG_FUNCTION_ARGS)
{
	bool		refuse = !PG_ARGISNULL(0) && PG_GETARG_BOOL(0);

	if (yd_current_deployment() == 0)
		PG_RETURN_BOOL(refuse || yd_outside_of() != 0);
	if (yd_is_internal() || yd_is_finished())
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(!capture(fcinfo));
}
