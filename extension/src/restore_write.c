/*
 * restore_write.c
 *		One attempt at putting the rows back.
 *
 * Rows are written with the executor's own low-level functions and without a
 * trigger descriptor: constraints, generated columns and indexes are obeyed,
 * and no trigger, rule, policy or foreign-key action of anybody takes part.
 * First everything that goes goes, in all tables, then everything that comes
 * comes. Unique values are judged when all rows are in place, so that rows may
 * swap them.
 */
#include "restore.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ----- single rows ----- */

static void
blame(YdRestore *restore, YdRestoring *table, uint32 entry)
{
	restore->at_table = table;
	restore->at_entry = entry;
}

/*
 * The row is locked and the table too. Only two records that lead to one row
 * can be in the way.
 */
static void
check_result(Relation rel, TM_Result result)
{
	if (result == TM_SelfModified)
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("rows of table \"%s.%s\" cannot be told apart any more",
						get_namespace_name(RelationGetNamespace(rel)), RelationGetRelationName(rel)),
				 errdetail("Two records of the deployment lead to the same row: the columns of its key were not in the table when they were written."),
				 errhint("Write new rows in a deployment of their own, after the one that takes the key away.")));
	if (result != TM_Ok)
		elog(ERROR, "unexpected result %d of writing a row of table \"%s\" under its lock",
			 (int) result, RelationGetRelationName(rel));
}

static void
delete_row(Relation rel, ItemPointer tid, CommandId cid)
{
	TM_FailureData failure;
	TM_Result	result = table_tuple_delete(rel, tid, cid, SnapshotAny, InvalidSnapshot,
											true, &failure, false);

	check_result(rel, result);
}

static void
keep_if_changed(YdRestore *restore, YdRestoring *table, YdEntry *entry)
{
	if (entry->changed && !yd_version_is_kept(table, &entry->image))
		yd_attic_keep_changed(restore, table, entry);
}

/*
 * Enter a written row in the indexes. A like of it that is met there may still
 * go or change itself: looked into when everything is written.
 */
static void
enter_in_indexes(YdRestore *restore, YdRestoring *table, uint32 n, YdUpdateIndexes which)
{
	bool		conflict = false;

	if (table->result->ri_NumIndices > 0 &&
		yd_insert_index_tuples(table->result, table->row, table->estate, &conflict, which) != NIL)
		yd_add_suspect(restore, table, n);
}

/*
 * Enter a new version whose unique values are those of the version before: it
 * can meet nobody but itself, so that no index is asked.
 */
static void
enter_unasked(YdRestoring *table, YdUpdateIndexes which)
{
	ResultRelInfo *result = table->result;
	ExprContext *econtext = GetPerTupleExprContext(table->estate);

	econtext->ecxt_scantuple = table->row;
	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		Relation	index = result->ri_IndexRelationDescs[i];
		IndexInfo  *info = result->ri_IndexRelationInfo[i];
		Datum		values[INDEX_MAX_KEYS];
		bool		isnull[INDEX_MAX_KEYS];

		if (index == NULL || !info->ii_ReadyForInserts || !YD_INDEX_IS_WANTED(info, which))
			continue;
		if (info->ii_Predicate != NIL)
		{
			if (info->ii_PredicateState == NULL)
				info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, table->estate);
			if (!ExecQual(info->ii_PredicateState, econtext))
				continue;
		}
		FormIndexDatum(info, table->row, table->estate, values, isnull);
		/* in a unique index the entry is the one of before, but for its row's place */
		(void) index_insert(index, values, isnull, &table->row->tts_tid, result->ri_RelationDesc,
							UNIQUE_CHECK_NO, info->ii_Unique, info);
	}
}

static void
update_row(YdRestore *restore, YdRestoring *table, uint32 n)
{
	YdBinding  *binding = table->binding;
	YdEntry    *entry = &table->entries[n];
	TM_FailureData failure;
	LockTupleMode lockmode;
	YdUpdateIndexes which;
	TM_Result	result;
	const char *why;

	if (!yd_build_row(table, n, &why))
	{
		(void) yd_set_fate(restore, table, n, YD_UNPLACEABLE, why);
		return;
	}
	keep_if_changed(restore, table, entry);
	result = table_tuple_update(binding->rel, &entry->current, table->row,
								table->estate->es_output_cid, SnapshotAny, InvalidSnapshot,
								true, &failure, &lockmode, &which);
	check_result(binding->rel, result);
	entry->written = table->row->tts_tid;
	if (YD_NO_INDEX_UPDATE(which))
		return;
	if (entry->moves)
		enter_in_indexes(restore, table, n, which);
	else
		enter_unasked(table, which);
}

