/*
 * recording.c
 *		How a row becomes a record of its shadow table.
 */
#include "captured.h"

#include "access/detoast.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "alike.h"
#include "buffer.h"
#include "catalog/pg_type.h"
#include "digest.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "funcapi.h"
#include "recorded_keys.h"
#include "retyped.h"
#include "session.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

/* ----- values, one by one ----- */

/*
 * The value of one column as the shadow stores it. The row's own column can
 * have another type by now, when it was altered within an open deployment and
 * somebody wrote the row since; its text is then read as the stored type.
 */
static Datum
stored_value(YdShadowColumn *column, Form_pg_attribute att, Datum value)
{
	Oid			stored_now;
	char	   *text;

	if (column->native && att->atttypid != column->type &&
		yd_stored_natively(att->atttypid, &stored_now) && stored_now == column->stored_type)
		column->type = att->atttypid;
	if (column->native && att->atttypid == column->type)
	{
		if (att->attlen == -1 && VARATT_IS_EXTERNAL(DatumGetPointer(value)))
			return PointerGetDatum(detoast_external_attr((struct varlena *) DatumGetPointer(value)));
		return value;
	}

	if (!column->native && column->type == att->atttypid)
		text = yd_spell(&column->spelling, &column->output, value);
	else if (!column->native && !OidIsValid(column->type))
	{
		column->type = att->atttypid;
		yd_find_output(column);
		text = yd_spell(&column->spelling, &column->output, value);
	}
	else
	{
		Oid			output;
		bool		varlena;

		getTypeOutputInfo(att->atttypid, &output, &varlena);
		text = OidOutputFunctionCall(output, value);
	}
	return column->native ? yd_value_of_before(column, att, text) : CStringGetTextDatum(text);
}

static void
form_value(YdCapturedTable *table, int i, TupleTableSlot *row, Datum *to, bool *to_null)
{
	YdShadowColumn *column = &table->columns[i];
	TupleDesc	desc = row->tts_tupleDescriptor;
	bool		isnull;
	Datum		value;

	*to_null = true;
	*to = (Datum) 0;
	if (column->attnum > desc->natts || TupleDescAttr(desc, column->attnum - 1)->attisdropped)
		return;
	value = slot_getattr(row, column->attnum, &isnull);
	if (isnull)
		return;
	*to = stored_value(column, TupleDescAttr(desc, column->attnum - 1), value);
	*to_null = false;
}

/* The key alone; every other column is NULL. */
static void
form_key(YdCapturedTable *table, TupleTableSlot *row, Datum *values, bool *nulls)
{
	for (int k = 0; k < table->nkeys; k++)
	{
		int			to = table->columns[table->keys[k]].shadow - 1;

		form_value(table, table->keys[k], row, &values[to], &nulls[to]);
	}
}

static void
form_row(YdCapturedTable *table, TupleTableSlot *row, Datum *values, bool *nulls)
{
	Datum	   *texts = NULL;
	bool	   *no_texts = NULL;
	int			dims[1] = {table->ncolumns};
	int			bounds[1] = {1};

	if (table->wide > 0)
	{
		texts = palloc0(sizeof(Datum) * table->ncolumns);
		no_texts = palloc(sizeof(bool) * table->ncolumns);
		memset(no_texts, true, sizeof(bool) * table->ncolumns);
	}
	slot_getallattrs(row);
	for (int i = 0; i < table->ncolumns; i++)
	{
		int			to = table->columns[i].shadow - 1;

		form_value(table, i, row, to >= 0 ? &values[to] : &texts[i], to >= 0 ? &nulls[to] : &no_texts[i]);
	}
	if (table->wide == 0)
		return;
	nulls[table->wide - 1] = false;
	values[table->wide - 1] = PointerGetDatum(construct_md_array(texts, no_texts, 1, dims, bounds, TEXTOID,
																 -1, false, TYPALIGN_INT));
}

static void
form_values(YdCapturedTable *table, TupleTableSlot *row, bool key_only,
			Datum *values, bool *nulls)
{
	YdTextSettings settings;
	void		(*form) (YdCapturedTable *, TupleTableSlot *, Datum *, bool *) = key_only ? form_key : form_row;

	if (!table->has_text)
	{
		form(table, row, values, nulls);
		return;
	}
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		form(table, row, values, nulls);
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
}

