/*
 * compared.c
 *		Hashes of the rows of business tables, for the proof.
 *
 * Taken by scanning the table itself: nothing of what was saved, or of how it is
 * brought back, has a part in them. Sums over rows do not depend on their order;
 * the short hashes of every row are kept for the case that the sums differ, which
 * they do as soon as anybody has written the table since.
 */
#include "compared.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "digest.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "hash.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(yd_row_sums);

/* A tuple of ours holds no more, uncompressed and in line */
#define CHUNK_BYTES 7900

/* Sums over the rows of a table, and what is kept of each row */
typedef struct Sums
{
	int			n;
	bool	   *part;
	uint64		rows;
	uint64		row_sum;
	uint64		part_sum;
	uint64	   *sums;
	int64		kept_as;		/* of yesterday.compared_table; 0: nothing is kept */
	int			ordinal;
	uint32	   *chunk;
	Size		used;			/* bytes of it */
	MemoryContext context;
} Sums;

YdComparedColumns
yd_compared_columns(ArrayType *attnums)
{
	YdComparedColumns columns;
	Datum	   *elements;

	deconstruct_array(attnums, INT2OID, 2, true, TYPALIGN_SHORT, &elements, NULL, &columns.n);
	columns.attnums = palloc(sizeof(AttrNumber) * Max(columns.n, 1));
	for (int i = 0; i < columns.n; i++)
		columns.attnums[i] = DatumGetInt16(elements[i]);
	return columns;
}

bool *
yd_compared_flags(ArrayType *flags, int n)
{
	bool	   *answer = palloc(sizeof(bool) * Max(n, 1));
	Datum	   *elements = NULL;
	int			count = 0;

	if (flags != NULL)
		deconstruct_array(flags, BOOLOID, 1, true, TYPALIGN_CHAR, &elements, NULL, &count);
	if (flags != NULL && count != n)
		elog(ERROR, "%d flags for %d columns", count, n);
	for (int i = 0; i < n; i++)
		answer[i] = flags == NULL || DatumGetBool(elements[i]);
	return answer;
}

static void
hash_row(TupleTableSlot *slot, YdDigestColumn *columns, int n, uint64 *hashes)
{
	slot_getallattrs(slot);
	for (int i = 0; i < n; i++)
	{
		AttrNumber	attnum = columns[i].attnum;

		if (attnum == InvalidAttrNumber)
			hashes[i] = 0;
		else if (slot->tts_isnull[attnum - 1])
			hashes[i] = UINT64CONST(0x165667b19e3779f9) + i;
		else
			hashes[i] = yd_digest_value(&columns[i], TupleDescAttr(slot->tts_tupleDescriptor, attnum - 1),
										slot->tts_values[attnum - 1], i + 1);
	}
}

void
yd_scan_compared(Oid relid, const YdComparedColumns *columns,
				 void (*take) (void *state, const uint64 *hashes), void *state)
{
	/* whoever calls has locked it */
	Relation	rel = table_open(relid, NoLock);
	YdDigestColumn *digested = palloc0(sizeof(YdDigestColumn) * Max(columns->n, 1));
	uint64	   *hashes = palloc(sizeof(uint64) * Max(columns->n, 1));
	Snapshot	snapshot;
	TableScanDesc scan;
	TupleTableSlot *slot;
	MemoryContext per_row;
	MemoryContext old;
	YdTextSettings settings;

	/* a view or a partitioned table that has the name now has no rows of its own */
	if (rel->rd_rel->relkind != RELKIND_RELATION)
	{
		table_close(rel, NoLock);
		return;
	}
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan = table_beginscan(rel, snapshot, 0, NULL);
	slot = table_slot_create(rel, NULL);
	per_row = AllocSetContextCreate(CurrentMemoryContext, "yesterday compared row", ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < columns->n; i++)
		if (columns->attnums[i] != InvalidAttrNumber)
			yd_digest_column(&digested[i], RelationGetDescr(rel), columns->attnums[i]);
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			CHECK_FOR_INTERRUPTS();
			old = MemoryContextSwitchTo(per_row);
			hash_row(slot, digested, columns->n, hashes);
			take(state, hashes);
			MemoryContextSwitchTo(old);
			MemoryContextReset(per_row);
		}
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	MemoryContextDelete(per_row);
	table_close(rel, NoLock);
}

