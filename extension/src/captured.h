/*
 * captured.h
 *		The tables under capture in the current transaction, and the buffers of
 *		records in front of their shadow tables.
 */
#ifndef YESTERDAY_CAPTURED_H
#define YESTERDAY_CAPTURED_H

#include "shadow.h"
#include "executor/tuptable.h"

/*
 * Records of one nesting level. A record must be written by the
 * subtransaction that made it, or go with it; so records of an outer level
 * wait while an inner one runs.
 */
typedef struct YdBuffer
{
	struct YdBuffer *below;
	int			level;
	MemoryContext context;
	HeapTuple  *tuples;
	int			ntuples;
	Size		bytes;
} YdBuffer;

#define YD_BUFFER_TUPLES	1000
#define YD_BUFFER_BYTES		(1024 * 1024)

typedef struct YdCapturedTable
{
	Oid			relid;			/* hash key */
	bool		skip;			/* made by the deployment: goes as a whole */
	NameData	schema;			/* names before the deployment */
	NameData	table;
	char		key_kind;		/* 'p', 'u' or 'r' */
	int			nkeys;
	int		   *keys;			/* indexes into columns */
	int			ncolumns;
	YdShadowColumn *columns;
	bool		has_text;
	int			shadow_level;	/* level that made the shadow; 0: not made yet */
	int64		id;				/* of yesterday.captured_table */
	Oid			shadow;
	TupleDesc	shadow_desc;
	int			complete_level; /* level at which every row was captured; 0: not */
	YdBuffer   *buffer;			/* innermost level first */
} YdCapturedTable;

/* The entry of a tracked table; makes it, and its shadow, at the first touch. */
extern YdCapturedTable *yd_captured_table(Relation rel, bool for_write);

/* Add one record to the buffer of the current level. */
extern void yd_add_record(YdCapturedTable *table, char op, TupleTableSlot *row, bool key_only);

#endif
