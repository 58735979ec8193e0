/* db_statement.c: statements prepared once per connection, bound, run, read. */
#include <mysql.h>
#include <stdio.h>
#include <string.h>

#include "db_private.h"
#include "fail.h"
#include "moment.h"

enum { PARAMETERS_MAX = 40 };

extern struct statement *const __start_statements[] __attribute__((weak));
extern struct statement *const __stop_statements[] __attribute__((weak));

static MYSQL *connection_of(struct db *db)
{
	db_open(db);
	return db->connection;
}

static void statement_close(void *prepared)
{
	mysql_stmt_close(prepared);
}

void statement_error(struct db *db, const struct statement *statement, MYSQL_STMT *prepared)
{
	char message[300];
	unsigned code = mysql_stmt_errno(prepared);
	/* An error between rows (FOR UPDATE meets a lock) is told of the connection alone. */
	snprintf(message, sizeof message, "%s", code ? mysql_stmt_error(prepared) : mysql_error(db->connection));
	code = code ? code : mysql_errno(db->connection);
	db_error(db, code, message, statement->file, statement->line);
}

/* The statement prepared on the present connection: its use site is the key of the cache. */
static MYSQL_STMT *statement_ready(struct db *db, struct statement *statement)
{
	MYSQL *connection = connection_of(db);
	if (statement->prepared && statement->generation == db->generation)
		return statement->prepared;
	if (statement->prepared)
		statement_close(statement->prepared); /* its connection is gone: frees the client's half */
	statement->prepared = NULL;
	MYSQL_STMT *prepared = mysql_stmt_init(connection);
	if (!prepared)
		fail("mem.out", "no memory for a statement");
	statement->prepared = prepared;
	statement->generation = db->generation - 1; /* not ready until everything below went well */
	if (mysql_stmt_prepare(prepared, statement->sql, strlen(statement->sql)))
		statement_error(db, statement, prepared);
	if (mysql_stmt_param_count(prepared) != statement->arguments)
		fail("db.arguments", "%s:%d: %lu placeholders, %u arguments", statement->file, statement->line,
			mysql_stmt_param_count(prepared), statement->arguments);
	columns_learn(statement, prepared);
	MYSQL_BIND binds[COLUMNS_MAX];
	for (unsigned i = 0; i < statement->column_count; i++)
		binds[i] = column_bind(&statement->columns[i]);
	if (statement->column_count && mysql_stmt_bind_result(prepared, binds))
		statement_error(db, statement, prepared);
	statement->generation = db->generation;
	return prepared;
}

static MYSQL_BIND argument_bind(const struct db_arg *arg, MYSQL_TIME *time)
{
	static my_bool is_null = 1;
	MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_LONGLONG };
	switch (arg->kind) {
	case DB_ARG_INT:
		bind.buffer = (void *)(uintptr_t)&arg->number;
		return bind;
	case DB_ARG_TEXT:
	case DB_ARG_BYTES:
		bind.buffer_type = arg->kind == DB_ARG_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		bind.buffer = (void *)(uintptr_t)arg->data;
		bind.buffer_length = arg->length;
		if (!arg->data)
			bind.is_null = &is_null;
		return bind;
	case DB_ARG_MOMENT:
		bind.buffer_type = MYSQL_TYPE_DATETIME;
		bind.buffer = time;
		if (!arg->number) {
			bind.is_null = &is_null;
			return bind;
		}
		struct civil civil = moment_civil((struct moment){ arg->number });
		*time = (MYSQL_TIME){ .year = (unsigned)civil.year, .month = (unsigned)civil.month,
			.day = (unsigned)civil.day, .hour = (unsigned)civil.hour, .minute = (unsigned)civil.minute,
			.second = (unsigned)civil.second, .second_part = (unsigned long)civil.us,
			.time_type = MYSQL_TIMESTAMP_DATETIME };
		return bind;
	}
	return bind;
}

