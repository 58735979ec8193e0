/* fail.h: the one way out. fail() and the HTTP outcomes of web.h unwind to the nearest attempt().
 *
 * Kind 1 of architecture's three kinds of errors: what no page can handle (SQL error, lost template, no memory). Never
 * unwind out of a libcurl, OpenSSL or json-c callback. */
#ifndef FAIL_H
#define FAIL_H

#include <stdbool.h>

enum failure_kind {
	FAILURE_NONE,     /* fn returned */
	FAILURE_DONE,     /* an HTTP outcome was set: redirect, 404 … not an error */
	FAILURE_FAULT,    /* fail(): a bug or a broken machine: 500 */
	FAILURE_AGAIN,    /* deadlock, certification conflict, lock wait: run the whole attempt again */
	FAILURE_DATABASE, /* no database to be had: 503 */
	FAILURE_MISFIT,   /* a text with letters that its column does not have: 400, nothing written */
};

struct failure {
	enum failure_kind kind;
	char event[48];    /* "db.error": what the log line starts with */
	char message[400]; /* for the log, never for a page */
};

/* Calls fn(arg). True if it returned; otherwise *failure says how it ended. Attempts nest. */
bool attempt(void (*fn)(void *), void *arg, struct failure *failure);

/* Ends the current attempt; outside any attempt it logs and exits 70. event is a dotted word, format the sentence. */
void fail(const char *event, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
void fail_as(enum failure_kind kind, const char *event, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#endif
