/* db_statement.c: preparing, binding, and mapping columns to fields by name. */
#include <mysql.h>
#include <stdio.h>
#include <string.h>

#include "db_private.h"
#include "fail.h"
#include "moment.h"

enum { TEXT_ROOM = 512, PARAMETERS_MAX = 40, COLUMNS_MAX = 48 };

extern struct statement *const __start_statements[] __attribute__((weak));
extern struct statement *const __stop_statements[] __attribute__((weak));

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

static MYSQL *connection_of(struct db *db)
{
	db_open(db);
	return db->connection;
}

static void statement_refuse(const struct statement *statement, const char *column, const char *why)
{
	fail("db.shape", "%s:%d: column '%s' %s (row '%s')", statement->file, statement->line, column, why,
		statement->shape ? statement->shape->name : "value");
}

static bool type_fits(enum kind kind, const MYSQL_FIELD *column)
{
	switch (kind) {
	case KIND_BOOL:
	case KIND_INT:
	case KIND_MONEY:
	case KIND_SIZE:
		return IS_NUM(column->type) && column->decimals == 0;
	case KIND_TEXT:
	case KIND_BYTES:
		return !IS_NUM(column->type) && column->type != MYSQL_TYPE_DATETIME;
	case KIND_MOMENT:
		return column->type == MYSQL_TYPE_DATETIME || column->type == MYSQL_TYPE_TIMESTAMP;
	case KIND_HTML:
	case KIND_REF:
	case KIND_LIST:
		return false;
	}
	return false;
}

static void column_meets_field(struct statement *statement, struct db_column *column, const MYSQL_FIELD *meta)
{
	const struct field *field = shape_field(statement->shape, meta->name, strlen(meta->name));
	bool nullable = !(meta->flags & NOT_NULL_FLAG);
	column->field = field;
	column->currency = !strcmp(meta->name, "currency");
	if (!field && !column->currency)
		statement_refuse(statement, meta->name, "has no field");
	column->kind = field ? field->kind : KIND_TEXT;
	if (!type_fits(column->kind, meta))
		statement_refuse(statement, meta->name, "is of another type than its field");
	if (nullable && !(field && field->optional))
		statement_refuse(statement, meta->name, "may be NULL but its field is not OPT");
}

static void fields_all_met(struct statement *statement)
{
	const struct shape *shape = statement->shape;
	for (size_t i = 0; i < shape->count; i++) {
		bool met = false, currency = false;
		for (unsigned c = 0; c < statement->column_count; c++) {
			met |= statement->columns[c].field == &shape->fields[i];
			currency |= statement->columns[c].currency;
		}
		if (!met)
			statement_refuse(statement, shape->fields[i].name, "is missing");
		if (shape->fields[i].kind == KIND_MONEY && !currency)
			statement_refuse(statement, "currency", "is missing for a money field");
	}
}

static void column_room(struct db_column *column, const MYSQL_FIELD *meta)
{
	if (column->kind != KIND_TEXT && column->kind != KIND_BYTES)
		return;
	column->room = meta->length > TEXT_ROOM || !meta->length ? TEXT_ROOM : meta->length;
	column->text = mem_get(mem_program(), column->room + 1);
}

static void columns_learn(struct statement *statement, MYSQL_STMT *prepared)
{
	MYSQL_RES *meta = mysql_stmt_result_metadata(prepared);
	unsigned count = meta ? mysql_num_fields(meta) : 0;
	bool wants = statement->result != DB_CHANGE;
	if (wants != (count > 0) || count > COLUMNS_MAX || (statement->result == DB_VALUE && count != 1)) {
		mysql_free_result(meta);
		statement_refuse(statement, "*", "result is not what this call reads");
	}
	if (!count)
		return;
	mem_defer(mem_program(), (void (*)(void *))mysql_free_result, meta);
	statement->column_count = count;
	if (!statement->columns)
		statement->columns = mem_array(mem_program(), count, sizeof *statement->columns);
	for (unsigned i = 0; i < count; i++) {
		struct db_column *column = &statement->columns[i];
		const MYSQL_FIELD *field = mysql_fetch_field_direct(meta, i);
		if (statement->shape)
			column_meets_field(statement, column, field);
		else
			column->kind = IS_NUM(field->type) ? KIND_INT : KIND_TEXT;
		if (!column->text)
			column_room(column, field);
	}
	if (statement->shape)
		fields_all_met(statement);
}

