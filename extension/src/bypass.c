/*
 * bypass.c
 *		Did a write pass by the capture? The server counts the row writes of a
 *		transaction per table and subtransaction; so do the triggers. What was
 *		rolled back to a savepoint has left both counts.
 *
 * And did a write pass by the ledger? A catalog that the schema images know
 * nothing of, written in a deployment, holds a kind of object that no rollback
 * brings back: large objects, and whatever a future server adds.
 */
#include "yesterday.h"

#include "access/relation.h"
#include "captured.h"
#include "catalog/pg_type.h"
#include "ddl.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "pgstat.h"
#include "session.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(yd_live_writes);
PG_FUNCTION_INFO_V1(yd_check_counts);
PG_FUNCTION_INFO_V1(yd_note_catalog_writes);

static int64
live_writes(Relation rel)
{
	int64		writes = 0;

	/* links the relation to what the backend has counted so far */
	if (!pgstat_should_count_relation(rel))
		return 0;
	for (PgStat_TableXactStatus *level = rel->pgstat_info->trans; level != NULL; level = level->upper)
		writes += level->tuples_inserted + level->tuples_updated + level->tuples_deleted;
	return writes;
}

Datum
yd_live_writes(PG_FUNCTION_ARGS)
{
	Relation	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	int64		writes;

	if (rel == NULL)
		PG_RETURN_INT64(0);
	/* what this transaction made goes as a whole */
	writes = rel->rd_createSubid != InvalidSubTransactionId ? 0 : live_writes(rel);
	relation_close(rel, AccessShareLock);
	PG_RETURN_INT64(writes);
}

/*
 * Compare the counts of one table. Those of an outer level count as the
 * server's do: a TRUNCATE in an inner one has replaced them.
 */
static void
check_table(Relation rel, YdCapturedTable *table)
{
	int64		written,
				seen = 0;

	/* made by this transaction: goes as a whole; business: has no trigger to count */
	if ((table != NULL && (table->skip || table->business)) ||
		rel->rd_createSubid != InvalidSubTransactionId)
		return;
	written = live_writes(rel);
	for (YdBuffer *buffer = table == NULL ? NULL : table->buffer;
		 buffer != NULL; buffer = buffer->below)
		seen += buffer->seen;
	if (written != seen)
		ereport(ERROR,
				(errcode(ERRCODE_YD_CAPTURE_BYPASSED),
				 errmsg("not every write to table \"%s.%s\" was captured",
						get_namespace_name(RelationGetNamespace(rel)),
						RelationGetRelationName(rel)),
				 errdetail("The server counts " INT64_FORMAT " row writes in this transaction, the capture saw " INT64_FORMAT ".",
						   written, seen),
				 errhint("A trigger or track_counts was switched off for a while, or another session inserted the same key at the same moment. ROLLBACK, and run the deployment again.")));
}

/* A member transaction is about to commit: compare what it touched. */
void
yd_check_touched_counts(void)
{
	ListCell   *cell;

	foreach(cell, yd_captured_relids())
	{
		Relation	rel = try_relation_open(lfirst_oid(cell), AccessShareLock);

		if (rel == NULL)
			continue;
		check_table(rel, yd_find_captured(lfirst_oid(cell)));
		relation_close(rel, AccessShareLock);
	}
}

/*
 * _check_counts(): raises for the first tracked table whose counts differ.
 */
Datum
yd_check_counts(PG_FUNCTION_ARGS)
{
	ListCell   *cell;

	if (!yd_in_transaction_scope())
		PG_RETURN_VOID();
	foreach(cell, yd_tracked_relids())
	{
		Relation	rel = try_relation_open(lfirst_oid(cell), AccessShareLock);

		if (rel == NULL)
			continue;
		check_table(rel, yd_find_captured(lfirst_oid(cell)));
		relation_close(rel, AccessShareLock);
	}
	PG_RETURN_VOID();
}

/* ----- catalogs ----- */

/* Catalogs that no image explains; the same as long as the server runs. */
static Oid *unexplained = NULL;
static int	unexplained_count = 0;

static void
take_unexplained(void *state)
{
	Oid		   *oids = MemoryContextAlloc(TopMemoryContext, sizeof(Oid) * Max(SPI_processed, 1));
	bool		isnull;

	for (uint64 i = 0; i < SPI_processed; i++)
		oids[i] = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
	unexplained_count = (int) SPI_processed;
	unexplained = oids;
}

void
yd_enter_catalog_writes(void)
{
	if (unexplained == NULL)
		yd_run_own("SELECT c FROM yesterday._unexplained_catalogs() c", 0, NULL, NULL, take_unexplained, NULL);
	for (int i = 0; i < unexplained_count; i++)
	{
		Relation	rel = relation_open(unexplained[i], AccessShareLock);
		int64		written = live_writes(rel);
		Oid			types[2] = {INT8OID, OIDOID};
		Datum		values[2] = {Int64GetDatum(yd_current_deployment()), ObjectIdGetDatum(unexplained[i])};

		relation_close(rel, AccessShareLock);
		if (written > 0)
			yd_run_own("SELECT yesterday._enter_catalog_write($1, $2)", 2, types, values, NULL, NULL);
	}
}

/* _note_catalog_writes(): for finish_deployment(); members of an open deployment do it at COMMIT. */
Datum
yd_note_catalog_writes(PG_FUNCTION_ARGS)
{
	if (yd_in_transaction_scope())
		yd_enter_catalog_writes();
	PG_RETURN_VOID();
}
