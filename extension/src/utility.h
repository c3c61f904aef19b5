/*
 * utility.h
 *		Commands that no event trigger shows.
 */
#ifndef YESTERDAY_UTILITY_H
#define YESTERDAY_UTILITY_H

#include "yesterday.h"
#include "nodes/parsenodes.h"

extern void yd_utility_init(void);

/* ----- silence.c ----- */
extern void yd_silence_init(void);

/* ----- truncate.c ----- */
extern void yd_before_truncate(TruncateStmt *truncate);

/* ----- unshown.c ----- */
typedef struct YdUnshown
{
	List	   *replaced;		/* tables that get another file with the same rows */
	const char *made;			/* event trigger that the command makes */
} YdUnshown;

/* All tables of users: what a command that names none can mean. */
extern List *yd_all_tables(void);

/* Tables to which CLUSTER or VACUUM FULL gives another file. */
extern List *yd_rewritten_by(Node *command);

/* Does REINDEX give the indexes another tablespace? */
extern bool yd_reindex_moves(ReindexStmt *reindex);

/* Is it a command of which the ledger or the capture must know although no trigger fires? */
extern bool yd_is_unshown(Node *command);

/* Before and after such a command of a deployment, TRUNCATE left out. */
extern void yd_before_unshown(Node *command, YdUnshown *unshown);
extern void yd_after_unshown(Node *command, YdUnshown *unshown);

#endif
