/* password_test.c: the rules for new passwords, their hashes, and the slots. */
#include <signal.h>

#include "password.h"
#include "people.h"

static void rules(void **state)
{
	(void)state;
	static const struct {
		const char *password, *fault;
	} cases[] = {
		{ "short", "error.password_short" },
		{ "123456789", "error.password_short" },
		{ "éééàààüüü", "error.password_short" },
		{ "éàüöçéàüöç", NULL },
		{ "1234567890", "error.password_common" },
		{ "Password123!", "error.password_common" },
		{ "password2024", "error.password_common" },
		{ "motdepasse1", "error.password_common" },
		{ "QWERTYUIOP", "error.password_common" },
		{ "aaaaaaaaaaaa", "error.password_common" },
		{ "12121212121212121212", "error.password_common" },
		{ "azertyuiop", "error.password_common" },
		{ "jenny@example.com", "error.password_personal" },
		{ "Jenny@Example.com1", "error.password_personal" },
		{ "jenny12345", "error.password_personal" },
		{ "Jenny Example", "error.password_personal" },
		{ "Comptoir2024!", "error.password_personal" },
		{ "correct horse", NULL },
		{ "Tr0ub4dor&3x", NULL },
		{ "dix-sept petits pois", NULL },
		{ "jennysneighbour", NULL },
		{ "82947162593841760", NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *fault = password_fault(cases[i].password, "jenny@example.com", "Jenny Example");
		if ((fault == NULL) != (cases[i].fault == NULL) || (fault && strcmp(fault, cases[i].fault) != 0))
			fail_msg("%s: %s instead of %s", cases[i].password, fault ? fault : "fine", cases[i].fault);
	}
	char longest[PASSWORD_MAX + 2] = "";
	for (size_t i = 0; i <= PASSWORD_MAX; i++)
		longest[i] = (char)('a' + i % 26);
	assert_string_equal(password_fault(longest, "", ""), "error.too_long");
	longest[PASSWORD_MAX] = 0;
	assert_null(password_fault(longest, "", ""));
}

static void hash_and_verify(void **state)
{
	struct fixture *f = *state;
	const char *hash = password_hash(f->mem, "dix-sept petits pois"),
			   *again = password_hash(f->mem, "dix-sept petits pois");
	assert_int_equal(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
	assert_string_not_equal(hash, again);
	assert_true(strlen(hash) <= 160);
	assert_int_equal(password_verify(hash, "dix-sept petits pois"), PASSWORD_RIGHT);
	assert_int_equal(password_verify(hash, "dix-sept petits poi"), PASSWORD_WRONG);
	assert_int_equal(password_verify("", "dix-sept petits pois"), PASSWORD_WRONG);
	assert_int_equal(password_verify("", ""), PASSWORD_WRONG);
	assert_int_equal(password_verify("nonsense", "nonsense"), PASSWORD_WRONG);
	assert_false(password_needs_rehash(hash));
	assert_true(password_needs_rehash(
		"$argon2id$v=19$m=8,t=1,p=1$L3HBlOY+ISXXAPvohA3jEQ$9FIEofX6uTuRZwVeOclkkvMhRX1bKqOrcSWT"));
}

static void slots_are_waited_for_and_come_back(void **state)
{
	struct fixture *f = *state;
	const char *why, *shared = conf.data_folder;
	slots_of_our_own(f, "2");
	const char *hash = password_hash(f->mem, "dix-sept petits pois");
	assert_non_null(hash);
	int first = slot_hold(f, 0);
	assert_int_equal(password_verify(hash, "dix-sept petits pois"), PASSWORD_RIGHT);
	pid_t child = fork();
	if (!child) {
		ends_with_its_parent();
		slot_hold(f, 1);
		for (;;)
			pause();
	}
	/* Until the child holds it, hashes go through. */
	enum password end = PASSWORD_RIGHT;
	for (int i = 0; i < 1000 && end == PASSWORD_RIGHT; i++)
		end = password_verify(hash, "dix-sept petits pois");
	assert_int_equal(end, PASSWORD_BUSY);
	assert_null(password_hash(f->mem, "dix-sept petits pois"));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_true(waitpid(child, NULL, 0) == child);
	assert_int_equal(password_verify(hash, "dix-sept petits pois"), PASSWORD_RIGHT);
	close(first);
	conf_set("data_folder", shared, &why);
}

static void hash_here(void *arg)
{
	password_hash(((struct fixture *)arg)->mem, "dix-sept petits pois");
}

/* No folder for the slots, or a link where a slot should be: no hash without a slot. */
static void a_slot_that_cannot_be_had_is_a_fault(void **state)
{
	struct fixture *f = *state;
	const char *why, *shared = conf.data_folder;
	slots_of_our_own(f, "0"); /* as one */
	assert_non_null(password_hash(f->mem, "dix-sept petits pois"));
	const char *slot = slot_path(f, 0), *nowhere = mem_format(f->mem, "%s/no/where", conf.data_folder);
	assert_int_equal(unlink(slot), 0);
	assert_int_equal(symlink("/dev/null", slot), 0);
	assert_string_equal(failing(hash_here, f).event, "password.slot");
	assert_int_equal(unlink(slot), 0);
	assert_true(conf_set("data_folder", nowhere, &why));
	assert_string_equal(failing(hash_here, f).event, "password.slot");
	assert_true(conf_set("data_folder", shared, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(rules), TEST(hash_and_verify),
		TEST(slots_are_waited_for_and_come_back), TEST(a_slot_that_cannot_be_had_is_a_fault) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
