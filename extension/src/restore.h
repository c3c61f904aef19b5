/*
 * restore.h
 *		Putting the rows of a deployment back: what the files of the engine share.
 *
 * A restore runs in four steps. Every record of every shadow is classified
 * once against the row of its key (restore_plan.c). An attempt then writes, in
 * a subtransaction (restore_write.c), and is judged (conflict.c for unique
 * values, references.c for foreign keys). An attempt that meets an exception
 * is undone, the exception is remembered and the next attempt obeys it;
 * exceptions only grow, so it ends. The last step reads every touched row back
 * (restore_verify.c).
 */
#ifndef YESTERDAY_RESTORE_H
#define YESTERDAY_RESTORE_H

#include "binding.h"
#include "access/genam.h"
#include "access/htup.h"
#include "access/transam.h"
#include "execute_as.h"
#include "executor/executor.h"
#include "storage/itemptr.h"
#include "utils/hsearch.h"
#include "utils/snapshot.h"

/* What has to happen for one record */
typedef enum YdAction
{
	YD_KEEP,					/* the row equals its image */
	YD_REMOVE,					/* the row is the deployment's */
	YD_UPDATE,					/* in place, so that waiting sessions follow the row */
	YD_INSERT,					/* the row is gone */
	YD_KEEP_VERSION,			/* record of a foreign version: to the attic */
	YD_SETTLED					/* another record tells what becomes of the row */
} YdAction;

/* What keeps it from happening */
typedef enum YdFate
{
	YD_GO,
	YD_HELD,					/* a row that stays refers to it */
	YD_UNPLACEABLE,				/* no room for the image */
	YD_ORPHANED					/* the image's parent is gone */
} YdFate;

/* One record; kept small, there is one for every row of the deployment */
typedef struct YdEntry
{
	ItemPointerData image;		/* record in the shadow */
	ItemPointerData current;	/* row now; invalid: none */
	ItemPointerData written;	/* row that the attempt under way wrote */
	uint8		action;
	uint8		fate;
	bool		changed:1;		/* not proven to be the deployment's version */
	bool		moves:1;		/* update of a unique value */
	bool		refilled:1;		/* the inverse DDL brings back a value of the row */
	bool		beside:1;		/* another row of its key, from when the table had no such key */
	bool		recomputed:1;	/* a generated value is not what it was: what it is computed by gives another one */
	uint16		origin;			/* in YdRestore.origins: deployment that wrote the image; 0: none */
} YdEntry;

typedef struct YdCheck
{
	const char *name;
	ExprState  *expr;
} YdCheck;

typedef struct YdDomainCheck
{
	AttrNumber	attnum;
	Oid			domain;
	const char *name;
	ExprState  *expr;			/* NULL: NOT NULL */
} YdDomainCheck;

typedef struct YdRestoring
{
	YdBinding  *binding;
	int			index;			/* in YdRestore.tables */
	Oid			relid;
	YdEntry    *entries;
	uint32		nentries;
	uint32		capacity;
	const char **reasons;		/* of fates, by entry; NULL while there are none */
	uint32	   *doomed;			/* entries that leave a unique value, in order of key */
	uint32		ndoomed;
	Bitmapset  *unique_columns; /* attributes that a unique or exclusion index reads */
	bool		unique_any;		/* one of them reads the whole row */
	uint32	   *by_current;		/* entries in order of "current"; made when asked for */
	uint32		nby_current;
	uint32	   *by_written;		/* the same of "written", of one attempt */
	uint32		nby_written;
	uint32	   *suspects;		/* entries whose row met its like in a unique index */
	uint32		nsuspects;
	uint32		suspect_capacity;
	int64		missing;		/* key kind "row": rows to remove that are not there */

	bool		dry;
	bool		unread;			/* preview: its images fit types that the inverse DDL brings back */
	TupleTableSlot *image;
	TupleTableSlot *current;
	TupleTableSlot *row;		/* to be written: one of the next two */
	TupleTableSlot *composed;	/* virtual */
	TupleTableSlot *packed;		/* bytes of a record */
	HeapTupleData packed_row;	/* in row_context */
	TupleTableSlot *scratch;	/* of the shadow, for yd_key_text() alone */
	bool	   *differs;		/* by column of the binding */

	/* of one attempt */
	EState	   *estate;
	ResultRelInfo *result;
	YdCheck    *checks;
	int			nchecks;
	List	   *domain_checks;
	Bitmapset  *free_columns;	/* preview: attributes that the deployment alone made NOT NULL */
	bool		free_bounds;	/* preview: the partition had others before, or none */
	ExprState **defaults;		/* by attribute; NULL: none */
} YdRestoring;

/* A tracked row that no deployment of ours wrote and that stands in the way */
typedef struct YdNewcomerKey
{
	Oid			relid;
	ItemPointerData tid;
} YdNewcomerKey;

