/*
 * restore_versions.c
 *		Which versions were the deployment's own before inverse DDL wrote the
 *		tables anew?
 *
 * Inverse DDL that rewrites a table, or makes it anew, gives every row our own
 * xmin, so that afterwards nobody can tell whether somebody had changed it. It
 * is noted beforehand, under the locks of the rollback: after that nobody else
 * can change a row. What is not noted the restore keeps. (Of tables that are not
 * tracked restore_business.c does the same in its way.)
 */
#include "restore.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Records of one shadow table whose rows were the deployment's own, or as before */
typedef struct OwnVersions
{
	Oid			shadow;
	uint32		n;
	ItemPointerData records[FLEXIBLE_ARRAY_MEMBER]; /* sorted */
} OwnVersions;

static List *noted = NIL;		/* of OwnVersions, in TopTransactionContext */
static TransactionId noted_in = InvalidTransactionId;

static int
compare_records(const void *left, const void *right)
{
	return ItemPointerCompare(unconstify(ItemPointerData *, (const ItemPointerData *) left),
							  unconstify(ItemPointerData *, (const ItemPointerData *) right));
}

static void
note_table(YdRestoring *table)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	OwnVersions *own = MemoryContextAllocHuge(CurrentMemoryContext,
											  offsetof(OwnVersions, records) +
											  sizeof(ItemPointerData) * (Size) table->nentries);

	own->shadow = RelationGetRelid(table->binding->shadow);
	own->n = 0;
	for (uint32 n = 0; n < table->nentries; n++)
		if (ItemPointerIsValid(&table->entries[n].current) && !table->entries[n].changed)
			own->records[own->n++] = table->entries[n].image;
	qsort(own->records, own->n, sizeof(ItemPointerData), compare_records);
	noted = lappend(noted, own);
	MemoryContextSwitchTo(old);
}

/* Everything is classified as the tables are before inverse DDL. */
void
yd_note_versions(YdRestore *restore)
{
	noted_in = GetTopTransactionId();
	for (int t = 0; t < restore->ntables; t++)
		if (!restore->tables[t].binding->business)
			note_table(&restore->tables[t]);
}

/* Was the row of this record known as unchanged before the tables were written anew? */
bool
yd_version_was_own(YdRestoring *table, ItemPointer record)
{
	ListCell   *cell;

	if (noted == NIL || noted_in != GetTopTransactionIdIfAny())
		return false;
	foreach(cell, noted)
	{
		OwnVersions *own = lfirst(cell);

		if (own->shadow == RelationGetRelid(table->binding->shadow))
			return bsearch(record, own->records, own->n, sizeof(ItemPointerData),
						   compare_records) != NULL;
	}
	return false;
}

void
yd_forget_versions(void)
{
	if (noted_in == GetTopTransactionIdIfAny())
		list_free_deep(noted);	/* else its memory went with its transaction */
	noted = NIL;
	noted_in = InvalidTransactionId;
}
