/* token_crowd_test.c: the ledger under many processes at once, each with a connection of its own. */
#include "../crowd.h"

#include "sign.h"
#include "token.h"

/* Fifty processes; more would ask too much of a machine that runs them under a sanitizer. */
enum { CROWD = 50, EACH = 20 };

struct crowd {
	int64_t account_id;
	const char *key; /* NULL: each its own */
	int64_t amount;
};

static void lot_put(struct fixture *f, int64_t account, int64_t granted, int64_t days)
{
	db_begin(&f->db);
	assert_true(token_lot_add(&f->db, (struct token_lot){ .account_id = account, .kind = TOKEN_STAFF,
		.line = LINE_ADJUSTMENT, .period_start = moment_add_days(moment_now(), days), .granted = granted,
		.expires_at = days ? moment_add_days(moment_now(), days) : (struct moment){ 0 } }));
	db_commit(&f->db);
}

static struct token_answer one_debit(struct db *db, const struct crowd *crowd, const char *key)
{
	db_begin(db);
	struct token_answer answer = token_debit(db, crowd->account_id, 1, crowd->amount, key, "");
	db_commit(db);
	return answer;
}

static bool debits(struct db *db, void *arg)
{
	patient(db);
	for (int i = 0; i < EACH; i++)
		one_debit(db, arg, random_id(db->mem));
	return true;
}

static void a_thousand_debits_of_five_hundred(void **state)
{
	struct fixture *f = *state;
	struct crowd crowd = { .account_id = a_member(f, "crowd@example.com"), .amount = 1 };
	for (int64_t days = 0; days < 5; days++)
		lot_put(f, crowd.account_id, 100, days);
	assert_int_equal(at_once(f, CROWD, debits, &crowd), CROWD);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_debit WHERE entry_id > 0"), 500);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_debit WHERE entry_id = 0 AND balance = 0"), 500);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(DISTINCT balance) FROM token_entry WHERE kind = 'debit'"),
		500);
	assert_int_equal(db_int(&f->db, "SELECT SUM(remaining) FROM token_lot"), 0);
	assert_int_equal(token_balance(&f->db, crowd.account_id), 0);
	assert_int_equal(token_check(&f->db), 0);
}

/* Asks twice; true for the one that took. All others must have heard the same. */
static bool the_same(struct db *db, void *arg)
{
	const struct crowd *crowd = arg;
	bool refused = crowd->amount > 70, took = false;
	patient(db);
	for (int i = 0; i < 2; i++) {
		struct token_answer answer = one_debit(db, crowd, crowd->key);
		if (answer.outcome != (refused ? TOKEN_REFUSED : TOKEN_DEBITED) || answer.balance != 63)
			_exit(3);
		took |= !answer.replayed;
	}
	return took;
}

static void one_key_a_hundred_times(void **state)
{
	struct fixture *f = *state;
	struct crowd crowd = { .account_id = a_member(f, "crowd@example.com"), .amount = 7, .key = "the same" };
	lot_put(f, crowd.account_id, 70, 0);
	assert_int_equal(at_once(f, CROWD, the_same, &crowd), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_entry WHERE kind = 'debit'"), 1);
	assert_int_equal(token_balance(&f->db, crowd.account_id), 63);
	crowd.key = "too much";
	crowd.amount = 71;
	assert_int_equal(at_once(f, CROWD, the_same, &crowd), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_debit"), 2);
	assert_int_equal(token_check(&f->db), 0);
}

/* Grants, debits and the expiry job of an account that had no row yet. */
static bool grant(struct db *db, void *arg)
{
	const struct crowd *crowd = arg;
	patient(db);
	db_begin(db);
	bool made = token_lot_add(db, (struct token_lot){ .account_id = crowd->account_id, .kind = TOKEN_QUOTA,
		.line = LINE_SUBSCRIPTION_INITIAL, .subscription_id = 7, .period_start = moment_from_unix(1800000000),
		.granted = 10 });
	db_commit(db);
	one_debit(db, crowd, random_id(db->mem));
	token_lots_expire(db, 10);
	return made;
}

static void one_period_granted_by_a_crowd(void **state)
{
	struct fixture *f = *state;
	struct crowd crowd = { .account_id = a_member(f, "crowd@example.com"), .amount = 1 };
	lot_put(f, a_member(f, "over@example.com"), 5, -1);
	assert_int_equal(at_once(f, CROWD, grant, &crowd), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_debit WHERE entry_id > 0"), 10);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_entry WHERE kind = 'expiry'"), 1);
	assert_int_equal(token_check(&f->db), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CROWDED(a_thousand_debits_of_five_hundred),
		CROWDED(one_key_a_hundred_times),
		CROWDED(one_period_granted_by_a_crowd),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
