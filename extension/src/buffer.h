/*
 * buffer.h
 *		Records on their way to the shadow tables, by nesting level.
 */
#ifndef YESTERDAY_BUFFER_H
#define YESTERDAY_BUFFER_H

#include "captured.h"

/* The buffer of the current nesting level. */
extern YdBuffer *yd_buffer(YdCapturedTable *table);

/*
 * Room for a record of that many bytes, to be filled at once, every byte of it.
 * The buffer is written first where it is full.
 */
extern HeapTupleHeader yd_buffer_add(YdCapturedTable *table, YdBuffer *buffer, Size length);

/* A subtransaction has ended: its records are its parent's, or gone. */
extern void yd_buffer_subcommit(YdCapturedTable *table, int level);
extern void yd_buffer_subabort(YdCapturedTable *table, int level);

#endif
