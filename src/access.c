/* access.c: access granted, stacked, moved when what is before it goes. Checks and uses are in
 * access_use.c. */
#include "access.h"

#include <string.h>

#include "access_private.h"
#include "audit.h"
#include "checked.h"
#include "event.h"
#include "fail.h"
#include "moment.h"
#include "sign.h"
#include "token.h"

/* A right of kind module, with what its benefit gives. */
struct gift {
	int64_t account_id, quantity, days, uses;
	const char *source, *module, *level;
	bool for_ever, unlimited;
	struct moment starts_at, ends_at;
};
ROW(gift, account_id, quantity, days, uses, source, module, level, for_ever, unlimited, starts_at,
	OPT(ends_at));

static const struct gift *gift_of(struct db *db, int64_t entitlement_id)
{
	return db_one(db, gift,
		"SELECT e.account_id, e.source, e.starts_at, e.ends_at, b.module, b.level, b.duration_days IS NULL AS"
		" for_ever, b.uses IS NULL AS unlimited, COALESCE(b.duration_days, 0) AS days, COALESCE(b.uses, 0) AS uses,"
		" COALESCE((SELECT l.quantity FROM order_line l WHERE e.source = 'order_line' AND l.id = e.source_id), 1)"
		"  AS quantity"
		" FROM entitlement e JOIN benefit b ON b.id = e.benefit_id WHERE e.id = ? AND e.kind = 'module'",
		entitlement_id);
}

struct last {
	struct moment ends_at;
};
ROW(last, OPT(ends_at));

/* Where the latest of that module and level ends that still has something to give; absent: there is none. */
static struct moment latest_end(struct db *db, const struct gift *gift)
{
	const struct last *last = db_one(db, last,
		"SELECT MAX(ends_at) AS ends_at FROM module_access WHERE account_id = ? AND module = ? AND level = ?"
		" AND state IN ('active', 'suspended') AND ends_at > ? AND COALESCE(uses_left, 1) > 0",
		gift->account_id, gift->module, gift->level, gift->starts_at);
	return last ? last->ends_at : (struct moment){ 0 };
}

static int64_t times(int64_t one, int64_t quantity)
{
	int64_t all;
	if (!checked_mul(one, quantity, &all))
		fail("access.range", "%lld times %lld", (long long)quantity, (long long)one);
	return all;
}

/* A period or subscription says itself from when to when; what is bought once begins when nothing of the kind is left
 * before it. */
static void times_set(struct db *db, struct gift *gift)
{
	if (!strcmp(gift->source, "period") || !strcmp(gift->source, "subscription"))
		return;
	struct moment latest = gift->for_ever ? (struct moment){ 0 } : latest_end(db, gift);
	if (latest.us)
		gift->starts_at = latest;
	gift->ends_at = gift->for_ever ? (struct moment){ 0 } :
		moment_add_days(gift->starts_at, times(gift->days, gift->quantity));
}

bool access_grant(struct db *db, int64_t entitlement_id)
{
	const struct gift *found = gift_of(db, entitlement_id);
	if (!found)
		return false;
	token_queue(db, found->account_id);
	struct gift gift = *found;
	times_set(db, &gift);
	if (!db_run(db,
		"INSERT INTO module_access (account_id, public_id, entitlement_id, module, level, state, starts_at,"
		" ends_at, uses_left, created_at) VALUES (?, ?, ?, ?, ?, 'active', ?, ?, IF(?, NULL, ?), ?)"
		" ON DUPLICATE KEY UPDATE id = id",
		gift.account_id, random_id(db->mem), entitlement_id, gift.module, gift.level, gift.starts_at, gift.ends_at,
		gift.unlimited, times(gift.uses, gift.quantity), moment_now()))
		return false;
	access_times_copy(db, gift.account_id, gift.module, gift.level);
	event_put(db, "module.granted", gift.account_id, entitlement_id, "{}");
	return true;
}

int64_t access_give(struct db *db, int64_t account_id, int64_t benefit_id, int64_t actor_id,
	const char *reason)
{
	struct moment now = moment_now();
	if (!db_int(db, "SELECT COUNT(*) FROM benefit WHERE id = ? AND kind = 'module'", benefit_id))
		return 0;
	int64_t audit = audit_put(db, account_id, actor_id, "access.given", benefit_id, reason);
	db_run(db,
		"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, product_id, kind, state,"
		" title, price_title, starts_at, ends_at, created_at)"
		" SELECT a.id, ?, 'manual', ?, b.id, b.product_id, b.kind, 'active', COALESCE(t.title, p.slug),"
		"  COALESCE(r.title, ''), ?, ? + INTERVAL b.duration_days DAY, ?"
		" FROM account a JOIN benefit b ON b.id = ? JOIN product p ON p.id = b.product_id"
		" LEFT JOIN product_text t ON t.product_id = p.id AND t.language = a.language"
		" LEFT JOIN price_text r ON r.price_id = b.price_id AND r.language = a.language WHERE a.id = ?",
		random_id(db->mem), audit, now, now, now, benefit_id, account_id);
	int64_t id = db_int(db, "SELECT id FROM entitlement WHERE source = 'manual' AND source_id = ?"
		" AND benefit_id = ?", audit, benefit_id);
	access_grant(db, id);
	return id;
}

struct held {
	const char *source;
	struct moment suspended_at;
};
ROW(held, source, OPT(suspended_at));

/* A dispute stopped the clock: what it took of the days of an access that was bought once. */
static int64_t lost_time(const struct access *access, const struct held *held)
{
	struct moment from = held->suspended_at.us > access->starts_at.us ? held->suspended_at : access->starts_at;
	int64_t lost = moment_now().us - from.us;
	bool own_times = !strcmp(held->source, "period") || !strcmp(held->source, "subscription");
	return held->suspended_at.us && access->ends_at.us && !own_times && lost > 0 ? lost : 0;
}

void access_follow(struct db *db, int64_t entitlement_id, const char *state)
{
	int64_t account_id = db_int(db, "SELECT account_id FROM module_access WHERE entitlement_id = ?", entitlement_id);
	if (!account_id)
		return;
	token_queue(db, account_id);
	const struct access *access = access_of_right(db, entitlement_id);
	const struct held *held = db_one(db, held,
		"SELECT e.source, m.suspended_at FROM module_access m JOIN entitlement e ON e.id = m.entitlement_id"
		" WHERE m.entitlement_id = ?",
		entitlement_id);
	if (!strcmp(access->state, state))
		return;
	struct moment now = moment_now(), none = { 0 };
	struct access after = *access;
	after.state = state;
	after.ends_at.us += lost_time(access, held); /* revoked, too: a refund that fails may be told before the dispute's end */
	db_run(db, "UPDATE module_access SET state = ?, suspended_at = ?, ends_at = ? WHERE account_id = ? AND id = ?", state,
		strcmp(state, "suspended") ? none : now, after.ends_at, account_id, access->id);
	access_chain_move(db, access, access_room(&after, now) - access_room(access, now));
}
