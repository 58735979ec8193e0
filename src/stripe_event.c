/* stripe_event.c: receive, store, apply, in one transaction. What cannot be applied is rolled back, and the event stored in a
 * transaction of its own: nearly every event can be applied, and a savepoint would cost it two round trips. */
#include "stripe_event.h"

#include <string.h>

#include "account.h"
#include "audit.h"
#include "conf.h"
#include "fail.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "stripe_handler.h"

enum { DEPTH_MAX = 32, RETRY_MAX = 20, RETRY_MOST_SECONDS = 3600 };

static enum stripe_taken session_event(struct db *db, struct json_object *event)
{
	return session_apply(db, json_at(event, "data.object"));
}

/* The outcome is in the event's type here, not in the session, which still says "unpaid". */
static enum stripe_taken session_failed(struct db *db, struct json_object *event)
{
	struct json_object *session = json_at(event, "data.object");
	const struct order *order = order_locked_by_number(db, session_number(session));
	if (!order || !order->stripe_session || strcmp(order->stripe_session, json_text(session, "id")))
		return TAKEN_IGNORED;
	return order_move(db, order, "failed", "async_payment_failed") ? TAKEN_APPLIED : TAKEN_IGNORED;
}

/* By us or in the dashboard. Its subscriptions end, and are told of by their own events. */
static enum stripe_taken customer_deleted(struct db *db, struct json_object *event)
{
	return account_customer_forget(db, json_text(event, "data.object.id")) ? TAKEN_APPLIED : TAKEN_IGNORED;
}

static enum stripe_taken same_money(struct db *db, struct json_object *event)
{
	(void)db; /* told as the session already: noted, never counted twice */
	(void)event;
	return TAKEN_APPLIED;
}

static const struct {
	const char *type;
	enum stripe_taken (*apply)(struct db *db, struct json_object *event);
} handlers[] = {
	{ "checkout.session.completed", session_event },
	{ "checkout.session.async_payment_succeeded", session_event },
	{ "checkout.session.async_payment_failed", session_failed },
	{ "checkout.session.expired", session_event },
	{ "payment_intent.succeeded", same_money },
	{ "charge.succeeded", charge_event },
	{ "charge.updated", charge_event },
	{ "charge.refunded", charge_event },
	{ "charge.refund.updated", refund_event },
	{ "refund.created", refund_event },
	{ "refund.updated", refund_event },
	{ "refund.failed", refund_event },
	{ "charge.dispute.created", dispute_event },
	{ "charge.dispute.updated", dispute_event },
	{ "charge.dispute.funds_withdrawn", dispute_event },
	{ "charge.dispute.funds_reinstated", dispute_event },
	{ "charge.dispute.closed", dispute_event },
	{ "radar.early_fraud_warning.created", fraud_event },
	{ "invoice_payment.paid", invoice_payment_event },
	{ "customer.deleted", customer_deleted },
	{ "customer.subscription.created", subscription_event },
	{ "customer.subscription.updated", subscription_event },
	{ "customer.subscription.paused", subscription_event },
	{ "customer.subscription.resumed", subscription_event },
	{ "customer.subscription.deleted", subscription_event },
	{ "customer.subscription.trial_will_end", subscription_trial_event },
	{ "invoice.paid", invoice_event },
	{ "invoice.payment_succeeded", invoice_event },
	{ "invoice.payment_failed", invoice_failed_event },
	{ "invoice.payment_action_required", invoice_action_event },
	{ "invoice.voided", invoice_event },
	{ "invoice.marked_uncollectible", invoice_event },
};

const char *stripe_event_type(size_t i)
{
	return i < sizeof handlers / sizeof handlers[0] ? handlers[i].type : NULL;
}

struct application {
	struct db *db;
	struct json_object *event;
	enum stripe_taken taken;
	const char *note;
};

/* Why this event is not for us; NULL when it is. */
static const char *not_ours(struct json_object *event)
{
	if (*json_text(event, "account"))
		return "a connected account's own business";
	if (json_is_true(event, "livemode") != conf.stripe_livemode)
		return "of the other mode (livemode)";
	return NULL;
}

static void apply_run(void *arg)
{
	struct application *application = arg;
	const char *type = json_text(application->event, "type");
	application->taken = TAKEN_IGNORED;
	application->note = not_ours(application->event);
	if (application->note)
		return;
	application->note = "no handler for this type";
	for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
		if (!strcmp(handlers[i].type, type)) {
			application->note = "";
			application->taken = handlers[i].apply(application->db, application->event);
		}
}

static const char *const state_names[] = {
	[TAKEN_APPLIED] = "applied", [TAKEN_IGNORED] = "ignored", [TAKEN_REVIEW] = "review", [TAKEN_FAILED] = "failed",
};

static void state_set(struct db *db, const char *id, enum stripe_taken taken, const char *note)
{
	struct moment none = { 0 };
	int64_t tries = taken == TAKEN_FAILED ? db_int(db, "SELECT tries FROM stripe_event WHERE id = ?", id) : 0;
	int64_t wait = tries < 11 ? (int64_t)1 << tries : RETRY_MOST_SECONDS;
	bool again = taken == TAKEN_FAILED && tries < RETRY_MAX;
	db_run(db,
		"UPDATE stripe_event SET state = ?, note = LEFT(?, 400), tries = tries + 1, retry_at = ? WHERE id = ?",
		taken == TAKEN_FAILED && !again ? "dead" : state_names[taken], note,
		again ? moment_add_seconds(moment_now(), wait) : none, id);
}

