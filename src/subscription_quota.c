/* subscription_quota.c: the tokens of subscriptions: once per period when it is paid, every month of an annual plan, the share
 * of an upgrade (domain.md §4). */
#include <string.h>

#include "audit.h"
#include "entitlement.h"
#include "log.h"
#include "moment.h"
#include "quota.h"
#include "sign.h"
#include "subscription_private.h"
#include "token.h"

/* What a period says about its tokens. */
struct paid_period {
	int64_t id, price_id, from_price_id;
	const char *billing_reason, *state;
	bool trial, changed;
	bool righted; /* one of its rights is there */
	struct moment starts_at, ends_at;
	struct moment change_end; /* of the lines of a change; absent: none */
};
ROW(paid_period, id, price_id, from_price_id, billing_reason, state, trial, changed, righted, starts_at, ends_at,
	OPT(change_end));
#define PERIOD_COLUMNS                                                                                               \
	"p.id, p.price_id, p.from_price_id, COALESCE(i.billing_reason, '') AS billing_reason, p.state, p.trial, p.changed,"  \
	" p.starts_at, p.ends_at, i.change_end"

/* One token benefit of a plan, in the subscriber's words. */
struct quota {
	int64_t benefit_id, product_id, tokens, trial_percent;
	const char *title, *price_title;
	bool yearly;
};
ROW(quota, benefit_id, product_id, tokens, trial_percent, title, price_title, yearly);

static struct list quotas_of(struct db *db, const struct subscription *subscription, int64_t price_id)
{
	return db_all(db, quota,
		"SELECT b.id AS benefit_id, b.product_id, b.tokens, p.trial_percent, COALESCE(dt.title, d.slug) AS title,"
		" COALESCE(pt.title, p.name) AS price_title, p.recurring = 'year' AS yearly FROM price p"
		" JOIN benefit b ON b.price_id = p.id AND b.kind = 'tokens' JOIN product d ON d.id = b.product_id"
		" JOIN account a ON a.id = ?"
		" LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = p.id AND pt.language = a.language"
		" WHERE p.id = ? ORDER BY b.position, b.id",
		subscription->account_id, price_id);
}

static bool of_year(struct list quotas)
{
	const struct quota *first = quotas.items;
	return quotas.count && first->yearly; /* they are of one price */
}

static bool began_with(const struct paid_period *period)
{
	return !strcmp(period->billing_reason, "subscription_create");
}

/* The right of one period's tokens. fresh: it was made just now. */
static int64_t right_of(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	const struct quota *quota, bool *fresh)
{
	int64_t id = db_place(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, product_id, kind, state, title,"
		" price_title, starts_at, ends_at, created_at) VALUES (?, ?, 'period', ?, ?, ?, 'tokens', 'active', ?, ?, ?, ?, ?)"
		" ON DUPLICATE KEY UPDATE id = id",
		subscription->account_id, random_id(db->mem), period->id, quota->benefit_id, quota->product_id, quota->title,
		quota->price_title, period->starts_at, period->ends_at, moment_now());
	*fresh = id;
	if (id)
		audit_put(db, subscription->account_id, 0, "entitlement.granted", period->id, "tokens");
	return id ? id : db_int(db, "SELECT id FROM entitlement WHERE source = 'period' AND source_id = ? AND benefit_id = ?",
		period->id, quota->benefit_id);
}

static struct token_lot lot_of(const struct subscription *subscription, const struct paid_period *period, int64_t right_id)
{
	return (struct token_lot){ .account_id = subscription->account_id, .kind = TOKEN_QUOTA,
		.line = LINE_SUBSCRIPTION_RENEWAL, .entitlement_id = right_id, .subscription_id = subscription->id,
		.period_start = period->starts_at, .expires_at = period->ends_at, .note = "" };
}

