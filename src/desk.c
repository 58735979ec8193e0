/* desk.c: orders and disputes as staff see them in lists. */
#include "desk.h"

#include <string.h>

#include "conf.h"
#include "form.h"
#include "moment.h"
#include "session.h"

#define DESK_ORDER                                                                                                   \
	"SELECT o.id, o.number, a.email, IF(o.review = '', o.state, 'review') AS state, '' AS state_label,"                \
	" o.review AS review_label, o.total, o.currency, o.created_at FROM orders o"

static struct list labelled(struct request *req, struct list list)
{
	struct desk_order *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rows[i].state_label = word_of(req, "state.order", rows[i].state);
		if (*rows[i].review_label)
			rows[i].review_label = word_of(req, "review", rows[i].review_label);
	}
	return list;
}

struct list desk_held(struct request *req, int64_t account_id, int64_t limit)
{
	return labelled(req, db_all(req->db, desk_order,
		DESK_ORDER " FORCE INDEX (orders_review) JOIN account a ON a.id = o.account_id WHERE o.review > ''"
		" AND (? = 0 OR o.account_id = ?) ORDER BY o.id DESC LIMIT ?",
		account_id, account_id, limit));
}

struct list desk_orders(struct request *req, int64_t account_id, int64_t before, int64_t limit)
{
	if (account_id)
		return labelled(req, db_all(req->db, desk_order,
			DESK_ORDER " FORCE INDEX (orders_account) JOIN account a ON a.id = o.account_id"
			" WHERE o.account_id = ? AND o.id < ? ORDER BY o.id DESC LIMIT ?",
			account_id, before, limit));
	return labelled(req, db_all(req->db, desk_order,
		DESK_ORDER " FORCE INDEX (PRIMARY) STRAIGHT_JOIN account a ON a.id = o.account_id WHERE o.id < ?"
		" ORDER BY o.id DESC LIMIT ?",
		before, limit));
}

#define DISPUTE_FINAL "('won', 'lost', 'warning_closed', 'prevented')"
#define DESK_DISPUTE                                                                                                 \
	"SELECT d.public_id AS dispute, COALESCE(o.number, b.number, '') AS number, d.status, '' AS status_label,"                   \
	" d.reason AS reason_label, d.amount, d.currency, d.opened_at, d.due_by, d.closed_at IS NULL AS is_open,"          \
	" d.status LIKE 'warning%' AS is_inquiry, d.closed_at IS NULL AND COALESCE(d.due_by < ?, FALSE) AS is_late,"       \
	" GREATEST(0, COALESCE(TIMESTAMPDIFF(DAY, ?, d.due_by), 0)) AS days_left FROM dispute d"                            \
	" LEFT JOIN orders o ON o.stripe_payment = d.payment_intent"                                                       \
	" LEFT JOIN payment y ON y.payment_intent = d.payment_intent AND y.stripe_invoice > ''"                            \
	" LEFT JOIN subscription_period p ON p.stripe_invoice = y.stripe_invoice"                                          \
	" LEFT JOIN subscription s ON s.id = p.subscription_id LEFT JOIN orders b ON b.id = s.order_id"

static struct list worded(struct request *req, struct list list)
{
	struct desk_dispute *rows = list.items;
	for (size_t i = 0; i < list.count; i++) {
		rows[i].status_label = word_of(req, "state.dispute", rows[i].status);
		rows[i].reason_label = word_of(req, "dispute.reason", *rows[i].reason_label ? rows[i].reason_label : "general");
	}
	return list;
}

struct list desk_disputes(struct request *req, int64_t limit)
{
	struct moment now = moment_now();
	return worded(req, db_all(req->db, desk_dispute,
		DESK_DISPUTE " ORDER BY d.closed_at IS NOT NULL, d.due_by IS NULL, IF(d.closed_at IS NULL, d.due_by, NULL), d.id DESC"
		" LIMIT ?", now, now, limit));
}

struct list desk_dispute_named(struct request *req, const char *public_id)
{
	struct moment now = moment_now();
	return worded(req, db_all(req->db, desk_dispute, DESK_DISPUTE " WHERE d.public_id = ?", now, now, public_id));
}

struct list desk_disputes_of(struct request *req, int64_t order_id)
{
	struct moment now = moment_now();
	return worded(req, db_all(req->db, desk_dispute, DESK_DISPUTE " WHERE o.id = ? OR b.id = ? ORDER BY d.id", now, now,
		order_id, order_id));
}

struct list desk_warnings(struct request *req, int64_t limit)
{
	return db_all(req->db, desk_warning,
		"SELECT COALESCE(o.number, b.number, '') AS number, COALESCE(a.email, '') AS email, COALESCE(o.total, p.amount, y.amount)"
		" AS amount, COALESCE(o.currency, p.currency, 'eur') AS currency, y.created_at AS paid_at FROM payment y"
		" LEFT JOIN orders o ON o.stripe_payment = y.payment_intent"
		" LEFT JOIN subscription_period p ON p.stripe_invoice = y.stripe_invoice AND y.stripe_invoice > ''"
		" LEFT JOIN subscription s ON s.id = p.subscription_id LEFT JOIN orders b ON b.id = s.order_id"
		" LEFT JOIN account a ON a.id = COALESCE(o.account_id, b.account_id)"
		" WHERE y.fraud_warning AND y.refunded = 0 AND COALESCE(o.id, b.id) IS NOT NULL"
		" AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.payment_intent = y.payment_intent)"
		" AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.payment_intent = y.payment_intent"
		"  AND r.status IN ('asked', 'pending', 'requires_action', 'succeeded')) ORDER BY y.id DESC LIMIT ?",
		limit);
}

bool desk_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 32 || (unsigned char)*text > 126)
			return false;
	return true;
}

struct decision decision_of(struct request *req, const char *reason)
{
	return (struct decision){ req->account_id, reason };
}

void prove_first(struct request *req, const char *path)
{
	if (!session_is_proved(req))
		see_other(req, "/reauth?next=%s", url_encode(req->mem, path));
}

const char *stripe_page(struct request *req, const char *kind, const char *id)
{
	return mem_format(req->mem, "https://dashboard.stripe.com/%s%s/%s", conf.stripe_livemode ? "" : "test/", kind, id);
}
