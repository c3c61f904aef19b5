/*
 * bypass.c
 *		Did a write pass by the capture? The server counts the row writes of a
 *		transaction per table and subtransaction; so do the triggers. What was
 *		rolled back to a savepoint has left both counts.
 */
#include "yesterday.h"

#include "access/relation.h"
#include "captured.h"
#include "fmgr.h"
#include "pgstat.h"
#include "session.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(yd_live_writes);
PG_FUNCTION_INFO_V1(yd_check_counts);

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
