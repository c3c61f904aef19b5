/*
 * restore_result.c
 *		A table opened for writing, and the rows that are to stand in it.
 */
#include "restore.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "alike.h"
#include "catalog/index.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "executor/nodeModifyTable.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "packed.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* ----- constraints ----- */

/*
 * Constraints are judged one by one instead of through ExecConstraints():
 * images that a NOT VALID constraint never saw come back as they were, and an
 * image that a newer constraint refuses goes to the attic instead of failing
 * the rollback.
 */
static void
prepare_checks(YdRestore *restore, YdRestoring *table)
{
	TupleConstr *constr = RelationGetDescr(table->binding->rel)->constr;

	table->nchecks = 0;
	if (constr == NULL || constr->num_check == 0)
		return;
	table->checks = palloc(sizeof(YdCheck) * constr->num_check);
	for (int i = 0; i < constr->num_check; i++)
	{
		ConstrCheck *check = &constr->check[i];
		Node	   *expr;

		if (!check->ccvalid || !YD_CHECK_IS_ENFORCED(check) ||
			yd_demand_goes(restore, get_relation_constraint_oid(table->relid, check->ccname, true), 0))
			continue;
		expr = YD_EXPAND_GENERATED(stringToNode(check->ccbin), table->binding->rel);
		table->checks[table->nchecks].name = pstrdup(check->ccname);
		table->checks[table->nchecks].expr =
			ExecPrepareExpr((Expr *) canonicalize_qual((Expr *) expr, true), table->estate);
		table->nchecks++;
	}
}

static void
add_domain_check(YdRestoring *table, AttrNumber attnum, Oid domain, const char *name, ExprState *expr)
{
	YdDomainCheck *check = palloc(sizeof(YdDomainCheck));

	check->attnum = attnum;
	check->domain = domain;
	check->name = name;
	check->expr = expr;
	table->domain_checks = lappend(table->domain_checks, check);
}

/* What one domain demands of values, and has made sure of. */
static void
prepare_domain(YdRestoring *table, AttrNumber attnum, Oid domain, Relation constraints)
{
	ScanKeyData key[1];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key[0], Anum_pg_constraint_contypid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(domain));
	scan = systable_beginscan(constraints, ConstraintTypidIndexId, true, NULL, 1, key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
		bool		isnull;
		Datum		source = heap_getattr(tuple, Anum_pg_constraint_conbin,
										  RelationGetDescr(constraints), &isnull);

		if (form->contype != CONSTRAINT_CHECK || !form->convalidated)
			continue;
		if (isnull)
			elog(ERROR, "constraint %u has no expression", form->oid);
		add_domain_check(table, attnum, domain, pstrdup(NameStr(form->conname)),
						 ExecPrepareExpr(stringToNode(TextDatumGetCString(source)), table->estate));
	}
	systable_endscan(scan);
}

/* Values of base types become those of a domain as they are: what it demands is judged like the table's constraints. */
static void
prepare_domains(YdRestoring *table)
{
	TupleDesc	desc = RelationGetDescr(table->binding->rel);
	Relation	constraints = table_open(ConstraintRelationId, AccessShareLock);

	table->domain_checks = NIL;
	for (int i = 0; i < desc->natts; i++)
	{
		Oid			type = TupleDescAttr(desc, i)->atttypid;

		if (TupleDescAttr(desc, i)->attisdropped || YD_ATT_IS_VIRTUAL(TupleDescAttr(desc, i)))
			continue;
		for (;;)
		{
			HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
			Form_pg_type form;
			Oid			domain = type;

			if (!HeapTupleIsValid(tuple))
				elog(ERROR, "cache lookup failed for type %u", type);
			form = (Form_pg_type) GETSTRUCT(tuple);
			type = form->typtype == TYPTYPE_DOMAIN ? form->typbasetype : InvalidOid;
			if (OidIsValid(type) && form->typnotnull)
				add_domain_check(table, i + 1, domain, NULL, NULL);
			ReleaseSysCache(tuple);
			if (!OidIsValid(type))
				break;
			prepare_domain(table, i + 1, domain, constraints);
		}
	}
	table_close(constraints, AccessShareLock);
}

