/* token_test.c: the rules of the ledger (domain.md §4), one by one and from many processes at once. */
#include "../tokens.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "entitlement.h"
#include "quota.h"

static struct moment day(const char *text)
{
	struct moment moment;
	assert_true(moment_parse_iso(text, &moment));
	return moment;
}

static bool add(struct fixture *f, struct token_lot lot)
{
	db_begin(&f->db);
	bool made = token_lot_add(&f->db, lot);
	db_commit(&f->db);
	return made;
}

static struct token_answer debit(struct fixture *f, int64_t account, int64_t amount, const char *key)
{
	db_begin(&f->db);
	struct token_answer answer = token_debit(&f->db, account, amount, key, "work");
	db_commit(&f->db);
	return answer;
}

static void adds_up(struct fixture *f, int64_t account, int64_t balance)
{
	assert_int_equal(token_balance(&f->db, account), balance);
	assert_int_equal(token_check(&f->db), 0);
	assert_int_equal(db_int(&f->db, "SELECT SUM(amount) FROM token_entry WHERE account_id = ?", account),
		balance);
}

static int64_t kind_sum(struct fixture *f, const char *kind)
{
	return db_int(&f->db, "SELECT SUM(amount) FROM token_entry WHERE kind = ?", kind);
}

/* Pack 3000 + plan 3000, spend 500, renew: 6000, of which 3000 expire. */
static void the_domain_s_check(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(day("2026-01-31T10:00:00Z"));
	struct moment anchor = moment_now();
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	struct quota_month month = quota_month(anchor, moment_now());
	assert_true(add(f, a_quota(jenny, 7, month.starts_at, month.ends_at, 3000)));
	adds_up(f, jenny, 6000);
	assert_int_equal(debit(f, jenny, 500, "a").balance, 5500);
	moment_clock_set(day("2026-02-28T10:00:00Z"));
	month = quota_month(anchor, moment_now());
	assert_int_equal(month.k, 1);
	assert_int_equal(token_balance(&f->db, jenny), 3000); /* over at the second, though no job ran */
	assert_true(add(f, a_quota(jenny, 7, month.starts_at, month.ends_at, 3000)));
	adds_up(f, jenny, 6000);
	assert_int_equal(db_int(&f->db,
		"SELECT SUM(remaining) FROM token_lot WHERE state = 'active' AND expires_at = ?",
		day("2026-03-31T10:00:00Z")), 3000);
	assert_int_equal(kind_sum(f, "expiry"), -2500);
}

static void a_period_is_granted_once(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	struct moment now = moment_now();
	struct token_lot quota = a_quota(jenny, 7, now, moment_add_days(now, 30), 3000);
	assert_true(add(f, quota));
	assert_false(add(f, quota));
	quota.granted = 10000;
	assert_false(add(f, quota));
	adds_up(f, jenny, 3000);
	quota.kind = TOKEN_UPGRADE; /* another kind of the same period is another lot */
	quota.granted = quota_upgrade(3000, 10000, quota.period_start, quota.expires_at, moment_add_days(now, 15));
	assert_true(add(f, quota));
	adds_up(f, jenny, 6500);
	quota.kind = TOKEN_TRIAL;
	quota.granted = 0;
	assert_false(add(f, quota));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot"), 2);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'tokens.granted'"), 2);
}

static void a_pack_is_its_tokens_times_the_quantity(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), id = 0;
	const char *price = a_tokens_price(f, "pack", 3000);
	assert_int_equal(order_make(&f->db, jenny, price, 3, random_id(f->mem), "en", &id), ORDER_MADE);
	db_begin(&f->db);
	order_move(&f->db, order_locked(&f->db, id), "paid", "test");
	order_fulfil(&f->db, order_locked(&f->db, id));
	order_fulfil(&f->db, order_locked(&f->db, id));
	assert_false(token_grant(&f->db, right_id_of(f, id)));
	db_commit(&f->db);
	adds_up(f, jenny, 9000);
	assert_int_equal(kind_sum(f, "pack_purchase"), 9000);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot WHERE expires_at IS NULL"
		" AND kind = 'pack'"), 1);
	int64_t other = a_purchase(f, jenny, a_price(f, "files", 500));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_lot l"
		" JOIN entitlement e ON e.id = l.entitlement_id WHERE e.order_id = ?", other), 0);
}

