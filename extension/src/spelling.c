/*
 * spelling.c
 *		Values of enums as text, under the names that their labels had before the
 *		deployment.
 */
#include "spelling.h"

#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "ddl.h"
#include "executor/spi.h"
#include "session.h"
#include "shadow.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(yd_respell_text);

/* The labels of one enum that have another name now than before the deployment */
typedef struct Labels
{
	Oid			enum_type;
	int			n;
	Oid		   *ids;
	char	  **before;
} Labels;

static MemoryContext context = NULL;
static List *known = NIL;			/* of Labels; of one deployment */
static int64 known_of = 0;
static bool stale = true;			/* labels may have been renamed since */

/* Nothing here may look anything up. */
static void
forget(Datum arg, int cache, uint32 hash)
{
	stale = true;
}

void
yd_spelling_init(void)
{
	CacheRegisterSyscacheCallback(ENUMOID, forget, (Datum) 0);
}

void
yd_find_spelling(YdSpelling *spelling, Oid type)
{
	Oid			base = OidIsValid(type) ? getBaseType(type) : InvalidOid;
	Oid			element = OidIsValid(base) ? get_element_type(base) : InvalidOid;

	if (OidIsValid(element))
		base = getBaseType(element);
	spelling->enum_type = OidIsValid(base) && type_is_enum(base) ? base : InvalidOid;
	spelling->element = OidIsValid(spelling->enum_type) ? element : InvalidOid;
}

static void
take_labels(void *state)
{
	Labels	   *labels = state;
	MemoryContext old = MemoryContextSwitchTo(context);

	labels->ids = palloc(sizeof(Oid) * Max(SPI_processed, 1));
	labels->before = palloc(sizeof(char *) * Max(SPI_processed, 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Oid			id = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		char	   *before = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
		HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(id));

		if (!HeapTupleIsValid(tuple))
			continue;
		if (strcmp(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel), before) != 0)
		{
			labels->ids[labels->n] = id;
			labels->before[labels->n++] = pstrdup(before);
		}
		ReleaseSysCache(tuple);
	}
	MemoryContextSwitchTo(old);
}

/* Read once for each enum, and again when labels may have been renamed. Text settings are pinned by the caller. */
static Labels *
labels_of(Oid enum_type, int64 deployment)
{
	Oid			types[2] = {INT8OID, OIDOID};
	Datum		values[2];
	Labels	   *labels;
	ListCell   *cell;
	MemoryContext old;
	YdTextSettings scratch;

	if (stale || known_of != deployment)
	{
		if (context == NULL)
			context = AllocSetContextCreate(TopMemoryContext, "yesterday labels", ALLOCSET_SMALL_SIZES);
		MemoryContextReset(context);
		known = NIL;
		known_of = deployment;
		stale = false;
	}
	foreach(cell, known)
		if (((Labels *) lfirst(cell))->enum_type == enum_type)
			return lfirst(cell);

	labels = MemoryContextAllocZero(context, sizeof(Labels));
	labels->enum_type = enum_type;
	values[0] = Int64GetDatum(deployment);
	values[1] = ObjectIdGetDatum(enum_type);
	yd_run_own("SELECT id, label FROM yesterday._labels_before($1, $2)", 2, types, values, take_labels, labels);
	/* that puts back the settings of the session, while the caller writes text under pinned ones */
	yd_pin_text_settings(&scratch);
	/* another one may have been renamed while this was read */
	if (stale)
		return labels;
	old = MemoryContextSwitchTo(context);
	known = lappend(known, labels);
	MemoryContextSwitchTo(old);
	return labels;
}

/* The name before of one label; NULL: it is the same. */
static char *
name_before(const Labels *labels, Datum value)
{
	for (int i = 0; i < labels->n; i++)
		if (labels->ids[i] == DatumGetObjectId(value))
			return labels->before[i];
	return NULL;
}

/* An array of labels as one of texts is written the same way. */
static char *
spell_array(const YdSpelling *spelling, const Labels *labels, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	FmgrInfo	output;
	Oid			function;
	bool		varlena;

	getTypeOutputInfo(spelling->element, &function, &varlena);
	fmgr_info(function, &output);
	deconstruct_array(array, spelling->element, sizeof(Oid), true, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *name = nulls[i] ? NULL : name_before(labels, elements[i]);

		if (!nulls[i])
			elements[i] = CStringGetTextDatum(name != NULL ? name : OutputFunctionCall(&output, elements[i]));
	}
	return OidOutputFunctionCall(F_ARRAY_OUT,
								 PointerGetDatum(construct_md_array(elements, nulls, ARR_NDIM(array), ARR_DIMS(array),
																	ARR_LBOUND(array), TEXTOID, -1, false, TYPALIGN_INT)));
}

