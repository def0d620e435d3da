/* HTTP out, through libcurl: only http and https, no redirects, bounded bodies, no proxy from the
 * environment. */
#ifndef DD_NET_CURL_H
#define DD_NET_CURL_H

#include "port/http.h"

struct dd_curl;

/* A body larger than this is an error ("too-large"). */
enum { DD_REPLY_BYTES_MAX = 1024 * 1024 };

/* Asks only `hosts` (borrowed); NULL: any. `wait`: send() waits for the answer (virtual time);
   otherwise answers come from dd_curl_run(). NULL when libcurl is not installed. */
struct dd_curl *dd_curl_new(
        const char *const *hosts, size_t nhosts, bool wait, struct dd_error *err);
void dd_curl_free(struct dd_curl *curl); /* NULL is fine */
/* So many connections to one host at once; further requests wait. */
void dd_curl_limit(struct dd_curl *curl, unsigned per_host);
struct dd_http dd_curl_port(struct dd_curl *curl);
/* Moves transfers on without waiting; true when one has ended, with its answer, good until the next
 * call. */
bool dd_curl_run(struct dd_curl *curl, uint32_t *id, struct dd_http_answer *answer);
/* Gets an answer that goes on: each piece goes to `on` as it comes. It ends as others do, through
   dd_curl_run(), with an empty body. `credentials` ("key:token") may be NULL. `on` may ask for
   more, by this function or by send(). */
void dd_curl_follow(struct dd_curl *curl, uint32_t id, const char *url, const char *credentials,
        void (*on)(void *self, const char *bytes, size_t n), void *self);
/* Whether anything is on its way. */
bool dd_curl_busy(const struct dd_curl *curl);
/* Waits until a transfer moves, `fd` or `other` is readable (-1: none) or `ms` have passed; true
 * when fd is readable. NULL has no transfers. */
bool dd_curl_wait(struct dd_curl *curl, int fd, int other, int ms);

#endif
