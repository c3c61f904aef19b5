/*
 * rewriting.h
 *		What a part of ALTER TABLE does to the rows there are.
 */
#ifndef YESTERDAY_REWRITING_H
#define YESTERDAY_REWRITING_H

#include "yesterday.h"

#include "nodes/parsenodes.h"

/*
 * Does this change of type keep every value as it is, so that the way back is a
 * cast? Without USING, and to a wider type of the same family.
 */
extern bool yd_is_widening(Oid relid, AttrNumber attnum, AlterTableCmd *cmd);

/*
 * Does this part of an ALTER TABLE write every row anew? Then no row's xmin
 * says any more whose it is, so that a tracked table is captured as a whole
 * before. A change of type that is no widening has the rows saved anyway.
 * What is overlooked here, finish_deployment() notices by the table's file.
 */
extern bool yd_rewrites(Oid relid, AlterTableCmd *cmd);

#endif
