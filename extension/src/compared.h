/*
 * compared.h
 *		Hashes of rows that no capture proves: business tables whose rows DDL of a
 *		deployment takes away or writes anew.
 */
#ifndef YESTERDAY_COMPARED_H
#define YESTERDAY_COMPARED_H

#include "yesterday.h"

#include "access/attnum.h"
#include "utils/array.h"

/* What is compared of a row: attribute numbers, 0 for a column that the table does not have now */
typedef struct YdComparedColumns
{
	int			n;
	AttrNumber *attnums;
} YdComparedColumns;

extern YdComparedColumns yd_compared_columns(ArrayType *attnums);

/* One flag a column; all of them for NULL. */
extern bool *yd_compared_flags(ArrayType *flags, int n);

/* Each row of the table, as one hash a column; a column that is not there has none. */
extern void yd_scan_compared(Oid relid, const YdComparedColumns *columns,
							 void (*take) (void *state, const uint64 *hashes), void *state);

/* What is kept of a hash. */
static inline uint32
yd_short_hash(uint64 hash)
{
	return (uint32) (hash ^ (hash >> 32));
}

#endif
