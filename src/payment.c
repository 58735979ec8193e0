/* payment.c: the facts of payments, refunds and disputes, each kept so that the order of telling does not matter. */
#include "payment.h"

#include "moment.h"
#include "sign.h"

bool payment_told(struct db *db, struct payment_fact fact)
{
	struct moment now = moment_now();
	return 1 == db_run(db,
		"INSERT INTO payment (payment_intent, charge, stripe_invoice, amount, refunded, fraud_warning, transferred,"
		" created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
		" charge = IF(VALUES(charge) = '', charge, VALUES(charge)),"
		" stripe_invoice = IF(VALUES(stripe_invoice) = '', stripe_invoice, VALUES(stripe_invoice)),"
		" amount = GREATEST(amount, VALUES(amount)), refunded = GREATEST(refunded, VALUES(refunded)),"
		" transferred = transferred OR VALUES(transferred),"
		" fraud_warning = fraud_warning OR VALUES(fraud_warning), updated_at = VALUES(updated_at)",
		fact.payment_intent, fact.charge, fact.stripe_invoice, fact.amount, fact.refunded, fact.fraud_warning,
		fact.transferred, now, now);
}

void payments_told(struct db *db, const char *facts)
{
	struct moment now = moment_now();
	db_run(db,
		"INSERT INTO payment (payment_intent, charge, stripe_invoice, created_at, updated_at)"
		" SELECT t_intent, t_charge, t_invoice, ?, ? FROM JSON_TABLE(?, '$[*]' COLUMNS (t_intent VARCHAR(255) PATH '$.intent',"
		" t_charge VARCHAR(255) PATH '$.charge', t_invoice VARCHAR(255) PATH '$.invoice')) told ON DUPLICATE KEY UPDATE"
		" charge = IF(VALUES(charge) = '', charge, VALUES(charge)), stripe_invoice = VALUES(stripe_invoice),"
		" updated_at = VALUES(updated_at)",
		now, now, facts);
}

/* How far a refund has come: a later word never goes back. failed and canceled may follow succeeded (the bank sends the
 * money back), so they stand last. */
#define REFUND_RANK(status)                                                                                          \
	"FIELD(" status ", 'refused', 'asked', 'pending', 'requires_action', 'succeeded', 'canceled', 'failed')"

void refund_told(struct db *db, struct refund_fact fact)
{
	struct moment now = moment_now();
	if (*fact.public_id)
		db_run(db, "UPDATE refund SET stripe_refund = ? WHERE public_id = ? AND stripe_refund IS NULL",
			fact.stripe_refund, fact.public_id);
	db_run(db,
		"INSERT INTO refund (public_id, stripe_refund, payment_intent, amount, currency, status, created_at, updated_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
		" status = IF(" REFUND_RANK("VALUES(status)") " > " REFUND_RANK("status") ", VALUES(status), status),"
		" amount = VALUES(amount), updated_at = VALUES(updated_at)",
		random_id(db->mem), fact.stripe_refund, fact.payment_intent, fact.amount, fact.currency, fact.status, now, now);
}

#define DISPUTE_FINAL "('won', 'lost', 'warning_closed', 'prevented')"

void dispute_told(struct db *db, struct dispute_fact fact)
{
	/* status is set last: what stands before it still sees the old one. An inquiry becomes a dispute, never the other way
	 * round: that tells which is the later of two of one second. */
	db_run(db,
		"INSERT INTO dispute (public_id, stripe_dispute, payment_intent, charge, status, reason, amount, currency, opened_at,"
		" closed_at, due_by, told_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, IF(? IN " DISPUTE_FINAL ", ?, NULL), ?, ?)"
		" ON DUPLICATE KEY UPDATE"
		" due_by = COALESCE(VALUES(due_by), due_by), amount = VALUES(amount),"
		" closed_at = COALESCE(closed_at, VALUES(closed_at)),"
		" status = CASE WHEN status IN " DISPUTE_FINAL " THEN status"
		"  WHEN VALUES(status) IN " DISPUTE_FINAL " OR VALUES(told_at) > told_at THEN VALUES(status)"
		"  WHEN VALUES(told_at) = told_at AND status LIKE 'warning%' THEN VALUES(status) ELSE status END,"
		" told_at = GREATEST(told_at, VALUES(told_at))",
		random_id(db->mem), fact.stripe_dispute, fact.payment_intent, fact.charge, fact.status, fact.reason, fact.amount,
		fact.currency, fact.opened_at, fact.status, fact.told_at, fact.due_by, fact.told_at);
}

bool inquiry_alert(struct db *db, const char *payment_intent)
{
	return db_run(db, "UPDATE dispute SET alerted = TRUE WHERE payment_intent = ? AND NOT alerted AND status LIKE 'warning%'",
		payment_intent) > 0;
}

bool payment_contested(struct db *db, const char *payment_intent)
{
	return db_int(db,
		"SELECT p.refunded > 0 OR EXISTS (SELECT 1 FROM refund r WHERE r.payment_intent = p.payment_intent)"
		" OR EXISTS (SELECT 1 FROM dispute d WHERE d.payment_intent = p.payment_intent)"
		" FROM payment p WHERE p.payment_intent = ?",
		payment_intent);
}

ROW(payment, id, payment_intent, charge, stripe_invoice, amount, refunded, refund_failed, dispute_open, dispute_lost,
	inquiry);

/* A charge's own count may or may not still hold what failed, and a refund's own event may come late: what the buyer has back
 * is the greater of both ways of counting. */
const struct payment *payment_of(struct db *db, const char *payment_intent)
{
	return db_one(db, payment,
		"SELECT p.id, p.payment_intent, p.charge, p.stripe_invoice, p.amount,"
		" GREATEST(0, GREATEST(p.refunded, COALESCE(r.sent, 0)) - COALESCE(r.failed, 0)) AS refunded,"
		" COALESCE(r.failed, 0) AS refund_failed,"
		" COALESCE(d.is_open, 0) AS dispute_open, COALESCE(d.is_lost, 0) AS dispute_lost,"
		" COALESCE(d.is_inquiry, 0) AS inquiry FROM payment p"
		" LEFT JOIN (SELECT payment_intent, CAST(SUM(amount) AS SIGNED) AS sent,"
		"  CAST(SUM(IF(status IN ('failed', 'canceled'), amount, 0)) AS SIGNED) AS failed FROM refund"
		"  WHERE payment_intent = ? AND status NOT IN ('asked', 'refused') GROUP BY payment_intent) r"
		"  ON r.payment_intent = p.payment_intent"
		" LEFT JOIN (SELECT payment_intent, MAX(status NOT LIKE 'warning%' AND status NOT IN " DISPUTE_FINAL ") AS is_open,"
		"  MAX(status = 'lost') AS is_lost, MAX(status LIKE 'warning%' AND status <> 'warning_closed') AS is_inquiry"
		"  FROM dispute WHERE payment_intent = ? GROUP BY payment_intent) d ON d.payment_intent = p.payment_intent"
		" WHERE p.payment_intent = ?",
		payment_intent, payment_intent, payment_intent);
}
