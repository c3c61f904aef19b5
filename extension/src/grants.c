/*
 * grants.c
 *		Letting an owner read saved rows while the rollback puts them back.
 *
 * In C, and not by GRANT, so that no event trigger of anybody runs as the
 * extension's owner.
 */
#include "yesterday.h"

#include "access/xact.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(yd_grant_shadow);

static void
grant(ObjectType type, Node *object, const char *privilege, const char *role, bool is_grant)
{
	GrantStmt  *stmt = makeNode(GrantStmt);
	AccessPriv *access = makeNode(AccessPriv);
	RoleSpec   *grantee = makeNode(RoleSpec);

	access->priv_name = pstrdup(privilege);
	grantee->roletype = ROLESPEC_CSTRING;
	grantee->rolename = pstrdup(role);
	grantee->location = -1;
	stmt->is_grant = is_grant;
	stmt->targtype = ACL_TARGET_OBJECT;
	stmt->objtype = type;
	stmt->objects = list_make1(object);
	stmt->privileges = list_make1(access);
	stmt->grantees = list_make1(grantee);
	stmt->behavior = DROP_RESTRICT;
	ExecuteGrantStmt(stmt);
	CommandCounterIncrement();
}

/*
 * _grant_shadow(shadow name, reader name, is_grant boolean): SELECT on one table
 * of yesterday_shadow, with USAGE on the schema; or both taken back.
 */
Datum
yd_grant_shadow(PG_FUNCTION_ARGS)
{
	char	   *shadow = NameStr(*PG_GETARG_NAME(0));
	char	   *role = NameStr(*PG_GETARG_NAME(1));
	bool		is_grant = PG_GETARG_BOOL(2);

	grant(OBJECT_SCHEMA, (Node *) makeString(pstrdup(YD_SHADOW_SCHEMA)), "usage", role, is_grant);
	grant(OBJECT_TABLE, (Node *) makeRangeVar(pstrdup(YD_SHADOW_SCHEMA), pstrdup(shadow), -1),
		  "select", role, is_grant);
	PG_RETURN_VOID();
}
