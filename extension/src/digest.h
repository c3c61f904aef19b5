/*
 * digest.h
 *		Digests of the rows of a table, independent of the capture.
 */
#ifndef YESTERDAY_DIGEST_H
#define YESTERDAY_DIGEST_H

#include "captured.h"

/* Sums over rows; a row that goes is one that counts negative. */
typedef struct YdDigest
{
	uint64		rows;
	uint64		sum1;
	uint64		sum2;
} YdDigest;

/* Add a row of the captured table, or with sign -1 take it away. */
extern void yd_digest_add(YdCapturedTable *table, TupleTableSlot *slot, YdDigest *digest, int sign);

/*
 * Digest of the table as others would see it: without what this transaction
 * changed. Palloc'd text.
 */
extern char *yd_digest_without_us(YdCapturedTable *table, Relation rel);

/*
 * Open scope: the first member that touches a table leaves a digest of it as
 * it was, for the proof. Called again after it, it does nothing.
 */
extern void yd_keep_digest(YdCapturedTable *table, Relation rel);

/* Hash of a value's bytes, decompressed and out of its toast table. */
extern uint64 yd_hash_value(Form_pg_attribute att, Datum value, uint64 seed);

/* Lets go of the snapshot that a proof shares, at the end of the transaction. */
extern void yd_digest_reset(void);
extern void yd_digest_subabort(int level);

#endif
