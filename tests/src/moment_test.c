/* moment.h: the calendar, the clock, printing and reading. */
#include "test.h"

#include <stdlib.h>
#include <time.h>

#include "moment.h"

static struct moment at(const char *iso)
{
	struct moment moment = { 0 };
	if (!moment_parse_iso(iso, &moment))
		fail_msg("%s is not read", iso);
	return moment;
}

static void assert_moment(struct moment moment, const char *iso)
{
	struct mem *mem = mem_new(4096);
	assert_string_equal(moment_iso(mem, moment), iso);
	mem_free(mem);
}

static void seconds_since_1970(void **state)
{
	(void)state;
	assert_int_equal(moment_unix(at("2026-11-21T14:03:00Z")), 1795269780);
	assert_moment(moment_from_unix(1795269780), "2026-11-21T14:03:00Z");
	assert_int_equal(moment_unix((struct moment){ 1999999 }), 1);
	assert_int_equal(moment_unix((struct moment){ -1 }), -1);
	assert_int_equal(moment_unix((struct moment){ -1000000 }), -1);
}

/* Every day of 400 years, and some far off, against the C library's own calendar. */
static void the_calendar_agrees_with_gmtime(void **state)
{
	(void)state;
	for (int64_t day = -146097; day < 146097 * 2; day++) {
		struct tm tm;
		time_t seconds = day * 86400 + (day * 7919 % 86400 + 86400) % 86400;
		struct moment moment = moment_from_unix(seconds);
		struct civil civil = moment_civil(moment);
		gmtime_r(&seconds, &tm);
		bool same = civil.year == tm.tm_year + 1900 && civil.month == tm.tm_mon + 1 &&
			civil.day == tm.tm_mday && civil.hour == tm.tm_hour && civil.minute == tm.tm_min &&
			civil.second == tm.tm_sec;
		if (!same || moment_from_civil(civil).us != moment.us)
			fail_msg("day %lld", (long long)day);
	}
}

static void before_1970(void **state)
{
	(void)state;
	struct civil civil = moment_civil((struct moment){ -1 });
	assert_int_equal(civil.year, 1969);
	assert_int_equal(civil.month, 12);
	assert_int_equal(civil.day, 31);
	assert_int_equal(civil.second, 59);
	assert_int_equal(civil.us, 999999);
	assert_int_equal(moment_from_civil(civil).us, -1);
	civil = moment_civil((struct moment){ INT64_MIN });
	assert_int_equal(civil.year, -290308);
	assert_moment(moment_from_civil((struct civil){ -5, 3, 1, 0, 0, 0, 0 }), "-0005-03-01T00:00:00Z");
}

static void leap_years(void **state)
{
	(void)state;
	assert_int_equal(moment_month_days(2024, 2), 29);
	assert_int_equal(moment_month_days(2026, 2), 28);
	assert_int_equal(moment_month_days(2100, 2), 28);
	assert_int_equal(moment_month_days(2000, 2), 29);
	assert_int_equal(moment_month_days(2026, 4), 30);
	assert_int_equal(moment_month_days(2026, 12), 31);
	assert_moment(moment_add_days(at("2024-02-28"), 1), "2024-02-29T00:00:00Z");
	assert_moment(moment_add_days(at("2026-02-28"), 1), "2026-03-01T00:00:00Z");
}

