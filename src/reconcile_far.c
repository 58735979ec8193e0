/* reconcile_far.c: an outage longer than Stripe keeps events. Its lists of objects reach back further: facts are told by them,
 * a page at a time, and then each subscription is settled once, however many invoices it had meanwhile. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event.h"
#include "fail.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "payment.h"
#include "reconcile_private.h"
#include "stripe_handler.h"
#include "stripe_read.h"
#include "subscription_ask.h"

enum { CONFLICTS = 5, WORKERS = 4, ARENA = 64 << 20 };

/* What a webhook told while the page was on its way may be newer than the page: then Stripe is asked once more, by itself. */
static void subscription_read_in(struct run *run, struct json_object *object)
{
	const struct subscription *known = subscription_locked(run->db, json_text(object, "id"));
	if (known && known->told_at.us >= run->asked_at.us)
		job_put(run->db, "subscription_check", known->public_id, known->id, 0);
	else
		subscription_apply_read(run->db, object);
}

struct one {
	struct run *run;
	struct json_object *object;
};

/* In a transaction, again after a conflict. False when it failed for good. */
static bool firmly(struct run *run, void (*work)(void *), struct json_object *object)
{
	struct one one = { run, object };
	struct failure failure = { .kind = FAILURE_AGAIN };
	for (int i = 0; i < CONFLICTS && failure.kind == FAILURE_AGAIN; i++) {
		if (attempt(work, &one, &failure))
			return true;
		db_leave(run->db);
	}
	if (failure.kind == FAILURE_DATABASE)
		fail_as(failure.kind, failure.event, "%s", failure.message);
	run->done.failed++;
	log_line("reconcile.failed", "object=%s why=%s", log_word(json_text(object, "id")), log_word(failure.message));
	return false;
}

static void page_note(void *arg)
{
	struct one *one = arg;
	db_begin(one->run->db);
	invoices_note(one->run->db, one->object);
	db_commit(one->run->db);
}

/* Without its facts a page would be lost behind the mark: the run ends there. */
static void invoices_page(struct run *run, struct json_object *invoices)
{
	if (!firmly(run, page_note, invoices))
		fail("reconcile.page", "a page of invoices could not be stored");
	run->done.listed += (int64_t)json_object_array_length(invoices);
}

/* Each in a transaction of its own: payments elsewhere wait for the counter of invoices. What fails is told and left: the
 * others are not to wait for it. */
static void one_settle(void *arg)
{
	struct one *one = arg;
	db_begin(one->run->db);
	subscription_read_in(one->run, one->object);
	db_commit(one->run->db);
}

static void subscriptions_settle(struct run *run, struct json_object *subscriptions)
{
	for (size_t i = run->share; i < json_object_array_length(subscriptions); i += run->shares) {
		struct mem_mark mark = mem_mark(run->db->mem);
		firmly(run, one_settle, json_object_array_get_idx(subscriptions, i));
		mem_rewind(run->db->mem, mark);
		run->done.listed++;
	}
}

static void event_drop(void *event)
{
	json_object_put(event);
}

/* An object as the event would bring it that was made now. */
static struct json_object *event_around(struct db *db, struct json_object *object)
{
	struct json_object *event = json_object_new_object(), *data = json_object_new_object();
	mem_defer(db->mem, event_drop, event);
	json_object_object_add(data, "object", json_object_get(object));
	json_object_object_add(event, "data", data);
	json_object_object_add(event, "created", json_object_new_int64(moment_unix(moment_now())));
	return event;
}

static void events_apply(struct run *run, struct json_object *objects, const char *inside,
	enum stripe_taken (*first)(struct db *, struct json_object *), enum stripe_taken (*then)(struct db *, struct json_object *))
{
	for (size_t i = 0; i < json_object_array_length(objects); i++) {
		struct mem_mark mark = mem_mark(run->db->mem);
		struct json_object *object = json_object_array_get_idx(objects, i), *part = json_at(object, inside);
		db_begin(run->db);
		if (json_object_is_type(part, json_type_object))
			first(run->db, event_around(run->db, part));
		then(run->db, event_around(run->db, object));
		db_commit(run->db);
		mem_rewind(run->db->mem, mark);
		run->done.listed++;
	}
}

/* The sums that were given back stand in the charge. */
static void refunds_apply(struct run *run, struct json_object *refunds)
{
	events_apply(run, refunds, "charge", charge_event, refund_event);
}

static void disputes_apply(struct run *run, struct json_object *disputes)
{
	events_apply(run, disputes, "charge", charge_event, dispute_event);
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

/* A process of its own, with a connection of its own. */
static void share_child(struct run *run, void (*work)(void *))
{
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
		if (pids[i] < 0)
			parts[i].done.cut = true;
	}
	for (size_t i = 0; i < WORKERS; i++) {
		int status = 0;
		if (pids[i] > 0 && (waitpid(pids[i], &status, 0) < 0 || !WIFEXITED(status)))
			parts[i].done.cut = true;
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
