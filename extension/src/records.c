/*
 * records.c
 *		Shadow records and rows as text: {column: type output text or null}.
 *		For people, for comparison and for the attic.
 */
#include "records.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "shadow.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "utils/xid8.h"
#include "wide.h"

PG_FUNCTION_INFO_V1(yd_records);
PG_FUNCTION_INFO_V1(yd_row_image);
PG_FUNCTION_INFO_V1(yd_may_see_rows);
PG_FUNCTION_INFO_V1(yd_require_right_to_see_sql);

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, const char *string)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = pstrdup(string);
	value.val.string.len = strlen(string);
	(void) pushJsonbValue(state, token, &value);
}

void
yd_image_begin(YdImage *image)
{
	image->state = NULL;
	(void) pushJsonbValue(&image->state, WJB_BEGIN_OBJECT, NULL);
}

void
yd_image_add(YdImage *image, const char *column, const char *text)
{
	push_string(&image->state, WJB_KEY, column);
	if (text != NULL)
		push_string(&image->state, WJB_VALUE, text);
	else
	{
		JsonbValue	null = {.type = jbvNull};

		(void) pushJsonbValue(&image->state, WJB_VALUE, &null);
	}
}

Datum
yd_image_end(YdImage *image)
{
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&image->state, WJB_END_OBJECT, NULL)));
}

/* What a shadow table holds, by its columns */
typedef struct Recorded
{
	int			ncolumns;
	NameData   *names;
	NameData   *stored;			/* columns of the shadow */
	bool	   *is_key;
	AttrNumber *attnums;		/* in the shadow */
	YdWide	  **wide;			/* where it is a text among others there */
	FmgrInfo   *output;
} Recorded;

/* SELECT on the table itself, and no row security that could hide some of its rows. */
static bool
may_select_all(Oid relid)
{
	return pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		check_enable_rls(relid, InvalidOid, true) != RLS_ENABLED;
}

/* Whoever may read the table that a partition belongs to reads the partition through it. */
static bool
may_select_through_parent(Oid relid)
{
	ListCell   *cell;

	if (!get_rel_relispartition(relid))
		return false;
	foreach(cell, get_partition_ancestors(relid))
		if (may_select_all(lfirst_oid(cell)) &&
			yd_may_use_schema(get_rel_namespace(lfirst_oid(cell)), GetUserId()))
			return true;
	return false;
}

/*
 * Prior rows are shown to whoever may see the table's rows, and to
 * yesterday_admin. A table that somebody else made under its name gives no
 * right to them.
 */
static bool
may_see_rows(const char *schema, const char *table, const char *owner)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			relid = OidIsValid(namespace) ? get_relname_relid(table, namespace) : InvalidOid;
	Oid			admin = get_role_oid("yesterday_admin", true);

	if (superuser() || (OidIsValid(admin) && has_privs_of_role(GetUserId(), admin)))
		return true;
	return OidIsValid(relid) &&
		(owner == NULL || yd_relation_owner(relid) == get_role_oid(owner, true)) &&
		(may_select_all(relid) || may_select_through_parent(relid));
}

/*
 * _may_see_rows(schema name, table name, owner name)
 */
Datum
yd_may_see_rows(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(may_see_rows(NameStr(*PG_GETARG_NAME(0)), NameStr(*PG_GETARG_NAME(1)),
								NameStr(*PG_GETARG_NAME(2))));
}

void
yd_require_right_to_see(const char *schema, const char *table, const char *owner)
{
	Oid			namespace;
	Oid			relid;
	bool		hidden;

	if (may_see_rows(schema, table, owner))
		return;
	namespace = get_namespace_oid(schema, true);
	relid = OidIsValid(namespace) ? get_relname_relid(table, namespace) : InvalidOid;
	hidden = OidIsValid(relid) && pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for prior rows of table \"%s.%s\"", schema, table),
			 errdetail("They are shown to whoever may SELECT all rows of the table, and to yesterday_admin."),
			 hidden ?
			 errhint("Row security hides rows of it, or it is not the table that it was: ask a member of yesterday_admin to look.") :
			 errhint("GRANT SELECT ON %s TO %s;", quote_qualified_identifier(schema, table),
					 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
}

