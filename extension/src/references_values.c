/*
 * references_values.c
 *		Which values a restore takes away, brings back or leaves at either end of a
 *		foreign key.
 */
#include "references.h"

#include "access/table.h"
#include "access/tableam.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

YdOrigin
yd_origin_of_newcomer(YdNewcomer *newcomer)
{
	YdOrigin	origin = {0};

	origin.table = -1;
	origin.relid = newcomer->key.relid;
	origin.tid = newcomer->key.tid;
	return origin;
}

/* Column of the binding that holds an attribute; NULL: newer than the image. */
static YdBoundColumn *
bound_column(YdRestoring *table, AttrNumber attnum)
{
	for (int c = 0; c < table->binding->ncolumns; c++)
		if (table->binding->columns[c].attnum == attnum)
			return &table->binding->columns[c];
	return NULL;
}

/* Values of one end of a reference in a row; false: one of them is NULL. */
static bool
row_values(YdReference *reference, const AttrNumber *columns, TupleTableSlot *row, Datum *values)
{
	for (int i = 0; i < reference->n; i++)
	{
		bool		isnull;

		values[i] = slot_getattr(row, columns[i], &isnull);
		if (isnull)
			return false;
	}
	return true;
}

/* Does restoring this entry change the columns? Compares table->image and ->current. */
bool
yd_columns_change(YdReference *reference, YdRestoring *table, const AttrNumber *columns)
{
	for (int i = 0; i < reference->n; i++)
	{
		YdBoundColumn *column = bound_column(table, columns[i]);

		if (column != NULL && !yd_same_value(column, table->image, table->current, false))
			return true;
	}
	return false;
}

void
yd_leaf_columns(YdReference *reference, bool child, Oid relid, AttrNumber *columns)
{
	for (int i = 0; i < reference->n; i++)
		columns[i] = yd_reference_column(reference, child, i, relid);
}

/* Is the relation the reference's end, or a partition of it? */
static bool
belongs_to(YdReference *reference, bool child, Oid relid)
{
	Oid			root = child ? reference->child : reference->parent;

	return relid == root ||
		(get_rel_relispartition(relid) && list_member_oid(yd_ancestors(relid), root));
}

static void
collect_from_table(YdRestore *restore, YdReference *reference, YdRestoring *table,
				   YdValues *values)
{
	AttrNumber	columns[INDEX_MAX_KEYS];
	Datum		datums[INDEX_MAX_KEYS];
	YdUserSwitch save;
	MemoryContext old;

	yd_leaf_columns(reference, false, table->relid, columns);
	yd_switch_to_owner(table->binding->owner, &save);
	old = MemoryContextSwitchTo(restore->row_context);
	for (uint32 d = 0; d < table->ndoomed; d++)
	{
		uint32		n = table->doomed[d];
		YdOrigin	origin = yd_origin(table, n);

		if (table->entries[n].fate != YD_GO)
			continue;
		MemoryContextReset(restore->row_context);
		(void) yd_fetch_current(table, n);
		if (!row_values(reference, columns, table->current, datums))
			continue;
		if (table->entries[n].action == YD_UPDATE)
		{
			yd_fetch_image(table, n);
			if (!yd_columns_change(reference, table, columns))
				continue;
		}
		yd_values_add(values, &origin, datums);
	}
	MemoryContextSwitchTo(old);
	yd_switch_back(&save);
}

static void
collect_from_newcomers(YdRestore *restore, YdReference *reference, bool child, bool pinned,
					   YdValues *values)
{
	HASH_SEQ_STATUS status;
	YdNewcomer *newcomer;

	if (restore->newcomers == NULL)
		return;
	hash_seq_init(&status, restore->newcomers);
	while ((newcomer = hash_seq_search(&status)) != NULL)
	{
		AttrNumber	columns[INDEX_MAX_KEYS];
		Datum		datums[INDEX_MAX_KEYS];
		YdOrigin	origin = yd_origin_of_newcomer(newcomer);
		Relation	rel;
		TupleTableSlot *slot;

		if (pinned ? !newcomer->pinned :
			!(restore->dry ? yd_goes(restore, newcomer) : newcomer->gone))
			continue;
		if (!belongs_to(reference, child, newcomer->key.relid))
			continue;
		yd_leaf_columns(reference, child, newcomer->key.relid, columns);
		rel = table_open(newcomer->key.relid, AccessShareLock);
		slot = table_slot_create(rel, NULL);
		if (yd_fetch(rel, &newcomer->key.tid, SnapshotAny, slot) &&
			row_values(reference, columns, slot, datums))
			yd_values_add(values, &origin, datums);
		ExecDropSingleTupleTableSlot(slot);
		table_close(rel, NoLock);
	}
}

