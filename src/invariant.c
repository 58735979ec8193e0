/* invariant.c: what must never be, counted. A promise of a new noun is one function and one row. */
#include "invariant.h"

#include "entitlement.h"
#include "moment.h"

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

/* Since the first was issued: older orders were paid before there were any. */
static int64_t invoices_missing(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM orders o LEFT JOIN invoice i ON i.source = 'order' AND i.source_id = o.id AND i.kind = 'invoice'"
		" WHERE o.total > 0 AND o.paid_at >= (SELECT MIN(issued_at) FROM invoice) AND i.id IS NULL");
}

static const struct {
	const char *name;
	int64_t (*count)(struct db *db);
} promises[] = {
	{ "orders_lacking_rights", orders_lacking_rights },
	{ "rights_lacking_source", rights_lacking_source },
	{ "licenses_unlike_rights", licenses_unlike_rights },
	{ "seats_over", seats_over },
	{ "orders_paid_twice", orders_paid_twice },
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

struct list invariants_known(struct db *db)
{
	return db_all(db, invariant, "SELECT name, broken, checked_at FROM invariant ORDER BY broken = 0, name");
}
