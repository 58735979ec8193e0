/* subscription_quota.c: the tokens of subscriptions: once per period when it is paid, every month of an annual plan, the share
 * of an upgrade (domain.md §4). */
#include <string.h>

#include "audit.h"
#include "entitlement.h"
#include "log.h"
#include "moment.h"
#include "quota.h"
#include "sign.h"
#include "subscription_settle.h"
#include "token.h"

/* One token benefit of a period's plan. */
struct quota {
	int64_t benefit_id, product_id, tokens, trial_percent;
	const char *title, *price_title, *billing_reason;
	bool yearly;
};
ROW(quota, benefit_id, product_id, tokens, trial_percent, title, price_title, billing_reason, yearly);

static struct list quotas_of(struct db *db, const struct subscription *subscription, const struct period *period)
{
	return db_all(db, quota,
		"SELECT b.id AS benefit_id, b.product_id, b.tokens, p.trial_percent, COALESCE(dt.title, d.slug) AS title,"
		" COALESCE(pt.title, p.name) AS price_title, COALESCE(i.billing_reason, '') AS billing_reason,"
		" p.recurring = 'year' AS yearly FROM price p"
		" JOIN benefit b ON b.price_id = p.id AND b.kind = 'tokens' JOIN product d ON d.id = b.product_id"
		" JOIN account a ON a.id = ? LEFT JOIN stripe_invoice i ON i.id = ?"
		" LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = p.id AND pt.language = a.language"
		" WHERE p.id = ? ORDER BY b.position, b.id",
		subscription->account_id, period->stripe_invoice, period->price_id);
}

/* From when months are counted: where paid time began, whatever changes of plan did to Stripe's own anchor since. */
static struct moment anchor_of(const struct subscription *subscription, const struct period *period)
{
	if (subscription->trial_end.us)
		return subscription->trial_end;
	return subscription->started_at.us ? subscription->started_at : period->starts_at;
}

/* The right of one period's tokens. */
static int64_t right_of(struct db *db, const struct subscription *subscription, const struct period *period,
	const struct quota *quota)
{
	if (db_run(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, product_id, kind, state, title,"
		" price_title, starts_at, ends_at, created_at) VALUES (?, ?, 'period', ?, ?, ?, 'tokens', 'active', ?, ?, ?, ?, ?)"
		" ON DUPLICATE KEY UPDATE id = id",
		subscription->account_id, random_id(db->mem), period->id, quota->benefit_id, quota->product_id, quota->title,
		quota->price_title, period->starts_at, period->ends_at, moment_now()))
		audit_put(db, subscription->account_id, 0, "entitlement.granted", period->id, "tokens");
	return db_int(db, "SELECT id FROM entitlement WHERE source = 'period' AND source_id = ? AND benefit_id = ?", period->id,
		quota->benefit_id);
}

static struct token_lot lot_of(const struct subscription *subscription, const struct period *period, int64_t right_id)
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

static int64_t tokens_of_price(struct db *db, int64_t price_id)
{
	return db_int(db, "SELECT CAST(SUM(tokens) AS SIGNED) FROM benefit WHERE price_id = ? AND kind = 'tokens'", price_id);
}

static void upgrade_grant(struct db *db, const struct subscription *subscription, const struct period *period,
	const struct quota *quota, struct token_lot lot)
{
	struct quota_month month = quota_month(anchor_of(subscription, period), period->starts_at);
	lot.kind = TOKEN_UPGRADE;
	lot.line = LINE_UPGRADE;
	lot.expires_at = month.ends_at;
	lot.granted = quota_upgrade(tokens_of_price(db, period->from_price_id), quota->tokens, month.starts_at, month.ends_at,
		period->starts_at);
	token_lot_add(db, lot);
}

