/*
 * deployment_row.h
 *		What yesterday.deployment says, as C sees it.
 */
#ifndef YESTERDAY_DEPLOYMENT_ROW_H
#define YESTERDAY_DEPLOYMENT_ROW_H

#include "yesterday.h"
#include "access/transam.h"

#define YD_SCOPE_TRANSACTION	't'
#define YD_SCOPE_OPEN			'o'

typedef struct YdDeploymentRow
{
	int64		id;
	bool		is_open;
	char		scope;
	Oid			join_role;		/* InvalidOid: none */
	int64		system_identifier;
	Oid			database;
	FullTransactionId begin_xid;
	bool		digests;		/* is to be proven by digests of whole tables */
	bool		accepts_irreversible;
} YdDeploymentRow;

/* The row of a deployment under the latest snapshot; false: there is none. */
extern bool yd_read_deployment(int64 id, YdDeploymentRow *row);

/*
 * The deployment that is open in this target, as far as this backend sees; id 0:
 * none. Kept until yesterday.deployment changes.
 */
extern const YdDeploymentRow *yd_open_row(void);

/* Was the row written in this very database? Else its transaction ids mean nothing here. */
extern bool yd_row_is_of_here(const YdDeploymentRow *row);

/* Exclude whoever closes the deployment until this transaction ends, without waiting; false: somebody closes it. */
extern bool yd_try_share(int64 id);

/* Once a backend. */
extern void yd_deployment_row_init(void);

#endif
