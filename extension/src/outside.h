/*
 * outside.h
 *		Writes beside an open deployment, which its proof has to know.
 */
#ifndef YESTERDAY_OUTSIDE_H
#define YESTERDAY_OUTSIDE_H

#include "yesterday.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"

/* One row: what it was and what it is now, NULL for none. */
extern void yd_note_outside_row(Relation rel, TupleTableSlot *old, TupleTableSlot *new);

/* The table as a whole, row by row untold. */
extern void yd_note_outside_write(Oid relid);
extern void yd_outside_reset(void);
extern void yd_outside_subcommit(int level);
extern void yd_outside_subabort(int level);

#endif
