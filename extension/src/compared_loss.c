/*
 * compared_loss.c
 *		Which rows of a business table a rehearsed rollback did not bring back.
 *
 * Asked only where the sums over all rows differ. Rows that commands of the
 * deployment found, and that are not there after the rehearsal, are lost, unless
 * somebody has written them meanwhile: then what tells a row apart, its key, or all
 * that no command changed, is not in the table any more. So they are counted by
 * that: as many of a kind as still are there must have come back as they were.
 *
 * The rehearsal is undone before the table can be asked what it holds, so what was
 * found stays in the backend until then.
 */
#include "compared.h"

#include "executor/spi.h"
#include "funcapi.h"
#include "fmgr.h"
#include "hash.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(yd_find_lost_rows);
PG_FUNCTION_INFO_V1(yd_judge_lost_rows);

/* Kinds of rows that are told of; of more the rest is not counted as lost */
#define MAX_KINDS 1000000

/* Rows that are alike in all that is compared */
typedef struct Alike
{
	uint64		hash;			/* hash key */
	uint64		kind;
	int64		missing;		/* as many as were found, less those that came back */
} Alike;

/* Rows that are told apart by nothing */
typedef struct Kind
{
	uint64		hash;			/* hash key */
	int64		missing;
	int64		found;			/* by the command */
	int64		there;			/* before the rehearsal */
} Kind;

typedef struct Loss
{
	int64		compared;
	HTAB	   *kinds;
	struct Loss *next;
} Loss;

static Loss *losses = NULL;
static MemoryContext losses_context = NULL;

/* One pass over the rows: those whose hash has this remainder */
typedef struct Pass
{
	const bool *compared;
	const bool *telling;
	int			n;
	uint64		passes;
	uint64		pass;
	HTAB	   *alike;
	HTAB	   *kinds;
} Pass;

static void
forget_losses(void *arg)
{
	losses = NULL;
	losses_context = NULL;
}

static uint64
hash_of(const uint32 *hashes, const bool *flags, int n, uint64 seed)
{
	for (int i = 0; i < n; i++)
		if (flags[i])
			seed = hash_combine64(seed, yd_hash_word(hashes[i], i));
	return yd_hash_word(seed, 0);
}

static uint64
kind_of(const Pass *pass, const uint32 *hashes)
{
	return hash_of(hashes, pass->telling, pass->n, UINT64CONST(0x27d4eb2f165667c5));
}

static HTAB *
make_table(const char *name, Size entry, long size, MemoryContext context)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(uint64);
	control.entrysize = entry;
	control.hcxt = context;
	return hash_create(name, size, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Each row that was kept, as its short hashes */
static void
read_kept(int64 compared, Pass *pass, void (*take) (Pass *pass, const uint32 *hashes))
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(compared)};
	uint32	   *row = palloc(sizeof(uint32) * Max(pass->n, 1));
	Size		size = sizeof(uint32) * pass->n;
	Portal		portal;

	SPI_connect();
	portal = SPI_cursor_open_with_args(NULL, "SELECT hashes FROM yesterday.compared_rows WHERE compared = $1 ORDER BY ordinal",
									   1, types, values, NULL, true, 0);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, 100);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			bytea	   *chunk = DatumGetByteaPP(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));

			for (Size at = 0; at + size <= VARSIZE_ANY_EXHDR(chunk); at += size)
			{
				memcpy(row, VARDATA_ANY(chunk) + at, size);
				take(pass, row);
			}
		}
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_finish();
}

static void
enter_found(Pass *pass, const uint32 *hashes)
{
	uint64		hash = hash_of(hashes, pass->compared, pass->n, 0);
	Alike	   *alike;
	bool		known;

	if (hash % pass->passes != pass->pass)
		return;
	alike = hash_search(pass->alike, &hash, HASH_ENTER, &known);
	if (!known)
	{
		alike->kind = kind_of(pass, hashes);
		alike->missing = 0;
	}
	alike->missing++;
}

static uint32 *
shorten(const uint64 *hashes, int n)
{
	uint32	   *row = palloc(sizeof(uint32) * Max(n, 1));

	for (int i = 0; i < n; i++)
		row[i] = yd_short_hash(hashes[i]);
	return row;
}

static void
strike_out(void *state, const uint64 *hashes)
{
	Pass	   *pass = state;
	uint64		hash = hash_of(shorten(hashes, pass->n), pass->compared, pass->n, 0);
	Alike	   *alike;

	if (hash % pass->passes != pass->pass)
		return;
	alike = hash_search(pass->alike, &hash, HASH_FIND, NULL);
	if (alike != NULL)
		alike->missing--;
}

