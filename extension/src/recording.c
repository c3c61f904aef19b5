/*
 * recording.c
 *		How a row becomes a record of its shadow table.
 */
#include "captured.h"

#include "access/detoast.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "buffer.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "digest.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "funcapi.h"
#include "input.h"
#include "recorded_keys.h"
#include "session.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

/* ----- values, one by one ----- */

/* A value of a type that the column did not have before the deployment, as one of the type it had. */
static Datum
value_of_before(YdShadowColumn *column, Form_pg_attribute att, char *text)
{
	Oid			function;
	Oid			ioparam;
	FmgrInfo	input;
	Datum		value;
	char	   *why;

	getTypeInputInfo(column->stored_type, &function, &ioparam);
	fmgr_info(function, &input);
	if (!yd_input(&input, text, ioparam, -1, &value, &why))
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("a row cannot be told apart by column \"%s\" any more: its values do not fit the type of before",
						NameStr(column->name)),
				 errdetail("It was %s before the deployment and is %s now: %s.",
						   format_type_be(column->stored_type), format_type_be(att->atttypid), why),
				 errhint("Rows are told apart by their key, and without one by all of their values. Give the table a primary key whose columns keep their types, in a deployment before this one.")));
	return value;
}

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
	return column->native ? value_of_before(column, att, text) : CStringGetTextDatum(text);
}

static bool
is_key(YdCapturedTable *table, int column)
{
	for (int k = 0; k < table->nkeys; k++)
		if (table->keys[k] == column)
			return true;
	return false;
}

