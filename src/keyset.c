/* keyset.c: cursors of lists, sealed in one block of AES. */
#include "keyset.h"

#include <openssl/evp.h>
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "sign.h"

enum { BLOCK = 16 };

/* One block, so ECB is the whole cipher: the same row has the same address, and half of a single id is zeros
 * to check. */
static void block_crypt(struct mem *mem, const unsigned char in[BLOCK], unsigned char out[BLOCK], bool seal)
{
	static const char purpose[] = "keyset";
	struct bytes key = hmac_of(mem, conf.csrf_secret, purpose, sizeof purpose - 1);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	if (!context)
		fail("mem.out", "no memory for a cursor");
	int length = 0;
	bool good = EVP_CipherInit_ex(context, EVP_aes_128_ecb(), NULL, key.data, NULL, seal) &&
		EVP_CIPHER_CTX_set_padding(context, 0) && EVP_CipherUpdate(context, out, &length, in, BLOCK);
	EVP_CIPHER_CTX_free(context);
	if (!good || length != BLOCK)
		fail("keyset.cipher", "AES is not to be had");
}

const char *keyset_seal(struct mem *mem, int64_t first, int64_t second)
{
	int64_t numbers[2] = { first, second };
	unsigned char in[BLOCK], out[BLOCK];
	memcpy(in, numbers, BLOCK);
	block_crypt(mem, in, out, true);
	return hex_of(mem, (struct bytes){ out, BLOCK });
}

bool keyset_open(struct mem *mem, const char *text, int64_t *first, int64_t *second)
{
	if (!text || strlen(text) != BLOCK * 2)
		return false;
	struct bytes sealed = bytes_of_hex(mem, text, BLOCK * 2);
	if (!sealed.data)
		return false;
	int64_t numbers[2];
	unsigned char out[BLOCK];
	block_crypt(mem, sealed.data, out, false);
	memcpy(numbers, out, BLOCK);
	*first = numbers[0];
	*second = numbers[1];
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
