/*
 * capture.c
 *		The triggers on tracked tables.
 *
 * AFTER ROW, because only then is it known what happened: other triggers may
 * change or suppress a row until the last moment. Most rows are captured by the
 * condition of the trigger (condition.c) and not by its function. An old version is captured
 * unless the deployment itself wrote it, told by its xmin, so that a row
 * written ten times, or again by a trigger, is captured once.
 */
#include "capture.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "binding.h"
#include "captured.h"
#include "catalog.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "ddl.h"
#include "digest.h"
#include "miscadmin.h"
#include "fmgr.h"
#include "outside.h"
#include "session.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/xid8.h"

PG_FUNCTION_INFO_V1(yd_capture);
PG_FUNCTION_INFO_V1(yd_capture_truncate);
PG_FUNCTION_INFO_V1(yd_capture_flush_sql);

static void
refuse_outside(Relation rel)
{
	ereport(ERROR,
			(errcode(ERRCODE_YD_OUTSIDE_REFUSED),
			 errmsg("table \"%s.%s\" is written only by deployments",
					get_namespace_name(RelationGetNamespace(rel)),
					RelationGetRelationName(rel)),
			 errdetail("It is tracked with outside => 'refuse', and this session belongs to no deployment."),
			 errhint("Write inside a deployment (yesterday.begin_deployment()), or SELECT yesterday.track(%s, outside => 'allow').",
					 quote_literal_cstr(quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
																   RelationGetRelationName(rel))))));
}

/* Did the deployment write this version of the row? In doubt it did not. */
static bool
written_by_deployment(HeapTuple tuple)
{
	if (HeapTupleHeaderXminFrozen(tuple->t_data))
		return false;
	return yd_is_member_xid(HeapTupleHeaderGetRawXmin(tuple->t_data));
}

static bool
key_changed(YdCapturedTable *table, TupleTableSlot *old, TupleTableSlot *new)
{
	for (int k = 0; k < table->nkeys; k++)
	{
		AttrNumber	attnum = table->columns[table->keys[k]].attnum;
		Form_pg_attribute att = TupleDescAttr(old->tts_tupleDescriptor, attnum - 1);
		bool		oldnull,
					newnull;
		Datum		oldvalue = slot_getattr(old, attnum, &oldnull);
		Datum		newvalue = slot_getattr(new, attnum, &newnull);

		if (oldnull != newnull)
			return true;
		if (!oldnull && !datum_image_eq(oldvalue, newvalue, att->attbyval, att->attlen))
			return true;
	}
	return false;
}

void
yd_capture_row(YdCapturedTable *table, TupleTableSlot *old, TupleTableSlot *new)
{
	bool		whole_row = table->key_kind == 'r';

	if (table->skip)
		return;
	yd_count_write(table);
	if (old != NULL)
	{
		bool		should_free;

		if (whole_row ||
			(table->complete_level == 0 &&
			 !written_by_deployment(ExecFetchSlotHeapTuple(old, false, &should_free))))
			yd_add_record(table, new != NULL ? YD_OP_UPDATE : YD_OP_DELETE, old, false, new);
	}
	if (new != NULL && (old == NULL || whole_row || key_changed(table, old, new)))
		yd_add_record(table, YD_OP_INSERT, new, !whole_row, new);
}

/*
 * Row trigger, AFTER INSERT, UPDATE and DELETE. Within a deployment it fires
 * only where the trigger's condition could not capture the row itself.
 */
Datum
yd_capture(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Relation	rel;
	TupleTableSlot *old = NULL;
	TupleTableSlot *new = NULL;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function yesterday._capture() is for AFTER ROW triggers only"),
				 errdetail("It is put in place by yesterday.track()."),
				 errhint("SELECT yesterday.track('the_table');")));
	rel = trigger->tg_relation;
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		new = trigger->tg_trigslot;
	else
	{
		old = trigger->tg_trigslot;
		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
			new = trigger->tg_newslot;
	}

	if (yd_is_internal())
		PG_RETURN_POINTER(NULL);
	if (yd_current_deployment() == 0)
	{
		if (trigger->tg_trigger->tgnargs > 0 &&
			strcmp(trigger->tg_trigger->tgargs[0], "refuse") == 0)
			refuse_outside(rel);
		yd_note_outside_row(rel, old, new);
		PG_RETURN_POINTER(NULL);
	}
	if (yd_is_finished())
		yd_refuse_after_finish("a write to a tracked table");

	yd_touch();
	yd_capture_row(yd_captured_table(rel, true), old, new);
	PG_RETURN_POINTER(NULL);
}

/* The table's file may be another one from now on: that is accounted for. */
void
yd_enter_taken(Oid relid)
{
	static const char *const columns[] = {"deployment", "relid", "xid"};
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	values[0] = Int64GetDatum(yd_current_deployment());
	values[1] = ObjectIdGetDatum(relid);
	values[2] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	yd_insert(YD_TABLE_TAKEN_TABLE, columns, values, nulls, 3);
}

/* The digest before, while the rows of before are still in the file. */
static void
take_digest(YdCapturedTable *table, Relation rel)
{
	if (!yd_in_transaction_scope() || table->digest != NULL || table->lost_columns)
		return;
	table->digest = MemoryContextStrdup(TopTransactionContext,
										yd_digest_without_us(table, rel));
	table->digest_level = GetCurrentTransactionNestLevel();
}

