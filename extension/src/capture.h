/*
 * capture.h
 *		Prior images and inserted keys of tracked tables, on their way to the
 *		shadow tables.
 */
#ifndef YESTERDAY_CAPTURE_H
#define YESTERDAY_CAPTURE_H

#include "captured.h"
#include "utils/relcache.h"

/* Capture what happened to a row: no old version, it was inserted; no new one, deleted. */
extern void yd_capture_row(YdCapturedTable *table, TupleTableSlot *old, TupleTableSlot *new);

/* Write buffered records to their shadow tables. */
extern void yd_capture_flush(void);

/*
 * Capture every row of the table that is not captured yet, before something
 * that takes rows or values away without row triggers: TRUNCATE, a rewrite,
 * DROP COLUMN. The caller holds a lock that keeps others from writing. Does
 * nothing for a table that is not tracked, or made by the deployment itself.
 */
extern void yd_capture_all(Oid relid);

/*
 * The rows of a table that is not tracked, before TRUNCATE takes them.
 */
extern bool yd_capture_emptied(Oid relid, void (*describe) (YdCapturedTable *table));

/* Note where the sequences stand that belong to columns of the table. */
extern void yd_note_sequences(Oid relid);

/* The table's file is replaced by a command that was seen. */
extern void yd_enter_taken(Oid relid);

/*
 * The same before a command that writes every row anew, with the values that
 * it has. The rows of a table without a key need not be captured then: they
 * are told apart by their values, not by their xmin.
 */
extern void yd_capture_rewrite(Oid relid);

/*
 * After a command before which yd_capture_all() was called: rows of tables
 * without a key that are still there, with other values, count as new ones.
 */
extern void yd_capture_retake(void);

/*
 * Remember name, columns and key of every tracked table as they are now.
 * Called before the first DDL of a deployment in transaction scope, whose
 * shadow tables are made lazily.
 */
extern void yd_capture_prepare_all(void);

/* It was called, and the subtransaction in which it was has not been rolled back. */
extern bool yd_capture_is_prepared(void);

/* Transaction callbacks */
extern void yd_capture_reset(void);
extern void yd_capture_subflush(int level);
extern void yd_capture_subcommit(int level);
extern void yd_capture_subabort(int level);

#endif
