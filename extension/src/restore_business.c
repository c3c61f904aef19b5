/*
 * restore_business.c
 *		Tables that are not tracked and that the deployment emptied.
 *
 * Their shadow holds the rows that were there (op T) and the rows that the
 * deployment left in the table afterwards (op I, whole rows). A row that is
 * still as the deployment left it goes; everything else is business, and stays.
 *
 * Whether a row is as the deployment left it, its xmin says. The inverse DDL may
 * write the table anew before the rows are looked at; so it is asked before, too,
 * and the answers are kept until then. A later deployment can have rewritten the
 * table as well: a row that equals what the deployment left counts as untouched.
 */
#include "restore.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "shadow.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(yd_foresee_own_rows);

/* A record whose row was as the deployment left it before the inverse DDL ran */
typedef struct LeftAlone
{
	int64		captured;
	ItemPointerData record;
	uint16		zero;			/* no padding: a copy of the struct must have all its bytes */
} LeftAlone;

StaticAssertDecl(sizeof(LeftAlone) == sizeof(int64) + sizeof(ItemPointerData) + sizeof(uint16),
				 "a hash key must have no padding");

static HTAB *left_alone = NULL; /* NULL: nothing was foreseen */

void
yd_forget_foresight(void)
{
	left_alone = NULL;			/* memory goes with TopTransactionContext */
}

static LeftAlone
key_of(YdRestoring *table, YdEntry *entry)
{
	LeftAlone	key;

	memset(&key, 0, sizeof(key));
	key.captured = table->binding->id;
	key.record = entry->image;
	return key;
}

bool
yd_is_left_alone(YdRestore *restore, YdRestoring *table, YdEntry *entry, char op,
				 HeapTuple current)
{
	LeftAlone	key = key_of(table, entry);
	bool		known;

	if (restore->foreseeing)
	{
		known = yd_xmin_is_known(restore, current);
		if (known && op == YD_OP_INSERT)
			(void) hash_search(left_alone, &key, HASH_ENTER, NULL);
		return known;
	}
	if (left_alone == NULL || restore->dry)
		known = yd_xmin_is_known(restore, current);
	else
		known = hash_search(left_alone, &key, HASH_FIND, NULL) != NULL;
	return known ||
		(op == YD_OP_INSERT && yd_compare(table, table->image, table->current, false));
}

/*
 * In open scope the deployment can have written over a row of somebody else's
 * between its own transactions: such a version is kept before it goes.
 */
static bool
hides_another(YdRestoring *table, YdEntry *entry)
{
	bool		should_free;
	HeapTuple	tuple;

	if (!yd_fetch(table->binding->rel, &entry->current, SnapshotAny, table->current))
		elog(ERROR, "a row of table \"%s\" vanished",
			 RelationGetRelationName(table->binding->rel));
	tuple = ExecFetchSlotHeapTuple(table->current, false, &should_free);
	return (tuple->t_data->t_infomask & HEAP_UPDATED) != 0;
}

/*
 * All records are classified. Of a row that the deployment left, and that
 * has the key of one that was there, the record of the latter decides.
 */
void
yd_settle_business(YdRestore *restore, YdRestoring *table)
{
	/* "image before inserted row" is how rows of two records are sorted */
	for (uint32 n = 0; table->binding->keyed && n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];
		int64		image;

		if (entry->action != YD_REMOVE)
			continue;
		image = yd_find_current(table, &entry->current);
		if (image < 0 || image == n)
			continue;
		if (!entry->changed)
			table->entries[image].changed = false;
		entry->action = YD_SETTLED;
	}
	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];

		if (entry->action == YD_SETTLED)
			ItemPointerSetInvalid(&entry->current);
		else if (entry->action != YD_REMOVE && entry->action != YD_UPDATE)
			continue;
		else if (!entry->changed)
			entry->changed = restore->open_scope && hides_another(table, entry);
		else
		{
			entry->changed = false;
			(void) yd_set_fate(restore, table, n,
							   entry->action == YD_REMOVE ? YD_HELD : YD_UNPLACEABLE,
							   entry->action == YD_REMOVE ? "written by somebody else since" :
							   "a row with its key was written since, and stays");
		}
	}
	yd_forget_current(table);
}

/*
 * _foresee_own_rows(deployment bigint, rollback bigint, ddl boolean): before the
 * inverse DDL.
 */
Datum
yd_foresee_own_rows(PG_FUNCTION_ARGS)
{
	YdRestore	restore = {0};
	MemoryContext outer = CurrentMemoryContext;
	HASHCTL		ctl = {0};

	yd_forget_foresight();
	yd_forget_versions();
	if (!PG_GETARG_BOOL(2))
		PG_RETURN_VOID();
	ctl.keysize = sizeof(LeftAlone);
	ctl.entrysize = sizeof(LeftAlone);
	ctl.hcxt = TopTransactionContext;
	left_alone = hash_create("yesterday rows left alone", 64, &ctl,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	restore.deployment = PG_GETARG_INT64(0);
	restore.rollback = PG_GETARG_INT64(1);
	restore.dry = true;
	restore.foreseeing = true;
	restore.context = AllocSetContextCreate(outer, "yesterday foresight", ALLOCSET_DEFAULT_SIZES);
	restore.row_context = AllocSetContextCreate(restore.context, "yesterday foresight, one row",
												ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(restore.context);
	yd_load_xids(&restore);
	yd_bind_tables(&restore);
	restore.snapshot = RegisterSnapshot(GetLatestSnapshot());
	yd_plan_tables(&restore);
	yd_note_versions(&restore);
	yd_clear_slots(&restore);
	UnregisterSnapshot(restore.snapshot);
	yd_unbind_tables(&restore);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(restore.context);
	PG_RETURN_VOID();
}
