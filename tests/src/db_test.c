/* db_test.c: rows mapped by name, what is refused when a statement is prepared, transactions, conflicts, lost connections. */
#include "../each.h"

#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "moment.h"
#include "sign.h"

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

/* Transactions need a handle that is not held by the fixture. */
struct pair {
	struct mem *mem;
	struct db one, two;
};

static int pair_new(void **state)
{
	struct fixture *f = fixture_new(); /* takes a database for this program */
	fixture_end(f);
	struct mem *mem = mem_new(1 << 20);
	struct pair *pair = mem_get(mem, sizeof *pair);
	*pair = (struct pair){ .mem = mem, .one.mem = mem, .two.mem = mem };
	db_open(&pair->one);
	db_open(&pair->two);
	db_run(&pair->one, "DELETE FROM throttle");
	*state = pair;
	return 0;
}

static int pair_gone(void **state)
{
	struct pair *pair = *state;
	db_close(&pair->one);
	db_close(&pair->two); /* whatever a failed test left open */
	db_open(&pair->two);
	db_run(&pair->two, "DELETE FROM throttle");
	db_close(&pair->two);
	mem_free(pair->mem);
	return 0;
}

static void bucket_put(struct db *db, const char *name)
{
	db_run(db, "INSERT INTO throttle (bucket, tries, started_at) VALUES (?, 1, ?)",
		sha256_of(db->mem, name, strlen(name)), moment_now());
}

static int64_t buckets(struct db *db)
{
	return db_int(db, "SELECT COUNT(*) FROM throttle");
}

static void commits_are_seen_and_rollbacks_are_not(void **state)
{
	struct pair *pair = *state;
	db_begin(&pair->one);
	bucket_put(&pair->one, "a");
	assert_int_equal(buckets(&pair->one), 1);
	assert_int_equal(buckets(&pair->two), 0);
	db_commit(&pair->one);
	assert_int_equal(buckets(&pair->two), 1);
	db_begin(&pair->one);
	bucket_put(&pair->one, "b");
	db_leave(&pair->one);
	assert_int_equal(buckets(&pair->one), 1);
	bucket_put(&pair->one, "c"); /* alone: committed at once */
	assert_int_equal(buckets(&pair->two), 2);
}

static void manual_commits_only_when_told(void **state)
{
	struct pair *pair = *state;
	struct db db = { .mem = pair->mem, .manual = true };
	bucket_put(&db, "a");
	assert_int_equal(buckets(&pair->one), 0);
	db_commit(&db);
	assert_int_equal(buckets(&pair->one), 1);
	db_begin(&db);
	bucket_put(&db, "b");
	db_leave(&db);
	assert_int_equal(buckets(&pair->one), 1);
	db_close(&db);
}

static void lock_at_once(void *arg)
{
	db_int(arg, "SELECT tries FROM throttle FOR UPDATE NOWAIT");
}

/* The second row is the locked one: its error must not get lost behind the first. */
static void a_conflict_behind_the_first_row_is_seen(void **state)
{
	struct pair *pair = *state;
	bucket_put(&pair->one, "a");
	db_begin(&pair->one);
	lock_at_once(&pair->one);
	db_begin(&pair->two);
	for (int i = 0; i < 8; i++)
		bucket_put(&pair->two, mem_format(pair->mem, "b%d", i));
	assert_int_equal(failing(lock_at_once, &pair->two).kind, FAILURE_AGAIN);
	db_commit(&pair->one);
	assert_int_equal(buckets(&pair->one), 1);
}

static void refused_half_way(void *arg)
{
	struct db *db = arg;
	db_text(db, "SELECT seq FROM seq_1_to_100000");
}

static void what_left_rows_unread_harms_nobody(void **state)
{
	struct pair *pair = *state;
	assert_int_equal(failing(refused_half_way, &pair->one).kind, FAILURE_FAULT);
	db_leave(&pair->one);
	bucket_put(&pair->one, "a");
	assert_int_equal(buckets(&pair->one), 1);
}

static void a_conflict_means_again(void **state)
{
	struct pair *pair = *state;
	bucket_put(&pair->one, "a");
	db_begin(&pair->one);
	lock_at_once(&pair->one);
	db_begin(&pair->two);
	bucket_put(&pair->two, "b");
	struct failure failure = failing(lock_at_once, &pair->two);
	if (failure.kind != FAILURE_AGAIN)
		fail_msg("%s %s", failure.event, failure.message);
	assert_false(pair->two.open); /* rolled back whole */
	db_commit(&pair->one);
	assert_int_equal(buckets(&pair->one), 1);
	db_begin(&pair->two);
	lock_at_once(&pair->two);
	db_commit(&pair->two);
}

