/* serve.h: from a request to its response, and the programs of the zones around it. */
#ifndef SERVE_H
#define SERVE_H

#include "route.h"
#include "web.h"

/* Answers req: finds the route, runs the page (again after a database conflict), makes the error page when it must.
 * req holds what came in; afterwards req->response is whole. Never unwinds. */
void serve(struct request *req);

/* The main() of a zone's program: --routes, --check, or requests over FastCGI or plain CGI. */
int zone_main(const char *zone, int argc, char **argv);

/* Reads the CGI variables into req; false when they are no request that can be served (then response.status says why). */
typedef const char *(*variable)(const char *name, void *arg);
bool request_read(struct request *req, variable get, void *arg);

/* How many bytes of body the request announces; -1 with response.status set when that is refused. */
int64_t request_length(struct request *req, variable get, void *arg);

/* The whole response as it goes out: Status, headers, blank line. */
struct buffer response_head(struct request *req);

#endif
