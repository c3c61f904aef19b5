/*
 * routine_body.c
 *		Bodies of SQL functions that the server keeps as a tree, as a text that
 *		can be read again.
 *
 * The server writes an argument by its name, also where it has none while
 * others have: as "", which nothing reads. By its number every argument can
 * be written.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "rewrite/rewriteHandler.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(yd_numbered_body);

/*
 * _numbered_body(function oid): BEGIN ATOMIC ... END, or RETURN ..., with
 * numbers for arguments; NULL for a function that has its body as a string.
 */
Datum
yd_numbered_body(PG_FUNCTION_ARGS)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(PG_GETARG_OID(0)));
	StringInfoData body;
	Datum		tree;
	Node	   *parsed;
	bool		isnull = true;

	if (HeapTupleIsValid(tuple))
	{
		tree = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosqlbody, &isnull);
		parsed = isnull ? NULL : stringToNode(TextDatumGetCString(tree));
		ReleaseSysCache(tuple);
	}
	if (isnull)
		PG_RETURN_NULL();
	initStringInfo(&body);
	if (IsA(parsed, List))
	{
		ListCell   *cell;

		appendStringInfoString(&body, "BEGIN ATOMIC\n");
		foreach(cell, linitial_node(List, castNode(List, parsed)))
		{
			Query	   *query = lfirst_node(Query, cell);

			AcquireRewriteLocks(query, false, false);
			appendStringInfo(&body, "%s;\n", pg_get_querydef(query, true));
		}
		appendStringInfoString(&body, "END");
	}
	else
	{
		Query	   *query = castNode(Query, parsed);

		AcquireRewriteLocks(query, false, false);
		appendStringInfoString(&body, pg_get_querydef(query, false));
	}
	PG_RETURN_TEXT_P(cstring_to_text(body.data));
}
