/* subscription_settle.c: facts in, states out: the order, the plan in force, and what the subscription gives now. */
#include "subscription_private.h"

#include <string.h>

#include "conf.h"
#include "event.h"
#include "moment.h"

static bool revoked(const struct period *period)
{
	return !strcmp(period->state, "revoked");
}

static struct moment later(struct moment a, struct moment b)
{
	return a.us > b.us ? a : b;
}

struct moment subscription_trial_over(const struct subscription *subscription)
{
	bool early = subscription->ended_at.us && subscription->ended_at.us < subscription->trial_end.us;
	return early ? subscription->ended_at : subscription->trial_end;
}

/* Until when the periods reach: paid ones, or trials. */
static struct moment reach(const struct subscription *subscription, struct list periods, bool trial)
{
	struct moment until = { 0 };
	LIST_EACH(period, period, periods)
		if (!revoked(period) && period->trial == trial)
			until = later(until, trial && subscription->trial_end.us ? subscription_trial_over(subscription) :
				period->ends_at);
	return until;
}

/* The plan in force: that of the period that began last; of two changes within a second, the one that is paid for longer. */
static int64_t plan_of(struct db *db, const struct subscription *subscription, struct list periods)
{
	int64_t price_id = 0;
	LIST_EACH(period, period, periods)
		if (!revoked(period))
			price_id = period->price_id;
	if (!price_id)
		price_id = subscription_price(db, subscription->stripe_price);
	return price_id ? price_id : subscription_price_ordered(db, subscription->order_id);
}

enum { CHARGE_HOURS = 3 };

/* What a status does to things that end with the subscription. Statuses without a line, also those that are new in 2031,
 * give no access; downloads last as long as they were paid for. */
static const struct {
	const char *status;
	bool use, grace;
} levels[] = {
	{ "", true, false }, /* not told yet, but paid */
	{ "active", true, false },
	{ "trialing", true, false },
	{ "past_due", true, true },
};

/* What is paid until then lasts a little longer: Stripe charges a renewal about an hour after the period began. */
static struct moment until_of(const struct subscription *subscription, struct list periods, bool grace)
{
	struct moment until = later(reach(subscription, periods, false), reach(subscription, periods, true));
	bool goes_on = !subscription->cancel_at.us && !*subscription->pause_behavior &&
		(!strcmp(subscription->status, "active") || !strcmp(subscription->status, "trialing"));
	if (grace && until.us)
		return moment_add_days(until, conf.grace_days);
	return goes_on && until.us ? moment_add_seconds(until, CHARGE_HOURS * 3600) : until;
}

static bool any_suspended(struct list periods)
{
	LIST_EACH(period, period, periods)
		if (!strcmp(period->state, "suspended"))
			return true;
	return false;
}

static struct standing standing_of(struct db *db, const struct subscription *subscription, struct list periods, bool held)
{
	bool use = false, grace = false, disputed = any_suspended(periods);
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (!strcmp(levels[i].status, subscription->status)) {
			use = levels[i].use;
			grace = levels[i].grace;
		}
	struct standing standing = { .state = "active", .reason = "", .use_state = use ? "active" : "expired", .token_state = "",
		.use_reason = use ? "" : mem_format(db->mem, "subscription_%s", subscription->status),
		.until = until_of(subscription, periods, grace) };
	LIST_EACH(period, period, periods)
		if (!standing.since.us)
			standing.since = period->starts_at; /* they come in order */
	if (!standing.until.us) {
		standing.state = standing.use_state = periods.count ? "revoked" : "";
		standing.reason = standing.use_reason = "refunded";
	} else if (held || disputed) {
		standing.state = standing.use_state = "suspended";
		standing.reason = standing.use_reason = held ? "order_held" : "dispute_opened";
		standing.token_state = held ? "suspended" : "";
	}
	return standing;
}

/* The earliest invoice that was paid. */
struct first {
	const char *billing_reason, *currency;
	int64_t total, tax;
	bool trial;
};
ROW(first, billing_reason, currency, total, tax, trial);

/* Of its tax, what came on top of the price. */
static int64_t tax_added(const struct first *first, const struct order *order)
{
	return strcmp(order->tax_behavior, "inclusive") ? first->tax : 0;
}

/* Not the one that the subscription began with, which is still to be told. */
static bool came_later(const struct first *first)
{
	return !strcmp(first->billing_reason, "subscription_cycle") || !strcmp(first->billing_reason, "subscription_update");
}

