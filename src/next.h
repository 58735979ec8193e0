/* next.h: where a form leads to when it is done: its hidden field, or the query parameter, "next". */
#ifndef NEXT_H
#define NEXT_H

#include "web.h"

/* A path of this site, of at most 200 characters; "" when there is none or it is anything else (CWE-601). */
const char *next_of(struct request *req);

/* Goes there; with "" to the fallback. */
void next_see(struct request *req, const char *next, const char *fallback) __attribute__((noreturn));

/* A link to a page that passes it on: "/register?next=%2Fcheckout%2F…". */
const char *next_href(struct request *req, const char *path, const char *next);

/* Whether somebody is on the way to paying: the pages say so. */
bool next_is_checkout(const char *next);

#endif
