/*
 * captured.c
 *		The tables under capture in the current transaction: how their rows are
 *		told apart, which shadow table each has, and the buffers of records.
 *
 * In transaction scope entries are made from the table as it is at its first
 * touch, or before the first DDL of the deployment, whichever comes first. In
 * open scope they are read from what begin_deployment() committed, so that no
 * member ever creates anything another member would have to wait for.
 */
#include "captured.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "buffer.h"
#include "capture.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "digest.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "session.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static HTAB *tables = NULL;
static YdCapturedTable *last_table = NULL;

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

static bool
is_btree(Oid indexid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(indexid));
	bool		btree;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", indexid);
	btree = ((Form_pg_class) GETSTRUCT(tuple))->relam == BTREE_AM_OID;
	ReleaseSysCache(tuple);
	return btree;
}

/*
 * The index whose columns tell the rows apart: the primary key, else a unique
 * index over NOT NULL columns only (the oldest of the immediate ones, so that
 * every look gives the same answer). InvalidOid: no such index.
 */
static Oid
find_key_index(Relation rel, char *kind)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;
	Oid			best = InvalidOid;
	bool		best_immediate = false;

	*kind = 'r';
	foreach(cell, indexes)
	{
		Oid			indexid = lfirst_oid(cell);
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
		Form_pg_index form;
		bool		usable;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", indexid);
		form = (Form_pg_index) GETSTRUCT(tuple);
		usable = form->indisvalid && form->indisunique && !form->indisexclusion &&
			is_btree(indexid) &&
			heap_attisnull(tuple, Anum_pg_index_indpred, NULL) &&
			heap_attisnull(tuple, Anum_pg_index_indexprs, NULL);
		for (int i = 0; usable && i < form->indnkeyatts; i++)
		{
			AttrNumber	attnum = form->indkey.values[i];

			if (attnum <= 0 || !TupleDescAttr(RelationGetDescr(rel), attnum - 1)->attnotnull)
				usable = false;
		}
		if (usable && form->indisprimary)
		{
			ReleaseSysCache(tuple);
			*kind = 'p';
			return indexid;
		}
		if (usable && (!OidIsValid(best) ||
					   (form->indimmediate && !best_immediate) ||
					   (form->indimmediate == best_immediate && indexid < best)))
		{
			best = indexid;
			best_immediate = form->indimmediate;
		}
		ReleaseSysCache(tuple);
	}
	if (OidIsValid(best))
		*kind = 'u';
	return best;
}

static int
column_index(YdCapturedTable *table, AttrNumber attnum)
{
	for (int i = 0; i < table->ncolumns; i++)
		if (table->columns[i].attnum == attnum)
			return i;
	return -1;
}

void
yd_find_output(YdShadowColumn *column)
{
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(column->type, &output, &varlena);
	fmgr_info_cxt(output, &column->output, TopTransactionContext);
}

/* Describe a table as it is now. */
static void
describe_table(YdCapturedTable *table, Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	Oid			indexid;

	namestrcpy(&table->schema, get_namespace_name(RelationGetNamespace(rel)));
	namestrcpy(&table->table, RelationGetRelationName(rel));
	table->owner = rel->rd_rel->relowner;
	table->columns = palloc0(sizeof(YdShadowColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		YdShadowColumn *column = &table->columns[table->ncolumns];

		if (att->attisdropped || YD_ATT_IS_VIRTUAL(att))
			continue;
		column->attnum = att->attnum;
		column->name = att->attname;
		column->type = att->atttypid;
		column->typmod = att->atttypmod;
		column->generated = att->attgenerated != '\0';
		column->identity = att->attidentity != '\0';
		column->native = yd_stored_natively(att->atttypid, &column->stored_type);
		if (!column->native)
		{
			yd_find_output(column);
			table->has_text = true;
		}
		table->ncolumns++;
	}

	indexid = find_key_index(rel, &table->key_kind);
	if (OidIsValid(indexid))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
		Form_pg_index form;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", indexid);
		form = (Form_pg_index) GETSTRUCT(tuple);
		table->nkeys = form->indnkeyatts;
		table->keys = palloc(sizeof(int) * table->nkeys);
		for (int i = 0; i < table->nkeys; i++)
			table->keys[i] = column_index(table, form->indkey.values[i]);
		ReleaseSysCache(tuple);
	}
	MemoryContextSwitchTo(old);
}

