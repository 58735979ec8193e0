/* /admin/grant: a right without an order: chosen, given once, refused with what was typed. */
#include "../../clerk.h"
#include "../../tokens.h"

#define KEY "key=AAAAAAAAAAAAAAAAAAAAAA&"
#define HERE "/admin/grant?product=night-walk"

static int64_t benefit_of(struct fixture *f, const char *slug, const char *kind)
{
	return db_int(&f->db, "SELECT b.id FROM benefit b JOIN product p ON p.id = b.product_id WHERE p.slug = ? AND b.kind = ?", slug, kind);
}

static const char *form_of(struct fixture *f, int64_t benefit, const char *email, const char *reason)
{
	return mem_format(f->mem, KEY "benefit=%lld&email=%s&reason=%s", (long long)benefit, email, reason);
}

static const char *all_there_is(struct fixture *f)
{
	return db_text(&f->db, "SELECT CONCAT((SELECT COUNT(*) FROM entitlement), ' ', (SELECT COUNT(*) FROM license), ' ',"
		" (SELECT COUNT(*) FROM audit), ' ', (SELECT COUNT(*) FROM event), ' ', (SELECT COUNT(*) FROM job), ' ',"
		" (SELECT COUNT(*) FROM token_entry))");
}

static void only_staff_give(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	a_member(f, "jenny@example.com");
	const char *before = all_there_is(f), *form = form_of(f, benefit_of(f, "night-walk", "license"), "jenny%40example.com", "a+gift");
	db_script(&f->db, "SAVEPOINT look");
	shown_to_staff_alone(f, "/admin/grant");
	db_script(&f->db, "ROLLBACK TO SAVEPOINT look");
	posted_by_staff_alone(f, HERE, form);
	assert_has(get(f, HERE), "method=\"post\" action=\"" HERE "\"");
	proof_is_old(f);
	struct page page = get(f, HERE); /* nothing to fill in that would be lost on the way to the password */
	assert_lacks(page, "method=\"post\" action=\"/admin/grant");
	assert_has(page, "href=\"/reauth?next=%2Fadmin%2Fgrant%3Fproduct%3Dnight-walk\"");
	assert_string_equal(post(f, HERE, form).location, "/reauth?next=%2Fadmin%2Fgrant%3Fproduct%3Dnight-walk");
	assert_string_equal(all_there_is(f), before);
}

static void the_product_comes_first(void **state)
{
	struct fixture *f = *state;
	a_clerk(f);
	struct page page = get(f, "/admin/grant");
	assert_int_equal(page.status, 200);
	assert_lacks(page, "<option ");
	a_price(f, NULL, 1900);
	a_price(f, "other", 300);
	static const char *const none[] = { "", "?product=", "?product=nothing", "?product=%27", "?product=%C3%A9", "?product=NIGHT-WALK",
		"?product=night-walk&product=other" };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		page = get(f, mem_format(f->mem, "/admin/grant%s", none[i]));
		assert_int_equal(page.status, 200);
		assert_int_equal(times(page.body, "<option "), 2);
		assert_lacks(page, "name=\"benefit\"");
	}
	page = get(f, HERE);
	assert_has(page, "<option value=\"night-walk\" selected>Night Walk</option>");
	assert_int_equal(times(page.body, "name=\"benefit\""), 2);
	assert_has(page, "Download, Basic");
	assert_has(page, "Licence, Basic");
	assert_lacks(page, " checked");
	assert_lacks(page, "aria-invalid");
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	assert_has(get(f, HERE), "Licence, Base");
	db_run(&f->db, "UPDATE product_text SET title = CONCAT('<b>', REPEAT('w', 200)) WHERE language = 'fr'");
	assert_has(get(f, HERE), mem_format(f->mem, "&lt;b&gt;%s", db_text(&f->db, "SELECT REPEAT('w', 200)")));
}

