/* token_right.c: what becomes of the lots of a right that is refunded, disputed, given back (domain.md §6). */
#include <string.h>

#include "token_private.h"

ROW(lot, id, granted, remaining, state);

struct list token_lots_of(struct db *db, int64_t entitlement_id, struct token_account *account)
{
	int64_t owner = db_int(db, "SELECT account_id FROM token_lot WHERE entitlement_id = ? LIMIT 1",
		entitlement_id);
	if (!owner || !entitlement_id)
		return (struct list){ .shape = &lot_shape };
	*account = token_lock(db, owner);
	return db_all(db, lot,
		"SELECT id, granted, remaining, state FROM token_lot WHERE account_id = ? AND entitlement_id = ?"
		" ORDER BY id", owner, entitlement_id);
}

static void lot_set(struct db *db, const struct token_account *account, const struct lot *lot,
	const char *state)
{
	db_run(db, "UPDATE token_lot SET state = ? WHERE account_id = ? AND id = ?", state, account->account_id,
		lot->id);
}

/* Moves lots from one state to another: sign -1 takes what remains out of the balance, 1 puts it back. */
static int64_t lots_move(struct db *db, int64_t entitlement_id, const char *from, const char *to,
	enum token_line line, int sign, const char *reason)
{
	struct token_account account = { 0 };
	struct list lots = token_lots_of(db, entitlement_id, &account);
	int64_t before = account.balance;
	LIST_EACH(lot, lot, lots) {
		if (strcmp(lot->state, from))
			continue;
		lot_set(db, &account, lot, to);
		if (lot->remaining)
			token_entry_put(db, &account, line, lot->id, sign * lot->remaining, reason);
	}
	if (account.balance > before)
		account = token_lock(db, account.account_id); /* what comes back too late expires at once */
	return account.balance - before;
}

int64_t token_lots_freeze(struct db *db, int64_t entitlement_id, const char *reason)
{
	return lots_move(db, entitlement_id, "active", "frozen", LINE_DISPUTE_FREEZE, -1, reason);
}

int64_t token_lots_unfreeze(struct db *db, int64_t entitlement_id, const char *reason)
{
	return lots_move(db, entitlement_id, "frozen", "active", LINE_DISPUTE_UNFREEZE, 1, reason);
}

int64_t token_lots_restore(struct db *db, int64_t entitlement_id, const char *reason)
{
	return lots_move(db, entitlement_id, "void", "active", LINE_REFUND, 1, reason);
}

const char *token_note(struct db *db, const char *reason, int64_t shortfall)
{
	return shortfall ? mem_format(db->mem, "%s, shortfall %lld", reason, (long long)shortfall) : reason;
}

/* What remains stays written in a void lot, for a restore. What was frozen is out of the balance already:
 * an entry of 0. */
int64_t token_lots_void(struct db *db, int64_t entitlement_id, const char *reason)
{
	struct token_account account = { 0 };
	int64_t voided = 0;
	struct list lots = token_lots_of(db, entitlement_id, &account);
	LIST_EACH(lot, lot, lots) {
		bool active = !strcmp(lot->state, "active");
		if (!active && strcmp(lot->state, "frozen"))
			continue;
		int64_t taken = active ? lot->remaining : 0;
		lot_set(db, &account, lot, "void");
		token_entry_put(db, &account, LINE_REFUND, lot->id, -taken,
			token_note(db, reason, lot->granted - lot->remaining));
		voided -= taken;
	}
	return voided;
}

void token_lots_follow(struct db *db, int64_t entitlement_id, const char *state, const char *reason)
{
	static const struct {
		const char *state;
		int64_t (*run)(struct db *db, int64_t entitlement_id, const char *reason);
	} steps[] = {
		{ "suspended", token_lots_freeze },
		{ "revoked", token_lots_void },
		{ "active", token_lots_unfreeze },
		{ "active", token_lots_restore },
	};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (!strcmp(steps[i].state, state))
			steps[i].run(db, entitlement_id, reason);
}
