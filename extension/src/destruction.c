/*
 * destruction.c
 *		What a DDL command is about to destroy.
 *
 * The command's own objects are looked up and locked as the command will do
 * it; what CASCADE reaches, pg_depend tells. Too much does no harm: without
 * CASCADE the command fails where others depend on its objects.
 */
#include "ddl.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "capture.h"
#include "captured.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "executor/spi.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
#include "rewriting.h"
#include "storage/lmgr.h"
#include "utility.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Objects that go, and columns whose type changes */
typedef struct Destruction
{
	List	   *gone;			/* of ObjectAddress */
	List	   *retyped;		/* of ObjectAddress */
	List	   *rewritten;		/* tables whose rows all get another xmin: Oid */
	List	   *moved;			/* tables that get another file with the same rows: Oid */
	Oid			respelled;		/* type whose values stay, and are written otherwise as text */
} Destruction;

/* A table that loses data: answer of yesterday._destroyed() */
typedef struct Loss
{
	Oid			relid;
	bool		tracked;
} Loss;

typedef struct Losses
{
	MemoryContext context;
	List	   *losses;
} Losses;

static List *
add_address(List *list, Oid classid, Oid objid, int32 subid)
{
	ObjectAddress *address = palloc(sizeof(ObjectAddress));

	ObjectAddressSubSet(*address, classid, objid, subid);
	return lappend(list, address);
}

static void
look_at_drop(DropStmt *stmt, Destruction *destruction)
{
	ListCell   *lc;

	switch (stmt->removeType)
	{
		case OBJECT_INDEX:
		case OBJECT_TRIGGER:
		case OBJECT_RULE:
		case OBJECT_POLICY:
		case OBJECT_STATISTIC_EXT:
		case OBJECT_EVENT_TRIGGER:
		case OBJECT_PUBLICATION:
			return;				/* hold no data and nothing that does */
		default:
			break;
	}
	foreach(lc, stmt->objects)
	{
		Relation	rel = NULL;
		ObjectAddress address = get_object_address(stmt->removeType, lfirst(lc), &rel,
												   AccessExclusiveLock, true);

		if (rel != NULL)
			table_close(rel, NoLock);
		if (OidIsValid(address.objectId))
			destruction->gone = add_address(destruction->gone, address.classId,
											address.objectId, address.objectSubId);
	}
}

static void
look_at_drop_owned(DropOwnedStmt *stmt, Destruction *destruction)
{
	ListCell   *lc;

	foreach(lc, stmt->roles)
		destruction->gone = add_address(destruction->gone, AuthIdRelationId,
										get_rolespec_oid(lfirst_node(RoleSpec, lc), false), 0);
}

/* Does a column somewhere hold rows of this table, or arrays of them? In doubt it does. */
static bool
has_rows_elsewhere(Oid relid)
{
	Oid			types[2];
	bool		found = false;
	Relation	depend;

	types[0] = get_rel_type_id(relid);
	types[1] = OidIsValid(types[0]) ? get_array_type(types[0]) : InvalidOid;
	depend = table_open(DependRelationId, AccessShareLock);
	for (int i = 0; i < 2 && !found; i++)
	{
		ScanKeyData keys[2];
		SysScanDesc scan;
		HeapTuple	tuple;

		if (!OidIsValid(types[i]))
			continue;
		ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(TypeRelationId));
		ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(types[i]));
		scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
		while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
			/* its own array is not elsewhere */
			found = ((Form_pg_depend) GETSTRUCT(tuple))->objid != types[1];
		systable_endscan(scan);
	}
	table_close(depend, AccessShareLock);
	return found;
}

/* Tables of a composite type, and what inherits from them: its attributes are their columns. */
static List *
typed_tables(Oid type, LOCKMODE lockmode)
{
	List	   *relids = NIL;
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(TypeRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(type));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend row = (Form_pg_depend) GETSTRUCT(tuple);

		/* columns of that type are another matter */
		if (row->classid != RelationRelationId || row->objsubid != 0 || get_rel_relkind(row->objid) != RELKIND_RELATION)
			continue;
		LockRelationOid(row->objid, lockmode);
		relids = list_concat_unique_oid(relids, find_all_inheritors(row->objid, lockmode, NULL));
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return relids;
}

