/* money.h: printing in two languages, exponents, staff input, arithmetic, fees; and every row of Stripe's
 * table. */
#include "test.h"

#include <json-c/json.h>

#include "money.h"

#define N "\u00a0" /* before the symbol */
#define G "\u202f" /* between groups */

static struct json_object *currencies;

static struct money money(int64_t minor, const char *currency)
{
	struct money money = { .minor = minor };
	memcpy(money.currency, currency, 4);
	return money;
}

static void prints(int64_t minor, const char *currency, const char *english, const char *french)
{
	struct mem *mem = mem_new(4096);
	assert_string_equal(money_print(mem, money(minor, currency), "en"), english);
	assert_string_equal(money_print(mem, money(minor, currency), "fr"), french);
	mem_free(mem);
}

static void amounts_print(void **state)
{
	(void)state;
	prints(1900, "eur", "€19.00", "19,00" N "€");
	prints(0, "eur", "€0.00", "0,00" N "€");
	prints(5, "eur", "€0.05", "0,05" N "€");
	prints(-1900, "eur", "-€19.00", "-19,00" N "€");
	prints(123456789, "usd", "$1,234,567.89", "1" G "234" G "567,89" N "$US");
	prints(100000, "gbp", "£1,000.00", "1" G "000,00" N "£GB");
	prints(1900, "jpy", "¥1,900", "1" G "900" N "JPY");
	prints(5120, "kwd", "KWD" N "5.120", "5,120" N "KWD");
	prints(1900, "chf", "CHF" N "19.00", "19,00" N "CHF");
	prints(1900, "clp", "CLP" N "1,900", "1" G "900" N "$CL");
	prints(1900, "xaf", "FCFA" N "1,900", "1" G "900" N "FCFA");
	prints(1900, "xof", "F" G "CFA" N "1,900", "1" G "900" N "F" G "CFA");
	prints(190050, "huf", "HUF" N "1,900.50", "1" G "900,50" N "HUF");
	prints(INT64_MAX, "jpy", "¥9,223,372,036,854,775,807",
		"9" G "223" G "372" G "036" G "854" G "775" G "807" N "JPY");
	prints(INT64_MIN, "eur", "-€92,233,720,368,547,758.08",
		"-92" G "233" G "720" G "368" G "547" G "758,08" N "€");
}

static void whole_unit_currencies_print_without_decimals(void **state)
{
	(void)state;
	prints(190000, "isk", "ISK" N "1,900", "1" G "900" N "ISK");
	prints(500, "ugx", "UGX" N "5", "5" N "UGX");
	prints(505, "ugx", "UGX" N "5.05", "5,05" N "UGX"); /* not Stripe's, but never hidden */
}

static void odd_currencies_print_safely(void **state)
{
	(void)state;
	prints(1900, "\0\0\0", "", "");
	prints(1900, "a<\"", "A??" N "19.00", "19,00" N "A??");
}

static void exponents(void **state)
{
	(void)state;
	assert_int_equal(money_exponent("eur"), 2);
	assert_int_equal(money_exponent("EUR"), 2);
	assert_int_equal(money_exponent("JPY"), 0);
	assert_int_equal(money_exponent("kwd"), 3);
	assert_int_equal(money_exponent(""), 2);
	assert_int_equal(money_exponent("jp"), 2);
	assert_int_equal(money_exponent("jpyx"), 2);
	assert_int_equal(money_exponent("f c"), 2);
	assert_int_equal(money_exponent("{|}"), 2);
}

static void reads(const char *text, const char *currency, int64_t minor)
{
	struct money out = { 0 };
	if (!money_parse(text, currency, &out))
		fail_msg("%s %s is refused", text, currency);
	assert_int_equal(out.minor, minor);
	assert_string_equal(out.currency, currency);
}

static void refuses(const char *text, const char *currency)
{
	struct money out = money(99, "xxx");
	if (money_parse(text, currency, &out))
		fail_msg("\"%s\" %s is taken for %lld", text, currency, (long long)out.minor);
	assert_int_equal(out.minor, 99);
	assert_string_equal(out.currency, "xxx");
}

static void staff_input_is_read(void **state)
{
	(void)state;
	reads("19.00", "eur", 1900);
	reads("19,00", "eur", 1900);
	reads("19", "eur", 1900);
	reads("19.5", "eur", 1950);
	reads("  0019,05 ", "eur", 1905);
	reads("0", "eur", 0);
	reads("5.12", "kwd", 5120);
	reads("5", "kwd", 5000);
	reads("1,900", "kwd", 1900);
	reads("19.00", "isk", 1900);
	reads("92233720368547758.07", "eur", INT64_MAX);
	reads("9223372036854775807", "jpy", INT64_MAX);
}

static void bad_input_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", " ", "-1", "+1", ".50", "19.", "19,", "1 900", "1,900.00",
		"1.900,00", "19.0.0", "19.001", "1e3", "0x1", "19€", "19.0a", "abc", "92233720368547758.08",
		"99999999999999999999", "922337203685477581" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refuses(bad[i], "eur");
	refuses("1,900", "eur");
	refuses("1900.", "jpy");
	refuses("1900.0", "jpy");
	refuses("9223372036854775808", "jpy");
	refuses("19", "");
	refuses("19", "eu");
	refuses("19", "EUR");
	refuses("19", "euro");
	refuses("19", "e r");
}