static void months_end_where_the_month_ends(void **state)
{
	(void)state;
	static const char *const from_january[] = { "2027-01-31T10:30:05Z", "2027-02-28T10:30:05Z",
		"2027-03-31T10:30:05Z", "2027-04-30T10:30:05Z", "2027-05-31T10:30:05Z", "2027-06-30T10:30:05Z",
		"2027-07-31T10:30:05Z", "2027-08-31T10:30:05Z", "2027-09-30T10:30:05Z", "2027-10-31T10:30:05Z",
		"2027-11-30T10:30:05Z", "2027-12-31T10:30:05Z", "2028-01-31T10:30:05Z", "2028-02-29T10:30:05Z",
		"2028-03-31T10:30:05Z" };
	struct moment anchor = at(from_january[0]);
	for (size_t k = 0; k < sizeof from_january / sizeof *from_january; k++)
		assert_moment(moment_add_months(anchor, (int64_t)k), from_january[k]);
	assert_moment(moment_add_months(anchor, -1), "2026-12-31T10:30:05Z");
	assert_moment(moment_add_months(anchor, -2), "2026-11-30T10:30:05Z");
	assert_moment(moment_add_months(anchor, -11), "2026-02-28T10:30:05Z");
	assert_moment(moment_add_months(at("2024-02-29"), 12), "2025-02-28T00:00:00Z");
	assert_moment(moment_add_months(at("2024-02-29"), 48), "2028-02-29T00:00:00Z");
	assert_moment(moment_add_months(at("2026-06-15"), 30 * 12), "2056-06-15T00:00:00Z");
	assert_int_equal(moment_add_months((struct moment){ 1234567 }, 1).us % 1000000, 234567);
}

/* The night the clocks change in Paris is a night like any other, whatever TZ says. */
static void daylight_saving_changes_nothing(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	assert_moment(moment_add_days(at("2026-03-28T02:30:00Z"), 1), "2026-03-29T02:30:00Z");
	assert_moment(moment_add_months(at("2026-09-25T02:30:00Z"), 1), "2026-10-25T02:30:00Z");
	assert_int_equal(moment_unix(moment_add_days(at("2026-10-25"), 1)) - moment_unix(at("2026-10-25")),
		86400);
	unsetenv("TZ");
	tzset();
}

static void adding(void **state)
{
	(void)state;
	assert_moment(moment_add_seconds(at("2026-12-31T23:59:59Z"), 1), "2027-01-01T00:00:00Z");
	assert_moment(moment_add_seconds(at("2026-01-01"), -1), "2025-12-31T23:59:59Z");
	assert_moment(moment_add_days(at("2026-01-01"), -1), "2025-12-31T00:00:00Z");
	assert_moment(moment_add_days(at("2026-01-01"), 40), "2026-02-10T00:00:00Z");
}

static void far_seconds(void *arg)
{
	moment_from_unix(*(int64_t *)arg);
}

static void far_days(void *arg)
{
	moment_add_days((struct moment){ INT64_MAX }, *(int64_t *)arg);
}

static void far_months(void *arg)
{
	moment_add_months((struct moment){ 1 }, *(int64_t *)arg);
}

static void beyond_the_calendar_fails(void **state)
{
	(void)state;
	int64_t most = INT64_MAX, one = 1, million = 12 * INT64_C(299999);
	assert_fails("moment.range", far_seconds, &most);
	assert_fails("moment.range", far_days, &one);
	assert_fails("moment.range", far_months, &most);
	assert_fails("moment.range", far_months, &million);
	million *= 10;
	assert_fails("moment.range", far_months, &million);
	million = -million;
	assert_fails("moment.range", far_months, &million);
}

