/*
 * packed.h
 *		Slots that leave a heap tuple where it lies.
 */
#ifndef YESTERDAY_PACKED_H
#define YESTERDAY_PACKED_H

#include "yesterday.h"
#include "access/htup.h"
#include "executor/tuptable.h"

/* As slots of heap tuples, only that nothing is copied when one is asked to keep its own. */
extern const TupleTableSlotOps *yd_packed_slots(void);

/* The tuple and its bytes have to stay until the slot gets another, or is cleared. */
extern void yd_store_packed(TupleTableSlot *slot, HeapTuple tuple);

#endif
