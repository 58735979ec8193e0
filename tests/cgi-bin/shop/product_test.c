/* /product/{slug}: what is told to visitors, to owners, and of what is no longer sold. */
#include "../../plans.h"
#include "../../tokens.h"

static void tells_all_to_a_visitor(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	db_run(&f->db, "INSERT INTO product_tag (product_id, tag) VALUES (?, 'walking')", product_id_of(f, "night-walk"));
	struct page page = get(f, "/product/night-walk");
	assert_int_equal(page.status, 200);
	assert_has(page, "<h1>Night Walk</h1>");
	assert_has(page, "<strong>at night</strong>");
	assert_has(page, "<li>walking</li>");
	assert_has(page, "€19.00");
	assert_has(page, mem_format(f->mem, "href=\"/checkout/%s\"", price));
	assert_has(page, "3 devices");
	assert_has(page, "all future updates");
	assert_has(page, "<h3>1.0 <time");
	assert_has(page, "First.");
	assert_has(page, "night-walk.txt");
	assert_lacks(page, "action=\"/account/downloads\"");
	page = get(f, "/product/night-walk?lang=fr");
	assert_has(page, "<strong>la nuit</strong>");
	assert_has(page, "Première.");
	assert_has(page, "Base");
}

static void unknown_is_404(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(get(f, "/product/nothing").status, 404);
	assert_int_equal(get(f, "/product/%E2%82%AC").status, 404);
	assert_int_equal(get(f, "/product/{slug}").status, 404);
	assert_int_equal(get(f, "/product/a%20b").status, 404);
}

static void hostile_descriptions_are_tamed(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	db_run(&f->db, "UPDATE product_text SET title = '<script>1</script>',"
		       " description = '<script>alert(1)</script> [x](javascript:alert(1))'");
	struct page page = get(f, "/product/night-walk");
	assert_lacks(page, "<script>");
	assert_lacks(page, "javascript:");
	assert_has(page, "&lt;script&gt;1&lt;/script&gt;");
}

static void prices_stand_side_by_side(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	int64_t product = product_id_of(f, "night-walk");
	for (int i = 0; i < 3; i++) {
		int64_t price = db_insert(&f->db,
			"INSERT INTO price (public_id, product_id, name, amount, currency, position, active, created_at)"
			" VALUES (?, ?, 'more', ?, 'eur', ?, ?, ?)",
			random_id(f->mem), product, i * 100, i + 1, i < 2, moment_now());
		db_run(&f->db, "INSERT INTO price_text (price_id, language, title) VALUES (?, 'en', ?)", price,
			mem_format(f->mem, "Tier %d", i));
		db_run(&f->db, "INSERT INTO benefit (price_id, product_id, kind, parts) VALUES (?, ?, 'download', ',wav,stems,')",
			price, product);
	}
	struct page page = get(f, "/product/night-walk");
	assert_int_equal(times(page.body, "<li class=\"price\">"), 3);
	assert_true(strstr(page.body, "Tier 0") < strstr(page.body, "Tier 1"));
	assert_lacks(page, "Tier 2");
	assert_has(page, "Get it free");
	assert_has(page, "(WAV, stems)");
}

/* Nothing of a subscription is for ever, nor for so many days: it ends when the payments do. */
static void a_plan_gives_as_long_as_it_runs(void **state)
{
	struct fixture *f = *state;
	int64_t product = a_club(f);
	static const char *const every[] = { "month", "year" };
	for (size_t i = 0; i < 2; i++) {
		int64_t plan = a_plan(f, product, every[i], every[i], 900, every[i], 100);
		db_run(&f->db, "INSERT INTO benefit (price_id, product_id, kind, module, level, duration_days)"
			" VALUES (?, ?, 'module', 'studio', 'pro', 30)", plan, product);
	}
	struct page page = get(f, "/product/club");
	assert_int_equal(times(page.body, "as long as the subscription runs"), 6); /* files, key, access; not the tokens */
	assert_has(page, "<li>Files to download, as long as the subscription runs</li>");
	assert_has(page, "<li>Access to studio (pro), as long as the subscription runs</li>");
	static const char *const not_said[] = { "no time limit", "all future updates", "30 days" };
	for (size_t i = 0; i < sizeof not_said / sizeof not_said[0]; i++)
		assert_lacks(page, not_said[i]);
	f->language = "fr";
	assert_int_equal(times(get(f, "/product/club").body, "tant que l’abonnement dure"), 6);
	db_run(&f->db, "UPDATE price SET recurring = 'once' WHERE product_id = ? AND active", product);
	page = get(f, "/product/club");
	assert_lacks(page, "abonnement dure");
	assert_has(page, "toutes les mises à jour à venir");
}

