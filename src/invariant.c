/* invariant.c: what must never be, counted. A promise of a new noun is one function and one row. */
#include "invariant.h"

#include "entitlement.h"
#include "moment.h"
#include "subscription_settle.h"
#include "token.h"

/* A licence opens doors by its own state: it must be its right's. */
static int64_t licenses_unlike_rights(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM entitlement e LEFT JOIN license l ON l.entitlement_id = e.id"
		" WHERE e.kind = 'license' AND e.deleted_at IS NULL AND (l.id IS NULL OR l.state <> e.state)");
}

static int64_t seats_over(struct db *db)
{
	return db_int(db, "SELECT COUNT(*) FROM license WHERE seats_used < 0 OR seats_used > seats");
}

static int64_t orders_paid_twice(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM (SELECT subject_id FROM event WHERE topic = 'order.paid' GROUP BY subject_id"
		" HAVING COUNT(*) > 1) twice");
}

/* The balance that is shown is the sum of what remains in the lots, and of all the ledger's lines. */
static int64_t balances_unlike_lots(struct db *db)
{
	return token_check(db);
}

static int64_t balances_unlike_ledger(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM token_account a LEFT JOIN (SELECT account_id, SUM(amount) AS amount FROM token_entry"
		" GROUP BY account_id) e ON e.account_id = a.account_id WHERE a.balance <> COALESCE(e.amount, 0)");
}

static int64_t lots_overspent(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM token_lot l LEFT JOIN (SELECT lot_id, SUM(amount) AS amount FROM"
		"  (SELECT lot_id, amount FROM token_spend UNION ALL SELECT lot_id, -amount FROM token_entry"
		"   WHERE lot_id > 0 AND amount < 0 AND kind IN ('debit', 'adjustment')) spent GROUP BY lot_id) s"
		" ON s.lot_id = l.id WHERE l.remaining < 0 OR l.remaining + COALESCE(s.amount, 0) > l.granted");
}

/* The tokens of a month, once: no two lots of one benefit for the same month, and each month that was paid has its own.
 * (Months of annual plans come one by one, trials may bring none; a month billed twice has its tokens once.) */
static int64_t periods_granted_twice(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM (SELECT 1 FROM token_lot l JOIN entitlement e ON e.id = l.entitlement_id"
		" WHERE l.kind = 'quota' AND l.state <> 'void' AND l.subscription_id > 0"
		" GROUP BY l.account_id, l.subscription_id, l.period_start, e.benefit_id HAVING COUNT(*) > 1) twice");
}

/* Upgrades that still wait for the month they are a share of, a day after they were told: it may never come. */
static int64_t upgrades_waiting(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(DISTINCT p.id) FROM subscription_period p"
		" JOIN benefit b ON b.price_id = p.price_id AND b.kind = 'tokens' AND b.tokens > 0"
		" LEFT JOIN entitlement e ON e.source = 'period' AND e.source_id = p.id"
		" WHERE p.changed AND p.state = 'active' AND p.from_price_id > 0 AND p.created_at < ? AND p.ends_at > ? AND e.id IS NULL",
		moment_add_days(moment_now(), -1), moment_now());
}

static int64_t periods_not_granted(struct db *db)
{
	return upgrades_waiting(db) + db_int(db,
		"SELECT COUNT(*) FROM subscription_period p JOIN price c ON c.id = p.price_id AND c.recurring = 'month'"
		" JOIN benefit b ON b.price_id = c.id AND b.kind = 'tokens' AND b.tokens > 0"
		" LEFT JOIN entitlement e ON e.source = 'period' AND e.source_id = p.id AND e.benefit_id = b.id"
		" LEFT JOIN token_lot l ON l.entitlement_id = e.id"
		" WHERE p.state = 'active' AND NOT p.trial AND NOT p.changed AND l.id IS NULL"
		" AND NOT EXISTS (SELECT 1 FROM token_lot t JOIN entitlement o ON o.id = t.entitlement_id"
		"  JOIN subscription_period q ON q.id = o.source_id AND q.starts_at = p.starts_at AND q.id <> p.id"
		"  WHERE t.subscription_id = p.subscription_id AND t.period_start = p.starts_at AND t.kind = 'quota'"
		"  AND t.state <> 'void')");
}

