/* floor_db.c: the few calls that both bare responders make of the database. */
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void stop(const char *what, const char *why)
{
	fprintf(stderr, "floor: %s: %s\n", what, why);
	exit(1);
}

const char *setting(const char *name)
{
	const char *value = getenv(name);
	if (!value)
		stop(name, "is not set");
	return value;
}

MYSQL *floor_connect(int autocommit)
{
	MYSQL *connection = mysql_init(NULL);
	mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(connection, "localhost", setting("FLOOR_USER"), setting("FLOOR_PASSWORD"),
			setting("FLOOR_DATABASE"), 0, setting("FLOOR_SOCKET"), 0))
		stop("connect", mysql_error(connection));
	if (mysql_query(connection, "SET time_zone = '+00:00', sql_mode = 'TRADITIONAL', tx_isolation = 'READ-COMMITTED'"))
		stop("set", mysql_error(connection));
	mysql_autocommit(connection, (my_bool)autocommit);
	return connection;
}

MYSQL_STMT *floor_prepare(MYSQL *connection, const char *sql, MYSQL_BIND *arguments, MYSQL_BIND *results)
{
	MYSQL_STMT *statement = mysql_stmt_init(connection);
	if (mysql_stmt_prepare(statement, sql, strlen(sql)) || (arguments && mysql_stmt_bind_param(statement, arguments)) ||
		(results && mysql_stmt_bind_result(statement, results)))
		stop(sql, mysql_stmt_error(statement));
	return statement;
}

void floor_run(MYSQL_STMT *statement)
{
	if (mysql_stmt_execute(statement))
		stop("execute", mysql_stmt_error(statement));
}
