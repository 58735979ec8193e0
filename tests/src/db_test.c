/* db_test.c: rows mapped by name, what is refused when a statement is prepared. Transactions: db_transaction_test.c. */
#include "../each.h"

#include <stdlib.h>
#include <string.h>

#include "moment.h"

struct kinds {
	int64_t id;
	const char *text, *maybe;
	bool flag;
	struct money price, tax;
	struct moment at, never;
	struct size size;
	struct bytes hash;
};
ROW(kinds, id, text, OPT(maybe), flag, price, tax, at, OPT(never), size, hash);

struct tag {
	const char *tag;
};
ROW(tag, tag);

struct number {
	int64_t n;
};
ROW(number, n);

static struct moment moment_at(const char *iso)
{
	struct moment moment;
	assert_true(moment_parse_iso(iso, &moment));
	return moment;
}

static void columns_meet_fields_by_name(void **state)
{
	struct fixture *f = *state;
	const unsigned char raw[] = { 0, 1, 255, 0 };
	const struct kinds *row = db_one(&f->db, kinds,
		"SELECT X'0001FF00' AS hash, 'é' AS text, NULLIF('a', 'a') AS maybe, TRUE AS flag,"
		" 1900 AS price, 380 AS tax, 'eur' AS currency, TIMESTAMP'2026-11-21 14:03:00.000001' AS at,"
		" CAST(NULL AS DATETIME(6)) AS never, 5000000000 AS size, -7 AS id");
	assert_int_equal(row->id, -7);
	assert_string_equal(row->text, "é");
	assert_null(row->maybe);
	assert_true(row->flag);
	assert_int_equal(row->price.minor, 1900);
	assert_string_equal(row->tax.currency, "eur");
	assert_int_equal(row->at.us, moment_at("2026-11-21T14:03:00Z").us + 1);
	assert_int_equal(row->never.us, 0);
	assert_int_equal(row->size.bytes, 5000000000);
	assert_int_equal(row->hash.length, 4);
	assert_memory_equal(row->hash.data, raw, 4);
}

static void arguments_come_back_as_they_went(void **state)
{
	struct fixture *f = *state;
	struct db *db = &f->db;
	int64_t id = a_member(f, "o'brien\"--@example.com");
	struct moment at = { moment_at("2026-02-28T23:59:59Z").us + 999999 };
	db_run(db, "UPDATE account SET name = ?, verified_at = ?, stripe_customer = ?, staff = ? WHERE id = ?", "Zoë \\ '%_\" 😀",
		at, (const char *)NULL, true, id);
	assert_string_equal(db_text(db, "SELECT name FROM account WHERE id = ?", id), "Zoë \\ '%_\" 😀");
	assert_string_equal(db_text(db, "SELECT email FROM account WHERE id = ?", id), "o'brien\"--@example.com");
	assert_null(db_text(db, "SELECT stripe_customer FROM account WHERE id = ?", id));
	assert_int_equal(db_int(db, "SELECT staff FROM account WHERE id = ?", id), 1);
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM account WHERE id = ? AND verified_at = ?", id, at), 1);
	db_run(db, "UPDATE account SET verified_at = ? WHERE id = ?", (struct moment){ 0 }, id);
	assert_int_equal(db_int(db, "SELECT COUNT(*) FROM account WHERE id = ? AND verified_at IS NULL", id), 1);
	assert_int_equal(db_int(db, "SELECT ?", INT64_MIN), INT64_MIN);
}

static void nothing_found_is_null_zero_and_empty(void **state)
{
	struct fixture *f = *state;
	assert_null(db_one(&f->db, tag, "SELECT tag FROM product_tag WHERE tag = ?", "nothing"));
	assert_int_equal(db_all(&f->db, tag, "SELECT tag FROM product_tag WHERE tag = ?", "nothing").count, 0);
	assert_int_equal(db_int(&f->db, "SELECT id FROM account WHERE email = ?", "nobody"), 0);
	assert_null(db_text(&f->db, "SELECT email FROM account WHERE email = ?", "nobody"));
	assert_int_equal(db_int(&f->db, "SELECT MAX(id) FROM account WHERE email = ?", "nobody"), 0);
	assert_int_equal(db_run(&f->db, "UPDATE account SET name = ? WHERE email = ?", "x", "nobody"), 0);
}

static void long_texts_are_whole(void **state)
{
	struct fixture *f = *state;
	static const size_t lengths[] = { 0, 1, 511, 512, 513, 4096, 100000 };
	int64_t id = a_member(f, "jenny@example.com");
	int64_t event = db_insert(&f->db, "INSERT INTO event (topic, account_id, subject_id, payload, request_id, created_at)"
		" VALUES ('t', ?, 0, '', '', ?)", id, moment_now());
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		char *text = mem_get(f->mem, lengths[i] + 1);
		for (size_t c = 0; c < lengths[i]; c++)
			text[c] = (char)('a' + c % 26);
		db_run(&f->db, "UPDATE event SET payload = ? WHERE id = ?", text, event);
		assert_string_equal(db_text(&f->db, "SELECT payload FROM event WHERE id = ?", event), text);
	}
}

static void many_rows_come_in_order(void **state)
{
	struct fixture *f = *state;
	struct list list = db_all(&f->db, number, "SELECT seq AS n FROM seq_1_to_1000 ORDER BY seq");
	int64_t expected = 0;
	assert_int_equal(list.count, 1000);
	LIST_EACH(number, row, list)
		assert_int_equal(row->n, ++expected);
	assert_int_equal(expected, 1000);
}

static void sum_up(const void *row, void *arg)
{
	*(int64_t *)arg += ((const struct number *)row)->n;
}

