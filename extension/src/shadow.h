/*
 * shadow.h
 *		Shadow tables: their shape, their creation, their buffers.
 */
#ifndef YESTERDAY_SHADOW_H
#define YESTERDAY_SHADOW_H

#include "yesterday.h"
#include "access/attnum.h"
#include "access/htup.h"
#include "access/tupdesc.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "pgtime.h"
#include "spelling.h"
#include "utils/relcache.h"

/* op of a record */
#define YD_OP_INSERT	'I'
#define YD_OP_UPDATE	'U'
#define YD_OP_DELETE	'D'
#define YD_OP_TAKEN		'T'		/* taken as a whole: TRUNCATE, rewrite */

/* attributes of a shadow table in front of the columns */
#define YD_SHADOW_OP	1
#define YD_SHADOW_PLACE	2		/* where the row stood afterwards: a hint, in what would be padding */
#define YD_SHADOW_XID	3
#define YD_SHADOW_PRIOR	4		/* transaction that wrote the prior image, where known */
#define YD_SHADOW_FIRST	5

typedef struct YdShadowColumn
{
	AttrNumber	attnum;			/* in the user's table */
	NameData	name;			/* there, before the deployment */
	Oid			type;			/* there; domains not resolved */
	int32		typmod;
	bool		generated;
	bool		identity;
	bool		native;			/* stored as it is; else type output text */
	Oid			stored_type;	/* type of the shadow's column */
	AttrNumber	shadow;			/* in the shadow; 0: an element of its column "wide" */
	FmgrInfo	output;			/* text columns */
	YdSpelling	spelling;
} YdShadowColumn;

/* Would a value of this type be stored as it is, and under which type? */
extern bool yd_stored_natively(Oid type, Oid *stored_type);

/*
 * Create a shadow table without running any code of a user: no event trigger
 * fires, nothing of the user's is depended on. Returns its OID. "wide": where its
 * column of that name is to be; 0: it has none.
 */
extern Oid	yd_create_shadow(const char *name, const YdShadowColumn *columns, int ncolumns,
							 AttrNumber wide);

/* Pin the settings that type output and input text depend on, and put them back. */
typedef struct YdTextSettings
{
	int			date_style;
	int			date_order;
	int			interval_style;
	int			extra_float_digits;
	int			bytea_style;
	pg_tz	   *time_zone;
	char	   *monetary;
} YdTextSettings;

extern void yd_pin_text_settings(YdTextSettings *saved);
extern void yd_unpin_text_settings(const YdTextSettings *saved);

#endif
