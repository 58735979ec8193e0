/* mail_send: empties the outbox. A mail's own job sends it at once; every few seconds one looks for what is
 * left.
 *
 * A mail is taken by putting its send_at ahead, committed before the server is spoken to: if this process
 * dies, another takes it then. So a mail goes out at least once, and twice only when a process dies between
 * the server's "250" and the note of it; both then have the same Message-ID. */
#include "conf.h"
#include "fail.h"
#include "job.h"
#include "log.h"
#include "moment.h"
#include "smtp.h"

enum { AT_ONCE = 100, TAKEN_SECONDS = 300, BUDGET_SECONDS = 60, BACKOFF_SECONDS = 60, BACKOFF_MAX = 86400,
	DOWN_SECONDS = 30, REFUSALS = 3 };

struct due {
	int64_t id, tries;
	const char *recipient, *subject, *body;
	struct moment created_at;
};
ROW(due, id, tries, recipient, subject, body, created_at);

struct due_id {
	int64_t id;
};
ROW(due_id, id);

/* The mail, if it is due and nobody else has it. */
static const struct due *take(struct job *job, int64_t id)
{
	struct moment now = moment_now();
	int64_t taken = db_run(job->db,
		"UPDATE mail SET tries = tries + 1, send_at = ? WHERE id = ? AND state = 'ready' AND send_at <= ?",
		moment_add_seconds(now, TAKEN_SECONDS), id, now);
	if (!taken)
		return NULL;
	return db_one(
		job->db, due, "SELECT id, tries, recipient, subject, body, created_at FROM mail WHERE id = ?", id);
}

static void note_sent(struct job *job, const struct due *mail)
{
	db_run(job->db,
		"UPDATE mail SET state = 'sent', sent_at = ?, error = '', body = IF(secret, '', body)"
		" WHERE id = ? AND state = 'ready'",
		moment_now(), mail->id);
	log_line("mail.sent", "mail=%lld tries=%lld", (long long)mail->id, (long long)mail->tries);
}

/* 1, 2, 4 … minutes; what would have to wait longer than a day is given up. A refusal counts the third time:
 * the first may be a slip in the server's settings, which must not kill every mail of the hour. */
static void note_failed(struct job *job, const struct due *mail, bool refused, const char *why)
{
	int64_t delay = BACKOFF_SECONDS;
	for (int64_t i = 1; i < mail->tries && delay <= BACKOFF_MAX; i++)
		delay *= 2;
	bool dead = (refused && mail->tries >= REFUSALS) || delay > BACKOFF_MAX;
	db_run(job->db,
		"UPDATE mail SET state = ?, send_at = ?, error = LEFT(?, 200), body = IF(secret AND ?, '', body)"
		" WHERE id = ? AND state = 'ready'",
		dead ? "dead" : "ready", moment_add_seconds(moment_now(), delay), why, dead, mail->id);
	log_line(dead ? "mail.dead" : "mail.later", "mail=%lld tries=%lld why=%s", (long long)mail->id,
		(long long)mail->tries, log_word(why));
}

struct sending {
	struct smtp *smtp;
	const struct due *mail;
	enum smtp_end end;
	const char *why;
};

static void send_one(void *arg)
{
	struct sending *sending = arg;
	const struct due *mail = sending->mail;
	struct message message = { mail->id, mail->recipient, mail->subject, mail->body, mail->created_at };
	sending->end = smtp_send(sending->smtp, &message, &sending->why);
}

/* While no server answers, the jobs of single mails leave them to the one that looks for what is left. */
static struct moment down_until;

/* False when there is no server to talk to: the other mails need not try. */
static bool send(struct job *job, struct smtp *smtp, int64_t id)
{
	const struct due *mail = take(job, id);
	if (!mail)
		return true;
	struct sending sending = { smtp, mail, SMTP_LATER, "" };
	struct failure failure;
	if (!attempt(send_one, &sending, &failure))
		sending.why = failure.message;
	switch (sending.end) {
	case SMTP_SENT:
		note_sent(job, mail);
		return true;
	case SMTP_LATER:
	case SMTP_DOWN:
		note_failed(job, mail, false, sending.why);
		if (sending.end == SMTP_DOWN)
			down_until = moment_add_seconds(moment_now(), DOWN_SECONDS);
		return sending.end == SMTP_LATER;
	case SMTP_REFUSED:
		note_failed(job, mail, true, sending.why);
		return true;
	}
	return true;
}

static void send_due(struct job *job, struct smtp *smtp)
{
	int64_t until = moment_unix(moment_now()) + BUDGET_SECONDS;
	struct list due = db_all(job->db, due_id,
		"SELECT id FROM mail WHERE state = 'ready' AND send_at <= ? ORDER BY send_at LIMIT ?", moment_now(),
		AT_ONCE);
	LIST_EACH(due_id, mail, due)
		if (moment_unix(moment_now()) > until || !send(job, smtp, mail->id))
			return;
}

JOB_EVERY(mail_send, 5)
{
	if (!*conf.mail_server)
		return; /* development: mails stay in the outbox, to be read there */
	if (job->subject_id && moment_now().us < down_until.us)
		return;
	struct smtp *smtp = smtp_new(job->mem);
	if (job->subject_id)
		send(job, smtp, job->subject_id);
	else
		send_due(job, smtp);
}
