/* job.c: jobs claimed by a committed lease, run each in an attempt, and what becomes of them. */
#include "job.h"

#include <signal.h>
#include <sodium.h>
#include <string.h>

#include "fail.h"
#include "log.h"
#include "moment.h"
#include "sign.h"

enum { BACKOFF_MAX = 3600, LOST_SECONDS = 5 };

extern const struct job_kind *const __start_jobs[] __attribute__((weak));
extern const struct job_kind *const __stop_jobs[] __attribute__((weak));

static volatile sig_atomic_t stopped;

void jobs_stop(void)
{
	stopped = 1;
}

bool jobs_stopped(void)
{
	return stopped;
}

void job_kinds_each(void (*each)(const struct job_kind *kind, void *arg), void *arg)
{
	for (const struct job_kind *const *at = __start_jobs; at < __stop_jobs; at++)
		each(*at, arg);
}

const struct job_kind *job_kind_named(const char *reaction)
{
	for (const struct job_kind *const *at = __start_jobs; at < __stop_jobs; at++)
		if (!strcmp((*at)->reaction, reaction))
			return *at;
	return NULL;
}

struct claim {
	int64_t id, event_id, subject_id, tries;
	const char *reaction, *unique_key, *request_id;
	struct moment run_at;
};
ROW(claim, id, event_id, subject_id, tries, reaction, unique_key, request_id, run_at);

/* One call of jobs_run: what it has claimed now. */
struct round {
	struct db *db;
	struct mem *mem;
	const struct claim *claim;
	const struct job_kind *kind;
	char lease_id[PUBLIC_ID_LENGTH + 1];
};

static const struct round *under_way;

void job_hold(struct db *db)
{
	if (under_way)
		db_run(db, "UPDATE job SET lease_until = ? WHERE id = ? AND lease_id = ?",
			moment_add_seconds(moment_now(), JOB_LEASE_SECONDS), under_way->claim->id, under_way->lease_id);
}

/* Claimed by somebody who did not come back in time. Whoever kills the worker again and again dies as well. */
static void leases_take_back(void *arg)
{
	struct round *round = arg;
	db_run(round->db,
		"UPDATE job SET error = 'the worker went away while it ran', lease_id = '',"
		" state = IF(tries < ? OR unique_key = 'every', 'ready', 'dead')"
		" WHERE state = 'leased' AND lease_until < ?",
		(int)JOB_TRIES, moment_now());
}

static void claim_next(void *arg)
{
	struct round *round = arg;
	struct moment now = moment_now();
	db_begin(round->db);
	round->claim = db_one(round->db, claim,
		"SELECT id, event_id, subject_id, tries, reaction, unique_key, request_id, run_at FROM job"
		" WHERE state = 'ready' AND run_at <= ? ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED",
		now);
	if (round->claim) {
		memcpy(round->lease_id, random_id(round->mem), sizeof round->lease_id);
		db_run(round->db,
			"UPDATE job SET state = 'leased', tries = tries + 1, lease_id = ?, lease_until = ? WHERE id = ?",
			round->lease_id, moment_add_seconds(now, JOB_LEASE_SECONDS), round->claim->id);
	}
	db_commit(round->db);
}

static void job_call(void *arg)
{
	struct round *round = arg;
	const struct claim *claim = round->claim;
	if (!round->kind)
		fail("job.unknown", "this program has no reaction %s", claim->reaction);
	struct job job = { .mem = round->mem, .db = round->db, .id = claim->id, .event_id = claim->event_id,
		.subject_id = claim->subject_id, .tries = claim->tries, .unique_key = claim->unique_key };
	round->kind->run(&job);
}

/* Done: deleted. Wanted again meanwhile (run_at moved), or due every so often: ready again. Not ours any more: left. */
static void job_done(void *arg)
{
	struct round *round = arg;
	const struct claim *claim = round->claim;
	bool every = round->kind->every && !strcmp(claim->unique_key, "every");
	if (!every && db_run(round->db, "DELETE FROM job WHERE id = ? AND lease_id = ? AND run_at = ?", claim->id,
			round->lease_id, claim->run_at))
		return;
	struct moment next = moment_add_seconds(moment_now(), round->kind->every);
	db_run(round->db,
		"UPDATE job SET state = 'ready', tries = 0, error = '', lease_id = '', lease_until = NULL,"
		" run_at = IF(run_at = ?, ?, run_at) WHERE id = ? AND lease_id = ?",
		claim->run_at, next, claim->id, round->lease_id);
}

