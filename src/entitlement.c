/* entitlement.c: what takes rights away and gives them back, each an audited transition. */
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
	const char *state, *kept_for;
};
ROW(held, id, account_id, state, kept_for);

/* Moves one right and what it brought: its licence, tokens, access. A licence without its right's state would still open
 * doors. */
static void right_move(struct db *db, const struct held *right, const char *state, int64_t actor_id, const char *reason)
{
	bool active = !strcmp(state, "active");
	db_run(db, "UPDATE entitlement SET state = ?, reason = ?, kept_for = IF(? = 'revoked', '', kept_for) WHERE account_id = ?"
		" AND id = ?",
		state, active ? "" : reason, state, right->account_id, right->id);
	db_run(db, "UPDATE license SET state = ?, seats_used = IF(? = 'revoked', 0, seats_used) WHERE entitlement_id = ?",
		state, state, right->id);
	token_lots_follow(db, right->id, state, reason);
	access_follow(db, right->id, state);
	const char *action = active ? "entitlement.restored" : mem_format(db->mem, "entitlement.%s", state);
	audit_put(db, right->account_id, actor_id, action, right->id, reason);
	event_put(db, action, right->account_id, right->id, "{}");
}

/* What a person gave back is kept as long as the facts say what they said then: the next refund, or dispute lost, is another. */
static void kept_end(struct db *db, const struct held *right)
{
	db_run(db, "UPDATE entitlement SET kept_for = '' WHERE account_id = ? AND id = ?", right->account_id, right->id);
}

static struct list rights_of_order(struct db *db, int64_t order_id)
{
	return db_all(db, held,
		"SELECT id, account_id, state, kept_for FROM entitlement WHERE order_id = ? AND order_id > 0 FOR UPDATE", order_id);
}

/* from NULL: from any state but revoked, which is terminal here. */
static int64_t rights_move(struct db *db, int64_t order_id, const char *from, const char *to, const char *reason)
{
	int64_t moved = 0;
	struct list rights = rights_of_order(db, order_id);
	LIST_EACH(held, right, rights) {
		bool meant = from ? !strcmp(right->state, from) : strcmp(right->state, "revoked") != 0;
		bool revoked = !strcmp(to, "revoked"), kept = revoked && !strcmp(right->kept_for, reason);
		if (!revoked && !strcmp(right->kept_for, "dispute_lost"))
			kept_end(db, right);
		if (!meant || kept)
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
		"SELECT id, account_id, state, kept_for FROM entitlement WHERE source = 'order_line' AND source_id = ?"
		" AND state <> 'revoked' AND kept_for <> ? FOR UPDATE",
		order_line_id, reason);
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
		"SELECT id, account_id, state, kept_for FROM entitlement WHERE source = 'order_line' AND source_id = ?"
		" AND ((state = 'revoked' AND reason = ?) OR kept_for = ?) AND deleted_at IS NULL FOR UPDATE",
		order_line_id, revoked_for, revoked_for);
	LIST_EACH(held, right, rights) {
		if (!strcmp(right->kept_for, revoked_for))
			kept_end(db, right);
		else
			moved += entitlement_reinstate(db, right->id, 0, reason);
	}
	return moved;
}

bool entitlement_revoke(struct db *db, int64_t entitlement_id, const char *reason)
{
	const struct held *right = db_one(db, held,
		"SELECT id, account_id, state, kept_for FROM entitlement WHERE id = ? AND state <> 'revoked' FOR UPDATE", entitlement_id);
	if (right)
		right_move(db, right, "revoked", 0, reason);
	return right;
}

bool entitlement_reinstate(struct db *db, int64_t entitlement_id, int64_t actor_id, const char *reason)
{
	const struct held *right = db_one(db, held,
		"SELECT id, account_id, state, kept_for FROM entitlement WHERE id = ? AND deleted_at IS NULL FOR UPDATE", entitlement_id);
	if (!right || strcmp(right->state, "revoked"))
		return false;
	if (actor_id) /* a person decided: the same reason does not take it away again */
		db_run(db, "UPDATE entitlement SET kept_for = reason WHERE account_id = ? AND id = ?", right->account_id,
			right->id);
	right_move(db, right, "active", actor_id, reason);
	return true;
}

struct settled {
	int64_t id, account_id;
	const char *state, *reason, *kept_for;
};
ROW(settled, id, account_id, state, reason, kept_for);

/* Whether facts put it there: what a person suspended or revoked stays so. */
static bool by_facts(const struct settled *right)
{
	static const char *const reasons[] = { "refunded", "dispute_lost", "dispute_opened", "order_held" };
	bool by_hand = !strcmp(right->state, "revoked") || !strcmp(right->state, "suspended");
	for (size_t i = 0; by_hand && i < sizeof reasons / sizeof reasons[0]; i++)
		by_hand = strcmp(right->reason, reasons[i]) != 0;
	return !by_hand;
}

bool entitlement_settle(struct db *db, int64_t entitlement_id, const char *state, const char *reason)
{
	const struct settled *right = db_one(db, settled,
		"SELECT id, account_id, state, reason, kept_for FROM entitlement WHERE id = ? AND deleted_at IS NULL FOR UPDATE",
		entitlement_id);
	if (!right)
		return false;
	const struct held held = { right->id, right->account_id, right->state, right->kept_for };
	bool kept = !strcmp(state, "revoked") && !strcmp(right->kept_for, reason);
	if (!kept && *right->kept_for)
		kept_end(db, &held);
	if (kept || !by_facts(right))
		return false;
	reason = strcmp(state, "active") ? reason : "";
	if (strcmp(right->state, state)) {
		right_move(db, &held, state, 0, reason);
		return true;
	}
	if (strcmp(right->reason, reason))
		db_run(db, "UPDATE entitlement SET reason = ? WHERE account_id = ? AND id = ?", reason, right->account_id,
			right->id);
	return false;
}
