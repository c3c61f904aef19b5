/*
 * restore_demands.c
 *		What the deployment itself demands of rows: for a preview.
 *
 * Before rows are put back the inverse DDL has taken away the indexes,
 * constraints and bounds that the deployment made. A preview looks at the
 * database before that, and must not hold against an image what will be gone.
 */
#include "restore.h"

#include "executor/spi.h"
#include "utils/memutils.h"

static int
compare_demands(const void *left, const void *right)
{
	const YdDemand *a = left;
	const YdDemand *b = right;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

/* Runs before any switch of user. */
void
yd_load_demands(YdRestore *restore)
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(restore->deployment)};
	MemoryContext outer = CurrentMemoryContext;

	if (!restore->dry || !restore->has_ddl)
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT d.object, d.attribute FROM yesterday._own_demands($1) d",
							  1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading what a deployment demands failed");
	MemoryContextSwitchTo(outer);
	restore->ndemands = SPI_processed;
	restore->demands = palloc(sizeof(YdDemand) * Max(restore->ndemands, 1));
	for (int i = 0; i < restore->ndemands; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;

		restore->demands[i].object =
			DatumGetObjectId(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull));
		restore->demands[i].column =
			DatumGetInt32(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull));
	}
	SPI_finish();
	if (restore->ndemands > 0)
		qsort(restore->demands, restore->ndemands, sizeof(YdDemand), compare_demands);
}

/* Of an index or a constraint (column 0), a column's NOT NULL, or a partition's bounds. */
bool
yd_demand_goes(YdRestore *restore, Oid object, int column)
{
	YdDemand	wanted = {object, column};

	return restore->ndemands > 0 &&
		bsearch(&wanted, restore->demands, restore->ndemands, sizeof(YdDemand), compare_demands) != NULL;
}