static void reading(void **state)
{
	(void)state;
	assert_int_equal(at("2026-11-21").us, at("2026-11-21T00:00:00Z").us);
	assert_int_equal(at("2026-11-21T14:03").us, at("2026-11-21 14:03:00Z").us);
	assert_int_equal(at("2026-11-21T14:03:00+01:00").us, at("2026-11-21T13:03:00Z").us);
	assert_int_equal(at("2026-11-21T23:03:00-05:30").us, at("2026-11-22T04:33:00Z").us);
	assert_int_equal(at("2026-11-21 14:03:00.5").us, at("2026-11-21T14:03:00Z").us + 500000);
	assert_int_equal(at("2026-11-21T14:03:00.123456789Z").us, at("2026-11-21T14:03:00Z").us + 123456);
	assert_int_equal(at("0001-01-01").us, -62135596800 * 1000000);
	assert_int_equal(at("9999-12-31T23:59:59Z").us, 253402300799 * 1000000);
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { NULL, "", "2026", "2026-11", "2026-11-2", "2026-1-21", "26-11-21",
		"2026/11/21", "2026-11/21", "2026-xx-21", "2026-11-xx", "0000-01-01", "2026-00-01", "2026-13-01",
		"2026-01-00", "2026-04-31", "2026-02-29", "2100-02-29", "2026-11-21T", "2026-11-21x14:03",
		"2026-11-21T14", "2026-11-21T1403", "2026-11-21T24:00", "2026-11-21T14:60", "2026-11-21T14:03:60",
		"2026-11-21T14:03:6", "2026-11-21T14:03:00.", "2026-11-21T14:03:00.xZ", "2026-11-21T14:03:00z",
		"2026-11-21T14:03:00Zx", "2026-11-21T14:03:00+0100", "2026-11-21T14:03:00+1:00",
		"2026-11-21T14:03:00+16:00", "2026-11-21T14:03:00+01:60", "2026-11-21T14:03:00 Z", "2026-11-21Z",
		" 2026-11-21", "2026-11-21 ", "2026-11-21T14:03:00+01:x0", "+026-11-21" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct moment out = { 99 };
		if (moment_parse_iso(bad[i], &out))
			fail_msg("%s is read", bad[i]);
		assert_int_equal(out.us, 99);
	}
}

static void printing(void **state)
{
	(void)state;
	struct mem *mem = mem_new(8192);
	struct moment moment = at("2026-11-21T14:03:59Z"), first = at("2026-08-01T09:05:00Z");
	assert_string_equal(moment_print(mem, moment, "en"), "21 November 2026, 14:03 UTC");
	assert_string_equal(moment_print(mem, moment, "fr"), "21 novembre 2026 à 14:03 UTC");
	assert_string_equal(moment_print(mem, moment, NULL), "21 November 2026, 14:03 UTC");
	assert_string_equal(moment_date(mem, first, "en"), "1 August 2026");
	assert_string_equal(moment_date(mem, first, "fr"), "1er août 2026");
	assert_string_equal(moment_time(mem, first), "09:05");
	assert_string_equal(moment_iso(mem, moment), "2026-11-21T14:03:59Z");
	mem_free(mem);
}

static void absent_prints_nothing(void **state)
{
	(void)state;
	struct mem *mem = mem_new(4096);
	struct moment absent = { 0 };
	assert_string_equal(moment_print(mem, absent, "en"), "");
	assert_string_equal(moment_date(mem, absent, "en"), "");
	assert_string_equal(moment_time(mem, absent), "");
	assert_string_equal(moment_iso(mem, absent), "");
	mem_free(mem);
}

static void the_clock_can_be_set(void **state)
{
	(void)state;
	struct moment night = at("2026-12-31T23:59:00Z");
	moment_clock_set(night);
	assert_int_equal(moment_now().us, night.us);
	moment_clock_offset(60);
	assert_moment(moment_now(), "2027-01-01T00:00:00Z");
	moment_clock_set((struct moment){ 0 });
	moment_clock_offset(-86400);
	int64_t behind = time(NULL) - moment_unix(moment_now());
	assert_in_range(behind, 86390, 86400);
	moment_clock_offset(0);
	int64_t difference = moment_unix(moment_now()) - time(NULL);
	assert_in_range(difference, 0, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_since_1970),
		cmocka_unit_test(the_calendar_agrees_with_gmtime),
		cmocka_unit_test(before_1970),
		cmocka_unit_test(leap_years),
		cmocka_unit_test(months_end_where_the_month_ends),
		cmocka_unit_test(daylight_saving_changes_nothing),
		cmocka_unit_test(adding),
		cmocka_unit_test(beyond_the_calendar_fails),
		cmocka_unit_test(reading),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(printing),
		cmocka_unit_test(absent_prints_nothing),
		cmocka_unit_test(the_clock_can_be_set),
	};
	return RUN_TAP(tests);
}