static void
insert_row(YdRestore *restore, YdRestoring *table, uint32 n, BulkInsertState bulk)
{
	const char *why;

	if (!yd_build_row(table, n, &why))
	{
		(void) yd_set_fate(restore, table, n, YD_UNPLACEABLE, why);
		return;
	}
	table_tuple_insert(table->binding->rel, table->row, table->estate->es_output_cid, 0, bulk);
	table->entries[n].written = table->row->tts_tid;
	enter_in_indexes(restore, table, n, YD_ALL_INDEXES);
}

/* ----- passes ----- */

static void
keep_exceptions(YdRestore *restore, YdRestoring *table)
{
	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];
		const char *reason;

		if (entry->fate == YD_GO && entry->action != YD_KEEP_VERSION)
			continue;
		if (entry->fate == YD_HELD && entry->action == YD_REMOVE)
			continue;			/* its image is that there was none */
		MemoryContextReset(restore->row_context);
		yd_fetch_image(table, n);
		reason = table->reasons == NULL ? NULL : table->reasons[n];
		if (entry->action == YD_KEEP_VERSION)
			yd_attic_keep_image(restore, table, table->image, "changed",
								"written by somebody else between two transactions of the deployment");
		else if (entry->fate == YD_ORPHANED)
			yd_attic_keep_image(restore, table, table->image, "orphaned", reason);
		else if (entry->fate == YD_HELD)
			yd_attic_keep_image(restore, table, table->image, "unplaceable",
								psprintf("its row is held back: %s", reason));
		else
			yd_attic_keep_image(restore, table, table->image, "unplaceable", reason);
	}
}

/* The server says neither who writes the rows nor how the rollback can be had all the same. */
static void
explain_identity(void *arg)
{
	if (geterrcode() != ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE &&
		geterrcode() != ERRCODE_INVALID_COLUMN_REFERENCE)
		return;
	errdetail("Rows of it are to be put back, it is published, and its replica identity does not have the columns that the publication needs.");
	errhint("Take it out of the publication with ALTER PUBLICATION ... DROP TABLE %s, run the command again, and put it back.",
			(const char *) arg);
}

static void
require_identity(Relation rel, CmdType command)
{
	ErrorContextCallback explanation = {
		.callback = explain_identity,
		.arg = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
										  RelationGetRelationName(rel)),
		.previous = error_context_stack
	};

	error_context_stack = &explanation;
	CheckCmdReplicaIdentity(rel, command);
	error_context_stack = explanation.previous;
}

/* Forget the attempt before; which kinds of writes are there? */
static void
begin_table(YdRestoring *table)
{
	bool		deletes = false;
	bool		updates = false;

	yd_forget_written(table);
	table->nsuspects = 0;
	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];

		ItemPointerSetInvalid(&entry->written);
		deletes |= entry->action == YD_REMOVE && entry->fate == YD_GO;
		updates |= entry->action == YD_UPDATE && entry->fate == YD_GO;
	}
	if (deletes)
		require_identity(table->binding->rel, CMD_DELETE);
	if (updates)
		require_identity(table->binding->rel, CMD_UPDATE);
}

/*
 * Rows that go or give up a unique value, in order of key; then all other
 * updates. Of an origin: only its versions, and what goes goes with nobody's.
 */
static void
first_pass(YdRestore *restore, YdRestoring *table, int origin)
{
	Relation	rel = table->binding->rel;

	for (uint32 d = 0; d < table->ndoomed; d++)
	{
		uint32		n = table->doomed[d];
		YdEntry    *entry = &table->entries[n];

		if (entry->fate != YD_GO || entry->origin != origin)
			continue;
		MemoryContextReset(restore->row_context);
		ResetPerTupleExprContext(table->estate);
		blame(restore, table, n);
		if (entry->action == YD_UPDATE)
			update_row(restore, table, n);
		else
		{
			if (entry->changed)
			{
				(void) yd_fetch_current(table, n);
				keep_if_changed(restore, table, entry);
			}
			delete_row(rel, &entry->current, table->estate->es_output_cid);
		}
		CHECK_FOR_INTERRUPTS();
	}
	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];

		if (entry->action != YD_UPDATE || entry->moves || entry->fate != YD_GO ||
			entry->origin != origin)
			continue;
		MemoryContextReset(restore->row_context);
		ResetPerTupleExprContext(table->estate);
		blame(restore, table, n);
		update_row(restore, table, n);
		CHECK_FOR_INTERRUPTS();
	}
	if (origin == 0)
		keep_exceptions(restore, table);
}

