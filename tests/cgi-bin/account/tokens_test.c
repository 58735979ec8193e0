/* /account/tokens: empty, the balance and its lots, the chart and its table, every line page by page,
 * nobody else's. */
#include "../../tokens.h"

static void debit(struct fixture *f, int64_t account, int64_t amount, const char *note)
{
	db_begin(&f->db);
	assert_int_equal(token_debit(&f->db, account, 1, amount, random_id(f->mem), note).outcome, TOKEN_DEBITED);
	db_commit(&f->db);
}

static void empty_is_friendly(void **state)
{
	struct fixture *f = *state;
	log_in(f, a_member(f, "jenny@example.com"));
	struct page page = get(f, "/account/tokens");
	assert_int_equal(page.status, 200);
	assert_has(page, "No tokens yet.");
	assert_lacks(page, "<svg");
	log_out(f);
	assert_string_equal(get(f, "/account/tokens").location, "/login?next=%2Faccount%2Ftokens");
}

static void says_what_there_is_and_when_it_ends(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	some_tokens(f, omar, 98765);
	a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	struct moment now = moment_now(), end = moment_add_days(now, 9);
	db_begin(&f->db);
	token_lot_add(&f->db, a_quota(jenny, 7, now, end, 4321));
	db_commit(&f->db);
	log_in(f, jenny);
	struct page page = get(f, "/account/tokens");
	assert_has(page, "<p class=\"amount\">7,321 <small>");
	assert_has(page, "Monthly quota");
	assert_has(page, mem_format(f->mem, "until <time datetime=\"%s\"", moment_iso(f->mem, end)));
	assert_has(page, "without expiry");
	assert_true(strstr(page.body, "Monthly quota") < strstr(page.body, ">Pack<")); /* in the order it is spent */
	assert_has(page, "Nothing was used");
	assert_has(page, "+3,000");
	assert_lacks(page, "98,765");
	moment_clock_set(end);
	page = get(f, "/account/tokens"); /* no job ran */
	assert_has(page, "<p class=\"amount\">3,000 <small>");
	assert_lacks(page, "Monthly quota");
}

static void draws_what_was_used(void **state)
{
	struct fixture *f = *state;
	struct moment noon = moment_from_unix(1800014400), today = noon; /* 2027-01-15 */
	int64_t jenny = a_member(f, "jenny@example.com");
	moment_clock_set(moment_add_days(noon, -20));
	some_tokens(f, jenny, 100000);
	debit(f, jenny, 7777, "too long ago");
	for (int days = 13; days >= 0; days -= 13) {
		moment_clock_set(moment_add_days(today, -days));
		debit(f, jenny, days ? 500 : 1000, "<b>work</b>");
		debit(f, jenny, days ? 500 : 1000, "");
	}
	log_in(f, jenny);
	struct page page = get(f, "/account/tokens");
	assert_int_equal(times(page.body, "<rect "), 14);
	assert_int_equal(times(page.body, "<td class=\"number\">"), 2);
	assert_has(page, "<rect x=\"6\" y=\"154\" width=\"28\" height=\"130\"/>");
	assert_has(page, "<rect x=\"526\" y=\"24\" width=\"28\" height=\"260\"/>");
	assert_has(page, "<text class=\"peak\" x=\"540\" y=\"16\">2,000</text>");
	assert_has(page, "<td class=\"number\">1,000</td>");
	assert_lacks(page, "7,777</td>");
	assert_has(page, "&lt;b&gt;work&lt;/b&gt;");
	assert_lacks(page, " style=");
}

static void pages_by_twenty(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	some_tokens(f, jenny, 1000);
	for (int i = 0; i < 44; i++)
		debit(f, jenny, 1, "");
	log_in(f, jenny);
	struct page first = get(f, "/account/tokens"), second = get(f, next_of(f, first)),
		third = get(f, next_of(f, second));
	assert_int_equal(times(first.body, "row-sum"), 20);
	assert_int_equal(times(second.body, "row-sum"), 20);
	assert_int_equal(times(third.body, "row-sum"), 5);
	assert_null(next_of(f, third));
	assert_has(third, "+1,000");
	assert_has(third, "for a test");
}

static void says_what_a_dispute_holds(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), order =
		a_purchase(f, jenny, a_tokens_price(f, "pack", 3000));
	db_begin(&f->db);
	token_lots_freeze(&f->db, right_id_of(f, order), "disputed");
	db_commit(&f->db);
	log_in(f, jenny);
	f->language = "fr";
	struct page page = get(f, "/account/tokens?lang=fr");
	assert_has(page, "3\u202f000 autres sont retenus");
	assert_has(page, "<p class=\"amount\">0 <small>");
	assert_has(page, "−3\u202f000");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(empty_is_friendly), TEST(says_what_there_is_and_when_it_ends),
		TEST(draws_what_was_used), TEST(pages_by_twenty), TEST(says_what_a_dispute_holds) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
