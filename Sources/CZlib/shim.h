/*
 * zlib for Swift, and what Swift cannot say by itself: inflateInit2 and deflateInit2 are
 * macros.
 */
#ifndef YESTERDAY_CZLIB_SHIM_H
#define YESTERDAY_CZLIB_SHIM_H

#include <stdlib.h>
#include <zlib.h>

/* Window of 32 kB, and a gzip header and trailer around the data. */
#define YESTERDAY_GZIP_WINDOW (15 + 16)

/* A stream that lives on the heap, because zlib keeps pointers to it; NULL without memory. */
static inline z_stream *yesterday_inflate_create(void)
{
    z_stream *stream = calloc(1, sizeof(z_stream));

    if (stream && inflateInit2(stream, YESTERDAY_GZIP_WINDOW) != Z_OK)
    {
        free(stream);
        return NULL;
    }
    return stream;
}

/* The same for data without header and trailer, as they are in a zip. */
static inline z_stream *yesterday_inflate_create_raw(void)
{
    z_stream *stream = calloc(1, sizeof(z_stream));

    if (stream && inflateInit2(stream, -15) != Z_OK)
    {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void yesterday_inflate_free(z_stream *stream)
{
    inflateEnd(stream);
    free(stream);
}

static inline z_stream *yesterday_deflate_create(int level)
{
    z_stream *stream = calloc(1, sizeof(z_stream));

    if (stream && deflateInit2(stream, level, Z_DEFLATED, YESTERDAY_GZIP_WINDOW, 8,
                               Z_DEFAULT_STRATEGY) != Z_OK)
    {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void yesterday_deflate_free(z_stream *stream)
{
    deflateEnd(stream);
    free(stream);
}

/* A header that says nothing about file, time or system: equal contents give equal bytes. */
static inline void yesterday_deflate_be_anonymous(z_stream *stream, gz_header *header)
{
    header->os = 255;
    deflateSetHeader(stream, header);
}

#endif
