/* people.h: what tests about people share: the links in mailed letters, many processes at once. */
#ifndef PEOPLE_H
#define PEOPLE_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "fixture.h"
#include "moment.h"

static inline int fresh(void **state)
{
	*state = fixture_new();
	return 0;
}

static inline int gone(void **state)
{
	fixture_end(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)

/* The link in the newest mail to somebody that leads to /verify/, /reset/ or /email/; NULL when there is
 * none. */
static inline const char *link_to(struct fixture *f, const char *recipient, const char *prefix)
{
	const char *body =
		db_text(&f->db, "SELECT body FROM mail WHERE recipient = ? ORDER BY id DESC LIMIT 1", recipient);
	const char *at = body ? strstr(body, mem_format(f->mem, "%s%s", conf.base_url, prefix)) : NULL;
	if (!at)
		return NULL;
	at += strlen(conf.base_url);
	return mem_textn(f->mem, at, strcspn(at, "\r\n "));
}

static inline int64_t mails_to(struct fixture *f, const char *recipient)
{
	return db_int(&f->db, "SELECT COUNT(*) FROM mail WHERE recipient = ?", recipient);
}

static inline bool page_says(struct page page, const char *text)
{
	return strstr(page.body, text) != NULL;
}

/* Seconds later, by the clock of the program. */
static inline void later(int64_t seconds)
{
	moment_clock_set(moment_add_seconds(moment_now(), seconds));
}

/* Slots for password hashes of this test's own: no other test program waits for them. */
static inline void slots_of_our_own(struct fixture *f, const char *count)
{
	const char *why;
	char *folder = mem_format(f->mem, "%s/%s", conf.data_folder, conf.database_name);
	assert_int_equal(system(mem_format(f->mem, "mkdir -p '%s/lock'", folder)), 0);
	assert_true(conf_set("data_folder", folder, &why) && conf_set("hash_slots", count, &why));
}

/* Takes a slot as another process would; close() gives it back. */
static inline int slot_hold(struct fixture *f, int slot)
{
	char host[65] = "";
	gethostname(host, sizeof host - 1);
	int file = open(mem_format(f->mem, "%s/lock/hash-%s-%d", conf.data_folder, host, slot),
		O_RDWR | O_CREAT | O_CLOEXEC, 0660);
	assert_true(file >= 0);
	assert_int_equal(flock(file, LOCK_EX), 0);
	return file;
}

/* In a new process: it ends with the test program, whatever becomes of the test. */
static inline void ends_with_its_parent(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		_exit(2);
}

/* Ends the outer transaction of the fixture for good: what was written stays, and the test takes it away
 * again itself. */
static inline void commit_for_real(struct fixture *f)
{
	db_script(&f->db, "COMMIT; START TRANSACTION");
}

/* Commits for real, then runs fn in so many processes at once, each with a connection of its own; returns how
 * many of them said true. The fixture's own connection is closed meanwhile: its statements must not be in two
 * processes. */
static inline int at_once(struct fixture *f, int processes, bool (*fn)(struct db *db, void *arg), void *arg)
{
	int gate[2], yes = 0;
	commit_for_real(f);
	db_close(&f->db);
	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < processes; i++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child)
			continue;
		struct db db = { .mem = mem_new((size_t)16 << 20) };
		char go;
		ends_with_its_parent();
		close(gate[1]);
		db_open(&db);
		if (read(gate[0], &go, 1) != 0) /* nothing is ever written: it ends when the parent closes it */
			_exit(2);
		_exit(fn(&db, arg) ? 1 : 0);
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0, status; i < processes; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		yes += WEXITSTATUS(status);
	}
	f->db.held = false;
	db_script(&f->db, "START TRANSACTION");
	f->db.held = true;
	return yes;
}

#endif
