/*
 * judge.c
 *		Would a reference dangle?
 *
 * No reference of a business row breaks; then yesterday counts; then
 * newcomers. An attempt is judged after its writes, so that what is asked is
 * the state that would be committed: every writer of a reference to a row that
 * goes has ended by then, because taking the row waited for its key-share
 * lock, and parents of rows that came are locked before they are looked for. A
 * preview asks the same of the state before, and passes over rows that would
 * go.
 */
#include "references.h"

#include "access/tableam.h"
#include "access/table.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Could a value that a row gives up be there again in another row? */
static bool
may_come_back(YdRestore *restore, YdReference *reference)
{
	for (int p = 0; p < reference->nparents; p++)
	{
		YdRestoring *table = &restore->tables[reference->parents[p]];

		for (uint32 n = 0; n < table->nentries; n++)
			if (table->entries[n].fate == YD_GO &&
				(table->entries[n].action == YD_INSERT ||
				 (table->entries[n].action == YD_UPDATE && table->entries[n].moves)))
				return true;
	}
	return false;
}

/* Of these values, the ones that no row has any more. */
static YdValues *
without_survivors(YdRestore *restore, YdReference *reference, YdValues *values)
{
	YdValues   *gone = yd_values_begin(reference, false);
	YdValues   *back = restore->dry ? yd_collect_restored(restore, reference) : NULL;
	StringInfoData sql;
	YdQuery		query;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT v.* FROM yd_key v WHERE NOT EXISTS (SELECT 1 FROM ");
	if (restore->dry)
	{
		appendStringInfoString(&sql, "yd_back b WHERE ");
		yd_append_parent_match(&sql, reference, "b", true, "v", true);
	}
	else
	{
		yd_append_table(&sql, reference, false);
		appendStringInfoString(&sql, " p WHERE ");
		yd_append_parent_match(&sql, reference, "p", false, "v", true);
	}
	appendStringInfoChar(&sql, ')');

	yd_query_begin(&query, reference->parent_owner, restore->dry ? restore->snapshot : NULL,
				   sql.data, values, back);
	for (uint64 i = 0; i < query.rows; i++)
		tuplestore_puttuple(gone->store, SPI_tuptable->vals[i]);
	gone->count = query.rows;
	yd_query_end(&query);
	yd_values_end(values);
	if (back != NULL)
		yd_values_end(back);
	return gone;
}

/* ----- what refers to them ----- */

/* Does this row go, or give up what it has at that end of the reference? */
static bool
leaves_value(YdRestore *restore, YdReference *reference, bool child, Oid relid, ItemPointer tid)
{
	YdRestoring *table = yd_restoring(restore, relid);
	YdNewcomer *newcomer = yd_find_newcomer(restore, relid, tid);
	int64		n = table == NULL ? -1 : yd_find_current(table, tid);
	AttrNumber	columns[INDEX_MAX_KEYS];

	if (newcomer != NULL)
		return yd_goes(restore, newcomer);
	if (n < 0 || table->entries[n].fate != YD_GO)
		return false;
	if (table->entries[n].action == YD_REMOVE)
		return true;
	if (table->entries[n].action != YD_UPDATE)
		return false;
	yd_leaf_columns(reference, child, relid, columns);
	(void) yd_fetch_current(table, n);
	yd_fetch_image(table, n);
	return yd_columns_change(reference, table, columns);
}

/* Restored rows whose parent goes, as far as this attempt can tell */
typedef struct Orphan
{
	YdRestoring *table;
	uint32		entry;
	const char *reason;
} Orphan;

static void
hold(YdRestore *restore, const YdOrigin *origin, const char *reason)
{
	if (origin->table >= 0)
		(void) yd_set_fate(restore, &restore->tables[origin->table], origin->entry,
						   YD_HELD, reason);
	else
	{
		YdNewcomer *newcomer = yd_find_newcomer(restore, origin->relid,
												unconstify(ItemPointerData *, &origin->tid));

		if (newcomer != NULL)
			(void) yd_pin(restore, newcomer, reason);
	}
}

static char *
referenced_by(const char *what, Oid relid)
{
	return psprintf("referenced by %s%s", what,
					quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
											   get_rel_name(relid)));
}

/*
 * A row that is restored refers to a value that goes: yesterday needs a
 * newcomer more than its place, and has no parent where the deployment's row
 * was one. That waits until nothing else is found: the parent may stay after
 * all, because somebody else needs it.
 */
static void
judge_restored(YdRestore *restore, YdReference *reference, const YdOrigin *origin,
			   YdRestoring *table, uint32 n)
{
	/* what a NOT VALID constraint never saw comes back as it was */
	if (!reference->valid)
		return;
	if (origin->table < 0)
		hold(restore, origin, referenced_by("a restored row of ", table->relid));
	else
	{
		MemoryContext old = MemoryContextSwitchTo(restore->context);
		Orphan	   *orphan = palloc(sizeof(Orphan));

		orphan->table = table;
		orphan->entry = n;
		orphan->reason = psprintf("its parent in %s is gone (\"%s\")",
								  reference->parent_name, reference->name);
		restore->orphans = lappend(restore->orphans, orphan);
		MemoryContextSwitchTo(old);
	}
}

