/*
 * binding.c
 *		A shadow table bound to the user's table as it is now, by column name.
 *
 * Attribute numbers and OIDs hold during one deployment; a table that was
 * rebuilt since has others. Order being law, the names of before a deployment
 * are those of now by the time its rows are put back.
 */
#include "binding.h"

#include "access/relation.h"
#include "access/table.h"
#include "alike.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "nodes/makefuncs.h"
#include "parser/parse_coerce.h"
#include "shadow.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static bool
is_one_of(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

/* The attribute of a column of before; 0: there is none. */
static AttrNumber
find_attribute(YdBinding *binding, const char *name, AttrNumber then, Oid relid_then,
			   Bitmapset *captured, List *names, bool dry)
{
	TupleDesc	desc = RelationGetDescr(binding->rel);
	AttrNumber	attnum = get_attnum(RelationGetRelid(binding->rel), name);

	if (attnum == then || RelationGetRelid(binding->rel) != relid_then)
		return attnum;
	/* the inverse DDL has given its names back; others may have renamed one since */
	if (!dry)
		return attnum <= 0 && then <= desc->natts && !TupleDescAttr(desc, then - 1)->attisdropped &&
			!is_one_of(names, NameStr(TupleDescAttr(desc, then - 1)->attname)) ? then : attnum;
	if ((attnum <= 0 || bms_is_member(attnum, captured)) &&
		then <= desc->natts && !TupleDescAttr(desc, then - 1)->attisdropped)
		return then;
	/* its name is another one's by now */
	return attnum > 0 && bms_is_member(attnum, captured) ? InvalidAttrNumber : attnum;
}

static void
add_lost(YdBinding *binding, AttrNumber attnum, AttrNumber shadow, YdWide *wide, int place)
{
	YdLostColumn *column = &binding->lost[binding->nlost++];
	Oid			function;
	bool		varlena;

	column->attnum = Max(attnum, 0);
	column->shadow = shadow;
	column->wide = wide;
	column->place = place;
	getTypeOutputInfo(TupleDescAttr(RelationGetDescr(binding->shadow), shadow - 1)->atttypid,
					  &function, &varlena);
	fmgr_info(function, &column->shadow_output);
	if (attnum > 0)
	{
		getTypeOutputInfo(TupleDescAttr(RelationGetDescr(binding->rel), attnum - 1)->atttypid,
						  &function, &varlena);
		fmgr_info(function, &column->output);
	}
}

/* Can any value that was stored be one of the type that the column has now? */
static bool
fits_type(Form_pg_attribute now, Oid stored, const char *storage, const char *type_name)
{
	Oid			function;

	if (strcmp(storage, "native") == 0)
		return find_coercion_pathway(getBaseType(now->atttypid), stored, COERCION_IMPLICIT,
									 &function) != COERCION_PATH_NONE;
	/* what is stored as text is so because of its type */
	return strcmp(type_name, format_type_extended(now->atttypid, now->atttypmod,
												  FORMAT_TYPE_TYPEMOD_GIVEN |
												  FORMAT_TYPE_FORCE_QUALIFY)) == 0;
}

/* false: a preview has nothing to compare the column with. */
static bool
bind_column(YdBinding *binding, YdBoundColumn *column, AttrNumber attnum, int place,
			const char *shadow_column, const char *storage, const char *type_name,
			bool is_key, bool dry, bool renamed)
{
	TupleDesc	desc = RelationGetDescr(binding->rel);
	Form_pg_attribute att;
	Form_pg_attribute shadow_att;
	Oid			function;
	bool		varlena;

	column->wide = strcmp(shadow_column, YD_WIDE_COLUMN) == 0 ? binding->wide : NULL;
	column->place = place;
	column->is_key = is_key;
	if (attnum <= 0 && dry)
	{
		add_lost(binding, attnum, get_attnum(RelationGetRelid(binding->shadow), shadow_column),
				 column->wide, column->place);
		return false;
	}
	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("column \"%s\" of table \"%s.%s\" does not exist",
						NameStr(column->name), binding->schema, binding->table),
				 errdetail("The prior images of the table have a value for it, of type %s.", type_name),
				 errhint("ALTER TABLE %s ADD COLUMN %s %s; then run the rollback again.",
						 quote_qualified_identifier(binding->schema, binding->table),
						 quote_identifier(NameStr(column->name)), type_name)));
	att = TupleDescAttr(desc, attnum - 1);
	column->attnum = attnum;
	column->shadow = get_attnum(RelationGetRelid(binding->shadow), shadow_column);
	if (column->shadow <= 0)
		elog(ERROR, "column \"%s\" of shadow table \"%s\" does not exist",
			 shadow_column, RelationGetRelationName(binding->shadow));
	shadow_att = TupleDescAttr(RelationGetDescr(binding->shadow), column->shadow - 1);

	column->computed = att->attgenerated != '\0';
	column->type = att->atttypid;
	column->typmod = att->atttypmod;
	column->typlen = att->attlen;
	column->typbyval = att->attbyval;
	column->collation = att->attcollation;
	column->native = strcmp(storage, "native") == 0 &&
		getBaseType(att->atttypid) == shadow_att->atttypid;
	column->fits = column->native || fits_type(att, shadow_att->atttypid, storage, type_name);
	if (renamed && !column->native)
	{
		YdSpelling	spelling;

		yd_find_spelling(&spelling, att->atttypid);
		column->renamed = yd_renamed_labels(binding->id, &spelling);
		column->is_array = OidIsValid(spelling.element);
	}
	if (dry && !is_key && strcmp(storage, "native") == 0 && !column->native)
	{
		add_lost(binding, attnum, column->shadow, column->wide, column->place);
		return false;
	}

	getTypeInputInfo(column->type, &function, &column->ioparam);
	fmgr_info(function, &column->input);
	getTypeOutputInfo(column->type, &function, &varlena);
	fmgr_info(function, &column->output);
	getTypeOutputInfo(shadow_att->atttypid, &function, &varlena);
	fmgr_info(function, &column->shadow_output);
	return true;
}

