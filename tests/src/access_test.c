/* access_test.c: access granted, stacked, suspended, used up, moved up; tokens for module servers. */
#include "../tokens.h"

#include "access.h"
#include "entitlement.h"

static struct access_answer check(struct fixture *f, int64_t account, const char *module)
{
	return access_check(&f->db, (struct access_ask){ .account_id = account, .module = module, .level = "" });
}

static enum access_code use(struct fixture *f, struct access_ask ask)
{
	db_begin(&f->db);
	struct access_answer answer = access_use(&f->db, ask);
	db_commit(&f->db);
	return answer.code;
}

static enum access_code use_of(struct fixture *f, int64_t account)
{
	return use(f, (struct access_ask){ .account_id = account, .module = "studio", .level = "" });
}

static struct access_ask by_token(const char *token)
{
	return (struct access_ask){ .token = token, .module = "", .level = "" };
}

static void pass(int64_t days)
{
	moment_clock_set(moment_add_days(moment_now(), days));
}

static void move(struct fixture *f, int64_t order, int64_t (*fn)(struct db *, int64_t, const char *))
{
	db_begin(&f->db);
	assert_int_equal(fn(&f->db, order, "test"), 1);
	db_commit(&f->db);
}

static int64_t days_left(struct fixture *f, int64_t order)
{
	struct moment now = moment_now();
	return db_int(&f->db,
		"SELECT TIMESTAMPDIFF(DAY, ?, m.ends_at) FROM module_access m JOIN entitlement e ON e.id = m.entitlement_id"
		" WHERE e.order_id = ? AND m.ends_at = e.ends_at AND m.starts_at = e.starts_at",
		now, order);
}

static void a_purchase_opens_for_its_days(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	int64_t order = a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 0));
	struct access_answer answer = check(f, jenny, "studio");
	assert_int_equal(answer.code, ACCESS_OPEN);
	assert_string_equal(answer.access->level, "pro");
	assert_true(answer.access->unlimited);
	assert_int_equal(days_left(f, order), 30);
	assert_int_equal(check(f, jenny, "other").code, ACCESS_NONE);
	assert_int_equal(check(f, omar, "studio").code, ACCESS_NONE);
	assert_int_equal(access_check(&f->db, (struct access_ask){ .account_id = jenny, .module = "studio",
		.level = "basic" }).code, ACCESS_NONE);
	pass(30);
	assert_int_equal(check(f, jenny, "studio").code, ACCESS_ENDED);
	assert_int_equal(use_of(f, jenny), ACCESS_ENDED);
	db_begin(&f->db);
	assert_false(access_grant(&f->db, right_id_of(f, order)));
	db_commit(&f->db);
}

static void the_second_begins_where_the_first_ends(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_module_price(f, "pro", "studio", "pro", 30, 0);
	int64_t first = a_purchase(f, jenny, price);
	pass(10);
	int64_t second = a_purchase(f, jenny, price), third = a_purchase(f, jenny, price);
	int64_t basic = a_purchase(f, jenny, a_module_price(f, "basic", "studio", "basic", 30, 0));
	assert_int_equal(days_left(f, first), 20);
	assert_int_equal(days_left(f, second), 50);
	assert_int_equal(days_left(f, third), 80);
	assert_int_equal(days_left(f, basic), 30); /* another level does not wait */
	move(f, first, entitlements_revoke);
	assert_int_equal(days_left(f, second), 30); /* moved up */
	assert_int_equal(days_left(f, third), 60);
	assert_int_equal(check(f, jenny, "studio").code, ACCESS_OPEN);
}

static void a_quantity_multiplies(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com"), order = 0;
	const char *price = a_module_price(f, "pro", "studio", "pro", 30, 5);
	assert_int_equal(order_make(&f->db, jenny, price, 2, random_id(f->mem), "en", &order), ORDER_MADE);
	db_begin(&f->db);
	order_move(&f->db, order_locked(&f->db, order), "paid", "test");
	order_fulfil(&f->db, order_locked(&f->db, order));
	db_commit(&f->db);
	assert_int_equal(days_left(f, order), 60);
	assert_int_equal(check(f, jenny, "studio").access->uses_left, 10);
}

