/*
 * digest_row.c
 *		What a row adds to a digest.
 *
 * A digest is the sum, over all rows, of two 64-bit hashes of the row, so the
 * order of the rows does not matter. It covers every column that the table had
 * before the deployment, values decompressed and out of their toast table.
 */
#include "digest.h"

#include "access/detoast.h"
#include "fmgr.h"
#include "hash.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* Stir all bits of a hash into all others. */
static uint64
stir(uint64 h)
{
	h ^= h >> 31;
	h *= UINT64CONST(0x7fb5d329728ea185);
	h ^= h >> 27;
	h *= UINT64CONST(0x81dadef4bc2dd44d);
	return h ^ (h >> 33);
}

uint64
yd_hash_value(Form_pg_attribute att, Datum value, uint64 seed)
{
	if (att->attbyval)
		return yd_hash_word((uint64) value, seed);
	if (att->attlen > 0)
		return yd_hash_bytes((unsigned char *) DatumGetPointer(value), att->attlen, seed);
	if (att->attlen == -2)
		return yd_hash_bytes((unsigned char *) DatumGetCString(value),
							 strlen(DatumGetCString(value)), seed);
	else
	{
		struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);

		return yd_hash_bytes((unsigned char *) VARDATA_ANY(plain),
							 VARSIZE_ANY_EXHDR(plain), seed);
	}
}

uint64
yd_digest_value(YdDigestColumn *column, Form_pg_attribute att, Datum value, uint64 seed)
{
	char	   *text;

	if (!column->as_text)
		return yd_hash_value(att, value, seed);
	text = yd_spell(&column->spelling, &column->output, value);
	return yd_hash_bytes((unsigned char *) text, strlen(text), seed);
}

void
yd_digest_row(TupleTableSlot *slot, YdDigestColumn *columns, int ncolumns, YdDigest *digest, int sign)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;
	uint64		h1 = UINT64CONST(0x9e3779b97f4a7c15);
	uint64		h2 = UINT64CONST(0xc2b2ae3d27d4eb4f);

	slot_getallattrs(slot);
	for (int i = 0; i < ncolumns; i++)
	{
		AttrNumber	attnum = columns[i].attnum;

		if (attnum > slot->tts_nvalid || slot->tts_isnull[attnum - 1])
		{
			h1 = hash_combine64(h1, UINT64CONST(0x165667b19e3779f9) + i);
			h2 = hash_combine64(h2, UINT64CONST(0x27d4eb2f165667c5) + i);
		}
		else
		{
			Form_pg_attribute att = TupleDescAttr(desc, attnum - 1);
			uint64		h = yd_digest_value(&columns[i], att, slot->tts_values[attnum - 1], i + 1);

			h1 = hash_combine64(h1, h);
			h2 = hash_combine64(h2, stir(h + i));
		}
	}
	digest->rows += sign;
	digest->sum1 += sign * stir(h1);
	digest->sum2 += sign * stir(h2);
}

static void
find_text(YdDigestColumn *column, Form_pg_attribute att)
{
	Oid			output;
	bool		varlena;

	if (!column->as_text)
		return;
	getTypeOutputInfo(att->atttypid, &output, &varlena);
	fmgr_info(output, &column->output);
	yd_find_spelling(&column->spelling, att->atttypid);
}

void
yd_digest_column(YdDigestColumn *column, TupleDesc desc, AttrNumber attnum)
{
	Form_pg_attribute att = TupleDescAttr(desc, attnum - 1);
	Oid			stored;

	column->attnum = attnum;
	column->as_text = !yd_stored_natively(att->atttypid, &stored);
	find_text(column, att);
}

YdDigestColumn *
yd_digest_columns(YdCapturedTable *table, TupleDesc desc, const AttrNumber *attnums)
{
	YdDigestColumn *columns = palloc0(sizeof(YdDigestColumn) * Max(table->ncolumns, 1));

	for (int i = 0; i < table->ncolumns; i++)
	{
		Form_pg_attribute att;

		columns[i].attnum = attnums == NULL ? table->columns[i].attnum : attnums[i];
		att = TupleDescAttr(desc, columns[i].attnum - 1);
		/* a column that is dropped has lost its type */
		columns[i].as_text = !table->columns[i].native && OidIsValid(att->atttypid);
		find_text(&columns[i], att);
	}
	return columns;
}

void
yd_digest_add(YdCapturedTable *table, TupleTableSlot *slot, YdDigest *digest, int sign)
{
	YdDigestColumn *columns = yd_digest_columns(table, slot->tts_tupleDescriptor, NULL);
	YdTextSettings settings;

	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		yd_digest_row(slot, columns, table->ncolumns, digest, sign);
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	pfree(columns);
}

char *
yd_digest_text(const YdDigest *digest)
{
	return psprintf(UINT64_FORMAT " rows %016llx%016llx", digest->rows,
					(unsigned long long) digest->sum1, (unsigned long long) digest->sum2);
}
