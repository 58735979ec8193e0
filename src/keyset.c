/* keyset.c: cursors of lists: two numbers under the shop's secret. */
#include "keyset.h"

#include <sodium.h>
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "sign.h"

enum { ROUNDS = 4, NUMBERS = 2 * sizeof(uint64_t) };

static uint64_t round_of(const unsigned char *key, uint64_t half, unsigned char round)
{
	unsigned char in[sizeof half + 1], out[crypto_shorthash_BYTES];
	memcpy(in, &half, sizeof half);
	in[sizeof half] = round;
	crypto_shorthash(out, in, sizeof in, key);
	memcpy(&half, out, sizeof half);
	return half;
}

/* A Feistel network of four keyed rounds: one to one, and nobody without the key tells it from chance (Luby and Rackoff,
 * 1988). The same row has the same address, and half of a single id is zeros to check. */
static void halves_mix(struct mem *mem, uint64_t halves[2], bool seal)
{
	static const char purpose[] = "keyset";
	struct bytes key = hmac_of(mem, conf.csrf_secret, purpose, sizeof purpose - 1);
	for (unsigned char i = 0; i < ROUNDS; i++) {
		unsigned char round = seal ? i : (unsigned char)(ROUNDS - 1 - i);
		halves[round % 2] ^= round_of(key.data, halves[1 - round % 2], round);
	}
}

const char *keyset_seal(struct mem *mem, int64_t first, int64_t second)
{
	uint64_t halves[2] = { (uint64_t)first, (uint64_t)second };
	halves_mix(mem, halves, true);
	return hex_of(mem, (struct bytes){ (unsigned char *)halves, NUMBERS });
}

bool keyset_open(struct mem *mem, const char *text, int64_t *first, int64_t *second)
{
	uint64_t halves[2];
	if (!text || strlen(text) != NUMBERS * 2)
		return false;
	struct bytes sealed = bytes_of_hex(mem, text, NUMBERS * 2);
	if (!sealed.data)
		return false;
	memcpy(halves, sealed.data, NUMBERS);
	halves_mix(mem, halves, false);
	*first = (int64_t)halves[0];
	*second = (int64_t)halves[1];
	return true;
}

int64_t keyset_before(struct request *req, const char *name)
{
	int64_t id, zero;
	bool ours = keyset_open(req->mem, query_text(req, name), &id, &zero);
	return ours && !zero && id > 0 ? id : INT64_MAX;
}

const char *keyset_older(struct request *req, struct list *rows, size_t per_page, const char *name)
{
	if (rows->count <= per_page)
		return "";
	rows->count = per_page;
	const struct field *id = shape_field(rows->shape, "id", 2);
	if (!id || id->kind != KIND_INT)
		fail("keyset.id", "%s has no id", rows->shape->name);
	const char *last = list_item(*rows, per_page - 1);
	int64_t number;
	memcpy(&number, last + id->offset, sizeof number);
	return mem_format(req->mem, "%s?%s=%s", req->path, name, keyset_seal(req->mem, number, 0));
}