char *
yd_spell(const YdSpelling *spelling, FmgrInfo *output, Datum value)
{
	int64		deployment;
	Labels	   *labels;
	char	   *name;

	if (!OidIsValid(spelling->enum_type))
		return OutputFunctionCall(output, value);
	deployment = yd_current_deployment_known();
	if (deployment == 0)
		deployment = yd_open_beside();
	if (deployment == 0)
		return OutputFunctionCall(output, value);
	labels = labels_of(spelling->enum_type, deployment);
	if (labels->n == 0)
		return OutputFunctionCall(output, value);
	if (OidIsValid(spelling->element))
		return spell_array(spelling, labels, value);
	name = name_before(labels, value);
	return name != NULL ? pstrdup(name) : OutputFunctionCall(output, value);
}

YdRenamed *
yd_renamed_labels(int64 captured_table, const YdSpelling *spelling)
{
	Oid			types[2] = {INT8OID, TEXTOID};
	Datum		values[2];
	MemoryContext outer = CurrentMemoryContext;
	YdRenamed  *renamed;

	if (!OidIsValid(spelling->enum_type))
		return NULL;
	values[0] = Int64GetDatum(captured_table);
	values[1] = CStringGetTextDatum(format_type_extended(spelling->enum_type, -1, FORMAT_TYPE_FORCE_QUALIFY));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args("SELECT label, renamed FROM yesterday._renamed_labels($1, $2)",
							  2, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "reading renamed labels failed");
	MemoryContextSwitchTo(outer);
	renamed = palloc0(sizeof(YdRenamed));
	renamed->n = SPI_processed;
	renamed->before = palloc(sizeof(char *) * Max(renamed->n, 1));
	renamed->after = palloc(sizeof(char *) * Max(renamed->n, 1));
	for (int i = 0; i < renamed->n; i++)
	{
		renamed->before[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		renamed->after[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
	}
	SPI_finish();
	return renamed->n == 0 ? NULL : renamed;
}

static char *
respell_one(const YdRenamed *renamed, char *written)
{
	for (int i = 0; i < renamed->n; i++)
		if (strcmp(renamed->before[i], written) == 0)
			return renamed->after[i];
	return written;
}

char *
yd_respell(const YdRenamed *renamed, bool is_array, char *written)
{
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	if (renamed == NULL || written == NULL)
		return written;
	if (!is_array)
		return respell_one(renamed, written);
	array = DatumGetArrayTypeP(OidInputFunctionCall(F_ARRAY_IN, written, TEXTOID, -1));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			elements[i] = CStringGetTextDatum(respell_one(renamed, TextDatumGetCString(elements[i])));
	return OidOutputFunctionCall(F_ARRAY_OUT,
								 PointerGetDatum(construct_md_array(elements, nulls, ARR_NDIM(array), ARR_DIMS(array),
																	ARR_LBOUND(array), TEXTOID, -1, false, TYPALIGN_INT)));
}

/*
 * _respell(written text, is_array boolean, labels_then text[], labels_now text[])
 */
Datum
yd_respell_text(PG_FUNCTION_ARGS)
{
	YdRenamed	renamed = {0};
	Datum	   *before,
			   *after;
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &before, NULL, &renamed.n);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(3), TEXTOID, -1, false, TYPALIGN_INT, &after, NULL, &n);
	if (n != renamed.n)
		elog(ERROR, "%d labels have %d other names", renamed.n, n);
	renamed.before = palloc(sizeof(char *) * Max(n, 1));
	renamed.after = palloc(sizeof(char *) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		renamed.before[i] = TextDatumGetCString(before[i]);
		renamed.after[i] = TextDatumGetCString(after[i]);
	}
	PG_RETURN_TEXT_P(cstring_to_text(yd_respell(&renamed, PG_GETARG_BOOL(1), text_to_cstring(PG_GETARG_TEXT_PP(0)))));
}