static void uses_run_out_and_the_next_moves_up(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_module_price(f, "pro", "studio", "pro", 30, 2);
	int64_t first = a_purchase(f, jenny, price), second = a_purchase(f, jenny, price);
	assert_int_equal(days_left(f, second), 60);
	assert_int_equal(use_of(f, jenny), ACCESS_OPEN);
	assert_int_equal(days_left(f, second), 60);
	assert_int_equal(use_of(f, jenny), ACCESS_OPEN);
	assert_int_equal(days_left(f, first), 30);
	assert_int_equal(days_left(f, second), 30);
	assert_int_equal(use_of(f, jenny), ACCESS_OPEN);
	assert_int_equal(use_of(f, jenny), ACCESS_OPEN);
	assert_int_equal(use_of(f, jenny), ACCESS_USED_UP);
	a_purchase(f, jenny, price); /* nothing to wait for: it begins now */
	assert_int_equal(use_of(f, jenny), ACCESS_OPEN);
}

static void a_dispute_stops_the_clock(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_module_price(f, "pro", "studio", "pro", 30, 0);
	int64_t first = a_purchase(f, jenny, price), second = a_purchase(f, jenny, price);
	pass(10);
	move(f, first, entitlements_suspend);
	assert_int_equal(check(f, jenny, "studio").code, ACCESS_SUSPENDED);
	pass(7);
	move(f, first, entitlements_restore);
	assert_int_equal(check(f, jenny, "studio").code, ACCESS_OPEN);
	assert_int_equal(days_left(f, first), 20);
	assert_int_equal(days_left(f, second), 50);
	move(f, second, entitlements_suspend); /* one that has not begun loses nothing */
	pass(5);
	move(f, second, entitlements_restore);
	assert_int_equal(days_left(f, second), 45);
	move(f, first, entitlements_suspend);
	pass(1);
	assert_int_equal(days_left(f, second), 44);
	move(f, first, entitlements_revoke);
	assert_int_equal(days_left(f, second), 30);
	assert_int_equal(check(f, jenny, "studio").code, ACCESS_OPEN);
}

/* News of a refund that failed may come before the end of the dispute: the days of the dispute are given back all the same. */
static void the_clock_stood_still_whatever_came_after(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 0));
	int64_t right = db_int(&f->db, "SELECT id FROM entitlement WHERE order_id = ? AND kind = 'module'", order);
	db_begin(&f->db);
	access_follow(&f->db, right, "suspended");
	pass(100);
	static const char *const states[] = { "revoked", "suspended", "active" };
	for (size_t i = 0; i < 3; i++)
		access_follow(&f->db, right, states[i]);
	db_commit(&f->db);
	assert_int_equal(days_left(f, order), 30);
}

static void revoked_is_over_and_reinstated_is_not(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_module_price(f, "p", "studio", "pro", 0, 0));
	assert_true(check(f, jenny, "studio").access->ends_at.us == 0);
	move(f, order, entitlements_revoke);
	assert_int_equal(check(f, jenny, "studio").code, ACCESS_REVOKED);
	db_begin(&f->db);
	assert_true(entitlement_reinstate(&f->db, right_id_of(f, order), 0, "refund failed"));
	db_commit(&f->db);
	assert_int_equal(check(f, jenny, "studio").code, ACCESS_OPEN);
}

static void reinstate(struct fixture *f, int64_t order)
{
	db_begin(&f->db);
	assert_true(entitlement_reinstate(&f->db, right_id_of(f, order), 0, "refund failed"));
	db_commit(&f->db);
}

