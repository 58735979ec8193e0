/* token_part.c: a part of a line's money goes back: as great a part of its tokens; and comes back when the refund fails. */
#include <string.h>

#include "fail.h"
#include "token_private.h"

static int64_t share(int64_t granted, int64_t part, int64_t whole)
{
	return (int64_t)((__int128)granted * part / whole);
}

static void part_note(struct db *db, int64_t refund_id, const struct token_account *account, int64_t lot_id, int64_t taken)
{
	db_run(db,
		"INSERT INTO token_part (refund_id, lot_id, account_id, amount) VALUES (?, ?, ?, ?)"
		" ON DUPLICATE KEY UPDATE amount = amount + VALUES(amount)",
		refund_id, lot_id, account->account_id, taken);
}

int64_t token_lots_void_part(struct db *db, int64_t entitlement_id, int64_t refund_id, int64_t part, int64_t whole)
{
	struct token_account account = { 0 };
	int64_t voided = 0;
	if (part < 0 || whole <= 0 || part > whole)
		fail("token.amount", "%lld of %lld is no part", (long long)part, (long long)whole);
	struct list lots = token_lots_of(db, entitlement_id, &account);
	LIST_EACH(lot, lot, lots) {
		bool active = !strcmp(lot->state, "active");
		int64_t due = share(lot->granted, part, whole), taken = due < lot->remaining ? due : lot->remaining;
		if (!due || (!active && strcmp(lot->state, "frozen")))
			continue;
		db_run(db, "UPDATE token_lot SET remaining = remaining - ? WHERE account_id = ? AND id = ?", taken,
			account.account_id, lot->id);
		token_entry_put(db, &account, LINE_REFUND, lot->id, active ? -taken : 0,
			token_note(db, "refunded in part", due - taken));
		part_note(db, refund_id, &account, lot->id, taken);
		voided -= active ? taken : 0;
	}
	return voided;
}

/* A lot that a part was taken of. */
struct cut {
	int64_t account_id, lot_id, amount;
};
ROW(cut, account_id, lot_id, amount);

static int64_t part_back(struct db *db, const struct cut *cut)
{
	struct token_account account = token_lock(db, cut->account_id);
	const char *state = db_text(db, "SELECT state FROM token_lot WHERE account_id = ? AND id = ?", cut->account_id,
		cut->lot_id);
	int64_t back = !strcmp(state, "active") ? cut->amount : 0; /* of others it waits in the lot, as the rest does */
	db_run(db, "UPDATE token_lot SET remaining = remaining + ? WHERE account_id = ? AND id = ?", cut->amount,
		cut->account_id, cut->lot_id);
	token_entry_put(db, &account, LINE_REFUND, cut->lot_id, back, "refund failed");
	return back;
}

int64_t token_lots_part_back(struct db *db, int64_t refund_id)
{
	int64_t back = 0;
	struct list cuts = db_all(db, cut,
		"SELECT account_id, lot_id, amount FROM token_part WHERE refund_id = ? AND amount > 0 ORDER BY lot_id", refund_id);
	LIST_EACH(cut, cut, cuts)
		back += part_back(db, cut);
	if (cuts.count)
		db_run(db, "UPDATE token_part SET amount = 0 WHERE refund_id = ?", refund_id);
	return back;
}
