/* staff_give.c: a right that staff give, with a reason in the place of an order. */
#include <string.h>

#include "access.h"
#include "audit.h"
#include "event.h"
#include "license.h"
#include "moment.h"
#include "staff.h"
#include "token.h"

struct gift {
	int64_t id, product_id, seats, updates_days, duration_days;
	const char *kind, *parts, *title, *price_title;
	bool seats_unlimited, transferable, updates_ever, duration_ever;
};
ROW(gift, id, product_id, seats, updates_days, duration_days, kind, parts, title, price_title, seats_unlimited, transferable,
	updates_ever, duration_ever);

struct receiver {
	int64_t id;
	const char *language;
};
ROW(receiver, id, language);

static const struct gift *gift_of(struct db *db, int64_t benefit_id, const char *language)
{
	return db_one(db, gift,
		"SELECT b.id, b.product_id, COALESCE(b.seats, 0) AS seats, COALESCE(b.updates_days, 0) AS updates_days,"
		" COALESCE(b.duration_days, 0) AS duration_days, b.kind, b.parts, d.title, p.title AS price_title,"
		" b.seats IS NULL AS seats_unlimited, b.transferable, b.updates_days IS NULL AS updates_ever,"
		" b.duration_days IS NULL AS duration_ever FROM benefit b"
		" JOIN product_text d ON d.product_id = b.product_id AND d.language = ?"
		" JOIN price_text p ON p.price_id = b.price_id AND p.language = ? WHERE b.id = ?",
		language, language, benefit_id);
}

static struct moment after(bool ever, struct moment from, int64_t days)
{
	return ever ? (struct moment){ 0 } : moment_add_days(from, days);
}

static int64_t right_insert(struct db *db, const char *key, int64_t account_id, const struct gift *gift, int64_t audit_id)
{
	struct moment now = moment_now();
	struct moment updates = after(gift->updates_ever, now, gift->updates_days);
	struct moment ends = after(gift->duration_ever, now, gift->duration_days);
	int64_t id = db_insert(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, product_id, kind, state, title,"
		" price_title, parts, updates_until, starts_at, ends_at, created_at)"
		" VALUES (?, ?, 'manual', ?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?, ?)",
		account_id, key, audit_id, gift->id, gift->product_id, gift->kind, gift->title, gift->price_title, gift->parts,
		updates, now, ends, now);
	if (!strcmp(gift->kind, "license"))
		license_issue(db, (struct license_issue){ .account_id = account_id, .entitlement_id = id,
			.product_id = gift->product_id, .title = gift->title, .price_title = gift->price_title, .order_number = "",
			.unlimited = gift->seats_unlimited, .seats = gift->seats, .transferable = gift->transferable,
			.updates_until = updates, .expires_at = ends });
	token_grant(db, id); /* each does nothing for a right of another kind */
	access_grant(db, id);
	return id;
}

enum right_given right_give(struct db *db, const char *key, const char *email, int64_t benefit_id, struct decision decision)
{
	db_begin(db);
	/* The account's row stands in line for its rights: a form sent twice finds the first one's. */
	const struct receiver *receiver = db_one(db, receiver, "SELECT id, language FROM account WHERE email = ? FOR UPDATE", email);
	const struct gift *gift = receiver ? gift_of(db, benefit_id, receiver->language) : NULL;
	if (!gift) {
		db_rollback(db);
		return receiver ? RIGHT_NO_BENEFIT : RIGHT_NO_ACCOUNT;
	}
	if (!db_int(db, "SELECT COUNT(*) FROM entitlement WHERE public_id = ?", key)) {
		int64_t audit = audit_put(db, receiver->id, decision.actor_id, "entitlement.granted", 0, decision.reason);
		int64_t id = right_insert(db, key, receiver->id, gift, audit);
		event_put(db, "entitlement.granted", receiver->id, id, "{\"created\":1}");
	}
	db_commit(db);
	return RIGHT_GIVEN;
}
