/*
 * wide.h
 *		Records of tables whose rows may leave no room for ours beside them.
 */
#ifndef YESTERDAY_WIDE_H
#define YESTERDAY_WIDE_H

#include "captured.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"

/* The column of a shadow table that holds the texts of all columns without one of their own */
#define YD_WIDE_COLUMN	"wide"

/*
 * Decide where the columns of a described table lie in its shadow: each in one
 * of its own, or, where that many and that large ones have no room on a page
 * beside op, xid and prior, the key's alone, and the others as text in "wide".
 */
extern void yd_lay_out(YdCapturedTable *table);

/* Texts of one record after another; NULL where the shadow has no such column. */
typedef struct YdWide YdWide;

extern YdWide *yd_wide_begin(Relation shadow);

/* Text of the column at this place among the captured ones; NULL: NULL. */
extern char *yd_wide_text(YdWide *wide, TupleTableSlot *record, int place);

/* A slot for records with all columns at their places, those of "wide" as text. */
extern TupleTableSlot *yd_wide_slot(const YdCapturedTable *table);
extern void yd_wide_unpack(const YdCapturedTable *table, YdWide *wide, TupleTableSlot *record,
						   TupleTableSlot *unpacked);

#endif