/* The shadow's columns as far as the last of the key: what follows is NULL in an inserted key. */
static TupleDesc
key_desc(YdCapturedTable *table)
{
	int			natts = YD_SHADOW_FIRST - 1;
	MemoryContext old;

	if (table->key_desc != NULL)
		return table->key_desc;
	for (int k = 0; k < table->nkeys; k++)
		natts = Max(natts, table->columns[table->keys[k]].shadow);
	old = MemoryContextSwitchTo(TopTransactionContext);
	table->key_desc = CreateTemplateTupleDesc(natts);
	for (int i = 1; i <= natts; i++)
		TupleDescCopyEntry(table->key_desc, i, table->shadow_desc, i);
	MemoryContextSwitchTo(old);
	return table->key_desc;
}

/* ----- the row's own bytes ----- */

/* Bytes of op, place, xid and, where it is known, prior: a multiple of the widest alignment. */
#define FRONT_BYTES(prior_known)	((prior_known) ? 24 : 16)

/*
 * Do the columns of the row lie in memory as those of the shadow do? Then what
 * follows the row's header can follow ours, byte for byte.
 */
static bool
lies_alike(YdCapturedTable *table, TupleDesc desc)
{
	if (table->layout != YD_LAYOUT_UNKNOWN)
		return table->layout == YD_LAYOUT_ALIKE && table->ncolumns == desc->natts;
	table->layout = YD_LAYOUT_DIFFERENT;
	if (table->ncolumns != desc->natts || table->wide > 0)
		return false;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute own = TupleDescAttr(desc, i);
		Form_pg_attribute stored = TupleDescAttr(table->shadow_desc, YD_SHADOW_FIRST - 1 + i);
		Oid			stored_type;

		if (!yd_attribute_is_alike(own, stored) || table->columns[i].attnum != i + 1 ||
			!table->columns[i].native ||
			!yd_stored_natively(own->atttypid, &stored_type) || stored_type != stored->atttypid)
			return false;
	}
	table->layout = YD_LAYOUT_ALIKE;
	return true;
}

/* The tuple in the slot, where it has one whose bytes can be taken as they are. */
static HeapTuple
plain_tuple(YdCapturedTable *table, TupleTableSlot *row, HeapTuple tuple)
{
	if (tuple == NULL || HeapTupleHasExternal(tuple) ||
		HeapTupleHeaderGetNatts(tuple->t_data) != row->tts_tupleDescriptor->natts ||
		!lies_alike(table, row->tts_tupleDescriptor))
		return NULL;
	return tuple;
}

/* A record is complete. */
static void
count_record(YdCapturedTable *table, char op, HeapTupleHeader record, Size length)
{
	YdBuffer   *buffer = yd_buffer(table);

	if (op == YD_OP_INSERT)
		buffer->inserted++;
	else
		buffer->prior++;
	if (length > TOAST_TUPLE_THRESHOLD)
		buffer->has_large = true;
	else
		buffer->seal += yd_seal_of_record(record, length);
	table->settled = false;
}

/* Which columns are not null: four bits of ours, behind them those of the row. from == NULL: it has no null. */
static void
put_bits(bits8 *to, bits8 ours, const bits8 *from, int ncolumns)
{
	int			n = BITMAPLEN(ncolumns);
	bits8		rest = ours;

	for (int i = 0; i < n; i++)
	{
		bits8		bits = from == NULL ? 0xFF : from[i];

		if (i == n - 1 && ncolumns % 8 != 0)
			bits &= (1 << (ncolumns % 8)) - 1;
		to[i] = rest | (bits << 4);
		rest = bits >> 4;
	}
	if (BITMAPLEN(ncolumns + 4) > n)
		to[n] = rest;
}

