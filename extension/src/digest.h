/*
 * digest.h
 *		Digests of the rows of a table, independent of the capture.
 */
#ifndef YESTERDAY_DIGEST_H
#define YESTERDAY_DIGEST_H

#include "captured.h"

#include "fmgr.h"

/* Sums over rows; a row that goes is one that counts negative. */
typedef struct YdDigest
{
	uint64		rows;
	uint64		sum1;
	uint64		sum2;
} YdDigest;

/*
 * A column to be digested. Values of types that users made are taken by their
 * text: their bytes can hold OIDs (of a label, a row type, an element's type),
 * and the rollback may have to make the type anew.
 */
typedef struct YdDigestColumn
{
	AttrNumber	attnum;
	bool		as_text;
	FmgrInfo	output;
	YdSpelling	spelling;
} YdDigestColumn;

/* The columns of before, where they are in the relation by now: at `attnums`, or where they were. */
extern YdDigestColumn *yd_digest_columns(YdCapturedTable *table, TupleDesc desc, const AttrNumber *attnums);

/* A column as it is, whether or not its table is captured. */
extern void yd_digest_column(YdDigestColumn *column, TupleDesc desc, AttrNumber attnum);

/* Hash of one value. Text settings are pinned by the caller. */
extern uint64 yd_digest_value(YdDigestColumn *column, Form_pg_attribute att, Datum value, uint64 seed);

/* Add a row. Text settings are pinned by the caller. */
extern void yd_digest_row(TupleTableSlot *slot, YdDigestColumn *columns, int ncolumns,
						  YdDigest *digest, int sign);

/* Palloc'd, for reports and comparison. */
extern char *yd_digest_text(const YdDigest *digest);

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