/* What was bought meanwhile waits again, less what it has had; and nothing waits through days that were refunded. */
static void what_is_given_back_takes_its_place(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_module_price(f, "pro", "studio", "pro", 30, 0);
	int64_t first = a_purchase(f, jenny, price), second = a_purchase(f, jenny, price), third = a_purchase(f, jenny, price);
	pass(5);
	move(f, second, entitlements_revoke);
	assert_int_equal(days_left(f, third), 55); /* behind the first, which is open */
	reinstate(f, second);
	assert_int_equal(days_left(f, third), 85);
	move(f, first, entitlements_revoke);
	assert_int_equal(days_left(f, second), 30);
	pass(5);
	reinstate(f, first); /* its last 20 days, then the second's last 25, then the third */
	assert_int_equal(days_left(f, first), 20);
	assert_int_equal(days_left(f, second), 45);
	assert_int_equal(days_left(f, third), 75);
}

static void staff_gives_for_a_reason(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com"), staff = a_member(f, "staff@example.com");
	a_module_price(f, "pro", "studio", "pro", 30, 5);
	int64_t benefit = db_int(&f->db, "SELECT id FROM benefit WHERE kind = 'module'");
	db_begin(&f->db);
	int64_t right = access_give(&f->db, jenny, benefit, staff, "press copy");
	assert_int_equal(access_give(&f->db, jenny, benefit + 1, staff, "no such benefit"), 0);
	assert_int_not_equal(access_give(&f->db, jenny, benefit, staff, "and another"), right);
	db_commit(&f->db);
	assert_int_equal(check(f, jenny, "studio").access->uses_left, 5);
	assert_int_equal(db_int(&f->db,
		"SELECT COUNT(*) FROM entitlement e JOIN audit a ON a.id = e.source_id WHERE e.id = ?"
		" AND e.source = 'manual' AND a.actor_id = ? AND a.detail = 'press copy'", right, staff), 1);
	assert_int_equal(rights_lacking_source(&f->db), 0);
	assert_int_equal(db_int(&f->db, "SELECT TIMESTAMPDIFF(DAY, ?, MAX(ends_at)) FROM entitlement",
		moment_now()), 60);
}

static const char *a_token(struct fixture *f, int64_t account, int64_t uses)
{
	const char *token = NULL;
	const char *access = db_text(&f->db, "SELECT public_id FROM module_access WHERE account_id = ? ORDER BY id"
		" LIMIT 1", account);
	assert_int_equal(access_token_make(&f->db, account, access, uses, &token), ACCESS_TOKEN_MADE);
	assert_int_equal(strlen(token), 43);
	return token;
}

static void a_token_opens_and_is_counted(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 5));
	const char *two = a_token(f, jenny, 2), *any = a_token(f, jenny, 0);
	assert_int_equal(access_check(&f->db, by_token(two)).token_uses_left, 2);
	assert_true(access_check(&f->db, by_token(any)).token_unlimited);
	assert_int_equal(use(f, by_token(two)), ACCESS_OPEN);
	assert_int_equal(use(f, by_token(two)), ACCESS_OPEN);
	assert_int_equal(use(f, by_token(two)), ACCESS_TOKEN_ENDED);
	for (int i = 0; i < 3; i++)
		assert_int_equal(use(f, by_token(any)), ACCESS_OPEN);
	assert_int_equal(use(f, by_token(any)), ACCESS_USED_UP);
	assert_int_equal(use(f, by_token("nonsense")), ACCESS_NONE);
	struct access_ask ask = by_token(any);
	ask.account_id = omar;
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_NONE);
	ask = by_token(any);
	ask.module = "other";
	assert_int_equal(access_check(&f->db, ask).code, ACCESS_NONE);
}

static void a_token_ends(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	int64_t order = a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 1, 0));
	const char *first = a_token(f, jenny, 0), *id = db_text(&f->db, "SELECT public_id FROM access_token");
	assert_false(access_token_revoke(&f->db, omar, id));
	assert_true(access_token_revoke(&f->db, jenny, id));
	assert_false(access_token_revoke(&f->db, jenny, id));
	assert_int_equal(access_check(&f->db, by_token(first)).code, ACCESS_TOKEN_ENDED);
	const char *second = a_token(f, jenny, 0);
	move(f, order, entitlements_suspend); /* bites on the next request */
	assert_int_equal(access_check(&f->db, by_token(second)).code, ACCESS_SUSPENDED);
	move(f, order, entitlements_restore);
	moment_clock_set(moment_add_seconds(moment_now(), 12 * 3600 - 1));
	assert_int_equal(access_check(&f->db, by_token(second)).code, ACCESS_OPEN);
	moment_clock_set(moment_add_seconds(moment_now(), 1));
	assert_int_equal(access_check(&f->db, by_token(second)).code, ACCESS_TOKEN_ENDED);
	moment_clock_set(moment_add_seconds(moment_now(), 6 * 3600));
	a_token(f, jenny, 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM access_token t"
		" JOIN module_access m ON m.id = t.access_id WHERE t.expires_at = m.ends_at"),
		1); /* never longer than the access */
}

