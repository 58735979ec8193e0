/* Migrations, over an empty database of their own. */
#include "migrate.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "conf.h"
#include "moment.h"

static struct db db;

/* comptoir_testm: dropped and made anew for each test; the grant covers one letter behind comptoir_test. */
static int fresh(void **state)
{
	(void)state;
	const char *why;
	setenv("COMPTOIR_CONF", "run/conf/comptoir.conf", 0);
	conf_load("operator");
	db = (struct db){ .mem = mem_new(16 << 20) };
	conf_set("database_name", "", &why);
	db_script(&db, "CREATE OR REPLACE DATABASE comptoir_testm; USE comptoir_testm");
	return 0;
}

static int gone(void **state)
{
	(void)state;
	db_script(&db, "DROP DATABASE comptoir_testm");
	db_close(&db);
	mem_free(db.mem);
	moment_clock_set((struct moment){ 0 });
	moment_clock_offset(0);
	return 0;
}

static void told(const char *name, int64_t statements, int64_t ms)
{
	(void)name, (void)statements, (void)ms;
}

static struct migrate_report report;

static enum migrated apply(struct migrations known, int64_t resume)
{
	return migrate(&db, known, resume, told, &report);
}

#define THESE(...)                                                                                                   \
	(struct migrations){ (const struct migration[]){ __VA_ARGS__ },                                                  \
		sizeof((const struct migration[]){ __VA_ARGS__ }) / sizeof(struct migration) }

static const struct migration first = { "0001_a.sql", "-- one; two\nCREATE TABLE a (t VARCHAR(9) COMMENT 'x;y''z');\n"
						       "CREATE TABLE b (i INT);\n" };
static const struct migration second = { "0002_c.sql", "CREATE TABLE c (i INT);" };

static void takes_scripts_apart(void **state)
{
	(void)state;
	const char *sql = "-- a;\nONE 'it''s;' /* ; */ x;\n\n; TWO `a;b` # ;\n\"\\\";\" ;  ";
	assert_string_equal(script_next(db.mem, &sql), "ONE 'it''s;'  x");
	assert_string_equal(script_next(db.mem, &sql), "TWO `a;b` \n\"\\\";\" ");
	assert_null(script_next(db.mem, &sql));
}

static void knows_its_own_files(void **state)
{
	(void)state;
	struct migrations known = migrations_known(db.mem);
	assert_true(known.count >= 5);
	assert_string_equal(known.items[0].name, "0001_account.sql");
	for (size_t i = 1; i < known.count; i++)
		assert_true(strcmp(known.items[i - 1].name, known.items[i].name) < 0);
}

static void applies_once_in_order(void **state)
{
	(void)state;
	assert_int_equal(migrate_check(&db, THESE(first, second), &report), MIGRATE_PENDING);
	assert_int_equal(report.applied, 2);
	assert_int_equal(apply(THESE(first), 0), MIGRATED);
	assert_int_equal(report.applied, 1);
	assert_int_equal(apply(THESE(first, second), 0), MIGRATED);
	assert_int_equal(report.applied, 1);
	assert_int_equal(apply(THESE(first, second), 0), MIGRATED);
	assert_int_equal(report.applied, 0);
	assert_int_equal(migrate_check(&db, THESE(first, second), &report), MIGRATED);
	assert_int_equal(db_int(&db, "SELECT COUNT(*) FROM migration WHERE state = 'finished'"), 2);
}

static void applies_the_real_ones(void **state)
{
	(void)state;
	assert_int_equal(apply(migrations_known(db.mem), 0), MIGRATED);
	assert_int_equal(db_int(&db, "SELECT COUNT(*) FROM account"), 0);
}

static void refuses_a_changed_file(void **state)
{
	(void)state;
	assert_int_equal(apply(THESE(first), 0), MIGRATED);
	struct migration changed = { first.name, "CREATE TABLE a (i INT);" };
	assert_int_equal(apply(THESE(changed, second), 0), MIGRATE_CHANGED);
	assert_string_equal(report.file, "0001_a.sql");
	assert_int_equal(db_int(&db, "SELECT COUNT(*) FROM migration"), 1);
}

static void refuses_a_newer_database(void **state)
{
	(void)state;
	assert_int_equal(apply(THESE(first, second), 0), MIGRATED);
	assert_int_equal(apply(THESE(first), 0), MIGRATE_UNKNOWN);
	assert_string_equal(report.file, "0002_c.sql");
}

static void refuses_tables_of_others(void **state)
{
	(void)state;
	db_script(&db, "CREATE TABLE account (id BIGINT)");
	assert_int_equal(apply(THESE(first), 0), MIGRATE_FOREIGN);
}

static void tells_where_it_broke_and_goes_on(void **state)
{
	(void)state;
	struct migration broken = { "0002_c.sql", "CREATE TABLE c (i INT); CREATE TABLE a (i INT); CREATE TABLE d (i INT);" };
	assert_int_equal(apply(THESE(first, broken), 0), MIGRATE_BROKEN);
	assert_int_equal(report.applied, 1);
	assert_string_equal(report.file, "0002_c.sql");
	assert_int_equal(report.statement, 2);
	assert_int_equal(report.statements, 3);
	assert_non_null(strstr(report.why, "already exists"));
	assert_int_equal(apply(THESE(first, broken), 0), MIGRATE_UNFINISHED);
	assert_int_equal(report.statement, 2);
	assert_string_equal(report.text, "CREATE TABLE a (i INT)");
	struct migration mended = { "0002_c.sql", "CREATE TABLE c (i INT); CREATE TABLE e (i INT); CREATE TABLE d (i INT);" };
	assert_int_equal(apply(THESE(first, mended), 2), MIGRATED);
	assert_int_equal(apply(THESE(first, mended), 0), MIGRATED);
	assert_int_equal(apply(THESE(first, broken), 0), MIGRATE_CHANGED);
}

static void waits_for_no_one(void **state)
{
	(void)state;
	moment_clock_set(moment_from_unix(1800000000));
	assert_int_equal(apply(THESE(first), 0), MIGRATED);
	db_script(&db, "UPDATE migration_lease SET holder = 'another', until_at = '2027-01-15 08:01:00'");
	assert_int_equal(apply(THESE(first, second), 0), MIGRATE_BUSY);
	moment_clock_set(moment_from_unix(1800000000 + 61)); /* 2027-01-15 08:01:01 */
	assert_int_equal(apply(THESE(first, second), 0), MIGRATED);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)
	const struct CMUnitTest tests[] = { TEST(takes_scripts_apart), TEST(knows_its_own_files),
		TEST(applies_once_in_order), TEST(applies_the_real_ones), TEST(refuses_a_changed_file),
		TEST(refuses_a_newer_database), TEST(refuses_tables_of_others), TEST(tells_where_it_broke_and_goes_on),
		TEST(waits_for_no_one) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
