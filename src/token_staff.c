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
