/*
 * deployment_row.c
 *		What yesterday.deployment says: a deployment by its id, and which one is
 *		open in this target.
 */
#include "deployment_row.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/xid8.h"

/* What the newest look at yesterday.deployment showed; dropped by invalidation */
static YdDeploymentRow open_row;
static bool open_row_valid = false;
static Oid	open_row_relid = InvalidOid;	/* yesterday.deployment, for the callback */

static void
decode_row(Relation rel, HeapTuple tuple, YdDeploymentRow *row)
{
	bool		isnull;
	Datum		value;

	row->id = DatumGetInt64(yd_column(rel, tuple, "id", &isnull));
	value = yd_column(rel, tuple, "status", &isnull);
	row->is_open = strcmp(TextDatumGetCString(value), "open") == 0;
	value = yd_column(rel, tuple, "scope", &isnull);
	row->scope = strcmp(TextDatumGetCString(value), "open") == 0 ? YD_SCOPE_OPEN : YD_SCOPE_TRANSACTION;
	value = yd_column(rel, tuple, "join_role", &isnull);
	row->join_role = isnull ? InvalidOid : get_role_oid(NameStr(*DatumGetName(value)), true);
	row->system_identifier = DatumGetInt64(yd_column(rel, tuple, "system_identifier", &isnull));
	row->database = DatumGetObjectId(yd_column(rel, tuple, "database", &isnull));
	row->begin_xid = DatumGetFullTransactionId(yd_column(rel, tuple, "begin_xid", &isnull));
	value = yd_column(rel, tuple, "proof_level", &isnull);
	row->digests = strcmp(TextDatumGetCString(value), "full") == 0;
	row->accepts_irreversible = DatumGetBool(yd_column(rel, tuple, "accept_irreversible", &isnull));
}

bool
yd_read_deployment(int64 id, YdDeploymentRow *row)
{
	YdScan		scan;
	ScanKeyData key[1];
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&key[0], get_attnum(yd_table_oid(YD_TABLE_DEPLOYMENT), "id"),
				BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(id));
	yd_scan_begin(&scan, YD_TABLE_DEPLOYMENT, "deployment_pkey", 1, key);
	if (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		decode_row(scan.rel, tuple, row);
		found = true;
	}
	yd_scan_end(&scan);
	return found;
}

static void
deployment_changed(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == open_row_relid)
		open_row_valid = false;
}

/*
 * Which deployment is open? Kept until yesterday.deployment changes: whoever
 * changes it sends an invalidation, which this backend takes in before it
 * starts a statement.
 */
static void
look_up_open_row(void)
{
	YdScan		scan;
	HeapTuple	tuple;
	YdDeploymentRow found = {0};

	/* set first: an invalidation during the scan must be able to reset it */
	open_row_relid = yd_table_oid(YD_TABLE_DEPLOYMENT);
	open_row_valid = true;
	yd_scan_begin(&scan, YD_TABLE_DEPLOYMENT, "deployment_one_open", 0, NULL);
	while (HeapTupleIsValid(tuple = yd_scan_next(&scan)))
	{
		YdDeploymentRow row;

		decode_row(scan.rel, tuple, &row);
		if (row.is_open)
			found = row;
	}
	yd_scan_end(&scan);
	open_row = found;
}

const YdDeploymentRow *
yd_open_row(void)
{
	if (!open_row_valid)
		look_up_open_row();
	return &open_row;
}

bool
yd_row_is_of_here(const YdDeploymentRow *row)
{
	return row->system_identifier == (int64) GetSystemIdentifier() &&
		row->database == MyDatabaseId;
}

bool
yd_try_share(int64 id)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, yd_table_oid(YD_TABLE_DEPLOYMENT), (Oid) id, 0);
	return LockAcquire(&tag, ShareLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

void
yd_deployment_row_init(void)
{
	CacheRegisterRelcacheCallback(deployment_changed, (Datum) 0);
}
