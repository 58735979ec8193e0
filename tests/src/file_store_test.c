/* Storing what is sold: whole or not at all, and nothing from outside its folder. */
#include "file_store.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "conf.h"
#include "sign.h"

static char root[64];
static int folder;
static struct mem *mem;

static void file_write(const char *name, const char *bytes, size_t length)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", root, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

static void link_make(const char *target, const char *name)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", root, name);
	assert_int_equal(symlink(target, path), 0);
}

static int fresh(void **state)
{
	(void)state;
	static const char *const folders[] = { "in", "in/files", "data", "data/files", "data/media" };
	char path[200];
	snprintf(root, sizeof root, "/tmp/comptoir-test-XXXXXX");
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", root, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	mem = mem_new(1 << 20);
	conf.data_folder = mem_format(mem, "%s/data", root);
	snprintf(path, sizeof path, "%s/in", root);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

static int each_remove(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info, (void)type, (void)walk;
	return remove(path);
}

static int gone(void **state)
{
	(void)state;
	close(folder);
	nftw(root, each_remove, 8, FTW_DEPTH | FTW_PHYS);
	mem_free(mem);
	return 0;
}

static int files_counted;

static int each_count(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)path, (void)info, (void)walk;
	files_counted += type == FTW_F;
	return 0;
}

static int files_below(const char *name)
{
	files_counted = 0;
	nftw(mem_format(mem, "%s/%s", root, name), each_count, 8, FTW_PHYS);
	return files_counted;
}

static void keeps_bytes_size_and_digest(void **state)
{
	(void)state;
	const char *why;
	struct stored stored, measured;
	struct stat info;
	file_write("in/files/a.txt", "abc", 3);
	int file = file_open_beneath(folder, "files/a.txt", &why);
	assert_true(file >= 0);
	assert_true(file_measure(file, &measured, &why));
	assert_true(file_store_put(file, &stored, &why));
	assert_int_equal(stored.size, 3);
	assert_string_equal(hex_of(mem, (struct bytes){ stored.sha256, 32 }),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_memory_equal(stored.sha256, measured.sha256, 32);
	assert_int_equal(strlen(stored.storage), 35);
	assert_memory_equal(stored.storage, stored.storage + 3, 2);
	assert_int_equal(stat(file_store_path(mem, stored.storage), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0640);
	file_store_remove(stored.storage);
	assert_int_equal(files_below("data"), 0);
	close(file);
}

static void opens_nothing_outside(void **state)
{
	(void)state;
	const char *why;
	file_write("secret", "x", 1);
	file_write("in/files/a.txt", "abc", 3);
	link_make("../secret", "in/out");
	link_make("/etc/passwd", "in/passwd");
	link_make("files/a.txt", "in/within");
	static const char *const bad[] = { "../secret", "files/../../secret", "/etc/passwd", "out", "passwd", "files",
		"missing", "" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(file_open_beneath(folder, bad[i], &why), -1);
	assert_int_equal(mkfifo(mem_format(mem, "%s/in/fifo", root), 0600), 0);
	assert_int_equal(file_open_beneath(folder, "fifo", &why), -1);
	assert_string_equal(why, "is no regular file");
	int file = file_open_beneath(folder, "within", &why);
	close(file);
}

/* The disk is full in the middle of a file: a limit on the size of files does the same to write(). */
static void leaves_nothing_of_half_a_file(void **state)
{
	(void)state;
	const char *why = NULL;
	struct stored stored;
	struct rlimit limit, tiny;
	static char block[300000];
	file_write("in/files/big", block, sizeof block);
	int file = file_open_beneath(folder, "files/big", &why);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	tiny = limit;
	tiny.rlim_cur = 200000;
	setrlimit(RLIMIT_FSIZE, &tiny);
	bool stands = file_store_put(file, &stored, &why);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_false(stands);
	assert_string_equal(why, "File too large");
	assert_int_equal(files_below("data"), 0);
	assert_true(file_store_put(file, &stored, &why));
	close(file);
}

static const char *cover(const char *bytes, size_t length, const char **why)
{
	file_write("in/cover", bytes, length);
	int file = file_open_beneath(folder, "cover", why);
	const char *name = media_put(mem, file, why);
	close(file);
	return name;
}

static void takes_covers_by_their_first_bytes(void **state)
{
	(void)state;
	const char *why;
	static const char png[] = "\x89PNG\r\n\x1a\n....", jpeg[] = "\xff\xd8\xff\xe0.........", webp[] = "RIFF....WEBPVP8 ";
	assert_non_null(strstr(cover(png, sizeof png, &why), ".png"));
	assert_non_null(strstr(cover(jpeg, sizeof jpeg, &why), ".jpeg"));
	const char *name = cover(webp, sizeof webp, &why);
	assert_int_equal(strlen(name), 64 + 5);
	assert_string_equal(cover(webp, sizeof webp, &why), name);
	assert_int_equal(files_below("data/media"), 3);
	assert_null(cover("<svg onload=alert(1)>", 21, &why));
	assert_string_equal(why, "is no PNG, WebP or JPEG");
	assert_null(cover("RIFF", 4, &why));
}

int main(void)
{
	if (sodium_init() < 0)
		return 70;
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)
	const struct CMUnitTest tests[] = { TEST(keeps_bytes_size_and_digest), TEST(opens_nothing_outside),
		TEST(leaves_nothing_of_half_a_file), TEST(takes_covers_by_their_first_bytes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
