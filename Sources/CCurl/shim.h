/*
 * libcurl for Swift, and what Swift cannot say by itself: curl_easy_setopt and
 * curl_easy_getinfo are variadic, so here is one function for each type of argument.
 */
#ifndef YESTERDAY_CCURL_SHIM_H
#define YESTERDAY_CCURL_SHIM_H

#include <curl/curl.h>
#include <stddef.h>

/* The macros of the same names would check types that these functions declare anyway. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

/* What receives header lines and pieces of a body. */
typedef size_t (*YesterdayCurlReceiver)(char *bytes, size_t one, size_t count, void *context);

static inline CURLcode yesterday_curl_set_long(CURL *easy, CURLoption option, long value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode yesterday_curl_set_size(CURL *easy, CURLoption option, curl_off_t value)
{
    return curl_easy_setopt(easy, option, value);
}

/* libcurl copies the text. */
static inline CURLcode yesterday_curl_set_text(CURL *easy, CURLoption option, const char *value)
{
    return curl_easy_setopt(easy, option, value);
}

/* libcurl keeps the pointer. */
static inline CURLcode yesterday_curl_set_pointer(CURL *easy, CURLoption option, void *value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode yesterday_curl_set_receiver(CURL *easy, CURLoption option,
                                                   YesterdayCurlReceiver receiver)
{
    return curl_easy_setopt(easy, option, receiver);
}

/* Nothing but HTTP and HTTPS, whatever else this libcurl was built with. */
static inline CURLcode yesterday_curl_set_web_only(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/*
 * Does not wait for a name server that has not answered when a transfer is given up: the
 * deadline would pass meanwhile. The thread that asks it ends by itself.
 */
static inline CURLcode yesterday_curl_set_impatient(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    (void) easy;
    return CURLE_OK;
#endif
}

/* The result of a transfer that has ended, if this message tells of one. */
static inline int yesterday_curl_is_done(const CURLMsg *message, CURLcode *result)
{
    if (message->msg != CURLMSG_DONE)
        return 0;
    *result = message->data.result;
    return 1;
}

#endif
