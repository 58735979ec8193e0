/* reconcile_far.c: an outage longer than Stripe keeps events. Its lists of objects reach back further: facts are told by them,
 * a page at a time, and then each subscription is settled once, however many invoices it had meanwhile. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "event.h"
#include "fail.h"
#include "job.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "payment.h"
#include "reconcile_private.h"
#include "stripe_handler.h"
#include "stripe_read.h"
#include "subscription_ask.h"
#include "subscription_settle.h"

enum { WORKERS = 4, TOGETHER = 25, ARENA = 64 << 20, HOLD_SECONDS = JOB_LEASE_SECONDS / 4 };

/* What a webhook told while the page was on its way may be newer than the page: then Stripe is asked once more, by itself. */
static int64_t subscription_read_in(struct run *run, struct json_object *object)
{
	const struct subscription *known = subscription_locked(run->db, json_text(object, "id"));
	if (!known || known->told_at.us < run->asked_at.us)
		return subscription_apply_rights(run->db, object);
	job_put(run->db, "subscription_check", known->public_id, known->id, 0);
	return 0;
}

/* What a transaction is about: a page, or some objects of a list. */
struct part {
	struct run *run;
	struct json_object *list;
	size_t from, step, count;
};

/* False when it failed for good; without a database nothing goes on. */
static bool done_whole(struct db *db, void (*work)(void *), void *arg, struct failure *failure)
{
	*failure = db_attempts(db, work, arg);
	if (failure->kind == FAILURE_DATABASE)
		fail_as(failure->kind, failure->event, "%s", failure->message);
	return failure->kind == FAILURE_NONE;
}

static void page_note(void *arg)
{
	struct part *part = arg;
	db_begin(part->run->db);
	invoices_note(part->run->db, part->list);
	db_commit(part->run->db);
}

/* Without its facts a page would be lost behind the mark: the run ends there. */
static void invoices_page(struct run *run, struct json_object *invoices)
{
	struct failure failure;
	if (!done_whole(run->db, page_note, &(struct part){ .run = run, .list = invoices }, &failure))
		fail("reconcile.page", "a page of invoices could not be stored: %s", failure.message);
	run->done.listed += (int64_t)json_object_array_length(invoices);
}

/* The documents come last: payments elsewhere wait for the counter of invoices. */
static void some_settle(void *arg)
{
	struct part *part = arg;
	struct db *db = part->run->db;
	struct buffer ids = buffer_new(db->mem, 256);
	db_begin(db);
	for (size_t i = 0; i < part->count; i++) {
		int64_t id = subscription_read_in(part->run, json_object_array_get_idx(part->list, part->from + i * part->step));
		if (id)
			buffer_format(&ids, "%s%lld", ids.length ? "," : "[", (long long)id);
	}
	if (ids.length)
		subscriptions_document(db, mem_format(db->mem, "%s]", ids.text));
	db_commit(db);
}

static void event_drop(void *event)
{
	json_object_put(event);
}

/* An object as an event would bring it, made when the page was asked for. */
static struct json_object *event_around(struct run *run, struct json_object *object, const char *type)
{
	struct json_object *event = json_object_new_object(), *data = json_object_new_object();
	int64_t asked = moment_unix(run->asked_at);
	const char *id = mem_format(run->db->mem, "far_%lld_%s", (long long)asked, json_text(object, "id"));
	mem_defer(run->db->mem, event_drop, event);
	json_object_object_add(data, "object", json_object_get(object));
	json_object_object_add(event, "id", json_object_new_string(id));
	json_object_object_add(event, "object", json_object_new_string("event"));
	json_object_object_add(event, "type", json_object_new_string(type));
	json_object_object_add(event, "livemode", json_object_new_boolean(conf.stripe_livemode));
	json_object_object_add(event, "data", data);
	json_object_object_add(event, "created", json_object_new_int64(asked));
	return event;
}

/* What cannot be applied becomes the event that it would have been: stored, tried again by the worker, shown to staff. */
static void object_keep(struct run *run, struct json_object *object, const char *type, const struct failure *failure)
{
	log_line("reconcile.failed", "object=%s why=%s", log_word(json_text(object, "id")), log_word(failure->message));
	event_feed(run, event_around(run, object, type));
}

/* Several share a transaction; when one of them cannot be settled each has its own, and those that fail are kept for later: the
 * others are not to wait for them. */
static void settle_part(struct part *part)
{
	struct failure failure;
	if (done_whole(part->run->db, some_settle, part, &failure))
		return;
	for (size_t i = 0; i < part->count; i++) {
		struct part alone = { part->run, part->list, part->from + i * part->step, 1, 1 };
		if (!done_whole(part->run->db, some_settle, &alone, &failure))
			object_keep(part->run, json_object_array_get_idx(part->list, alone.from), "customer.subscription.updated", &failure);
	}
}

static void subscriptions_settle(struct run *run, struct json_object *subscriptions)
{
	size_t length = json_object_array_length(subscriptions), step = run->shares;
	for (size_t from = run->share; from < length; from += step * TOGETHER) {
		struct mem_mark mark = mem_mark(run->db->mem);
		size_t left = (length - from + step - 1) / step;
		struct part part = { run, subscriptions, from, step, left < TOGETHER ? left : TOGETHER };
		settle_part(&part);
		mem_rewind(run->db->mem, mark);
		run->done.listed += (int64_t)part.count;
	}
}

/* A refund or a dispute, and the charge it is about. */
struct fact {
	struct run *run;
	struct json_object *object, *charge;
	const char *type;
	enum stripe_taken (*apply)(struct db *, struct json_object *);
};

