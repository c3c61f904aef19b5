/*
 * ddl.h
 *		The ledger of DDL, and data saved before DDL destroys it.
 */
#ifndef YESTERDAY_DDL_H
#define YESTERDAY_DDL_H

#include "yesterday.h"
#include "commands/event_trigger.h"
#include "fmgr.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

/* What the server tells an event trigger; raises where somebody else calls it. */
extern EventTriggerData *yd_event_data(FunctionCallInfo fcinfo);

/*
 * Run one statement of ours as the extension's owner, under a pinned
 * search_path, as our own work. Its plan is kept: values are parameters, never
 * part of the text. "take" looks at the result before it goes.
 */
extern void yd_run_own(const char *statement, int nargs, Oid *types, Datum *values,
					   void (*take) (void *state), void *state);

/*
 * The same for several statements in a row: to switch user and settings costs
 * as much as a short one. After an error nothing is to be done.
 */
typedef struct YdOwn
{
	Oid			userid;
	int			sec_context;
	int			guc_level;
	bool		internal;
} YdOwn;

extern void yd_own_begin(YdOwn *own);
extern void yd_own_run(const char *statement, int nargs, Oid *types, Datum *values,
					   void (*take) (void *state), void *state);
extern void yd_own_end(const YdOwn *own);

/*
 * Save the data that a command is about to destroy, with all it reaches. Whether
 * it changes types of columns, so that they are to be read once more after it.
 */
extern bool yd_save_before(int64 deployment, Node *command);

/* Raises where a command is about to change what Yesterday itself is made of, and could not be told of later. */
extern void yd_refuse_own_before(Node *command, const char *tag, bool member);
extern void yd_refuse_own(const char *name, const char *tag, bool member);

/*
 * DROP EXTENSION yesterday would take every rollback away with it: not while
 * there is one to lose.
 */
extern void yd_guard_own_extension(Node *command);

/*
 * A command of a deployment is about to change the schema: raises after
 * finish_deployment(), and takes the image of before.
 */
extern void yd_ledger_before(const char *tag);

/*
 * These tables are about to get another file, by a command that is seen: of
 * the deployment, or beside it.
 */
extern void yd_enter_replaced(int64 deployment, bool member, List *relids);

/* A command that destroys data begins. */
extern void yd_begin_destruction(void);

/*
 * Raises when the rows of the table, with those of others that the command
 * destroys, are more than yesterday.max_saved_bytes.
 */
extern void yd_check_saved_size(Relation rel);

#endif
