/*
 * shadow.c
 *		Shadow tables: their shape and their creation.
 *
 * A shadow table depends on nothing of the user's. A column of a base, range
 * or multirange type that PostgreSQL itself brings keeps its type, a domain
 * over one becomes that type, and every other value is stored as the text its
 * type's output function gives, because the type may be altered or dropped by
 * the very deployment that the shadow has to survive.
 */
#include "shadow.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog.h"
#include "catalog/heap.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/dependency.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_tablespace.h"
#include "catalog/pg_type.h"
#include "catalog/toasting.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/pg_locale.h"
#include "utils/syscache.h"
#include "wide.h"

static bool
is_plain_builtin(Oid type)
{
	HeapTuple	tuple;
	Form_pg_type form;
	bool		plain;

	if (type >= FirstNormalObjectId)
		return false;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_type) GETSTRUCT(tuple);
	plain = form->typtype == TYPTYPE_BASE || form->typtype == TYPTYPE_RANGE ||
		form->typtype == TYPTYPE_MULTIRANGE;
	if (plain && OidIsValid(form->typelem) && form->typlen == -1)
		plain = is_plain_builtin(form->typelem);
	ReleaseSysCache(tuple);
	return plain;
}

bool
yd_stored_natively(Oid type, Oid *stored_type)
{
	Oid			base = getBaseType(type);

	if (is_plain_builtin(base))
	{
		*stored_type = base;
		return true;
	}
	*stored_type = TEXTOID;
	return false;
}

/*
 * A table without a key cannot lose rows while a publication FOR ALL TABLES
 * publishes deletes, unless its whole rows are its replica identity.
 */
static void
identify_by_row(Oid relid)
{
	Relation	classes = table_open(RelationRelationId, RowExclusiveLock);
	HeapTuple	tuple = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(relid));

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	((Form_pg_class) GETSTRUCT(tuple))->relreplident = REPLICA_IDENTITY_FULL;
	CatalogTupleUpdate(classes, &tuple->t_self, tuple);
	heap_freetuple(tuple);
	table_close(classes, RowExclusiveLock);
	CommandCounterIncrement();
}

Oid
yd_create_shadow(const char *name, const YdShadowColumn *columns, int ncolumns, AttrNumber wide)
{
	int			natts = wide > 0 ? wide : YD_SHADOW_FIRST - 1 + ncolumns;
	TupleDesc	desc;
	ObjectAddress address;
	Oid			relid;

	if (natts > MaxHeapAttributeNumber)
		ereport(ERROR,
				(errcode(ERRCODE_YD_TOO_LARGE),
				 errmsg("the rows of a table of %d columns cannot be kept", ncolumns),
				 errdetail("A copy of them has %d columns more, and no table can have more than %d.",
						   YD_SHADOW_FIRST - 1, MaxHeapAttributeNumber),
				 errhint("Split the table, or leave it out of deployments.")));
	desc = CreateTemplateTupleDesc(natts);
	TupleDescInitEntry(desc, YD_SHADOW_OP, "op", CHAROID, -1, 0);
	TupleDescInitEntry(desc, YD_SHADOW_PLACE, "place", TIDOID, -1, 0);
	TupleDescInitEntry(desc, YD_SHADOW_XID, "xid", XID8OID, -1, 0);
	TupleDescInitEntry(desc, YD_SHADOW_PRIOR, "prior", XID8OID, -1, 0);
	for (int i = 0; i < ncolumns; i++)
	{
		char		colname[NAMEDATALEN];

		if (columns[i].shadow <= 0)
			continue;
		snprintf(colname, sizeof(colname), "c%d", columns[i].attnum);
		TupleDescInitEntry(desc, columns[i].shadow, colname, columns[i].stored_type, -1, 0);
	}
	if (wide > 0)
		TupleDescInitEntry(desc, wide, YD_WIDE_COLUMN, TEXTARRAYOID, -1, 0);

	relid = heap_create_with_catalog(name, yd_shadow_schema_oid(), InvalidOid,
									 InvalidOid, InvalidOid, InvalidOid,
									 yd_owner(), HEAP_TABLE_AM_OID, desc, NIL,
									 RELKIND_RELATION, RELPERSISTENCE_PERMANENT,
									 false, false, ONCOMMIT_NOOP, (Datum) 0,
									 false, false, true, InvalidOid, &address);
	CommandCounterIncrement();
	identify_by_row(relid);
	NewRelationCreateToastTable(relid, (Datum) 0);
	CommandCounterIncrement();
	return relid;
}

/* Text of money follows it, and so does that of whatever contains money. */
static void
set_monetary(char *locale)
{
	locale_monetary = locale;
	assign_locale_monetary(locale, NULL);	/* what was derived from the other one is void */
}

void
yd_pin_text_settings(YdTextSettings *saved)
{
	saved->date_style = DateStyle;
	saved->date_order = DateOrder;
	saved->interval_style = IntervalStyle;
	saved->extra_float_digits = extra_float_digits;
	saved->bytea_style = bytea_output;
	saved->time_zone = session_timezone;
	bytea_output = BYTEA_OUTPUT_HEX;
	session_timezone = pg_tzset("UTC");
	DateStyle = USE_ISO_DATES;
	DateOrder = DATEORDER_YMD;
	IntervalStyle = INTSTYLE_POSTGRES;
	extra_float_digits = 3;
	saved->monetary = strcmp(locale_monetary, "C") == 0 ? NULL : locale_monetary;
	if (saved->monetary != NULL)
		set_monetary("C");
}

void
yd_unpin_text_settings(const YdTextSettings *saved)
{
	DateStyle = saved->date_style;
	DateOrder = saved->date_order;
	IntervalStyle = saved->interval_style;
	extra_float_digits = saved->extra_float_digits;
	bytea_output = saved->bytea_style;
	session_timezone = saved->time_zone;
	if (saved->monetary != NULL)
		set_monetary(saved->monetary);
}

PG_FUNCTION_INFO_V1(yd_drop_shadow);

/*
 * _drop_shadow(name): drops a table of yesterday_shadow without firing event
 * triggers.
 */
Datum
yd_drop_shadow(PG_FUNCTION_ARGS)
{
	char	   *name = NameStr(*PG_GETARG_NAME(0));
	ObjectAddress object;
	Oid			relid = get_relname_relid(name, yd_shadow_schema_oid());

	if (!OidIsValid(relid))
		PG_RETURN_BOOL(false);
	ObjectAddressSet(object, RelationRelationId, relid);
	performDeletion(&object, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
	CommandCounterIncrement();
	PG_RETURN_BOOL(true);
}
