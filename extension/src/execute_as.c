/*
 * execute_as.c
 *		Running code of users as the owner of an object, never as ours.
 *
 * A CHECK, a generated column, an index expression, an operator or a type's
 * input function can call anything its author wrote. The extension's owner is
 * a superuser, so none of it may run before the user is switched.
 */
#include "execute_as.h"

#include "catalog/pg_authid.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "parser/parser.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(yd_execute_as_sql);

/*
 * Settings that change what a command, a value's text or a value's input
 * means, and the ones that pg_dump pins for the same reason.
 */
static const struct
{
	const char *name;
	const char *value;
}			pinned[] = {
	{"search_path", "pg_catalog, pg_temp"},
	{"row_security", "on"},
	{"DateStyle", "ISO, YMD"},
	{"IntervalStyle", "postgres"},
	{"extra_float_digits", "3"},
	{"TimeZone", "UTC"},
	{"bytea_output", "hex"},
	{"xmlbinary", "base64"},
	{"xmloption", "content"},
	{"array_nulls", "on"},
	{"lc_monetary", "C"},
	{"quote_all_identifiers", "off"},
	{"standard_conforming_strings", "on"},
	{"transform_null_equals", "off"},
	{"check_function_bodies", "off"},
	{"default_tablespace", ""},
	{"default_table_access_method", "heap"},
	{"jit", "off"},
};

/* What a session may have forbidden the planner, and our queries cannot do without */
static const struct
{
	bool	   *allowed;
	const char *name;
}			planner[] = {
	{&enable_bitmapscan, "enable_bitmapscan"},
	{&enable_hashagg, "enable_hashagg"},
	{&enable_hashjoin, "enable_hashjoin"},
	{&enable_indexonlyscan, "enable_indexonlyscan"},
	{&enable_indexscan, "enable_indexscan"},
	{&enable_material, "enable_material"},
	{&enable_memoize, "enable_memoize"},
	{&enable_mergejoin, "enable_mergejoin"},
	{&enable_nestloop, "enable_nestloop"},
	{&enable_seqscan, "enable_seqscan"},
	{&enable_sort, "enable_sort"},
	{&enable_tidscan, "enable_tidscan"},
};

/* Most are what they are to be already, and to ask costs a fraction of saying it. */
static void
pin(const char *name, const char *value)
{
	const char *now = GetConfigOption(name, false, false);

	if (now != NULL && strcmp(now, value) == 0)
		return;
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

int
yd_pin_settings(void)
{
	int			level = NewGUCNestLevel();

	for (int i = 0; i < lengthof(pinned); i++)
		pin(pinned[i].name, pinned[i].value);
	for (int i = 0; i < lengthof(planner); i++)
		if (!*planner[i].allowed)
			pin(planner[i].name, "on");
	return level;
}

void
yd_unpin_settings(int level)
{
	AtEOXact_GUC(false, level);
}

/*
 * Code that works for its author may fail here, for want of a right or because
 * it relies on a search_path. The server's message names neither reason.
 */
static void
explain(void *arg)
{
	const char *owner = NameStr(((YdUserSwitch *) arg)->owner);
	const char *hint;

	switch (geterrcode())
	{
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_INVALID_SCHEMA_NAME:
			hint = "Name it with its schema in the function that uses it, or give that function SET search_path: a dump of the database could not be restored either.";
			break;
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
			hint = "GRANT the owner of the table what it lacks, then run the command again.";
			break;
		default:
			return;
	}
	errdetail("Rows are read and put back, and what checks, indexes and generated columns of their table call runs, as its owner %s with the search_path \"pg_catalog, pg_temp\".", owner);
	errhint("%s", hint);
}

static void
switch_user(Oid owner, YdUserSwitch *save)
{
	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(owner)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role with OID %u does not exist", owner),
				 errdetail("Rows and objects are put back as their owner, and this owner is gone."),
				 errhint("Give the objects of the vanished role an owner with ALTER ... OWNER TO, then run the command again.")));

	GetUserIdAndSecContext(&save->userid, &save->sec_context);
	SetUserIdAndSecContext(owner,
						   save->sec_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
	save->guc_level = yd_pin_settings();
}

