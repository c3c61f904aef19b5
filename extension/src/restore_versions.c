/*
 * restore_versions.c
 *		What was true of the rows before inverse DDL wrote the tables anew: which
 *		versions were the deployment's own, and which rows were not as before it.
 *
 * Inverse DDL that rewrites a table, or makes it anew, gives every row our own
 * xmin, so that afterwards nobody can tell whether somebody had changed it. It
 * is noted beforehand, under the locks of the rollback: after that nobody else
 * can change a row. What is not noted the restore keeps. The report tells what a
 * preview told: a row whose column the inverse DDL has filled again is one that
 * came back. (Of tables that are not
 * tracked restore_business.c does the same in its way.)
 *
 * And it is noted where a row stood that a record speaks of: a type that loses an attribute writes its values otherwise, and none is found by
 * what is recorded of it any more.
 */
#include "restore.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/rel.h"

typedef struct Foreseen
{
	ItemPointerData record;
	ItemPointerData place;		/* of its row */
	bool		own;			/* its row was the deployment's own, or as before */
	bool		kept;			/* it was not, and is in the attic as it was then */
	bool		unchanged;		/* its row was as before */
} Foreseen;

/* Records of one shadow table */
typedef struct ForeseenTable
{
	Oid			shadow;
	bool		absent;			/* the table itself was not there */
	Oid			file;			/* of the table */
	bool		whole;			/* all that is recorded of its rows could be compared */
	uint32		n;
	Foreseen	records[FLEXIBLE_ARRAY_MEMBER]; /* sorted */
} ForeseenTable;

static List *noted = NIL;		/* of ForeseenTable, in TopTransactionContext */
static TransactionId noted_in = InvalidTransactionId;

static int
compare_records(const void *left, const void *right)
{
	return ItemPointerCompare(unconstify(ItemPointerData *, &((const Foreseen *) left)->record),
							  unconstify(ItemPointerData *, &((const Foreseen *) right)->record));
}

static ForeseenTable *
note(Oid shadow, uint32 capacity)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	ForeseenTable *foreseen = MemoryContextAllocHuge(CurrentMemoryContext,
													 offsetof(ForeseenTable, records) +
													 sizeof(Foreseen) * (Size) capacity);

	foreseen->shadow = shadow;
	foreseen->absent = false;
	foreseen->file = InvalidOid;
	foreseen->whole = false;
	foreseen->n = 0;
	noted = lappend(noted, foreseen);
	MemoryContextSwitchTo(old);
	return foreseen;
}

/*
 * Where columns get another type, a version that somebody else wrote is kept as
 * it is now: afterwards it would be what the conversion made of it.
 */
static void
keep_version(YdRestore *restore, YdRestoring *table, uint32 n)
{
	YdUserSwitch save;
	MemoryContext old = MemoryContextSwitchTo(restore->row_context);

	MemoryContextReset(restore->row_context);
	yd_switch_to_owner(table->binding->owner, &save);
	(void) yd_fetch_current(table, n);
	yd_attic_keep_changed(restore, table, &table->entries[n]);
	ExecClearTuple(table->current);
	yd_switch_back(&save);
	MemoryContextSwitchTo(old);
}

static void
note_table(YdRestore *restore, YdRestoring *table)
{
	bool		retyped = false;
	ForeseenTable *foreseen = note(RelationGetRelid(table->binding->shadow), table->nentries);

	foreseen->file = table->binding->rel->rd_rel->relfilenode;
	foreseen->whole = table->binding->nlost == 0;
	for (int i = 0; i < table->binding->nlost; i++)
		retyped |= table->binding->lost[i].attnum > 0;
	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];

		/* a record tells of one row, or of some that are alike */
		if (!ItemPointerIsValid(&entry->current) || entry->beside)
			continue;
		if (entry->changed && retyped)
			keep_version(restore, table, n);
		foreseen->records[foreseen->n].record = entry->image;
		foreseen->records[foreseen->n].place = entry->current;
		foreseen->records[foreseen->n].own = !entry->changed;
		foreseen->records[foreseen->n].kept = entry->changed && retyped;
		foreseen->records[foreseen->n].unchanged = entry->action == YD_KEEP && !entry->refilled;
		foreseen->n++;
	}
	qsort(foreseen->records, foreseen->n, sizeof(Foreseen), compare_records);
}

