/* token.c: the ledger: lots added and expired; the lines that tell of it. */
#include "token.h"

#include "checked.h"
#include "event.h"
#include "fail.h"
#include "moment.h"
#include "token_private.h"

static const char *const kinds[] = {
	[TOKEN_PACK] = "pack",
	[TOKEN_QUOTA] = "quota",
	[TOKEN_TRIAL] = "trial",
	[TOKEN_UPGRADE] = "upgrade",
	[TOKEN_STAFF] = "staff",
};

static const char *const lines[] = {
	[LINE_SUBSCRIPTION_INITIAL] = "subscription_initial",
	[LINE_SUBSCRIPTION_RENEWAL] = "subscription_renewal",
	[LINE_SUBSCRIPTION_TRIAL] = "subscription_trial",
	[LINE_PACK_PURCHASE] = "pack_purchase",
	[LINE_UPGRADE] = "upgrade",
	[LINE_DEBIT] = "debit",
	[LINE_EXPIRY] = "expiry",
	[LINE_REFUND] = "refund",
	[LINE_DISPUTE_FREEZE] = "dispute_freeze",
	[LINE_DISPUTE_UNFREEZE] = "dispute_unfreeze",
	[LINE_ADJUSTMENT] = "adjustment",
};

int64_t token_entry_put(struct db *db, struct token_account *account, enum token_line line, int64_t lot_id,
	int64_t amount, const char *note)
{
	if (!checked_add(account->balance, amount, &account->balance) || account->balance < 0)
		fail("token.range", "account %lld would have a balance beyond counting", (long long)account->account_id);
	int64_t id = db_insert(db,
		"INSERT INTO token_entry (account_id, kind, lot_id, amount, balance, note, created_at)"
		" VALUES (?, ?, ?, ?, ?, LEFT(?, 200), ?)",
		account->account_id, lines[line], lot_id, amount, account->balance, note, moment_now());
	db_run(db, "UPDATE token_account SET balance = ? WHERE account_id = ?", account->balance,
		account->account_id);
	return id;
}

static void told(struct db *db, const char *topic, const struct token_account *account, int64_t subject_id,
	int64_t amount)
{
	const char *payload = mem_format(db->mem, "{\"amount\":%lld,\"balance\":%lld}", (long long)amount,
		(long long)account->balance);
	event_put(db, topic, account->account_id, subject_id, payload);
}

struct lot_over {
	int64_t id, remaining;
};
ROW(lot_over, id, remaining);

/* What remains in an expired lot stays written in it: how much was lost. */
static void lots_expire(struct db *db, struct token_account *account)
{
	struct list lots = db_all(db, lot_over,
		"SELECT id, remaining FROM token_lot WHERE account_id = ? AND state = 'active' AND expires_at <= ?"
		" ORDER BY id",
		account->account_id, moment_now());
	LIST_EACH(lot_over, lot, lots) {
		db_run(db, "UPDATE token_lot SET state = 'expired' WHERE account_id = ? AND id = ?", account->account_id,
			lot->id);
		if (!lot->remaining)
			continue;
		token_entry_put(db, account, LINE_EXPIRY, lot->id, -lot->remaining, "");
		told(db, "tokens.expired", account, lot->id, lot->remaining);
	}
}

struct account_row {
	int64_t balance;
};
ROW(account_row, balance);

static const struct account_row *account_row(struct db *db, int64_t account_id)
{
	return db_one(db, account_row, "SELECT balance FROM token_account WHERE account_id = ? FOR UPDATE",
		account_id);
}

static struct token_account account_locked(struct db *db, int64_t account_id)
{
	if (!db->open && !db->manual)
		fail("token.lock", "the ledger changes inside a transaction");
	const struct account_row *row = account_row(db, account_id);
	if (!row) {
		/* Two firsts at once: one inserts, the other waits here and finds it. */
		db_run(db, "INSERT INTO token_account (account_id) VALUES (?)"
			" ON DUPLICATE KEY UPDATE account_id = account_id",
			account_id);
		row = account_row(db, account_id);
	}
	return (struct token_account){ account_id, row->balance };
}

struct token_account token_lock(struct db *db, int64_t account_id)
{
	struct token_account account = account_locked(db, account_id);
	lots_expire(db, &account);
	return account;
}

void token_queue(struct db *db, int64_t account_id)
{
	account_locked(db, account_id);
}

bool token_lot_add(struct db *db, struct token_lot lot)
{
	if (lot.granted < 0)
		fail("token.amount", "a lot of %lld tokens", (long long)lot.granted);
	if (!lot.granted)
		return false;
	struct token_account account = token_lock(db, lot.account_id);
	int64_t id = db_place(db,
		"INSERT INTO token_lot (account_id, kind, entitlement_id, subscription_id, period_start, granted,"
		" remaining, state, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?, ?)"
		" ON DUPLICATE KEY UPDATE id = id",
		lot.account_id, kinds[lot.kind], lot.entitlement_id, lot.subscription_id, lot.period_start, lot.granted,
		lot.granted, lot.expires_at, moment_now());
	if (!id)
		return false;
	token_entry_put(db, &account, lot.line, id, lot.granted, lot.note ? lot.note : "");
	told(db, "tokens.granted", &account, id, lot.granted);
	return true;
}

int64_t token_balance(struct db *db, int64_t account_id)
{
	return db_int(db,
		"SELECT a.balance - COALESCE((SELECT CAST(SUM(l.remaining) AS SIGNED) FROM token_lot l"
		"  WHERE l.account_id = a.account_id AND l.state = 'active' AND l.expires_at <= ?), 0)"
		" FROM token_account a WHERE a.account_id = ?",
		moment_now(), account_id);
}

struct account_ref {
	int64_t account_id;
};
ROW(account_ref, account_id);

int64_t token_lots_expire(struct db *db, int64_t accounts)
{
	struct list due = db_all(db, account_ref,
		"SELECT DISTINCT account_id FROM token_lot WHERE state = 'active' AND expires_at <= ? LIMIT ?",
		moment_now(), accounts);
	LIST_EACH(account_ref, ref, due) {
		db_begin(db);
		token_lock(db, ref->account_id);
		db_commit(db);
	}
	return (int64_t)due.count;
}