/* Who sends a newcomer away, or goes itself: an entry, or another newcomer */
typedef struct YdOrigin
{
	int			table;			/* in YdRestore.tables; -1: newcomer */
	uint32		entry;
	Oid			relid;
	ItemPointerData tid;
} YdOrigin;

typedef struct YdNewcomer
{
	YdNewcomerKey key;
	YdOrigin	cause;			/* goes only while the cause does what it has to */
	bool		pinned;			/* something that stays refers to it: it stays too */
	bool		gone;			/* this attempt deleted it */
	const char *reason;
	const char *label;			/* its key */
} YdNewcomer;

typedef struct YdKnownXid
{
	TransactionId xid;
	bool		aged;			/* can be another transaction's by now */
	bool		first_epoch;	/* given out once only, so a frozen xmin counts */
} YdKnownXid;

/* A table of before that is not there: for a preview, its rows come with the DDL */
typedef struct YdAbsent
{
	const char *schema;
	const char *table;
	Oid			shadow;
	int64		images;
} YdAbsent;

/* What the deployment demands of rows until the inverse DDL has run; for a preview */
typedef struct YdDemand
{
	Oid			object;			/* table, index or constraint */
	int			column;			/* 0: the object; NOT NULL of a column; -1: bounds of a partition */
} YdDemand;

/*
 * An earlier deployment. Its versions come back in a subtransaction that is
 * entered as one of its own, so that its rollback knows them again.
 */
typedef struct YdOriginDeployment
{
	int64		deployment;
	bool		used;
} YdOriginDeployment;

typedef struct YdPriorXid
{
	uint64		xid;
	uint16		origin;
} YdPriorXid;

typedef struct YdRestore
{
	int64		deployment;
	int64		rollback;
	bool		dry;			/* preview: nothing is locked or written */
	YdRestoring *tables;
	int			ntables;
	YdKnownXid *xids;
	int			nxids;
	FullTransactionId oldest;	/* of them; invalid: not known here */
	YdOriginDeployment *origins;	/* from 1 */
	int			norigins;
	YdPriorXid *prior_xids;		/* sorted */
	int			nprior_xids;
	bool		own_xids;		/* the current transaction belongs to the deployment */
	bool		open_scope;		/* others could write between its transactions */
	bool		has_ddl;
	bool		foreseeing;		/* looks at what the inverse DDL will rewrite */
	Snapshot	snapshot;		/* of the classification; in an attempt, of its judgement */
	List	   *absent;			/* of YdAbsent */
	YdDemand   *demands;		/* sorted */
	int			ndemands;
	HTAB	   *newcomers;		/* NULL: none */
	List	   *references;		/* of YdReference */
	List	   *orphans;		/* of one judgement: restored rows without a parent */
	List	   *wanted_locks;	/* relations whose newcomers have to go */
	Oid		   *tracked;		/* sorted */
	int			ntracked;
	bool		found;			/* this attempt found an exception */
	MemoryContext context;		/* lives as long as the call */
	MemoryContext row_context;	/* reset for every row */

	/* whom to blame for an error in an attempt */
	YdRestoring *at_table;
	uint32		at_entry;
} YdRestore;

/* ----- restore.c ----- */
extern void yd_bind_tables(YdRestore *restore);
extern void yd_unbind_tables(YdRestore *restore);
extern void yd_plan_tables(YdRestore *restore);
extern void yd_clear_slots(YdRestore *restore);
extern bool yd_is_tracked(YdRestore *restore, Oid relid);
extern YdRestoring *yd_restoring(YdRestore *restore, Oid relid);

/* ----- restore_demands.c ----- */
extern void yd_load_demands(YdRestore *restore);
extern bool yd_demand_goes(YdRestore *restore, Oid object, int column);

/* ----- restore_report.c ----- */
extern void yd_report(YdRestore *restore, ReturnSetInfo *result);

/* ----- restore_exceptions.c ----- */
extern bool yd_set_fate(YdRestore *restore, YdRestoring *table, uint32 entry,
						YdFate fate, const char *reason);
extern bool yd_stays(const YdEntry *entry);
extern int64 yd_find_current(YdRestoring *table, ItemPointer tid);
extern void yd_forget_current(YdRestoring *table);
extern void yd_forget_written(YdRestoring *table);
extern int64 yd_find_written(YdRestoring *table, ItemPointer tid);
extern YdNewcomer *yd_find_newcomer(YdRestore *restore, Oid relid, ItemPointer tid);
extern bool yd_goes(YdRestore *restore, const YdNewcomer *newcomer);
extern bool yd_displace(YdRestore *restore, Oid relid, ItemPointer tid,
						const YdOrigin *cause, const char *reason);