/* Whether the month that holds this moment has its quota: a change of plan may have paid for it under another. */
static bool month_granted(struct db *db, const struct subscription *subscription, struct moment at)
{
	return db_int(db,
		"SELECT COUNT(*) FROM token_lot WHERE account_id = ? AND subscription_id = ? AND kind = 'quota' AND state <> 'void'"
		" AND period_start <= ? AND expires_at > ?",
		subscription->account_id, subscription->id, at, at);
}

/* Whether another invoice brought the quota of this very month, and this one did not: a month has its quota once, whoever bills
 * it twice. What was given back makes room again. */
static bool month_of_another(struct db *db, const struct subscription *subscription, const struct paid_period *period)
{
	return db_int(db,
		"SELECT COUNT(*) > 0 AND COALESCE(CAST(SUM(e.source_id = ?) AS SIGNED), 0) = 0 FROM token_lot l"
		" JOIN entitlement e ON e.id = l.entitlement_id WHERE l.account_id = ? AND l.subscription_id = ? AND l.period_start = ?"
		" AND l.kind = 'quota' AND l.state <> 'void'",
		period->id, subscription->account_id, subscription->id, period->starts_at);
}

static int64_t tokens_of_price(struct db *db, int64_t price_id)
{
	return db_int(db, "SELECT CAST(SUM(tokens) AS SIGNED) FROM benefit WHERE price_id = ? AND kind = 'tokens'", price_id);
}

/* What all benefits of the new plan bring more than all of the old one, in one lot. */
static void upgrade_grant(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	struct token_lot lot)
{
	struct quota_month month;
	if (!subscription_month(db, subscription, period->starts_at, period->change_end, &month))
		return;
	lot.kind = TOKEN_UPGRADE;
	lot.line = LINE_UPGRADE;
	lot.expires_at = month.ends_at;
	lot.granted = quota_upgrade(tokens_of_price(db, period->from_price_id), tokens_of_price(db, period->price_id),
		month.starts_at, month.ends_at, period->starts_at);
	token_lot_add(db, lot);
}

static void quota_grant(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	const struct quota *quota, struct token_lot lot)
{
	if (began_with(period))
		lot.line = LINE_SUBSCRIPTION_INITIAL;
	lot.granted = quota->tokens;
	if (quota->yearly) {
		struct quota_month month = quota_month(subscription_anchor(db, subscription, period->starts_at, NULL), period->starts_at);
		lot.period_start = month.starts_at;
		lot.expires_at = month.ends_at;
	}
	token_lot_add(db, lot);
}

/* Whether this period brings the trial's tokens: the subscription holds the claim to the trial, and no other invoice of the
 * same trial (it was prolonged, or its plan changed) brought them. */
static bool trial_is_its_own(struct db *db, const struct subscription *subscription, const struct paid_period *period)
{
	return db_int(db,
		"SELECT COUNT(*) FROM price p JOIN trial_claim c ON c.product_id = p.product_id AND c.account_id = ?"
		" AND c.subscription_id = ? WHERE p.id = ? AND NOT EXISTS (SELECT 1 FROM token_lot l"
		"  JOIN entitlement e ON e.id = l.entitlement_id WHERE l.account_id = c.account_id"
		"  AND l.subscription_id = c.subscription_id AND l.kind = 'trial' AND e.source_id <> ?)",
		subscription->account_id, subscription->id, period->price_id, period->id);
}

static void trial_grant(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	const struct quota *quota, struct token_lot lot)
{
	if (!trial_is_its_own(db, subscription, period))
		return;
	if (subscription->trial_end.us)
		lot.expires_at = subscription_trial_over(subscription);
	lot.kind = TOKEN_TRIAL;
	lot.line = LINE_SUBSCRIPTION_TRIAL;
	lot.granted = (int64_t)((__int128)quota->tokens * quota->trial_percent / 100);
	token_lot_add(db, lot);
}

/* Where months are counted from is told by the subscription itself and by earlier invoices; until they are there only the first
 * period speaks for itself. What never comes waits: a month of a year for the scheduler, a share for the period it is of. */
