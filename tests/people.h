/* people.h: what tests about people share: the links in mailed letters, slots for passwords, the clock. Many processes at
 * once: crowd.h. */
#ifndef PEOPLE_H
#define PEOPLE_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conf.h"
#include "each.h"
#include "files.h"
#include "moment.h"

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
	folders_make(mem_format(f->mem, "%s/lock", folder));
	assert_true(conf_set("data_folder", folder, &why) && conf_set("hash_slots", count, &why));
}

static inline const char *slot_path(struct fixture *f, int slot)
{
	char host[65] = "";
	gethostname(host, sizeof host - 1);
	return mem_format(f->mem, "%s/lock/hash-%s-%d", conf.data_folder, host, slot);
}

/* Takes a slot as another process would; close() gives it back. */
static inline int slot_hold(struct fixture *f, int slot)
{
	int file = open(slot_path(f, slot), O_RDWR | O_CREAT | O_CLOEXEC, 0660);
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

#endif
