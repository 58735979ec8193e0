/* money.c: exponents, printing, reading and arithmetic of amounts. */
#include "money.h"

#include <string.h>

#include "checked.h"
#include "fail.h"
#include "language.h"

/* docs.stripe.com/currencies: zero-decimal; three-decimal with a last digit of 0; and those that are
 * counted in hundredths on the wire but exist in whole units only. Everything else has two decimals (huf
 * and twd too: only payouts round). */
static const char zero_decimal[] = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
static const char three_decimal[] = "bhd jod kwd omr tnd";
static const char whole_hundreds[] = "isk ugx";

/* Where CLDR 45 has a symbol instead of the code; NULL: that language prints the code. */
static const struct symbol {
	char currency[4];
	const char *en, *fr;
} symbols[] = {
	{ "eur", "€", "€" },        { "usd", "$", "$US" },   { "gbp", "£", "£GB" },   { "jpy", "¥", NULL },
	{ "cad", "CA$", "$CA" },    { "aud", "A$", "$AU" },  { "nzd", "NZ$", "$NZ" }, { "hkd", "HK$", NULL },
	{ "sgd", NULL, "$SG" },     { "mxn", "MX$", "$MX" }, { "brl", "R$", "R$" },   { "inr", "₹", "₹" },
	{ "krw", "₩", "₩" },        { "cny", "CN¥", NULL },  { "twd", "NT$", NULL },  { "vnd", "₫", "₫" },
	{ "ils", "₪", "₪" },        { "php", "₱", NULL },    { "clp", NULL, "$CL" },  { "xaf", "FCFA", "FCFA" },
	{ "xpf", "CFPF", "FCFP" },  { "xof", "F\u202fCFA", "F\u202fCFA" },
};

static bool lower_code(const char *currency, char code[4])
{
	for (int i = 0; i < 3; i++) {
		code[i] = currency[i] >= 'A' && currency[i] <= 'Z' ? (char)(currency[i] | 32) : currency[i];
		if (code[i] < 'a' || code[i] > 'z')
			return false;
	}
	code[3] = 0;
	return !currency[3];
}

static bool listed(const char *list, const char *code)
{
	return strstr(list, code) != NULL;
}

int money_exponent(const char *currency)
{
	char code[4];
	if (!lower_code(currency, code))
		return 2;
	return listed(zero_decimal, code) ? 0 : listed(three_decimal, code) ? 3 : 2;
}

/* The symbol, or the code in capitals, written to code. */
static const char *symbol_of(const char *currency, bool french, char code[4])
{
	for (int i = 0; i < 3; i++)
		code[i] = currency[i] >= 'a' && currency[i] <= 'z' ? (char)(currency[i] & ~32) : '?';
	code[3] = 0;
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
		if (!memcmp(symbols[i].currency, currency, 3)) {
			const char *symbol = french ? symbols[i].fr : symbols[i].en;
			return symbol ? symbol : code;
		}
	return code;
}

static void grouped_put(struct buffer *out, uint64_t number, bool french)
{
	if (number < 1000) {
		buffer_digits(out, number, 1);
		return;
	}
	grouped_put(out, number / 1000, french);
	buffer_text(out, french ? "\u202f" : ",");
	buffer_digits(out, number % 1000, 3);
}

void money_put(struct buffer *out, struct money money, const char *language)
{
	if (!money.currency[0])
		return;
	bool french = language_french(language);
	char code[4];
	const char *symbol = symbol_of(money.currency, french, code);
	uint64_t minor = money.minor < 0 ? 0 - (uint64_t)money.minor : (uint64_t)money.minor;
	int exponent = money_exponent(money.currency);
	uint64_t unit = exponent == 0 ? 1 : exponent == 2 ? 100 : 1000;
	if (money.minor < 0)
		buffer_put(out, "-", 1);
	if (!french) {
		buffer_text(out, symbol);
		if (symbol == code || listed("xaf xof xpf", money.currency))
			buffer_text(out, "\u00a0");
	}
	grouped_put(out, minor / unit, french);
	if (exponent && !(minor % unit == 0 && listed(whole_hundreds, money.currency))) {
		buffer_put(out, french ? "," : ".", 1);
		buffer_digits(out, minor % unit, (size_t)exponent);
	}
	if (french) {
		buffer_text(out, "\u00a0");
		buffer_text(out, symbol);
	}
}

const char *money_print(struct mem *mem, struct money money, const char *language)
{
	struct buffer out = buffer_new(mem, 31);
	money_put(&out, money, language);
	return out.text;
}

static struct money of(bool fits, int64_t minor, struct money like)
{
	if (!fits)
		fail("money.range", "an amount beyond 64 bits");
	like.minor = minor;
	return like;
}

static void same_currency(struct money a, struct money b)
{
	if (memcmp(a.currency, b.currency, sizeof a.currency) != 0)
		fail("money.currency", "%.3s and %.3s together", a.currency, b.currency);
}

struct money money_add(struct money a, struct money b)
{
	int64_t minor;
	same_currency(a, b);
	bool fits = checked_add(a.minor, b.minor, &minor);
	return of(fits, minor, a);
}

struct money money_sub(struct money a, struct money b)
{
	int64_t minor;
	same_currency(a, b);
	bool fits = checked_sub(a.minor, b.minor, &minor);
	return of(fits, minor, a);
}

struct money money_mul(struct money a, int64_t factor)
{
	int64_t minor;
	bool fits = checked_mul(a.minor, factor, &minor);
	return of(fits, minor, a);
}

static bool digit_add(int64_t *minor, char digit)
{
	return checked_mul(*minor, 10, minor) && checked_add(*minor, digit - '0', minor);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool money_parse(const char *text, const char *currency, struct money *out)
{
	struct money money = { 0 };
	if (!lower_code(currency, money.currency) || memcmp(money.currency, currency, 4) != 0)
		return false;
	int decimals = money_exponent(currency);
	text += strspn(text, " ");
	if (!is_digit(*text))
		return false;
	for (; is_digit(*text); text++)
		if (!digit_add(&money.minor, *text))
			return false;
	bool point = *text == '.' || *text == ',';
	text += point;
	if (point && !is_digit(*text))
		return false;
	for (; decimals; decimals--)
		if (!digit_add(&money.minor, point && is_digit(*text) ? *text++ : '0'))
			return false;
	if (text[strspn(text, " ")])
		return false;
	if (listed(three_decimal, currency) && money.minor % 10)
		return false;
	if (listed(whole_hundreds, currency) && money.minor % 100)
		return false;
	*out = money;
	return true;
}

int64_t money_fee(int64_t net, int64_t basis_points)
{
	int64_t product;
	if (net < 0 || basis_points < 0 || basis_points > 10000)
		fail("money.range", "a fee of %lld points", (long long)basis_points);
	if (!checked_mul(net, basis_points, &product) || !checked_add(product, 5000, &product))
		fail("money.range", "an amount beyond 64 bits");
	return product / 10000;
}
