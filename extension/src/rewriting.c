/*
 * rewriting.c
 *		What a part of ALTER TABLE does to the rows there are.
 */
#include "rewriting.h"

#include "catalog/pg_type.h"
#include "optimizer/optimizer.h"
#include "parser/parse_expr.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

bool
yd_is_widening(Oid relid, AttrNumber attnum, AlterTableCmd *cmd)
{
	ColumnDef  *def = castNode(ColumnDef, cmd->def);
	Oid			old_type,
				new_type,
				old_collation;
	int32		old_typmod,
				new_typmod;

	if (def->raw_default != NULL)
		return false;
	get_atttypetypmodcoll(relid, attnum, &old_type, &old_typmod, &old_collation);
	typenameTypeIdAndMod(NULL, def->typeName, &new_type, &new_typmod);
	switch (old_type)
	{
		case INT2OID:
			return new_type == INT2OID || new_type == INT4OID || new_type == INT8OID;
		case INT4OID:
			return new_type == INT4OID || new_type == INT8OID;
		case FLOAT4OID:
			return new_type == FLOAT4OID || new_type == FLOAT8OID;
		case TEXTOID:
			return new_type == TEXTOID || (new_type == VARCHAROID && new_typmod < 0);
		case VARCHAROID:
			return new_type == TEXTOID ||
				(new_type == VARCHAROID &&
				 (new_typmod < 0 || (old_typmod >= 0 && new_typmod >= old_typmod)));
		default:
			return new_type == old_type && new_typmod < 0 && old_typmod < 0;
	}
}

/* Would this default be worked out for every row there is? */
static bool
is_volatile(Node *raw_default)
{
	ParseState *pstate = make_parsestate(NULL);
	Node	   *expr = transformExpr(pstate, raw_default, EXPR_KIND_COLUMN_DEFAULT);
	bool		answer = contain_volatile_functions(expr);

	free_parsestate(pstate);
	return answer;
}

static bool
is_serial(TypeName *type)
{
	static const char *const names[] = {"smallserial", "serial2", "serial", "serial4", "bigserial", "serial8"};

	if (list_length(type->names) != 1)
		return false;
	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(strVal(linitial(type->names)), names[i]) == 0)
			return true;
	return false;
}

static bool
added_column_rewrites(ColumnDef *def)
{
	ListCell   *lc;
	Oid			type;

	if (is_serial(def->typeName))
		return true;
	foreach(lc, def->constraints)
	{
		Constraint *constraint = lfirst_node(Constraint, lc);

		if (constraint->contype == CONSTR_GENERATED || constraint->contype == CONSTR_IDENTITY ||
			(constraint->contype == CONSTR_DEFAULT && is_volatile(constraint->raw_expr)))
			return true;
	}
	type = typenameTypeId(NULL, def->typeName);
	return get_typtype(type) == TYPTYPE_DOMAIN && DomainHasConstraints(type);
}

bool
yd_rewrites(Oid relid, AlterTableCmd *cmd)
{
	AttrNumber	attnum;
	Oid			type;
	int32		typmod;

	switch (cmd->subtype)
	{
		case AT_SetLogged:
		case AT_SetUnLogged:
		case AT_SetAccessMethod:
			return true;
		case AT_AddColumn:
			return added_column_rewrites(castNode(ColumnDef, cmd->def));
		case AT_AlterColumnType:
			attnum = get_attnum(relid, cmd->name);
			if (attnum <= 0)
				return false;
			typenameTypeIdAndMod(NULL, castNode(ColumnDef, cmd->def)->typeName, &type, &typmod);
			return type != get_atttype(relid, attnum);
		default:
			return false;
	}
}
