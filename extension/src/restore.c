/*
 * restore.c
 *		_restore_rows() and _preview_rows(): the course of a restore.
 */
#include "restore.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "capture.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "packed.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(yd_restore_rows);
PG_FUNCTION_INFO_V1(yd_preview_rows);

/* ----- what the deployment touched ----- */

static char **
name_array(Datum value, int *n)
{
	Datum	   *elements;
	char	  **names;

	deconstruct_array(DatumGetArrayTypeP(value), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR,
					  &elements, NULL, n);
	names = palloc(sizeof(char *) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
		names[i] = pstrdup(NameStr(*DatumGetName(elements[i])));
	return names;
}

static YdCaptured *
read_captured(YdRestore *restore, int *n)
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(restore->deployment)};
	MemoryContext outer = CurrentMemoryContext;
	YdCaptured *captured;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	/* a fixed order, so that two of us never wait for each other; a table by the name that others have given it since */
	if (SPI_execute_with_args("SELECT id, s.names[1], s.names[2], shadow_name, key_kind, key_columns, relid, owner, business"
							  " FROM yesterday.captured_table c"
							  " CROSS JOIN LATERAL (SELECT CASE WHEN pg_catalog.to_regclass(pg_catalog.format('%I.%I', c.schema_name, c.table_name)) IS NULL"
							  " THEN pg_catalog.parse_ident(yesterday._name_since($1, c.schema_name, c.table_name))"
							  " ELSE ARRAY[c.schema_name::pg_catalog.text, c.table_name::pg_catalog.text] END AS names) s"
							  " WHERE deployment = $1"
							  /* of a table that the inverse DDL had to leave without a column of theirs */
							  " AND NOT EXISTS (SELECT FROM yesterday.plan_hold h WHERE h.deployment = $1"
							  "                 AND h.identity = yesterday._rows_of(c.schema_name, c.table_name))"
							  " ORDER BY schema_name::pg_catalog.text COLLATE \"C\","
							  " table_name::pg_catalog.text COLLATE \"C\"",
							  1, types, values, NULL, restore->dry, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading yesterday.captured_table failed");
	MemoryContextSwitchTo(outer);
	*n = SPI_processed;
	captured = palloc0(sizeof(YdCaptured) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;

		captured[i].id = DatumGetInt64(SPI_getbinval(tuple, desc, 1, &isnull));
		captured[i].relid = DatumGetObjectId(SPI_getbinval(tuple, desc, 7, &isnull));
		captured[i].owner = SPI_getvalue(tuple, desc, 8);
		captured[i].business = DatumGetBool(SPI_getbinval(tuple, desc, 9, &isnull));
		captured[i].schema = SPI_getvalue(tuple, desc, 2);
		captured[i].table = SPI_getvalue(tuple, desc, 3);
		captured[i].shadow = SPI_getvalue(tuple, desc, 4);
		captured[i].keyed = strcmp(SPI_getvalue(tuple, desc, 5), "row") != 0;
		captured[i].keys = name_array(SPI_getbinval(tuple, desc, 6, &isnull), &captured[i].nkeys);
	}
	SPI_finish();
	return captured;
}

/* How many records the shadow has, and images among them; stops at the first image. */
static void
look_at_shadow(YdRestore *restore, Relation shadow, bool *any, int64 *images)
{
	Snapshot	snapshot = RegisterSnapshot(restore->dry ? GetActiveSnapshot() : GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(shadow, NULL);
	TableScanDesc scan = table_beginscan(shadow, snapshot, 0, NULL);
	AttrNumber	op = get_attnum(RelationGetRelid(shadow), "op");

	*any = false;
	*images = 0;
	while ((*images == 0 || restore->dry) &&
		   table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;

		*any = true;
		if (DatumGetChar(slot_getattr(slot, op, &isnull)) != 'I')
			(*images)++;
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
}

void
yd_bind_tables(YdRestore *restore)
{
	int			n;
	YdCaptured *captured = read_captured(restore, &n);

	restore->tables = palloc0(sizeof(YdRestoring) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		YdRestoring *table = &restore->tables[restore->ntables];
		YdBinding  *binding;
		Relation	shadow;
		bool		any;
		int64		images;

		/* a table that was not touched is not locked either */
		shadow = yd_open_shadow(&captured[i]);
		look_at_shadow(restore, shadow, &any, &images);
		table_close(shadow, NoLock);
		if (!any)
			continue;

		binding = yd_bind(&captured[i], restore->dry ? AccessShareLock : ShareRowExclusiveLock,
						  restore->dry, restore->dry && restore->has_ddl);
		if (binding->rel == NULL)
		{
			/* the deployment made it, and the inverse DDL took it away as a whole */
			if (images == 0 || restore->dry)
			{
				YdAbsent   *absent = palloc(sizeof(YdAbsent));

				absent->schema = binding->schema;
				absent->table = binding->table;
				absent->shadow = RelationGetRelid(binding->shadow);
				absent->images = images;
				restore->absent = lappend(restore->absent, absent);
				yd_unbind(binding);
				continue;
			}
			ereport(ERROR,
					(errcode(ERRCODE_YD_NOT_INVERTIBLE),
					 errmsg("table \"%s.%s\" does not exist", binding->schema, binding->table),
					 errdetail("The deployment changed rows of it, and nothing has brought it back."),
					 errhint("Create the table as it was before the deployment, then run the rollback again.")));
		}
		table->binding = binding;
		table->index = restore->ntables++;
		table->relid = RelationGetRelid(binding->rel);
		table->dry = restore->dry;
		table->image = table_slot_create(binding->shadow, NULL);
		table->scratch = table_slot_create(binding->shadow, NULL);
		table->current = table_slot_create(binding->rel, NULL);
		table->composed = MakeSingleTupleTableSlot(RelationGetDescr(binding->rel), &TTSOpsVirtual);
		table->packed = MakeSingleTupleTableSlot(RelationGetDescr(binding->rel), yd_packed_slots());
		table->row = table->composed;
		table->differs = palloc0(sizeof(bool) * Max(binding->ncolumns, 1));
	}
}

void
yd_unbind_tables(YdRestore *restore)
{
	for (int t = 0; t < restore->ntables; t++)
	{
		YdRestoring *table = &restore->tables[t];

		ExecDropSingleTupleTableSlot(table->image);
		ExecDropSingleTupleTableSlot(table->scratch);
		ExecDropSingleTupleTableSlot(table->current);
		ExecDropSingleTupleTableSlot(table->composed);
		ExecDropSingleTupleTableSlot(table->packed);
		yd_unbind(table->binding);
	}
}

static void
load_tracked(YdRestore *restore)
{
	MemoryContext outer = CurrentMemoryContext;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute("SELECT c.oid FROM yesterday.tracked_table t"
					" JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name"
					" JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name",
					restore->dry, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading yesterday.tracked_table failed");
	MemoryContextSwitchTo(outer);
	restore->ntracked = SPI_processed;
	restore->tracked = palloc(sizeof(Oid) * Max(restore->ntracked, 1));
	for (int i = 0; i < restore->ntracked; i++)
	{
		bool		isnull;

		restore->tracked[i] = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i],
															 SPI_tuptable->tupdesc, 1, &isnull));
	}
	SPI_finish();
	qsort(restore->tracked, restore->ntracked, sizeof(Oid), oid_cmp);
}

/* Every other table is business. */
bool
yd_is_tracked(YdRestore *restore, Oid relid)
{
	return yd_restoring(restore, relid) != NULL ||
		bsearch(&relid, restore->tracked, restore->ntracked, sizeof(Oid), oid_cmp) != NULL;
}

YdRestoring *
yd_restoring(YdRestore *restore, Oid relid)
{
	for (int t = 0; t < restore->ntables; t++)
		if (restore->tables[t].relid == relid)
			return &restore->tables[t];
	return NULL;
}

/* ----- the attempts ----- */

void
yd_plan_tables(YdRestore *restore)
{
	for (int t = 0; t < restore->ntables; t++)
	{
		YdUserSwitch save;

		yd_switch_to_owner(restore->tables[t].binding->owner, &save);
		yd_plan_table(restore, &restore->tables[t]);
		yd_switch_back(&save);
	}
}

/* The slots pin buffers for one (sub)transaction; none may be left over for another. */
void
yd_clear_slots(YdRestore *restore)
{
	for (int t = 0; t < restore->ntables; t++)
	{
		ExecClearTuple(restore->tables[t].image);
		ExecClearTuple(restore->tables[t].scratch);
		ExecClearTuple(restore->tables[t].current);
		ExecClearTuple(restore->tables[t].composed);
		ExecClearTuple(restore->tables[t].packed);
	}
}

/* Errors that a value brings about, by the class of their SQLSTATE */
static bool
is_about_a_value(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_DATA_EXCEPTION ||
		ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION;
}

/* One attempt: write, judge, read back. */
static void
write_and_judge(YdRestore *restore)
{
	yd_write_rows(restore);
	if (!restore->found)
		yd_judge_references(restore);
	if (!restore->found)
	{
		restore->snapshot = RegisterSnapshot(GetLatestSnapshot());
		yd_verify_rows(restore);
		UnregisterSnapshot(restore->snapshot);
		restore->snapshot = NULL;
	}
}

/* The same for a preview: look and judge. */
static void
foresee(YdRestore *restore)
{
	for (int t = 0; t < restore->ntables; t++)
		yd_foresee_conflicts(restore, &restore->tables[t]);
	restore->at_table = NULL;
	if (!restore->found)
		yd_judge_references(restore);
}

/*
 * Run an attempt in a subtransaction; false: it met exceptions and was undone.
 *
 * An error that the value of one row brings about (an index expression or a
 * domain of now that refuses it) is an exception of that row like any other.
 * Every other error ends the rollback.
 */
static bool
attempt(YdRestore *restore, void (*work) (YdRestore *))
{
	MemoryContext outer_context = CurrentMemoryContext;
	ResourceOwner outer_owner = CurrentResourceOwner;
	int			outer_level = GetCurrentTransactionNestLevel();

	restore->found = false;
	restore->at_table = NULL;
	yd_clear_slots(restore);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(restore->context);
	PG_TRY();
	{
		work(restore);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(restore->context);
		error = CopyErrorData();
		FlushErrorState();
		CurrentResourceOwner = CurTransactionResourceOwner;
		yd_clear_slots(restore);
		while (GetCurrentTransactionNestLevel() > outer_level)
			RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(outer_context);
		CurrentResourceOwner = outer_owner;
		if (error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE && restore->at_table != NULL)
			yd_remember_blockers(restore->at_table, restore->at_entry);
		if (restore->dry && restore->has_ddl && restore->at_table != NULL &&
			!restore->at_table->unread && (error->sqlerrcode == ERRCODE_INVALID_TEXT_REPRESENTATION ||
										   error->sqlerrcode == ERRCODE_YD_NOT_INVERTIBLE))
		{
			/* a type is not yet what it was: what stands in the way of the table's rows cannot be told */
			restore->at_table->unread = true;
			return false;
		}
		if (restore->at_table == NULL || !is_about_a_value(error->sqlerrcode) ||
			restore->at_table->entries[restore->at_entry].action == YD_REMOVE ||
			!yd_set_fate(restore, restore->at_table, restore->at_entry,
						 YD_UNPLACEABLE, error->message))
			ReThrowError(error);
		return false;
	}
	PG_END_TRY();

	yd_clear_slots(restore);
	if (restore->found)
		RollbackAndReleaseCurrentSubTransaction();
	else
		ReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(outer_context);
	CurrentResourceOwner = outer_owner;
	return !restore->found;
}

static void
take_wanted_locks(YdRestore *restore)
{
	ListCell   *cell;

	foreach(cell, restore->wanted_locks)
		LockRelationOid(lfirst_oid(cell), ShareRowExclusiveLock);
	list_free(restore->wanted_locks);
	restore->wanted_locks = NIL;
}

static void
run(YdRestore *restore)
{
	restore->snapshot = RegisterSnapshot(restore->dry ? GetActiveSnapshot() : GetLatestSnapshot());
	yd_plan_tables(restore);
	if (restore->dry)
	{
		while (!attempt(restore, foresee))
			yd_hold_parents(restore);
		UnregisterSnapshot(restore->snapshot);
		return;
	}
	UnregisterSnapshot(restore->snapshot);
	restore->snapshot = NULL;

	while (!attempt(restore, write_and_judge))
	{
		CHECK_FOR_INTERRUPTS();
		take_wanted_locks(restore);
		yd_hold_parents(restore);
	}
}

/* ----- the functions ----- */

static void
restore_rows(FunctionCallInfo fcinfo, int64 deployment, int64 rollback, bool dry)
{
	YdRestore	restore = {0};
	MemoryContext outer = CurrentMemoryContext;

	InitMaterializedSRF(fcinfo, 0);
	restore.deployment = deployment;
	restore.rollback = rollback;
	restore.dry = dry;
	restore.context = AllocSetContextCreate(outer, "yesterday restore", ALLOCSET_DEFAULT_SIZES);
	restore.row_context = AllocSetContextCreate(restore.context, "yesterday restore, one row",
												ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(restore.context);
	if (!dry)
		yd_capture_flush();
	yd_load_xids(&restore);
	yd_load_origins(&restore);
	load_tracked(&restore);
	yd_load_demands(&restore);
	yd_bind_tables(&restore);
	yd_load_references(&restore);
	run(&restore);
	yd_report(&restore, (ReturnSetInfo *) fcinfo->resultinfo);
	if (!dry)
		yd_forget_versions();
	yd_unbind_tables(&restore);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(restore.context);
}

/*
 * _restore_rows(deployment bigint, rollback bigint)
 */
Datum
yd_restore_rows(PG_FUNCTION_ARGS)
{
	restore_rows(fcinfo, PG_GETARG_INT64(0), PG_GETARG_INT64(1), false);
	return (Datum) 0;
}

/*
 * _preview_rows(deployment bigint)
 */
Datum
yd_preview_rows(PG_FUNCTION_ARGS)
{
	restore_rows(fcinfo, PG_GETARG_INT64(0), 0, true);
	return (Datum) 0;
}