/* Columns that came after the deployment have no image: their default counts. */
static void
prepare_defaults(YdRestoring *table)
{
	YdBinding  *binding = table->binding;
	int			attnum = -1;

	table->defaults = NULL;
	if (bms_is_empty(binding->newer))
		return;
	table->defaults = palloc0(sizeof(ExprState *) * (RelationGetDescr(binding->rel)->natts + 1));
	while ((attnum = bms_next_member(binding->newer, attnum)) >= 0)
	{
		Expr	   *expr = (Expr *) build_column_default(binding->rel, attnum);

		if (expr != NULL)
			table->defaults[attnum] = ExecPrepareExpr(expr, table->estate);
	}
}

/* A preview looks at indexes without the lock of a writer, also on a standby. */
static void
open_indexes_to_look(YdRestore *restore, ResultRelInfo *result)
{
	List	   *indexes = RelationGetIndexList(result->ri_RelationDesc);
	ListCell   *cell;

	result->ri_IndexRelationDescs = palloc(sizeof(Relation) * Max(list_length(indexes), 1));
	result->ri_IndexRelationInfo = palloc(sizeof(IndexInfo *) * Max(list_length(indexes), 1));
	foreach(cell, indexes)
	{
		Relation	index;

		if (yd_demand_goes(restore, lfirst_oid(cell), 0))
			continue;
		index = index_open(lfirst_oid(cell), AccessShareLock);
		result->ri_IndexRelationDescs[result->ri_NumIndices] = index;
		result->ri_IndexRelationInfo[result->ri_NumIndices] = BuildIndexInfo(index);
		result->ri_NumIndices++;
	}
	list_free(indexes);
}

/* What a preview does not ask of rows, because the deployment alone does. */
static void
free_of_demands(YdRestore *restore, YdRestoring *table)
{
	TupleDesc	desc = RelationGetDescr(table->binding->rel);

	table->free_bounds = yd_demand_goes(restore, table->relid, -1);
	table->free_columns = NULL;
	for (int i = 1; i <= desc->natts; i++)
		if (bms_is_member(i, table->binding->newer) || yd_demand_goes(restore, table->relid, i))
			table->free_columns = bms_add_member(table->free_columns, i);
}

/* Everything that may run code of users when a row is written. */
void
yd_open_result(YdRestore *restore, YdRestoring *table)
{
	table->estate = CreateExecutorState();
	table->estate->es_output_cid = restore->dry ? InvalidCommandId : GetCurrentCommandId(true);
	table->result = makeNode(ResultRelInfo);
	InitResultRelInfo(table->result, table->binding->rel, 0, NULL, 0);
	table->result->ri_TrigDesc = NULL;
	if (restore->dry)
	{
		open_indexes_to_look(restore, table->result);
		free_of_demands(restore, table);
	}
	else
	{
		ExecOpenIndices(table->result, false);
		prepare_defaults(table);
	}
	prepare_checks(restore, table);
	prepare_domains(table);
}

void
yd_close_result(YdRestoring *table)
{
	if (table->dry)
	{
		for (int i = 0; i < table->result->ri_NumIndices; i++)
			index_close(table->result->ri_IndexRelationDescs[i], NoLock);
	}
	else
		ExecCloseIndices(table->result);
	FreeExecutorState(table->estate);
	table->estate = NULL;
	table->result = NULL;
}

static bool
domains_agree(YdRestoring *table, TupleTableSlot *row, ExprContext *econtext, const char **why)
{
	ListCell   *cell;

	foreach(cell, table->domain_checks)
	{
		YdDomainCheck *check = lfirst(cell);

		slot_getsomeattrs(row, check->attnum);
		econtext->domainValue_datum = row->tts_values[check->attnum - 1];
		econtext->domainValue_isNull = row->tts_isnull[check->attnum - 1];
		if (table->dry && bms_is_member(check->attnum, table->binding->newer))
			continue;
		if (check->expr != NULL && !ExecCheck(check->expr, econtext))
		{
			*why = psprintf("check constraint \"%s\" of domain %s refuses it now",
							check->name, format_type_be(check->domain));
			return false;
		}
		if (check->expr == NULL && econtext->domainValue_isNull)
		{
			*why = psprintf("domain %s is NOT NULL now", format_type_be(check->domain));
			return false;
		}
	}
	return true;
}

