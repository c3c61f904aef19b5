/*
 * outside.h
 *		Writes beside an open deployment, noted once a transaction and table.
 */
#ifndef YESTERDAY_OUTSIDE_H
#define YESTERDAY_OUTSIDE_H

#include "yesterday.h"

extern void yd_note_outside_write(Oid relid);
extern void yd_outside_reset(void);
extern void yd_outside_subcommit(int level);
extern void yd_outside_subabort(int level);

#endif