static void
add_bytes(YdCapturedTable *table, char op, HeapTuple row, ItemPointer place,
		  const FullTransactionId *prior)
{
	HeapTupleHeader from = row->t_data;
	int			natts = table->shadow_desc->natts;
	bool		row_has_nulls = (from->t_infomask & HEAP_HASNULL) != 0;
	bool		has_nulls = prior == NULL || row_has_nulls;
	Size		header = MAXALIGN(SizeofHeapTupleHeader + (has_nulls ? BITMAPLEN(natts) : 0));
	Size		data = row->t_len - from->t_hoff;
	HeapTupleHeader to;
	char	   *front;
	FullTransactionId xid = GetTopFullTransactionId();

	to = yd_buffer_add(table, yd_buffer(table), header + FRONT_BYTES(prior != NULL) + data);
	memset(to, 0, header + 8);
	to->t_hoff = header;
	to->t_infomask = (from->t_infomask & HEAP_HASVARWIDTH) | (has_nulls ? HEAP_HASNULL : 0);
	HeapTupleHeaderSetNatts(to, natts);
	/* op, place and xid are there always */
	if (has_nulls)
		put_bits(to->t_bits, 7 | (prior != NULL ? 8 : 0), row_has_nulls ? from->t_bits : NULL, table->ncolumns);
	front = (char *) to + header;
	front[0] = op;
	memcpy(front + 2, place, sizeof(*place));
	memcpy(front + 8, &xid, sizeof(xid));
	if (prior != NULL)
		memcpy(front + 16, prior, sizeof(*prior));
	memcpy(front + FRONT_BYTES(prior != NULL), (char *) from + from->t_hoff, data);
	count_record(table, op, to, header + FRONT_BYTES(prior != NULL) + data);
}

/* ----- records ----- */

/*
 * The transaction that wrote this row version: when the rollback of this
 * deployment puts the version back, an earlier deployment recognises it as its
 * own. A frozen version says so only while transaction ids have never come
 * round.
 */
static bool
prior_writer(HeapTuple tuple, FullTransactionId *writer)
{
	TransactionId xmin;
	FullTransactionId top = GetTopFullTransactionId();

	if (tuple == NULL)
		return false;
	xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);
	if (!TransactionIdIsNormal(xmin) ||
		(HeapTupleHeaderXminFrozen(tuple->t_data) && EpochFromFullTransactionId(top) > 0))
		return false;
	*writer = FullTransactionIdFromU64(U64FromFullTransactionId(top) +
									   (int64) (int32) (xmin - XidFromFullTransactionId(top)));
	return true;
}

uint64
yd_key_hash(YdCapturedTable *table, TupleTableSlot *row)
{
	int			natts = table->shadow_desc->natts;
	Datum	   *values = palloc(sizeof(Datum) * natts);
	bool	   *nulls = palloc(sizeof(bool) * natts);
	YdKeyHash	key;

	form_values(table, row, true, values, nulls);
	(void) yd_hash_key(table, NULL, values, nulls, &key);
	return key.hash;
}

uint64
yd_record_key_hash(YdCapturedTable *table, TupleTableSlot *record)
{
	YdKeyHash	key;

	slot_getallattrs(record);
	(void) yd_hash_key(table, NULL, record->tts_values, record->tts_isnull, &key);
	return key.hash;
}

/* false: it is an inserted key that has a record already, and needs no other. */
static bool
note_key(YdCapturedTable *table, char op, TupleTableSlot *row, const Datum *values, const bool *nulls)
{
	YdKeyHash	key;
	bool		complete;

	if (table->key_kind == 'r' || !yd_in_transaction_scope())
		return true;
	/* where a subtransaction that is undone begins among the keys, its buffer knows */
	(void) yd_buffer(table);
	complete = yd_hash_key(table, row, values, nulls, &key);
	if (op == YD_OP_INSERT && complete && !table->business && yd_key_is_recorded(table, key))
		return false;
	yd_note_key(table, op == YD_OP_INSERT, key);
	return true;
}

/* The attribute of the row, if it has another type by now than the shadow stores; NULL: it has not, or is gone. */
static Form_pg_attribute
retyped_attribute(YdShadowColumn *column, TupleTableSlot *row)
{
	TupleDesc	desc = row->tts_tupleDescriptor;
	Form_pg_attribute att;

	if (!column->native || column->attnum > desc->natts)
		return NULL;
	att = TupleDescAttr(desc, column->attnum - 1);
	return att->attisdropped || att->atttypid == column->type ? NULL : att;
}

/*
 * Could a row have had this key before the deployment gave its columns other types? One that could not is the key of no row of before:
 * it needs no record. Its row goes with the type, for the rollback makes the table of what was there, and of what others wrote.
 */