/*
 * _require_right_to_see(relation oid)
 */
Datum
yd_require_right_to_see_sql(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);

	yd_require_right_to_see(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid), NULL);
	PG_RETURN_VOID();
}

static void
describe_records(int64 captured, Recorded *recorded, NameData *shadow_name)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;
	bool		isnull;
	NameData	schema,
				table,
				owner;
	Datum	   *keys = NULL;
	int			nkeys = 0;
	int			capacity = 32;
	bool		found = false;

	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_CAPTURED_TABLE), "id"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(captured));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_TABLE, "captured_table_pkey", 1, key);
	if (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		found = true;
		schema = *DatumGetName(yd_column(scan.rel, tuple, "schema_name", &isnull));
		table = *DatumGetName(yd_column(scan.rel, tuple, "table_name", &isnull));
		owner = *DatumGetName(yd_column(scan.rel, tuple, "owner", &isnull));
		*shadow_name = *DatumGetName(yd_column(scan.rel, tuple, "shadow_name", &isnull));
		deconstruct_array(DatumGetArrayTypePCopy(yd_column(scan.rel, tuple, "key_columns", &isnull)),
						  NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &keys, NULL, &nkeys);
	}
	yd_scan_end(&scan);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_YD_UNKNOWN_DEPLOYMENT),
				 errmsg("there is no captured table " INT64_FORMAT, captured),
				 errdetail("It was never captured, or is forgotten."),
				 errhint("SELECT id, name FROM yesterday.history WHERE rollbackable;")));
	yd_require_right_to_see(NameStr(schema), NameStr(table), NameStr(owner));

	recorded->ncolumns = 0;
	recorded->names = palloc(sizeof(NameData) * capacity);
	recorded->stored = palloc(sizeof(NameData) * capacity);
	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_CAPTURED_COLUMN), "captured_table"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(captured));
	yd_scan_begin(&scan, YD_TABLE_CAPTURED_COLUMN, "captured_column_pkey", 1, key);
	while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		if (recorded->ncolumns == capacity)
		{
			capacity *= 2;
			recorded->names = repalloc(recorded->names, sizeof(NameData) * capacity);
			recorded->stored = repalloc(recorded->stored, sizeof(NameData) * capacity);
		}
		recorded->stored[recorded->ncolumns] =
			*DatumGetName(yd_column(scan.rel, tuple, "shadow_column", &isnull));
		recorded->names[recorded->ncolumns++] =
			*DatumGetName(yd_column(scan.rel, tuple, "column_name", &isnull));
	}
	yd_scan_end(&scan);

	recorded->is_key = palloc0(sizeof(bool) * Max(recorded->ncolumns, 1));
	for (int i = 0; i < recorded->ncolumns; i++)
	{
		recorded->is_key[i] = nkeys == 0;	/* no key: the whole row */
		for (int k = 0; k < nkeys; k++)
			if (strcmp(NameStr(*DatumGetName(keys[k])), NameStr(recorded->names[i])) == 0)
				recorded->is_key[i] = true;
	}
}

static void
emit_records(Recorded *recorded, Relation shadow, ReturnSetInfo *result)
{
	TupleTableSlot *slot = table_slot_create(shadow, NULL);
	TableScanDesc scan = table_beginscan(shadow, GetActiveSnapshot(), 0, NULL);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "yesterday records",
													  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		YdImage		key,
					image;
		Datum		values[4];
		bool		nulls[4] = {false};

		old = MemoryContextSwitchTo(row_context);
		slot_getallattrs(slot);
		yd_image_begin(&key);
		yd_image_begin(&image);
		for (int i = 0; i < recorded->ncolumns; i++)
		{
			int			att = recorded->attnums[i] - 1;
			char	   *text = recorded->wide[i] != NULL ? yd_wide_text(recorded->wide[i], slot, i) :
				slot->tts_isnull[att] ? NULL :
				OutputFunctionCall(&recorded->output[i], slot->tts_values[att]);

			if (recorded->is_key[i])
				yd_image_add(&key, NameStr(recorded->names[i]), text);
			yd_image_add(&image, NameStr(recorded->names[i]), text);
		}
		values[0] = slot->tts_values[YD_SHADOW_OP - 1];
		values[1] = slot->tts_values[YD_SHADOW_XID - 1];
		values[2] = yd_image_end(&key);
		values[3] = yd_image_end(&image);
		nulls[3] = DatumGetChar(values[0]) == YD_OP_INSERT;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row_context);
}