/* Values that rows of the referenced tables give up: entries that go or change, and newcomers. */
YdValues *
yd_collect_leaving(YdRestore *restore, YdReference *reference)
{
	YdValues   *values = yd_values_begin(reference, false);

	for (int p = 0; p < reference->nparents; p++)
		collect_from_table(restore, reference, &restore->tables[reference->parents[p]], values);
	collect_from_newcomers(restore, reference, false, false, values);
	return values;
}

/* Values of one end of a reference in an image; false: one of them is NULL, or newer than it. */
static bool
image_values(YdReference *reference, const AttrNumber *columns, YdRestoring *table, Datum *values)
{
	for (int i = 0; i < reference->n; i++)
	{
		YdBoundColumn *column = bound_column(table, columns[i]);

		/* before the inverse DDL its type may not know the value yet */
		if (column == NULL || (table->dry && !yd_can_be_now(column, table->image)) ||
			yd_image_value(column, table->image, &values[i]))
			return false;
	}
	return true;
}

/* Does the image of this entry bring a value to a referenced table? */
static bool
brings(YdReference *reference, YdRestoring *table, uint32 n, const AttrNumber *columns)
{
	YdEntry    *entry = &table->entries[n];

	if (entry->action != YD_INSERT && !(entry->action == YD_UPDATE && entry->moves))
		return false;
	yd_fetch_image(table, n);
	return true;
}

/* Does the image of this entry refer to something, and not as the row does now? */
static bool
refers_anew(YdReference *reference, YdRestoring *table, uint32 n, const AttrNumber *columns)
{
	YdEntry    *entry = &table->entries[n];

	if (entry->action != YD_INSERT && entry->action != YD_UPDATE)
		return false;
	yd_fetch_image(table, n);
	if (entry->action == YD_INSERT)
		return true;
	(void) yd_fetch_current(table, n);
	return yd_columns_change(reference, table, columns);
}

/* Values in the images of one table that go into place; "wanted" fetches the image, too. */
static void
collect_from_images(YdRestore *restore, YdReference *reference, bool child, YdRestoring *table,
					bool (*wanted) (YdReference *, YdRestoring *, uint32, const AttrNumber *),
					YdValues *values)
{
	AttrNumber	columns[INDEX_MAX_KEYS];
	Datum		datums[INDEX_MAX_KEYS];
	YdUserSwitch save;
	MemoryContext old;

	yd_leaf_columns(reference, child, table->relid, columns);
	yd_switch_to_owner(table->binding->owner, &save);
	old = MemoryContextSwitchTo(restore->row_context);
	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdOrigin	origin = yd_origin(table, n);

		if (table->entries[n].fate != YD_GO)
			continue;
		MemoryContextReset(restore->row_context);
		if (wanted(reference, table, n, columns) &&
			image_values(reference, columns, table, datums))
			yd_values_add(values, &origin, datums);
	}
	MemoryContextSwitchTo(old);
	yd_switch_back(&save);
}

/* Values that images bring to the referenced tables; for the preview. */
YdValues *
yd_collect_restored(YdRestore *restore, YdReference *reference)
{
	YdValues   *values = yd_values_begin(reference, false);

	for (int p = 0; p < reference->nparents; p++)
		collect_from_images(restore, reference, false,
							&restore->tables[reference->parents[p]], brings, values);
	return values;
}

/* Values by which restored rows refer to others, if they are news. */
YdValues *
yd_collect_outgoing(YdRestore *restore, YdReference *reference)
{
	YdValues   *values = yd_values_begin(reference, true);

	for (int c = 0; c < reference->nchildren; c++)
		collect_from_images(restore, reference, true,
							&restore->tables[reference->children[c]], refers_anew, values);
	return values;
}

YdValues *
yd_collect_staying(YdRestore *restore, YdReference *reference)
{
	YdValues   *values = yd_values_begin(reference, true);

	for (int c = 0; c < reference->nchildren; c++)
	{
		YdRestoring *table = &restore->tables[reference->children[c]];
		AttrNumber	columns[INDEX_MAX_KEYS];

		if (table->reasons == NULL)
			continue;
		yd_leaf_columns(reference, true, table->relid, columns);
		for (uint32 n = 0; n < table->nentries; n++)
		{
			YdOrigin	origin = yd_origin(table, n);
			Datum		datums[INDEX_MAX_KEYS];

			if (table->entries[n].fate != YD_GO && yd_fetch_current(table, n) &&
				row_values(reference, columns, table->current, datums))
				yd_values_add(values, &origin, datums);
		}
	}
	collect_from_newcomers(restore, reference, true, true, values);
	return values;
}
