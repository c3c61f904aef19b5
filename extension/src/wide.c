/*
 * wide.c
 *		Records of tables whose rows may leave no room for ours beside them.
 *
 * A row can fill its page, and a table have 1,600 columns; a record has three
 * columns more, and text where the row has an enum of four bytes. Of a table
 * whose records might not fit, the shadow has columns for the key alone, and one
 * more, an array, which can be stored out of line, with the texts of the others.
 */
#include "wide.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* What the toaster cannot make smaller: a pointer to a value out of line, or a value as short. */
#define INLINE_BYTES	24

struct YdWide
{
	AttrNumber	attnum;
	MemoryContext context;
	ItemPointerData tid;		/* of the record that is taken apart; invalid: none */
	int			n;
	Datum	   *texts;
	bool	   *nulls;
};

/* The most bytes that records of these columns can need on a page. */
static Size
most_bytes(const YdCapturedTable *table)
{
	Size		bytes = MAXALIGN(SizeofHeapTupleHeader +
								 BITMAPLEN(YD_SHADOW_FIRST - 1 + table->ncolumns)) + 24;

	for (int i = 0; i < table->ncolumns; i++)
	{
		int16		length;
		bool		by_value;
		char		align;

		get_typlenbyvalalign(table->columns[i].stored_type, &length, &by_value, &align);
		bytes = length > 0 ? att_align_nominal(bytes, align) + length : bytes + INLINE_BYTES;
	}
	return bytes;
}

void
yd_lay_out(YdCapturedTable *table)
{
	AttrNumber	next = YD_SHADOW_FIRST;

	table->wide = 0;
	for (int i = 0; i < table->ncolumns; i++)
		table->columns[i].shadow = next++;
	if (next - 1 <= MaxHeapAttributeNumber && most_bytes(table) <= MaxHeapTupleSize)
		return;

	next = YD_SHADOW_FIRST;
	for (int i = 0; i < table->ncolumns; i++)
	{
		YdShadowColumn *column = &table->columns[i];
		bool		is_key = false;

		for (int k = 0; k < table->nkeys; k++)
			is_key |= table->keys[k] == i;
		if (is_key)
		{
			column->shadow = next++;
			continue;
		}
		column->shadow = 0;
		if (column->native)
			yd_find_output(column);
		column->native = false;
		column->stored_type = TEXTOID;
	}
	table->has_text = true;
	table->wide = next;
}

YdWide *
yd_wide_begin(Relation shadow)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(shadow), YD_WIDE_COLUMN);
	YdWide	   *wide;

	if (attnum <= 0)
		return NULL;
	wide = palloc0(sizeof(YdWide));
	wide->attnum = attnum;
	wide->context = AllocSetContextCreate(CurrentMemoryContext, "yesterday wide record",
										  ALLOCSET_DEFAULT_SIZES);
	ItemPointerSetInvalid(&wide->tid);
	return wide;
}

static void
take_apart(YdWide *wide, TupleTableSlot *record)
{
	bool		isnull;
	Datum		array = slot_getattr(record, wide->attnum, &isnull);
	MemoryContext old;

	if (ItemPointerIsValid(&wide->tid) && ItemPointerEquals(&wide->tid, &record->tts_tid))
		return;
	MemoryContextReset(wide->context);
	ItemPointerSetInvalid(&wide->tid);
	old = MemoryContextSwitchTo(wide->context);
	wide->n = 0;
	if (!isnull)
		deconstruct_array(DatumGetArrayTypePCopy(array), TEXTOID, -1, false, TYPALIGN_INT,
						  &wide->texts, &wide->nulls, &wide->n);
	MemoryContextSwitchTo(old);
	wide->tid = record->tts_tid;
}

char *
yd_wide_text(YdWide *wide, TupleTableSlot *record, int place)
{
	take_apart(wide, record);
	return place >= wide->n || wide->nulls[place] ? NULL : TextDatumGetCString(wide->texts[place]);
}

TupleTableSlot *
yd_wide_slot(const YdCapturedTable *table)
{
	TupleDesc	desc = CreateTemplateTupleDesc(YD_SHADOW_FIRST - 1 + table->ncolumns);

	TupleDescInitEntry(desc, YD_SHADOW_OP, NULL, CHAROID, -1, 0);
	TupleDescInitEntry(desc, YD_SHADOW_PLACE, NULL, TIDOID, -1, 0);
	TupleDescInitEntry(desc, YD_SHADOW_XID, NULL, XID8OID, -1, 0);
	TupleDescInitEntry(desc, YD_SHADOW_PRIOR, NULL, XID8OID, -1, 0);
	for (int i = 0; i < table->ncolumns; i++)
		TupleDescInitEntry(desc, YD_SHADOW_FIRST + i, NULL, table->columns[i].stored_type, -1, 0);
	return MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
}

void
yd_wide_unpack(const YdCapturedTable *table, YdWide *wide, TupleTableSlot *record,
			   TupleTableSlot *unpacked)
{
	ExecClearTuple(unpacked);
	slot_getallattrs(record);
	take_apart(wide, record);
	for (int i = 0; i < YD_SHADOW_FIRST - 1 + table->ncolumns; i++)
	{
		int			column = i - (YD_SHADOW_FIRST - 1);
		AttrNumber	from = column < 0 ? i + 1 : table->columns[column].shadow;

		if (from > 0)
		{
			unpacked->tts_values[i] = record->tts_values[from - 1];
			unpacked->tts_isnull[i] = record->tts_isnull[from - 1];
		}
		else
		{
			unpacked->tts_isnull[i] = column >= wide->n || wide->nulls[column];
			unpacked->tts_values[i] = unpacked->tts_isnull[i] ? (Datum) 0 : wide->texts[column];
		}
	}
	ExecStoreVirtualTuple(unpacked);
}
