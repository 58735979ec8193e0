/* token_grant.c: the pack that an order line brought, or staff gave; lots of many months at once; the end of a trial's. */
#include "checked.h"
#include "fail.h"
#include "moment.h"
#include "token_private.h"

struct pack {
	int64_t account_id, tokens, quantity;
	bool bought;
	struct moment starts_at;
};
ROW(pack, account_id, tokens, quantity, bought, starts_at);

bool token_grant(struct db *db, int64_t entitlement_id)
{
	int64_t granted;
	const struct pack *pack = db_one(db, pack,
		"SELECT e.account_id, b.tokens, COALESCE(l.quantity, 1) AS quantity, l.id IS NOT NULL AS bought, e.starts_at"
		" FROM entitlement e JOIN benefit b ON b.id = e.benefit_id"
		" LEFT JOIN order_line l ON e.source = 'order_line' AND l.id = e.source_id"
		" WHERE e.id = ? AND e.kind = 'tokens' AND (l.id IS NOT NULL OR e.source = 'manual')",
		entitlement_id);
	if (!pack)
		return false;
	if (!checked_mul(pack->tokens, pack->quantity, &granted))
		fail("token.range", "%lld times %lld tokens", (long long)pack->quantity, (long long)pack->tokens);
	return token_lot_add(db, (struct token_lot){ .account_id = pack->account_id,
		.kind = pack->bought ? TOKEN_PACK : TOKEN_STAFF,
		.line = pack->bought ? LINE_PACK_PURCHASE : LINE_ADJUSTMENT, .entitlement_id = entitlement_id, .period_start = pack->starts_at,
		.granted = granted });
}

int64_t token_lots_lapsed(struct db *db, int64_t account_id, int64_t subscription_id, int64_t benefit_id, int64_t tokens,
	int64_t first_right_id)
{
	token_queue(db, account_id);
	return db_run(db,
		"INSERT INTO token_lot (account_id, kind, entitlement_id, subscription_id, period_start, granted, remaining, state,"
		" expires_at, created_at) SELECT e.account_id, 'quota', e.id, p.subscription_id, e.starts_at, ?, ?, 'expired', e.ends_at, ?"
		" FROM subscription_period p JOIN entitlement e FORCE INDEX (entitlement_source) ON e.source = 'period'"
		"  AND e.source_id = p.id AND e.benefit_id = ?"
		" WHERE p.subscription_id = ? AND e.id >= ? ORDER BY e.id ON DUPLICATE KEY UPDATE token_lot.id = token_lot.id",
		tokens, tokens, moment_now(), benefit_id, subscription_id, first_right_id);
}

/* First the new end, then what is over: lots that were prolonged in time do not expire. One that is over stays over; that it
 * was so earlier may be told late. */
void token_trial_ends(struct db *db, int64_t account_id, int64_t subscription_id, struct moment at)
{
	if (!db_int(db,
		"SELECT COUNT(*) FROM token_lot WHERE account_id = ? AND subscription_id = ? AND kind = 'trial' AND expires_at <> ?"
		" AND (state <> 'expired' OR expires_at > ?)",
		account_id, subscription_id, at, at))
		return;
	token_queue(db, account_id);
	db_run(db,
		"UPDATE token_lot SET expires_at = ? WHERE account_id = ? AND subscription_id = ? AND kind = 'trial'"
		" AND (state <> 'expired' OR expires_at > ?)",
		at, account_id, subscription_id, at);
	token_lock(db, account_id);
}