static void a_right_is_given_once_and_told(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com"), clerk = a_clerk(f);
	a_price(f, NULL, 1900);
	const char *form = form_of(f, benefit_of(f, "night-walk", "license"), "+Jenny%40Example.COM+", "a+mistake+of+ours");
	for (int twice = 0; twice < 2; twice++)
		assert_string_equal(post(f, HERE, form).location, "/admin/grant?notice=right_given");
	assert_has(get(f, "/admin/grant?notice=right_given"), "The right is given.");
	assert_string_equal(db_text(&f->db, "SELECT CONCAT_WS(' ', COUNT(*), MAX(account_id) - ?, MAX(source), MAX(kind), MAX(state),"
		" MAX(order_id)) FROM entitlement", jenny), "1 0 manual license active 0");
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM license WHERE account_id = ? AND state = 'active'", jenny), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'entitlement.granted' AND actor_id = ?"
					" AND account_id = ? AND detail = 'a mistake of ours'", clerk, jenny), 1);
	a_tokens_price(f, "pack", 3000);
	post(f, "/admin/grant?product=pack", mem_format(f->mem, "key=BBBBBBBBBBBBBBBBBBBBBB&benefit=%lld&email=jenny%%40example.com"
		"&reason=a+gift", (long long)benefit_of(f, "pack", "tokens")));
	assert_int_equal(token_balance(&f->db, jenny), 3000);
}

struct refusal {
	const char *name, *form, *says, *email, *reason, *field;
	bool chosen;
};

static void a_bad_gift_keeps_what_was_typed(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	a_member(f, "jenny@example.com");
	a_clerk(f);
	long long one = benefit_of(f, "night-walk", "license");
	const char *chosen = mem_format(f->mem, KEY "benefit=%lld", one), *all = "&email=jenny%40example.com&reason=a+gift";
	const struct refusal rows[] = {
		{ "nothing", "", "This form was open for too long", "", "", "email", false },
		{ "a bent key", mem_format(f->mem, "key=short&benefit=%lld%s", one, all), "This form was open for too long",
			"jenny@example.com", "a gift", "", true },
		{ "no benefit", mem_format(f->mem, KEY "%s", all + 1), "Please fill this in.", "jenny@example.com", "a gift", "", false },
		{ "benefit 0", mem_format(f->mem, KEY "benefit=0%s", all), "Please give a whole number", "jenny@example.com", "a gift", "", false },
		{ "a word", mem_format(f->mem, KEY "benefit=all%s", all), "Please give a whole number", "jenny@example.com", "a gift", "", false },
		{ "no such benefit", mem_format(f->mem, KEY "benefit=9223372036854775807%s", all), "Please choose one of the options.",
			"jenny@example.com", "a gift", "", false },
		{ "nobody", mem_format(f->mem, "%s&email=nobody%%40example.com&reason=a+gift", chosen), "Nobody has this address.",
			"nobody@example.com", "a gift", "email", true },
		{ "no address", mem_format(f->mem, "%s&email=%%3Cb%%3E&reason=a+gift", chosen), "This does not look like an email address.",
			"&lt;b&gt;", "a gift", "email", true },
		{ "no reason", mem_format(f->mem, "%s&email=jenny%%40example.com", chosen), "Please fill this in.", "jenny@example.com", "",
			"reason", true },
		{ "a short reason", mem_format(f->mem, "%s&email=jenny%%40example.com&reason=no", chosen), "This is too short.",
			"jenny@example.com", "no", "reason", true },
		{ "two reasons", mem_format(f->mem, "%s%s&reason=two", chosen, all), "This cannot be right.", "jenny@example.com", "", "reason",
			true },
		{ "no text", mem_format(f->mem, "%s&email=jenny%%40example.com&reason=%%FF%%FF", chosen), "Some characters here cannot be used.",
			"jenny@example.com", "", "reason", true },
	};
	const char *before = all_there_is(f), *choice = mem_format(f->mem, "%lld", one);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct page page = post(f, HERE, rows[i].form);
		if (page.status != 422 || !strstr(page.body, rows[i].says))
			fail_msg("%s: %d", rows[i].name, page.status);
		assert_non_null(strstr(input_of(f, page, "email"), mem_format(f->mem, " value=\"%s\"", rows[i].email)));
		assert_non_null(strstr(input_of(f, page, "reason"), mem_format(f->mem, " value=\"%s\"", rows[i].reason)));
		assert_int_equal(strstr(choice_of(f, page, "benefit", choice), " checked") != NULL, rows[i].chosen);
		if (*rows[i].field)
			assert_non_null(strstr(input_of(f, page, rows[i].field), "aria-invalid"));
		if (strstr(rows[i].form, KEY))
			assert_has(page, "name=\"key\" value=\"AAAAAAAAAAAAAAAAAAAAAA\"");
		assert_string_equal(all_there_is(f), before);
	}
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	assert_has(post(f, HERE, rows[6].form), "Personne n’a cette adresse.");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(only_staff_give), TEST(the_product_comes_first), TEST(a_right_is_given_once_and_told),
		TEST(a_bad_gift_keeps_what_was_typed) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
