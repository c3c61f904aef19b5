/*
 * retyped.h
 *		Values of a column that has another type by now than its shadow stores.
 */
#ifndef YESTERDAY_RETYPED_H
#define YESTERDAY_RETYPED_H

#include "captured.h"

/*
 * The text of a value of a type that the column did not have before the deployment, as a value of
 * the type it had; an error where that takes no such value. Under the text settings.
 */
extern Datum yd_value_of_before(YdShadowColumn *column, Form_pg_attribute att, char *text);

/* Does the type of before take the value? */
extern bool yd_fits_before(YdShadowColumn *column, Form_pg_attribute att, Datum value);

#endif
