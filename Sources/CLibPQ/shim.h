/*
 * libpq for Swift, and the two things that Swift cannot say by itself: which of
 * libpq's two ways to cancel this version offers, and how to free a COPY buffer.
 */
#ifndef YESTERDAY_CLIBPQ_SHIM_H
#define YESTERDAY_CLIBPQ_SHIM_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <string.h>

#ifdef LIBPQ_HAS_ASYNC_CANCEL
/* PostgreSQL 17 and later: the request is encrypted like the connection itself. */
typedef PGcancelConn YesterdayCancel;
#else
typedef PGcancel YesterdayCancel;
#endif

/* Takes what a later cancel request needs; call it while the connection is idle. */
static inline YesterdayCancel *yesterday_cancel_create(PGconn *conn)
{
#ifdef LIBPQ_HAS_ASYNC_CANCEL
    return PQcancelCreate(conn);
#else
    return PQgetCancel(conn);
#endif
}

/* Sends the request and waits until the server has taken it. One caller at a time. */
static inline bool yesterday_cancel_send(YesterdayCancel *cancel, char *error, int size)
{
#ifdef LIBPQ_HAS_ASYNC_CANCEL
    bool sent;

    PQcancelReset(cancel);
    sent = PQcancelBlocking(cancel) == 1;
    if (!sent)
    {
        strncpy(error, PQcancelErrorMessage(cancel), size - 1);
        error[size - 1] = '\0';
    }
    return sent;
#else
    return PQcancel(cancel, error, size) == 1;
#endif
}

static inline void yesterday_cancel_free(YesterdayCancel *cancel)
{
#ifdef LIBPQ_HAS_ASYNC_CANCEL
    PQcancelFinish(cancel);
#else
    PQfreeCancel(cancel);
#endif
}

#endif