/* Make a record of every row, or of every row that the deployment did not write. */
static void
record_rows(YdCapturedTable *table, Relation rel, char op, bool also_own)
{
	Snapshot	snapshot;
	TableScanDesc scan;
	TupleTableSlot *slot;

	/* the caller's lock came first, so this snapshot sees every writer before it */
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	slot = table_slot_create(rel, NULL);
	scan = table_beginscan(rel, snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);

		if (also_own || !written_by_deployment(tuple))
			yd_add_record(table, op, slot, false, NULL);
		else if (table->business && (tuple->t_data->t_infomask & HEAP_UPDATED) != 0)
			/* written over a version that can have been somebody else's */
			yd_add_record(table, YD_OP_FOREIGN, slot, false, NULL);
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
}

static void
capture_all_rows(Relation rel)
{
	YdCapturedTable *table = yd_captured_table(rel, true);

	if (table->skip || table->complete_level > 0)
		return;
	take_digest(table, rel);
	record_rows(table, rel, YD_OP_TAKEN, table->key_kind == 'r' && !table->business);
	if (table->key_kind != 'r' || table->business)
		table->complete_level = GetCurrentTransactionNestLevel();
	yd_enter_taken(RelationGetRelid(rel));
}

void
yd_capture_all(Oid relid)
{
	YdCapturedTable *table;
	Relation	rel;

	if (yd_is_internal() || yd_current_deployment() == 0)
		return;
	rel = table_open(relid, NoLock);
	yd_touch();
	capture_all_rows(rel);
	table = yd_captured_table(rel, true);
	if (!table->skip && table->key_kind == 'r' && !table->business)
		yd_retake(table);
	table_close(rel, NoLock);
}

void
yd_capture_rewrite(Oid relid)
{
	YdCapturedTable *table;
	Relation	rel;

	if (yd_is_internal() || yd_current_deployment() == 0)
		return;
	rel = table_open(relid, NoLock);
	yd_touch();
	table = yd_captured_table(rel, true);
	if (table->key_kind != 'r')
		capture_all_rows(rel);
	else if (!table->skip)
	{
		take_digest(table, rel);
		yd_enter_taken(relid);
	}
	table_close(rel, NoLock);
}

void
yd_capture_retake(void)
{
	List	   *relids = yd_tables_to_retake();
	ListCell   *cell;

	foreach(cell, relids)
	{
		Relation	rel = try_relation_open(lfirst_oid(cell), AccessShareLock);

		if (rel == NULL)
			continue;			/* the command dropped it */
		record_rows(yd_captured_table(rel, true), rel, YD_OP_INSERT, true);
		table_close(rel, NoLock);
	}
	list_free(relids);
}

bool
yd_capture_emptied(Oid relid, void (*describe) (YdCapturedTable *table))
{
	Relation	rel = table_open(relid, NoLock);
	bool		is_new;
	YdCapturedTable *table = yd_captured_business(rel, &is_new, describe);

	if (is_new || table->complete_level == 0)
	{
		take_digest(table, rel);
		/* what the deployment wrote since it emptied the table first is not to come back */
		record_rows(table, rel, YD_OP_TAKEN, is_new);
		table->complete_level = GetCurrentTransactionNestLevel();
	}
	table_close(rel, NoLock);
	return table->lost_columns;
}

/* RESTART IDENTITY does not show here: where the table's sequences stand is noted in any case. */
void
yd_note_sequences(Oid relid)
{
	Oid			types[2] = {INT8OID, OIDOID};
	Datum		values[2] = {Int64GetDatum(yd_current_deployment()), ObjectIdGetDatum(relid)};

	yd_run_own("SELECT yesterday._note_sequences($1, $2)", 2, types, values, NULL, NULL);
}

/*
 * Statement trigger, BEFORE TRUNCATE.
 */
Datum
yd_capture_truncate(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	YdCapturedTable *table;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function yesterday._capture_truncate() is for BEFORE TRUNCATE triggers only"),
				 errdetail("It is put in place by yesterday.track()."),
				 errhint("SELECT yesterday.track('the_table');")));
	if (yd_is_internal())
		PG_RETURN_POINTER(NULL);
	if (yd_current_deployment() == 0)
	{
		if (trigger->tg_trigger->tgnargs > 0 &&
			strcmp(trigger->tg_trigger->tgargs[0], "refuse") == 0)
			refuse_outside(trigger->tg_relation);
		yd_note_outside_write(RelationGetRelid(trigger->tg_relation));
		PG_RETURN_POINTER(NULL);
	}
	if (yd_is_finished())
		yd_refuse_after_finish("TRUNCATE of a tracked table");
	/* the partitions' own triggers see to their rows */
	if (trigger->tg_relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		PG_RETURN_POINTER(NULL);
	yd_touch();
	table = yd_captured_table(trigger->tg_relation, true);
	if (!table->skip && table->complete_level == 0)
		yd_check_saved_size(trigger->tg_relation);
	capture_all_rows(trigger->tg_relation);
	yd_note_sequences(RelationGetRelid(trigger->tg_relation));
	yd_restart_count(yd_captured_table(trigger->tg_relation, true));
	PG_RETURN_POINTER(NULL);
}

Datum
yd_capture_flush_sql(PG_FUNCTION_ARGS)
{
	yd_capture_flush();
	PG_RETURN_VOID();
}
