/* sign.h: hashes, signatures, random values and their spellings. */
#ifndef SIGN_H
#define SIGN_H

#include <stdbool.h>

#include "mem.h"
#include "shape.h"

enum { SHA256_BYTES = 32, PUBLIC_ID_LENGTH = 22 };

/* SHA-256 and HMAC-SHA256 (FIPS 180-4, RFC 2104): 32 bytes in mem. */
struct bytes sha256_of(struct mem *mem, const void *data, size_t length);
struct bytes hmac_of(struct mem *mem, const char *secret, const void *data, size_t length);

/* Equal in a time that depends on the lengths alone. */
bool bytes_equal(struct bytes a, struct bytes b);

/* Lower-case hexadecimal; base64 (RFC 4648 §4); base64url without padding (§5). */
char *hex_of(struct mem *mem, struct bytes bytes);
char *base64_of(struct mem *mem, struct bytes bytes);
char *base64url_of(struct mem *mem, struct bytes bytes);

/* Bytes from lower-case hexadecimal; data NULL when it is anything else. */
struct bytes bytes_of_hex(struct mem *mem, const char *hex, size_t length);

/* Bytes from unpadded base64url; data NULL when it is anything else. */
struct bytes bytes_of_base64url(struct mem *mem, const char *text);

/* n bytes from the system's generator. */
struct bytes random_bytes(struct mem *mem, size_t n);

/* A public id: 22 of [0-9A-Za-z], 131 bits, unguessable. public_id_valid() tells whether a text could be one. */
char *random_id(struct mem *mem);
/* The same made by the database, for rows that a statement makes many of. */
#define SQL_RANDOM_ID "LEFT(REPLACE(REPLACE(TO_BASE64(RANDOM_BYTES(18)), '+', 'x'), '/', 'y'), 22)"
bool public_id_valid(const char *text);

/* n characters of Crockford's base 32 (no I, L, O, U), 5 bits each, groups of `group` with hyphens between. */
char *random_code(struct mem *mem, size_t n, size_t group);

/* The Stripe-Signature header against the exact body (stripe.md §1): exactly one t of digits, any v1 equal to the HMAC
 * of one of the secrets (commas between), t within tolerance seconds of now in either direction. */
enum signature { SIGNATURE_GOOD, SIGNATURE_BAD, SIGNATURE_OLD, SIGNATURE_NO_SECRET };
enum signature stripe_signature(struct mem *mem, const char *header, const void *body, size_t length,
	const char *secrets, int64_t now, int64_t tolerance);

#endif
