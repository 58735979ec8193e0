/* token_check.c: whether the ledger adds up; apart from what changes it, for those who may only look. */
#include "token.h"

int64_t token_check(struct db *db)
{
	return db_int(db,
		"SELECT COUNT(*) FROM (SELECT account_id FROM token_account UNION SELECT account_id FROM token_lot) held"
		" LEFT JOIN token_account a ON a.account_id = held.account_id"
		" LEFT JOIN (SELECT account_id, SUM(remaining) AS remaining FROM token_lot WHERE state = 'active'"
		"  GROUP BY account_id) l ON l.account_id = held.account_id"
		" WHERE COALESCE(a.balance, -1) <> COALESCE(l.remaining, 0) OR COALESCE(a.balance, -1) <> COALESCE("
		"  (SELECT e.balance FROM token_entry e WHERE e.account_id = held.account_id ORDER BY e.id DESC"
		" LIMIT 1), 0)");
}
