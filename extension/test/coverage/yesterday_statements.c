/*
 * What of the SQL is run, for scripts/coverage.
 *
 * Loaded through shared_preload_libraries. A backend notes which SQL functions it called and
 * which statements of PL/pgSQL functions it ran, and leaves that as it ends, in a file of its own
 * in yesterday_statements.directory. The names are taken when a function is first seen: at the
 * end the catalog cannot be read, and the database may be gone.
 *
 * SQL functions are no longer inlined under it, as a call that is not made cannot be seen.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "plpgsql.h"
#include "storage/ipc.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

PG_MODULE_MAGIC;

typedef struct Seen
{
	Oid			function;		/* key */
	char	   *signature;		/* NULL: of no interest */
	unsigned int nstatements;
	bool	   *ran;			/* by number of the statement; NULL for SQL functions */
	bool		called;
} Seen;

typedef PLpgSQL_function *(*compile_function) (FunctionCallInfo fcinfo, bool for_validator);

static char *directory;
static HTAB *functions;
static needs_fmgr_hook_type previous_needs_hook;
static fmgr_hook_type previous_hook;

PG_FUNCTION_INFO_V1(statement_lines);
PG_FUNCTION_INFO_V1(statement_signature);

static char *
signature_of(Oid function)
{
	return format_procedure_extended(function, FORMAT_PROC_FORCE_QUALIFY);
}

static void
write_seen(int code, Datum argument)
{
	char		path[MAXPGPATH];
	HASH_SEQ_STATUS scan;
	Seen	   *seen;
	FILE	   *file;

	if (!functions || !directory || !*directory)
		return;
	snprintf(path, sizeof(path), "%s/%d", directory, MyProcPid);
	file = fopen(path, "a");
	if (!file)
	{
		write_stderr("could not write \"%s\": %m\n", path);
		return;
	}
	hash_seq_init(&scan, functions);
	while ((seen = hash_seq_search(&scan)))
	{
		if (!seen->signature || !seen->called)
			continue;
		fprintf(file, "%s\t", seen->signature);
		for (unsigned int number = 0; seen->ran && number <= seen->nstatements; number++)
			if (seen->ran[number])
				fprintf(file, " %u", number);
		fprintf(file, "\n");
	}
	fclose(file);
}

