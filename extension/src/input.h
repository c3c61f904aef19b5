/*
 * input.h
 *		Text read as a value of a type that may not take it.
 */
#ifndef YD_INPUT_H
#define YD_INPUT_H

#include "postgres.h"

#include "fmgr.h"

/* false: the type does not take it, and "why" says what it said. */
extern bool yd_input(FmgrInfo *input, char *text, Oid ioparam, int32 typmod, Datum *value, char **why);

#endif							/* YD_INPUT_H */
