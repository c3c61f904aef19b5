/*
 * column_set.c
 *		The columns of a relation, for its schema image.
 *
 * An aggregate: most columns have a name, a type and perhaps a NOT NULL, and
 * there are tens of thousands of them. To build an object of each and gather
 * them by the server's functions for jsonb is two thirds of what an image costs.
 */
#include "yesterday.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(yd_column_set_add);
PG_FUNCTION_INFO_V1(yd_column_set_end);

typedef struct Column
{
	int16		num;
	NameData	name;
	char	   *type;
	Jsonb	   *not_null;		/* NULL: it has none */
	Jsonb	   *properties;		/* NULL: none but these */
} Column;

typedef struct ColumnSet
{
	Column	   *columns;
	int			count;
	int			capacity;
} ColumnSet;

static Jsonb *
copy_jsonb(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_JSONB_P_COPY(argument);
}

/* (state, num smallint, name name, type text, not_null jsonb, properties jsonb) */
Datum
yd_column_set_add(PG_FUNCTION_ARGS)
{
	ColumnSet  *set = PG_ARGISNULL(0) ? NULL : (ColumnSet *) PG_GETARG_POINTER(0);
	MemoryContext context;
	MemoryContext old;
	Column	   *column;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "called outside an aggregate");
	old = MemoryContextSwitchTo(context);
	if (set == NULL)
		set = palloc0(sizeof(ColumnSet));
	if (set->count == set->capacity)
	{
		set->capacity = Max(32, set->capacity * 2);
		set->columns = set->columns == NULL ? palloc(sizeof(Column) * set->capacity) :
			repalloc(set->columns, sizeof(Column) * set->capacity);
	}
	column = &set->columns[set->count++];
	column->num = PG_GETARG_INT16(1);
	column->name = *PG_GETARG_NAME(2);
	column->type = text_to_cstring(PG_GETARG_TEXT_PP(3));
	column->not_null = copy_jsonb(fcinfo, 4);
	column->properties = copy_jsonb(fcinfo, 5);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(set);
}

static int
by_number(const void *a, const void *b)
{
	return ((const Column *) a)->num - ((const Column *) b)->num;
}

static void
push_key(JsonbParseState **state, char *key)
{
	JsonbValue	value = {.type = jbvString, .val.string = {.len = strlen(key), .val = key}};

	pushJsonbValue(state, WJB_KEY, &value);
}

static void
push_text(JsonbParseState **state, char *key, char *text)
{
	JsonbValue	value = {.type = jbvString, .val.string = {.len = strlen(text), .val = text}};

	push_key(state, key);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_number(JsonbParseState **state, char *key, int64 number)
{
	JsonbValue	value = {.type = jbvNumeric, .val.numeric = int64_to_numeric(number)};

	push_key(state, key);
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* Every key of an object, into the object that is being built */
static void
push_keys(JsonbParseState **state, Jsonb *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(&object->root);
	JsonbValue	value;
	JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, false);

	while ((token = JsonbIteratorNext(&iterator, &value, true)) == WJB_KEY || token == WJB_VALUE)
		pushJsonbValue(state, token, &value);
}

static void
push_object(JsonbParseState **state, char *key, Jsonb *object)
{
	push_key(state, key);
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_keys(state, object);
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* (state): an array of objects, in the order of their numbers */
Datum
yd_column_set_end(PG_FUNCTION_ARGS)
{
	ColumnSet  *set = PG_ARGISNULL(0) ? NULL : (ColumnSet *) PG_GETARG_POINTER(0);
	JsonbParseState *state = NULL;

	if (set == NULL)
		PG_RETURN_NULL();
	qsort(set->columns, set->count, sizeof(Column), by_number);
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < set->count; i++)
	{
		Column	   *column = &set->columns[i];

		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		push_number(&state, "num", column->num);
		push_text(&state, "name", NameStr(column->name));
		push_text(&state, "type", column->type);
		if (column->not_null != NULL)
			push_object(&state, "not_null", column->not_null);
		if (column->properties != NULL)
			push_keys(&state, column->properties);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL)));
}
