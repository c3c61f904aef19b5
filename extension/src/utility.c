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
#include "commands/extension.h"
#include "nodes/parsenodes.h"
#include "session.h"
#include "tcop/utility.h"

static ProcessUtility_hook_type next_utility = NULL;

static void
look_at(Node *command)
{
	/* the library may be loaded where the extension is not */
	if (!IsA(command, TruncateStmt) || yd_is_internal() ||
		!OidIsValid(get_extension_oid("yesterday", true)))
		return;
	yd_before_truncate(castNode(TruncateStmt, command));
}

static void
utility(PlannedStmt *statement, const char *text, bool read_only_tree,
		ProcessUtilityContext context, ParamListInfo params,
		QueryEnvironment *environment, DestReceiver *dest, QueryCompletion *completion)
{
	if (IsTransactionState())
		look_at(statement->utilityStmt);
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
