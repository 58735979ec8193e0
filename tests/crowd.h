/* crowd.h: tests in which many processes do the same at once, each with a connection of its own: what they write is
 * committed, so it is swept away before and after. */
#ifndef CROWD_H
#define CROWD_H

#include <sys/wait.h>

#include "people.h"

/* Every row goes but those of the migrations: neither a program that was killed nor one that failed leaves anything to
 * whoever takes the database next. */
static inline void sweep(struct db *db)
{
	db_script(db, db_text(db, "SELECT CONCAT('SET foreign_key_checks = 0; ',"
		" GROUP_CONCAT('DELETE FROM ', table_name SEPARATOR '; '), '; SET foreign_key_checks = 1')"
		" FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
		" AND table_name NOT LIKE 'migration%'"));
}

static inline void sweep_alone(void)
{
	struct db db = { .mem = mem_new(1 << 20) };
	sweep(&db);
	db_close(&db);
	mem_free(db.mem);
}

static inline int swept_before(void **state)
{
	fixture_end(fixture_new()); /* takes a database */
	sweep_alone();
	return fresh(state);
}

static inline int swept_after(void **state)
{
	fixture_end(*state);
	sweep_alone();
	return 0;
}

#define CROWDED(name) cmocka_unit_test_setup_teardown(name, swept_before, swept_after)

/* So many wait for one row: on a slow disk longer than a page would. */
static inline void patient(struct db *db)
{
	db_close(db);
	db->timeout = 60;
	db_open(db);
}

/* Ends the outer transaction of the fixture for good: what was written stays until it is swept. */
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