/* Returns how many rows did not come back. */
static int64
enter_missing(Pass *pass)
{
	HASH_SEQ_STATUS status;
	Alike	   *alike;
	int64		missing = 0;

	hash_seq_init(&status, pass->alike);
	while ((alike = hash_seq_search(&status)) != NULL)
	{
		bool		known;
		Kind	   *kind;

		if (alike->missing <= 0)
			continue;
		missing += alike->missing;
		kind = hash_search(pass->kinds, &alike->kind,
						   hash_get_num_entries(pass->kinds) < MAX_KINDS ? HASH_ENTER : HASH_FIND, &known);
		if (kind == NULL)
			continue;
		if (!known)
			kind->missing = kind->found = kind->there = 0;
		kind->missing += alike->missing;
	}
	return missing;
}

static Kind *
find_kind(Pass *pass, const uint32 *hashes)
{
	uint64		hash = kind_of(pass, hashes);

	return hash_search(pass->kinds, &hash, HASH_FIND, NULL);
}

static void
count_found(Pass *pass, const uint32 *hashes)
{
	Kind	   *kind = find_kind(pass, hashes);

	if (kind != NULL)
		kind->found++;
}

static void
count_there(void *state, const uint64 *hashes)
{
	Pass	   *pass = state;
	Kind	   *kind = find_kind(pass, shorten(hashes, pass->n));

	if (kind != NULL)
		kind->there++;
}

/*
 * _find_lost_rows(compared bigint, rows bigint, relation oid, columns int2[],
 * compared_by boolean[], told_apart_by boolean[]): within the rehearsal, how many
 * of the rows kept under this number the table does not have.
 */
Datum
yd_find_lost_rows(PG_FUNCTION_ARGS)
{
	int64		compared = PG_GETARG_INT64(0);
	int64		rows = PG_GETARG_INT64(1);
	Oid			relid = PG_GETARG_OID(2);
	YdComparedColumns columns = yd_compared_columns(PG_GETARG_ARRAYTYPE_P(3));
	Pass		pass = {0};
	int64		missing = 0;
	int64		room = Max(maintenance_work_mem, 65536) * INT64CONST(1024) / (int64) (2 * sizeof(Alike));
	Loss	   *loss;

	if (losses_context == NULL)
	{
		MemoryContextCallback *callback;

		losses_context = AllocSetContextCreate(TopTransactionContext, "yesterday lost rows", ALLOCSET_DEFAULT_SIZES);
		callback = MemoryContextAllocZero(losses_context, sizeof(MemoryContextCallback));
		callback->func = forget_losses;
		MemoryContextRegisterResetCallback(losses_context, callback);
	}
	loss = MemoryContextAllocZero(losses_context, sizeof(Loss));
	loss->compared = compared;
	loss->kinds = make_table("yesterday kinds of rows", sizeof(Kind), 1024, losses_context);

	pass.n = columns.n;
	pass.compared = yd_compared_flags(PG_GETARG_ARRAYTYPE_P(4), columns.n);
	pass.telling = yd_compared_flags(PG_GETARG_ARRAYTYPE_P(5), columns.n);
	pass.kinds = loss->kinds;
	pass.passes = 1 + rows / room;
	LockRelationOid(relid, AccessExclusiveLock);
	for (pass.pass = 0; pass.pass < pass.passes; pass.pass++)
	{
		pass.alike = make_table("yesterday alike rows", sizeof(Alike), 1024, CurrentMemoryContext);
		read_kept(compared, &pass, enter_found);
		yd_scan_compared(relid, &columns, strike_out, &pass);
		missing += enter_missing(&pass);
		hash_destroy(pass.alike);
	}
	read_kept(compared, &pass, count_found);
	loss->next = losses;
	losses = loss;
	PG_RETURN_INT64(missing);
}

/*
 * _judge_lost_rows(compared bigint, relation oid, columns int2[], told_apart_by
 * boolean[]): after it, how many of these nobody has written meanwhile. A table
 * that is not there any more, NULL, nobody could write.
 */
Datum
yd_judge_lost_rows(PG_FUNCTION_ARGS)
{
	int64		compared = PG_GETARG_INT64(0);
	Loss	   *loss = losses;
	HASH_SEQ_STATUS status;
	Kind	   *kind;
	int64		lost = 0;

	while (loss != NULL && loss->compared != compared)
		loss = loss->next;
	if (loss == NULL)
		elog(ERROR, "no rows of compared table " INT64_FORMAT " are missing", compared);
	if (!PG_ARGISNULL(1))
	{
		YdComparedColumns columns = yd_compared_columns(PG_GETARG_ARRAYTYPE_P(2));
		Pass		pass = {0};

		pass.n = columns.n;
		pass.telling = yd_compared_flags(PG_GETARG_ARRAYTYPE_P(3), columns.n);
		pass.kinds = loss->kinds;
		LockRelationOid(PG_GETARG_OID(1), AccessExclusiveLock);
		yd_scan_compared(PG_GETARG_OID(1), &columns, count_there, &pass);
	}
	hash_seq_init(&status, loss->kinds);
	while ((kind = hash_seq_search(&status)) != NULL)
	{
		int64		written = PG_ARGISNULL(1) ? 0 : Max(kind->found - kind->there, 0);

		lost += Max(kind->missing - written, 0);
	}
	PG_RETURN_INT64(lost);
}
