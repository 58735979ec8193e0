/* money.h: amounts in minor units beside their currency (struct money in shape.h), as Stripe counts them.
 *
 * Exponents are Stripe's, not ISO 4217's: docs.stripe.com/currencies, kept as data in
 * tests/spec/stripe/currencies.json. */
#ifndef MONEY_H
#define MONEY_H

#include "mem.h"
#include "shape.h"

/* How many of the minor digits are decimals on the wire: 0 (jpy), 3 (kwd), else 2. Any case. */
int money_exponent(const char *currency);

/* "€19.00", "¥1,900", "KWD 5.120", "-€19.00"; in French "19,00 €", "1 900 JPY" (groups U+202F, before the
 * symbol U+00A0; after a code in English U+00A0). Symbols as Unicode CLDR has them. isk and ugx, whole
 * units counted in hundredths, print without decimals. "" without a currency. money_put appends,
 * money_print returns a text in mem. */
void money_put(struct buffer *out, struct money money, const char *language);
const char *money_print(struct mem *mem, struct money money, const char *language);

/* Arithmetic that never wraps and never mixes: fail("money.range") and fail("money.currency"). */
struct money money_add(struct money a, struct money b);
struct money money_sub(struct money a, struct money b);
struct money money_mul(struct money a, int64_t factor);

/* Reads what staff type: "19", "19.00", "19,00", spaces around allowed; no sign, no grouping. False, with
 * *out untouched, for anything else, for more decimals than the currency has ("1900.5" yen), for amounts
 * Stripe refuses (kwd must end in 0, isk and ugx are whole units), beyond int64_t, or if currency is not
 * three letters a-z. */
bool money_parse(const char *text, const char *currency, struct money *out);

/* The marketplace's share of a line's net amount (after discounts, before tax): floor((net * points +
 * 5000) / 10000), points being hundredths of a percent. Expects net >= 0 and points between 0 and 10000,
 * else fail("money.range"). */
int64_t money_fee(int64_t net, int64_t basis_points);

#endif
