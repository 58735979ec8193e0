/* floor.h: what the bare responders share: a connection that is kept, statements prepared once, a signed body. */
#ifndef FLOOR_H
#define FLOOR_H

#include <fcgiapp.h>
#include <mysql.h>

/* Ends the program with a word on stderr. */
void stop(const char *what, const char *why) __attribute__((noreturn));

/* A variable of the environment; without it the program ends. */
const char *setting(const char *name);

/* Connected with FLOOR_SOCKET, FLOOR_USER, FLOOR_PASSWORD and FLOOR_DATABASE, as Comptoir connects. */
MYSQL *floor_connect(int autocommit);

/* Prepared and bound for good: the caller's buffers are read and written by every run. results NULL: none. */
MYSQL_STMT *floor_prepare(MYSQL *connection, const char *sql, MYSQL_BIND *arguments, MYSQL_BIND *results);

void floor_run(MYSQL_STMT *statement);

enum { FLOOR_BODY_MAX = 64 * 1024 };

/* The body of the request, ended by a zero. */
extern char floor_body[];
extern unsigned long floor_body_length;

/* Reads the body; whether it came whole and signed. */
int floor_signed(FCGX_Request *request);

#endif
