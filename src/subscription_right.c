/* subscription_right.c: the rights of a subscription: one per benefit of the plan in force, for as long as it is paid. A change
 * of plan keeps the right, so that a licence keeps its key, when the new plan gives the same kind of thing. */
#include <string.h>

#include "access.h"
#include "audit.h"
#include "entitlement.h"
#include "license.h"
#include "moment.h"
#include "sign.h"
#include "subscription_private.h"

/* One benefit of the plan, and the words of its product, price and order. */
struct due {
	int64_t benefit_id, product_id;
	const char *kind, *parts, *module, *title, *price_title, *order_number;
	bool unlimited, transferable;
	int64_t seats;
};
ROW(due, benefit_id, product_id, kind, parts, module, title, price_title, order_number, unlimited, transferable, seats);

static struct list dues_of(struct db *db, const struct subscription *subscription)
{
	return db_all(db, due,
		"SELECT b.id AS benefit_id, b.product_id, b.kind, b.parts, b.module, COALESCE(dt.title, d.slug) AS title,"
		" COALESCE(pt.title, p.name) AS price_title, COALESCE(o.number, '') AS order_number, b.seats IS NULL AS unlimited,"
		" b.transferable, COALESCE(b.seats, 0) AS seats"
		" FROM price p JOIN benefit b ON b.price_id = p.id JOIN product d ON d.id = b.product_id"
		" JOIN account a ON a.id = ? LEFT JOIN orders o ON o.id = ?"
		" LEFT JOIN product_text dt ON dt.product_id = d.id AND dt.language = a.language"
		" LEFT JOIN price_text pt ON pt.price_id = p.id AND pt.language = a.language"
		" WHERE p.id = ? AND b.kind <> 'tokens' ORDER BY b.position, b.id",
		subscription->account_id, subscription->order_id, subscription->price_id);
}

/* A right the subscription gave once. */
struct given {
	int64_t id, benefit_id, price_id, product_id;
	const char *kind, *module, *state;
	bool deleted;
};
ROW(given, id, benefit_id, price_id, product_id, kind, module, state, deleted);

static struct list givens_of(struct db *db, const struct subscription *subscription)
{
	return db_all(db, given,
		"SELECT e.id, e.benefit_id, b.price_id, e.product_id, e.kind, b.module, e.state, e.deleted_at IS NOT NULL AS deleted"
		" FROM entitlement e FORCE INDEX (entitlement_source) JOIN benefit b ON b.id = e.benefit_id"
		" WHERE e.source = 'subscription' AND e.source_id = ? ORDER BY e.id",
		subscription->id);
}

/* Whether an earlier plan gave it, to the same kind of thing. */
static bool fits(const struct given *right, const struct due *due, int64_t price_id)
{
	return right->price_id != price_id && right->product_id == due->product_id && !right->deleted &&
		!strcmp(right->kind, due->kind) && !strcmp(right->module, due->module);
}

/* The right to this benefit; or one of an earlier plan that can become it; NULL: neither. */
static struct given *given_for(struct list givens, const struct due *due, int64_t price_id)
{
	struct given *rights = givens.items, *left = NULL;
	for (size_t i = 0; i < givens.count; i++) {
		if (rights[i].benefit_id == due->benefit_id)
			return &rights[i];
		if (!left && fits(&rights[i], due, price_id))
			left = &rights[i];
	}
	return left;
}

static void right_move_over(struct db *db, struct given *right, const struct due *due, int64_t price_id)
{
	db_run(db, "UPDATE entitlement SET benefit_id = ?, price_title = ?, parts = ? WHERE id = ?", due->benefit_id,
		due->price_title, due->parts, right->id);
	db_run(db, "UPDATE license SET seats = IF(?, NULL, ?), price_title = ? WHERE entitlement_id = ?", due->unlimited,
		due->seats, due->price_title, right->id);
	db_run(db,
		"UPDATE module_access m JOIN benefit b ON b.id = ? SET m.level = b.level WHERE m.entitlement_id = ?",
		due->benefit_id, right->id);
	right->benefit_id = due->benefit_id;
	right->price_id = price_id;
}

/* Also of what was paid and given back before we heard of either: it is there, and revoked, as if we had heard in time. */
static int64_t right_insert(struct db *db, const struct subscription *subscription, const struct due *due,
	const struct standing *standing)
{
	struct moment until = standing->until.us ? standing->until : standing->since;
	int64_t id = db_insert(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, order_id, product_id, kind, state,"
		" title, price_title, order_number, parts, starts_at, ends_at, created_at)"
		" VALUES (?, ?, 'subscription', ?, ?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?, ?)",
		subscription->account_id, random_id(db->mem), subscription->id, due->benefit_id, subscription->order_id,
		due->product_id, due->kind, due->title, due->price_title, due->order_number, due->parts, standing->since, until,
		moment_now());
	if (!strcmp(due->kind, "license"))
		license_issue(db, (struct license_issue){ .account_id = subscription->account_id, .entitlement_id = id,
			.product_id = due->product_id, .title = due->title, .price_title = due->price_title,
			.order_number = due->order_number, .unlimited = due->unlimited, .seats = due->seats,
			.transferable = due->transferable, .expires_at = until });
	if (!strcmp(due->kind, "module"))
		access_grant(db, id);
	audit_put(db, subscription->account_id, 0, "entitlement.granted", id, due->kind);
	return id;
}

static void right_times(struct db *db, int64_t right_id, const char *kind, struct moment since, struct moment until)
{
	db_run(db, "UPDATE entitlement SET starts_at = ?, ends_at = ? WHERE id = ?", since, until, right_id);
	if (!strcmp(kind, "license"))
		db_run(db, "UPDATE license SET expires_at = ? WHERE entitlement_id = ?", until, right_id);
	if (!strcmp(kind, "module"))
		db_run(db, "UPDATE module_access SET starts_at = ?, ends_at = ? WHERE entitlement_id = ?", since, until, right_id);
}

/* A new right is active and has its times already. */
static void right_give(struct db *db, const struct subscription *subscription, const struct due *due, struct given *given,
	const struct standing *standing)
{
	bool lasts = !strcmp(due->kind, "download");
	const char *state = lasts ? standing->state : standing->use_state;
	if (given && given->benefit_id != due->benefit_id)
		right_move_over(db, given, due, subscription->price_id);
	int64_t right_id = given ? given->id : right_insert(db, subscription, due, standing);
	if (given || strcmp(state, "active"))
		entitlement_settle(db, right_id, state, lasts ? standing->reason : standing->use_reason);
	if (given && standing->until.us)
		right_times(db, right_id, due->kind, standing->since, standing->until);
}

void subscription_rights(struct db *db, const struct subscription *subscription, const struct standing *standing)
{
	struct list dues = dues_of(db, subscription), givens = givens_of(db, subscription);
	LIST_EACH(due, due, dues)
		right_give(db, subscription, due, given_for(givens, due, subscription->price_id), standing);
	LIST_EACH(given, given, givens) /* what an earlier plan gave and this one does not */
		if (given->price_id != subscription->price_id && strcmp(given->state, "expired"))
			entitlement_settle(db, given->id, "expired", "plan_changed");
}
