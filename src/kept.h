/* kept.h: shared pages, kept by the process for the second of the clock in which they were made.
 *
 * What nginx's cache does in front, for hosts without it and for what gets past it. A page is shared when it said cacheable():
 * nobody's session, nobody's form token. Until the second is over the next visitor of the same address and language gets the
 * same bytes; a change shows within one second, as with nginx, because both count to the end of the same second. */
#ifndef KEPT_H
#define KEPT_H

#include "web.h"

/* Answers the request from what is kept; false when it must be served. */
bool kept_give(struct request *req);

/* Keeps what serve() made of the request, if it may be shared. */
void kept_take(const struct request *req);

#endif
