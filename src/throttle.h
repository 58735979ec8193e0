/* throttle.h: the brake on guessing and on mail. A bucket counts tries of one kind by one someone in a window
 * of time that begins with the first.
 *
 * A try is counted before it is judged, so that many at once cannot slip through (OWASP Authentication Cheat
 * Sheet). Call it outside a transaction: what is rolled back would not count. Buckets hold hashes: no address
 * can be read from them. */
#ifndef THROTTLE_H
#define THROTTLE_H

#include "db.h"

enum brake {
	BRAKE_LOGIN_ACCOUNT,  /* passwords typed for one e-mail address, known or not: 10 in 15 minutes */
	BRAKE_LOGIN_CLIENT,   /* passwords typed from one network address: 50 in 15 minutes */
	BRAKE_MAIL_RECIPIENT, /* mails with links to one e-mail address: 5 an hour */
	BRAKE_MAIL_CLIENT,    /* mails with links asked for from one network address: 30 an hour */
	BRAKE_API_CLIENT,     /* wrong API keys from one network address: 60 in 15 minutes */
};

/* Counts one try. 0: go on; else the seconds until the window ends. */
int64_t throttle_try(struct db *db, enum brake brake, const char *who);

/* Forgets the tries: the right password was typed. */
void throttle_clear(struct db *db, enum brake brake, const char *who);

/* Who a network address stands for: an IPv6 customer has 2^64 of them, so the first 64 bits (RFC 6177). */
const char *throttle_client(struct mem *mem, const char *address);

/* Drops buckets whose window is long over. */
void throttle_sweep(struct db *db);

#endif
