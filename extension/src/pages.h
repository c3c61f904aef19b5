/*
 * pages.h
 *		Full pages of a shadow table, written at once.
 */
#ifndef YESTERDAY_PAGES_H
#define YESTERDAY_PAGES_H

#include "captured.h"
#include "utils/relcache.h"

/*
 * Write as many of the buffer's first records as fill whole pages, into new pages at the end of
 * the shadow's file. Returns how many; 0 also where they cannot be written so.
 */
extern int	yd_write_pages(Relation shadow, YdBuffer *buffer);

#endif
