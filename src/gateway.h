/* gateway.h: requests over FastCGI (a listening socket on descriptor 0) or plain CGI (environment, stdin, stdout). */
#ifndef GATEWAY_H
#define GATEWAY_H

#include "db.h"

/* Serves until SIGTERM (the request under way is finished) or, as plain CGI, one request. */
void gateway_run(struct db *db);

#endif