static void tokens_have_a_number_and_an_owner(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 0));
	const char *token, *access = db_text(&f->db, "SELECT public_id FROM module_access");
	assert_int_equal(access_token_make(&f->db, omar, access, 0, &token), ACCESS_TOKEN_NO_ACCESS);
	for (int i = 0; i < ACCESS_TOKENS; i++)
		a_token(f, jenny, 1);
	assert_int_equal(access_token_make(&f->db, jenny, access, 0, &token), ACCESS_TOKEN_TOO_MANY);
}

/* An end is told once; one that moved, as by a renewal, once more. */
static void an_end_is_told_once(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 30, 0));
	assert_int_equal(access_ends_tell(&f->db, 10), 0);
	pass(31);
	assert_int_equal(access_ends_tell(&f->db, 10), 1);
	assert_int_equal(access_ends_tell(&f->db, 10), 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM event WHERE topic = 'module.expired' AND account_id = ?", jenny), 1);
	db_run(&f->db, "UPDATE module_access SET ends_at = ends_at + INTERVAL 30 DAY");
	assert_int_equal(access_ends_tell(&f->db, 10), 0);
	pass(31);
	assert_int_equal(access_ends_tell(&f->db, 10), 1);
}

/* A right that a subscription brings says itself from when to when; what is bought once neither moves it nor is moved. */
static void a_subscription_s_access_has_times_of_its_own(void **state)
{
	static const char *const sources[] = { "subscription", "period" };
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	a_module_price(f, "pro", "studio", "pro", 30, 5);
	for (size_t i = 0; i < 2; i++) {
		struct moment from = moment_add_days(moment_now(), -2), to = moment_add_days(moment_now(), 7);
		db_script(&f->db, "SAVEPOINT row");
		int64_t right = db_insert(&f->db,
			"INSERT INTO entitlement (account_id, public_id, source, source_id, benefit_id, product_id, kind, state, title,"
			" price_title, starts_at, ends_at, created_at) SELECT ?, ?, ?, 7, id, product_id, 'module', 'active', '', '', ?, ?, ?"
			" FROM benefit WHERE kind = 'module'",
			jenny, random_id(f->mem), sources[i], from, to, from);
		db_begin(&f->db);
		assert_true(access_grant(&f->db, right));
		assert_true(check(f, jenny, "studio").access->ends_at.us / 1000000 == to.us / 1000000);
		access_follow(&f->db, right, "suspended");
		assert_int_equal(check(f, jenny, "studio").code, ACCESS_SUSPENDED);
		pass(3);
		access_follow(&f->db, right, "active"); /* what the dispute took is the subscription's to give */
		assert_true(check(f, jenny, "studio").access->ends_at.us / 1000000 == to.us / 1000000);
		access_follow(&f->db, right, "active");
		db_commit(&f->db);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
		pass(-3);
	}
}

/* Suspended before it began: only what it lost of its own days comes back. */
static void a_dispute_before_the_beginning_takes_nothing(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_module_price(f, "pro", "studio", "pro", 30, 0);
	a_purchase(f, jenny, price);
	int64_t second = a_purchase(f, jenny, price);
	move(f, second, entitlements_suspend);
	pass(10);
	move(f, second, entitlements_restore);
	assert_int_equal(days_left(f, second), 50);
	move(f, second, entitlements_suspend);
	pass(25); /* five of its own */
	move(f, second, entitlements_restore);
	assert_int_equal(days_left(f, second), 30);
}

