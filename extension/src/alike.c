/*
 * alike.c
 *		Rows that can be taken out of their records, and compared with them, byte for byte.
 *
 * A record is the row behind a few columns of ours, whose width is a multiple of the widest
 * alignment: as long as the table has the columns that it had, the bytes of the row are
 * those at the end of the record. A row of many columns need not be taken apart then.
 */
#include "alike.h"

#include "access/htup_details.h"
#include "shadow.h"
#include "utils/rel.h"

/* What comes before the row's own columns */
#define FRONT_COLUMNS	(YD_SHADOW_FIRST - 1)

bool
yd_attribute_is_alike(Form_pg_attribute own, Form_pg_attribute stored)
{
	return !own->attisdropped && own->attlen == stored->attlen &&
		own->attbyval == stored->attbyval && own->attalign == stored->attalign;
}

bool
yd_table_is_alike(YdBinding *binding)
{
	TupleDesc	own = RelationGetDescr(binding->rel);
	TupleDesc	stored = RelationGetDescr(binding->shadow);

	if (binding->wide != NULL || binding->nlost > 0 || !bms_is_empty(binding->newer) ||
		own->natts != binding->ncolumns || stored->natts != FRONT_COLUMNS + own->natts)
		return false;
	for (int i = 0; i < own->natts; i++)
	{
		YdBoundColumn *column = &binding->columns[i];

		if (!column->native || column->computed || column->attnum != i + 1 ||
			column->shadow != YD_SHADOW_FIRST + i ||
			!yd_attribute_is_alike(TupleDescAttr(own, i), TupleDescAttr(stored, i + FRONT_COLUMNS)))
			return false;
	}
	return true;
}

/* The bytes of the row in a record, and whether a column of it is NULL */
typedef struct RowBytes
{
	HeapTupleHeader record;
	char	   *data;
	Size		length;
	bool		has_nulls;
} RowBytes;

static bool
is_null(HeapTupleHeader record, int column)
{
	return (record->t_infomask & HEAP_HASNULL) != 0 && att_isnull(column, record->t_bits);
}

static bool
find_bytes(YdBinding *binding, TupleTableSlot *image, RowBytes *bytes)
{
	bool		should_free;
	HeapTuple	tuple = ExecFetchSlotHeapTuple(image, false, &should_free);
	HeapTupleHeader record = tuple->t_data;
	/* op and place share a word with padding, then come xid and, where it is known, prior */
	Size		front = is_null(record, YD_SHADOW_PRIOR - 1) ? 16 : 24;

	if (HeapTupleHasExternal(tuple) ||
		HeapTupleHeaderGetNatts(record) != FRONT_COLUMNS + binding->ncolumns)
		return false;
	bytes->record = record;
	bytes->data = (char *) record + record->t_hoff + front;
	bytes->length = tuple->t_len - record->t_hoff - front;
	bytes->has_nulls = false;
	for (int i = 0; i < binding->ncolumns && !bytes->has_nulls; i++)
		bytes->has_nulls = is_null(record, FRONT_COLUMNS + i);
	return true;
}

bool
yd_same_bytes(YdBinding *binding, TupleTableSlot *image, TupleTableSlot *row)
{
	RowBytes	bytes;
	bool		should_free;
	HeapTuple	tuple;

	if (!find_bytes(binding, image, &bytes))
		return false;
	tuple = ExecFetchSlotHeapTuple(row, false, &should_free);
	if (HeapTupleHasExternal(tuple) ||
		HeapTupleHeaderGetNatts(tuple->t_data) != binding->ncolumns ||
		bytes.length != tuple->t_len - tuple->t_data->t_hoff)
		return false;
	if (bytes.has_nulls || HeapTupleHasNulls(tuple))
		for (int i = 0; i < binding->ncolumns; i++)
			if (is_null(bytes.record, FRONT_COLUMNS + i) != is_null(tuple->t_data, i))
				return false;
	return memcmp(bytes.data, (char *) tuple->t_data + tuple->t_data->t_hoff, bytes.length) == 0;
}

bool
yd_row_of_bytes(YdBinding *binding, TupleTableSlot *image, HeapTuple row)
{
	RowBytes	bytes;
	int			natts = binding->ncolumns;
	Size		header;

	if (!find_bytes(binding, image, &bytes))
		return false;
	header = MAXALIGN(SizeofHeapTupleHeader + (bytes.has_nulls ? BITMAPLEN(natts) : 0));
	row->t_len = header + bytes.length;
	row->t_tableOid = RelationGetRelid(binding->rel);
	ItemPointerSetInvalid(&row->t_self);
	row->t_data = palloc(row->t_len);
	memset(row->t_data, 0, header);
	row->t_data->t_hoff = header;
	row->t_data->t_infomask = (bytes.record->t_infomask & HEAP_HASVARWIDTH) |
		(bytes.has_nulls ? HEAP_HASNULL : 0);
	HeapTupleHeaderSetNatts(row->t_data, natts);
	ItemPointerSetInvalid(&row->t_data->t_ctid);
	if (bytes.has_nulls)
		for (int i = 0; i < natts; i++)
			if (!is_null(bytes.record, FRONT_COLUMNS + i))
				row->t_data->t_bits[i >> 3] |= 1 << (i & 7);
	memcpy((char *) row->t_data + header, bytes.data, bytes.length);
	return true;
}