static bool
key_fits(YdCapturedTable *table, TupleTableSlot *row)
{
	for (int k = 0; k < table->nkeys; k++)
	{
		YdShadowColumn *column = &table->columns[table->keys[k]];
		Form_pg_attribute att = retyped_attribute(column, row);
		bool		isnull;
		Datum		value;

		if (att == NULL)
			continue;
		value = slot_getattr(row, column->attnum, &isnull);
		if (!isnull && !yd_fits_before(column, att, value))
			return false;
	}
	return true;
}

static void
add_values(YdCapturedTable *table, char op, TupleTableSlot *row, bool key_only,
		   ItemPointer place, const FullTransactionId *prior)
{
	static MemoryContext scratch = NULL;
	TupleDesc	desc = key_only ? key_desc(table) : table->shadow_desc;
	Datum	   *values;
	bool	   *nulls;
	HeapTuple	tuple;
	HeapTupleHeader record;
	MemoryContext old;

	if (scratch == NULL)
		scratch = AllocSetContextCreate(TopMemoryContext, "yesterday record",
										ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(scratch);
	old = MemoryContextSwitchTo(scratch);
	values = palloc(sizeof(Datum) * desc->natts);
	nulls = palloc(sizeof(bool) * desc->natts);
	memset(nulls, true, sizeof(bool) * desc->natts);

	values[YD_SHADOW_OP - 1] = CharGetDatum(op);
	nulls[YD_SHADOW_OP - 1] = false;
	values[YD_SHADOW_PLACE - 1] = PointerGetDatum(place);
	nulls[YD_SHADOW_PLACE - 1] = false;
	values[YD_SHADOW_XID - 1] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	nulls[YD_SHADOW_XID - 1] = false;
	nulls[YD_SHADOW_PRIOR - 1] = prior == NULL;
	values[YD_SHADOW_PRIOR - 1] = prior == NULL ? (Datum) 0 : FullTransactionIdGetDatum(*prior);
	form_values(table, row, key_only, values, nulls);

	/* an output function can have started and ended subtransactions: look for the buffer now */
	if (note_key(table, op, row, values, nulls))
	{
		tuple = heap_form_tuple(desc, values, nulls);
		record = yd_buffer_add(table, yd_buffer(table), tuple->t_len);
		memcpy(record, tuple->t_data, tuple->t_len);
		count_record(table, op, record, tuple->t_len);
	}
	MemoryContextSwitchTo(old);
}

void
yd_add_record(YdCapturedTable *table, char op, TupleTableSlot *row, bool key_only,
			  TupleTableSlot *now)
{
	HeapTuple	tuple = NULL;
	FullTransactionId writer;
	FullTransactionId *prior = NULL;
	ItemPointerData place;
	bool		should_free;

	if (now != NULL)
		place = now->tts_tid;
	else
		ItemPointerSetInvalid(&place);
	if (TTS_IS_BUFFERTUPLE(row) || TTS_IS_HEAPTUPLE(row))
		tuple = ExecFetchSlotHeapTuple(row, false, &should_free);
	if (op != YD_OP_INSERT && prior_writer(tuple, &writer))
		prior = &writer;
	tuple = key_only ? NULL : plain_tuple(table, row, tuple);
	if (tuple != NULL)
	{
		(void) note_key(table, op, row, NULL, NULL);
		add_bytes(table, op, tuple, &place, prior);
	}
	else if (op != YD_OP_INSERT || !key_only || key_fits(table, row))
		add_values(table, op, row, key_only, &place, prior);
}

PG_FUNCTION_INFO_V1(yd_record_counts);

/*
 * _record_counts(captured bigint, respelled boolean, OUT prior, OUT inserted, OUT repeated): what
 * this transaction recorded, or NULL when the shadow holds records of others.
 */
Datum
yd_record_counts(PG_FUNCTION_ARGS)
{
	YdCapturedTable *table = yd_find_captured_id(PG_GETARG_INT64(0));
	TupleDesc	desc;
	int64		prior = 0,
				inserted = 0;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (table == NULL || !yd_in_transaction_scope())
		PG_RETURN_NULL();
	for (YdBuffer *buffer = table->buffer; buffer != NULL; buffer = buffer->below)
	{
		prior += buffer->prior;
		inserted += buffer->inserted;
	}
	values[0] = Int64GetDatum(prior);
	values[1] = Int64GetDatum(inserted);
	table->settled = !yd_keys_repeated(table) && !table->business && !PG_GETARG_BOOL(1);
	values[2] = BoolGetDatum(!table->settled);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