static void each_string(const char *key, int exponent)
{
	struct json_object *list = json_object_object_get(currencies, key);
	assert_true(json_object_array_length(list) > 0);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *currency = json_object_get_string(json_object_array_get_idx(list, i));
		assert_int_equal(money_exponent(currency), exponent);
		refuses(exponent == 0 ? "1.0" : exponent == 2 ? "1.001" : "1.001", currency);
	}
}

static void stripe_exponents(void **state)
{
	(void)state;
	each_string("zero_decimal", 0);
	each_string("three_decimal_last_digit_zero", 3);
	each_string("two_decimal_on_the_wire_but_whole_units_only", 2);
	each_string("two_decimal_for_charges_whole_units_for_payouts", 2);
	struct json_object *minimum = json_object_object_get(currencies,
		"minimum_charge_minor_in_settlement_currency");
	json_object_object_foreach(minimum, currency, minor)
	{
		(void)minor;
		assert_int_equal(money_exponent(currency), strcmp(currency, "jpy") ? 2 : 0);
	}
}

static const char *text_of(struct json_object *row, const char *key)
{
	return json_object_get_string(json_object_object_get(row, key));
}

static void stripe_examples(void **state)
{
	(void)state;
	struct json_object *rows = json_object_object_get(currencies, "examples");
	assert_int_equal(json_object_array_length(rows), 7);
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		int64_t minor = json_object_get_int64(json_object_object_get(row, "minor"));
		reads(text_of(row, "amount"), text_of(row, "currency"), minor);
	}
	rows = json_object_object_get(currencies, "must_reject");
	assert_int_equal(json_object_array_length(rows), 4);
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		refuses(text_of(row, "amount"), text_of(row, "currency"));
	}
}

static void arithmetic(void **state)
{
	(void)state;
	assert_int_equal(money_add(money(1900, "eur"), money(-100, "eur")).minor, 1800);
	assert_int_equal(money_sub(money(1900, "eur"), money(2000, "eur")).minor, -100);
	assert_int_equal(money_mul(money(1900, "eur"), 3).minor, 5700);
	assert_string_equal(money_mul(money(1900, "eur"), 3).currency, "eur");
}

static void add_currencies(void *arg)
{
	money_add(money(1, "eur"), *(struct money *)arg);
}

static void sub_currencies(void *arg)
{
	money_sub(money(1, "eur"), *(struct money *)arg);
}

static void add_over(void *arg)
{
	money_add(money(INT64_MAX, "eur"), *(struct money *)arg);
}

static void sub_over(void *arg)
{
	money_sub(money(INT64_MIN, "eur"), *(struct money *)arg);
}

static void mul_over(void *arg)
{
	money_mul(*(struct money *)arg, INT64_MIN);
}

static void impossible_arithmetic_fails(void **state)
{
	(void)state;
	struct money other = money(1, "usd"), two = money(2, "eur");
	assert_string_equal(assert_fails("money.currency", add_currencies, &other), "eur and usd together");
	assert_fails("money.currency", sub_currencies, &other);
	assert_fails("money.range", add_over, &two);
	assert_fails("money.range", sub_over, &two);
	assert_fails("money.range", mul_over, &two);
}

static void fees(void **state)
{
	(void)state;
	assert_int_equal(money_fee(0, 1500), 0);
	assert_int_equal(money_fee(1900, 1500), 285);
	assert_int_equal(money_fee(1999, 1500), 300); /* 299.85 */
	assert_int_equal(money_fee(3, 1500), 0);      /* 0.45 */
	assert_int_equal(money_fee(4, 1500), 1);      /* 0.60 */
	assert_int_equal(money_fee(10, 1500), 2);     /* 1.50: half goes up */
	assert_int_equal(money_fee(1900, 0), 0);
	assert_int_equal(money_fee(1900, 10000), 1900);
	struct json_object *rows = json_object_object_get(currencies, "fee_15_percent");
	assert_int_equal(json_object_array_length(rows), 5);
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		int64_t amount = json_object_get_int64(json_object_object_get(row, "amount"));
		int64_t down = json_object_get_int64(json_object_object_get(row, "floor_fee"));
		assert_int_equal(amount * 1500 / 10000, down);
		assert_int_equal(money_fee(amount, 1500), down + (amount * 1500 % 10000 >= 5000));
	}
}

struct fee {
	int64_t net, points;
};

static void take_fee(void *arg)
{
	const struct fee *fee = arg;
	money_fee(fee->net, fee->points);
}

static void impossible_fees_fail(void **state)
{
	(void)state;
	struct fee bad[] = { { -1, 1500 }, { 1, -1 }, { 1, 10001 }, { INT64_MAX, 1500 }, { INT64_MAX, 1 } };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails("money.range", take_fee, &bad[i]);
}

int main(void)
{
	currencies = json_object_from_file("tests/spec/stripe/currencies.json");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts_print),
		cmocka_unit_test(whole_unit_currencies_print_without_decimals),
		cmocka_unit_test(odd_currencies_print_safely),
		cmocka_unit_test(exponents),
		cmocka_unit_test(staff_input_is_read),
		cmocka_unit_test(bad_input_is_refused),
		cmocka_unit_test(stripe_exponents),
		cmocka_unit_test(stripe_examples),
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(impossible_arithmetic_fails),
		cmocka_unit_test(fees),
		cmocka_unit_test(impossible_fees_fail),
	};
	int failed = RUN_TAP(tests);
	json_object_put(currencies);
	return failed;
}