static void
look_at_alter(AlterTableStmt *stmt, Destruction *destruction)
{
	bool		destroys = false;
	bool		of_type = stmt->objtype == OBJECT_TYPE;
	List	   *relids;
	Oid			relid;
	LOCKMODE	lockmode;
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		destroys |= cmd->subtype == AT_DropColumn || cmd->subtype == AT_AlterColumnType ||
			cmd->subtype == AT_DropIdentity || cmd->subtype == AT_AddColumn ||
			cmd->subtype == AT_SetLogged || cmd->subtype == AT_SetUnLogged ||
			cmd->subtype == AT_SetAccessMethod || cmd->subtype == AT_SetTableSpace;
	}
	if (!destroys || (stmt->objtype != OBJECT_TABLE && !of_type))
		return;

	lockmode = AlterTableGetLockLevel(stmt->cmds);
	relid = AlterTableLookupRelation(stmt, lockmode);
	if (!OidIsValid(relid))
		return;
	relids = of_type ? typed_tables(get_rel_type_id(relid), lockmode) :
		stmt->relation->inh ? find_all_inheritors(relid, lockmode, NULL) : list_make1_oid(relid);
	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);
		ListCell   *rc;

		foreach(rc, relids)
			if (yd_rewrites(lfirst_oid(rc), cmd))
				destruction->rewritten = list_append_unique_oid(destruction->rewritten,
																lfirst_oid(rc));
		/* what other tables hold rows of: these values are written otherwise, or lose one of theirs */
		if (cmd->subtype == AT_AddColumn || cmd->subtype == AT_DropColumn)
			foreach(rc, relids)
				if (has_rows_elsewhere(lfirst_oid(rc)))
					destruction->retyped = add_address(destruction->retyped, TypeRelationId,
													   get_rel_type_id(lfirst_oid(rc)), 0);
		if (cmd->subtype == AT_SetTableSpace)
			destruction->moved = list_copy(relids);
		/* every column of that type loses an attribute, or its type; or values are only written otherwise from then on */
		if (of_type && (cmd->subtype == AT_AddColumn || cmd->subtype == AT_DropColumn ||
						cmd->subtype == AT_AlterColumnType))
			destruction->retyped = add_address(destruction->retyped, TypeRelationId,
											   get_rel_type_id(relid), 0);
		if (cmd->name == NULL || cmd->subtype == AT_SetTableSpace)
			continue;
		foreach(rc, relids)
		{
			AttrNumber	attnum = get_attnum(lfirst_oid(rc), cmd->name);

			if (attnum <= 0)
				continue;
			if (cmd->subtype == AT_DropColumn || cmd->subtype == AT_DropIdentity)
				destruction->gone = add_address(destruction->gone, RelationRelationId,
												lfirst_oid(rc), attnum);
			else if (cmd->subtype == AT_AlterColumnType &&
					 !yd_is_widening(lfirst_oid(rc), attnum, cmd))
				destruction->retyped = add_address(destruction->retyped, RelationRelationId,
												   lfirst_oid(rc), attnum);
		}
	}
}

/* From then on a value is written with the new label, which its type of before does not know. */
static void
look_at_enum(AlterEnumStmt *stmt, Destruction *destruction)
{
	if (stmt->oldVal != NULL)
		destruction->respelled = typenameTypeId(NULL, makeTypeNameFromNameList(stmt->typeName));
}

static void
take_losses(void *state)
{
	Losses	   *losses = state;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		TupleDesc	desc = SPI_tuptable->tupdesc;
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		MemoryContext old = MemoryContextSwitchTo(losses->context);
		Loss	   *loss = palloc(sizeof(Loss));

		loss->relid = DatumGetObjectId(SPI_getbinval(tuple, desc, 1, &isnull));
		loss->tracked = DatumGetBool(SPI_getbinval(tuple, desc, 2, &isnull));
		losses->losses = lappend(losses->losses, loss);
		MemoryContextSwitchTo(old);
	}
}

