/*
 * binding.h
 *		A shadow table bound to the user's table as it is now, by column name.
 */
#ifndef YESTERDAY_BINDING_H
#define YESTERDAY_BINDING_H

#include "yesterday.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "nodes/bitmapset.h"
#include "storage/lockdefs.h"
#include "spelling.h"
#include "utils/relcache.h"
#include "wide.h"

/* op of a record whose version somebody else wrote between two members */
#define YD_OP_FOREIGN	'F'

typedef struct YdBoundColumn
{
	NameData	name;
	AttrNumber	attnum;			/* in the user's table, now */
	AttrNumber	shadow;			/* in the shadow table */
	YdWide	   *wide;			/* where it has no column of its own there */
	int			place;			/* among the texts there */
	bool		native;			/* the shadow holds values of the column's base type */
	bool		fits;			/* any value stored can be one of the type now */
	bool		is_key;			/* tells rows apart */
	bool		computed;		/* generated now: compared, never written */
	bool		recomputed;		/* and made anew since: records of meanwhile are without it */
	Oid			type;
	int32		typmod;
	int16		typlen;
	bool		typbyval;
	Oid			collation;
	Oid			ioparam;
	FmgrInfo	input;
	FmgrInfo	output;
	FmgrInfo	shadow_output;
	YdRenamed  *renamed;		/* labels that are yet to get back their names; NULL: none */
	bool		is_array;		/* of labels */
} YdBoundColumn;

/* A column of before that a preview finds gone, or with another type */
typedef struct YdLostColumn
{
	AttrNumber	attnum;			/* in the user's table, now; 0: gone */
	AttrNumber	shadow;
	YdWide	   *wide;
	int			place;
	FmgrInfo	output;
	FmgrInfo	shadow_output;
} YdLostColumn;

typedef struct YdBinding
{
	int64		id;				/* of yesterday.captured_table */
	char	   *schema;
	char	   *table;
	bool		keyed;			/* else key kind "row" */
	bool		business;		/* rows written since stay */
	Relation	rel;
	Relation	shadow;
	YdWide	   *wide;			/* NULL: every column has one of its own in the shadow */
	Oid			owner;
	AttrNumber	op;				/* in the shadow */
	AttrNumber	place;
	AttrNumber	prior;
	int			ncolumns;
	YdBoundColumn *columns;
	int			nkeys;
	int		   *keys;			/* indexes into columns */
	int			nlost;			/* preview only */
	YdLostColumn *lost;
	Bitmapset  *newer;			/* attributes now that no image has */
	bool		alike;			/* bytes of a row are those at the end of its record (alike.h) */
} YdBinding;

/* What a captured_table row says */
typedef struct YdCaptured
{
	int64		id;
	Oid			relid;			/* of the moment of capture */
	char	   *schema;
	char	   *table;
	char	   *shadow;
	bool		keyed;
	bool		business;
	int			nkeys;
	char	  **keys;
	char	   *owner;			/* of the table, by name */
} YdCaptured;

extern Relation yd_open_shadow(const YdCaptured *captured);

/*
 * Open both tables; the user's under the given lock. Relation "rel" of the
 * result is NULL where the table does not exist. Reads our catalog through
 * SPI, so it runs before any switch of user.
 *
 * A preview runs before the inverse DDL has put structure back: it finds a
 * renamed table by its OID and a renamed column by its number, and passes over
 * columns that are not there or have another type.
 */
extern YdBinding *yd_bind(const YdCaptured *captured, LOCKMODE lock, bool dry, bool renamed);
extern void yd_unbind(YdBinding *binding);

/* ----- bound_values.c ----- */

/* Before the inverse DDL: can a row of now have the value that the record has? */
extern bool yd_can_be_now(YdBoundColumn *column, TupleTableSlot *image);

/*
 * Value of a column in a record, as a value of the table's column; true: it is
 * NULL. May run the type's input function: under the owner's switch only.
 */
extern bool yd_image_value(YdBoundColumn *column, TupleTableSlot *image, Datum *value);

/*
 * Do record and row hold the same in this column? Under the owner's switch.
 * With "exactly", two texts that differ are compared as values too, which may
 * fail where the value cannot be read any more.
 */
extern bool yd_same_value(YdBoundColumn *column, TupleTableSlot *image, TupleTableSlot *row,
						  bool exactly);

/*
 * A preview: do the columns that are gone, or have another type, hold what they
 * held? What is gone holds NULL; "retyped": what is there does not. Under the
 * owner's switch.
 */
extern bool yd_same_lost(YdBinding *binding, TupleTableSlot *image, TupleTableSlot *row,
						 bool *retyped);

/*
 * The row that the record describes, in a virtual slot of the table. Columns
 * that equal those of "current" are taken from there (their TOAST stays in
 * place), and so are the ones that no image has.
 */
extern void yd_image_to_row(YdBinding *binding, TupleTableSlot *image,
							TupleTableSlot *current, const bool *differs,
							TupleTableSlot *row);

/* Text of a record's column, as it goes to people; NULL for NULL. */
extern char *yd_image_text(YdBoundColumn *column, TupleTableSlot *image);

/* The same as the type writes it by now, and a row's. */
extern char *yd_image_text_now(YdBoundColumn *column, TupleTableSlot *image);
extern char *yd_row_text(YdBoundColumn *column, TupleTableSlot *row);

#endif
