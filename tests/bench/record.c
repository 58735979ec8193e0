/* record.c: laid before libmariadb (LD_PRELOAD) it writes down what an unchanged program says to the database: each
 * transaction with its statements, their arguments, and the ids that rows got. RECORD_FILE is only appended to when it is
 * there: what comes before is not recorded. */
#include <ctype.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <mysql.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

enum { STATEMENTS_MAX = 1024, TRANSACTION_MAX = 1 << 20, STEPS_MAX = 4096, BODY_LEAST = 200, DIGITS = 24 };

static struct known {
	MYSQL_STMT *statement;
	char *text;
	size_t length;
	int written;
} known[STATEMENTS_MAX];
static size_t known_count;

static _Alignas(8) char out[TRANSACTION_MAX];
static size_t out_length;
static unsigned long long ids[STEPS_MAX]; /* that each statement of the transaction made; 0: none */
static struct record *const head = (struct record *)out;

static void *next_of(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static struct known *known_of(MYSQL_STMT *statement)
{
	for (size_t i = known_count; i-- > 0;)
		if (known[i].statement == statement)
			return &known[i];
	fprintf(stderr, "record: a statement that was not prepared\n");
	abort();
}

static void *room(size_t length)
{
	char *at = out + out_length;
	out_length += record_padded(length);
	if (out_length > sizeof out) {
		fprintf(stderr, "record: a transaction too long\n");
		abort();
	}
	memset(at, 0, record_padded(length));
	return at;
}

static void argument_put(enum record_kind kind, const void *data, size_t length)
{
	*(struct record_argument *)room(sizeof(struct record_argument)) = (struct record_argument){ kind, (uint32_t)length };
	memcpy(room(length), data, length);
}

static void number_put(unsigned long long value)
{
	for (uint32_t i = 0; i < head->statements; i++)
		if (ids[i] && ids[i] == value) {
			argument_put(RECORD_ID, &i, sizeof i);
			return;
		}
	argument_put(RECORD_NUMBER, &value, sizeof value);
}

/* Where the digits stand in a text as a number of their own. */
static const char *number_in(const char *text, size_t length, const char *id, size_t digits)
{
	const char *end = text + length, *at = text;
	while ((at = memmem(at, (size_t)(end - at), id, digits)) != NULL) {
		bool before = at > text && isdigit((unsigned char)at[-1]), after = at + digits < end && isdigit((unsigned char)at[digits]);
		if (!before && !after)
			return at;
		at++;
	}
	return NULL;
}

static void text_put(const char *text, size_t length)
{
	static char cut[TRANSACTION_MAX];
	for (uint32_t i = 0; i < head->statements; i++) {
		char id[DIGITS];
		size_t digits = (size_t)snprintf(id, sizeof id, "%llu", ids[i]);
		const char *at = ids[i] ? number_in(text, length, id, digits) : NULL;
		if (!at)
			continue;
		struct record_place place = { i, (uint32_t)(at - text) };
		memcpy(cut, &place, sizeof place);
		memcpy(cut + sizeof place, text, place.at);
		memcpy(cut + sizeof place + place.at, at + digits, length - place.at - digits);
		argument_put(RECORD_TEXT_WITH_ID, cut, sizeof place + length - digits);
		return;
	}
	argument_put(RECORD_TEXT, text, length);
}

static void bind_put(const MYSQL_BIND *bind)
{
	if (bind->is_null && *bind->is_null)
		argument_put(RECORD_NULL, "", 0);
	else if (bind->buffer_type == MYSQL_TYPE_LONGLONG)
		number_put(*(unsigned long long *)bind->buffer);
	else if (bind->buffer_type == MYSQL_TYPE_DATETIME)
		argument_put(RECORD_TIME, bind->buffer, sizeof(MYSQL_TIME));
	else if (bind->buffer_type == MYSQL_TYPE_BLOB && bind->buffer_length >= BODY_LEAST)
		argument_put(RECORD_BODY, "", 0);
	else
		text_put(bind->buffer, bind->buffer_length);
}

static void statement_put(MYSQL_STMT *statement)
{
	const struct known *shape = known_of(statement);
	if (!head->statements) {
		const MYSQL_BIND *first = statement->params;
		out_length = 0;
		room(sizeof *head);
		if (statement->param_count && first->buffer_length < RECORD_ID_MAX && first->buffer_type == MYSQL_TYPE_STRING)
			memcpy(head->id, first->buffer, first->buffer_length);
	}
	*(struct record_statement *)room(sizeof(struct record_statement)) = (struct record_statement){
		.sql = record_hash(shape->text, shape->length), .arguments = statement->param_count };
	for (unsigned i = 0; i < statement->param_count; i++)
		bind_put(&statement->params[i]);
}

int mysql_stmt_prepare(MYSQL_STMT *statement, const char *text, unsigned long length)
{
	int (*next)(MYSQL_STMT *, const char *, unsigned long) = (int (*)(MYSQL_STMT *, const char *, unsigned long))
		next_of("mysql_stmt_prepare");
	if (known_count < STATEMENTS_MAX)
		known[known_count++] = (struct known){ statement, strndup(text, length), length, 0 };
	return next(statement, text, length);
}

int mysql_stmt_execute(MYSQL_STMT *statement)
{
	static int (*next)(MYSQL_STMT *);
	if (!next)
		next = (int (*)(MYSQL_STMT *))next_of("mysql_stmt_execute");
	size_t at = head->statements ? out_length : sizeof *head;
	statement_put(statement);
	int failed = next(statement);
	((struct record_statement *)(out + at))->changed = statement->field_count ? 0 : (uint32_t)mysql_stmt_affected_rows(statement);
	ids[head->statements++] = failed || statement->field_count ? 0 : mysql_stmt_insert_id(statement);
	return failed;
}

static void append(const char *path, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (fd < 0 || write(fd, data, length) != (ssize_t)length)
		abort();
	close(fd);
}

/* Each text once per process; the reader takes the first of each. */
static void texts_write(const char *path)
{
	char beside[4096];
	snprintf(beside, sizeof beside, "%s.sql", path);
	for (size_t i = 0; i < known_count; i++) {
		size_t length = sizeof(struct record_sql) + record_padded(known[i].length + 1);
		struct record_sql *sql = known[i].written++ ? NULL : calloc(1, length);
		if (!sql)
			continue;
		*sql = (struct record_sql){ record_hash(known[i].text, known[i].length), known[i].length };
		memcpy(sql + 1, known[i].text, known[i].length);
		append(beside, sql, length);
		free(sql);
	}
}

int mysql_query(MYSQL *connection, const char *text)
{
	static int (*next)(MYSQL *, const char *);
	const char *path = getenv("RECORD_FILE");
	if (!next)
		next = (int (*)(MYSQL *, const char *))next_of("mysql_query");
	if (!strcmp(text, "COMMIT") && head->statements && path && !access(path, W_OK)) {
		head->bytes = (uint32_t)out_length;
		texts_write(path);
		append(path, out, out_length);
	}
	if (!strcmp(text, "COMMIT") || !strcmp(text, "ROLLBACK"))
		head->statements = 0;
	return next(connection, text);
}
