/*
 * utility.c
 *		Commands that no event trigger shows, seen on their way in.
 *
 * The hook is in place in every session that has loaded the library: one that
 * began a deployment, wrote a tracked table or ran DDL as a member, or preloads
 * it. What ran in another one, finish_deployment() notices by the tables' files.
 */
#include "utility.h"

#include "access/xact.h"
#include "catalog.h"
#include "ddl.h"
#include "execute_as.h"
#include "nodes/parsenodes.h"
#include "session.h"
#include "tcop/utility.h"

static ProcessUtility_hook_type next_utility = NULL;

/*
 * Before the command; true: look again after it. Nothing is written before a
 * command that changes nothing here: it may have to be the first of its
 * transaction.
 */
static bool
look_at(Node *command, YdUnshown *unshown)
{
	int64		deployment;

	if (!yd_is_unshown(command) || yd_is_internal() || !yd_is_installed())
		return false;
	if (IsA(command, TruncateStmt))
	{
		yd_before_truncate(castNode(TruncateStmt, command));
		return false;
	}
	deployment = yd_current_deployment();
	if (deployment != 0)
		yd_before_unshown(command, unshown);
	else if ((IsA(command, ClusterStmt) || IsA(command, VacuumStmt)) &&
			 (deployment = yd_open_beside()) != 0)
		unshown->replaced = yd_rewritten_by(command);
	yd_enter_replaced(deployment, yd_current_deployment_known() != 0, unshown->replaced);
	return unshown->made != NULL;
}

static void
utility(PlannedStmt *statement, const char *text, bool read_only_tree,
		ProcessUtilityContext context, ParamListInfo params,
		QueryEnvironment *environment, DestReceiver *dest, QueryCompletion *completion)
{
	YdUnshown	unshown = {0};
	bool		again;

	yd_refuse_beside(context == PROCESS_UTILITY_SUBCOMMAND);
	again = IsTransactionState() && look_at(statement->utilityStmt, &unshown);
	if (next_utility != NULL)
		next_utility(statement, text, read_only_tree, context, params, environment, dest, completion);
	else
		standard_ProcessUtility(statement, text, read_only_tree, context, params, environment, dest,
								completion);
	if (again)
		yd_after_unshown(statement->utilityStmt, &unshown);
}

void
yd_utility_init(void)
{
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = utility;
}
