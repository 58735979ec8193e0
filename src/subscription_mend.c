/* subscription_mend.c: what was paid of subscriptions and is not there: periods of paid invoices, rights of the plan in force. */
#include "audit.h"
#include "event.h"
#include "moment.h"
#include "sign.h"
#include "subscription_private.h"

/* Paid, ours, and of a plan that we know: it must have its period. */
#define PERIODLESS                                                                                                   \
	" FROM stripe_invoice i LEFT JOIN subscription_period m ON m.stripe_invoice = i.id"                                \
	" WHERE i.stripe_subscription = s.stripe_subscription AND i.status = 'paid' AND m.id IS NULL"                      \
	" AND i.lines_told <> 1 AND (i.total <> 0 OR s.status <> '') AND (i.period_end IS NOT NULL OR"     \
	" (i.billing_reason = 'subscription_update' AND i.change_end IS NOT NULL))"

/* In a period that holds now: the rights of the plan, and those to the period's own tokens; and tokens whose right is gone.
 * A change of plan, the months of a year, a month that another invoice brought the quota of may wait without a right. Takes the
 * moment twice. */
#define RIGHTLESS                                                                                                    \
	" (EXISTS (SELECT 1 FROM subscription_period p WHERE p.subscription_id = s.id AND p.state <> 'revoked'"            \
	"   AND p.ends_at > ?)"                                                                                            \
	"  AND EXISTS (SELECT 1 FROM benefit b WHERE b.price_id = s.price_id AND b.kind <> 'tokens' AND NOT EXISTS"        \
	"   (SELECT 1 FROM entitlement e WHERE e.source = 'subscription' AND e.source_id = s.id AND e.benefit_id = b.id))" \
	" OR (s.status <> '' AND EXISTS (SELECT 1 FROM subscription_period p JOIN price c ON c.id = p.price_id"            \
	"   AND c.recurring = 'month' JOIN benefit b ON b.price_id = p.price_id AND b.kind = 'tokens'"                     \
	"   WHERE p.subscription_id = s.id AND NOT p.changed AND p.state <> 'revoked' AND p.ends_at > ? AND NOT EXISTS"    \
	"   (SELECT 1 FROM entitlement e WHERE e.source = 'period' AND e.source_id = p.id AND e.benefit_id = b.id)"        \
	"   AND NOT EXISTS (SELECT 1 FROM token_lot l WHERE l.account_id = s.account_id AND l.subscription_id = s.id"      \
	"    AND l.period_start = p.starts_at AND l.kind = 'quota' AND l.state <> 'void')))"                               \
	" OR EXISTS (SELECT 1 FROM token_lot l LEFT JOIN entitlement e ON e.id = l.entitlement_id"                         \
	"   WHERE l.account_id = s.account_id AND l.subscription_id = s.id AND e.id IS NULL))"

int64_t periods_missing(struct db *db)
{
	int64_t unread = db_int(db, /* its lines were not read yet: a job asks for them */
		"SELECT COUNT(*) FROM stripe_invoice i JOIN subscription s ON s.stripe_subscription = i.stripe_subscription"
		" AND s.account_id > 0 LEFT JOIN subscription_period p ON p.stripe_invoice = i.id WHERE i.status = 'paid'"
		" AND p.id IS NULL AND i.lines_told = 1");
	return unread + db_int(db,
		"SELECT CAST(COALESCE(SUM((SELECT COUNT(*)" PERIODLESS ")), 0) AS SIGNED) FROM subscription s"
		" WHERE s.account_id > 0 AND s.price_id > 0");
}

int64_t subscriptions_lacking_rights(struct db *db)
{
	return db_int(db, "SELECT COUNT(*) FROM subscription s WHERE s.account_id > 0 AND s.price_id > 0 AND" RIGHTLESS,
		moment_now(), moment_now());
}

/* A period made anew, and the number of the one that was lost. */
struct renumbered {
	int64_t id, old_id;
};
ROW(renumbered, id, old_id);

/* The right to its tokens tells, else the invoice that was issued for it: of several, the first lost has the first. */
static const struct renumbered *renumbered(struct db *db, const struct subscription *subscription)
{
	const struct renumbered *found = db_one(db, renumbered,
		"SELECT p.id, e.source_id AS old_id FROM subscription_period p JOIN benefit b ON b.price_id = p.price_id"
		" JOIN entitlement e ON e.account_id = ? AND e.source = 'period' AND e.benefit_id = b.id"
		"  AND e.starts_at = p.starts_at AND e.ends_at = p.ends_at"
		" LEFT JOIN subscription_period x ON x.id = e.source_id WHERE p.subscription_id = ? AND x.id IS NULL"
		" AND NOT EXISTS (SELECT 1 FROM entitlement y WHERE y.source = 'period' AND y.source_id = p.id)"
		" ORDER BY p.starts_at, e.source_id LIMIT 1",
		subscription->account_id, subscription->id);
	return found ? found : db_one(db, renumbered,
		"SELECT p.id, d.source_id AS old_id FROM subscription_period p JOIN invoice d ON d.account_id = ?"
		" AND d.source = 'period' AND d.kind = 'invoice' AND d.total = p.amount AND d.currency = p.currency"
		" LEFT JOIN subscription_period x ON x.id = d.source_id WHERE p.subscription_id = ? AND x.id IS NULL"
		" AND NOT EXISTS (SELECT 1 FROM invoice y WHERE y.source = 'period' AND y.source_id = p.id)"
		" ORDER BY p.starts_at, d.source_id LIMIT 1",
		subscription->account_id, subscription->id);
}

