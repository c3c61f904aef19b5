/*
 * outside.c
 *		Writes beside an open deployment, noted once a transaction and table.
 *
 * A digest of a whole table, taken when the first member touched it, can be
 * compared at finish_deployment() only if nobody else wrote the table in
 * between.
 */
#include "outside.h"

#include "access/xact.h"
#include "catalog.h"
#include "nodes/pg_list.h"
#include "session.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

typedef struct OutsideWrite
{
	Oid			relid;
	int			level;			/* of the subtransaction that noted it */
} OutsideWrite;

static List *noted = NIL;

void
yd_note_outside_write(Oid relid)
{
	static const char *const columns[] = {"deployment", "relid", "xid"};
	int64		deployment = yd_outside_of();
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	OutsideWrite *write;
	MemoryContext old;
	ListCell   *cell;

	if (deployment == 0)
		return;
	foreach(cell, noted)
		if (((OutsideWrite *) lfirst(cell))->relid == relid)
			return;

	values[0] = Int64GetDatum(deployment);
	values[1] = ObjectIdGetDatum(relid);
	values[2] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	yd_insert(YD_TABLE_OUTSIDE_WRITE, columns, values, nulls, 3);

	old = MemoryContextSwitchTo(TopTransactionContext);
	write = palloc(sizeof(OutsideWrite));
	write->relid = relid;
	write->level = GetCurrentTransactionNestLevel();
	noted = lappend(noted, write);
	MemoryContextSwitchTo(old);
}

void
yd_outside_reset(void)
{
	noted = NIL;				/* memory goes with TopTransactionContext */
}

void
yd_outside_subcommit(int level)
{
	ListCell   *cell;

	foreach(cell, noted)
	{
		OutsideWrite *write = lfirst(cell);

		write->level = Min(write->level, level - 1);
	}
}

void
yd_outside_subabort(int level)
{
	ListCell   *cell;

	foreach(cell, noted)
		if (((OutsideWrite *) lfirst(cell))->level >= level)
			noted = foreach_delete_current(noted, cell);
}
