/* purge: once a day, what has told its story. account_sweep does the same for sessions, mailed links and counts of tries.
 *
 * Kept: audit, orders, rights, download events (the customer's history), dead jobs (until somebody looks), and what Stripe
 * told: no zone may delete that, the operator may (comptoir stripe purge). Our own events stay 400 days. Mails lose their
 * text after 90 days, their rows after 400. */
#include "job.h"
#include "moment.h"

enum { AT_ONCE = 5000, ROUNDS = 20, LINK_DAYS = 1, REPLY_DAYS = 30, SECRET_DAYS = 2, BODY_DAYS = 90, EVENT_DAYS = 400 };

/* One kind of thing, AT_ONCE rows at a time so that no lock is held for long; the rest comes tomorrow. */
static void sweep(struct db *db, int64_t (*some)(struct db *db, struct moment now))
{
	for (int i = 0; i < ROUNDS && some(db, moment_now()) == AT_ONCE; i++)
		continue;
}

static int64_t links(struct db *db, struct moment now)
{
	return db_run(db, "DELETE FROM download_link WHERE expires_at < ? LIMIT ?", moment_add_days(now, -LINK_DAYS),
		AT_ONCE);
}

static int64_t access_tokens(struct db *db, struct moment now)
{
	return db_run(db, "DELETE FROM access_token WHERE expires_at < ? LIMIT ?", moment_add_days(now, -LINK_DAYS), AT_ONCE);
}

static int64_t replies(struct db *db, struct moment now)
{
	return db_run(db, "DELETE FROM api_reply WHERE created_at < ? LIMIT ?", moment_add_days(now, -REPLY_DAYS), AT_ONCE);
}

/* A mail that was given up may still hold a link that opens an account. */
static int64_t secrets(struct db *db, struct moment now)
{
	return db_run(db,
		"UPDATE mail SET body = '' WHERE secret AND body <> '' AND state IN ('sent', 'dead') AND send_at < ? LIMIT ?",
		moment_add_days(now, -SECRET_DAYS), AT_ONCE);
}

static int64_t bodies(struct db *db, struct moment now)
{
	return db_run(db, "UPDATE mail SET body = '' WHERE body <> '' AND state IN ('sent', 'dead') AND send_at < ? LIMIT ?",
		moment_add_days(now, -BODY_DAYS), AT_ONCE);
}

/* The row is what keeps a receipt from going out twice: it stays as long as the event it answers. */
static int64_t mails(struct db *db, struct moment now)
{
	return db_run(db, "DELETE FROM mail WHERE state IN ('sent', 'dead') AND send_at < ? LIMIT ?",
		moment_add_days(now, -EVENT_DAYS), AT_ONCE);
}

static int64_t events(struct db *db, struct moment now)
{
	return db_run(db,
		"DELETE FROM event WHERE created_at < ? AND NOT EXISTS (SELECT 1 FROM job j WHERE j.event_id = event.id) LIMIT ?",
		moment_add_days(now, -EVENT_DAYS), AT_ONCE);
}

JOB_EVERY(purge, 86400)
{
	int64_t (*const kinds[])(struct db *, struct moment) = { links, access_tokens, replies, secrets, bodies, mails, events };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		sweep(job->db, kinds[i]);
}