static void
form_values(YdCapturedTable *table, TupleTableSlot *row, bool key_only,
			Datum *values, bool *nulls)
{
	TupleDesc	desc = row->tts_tupleDescriptor;
	Datum	   *texts = NULL;
	bool	   *no_texts = NULL;

	if (table->wide > 0)
	{
		texts = palloc0(sizeof(Datum) * table->ncolumns);
		no_texts = palloc(sizeof(bool) * table->ncolumns);
		memset(no_texts, true, sizeof(bool) * table->ncolumns);
	}
	for (int i = 0; i < table->ncolumns; i++)
	{
		YdShadowColumn *column = &table->columns[i];
		Datum	   *to = column->shadow > 0 ? &values[column->shadow - 1] : &texts[i];
		bool	   *to_null = column->shadow > 0 ? &nulls[column->shadow - 1] : &no_texts[i];
		int			from = column->attnum - 1;

		*to_null = true;
		*to = (Datum) 0;
		if (from >= desc->natts || row->tts_isnull[from] ||
			TupleDescAttr(desc, from)->attisdropped ||
			(key_only && !is_key(table, i)))
			continue;
		*to = stored_value(column, TupleDescAttr(desc, from), row->tts_values[from]);
		*to_null = false;
	}
	if (table->wide > 0)
	{
		int			dims[1] = {table->ncolumns};
		int			bounds[1] = {1};

		nulls[table->wide - 1] = key_only;
		values[table->wide - 1] = key_only ? (Datum) 0 :
			PointerGetDatum(construct_md_array(texts, no_texts, 1, dims, bounds, TEXTOID,
											   -1, false, TYPALIGN_INT));
	}
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

		if (own->attisdropped || table->columns[i].attnum != i + 1 ||
			!table->columns[i].native ||
			!yd_stored_natively(own->atttypid, &stored_type) || stored_type != stored->atttypid ||
			own->attlen != stored->attlen || own->attbyval != stored->attbyval ||
			own->attalign != stored->attalign)
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
	if (has_nulls)
	{
		/* op, place and xid are there always; the row's bits come behind these four */
		int			front_bits = 7 | (prior != NULL ? 8 : 0);

		to->t_bits[0] = front_bits;
		for (int i = 0; i < table->ncolumns; i++)
			if (!row_has_nulls || !att_isnull(i, from->t_bits))
				to->t_bits[(i + 4) >> 3] |= 1 << ((i + 4) & 7);
	}
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

/* Hash of the key as the shadow stores it. */
static uint64
hash_key(YdCapturedTable *table, TupleTableSlot *row, const Datum *values, const bool *nulls)
{
	uint64		hash = 0;

	for (int k = 0; k < table->nkeys; k++)
	{
		int			att = table->columns[table->keys[k]].shadow - 1;
		bool		isnull;
		Datum		value;

		if (values != NULL)
		{
			isnull = nulls[att];
			value = values[att];
		}
		else
			value = slot_getattr(row, table->columns[table->keys[k]].attnum, &isnull);
		if (!isnull)
			hash = hash_combine64(hash, yd_hash_value(TupleDescAttr(table->shadow_desc, att),
													  value, k + 1));
	}
	return hash;
}

uint64
yd_key_hash(YdCapturedTable *table, TupleTableSlot *row)
{
	int			natts = table->shadow_desc->natts;
	Datum	   *values = palloc(sizeof(Datum) * natts);
	bool	   *nulls = palloc(sizeof(bool) * natts);
	YdTextSettings settings;

	slot_getallattrs(row);
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		form_values(table, row, true, values, nulls);
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	return hash_key(table, NULL, values, nulls);
}

uint64
yd_record_key_hash(YdCapturedTable *table, TupleTableSlot *record)
{
	slot_getallattrs(record);
	return hash_key(table, NULL, record->tts_values, record->tts_isnull);
}

static void
note_key(YdCapturedTable *table, char op, TupleTableSlot *row, const Datum *values, const bool *nulls)
{
	if (table->key_kind != 'r' && yd_in_transaction_scope())
		yd_note_key(table, op == YD_OP_INSERT, hash_key(table, row, values, nulls));
}

static void
add_values(YdCapturedTable *table, char op, TupleTableSlot *row, bool key_only,
		   ItemPointer place, const FullTransactionId *prior)
{
	static MemoryContext scratch = NULL;
	int			natts = table->shadow_desc->natts;
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
	values = palloc(sizeof(Datum) * natts);
	nulls = palloc(sizeof(bool) * natts);

	slot_getallattrs(row);
	values[YD_SHADOW_OP - 1] = CharGetDatum(op);
	nulls[YD_SHADOW_OP - 1] = false;
	values[YD_SHADOW_PLACE - 1] = PointerGetDatum(place);
	nulls[YD_SHADOW_PLACE - 1] = false;
	values[YD_SHADOW_XID - 1] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	nulls[YD_SHADOW_XID - 1] = false;
	nulls[YD_SHADOW_PRIOR - 1] = prior == NULL;
	values[YD_SHADOW_PRIOR - 1] = prior == NULL ? (Datum) 0 : FullTransactionIdGetDatum(*prior);
	if (table->has_text)
	{
		YdTextSettings settings;

		yd_pin_text_settings(&settings);
		PG_TRY();
		{
			form_values(table, row, key_only, values, nulls);
		}
		PG_FINALLY();
		{
			yd_unpin_text_settings(&settings);
		}
		PG_END_TRY();
	}
	else
		form_values(table, row, key_only, values, nulls);

	note_key(table, op, row, values, nulls);
	tuple = heap_form_tuple(table->shadow_desc, values, nulls);
	/* an output function can have started and ended subtransactions: look for the buffer now */
	record = yd_buffer_add(table, yd_buffer(table), tuple->t_len);
	memcpy(record, tuple->t_data, tuple->t_len);
	count_record(table, op, record, tuple->t_len);
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
		note_key(table, op, row, NULL, NULL);
		add_bytes(table, op, tuple, &place, prior);
	}
	else
		add_values(table, op, row, key_only, &place, prior);
}

PG_FUNCTION_INFO_V1(yd_record_counts);

/*
 * _record_counts(captured bigint, OUT prior, OUT inserted, OUT repeated): what
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
	table->settled = !yd_keys_repeated(table) && !table->business;
	values[2] = BoolGetDatum(!table->settled);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

