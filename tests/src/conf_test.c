/* conf_test.c: settings read from files; what refuses to start. conf_load() ends the program, so it runs in a child. */
#include "../each.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"

#define SECRET "csrf_secret = 0123456789abcdef0123456789abcdef\n"

static char folder[] = "/tmp/comptoir-conf-XXXXXX";

static const char *path_of(struct mem *mem, const char *name)
{
	return mem_format(mem, "%s/%s", folder, name);
}

static void file_write(struct mem *mem, const char *name, const char *text, mode_t mode)
{
	const char *path = path_of(mem, name);
	unlink(path);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

/* How conf_load() ends in a process of its own, and what it says. check tells more about what was read. */
static int load(struct mem *mem, char *said, size_t room, bool (*check)(void))
{
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	fflush(NULL);
	pid_t child = fork();
	if (!child) {
		dup2(pipes[1], 2);
		setenv("COMPTOIR_CONF", path_of(mem, "comptoir.conf"), 1);
		conf_load("shop");
		_exit(check && !check() ? 1 : 0);
	}
	close(pipes[1]);
	size_t used = 0;
	for (ssize_t n; used + 1 < room && (n = read(pipes[0], said + used, room - used - 1)) > 0;)
		used += (size_t)n;
	said[used] = 0;
	close(pipes[0]);
	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void refused(struct mem *mem, const char *text, mode_t mode, const char *why)
{
	char said[2000];
	file_write(mem, "comptoir.conf", text, mode);
	int code = load(mem, said, sizeof said, NULL);
	if (code != 78 || !strstr(said, why))
		fail_msg("exit %d, '%s' instead of '%s'", code, said, why);
	assert_null(strstr(said, "0123456789abcdef")); /* never a secret */
}

static void what_is_wrong_refuses_to_start(void **state)
{
	struct mem *mem = *state;
	unlink(path_of(mem, "shop.conf"));
	refused(mem, SECRET "colour = red\n", 0600, "line=2 name=colour why=\"is no setting\"");
	refused(mem, SECRET "just words\n", 0600, "is not name = value");
	refused(mem, SECRET "hash_slots = many\n", 0600, "name=hash_slots why=\"needs a whole number\"");
	refused(mem, SECRET "hash_slots = -1\n", 0600, "needs a whole number");
	refused(mem, SECRET "stripe_livemode = true\n", 0600, "is yes or no");
	refused(mem, SECRET "Shop_name = x\n", 0600, "is no setting");
	refused(mem, SECRET, 0644, "chmod o-rwx");
	refused(mem, SECRET, 0604, "chmod o-rwx");
	refused(mem, "csrf_secret = 0123456789abcdef0123456789abcde\n", 0600, "needs 32 or more characters");
	refused(mem, "shop_name = No secret\n", 0600, "needs 32 or more characters");
	refused(mem, SECRET "stripe_livemode = yes\ntest_clock = /tmp/clock\n", 0600, "refused in live mode");
	char *line = mem_get(mem, 6000);
	memset(line, 'a', 5000);
	refused(mem, mem_format(mem, SECRET "shop_name = %s\n", line), 0600, "is over 4095 bytes long");
}

static void a_missing_file_refuses_to_start(void **state)
{
	char said[2000];
	unlink(path_of(*state, "comptoir.conf"));
	assert_int_equal(load(*state, said, sizeof said, NULL), 78);
	assert_non_null(strstr(said, "cannot be read"));
}

static bool values_are_there(void)
{
	return !strcmp(conf.shop_name, "A = B # shop") && !strcmp(conf.mail_from, "") && conf.hash_slots == 3 &&
		conf.stripe_livemode && !strcmp(conf.language, "en") && !strcmp(conf.database_user, "comptoir_shop") &&
		conf.session_days == 30 && strlen(conf.csrf_secret) == 32;
}

static void both_files_are_read(void **state)
{
	struct mem *mem = *state;
	char said[2000];
	file_write(mem, "comptoir.conf", "# a comment\n\n  " SECRET "\tshop_name =  A = B # shop \nmail_from=\nhash_slots=3\r\n"
		"database_user = comptoir\nstripe_livemode = yes", 0640);
	file_write(mem, "shop.conf", "database_user = comptoir_shop\n", 0644);
	int code = load(mem, said, sizeof said, values_are_there);
	if (code)
		fail_msg("exit %d %s", code, said);
}

static void a_zones_secrets_are_guarded_too(void **state)
{
	struct mem *mem = *state;
	char said[2000];
	file_write(mem, "comptoir.conf", SECRET, 0600);
	file_write(mem, "shop.conf", "database_password = geheim\n", 0644);
	assert_int_equal(load(mem, said, sizeof said, NULL), 78);
	assert_non_null(strstr(said, "shop.conf"));
	assert_null(strstr(said, "geheim"));
}

static void one_setting_is_set(void **state)
{
	(void)state;
	const char *why;
	assert_true(conf_set("shop_name", "Elsewhere", &why));
	assert_string_equal(conf.shop_name, "Elsewhere");
	assert_false(conf_set("shop_nam", "x", &why));
	assert_false(conf_set("", "x", &why));
	assert_false(conf_set("hash_slots", "9223372036854775808", &why));
}

static void secrets_are_not_printed(void **state)
{
	struct mem *mem = *state;
	const char *why;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	setenv("COMPTOIR_CONF", path_of(mem, "comptoir.conf"), 1);
	file_write(mem, "comptoir.conf", SECRET, 0600);
	file_write(mem, "shop.conf", "database_password = geheim\n", 0600);
	conf_load("shop");
	conf_set("shop_name", "Elsewhere", &why);
	conf_print(out);
	fclose(out);
	assert_non_null(strstr(text, "\nshop_name = Elsewhere\n"));
	assert_non_null(strstr(text, "\ncsrf_secret = (set)\n"));
	assert_non_null(strstr(text, "\ndatabase_password = (set)\n"));
	assert_non_null(strstr(text, "\nstripe_key = \n"));
	assert_null(strstr(text, "geheim"));
	free(text);
}

static void https_is_told_from_the_address(void **state)
{
	(void)state;
	conf.base_url = "https://shop.example";
	assert_true(conf_is_https());
	conf.base_url = "http://https://";
	assert_false(conf_is_https());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEM_TEST(what_is_wrong_refuses_to_start), MEM_TEST(a_missing_file_refuses_to_start), MEM_TEST(both_files_are_read),
		MEM_TEST(a_zones_secrets_are_guarded_too), MEM_TEST(one_setting_is_set), MEM_TEST(secrets_are_not_printed),
		MEM_TEST(https_is_told_from_the_address),
	};
	if (!mkdtemp(folder))
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int wrong = cmocka_run_group_tests(tests, NULL, NULL);
	struct mem *mem = mem_new(4096);
	unlink(path_of(mem, "comptoir.conf"));
	unlink(path_of(mem, "shop.conf"));
	mem_free(mem);
	rmdir(folder);
	return wrong;
}