static void
bind_columns(YdBinding *binding, const YdCaptured *captured, bool dry, bool renamed)
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(binding->id)};
	TupleDesc	desc = RelationGetDescr(binding->rel);
	MemoryContext outer = CurrentMemoryContext;
	Bitmapset  *numbers = NULL;
	List	   *names = NIL;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT column_name, shadow_column, storage, type_name, attnum"
							  " FROM yesterday.captured_column c WHERE captured_table = $1"
							  /* others have dropped it since */
							  " AND NOT EXISTS (SELECT FROM yesterday.captured_table t, yesterday.plan_hold h"
							  "                 WHERE t.id = $1 AND h.deployment = t.deployment"
							  "                 AND h.identity = yesterday._values_of(t.schema_name, t.table_name, c.column_name))"
							  " ORDER BY attnum",
							  1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading yesterday.captured_column failed");

	MemoryContextSwitchTo(outer);
	binding->columns = palloc0(sizeof(YdBoundColumn) * Max(SPI_processed, 1));
	binding->lost = palloc0(sizeof(YdLostColumn) * Max(SPI_processed, 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;

		numbers = bms_add_member(numbers, DatumGetInt16(SPI_getbinval(SPI_tuptable->vals[i],
																	  SPI_tuptable->tupdesc, 5, &isnull)));
		names = lappend(names, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
	}
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		YdBoundColumn *column = &binding->columns[binding->ncolumns];
		char	   *name = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1);
		bool		is_key = false;
		bool		isnull;
		AttrNumber	attnum;
		AttrNumber	then = DatumGetInt16(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 5, &isnull));

		namestrcpy(&column->name, name);
		for (int k = 0; k < captured->nkeys; k++)
			is_key |= strcmp(captured->keys[k], name) == 0;
		attnum = find_attribute(binding, name, then, captured->relid, numbers, names, dry);
		/* a virtual column has no value of its own */
		if (attnum > 0 && YD_ATT_IS_VIRTUAL(TupleDescAttr(desc, attnum - 1)))
			continue;
		if (bind_column(binding, column, attnum, i,
						SPI_getvalue(tuple, SPI_tuptable->tupdesc, 2),
						SPI_getvalue(tuple, SPI_tuptable->tupdesc, 3),
						SPI_getvalue(tuple, SPI_tuptable->tupdesc, 4), is_key, dry, renamed))
		{
			column->recomputed = column->computed &&
				(attnum != then || RelationGetRelid(binding->rel) != captured->relid);
			binding->ncolumns++;
		}
	}
	SPI_finish();

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		bool		known = false;

		if (att->attisdropped || att->attgenerated != '\0')
			continue;
		for (int c = 0; c < binding->ncolumns && !known; c++)
			known = binding->columns[c].attnum == att->attnum;
		if (!known)
			binding->newer = bms_add_member(binding->newer, att->attnum);
	}
}

Relation
yd_open_shadow(const YdCaptured *captured)
{
	Oid			shadow = get_relname_relid(captured->shadow, yd_shadow_schema_oid());

	if (!OidIsValid(shadow))
		ereport(ERROR,
				(errcode(ERRCODE_YD_FORGOTTEN),
				 errmsg("shadow table \"%s.%s\" of table \"%s.%s\" is gone",
						YD_SHADOW_SCHEMA, captured->shadow, captured->schema, captured->table),
				 errdetail("Without it the prior images of the table cannot be put back."),
				 errhint("Restore the shadow table from a backup, then run the rollback again.")));
	return table_open(shadow, AccessShareLock);
}

