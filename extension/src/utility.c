/*
 * utility.c
 *		Commands that no event trigger shows: TRUNCATE of tables that are not
 *		tracked.
 *
 * A tracked table has a trigger for it. The rows of any other would be gone
 * without a copy, so such a command is refused while there is something to
 * lose, unless the deployment was begun as irreversible. The hook is in place
 * in every session that has loaded the library: one that began a deployment,
 * wrote a tracked table or ran DDL as a member, or preloads it.
 */
#include "yesterday.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog.h"
#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "ddl.h"
#include "nodes/parsenodes.h"
#include "session.h"
#include "storage/bufmgr.h"
#include "tcop/utility.h"
#include "utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static ProcessUtility_hook_type next_utility = NULL;

/* Every table that the command empties, as far as it resolves. */
static List *
truncated_tables(TruncateStmt *truncate)
{
	List	   *relids = NIL;
	ListCell   *cell;

	foreach(cell, truncate->relations)
	{
		RangeVar   *name = lfirst(cell);
		Oid			relid = RangeVarGetRelid(name, NoLock, true);

		if (!OidIsValid(relid))
			continue;			/* the command itself will complain */
		relids = list_concat_unique_oid(relids, name->inh ?
										find_all_inheritors(relid, NoLock, NULL) :
										list_make1_oid(relid));
	}
	if (truncate->behavior == DROP_CASCADE)
	{
		List	   *more;

		while ((more = heap_truncate_find_FKs(relids)) != NIL)
			relids = list_concat_unique_oid(relids, more);
	}
	return relids;
}

/* Would rows be lost that the deployment did not bring itself? */
static bool
would_lose_rows(Oid relid)
{
	Relation	rel;
	bool		lost;

	if (yd_is_own_table(relid) || OidIsValid(get_trigger_oid(relid, "yesterday_truncate", true)))
		return false;
	rel = try_relation_open(relid, AccessShareLock);
	if (rel == NULL)
		return false;
	lost = rel->rd_rel->relkind == RELKIND_RELATION &&
		rel->rd_rel->relpersistence != RELPERSISTENCE_TEMP &&
		rel->rd_createSubid == InvalidSubTransactionId &&
		RelationGetNumberOfBlocks(rel) > 0;
	relation_close(rel, NoLock);
	return lost;
}

/* It was accepted when the deployment began: said in every report from now on. */
static void
enter_residue(const char *name)
{
	Oid			types[2] = {INT8OID, TEXTOID};
	Datum		values[2];

	values[0] = Int64GetDatum(yd_current_deployment());
	values[1] = CStringGetTextDatum(name);
	yd_touch();
	yd_run_own("INSERT INTO yesterday.ddl_refusal (deployment, kind, identity, reason)"
			   " VALUES ($1, 'truncate', $2, 'the rows that TRUNCATE took from this table are gone')",
			   2, types, values, NULL, NULL);
}

static void
check_truncate(TruncateStmt *truncate)
{
	ListCell   *cell;

	bool		accepted;

	if (yd_is_internal() || yd_current_deployment() == 0)
		return;
	accepted = yd_accepts_irreversible();
	foreach(cell, truncated_tables(truncate))
	{
		Oid			relid = lfirst_oid(cell);
		char	   *name;

		if (!would_lose_rows(relid))
			continue;
		name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
										  get_rel_name(relid));
		if (accepted)
		{
			enter_residue(name);
			continue;
		}
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("TRUNCATE of table %s could not be rolled back", name),
				 errdetail("The table is not tracked, so no copy of its rows would be kept."),
				 errhint("Track it before the deployment (SELECT yesterday.track('%s');), or begin the deployment with accept_irreversible => true.", name)));
	}
}

static void
utility(PlannedStmt *statement, const char *text, bool read_only_tree,
		ProcessUtilityContext context, ParamListInfo params,
		QueryEnvironment *environment, DestReceiver *dest, QueryCompletion *completion)
{
	if (IsA(statement->utilityStmt, TruncateStmt) && IsTransactionState())
		check_truncate((TruncateStmt *) statement->utilityStmt);
	if (next_utility != NULL)
		next_utility(statement, text, read_only_tree, context, params, environment, dest, completion);
	else
		standard_ProcessUtility(statement, text, read_only_tree, context, params, environment, dest,
								completion);
}

void
yd_utility_init(void)
{
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = utility;
}