/* A text that is no ASCII. The server compares it with no column of ids, but answers an error to the question. */
static bool is_strange(const struct db_arg *arg)
{
	const unsigned char *text = arg->data;
	if (arg->kind != DB_ARG_TEXT || !text)
		return false;
	for (size_t i = 0; i < arg->length; i++)
		if (text[i] > 127)
			return true;
	return false;
}

static unsigned strange_count(const struct statement *statement, const struct db_arg *args)
{
	unsigned count = 0;
	for (unsigned i = 0; i < statement->arguments; i++)
		count += is_strange(&args[i]);
	return count;
}

/* Illegal mix of collations, of two, three and more. */
static bool error_is_mix(unsigned code)
{
	return code == 1267 || code == 1270 || code == 1271;
}

/* A question is asked again with a text that no column holds in the place of the strange ones: it equals no id either, so that
 * all else of the question stands (but one that compares such texts with ids and with names finds no name by them). A change is
 * not: what it would write must be what was sent, or nothing. */
static bool asked_otherwise(struct statement *statement, MYSQL_STMT *prepared, MYSQL_BIND *binds, const struct db_arg *args)
{
	static char nobody[] = "\x7f";
	if (statement->result == DB_CHANGE || !error_is_mix(mysql_stmt_errno(prepared)) || !strange_count(statement, args))
		return false;
	for (unsigned i = 0; i < statement->arguments; i++) {
		if (!is_strange(&args[i]))
			continue;
		binds[i].buffer = nobody;
		binds[i].buffer_length = sizeof nobody - 1;
	}
	return !mysql_stmt_bind_param(prepared, binds) && !mysql_stmt_execute(prepared);
}

static void execute_error(struct db *db, struct statement *statement, MYSQL_STMT *prepared, const struct db_arg *args)
{
	unsigned code = mysql_stmt_errno(prepared);
	if ((error_is_mix(code) || code == 1366) && strange_count(statement, args)) { /* 1366: no such character in the column */
		char message[200];
		snprintf(message, sizeof message, "%s", mysql_stmt_error(prepared));
		fail_as(FAILURE_MISFIT, "db.misfit", "%u %s at %s:%d", code, message, statement->file, statement->line);
	}
	statement_error(db, statement, prepared);
}

static MYSQL_STMT *statement_run(struct db *db, struct statement *statement, const struct db_arg *args)
{
	if (db->streaming)
		fail("db.streaming", "%s:%d: a statement inside db_each", statement->file, statement->line);
	MYSQL_STMT *prepared = statement_ready(db, statement);
	MYSQL_BIND binds[PARAMETERS_MAX];
	MYSQL_TIME times[PARAMETERS_MAX];
	if (statement->arguments > PARAMETERS_MAX)
		fail("db.arguments", "%s:%d: over %d arguments", statement->file, statement->line, PARAMETERS_MAX);
	for (unsigned i = 0; i < statement->arguments; i++)
		binds[i] = argument_bind(&args[i], &times[i]);
	if (statement->arguments && mysql_stmt_bind_param(prepared, binds))
		statement_error(db, statement, prepared);
	if (db->manual)
		db->open = true;
	if (mysql_stmt_execute(prepared) && !asked_otherwise(statement, prepared, binds, args))
		execute_error(db, statement, prepared, args);
	db->streaming = statement->result != DB_CHANGE;
	return prepared;
}

static bool row_next(struct db *db, const struct statement *statement)
{
	int fetched = mysql_stmt_fetch(statement->prepared);
	if (fetched == 1)
		statement_error(db, statement, statement->prepared);
	return fetched != MYSQL_NO_DATA; /* MYSQL_DATA_TRUNCATED: long texts, fetched whole by column_text() */
}

/* What is left of the rows is read too: an error that comes after the first row (a deadlock: the server has rolled back)
 * must not go unnoticed. */
