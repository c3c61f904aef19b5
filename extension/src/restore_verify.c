/*
 * restore_verify.c
 *		Reading back what was written, before it counts.
 */
#include "restore.h"

#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

static void
fail(YdRestoring *table, uint32 n, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_YD_PROOF_FAILED),
			 errmsg("a row of table \"%s.%s\" is not as it was before the deployment",
					table->binding->schema, table->binding->table),
			 errdetail("Row %s: %s.", yd_key_text(table, n), what),
			 errhint("Nothing was changed. Compare the row with yesterday.prior() and mend what differs, then run the rollback again.")));
}

static void
verify_table(YdRestore *restore, YdRestoring *table)
{
	YdBinding  *binding = table->binding;

	for (uint32 n = 0; n < table->nentries; n++)
	{
		YdEntry    *entry = &table->entries[n];

		entry->recomputed = false;
		if (entry->fate != YD_GO)
			continue;
		MemoryContextReset(restore->row_context);
		switch ((YdAction) entry->action)
		{
			case YD_KEEP:
			case YD_KEEP_VERSION:
			case YD_SETTLED:
				break;
			case YD_REMOVE:
				if (yd_fetch(binding->rel, &entry->current,
												  restore->snapshot, table->current))
					fail(table, n, "it is still there");
				break;
			case YD_UPDATE:
			case YD_INSERT:
				yd_fetch_image(table, n);
				if (!ItemPointerIsValid(&entry->written) ||
					!yd_fetch(binding->rel, &entry->written,
												   restore->snapshot, table->current))
					fail(table, n, "it is missing");
				if (!yd_compare(table, table->image, table->current, true))
					for (int c = 0; c < binding->ncolumns; c++)
					{
						if (!table->differs[c])
							continue;
						/* a function that it calls has another body: nobody can write the old value */
						if (binding->columns[c].computed)
							entry->recomputed = true;
						else
							fail(table, n, psprintf("column \"%s\" differs",
													NameStr(binding->columns[c].name)));
					}
				break;
		}
		CHECK_FOR_INTERRUPTS();
	}
	ExecClearTuple(table->image);
	ExecClearTuple(table->current);
}

/*
 * Every touched row equals its image bitwise, or carries an exception.
 * restore->snapshot was taken after the last write.
 */
void
yd_verify_rows(YdRestore *restore)
{
	for (int t = 0; t < restore->ntables; t++)
	{
		YdUserSwitch save;
		MemoryContext old;

		yd_switch_to_owner(restore->tables[t].binding->owner, &save);
		old = MemoryContextSwitchTo(restore->row_context);
		verify_table(restore, &restore->tables[t]);
		MemoryContextSwitchTo(old);
		yd_switch_back(&save);
	}
}
