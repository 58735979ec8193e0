/* job.h: one reaction per file in src/job/.
 *
 *	JOB(mail_receipt) { … uses job->db, job->mem, job->subject_id … }
 *
 * The worker claims a job by a committed lease, then calls it in an attempt() with an arena of its own. A job is written to
 * be run twice. It may commit transactions of its own; what it leaves open is rolled back. Returning is success; fail() is
 * tried again after 2, 4, 8 … seconds (at most an hour, with jitter), and after JOB_TRIES the job is dead (staff see it,
 * `comptoir doctor` counts it). */
#ifndef JOB_H
#define JOB_H

#include "db.h"

enum { JOB_TRIES = 12, JOB_LEASE_SECONDS = 120 };

struct job {
	struct mem *mem;
	struct db *db;
	int64_t id;
	int64_t event_id;
	int64_t subject_id;
	int64_t tries;
	const char *unique_key;
};

struct job_kind {
	const char *reaction;
	int64_t every; /* seconds between runs that nobody has to ask for; 0: on demand */
	void (*run)(struct job *job);
	const char *file;
};

/* JOB(name): on demand. JOB_EVERY(name, seconds): also by itself. */
#define JOB(name) JOB_EVERY(name, 0)
#define JOB_EVERY(name, seconds)                                                                                     \
	static void name(struct job *job);                                                                               \
	static const struct job_kind name##_kind = { #name, seconds, name, __FILE__ };                                   \
	static const struct job_kind *const name##_kind_at __attribute__((used, section("jobs"))) = &name##_kind;        \
	static void name(struct job *job)

/* For a job that takes long: its lease begins anew now. Nothing in a process that runs none. Outside a transaction. */
void job_hold(struct db *db);

/* Runs what is due, oldest first, until nothing is, `seconds` have passed or jobs_stop() was called; the job under way is
 * finished. mem is the jobs' arena, reset after each. Returns how many ran. A lost database ends it with FAILURE_DATABASE;
 * the job under way then runs again when its lease is over. */
int64_t jobs_run(struct db *db, struct mem *mem, int64_t seconds);

/* For a signal handler. jobs_stopped() tells whether it was called. */
void jobs_stop(void);
bool jobs_stopped(void);

/* Sees to it that each JOB_EVERY kind has its row, under the key "every". That row is not deleted after a run: its time is
 * set to `every` seconds later; and it does not die, however often it fails. */
void jobs_schedule(struct db *db);

/* Dead jobs are to be run again, now: those of a reaction, or all (NULL). Returns how many. */
int64_t jobs_retry(struct db *db, const char *reaction);

/* The kind of that name linked into this program, or NULL. */
const struct job_kind *job_kind_named(const char *reaction);

/* Calls each kind linked into this program. */
void job_kinds_each(void (*each)(const struct job_kind *kind, void *arg), void *arg);

#endif
