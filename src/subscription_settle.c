/* subscription_settle.c: facts in, states out: the order, the plan in force, and what the subscription gives now. */
#include "subscription_private.h"

#include <string.h>

#include "conf.h"
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

/* The invoice that a subscription began with. */
struct first {
	const char *billing_reason, *currency;
	int64_t amount_paid, tax;
	bool trial;
};
ROW(first, billing_reason, currency, amount_paid, tax, trial);

/* Why it is not what was ordered; NULL when it is. */
static const char *doubt(const struct first *first, const struct order *order)
{
	int64_t net = first->amount_paid - first->tax, asked = order->subtotal.minor;
	if (strcmp(first->billing_reason, "subscription_create"))
		return NULL;
	if (strcasecmp(first->currency, order->currency))
		return "currency_mismatch";
	return net > asked || (net < asked && !order->promotions && !first->trial) ? "amount_mismatch" : NULL;
}

/* The order is paid by the first paid invoice, a trial's of zero too; which one that was may be told later. */
static void first_paid(struct db *db, const struct first *first, const struct order *order)
{
	int64_t less = first->trial ? 0 : order->subtotal.minor + first->tax - first->amount_paid;
	if (order->total.minor != first->amount_paid || order->tax.minor != first->tax || order->discount.minor != less)
		order_payment_set(db, order,
			(struct order_payment){ .id = "", .discount = less, .tax = first->tax, .total = first->amount_paid });
	if (!order->paid_at.us)
		order_move(db, order, "paid", "subscription");
}

/* Reasons to hold an order that doubt its money; others (a second session, a refund that failed) leave the rights alone. */
static bool doubts_money(const char *review)
{
	static const char *const reasons[] = { "amount_mismatch", "currency_mismatch", "livemode_mismatch", "unpaid_mismatch" };
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (!strcmp(reasons[i], review))
			return true;
	return false;
}

/* Whether the order waits for a person; otherwise it is paid. */
static bool order_held(struct db *db, const struct subscription *subscription)
{
	const struct order *order = subscription->order_id ? order_locked(db, subscription->order_id) : NULL;
	const struct first *first = db_one(db, first,
		"SELECT i.billing_reason, i.currency, i.amount_paid, i.tax, p.trial FROM subscription_period p"
		" JOIN stripe_invoice i ON i.id = p.stripe_invoice WHERE p.subscription_id = ?"
		" ORDER BY p.starts_at, p.ends_at, p.stripe_invoice LIMIT 1",
		subscription->id);
	if (!order || !first)
		return false;
	bool held = doubts_money(order->review);
	const char *why = held || order->paid_at.us ? NULL : doubt(first, order);
	if (why)
		order_hold(db, order, why);
	else if (!held)
		first_paid(db, first, order);
	return held || why;
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