/* Enter a described table in the catalog and make its shadow. */
static void
make_shadow(YdCapturedTable *table, int64 deployment)
{
	static const char *const table_columns[] = {
		"id", "deployment", "schema_name", "table_name", "relid", "shadow_name",
		"key_kind", "key_columns", "owner", "business"
	};
	static const char *const column_columns[] = {
		"captured_table", "attnum", "column_name", "shadow_column", "storage",
		"type_name", "type_mod", "generated", "identity"
	};
	Datum		values[10];
	bool		nulls[10] = {false};
	NameData	shadow_name;
	NameData	owner;
	Datum	   *keys = palloc(sizeof(Datum) * Max(table->nkeys, 1));
	Relation	shadow;
	MemoryContext old;

	table->id = yd_next_id("captured_table_id_seq");
	memset(&shadow_name, 0, sizeof(shadow_name));
	snprintf(NameStr(shadow_name), NAMEDATALEN, "d" INT64_FORMAT "_t" INT64_FORMAT,
			 deployment, table->id);
	table->shadow = yd_create_shadow(NameStr(shadow_name), table->columns, table->ncolumns);
	table->shadow_level = GetCurrentTransactionNestLevel();
	shadow = table_open(table->shadow, AccessShareLock);
	old = MemoryContextSwitchTo(TopTransactionContext);
	table->shadow_desc = CreateTupleDescCopy(RelationGetDescr(shadow));
	MemoryContextSwitchTo(old);
	table->layout = YD_LAYOUT_UNKNOWN;
	table_close(shadow, AccessShareLock);

	for (int i = 0; i < table->nkeys; i++)
		keys[i] = NameGetDatum(&table->columns[table->keys[i]].name);
	values[0] = Int64GetDatum(table->id);
	values[1] = Int64GetDatum(deployment);
	values[2] = NameGetDatum(&table->schema);
	values[3] = NameGetDatum(&table->table);
	values[4] = ObjectIdGetDatum(table->relid);
	values[5] = NameGetDatum(&shadow_name);
	values[6] = CStringGetTextDatum(table->key_kind == 'p' ? "primary" :
									table->key_kind == 'u' ? "unique" : "row");
	values[7] = PointerGetDatum(construct_array(keys, table->nkeys, NAMEOID,
												NAMEDATALEN, false, TYPALIGN_CHAR));
	namestrcpy(&owner, GetUserNameFromId(table->owner, false));
	values[8] = NameGetDatum(&owner);
	values[9] = BoolGetDatum(table->business);
	yd_insert(YD_TABLE_CAPTURED_TABLE, table_columns, values, nulls, 10);

	for (int i = 0; i < table->ncolumns; i++)
	{
		YdShadowColumn *column = &table->columns[i];
		NameData	shadow_column;

		memset(&shadow_column, 0, sizeof(shadow_column));
		snprintf(NameStr(shadow_column), NAMEDATALEN, "c%d", column->attnum);
		values[0] = Int64GetDatum(table->id);
		values[1] = Int16GetDatum(column->attnum);
		values[2] = NameGetDatum(&column->name);
		values[3] = NameGetDatum(&shadow_column);
		values[4] = CStringGetTextDatum(column->native ? "native" : "text");
		values[5] = CStringGetTextDatum(format_type_extended(column->type, column->typmod,
															 FORMAT_TYPE_TYPEMOD_GIVEN |
															 FORMAT_TYPE_FORCE_QUALIFY));
		values[6] = Int32GetDatum(column->typmod);
		values[7] = BoolGetDatum(column->generated);
		values[8] = BoolGetDatum(column->identity);
		yd_insert(YD_TABLE_CAPTURED_COLUMN, column_columns, values, nulls, 9);
	}
	CommandCounterIncrement();
}

