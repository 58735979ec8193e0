/* access_crowd_test.c: uses of access and of its tokens, from 64 processes at once: never more than there
 * are. */
#include "../crowd.h"

#include "access.h"
#include "sign.h"

enum { CROWD = 64, EACH = 4 };

static int64_t an_access(struct fixture *f, int64_t account, int64_t uses, int64_t from_days, int64_t to_days)
{
	struct moment now = moment_now();
	return db_insert(&f->db,
		"INSERT INTO module_access (account_id, public_id, entitlement_id, module, level, state, starts_at,"
		" ends_at, uses_left, created_at) VALUES (?, ?, ?, 'studio', 'pro', 'active', ?, ?, ?, ?)",
		account, random_id(f->mem), from_days, moment_add_days(now, from_days), moment_add_days(now, to_days),
		uses, now);
}

/* Notes each use that was granted, in a table that every process writes. */
static bool uses(struct db *db, void *arg)
{
	const struct access_ask *ask = arg;
	patient(db);
	for (int i = 0; i < EACH; i++) {
		db_begin(db);
		if (access_use(db, *ask).code == ACCESS_OPEN)
			db_run(db, "INSERT INTO audit (account_id, actor_id, action, subject_id, detail, request_id, created_at)"
				" VALUES (0, 0, 'test.used', 0, '', '', ?)", moment_now());
		db_commit(db);
	}
	return true;
}

static void uses_are_never_more_than_there_are(void **state)
{
	struct fixture *f = *state;
	struct access_ask ask = { .account_id = a_member(f, "crowd@example.com"), .module = "studio", .level = "" };
	an_access(f, ask.account_id, 60, -1, 1);
	an_access(f, ask.account_id, 40, 1, 2); /* moves up when the first is used up */
	at_once(f, CROWD, uses, &ask);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'test.used'"), 100);
	assert_int_equal(db_int(&f->db, "SELECT SUM(uses_left) FROM module_access"), 0);
}

static void a_token_s_uses_too(void **state)
{
	struct fixture *f = *state;
	int64_t account = a_member(f, "crowd@example.com"), access = an_access(f, account, 100, -1, 1);
	struct access_ask ask = { .module = "", .level = "" };
	const char *public_id = db_text(&f->db, "SELECT public_id FROM module_access WHERE id = ?", access);
	assert_int_equal(access_token_make(&f->db, account, public_id, 30, &ask.token), ACCESS_TOKEN_MADE);
	at_once(f, CROWD, uses, &ask);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'test.used'"), 30);
	assert_int_equal(db_int(&f->db, "SELECT uses_left FROM access_token"), 0);
	assert_int_equal(db_int(&f->db, "SELECT uses_left FROM module_access"), 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = { CROWDED(uses_are_never_more_than_there_are), CROWDED(a_token_s_uses_too) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
