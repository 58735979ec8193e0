/* quota_test.c: the monthly calendar against tests/golden/anchors.txt (made by Python), and the formula of
 * an upgrade. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "moment.h"
#include "quota.h"

enum { MONTHS = 21 };

static const int64_t months[MONTHS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 23, 24, 25, 36,
	48, 1200 };

static struct moment at(const char *text)
{
	struct moment moment;
	assert_true(moment_parse_iso(text, &moment));
	return moment;
}

/* The month begins when the golden file says, holds its first and its last microsecond, and nothing before
 * or after. */
static void month_is(struct moment anchor, int64_t k, struct moment begins)
{
	struct moment just_before = { begins.us - 1 };
	assert_true(moment_add_months(anchor, k).us == begins.us);
	struct quota_month month = quota_month(anchor, begins);
	assert_true(month.k == k && month.starts_at.us == begins.us && month.ends_at.us > begins.us);
	month = quota_month(anchor, just_before);
	assert_true(month.k == k - 1 && month.ends_at.us == begins.us && month.starts_at.us <= just_before.us);
}

static void line_holds(char *line)
{
	char *rest = NULL, *anchor_text = strtok_r(line, " \n", &rest);
	struct moment anchor = at(anchor_text);
	for (size_t i = 0; i < MONTHS; i++) {
		char *date = strtok_r(NULL, " \n", &rest), text[40];
		assert_non_null(date);
		snprintf(text, sizeof text, "%s%s", date, anchor_text + strlen("2026-01-31"));
		month_is(anchor, months[i], at(text));
	}
	assert_null(strtok_r(NULL, " \n", &rest));
}

static void months_are_as_the_calendar_says(void **state)
{
	(void)state;
	FILE *file = fopen("tests/golden/anchors.txt", "re");
	assert_non_null(file);
	char line[1000];
	int anchors = 0;
	while (fgets(line, sizeof line, file))
		if (*line != '#') {
			line_holds(line);
			anchors++;
		}
	fclose(file);
	assert_true(anchors >= 400);
}

static void the_domain_s_example(void **state)
{
	(void)state;
	struct moment anchor = at("2026-01-31T09:30:00Z");
	assert_true(quota_month(anchor, at("2026-02-28T09:29:59Z")).k == 0);
	assert_true(quota_month(anchor, at("2026-02-28T09:30:00Z")).k == 1);
	assert_true(quota_month(anchor, at("2026-03-31T09:29:59Z")).k == 1);
	assert_true(quota_month(anchor, at("2026-03-31T09:30:00Z")).k == 2);
	assert_true(quota_month(at("2028-01-31T00:00:00Z"), at("2028-02-29T00:00:00Z")).k == 1);
	assert_true(quota_month(anchor, at("2026-01-31T09:29:59Z")).k == -1);
	assert_true(quota_month(anchor, at("2025-01-31T09:30:00Z")).k == -12);
}

static void upgrades_are_floored_shares(void **state)
{
	(void)state;
	struct moment start = at("2026-04-01"), end = at("2026-05-01"), middle = at("2026-04-16");
	assert_int_equal(quota_upgrade(3000, 10000, start, end, middle), 3500);
	assert_int_equal(quota_upgrade(3000, 10000, start, end, start), 7000);
	assert_int_equal(quota_upgrade(3000, 10000, start, end, at("2026-03-01")), 7000);
	assert_int_equal(quota_upgrade(3000, 10000, start, end, end), 0);
	assert_int_equal(quota_upgrade(3000, 10000, start, end, at("2026-06-01")), 0);
	assert_int_equal(quota_upgrade(10000, 3000, start, end, middle), 0);
	assert_int_equal(quota_upgrade(3000, 3000, start, end, middle), 0);
	assert_int_equal(quota_upgrade(0, 100, end, start, middle), 0);
	/* 7000 × 1,296,001 / 2,592,000 = 3500.0027; one second later 3499.9972. */
	assert_int_equal(quota_upgrade(3000, 10000, start, end, at("2026-04-15T23:59:59Z")), 3500);
	assert_int_equal(quota_upgrade(3000, 10000, start, end, at("2026-04-16T00:00:01Z")), 3499);
	assert_int_equal(quota_upgrade(0, 1, start, end, at("2026-04-01T00:00:01Z")), 0);
	assert_true(quota_upgrade(0, INT64_MAX / 2, start, end, middle) == INT64_MAX / 4);
}

static void too_far_apart(void *arg)
{
	(void)arg;
	quota_upgrade(-2, INT64_MAX, at("2026-04-01"), at("2026-05-01"), at("2026-04-16"));
}

static void quotas_beyond_counting_are_a_fault(void **state)
{
	(void)state;
	assert_string_equal(failing(too_far_apart, NULL).event, "token.range");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months_are_as_the_calendar_says),
		cmocka_unit_test(the_domain_s_example),
		cmocka_unit_test(upgrades_are_floored_shares),
		cmocka_unit_test(quotas_beyond_counting_are_a_fault),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
