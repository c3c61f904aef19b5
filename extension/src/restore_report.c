/*
 * restore_report.c
 *		What a restore did, or a preview foresees: one row a table and outcome.
 */
#include "restore.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define NAMED_KEYS	5			/* how many keys a detail names */

typedef struct Outcome
{
	int64		rows;
	int64		named;
	StringInfoData detail;
} Outcome;

static void
count(Outcome *outcome, const char *key, const char *reason)
{
	outcome->rows++;
	if (key == NULL || outcome->named >= NAMED_KEYS)
		return;
	if (outcome->named++ == 0)
		initStringInfo(&outcome->detail);
	else
		appendStringInfoString(&outcome->detail, "; ");
	appendStringInfoString(&outcome->detail, key);
	if (reason != NULL)
		appendStringInfo(&outcome->detail, " (%s)", reason);
}

static void
put(ReturnSetInfo *result, const char *schema, const char *table, const char *name,
	Outcome *outcome)
{
	Datum		values[5];
	bool		nulls[5] = {false};
	NameData	schema_name;
	NameData	table_name;

	if (outcome->rows == 0)
		return;
	namestrcpy(&schema_name, schema);
	namestrcpy(&table_name, table);
	values[0] = NameGetDatum(&schema_name);
	values[1] = NameGetDatum(&table_name);
	values[2] = CStringGetTextDatum(name);
	values[3] = Int64GetDatum(outcome->rows);
	if (outcome->named == 0)
		nulls[4] = true;
	else
	{
		if (outcome->rows > outcome->named)
			appendStringInfo(&outcome->detail, "; and " INT64_FORMAT " more",
							 outcome->rows - outcome->named);
		values[4] = CStringGetTextDatum(outcome->detail.data);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Key of an entry, if there is still room to name one */
static char *
key_for(Outcome *outcome, YdRestoring *table, uint32 n)
{
	return outcome->named < NAMED_KEYS ? yd_key_text(table, n) : NULL;
}

static void
report_table(YdRestoring *table, ReturnSetInfo *result)
{
	const char *schema = table->binding->schema;
	const char *name = table->binding->table;
	Outcome		restored = {0},
				removed = {0},
				unchanged = {0},
				held = {0},
				changed = {0},
				orphaned = {0},
				unplaceable = {0},
				recomputed = {0},
				missing = {0};

	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];
		Outcome    *exception = entry->fate == YD_HELD ? &held :
			entry->fate == YD_ORPHANED ? &orphaned :
			entry->fate == YD_UNPLACEABLE ? &unplaceable : NULL;

		if (exception != NULL)
			count(exception, key_for(exception, table, n), table->reasons[n]);
		else if (entry->action == YD_REMOVE)
			removed.rows++;
		else if (entry->action != YD_KEEP_VERSION && entry->action != YD_SETTLED)
		{
			if (yd_comes_back(table, entry))
				restored.rows++;
			else
				unchanged.rows++;
		}
		if (entry->recomputed)
			count(&recomputed, key_for(&recomputed, table, n), NULL);
		if (entry->action == YD_KEEP_VERSION || (exception == NULL && entry->changed))
			count(&changed, key_for(&changed, table, n), NULL);
	}
	/* only rows of a table without a key: with one, a row that is away is as before */
	missing.rows = table->missing;
	if (missing.rows > 0)
	{
		missing.named = missing.rows;
		initStringInfo(&missing.detail);
		appendStringInfoString(&missing.detail, "rows that the deployment wrote are not there as it wrote them: "
							   "where somebody changed them since, or a type that they have, they are still there, and stay");
	}

	put(result, schema, name, "restored", &restored);
	put(result, schema, name, "removed", &removed);
	put(result, schema, name, "unchanged", &unchanged);
	put(result, schema, name, "held back", &held);
	put(result, schema, name, "changed since", &changed);
	put(result, schema, name, "orphaned", &orphaned);
	put(result, schema, name, "unplaceable", &unplaceable);
	put(result, schema, name, "recomputed", &recomputed);
	put(result, schema, name, "missing", &missing);
}

static void
report_newcomers(YdRestore *restore, ReturnSetInfo *result)
{
	long		all;
	YdNewcomer **sorted = yd_sorted_newcomers(restore, &all);
	long		n = 0;

	for (long i = 0; i < all; i++)
		if (restore->dry ? yd_goes(restore, sorted[i]) : sorted[i]->gone)
			sorted[n++] = sorted[i];
	for (long i = 0; i < n;)
	{
		Oid			relid = sorted[i]->key.relid;
		Outcome		displaced = {0};

		for (; i < n && sorted[i]->key.relid == relid; i++)
			count(&displaced, sorted[i]->label, sorted[i]->reason);
		put(result, get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid),
			"displaced", &displaced);
	}
}

void
yd_report(YdRestore *restore, ReturnSetInfo *result)
{
	ListCell   *cell;

	for (int t = 0; t < restore->ntables; t++)
		report_table(&restore->tables[t], result);
	foreach(cell, restore->absent)
	{
		YdAbsent   *absent = lfirst(cell);
		Outcome		restored = {0};

		restored.rows = absent->images;
		put(result, absent->schema, absent->table, "restored", &restored);
	}
	report_newcomers(restore, result);
}
