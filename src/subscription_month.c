/* subscription_month.c: in which month of a subscription a moment lies (domain.md §4). A plan billed by the month: the paid month
 * itself. One billed by the year: counted from where paid time began that went on without a gap since, whatever changes of plan
 * did to Stripe's own anchor; after a pause it begins anew. */
#include "moment.h"
#include "subscription_private.h"

/* A period that is no trial's. What was given back counts as well: a refund moves no month. */
struct paid_time {
	struct moment starts_at, ends_at;
	bool first, changed, yearly;
};
ROW(paid_time, starts_at, ends_at, first, changed, yearly);

/* The latest first; of one second the change of plan before what it changed. */
static struct list times_until(struct db *db, const struct subscription *subscription, struct moment at)
{
	return db_all(db, paid_time,
		"SELECT p.starts_at, p.ends_at, COALESCE(i.billing_reason, '') = 'subscription_create' AS first, p.changed,"
		" c.recurring = 'year' AS yearly FROM subscription_period p JOIN price c ON c.id = p.price_id"
		" LEFT JOIN stripe_invoice i ON i.id = p.stripe_invoice WHERE p.subscription_id = ? AND NOT p.trial AND p.starts_at <= ?"
		" ORDER BY p.starts_at DESC, p.changed DESC, p.id",
		subscription->id, at);
}

/* The paid month of a plan billed by the month. NULL: the moment is in none. */
static const struct paid_time *month_of(struct list times, struct moment at)
{
	LIST_EACH(paid_time, time, times)
		if (!time->changed && !time->yearly && time->ends_at.us > at.us)
			return time;
	return NULL;
}

/* The paid year that holds a moment, begun before it. */
static const struct paid_time *year_of(struct list times, struct moment at)
{
	LIST_EACH(paid_time, time, times)
		if (time->yearly && time->ends_at.us > at.us && (!time->changed || time->starts_at.us < at.us))
			return time;
	return NULL;
}

/* What the unbroken run of paid periods began with that reaches to a moment. NULL: none does. */
static const struct paid_time *run_of(struct list times, struct moment at)
{
	const struct paid_time *began = NULL;
	LIST_EACH(paid_time, time, times)
		if (time->ends_at.us >= (began ? began->starts_at : at).us)
			began = time;
	return began;
}

/* A run begins with the subscription, after its trial, where Stripe's anchor was set anew, or after a time that was billed and
 * not paid; not with a change of plan. */
static bool run_begins(struct db *db, const struct subscription *subscription, const struct paid_time *began)
{
	int64_t at = began->starts_at.us;
	if (began->first || began->changed)
		return began->first;
	return at == subscription->started_at.us || at == subscription->trial_end.us || at == subscription->anchor_at.us ||
		db_int(db, "SELECT COUNT(*) FROM stripe_invoice WHERE stripe_subscription = ? AND period_end = ? AND status <> 'paid'",
			subscription->stripe_subscription, began->starts_at);
}

struct moment subscription_anchor(struct db *db, const struct subscription *subscription, struct moment at, bool *known)
{
	const struct paid_time *began = run_of(times_until(db, subscription, at), at);
	if (known)
		*known = began && run_begins(db, subscription, began);
	return began ? began->starts_at : at;
}

/* A change whose month is not there, but ends where months end that are counted from the subscription's own beginning: that
 * month, whenever it is told. */
static bool month_by_itself(const struct subscription *subscription, struct moment at, struct moment ends,
	struct quota_month *month)
{
	struct moment anchor = subscription->trial_end.us ? subscription->trial_end : subscription->started_at;
	if (!anchor.us || !ends.us || quota_month(anchor, ends).starts_at.us != ends.us)
		return false;
	*month = quota_month(anchor, at);
	return true;
}

bool subscription_month(struct db *db, const struct subscription *subscription, struct moment at, struct moment ends,
	struct quota_month *month)
{
	struct list times = times_until(db, subscription, at);
	const struct paid_time *paid = month_of(times, at), *began = run_of(times, at);
	if (paid) {
		*month = (struct quota_month){ .starts_at = paid->starts_at, .ends_at = paid->ends_at };
		return true;
	}
	if (!year_of(times, at) || !began || !run_begins(db, subscription, began))
		return month_by_itself(subscription, at, ends, month);
	*month = quota_month(began->starts_at, at);
	return true;
}