static void a_key_is_answered_once_and_for_all(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	some_tokens(f, jenny, 100);
	some_tokens(f, omar, 100);
	struct token_answer first = debit(f, jenny, 30, "k"), again = debit(f, jenny, 30, "k");
	assert_true(first.outcome == TOKEN_DEBITED && !first.replayed && first.balance == 70);
	debit(f, jenny, 5, "other");
	again = debit(f, jenny, 30, "k");
	assert_true(again.outcome == TOKEN_DEBITED && again.replayed && again.balance == 70);
	assert_int_equal(debit(f, jenny, 31, "k").outcome, TOKEN_CONFLICT);
	assert_int_equal(debit(f, jenny, 30, "K").outcome, TOKEN_DEBITED); /* keys differ in case */
	assert_false(debit(f, omar, 30, "k").replayed);                   /* and are each account's own */
	adds_up(f, jenny, 35);
	first = debit(f, jenny, 1000, "much");
	assert_true(first.outcome == TOKEN_REFUSED && !first.replayed && first.balance == 35);
	some_tokens(f, jenny, 5000);
	again = debit(f, jenny, 1000, "much");
	assert_true(again.outcome == TOKEN_REFUSED && again.replayed && again.balance == 35);
	assert_int_equal(debit(f, jenny, 1000, "much again").outcome, TOKEN_DEBITED);
	adds_up(f, jenny, 4035);
}

static int64_t left(struct fixture *f, int64_t granted)
{
	return db_int(&f->db, "SELECT remaining FROM token_lot WHERE granted = ?", granted);
}

static void the_earliest_expiry_goes_first(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	struct moment now = moment_now();
	moment_clock_set(now);
	some_tokens(f, jenny, 11); /* the oldest without expiry */
	moment_clock_set(moment_add_seconds(now, 1));
	some_tokens(f, jenny, 12);
	add(f, a_quota(jenny, 1, now, moment_add_days(now, 20), 13));
	add(f, a_quota(jenny, 2, now, moment_add_days(now, 10), 14));
	assert_int_equal(debit(f, jenny, 4, "1").outcome, TOKEN_DEBITED);
	assert_int_equal(left(f, 14), 10);
	assert_int_equal(debit(f, jenny, 24, "2").outcome, TOKEN_DEBITED); /* 10 of it, 13, 1 of the oldest */
	assert_true(left(f, 14) == 0 && left(f, 13) == 0 && left(f, 11) == 10 && left(f, 12) == 12);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_spend"), 3);
	assert_int_equal(db_int(&f->db, "SELECT SUM(amount) FROM token_spend"), 24);
	assert_int_equal(debit(f, jenny, 22, "3").balance, 0);
	assert_int_equal(debit(f, jenny, 1, "4").outcome, TOKEN_REFUSED);
	adds_up(f, jenny, 0);
}

static void the_job_expires_each_account(void **state)
{
	struct fixture *f = *state;
	struct moment now = moment_now();
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	add(f, a_quota(jenny, 1, now, moment_add_days(now, 1), 10));
	add(f, a_quota(omar, 2, now, moment_add_days(now, 1), 20));
	add(f, a_quota(omar, 3, now, moment_add_days(now, 9), 30));
	debit(f, omar, 20, "all of the first");
	assert_int_equal(token_lots_expire(&f->db, 100), 0);
	moment_clock_set(moment_add_days(now, 1));
	assert_int_equal(token_lots_expire(&f->db, 1), 1);
	assert_int_equal(token_lots_expire(&f->db, 100), 1);
	assert_int_equal(token_lots_expire(&f->db, 100), 0);
	adds_up(f, jenny, 0);
	adds_up(f, omar, 30);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM token_entry WHERE kind = 'expiry'"),
		1); /* none of nothing */
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'tokens.expired'"), 1);
}

