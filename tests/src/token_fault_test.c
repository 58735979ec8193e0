/* token_fault_test.c: what the ledger refuses as a fault of ours, and what its check finds. */
#include "ledger.h"

static void the_check_sees_what_is_wrong(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	some_tokens(f, jenny, 50);
	some_tokens(f, omar, 50);
	assert_int_equal(token_check(&f->db), 0);
	db_run(&f->db, "UPDATE token_lot SET remaining = 49 WHERE account_id = ?", jenny);
	assert_int_equal(token_check(&f->db), 1);
	db_run(&f->db, "UPDATE token_account SET balance = 49 WHERE account_id = ?", jenny);
	assert_int_equal(token_check(&f->db), 1); /* its ledger says 50 */
	db_run(&f->db, "DELETE FROM token_account WHERE account_id = ?", omar);
	assert_int_equal(token_check(&f->db), 2);
}

static void overflow_run(void *arg)
{
	struct fixture *f = arg;
	int64_t account = db_int(&f->db, "SELECT MIN(account_id) FROM token_account");
	add(f, a_quota(account, 1, moment_now(), (struct moment){ 0 }, INT64_MAX));
}

static void a_balance_cannot_overflow(void **state)
{
	struct fixture *f = *state;
	some_tokens(f, a_member(f, "jenny@example.com"), 1);
	struct failure failure = failing(overflow_run, f);
	assert_string_equal(failure.event, "token.range");
	db_leave(&f->db);
	assert_int_equal(token_check(&f->db), 0);
}

/* What only a fault of ours could ask for: nothing is written, and it is said. */
static void debit_of_nothing(void *arg)
{
	token_debit(&((struct fixture *)arg)->db, 1, 1, 0, "key", "");
}

static void debit_without_a_key(void *arg)
{
	token_debit(&((struct fixture *)arg)->db, 1, 1, 1, "", "");
}

static void debit_under_a_long_key(void *arg)
{
	struct fixture *f = arg;
	char *key = mem_get(f->mem, 257);
	memset(key, 'k', 256);
	token_debit(&f->db, 1, 1, 1, key, "");
}

static void adjustment_of_nothing(void *arg)
{
	token_adjust(&((struct fixture *)arg)->db, 1, 1, 0, "why");
}

static void adjustment_without_a_reason(void *arg)
{
	token_adjust(&((struct fixture *)arg)->db, 1, 1, 5, "");
}

static void lot_below_nothing(void *arg)
{
	token_lot_add(&((struct fixture *)arg)->db, a_quota(1, 1, moment_now(), (struct moment){ 0 }, -1));
}

static void part_below_nothing(void *arg)
{
	token_lots_void_part(&((struct fixture *)arg)->db, 1, 1, -1, 10);
}

static void part_of_nothing(void *arg)
{
	token_lots_void_part(&((struct fixture *)arg)->db, 1, 1, 0, 0);
}

static void part_greater_than_the_whole(void *arg)
{
	token_lots_void_part(&((struct fixture *)arg)->db, 1, 1, 11, 10);
}

static void lots_less_than_the_balance(void *arg)
{
	struct fixture *f = arg;
	int64_t account = db_int(&f->db, "SELECT MIN(account_id) FROM token_account");
	db_run(&f->db, "UPDATE token_lot SET remaining = 1 WHERE account_id = ?", account);
	token_debit(&f->db, account, 1, 5, "key", "");
}

static void balance_less_than_the_lots(void *arg)
{
	struct fixture *f = arg;
	int64_t account = db_int(&f->db, "SELECT MIN(account_id) FROM token_account");
	db_run(&f->db, "UPDATE token_lot SET entitlement_id = 77 WHERE account_id = ?", account);
	db_run(&f->db, "UPDATE token_account SET balance = 1 WHERE account_id = ?", account);
	token_lots_void(&f->db, 77, "refunded");
}

static void pack_beyond_counting(void *arg)
{
	struct fixture *f = arg;
	int64_t id = 0;
	db_rollback(&f->db); /* an order is made in a transaction of its own */
	const char *price = a_tokens_price(f, "galaxy", INT64_MAX / 2);
	assert_int_equal(order_make(&f->db, a_member(f, "galaxy@example.com"), price, 3, random_id(f->mem), "en", &id), ORDER_MADE);
	db_begin(&f->db);
	order_fulfil(&f->db, order_move(&f->db, order_locked(&f->db, id), "paid", "test"));
}

static void nonsense_is_a_fault(void **state)
{
	static const struct { void (*run)(void *); const char *event; } rows[] = {
		{ debit_of_nothing, "token.amount" }, { debit_without_a_key, "token.amount" }, { debit_under_a_long_key, "token.amount" },
		{ adjustment_of_nothing, "token.amount" }, { adjustment_without_a_reason, "token.amount" },
		{ lot_below_nothing, "token.amount" }, { part_below_nothing, "token.amount" }, { part_of_nothing, "token.amount" },
		{ part_greater_than_the_whole, "token.amount" }, { lots_less_than_the_balance, "token.lots" },
		{ balance_less_than_the_lots, "token.range" }, { pack_beyond_counting, "token.range" },
	};
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	some_tokens(f, jenny, 50);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_begin(&f->db);
		assert_string_equal(failing(rows[i].run, f).event, rows[i].event);
		db_leave(&f->db);
		adds_up(f, jenny, 50);
	}
}

static void ledger_outside_a_transaction(void *arg)
{
	token_queue(&((struct fixture *)arg)->db, 1);
}

static void the_ledger_needs_a_transaction(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(failing(ledger_outside_a_transaction, f).event, "token.lock");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_account"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_check_sees_what_is_wrong),
		TEST(a_balance_cannot_overflow),
		TEST(nonsense_is_a_fault),
		TEST(the_ledger_needs_a_transaction),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
