/* entitlement.c: what takes rights away and gives them back, each an audited transition; rights that have no source. */
#include "entitlement.h"

#include <string.h>

#include "access.h"
#include "audit.h"
#include "event.h"
#include "fail.h"
#include "moment.h"
#include "token.h"

struct held {
	int64_t id, account_id;
	const char *state;
};
ROW(held, id, account_id, state);

/* Moves one right and what it brought: its licence, tokens, access. A licence without its right's state would still open
 * doors. */
static void right_move(struct db *db, const struct held *right, const char *state, int64_t actor_id, const char *reason)
{
	bool active = !strcmp(state, "active");
	db_run(db, "UPDATE entitlement SET state = ?, reason = ? WHERE account_id = ? AND id = ?", state,
		active ? "" : reason, right->account_id, right->id);
	db_run(db, "UPDATE license SET state = ?, seats_used = IF(? = 'revoked', 0, seats_used) WHERE entitlement_id = ?",
		state, state, right->id);
	token_lots_follow(db, right->id, state, reason);
	access_follow(db, right->id, state);
	const char *action = active ? "entitlement.restored" : mem_format(db->mem, "entitlement.%s", state);
	audit_put(db, right->account_id, actor_id, action, right->id, reason);
	event_put(db, action, right->account_id, right->id, "{}");
}

static struct list rights_of_order(struct db *db, int64_t order_id)
{
	return db_all(db, held, "SELECT id, account_id, state FROM entitlement WHERE order_id = ? AND order_id > 0 FOR UPDATE",
		order_id);
}

/* from NULL: from any state but revoked, which is terminal here. */
static int64_t rights_move(struct db *db, int64_t order_id, const char *from, const char *to, const char *reason)
{
	int64_t moved = 0;
	struct list rights = rights_of_order(db, order_id);
	LIST_EACH(held, right, rights) {
		bool meant = from ? !strcmp(right->state, from) : strcmp(right->state, "revoked") != 0;
		if (!meant)
			continue;
		right_move(db, right, to, 0, reason);
		moved++;
	}
	return moved;
}

int64_t entitlements_suspend(struct db *db, int64_t order_id, const char *reason)
{
	return rights_move(db, order_id, "active", "suspended", reason);
}

int64_t entitlements_restore(struct db *db, int64_t order_id, const char *reason)
{
	return rights_move(db, order_id, "suspended", "active", reason);
}

int64_t entitlements_revoke(struct db *db, int64_t order_id, const char *reason)
{
	return rights_move(db, order_id, NULL, "revoked", reason);
}

int64_t entitlements_revoke_line(struct db *db, int64_t order_line_id, const char *reason)
{
	int64_t moved = 0;
	struct list rights = db_all(db, held,
		"SELECT id, account_id, state FROM entitlement WHERE source = 'order_line' AND source_id = ?"
		" AND state <> 'revoked' FOR UPDATE",
		order_line_id);
	LIST_EACH(held, right, rights) {
		right_move(db, right, "revoked", 0, reason);
		moved++;
	}
	return moved;
}

int64_t entitlements_reinstate_line(struct db *db, int64_t order_line_id, const char *revoked_for, const char *reason)
{
	int64_t moved = 0;
	struct list rights = db_all(db, held,
		"SELECT id, account_id, state FROM entitlement WHERE source = 'order_line' AND source_id = ?"
		" AND state = 'revoked' AND reason = ? AND deleted_at IS NULL FOR UPDATE",
		order_line_id, revoked_for);
	LIST_EACH(held, right, rights)
		moved += entitlement_reinstate(db, right->id, 0, reason);
	return moved;
}

bool entitlement_reinstate(struct db *db, int64_t entitlement_id, int64_t actor_id, const char *reason)
{
	const struct held *right = db_one(db, held,
		"SELECT id, account_id, state FROM entitlement WHERE id = ? AND deleted_at IS NULL FOR UPDATE", entitlement_id);
	if (!right || strcmp(right->state, "revoked"))
		return false;
	right_move(db, right, "active", actor_id, reason);
	return true;
}

int64_t rights_lacking_source(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM entitlement e LEFT JOIN order_line l ON l.id = e.source_id"
		" LEFT JOIN orders o ON o.id = l.order_id"
		" WHERE e.source = 'order_line' AND e.deleted_at IS NULL AND e.state IN ('active', 'suspended')"
		" AND (o.paid_at IS NULL OR o.account_id <> e.account_id)");
}

int64_t entitlements_clean(struct db *db, bool dry)
{
	if (dry)
		return rights_lacking_source(db);
	db_begin(db);
	struct list rights = db_all(db, held,
		"SELECT e.id, e.account_id, e.state FROM entitlement e LEFT JOIN order_line l ON l.id = e.source_id"
		" LEFT JOIN orders o ON o.id = l.order_id"
		" WHERE e.source = 'order_line' AND e.deleted_at IS NULL AND e.state IN ('active', 'suspended')"
		" AND (o.paid_at IS NULL OR o.account_id <> e.account_id) FOR UPDATE");
	LIST_EACH(held, right, rights) {
		right_move(db, right, "revoked", 0, "no_source");
		db_run(db, "UPDATE entitlement SET deleted_at = ? WHERE account_id = ? AND id = ?", moment_now(),
			right->account_id, right->id);
	}
	db_commit(db);
	return (int64_t)rights.count;
}