static void a_refund_voids_what_is_left(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	some_tokens(f, jenny, 100);
	debit(f, jenny, 600, "a"); /* of the pack, which is the older */
	db_begin(&f->db);
	assert_int_equal(entitlements_revoke(&f->db, order, "refunded"), 1);
	assert_int_equal(entitlements_revoke(&f->db, order, "refunded"), 0);
	db_commit(&f->db);
	adds_up(f, jenny, 100);
	assert_string_equal(db_text(&f->db, "SELECT note FROM token_entry WHERE kind = 'refund'"),
		"refunded, shortfall 600");
	assert_int_equal(debit(f, jenny, 101, "b").outcome, TOKEN_REFUSED);
	db_begin(&f->db);
	assert_true(entitlement_reinstate(&f->db, right_id_of(f, order), 0, "refund failed"));
	db_commit(&f->db);
	adds_up(f, jenny, 2500);
}

static void a_part_is_voided_pro_rata(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_tokens_price(f, "pack", 1000));
	int64_t right = right_id_of(f, order);
	db_begin(&f->db);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 1, 3), -333);
	db_commit(&f->db);
	adds_up(f, jenny, 667);
	debit(f, jenny, 600, "a");
	db_begin(&f->db);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 1, 2), -67);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 0, 2), 0);
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_string_equal(db_text(&f->db, "SELECT note FROM token_entry WHERE kind = 'refund' ORDER BY id DESC"
		" LIMIT 1"),
		"refunded in part, shortfall 433");
}

static void a_dispute_freezes(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	debit(f, jenny, 1000, "a");
	db_begin(&f->db);
	entitlements_suspend(&f->db, order, "disputed");
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_int_equal(debit(f, jenny, 1, "b").outcome, TOKEN_REFUSED);
	db_begin(&f->db);
	entitlements_restore(&f->db, order, "won");
	db_commit(&f->db);
	adds_up(f, jenny, 2000);
	assert_int_equal(debit(f, jenny, 1, "c").outcome, TOKEN_DEBITED);
	db_begin(&f->db);
	entitlements_suspend(&f->db, order, "disputed");
	entitlements_revoke(&f->db, order, "dispute_lost");
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM token_lot"), "void");
	assert_string_equal(db_text(&f->db, "SELECT note FROM token_entry WHERE kind = 'refund'"),
		"dispute_lost, shortfall 1001");
}

static void what_thaws_too_late_expires(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	struct moment now = moment_now();
	add(f, a_quota(jenny, 1, now, moment_add_days(now, 10), 500));
	db_begin(&f->db);
	assert_int_equal(token_lots_freeze(&f->db, 1000, "disputed"), -500);
	assert_int_equal(token_lots_freeze(&f->db, 1000, "disputed"), 0);
	db_commit(&f->db);
	moment_clock_set(moment_add_days(now, 11));
	assert_int_equal(token_lots_expire(&f->db, 10), 0); /* a frozen lot waits */
	db_begin(&f->db);
	assert_int_equal(token_lots_unfreeze(&f->db, 1000, "won"), 0);
	db_commit(&f->db);
	adds_up(f, jenny, 0);
	assert_string_equal(db_text(&f->db, "SELECT state FROM token_lot"), "expired");
}

