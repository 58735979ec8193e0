/* Importing products: idempotent, whole or not at all, and true to what was sold and released. */
#include "product.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "files.h"

static char root[64];
static struct import_report report;
static const char *faults;

static void put(const char *name, const char *text)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", root, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int fresh(void **state)
{
	static const char *const folders[] = { "", "/p", "/files", "/media" };
	struct fixture *f = *state = fixture_new();
	char path[200];
	snprintf(root, sizeof root, "/tmp/comptoir-test-XXXXXX");
	assert_non_null(mkdtemp(root));
	for (size_t i = 1; i < sizeof folders / sizeof folders[0]; i++) {
		snprintf(path, sizeof path, "%s%s", root, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	conf.data_folder = root;
	const char *const title[] = { "Software", "Logiciels" };
	category_save(&f->db, "software", 1, title);
	put("p/a.zip", "first bytes");
	put("p/b.zip", "other bytes");
	put("p/en.md", "# Hello");
	return 0;
}

static int gone(void **state)
{
	fixture_end(*state);
	folder_remove(root);
	return 0;
}

#define BOTH(text) "{\"en\":\"" text "\",\"fr\":\"" text "\"}"
#define FILE_A "{\"path\":\"a.zip\",\"name\":\"a.zip\",\"media_type\":\"application/zip\",\"part\":\"program\"}"
#define VERSION(name, date, files)                                                                                   \
	"{\"name\":\"" name "\",\"released_at\":\"" date "\",\"notes\":" BOTH("n") ",\"files\":[" files "]}"
#define ONE VERSION("1.0", "2026-01-01T00:00:00Z", FILE_A)
#define DOWNLOAD "{\"kind\":\"download\"}"
#define PRICE(key, amount, benefits)                                                                                 \
	"{\"key\":\"" key "\",\"title\":" BOTH("t") ",\"summary\":" BOTH("s") ",\"amount\":" amount                      \
	",\"currency\":\"eur\",\"quantity_max\":3,\"benefits\":[" benefits "]}"

static enum imported import_json(struct fixture *f, const char *json)
{
	struct product_draft draft;
	struct intake intake = intake_new(f->mem, "");
	put("p/product.json", json);
	enum imported end = IMPORT_REFUSED;
	if (product_read(&intake, mem_format(f->mem, "%s/p", root), &draft))
		end = product_import(&f->db, &draft, &report);
	faults = intake.faults.text;
	return end;
}

static enum imported import(struct fixture *f, const char *title, const char *versions, const char *prices)
{
	return import_json(f, mem_format(f->mem,
		"{\"slug\":\"tidy\",\"category\":\"software\",\"status\":\"published\",\"title\":{\"en\":\"%s\",\"fr\":\"%s\"},"
		"\"summary\":" BOTH("s") ",\"description\":{\"en\":\"en.md\",\"fr\":\"Bonjour\"},\"tags\":[\"a b\",\"c\"],"
		"\"versions\":[%s],\"prices\":[%s]}",
		title, title, versions, prices));
}

static int64_t product(struct fixture *f)
{
	return db_int(&f->db, "SELECT id FROM product WHERE slug = 'tidy'");
}

static int64_t prices(struct fixture *f, bool active)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM price WHERE product_id = ? AND active = ?", product(f), active);
}

static void once_and_again(void **state)
{
	struct fixture *f = *state;
	const char *two = PRICE("solo", "1900", DOWNLOAD) "," PRICE("team", "900", DOWNLOAD);
	assert_int_equal(import(f, "Tidy", ONE, two), IMPORT_NEW);
	assert_int_equal(report.files, 1);
	assert_int_equal(report.prices_made, 2);
	assert_int_equal(db_int(&f->db, "SELECT price_from FROM product WHERE id = ?", product(f)), 900);
	assert_int_equal(db_int(&f->db, "SELECT price_count FROM product WHERE id = ?", product(f)), 2);
	assert_string_equal(db_text(&f->db, "SELECT description FROM product_text WHERE product_id = ? AND language = 'en'",
				    product(f)), "# Hello");
	int64_t audited = db_int(&f->db, "SELECT COUNT(*) FROM audit");
	assert_int_equal(import(f, "Tidy", ONE, two), IMPORT_SAME);
	assert_int_equal(report.files + report.prices_made + report.prices_retired, 0);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit"), audited);
}

static void a_title_changes_in_place(void **state)
{
	struct fixture *f = *state;
	import(f, "Tidy", ONE, PRICE("solo", "1900", DOWNLOAD));
	assert_int_equal(import(f, "Tidier", ONE, PRICE("solo", "1900", DOWNLOAD)), IMPORT_CHANGED);
	assert_int_equal(report.changes, 2);
	assert_int_equal(prices(f, false), 0);
}

static void another_amount_is_another_price(void **state)
{
	struct fixture *f = *state;
	import(f, "Tidy", ONE, PRICE("solo", "1900", DOWNLOAD));
	assert_int_equal(import(f, "Tidy", ONE, PRICE("solo", "2100", DOWNLOAD)), IMPORT_CHANGED);
	assert_int_equal(report.prices_made, 1);
	assert_int_equal(report.prices_retired, 1);
	assert_int_equal(db_int(&f->db, "SELECT amount FROM price WHERE product_id = ? AND NOT active", product(f)), 1900);
	assert_int_equal(db_int(&f->db, "SELECT price_from FROM product WHERE id = ?", product(f)), 2100);
}

static void another_benefit_is_another_price(void **state)
{
	struct fixture *f = *state;
	const char *seats = PRICE("solo", "1900", DOWNLOAD ",{\"kind\":\"license\",\"seats\":3,\"updates_days\":365}");
	const char *unlimited = PRICE("solo", "1900", DOWNLOAD ",{\"kind\":\"license\",\"seats\":null,\"updates_days\":365}");
	import(f, "Tidy", ONE, seats);
	assert_int_equal(import(f, "Tidy", ONE, seats), IMPORT_SAME);
	assert_int_equal(import(f, "Tidy", ONE, unlimited), IMPORT_CHANGED);
	assert_int_equal(prices(f, true), 1);
	assert_int_equal(prices(f, false), 1);
	assert_int_equal(import(f, "Tidy", ONE, unlimited), IMPORT_SAME);
}

static void a_price_left_out_is_retired(void **state)
{
	struct fixture *f = *state;
	import(f, "Tidy", ONE, PRICE("solo", "1900", DOWNLOAD) "," PRICE("team", "900", DOWNLOAD));
	assert_int_equal(import(f, "Tidy", ONE, PRICE("solo", "1900", DOWNLOAD)), IMPORT_CHANGED);
	assert_int_equal(prices(f, true), 1);
	assert_int_equal(db_int(&f->db, "SELECT price_from FROM product WHERE id = ?", product(f)), 1900);
}

static void a_version_is_added_and_none_taken_away(void **state)
{
	struct fixture *f = *state;
	const char *second = VERSION("1.1", "2026-02-01T00:00:00Z",
		"{\"path\":\"b.zip\",\"name\":\"a.zip\",\"media_type\":\"application/zip\"}");
	import(f, "Tidy", ONE, PRICE("solo", "1900", DOWNLOAD));
	assert_int_equal(import(f, "Tidy", second, PRICE("solo", "1900", DOWNLOAD)), IMPORT_CHANGED);
	assert_int_equal(report.files, 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM product_file WHERE product_id = ?", product(f)), 2);
}

static void a_released_file_never_changes(void **state)
{
	struct fixture *f = *state;
	import(f, "Tidy", ONE, PRICE("solo", "1900", DOWNLOAD));
	put("p/a.zip", "other bytes");
	assert_int_equal(import(f, "Tidier", ONE, PRICE("solo", "1900", DOWNLOAD)), IMPORT_REFUSED);
	assert_non_null(strstr(faults, "/p/product.json: versions[0].files[0]: a.zip of version 1.0 was released with other"
		" bytes"));
	assert_string_equal(db_text(&f->db, "SELECT title FROM product_text WHERE product_id = ? AND language = 'en'",
				    product(f)), "Tidy");
	put("p/a.zip", "first bytes");
	assert_int_equal(import(f, "Tidy", VERSION("1.0", "2026-03-01T00:00:00Z", FILE_A),
				 PRICE("solo", "1900", DOWNLOAD)), IMPORT_REFUSED);
	assert_non_null(strstr(faults, "versions[0].released_at: version 1.0 has another date already"));
}

static int64_t files_stored(void)
{
	char folder[200];
	snprintf(folder, sizeof folder, "%s/files", root);
	return files_below(folder);
}

/* What goes wrong in the transaction takes the stored files with it. */
static void nothing_is_half_imported(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(import(f, "Tidy", ONE, PRICE("solo", "1900", "{\"kind\":\"license\",\"seats\":1,\"product\":\"else\"}")),
		IMPORT_REFUSED);
	assert_non_null(strstr(faults, "prices[0].benefits[0].product: there is no product \"else\" yet"));
	assert_int_equal(product(f), 0);
	assert_int_equal(files_stored(), 0);
	db_run(&f->db, "UPDATE category SET slug = 'elsewhere' WHERE slug = 'software'");
	assert_int_equal(import(f, "Tidy", ONE, PRICE("solo", "1900", DOWNLOAD)), IMPORT_REFUSED);
	assert_non_null(strstr(faults, "category: there is no category \"software\""));
	assert_int_equal(files_stored(), 0);
}

static void all_faults_at_once_with_file_and_field(void **state)
{
	struct fixture *f = *state;
	static const char *const told[] = { "colour: is no field here", "slug: \"Bad Slug\"", "category: is missing",
		"status: \"sold out\" is none of", "title.fr: is missing", "description: ../p/../../x.md leads out of its folder",
		"versions[0].released_at: \"soon\" is no time", "versions[0].files[0].name: \"a/b\"",
		"versions[0].files[0].media_type: \"zip\"", "prices[0].amount: is no whole number from 0",
		"prices[0].currency: \"EUR\"", "prices[0].benefits[0].seats: is missing", "prices[0].benefits[1].kind: \"gold\"",
		"prices[0].benefits[2].parts: no file has the part \"wav\"", "prices[0].benefits[3].amount: is missing",
		"prices[0].benefits[4].level: is missing", "prices[0].benefits[5].seats: is no field here" };
	assert_int_equal(import_json(f,
		"{\"colour\":1,\"slug\":\"Bad Slug\",\"status\":\"sold out\",\"title\":{\"en\":\"x\"},\"summary\":" BOTH("s") ","
		"\"description\":{\"en\":\"../p/../../x.md\",\"fr\":\"x\"},\"versions\":[{\"name\":\"1\",\"released_at\":\"soon\","
		"\"notes\":" BOTH("n") ",\"files\":[{\"path\":\"a.zip\",\"name\":\"a/b\",\"media_type\":\"zip\"}]}],"
		"\"prices\":[{\"key\":\"k\",\"title\":" BOTH("t") ",\"summary\":" BOTH("s") ",\"amount\":19.5,\"currency\":\"EUR\","
		"\"benefits\":[{\"kind\":\"license\"},{\"kind\":\"gold\"},{\"kind\":\"download\",\"parts\":[\"wav\"]},"
		"{\"kind\":\"tokens\"},{\"kind\":\"module\",\"module\":\"m\"},{\"kind\":\"download\",\"seats\":1}]}]}"),
		IMPORT_REFUSED);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		if (!strstr(faults, told[i]))
			print_message("# missing: %s in\n%s", told[i], faults);
		assert_non_null(strstr(faults, told[i]));
	}
	assert_int_equal(import_json(f, "[]"), IMPORT_REFUSED);
	assert_non_null(strstr(faults, "is no JSON object in UTF-8"));
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)
	const struct CMUnitTest tests[] = { TEST(once_and_again), TEST(a_title_changes_in_place),
		TEST(another_amount_is_another_price), TEST(another_benefit_is_another_price),
		TEST(a_price_left_out_is_retired), TEST(a_version_is_added_and_none_taken_away),
		TEST(a_released_file_never_changes), TEST(nothing_is_half_imported),
		TEST(all_faults_at_once_with_file_and_field) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
