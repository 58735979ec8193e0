/* floor_replay.c: a webhook that knows beforehand what each event will have the database do: for every event of record.c's
 * file it runs the statements that Comptoir ran for it in a copy of the same database, each prepared once, with the arguments
 * bound where they lie in the file, and reads their rows.
 *
 * It is spared all that a webhook must find out: which statements, in which order, with what in them; random keys, times,
 * texts. It checks the signature, reads the JSON, passes ids of new rows on to later statements, and commits. */
#include <fcgiapp.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "floor.h"
#include "record.h"

enum { SLOTS = 1 << 18, SHAPES = 4096, ARGUMENTS_MAX = 40, COLUMNS_MAX = 48, VALUE_MAX = 65536, STEPS_MAX = 4096,
	CONFLICT = 1213, LOCK_WAIT = 1205, TRIES = 10 };

static MYSQL *connection;
static const char *events, *events_end;
static const struct record *slots[SLOTS]; /* by the hash of their ids */
static struct shape {
	uint64_t hash;
	const char *text;
	MYSQL_STMT *statement;
} shapes[SHAPES];
static unsigned long long ids[STEPS_MAX];

/* Where columns are read to: each of its own type, as a handler would. */
static struct {
	char text[VALUE_MAX];
	long long number;
	MYSQL_TIME time;
	unsigned long length;
	my_bool null;
} columns[COLUMNS_MAX];

static const char *file_map(const char *path, size_t *length)
{
	struct stat info;
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &info))
		stop(path, "cannot be opened");
	*length = (size_t)info.st_size;
	const char *map = mmap(NULL, *length, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED)
		stop(path, "cannot be mapped");
	return map;
}

static const struct record **slot_of(const char *id)
{
	uint64_t i = record_hash(id, strlen(id));
	while (slots[i % SLOTS] && strcmp(slots[i % SLOTS]->id, id))
		i++;
	return &slots[i % SLOTS];
}

static struct shape *shape_of(uint64_t hash)
{
	uint64_t i = hash;
	while (shapes[i % SHAPES].hash && shapes[i % SHAPES].hash != hash)
		i++;
	return &shapes[i % SHAPES];
}

static void files_read(void)
{
	size_t length;
	char beside[4096];
	snprintf(beside, sizeof beside, "%s.sql", setting("FLOOR_RECORD"));
	const char *at = file_map(beside, &length);
	for (const char *end = at + length; at < end;) {
		const struct record_sql *sql = (const void *)at;
		*shape_of(sql->hash) = (struct shape){ .hash = sql->hash, .text = (const char *)(sql + 1) };
		at += sizeof *sql + record_padded(sql->length + 1);
	}
	events = file_map(setting("FLOOR_RECORD"), &length);
	events_end = events + length;
	for (at = events; at < events_end; at += ((const struct record *)(const void *)at)->bytes)
		*slot_of(((const struct record *)(const void *)at)->id) = (const void *)at;
}

static MYSQL_BIND column_bind(enum enum_field_types type, size_t i)
{
	MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_STRING, .buffer = columns[i].text, .buffer_length = VALUE_MAX,
		.length = &columns[i].length, .is_null = &columns[i].null };
	if (type == MYSQL_TYPE_DATETIME) {
		bind.buffer_type = MYSQL_TYPE_DATETIME;
		bind.buffer = &columns[i].time;
	}
	if (type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_SHORT || type == MYSQL_TYPE_LONG || type == MYSQL_TYPE_LONGLONG) {
		bind.buffer_type = MYSQL_TYPE_LONGLONG;
		bind.buffer = &columns[i].number;
	}
	return bind;
}

static MYSQL_STMT *statement_of(uint64_t hash)
{
	struct shape *shape = shape_of(hash);
	if (shape->statement)
		return shape->statement;
	if (!shape->text)
		stop("replay", "a statement without its text");
	MYSQL_STMT *statement = floor_prepare(connection, shape->text, NULL, NULL);
	MYSQL_RES *result = mysql_stmt_result_metadata(statement);
	MYSQL_BIND binds[COLUMNS_MAX];
	unsigned count = result ? mysql_num_fields(result) : 0;
	if (count > COLUMNS_MAX)
		stop(shape->text, "too many columns");
	for (unsigned i = 0; i < count; i++)
		binds[i] = column_bind(mysql_fetch_field_direct(result, i)->type, i);
	if (count && mysql_stmt_bind_result(statement, binds))
		stop(shape->text, mysql_stmt_error(statement));
	mysql_free_result(result);
	return shape->statement = statement;
}