/* Newcomers that stand in the way. */
static void
remove_newcomers(YdRestore *restore)
{
	long		n;
	YdNewcomer **newcomers = yd_sorted_newcomers(restore, &n);
	Snapshot	snapshot;

	if (n == 0)
		return;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	for (long i = 0; i < n; i++)
	{
		YdNewcomer *newcomer = newcomers[i];
		Relation	rel;
		TupleTableSlot *slot;
		YdUserSwitch save;

		newcomer->gone = false;
		if (!yd_goes(restore, newcomer))
			continue;
		rel = table_open(newcomer->key.relid, RowExclusiveLock);
		slot = table_slot_create(rel, NULL);
		yd_switch_to_owner(rel->rd_rel->relowner, &save);
		/* moved on since it was found: the judgement will find its newer version */
		if (yd_fetch(rel, &newcomer->key.tid, snapshot, slot))
		{
			require_identity(rel, CMD_DELETE);
			delete_row(rel, &newcomer->key.tid, GetCurrentCommandId(true));
			yd_attic_keep_row(restore, rel, slot, "displaced", newcomer->reason);
			newcomer->gone = true;
		}
		yd_switch_back(&save);
		ExecDropSingleTupleTableSlot(slot);
		table_close(rel, NoLock);
	}
	UnregisterSnapshot(snapshot);
}

/* Rows that come. */
static void
second_pass(YdRestore *restore, YdRestoring *table, int origin)
{
	BulkInsertState bulk = NULL;

	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];

		if (entry->action != YD_INSERT || entry->fate != YD_GO || entry->origin != origin)
			continue;
		if (bulk == NULL)
		{
			MemoryContextSwitchTo(restore->context);
			bulk = GetBulkInsertState();
			MemoryContextSwitchTo(restore->row_context);
		}
		MemoryContextReset(restore->row_context);
		ResetPerTupleExprContext(table->estate);
		blame(restore, table, n);
		insert_row(restore, table, n, bulk);
		CHECK_FOR_INTERRUPTS();
	}
	if (bulk != NULL)
		FreeBulkInsertState(bulk);
}

typedef enum Pass
{
	FIRST_PASS,
	SECOND_PASS,
	CONFLICTS
} Pass;

/* One pass over one table, as its owner. */
static void
run_pass(YdRestore *restore, YdRestoring *table, Pass pass, int origin)
{
	YdUserSwitch save;
	MemoryContext old;

	restore->at_table = NULL;
	yd_switch_to_owner(table->binding->owner, &save);
	yd_open_result(restore, table);
	old = MemoryContextSwitchTo(restore->row_context);
	switch (pass)
	{
		case FIRST_PASS:
			if (origin == 0)
				begin_table(table);
			first_pass(restore, table, origin);
			break;
		case SECOND_PASS:
			second_pass(restore, table, origin);
			break;
		case CONFLICTS:
			yd_resolve_conflicts(restore, table);
			break;
	}
	MemoryContextSwitchTo(old);
	yd_close_result(table);
	yd_switch_back(&save);
}

static bool
has_origin(YdRestoring *table, int origin)
{
	for (uint32 n = 0; n < table->nentries; n++)
		if (table->entries[n].origin == origin &&
			(table->entries[n].action == YD_UPDATE || table->entries[n].action == YD_INSERT))
			return true;
	return false;
}

/* Versions of earlier deployments, each in a subtransaction that counts as theirs. */
static void
run_pass_of_origins(YdRestore *restore, Pass pass)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	for (int origin = 1; origin <= restore->norigins; origin++)
	{
		if (!restore->origins[origin].used)
			continue;
		yd_clear_slots(restore);
		BeginInternalSubTransaction(NULL);
		MemoryContextSwitchTo(context);
		for (int t = 0; t < restore->ntables; t++)
			if (has_origin(&restore->tables[t], origin))
				run_pass(restore, &restore->tables[t], pass, origin);
		yd_enter_origin(restore, origin);
		yd_clear_slots(restore);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
}

/*
 * Write everything once. Exceptions are left in the entries and in
 * restore->found.
 */
void
yd_write_rows(YdRestore *restore)
{
	yd_attic_open(restore);
	for (int t = 0; t < restore->ntables; t++)
		run_pass(restore, &restore->tables[t], FIRST_PASS, 0);
	run_pass_of_origins(restore, FIRST_PASS);
	remove_newcomers(restore);
	CommandCounterIncrement();
	for (int t = 0; t < restore->ntables; t++)
		run_pass(restore, &restore->tables[t], SECOND_PASS, 0);
	run_pass_of_origins(restore, SECOND_PASS);
	for (int t = 0; t < restore->ntables; t++)
		if (restore->tables[t].nsuspects > 0)
			run_pass(restore, &restore->tables[t], CONFLICTS, 0);
	CommandCounterIncrement();
	yd_attic_close();
	restore->at_table = NULL;
}
