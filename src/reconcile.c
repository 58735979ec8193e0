/* reconcile.c: Stripe's own list of events, read from the mark on. What is older than that list: reconcile_far.c. */
#include <stdio.h>
#include <string.h>

#include "checkout.h"
#include "form.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "reconcile_private.h"
#include "stripe_api.h"
#include "stripe_event.h"

/* OVERLAP: events are counted in seconds and may be listed late. TYPES_MOST is Stripe's limit of one question. */
enum { DAYS_MOST = 30, OVERLAP_SECONDS = 600, STEP_SECONDS = 86400, TYPES_MOST = 20, SESSIONS_MOST = 200,
	SESSION_SECONDS = 300 };

/* What of the list is told by objects already, when those were read. */
static bool type_wanted(const struct run *run, const char *type)
{
	static const char *const told[] = { "customer.subscription.", "invoice.", "invoice_payment.", "charge.succeeded",
		"charge.updated", "payment_intent.succeeded" };
	for (size_t i = 0; run->far && i < sizeof told / sizeof told[0]; i++)
		if (!strncmp(told[i], type, strlen(told[i])))
			return false;
	return true;
}

/* Events of types from *at on, as many as one question holds, made from..until (0: no end). */
static const char *events_path(const struct run *run, size_t *at, int64_t from, int64_t until)
{
	struct buffer path = buffer_new(run->db->mem, 1024);
	buffer_format(&path, "/v1/events?created%%5Bgte%%5D=%lld", (long long)from);
	if (until)
		buffer_format(&path, "&created%%5Blt%%5D=%lld", (long long)until);
	for (int types = 0; types < TYPES_MOST && stripe_event_type(*at); ++*at) {
		if (!type_wanted(run, stripe_event_type(*at)))
			continue;
		buffer_format(&path, "&types%%5B%%5D=%s", stripe_event_type(*at));
		types++;
	}
	return path.text;
}

struct told {
	struct db *db;
	struct json_object *event;
	enum stripe_taken taken;
};

