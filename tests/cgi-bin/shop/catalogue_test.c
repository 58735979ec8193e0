/* / and /category/{slug}: shelves, pages, languages, what is owned, and what a cache may keep. */
#include "../../tokens.h"

static void empty_shop_is_friendly(void **state)
{
	struct fixture *f = *state;
	struct page page = get(f, "/");
	assert_int_equal(page.status, 200);
	assert_has(page, "This shelf is still empty.");
}

static void shows_products_in_the_visitors_language(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	struct page page = get(f, "/");
	assert_has(page, "Night Walk");
	assert_has(page, "Steps at night");
	assert_has(page, "€19.00");
	assert_has(page, "href=\"/category/sounds\"");
	f->language = "fr-FR,fr;q=0.9";
	page = get(f, "/");
	assert_has(page, "Des pas");
	assert_has(page, "19,00\u00A0€");
	assert_has(page, "Sons");
}

static void tells_free_and_from(void **state)
{
	struct fixture *f = *state;
	a_price(f, "gift", 0);
	a_price(f, "many", 500);
	a_price(f, "unpriced", 500);
	db_run(&f->db, "UPDATE product SET price_count = 2 WHERE slug = 'many'");
	db_run(&f->db, "UPDATE product SET price_count = 0, price_from = 0 WHERE slug = 'unpriced'");
	struct page page = get(f, "/");
	assert_has(page, "<span class=\"tag\">Free</span>");
	assert_has(page, "from €5.00");
	assert_int_equal(times(page.body, "<span class=\"tag\">"), 2);
}

static void drafts_and_withdrawn_are_not_shown(void **state)
{
	struct fixture *f = *state;
	a_price(f, "draft-one", 500);
	a_price(f, "gone-one", 500);
	db_run(&f->db, "UPDATE product SET status = 'draft' WHERE slug = 'draft-one'");
	db_run(&f->db, "UPDATE product SET status = 'withdrawn' WHERE slug = 'gone-one'");
	struct page page = get(f, "/");
	assert_lacks(page, "draft-one");
	assert_lacks(page, "gone-one");
}

static void categories_filter(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	db_run(&f->db, "INSERT INTO category (slug, position) VALUES ('books', 9)");
	db_run(&f->db, "INSERT INTO category_text SELECT id, 'en', 'Books' FROM category WHERE slug = 'books'");
	struct page page = get(f, "/category/books");
	assert_int_equal(page.status, 200);
	assert_has(page, "This shelf is still empty.");
	assert_has(page, "href=\"/category/books\" aria-current=\"page\"");
	assert_has(get(f, "/category/sounds"), "Night Walk");
	assert_int_equal(get(f, "/category/nothing").status, 404);
	assert_int_equal(get(f, "/category/%27%20OR%201").status, 404);
}

/* 50 products whose positions repeat: each is shown once, in order of position and then of age. */
static void pages_by_position_and_id(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 50; i++) {
		const char *slug = mem_format(f->mem, "item-%02d", i);
		a_price(f, slug, 500);
		db_run(&f->db, "UPDATE product SET position = ? WHERE slug = ?", i / 20 - 1, slug);
	}
	const char *href = "/";
	int seen = 0, pages = 0;
	for (; href; pages++) {
		struct page page = get(f, href);
		assert_int_equal(page.status, 200);
		for (const char *at = page.body; (at = strstr(at, "/product/item-")) != NULL; at += 14)
			assert_int_equal((at[14] - '0') * 10 + at[15] - '0', seen++);
		href = next_of(f, page);
	}
	assert_int_equal(seen, 50);
	assert_int_equal(pages, 3);
	struct page page = get(f, next_of(f, get(f, "/category/sounds")));
	assert_has(page, "item-24");
	assert_lacks(page, "item-23");
	assert_has(page, "Back to the beginning");
	assert_has(get(f, "/?after=zzz"), "item-00");
}

static void owned_is_marked_for_its_owner(void **state)
{
	struct fixture *f = *state;
	const char *price = a_price(f, NULL, 1900);
	a_price(f, "other", 500);
	int64_t jenny = a_member(f, "jenny@example.com"), omar = a_member(f, "omar@example.com");
	a_purchase(f, jenny, price);
	log_in(f, jenny);
	struct page page = get(f, "/");
	assert_int_equal(times(page.body, "Already yours"), 1);
	assert_null(header_of(f, page, "X-Accel-Expires"));
	assert_non_null(strstr(page.headers, "Cache-Control: no-store"));
	static const struct { const char *set; int days; size_t marked; } rows[] = { { "ends_at", 1, 1 }, { "ends_at", -1, 0 },
		{ "deleted_at", 0, 0 } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		db_script(&f->db, mem_format(f->mem, "UPDATE entitlement SET %s = UTC_TIMESTAMP(6) + INTERVAL %d DAY", rows[i].set,
			rows[i].days));
		assert_int_equal(times(get(f, "/").body, "Already yours"), rows[i].marked);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
	db_run(&f->db, "UPDATE entitlement SET state = 'revoked' WHERE account_id = ?", jenny);
	assert_lacks(get(f, "/"), "Already yours");
	log_in(f, omar);
	assert_lacks(get(f, "/"), "Already yours");
}

/* Tokens are spent and bought again; access to a module is had. */
static void tokens_are_not_marked(void **state)
{
	struct fixture *f = *state;
	const char *pack = a_tokens_price(f, "pack", 3000), *studio = a_module_price(f, "studio", "studio", "pro", 30, 0);
	int64_t jenny = a_member(f, "jenny@example.com");
	log_in(f, jenny);
	a_purchase(f, jenny, pack);
	assert_lacks(get(f, "/"), "Already yours");
	a_purchase(f, jenny, studio);
	assert_int_equal(times(get(f, "/").body, "Already yours"), 1);
}

static void visitors_pages_may_be_kept(void **state)
{
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	const char *pages[] = { "/", "/category/sounds", "/product/night-walk" };
	for (int i = 0; i < 3; i++) {
		struct page page = get(f, pages[i]);
		assert_non_null(header_of(f, page, "X-Accel-Expires"));
		assert_null(strstr(page.headers, "Set-Cookie"));
		assert_null(strstr(page.headers, "no-store"));
		assert_lacks(page, "name=\"csrf\"");
	}
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = { TEST(empty_shop_is_friendly), TEST(shows_products_in_the_visitors_language),
		TEST(tells_free_and_from), TEST(drafts_and_withdrawn_are_not_shown), TEST(categories_filter),
		TEST(pages_by_position_and_id), TEST(owned_is_marked_for_its_owner), TEST(tokens_are_not_marked),
		TEST(visitors_pages_may_be_kept) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