/* Why it is not what was ordered; NULL when it is. What counts is what was asked for: credit may have paid a part. */
static const char *doubt(const struct first *first, const struct order *order)
{
	int64_t net = first->total - tax_added(first, order), asked = order->subtotal.minor;
	if (strcmp(first->billing_reason, "subscription_create"))
		return NULL;
	if (strcasecmp(first->currency, order->currency))
		return "currency_mismatch";
	return net > asked || (net < asked && !order->promotions && !first->trial) ? "amount_mismatch" : NULL;
}

/* The order is paid by the invoice that the subscription began with, a trial's of zero too. */
static void first_paid(struct db *db, const struct first *first, const struct order *order)
{
	int64_t less = order->subtotal.minor + tax_added(first, order) - first->total;
	if (first->trial || less < 0) /* more than was ordered: staff let it go */
		less = 0;
	bool known = !strcasecmp(first->currency, order->currency); /* otherwise, staff let that go too */
	if (known && (order->total.minor != first->total || order->tax.minor != first->tax || order->discount.minor != less))
		order_payment_set(db, order,
			(struct order_payment){ .id = "", .discount = less, .tax = first->tax, .total = first->total });
	if (!order->paid_at.us)
		order_move(db, order, "paid", "subscription");
}

/* Staff do not take its money: no more of it is to come. */
static void subscription_close(struct db *db, const struct subscription *subscription)
{
	if (!subscription_is_over(subscription->status))
		job_put(db, "subscription_close", subscription->public_id, subscription->id, 0);
}

/* Whether the order waits for a person, or was closed by one; otherwise it is paid. The first invoice is looked at whenever it
 * is told: before it, a later one pays no order. */
static bool order_held(struct db *db, const struct subscription *subscription)
{
	const struct order *order = subscription->order_id ? order_locked(db, subscription->order_id) : NULL;
	const struct first *first = db_one(db, first,
		"SELECT i.billing_reason, i.currency, i.total, i.tax, p.trial FROM subscription_period p"
		" JOIN stripe_invoice i ON i.id = p.stripe_invoice WHERE p.subscription_id = ?"
		" ORDER BY p.starts_at, p.ends_at, p.stripe_invoice LIMIT 1",
		subscription->id);
	if (order && order_decided(order, "close")) {
		subscription_close(db, subscription);
		return true;
	}
	if (!order || !first)
		return false;
	const char *why = doubt(first, order);
	if (why && order_decided(order, "release") && !strcmp(order->decided, why))
		why = NULL;
	bool held = review_doubts_money(order->review);
	if (why && !held)
		order_hold(db, order, why);
	else if (!why && !held && !came_later(first))
		first_paid(db, first, order);
	return held || why;
}

enum { PAGE_HOURS = 24 }; /* that a payment page is open: Stripe's default, which we keep */

/* The first payment never came, and Stripe gave up: the order may be tried again. One that is, has a later page than that which
 * this subscription was made on. */
static void first_failed(struct db *db, const struct subscription *subscription)
{
	const struct order *order = subscription->order_id ? order_locked(db, subscription->order_id) : NULL;
	struct moment page = order && order->expires_at.us ? moment_add_seconds(order->expires_at, -PAGE_HOURS * 3600) :
		(struct moment){ 0 };
	if (order && !strcmp(order->state, "pending") && !*order->review && subscription->started_at.us >= page.us)
		order_move(db, order, "failed", "incomplete_expired");
}

int64_t subscription_settle_rights(struct db *db, const char *stripe_subscription)
{
	const struct subscription *told = subscription_locked(db, stripe_subscription);
	if (!told || !told->account_id)
		return 0;
	subscription_periods_make(db, told);
	struct list periods = subscription_periods(db, told);
	struct subscription now = *told;
	now.price_id = plan_of(db, told, periods);
	if (!now.price_id)
		return 0;
	now.paid_until = reach(told, periods, false);
	now.next_price_id = told->next_price_id == now.price_id || subscription_is_over(told->status) ? 0 :
		told->next_price_id;
	db_run(db, "UPDATE subscription SET price_id = ?, paid_until = ?, next_price_id = ?, updated_at = ? WHERE id = ?",
		now.price_id, now.paid_until, now.next_price_id, moment_now(), told->id);
	if (!periods.count && !strcmp(told->status, "incomplete_expired"))
		first_failed(db, told);
	struct standing standing = standing_of(db, told, periods, order_held(db, told));
	if (*standing.state) {
		subscription_rights(db, &now, &standing);
		subscription_tokens(db, &now, &standing);
	}
	return told->id;
}

bool subscription_settle(struct db *db, const char *stripe_subscription)
{
	int64_t id = subscription_settle_rights(db, stripe_subscription);
	if (id)
		subscriptions_document(db, mem_format(db->mem, "[%lld]", (long long)id));
	return id;
}