/* A text with the id of this replay in it. */
static void place_bind(MYSQL_BIND *bind, const struct record_argument *argument, char *room)
{
	const struct record_place *place = (const void *)(argument + 1);
	const char *text = (const char *)(place + 1);
	size_t rest = argument->length - sizeof *place - place->at;
	enum { DIGITS = 21 };
	if (place->at + DIGITS + rest > VALUE_MAX)
		stop("replay", "a text with an id does not fit");
	memcpy(room, text, place->at);
	size_t length = place->at + (size_t)snprintf(room + place->at, DIGITS, "%llu", ids[place->statement]);
	memcpy(room + length, text + place->at, rest);
	bind->buffer_type = MYSQL_TYPE_STRING;
	bind->buffer = room;
	bind->buffer_length = length + rest;
}

static MYSQL_BIND argument_bind(const struct record_argument *argument, char *room)
{
	MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = (void *)(uintptr_t)(argument + 1) };
	switch ((enum record_kind)argument->kind) {
	case RECORD_NULL:
		bind.buffer_type = MYSQL_TYPE_NULL;
		break;
	case RECORD_NUMBER:
		break;
	case RECORD_TEXT:
		bind.buffer_type = MYSQL_TYPE_STRING;
		bind.buffer_length = argument->length;
		break;
	case RECORD_TIME:
		bind.buffer_type = MYSQL_TYPE_DATETIME;
		break;
	case RECORD_BODY:
		bind.buffer_type = MYSQL_TYPE_BLOB;
		bind.buffer = floor_body;
		bind.buffer_length = floor_body_length;
		break;
	case RECORD_ID:
		bind.buffer = &ids[*(const uint32_t *)(const void *)(argument + 1)];
		break;
	case RECORD_TEXT_WITH_ID:
		place_bind(&bind, argument, room);
		break;
	}
	return bind;
}

/* 0, or the number of what stopped it. */
static unsigned statement_run(const struct record_statement *step, MYSQL_BIND *binds, uint32_t i)
{
	MYSQL_STMT *statement = statement_of(step->sql);
	if ((step->arguments && mysql_stmt_bind_param(statement, binds)) || mysql_stmt_execute(statement))
		return mysql_stmt_errno(statement);
	int end = 0;
	if (mysql_stmt_field_count(statement)) {
		while (!(end = mysql_stmt_fetch(statement)) || end == MYSQL_DATA_TRUNCATED)
			;
		if (end == 1)
			return mysql_stmt_errno(statement);
		mysql_stmt_free_result(statement);
		return 0;
	}
	ids[i] = mysql_stmt_insert_id(statement);
	if (!mysql_stmt_affected_rows(statement) != !step->changed)
		stop("replay: other rows than when it was recorded", shape_of(step->sql)->text);
	return 0;
}

static unsigned transaction_run(const struct record *record)
{
	static char rooms[ARGUMENTS_MAX][VALUE_MAX];
	const char *at = (const char *)(record + 1);
	for (uint32_t i = 0; i < record->statements; i++) {
		const struct record_statement *step = (const void *)at;
		MYSQL_BIND binds[ARGUMENTS_MAX];
		at += sizeof *step;
		for (uint32_t j = 0; j < step->arguments; j++) {
			const struct record_argument *argument = (const void *)at;
			binds[j] = argument_bind(argument, rooms[j]);
			at += sizeof *argument + record_padded(argument->length);
		}
		ids[i] = 0;
		unsigned error = statement_run(step, binds, i);
		if (error)
			return error;
	}
	return mysql_query(connection, "COMMIT") ? mysql_errno(connection) : 0;
}

static int take(void)
{
	struct json_object *event = json_tokener_parse(floor_body);
	const char *id = json_object_get_string(json_object_object_get(event, "id"));
	const struct record *record = id ? *slot_of(id) : NULL;
	unsigned error = 0;
	json_object_put(event);
	if (!record)
		return 0;
	for (int tries = 0; tries < TRIES; tries++) {
		error = transaction_run(record);
		if (error != CONFLICT && error != LOCK_WAIT)
			break;
		mysql_query(connection, "ROLLBACK");
	}
	if (error)
		stop("replay", mysql_error(connection));
	return 1;
}

int main(void)
{
	FCGX_Request request;
	connection = floor_connect(0);
	files_read();
	FCGX_Init();
	FCGX_InitRequest(&request, 0, 0);
	while (!FCGX_Accept_r(&request)) {
		FCGX_PutS(floor_signed(&request) && take()
				? "Status: 200\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nContent-Length: 8\r\n\r\napplied\n"
				: "Status: 400\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n",
			request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