static bool too_early(struct db *db, const struct subscription *subscription, const struct paid_period *period, bool yearly)
{
	struct quota_month month;
	bool known = true;
	if (period->trial || (!period->changed && (!yearly || began_with(period))))
		return false;
	if (!*subscription->status)
		return true;
	if (period->changed)
		return period->from_price_id &&
			!subscription_month(db, subscription, period->starts_at, period->change_end, &month);
	subscription_anchor(db, subscription, period->starts_at, &known);
	return !known;
}

/* Once: what the payment of a period brings. first: of the plan's benefits. The month of an annual plan may have been paid for
 * by another period. */
static void period_grant(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	const struct quota *quota, int64_t right_id, bool first, bool month)
{
	struct token_lot lot = lot_of(subscription, period, right_id);
	if (period->trial)
		trial_grant(db, subscription, period, quota, lot);
	else if (period->changed && period->from_price_id && first)
		upgrade_grant(db, subscription, period, lot);
	else if (!period->changed && !month)
		quota_grant(db, subscription, period, quota, lot);
}

static void period_tokens(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	struct list quotas, const struct standing *standing)
{
	bool held = *standing->token_state && !strcmp(period->state, "active");
	const char *state = held ? standing->token_state : period->state;
	bool brings = !period->trial && !period->changed && strcmp(period->state, "revoked");
	if (brings && !of_year(quotas) && month_of_another(db, subscription, period))
		return; /* without a right, it is due again when the other one goes back */
	bool month = of_year(quotas) && month_granted(db, subscription, period->starts_at);
	bool early = too_early(db, subscription, period, of_year(quotas));
	if (early && !period->righted)
		return;
	LIST_EACH(quota, quota, quotas) {
		bool fresh;
		int64_t right_id = right_of(db, subscription, period, quota, &fresh);
		if (!early && (fresh || !db_int(db, "SELECT COUNT(*) FROM token_lot WHERE entitlement_id = ?", right_id)))
			period_grant(db, subscription, period, quota, right_id, quota == quotas.items, month);
		if (!fresh || strcmp(state, "active"))
			entitlement_settle(db, right_id, state, !strcmp(period->state, "revoked") ? "refunded" : standing->reason);
	}
}

/* Those that have no right yet, or one in another state than facts give it, or one that a person gave back. The index is named:
 * while a table grows quickly, as after an outage, its statistics are old, and all rights that a benefit ever gave would be
 * looked through instead. */
static struct list periods_due(struct db *db, const struct subscription *subscription, const struct standing *standing)
{
	return db_all(db, paid_period,
		"SELECT " PERIOD_COLUMNS ", COUNT(e.id) > 0 AS righted FROM subscription_period p"
		" JOIN benefit b ON b.price_id = p.price_id AND b.kind = 'tokens' LEFT JOIN stripe_invoice i ON i.id = p.stripe_invoice"
		" LEFT JOIN entitlement e FORCE INDEX (entitlement_source) ON e.source = 'period' AND e.source_id = p.id"
		"  AND e.benefit_id = b.id"
		" WHERE p.subscription_id = ?"
		" AND (COALESCE(e.state, '') <> IF(p.state = 'active' AND ? <> '', ?, p.state) OR COALESCE(e.kept_for, '') <> '')"
		" GROUP BY p.id ORDER BY p.state <> 'revoked', p.starts_at, p.ends_at, p.stripe_invoice",
		subscription->id, standing->token_state, standing->token_state);
}

static bool lapsed(const struct paid_period *period)
{
	return !period->trial && !period->changed && !period->righted && !strcmp(period->state, "active") &&
		period->ends_at.us <= moment_now().us;
}

static size_t lapsed_of_price(struct list periods, int64_t price_id)
{
	size_t count = 0;
	LIST_EACH(paid_period, period, periods)
		count += period->price_id == price_id && lapsed(period);
	return count;
}

