/*
 * ddl.h
 *		The ledger of DDL, and data saved before DDL destroys it.
 */
#ifndef YESTERDAY_DDL_H
#define YESTERDAY_DDL_H

#include "yesterday.h"

#endif