/* Everything is classified as the tables are before inverse DDL. Writes what is kept to the attic. */
void
yd_note_versions(YdRestore *restore)
{
	ListCell   *cell;

	noted_in = GetTopTransactionId();
	yd_attic_open(restore);
	for (int t = 0; t < restore->ntables; t++)
		if (!restore->tables[t].binding->business)
			note_table(restore, &restore->tables[t]);
	foreach(cell, restore->absent)
		note(((YdAbsent *) lfirst(cell))->shadow, 0)->absent = true;
	yd_attic_close();
}

static ForeseenTable *
find_table(YdRestoring *table)
{
	ListCell   *cell;

	if (noted == NIL || noted_in != GetTopTransactionIdIfAny())
		return NULL;
	foreach(cell, noted)
	{
		ForeseenTable *foreseen = lfirst(cell);

		if (foreseen->shadow == RelationGetRelid(table->binding->shadow))
			return foreseen;
	}
	return NULL;
}

static Foreseen *
find_record(ForeseenTable *foreseen, ItemPointer record)
{
	Foreseen	key = {*record};

	return foreseen == NULL ? NULL :
		bsearch(&key, foreseen->records, foreseen->n, sizeof(Foreseen), compare_records);
}

/* Was the row of this record known as unchanged before the tables were written anew? */
bool
yd_version_was_own(YdRestoring *table, ItemPointer record)
{
	Foreseen   *foreseen = find_record(find_table(table), record);

	return foreseen != NULL && foreseen->own;
}

/* Was it somebody else's, and put into the attic? */
bool
yd_version_is_kept(YdRestoring *table, ItemPointer record)
{
	Foreseen   *foreseen = find_record(find_table(table), record);

	return foreseen != NULL && foreseen->kept;
}

/* Has the inverse DDL given every row our own xmin? */
bool
yd_is_written_anew(YdRestoring *table)
{
	ForeseenTable *foreseen = table->dry ? NULL : find_table(table);

	return foreseen != NULL &&
		(foreseen->absent || foreseen->file != table->binding->rel->rd_rel->relfilenode);
}

/*
 * Where the rows of this record stood, one after the other, if they still can: in a file that the inverse DDL has left in place, and told
 * apart by all that is recorded of them.
 */
bool
yd_foreseen_place(YdRestoring *table, ItemPointer record, int nth, ItemPointer place)
{
	ForeseenTable *foreseen = table->dry ? NULL : find_table(table);
	Foreseen   *found = find_record(foreseen, record);

	if (found == NULL || !foreseen->whole || yd_is_written_anew(table))
		return false;
	while (found > foreseen->records && compare_records(found - 1, found) == 0)
		found--;
	if (found + nth >= foreseen->records + foreseen->n || compare_records(found, found + nth) != 0)
		return false;
	*place = found[nth].place;
	return true;
}

/* Seen from before the inverse DDL: does this entry bring anything back? */
bool
yd_comes_back(YdRestoring *table, const YdEntry *entry)
{
	ForeseenTable *foreseen = table->dry ? NULL : find_table(table);
	Foreseen   *record;

	if (entry->action == YD_INSERT)
		return true;
	if (foreseen == NULL)
		return entry->action != YD_KEEP || entry->refilled;
	if (foreseen->absent)
		return true;
	record = find_record(foreseen, unconstify(ItemPointerData *, &entry->image));
	return record == NULL || !record->unchanged;
}

void
yd_forget_versions(void)
{
	if (noted_in == GetTopTransactionIdIfAny())
		list_free_deep(noted);	/* else its memory went with its transaction */
	noted = NIL;
	noted_in = InvalidTransactionId;
}