/* {class, object, column} of every address, one behind the other */
static Datum
flatten(List *addresses)
{
	Datum	   *elements = palloc(sizeof(Datum) * 3 * (list_length(addresses) + 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, addresses)
	{
		ObjectAddress *address = lfirst(lc);

		elements[n++] = Int64GetDatum((int64) address->classId);
		elements[n++] = Int64GetDatum((int64) address->objectId);
		elements[n++] = Int64GetDatum((int64) address->objectSubId);
	}
	return PointerGetDatum(construct_array(elements, n, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * RESTART sets a sequence to another position, which its definition does not
 * show: where it stood is noted. attnum 0: relid is the sequence itself.
 */
static void
note_restart(int64 deployment, Oid relid, AttrNumber attnum, List *options)
{
	Oid			types[3] = {INT8OID, OIDOID, INT4OID};
	Datum		values[3];
	ListCell   *cell;

	if (!OidIsValid(relid))
		return;
	foreach(cell, options)
	{
		if (strcmp(lfirst_node(DefElem, cell)->defname, "restart") != 0)
			continue;
		values[0] = Int64GetDatum(deployment);
		values[1] = ObjectIdGetDatum(relid);
		values[2] = Int32GetDatum(attnum);
		yd_run_own("SELECT yesterday._note_restart($1, $2, $3)", 3, types, values, NULL, NULL);
		return;
	}
}

/* ... of an identity column */
static void
note_identity_restarts(int64 deployment, AlterTableStmt *stmt)
{
	ListCell   *cell;

	foreach(cell, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, cell);
		Oid			relid;

		if (cmd->subtype != AT_SetIdentity)
			continue;
		relid = AlterTableLookupRelation(stmt, AlterTableGetLockLevel(stmt->cmds));
		if (OidIsValid(relid))
			note_restart(deployment, relid, get_attnum(relid, cmd->name), castNode(List, cmd->def));
	}
}

static void
check_size(Oid relid)
{
	Relation	rel = table_open(relid, NoLock);

	yd_check_saved_size(rel);
	table_close(rel, NoLock);
}

/* Rows of tracked tables that have values of this type, as the type of before reads them */
static void
capture_spelled(Oid type)
{
	Losses		losses = {CurrentMemoryContext, NIL};
	Oid			types[1] = {OIDOID};
	Datum		values[1];
	ListCell   *lc;

	values[0] = ObjectIdGetDatum(type);
	yd_run_own("SELECT relation, tracked FROM yesterday._tables_with_type($1)",
			   1, types, values, take_losses, &losses);
	foreach(lc, losses.losses)
	{
		Loss	   *loss = lfirst(lc);

		/* readers go on; nobody writes a row in between */
		LockRelationOid(loss->relid, ShareRowExclusiveLock);
		yd_capture_all(loss->relid);
	}
}

bool
yd_save_before(int64 deployment, Node *command)
{
	Destruction destruction = {NIL, NIL, NIL, NIL, InvalidOid};
	Losses		losses = {CurrentMemoryContext, NIL};
	Oid			types[3] = {INT8OID, INT8ARRAYOID, INT8ARRAYOID};
	Datum		values[3];
	ListCell   *lc;

	yd_begin_destruction();
	switch (nodeTag(command))
	{
		case T_DropStmt:
			look_at_drop(castNode(DropStmt, command), &destruction);
			break;
		case T_DropOwnedStmt:
			look_at_drop_owned(castNode(DropOwnedStmt, command), &destruction);
			break;
		case T_AlterTableStmt:
			note_identity_restarts(deployment, castNode(AlterTableStmt, command));
			look_at_alter(castNode(AlterTableStmt, command), &destruction);
			break;
		case T_AlterSeqStmt:
			note_restart(deployment,
						 RangeVarGetRelid(castNode(AlterSeqStmt, command)->sequence, AccessShareLock, true),
						 InvalidAttrNumber, castNode(AlterSeqStmt, command)->options);
			return false;
		case T_AlterEnumStmt:
			look_at_enum(castNode(AlterEnumStmt, command), &destruction);
			break;
		case T_AlterTableMoveAllStmt:
			if (castNode(AlterTableMoveAllStmt, command)->objtype == OBJECT_TABLE)
				destruction.moved = yd_all_tables();
			break;
		default:
			return false;
	}
	yd_enter_replaced(deployment, true, destruction.moved);
	if (destruction.rewritten != NIL)
		foreach(lc, yd_tracked_relids())
		{
			if (!list_member_oid(destruction.rewritten, lfirst_oid(lc)))
				continue;
			LockRelationOid(lfirst_oid(lc), AccessExclusiveLock);
			yd_capture_rewrite(lfirst_oid(lc));
		}
	if (OidIsValid(destruction.respelled))
		capture_spelled(destruction.respelled);
	if (destruction.gone == NIL && destruction.retyped == NIL)
		return false;

	values[0] = Int64GetDatum(deployment);
	values[1] = flatten(destruction.gone);
	values[2] = flatten(destruction.retyped);
	yd_run_own("SELECT relation, tracked FROM yesterday._save_before($1, $2, $3)",
			   3, types, values, take_losses, &losses);
	foreach(lc, losses.losses)
	{
		Loss	   *loss = lfirst(lc);

		if (!loss->tracked)
			continue;
		LockRelationOid(loss->relid, AccessExclusiveLock);
		check_size(loss->relid);
		yd_capture_all(loss->relid);
	}
	return destruction.retyped != NIL;
}
