/*
 * session_state.h
 *		What the files that know of this backend's deployment share among
 *		themselves; everybody else asks through session.h.
 */
#ifndef YESTERDAY_SESSION_STATE_H
#define YESTERDAY_SESSION_STATE_H

#include "session.h"
#include "deployment_row.h"

/* State of the current transaction */
typedef struct YdTransaction
{
	int64		id;				/* of its deployment; 0: belongs to none, so far */
	char		scope;
	bool		outside;		/* wrote when it belonged to none */
	bool		touched;
	bool		digests;
	int			finished_level; /* nesting level of finish_deployment(), 0: not yet */
	FullTransactionId begin_xid;
} YdTransaction;

extern YdTransaction yd_transaction;

/* ----- session.c ----- */

/* On its way to COMMIT: a transaction that wrote tables which are not tracked. */
extern void yd_join_before_commit(void);

/* A subtransaction, or at level 1 the transaction, was undone. */
extern void yd_internal_reset(int level);

/* ----- member_xids.c ----- */
extern void yd_enter_member_transaction(void);
extern void yd_member_xids_reset(void);

#endif
