/* The queue: claimed once, tried again, dead in the end, and nothing lost when a worker goes. */
#include "job.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "event.h"
#include "fail.h"
#include "fixture.h"
#include "log.h"
#include "moment.h"

enum { NOW = 1800000000, MANY = 120, WORKERS = 4 };

static int runs;

JOB(test_counts)
{
	(void)job;
	runs++;
}

JOB(test_fails)
{
	runs++;
	db_begin(job->db);
	job_put(job->db, "test_counts", "left behind", 0, 0);
	fail("test.failed", "as it should, for the %lld. time", (long long)job->tries + 1);
}

JOB(test_conflicts)
{
	(void)job;
	if (++runs < 3)
		fail_as(FAILURE_AGAIN, "test.again", "somebody was faster");
}

JOB(test_wanted_again)
{
	if (!runs++)
		job_put(job->db, "test_wanted_again", job->unique_key, 0, 0);
}

JOB_EVERY(test_hourly, 3600)
{
	(void)job;
	runs++;
}

/* Its effect is committed: one row per run, whoever runs it. */
JOB(test_writes)
{
	db_begin(job->db);
	db_run(job->db,
		"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"
		" VALUES (0, 0, 'test.job', ?, '', '', ?)",
		job->subject_id, moment_now());
	db_commit(job->db);
}

JOB(test_kills)
{
	if (job->subject_id)
		_exit(0);
	runs++;
}

/* Longer than a lease, twice; it holds on to it in between. */
JOB(test_takes_long)
{
	for (; runs < 3; runs++) {
		moment_clock_set(moment_add_seconds(moment_now(), JOB_LEASE_SECONDS - 1));
		job_hold(job->db);
		assert_int_equal(db_int(job->db, "SELECT COUNT(*) FROM job WHERE id = ? AND state = 'leased' AND lease_until > ?", job->id,
			moment_add_seconds(moment_now(), JOB_LEASE_SECONDS - 1)), 1);
	}
}

static int fresh(void **state)
{
	*state = fixture_new();
	moment_clock_set(moment_from_unix(NOW));
	runs = 0;
	return 0;
}

static int gone(void **state)
{
	fixture_end(*state);
	return 0;
}

static void later(int64_t seconds)
{
	static int64_t ahead;
	ahead = seconds ? ahead + seconds : 0;
	moment_clock_set(moment_from_unix(NOW + ahead));
}

static int64_t run(struct fixture *f)
{
	return jobs_run(&f->db, f->request, 3600);
}

static void runs_what_is_due_once(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_counts", "a", 1, 0);
	job_put(&f->db, "test_counts", "a", 1, 0);
	job_put(&f->db, "test_counts", "b", 1, 60);
	assert_int_equal(run(f), 1);
	assert_int_equal(run(f), 0);
	later(0), later(61);
	assert_int_equal(run(f), 1);
	assert_int_equal(runs, 2);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job"), 0);
}

static void stops_when_the_time_is_over(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_counts", "a", 1, 0);
	job_put(&f->db, "test_counts", "b", 1, 0);
	assert_int_equal(jobs_run(&f->db, f->request, 0), 1);
	assert_int_equal(jobs_run(&f->db, f->request, 0), 1);
	assert_int_equal(jobs_run(&f->db, f->request, 0), 0);
}

