/* subscription_right.c: the rights of a subscription: one per benefit of the plan in force, for as long as it is paid. A change
 * of plan keeps the right, so that a licence keeps its key, when the new plan gives the same kind of thing. */
#include <string.h>

#include "access.h"
#include "audit.h"
#include "entitlement.h"
#include "license.h"
#include "moment.h"
#include "sign.h"
#include "subscription_settle.h"

/* One benefit of the plan, the words of its product and price, and the right it has already (0: none). */
struct due {
	int64_t benefit_id, product_id;
	const char *kind, *parts, *module, *title, *price_title;
	bool unlimited, transferable;
	int64_t seats, right_id;
};
ROW(due, benefit_id, product_id, kind, parts, module, title, price_title, unlimited, transferable, seats, right_id);

static struct list dues_of(struct db *db, const struct subscription *subscription)
{
	return db_all(db, due,
		"SELECT b.id AS benefit_id, b.product_id, b.kind, b.parts, b.module, COALESCE(dt.title, d.slug) AS title,"
		" COALESCE(pt.title, p.name) AS price_title, b.seats IS NULL AS unlimited, b.transferable,"
		" COALESCE(b.seats, 0) AS seats, COALESCE(e.id, 0) AS right_id"
		" FROM price p JOIN benefit b ON b.price_id = p.id JOIN product d ON d.id = b.product_id"
		" JOIN account a ON a.id = ?"
		" LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = p.id AND pt.language = a.language"
		" LEFT JOIN entitlement e FORCE INDEX (entitlement_source) ON e.source = 'subscription' AND e.source_id = ?"
		"  AND e.benefit_id = b.id"
		" WHERE p.id = ? AND b.kind <> 'tokens' ORDER BY b.position, b.id",
		subscription->account_id, subscription->id, subscription->price_id);
}

/* A right of this subscription to the same kind of thing that the plan in force does not give; 0: none. */
static int64_t right_left(struct db *db, const struct subscription *subscription, const struct due *due)
{
	return db_int(db,
		"SELECT e.id FROM entitlement e JOIN benefit b ON b.id = e.benefit_id WHERE e.source = 'subscription'"
		" AND e.source_id = ? AND b.price_id <> ? AND e.kind = ? AND e.product_id = ? AND b.module = ?"
		" AND e.deleted_at IS NULL ORDER BY e.id LIMIT 1",
		subscription->id, subscription->price_id, due->kind, due->product_id, due->module);
}

static void right_move_over(struct db *db, int64_t right_id, const struct due *due)
{
	db_run(db, "UPDATE entitlement SET benefit_id = ?, price_title = ?, parts = ? WHERE id = ?", due->benefit_id,
		due->price_title, due->parts, right_id);
	db_run(db, "UPDATE license SET seats = IF(?, NULL, ?), price_title = ? WHERE entitlement_id = ?", due->unlimited,
		due->seats, due->price_title, right_id);
	db_run(db,
		"UPDATE module_access m JOIN benefit b ON b.id = ? SET m.level = b.level WHERE m.entitlement_id = ?",
		due->benefit_id, right_id);
}

/* Also of what was paid and given back before we heard of either: it is there, and revoked, as if we had heard in time. */
static int64_t right_insert(struct db *db, const struct subscription *subscription, const struct due *due,
	const struct standing *standing)
{
	struct moment until = standing->until.us ? standing->until : standing->since;
	const char *number = db_text(db, "SELECT number FROM orders WHERE id = ?", subscription->order_id);
	db_run(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, order_id, product_id, kind, state,"
		" title, price_title, order_number, parts, starts_at, ends_at, created_at)"
		" VALUES (?, ?, 'subscription', ?, ?, ?, ?, ?, 'active', ?, ?, COALESCE(?, ''), ?, ?, ?, ?)"
		" ON DUPLICATE KEY UPDATE id = id",
		subscription->account_id, random_id(db->mem), subscription->id, due->benefit_id, subscription->order_id,
		due->product_id, due->kind, due->title, due->price_title, number, due->parts, standing->since, until,
		moment_now());
	int64_t id = db_int(db,
		"SELECT id FROM entitlement WHERE source = 'subscription' AND source_id = ? AND benefit_id = ?", subscription->id,
		due->benefit_id);
	if (!strcmp(due->kind, "license"))
		license_issue(db, (struct license_issue){ .account_id = subscription->account_id, .entitlement_id = id,
			.product_id = due->product_id, .title = due->title, .price_title = due->price_title,
			.order_number = number ? number : "", .unlimited = due->unlimited, .seats = due->seats,
			.transferable = due->transferable, .expires_at = until });
	if (!strcmp(due->kind, "module"))
		access_grant(db, id);
	audit_put(db, subscription->account_id, 0, "entitlement.granted", id, due->kind);
	return id;
}

static void right_times(struct db *db, int64_t right_id, struct moment since, struct moment until)
{
	db_run(db, "UPDATE entitlement SET starts_at = ?, ends_at = ? WHERE id = ?", since, until, right_id);
	db_run(db, "UPDATE license SET expires_at = ? WHERE entitlement_id = ?", until, right_id);
	db_run(db, "UPDATE module_access SET starts_at = ?, ends_at = ? WHERE entitlement_id = ?", since, until, right_id);
}

struct left {
	int64_t id;
};
ROW(left, id);

/* What an earlier plan gave and this one does not. */
static void rights_end(struct db *db, const struct subscription *subscription)
{
	struct list rights = db_all(db, left,
		"SELECT e.id FROM entitlement e JOIN benefit b ON b.id = e.benefit_id WHERE e.source = 'subscription'"
		" AND e.source_id = ? AND b.price_id <> ? AND e.state <> 'expired'",
		subscription->id, subscription->price_id);
	LIST_EACH(left, right, rights)
		entitlement_settle(db, right->id, "expired", "plan_changed");
}

void subscription_rights(struct db *db, const struct subscription *subscription, const struct standing *standing)
{
	struct list dues = dues_of(db, subscription);
	LIST_EACH(due, due, dues) {
		bool lasts = !strcmp(due->kind, "download"), none = !standing->until.us;
		int64_t right_id = due->right_id;
		if (!right_id && (right_id = right_left(db, subscription, due)) != 0)
			right_move_over(db, right_id, due);
		if (!right_id)
			right_id = right_insert(db, subscription, due, standing);
		entitlement_settle(db, right_id, lasts ? standing->state : standing->use_state,
			lasts ? standing->reason : standing->use_reason);
		if (!none)
			right_times(db, right_id, standing->since, standing->until);
	}
	rights_end(db, subscription);
}
