/*
 * packed.c
 *		Slots that leave a heap tuple where it lies.
 *
 * What writes rows makes slots keep a tuple of their own first, by a copy. Where the
 * bytes stay in any case that is work for nothing.
 */
#include "packed.h"

static TupleTableSlotOps packed_slot_ops;

static void
stay(TupleTableSlot *slot)
{
}

const TupleTableSlotOps *
yd_packed_slots(void)
{
	if (packed_slot_ops.materialize == NULL)
	{
		packed_slot_ops = TTSOpsHeapTuple;
		packed_slot_ops.materialize = stay;
	}
	return &packed_slot_ops;
}

void
yd_store_packed(TupleTableSlot *slot, HeapTuple tuple)
{
	ExecClearTuple(slot);
	((HeapTupleTableSlot *) slot)->tuple = tuple;
	((HeapTupleTableSlot *) slot)->off = 0;
	slot->tts_flags &= ~TTS_FLAG_EMPTY;
	slot->tts_nvalid = 0;
}
