/* sign.c: libsodium's hashes, randomness and comparison. OpenSSL would be set up anew by every plain CGI program: more work
 * than the page. */
#include "sign.h"

#include <sodium.h>
#include <string.h>

struct bytes sha256_of(struct mem *mem, const void *data, size_t length)
{
	unsigned char *digest = mem_get(mem, SHA256_BYTES);
	crypto_hash_sha256(digest, data, length);
	return (struct bytes){ digest, SHA256_BYTES };
}

struct bytes hmac_of(struct mem *mem, const char *secret, const void *data, size_t length)
{
	unsigned char *digest = mem_get(mem, SHA256_BYTES);
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, data, length);
	crypto_auth_hmacsha256_final(&state, digest);
	sodium_memzero(&state, sizeof state);
	return (struct bytes){ digest, SHA256_BYTES };
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.length == b.length && a.data && b.data && !sodium_memcmp(a.data, b.data, a.length);
}

char *hex_of(struct mem *mem, struct bytes bytes)
{
	char *hex = mem_get(mem, bytes.length * 2 + 1);
	return sodium_bin2hex(hex, bytes.length * 2 + 1, bytes.data, bytes.length);
}

static char *base64_variant(struct mem *mem, struct bytes bytes, int variant)
{
	size_t room = sodium_base64_encoded_len(bytes.length, variant);
	return sodium_bin2base64(mem_get(mem, room), room, bytes.data, bytes.length, variant);
}

char *base64_of(struct mem *mem, struct bytes bytes)
{
	return base64_variant(mem, bytes, sodium_base64_VARIANT_ORIGINAL);
}

char *base64url_of(struct mem *mem, struct bytes bytes)
{
	return base64_variant(mem, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct bytes bytes_of_hex(struct mem *mem, const char *hex, size_t length)
{
	unsigned char *data = mem_get(mem, length / 2 + 1);
	for (size_t i = 0; i < length; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = hex[i] ? strchr(digits, hex[i]) : NULL;
		if (!digit || length % 2)
			return (struct bytes){ NULL, 0 };
		data[i / 2] = (unsigned char)(data[i / 2] << 4 | (digit - digits));
	}
	return (struct bytes){ data, length / 2 };
}

struct bytes bytes_of_base64url(struct mem *mem, const char *text)
{
	size_t length = strlen(text), found;
	unsigned char *data = mem_get(mem, length + 1);
	if (sodium_base642bin(data, length + 1, text, length, NULL, &found, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING))
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ data, found };
}

struct bytes random_bytes(struct mem *mem, size_t n)
{
	unsigned char *data = mem_get(mem, n);
	randombytes_buf(data, n);
	return (struct bytes){ data, n };
}

/* Random bytes are asked for in one call, cut to the bits that count the alphabet, and thrown away when they lie beyond it. */
static char *random_of(struct mem *mem, const char *alphabet, size_t letters, size_t n, size_t group)
{
	char *text = mem_get(mem, n * 2 + 1);
	unsigned char pool[64];
	size_t used = 0, left = 0, bits = letters > 32 ? 63 : 31;
	for (size_t drawn = 0; drawn < n;) {
		if (!left)
			randombytes_buf(pool, left = sizeof pool);
		size_t letter = pool[--left] & bits;
		if (letter >= letters)
			continue;
		if (group && drawn && drawn % group == 0)
			text[used++] = '-';
		text[used++] = alphabet[letter];
		drawn++;
	}
	sodium_memzero(pool, sizeof pool);
	return text;
}

char *random_id(struct mem *mem)
{
	return random_of(mem, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 62, PUBLIC_ID_LENGTH, 0);
}

char *random_code(struct mem *mem, size_t n, size_t group)
{
	return random_of(mem, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 32, n, group);
}

bool public_id_valid(const char *text)
{
	size_t length = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return length == PUBLIC_ID_LENGTH && !text[length];
}