static Seen *
find_seen(Oid function, bool *found)
{
	if (!functions)
	{
		HASHCTL		shape = {.keysize = sizeof(Oid), .entrysize = sizeof(Seen), .hcxt = TopMemoryContext};

		functions = hash_create("functions seen", 256, &shape, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		on_proc_exit(write_seen, 0);
	}
	return hash_search(functions, &function, HASH_ENTER, found);
}

static Seen *
note_function(Oid function, unsigned int nstatements)
{
	bool		found;
	Seen	   *seen = find_seen(function, &found);

	if (!found)
	{
		memset((char *) seen + sizeof(Oid), 0, sizeof(Seen) - sizeof(Oid));
		seen->signature = MemoryContextStrdup(TopMemoryContext, signature_of(function));
	}
	if (nstatements > seen->nstatements)
	{
		bool	   *ran = MemoryContextAllocZero(TopMemoryContext, nstatements + 1);

		if (seen->ran)
			memcpy(ran, seen->ran, seen->nstatements + 1);
		seen->ran = ran;
		seen->nstatements = nstatements;
	}
	return seen;
}

static void
statement_begins(PLpgSQL_execstate *estate, PLpgSQL_stmt *statement)
{
	Oid			function = estate->func->fn_oid;
	Seen	   *seen;

	if (function < FirstNormalObjectId)
		return;
	seen = note_function(function, estate->func->nstatements);
	seen->called = true;
	if (statement->stmtid <= seen->nstatements)
		seen->ran[statement->stmtid] = true;
}

static PLpgSQL_plugin plugin = {.stmt_beg = statement_begins};

static bool
is_sql_function(Oid function)
{
	HeapTuple	tuple;
	bool		is_sql;

	if (function < FirstNormalObjectId)
		return false;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	is_sql = ((Form_pg_proc) GETSTRUCT(tuple))->prolang == SQLlanguageId;
	ReleaseSysCache(tuple);
	return is_sql;
}

static bool
needs_hook(Oid function)
{
	return is_sql_function(function) || (previous_needs_hook && previous_needs_hook(function));
}

static void
function_hook(FmgrHookEventType event, FmgrInfo *function, Datum *private)
{
	if (event == FHET_START && is_sql_function(function->fn_oid))
		note_function(function->fn_oid, 0)->called = true;
	if (previous_hook)
		previous_hook(event, function, private);
}

void
_PG_init(void)
{
	PLpgSQL_plugin **place = (PLpgSQL_plugin **) find_rendezvous_variable("PLpgSQL_plugin");

	if (!process_shared_preload_libraries_in_progress)
		return;
	DefineCustomStringVariable("yesterday_statements.directory", "Where backends leave what they ran.",
							   NULL, &directory, "", PGC_POSTMASTER, 0, NULL, NULL, NULL);
	*place = &plugin;
	previous_needs_hook = needs_fmgr_hook;
	needs_fmgr_hook = needs_hook;
	previous_hook = fmgr_hook;
	fmgr_hook = function_hook;
}

/* -- all statements that there are --------------------------------------------------- */

static void enter_statements(List *statements, Datum *lines);

static void
enter_statement(PLpgSQL_stmt *statement, Datum *lines)
{
	ListCell   *cell;

	/* what has no line was added by the compiler: the RETURN at the end */
	lines[statement->stmtid - 1] = Int32GetDatum(statement->lineno);
	switch (statement->cmd_type)
	{
		case PLPGSQL_STMT_BLOCK:
			{
				PLpgSQL_stmt_block *block = (PLpgSQL_stmt_block *) statement;

				/* counted by what is in it */
				lines[statement->stmtid - 1] = Int32GetDatum(0);
				enter_statements(block->body, lines);
				if (block->exceptions)
					foreach(cell, block->exceptions->exc_list)
						enter_statements(((PLpgSQL_exception *) lfirst(cell))->action, lines);
				break;
			}
		case PLPGSQL_STMT_IF:
			{
				PLpgSQL_stmt_if *choice = (PLpgSQL_stmt_if *) statement;

				enter_statements(choice->then_body, lines);
				foreach(cell, choice->elsif_list)
					enter_statements(((PLpgSQL_if_elsif *) lfirst(cell))->stmts, lines);
				enter_statements(choice->else_body, lines);
				break;
			}
		case PLPGSQL_STMT_CASE:
			{
				PLpgSQL_stmt_case *choice = (PLpgSQL_stmt_case *) statement;

				foreach(cell, choice->case_when_list)
					enter_statements(((PLpgSQL_case_when *) lfirst(cell))->stmts, lines);
				enter_statements(choice->else_stmts, lines);
				break;
			}
		case PLPGSQL_STMT_LOOP:
			enter_statements(((PLpgSQL_stmt_loop *) statement)->body, lines);
			break;
		case PLPGSQL_STMT_WHILE:
			enter_statements(((PLpgSQL_stmt_while *) statement)->body, lines);
			break;
		case PLPGSQL_STMT_FORI:
			enter_statements(((PLpgSQL_stmt_fori *) statement)->body, lines);
			break;
		case PLPGSQL_STMT_FORS:
			enter_statements(((PLpgSQL_stmt_fors *) statement)->body, lines);
			break;
		case PLPGSQL_STMT_FORC:
			enter_statements(((PLpgSQL_stmt_forc *) statement)->body, lines);
			break;
		case PLPGSQL_STMT_DYNFORS:
			enter_statements(((PLpgSQL_stmt_dynfors *) statement)->body, lines);
			break;
		case PLPGSQL_STMT_FOREACH_A:
			enter_statements(((PLpgSQL_stmt_foreach_a *) statement)->body, lines);
			break;
		default:
			break;
	}
}

static void
enter_statements(List *statements, Datum *lines)
{
	ListCell   *cell;

	foreach(cell, statements)
		enter_statement(lfirst(cell), lines);
}

/* The line of each statement of a PL/pgSQL function, by its number; 0: nothing to count. */
Datum
statement_lines(PG_FUNCTION_ARGS)
{
	Oid			function = PG_GETARG_OID(0);
	compile_function compile = (compile_function)
		load_external_function("$libdir/plpgsql", "plpgsql_compile", true, NULL);
	FmgrInfo	info;
	LOCAL_FCINFO(call, 0);
	TriggerData row_trigger = {.type = T_TriggerData};
	EventTriggerData event_trigger = {.type = T_EventTriggerData};
	Oid			result;
	PLpgSQL_function *compiled;
	Datum	   *lines;

	MemSet(call, 0, SizeForFunctionCallInfo(0));
	MemSet(&info, 0, sizeof(info));
	call->flinfo = &info;
	info.fn_oid = function;
	info.fn_mcxt = CurrentMemoryContext;
	result = get_func_rettype(function);
	if (result == TRIGGEROID)
		call->context = (fmNodePtr) &row_trigger;
	else if (result == EVENT_TRIGGEROID)
		call->context = (fmNodePtr) &event_trigger;
	compiled = compile(call, true);
	lines = palloc0(sizeof(Datum) * (compiled->nstatements + 1));
	enter_statement((PLpgSQL_stmt *) compiled->action, lines);
	PG_RETURN_ARRAYTYPE_P(construct_array(lines, compiled->nstatements, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

/* The name under which a function is noted. */
Datum
statement_signature(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(signature_of(PG_GETARG_OID(0))));
}
