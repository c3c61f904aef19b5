/*
 * recorded_keys.h
 *		Did one key get several records in this transaction? Only then has its
 *		shadow table to be settled.
 */
#ifndef YESTERDAY_RECORDED_KEYS_H
#define YESTERDAY_RECORDED_KEYS_H

#include "captured.h"

/*
 * The key as the shadow stores it: of a row, or of values for the shadow. false: a column of it
 * is not there any more, so that it tells no row.
 */
extern bool yd_hash_key(YdCapturedTable *table, TupleTableSlot *row, const Datum *values,
						const bool *nulls, YdKeyHash *key);

/* Note the key of a record: of an inserted key, or of a prior image. */
extern void yd_note_key(YdCapturedTable *table, bool inserted, YdKeyHash key);

/* Has this key, byte for byte, a record of this transaction? */
extern bool yd_key_is_recorded(YdCapturedTable *table, YdKeyHash key);

/* A subtransaction has gone with its records: keep as many of their keys. */
extern void yd_forget_keys(YdCapturedTable *table, int images, int inserted);

/* Can a key have several records? In doubt yes. */
extern bool yd_keys_repeated(YdCapturedTable *table);

#endif
