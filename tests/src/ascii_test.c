/* ascii_test.c: a text that is no ASCII beside the columns of ids: found nowhere, written nowhere; names stay names. */
#include "buyer.h"
#include "fixture.h"

struct found {
	int64_t count;
	bool is_other;
};
ROW(found, count, is_other);

static void no_id_is_found_by_it(void **state)
{
	static const char *const texts[] = { "é", "night-walk\xC3\xA9", "😀", "ñight-walk" };
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *text = texts[i];
		for (int twice = 0; twice < 2; twice++)
			assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM product WHERE slug = ?", text), 0);
		assert_null(db_text(&f->db, "SELECT slug FROM product WHERE slug LIKE CONCAT(?, '%')", text));
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM product WHERE slug IN (?, ?, 'night-walk')", text, "a"), 1);
		/* The row is there, and what it says of the id is right. */
		const struct found *found = db_one(&f->db, found,
			"SELECT COUNT(*) AS count, NOT EXISTS (SELECT 1 FROM product WHERE slug = ?) AS is_other FROM product WHERE slug <> ?",
			text, text);
		assert_int_equal(found->count, 1);
		assert_true(found->is_other);
	}
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM product WHERE slug = ?", "night-walk"), 1);
}

static void names_are_compared_as_they_are(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_member(f, "jenny@example.com");
	db_run(&f->db, "UPDATE account SET name = ? WHERE public_id = (SELECT public_id FROM account WHERE id = ?)", "Zoë 😀", id);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE name = ?", "Zoë 😀"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE name = ? AND language = ?", "Zoë 😀", "en"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM account WHERE name = ? AND language = ?", "Zoë 😀", "é"), 0);
	assert_string_equal(db_text(&f->db, "SELECT name FROM account WHERE id = ?", id), "Zoë 😀");
}

static void slug_change(void *arg)
{
	struct fixture *f = arg;
	db_run(&f->db, "UPDATE product SET slug = ?", "été");
}

static void slug_meant(void *arg)
{
	struct fixture *f = arg;
	db_run(&f->db, "UPDATE product SET price_from = 1 WHERE slug = ?", "été");
}

static void category_put(void *arg)
{
	struct fixture *f = arg;
	db_insert(&f->db, "INSERT INTO category (slug) VALUES (?)", "😀");
}

static void no_id_is_written_of_it(void **state)
{
	void (*const writers[])(void *) = { slug_change, slug_meant, category_put };
	struct fixture *f = *state;
	a_price(f, NULL, 1900);
	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
		struct failure failure = failing(writers[i], f);
		assert_int_equal(failure.kind, FAILURE_MISFIT);
		assert_string_equal(failure.event, "db.misfit");
	}
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM product WHERE slug = 'night-walk' AND price_from = 1900"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM category"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(no_id_is_found_by_it), TEST(names_are_compared_as_they_are), TEST(no_id_is_written_of_it) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
