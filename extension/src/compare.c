/*
 * compare.c
 *		Prior images beside the table as it is now, for diff() and prior().
 *
 * Whoever asks must have the right to see the rows; what reads the user's
 * table, compares its keys and makes values of its types runs as the table's
 * owner: a domain, an operator or an index expression can call anything.
 */
#include "yesterday.h"

#include "access/htup_details.h"
#include "catalog.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "execute_as.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "records.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(yd_key_match);
PG_FUNCTION_INFO_V1(yd_records_now);
PG_FUNCTION_INFO_V1(yd_prior_rows);

#define BATCH		1000		/* rows that a cursor gives at once */

/* ----- keys ----- */

/*
 * One column of the row equals the text of it in a key: by the operator of
 * its type, named with its schema; its value is made of the base type, so that
 * no domain has a say.
 */
static void
append_column_match(StringInfo sql, Oid relid, const char *column, const char *row, const char *key)
{
	AttrNumber	attnum = get_attnum(relid, column);
	Oid			type,
				base,
				collation,
				operator;
	int32		typmod;
	char	   *schema;
	char	   *name;

	get_atttypetypmodcoll(relid, attnum, &type, &typmod, &collation);
	base = getBaseTypeAndTypmod(type, &typmod);
	operator = lookup_type_cache(base, TYPECACHE_EQ_OPR)->eq_opr;
	if (!OidIsValid(operator))
	{
		appendStringInfo(sql, "pg_catalog.format('%%s', %s.%s) OPERATOR(pg_catalog.=) (%s OPERATOR(pg_catalog.->>) %s)",
						 row, quote_identifier(column), key, quote_literal_cstr(column));
		return;
	}
	name = get_opname(operator);
	{
		HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for operator %u", operator);
		schema = get_namespace_name(((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace);
		ReleaseSysCache(tuple);
	}
	appendStringInfo(sql, "%s.%s OPERATOR(%s.%s) (%s OPERATOR(pg_catalog.->>) %s)::%s",
					 row, quote_identifier(column), quote_identifier(schema), name,
					 key, quote_literal_cstr(column),
					 format_type_extended(base, typmod,
										  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

/* The condition for a whole key; NULL: the table lacks one of its columns, or there is no key. */
static char *
key_match(Oid relid, ArrayType *key_columns, const char *row, const char *key)
{
	StringInfoData sql;
	Datum	   *columns;
	int			ncolumns;

	deconstruct_array(key_columns, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR,
					  &columns, NULL, &ncolumns);
	if (ncolumns == 0)
		return NULL;
	initStringInfo(&sql);
	for (int i = 0; i < ncolumns; i++)
	{
		char	   *column = NameStr(*DatumGetName(columns[i]));

		if (get_attnum(relid, column) <= 0)
			return NULL;
		if (i > 0)
			appendStringInfoString(&sql, " AND ");
		append_column_match(&sql, relid, column, row, key);
	}
	return sql.data;
}

/*
 * _key_match(relation oid, key_columns name[], row text, key text): the
 * condition as text; row and key are SQL of ours.
 */
Datum
yd_key_match(PG_FUNCTION_ARGS)
{
	char	   *sql = key_match(PG_GETARG_OID(0), PG_GETARG_ARRAYTYPE_P(1),
								text_to_cstring(PG_GETARG_TEXT_PP(2)),
								text_to_cstring(PG_GETARG_TEXT_PP(3)));

	if (sql == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(sql));
}

/* ----- records, and queries that join them ----- */

/* What a query of ours returns, kept. It runs as the caller, who must have the right to it. */
static Tuplestorestate *
keep_rows(const char *sql, int nargs, Oid *types, Datum *values, TupleDesc *desc, int64 *rows)
{
	MemoryContext outer = CurrentMemoryContext;
	Tuplestorestate *store = tuplestore_begin_heap(true, false, work_mem);
	Portal		portal;

	*rows = 0;
	SPI_connect();
	portal = SPI_cursor_open_with_args(NULL, sql, nargs, types, values, NULL, true, 0);
	*desc = NULL;
	for (;;)
	{
		MemoryContext old;

		SPI_cursor_fetch(portal, true, BATCH);
		old = MemoryContextSwitchTo(outer);
		if (*desc == NULL)
			*desc = CreateTupleDescCopy(SPI_tuptable->tupdesc);
		for (uint64 i = 0; i < SPI_processed; i++)
			tuplestore_puttuple(store, SPI_tuptable->vals[i]);
		MemoryContextSwitchTo(old);
		if (SPI_processed == 0)
			break;
		*rows += SPI_processed;
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	return store;
}

/* Connects, and gives the kept rows the name "yd_record" in the queries that follow. */
static void
connect_with_records(Tuplestorestate *store, TupleDesc desc, int64 rows)
{
	EphemeralNamedRelation relation = palloc0(sizeof(EphemeralNamedRelationData));

	relation->md.name = pstrdup("yd_record");
	relation->md.reliddesc = InvalidOid;
	relation->md.tupdesc = desc;
	relation->md.enrtype = ENR_NAMED_TUPLESTORE;
	relation->md.enrtuples = rows;
	relation->reldata = store;
	SPI_connect();
	if (SPI_register_relation(relation) != SPI_OK_REL_REGISTER)
		elog(ERROR, "SPI_register_relation failed");
}

/* ----- diff() ----- */

static void
emit_now(ReturnSetInfo *result, const char *sql)
{
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);
	Portal		portal;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, BATCH);
		if (SPI_processed == 0)
			break;
		if (!type_is_rowtype(SPI_gettypeid(SPI_tuptable->tupdesc, 4)))
			elog(ERROR, "the row of now is not a row");
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			Datum		values[4];
			bool		nulls[4];

			for (int c = 0; c < 4; c++)
				values[c] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, c + 1, &nulls[c]);
			if (!nulls[3])
				values[3] = yd_image_of_row(DatumGetHeapTupleHeader(values[3]));
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
}

/*
 * _records_now(captured bigint, relation oid, key_columns name[]): the records
 * of a shadow, each with the image of its row as it is now. relation 0, or no
 * key: without. That it is the table captured the caller sees to; the rights
 * are those on the table that carries the name.
 */
Datum
yd_records_now(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			types[2] = {INT8OID, OIDOID};
	Datum		values[2] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
	Oid			relid = PG_GETARG_OID(1);
	char	   *match = NULL;
	char	   *sql;
	Tuplestorestate *records;
	TupleDesc	desc;
	int64		rows;
	int			settings;

	InitMaterializedSRF(fcinfo, 0);
	if (OidIsValid(relid))
	{
		yd_require_right_to_see(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid), NULL);
		match = key_match(relid, PG_GETARG_ARRAYTYPE_P(2), "t", "r.key");
	}

	settings = yd_pin_settings();
	records = keep_rows("SELECT r.op, r.key, r.image FROM yesterday._records_spelled($1, $2) r",
						2, types, values, &desc, &rows);
	connect_with_records(records, desc, rows);
	if (match != NULL)
	{
		YdUserSwitch save;

		/* a plain "t" could be a column of that name */
		sql = psprintf("SELECT r.op, r.key, r.image, (t.*)::%s FROM yd_record r LEFT JOIN ONLY %s t ON %s",
					   yd_relation_name(relid), yd_relation_name(relid), match);
		yd_switch_to_owner(yd_relation_owner(relid), &save);
		emit_now(result, sql);
		yd_switch_back(&save);
	}
	else
		emit_now(result, "SELECT r.op, r.key, r.image, NULL::pg_catalog.record FROM yd_record r");
	SPI_finish();
	yd_unpin_settings(settings);
	tuplestore_end(records);
	return (Datum) 0;
}

/* ----- prior() ----- */

/* The columns of a row type, each as it is read: from the table, or from an image. */
static void
append_columns(StringInfo sql, TupleDesc desc, bool from_image)
{
	const char *separator = "";

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		appendStringInfoString(sql, separator);
		if (from_image)
			appendStringInfo(sql, "(r.image OPERATOR(pg_catalog.->>) %s)::%s",
							 quote_literal_cstr(NameStr(att->attname)),
							 format_type_extended(att->atttypid, att->atttypmod,
												  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
		else
			appendStringInfo(sql, "t.%s", quote_identifier(NameStr(att->attname)));
		separator = ", ";
	}
}

/* SELECT ... FROM the table, as it is. */
static void
append_select(StringInfo sql, TupleDesc desc, Oid relid)
{
	appendStringInfoString(sql, "SELECT ");
	append_columns(sql, desc, false);
	appendStringInfo(sql, " FROM ONLY %s t", yd_relation_name(relid));
}

/* Is it the table itself, or a table that it is a partition of? */
static bool
is_row_type_of(Oid typrelid, Oid relid)
{
	return OidIsValid(typrelid) &&
		(typrelid == relid ||
		 (get_rel_relispartition(relid) && list_member_oid(get_partition_ancestors(relid), typrelid)));
}

/*
 * _prior_rows("table" anyelement, relation oid, key_columns name[], since
 * bigint): the rows of a table, or of a partition of it, as they were before a
 * deployment. key_columns NULL: nothing has touched it since.
 */
Datum
yd_prior_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			typrelid = get_typ_typrelid(get_fn_expr_argtype(fcinfo->flinfo, 0));
	Oid			relid = PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1);
	Tuplestorestate *records = NULL;
	TupleDesc	desc = NULL;
	int64		rows;
	int			settings;
	StringInfoData sql;
	YdUserSwitch save;
	SPIExecuteOptions options = {0};

	/* values of the row type are made as the table's owner: it has to be the table's own */
	if (get_rel_relkind(relid) != RELKIND_RELATION || !is_row_type_of(typrelid, relid))
		ereport(ERROR,
				(errcode(ERRCODE_YD_BAD_ARGUMENT),
				 errmsg("prior() takes a table"),
				 errdetail("It was given a value of type %s.",
						   format_type_be(get_fn_expr_argtype(fcinfo->flinfo, 0))),
				 errhint("SELECT * FROM yesterday.prior(NULL::the_schema.the_table, '12');")));
	InitMaterializedSRF(fcinfo, 0);
	yd_require_right_to_see(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid), NULL);

	initStringInfo(&sql);
	settings = yd_pin_settings();
	append_select(&sql, result->setDesc, relid);
	if (PG_ARGISNULL(2))
		SPI_connect();
	else
	{
		Oid			types[3] = {NAMEOID, NAMEOID, INT8OID};
		Datum		values[3];
		NameData	schema;
		NameData	table;
		char	   *match = key_match(relid, PG_GETARG_ARRAYTYPE_P(2), "t", "r.key");

		namestrcpy(&schema, get_namespace_name(get_rel_namespace(relid)));
		namestrcpy(&table, get_rel_name(relid));
		values[0] = NameGetDatum(&schema);
		values[1] = NameGetDatum(&table);
		values[2] = PG_GETARG_DATUM(3);
		if (match == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_YD_BAD_ARGUMENT),
					 errmsg("table \"%s.%s\" has no longer the key by which its rows were captured",
							NameStr(schema), NameStr(table)),
					 errdetail("Its rows cannot be told apart."),
					 errhint("SELECT * FROM yesterday.diff('" INT64_FORMAT "'); shows what was captured.",
							 PG_GETARG_INT64(3))));
		records = keep_rows("SELECT c.key, c.image FROM yesterday._prior_changes($1, $2, $3) c",
							3, types, values, &desc, &rows);
		appendStringInfo(&sql, " WHERE NOT EXISTS (SELECT FROM yd_record r WHERE %s) UNION ALL SELECT ",
						 match);
		append_columns(&sql, result->setDesc, true);
		appendStringInfoString(&sql, " FROM yd_record r WHERE r.image IS NOT NULL");
		connect_with_records(records, desc, rows);
	}

	options.read_only = true;
	options.dest = CreateDestReceiver(DestTuplestore);
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									GetMemoryChunkContext(result->setResult), false,
									result->setDesc, "the table has changed");
	yd_switch_to_owner(yd_relation_owner(relid), &save);
	if (SPI_execute_extended(sql.data, &options) != SPI_OK_SELECT)
		elog(ERROR, "reading prior rows failed");
	yd_switch_back(&save);
	SPI_finish();
	yd_unpin_settings(settings);
	if (records != NULL)
		tuplestore_end(records);
	return (Datum) 0;
}