static void owners_find_their_files(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	int64_t product = product_id_of(f, "night-walk"), jenny = a_member(f, "jenny@example.com");
	int64_t order = a_purchase(f, jenny, price);
	a_purchase(f, jenny, price);
	a_version(f, product, "2.0", 10, "two.txt", "");
	log_in(f, jenny);
	struct page page = get(f, "/product/night-walk");
	assert_has(page, "This is yours");
	assert_int_equal(times(page.body, "action=\"/account/downloads\""), 1);
	assert_has(page, mem_format(f->mem, "value=\"%s\"", file_named(f, "two.txt")));
	assert_has(page, "href=\"/account/licenses\"");
	assert_has(page, "Buy again");
	db_run(&f->db, "UPDATE entitlement SET updates_until = ? WHERE account_id = ?", moment_add_days(moment_now(), 5),
		jenny);
	assert_has(get(f, "/product/night-walk"), mem_format(f->mem, "value=\"%s\"", file_named(f, "night-walk.txt")));
	log_in(f, a_member(f, "omar@example.com"));
	page = get(f, "/product/night-walk");
	assert_lacks(page, "This is yours");
	assert_lacks(page, right_of_order(f, order));
}

static void tokens_lead_to_tokens_and_are_bought_again(void **state)
{
	struct fixture *f = *state;
	const char *price = a_tokens_price(f, "pack", 3000);
	int64_t jenny = a_member(f, "jenny@example.com");
	log_in(f, jenny);
	assert_lacks(get(f, "/product/pack"), "href=\"/account/tokens\"");
	a_purchase(f, jenny, price);
	struct page page = get(f, "/product/pack");
	static const char *const not_said[] = { "This is yours", "Other ways to buy it", "Already yours", "Buy again",
		"/account/downloads" };
	for (size_t i = 0; i < sizeof not_said / sizeof not_said[0]; i++)
		assert_lacks(page, not_said[i]);
	assert_has(page, "See the prices");
	assert_has(page, "href=\"/account/tokens\">Your tokens</a>");
	log_out(f);
	assert_lacks(get(f, "/product/pack"), "href=\"/account/tokens\"");
}

/* Each way is shown where it leads to something. */
static void access_is_owned_and_found(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_module_price(f, "studio", "studio", "pro", 30, 0));
	log_in(f, jenny);
	struct page page = get(f, "/product/studio");
	assert_has(page, "This is yours");
	assert_has(page, "Already yours");
	assert_has(page, "href=\"/account/access\">Your access</a>");
	assert_lacks(page, "/account/downloads");
	assert_lacks(page, "/account/licenses");
	assert_lacks(page, "/account/tokens");
}

static void withdrawn_stays_for_its_owners(void **state)
{
	struct fixture *f = *state;
	int64_t jenny = a_member(f, "jenny@example.com");
	a_purchase(f, jenny, a_price(f, NULL, 1900));
	static const char *const states[] = { "withdrawn", "draft" };
	for (int i = 0; i < 2; i++) {
		db_run(&f->db, "UPDATE product SET status = ? WHERE slug = 'night-walk'", states[i]);
		log_out(f);
		assert_int_equal(get(f, "/product/night-walk").status, 404);
		log_in(f, jenny);
		struct page page = get(f, "/product/night-walk");
		assert_int_equal(page.status, 200);
		assert_has(page, "not on sale at the moment");
		assert_has(page, "action=\"/account/downloads\"");
		assert_lacks(page, "href=\"/checkout/");
	}
	db_run(&f->db, "UPDATE entitlement SET state = 'revoked' WHERE account_id = ?", jenny);
	assert_int_equal(get(f, "/product/night-walk").status, 404);
}

static void unpriced_is_not_on_sale(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	db_run(&f->db, "UPDATE price SET active = FALSE");
	struct page page = get(f, "/product/night-walk");
	assert_int_equal(page.status, 200);
	assert_has(page, "not on sale at the moment");
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(tells_all_to_a_visitor), TEST(unknown_is_404),
		TEST(hostile_descriptions_are_tamed), TEST(prices_stand_side_by_side), TEST(a_plan_gives_as_long_as_it_runs), TEST(owners_find_their_files),
		TEST(tokens_lead_to_tokens_and_are_bought_again), TEST(access_is_owned_and_found),
		TEST(withdrawn_stays_for_its_owners), TEST(unpriced_is_not_on_sale) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
