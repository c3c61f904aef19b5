/*
 * execute_as.h
 *		Running code of users as the owner of an object, never as ours.
 */
#ifndef YESTERDAY_EXECUTE_AS_H
#define YESTERDAY_EXECUTE_AS_H

#include "yesterday.h"

typedef struct YdUserSwitch
{
	Oid			userid;
	int			sec_context;
	int			guc_level;
	NameData	owner;
	ErrorContextCallback explanation;
} YdUserSwitch;

/*
 * From the switch to the switch back, everything runs as the owner, under
 * SECURITY_RESTRICTED_OPERATION, with a pinned search_path and pinned settings.
 * After an error nothing is to be done: the abort of the (sub)transaction puts
 * user and settings back. An error that comes of the switch says so.
 */
extern void yd_switch_to_owner(Oid owner, YdUserSwitch *save);
extern void yd_switch_back(const YdUserSwitch *save);

/* The same settings without another user; returns what yd_unpin_settings() takes. */
extern int	yd_pin_settings(void);
extern void yd_unpin_settings(int level);

/* Run one command as the owner. */
extern void yd_execute_as(Oid owner, const char *command);

/* Every command of this backend, on its way in; a part of another one is no command of its own. */
extern void yd_refuse_beside(bool part_of_another);

#endif
