/* ledger.h: lots and debits in transactions of their own, and the sums that must hold after each, for tests. */
#ifndef LEDGER_H
#define LEDGER_H

#include "../tokens.h"

static inline bool add(struct fixture *f, struct token_lot lot)
{
	db_begin(&f->db);
	bool made = token_lot_add(&f->db, lot);
	db_commit(&f->db);
	return made;
}

/* api_key_id: the program that asks. */
static inline struct token_answer debit_by(struct fixture *f, int64_t api_key_id, int64_t account, int64_t amount, const char *key)
{
	db_begin(&f->db);
	struct token_answer answer = token_debit(&f->db, account, api_key_id, amount, key, "work");
	db_commit(&f->db);
	return answer;
}

static inline struct token_answer debit(struct fixture *f, int64_t account, int64_t amount, const char *key)
{
	return debit_by(f, 1, account, amount, key);
}

static inline void adds_up(struct fixture *f, int64_t account, int64_t balance)
{
	assert_int_equal(token_balance(&f->db, account), balance);
	assert_int_equal(token_check(&f->db), 0);
	assert_int_equal(db_int(&f->db, "SELECT SUM(amount) FROM token_entry WHERE account_id = ?", account),
		balance);
}

#endif
