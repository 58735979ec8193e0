/* password.h: passwords: the rules for new ones, their hashes, and how many are computed at a time.
 *
 * argon2id with 2 passes over 19 MiB (OWASP Password Storage Cheat Sheet). That is much on purpose, so no
 * more than conf.hash_slots run on a host at once, whatever the number of processes: slot.h, with its files
 * in data_folder/lock/. Who gets none within two seconds is PASSWORD_BUSY: the page answers 503. Never call these
 * with a transaction open. */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>

#include "mem.h"

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 200 }; /* characters */

enum password { PASSWORD_RIGHT, PASSWORD_WRONG, PASSWORD_BUSY };

/* What is wrong with a new password, as a key of the catalogue; NULL: nothing. Rules of NIST SP 800-63B
 * §5.1.1.2: a length, none that everybody guesses, none made of what the account shows; no rules about kinds
 * of characters. */
const char *password_fault(const char *password, const char *email, const char *name);

/* The encoded hash, in mem; NULL when no slot came free. */
const char *password_hash(struct mem *mem, const char *password);

/* Whether the password is the one of that hash. "" (no account, or one without a password) takes as long as
 * any other hash and is PASSWORD_WRONG. */
enum password password_verify(const char *hash, const char *password);

/* True when the hash was made with other parameters than today's: the next log-in makes it anew. */
bool password_needs_rehash(const char *hash);

#endif