static void backs_off_and_dies(void **state)
{
	struct fixture *f = *state;
	later(0);
	job_put(&f->db, "test_fails", "a", 0, 0);
	for (int64_t i = 1; i <= JOB_TRIES; i++) {
		assert_int_equal(run(f), 1);
		assert_int_equal(db_int(&f->db, "SELECT tries FROM job"), i);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'test_counts'"), 0);
		int64_t wait = db_int(&f->db, "SELECT TIMESTAMPDIFF(SECOND, ?, run_at) FROM job", moment_now());
		int64_t most = i < 12 ? INT64_C(1) << i : 3600;
		most = most > 3600 ? 3600 : most;
		assert_in_range(wait, most - most / 4, most);
		assert_int_equal(run(f), 0);
		later(3601);
	}
	assert_int_equal(run(f), 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM job"), "dead");
	assert_string_equal(db_text(&f->db, "SELECT error FROM job"), "as it should, for the 12. time");
	assert_int_equal(jobs_retry(&f->db, "test_counts"), 0);
	assert_int_equal(jobs_retry(&f->db, NULL), 1);
	assert_int_equal(run(f), 1);
	assert_int_equal(runs, JOB_TRIES + 1);
}

static void lives_again_when_put_again(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_counts", "a", 0, 0);
	db_run(&f->db, "UPDATE job SET state = 'dead', tries = 12");
	job_put(&f->db, "test_counts", "a", 0, 0);
	assert_int_equal(run(f), 1);
	assert_int_equal(runs, 1);
}

static void a_conflict_is_no_failure(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_conflicts", "a", 0, 0);
	assert_int_equal(run(f), 1);
	assert_int_equal(runs, 3);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job"), 0);
}

static void an_unknown_reaction_waits(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_nobody", "a", 0, 0);
	assert_int_equal(run(f), 1);
	assert_string_equal(db_text(&f->db, "SELECT error FROM job"), "this program has no reaction test_nobody");
}

static void wanted_while_it_runs_it_runs_once_more(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_wanted_again", "a", 0, 0);
	assert_int_equal(run(f), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE state = 'ready' AND tries = 0"), 1);
	later(0), later(1);
	assert_int_equal(run(f), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job"), 0);
	assert_int_equal(runs, 2);
}

static void comes_every_hour(void **state)
{
	struct fixture *f = *state;
	later(0);
	jobs_schedule(&f->db);
	jobs_schedule(&f->db);
	assert_int_equal(run(f), 1);
	jobs_schedule(&f->db);
	later(3599);
	assert_int_equal(run(f), 0);
	later(1);
	assert_int_equal(run(f), 1);
	assert_int_equal(runs, 2);
}

/* What follows is committed, with connections of its own, in this test program's own database. */
static struct db own_db(struct mem *mem)
{
	struct db db = { .mem = mem };
	db_run(&db, "DELETE FROM job");
	db_run(&db, "DELETE FROM audit WHERE action = 'test.job'");
	return db;
}

static void worker_process(void)
{
	struct db db = { .mem = mem_new(1 << 20) };
	jobs_run(&db, mem_new(1 << 20), 3600);
	db_close(&db);
	_exit(0);
}

static void two_workers_never_run_one_job_twice(void **state)
{
	struct fixture *f = *state;
	struct db db = own_db(f->mem);
	for (int i = 0; i < MANY; i++)
		job_put(&db, "test_writes", mem_format(f->mem, "%d", i), i, 0);
	for (int i = 0; i < WORKERS; i++)
		if (!fork())
			worker_process();
	for (int i = 0; i < WORKERS; i++)
		assert_true(wait(NULL) > 0);
	assert_int_equal(db_int(&db, "SELECT COUNT(*) FROM audit WHERE action = 'test.job'"), MANY);
	assert_int_equal(db_int(&db, "SELECT COUNT(DISTINCT subject_id) FROM audit WHERE action = 'test.job'"), MANY);
	assert_int_equal(db_int(&db, "SELECT COUNT(*) FROM job"), 0);
	db = own_db(f->mem);
	db_close(&db);
}

static void a_killed_workers_job_runs_when_its_lease_is_over(void **state)
{
	struct fixture *f = *state;
	struct db db = own_db(f->mem);
	later(0);
	job_put(&db, "test_kills", "a", 1, 0);
	if (!fork())
		worker_process();
	assert_true(wait(NULL) > 0);
	assert_string_equal(db_text(&db, "SELECT state FROM job"), "leased");
	db_run(&db, "UPDATE job SET subject_id = 0");
	later(JOB_LEASE_SECONDS);
	assert_int_equal(jobs_run(&db, f->request, 60), 0);
	later(1);
	assert_int_equal(jobs_run(&db, f->request, 60), 1);
	assert_int_equal(runs, 1);
	assert_int_equal(db_int(&db, "SELECT COUNT(*) FROM job"), 0);
	db_close(&db);
}

static void a_long_job_holds_its_lease(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_takes_long", "a", 1, 0);
	job_put(&f->db, "test_counts", "b", 1, 3600);
	assert_int_equal(run(f), 1);
	assert_int_equal(runs, 3);
	job_hold(&f->db); /* none is under way */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE lease_until IS NULL"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job"), 1);
}

static void whoever_kills_workers_dies(void **state)
{
	struct fixture *f = *state;
	job_put(&f->db, "test_kills", "a", 1, 0);
	db_run(&f->db, "UPDATE job SET state = 'leased', tries = ?, lease_until = ?", (int)JOB_TRIES,
		moment_from_unix(NOW - 1));
	assert_int_equal(run(f), 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM job"), "dead");
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)
	const struct CMUnitTest tests[] = { TEST(runs_what_is_due_once), TEST(stops_when_the_time_is_over),
		TEST(backs_off_and_dies), TEST(lives_again_when_put_again), TEST(a_conflict_is_no_failure),
		TEST(an_unknown_reaction_waits), TEST(wanted_while_it_runs_it_runs_once_more), TEST(comes_every_hour),
		TEST(two_workers_never_run_one_job_twice), TEST(a_killed_workers_job_runs_when_its_lease_is_over),
		TEST(a_long_job_holds_its_lease), TEST(whoever_kills_workers_dies) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
