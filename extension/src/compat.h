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

#endif
