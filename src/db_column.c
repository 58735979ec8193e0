/* db_column.c: the columns of a result and the fields of a row: they meet by name, and a value goes from one to the other. */
#include <stdio.h>
#include <string.h>

#include "db_private.h"
#include "fail.h"
#include "moment.h"

enum { TEXT_ROOM = 512 };

void statement_refuse(const struct statement *statement, const char *column, const char *why)
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

void columns_learn(struct statement *statement, MYSQL_STMT *prepared)
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

MYSQL_BIND column_bind(struct db_column *column)
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

/* The text of a column in db->mem. What did not fit the column's own room is fetched again whole. */
char *column_text(struct db *db, const struct statement *statement, unsigned i)
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

void row_store(struct db *db, const struct statement *statement, char *row)
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