/* The rights of one benefit, and lots that have run out already. Returns how many. */
static int64_t lapsed_insert(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	const struct quota *quota)
{
	struct moment now = moment_now();
	int64_t first_id = db_insert(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, product_id, kind, state, title,"
		" price_title, starts_at, ends_at, created_at)"
		" SELECT ?, " SQL_RANDOM_ID ", 'period', p.id, ?, ?, 'tokens', 'active', ?, ?, p.starts_at, p.ends_at, ?"
		" FROM subscription_period p LEFT JOIN entitlement e FORCE INDEX (entitlement_source) ON e.source = 'period'"
		"  AND e.source_id = p.id AND e.benefit_id = ?"
		" WHERE p.subscription_id = ? AND p.price_id = ? AND p.state = 'active' AND NOT p.trial AND NOT p.changed"
		" AND p.ends_at <= ? AND e.id IS NULL"
		" AND NOT EXISTS (SELECT 1 FROM token_lot l JOIN entitlement o ON o.id = l.entitlement_id WHERE l.account_id = ?"
		"  AND l.subscription_id = p.subscription_id AND l.period_start = p.starts_at AND l.kind = 'quota'"
		"  AND l.state <> 'void' AND o.source_id <> p.id)"
		" AND NOT EXISTS (SELECT 1 FROM subscription_period o WHERE o.subscription_id = p.subscription_id"
		"  AND o.ends_at = p.ends_at AND o.starts_at = p.starts_at AND o.price_id = p.price_id AND o.state = 'active'"
		"  AND NOT o.trial AND NOT o.changed AND o.id < p.id)"
		" ORDER BY p.starts_at, p.id",
		subscription->account_id, quota->benefit_id, quota->product_id, quota->title, quota->price_title, now,
		quota->benefit_id, subscription->id, period->price_id, now, subscription->account_id);
	if (!first_id)
		return 0;
	db_run(db,
		"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"
		" SELECT e.account_id, 0, 'entitlement.granted', p.id, 'tokens', ?, e.created_at FROM subscription_period p"
		" JOIN entitlement e FORCE INDEX (entitlement_source) ON e.source = 'period' AND e.source_id = p.id"
		"  AND e.benefit_id = ? WHERE p.subscription_id = ? AND e.id >= ? ORDER BY e.id",
		log_request_id(), quota->benefit_id, subscription->id, first_id);
	return token_lots_lapsed(db, subscription->account_id, subscription->id, quota->benefit_id, quota->tokens, first_id);
}

/* Months that an outage left out, of a monthly plan: each gets its right, and a lot that has run out already (domain.md §4).
 * Returns the price. */
static int64_t lapsed_grant(struct db *db, const struct subscription *subscription, const struct paid_period *period,
	struct list quotas)
{
	int64_t lots = 0;
	LIST_EACH(quota, quota, quotas)
		lots += lapsed_insert(db, subscription, period, quota);
	log_line("quota.missed", "subscription=%s months=%lld", subscription->public_id, (long long)lots);
	return period->price_id;
}

void subscription_tokens(struct db *db, const struct subscription *subscription, const struct standing *standing)
{
	if (subscription->trial_end.us)
		token_trial_ends(db, subscription->account_id, subscription->id, subscription_trial_over(subscription));
	int64_t done = 0, price_id = 0; /* done: the price whose lapsed months were taken all at once */
	struct list periods = periods_due(db, subscription, standing), quotas = { 0 };
	LIST_EACH(paid_period, period, periods) {
		bool missed = !*standing->token_state && lapsed(period);
		if (period->price_id != price_id)
			quotas = quotas_of(db, subscription, price_id = period->price_id);
		if (missed && price_id != done && !of_year(quotas) && lapsed_of_price(periods, price_id) > 1)
			done = lapsed_grant(db, subscription, period, quotas);
		if (!missed || price_id != done)
			period_tokens(db, subscription, period, quotas, standing);
	}
}