static void event_take(void *arg)
{
	struct told *told = arg;
	const char *text = json_object_to_json_string_ext(told->event, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	told->taken = stripe_event_take(told->db, (struct bytes){ (const unsigned char *)text, strlen(text) });
}

void event_feed(struct run *run, struct json_object *event)
{
	struct told told = { .db = run->db, .event = event };
	db_firmly(run->db, event_take, &told);
	run->done.missed += told.taken != TAKEN_BEFORE;
	run->done.failed += told.taken == TAKEN_FAILED || told.taken == TAKEN_REVIEW || told.taken == TAKEN_UNREADABLE;
	log_line("reconcile.event", "event=%s type=%s", log_word(json_text(event, "id")), log_word(json_text(event, "type")));
}

static void events_feed(struct run *run, struct json_object *events)
{
	struct db *db = run->db;
	for (size_t i = 0; i < json_object_array_length(events); i++) {
		struct mem_mark mark = mem_mark(db->mem);
		struct json_object *event = json_object_array_get_idx(events, i);
		run->done.listed++;
		if (!db_int(db, "SELECT COUNT(*) FROM stripe_event WHERE id = ?", json_text(event, "id")))
			event_feed(run, event);
		mem_rewind(db->mem, mark);
	}
}

/* Reads a page and feeds it; *after becomes its last object, "" at the end. False when Stripe did not answer. */
static bool page_feed(struct run *run, const char *path, char *after, size_t room, list_feeder feed)
{
	run->asked_at = moment_from_unix(moment_unix(moment_now()));
	struct stripe_answer answer = stripe_get(run->db->mem, path);
	struct json_object *objects = json_at(answer.value, "data");
	if (answer.end != STRIPE_GOOD || !json_object_is_type(objects, json_type_array)) {
		run->done.closed = answer.end == STRIPE_NO_KEY;
		run->done.cut = !run->done.closed;
		snprintf(run->error, sizeof run->error, "Stripe answered %d", answer.status);
		return false;
	}
	size_t count = json_object_array_length(objects);
	*after = 0;
	feed(run, objects);
	if (count && json_is_true(answer.value, "has_more"))
		snprintf(after, room, "%s", json_text(json_object_array_get_idx(objects, count - 1), "id"));
	return true;
}

bool list_feed(struct run *run, const char *list, list_feeder feed)
{
	char after[256] = "";
	do {
		struct mem_mark mark = mem_mark(run->db->mem);
		struct buffer path = buffer_new(run->db->mem, 1024);
		buffer_format(&path, "%s&limit=%d", list, (int)PER_PAGE);
		if (*after)
			buffer_format(&path, "&starting_after=%s", url_encode(run->db->mem, after));
		bool good = page_feed(run, path.text, after, sizeof after, feed);
		mem_rewind(run->db->mem, mark);
		if (!good)
			return false;
	} while (*after);
	return true;
}

static bool span_feed(struct run *run, int64_t from, int64_t until)
{
	for (size_t at = 0; stripe_event_type(at);) {
		struct mem_mark mark = mem_mark(run->db->mem);
		bool good = list_feed(run, events_path(run, &at, from, until), events_feed);
		mem_rewind(run->db->mem, mark);
		if (!good)
			return false;
	}
	return true;
}

/* Never back: a run over old days says nothing about the newer ones. */
static void mark_set(struct db *db, int64_t at)
{
	struct moment mark = moment_from_unix(at);
	db_run(db, "UPDATE reconcile SET mark_at = GREATEST(COALESCE(mark_at, ?), ?) WHERE id = 1", mark, mark);
}

/* From when on nothing was looked for; of a shop that never asked, what the list of events still holds. */
static int64_t begin_of(struct db *db, int64_t days, int64_t oldest, int64_t now)
{
	const struct reconcile *last = reconcile_last(db);
	if (days)
		return now - days * 86400;
	return last && last->mark_at.us ? moment_unix(last->mark_at) - OVERLAP_SECONDS : oldest;
}

static void spans_feed(struct run *run, int64_t days, int64_t seconds)
{
	int64_t now = moment_unix(moment_now()), oldest = now - (int64_t)DAYS_MOST * 86400;
	int64_t from = begin_of(run->db, days, oldest, now);
	bool last = false;
	run->far = from < oldest;
	run->since = from;
	if (run->far && !far_feed(run))
		return;
	from = from < oldest ? oldest : from;
	while (!last) {
		last = from + STEP_SECONDS >= now;
		if (!span_feed(run, from, last ? 0 : from + STEP_SECONDS)) /* no end to the last: clocks differ */
			return;
		from += STEP_SECONDS;
		mark_set(run->db, last ? now : from);
		run->done.more = !last && seconds && moment_unix(moment_now()) - now >= seconds;
		if (run->done.more)
			return;
	}
}

struct open_order {
	int64_t id;
};
ROW(open_order, id);

/* What is older than Stripe's list, or was never an event: the page itself says what became of it. */
static void sessions_ask(struct run *run)
{
	struct moment now = moment_now();
	struct list orders = db_all(run->db, open_order,
		"SELECT id FROM orders WHERE state = 'pending' AND stripe_session IS NOT NULL AND review = ''"
		" AND updated_at BETWEEN ? AND ? ORDER BY updated_at DESC LIMIT ?",
		moment_add_days(run->far ? moment_from_unix(run->since) : now, -DAYS_MOST), moment_add_seconds(now, -SESSION_SECONDS),
		(int)SESSIONS_MOST);
	LIST_EACH(open_order, order, orders) {
		struct mem_mark mark = mem_mark(run->db->mem);
		checkout_ask(run->db, order->id);
		mem_rewind(run->db->mem, mark);
		run->done.sessions++;
	}
}

struct reconciled reconcile_stripe(struct db *db, int64_t days, int64_t seconds)
{
	struct run run = { .db = db };
	db_run(db, "INSERT INTO reconcile (id) VALUES (1) ON DUPLICATE KEY UPDATE id = id");
	spans_feed(&run, days, seconds);
	if (!run.done.cut && !run.done.closed && !run.done.more)
		sessions_ask(&run);
	const struct reconciled *done = &run.done;
	db_run(db,
		"UPDATE reconcile SET ran_at = ?, listed = ?, missed = ?, failed = ?, sessions = ?, missed_ever = missed_ever + ?,"
		" error = ? WHERE id = 1",
		moment_now(), done->listed, done->missed, done->failed, done->sessions, done->missed, done->cut ? run.error : "");
	return run.done;
}
