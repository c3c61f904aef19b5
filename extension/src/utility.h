/*
 * utility.h
 *		Commands that no event trigger shows.
 */
#ifndef YESTERDAY_UTILITY_H
#define YESTERDAY_UTILITY_H

extern void yd_utility_init(void);

#endif
