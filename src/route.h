/* route.h: the routes linked into this program. */
#ifndef ROUTE_H
#define ROUTE_H

#include "web.h"

/* The route of req->path and req->method, the names of its path kept in req; NULL: none, and whether one of the other method
 * is there. */
const struct route *route_find(struct request *req, bool *other_method);

/* Where the page that answers req is to be had by GET: its own path; of a POST to a path of its own, the nearest page above
 * it, or the shop. Its links to itself lead there. */
const char *route_shown(const struct request *req);

/* Calls each route linked into this program, in no order. */
void routes_each(void (*each)(const struct route *route, void *arg), void *arg);

#endif
