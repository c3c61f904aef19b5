/*
 * session.h
 *		What this backend knows of deployments.
 */
#ifndef YESTERDAY_SESSION_H
#define YESTERDAY_SESSION_H

#include "yesterday.h"
#include "access/transam.h"

/* Id of the deployment that the current transaction belongs to, or 0. */
extern int64 yd_current_deployment(void);

/* The same, without deciding it: 0 when the transaction has joined none so far. */
extern int64 yd_current_deployment_known(void);

/* Id of the deployment that is open in this target, as far as this backend sees, or 0. */
extern int64 yd_open_deployment(void);

/* The deployment of this transaction was begun in it and lives and dies with it. */
extern bool yd_in_transaction_scope(void);

/* The deployment of this transaction was begun with accept_irreversible. */
extern bool yd_accepts_irreversible(void);

/* The deployment of this transaction, in open scope, is proven by digests of whole tables. */
extern bool yd_wants_digests(void);

/* Id of the open deployment so proven that this transaction writes beside, or 0. */
extern int64 yd_outside_of(void);

/* The same, however it is proven. */
extern int64 yd_open_beside(void);

/* finish_deployment() ran in this transaction: no more tracked writes or DDL. */
extern bool yd_is_finished(void);

/* Raise the error for a write or a command after finish_deployment(). */
YD_NORETURN extern void yd_refuse_after_finish(const char *what);

/* This transaction changed something for its deployment: enter it at commit. */
extern void yd_touch(void);

/* Is this transaction id, of a visible row version, one of the deployment's? */
extern bool yd_is_member_xid(TransactionId xid);

/*
 * While true, writes and DDL come from our own code (shadows, restore, inverse
 * DDL) and are neither captured nor entered in the ledger. Reset at abort.
 */
extern bool yd_internal_begin(void);
extern void yd_internal_end(bool saved);
extern bool yd_is_internal(void);

/* The setting yesterday.deployment got this value, maybe for a moment only. */
extern void yd_deployment_named(const char *value);

extern void yd_session_init(void);

#endif
