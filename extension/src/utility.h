/*
 * utility.h
 *		Commands that no event trigger shows.
 */
#ifndef YESTERDAY_UTILITY_H
#define YESTERDAY_UTILITY_H

#include "yesterday.h"
#include "nodes/parsenodes.h"

extern void yd_utility_init(void);

/* ----- truncate.c ----- */
extern void yd_before_truncate(TruncateStmt *truncate);

#endif
