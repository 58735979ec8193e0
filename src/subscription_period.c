/* subscription_period.c: paid invoices become periods, and each period has the state that its payments give it. */
#include "subscription_private.h"

#include <string.h>

#include "audit.h"
#include "event.h"
#include "log.h"
#include "moment.h"
#include "payment.h"

int64_t subscription_price(struct db *db, const char *stripe_price)
{
	return *stripe_price ? db_int(db, "SELECT id FROM price WHERE stripe_price = ?", stripe_price) : 0;
}

int64_t subscription_price_ordered(struct db *db, int64_t order_id)
{
	return db_int(db,
		"SELECT p.id FROM order_line l JOIN price p ON p.id = l.price_id WHERE l.order_id = ? AND p.recurring <> 'once'"
		" ORDER BY l.position LIMIT 1",
		order_id);
}

/* A paid invoice that has no period yet. */
struct paid {
	const char *id, *stripe_price, *from_price, *billing_reason, *currency;
	int64_t amount_paid, total;
	bool changed;
	struct moment starts_at, ends_at;
};
ROW(paid, id, stripe_price, from_price, billing_reason, currency, amount_paid, total, changed, OPT(starts_at), OPT(ends_at));

static struct list paid_of(struct db *db, const char *stripe_subscription)
{
	return db_all(db, paid,
		"SELECT i.id, i.stripe_price, i.from_price, i.billing_reason, i.currency, i.amount_paid, i.total,"
		" (i.billing_reason = 'subscription_update' AND i.change_at IS NOT NULL) AS changed,"
		" COALESCE(i.period_start, i.change_at) AS starts_at, COALESCE(i.period_end, i.change_end) AS ends_at"
		" FROM stripe_invoice i LEFT JOIN subscription_period p ON p.stripe_invoice = i.id"
		" WHERE i.stripe_subscription = ? AND i.status = 'paid' AND p.id IS NULL"
		" AND (i.period_end IS NOT NULL OR (i.billing_reason = 'subscription_update' AND i.change_end IS NOT NULL))"
		" ORDER BY i.period_end, i.id",
		stripe_subscription);
}

static bool in_trial(const struct subscription *subscription, const struct paid *paid)
{
	return paid->total <= 0 && subscription->trial_start.us &&
		paid->starts_at.us >= subscription->trial_start.us && paid->starts_at.us < subscription->trial_end.us;
}

static void period_insert(struct db *db, const struct subscription *subscription, const struct paid *paid,
	int64_t price_id)
{
	bool trial = in_trial(subscription, paid);
	db_run(db,
		"INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, changed, from_price_id, trial,"
		" starts_at, ends_at, amount, currency, state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', ?)"
		" ON DUPLICATE KEY UPDATE id = id",
		subscription->id, paid->id, price_id, paid->changed, paid->changed ? subscription_price(db, paid->from_price) : 0, trial,
		paid->starts_at, paid->ends_at, paid->amount_paid, paid->currency, moment_now());
	int64_t others = db_int(db, "SELECT COUNT(*) FROM subscription_period WHERE subscription_id = ?", subscription->id);
	event_put(db, paid->changed ? "subscription.plan_changed" : others > 1 ? "subscription.renewed" :
		"subscription.created", subscription->account_id, subscription->id, "{}");
	audit_put(db, subscription->account_id, 0, trial ? "subscription.trial" : "subscription.paid", subscription->id,
		paid->id);
}

/* What most are: renewals that cost something, of one price. After an outage there may be a year of them. */
static void periods_insert_plain(struct db *db, const struct subscription *subscription, const char *stripe_price,
	int64_t price_id)
{
	int64_t first_id = db_insert(db,
		"INSERT INTO subscription_period (subscription_id, stripe_invoice, price_id, changed, from_price_id, trial,"
		" starts_at, ends_at, amount, currency, state, created_at) SELECT ?, i.id, ?, FALSE, 0, FALSE, i.period_start,"
		" i.period_end, i.amount_paid, i.currency, 'active', ? FROM stripe_invoice i"
		" LEFT JOIN subscription_period p ON p.stripe_invoice = i.id WHERE i.stripe_subscription = ? AND i.status = 'paid'"
		" AND p.id IS NULL AND i.stripe_price = ? AND i.total > 0 AND i.billing_reason = 'subscription_cycle'"
		" AND i.period_end IS NOT NULL ORDER BY i.period_end, i.id",
		subscription->id, price_id, moment_now(), subscription->stripe_subscription, stripe_price);
	if (!first_id)
		return;
	events_put(db, "subscription.renewed", db_text(db,
		"SELECT JSON_ARRAYAGG(JSON_ARRAY(?, subscription_id)) FROM subscription_period WHERE subscription_id = ? AND id >= ?",
		subscription->account_id, subscription->id, first_id), "{}");
	db_run(db,
		"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"
		" SELECT ?, 0, 'subscription.paid', subscription_id, stripe_invoice, ?, created_at FROM subscription_period"
		" WHERE subscription_id = ? AND id >= ? ORDER BY id",
		subscription->account_id, log_request_id(), subscription->id, first_id);
}

static bool plain(const struct paid *paid)
{
	return paid->total > 0 && !strcmp(paid->billing_reason, "subscription_cycle") && *paid->stripe_price;
}

static size_t periods_of_price(struct list paid, const char *stripe_price)
{
	size_t count = 0;
	LIST_EACH(paid, one, paid)
		count += plain(one) && !strcmp(one->stripe_price, stripe_price);
	return count;
}

