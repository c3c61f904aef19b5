/*
 * bound_values.c
 *		Values of a record as the bound table has them: read, compared, made a row.
 *
 * The rollback comes here for every column of every row: what one function calls
 * for each value stands in this file.
 */
#include "binding.h"

#include "input.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/rel.h"

/* Text of a column that is stored as text, or as people read it; NULL: NULL. */
static char *
stored_text(YdWide *wide, int place, AttrNumber attnum, FmgrInfo *output, TupleTableSlot *image)
{
	bool		isnull;
	Datum		stored;

	if (wide != NULL)
		return yd_wide_text(wide, image, place);
	stored = slot_getattr(image, attnum, &isnull);
	return isnull ? NULL : OutputFunctionCall(output, stored);
}

static char *
column_text(YdBoundColumn *column, TupleTableSlot *image)
{
	return yd_respell(column->renamed, column->is_array, yd_image_text(column, image));
}

/*
 * The value of a column that tells rows apart. Without it there is no row to
 * look for: its type was made narrower between records, or a label renamed that
 * stands inside a value of another type.
 */
static Datum
read_key(YdBoundColumn *column, char *text)
{
	Datum		value;
	char	   *why;

	if (!yd_input(&column->input, text, column->ioparam, column->typmod, &value, &why))
		ereport(ERROR,
				(errcode(ERRCODE_YD_NOT_INVERTIBLE),
				 errmsg("rows cannot be told apart by column \"%s\": a key in the prior images is no %s as the type is now",
						NameStr(column->name), format_type_be(column->type)),
				 errdetail("%s.", why),
				 errhint("Change the type in a deployment of its own, before the one that writes rows with such keys.")));
	return value;
}

/* Before the inverse DDL: can a row of now have the value? Its type can be one of the same name, with fewer labels. */
bool
yd_can_be_now(YdBoundColumn *column, TupleTableSlot *image)
{
	Datum		value;
	char	   *why;
	char	   *text = column->native ? NULL : column_text(column, image);

	return text == NULL || yd_input(&column->input, text, column->ioparam, column->typmod, &value, &why);
}

bool
yd_image_value(YdBoundColumn *column, TupleTableSlot *image, Datum *value)
{
	bool		isnull;
	char	   *text;

	if (column->native)
	{
		*value = slot_getattr(image, column->shadow, &isnull);
		return isnull;
	}
	text = column_text(column, image);
	if (text != NULL)
		*value = column->is_key ? read_key(column, text) :
			InputFunctionCall(&column->input, text, column->ioparam, column->typmod);
	else
		*value = (Datum) 0;
	return text == NULL;
}

/*
 * datum_image_eq(), but what takes no detoasting is compared here: a row of many
 * columns makes many calls.
 */
static inline bool
same_image(Datum stored, Datum value, bool typbyval, int16 typlen)
{
	if (typbyval)
		return stored == value;
	if (typlen > 0)
		return memcmp(DatumGetPointer(stored), DatumGetPointer(value), typlen) == 0;
	if (typlen == -1)
	{
		struct varlena *a = (struct varlena *) DatumGetPointer(stored);
		struct varlena *b = (struct varlena *) DatumGetPointer(value);

		if (!VARATT_IS_EXTERNAL(a) && !VARATT_IS_EXTERNAL(b) && VARSIZE_ANY(a) == VARSIZE_ANY(b) &&
			memcmp(a, b, VARSIZE_ANY(a)) == 0)
			return true;
	}
	return datum_image_eq(stored, value, typbyval, typlen);
}

bool
yd_same_value(YdBoundColumn *column, TupleTableSlot *image, TupleTableSlot *row, bool exactly)
{
	bool		image_null;
	bool		row_null;
	Datum		stored;
	Datum		value = slot_getattr(row, column->attnum, &row_null);
	char	   *image_text;
	char	   *row_text;

	if (column->native)
	{
		stored = slot_getattr(image, column->shadow, &image_null);
		if (image_null || row_null)
			return image_null && row_null;
		return same_image(stored, value, column->typbyval, column->typlen);
	}

	image_text = column_text(column, image);
	if (image_text == NULL || row_null)
		return image_text == NULL && row_null;
	row_text = OutputFunctionCall(&column->output, value);
	if (strcmp(image_text, row_text) == 0)
		return true;

	if (!exactly)
		return false;
	/* the text may have been made under a setting that this type's output follows */
	stored = InputFunctionCall(&column->input, image_text, column->ioparam, column->typmod);
	return strcmp(OutputFunctionCall(&column->output, stored), row_text) == 0;
}

bool
yd_same_lost(YdBinding *binding, TupleTableSlot *image, TupleTableSlot *row, bool *retyped)
{
	bool		same = true;

	*retyped = false;
	for (int i = 0; i < binding->nlost; i++)
	{
		YdLostColumn *column = &binding->lost[i];
		bool		row_null = true;
		char	   *text = stored_text(column->wide, column->place, column->shadow,
									   &column->shadow_output, image);
		Datum		value = (Datum) 0;

		if (column->attnum > 0)
			value = slot_getattr(row, column->attnum, &row_null);
		if (text == NULL && row_null)
			continue;
		if (text == NULL || row_null ||
			strcmp(text, OutputFunctionCall(&column->output, value)) != 0)
		{
			same = false;
			*retyped |= column->attnum > 0;
		}
	}
	return same;
}

void
yd_image_to_row(YdBinding *binding, TupleTableSlot *image, TupleTableSlot *current,
				const bool *differs, TupleTableSlot *row)
{
	int			natts = row->tts_tupleDescriptor->natts;
	int			next = -1;

	ExecClearTuple(row);
	memset(row->tts_values, 0, sizeof(Datum) * natts);
	memset(row->tts_isnull, true, sizeof(bool) * natts);
	slot_getallattrs(image);
	if (current != NULL)
		slot_getallattrs(current);

	for (int c = 0; c < binding->ncolumns; c++)
	{
		YdBoundColumn *column = &binding->columns[c];
		int			i = column->attnum - 1;

		if (current != NULL && !differs[c])
		{
			row->tts_values[i] = current->tts_values[i];
			row->tts_isnull[i] = current->tts_isnull[i];
		}
		else if (!column->computed)
			row->tts_isnull[i] = yd_image_value(column, image, &row->tts_values[i]);
	}
	if (current != NULL)
		while ((next = bms_next_member(binding->newer, next)) >= 0)
		{
			row->tts_values[next - 1] = current->tts_values[next - 1];
			row->tts_isnull[next - 1] = current->tts_isnull[next - 1];
		}
	ExecStoreVirtualTuple(row);
	row->tts_tableOid = RelationGetRelid(binding->rel);
}

char *
yd_image_text(YdBoundColumn *column, TupleTableSlot *image)
{
	return stored_text(column->wide, column->place, column->shadow, &column->shadow_output, image);
}

char *
yd_image_text_now(YdBoundColumn *column, TupleTableSlot *image)
{
	return column_text(column, image);
}

char *
yd_row_text(YdBoundColumn *column, TupleTableSlot *row)
{
	bool		isnull;
	Datum		value = slot_getattr(row, column->attnum, &isnull);

	return isnull ? NULL : OutputFunctionCall(&column->output, value);
}