static void staff_adjusts_with_a_reason(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), staff = a_member(f, "staff@example.com");
	moment_clock_set(moment_now());
	db_begin(&f->db);
	assert_true(token_adjust(&f->db, jenny, staff, 50, "sorry for the outage"));
	assert_true(token_adjust(&f->db, jenny, staff, 50, "and again"));
	assert_false(token_adjust(&f->db, jenny, staff, -101, "too much"));
	assert_true(token_adjust(&f->db, jenny, staff, -60, "given by mistake"));
	db_commit(&f->db);
	adds_up(f, jenny, 40);
	assert_int_equal(db_int(&f->db,
		"SELECT COUNT(*) FROM audit WHERE action = 'tokens.adjusted' AND actor_id = ? AND account_id = ?", staff,
		jenny), 3);
}

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
	token_debit(&((struct fixture *)arg)->db, 1, 0, "key", "");
}

static void debit_without_a_key(void *arg)
{
	token_debit(&((struct fixture *)arg)->db, 1, 1, "", "");
}

static void debit_under_a_long_key(void *arg)
{
	struct fixture *f = arg;
	char *key = mem_get(f->mem, 257);
	memset(key, 'k', 256);
	token_debit(&f->db, 1, 1, key, "");
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
	token_debit(&f->db, account, 5, "key", "");
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

/* A part of a line went back while the bank held it: what is frozen shrinks, and what thaws is the rest. */
static void a_part_of_what_is_frozen_is_voided(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t right = right_id_of(f, a_purchase(f, jenny, a_tokens_price(f, "pack", 1000)));
	db_begin(&f->db);
	assert_int_equal(token_lots_freeze(&f->db, right, "disputed"), -1000);
	assert_int_equal(token_lots_void_part(&f->db, right, 7, 25, 100), 0);
	adds_up(f, jenny, 0);
	assert_int_equal(token_lots_unfreeze(&f->db, right, "won"), 750);
	adds_up(f, jenny, 750);
	assert_int_equal(token_lots_void_part(&f->db, right, 8, 0, 100), 0); /* nothing of it */
	assert_int_equal(token_lots_freeze(&f->db, right, "disputed again"), -750);
	assert_int_equal(token_lots_part_back(&f->db, 7), 0); /* waits in the lot */
	assert_int_equal(token_lots_unfreeze(&f->db, right, "won again"), 1000);
	assert_int_equal(token_lots_part_back(&f->db, 7), 0);
	adds_up(f, jenny, 1000);
	assert_int_equal(token_lots_void(&f->db, right, "refunded"), -1000);
	assert_int_equal(token_lots_void_part(&f->db, right, 9, 25, 100), 0); /* void already */
	adds_up(f, jenny, 0);
	db_commit(&f->db);
	assert_int_equal(token_lots_void(&f->db, 0, "of no right"), 0);
}

/* Told when a debit crosses the line, not at each one below it. */
static void few_left_is_told_once(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	some_tokens(f, jenny, conf.tokens_low + 10);
	debit(f, jenny, 10, "a");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'tokens.low'"), 0);
	debit(f, jenny, 1, "b");
	debit(f, jenny, 1, "b");
	debit(f, jenny, 1, "c");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'tokens.low'"), 1);
	assert_string_equal(db_text(&f->db, "SELECT payload FROM event WHERE topic = 'tokens.low'"),
		mem_format(f->mem, "{\"balance\":%lld}", (long long)conf.tokens_low - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_domain_s_check),
		TEST(a_period_is_granted_once),
		TEST(a_pack_is_its_tokens_times_the_quantity),
		TEST(a_key_is_answered_once_and_for_all),
		TEST(the_earliest_expiry_goes_first),
		TEST(the_job_expires_each_account),
		TEST(a_refund_voids_what_is_left),
		TEST(a_part_is_voided_pro_rata),
		TEST(a_dispute_freezes),
		TEST(what_thaws_too_late_expires),
		TEST(staff_adjusts_with_a_reason),
		TEST(the_check_sees_what_is_wrong),
		TEST(a_balance_cannot_overflow),
		TEST(nonsense_is_a_fault),
		TEST(the_ledger_needs_a_transaction),
		TEST(a_part_of_what_is_frozen_is_voided),
		TEST(few_left_is_told_once),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