/* 2^tries seconds, at most an hour; less up to a quarter, so that what failed together does not come back together. */
static int64_t backoff(int64_t tries)
{
	int64_t seconds = tries < 12 ? INT64_C(1) << tries : BACKOFF_MAX;
	if (seconds > BACKOFF_MAX)
		seconds = BACKOFF_MAX;
	return seconds - randombytes_uniform((uint32_t)seconds / 4 + 1);
}

struct setback {
	struct round *round;
	const struct failure *failure;
};

static void job_failed(void *arg)
{
	struct setback *setback = arg;
	struct round *round = setback->round;
	const struct claim *claim = round->claim;
	bool lost = setback->failure->kind == FAILURE_DATABASE;
	int64_t tries = claim->tries + !lost;
	bool dead = tries >= JOB_TRIES && strcmp(claim->unique_key, "every");
	struct moment again = moment_add_seconds(moment_now(), lost ? LOST_SECONDS : backoff(tries));
	db_run(round->db,
		"UPDATE job SET state = IF(?, 'dead', 'ready'), tries = ?, error = LEFT(?, 400), lease_id = '',"
		" lease_until = NULL, run_at = ? WHERE id = ? AND lease_id = ?",
		dead, tries, setback->failure->message, again, claim->id, round->lease_id);
	log_line(dead ? "job.dead" : "job.failed", "job=%s id=%lld tries=%lld why=%s", claim->reaction,
		(long long)claim->id, (long long)tries, log_word(setback->failure->message));
}

static void claimed_run(struct round *round)
{
	const struct claim *claim = round->claim;
	round->kind = job_kind_named(claim->reaction);
	log_request(claim->request_id);
	under_way = round;
	struct failure failure = db_attempts(round->db, job_call, round);
	under_way = NULL;
	struct setback setback = { round, &failure };
	if (failure.kind == FAILURE_NONE || failure.kind == FAILURE_DONE)
		db_firmly(round->db, job_done, round);
	else
		db_firmly(round->db, job_failed, &setback);
	log_request(NULL);
}

struct spell {
	struct round round;
	int64_t until; /* seconds since 1970 */
	int64_t ran;
};

static void spell_run(void *arg)
{
	struct spell *spell = arg;
	struct round *round = &spell->round;
	db_firmly(round->db, leases_take_back, round);
	while (!stopped) {
		db_firmly(round->db, claim_next, round);
		if (!round->claim)
			return;
		claimed_run(round);
		mem_reset(round->mem);
		spell->ran++;
		if (moment_unix(moment_now()) >= spell->until)
			return;
	}
}

int64_t jobs_run(struct db *db, struct mem *mem, int64_t seconds)
{
	struct spell spell = { .round = { .db = db, .mem = mem }, .until = moment_unix(moment_now()) + seconds };
	struct mem *outer = db->mem;
	struct failure failure;
	db->mem = mem;
	bool whole = attempt(spell_run, &spell, &failure);
	db->mem = outer;
	log_request(NULL);
	mem_reset(mem);
	if (!whole)
		fail_as(failure.kind, failure.event, "%s", failure.message);
	return spell.ran;
}

void jobs_schedule(struct db *db)
{
	struct moment now = moment_now();
	for (const struct job_kind *const *at = __start_jobs; at < __stop_jobs; at++)
		if ((*at)->every)
			db_run(db,
				"INSERT INTO job (reaction, unique_key, state, run_at, created_at) VALUES (?, 'every', 'ready', ?, ?)"
				" ON DUPLICATE KEY UPDATE id = id",
				(*at)->reaction, now, now);
}

int64_t jobs_retry(struct db *db, const char *reaction)
{
	return db_run(db,
		"UPDATE job SET state = 'ready', tries = 0, run_at = ? WHERE state = 'dead' AND reaction = COALESCE(?, reaction)",
		moment_now(), reaction);
}