static void streaming_keeps_no_rows(void **state)
{
	struct fixture *f = *state;
	int64_t sum = 0;
	size_t before = mem_used(f->mem);
	db_each(&f->db, number, sum_up, &sum, "SELECT seq AS n FROM seq_1_to_10000");
	assert_int_equal(sum, 50005000);
	assert_true(mem_used(f->mem) - before < 4096);
}

static void ask_inside(const void *row, void *arg)
{
	struct fixture *f = arg;
	(void)row;
	db_int(&f->db, "SELECT 1");
}

static void stream_and_ask(void *arg)
{
	struct fixture *f = arg;
	db_each(&f->db, number, ask_inside, f, "SELECT seq AS n FROM seq_1_to_10");
}

static void no_statement_inside_a_stream(void **state)
{
	struct fixture *f = *state;
	struct failure failure = failing(stream_and_ask, f);
	assert_int_equal(failure.kind, FAILURE_FAULT);
	assert_string_equal(failure.event, "db.streaming");
	db_leave(&f->db); /* closes it: what is left of the stream cannot be read by anyone else */
	assert_int_equal(db_int(&f->db, "SELECT 2"), 2);
}

/* What is refused when it is prepared: each in its own function, as each use site is one statement. */
#define REFUSED(name, call)                                                                                          \
	static void name(void *arg)                                                                                      \
	{                                                                                                                \
		struct db *db = arg;                                                                                         \
		(void)call;                                                                                                  \
	}
REFUSED(extra_column, db_one(db, number, "SELECT 1 AS n, 2 AS more"))
REFUSED(missing_column, db_one(db, kinds, "SELECT 1 AS id"))
REFUSED(other_name, db_one(db, number, "SELECT 1 AS m"))
REFUSED(nullable, db_one(db, tag, "SELECT stripe_customer AS tag FROM account"))
REFUSED(outer_join, db_one(db, tag, "SELECT t.tag FROM account a LEFT JOIN product_tag t ON t.product_id = a.id"))
REFUSED(number_for_text, db_one(db, tag, "SELECT id AS tag FROM account"))
REFUSED(text_for_number, db_one(db, number, "SELECT email AS n FROM account"))
REFUSED(moment_for_text, db_one(db, tag, "SELECT created_at AS tag FROM account"))
REFUSED(fraction_for_number, db_one(db, number, "SELECT 1.5 AS n"))
REFUSED(lost_argument, db_int(db, "SELECT id FROM account WHERE email = ? AND name = ?", "a"))
REFUSED(extra_argument, db_int(db, "SELECT id FROM account WHERE email = ?", "a", "b"))
REFUSED(two_values, db_int(db, "SELECT 1, 2"))
REFUSED(change_for_rows, db_one(db, number, "DELETE FROM product_tag"))
REFUSED(rows_for_change, db_run(db, "SELECT 1"))
REFUSED(unknown_column, db_int(db, "SELECT colour FROM account"))
REFUSED(unknown_table, db_int(db, "SELECT 1 FROM nowhere"))
REFUSED(two_statements, db_run(db, "DELETE FROM product_tag; DELETE FROM account"))
REFUSED(text_as_number, db_int(db, "SELECT email FROM account UNION SELECT 'a'"))

static void wrong_statements_are_refused_at_prepare(void **state)
{
	struct fixture *f = *state;
	static const struct { void (*call)(void *); const char *event, *part; } rows[] = {
		{ extra_column, "db.shape", "column 'more' has no field" }, { missing_column, "db.shape", "is missing" },
		{ other_name, "db.shape", "column 'm' has no field" }, { nullable, "db.shape", "may be NULL but its field is not OPT" },
		{ outer_join, "db.shape", "may be NULL" }, { number_for_text, "db.shape", "of another type" },
		{ text_for_number, "db.shape", "of another type" }, { moment_for_text, "db.shape", "of another type" },
		{ fraction_for_number, "db.shape", "of another type" }, { lost_argument, "db.arguments", "2 placeholders, 1 arguments" },
		{ extra_argument, "db.arguments", "1 placeholders, 2 arguments" }, { two_values, "db.shape", "not what this call reads" },
		{ change_for_rows, "db.shape", "not what this call reads" }, { rows_for_change, "db.shape", "not what this call reads" },
		{ unknown_column, "db.error", "1054" }, { unknown_table, "db.error", "1146" }, { two_statements, "db.error", "1064" },
		{ text_as_number, "db.shape", "is not a number" },
	};
	a_member(f, "jenny@example.com");
	for (int turn = 0; turn < 2; turn++) /* and again: a refused statement is not taken for a prepared one */
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			struct failure failure = failing(rows[i].call, &f->db);
			db_leave(&f->db);
			if (failure.kind != FAILURE_FAULT || strcmp(failure.event, rows[i].event) || !strstr(failure.message, rows[i].part))
				fail_msg("row %zu: %s %s", i, failure.event, failure.message);
			if (!strstr(failure.message, "db_test.c:"))
				fail_msg("no place in: %s", failure.message);
		}
}

static size_t reported;
static void count_report(const char *file, int line, const char *message)
{
	(void)line;
	(void)message;
	reported += strstr(file, "db_test.c") != NULL;
}

static void the_check_finds_them_without_data(void **state)
{
	struct fixture *f = *state;
	reported = 0;
	assert_true(db_check(&f->db, count_report) >= 17);
	assert_int_equal(reported, 17); /* text_as_number shows only when it is run */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns_meet_fields_by_name),
		TEST(arguments_come_back_as_they_went),
		TEST(nothing_found_is_null_zero_and_empty),
		TEST(long_texts_are_whole),
		TEST(many_rows_come_in_order),
		TEST(streaming_keeps_no_rows),
		TEST(no_statement_inside_a_stream),
		TEST(wrong_statements_are_refused_at_prepare),
		TEST(the_check_finds_them_without_data),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