/* Read the columns of an entry that begin_deployment() committed. */
static void
load_columns(YdCapturedTable *table)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;
	int			capacity = table->shadow_desc->natts;

	table->columns = MemoryContextAllocZero(TopTransactionContext,
											sizeof(YdShadowColumn) * Max(capacity, 1));
	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_CAPTURED_COLUMN), "captured_table"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(table->id));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_COLUMN, "captured_column_pkey", 1, key);
	while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		YdShadowColumn *column = &table->columns[table->ncolumns];
		bool		isnull;
		char	   *storage;

		column->attnum = DatumGetInt16(yd_column(scan.rel, tuple, "attnum", &isnull));
		column->name = *DatumGetName(yd_column(scan.rel, tuple, "column_name", &isnull));
		storage = TextDatumGetCString(yd_column(scan.rel, tuple, "storage", &isnull));
		column->native = strcmp(storage, "native") == 0;
		column->stored_type = TupleDescAttr(table->shadow_desc,
											YD_SHADOW_FIRST - 1 + table->ncolumns)->atttypid;
		if (!column->native)
			table->has_text = true;
		table->ncolumns++;
	}
	yd_scan_end(&scan);
}

/* Fill an entry from its row in yesterday.captured_table. */
static void
load_row(YdCapturedTable *table, Relation catalog, HeapTuple tuple)
{
	bool		isnull;
	Datum		value;
	Relation	shadow;
	MemoryContext old;
	Datum	   *names;
	int			nnames;

	table->skip = false;
	table->id = DatumGetInt64(yd_column(catalog, tuple, "id", &isnull));
	table->relid = DatumGetObjectId(yd_column(catalog, tuple, "relid", &isnull));
	table->schema = *DatumGetName(yd_column(catalog, tuple, "schema_name", &isnull));
	table->table = *DatumGetName(yd_column(catalog, tuple, "table_name", &isnull));
	value = yd_column(catalog, tuple, "key_kind", &isnull);
	table->key_kind = TextDatumGetCString(value)[0];
	table->business = DatumGetBool(yd_column(catalog, tuple, "business", &isnull));
	value = yd_column(catalog, tuple, "shadow_name", &isnull);
	table->shadow = get_relname_relid(NameStr(*DatumGetName(value)), yd_shadow_schema_oid());
	if (!OidIsValid(table->shadow))
		ereport(ERROR,
				(errcode(ERRCODE_YD_CAPTURE_BYPASSED),
				 errmsg("shadow table \"%s\" of table \"%s.%s\" is gone",
						NameStr(*DatumGetName(value)), NameStr(table->schema),
						NameStr(table->table)),
				 errdetail("Prior images of the deployment cannot be kept."),
				 errhint("SELECT * FROM yesterday.status; and abandon the open deployment.")));

	shadow = table_open(table->shadow, AccessShareLock);
	old = MemoryContextSwitchTo(TopTransactionContext);
	table->shadow_desc = CreateTupleDescCopy(RelationGetDescr(shadow));
	MemoryContextSwitchTo(old);
	table->layout = YD_LAYOUT_UNKNOWN;
	table_close(shadow, AccessShareLock);
	table->shadow_level = 1;
	load_columns(table);

	value = yd_column(catalog, tuple, "key_columns", &isnull);
	deconstruct_array(DatumGetArrayTypeP(value), NAMEOID, NAMEDATALEN, false,
					  TYPALIGN_CHAR, &names, NULL, &nnames);
	table->nkeys = nnames;
	table->keys = MemoryContextAlloc(TopTransactionContext, sizeof(int) * Max(nnames, 1));
	for (int k = 0; k < nnames; k++)
		for (int i = 0; i < table->ncolumns; i++)
			if (strcmp(NameStr(*DatumGetName(names[k])), NameStr(table->columns[i].name)) == 0)
				table->keys[k] = i;
}