/* What a page reads in place of counting. */
static int64_t counters_unlike_rows(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM product d WHERE d.price_count <>"
		" (SELECT COUNT(*) FROM price p WHERE p.product_id = d.id AND p.active) OR d.price_from <>"
		" COALESCE((SELECT MIN(p.amount) FROM price p WHERE p.product_id = d.id AND p.active AND p.currency = d.currency), 0)");
}

/* What went back, or was asked to, may not be over what came. */
static int64_t refunds_over(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM (SELECT p.id FROM payment p JOIN refund r ON r.payment_intent = p.payment_intent"
		" WHERE p.amount > 0 AND r.status IN ('asked', 'pending', 'requires_action', 'succeeded')"
		" GROUP BY p.id, p.amount HAVING SUM(r.amount) > p.amount) over_paid");
}

/* Numbers run from 1 to the counter, each given once. */
static int64_t invoice_gaps(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM invoice_counter c LEFT JOIN (SELECT SUBSTRING_INDEX(number, '-', 1) AS series,"
		" COUNT(*) AS given, MAX(CAST(SUBSTRING_INDEX(number, '-', -1) AS SIGNED)) AS greatest FROM invoice GROUP BY series) i"
		" ON i.series = c.series WHERE c.last <> COALESCE(i.given, 0) OR c.last <> COALESCE(i.greatest, 0)");
}

/* Since the first was issued: older orders were paid before there were any. What recurs has one for each paid period. */
static int64_t invoices_missing(struct db *db)
{
	return db_int(db,
		"SELECT (SELECT COUNT(*) FROM orders o LEFT JOIN invoice i ON i.source = 'order' AND i.source_id = o.id"
		"  AND i.kind = 'invoice' WHERE o.total > 0 AND o.paid_at >= (SELECT MIN(issued_at) FROM invoice) AND i.id IS NULL"
		"  AND NOT EXISTS (SELECT 1 FROM subscription s WHERE s.order_id = o.id))"
		" + (SELECT COUNT(*) FROM subscription_period p JOIN stripe_invoice s ON s.id = p.stripe_invoice AND s.total > 0"
		"  LEFT JOIN invoice i ON i.source = 'period' AND i.source_id = p.id AND i.kind = 'invoice'"
		"  WHERE p.created_at >= (SELECT MIN(issued_at) FROM invoice) AND i.id IS NULL)");
}

static const struct {
	const char *name;
	int64_t (*count)(struct db *db);
} promises[] = {
	{ "orders_lacking_rights", orders_lacking_rights },
	{ "subscriptions_lacking_rights", subscriptions_lacking_rights },
	{ "rights_lacking_source", rights_lacking_source },
	{ "rights_unfilled", rights_unfilled },
	{ "licenses_unlike_rights", licenses_unlike_rights },
	{ "seats_over", seats_over },
	{ "orders_paid_twice", orders_paid_twice },
	{ "balances_unlike_lots", balances_unlike_lots },
	{ "balances_unlike_ledger", balances_unlike_ledger },
	{ "lots_overspent", lots_overspent },
	{ "periods_missing", periods_missing },
	{ "periods_granted_twice", periods_granted_twice },
	{ "periods_not_granted", periods_not_granted },
	{ "counters_unlike_rows", counters_unlike_rows },
	{ "refunds_over", refunds_over },
	{ "invoice_gaps", invoice_gaps },
	{ "invoices_missing", invoices_missing },
};

int64_t invariants_prove(struct db *db)
{
	int64_t broken = 0;
	for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++) {
		int64_t rows = promises[i].count(db);
		broken += rows != 0;
		db_run(db,
			"INSERT INTO invariant (name, broken, checked_at) VALUES (?, ?, ?)"
			" ON DUPLICATE KEY UPDATE broken = VALUES(broken), checked_at = VALUES(checked_at)",
			promises[i].name, rows, moment_now());
	}
	return broken;
}