static void
write_chunk(Sums *sums)
{
	Oid			types[3] = {INT8OID, INT4OID, BYTEAOID};
	Datum		values[3];
	bytea	   *bytes;

	if (sums->used == 0)
		return;
	bytes = palloc(VARHDRSZ + sums->used);
	SET_VARSIZE(bytes, VARHDRSZ + sums->used);
	memcpy(VARDATA(bytes), sums->chunk, sums->used);
	values[0] = Int64GetDatum(sums->kept_as);
	values[1] = Int32GetDatum(sums->ordinal++);
	values[2] = PointerGetDatum(bytes);
	SPI_connect();
	SPI_execute_with_args("INSERT INTO yesterday.compared_rows (compared, ordinal, hashes) VALUES ($1, $2, $3)",
						  3, types, values, NULL, false, 0);
	SPI_finish();
	sums->used = 0;
}

static void
add_row(void *state, const uint64 *hashes)
{
	Sums	   *sums = state;
	uint64		row = UINT64CONST(0x9e3779b97f4a7c15);
	uint64		part = UINT64CONST(0xc2b2ae3d27d4eb4f);

	for (int i = 0; i < sums->n; i++)
	{
		uint64		hash = yd_hash_word(hashes[i], i);

		sums->sums[i] += hash;
		row = hash_combine64(row, hash);
		if (sums->part[i])
			part = hash_combine64(part, hash);
	}
	sums->rows++;
	sums->row_sum += yd_hash_word(row, 0);
	sums->part_sum += yd_hash_word(part, 0);
	if (sums->kept_as == 0 || sums->n == 0)
		return;
	if (sums->used + sizeof(uint32) * sums->n > CHUNK_BYTES)
		write_chunk(sums);
	for (int i = 0; i < sums->n; i++)
		sums->chunk[sums->used / sizeof(uint32) + i] = yd_short_hash(hashes[i]);
	sums->used += sizeof(uint32) * sums->n;
}

/*
 * _row_sums(relation oid, columns int2[], part boolean[], keep bigint): sums of
 * hashes over all rows: of whole rows, of the part of each that is flagged, and of
 * each column. keep: the hashes of each row are kept under this number.
 */
Datum
yd_row_sums(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	YdComparedColumns columns = yd_compared_columns(PG_GETARG_ARRAYTYPE_P(1));
	Sums		sums = {0};
	TupleDesc	desc;
	Datum	   *elements = palloc(sizeof(Datum) * Max(columns.n, 1));
	Datum		values[4];
	bool		nulls[4] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	sums.n = columns.n;
	sums.part = yd_compared_flags(PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2), columns.n);
	sums.sums = palloc0(sizeof(uint64) * Max(columns.n, 1));
	sums.kept_as = PG_ARGISNULL(3) ? 0 : PG_GETARG_INT64(3);
	sums.chunk = palloc(CHUNK_BYTES);
	/* nobody writes it between this and what the command, or the rollback, does to it */
	LockRelationOid(relid, AccessExclusiveLock);
	yd_scan_compared(relid, &columns, add_row, &sums);
	write_chunk(&sums);

	for (int i = 0; i < columns.n; i++)
		elements[i] = Int64GetDatum((int64) sums.sums[i]);
	values[0] = Int64GetDatum((int64) sums.rows);
	values[1] = Int64GetDatum((int64) sums.row_sum);
	values[2] = Int64GetDatum((int64) sums.part_sum);
	values[3] = PointerGetDatum(construct_array(elements, columns.n, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