static void quota_grant(struct db *db, const struct subscription *subscription, const struct period *period,
	const struct quota *quota, struct token_lot lot)
{
	struct quota_month month = quota_month(anchor_of(subscription, period), period->starts_at);
	if (!strcmp(quota->billing_reason, "subscription_create"))
		lot.line = LINE_SUBSCRIPTION_INITIAL;
	lot.granted = quota->tokens;
	if (quota->yearly) {
		lot.period_start = month.starts_at;
		lot.expires_at = month.ends_at;
	}
	token_lot_add(db, lot);
}

static void trial_grant(struct db *db, const struct quota *quota, struct token_lot lot)
{
	lot.kind = TOKEN_TRIAL;
	lot.line = LINE_SUBSCRIPTION_TRIAL;
	lot.granted = (int64_t)((__int128)quota->tokens * quota->trial_percent / 100);
	token_lot_add(db, lot);
}

/* Where months are counted from is told by the subscription itself; until then only the first period speaks for itself. */
static bool too_early(const struct subscription *subscription, const struct period *period, const struct quota *quota)
{
	bool first = !strcmp(quota->billing_reason, "subscription_create");
	return !*subscription->status && (period->changed || (quota->yearly && !first));
}

static void period_tokens(struct db *db, const struct subscription *subscription, const struct period *period,
	const struct standing *standing)
{
	bool held = *standing->token_state && !strcmp(period->state, "active");
	struct list quotas = quotas_of(db, subscription, period);
	bool month = month_granted(db, subscription, period->starts_at);
	LIST_EACH(quota, quota, quotas) {
		if (too_early(subscription, period, quota))
			continue;
		int64_t right_id = right_of(db, subscription, period, quota);
		struct token_lot lot = lot_of(subscription, period, right_id);
		bool granted = db_int(db, "SELECT COUNT(*) FROM token_lot WHERE entitlement_id = ?", right_id);
		if (!granted && period->trial)
			trial_grant(db, quota, lot);
		else if (!granted && period->changed && period->from_price_id)
			upgrade_grant(db, subscription, period, quota, lot);
		else if (!granted && !period->changed && (!quota->yearly || !month))
			quota_grant(db, subscription, period, quota, lot);
		entitlement_settle(db, right_id, held ? standing->token_state : period->state,
			!strcmp(period->state, "revoked") ? "refunded" : standing->reason);
	}
}

/* Those that have no right yet, or one in another state than facts give it. The index is named: while a table grows quickly,
 * as after an outage, its statistics are old, and all rights that a benefit ever gave would be looked through instead. */
static struct list periods_due(struct db *db, const struct subscription *subscription, const struct standing *standing)
{
	return db_all(db, period,
		"SELECT p.id, p.price_id, p.stripe_invoice, p.trial, p.changed, p.from_price_id, p.starts_at, p.ends_at, p.state,"
		" FALSE AS suspect FROM subscription_period p JOIN benefit b ON b.price_id = p.price_id AND b.kind = 'tokens'"
		" LEFT JOIN entitlement e FORCE INDEX (entitlement_source) ON e.source = 'period' AND e.source_id = p.id"
		"  AND e.benefit_id = b.id"
		" WHERE p.subscription_id = ? AND COALESCE(e.state, '') <> IF(p.state = 'active' AND ? <> '', ?, p.state)"
		" GROUP BY p.id ORDER BY p.starts_at, p.stripe_invoice",
		subscription->id, standing->token_state, standing->token_state);
}

static int64_t lapsed(struct list periods)
{
	int64_t count = 0;
	LIST_EACH(period, period, periods)
		count += !period->trial && !period->changed && !strcmp(period->state, "active") &&
			period->ends_at.us <= moment_now().us;
	return count;
}

static const char *random_ids(struct db *db, int64_t count)
{
	struct buffer ids = buffer_new(db->mem, 32 * (size_t)count + 2);
	for (int64_t i = 0; i < count; i++)
		buffer_format(&ids, "%s\"%s\"", i ? "," : "[", random_id(db->mem));
	buffer_text(&ids, "]");
	return ids.text;
}