static void
switch_user_back(const YdUserSwitch *save)
{
	yd_unpin_settings(save->guc_level);
	SetUserIdAndSecContext(save->userid, save->sec_context);
}

void
yd_switch_to_owner(Oid owner, YdUserSwitch *save)
{
	switch_user(owner, save);
	namestrcpy(&save->owner, GetUserNameFromId(owner, false));
	save->explanation.callback = explain;
	save->explanation.arg = save;
	save->explanation.previous = error_context_stack;
	error_context_stack = &save->explanation;
}

void
yd_switch_back(const YdUserSwitch *save)
{
	error_context_stack = save->explanation.previous;
	switch_user_back(save);
}

/*
 * A command that runs with more than its owner has, and code of the owner's
 * that it reaches: such code may compute, but command nothing.
 */
static enum
{
	YD_ANY,						/* no such command */
	YD_EXPECTED,				/* it comes next */
	YD_ALONE					/* it runs */
}			alone = YD_ANY;

void
yd_refuse_beside(bool part_of_another)
{
	if (alone == YD_EXPECTED)
		alone = YD_ALONE;
	else if (alone == YD_ALONE && !part_of_another)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("code of %s ran a command inside a command of the rollback",
						GetUserNameFromId(GetUserId(), false)),
				 errdetail("The rollback had let it make something in a schema for that one command."),
				 errhint("Give the owner CREATE on the schema, or leave the change out of the deployment.")));
}

static void
execute_alone(Oid owner, const char *command)
{
	PG_TRY();
	{
		/* no command of its own is on the way where rows are written */
		switch (nodeTag(linitial_node(RawStmt, raw_parser(command, RAW_PARSE_DEFAULT))->stmt))
		{
			case T_InsertStmt:
			case T_UpdateStmt:
			case T_DeleteStmt:
			case T_MergeStmt:
			case T_SelectStmt:
				alone = YD_ALONE;
				break;
			default:
				alone = YD_EXPECTED;
		}
		yd_execute_as(owner, command);
	}
	PG_FINALLY();
	{
		alone = YD_ANY;
	}
	PG_END_TRY();
}

void
yd_execute_as(Oid owner, const char *command)
{
	YdUserSwitch save;
	int			commands;
	int			result;

	switch_user(owner, &save);
	commands = list_length(raw_parser(command, RAW_PARSE_DEFAULT));
	if (commands != 1)
		ereport(ERROR,
				(errcode(ERRCODE_YD_BAD_ARGUMENT),
				 errmsg("_execute_as() runs one command, not %d", commands),
				 errdetail("The text was: %s", command),
				 errhint("Call it once for each command.")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	result = SPI_execute(command, false, 0);
	if (result < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot run this command inside a function: %s", SPI_result_code_string(result)),
				 errdetail("The text was: %s", command),
				 errhint("Transaction control and COPY have no place in a rollback.")));
	SPI_finish();
	switch_user_back(&save);
}

/*
 * _execute_as(owner name, command text, alone boolean)
 */
Datum
yd_execute_as_sql(PG_FUNCTION_ARGS)
{
	Name		owner = PG_GETARG_NAME(0);
	char	   *command = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			roleid = get_role_oid(NameStr(*owner), true);

	if (!OidIsValid(roleid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role \"%s\" does not exist", NameStr(*owner)),
				 errdetail("A command of the rollback runs as the owner of its object."),
				 errhint("CREATE ROLE %s; then run the rollback again.", quote_identifier(NameStr(*owner)))));
	if (PG_GETARG_BOOL(2))
		execute_alone(roleid, command);
	else
		yd_execute_as(roleid, command);
	PG_RETURN_VOID();
}
