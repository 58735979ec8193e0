/* token_staff.c: the ledger in the hands of staff: adjustments. */
#include "audit.h"
#include "fail.h"
#include "moment.h"
#include "token_private.h"

/* Each adjustment is a lot of its own: two in one microsecond (a stopped clock) are a microsecond apart. */
static void lot_give(struct db *db, int64_t account_id, int64_t amount, const char *reason)
{
	struct token_lot lot = { .account_id = account_id, .kind = TOKEN_STAFF, .line = LINE_ADJUSTMENT,
		.period_start = moment_now(), .granted = amount, .note = reason };
	while (!token_lot_add(db, lot))
		lot.period_start.us++;
}

bool token_adjust(struct db *db, int64_t account_id, int64_t actor_id, int64_t amount, const char *reason)
{
	if (!amount || !*reason)
		fail("token.amount", "an adjustment of nothing, or without a reason");
	struct token_account account = token_lock(db, account_id);
	if (amount < 0 && account.balance + amount < 0)
		return false;
	if (amount > 0)
		lot_give(db, account_id, amount, reason);
	else
		token_take(db, &account, LINE_ADJUSTMENT, -amount, reason);
	audit_put(db, account_id, actor_id, "tokens.adjusted", account_id,
		mem_format(db->mem, "%lld: %s", (long long)amount, reason));
	return true;
}

struct unlike {
	int64_t account_id;
};
ROW(unlike, account_id);

static bool balance_repair(struct db *db, int64_t account_id)
{
	int64_t shown = db_int(db, "SELECT balance FROM token_account WHERE account_id = ? FOR UPDATE", account_id);
	int64_t lots = db_int(db,
		"SELECT COALESCE(CAST(SUM(remaining) AS SIGNED), 0) FROM token_lot WHERE account_id = ? AND state = 'active'",
		account_id);
	int64_t told = db_int(db, "SELECT balance FROM token_entry WHERE account_id = ? ORDER BY id DESC LIMIT 1", account_id);
	if (lots != told || lots == shown)
		return false;
	db_run(db, "UPDATE token_account SET balance = ? WHERE account_id = ?", lots, account_id);
	audit_put(db, account_id, 0, "tokens.repaired", account_id,
		mem_format(db->mem, "%lld shown, %lld held", (long long)shown, (long long)lots));
	return true;
}

int64_t token_balances_repair(struct db *db)
{
	int64_t repaired = 0;
	struct list wrong = db_all(db, unlike,
		"SELECT a.account_id FROM token_account a WHERE a.balance <> COALESCE((SELECT SUM(l.remaining) FROM token_lot l"
		" WHERE l.account_id = a.account_id AND l.state = 'active'), 0)");
	LIST_EACH(unlike, account, wrong) {
		db_begin(db);
		repaired += balance_repair(db, account->account_id);
		db_commit(db);
	}
	return repaired;
}
