/*
 * attic.c
 *		What a rollback displaces, or cannot place, is kept as text.
 *
 * Rows of the attic are written below the executor: their values may only be
 * turned into text while the user is switched to the table's owner, who has no
 * right on our tables.
 */
#include "restore.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog.h"
#include "catalog/indexing.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

struct YdAttic
{
	Relation	rel;
	CatalogIndexState indexes;
};

typedef struct JsonObject
{
	JsonbParseState *state;
} JsonObject;

static YdAttic attic;

/* Once an attempt: what it opens goes with its subtransaction. */
void
yd_attic_open(YdRestore *restore)
{
	Oid			relid = get_relname_relid("attic_row", yd_schema_oid());

	if (!OidIsValid(relid))
		elog(ERROR, "table \"%s.attic_row\" does not exist", YD_SCHEMA);
	attic.rel = table_open(relid, RowExclusiveLock);
	attic.indexes = CatalogOpenIndexes(attic.rel);
}

void
yd_attic_close(void)
{
	CatalogCloseIndexes(attic.indexes);
	table_close(attic.rel, NoLock);
	attic.rel = NULL;
}

static void
begin_object(JsonObject *object)
{
	object->state = NULL;
	(void) pushJsonbValue(&object->state, WJB_BEGIN_OBJECT, NULL);
}

static void
add_pair(JsonObject *object, const char *key, const char *value)
{
	JsonbValue	v;

	v.type = jbvString;
	v.val.string.val = unconstify(char *, key);
	v.val.string.len = strlen(key);
	(void) pushJsonbValue(&object->state, WJB_KEY, &v);
	if (value == NULL)
		v.type = jbvNull;
	else
	{
		v.val.string.val = unconstify(char *, value);
		v.val.string.len = strlen(value);
	}
	(void) pushJsonbValue(&object->state, WJB_VALUE, &v);
}

static Datum
end_object(JsonObject *object)
{
	JsonbValue *value = pushJsonbValue(&object->state, WJB_END_OBJECT, NULL);

	return JsonbPGetDatum(JsonbValueToJsonb(value));
}

static void
set_column(Datum *values, bool *nulls, const char *name, Datum value)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(attic.rel), name);

	if (attnum <= 0)
		elog(ERROR, "column \"%s\" of yesterday.attic_row does not exist", name);
	values[attnum - 1] = value;
	nulls[attnum - 1] = false;
}

static void
keep(YdRestore *restore, Relation rel, const char *kind, const char *detail,
	 JsonObject *key, JsonObject *data, JsonObject *types)
{
	TupleDesc	desc = RelationGetDescr(attic.rel);
	Datum	   *values = palloc0(sizeof(Datum) * desc->natts);
	bool	   *nulls = palloc(sizeof(bool) * desc->natts);
	NameData	schema;
	NameData	table;
	NameData	owner;

	memset(nulls, true, sizeof(bool) * desc->natts);
	namestrcpy(&schema, get_namespace_name(RelationGetNamespace(rel)));
	namestrcpy(&table, RelationGetRelationName(rel));
	set_column(values, nulls, "id", Int64GetDatum(yd_next_id("attic_row_id_seq")));
	set_column(values, nulls, "rollback", Int64GetDatum(restore->rollback));
	set_column(values, nulls, "deployment", Int64GetDatum(restore->deployment));
	set_column(values, nulls, "schema_name", NameGetDatum(&schema));
	set_column(values, nulls, "table_name", NameGetDatum(&table));
	namestrcpy(&owner, GetUserNameFromId(rel->rd_rel->relowner, false));
	set_column(values, nulls, "owner", NameGetDatum(&owner));
	set_column(values, nulls, "kind", CStringGetTextDatum(kind));
	set_column(values, nulls, "row_key", end_object(key));
	set_column(values, nulls, "row_data", end_object(data));
	set_column(values, nulls, "type_names", end_object(types));
	if (detail != NULL)
		set_column(values, nulls, "detail", CStringGetTextDatum(detail));
	set_column(values, nulls, "kept_at", TimestampTzGetDatum(GetCurrentTimestamp()));
	CatalogTupleInsertWithInfo(attic.rel, heap_form_tuple(desc, values, nulls), attic.indexes);
}

static Bitmapset *
key_columns(Relation rel)
{
	Bitmapset  *columns = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY);

	return columns != NULL ? columns :
		RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_IDENTITY_KEY);
}

/* Keep a row of the user's table. Under the owner's switch. */
void
yd_attic_keep_row(YdRestore *restore, Relation rel, TupleTableSlot *row,
				  const char *kind, const char *detail)
{
	TupleDesc	desc = RelationGetDescr(rel);
	YdRestoring *table = yd_restoring(restore, RelationGetRelid(rel));
	Bitmapset  *keys = NULL;
	JsonObject	key,
				data,
				types;

	begin_object(&key);
	begin_object(&data);
	begin_object(&types);
	if (table != NULL)
	{
		for (int k = 0; k < table->binding->nkeys; k++)
			keys = bms_add_member(keys, table->binding->columns[table->binding->keys[k]].attnum -
								  FirstLowInvalidHeapAttributeNumber);
	}
	else
		keys = key_columns(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		bool		isnull;
		Datum		value;
		char	   *text = NULL;

		if (att->attisdropped || YD_ATT_IS_VIRTUAL(att))
			continue;
		value = slot_getattr(row, i + 1, &isnull);
		if (!isnull)
		{
			Oid			function;
			bool		varlena;

			getTypeOutputInfo(att->atttypid, &function, &varlena);
			text = OidOutputFunctionCall(function, value);
		}
		add_pair(&data, NameStr(att->attname), text);
		add_pair(&types, NameStr(att->attname),
				 format_type_extended(att->atttypid, att->atttypmod,
									  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
		if (bms_is_member(att->attnum - FirstLowInvalidHeapAttributeNumber, keys))
			add_pair(&key, NameStr(att->attname), text);
	}
	keep(restore, rel, kind, detail, &key, &data, &types);
}

/* Keep the row that an entry is about to overwrite or remove. Under the owner's switch. */
void
yd_attic_keep_changed(YdRestore *restore, YdRestoring *table, YdEntry *entry)
{
	yd_attic_keep_row(restore, table->binding->rel, table->current, "changed",
					  entry->action == YD_REMOVE ?
					  "changed after the deployment that had inserted it; removed by the rollback" :
					  "changed after the deployment; overwritten by the rollback");
}

/* Keep a record of the shadow. Under the owner's switch. */
void
yd_attic_keep_image(YdRestore *restore, YdRestoring *table, TupleTableSlot *image,
					const char *kind, const char *detail)
{
	YdBinding  *binding = table->binding;
	JsonObject	key,
				data,
				types;

	begin_object(&key);
	begin_object(&data);
	begin_object(&types);
	for (int c = 0; c < binding->ncolumns; c++)
	{
		YdBoundColumn *column = &binding->columns[c];
		char	   *text = yd_image_text(column, image);

		add_pair(&data, NameStr(column->name), text);
		add_pair(&types, NameStr(column->name),
				 format_type_extended(column->type, column->typmod,
									  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
		for (int k = 0; k < binding->nkeys; k++)
			if (binding->keys[k] == c)
				add_pair(&key, NameStr(column->name), text);
	}
	keep(restore, binding->rel, kind, detail, &key, &data, &types);
}