static void insert_twice(void *arg)
{
	bucket_put(arg, "twice");
	bucket_put(arg, "twice");
}

static void constraints_fail(void **state)
{
	struct pair *pair = *state;
	struct failure failure = failing(insert_twice, &pair->one);
	assert_int_equal(failure.kind, FAILURE_FAULT);
	assert_non_null(strstr(failure.message, "1062"));
	db_leave(&pair->one);
	assert_int_equal(buckets(&pair->one), 1);
}

static void too_long(void *arg)
{
	struct db *db = arg;
	db_run(db, "INSERT INTO product_tag (product_id, tag) VALUES (1, ?)",
		"012345678901234567890123456789012345678901234567890123456789");
}

static void nothing_is_cut_silently(void **state)
{
	struct pair *pair = *state;
	struct failure failure = failing(too_long, &pair->one);
	assert_int_equal(failure.kind, FAILURE_FAULT);
	assert_non_null(strstr(failure.message, "1406"));
}

static void ask(void *arg)
{
	*(int64_t *)((void **)arg)[1] = buckets(((void **)arg)[0]);
}

static void a_killed_connection_is_opened_anew(void **state)
{
	struct pair *pair = *state;
	int64_t found = -1;
	bucket_put(&pair->one, "a");
	assert_int_equal(buckets(&pair->one), 1);
	unsigned long id = mysql_thread_id(pair->one.connection);
	db_begin(&pair->one);
	bucket_put(&pair->one, "b");
	db_script(&pair->two, mem_format(pair->mem, "KILL %lu", id));
	struct failure failure = failing(ask, (void *[]){ &pair->one, &found });
	assert_int_equal(failure.kind, FAILURE_DATABASE);
	assert_false(pair->one.open);
	assert_null(pair->one.connection);
	assert_int_equal(failing(ask, (void *[]){ &pair->one, &found }).kind, FAILURE_NONE);
	assert_int_equal(found, 1); /* prepared again, on the new one; what was not committed is gone */
}

static void open_it(void *arg)
{
	db_open(arg);
}

static void hosts_are_tried_in_turn(void **state)
{
	struct pair *pair = *state;
	const char *hosts = conf.database_hosts;
	struct db db = { .mem = pair->mem };
	conf.database_hosts = mem_format(pair->mem, "/nowhere/a.sock, 127.0.0.1:1, %s", hosts);
	assert_int_equal(failing(open_it, &db).kind, FAILURE_NONE);
	db_close(&db);
	conf.database_hosts = "/nowhere/a.sock,127.0.0.1:1";
	assert_int_equal(failing(open_it, &db).kind, FAILURE_DATABASE);
	conf.database_hosts = "";
	assert_int_equal(failing(open_it, &db).kind, FAILURE_DATABASE);
	conf.database_hosts = hosts;
}

/* Handles take turns at the same statements: none may use what the other prepared. */
static void two_handles_share_no_statements(void **state)
{
	struct pair *pair = *state;
	for (int i = 0; i < 3; i++) {
		db_begin(&pair->one);
		bucket_put(&pair->one, mem_format(pair->mem, "%d", i));
		assert_int_equal(buckets(&pair->one), i + 1);
		assert_int_equal(buckets(&pair->two), i);
		db_commit(&pair->one);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define PAIR(name) cmocka_unit_test_setup_teardown(name, pair_new, pair_gone)
		TEST(columns_meet_fields_by_name), TEST(arguments_come_back_as_they_went),
		TEST(nothing_found_is_null_zero_and_empty), TEST(long_texts_are_whole), TEST(many_rows_come_in_order),
		TEST(streaming_keeps_no_rows), TEST(no_statement_inside_a_stream),
		TEST(wrong_statements_are_refused_at_prepare), TEST(the_check_finds_them_without_data),
		PAIR(commits_are_seen_and_rollbacks_are_not), PAIR(manual_commits_only_when_told), PAIR(a_conflict_means_again),
		PAIR(a_conflict_behind_the_first_row_is_seen), PAIR(what_left_rows_unread_harms_nobody), PAIR(constraints_fail),
		PAIR(nothing_is_cut_silently), PAIR(a_killed_connection_is_opened_anew), PAIR(hosts_are_tried_in_turn),
		PAIR(two_handles_share_no_statements),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