/* A period that was lost comes back under its number: its tokens are there, and its invoice was issued. */
static void periods_restore(struct db *db, const struct subscription *subscription)
{
	const struct renumbered *one;
	subscription_periods_make(db, subscription);
	while ((one = renumbered(db, subscription)) != NULL)
		db_run(db, "UPDATE subscription_period SET id = ? WHERE id = ?", one->old_id, one->id);
}

/* Tokens whose right is gone. */
struct lost_right {
	int64_t id, period_id, benefit_id, product_id;
	const char *title, *price_title;
	struct moment starts_at, ends_at;
};
ROW(lost_right, id, period_id, benefit_id, product_id, title, price_title, starts_at, ends_at);

/* The period in which the lot began, the later of two, as the month of an annual plan is granted. */
static struct list lost_rights(struct db *db, const struct subscription *subscription)
{
	return db_all(db, lost_right,
		"SELECT l.entitlement_id AS id, p.id AS period_id, b.id AS benefit_id, b.product_id,"
		" COALESCE(dt.title, d.slug) AS title, COALESCE(pt.title, c.name) AS price_title, p.starts_at, p.ends_at"
		" FROM (SELECT entitlement_id, MIN(period_start) AS period_start FROM token_lot WHERE account_id = ?"
		"  AND subscription_id = ? GROUP BY entitlement_id) l LEFT JOIN entitlement e ON e.id = l.entitlement_id"
		" JOIN subscription_period p ON p.id = (SELECT q.id FROM subscription_period q WHERE q.subscription_id = ?"
		"  AND q.starts_at <= l.period_start AND q.ends_at > l.period_start"
		"  ORDER BY q.starts_at DESC, q.ends_at DESC, q.stripe_invoice DESC LIMIT 1)"
		" JOIN price c ON c.id = p.price_id JOIN benefit b ON b.price_id = c.id AND b.kind = 'tokens'"
		" JOIN product d ON d.id = b.product_id JOIN account a ON a.id = ?"
		" LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = c.id AND pt.language = a.language"
		" WHERE e.id IS NULL GROUP BY l.entitlement_id",
		subscription->account_id, subscription->id, subscription->id, subscription->account_id);
}

/* Under its number, so that what it brought is not granted again. */
static void token_rights_restore(struct db *db, const struct subscription *subscription)
{
	struct list lost = lost_rights(db, subscription);
	LIST_EACH(lost_right, right, lost) {
		db_run(db,
			"INSERT INTO entitlement (id, account_id, public_id, source, source_id, benefit_id, product_id, kind, state,"
			" title, price_title, starts_at, ends_at, created_at) VALUES (?, ?, ?, 'period', ?, ?, ?, 'tokens', 'active', ?, ?,"
			" ?, ?, ?) ON DUPLICATE KEY UPDATE id = id",
			right->id, subscription->account_id, random_id(db->mem), right->period_id, right->benefit_id, right->product_id,
			right->title, right->price_title, right->starts_at, right->ends_at, moment_now());
		audit_put(db, subscription->account_id, 0, "entitlement.granted", right->period_id, "tokens");
	}
}

static int64_t rights_of(struct db *db, const struct subscription *subscription)
{
	return db_int(db,
		"SELECT (SELECT COUNT(*) FROM entitlement WHERE source = 'subscription' AND source_id = ?) +"
		" (SELECT COUNT(*) FROM subscription_period p JOIN entitlement e ON e.source = 'period' AND e.source_id = p.id"
		"  WHERE p.subscription_id = ?)",
		subscription->id, subscription->id);
}

/* One that lacks something. */
struct lacking {
	const char *stripe_subscription;
};
ROW(lacking, stripe_subscription);

static struct fulfilment mend(struct db *db, const char *stripe_subscription)
{
	struct fulfilment done = { .orders = 1 };
	db_begin(db);
	const struct subscription *subscription = subscription_locked(db, stripe_subscription);
	periods_restore(db, subscription);
	done.skipped = rights_of(db, subscription);
	token_rights_restore(db, subscription);
	subscription_settle(db, stripe_subscription);
	done.created = rights_of(db, subscription) - done.skipped;
	db_commit(db);
	return done;
}

static struct fulfilment mend_each(struct db *db, struct list lacking)
{
	struct fulfilment sum = { 0 };
	LIST_EACH(lacking, one, lacking) {
		struct mem_mark mark = mem_mark(db->mem);
		struct fulfilment done = mend(db, one->stripe_subscription);
		sum.orders += done.orders;
		sum.created += done.created;
		sum.skipped += done.skipped;
		mem_rewind(db->mem, mark);
	}
	return sum;
}

struct fulfilment subscriptions_mend(struct db *db, struct moment since, int64_t limit)
{
	return mend_each(db, db_all(db, lacking,
		"SELECT s.stripe_subscription FROM subscription s WHERE s.updated_at >= ? AND s.account_id > 0 AND s.price_id > 0"
		" AND (EXISTS (SELECT 1" PERIODLESS ") OR" RIGHTLESS ") ORDER BY s.id LIMIT ?",
		since, moment_now(), moment_now(), limit));
}

struct fulfilment subscriptions_mend_account(struct db *db, int64_t account_id)
{
	struct fulfilment done = { .skipped = db_int(db,
		"SELECT COUNT(*) FROM entitlement WHERE account_id = ? AND source IN ('subscription', 'period')", account_id) };
	done.created = mend_each(db, db_all(db, lacking,
		"SELECT s.stripe_subscription FROM subscription s WHERE s.account_id = ? AND s.price_id > 0"
		" AND (EXISTS (SELECT 1" PERIODLESS ") OR" RIGHTLESS ") ORDER BY s.id LIMIT 1000",
		account_id, moment_now(), moment_now())).created;
	return done;
}
