/* token_debit.c: tokens taken for work, each piece once. */
#include <string.h>

#include "conf.h"
#include "event.h"
#include "fail.h"
#include "moment.h"
#include "token_private.h"

struct lot_left {
	int64_t id, remaining;
};
ROW(lot_left, id, remaining);

static void lot_reduce(struct db *db, const struct token_account *account, int64_t lot_id, int64_t amount)
{
	db_run(db, "UPDATE token_lot SET remaining = remaining - ? WHERE account_id = ? AND id = ?", amount,
		account->account_id, lot_id);
}

/* The earliest end first, then the oldest; of one age the lesser: by facts, not by what came in first (domain.md §4.4).
 * An entry that one lot pays names it; the parts of one over several lots are rows of token_spend. */
int64_t token_take(struct db *db, struct token_account *account, enum token_line line, int64_t amount,
	const char *note)
{
	struct list lots = db_all(db, lot_left,
		"SELECT id, remaining FROM token_lot WHERE account_id = ? AND state = 'active' AND remaining > 0"
		" ORDER BY expires_at IS NULL, expires_at, period_start, granted, id",
		account->account_id);
	const struct lot_left *first = lots.items;
	bool one = lots.count && first->remaining >= amount;
	int64_t entry = token_entry_put(db, account, line, one ? first->id : 0, -amount, note), left = amount;
	LIST_EACH(lot_left, lot, lots) {
		int64_t part = lot->remaining < left ? lot->remaining : left;
		if (!part)
			break;
		lot_reduce(db, account, lot->id, part);
		if (!one)
			db_run(db, "INSERT INTO token_spend (entry_id, lot_id, amount) VALUES (?, ?, ?)", entry, lot->id, part);
		left -= part;
	}
	if (left)
		fail("token.lots", "account %lld: its lots hold %lld less than its balance", (long long)account->account_id,
			(long long)left);
	return entry;
}

struct debit {
	int64_t amount, entry_id, balance;
};
ROW(debit, amount, entry_id, balance);

static struct token_answer replay(const struct debit *first, int64_t amount)
{
	struct token_answer answer = { .outcome = first->entry_id ? TOKEN_DEBITED : TOKEN_REFUSED, .replayed = true,
		.balance = first->balance };
	if (first->amount != amount)
		answer.outcome = TOKEN_CONFLICT;
	return answer;
}

struct token_answer token_debit(struct db *db, int64_t account_id, int64_t api_key_id, int64_t amount, const char *key,
	const char *note)
{
	if (amount <= 0 || !*key || strlen(key) > 255)
		fail("token.amount", "a debit of %lld under a key of %zu characters", (long long)amount, strlen(key));
	struct token_account account = token_lock(db, account_id);
	const struct debit *first = db_one(db, debit,
		"SELECT amount, entry_id, balance FROM token_debit WHERE account_id = ? AND idempotency_key = ? AND api_key_id IN (?, 0)"
		" ORDER BY api_key_id DESC LIMIT 1",
		account_id, key, api_key_id);
	if (first)
		return replay(first, amount);
	int64_t before = account.balance;
	bool enough = before >= amount;
	int64_t entry = enough ? token_take(db, &account, LINE_DEBIT, amount, note) : 0;
	if (before >= conf.tokens_low && account.balance < conf.tokens_low)
		event_put(db, "tokens.low", account_id, account_id, mem_format(db->mem, "{\"balance\":%lld}",
			(long long)account.balance));
	db_run(db,
		"INSERT INTO token_debit (account_id, idempotency_key, api_key_id, amount, entry_id, balance, created_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		account_id, key, api_key_id, amount, entry, account.balance, moment_now());
	return (struct token_answer){ .outcome = enough ? TOKEN_DEBITED : TOKEN_REFUSED,
		.balance = account.balance };
}
