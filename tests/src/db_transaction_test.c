/* db_transaction_test.c: transactions, conflicts, lost connections, handles beside each other. */
#include "../fixture.h"

#include <mysql.h>
#include <string.h>

#include "conf.h"
#include "moment.h"
#include "sign.h"

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

struct quarrel {
	struct db *db;
	int conflicts, ran;
	enum failure_kind end;
};

static void quarrel_run(void *arg)
{
	struct quarrel *quarrel = arg;
	db_begin(quarrel->db);
	bucket_put(quarrel->db, "quarrel");
	if (quarrel->ran++ < quarrel->conflicts)
		fail_as(FAILURE_AGAIN, "db.conflict", "conflict %d", quarrel->ran);
	if (quarrel->end != FAILURE_NONE)
		fail_as(quarrel->end, "test.end", "ended");
	db_commit(quarrel->db);
}

static void firmly_run(void *arg)
{
	struct quarrel *quarrel = arg;
	db_firmly(quarrel->db, quarrel_run, quarrel);
}

/* Only conflicts are tried again; nothing of a failed attempt stays. */
static void attempts_outlast_conflicts(void **state)
{
	struct pair *pair = *state;
	static const struct { int conflicts; enum failure_kind end, seen; int ran, kept; } rows[] = {
		{ 0, FAILURE_NONE, FAILURE_NONE, 1, 1 },
		{ 7, FAILURE_NONE, FAILURE_NONE, 8, 1 },
		{ 10, FAILURE_NONE, FAILURE_AGAIN, 10, 0 },
		{ 1, FAILURE_FAULT, FAILURE_FAULT, 2, 0 },
		{ 0, FAILURE_MISFIT, FAILURE_MISFIT, 1, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct quarrel quarrel = { &pair->one, rows[i].conflicts, 0, rows[i].end };
		int before = (int)buckets(&pair->two);
		assert_int_equal(db_attempts(&pair->one, quarrel_run, &quarrel).kind, rows[i].seen);
		assert_int_equal(quarrel.ran, rows[i].ran);
		assert_int_equal(buckets(&pair->two) - before, rows[i].kept);
		db_run(&pair->two, "DELETE FROM throttle");
	}
	struct quarrel last = { &pair->one, 1, 0, FAILURE_FAULT };
	struct failure failure = failing(firmly_run, &last);
	assert_int_equal(failure.kind, FAILURE_FAULT);
	assert_string_equal(failure.message, "ended");
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

#define PAIR(name) cmocka_unit_test_setup_teardown(name, pair_new, pair_gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR(commits_are_seen_and_rollbacks_are_not),
		PAIR(manual_commits_only_when_told),
		PAIR(a_conflict_means_again),
		PAIR(a_conflict_behind_the_first_row_is_seen),
		PAIR(what_left_rows_unread_harms_nobody),
		PAIR(constraints_fail),
		PAIR(nothing_is_cut_silently),
		PAIR(a_killed_connection_is_opened_anew),
		PAIR(hosts_are_tried_in_turn),
		PAIR(attempts_outlast_conflicts),
		PAIR(two_handles_share_no_statements),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
