/*
 * references.h
 *		Foreign keys with a touched table at either end, and sets of their values.
 */
#ifndef YESTERDAY_REFERENCES_H
#define YESTERDAY_REFERENCES_H

#include "restore.h"
#include "utils/tuplestore.h"

typedef struct YdReference
{
	char	   *name;
	Oid			child;			/* referencing table, as the constraint names it */
	Oid			parent;
	Oid			child_owner;
	Oid			parent_owner;
	char	   *child_name;		/* for people */
	char	   *parent_name;
	bool		child_only;		/* not partitioned: heirs are not meant */
	bool		parent_only;
	bool		valid;
	int			n;
	AttrNumber	child_columns[INDEX_MAX_KEYS];
	AttrNumber	parent_columns[INDEX_MAX_KEYS];
	Oid			equal[INDEX_MAX_KEYS];	/* parent = child */
	Oid			parent_equal[INDEX_MAX_KEYS];	/* parent = parent */
	bool		child_tracked;	/* it, or a partition of it */
	int		   *children;		/* touched tables at either end: indexes of YdRestore.tables */
	int			nchildren;
	int		   *parents;
	int			nparents;
} YdReference;

/* Values of one end of a reference, each with the row it comes from */
typedef struct YdValues
{
	YdReference *reference;
	bool		of_child;
	TupleDesc	desc;			/* v1 .. vn, t, n, r, c */
	Tuplestorestate *store;
	int64		count;
} YdValues;

typedef struct YdQuery
{
	YdUserSwitch save;
	uint64		rows;
} YdQuery;

extern YdValues *yd_values_begin(YdReference *reference, bool of_child);
extern void yd_values_add(YdValues *values, const YdOrigin *origin,
						  const Datum *datums);
extern void yd_values_end(YdValues *values);

/*
 * Run a query over "yd_key" (and "yd_back") as the owner of one end. Rows stand
 * in SPI_tuptable until yd_query_end().
 */
extern void yd_query_begin(YdQuery *query, Oid owner, Snapshot snapshot, const char *sql,
						   YdValues *key, YdValues *back);
extern YdOrigin yd_query_origin(uint64 row, int first_column);
extern void yd_query_end(YdQuery *query);

extern void yd_append_table(StringInfo sql, YdReference *reference, bool child);
extern void yd_append_match(StringInfo sql, YdReference *reference,
							const char *parent, bool parent_is_values,
							const char *child, bool child_is_values);
extern void yd_append_parent_match(StringInfo sql, YdReference *reference,
								   const char *left, bool left_is_values,
								   const char *right, bool right_is_values);

/* ----- references_values.c ----- */
extern YdOrigin yd_origin_of_newcomer(YdNewcomer *newcomer);
extern void yd_leaf_columns(YdReference *reference, bool child, Oid relid, AttrNumber *columns);
extern bool yd_columns_change(YdReference *reference, YdRestoring *table,
							  const AttrNumber *columns);
extern YdValues *yd_collect_leaving(YdRestore *restore, YdReference *reference);
extern YdValues *yd_collect_restored(YdRestore *restore, YdReference *reference);
extern YdValues *yd_collect_outgoing(YdRestore *restore, YdReference *reference);
extern YdValues *yd_collect_staying(YdRestore *restore, YdReference *reference);

/* The partitioned tables above a relation, nearest first */
extern List *yd_ancestors(Oid relid);

/* The attribute of a touched table at that end, which may be a partition */
extern AttrNumber yd_reference_column(YdReference *reference, bool child, int i, Oid relid);

#endif
