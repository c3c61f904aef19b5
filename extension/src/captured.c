/*
 * captured.c
 *		The tables under capture in the current transaction, each with its shadow
 *		table and the buffers of its records.
 *
 * In transaction scope entries are made from the table as it is at its first
 * touch, or before the first DDL of the deployment, whichever comes first. In
 * open scope they are read from what begin_deployment() committed, so that no
 * member ever creates anything another member would have to wait for.
 */
#include "captured.h"

#include "access/relation.h"
#include "access/xact.h"
#include "buffer.h"
#include "capture.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "digest.h"
#include "fmgr.h"
#include "session.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

static HTAB *tables = NULL;
static YdCapturedTable *last_table = NULL;
static int	prepared_level = 0;		/* nesting level of the first DDL; 0: there was none */
static bool retake_wanted = false;	/* by some table; there can be thousands */

/* ----- entries ----- */

static HTAB *
table_hash(void)
{
	if (tables == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(YdCapturedTable);
		ctl.hcxt = TopTransactionContext;
		tables = hash_create("yesterday captured tables", 64, &ctl,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	return tables;
}

YdCapturedTable *
yd_captured_last(Oid relid)
{
	if (last_table != NULL && last_table->relid == relid &&
		(last_table->skip ||
		 (last_table->shadow_level > 0 && (last_table->digest_kept || yd_in_transaction_scope()))))
		return last_table;
	return NULL;
}

YdCapturedTable *
yd_captured_table(Relation rel, bool for_write)
{
	Oid			relid = RelationGetRelid(rel);
	int64		deployment = yd_current_deployment();
	YdCapturedTable *table;
	bool		found;

	if (last_table != NULL && last_table->relid == relid &&
		(last_table->skip || last_table->shadow_level > 0 || !for_write) &&
		(last_table->skip || last_table->digest_kept || yd_in_transaction_scope()))
		return last_table;

	table = hash_search(table_hash(), &relid, HASH_FIND, NULL);
	if (table == NULL)
	{
		YdCapturedTable entry = {0};

		/* fill a copy first: an error half-way must leave no half entry */
		entry.relid = relid;
		if (!yd_in_transaction_scope())
			yd_load_table(&entry, deployment);
		else if (rel->rd_createSubid != InvalidSubTransactionId)
			entry.skip = true;
		else
			yd_describe_table(&entry, rel);
		table = hash_search(table_hash(), &relid, HASH_ENTER, &found);
		*table = entry;
	}
	if (for_write && !table->skip && table->shadow_level == 0)
		yd_make_shadow(table, deployment);
	if (!yd_in_transaction_scope() && !table->skip)
		yd_keep_digest(table, rel);
	last_table = table;
	return table;
}

YdCapturedTable *
yd_captured_business(Relation rel, bool *is_new, void (*describe) (YdCapturedTable *table))
{
	Oid			relid = RelationGetRelid(rel);
	int64		deployment = yd_current_deployment();
	YdCapturedTable *table = hash_search(table_hash(), &relid, HASH_FIND, NULL);

	if (table == NULL || table->skip)
	{
		YdCapturedTable entry = {0};

		entry.relid = relid;
		entry.skip = true;
		if (!yd_in_transaction_scope())
			yd_load_table(&entry, deployment);
		if (entry.skip)
		{
			entry.skip = false;
			entry.business = true;
			yd_describe_table(&entry, rel);
			describe(&entry);
		}
		table = hash_search(table_hash(), &relid, HASH_ENTER, NULL);
		*table = entry;
		last_table = NULL;
	}
	*is_new = table->shadow_level == 0;
	if (*is_new)
		yd_make_shadow(table, deployment);
	if (!yd_in_transaction_scope() && !table->lost_columns)
		yd_keep_digest(table, rel);
	return table;
}

YdCapturedTable *
yd_enter_captured(int64 id)
{
	YdCapturedTable *table = yd_find_captured_id(id);
	YdCapturedTable entry;

	if (table != NULL || !yd_load_captured(id, &entry))
		return table;
	table = hash_search(table_hash(), &entry.relid, HASH_ENTER, NULL);
	*table = entry;
	last_table = NULL;
	return table;
}

void
yd_retake(YdCapturedTable *table)
{
	table->retake = retake_wanted = true;
}

List *
yd_tables_to_retake(void)
{
	YdCapturedScan scan;
	YdCapturedTable *table;
	List	   *relids = NIL;

	if (!retake_wanted)
		return NIL;
	retake_wanted = false;
	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
	{
		if (table->retake)
			relids = lappend_oid(relids, table->relid);
		table->retake = false;
	}
	return relids;
}

List *
yd_tracked_relids(void)
{
	YdScan		scan;
	HeapTuple	tuple;
	List	   *relids = NIL;

	yd_scan_begin(&scan, YD_TABLE_TRACKED_TABLE, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		bool		isnull;
		Name		schema = DatumGetName(yd_column(scan.rel, tuple, "schema_name", &isnull));
		Name		name = DatumGetName(yd_column(scan.rel, tuple, "table_name", &isnull));
		Oid			namespace = get_namespace_oid(NameStr(*schema), true);
		Oid			relid = OidIsValid(namespace) ? get_relname_relid(NameStr(*name), namespace) : InvalidOid;

		if (OidIsValid(relid) && get_rel_relkind(relid) == RELKIND_RELATION)
			relids = lappend_oid(relids, relid);
	}
	yd_scan_end(&scan);
	return relids;
}

bool
yd_capture_is_prepared(void)
{
	return prepared_level > 0;
}

void
yd_capture_prepare_all(void)
{
	List	   *relids;
	ListCell   *cell;

	if (!yd_in_transaction_scope())
		return;
	prepared_level = GetCurrentTransactionNestLevel();
	relids = yd_tracked_relids();
	foreach(cell, relids)
	{
		Relation	rel = try_relation_open(lfirst_oid(cell), AccessShareLock);

		if (rel == NULL)
			continue;
		(void) yd_captured_table(rel, false);
		relation_close(rel, AccessShareLock);
	}
	list_free(relids);
}

PG_FUNCTION_INFO_V1(yd_open_shadows);

/*
 * _open_shadows(deployment): shadow tables of every tracked table, for a
 * deployment in open scope. Returns how many.
 */
Datum
yd_open_shadows(PG_FUNCTION_ARGS)
{
	int64		deployment = PG_GETARG_INT64(0);
	Oid			only = PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1);
	int64		made = 0;
	List	   *relids = yd_tracked_relids();
	ListCell   *cell;

	foreach(cell, relids)
	{
		YdCapturedTable table = {0};
		Relation	rel = try_relation_open(lfirst_oid(cell), AccessShareLock);

		if (rel == NULL)
			continue;
		if (OidIsValid(only) && RelationGetRelid(rel) != only)
		{
			relation_close(rel, AccessShareLock);
			continue;
		}
		table.relid = lfirst_oid(cell);
		yd_describe_table(&table, rel);
		yd_make_shadow(&table, deployment);
		relation_close(rel, AccessShareLock);
		made++;
	}
	PG_RETURN_INT64(made);
}

List *
yd_captured_relids(void)
{
	YdCapturedScan scan;
	YdCapturedTable *table;
	List	   *relids = NIL;

	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
		relids = lappend_oid(relids, table->relid);
	return relids;
}

YdCapturedTable *
yd_find_captured(Oid relid)
{
	return tables == NULL ? NULL : hash_search(tables, &relid, HASH_FIND, NULL);
}

YdCapturedTable *
yd_find_captured_id(int64 id)
{
	YdCapturedScan scan;
	YdCapturedTable *table;

	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
	{
		if (table->id == id)
		{
			hash_seq_term(&scan.status);
			return table;
		}
	}
	return NULL;
}

/* ----- all entries ----- */

void
yd_captured_begin_scan(YdCapturedScan *scan)
{
	scan->active = tables != NULL;
	if (scan->active)
		hash_seq_init(&scan->status, tables);
}

YdCapturedTable *
yd_captured_next(YdCapturedScan *scan)
{
	return scan->active ? hash_seq_search(&scan->status) : NULL;
}

/* The table's columns may be others by now. Nothing here may look anything up. */
static void
forget_layout(Datum arg, Oid relid)
{
	YdCapturedScan scan;
	YdCapturedTable *table;

	if (OidIsValid(relid))
	{
		table = yd_find_captured(relid);
		if (table != NULL)
			table->layout = YD_LAYOUT_UNKNOWN;
		return;
	}
	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
		table->layout = YD_LAYOUT_UNKNOWN;
}

void
yd_captured_init(void)
{
	CacheRegisterRelcacheCallback(forget_layout, (Datum) 0);
}

/* ----- transactions ----- */

void
yd_capture_reset(void)
{
	tables = NULL;				/* memory goes with TopTransactionContext */
	last_table = NULL;
	prepared_level = 0;
	retake_wanted = false;
}

/* A subtransaction has committed: what it made is its parent's now. */
void
yd_capture_subcommit(int level)
{
	YdCapturedScan scan;
	YdCapturedTable *table;

	if (prepared_level == level)
		prepared_level = level - 1;
	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
	{
		if (table->shadow_level == level)
			table->shadow_level = level - 1;
		if (table->complete_level == level)
			table->complete_level = level - 1;
		if (table->digest_level == level)
			table->digest_level = level - 1;
		yd_buffer_subcommit(table, level);
	}
}

void
yd_capture_subabort(int level)
{
	YdCapturedScan scan;
	YdCapturedTable *table;

	last_table = NULL;
	if (prepared_level >= level)
		prepared_level = 0;		/* the schema image went with it */
	yd_captured_begin_scan(&scan);
	while ((table = yd_captured_next(&scan)) != NULL)
	{
		yd_buffer_subabort(table, level);
		if (table->shadow_level >= level)
			table->shadow_level = 0;	/* its shadow went with the subtransaction */
		if (table->complete_level >= level)
			table->complete_level = 0;
		table->retake = false;
		table->digest_kept = false; /* look again: it may have gone */
		if (table->digest_level >= level)
		{
			table->digest = NULL;
			table->digest_level = 0;
		}
		if (table->skip && yd_in_transaction_scope())
			(void) hash_search(tables, &table->relid, HASH_REMOVE, NULL);
	}
}
