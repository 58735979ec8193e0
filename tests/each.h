/* each.h: what each test stands on: a fixture of its own, TEST(name), or an arena, MEM_TEST(name). */
#ifndef EACH_H
#define EACH_H

#include "fixture.h"

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

static inline int mem_fresh(void **state)
{
	*state = mem_new(1 << 20);
	return 0;
}

static inline int mem_gone(void **state)
{
	mem_free(*state);
	return 0;
}

#define MEM_TEST(name) cmocka_unit_test_setup_teardown(name, mem_fresh, mem_gone)

#endif