/* A row of a tracked table refers to a value that goes. */
static void
judge_tracked(YdRestore *restore, YdReference *reference, const YdOrigin *origin,
			  Oid relid, ItemPointer tid)
{
	YdRestoring *table = yd_restoring(restore, relid);
	YdNewcomer *newcomer;
	int64		found;

	if (table != NULL && (found = yd_find_current(table, tid)) >= 0)
	{
		YdEntry    *entry = &table->entries[found];

		if (yd_stays(entry))
			hold(restore, origin,
				 referenced_by(entry->fate == YD_GO ? "" : "a held-back row of ", relid));
		else if (entry->action == YD_UPDATE && !leaves_value(restore, reference, true, relid, tid))
			judge_restored(restore, reference, origin, table, found);
		return;
	}
	if (table != NULL && !restore->dry && (found = yd_find_written(table, tid)) >= 0)
	{
		judge_restored(restore, reference, origin, table, found);
		return;
	}
	if (table != NULL && table->binding->business)
	{
		hold(restore, origin, referenced_by("", relid));
		return;
	}
	newcomer = yd_find_newcomer(restore, relid, tid);
	if (newcomer != NULL && newcomer->pinned)
		hold(restore, origin, referenced_by("a newer row of ", relid));
	else
		(void) yd_displace(restore, relid, tid, origin,
						   psprintf("it refers to a row of %s that the rollback removes (\"%s\")",
									reference->parent_name, reference->name));
}

static void
judge_incoming(YdRestore *restore, YdReference *reference)
{
	YdValues   *values = yd_collect_leaving(restore, reference);
	StringInfoData sql;
	YdQuery		query;

	if (values->count > 0 && may_come_back(restore, reference))
		values = without_survivors(restore, reference, values);
	if (values->count == 0)
	{
		yd_values_end(values);
		return;
	}

	initStringInfo(&sql);
	if (reference->child_tracked)
		appendStringInfoString(&sql, "SELECT v.t, v.n, v.r, v.c, f.tableoid, f.ctid FROM yd_key v JOIN ");
	else
		appendStringInfoString(&sql, "SELECT v.t, v.n, v.r, v.c FROM yd_key v WHERE EXISTS (SELECT 1 FROM ");
	yd_append_table(&sql, reference, true);
	appendStringInfoString(&sql, reference->child_tracked ? " f ON " : " f WHERE ");
	yd_append_match(&sql, reference, "v", true, "f", false);
	if (!reference->child_tracked)
		appendStringInfoChar(&sql, ')');

	yd_query_begin(&query, reference->child_owner, restore->dry ? restore->snapshot : NULL,
				   sql.data, values, NULL);
	for (uint64 i = 0; i < query.rows; i++)
	{
		YdOrigin	origin = yd_query_origin(i, 1);

		if (reference->child_tracked)
		{
			HeapTuple	tuple = SPI_tuptable->vals[i];
			bool		isnull;
			Oid			relid = DatumGetObjectId(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 5, &isnull));
			ItemPointerData tid = *(ItemPointer) DatumGetPointer(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 6, &isnull));

			if (yd_is_tracked(restore, relid))
				judge_tracked(restore, reference, &origin, relid, &tid);
			else
				hold(restore, &origin, referenced_by("", relid));
		}
		else
			hold(restore, &origin, referenced_by("", reference->child));
	}
	yd_query_end(&query);
	yd_values_end(values);
}

/* ----- parents of rows that came ----- */

/*
 * Lock the parents, so that none is taken away before the rollback ends. Those
 * in tables that we lock as a whole cannot be.
 */