static void rows_end(struct db *db, const struct statement *statement)
{
	while (row_next(db, statement))
		;
	mysql_stmt_free_result(statement->prepared);
	db->streaming = false;
}

const void *db_one_(struct db *db, struct statement *const *at, const struct db_arg *args)
{
	struct statement *statement = *at;
	statement_run(db, statement, args);
	char *row = NULL;
	if (row_next(db, statement)) {
		row = mem_get(db->mem, statement->shape->size);
		row_store(db, statement, row);
	}
	rows_end(db, statement);
	return row;
}

struct list db_all_(struct db *db, struct statement *const *at, const struct db_arg *args)
{
	struct statement *statement = *at;
	size_t size = statement->shape->size, room = 24;
	struct list list = { .items = mem_array(db->mem, room, size), .shape = statement->shape };
	statement_run(db, statement, args);
	while (row_next(db, statement)) {
		if (list.count == room) {
			void *items = mem_array(db->mem, room * 2, size);
			memcpy(items, list.items, room * size);
			list.items = items;
			room *= 2;
		}
		row_store(db, statement, (char *)list.items + list.count++ * size);
	}
	rows_end(db, statement);
	return list;
}

void db_each_(struct db *db, struct statement *const *at, void (*each)(const void *row, void *arg), void *arg,
	const struct db_arg *args)
{
	struct statement *statement = *at;
	statement_run(db, statement, args);
	while (row_next(db, statement)) {
		struct mem_mark mark = mem_mark(db->mem);
		char *row = mem_get(db->mem, statement->shape->size);
		row_store(db, statement, row);
		each(row, arg);
		mem_rewind(db->mem, mark);
	}
	rows_end(db, statement);
}

int64_t db_int_(struct db *db, struct statement *const *at, const struct db_arg *args)
{
	struct statement *statement = *at;
	statement_run(db, statement, args);
	bool found = row_next(db, statement);
	struct db_column *column = &statement->columns[0];
	if (found && column->kind != KIND_INT)
		statement_refuse(statement, "1", "is not a number");
	int64_t number = found && !column->null ? column->number : 0;
	rows_end(db, statement);
	return number;
}

const char *db_text_(struct db *db, struct statement *const *at, const struct db_arg *args)
{
	struct statement *statement = *at;
	statement_run(db, statement, args);
	bool found = row_next(db, statement);
	struct db_column *column = &statement->columns[0];
	if (found && column->kind != KIND_TEXT)
		statement_refuse(statement, "1", "is not a text");
	const char *text = found && !column->null ? column_text(db, statement, 0) : NULL;
	rows_end(db, statement);
	return text;
}

int64_t db_run_(struct db *db, struct statement *const *at, const struct db_arg *args)
{
	return (int64_t)mysql_stmt_affected_rows(statement_run(db, *at, args));
}

int64_t db_place_(struct db *db, struct statement *const *at, const struct db_arg *args)
{
	MYSQL_STMT *stmt = statement_run(db, *at, args);
	return mysql_stmt_affected_rows(stmt) == 1 ? (int64_t)mysql_stmt_insert_id(stmt) : 0;
}

int64_t db_insert_(struct db *db, struct statement *const *at, const struct db_arg *args)
{
	return (int64_t)mysql_stmt_insert_id(statement_run(db, *at, args));
}

struct check {
	struct db *db;
	struct statement *statement;
};

static void check_one(void *arg)
{
	struct check *check = arg;
	statement_ready(check->db, check->statement);
}

size_t db_check(struct db *db, void (*report)(const char *file, int line, const char *message))
{
	size_t wrong = 0;
	db_open(db);
	for (struct statement *const *at = __start_statements; at < __stop_statements; at++) {
		struct check check = { db, *at };
		struct failure failure;
		if (attempt(check_one, &check, &failure))
			continue;
		report((*at)->file, (*at)->line, failure.message);
		wrong++;
	}
	return wrong;
}