static MYSQL_BIND column_bind(struct db_column *column)
{
	MYSQL_BIND bind = { .is_null = &column->null, .length = &column->length };
	switch (column->kind) {
	case KIND_MOMENT:
		bind.buffer_type = MYSQL_TYPE_DATETIME;
		bind.buffer = &column->time;
		bind.buffer_length = sizeof column->time;
		break;
	case KIND_TEXT:
	case KIND_BYTES:
		bind.buffer_type = MYSQL_TYPE_STRING;
		bind.buffer = column->text;
		bind.buffer_length = column->room;
		break;
	case KIND_BOOL:
	case KIND_INT:
	case KIND_MONEY:
	case KIND_SIZE:
	case KIND_HTML:
	case KIND_REF:
	case KIND_LIST:
		bind.buffer_type = MYSQL_TYPE_LONGLONG;
		bind.buffer = &column->number;
		bind.buffer_length = sizeof column->number;
		break;
	}
	return bind;
}

static void statement_close(void *prepared)
{
	mysql_stmt_close(prepared);
}

static void statement_error(struct db *db, const struct statement *statement, MYSQL_STMT *prepared)
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
	if (mysql_stmt_execute(prepared))
		statement_error(db, statement, prepared);
	db->streaming = statement->result != DB_CHANGE;
	return prepared;
}

/* The text of a column in db->mem. What did not fit the column's own room is fetched again whole. */
static char *column_text(struct db *db, const struct statement *statement, unsigned i)
{
	struct db_column *column = &statement->columns[i];
	if (column->length <= column->room)
		return mem_textn(db->mem, column->text, column->length);
	char *text = mem_get(db->mem, column->length + 1);
	unsigned long length;
	my_bool null;
	MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_STRING, .buffer = text, .buffer_length = column->length,
		.length = &length, .is_null = &null };
	if (mysql_stmt_fetch_column(statement->prepared, &bind, i, 0))
		statement_error(db, statement, statement->prepared);
	return text;
}

static struct moment moment_of(const MYSQL_TIME *time)
{
	return moment_from_civil((struct civil){ .year = time->year, .month = (int)time->month,
		.day = (int)time->day, .hour = (int)time->hour, .minute = (int)time->minute, .second = (int)time->second,
		.us = (int)time->second_part });
}

static void column_store(struct db *db, const struct statement *statement, unsigned i, char *row)
{
	struct db_column *column = &statement->columns[i];
	if (!column->field || column->null)
		return;
	void *at = row + column->field->offset;
	switch (column->kind) {
	case KIND_BOOL:
		*(bool *)at = column->number != 0;
		break;
	case KIND_INT:
		*(int64_t *)at = column->number;
		break;
	case KIND_SIZE:
		((struct size *)at)->bytes = column->number;
		break;
	case KIND_MONEY:
		((struct money *)at)->minor = column->number;
		break;
	case KIND_TEXT:
		*(const char **)at = column_text(db, statement, i);
		break;
	case KIND_BYTES:
		*(struct bytes *)at = (struct bytes){ (unsigned char *)column_text(db, statement, i), column->length };
		break;
	case KIND_MOMENT:
		*(struct moment *)at = moment_of(&column->time);
		break;
	case KIND_HTML:
	case KIND_REF:
	case KIND_LIST:
		break;
	}
}

static void currency_store(const struct statement *statement, const char *currency, char *row)
{
	for (unsigned c = 0; c < statement->column_count; c++) {
		const struct field *field = statement->columns[c].field;
		if (field && field->kind == KIND_MONEY)
			snprintf(((struct money *)(void *)(row + field->offset))->currency, 4, "%s", currency);
	}
}

static void row_store(struct db *db, const struct statement *statement, char *row)
{
	for (unsigned i = 0; i < statement->column_count; i++) {
		struct db_column *column = &statement->columns[i];
		column_store(db, statement, i, row);
		if (column->currency && !column->null) {
			column->text[column->length < column->room ? column->length : column->room] = 0;
			currency_store(statement, column->text, row);
		}
	}
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