/* An ordinary table, or a partitioned one, which has none of its own. */
static bool
holds_rows(Relation rel)
{
	return rel->rd_rel->relkind == RELKIND_RELATION || rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
}

YdBinding *
yd_bind(const YdCaptured *captured, LOCKMODE lock, bool dry, bool renamed)
{
	YdBinding  *binding = palloc0(sizeof(YdBinding));
	Oid			relid;
	Oid			shadow;

	binding->id = captured->id;
	binding->schema = captured->schema;
	binding->table = captured->table;
	binding->keyed = captured->keyed;
	binding->business = captured->business;

	binding->shadow = yd_open_shadow(captured);
	binding->wide = yd_wide_begin(binding->shadow);
	shadow = RelationGetRelid(binding->shadow);
	binding->op = get_attnum(shadow, "op");
	binding->place = get_attnum(shadow, "place");
	binding->prior = get_attnum(shadow, "prior");
	if (binding->op <= 0 || binding->place <= 0 || binding->prior <= 0)
		elog(ERROR, "shadow table \"%s\" has another shape", captured->shadow);

	relid = RangeVarGetRelid(makeRangeVar(captured->schema, captured->table, -1), lock, true);
	if (OidIsValid(relid))
		binding->rel = relation_open(relid, NoLock);
	/* renamed by the deployment, which may have given its name to a view: the inverse DDL takes it back */
	if (renamed && (binding->rel == NULL || !holds_rows(binding->rel)))
	{
		if (binding->rel != NULL)
			relation_close(binding->rel, NoLock);
		relid = captured->relid;
		binding->rel = try_relation_open(relid, lock);
		if (binding->rel != NULL && !holds_rows(binding->rel))
		{
			relation_close(binding->rel, NoLock);
			binding->rel = NULL;
		}
	}
	else if (dry && binding->rel == NULL)
		binding->rel = try_relation_open(captured->relid, lock);
	if (binding->rel == NULL)
		return binding;
	if (binding->rel->rd_rel->relkind != RELKIND_RELATION ||
		binding->rel->rd_rel->relam != HEAP_TABLE_AM_OID)
	{
		/* a partitioned parent has an entry but never a row of its own */
		if (binding->rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		{
			relation_close(binding->rel, NoLock);
			binding->rel = NULL;
			return binding;
		}
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("\"%s.%s\" is not an ordinary table any more",
						captured->schema, captured->table),
				 errdetail("The deployment's prior images belong to a heap table of that name."),
				 errhint("Put the table back in place, then run the rollback again.")));
	}
	/* rows of one owner are not put into a table that another made under its name */
	if (relid != captured->relid && binding->rel->rd_createSubid == InvalidSubTransactionId &&
		binding->rel->rd_rel->relowner != get_role_oid(captured->owner, true))
	{
		/* the inverse DDL takes away what the deployment made in the place of the one that it dropped */
		if (renamed)
		{
			relation_close(binding->rel, NoLock);
			binding->rel = NULL;
			return binding;
		}
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("table \"%s.%s\" is another one, of another owner",
						captured->schema, captured->table),
				 errdetail("The deployment's prior images belong to a table of that name whose owner was \"%s\"; this one is owned by \"%s\".",
						   captured->owner, GetUserNameFromId(binding->rel->rd_rel->relowner, false)),
				 errhint("If they belong into it nevertheless: ALTER TABLE %s OWNER TO %s; then run the rollback again.",
						 quote_qualified_identifier(captured->schema, captured->table),
						 quote_identifier(captured->owner))));
	}
	binding->owner = binding->rel->rd_rel->relowner;
	bind_columns(binding, captured, dry, renamed);
	binding->alike = yd_table_is_alike(binding);

	binding->nkeys = captured->nkeys;
	binding->keys = palloc(sizeof(int) * Max(captured->nkeys, 1));
	for (int k = 0; k < captured->nkeys; k++)
	{
		binding->keys[k] = -1;
		for (int c = 0; c < binding->ncolumns; c++)
			if (strcmp(captured->keys[k], NameStr(binding->columns[c].name)) == 0)
				binding->keys[k] = c;
		if (dry && (binding->keys[k] < 0 || !binding->columns[binding->keys[k]].fits))
		{
			/* the key is not there, or of another type: nothing can be looked up before the inverse DDL ran */
			relation_close(binding->rel, NoLock);
			binding->rel = NULL;
			return binding;
		}
		if (binding->keys[k] < 0)
			elog(ERROR, "key column \"%s\" of \"%s.%s\" was not captured",
				 captured->keys[k], captured->schema, captured->table);
	}
	return binding;
}

void
yd_unbind(YdBinding *binding)
{
	/* the locks stay until the end of the transaction */
	if (binding->rel != NULL)
		relation_close(binding->rel, NoLock);
	table_close(binding->shadow, NoLock);
}
