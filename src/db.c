/* db.c: the connection, transactions, and what becomes of an error. Statements are in db_statement.c. */
#include "db.h"

#include <mysql.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "db_private.h"
#include "fail.h"

enum { TIMEOUT_SECONDS = 5 };

/* Errors after which the whole attempt runs again, and those after which the connection is gone. */
static bool error_is_conflict(unsigned code)
{
	return code == 1213 || code == 1205 || code == 1020;
}

static bool error_is_lost(unsigned code)
{
	static const unsigned lost[] = { 1040, 1044, 1045, 1047, 1053, 1129, 1180, 1203, 1226, 1290, 1927, 2000, 2001, 2002,
		2003, 2004, 2005, 2006, 2012, 2013, 2014, 2055, 4031 };
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
		if (lost[i] == code)
			return true;
	return false;
}

void db_error(struct db *db, unsigned code, const char *message, const char *where, int line)
{
	/* The message lies in the connection: a rollback overwrites it, and closing frees it. */
	char text[300];
	snprintf(text, sizeof text, "%u %s at %s:%d", code, message, where, line);
	if (error_is_conflict(code)) {
		db->streaming = false; /* the error ended the rows */
		db_rollback(db);
		fail_as(FAILURE_AGAIN, "db.conflict", "%s", text);
	}
	if (error_is_lost(code)) {
		db_close(db);
		fail_as(FAILURE_DATABASE, "db.lost", "%s", text);
	}
	fail("db.error", "%s", text);
}

static bool connect_to(MYSQL *connection, const char *host)
{
	const char *socket = host[0] == '/' ? host : NULL;
	char name[200];
	unsigned port = 3306;
	snprintf(name, sizeof name, "%s", socket ? "localhost" : host);
	char *colon = socket ? NULL : strrchr(name, ':');
	if (colon) {
		*colon = 0;
		port = (unsigned)strtoul(colon + 1, NULL, 10);
	}
	return mysql_real_connect(connection, name, conf.database_user, conf.database_password, conf.database_name, port,
		socket, 0);
}

static MYSQL *connection_new(const struct db *db)
{
	MYSQL *connection = mysql_init(NULL);
	if (!connection)
		fail("mem.out", "no memory for a database connection");
	unsigned timeout = db->timeout ? db->timeout : TIMEOUT_SECONDS;
	mysql_options(connection, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_options(connection, MYSQL_OPT_READ_TIMEOUT, &timeout);
	mysql_options(connection, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
	mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	/* READ COMMITTED: after a row is locked, a plain SELECT must see what its last owner committed. */
	mysql_options(connection, MYSQL_INIT_COMMAND,
		db->manual ? "SET time_zone = '+00:00', sql_mode = 'TRADITIONAL', tx_isolation = 'READ-COMMITTED', autocommit = 0"
		           : "SET time_zone = '+00:00', sql_mode = 'TRADITIONAL', tx_isolation = 'READ-COMMITTED', autocommit = 1");
	return connection;
}

/* Of all connections of the program: a statement prepared on one is never taken for one of another. */
static unsigned generation_next(void)
{
	static unsigned generations;
	return ++generations;
}

void db_open(struct db *db)
{
	if (db->connection)
		return;
	char why[200] = "database_hosts is empty";
	char hosts[500];
	snprintf(hosts, sizeof hosts, "%s", conf.database_hosts);
	char *rest = NULL;
	db_library_start(hosts);
	for (char *host = strtok_r(hosts, ", ", &rest); host; host = strtok_r(NULL, ", ", &rest)) {
		MYSQL *connection = connection_new(db);
		if (connect_to(connection, host)) {
			db->connection = connection;
			db->generation = generation_next();
			return;
		}
		snprintf(why, sizeof why, "%u %s", mysql_errno(connection), mysql_error(connection));
		mysql_close(connection);
	}
	fail_as(FAILURE_DATABASE, "db.unreachable", "%s", why);
}

void db_close(struct db *db)
{
	if (db->connection)
		mysql_close(db->connection); /* statements prepared on it die with it: their generation is over */
	db->connection = NULL;
	db->open = false;
	db->streaming = false;
	db->generation = generation_next();
}

static void command(struct db *db, const char *sql)
{
	db_open(db);
	MYSQL *connection = db->connection;
	if (mysql_query(connection, sql))
		db_error(db, mysql_errno(connection), mysql_error(connection), sql, 0);
}

void db_begin(struct db *db)
{
	if (db->open && !db->manual)
		fail("db.nested", "a transaction inside a transaction");
	if (db->held)
		command(db, "SAVEPOINT held");
	else if (!db->manual)
		command(db, "START TRANSACTION");
	db->open = true;
}

void db_commit(struct db *db)
{
	if (!db->open)
		fail("db.commit", "commit without a transaction");
	command(db, db->held ? "RELEASE SAVEPOINT held" : "COMMIT");
	db->open = false;
}

void db_rollback(struct db *db)
{
	if (!db->connection || (!db->open && !db->manual))
		return;
	db->open = false;
	if (mysql_query(db->connection, db->held ? "ROLLBACK TO SAVEPOINT held" : "ROLLBACK"))
		db_close(db); /* the server rolls back what a lost connection left */
}

void db_leave(struct db *db)
{
	if (db->streaming)
		db_close(db);
	if (db->open)
		db_rollback(db);
}

void db_pause(int times)
{
	enum { FIRST_US = 10000, MOST = 9 };
	if (times > 0)
		usleep(randombytes_uniform(FIRST_US << ((times < MOST ? times : MOST) - 1)));
}

struct failure db_attempts(struct db *db, void (*fn)(void *), void *arg)
{
	enum { TIMES = 10 };
	struct failure failure = { .kind = FAILURE_AGAIN };
	for (int i = 0; i < TIMES && failure.kind == FAILURE_AGAIN; i++) {
		db_pause(i);
		attempt(fn, arg, &failure);
		db_leave(db);
	}
	return failure;
}

void db_firmly(struct db *db, void (*fn)(void *), void *arg)
{
	struct failure failure = db_attempts(db, fn, arg);
	if (failure.kind != FAILURE_NONE && failure.kind != FAILURE_DONE)
		fail_as(failure.kind, failure.event, "%s", failure.message);
}

void db_script(struct db *db, const char *sql)
{
	db_open(db);
	MYSQL *connection = db->connection;
	mysql_set_server_option(connection, MYSQL_OPTION_MULTI_STATEMENTS_ON);
	if (mysql_query(connection, sql))
		db_error(db, mysql_errno(connection), mysql_error(connection), "script", 0);
	for (int next = 0; next == 0;) {
		MYSQL_RES *result = mysql_store_result(connection);
		if (result)
			mysql_free_result(result);
		next = mysql_next_result(connection);
		if (next > 0)
			db_error(db, mysql_errno(connection), mysql_error(connection), "script", 0);
	}
	mysql_set_server_option(connection, MYSQL_OPTION_MULTI_STATEMENTS_OFF);
}
