/* token_staff_test.c: a balance that is not the sum of its lots is put right, when lots and ledger both prove what it is. */
#include "ledger.h"

#include "each.h"

static int64_t shown(struct fixture *f, int64_t account)
{
	return db_int(&f->db, "SELECT balance FROM token_account WHERE account_id = ?", account);
}

static int64_t with_tokens(struct fixture *f, const char *email, int64_t tokens)
{
	int64_t account = a_member(f, email);
	db_begin(&f->db);
	assert_true(token_adjust(&f->db, account, 0, tokens, "for a test"));
	db_commit(&f->db);
	return account;
}

static void a_balance_is_the_sum_of_its_lots_again(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = with_tokens(f, "jenny@example.com", 500), other = with_tokens(f, "other@example.com", 70);
	assert_int_equal(token_balances_repair(&f->db), 0);
	db_run(&f->db, "UPDATE token_account SET balance = 9999 WHERE account_id = ?", jenny);
	assert_int_equal(token_check(&f->db), 1);
	assert_int_equal(token_balances_repair(&f->db), 1);
	assert_int_equal(shown(f, jenny), 500);
	assert_int_equal(shown(f, other), 70);
	assert_int_equal(token_check(&f->db), 0);
	assert_string_equal(db_text(&f->db, "SELECT detail FROM audit WHERE action = 'tokens.repaired' AND account_id = ?", jenny),
		"9999 shown, 500 held");
	assert_int_equal(token_balances_repair(&f->db), 0);
}

/* Lots and ledger tell different sums: which is right a person must find out. */
static void what_nothing_proves_is_left(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = with_tokens(f, "jenny@example.com", 500);
	db_run(&f->db, "UPDATE token_lot SET remaining = 400 WHERE account_id = ?", jenny);
	assert_int_equal(token_balances_repair(&f->db), 0);
	assert_int_equal(shown(f, jenny), 500);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'tokens.repaired'"), 0);
	assert_true(token_check(&f->db) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a_balance_is_the_sum_of_its_lots_again), TEST(what_nothing_proves_is_left) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