static void fact_apply(void *arg)
{
	struct fact *fact = arg;
	struct db *db = fact->run->db;
	db_begin(db);
	if (fact->charge)
		charge_event(db, event_around(fact->run, fact->charge, "charge.updated"));
	fact->apply(db, event_around(fact->run, fact->object, fact->type));
	db_commit(db);
}

static void fact_feed(struct fact *fact)
{
	struct failure failure;
	if (done_whole(fact->run->db, fact_apply, fact, &failure))
		return;
	if (fact->charge)
		object_keep(fact->run, fact->charge, "charge.updated", &failure);
	object_keep(fact->run, fact->object, fact->type, &failure);
}

static void facts_feed(struct run *run, struct json_object *objects, const char *type,
	enum stripe_taken (*apply)(struct db *, struct json_object *))
{
	for (size_t i = 0; i < json_object_array_length(objects); i++) {
		struct mem_mark mark = mem_mark(run->db->mem);
		struct json_object *object = json_object_array_get_idx(objects, i), *charge = json_at(object, "charge");
		fact_feed(&(struct fact){ run, object, json_object_is_type(charge, json_type_object) ? charge : NULL, type, apply });
		mem_rewind(run->db->mem, mark);
		run->done.listed++;
	}
}

/* The sums that were given back stand in the charge. */
static void refunds_apply(struct run *run, struct json_object *refunds)
{
	facts_feed(run, refunds, "refund.updated", refund_event);
}

static void disputes_apply(struct run *run, struct json_object *disputes)
{
	facts_feed(run, disputes, "charge.dispute.updated", dispute_event);
}

static const char *since_path(struct run *run, const char *path)
{
	return mem_format(run->db->mem, "%s%lld", path, (long long)run->since);
}

/* The share of a worker: a part of the time. */
static void invoices_share(void *arg)
{
	struct run *run = arg;
	int64_t whole = moment_unix(moment_now()) - run->since, one = whole / (int64_t)run->shares + 1;
	int64_t from = run->since + one * (int64_t)run->share;
	const char *path = mem_format(run->db->mem, "/v1/invoices?expand%%5B%%5D=data.payments&created%%5Bgte%%5D=%lld",
		(long long)from);
	if (run->share + 1 < run->shares)
		path = mem_format(run->db->mem, "%s&created%%5Blt%%5D=%lld", path, (long long)(from + one));
	list_feed(run, path, invoices_page);
}

static void subscriptions_share(void *arg)
{
	list_feed(arg, "/v1/subscriptions?status=all", subscriptions_settle);
}

/* A process of its own, with a connection of its own; it ends with the one that began it, which another may follow. */
static void share_child(struct run *run, void (*work)(void *))
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct db db = { .mem = mem_new(ARENA) };
	struct failure failure;
	run->db = &db;
	if (!attempt(work, run, &failure)) {
		log_line("reconcile.failed", "why=%s", log_word(failure.message));
		run->done.cut = true;
	}
	db_leave(&db);
	db_close(&db);
	_exit(0);
}

static void share_add(struct run *run, const struct run *part)
{
	run->done.listed += part->done.listed;
	run->done.failed += part->done.failed;
	run->done.cut |= part->done.cut;
	run->done.closed |= part->done.closed;
	if (*part->error)
		memcpy(run->error, part->error, sizeof run->error);
}

/* Waits for a share. Far may be longer than a lease: who waits keeps it. False when it ended otherwise than it should. */
static bool share_wait(struct db *db, pid_t pid, int64_t *held)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int status = 0;
	pid_t ended = pid < 0 ? -1 : 0;
	while (!ended && (ended = waitpid(pid, &status, WNOHANG)) == 0) {
		int64_t now = moment_unix(moment_now());
		if (now - *held >= HOLD_SECONDS) {
			job_hold(db);
			*held = now;
		}
		nanosleep(&pause, NULL);
	}
	return ended == pid && pid > 0 && WIFEXITED(status);
}

/* The work in shares, side by side: one that waits for the database or for Stripe leaves the processor to another. */
static void shares_run(struct run *run, void (*work)(void *))
{
	pid_t pids[WORKERS];
	struct run *parts = mmap(NULL, sizeof *parts * WORKERS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (parts == MAP_FAILED)
		fail("mem.out", "no memory to share");
	db_close(run->db); /* a child must not speak on it */
	fflush(NULL);
	for (size_t i = 0; i < WORKERS; i++) {
		parts[i] = (struct run){ .db = run->db, .far = true, .since = run->since, .share = i, .shares = WORKERS };
		pids[i] = fork();
		if (!pids[i])
			share_child(&parts[i], work);
	}
	int64_t held = moment_unix(moment_now());
	for (size_t i = 0; i < WORKERS; i++) {
		parts[i].done.cut |= !share_wait(run->db, pids[i], &held);
		share_add(run, &parts[i]);
	}
	munmap(parts, sizeof *parts * WORKERS);
}

bool far_feed(struct run *run)
{
	static void (*const works[])(void *) = { invoices_share, subscriptions_share };
	log_line("reconcile.far", "since=%lld", (long long)run->since);
	for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
		shares_run(run, works[i]);
		if (run->done.cut || run->done.closed)
			return false;
	}
	return list_feed(run, since_path(run, "/v1/refunds?expand%5B%5D=data.charge&created%5Bgte%5D="), refunds_apply) &&
		list_feed(run, since_path(run, "/v1/disputes?expand%5B%5D=data.charge&created%5Bgte%5D="), disputes_apply);
}
