/*
 * recorded_keys.h
 *		Did one key get several records in this transaction? Only then has its
 *		shadow table to be settled.
 */
#ifndef YESTERDAY_RECORDED_KEYS_H
#define YESTERDAY_RECORDED_KEYS_H

#include "captured.h"

/* Note the key of a record: of an inserted key, or of a prior image. */
extern void yd_note_key(YdCapturedTable *table, bool inserted, uint64 hash);

/* Can a key have several records? In doubt yes. */
extern bool yd_keys_repeated(YdCapturedTable *table);

#endif
