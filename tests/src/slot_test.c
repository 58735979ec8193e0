/* slot_test.c: so many at once and no more, and what a dead process held is free. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "slot.h"

static int folder_new(void **state)
{
	static char folder[300];
	const char *run = getenv("RUN"); /* cleared away with all else of the run */
	(void)state;
	snprintf(folder, sizeof folder, "%s/slot-XXXXXX", run ? run : "/tmp");
	conf.data_folder = mkdtemp(folder);
	return conf.data_folder ? 0 : -1;
}

static void so_many_and_no_more(void **state)
{
	(void)state;
	int first = slot_take("lock", "work", 2, 0), second = slot_take("lock", "work", 2, 0);
	assert_true(first >= 0 && second >= 0);
	assert_int_equal(slot_take("lock", "work", 2, 0), SLOT_NONE);
	assert_int_equal(slot_take("lock", "work", 2, 60), SLOT_NONE); /* waited for in vain */
	int other = slot_take("lock", "rest", 1, 0); /* another name has its own */
	assert_true(other >= 0);
	slot_give(first);
	first = slot_take("lock", "work", 2, 0);
	assert_true(first >= 0);
	slot_give(first);
	slot_give(second);
	slot_give(other);
	slot_give(SLOT_NONE);
	slot_give(SLOT_LOST);
	int one = slot_take("lock", "work", 0, 0); /* one is the least */
	assert_true(one >= 0);
	slot_give(one);
}

static void the_dead_hold_nothing(void **state)
{
	(void)state;
	int ready[2];
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (!child) {
		char taken = slot_take("lock", "work", 1, 0) >= 0;
		if (write(ready[1], &taken, 1) == 1)
			pause();
		_exit(1);
	}
	char taken = 0;
	assert_true(read(ready[0], &taken, 1) == 1 && taken);
	assert_int_equal(slot_take("lock", "work", 1, 0), SLOT_NONE);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	int mine = slot_take("lock", "work", 1, 0);
	assert_true(mine >= 0);
	slot_give(mine);
	close(ready[0]);
	close(ready[1]);
}

static void a_lost_folder_is_told(void **state)
{
	(void)state;
	conf.data_folder = "/nowhere/at/all";
	assert_int_equal(slot_take("lock", "work", 2, 1000), SLOT_LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_and_no_more),
		cmocka_unit_test(the_dead_hold_nothing),
		cmocka_unit_test(a_lost_folder_is_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, folder_new, NULL);
}