/* Months that an outage left out, of a monthly plan: each gets its right, and a lot that has run out already (domain.md §4). */
static void lapsed_grant(struct db *db, const struct subscription *subscription, int64_t count)
{
	struct moment now = moment_now();
	int64_t first_id = db_insert(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, product_id, kind, state, title,"
		" price_title, starts_at, ends_at, created_at)"
		" SELECT ?, ids.public_id, 'period', due.id, due.benefit_id, due.product_id, 'tokens', 'active', due.title,"
		"  due.price_title, due.starts_at, due.ends_at, ? FROM (SELECT p.id, b.id AS benefit_id, b.product_id,"
		"  COALESCE(dt.title, d.slug) AS title, COALESCE(pt.title, c.name) AS price_title, p.starts_at, p.ends_at,"
		"  ROW_NUMBER() OVER (ORDER BY p.starts_at, p.id, b.position, b.id) AS n FROM subscription_period p"
		"  JOIN price c ON c.id = p.price_id AND c.recurring = 'month'"
		"  JOIN benefit b ON b.price_id = c.id AND b.kind = 'tokens' JOIN product d ON d.id = b.product_id"
		"  JOIN account a ON a.id = ? LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = a.language"
		"  LEFT JOIN price_text pt ON pt.price_id = c.id AND pt.language = a.language"
		"  LEFT JOIN entitlement e FORCE INDEX (entitlement_source) ON e.source = 'period' AND e.source_id = p.id"
		"   AND e.benefit_id = b.id"
		"  WHERE p.subscription_id = ? AND p.state = 'active' AND NOT p.trial AND NOT p.changed AND p.ends_at <= ?"
		"  AND e.id IS NULL) due JOIN JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY, public_id CHAR(22) PATH '$')) ids"
		" ON ids.n = due.n ORDER BY due.n",
		subscription->account_id, now, subscription->account_id, subscription->id, now, random_ids(db, count));
	if (!first_id)
		return;
	db_run(db,
		"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"
		" SELECT account_id, 0, 'entitlement.granted', source_id, 'tokens', ?, created_at FROM entitlement"
		" WHERE account_id = ? AND id >= ? AND source = 'period' ORDER BY id",
		log_request_id(), subscription->account_id, first_id);
	int64_t lots = token_lots_lapsed(db, subscription->account_id, first_id, subscription->id);
	log_line("quota.missed", "subscription=%s months=%lld", subscription->public_id, (long long)lots);
}

void subscription_tokens(struct db *db, const struct subscription *subscription, const struct standing *standing)
{
	struct list periods = periods_due(db, subscription, standing);
	int64_t missed = *standing->token_state ? 0 : lapsed(periods);
	if (missed > 1) {
		lapsed_grant(db, subscription, missed);
		periods = periods_due(db, subscription, standing);
	}
	LIST_EACH(period, period, periods)
		period_tokens(db, subscription, period, standing);
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
static const struct period *period_at(struct db *db, const struct subscription *subscription, struct moment at)
{
	return db_one(db, period,
		"SELECT id, price_id, stripe_invoice, trial, changed, from_price_id, starts_at, ends_at, state, FALSE AS suspect"
		" FROM subscription_period WHERE subscription_id = ? AND state = 'active' AND NOT trial AND starts_at <= ?"
		" AND ends_at > ? ORDER BY starts_at DESC, stripe_invoice DESC LIMIT 1",
		subscription->id, at, at);
}

/* A month has the quota of the plan it began with: a change since then brought its own share. */
static bool month_grant(struct db *db, const struct subscription *subscription)
{
	bool added = false;
	const struct period *now = period_at(db, subscription, moment_now());
	if (!now || month_granted(db, subscription, moment_now()))
		return false;
	struct moment anchor = anchor_of(subscription, now);
	struct quota_month month = quota_month(anchor, moment_now());
	missed_log(db, subscription, anchor, month.k);
	const struct period *began = period_at(db, subscription, month.starts_at), *period = began ? began : now;
	struct list quotas = quotas_of(db, subscription, period);
	LIST_EACH(quota, quota, quotas) {
		struct token_lot lot = lot_of(subscription, period, right_of(db, subscription, period, quota));
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