/* Nothing of zero is taken for a trial, or for no trial, before the subscription itself was told. */
void subscription_periods_make(struct db *db, const struct subscription *subscription)
{
	struct list paid = paid_of(db, subscription->stripe_subscription);
	const char *done = ""; /* the price whose renewals were taken all at once */
	LIST_EACH(paid, one, paid) {
		if (plain(one) && !strcmp(one->stripe_price, done))
			continue;
		int64_t price_id = subscription_price(db, one->stripe_price);
		if (!price_id)
			price_id = subscription_price_ordered(db, subscription->order_id);
		if (price_id && plain(one) && periods_of_price(paid, one->stripe_price) > 1)
			periods_insert_plain(db, subscription, done = one->stripe_price, price_id);
		else if (price_id && (one->total || *subscription->status))
			period_insert(db, subscription, one, price_id);
	}
}

/* A trial is one per person and product: who has a second one is told of to a job that ends it. */
static void trial_claim(struct db *db, const struct subscription *subscription, const struct period *period)
{
	db_run(db,
		"INSERT INTO trial_claim (account_id, product_id, subscription_id, created_at)"
		" SELECT ?, product_id, ?, ? FROM price WHERE id = ? ON DUPLICATE KEY UPDATE subscription_id = subscription_id",
		subscription->account_id, subscription->id, moment_now(), period->price_id);
	int64_t others = db_int(db,
		"SELECT COUNT(*) FROM trial_claim c JOIN price p ON p.product_id = c.product_id"
		" WHERE p.id = ? AND c.account_id = ? AND c.subscription_id <> ?",
		period->price_id, subscription->account_id, subscription->id);
	if (others && !strcmp(subscription->status, "trialing"))
		job_put(db, "trial_again", subscription->public_id, subscription->id, 0);
}

struct intent {
	const char *payment_intent;
};
ROW(intent, payment_intent);

/* A question of the bank about a payment: nothing is taken away, somebody should answer it. */
static void inquiry_tell(struct db *db, const struct subscription *subscription, const struct payment *payment)
{
	if (!payment->inquiry || !inquiry_alert(db, payment->payment_intent))
		return;
	audit_put(db, subscription->account_id, 0, "subscription.inquiry", subscription->id, payment->stripe_invoice);
	event_put(db, "subscription.inquiry", subscription->account_id, subscription->id, "{}");
}

/* What the payments of an invoice say: lost or given back, disputed, or neither (domain.md §6). There may be several: given back
 * is what all of them gave back together. */
static const char *verdict_of(struct db *db, const struct subscription *subscription, const char *stripe_invoice,
	const char **reason)
{
	const char *state = "active";
	struct list intents = db_all(db, intent, "SELECT payment_intent FROM payment WHERE stripe_invoice = ?", stripe_invoice);
	int64_t whole = db_int(db, "SELECT amount_paid FROM stripe_invoice WHERE id = ?", stripe_invoice), back = 0;
	*reason = "settled";
	LIST_EACH(intent, intent, intents) {
		const struct payment *payment = payment_of(db, intent->payment_intent);
		back += payment->refunded;
		inquiry_tell(db, subscription, payment);
		if (payment->dispute_lost) {
			*reason = "dispute_lost";
			return "revoked";
		}
		if (payment->dispute_open) {
			*reason = "dispute_opened";
			state = "suspended";
		}
	}
	if (whole && back >= whole) {
		*reason = "refunded";
		return "revoked";
	}
	return state;
}

static struct list periods_of(struct db *db, const struct subscription *subscription)
{
	return db_all(db, period,
		"SELECT p.id, p.price_id, p.stripe_invoice, p.trial, p.changed, p.from_price_id, p.starts_at, p.ends_at, p.state,"
		" (p.state <> 'active' OR EXISTS (SELECT 1 FROM payment y WHERE y.stripe_invoice = p.stripe_invoice"
		"  AND (y.refunded > 0 OR EXISTS (SELECT 1 FROM refund r WHERE r.payment_intent = y.payment_intent)"
		"  OR EXISTS (SELECT 1 FROM dispute d WHERE d.payment_intent = y.payment_intent)))) AS suspect"
		" FROM subscription_period p WHERE p.subscription_id = ? ORDER BY p.starts_at, p.ends_at, p.stripe_invoice",
		subscription->id);
}

/* Each period in the state its payments give it. Returns them as they are then. */
struct list subscription_periods(struct db *db, const struct subscription *subscription)
{
	struct list periods = periods_of(db, subscription);
	struct period *items = periods.items;
	for (size_t i = 0; i < periods.count; i++) {
		const char *reason = "", *state = "active";
		if (items[i].suspect)
			state = verdict_of(db, subscription, items[i].stripe_invoice, &reason);
		if (items[i].trial)
			trial_claim(db, subscription, &items[i]);
		if (!items[i].suspect || !strcmp(items[i].state, state))
			continue;
		db_run(db, "UPDATE subscription_period SET state = ? WHERE id = ?", state, items[i].id);
		audit_put(db, subscription->account_id, 0, mem_format(db->mem, "period.%s", state), items[i].id, reason);
		event_put(db, mem_format(db->mem, "subscription.period_%s", state), subscription->account_id, subscription->id,
			"{}");
		items[i].state = state;
	}
	return periods;
}
