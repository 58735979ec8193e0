/* license.c: keys with a checksum, so that a typing error is told apart from an unknown key without asking anyone. */
#include "license.h"

#include <ctype.h>
#include <string.h>

#include "moment.h"
#include "sign.h"

enum { KEY_RANDOM = 26, KEY_LETTERS = 28, KEY_GROUP = 4 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Two letters (10 bits) of the SHA-256 of the random ones. */
static void checksum_of(struct mem *mem, const char *letters, char check[2])
{
	struct bytes digest = sha256_of(mem, letters, KEY_RANDOM);
	check[0] = alphabet[digest.data[0] & 31];
	check[1] = alphabet[digest.data[1] & 31];
}

static char *grouped(struct mem *mem, const char *letters)
{
	struct buffer out = buffer_new(mem, KEY_LETTERS * 2);
	for (size_t i = 0; i < KEY_LETTERS; i += KEY_GROUP) {
		if (i)
			buffer_text(&out, "-");
		buffer_put(&out, letters + i, KEY_GROUP);
	}
	return out.text;
}

char *license_key_new(struct mem *mem)
{
	char letters[KEY_LETTERS + 1] = "";
	memcpy(letters, random_code(mem, KEY_RANDOM, 0), KEY_RANDOM);
	checksum_of(mem, letters, letters + KEY_RANDOM);
	return grouped(mem, letters);
}

/* The letter meant by what was typed, which is no NUL; 0 when it is none. */
static char letter_meant(char typed)
{
	char c = (char)toupper((unsigned char)typed);
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	return strchr(alphabet, c) ? c : 0;
}

char *license_key_read(struct mem *mem, const char *typed)
{
	char letters[KEY_LETTERS + 1] = "", check[2];
	size_t count = 0;
	for (; *typed; typed++) {
		if (*typed == '-' || isspace((unsigned char)*typed))
			continue;
		char letter = letter_meant(*typed);
		if (!letter || count == KEY_LETTERS)
			return NULL;
		letters[count++] = letter;
	}
	if (count != KEY_LETTERS)
		return NULL;
	checksum_of(mem, letters, check);
	return memcmp(check, letters + KEY_RANDOM, 2) ? NULL : grouped(mem, letters);
}

void license_issue(struct db *db, struct license_issue issue)
{
	db_run(db,
		"INSERT INTO license (account_id, public_id, entitlement_id, product_id, license_key, state, title, price_title,"
		" order_number, seats, transferable, updates_until, expires_at, created_at)"
		" VALUES (?, ?, ?, ?, ?, 'active', ?, ?, ?, IF(?, NULL, ?), ?, ?, ?, ?)"
		" ON DUPLICATE KEY UPDATE id = id",
		issue.account_id, random_id(db->mem), issue.entitlement_id, issue.product_id, license_key_new(db->mem),
		issue.title, issue.price_title, issue.order_number, issue.unlimited, issue.seats, issue.transferable,
		issue.updates_until, issue.expires_at, moment_now());
}
