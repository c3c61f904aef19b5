/*
 * input.c
 *		Text read as a value of a type that may not take it.
 */
#include "input.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* In a subtransaction: what an input function holds when it fails, a row type or what it has called, is let go. */
bool
yd_input(FmgrInfo *input, char *text, Oid ioparam, int32 typmod, Datum *value, char **why)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool taken = true;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		*value = InputFunctionCall(input, text, ioparam, typmod);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *said;

		MemoryContextSwitchTo(context);
		said = CopyErrorData();
		/* before anything is thrown again: whoever catches that expects his own subtransaction */
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		/* a cancelled statement, a full memory: not for us to explain */
		if (ERRCODE_TO_CATEGORY(said->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
			ReThrowError(said);
		*why = said->message;
		taken = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return taken;
}