static void uses_beyond_counting(void *arg)
{
	struct fixture *f = arg;
	order_fulfil(&f->db, order_locked(&f->db, db_int(&f->db, "SELECT MAX(id) FROM orders")));
}

static void what_cannot_be_counted_is_a_fault(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order = 0;
	const char *price = a_module_price(f, "pro", "studio", "pro", 30, INT64_MAX / 2);
	assert_int_equal(order_make(&f->db, jenny, price, 3, random_id(f->mem), "en", &order), ORDER_MADE);
	db_begin(&f->db);
	order_move(&f->db, order_locked(&f->db, order), "paid", "test");
	assert_string_equal(failing(uses_beyond_counting, f).event, "access.range");
	db_leave(&f->db);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM module_access"), 0);
}

/* The word for each state and time, as a module's server is told. */
static void an_access_is_worth_what_it_says(void **state)
{
	(void)state;
	static const struct { const char *state; int64_t from, to; bool unlimited; int64_t uses; const char *word; } rows[] = {
		{ "active", -5, 5, true, 0, "open" }, { "active", -5, 0, true, 0, "open" }, { "active", -5, 5, false, 1, "open" },
		{ "active", -5, 5, false, 0, "used_up" }, { "active", 2, 5, true, 0, "later" }, { "active", -5, -1, true, 0, "ended" },
		{ "suspended", -5, 5, true, 0, "suspended" }, { "revoked", -5, 5, true, 0, "revoked" },
		{ "expired", -5, 5, true, 0, "ended" }, { "new_in_2031", -5, 5, true, 0, "ended" },
	};
	struct moment now = moment_from_unix(1800000000);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct access access = { .state = rows[i].state, .starts_at = moment_add_days(now, rows[i].from),
			.ends_at = rows[i].to ? moment_add_days(now, rows[i].to) : (struct moment){ 0 }, .unlimited = rows[i].unlimited,
			.uses_left = rows[i].uses };
		assert_string_equal(access_word(access_judge(&access, now)), rows[i].word);
	}
}

/* Access for ever, without counted uses: use after use, and a token lasts its own hours. */
static void access_for_ever_is_never_used_up(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_now());
	int64_t jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, a_module_price(f, "pro", "studio", "pro", 0, 0));
	const char *token = a_token(f, jenny, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(use_of(f, jenny), ACCESS_OPEN);
		assert_int_equal(use(f, by_token(token)), ACCESS_OPEN);
		pass(0);
	}
	assert_true(access_check(&f->db, by_token(token)).token_expires_at.us > moment_now().us);
	move(f, order, entitlements_suspend);
	pass(400);
	move(f, order, entitlements_restore);
	assert_int_equal(use_of(f, jenny), ACCESS_OPEN);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM module_access WHERE ends_at IS NULL"), 1);
	db_run(&f->db, "DELETE FROM entitlement WHERE order_id = ?", order);
	db_run(&f->db, "DELETE FROM module_access");
	assert_int_equal(access_check(&f->db, by_token(token)).code, ACCESS_NONE); /* nothing behind it any more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_purchase_opens_for_its_days),
		TEST(the_second_begins_where_the_first_ends),
		TEST(a_quantity_multiplies),
		TEST(uses_run_out_and_the_next_moves_up),
		TEST(a_dispute_stops_the_clock),
		TEST(the_clock_stood_still_whatever_came_after),
		TEST(revoked_is_over_and_reinstated_is_not),
		TEST(what_is_given_back_takes_its_place),
		TEST(staff_gives_for_a_reason),
		TEST(a_token_opens_and_is_counted),
		TEST(a_token_ends),
		TEST(tokens_have_a_number_and_an_owner),
		TEST(an_end_is_told_once),
		TEST(a_subscription_s_access_has_times_of_its_own),
		TEST(a_dispute_before_the_beginning_takes_nothing),
		TEST(what_cannot_be_counted_is_a_fault),
		TEST(an_access_is_worth_what_it_says),
		TEST(access_for_ever_is_never_used_up),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
