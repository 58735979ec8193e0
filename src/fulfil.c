/* fulfil.c: the only road from money to rights (domain.md §2). */
#include <string.h>

#include "access.h"
#include "entitlement.h"
#include "event.h"
#include "fail.h"
#include "license.h"
#include "log.h"
#include "moment.h"
#include "order.h"
#include "sign.h"
#include "token.h"

/* One benefit of one line of the order, and whether the order has brought any rights already. */
struct due {
	int64_t line_id, quantity, benefit_id, product_id;
	const char *title, *price_title, *kind, *parts;
	bool seats_unlimited, transferable, updates_ever, duration_ever, held;
	int64_t seats, updates_days, duration_days;
};
ROW(due, line_id, quantity, benefit_id, product_id, title, price_title, kind, parts, seats_unlimited, transferable,
	updates_ever, duration_ever, seats, updates_days, duration_days, held);

static struct list dues_of(struct db *db, int64_t order_id)
{
	return db_all(db, due,
		"SELECT STRAIGHT_JOIN l.id AS line_id, l.quantity, b.id AS benefit_id, b.product_id, l.title, l.price_title, b.kind, b.parts,"
		" b.seats IS NULL AS seats_unlimited, b.transferable, b.updates_days IS NULL AS updates_ever,"
		" b.duration_days IS NULL AS duration_ever, COALESCE(b.seats, 0) AS seats,"
		" COALESCE(b.updates_days, 0) AS updates_days, COALESCE(b.duration_days, 0) AS duration_days,"
		" EXISTS (SELECT 1 FROM entitlement e WHERE e.order_id = ?) AS held"
		" FROM order_line l JOIN benefit b ON b.price_id = l.price_id WHERE l.order_id = ? ORDER BY l.position",
		order_id, order_id);
}

/* A quantity of licences is that many keys; of anything else, one right. */
static int64_t rights_of(const struct due *due)
{
	return strcmp(due->kind, "license") ? 1 : due->quantity;
}

static struct moment after(bool ever, struct moment from, int64_t days)
{
	return ever ? (struct moment){ 0 } : moment_add_days(from, days);
}

/* Asked only when the order has brought some rights already, which is rare: it is locked, so nobody adds any. */
static bool right_exists(struct db *db, const struct due *due, int64_t ordinal)
{
	return due->held && db_int(db,
		"SELECT id FROM entitlement WHERE source = 'order_line' AND source_id = ? AND benefit_id = ? AND ordinal = ?",
		due->line_id, due->benefit_id, ordinal);
}

static int64_t right_insert(struct db *db, const struct order *order, const struct due *due, int64_t ordinal)
{
	struct moment now = moment_now(), from = order->paid_at.us ? order->paid_at : now;
	struct moment updates = after(due->updates_ever, from, due->updates_days);
	struct moment ends = after(due->duration_ever, from, due->duration_days);
	int64_t id = db_insert(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, ordinal, order_id, product_id,"
		" kind, state, title, price_title, order_number, parts, updates_until, starts_at, ends_at, created_at)"
		" VALUES (?, ?, 'order_line', ?, ?, ?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?, ?, ?)",
		order->account_id, random_id(db->mem), due->line_id, due->benefit_id, ordinal, order->id, due->product_id,
		due->kind, due->title, due->price_title, order->number, due->parts, updates, from, ends, now);
	if (!strcmp(due->kind, "license"))
		license_issue(db, (struct license_issue){ .account_id = order->account_id, .entitlement_id = id,
			.product_id = due->product_id, .title = due->title, .price_title = due->price_title,
			.order_number = order->number, .unlimited = due->seats_unlimited, .seats = due->seats,
			.transferable = due->transferable, .updates_until = updates, .expires_at = ends });
	if (!strcmp(due->kind, "tokens"))
		token_grant(db, id);
	if (!strcmp(due->kind, "module"))
		access_grant(db, id);
	return id;
}

/* One statement for all rights that came into being now. */
static void grants_audit(struct db *db, const struct order *order, int64_t first_id)
{
	db_run(db,
		"INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"
		" SELECT account_id, 0, 'entitlement.granted', id, kind, ?, ? FROM entitlement WHERE order_id = ? AND id >= ?",
		log_request_id(), moment_now(), order->id, first_id);
}

static bool order_is_paid(const struct order *order)
{
	return !strcmp(order->state, "paid") || !strcmp(order->state, "partially_refunded");
}

struct fulfilment order_fulfil(struct db *db, const struct order *order)
{
	struct fulfilment done = { .orders = 1 };
	int64_t first_id = 0;
	if (!order || !order_is_paid(order))
		fail("order.unpaid", "order %s is not paid: nothing to fulfil", order ? order->number : "(none)");
	struct list dues = dues_of(db, order->id);
	LIST_EACH(due, due, dues)
		for (int64_t ordinal = 0; ordinal < rights_of(due); ordinal++) {
			if (right_exists(db, due, ordinal)) {
				done.skipped++;
				continue;
			}
			int64_t id = right_insert(db, order, due, ordinal);
			first_id = first_id ? first_id : id;
			done.created++;
		}
	if (!done.created)
		return done;
	grants_audit(db, order, first_id);
	event_put(db, "entitlement.granted", order->account_id, order->id,
		mem_format(db->mem, "{\"created\":%lld}", (long long)done.created));
	return done;
}

struct order_ref {
	int64_t id;
};
ROW(order_ref, id);

static struct fulfilment fulfil_each(struct db *db, struct list orders)
{
	struct fulfilment sum = { 0 };
	LIST_EACH(order_ref, ref, orders) {
		db_begin(db);
		const struct order *order = order_locked(db, ref->id);
		if (!order_is_paid(order)) { /* refunded a moment ago */
			db_rollback(db);
			continue;
		}
		struct fulfilment one = order_fulfil(db, order);
		db_commit(db);
		sum.orders += one.orders;
		sum.created += one.created;
		sum.skipped += one.skipped;
	}
	return sum;
}

struct fulfilment orders_fulfil_account(struct db *db, int64_t account_id)
{
	return fulfil_each(db, db_all(db, order_ref,
		"SELECT id FROM orders WHERE account_id = ? AND state IN ('paid', 'partially_refunded') ORDER BY id DESC"
		" LIMIT 1000",
		account_id));
}

struct fulfilment orders_fulfil_missing(struct db *db, struct moment since, int64_t limit)
{
	return fulfil_each(db, db_all(db, order_ref,
		"SELECT DISTINCT o.id FROM orders o JOIN order_line l ON l.order_id = o.id"
		" JOIN benefit b ON b.price_id = l.price_id"
		" WHERE o.state IN ('paid', 'partially_refunded') AND o.updated_at >= ?"
		" AND (SELECT COUNT(*) FROM entitlement e WHERE e.source = 'order_line' AND e.source_id = l.id"
		"  AND e.benefit_id = b.id) < IF(b.kind = 'license', l.quantity, 1)"
		" ORDER BY o.id LIMIT ?",
		since, limit));
}

int64_t orders_lacking_rights(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(DISTINCT o.id) FROM orders o JOIN order_line l ON l.order_id = o.id"
		" JOIN benefit b ON b.price_id = l.price_id"
		" WHERE o.state IN ('paid', 'partially_refunded')"
		" AND (SELECT COUNT(*) FROM entitlement e WHERE e.source = 'order_line' AND e.source_id = l.id"
		"  AND e.benefit_id = b.id) < IF(b.kind = 'license', l.quantity, 1)");
}
