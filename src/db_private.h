/* db_private.h: what db.c and db_statement.c share. */
#ifndef DB_PRIVATE_H
#define DB_PRIVATE_H

#include "db.h"

/* Ends the attempt in the way the error code calls for: again, database, fault. */
void db_error(struct db *db, unsigned code, const char *message, const char *where, int line) __attribute__((noreturn));

#endif
