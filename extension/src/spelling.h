/*
 * spelling.h
 *		Values of enums as text, under the names that their labels had before the
 *		deployment.
 *
 * A label that is renamed stays the same label. Were it written under the name of
 * the moment, the records of one row, and the digests of one table, would tell of
 * two, and after the rollback nobody could read the later one.
 */
#ifndef YESTERDAY_SPELLING_H
#define YESTERDAY_SPELLING_H

#include "yesterday.h"
#include "fmgr.h"

/* What the values of a column are made of; enum_type InvalidOid: of no labels */
typedef struct YdSpelling
{
	Oid			enum_type;
	Oid			element;		/* of an array; else InvalidOid */
} YdSpelling;

extern void yd_find_spelling(YdSpelling *spelling, Oid type);

/* A value as text. "output": the output function of the column's type. Text settings are pinned by the caller. */
extern char *yd_spell(const YdSpelling *spelling, FmgrInfo *output, Datum value);

/* Labels that the deployment renamed, with their names before it and after it */
typedef struct YdRenamed
{
	int			n;
	char	  **before;
	char	  **after;
} YdRenamed;

/* Those of the enum that a column is made of, in a deployment that has not been undone; NULL: none. Uses SPI. */
extern YdRenamed *yd_renamed_labels(int64 captured_table, const YdSpelling *spelling);

/* A text of before as the type reads it until then. */
extern char *yd_respell(const YdRenamed *renamed, bool is_array, char *written);

/* Once a backend. */
extern void yd_spelling_init(void);

#endif