/* Find what begin_deployment() in open scope made for this table. */
static void
load_table(YdCapturedTable *table, int64 deployment)
{
	YdScan		scan;
	ScanKeyData keys[2];
	HeapTuple	tuple;
	Oid			catalog = yd_table_oid(YD_TABLE_CAPTURED_TABLE);

	table->skip = true;
	ScanKeyInit(&keys[0], get_attnum(catalog, "deployment"), BTEqualStrategyNumber,
				F_INT8EQ, Int64GetDatum(deployment));
	ScanKeyInit(&keys[1], get_attnum(catalog, "relid"), BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(table->relid));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_TABLE, "captured_table_relid", 2, keys);
	if (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
		load_row(table, scan.rel, tuple);
	yd_scan_end(&scan);
}

bool
yd_load_captured_of(int64 deployment, Oid relid, YdCapturedTable *table)
{
	memset(table, 0, sizeof(YdCapturedTable));
	table->relid = relid;
	load_table(table, deployment);
	return !table->skip;
}

bool
yd_load_captured(int64 id, YdCapturedTable *table)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;
	bool		found = false;

	memset(table, 0, sizeof(YdCapturedTable));
	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_CAPTURED_TABLE), "id"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(id));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_TABLE, "captured_table_pkey", 1, key);
	if (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		load_row(table, scan.rel, tuple);
		found = true;
	}
	yd_scan_end(&scan);
	return found;
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
			load_table(&entry, deployment);
		else if (rel->rd_createSubid != InvalidSubTransactionId)
			entry.skip = true;
		else
			describe_table(&entry, rel);
		table = hash_search(table_hash(), &relid, HASH_ENTER, &found);
		*table = entry;
	}
	if (for_write && !table->skip && table->shadow_level == 0)
		make_shadow(table, deployment);
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
			load_table(&entry, deployment);
		if (entry.skip)
		{
			entry.skip = false;
			entry.business = true;
			describe_table(&entry, rel);
			describe(&entry);
		}
		table = hash_search(table_hash(), &relid, HASH_ENTER, NULL);
		*table = entry;
		last_table = NULL;
	}
	*is_new = table->shadow_level == 0;
	if (*is_new)
		make_shadow(table, deployment);
	if (!yd_in_transaction_scope())
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

List *
yd_tables_to_retake(void)
{
	YdCapturedScan scan;
	YdCapturedTable *table;
	List	   *relids = NIL;

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

void
yd_capture_prepare_all(void)
{
	List	   *relids;
	ListCell   *cell;

	if (!yd_in_transaction_scope())
		return;
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
		describe_table(&table, rel);
		make_shadow(&table, deployment);
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
}

/* A subtransaction has committed: what it made is its parent's now. */
void
yd_capture_subcommit(int level)
{
	YdCapturedScan scan;
	YdCapturedTable *table;

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

PG_FUNCTION_INFO_V1(yd_table_key);

/*
 * _table_key(relation oid, OUT key_kind text, OUT key_columns name[])
 */
Datum
yd_table_key(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	TupleDesc	desc;
	Relation	rel;
	YdCapturedTable table = {0};
	Datum	   *keys;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	rel = try_relation_open(relid, AccessShareLock);
	if (rel == NULL)
		PG_RETURN_NULL();
	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
	{
		relation_close(rel, AccessShareLock);
		PG_RETURN_NULL();
	}
	describe_table(&table, rel);
	relation_close(rel, AccessShareLock);

	keys = palloc(sizeof(Datum) * Max(table.nkeys, 1));
	for (int i = 0; i < table.nkeys; i++)
		keys[i] = NameGetDatum(&table.columns[table.keys[i]].name);
	values[0] = CStringGetTextDatum(table.key_kind == 'p' ? "primary" :
									table.key_kind == 'u' ? "unique" : "row");
	values[1] = PointerGetDatum(construct_array(keys, table.nkeys, NAMEOID,
												NAMEDATALEN, false, TYPALIGN_CHAR));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
