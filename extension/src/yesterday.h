/*
 * yesterday.h
 *		What every file of the extension needs: SQLSTATEs, settings, names.
 */
#ifndef YESTERDAY_H
#define YESTERDAY_H

#include "compat.h"
#include "utils/elog.h"

#define YD_SCHEMA			"yesterday"
#define YD_SHADOW_SCHEMA	"yesterday_shadow"

/* SQLSTATEs, class YD; docs/architecture.md says when each is raised */
#define ERRCODE_YD_OFF_TRAIN				MAKE_SQLSTATE('Y','D','0','0','1')
#define ERRCODE_YD_DEPLOYMENT_IN_PROGRESS	MAKE_SQLSTATE('Y','D','0','0','2')
#define ERRCODE_YD_NO_DEPLOYMENT			MAKE_SQLSTATE('Y','D','0','0','3')
#define ERRCODE_YD_NOT_LAST					MAKE_SQLSTATE('Y','D','0','0','4')
#define ERRCODE_YD_FORGOTTEN				MAKE_SQLSTATE('Y','D','0','0','5')
#define ERRCODE_YD_ALREADY_ROLLED_BACK		MAKE_SQLSTATE('Y','D','0','0','6')
#define ERRCODE_YD_NOT_FINISHED				MAKE_SQLSTATE('Y','D','0','0','7')
#define ERRCODE_YD_ALREADY_FINISHED			MAKE_SQLSTATE('Y','D','0','0','8')
#define ERRCODE_YD_DEPLOYMENT_CLOSED		MAKE_SQLSTATE('Y','D','0','0','9')
#define ERRCODE_YD_WRONG_TRANSACTION		MAKE_SQLSTATE('Y','D','0','1','0')
#define ERRCODE_YD_NOT_TRACKABLE			MAKE_SQLSTATE('Y','D','0','1','1')
#define ERRCODE_YD_OUTSIDE_REFUSED			MAKE_SQLSTATE('Y','D','0','1','2')
#define ERRCODE_YD_OUTSIDE_MANIFEST			MAKE_SQLSTATE('Y','D','0','1','3')
#define ERRCODE_YD_CAPTURE_BYPASSED			MAKE_SQLSTATE('Y','D','0','1','4')
#define ERRCODE_YD_PROOF_FAILED				MAKE_SQLSTATE('Y','D','0','1','5')
#define ERRCODE_YD_NOT_INVERTIBLE			MAKE_SQLSTATE('Y','D','0','1','6')
#define ERRCODE_YD_LOCK_WAIT				MAKE_SQLSTATE('Y','D','0','1','7')
#define ERRCODE_YD_UNKNOWN_DEPLOYMENT		MAKE_SQLSTATE('Y','D','0','1','8')
#define ERRCODE_YD_NOT_DEDICATED			MAKE_SQLSTATE('Y','D','0','1','9')
#define ERRCODE_YD_TOO_LARGE				MAKE_SQLSTATE('Y','D','0','2','0')
#define ERRCODE_YD_CODE_PENDING				MAKE_SQLSTATE('Y','D','0','2','1')
#define ERRCODE_YD_BAD_ARGUMENT				MAKE_SQLSTATE('Y','D','0','2','2')
#define ERRCODE_YD_PERMIT_REFUSED			MAKE_SQLSTATE('Y','D','0','2','3')
#define ERRCODE_YD_NOT_ALIGNED				MAKE_SQLSTATE('Y','D','0','2','4')
#define ERRCODE_YD_ENROLLED					MAKE_SQLSTATE('Y','D','0','2','5')
#define ERRCODE_YD_NOT_COMPARABLE			MAKE_SQLSTATE('Y','D','0','2','6')

/* settings */
extern char *yd_setting_deployment;
extern int	yd_setting_lock_wait;		/* milliseconds */
extern int	yd_setting_proof;
extern int	yd_setting_max_saved;		/* kilobytes */
extern int	yd_setting_max_rebuild;		/* kilobytes */

typedef enum YdProofLevel
{
	YD_PROOF_OFF,
	YD_PROOF_TOUCHED,
	YD_PROOF_FULL
} YdProofLevel;

#endif
