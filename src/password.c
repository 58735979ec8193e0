/* password.c: argon2id by libsodium, inside one of the host's slots. */
#include "password.h"

#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "conf.h"
#include "fail.h"
#include "form.h"
#include "slot.h"

enum { PASSES = 2, MEMORY = 19 * 1024 * 1024, PATIENCE_MS = 2000, COMMON_KINDS = 4 };

/* The hash of 32 random bytes that nobody kept: what an unknown account is compared with. */
static const char nobody[] =
	"$argon2id$v=19$m=19456,t=2,p=1$L3HBlOY+ISXXAPvohA3jEQ$9FIEofX6uTuRZwVeOclkkvMhRX1bKqOrcSWTVAS7fOY";

/* What the lists of leaked passwords begin with, among those of ten characters and more; in lower case. */
static const char *const common[] = {
	"0123456789", "0987654321", "1029384756", "123123123123", "1234567890", "12345678910", "123456789012",
	"1234567891", "1234qwerasdf", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "1qazxsw23edc",
	"9876543210", "abcd123456", "abcdefghij", "abcdefghijkl", "asdfghjkl;", "asdfghjklqwerty", "azertyuiop",
	"azertyuiopqs", "correcthorsebatterystaple", "passwordpassword", "q1w2e3r4t5", "q1w2e3r4t5y6",
	"qazwsxedcrfv", "qwertyqwerty", "qwertyuiop", "qwertyuiop[]", "qwertzuiop", "testtesttest",
	"zaq12wsxcde3", "zxcvbnmasdf",
};

/* Words that, with digits and signs behind them, are as common: password2024! */
static const char *const stems[] = {
	"", "admin", "administrateur", "administrator", "azerty", "azertyuiop", "baseball", "basketball",
	"bienvenue", "bonjour", "changeme", "chocolat", "computer", "doudou", "football", "iloveyou",
	"internet", "jetaime", "letmein", "liverpool", "loulou", "marseille", "michael", "motdepasse", "passe",
	"passw0rd", "password", "princess", "qwerty", "qwertyuiop", "qwertz", "secret", "soleil", "sunshine",
	"superman", "trustno", "welcome",
};

static bool in_list(const char *const *list, size_t count, const char *text, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == length && !strncasecmp(list[i], text, length))
			return true;
	return false;
}

/* Fewer than four different characters: aaaaaaaaaa, 1212121212. */
static bool few_kinds(const char *text)
{
	bool seen[256] = { false };
	int kinds = 0;
	for (; *text; text++) {
		kinds += !seen[(unsigned char)*text];
		seen[(unsigned char)*text] = true;
	}
	return kinds < COMMON_KINDS;
}

static bool is_common(const char *password)
{
	size_t length = strlen(password), stem = length;
	while (stem && !isalpha((unsigned char)password[stem - 1]) && (unsigned char)password[stem - 1] < 128)
		stem--;
	/* Digits and signs alone are a stem of "": fine when they are long. */
	bool known_stem = in_list(stems, sizeof stems / sizeof stems[0], password, stem) &&
		(stem || length < PASSWORD_MIN + 6);
	return few_kinds(password) || known_stem ||
		in_list(common, sizeof common / sizeof common[0], password, length);
}

/* The account's own words, with or without digits and signs behind them. */
static bool is_personal(const char *password, const char *word, size_t length)
{
	return length && !strncasecmp(password, word, length) &&
		strspn(password + length, "0123456789!.?*#-_") == strlen(password + length);
}

const char *password_fault(const char *password, const char *email, const char *name)
{
	size_t length = utf8_length(password);
	if (length < PASSWORD_MIN)
		return "error.password_short";
	if (length > PASSWORD_MAX)
		return "error.too_long";
	if (is_personal(password, email, strlen(email)) || is_personal(password, email, strcspn(email, "@")) ||
		is_personal(password, name, strlen(name)) ||
		is_personal(password, conf.shop_name, strlen(conf.shop_name)))
		return "error.password_personal";
	return is_common(password) ? "error.password_common" : NULL;
}

static void sodium_ready(void)
{
	if (sodium_init() < 0)
		fail("password.sodium", "libsodium cannot start");
}

static int hash_slot(void)
{
	int slot = slot_take("lock", "hash", conf.hash_slots, PATIENCE_MS);
	if (slot == SLOT_LOST)
		fail("password.slot", "cannot open a slot in %s/lock: %s", conf.data_folder, strerror(errno));
	return slot;
}

const char *password_hash(struct mem *mem, const char *password)
{
	sodium_ready();
	char *hash = mem_get(mem, crypto_pwhash_STRBYTES);
	int slot = hash_slot();
	if (slot < 0)
		return NULL;
	int failed = crypto_pwhash_str_alg(
		hash, password, strlen(password), PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13);
	slot_give(slot);
	if (failed)
		fail("mem.out", "no memory for a password hash");
	return hash;
}

enum password password_verify(const char *hash, const char *password)
{
	sodium_ready();
	int slot = hash_slot();
	if (slot < 0)
		return PASSWORD_BUSY;
	int wrong = crypto_pwhash_str_verify(*hash ? hash : nobody, password, strlen(password));
	slot_give(slot);
	return wrong || !*hash ? PASSWORD_WRONG : PASSWORD_RIGHT;
}

bool password_needs_rehash(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY) != 0;
}
