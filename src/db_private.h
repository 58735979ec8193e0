/* db_private.h: what the files of the database share: db.c the connection, db_statement.c statements, db_column.c columns,
 * db_library.c the library's own start. */
#ifndef DB_PRIVATE_H
#define DB_PRIVATE_H

#include <mysql.h>

#include "db.h"

enum { COLUMNS_MAX = 48 };

/* One column: where its value is fetched to, and which field takes it. Lives as long as its prepared statement. */
struct db_column {
	const struct field *field;    /* NULL: taken by money fields only */
	bool currency;                /* the column that every money field of the row shares */
	enum kind kind;
	int64_t number;
	MYSQL_TIME time;
	char *text;                   /* room bytes */
	unsigned long room;
	unsigned long length;
	my_bool null;
};

/* Before the first connection: spares a database on a socket of this machine what only one far away needs. */
void db_library_start(const char *hosts);

/* Ends the attempt in the way the error code calls for: again, database, fault. */
void db_error(struct db *db, unsigned code, const char *message, const char *where, int line) __attribute__((noreturn));
void statement_error(struct db *db, const struct statement *statement, MYSQL_STMT *prepared) __attribute__((noreturn));

/* Ends the attempt: a column that does not meet its field. */
void statement_refuse(const struct statement *statement, const char *column, const char *why) __attribute__((noreturn));

/* Learns the columns of a prepared statement and which field takes each, by name; refuses what does not fit. */
void columns_learn(struct statement *statement, MYSQL_STMT *prepared);

/* Where the client library puts a column's value. */
MYSQL_BIND column_bind(struct db_column *column);

/* The text of a column in db->mem; the whole row that was fetched last into a struct of the statement's shape. */
char *column_text(struct db *db, const struct statement *statement, unsigned i);
void row_store(struct db *db, const struct statement *statement, char *row);

#endif