/* An annual plan that is active, and whose month that holds now has no quota yet. */
struct renewal {
	const char *stripe_subscription;
};
ROW(renewal, stripe_subscription);

struct last_lot {
	struct moment period_start;
};
ROW(last_lot, period_start);

/* What an outage of months left out is gone: only the month that holds now is granted. */
static void missed_log(struct db *db, const struct subscription *subscription, struct moment anchor, int64_t k)
{
	const struct last_lot *last = db_one(db, last_lot,
		"SELECT period_start FROM token_lot WHERE account_id = ? AND subscription_id = ? AND kind = 'quota'"
		" AND period_start <= ? ORDER BY period_start DESC LIMIT 1",
		subscription->account_id, subscription->id, moment_now());
	if (!last)
		return;
	for (int64_t missed = quota_month(anchor, last->period_start).k + 1; missed < k; missed++)
		log_line("quota.missed", "subscription=%s month=%lld", subscription->public_id, (long long)missed);
}

/* The paid period that holds a moment; the later where two do. */
static const struct paid_period *period_at(struct db *db, const struct subscription *subscription, struct moment at)
{
	return db_one(db, paid_period,
		"SELECT " PERIOD_COLUMNS ", FALSE AS righted FROM subscription_period p"
		" LEFT JOIN stripe_invoice i ON i.id = p.stripe_invoice WHERE p.subscription_id = ? AND p.state = 'active'"
		" AND NOT p.trial AND p.starts_at <= ? AND p.ends_at > ?"
		" ORDER BY p.starts_at DESC, p.ends_at DESC, p.stripe_invoice DESC LIMIT 1",
		subscription->id, at, at);
}

/* A month has the quota of the plan it began with: a change since then brought its own share. Where the payment it began with
 * went back, that share is all. */
static bool month_grant(struct db *db, const struct subscription *subscription)
{
	bool added = false;
	const struct paid_period *now = period_at(db, subscription, moment_now());
	if (!now || month_granted(db, subscription, moment_now()))
		return false;
	struct moment anchor = subscription_anchor(db, subscription, now->starts_at, NULL);
	struct quota_month month = quota_month(anchor, moment_now());
	missed_log(db, subscription, anchor, month.k);
	const struct paid_period *period = period_at(db, subscription, month.starts_at);
	if (!period)
		return false;
	struct list quotas = quotas_of(db, subscription, period->price_id);
	LIST_EACH(quota, quota, quotas) {
		bool fresh;
		struct token_lot lot = lot_of(subscription, period, right_of(db, subscription, period, quota, &fresh));
		lot.granted = quota->tokens;
		lot.period_start = month.starts_at;
		lot.expires_at = month.ends_at;
		added |= token_lot_add(db, lot);
	}
	return added;
}

int64_t quotas_renew(struct db *db, int64_t limit)
{
	struct moment now = moment_now();
	int64_t granted = 0;
	struct list due = db_all(db, renewal,
		"SELECT s.stripe_subscription FROM subscription s"
		" JOIN price p ON p.id = s.price_id AND p.recurring = 'year'"
		" WHERE s.status = 'active' AND s.paid_until > ?"
		" AND EXISTS (SELECT 1 FROM benefit b WHERE b.price_id = p.id AND b.kind = 'tokens')"
		" AND NOT EXISTS (SELECT 1 FROM token_lot l WHERE l.account_id = s.account_id AND l.subscription_id = s.id"
		"  AND l.kind = 'quota' AND l.state <> 'void' AND l.period_start <= ? AND l.expires_at > ?)"
		" ORDER BY s.id LIMIT ?",
		now, now, now, limit);
	LIST_EACH(renewal, one, due) {
		db_begin(db);
		const struct subscription *subscription = subscription_locked(db, one->stripe_subscription);
		granted += !strcmp(subscription->status, "active") && month_grant(db, subscription);
		db_commit(db);
	}
	return granted;
}
