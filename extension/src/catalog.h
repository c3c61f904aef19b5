/*
 * catalog.h
 *		Direct access to the extension's own tables.
 *
 * The row path and the transaction callbacks read and write our tables without
 * SPI: they run as whoever writes the user's table, who holds no privilege on
 * ours, and often must see more than the snapshot of the statement shows.
 */
#ifndef YESTERDAY_CATALOG_H
#define YESTERDAY_CATALOG_H

#include "yesterday.h"
#include "access/genam.h"
#include "access/htup.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* Tables whose OID is looked up once and kept until the relcache says otherwise */
typedef enum YdTable
{
	YD_TABLE_DEPLOYMENT,
	YD_TABLE_MEMBER_TRANSACTION,
	YD_TABLE_CAPTURED_TABLE,
	YD_TABLE_CAPTURED_COLUMN,
	YD_TABLE_TRACKED_TABLE,
	YD_TABLE_TAKEN_TABLE,
	YD_TABLE_TABLE_DIGEST,
	YD_TABLE_OUTSIDE_WRITE,
	YD_TABLE_OUTSIDE_ROW,
	YD_TABLE_COUNT
} YdTable;

/* A scan of one of our tables under the latest snapshot */
typedef struct YdScan
{
	Relation	rel;
	Snapshot	snapshot;
	SysScanDesc scan;
} YdScan;

/* Is the extension there, as far as this transaction sees? */
extern bool yd_is_installed(void);

extern Oid	yd_schema_oid(void);
extern Oid	yd_shadow_schema_oid(void);
extern Oid	yd_owner(void);
extern Oid	yd_table_oid(YdTable table);
extern bool yd_is_own_table(Oid relid);

/* Owner of a relation, and its name as SQL writes it. */
extern Oid	yd_relation_owner(Oid relid);
extern char *yd_relation_name(Oid relid);
extern int64 yd_next_id(const char *sequence);

/* index: name of the index in schema yesterday, or NULL for a sequential scan */
extern void yd_scan_begin(YdScan *scan, YdTable table, const char *index,
						  int nkeys, ScanKey keys);
extern HeapTuple yd_scan_next(YdScan *scan);
extern void yd_scan_end(YdScan *scan);
extern Datum yd_column(Relation rel, HeapTuple tuple, const char *column, bool *isnull);
extern void yd_insert(YdTable table, const char *const *columns, Datum *values,
					  bool *nulls, int n);
extern void yd_invalidate_deployments(void);

#endif