/* Applies the event inside the open transaction; a fault, or a text that no column holds, rolls it back. Conflicts and a lost
 * database end more than that: the whole page runs again. */
static enum stripe_taken apply(struct db *db, struct json_object *event, const char **note)
{
	struct application application = { .db = db, .event = event };
	struct failure failure;
	if (attempt(apply_run, &application, &failure)) {
		*note = application.note;
		return application.taken;
	}
	if (failure.kind != FAILURE_FAULT && failure.kind != FAILURE_MISFIT)
		fail_as(failure.kind, failure.event, "%s", failure.message);
	db_leave(db);
	log_line("stripe.event_failed", "event=%s why=%s", json_text(event, "id"), log_word(failure.message));
	*note = mem_text(db->mem, failure.message);
	return TAKEN_FAILED;
}

/* Stored as applied, which nearly every event will be: one statement less. 1: new, otherwise it was there. */
static int64_t event_insert(struct db *db, struct json_object *event, struct bytes body)
{
	return db_run(db,
		"INSERT INTO stripe_event (id, type, object_id, account, api_version, livemode, state, payload, created_at,"
		" received_at, retry_at) VALUES (?, ?, ?, ?, ?, ?, 'applied', ?, ?, ?, NULL) ON DUPLICATE KEY UPDATE id = id",
		json_text(event, "id"), json_text(event, "type"), json_text(event, "data.object.id"),
		json_text(event, "account"), json_text(event, "api_version"), json_is_true(event, "livemode"), body,
		moment_from_unix(json_int(event, "created", 1)), moment_now());
}

static bool fits(const char *text, size_t most)
{
	size_t length = strlen(text);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= 32 || (unsigned char)*p >= 127)
			return false;
	return length <= most;
}

/* Ids and types are printable ASCII of Stripe's own making; anything else is no event. */
static bool event_readable(struct json_object *event)
{
	const char *id = json_text(event, "id"), *type = json_text(event, "type");
	int64_t created = json_int(event, "created", 0);
	return *id && *type && fits(id, 255) && fits(type, 100) && fits(json_text(event, "data.object.id"), 255) &&
		fits(json_text(event, "account"), 255) && fits(json_text(event, "api_version"), 40) && created >= 0 &&
		created < (int64_t)1 << 36;
}

/* A snapshot event; a thin one carries no data and has its own endpoint (stripe.md §3). */
static bool event_is_snapshot(struct json_object *event)
{
	return !strcmp(json_text(event, "object"), "event");
}

/* Opens the transaction in which the event is ours to apply; false, with none open, when it was applied before. */
static bool event_claim(struct db *db, struct json_object *event, struct bytes body)
{
	db_begin(db);
	if (event_insert(db, event, body) == 1)
		return true;
	const char *state = db_text(db, "SELECT state FROM stripe_event WHERE id = ? FOR UPDATE", json_text(event, "id"));
	if (!state || strcmp(state, "failed")) {
		db_rollback(db);
		return false;
	}
	db_run(db, "UPDATE stripe_event SET state = 'applied', note = '', retry_at = NULL WHERE id = ?",
		json_text(event, "id"));
	return true;
}

enum stripe_taken stripe_event_take(struct db *db, struct bytes body)
{
	struct json_object *event = json_read(db->mem, body, DEPTH_MAX);
	if (event && *json_text(event, "object") && !event_is_snapshot(event))
		return TAKEN_IGNORED;
	if (!event || !event_is_snapshot(event) || !event_readable(event))
		return TAKEN_UNREADABLE;
	const char *note = "";
	if (!event_claim(db, event, body))
		return TAKEN_BEFORE;
	enum stripe_taken taken = apply(db, event, &note);
	if (taken == TAKEN_FAILED && !event_claim(db, event, body))
		return TAKEN_BEFORE;
	if (taken != TAKEN_APPLIED)
		state_set(db, json_text(event, "id"), taken, note);
	db_commit(db);
	return taken;
}

enum stripe_taken stripe_event_apply(struct db *db, const char *event_id)
{
	db_begin(db);
	const char *payload = db_text(db, "SELECT payload FROM stripe_event WHERE id = ? FOR UPDATE", event_id);
	if (!payload) {
		db_rollback(db);
		return TAKEN_IGNORED;
	}
	struct json_object *event = json_read(db->mem,
		(struct bytes){ (const unsigned char *)payload, strlen(payload) }, DEPTH_MAX);
	const char *note = "";
	enum stripe_taken taken = apply(db, event, &note);
	if (taken == TAKEN_FAILED)
		db_begin(db);
	state_set(db, event_id, taken, note);
	db_commit(db);
	return taken;
}

struct due_event {
	const char *id;
};
ROW(due_event, id);

int64_t stripe_events_retry(struct db *db, int64_t limit)
{
	struct list due = db_all(db, due_event,
		"SELECT id FROM stripe_event WHERE retry_at <= ? ORDER BY retry_at LIMIT ?", moment_now(), limit);
	int64_t applied = 0;
	LIST_EACH(due_event, event, due)
		applied += stripe_event_apply(db, event->id) == TAKEN_APPLIED;
	return applied;
}
