/*
 * records.h
 *		Rows as jsonb objects {column: type output text or null}.
 */
#ifndef YESTERDAY_RECORDS_H
#define YESTERDAY_RECORDS_H

#include "yesterday.h"
#include "access/htup.h"
#include "utils/jsonb.h"

typedef struct YdImage
{
	JsonbParseState *state;
} YdImage;

extern void yd_image_begin(YdImage *image);
extern void yd_image_add(YdImage *image, const char *column, const char *text);	/* NULL: null */
extern Datum yd_image_end(YdImage *image);

/* A whole row. Runs output functions: as whom, the caller has to see to. */
extern Datum yd_image_of_row(HeapTupleHeader header);

/*
 * Raises unless the current user may see prior rows of the table that this
 * owner had; NULL: of the table as it is.
 */
extern void yd_require_right_to_see(const char *schema, const char *table, const char *owner);

#endif
