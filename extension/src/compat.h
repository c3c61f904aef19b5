/*
 * compat.h
 *		Differences between PostgreSQL 15 to 18. Every PG_VERSION_NUM test of
 *		the extension stands here.
 */
#ifndef YESTERDAY_COMPAT_H
#define YESTERDAY_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "Yesterday is built for PostgreSQL 15 to 18"
#endif

/* varlena macros moved in 16 */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* spelt as an attribute behind the declaration until 17 */
#if PG_VERSION_NUM >= 180000
#define YD_NORETURN pg_noreturn
#else
#define YD_NORETURN __attribute__((noreturn))
#endif

/* virtual generated columns came with 18; they hold no value to capture */
#if PG_VERSION_NUM >= 180000
#define YD_ATT_IS_VIRTUAL(att) ((att)->attgenerated == 'v')
#else
#define YD_ATT_IS_VIRTUAL(att) false
#endif

/* index_beginscan() wants instrumentation from 18 on */
#if PG_VERSION_NUM >= 180000
#define yd_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, NULL, nkeys, 0)
#else
#define yd_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan(heap, index, snapshot, nkeys, 0)
#endif

/* which indexes an update has to enter: all or none until 15, also the summarizing alone later */
#if PG_VERSION_NUM >= 160000
#define YdUpdateIndexes				TU_UpdateIndexes
#define YD_NO_INDEX_UPDATE(u)		((u) == TU_None)
#define yd_insert_index_tuples(result, slot, estate, conflict, u) \
	ExecInsertIndexTuples(result, slot, estate, false, true, conflict, NIL, (u) == TU_Summarizing)
#define YD_INDEX_IS_WANTED(info, u)	((u) != TU_Summarizing || (info)->ii_Summarizing)
#define YD_ALL_INDEXES				TU_All
#else
#define YdUpdateIndexes				bool
#define YD_NO_INDEX_UPDATE(u)		(!(u))
#define yd_insert_index_tuples(result, slot, estate, conflict, u) \
	ExecInsertIndexTuples(result, slot, estate, false, true, conflict, NIL)
#define YD_INDEX_IS_WANTED(info, u)	true
#define YD_ALL_INDEXES				true
#endif

/* one function for the privileges of all kinds of objects from 16 on */
#if PG_VERSION_NUM >= 160000
#define yd_may_use_schema(schema, user) \
	(object_aclcheck(NamespaceRelationId, schema, user, ACL_USAGE) == ACLCHECK_OK)
#else
#define yd_may_use_schema(schema, user) \
	(pg_namespace_aclcheck(schema, user, ACL_USAGE) == ACLCHECK_OK)
#endif

/* a relation grows by several pages in one call from 16 on */
#if PG_VERSION_NUM >= 160000
#define YD_GROWS_BY_SEVERAL			1
#else
#define YD_GROWS_BY_SEVERAL			0
#endif

/* where assign_locale_monetary() is declared: with the locales until 15 */
#if PG_VERSION_NUM >= 160000
#include "utils/guc.h"
#include "utils/guc_hooks.h"
#endif

/* constraints that are there but not enforced, and NOT NULLs that are not valid */
#if PG_VERSION_NUM >= 180000
#define YD_CHECK_IS_ENFORCED(check)	((check)->ccenforced)
#define YD_NOT_NULL_HOLDS(desc, i) \
	(TupleDescAttr(desc, i)->attnotnull && \
	 TupleDescCompactAttr(desc, i)->attnullability != ATTNULLABLE_INVALID)
#define YD_EXPAND_GENERATED(expr, rel)	expand_generated_columns_in_expr(expr, rel, 1)
#define YD_FKEY_FILTER				" AND c.conenforced"
#define YD_FKEY_PERIOD				"c.conperiod"
#else
#define YD_CHECK_IS_ENFORCED(check)	true
#define YD_NOT_NULL_HOLDS(desc, i)	(TupleDescAttr(desc, i)->attnotnull)
#define YD_EXPAND_GENERATED(expr, rel)	(expr)
#define YD_FKEY_FILTER				""
#define YD_FKEY_PERIOD				"false"
#endif

#endif
