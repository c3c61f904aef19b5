/*
 * alike.h
 *		Rows that can be taken out of their records, and compared with them, byte for byte.
 */
#ifndef YESTERDAY_ALIKE_H
#define YESTERDAY_ALIKE_H

#include "binding.h"
#include "access/htup.h"

/* Do values of a column lie in a row as they do in a record? */
extern bool yd_attribute_is_alike(Form_pg_attribute own, Form_pg_attribute stored);

/* Do the columns of the table as it is now lie as those of its shadow do? */
extern bool yd_table_is_alike(YdBinding *binding);

/*
 * Both in slots of heap tuples. true: record and row are the same bytes, and so equal in every
 * column. false says nothing: equal values may be stored in two ways.
 */
extern bool yd_same_bytes(YdBinding *binding, TupleTableSlot *image, TupleTableSlot *row);

/*
 * The row of a record, in the current memory context; false: it has values out of line, which
 * have to be looked at.
 */
extern bool yd_row_of_bytes(YdBinding *binding, TupleTableSlot *image, HeapTuple row);

#endif
