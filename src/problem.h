/* problem.h: errors as programs read them: application/problem+json (RFC 9457) with type, title, status and
 * code, the code being what a program decides by. Everything below /api/ is answered so, also what no page
 * caught. */
#ifndef PROBLEM_H
#define PROBLEM_H

#include "web.h"

/* Ends the page with that problem; code NULL: the usual one of the status. */
void problem(struct request *req, int status, const char *code) __attribute__((noreturn));

/* The same, with the members of a view beside: problem_with(req, 402, "…", balance, .balance = 3). */
#define problem_with(req, status, code, type, ...)                                                                   \
	problem_view(req, status, code, &type##_shape, &(const struct type){ __VA_ARGS__ })
void problem_view(struct request *req, int status, const char *code, const struct shape *shape,
	const void *view)
	__attribute__((noreturn));

/* Makes the response and returns: for those who are not inside a page. */
void problem_put(struct request *req, int status, const char *code);

#endif
