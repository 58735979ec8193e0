/* token_test.c: the rules of the ledger (domain.md §4), one by one: grants, debits, expiry. What goes back: token_void_test.c;
 * what only a fault could ask for: token_fault_test.c; many processes at once: token_crowd_test.c. */
#include "ledger.h"

#include "conf.h"
#include "quota.h"

static struct moment day(const char *text)
{
	struct moment moment;
	assert_true(moment_parse_iso(text, &moment));
	return moment;
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

/* Two programs that number their work alike; an answer of before programs were told apart is any program's. */
static void a_key_is_the_programs_own(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	some_tokens(f, jenny, 100);
	assert_false(debit_by(f, 1, jenny, 10, "job-1").replayed);
	struct token_answer other = debit_by(f, 2, jenny, 10, "job-1");
	assert_true(other.outcome == TOKEN_DEBITED && !other.replayed && other.balance == 80);
	assert_int_equal(debit_by(f, 2, jenny, 11, "job-1").outcome, TOKEN_CONFLICT);
	assert_true(debit_by(f, 1, jenny, 10, "job-1").balance == 90);
	db_run(&f->db, "UPDATE token_debit SET api_key_id = 0, idempotency_key = 'old' WHERE api_key_id = 1");
	assert_true(debit_by(f, 1, jenny, 10, "old").replayed && debit_by(f, 2, jenny, 10, "old").replayed);
	adds_up(f, jenny, 80);
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
		TEST(a_key_is_the_programs_own),
		TEST(a_key_is_answered_once_and_for_all),
		TEST(the_earliest_expiry_goes_first),
		TEST(the_job_expires_each_account),
		TEST(few_left_is_told_once),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