/* Where the columns lie in the shadow. */
static void
find_stored(Recorded *recorded, Relation shadow)
{
	YdWide	   *wide = yd_wide_begin(shadow);
	int			n = Max(recorded->ncolumns, 1);

	recorded->attnums = palloc(sizeof(AttrNumber) * n);
	recorded->wide = palloc0(sizeof(YdWide *) * n);
	recorded->output = palloc(sizeof(FmgrInfo) * n);
	for (int i = 0; i < recorded->ncolumns; i++)
	{
		char	   *name = NameStr(recorded->stored[i]);
		Oid			output;
		bool		varlena;

		recorded->attnums[i] = get_attnum(RelationGetRelid(shadow), name);
		if (recorded->attnums[i] <= 0)
			elog(ERROR, "column \"%s\" of shadow table \"%s\" does not exist", name,
				 RelationGetRelationName(shadow));
		if (strcmp(name, YD_WIDE_COLUMN) == 0)
			recorded->wide[i] = wide;
		getTypeOutputInfo(TupleDescAttr(RelationGetDescr(shadow), recorded->attnums[i] - 1)->atttypid,
						  &output, &varlena);
		fmgr_info(output, &recorded->output[i]);
	}
}

/*
 * _records(captured bigint)
 */
Datum
yd_records(PG_FUNCTION_ARGS)
{
	Recorded	recorded;
	NameData	shadow_name;
	Relation	shadow;
	Oid			shadow_oid;
	YdTextSettings settings;

	InitMaterializedSRF(fcinfo, 0);
	describe_records(PG_GETARG_INT64(0), &recorded, &shadow_name);
	shadow_oid = get_relname_relid(NameStr(shadow_name), yd_shadow_schema_oid());
	if (!OidIsValid(shadow_oid))
		ereport(ERROR,
				(errcode(ERRCODE_YD_FORGOTTEN),
				 errmsg("shadow table \"%s\" is gone", NameStr(shadow_name)),
				 errdetail("The prior images of captured table " INT64_FORMAT " were dropped.",
						   PG_GETARG_INT64(0)),
				 errhint("SELECT id, name FROM yesterday.history WHERE rollbackable;")));
	shadow = table_open(shadow_oid, AccessShareLock);
	find_stored(&recorded, shadow);
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		emit_records(&recorded, shadow, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	table_close(shadow, AccessShareLock);
	return (Datum) 0;
}

Datum
yd_image_of_row(HeapTupleHeader header)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple;
	YdImage		image;

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	yd_image_begin(&image);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		bool		isnull;
		Datum		value;
		Oid			output;
		bool		varlena;

		if (att->attisdropped || YD_ATT_IS_VIRTUAL(att))
			continue;
		value = heap_getattr(&tuple, i + 1, desc, &isnull);
		getTypeOutputInfo(att->atttypid, &output, &varlena);
		yd_image_add(&image, NameStr(att->attname),
					 isnull ? NULL : OidOutputFunctionCall(output, value));
	}
	ReleaseTupleDesc(desc);
	return yd_image_end(&image);
}

/*
 * _row_image(row)
 */
Datum
yd_row_image(PG_FUNCTION_ARGS)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 0);
	Datum		result = (Datum) 0;
	YdTextSettings settings;

	if (!type_is_rowtype(type))
		ereport(ERROR,
				(errcode(ERRCODE_YD_BAD_ARGUMENT),
				 errmsg("_row_image() takes a row"),
				 errdetail("It was given a value of type %s.", format_type_be(type)),
				 errhint("SELECT yesterday._row_image(t) FROM the_table t;")));
	yd_pin_text_settings(&settings);
	PG_TRY();
	{
		result = yd_image_of_row(PG_GETARG_HEAPTUPLEHEADER(0));
	}
	PG_FINALLY();
	{
		yd_unpin_text_settings(&settings);
	}
	PG_END_TRY();
	PG_RETURN_DATUM(result);
}