extern YdOrigin yd_origin(YdRestoring *table, uint32 entry);
extern YdNewcomer **yd_sorted_newcomers(YdRestore *restore, long *n);
extern bool yd_pin(YdRestore *restore, YdNewcomer *newcomer, const char *reason);
extern char *yd_key_text(YdRestoring *table, uint32 entry);

/* ----- restore_xids.c ----- */
extern void yd_load_xids(YdRestore *restore);
extern void yd_load_origins(YdRestore *restore);
extern bool yd_xmin_is_known(YdRestore *restore, HeapTuple tuple);
extern bool yd_xmin_is_older(YdRestore *restore, HeapTuple tuple);
extern uint16 yd_origin_of(YdRestore *restore, uint64 prior);
extern void yd_enter_origin(YdRestore *restore, int origin);

/* ----- restore_business.c ----- */
extern bool yd_is_left_alone(YdRestore *restore, YdRestoring *table, YdEntry *entry, char op,
							 HeapTuple current);
extern void yd_settle_business(YdRestore *restore, YdRestoring *table);
extern void yd_forget_foresight(void);

/* ----- restore_fetch.c ----- */
extern bool yd_fetch(Relation rel, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot);
extern bool yd_follow(Relation rel, ItemPointer place, BlockNumber nblocks, Snapshot snapshot,
					  TupleTableSlot *slot);
extern void yd_fetch_image(YdRestoring *table, uint32 entry);
extern bool yd_fetch_current(YdRestoring *table, uint32 entry);

/* ----- restore_versions.c ----- */
extern void yd_note_versions(YdRestore *restore);
extern bool yd_version_was_own(YdRestoring *table, ItemPointer record);
extern bool yd_version_is_kept(YdRestoring *table, ItemPointer record);
extern bool yd_is_written_anew(YdRestoring *table);
extern bool yd_foreseen_place(YdRestoring *table, ItemPointer record, int nth, ItemPointer place);
extern bool yd_comes_back(YdRestoring *table, const YdEntry *entry);
extern void yd_forget_versions(void);

/* ----- restore_plan.c ----- */
extern void yd_plan_table(YdRestore *restore, YdRestoring *table);
extern YdEntry *yd_add_entry(YdRestore *restore, YdRestoring *table, ItemPointer image);
extern uint16 yd_image_origin(YdRestore *restore, YdRestoring *table);
extern bool yd_key_is_outgrown(YdRestore *restore, YdRestoring *table);
extern bool yd_compare(YdRestoring *table, TupleTableSlot *image, TupleTableSlot *current,
					   bool exactly);

/* ----- restore_lookup.c ----- */
typedef struct YdLookup YdLookup;

extern YdLookup *yd_lookup_begin(YdRestore *restore, YdRestoring *table);
extern bool yd_lookup_find(YdLookup *lookup, TupleTableSlot *image, TupleTableSlot *found);
extern void yd_lookup_end(YdLookup *lookup);

/* ----- restore_scan.c, restore_whole_rows.c ----- */
extern void yd_match_by_scan(YdRestore *restore, YdRestoring *table);
extern void yd_plan_whole_rows(YdRestore *restore, YdRestoring *table);

/* ----- restore_order.c ----- */
extern void yd_sort_doomed(YdRestore *restore, YdRestoring *table);

/* ----- restore_write.c ----- */
extern void yd_write_rows(YdRestore *restore);

/* ----- restore_result.c ----- */
extern void yd_open_result(YdRestore *restore, YdRestoring *table);
extern void yd_close_result(YdRestoring *table);
extern bool yd_build_row(YdRestoring *table, uint32 entry, const char **why);

/* ----- restore_verify.c ----- */
extern void yd_verify_rows(YdRestore *restore);

/* ----- conflict.c ----- */
extern void yd_add_suspect(YdRestore *restore, YdRestoring *table, uint32 entry);
extern void yd_resolve_conflicts(YdRestore *restore, YdRestoring *table);
extern void yd_foresee_conflicts(YdRestore *restore, YdRestoring *table);

/* ----- references.c ----- */
extern void yd_load_references(YdRestore *restore);

/* ----- judge.c ----- */
extern void yd_judge_references(YdRestore *restore);
extern void yd_hold_parents(YdRestore *restore);

/* ----- blockers.c ----- */
extern void yd_remember_blockers(YdRestoring *table, uint32 entry);

/* ----- attic.c ----- */
typedef struct YdAttic YdAttic;

extern void yd_attic_open(YdRestore *restore);
extern void yd_attic_close(void);
extern void yd_attic_keep_row(YdRestore *restore, Relation rel, TupleTableSlot *row,
							  const char *kind, const char *detail);
extern void yd_attic_keep_changed(YdRestore *restore, YdRestoring *table, YdEntry *entry);
extern void yd_attic_keep_image(YdRestore *restore, YdRestoring *table,
								TupleTableSlot *image, const char *kind, const char *detail);

#endif
