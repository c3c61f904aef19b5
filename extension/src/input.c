/*
 * input.c
 *		Text read as a value of a type that may not take it.
 */
#include "input.h"

#include "utils/memutils.h"

bool
yd_input(FmgrInfo *input, char *text, Oid ioparam, int32 typmod, Datum *value, char **why)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool taken = true;

	PG_TRY();
	{
		*value = InputFunctionCall(input, text, ioparam, typmod);
	}
	PG_CATCH();
	{
		ErrorData  *said;

		MemoryContextSwitchTo(context);
		said = CopyErrorData();
		/* a cancelled statement, a full memory: not for us to explain */
		if (ERRCODE_TO_CATEGORY(said->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		FlushErrorState();
		*why = said->message;
		taken = false;
	}
	PG_END_TRY();
	return taken;
}