static bool
row_may_stand(YdRestoring *table, TupleTableSlot *row, const char **why)
{
	TupleDesc	desc = RelationGetDescr(table->binding->rel);
	ExprContext *econtext = GetPerTupleExprContext(table->estate);
	bool		may_have_nulls = row == table->composed || HeapTupleHasNulls(&table->packed_row);

	if (may_have_nulls)
		slot_getallattrs(row);
	for (int i = 0; may_have_nulls && i < desc->natts; i++)
		if (row->tts_isnull[i] && YD_NOT_NULL_HOLDS(desc, i) &&
			!YD_ATT_IS_VIRTUAL(TupleDescAttr(desc, i)) &&
			!(table->dry && bms_is_member(i + 1, table->free_columns)))
		{
			*why = psprintf("column \"%s\" is NOT NULL now", NameStr(TupleDescAttr(desc, i)->attname));
			return false;
		}
	econtext->ecxt_scantuple = row;
	for (int i = 0; i < table->nchecks; i++)
		if (!ExecCheck(table->checks[i].expr, econtext))
		{
			*why = psprintf("check constraint \"%s\" refuses it now", table->checks[i].name);
			return false;
		}
	if (!domains_agree(table, row, econtext, why))
		return false;
	if (table->binding->rel->rd_rel->relispartition && !(table->dry && table->free_bounds) &&
		!ExecPartitionCheck(table->result, row, table->estate, false))
	{
		*why = "it is outside the partition's bounds now";
		return false;
	}
	return true;
}

/* ----- rows ----- */

static void
compute_generated(YdRestoring *table, TupleTableSlot *row)
{
	TupleConstr *constr = RelationGetDescr(table->binding->rel)->constr;

	if (constr != NULL && constr->has_generated_stored)
		ExecComputeStoredGenerated(table->result, table->estate, row, CMD_INSERT);
}

/*
 * Can the row be written without a look at what it is now? Not where the
 * attic wants it, where a column has to be kept, and where equal values out of
 * line may stay where they are.
 */
static bool
image_suffices(YdRestoring *table, uint32 n)
{
	YdBinding  *binding = table->binding;

	if (table->entries[n].changed || !bms_is_empty(binding->newer))
		return false;
	slot_getallattrs(table->image);
	for (int c = 0; c < binding->ncolumns; c++)
	{
		YdBoundColumn *column = &binding->columns[c];
		int			i = column->shadow - 1;

		if (!column->native)
			return false;
		if (column->typlen == -1 && !table->image->tts_isnull[i] &&
			VARATT_IS_EXTERNAL(DatumGetPointer(table->image->tts_values[i])))
			return false;
	}
	return true;
}

/*
 * The row of an entry as it has to be, in table->row; false: a constraint of
 * now refuses it.
 */
bool
yd_build_row(YdRestoring *table, uint32 n, const char **why)
{
	YdBinding  *binding = table->binding;
	bool		present = false;
	int			attnum = -1;

	yd_fetch_image(table, n);
	if (binding->alike && !table->dry && !table->entries[n].changed &&
		yd_row_of_bytes(binding, table->image, &table->packed_row))
	{
		yd_store_packed(table->packed, &table->packed_row);
		table->row = table->packed;
		return row_may_stand(table, table->row, why);
	}
	table->row = table->composed;
	if (!image_suffices(table, n))
		present = yd_fetch_current(table, n);
	if (present)
		(void) yd_compare(table, table->image, table->current, false);
	yd_image_to_row(binding, table->image, present ? table->current : NULL,
					table->differs, table->row);
	if (!present && table->defaults != NULL)
		while ((attnum = bms_next_member(binding->newer, attnum)) >= 0)
			if (table->defaults[attnum] != NULL)
				table->row->tts_values[attnum - 1] =
					ExecEvalExprSwitchContext(table->defaults[attnum],
											  GetPerTupleExprContext(table->estate),
											  &table->row->tts_isnull[attnum - 1]);
	compute_generated(table, table->row);
	return row_may_stand(table, table->row, why);
}
