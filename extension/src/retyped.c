/*
 * retyped.c
 *		Values of a column that has another type by now than its shadow stores.
 *
 * That is rare; recording.c asks for every row whether it is so, and comes here
 * only then.
 */
#include "retyped.h"

#include "fmgr.h"
#include "input.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

Datum
yd_value_of_before(YdShadowColumn *column, Form_pg_attribute att, char *text)
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

bool
yd_fits_before(YdShadowColumn *column, Form_pg_attribute att, Datum value)
{
	YdTextSettings settings;
	Oid			function;
	Oid			ioparam;
	bool		varlena;
	FmgrInfo	input;
	volatile bool fits = true;

	getTypeInputInfo(column->stored_type, &function, &ioparam);
	fmgr_info(function, &input);
	getTypeOutputInfo(att->atttypid, &function, &varlena);
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		Datum		stored;
		char	   *why;

		fits = yd_input(&input, OidOutputFunctionCall(function, value), ioparam, -1, &stored, &why);
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	return fits;
}