static void
lock_parents(YdRestore *restore, YdReference *reference, YdValues *values)
{
	StringInfoData sql;
	YdQuery		query;

	if (reference->parent_only && yd_restoring(restore, reference->parent) != NULL)
		return;
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT pg_catalog.count(*) FROM (SELECT 1 FROM ");
	yd_append_table(&sql, reference, false);
	appendStringInfoString(&sql, " p WHERE EXISTS (SELECT 1 FROM yd_key v WHERE ");
	yd_append_match(&sql, reference, "p", false, "v", true);
	appendStringInfoString(&sql, ") FOR KEY SHARE OF p) q");
	yd_query_begin(&query, reference->parent_owner, NULL, sql.data, values, NULL);
	yd_query_end(&query);
}

static void
judge_outgoing(YdRestore *restore, YdReference *reference)
{
	YdValues   *values;
	YdValues   *back = NULL;
	StringInfoData sql;
	YdQuery		query;

	if (!reference->valid || reference->nchildren == 0)
		return;
	values = yd_collect_outgoing(restore, reference);
	if (values->count == 0)
	{
		yd_values_end(values);
		return;
	}
	if (restore->dry)
		back = yd_collect_restored(restore, reference);
	else
		lock_parents(restore, reference, values);

	/* the parent is unique: at most one row a value */
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT v.t, v.n, v.r, v.c, p.tableoid, p.ctid FROM yd_key v LEFT JOIN ");
	yd_append_table(&sql, reference, false);
	appendStringInfoString(&sql, " p ON ");
	yd_append_match(&sql, reference, "p", false, "v", true);
	if (restore->dry)
	{
		appendStringInfoString(&sql, " WHERE NOT EXISTS (SELECT 1 FROM yd_back b WHERE ");
		yd_append_match(&sql, reference, "b", true, "v", true);
		appendStringInfoChar(&sql, ')');
	}
	else
		appendStringInfoString(&sql, " WHERE p.ctid IS NULL");
	yd_query_begin(&query, reference->parent_owner, restore->dry ? restore->snapshot : NULL,
				   sql.data, values, back);
	for (uint64 i = 0; i < query.rows; i++)
	{
		YdOrigin	origin = yd_query_origin(i, 1);
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		Oid			relid = DatumGetObjectId(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 5, &isnull));
		ItemPointer tid = (ItemPointer) DatumGetPointer(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 6, &isnull));

		YdRestoring *table = &restore->tables[origin.table];
		YdNewcomer *newcomer = isnull ? NULL : yd_find_newcomer(restore, relid, tid);
		YdOrigin	parent = newcomer == NULL ? origin : yd_origin_of_newcomer(newcomer);

		if (isnull || leaves_value(restore, reference, false, relid, tid))
			judge_restored(restore, reference, &parent, table, origin.entry);
	}
	yd_query_end(&query);
	yd_values_end(values);
	if (back != NULL)
		yd_values_end(back);
}

/*
 * Judge every reference; exceptions are left in entries and newcomers.
 */
void
yd_judge_references(YdRestore *restore)
{
	ListCell   *cell;

	restore->orphans = NIL;
	foreach(cell, restore->references)
		judge_outgoing(restore, lfirst(cell));
	foreach(cell, restore->references)
		judge_incoming(restore, lfirst(cell));
	if (!restore->found)
		foreach(cell, restore->orphans)
		{
			Orphan	   *orphan = lfirst(cell);

			(void) yd_set_fate(restore, orphan->table, orphan->entry, YD_ORPHANED, orphan->reason);
		}
	restore->orphans = NIL;
}

/* ----- what stays keeps its parents ----- */

/* Rows that go although a row that stays refers to them; true: one was found. */
static bool
hold_parents_of(YdRestore *restore, YdReference *reference)
{
	YdValues   *values = yd_collect_staying(restore, reference);
	StringInfoData sql;
	YdQuery		query;
	bool		found = false;

	if (values->count == 0)
	{
		yd_values_end(values);
		return false;
	}
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT p.tableoid, p.ctid FROM ");
	yd_append_table(&sql, reference, false);
	appendStringInfoString(&sql, " p WHERE EXISTS (SELECT 1 FROM yd_key v WHERE ");
	yd_append_match(&sql, reference, "p", false, "v", true);
	appendStringInfoChar(&sql, ')');

	yd_query_begin(&query, reference->parent_owner, restore->dry ? restore->snapshot : NULL,
				   sql.data, values, NULL);
	for (uint64 i = 0; i < query.rows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		Oid			relid = DatumGetObjectId(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull));
		ItemPointerData tid = *(ItemPointer) DatumGetPointer(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull));
		YdNewcomer *newcomer = yd_find_newcomer(restore, relid, &tid);

		if (!leaves_value(restore, reference, false, relid, &tid))
			continue;
		if (newcomer != NULL)
			found |= yd_pin(restore, newcomer, referenced_by("a held-back row of ", reference->child));
		else
		{
			YdRestoring *table = yd_restoring(restore, relid);

			found |= yd_set_fate(restore, table, yd_find_current(table, &tid), YD_HELD,
								 referenced_by("a held-back row of ", reference->child));
		}
	}
	yd_query_end(&query);
	yd_values_end(values);
	return found;
}

/*
 * Everything that stays although it should have gone keeps its parents, their
 * parents and so on. Asked of the state before an attempt, in which all of
 * them are there.
 */
void
yd_hold_parents(YdRestore *restore)
{
	bool		found;

	do
	{
		ListCell   *cell;

		found = false;
		foreach(cell, restore->references)
		{
			YdReference *reference = lfirst(cell);

			if (reference->nparents > 0 || restore->newcomers != NULL)
				found |= hold_parents_of(restore, reference);
		}
		CHECK_FOR_INTERRUPTS();
	} while (found);
}
