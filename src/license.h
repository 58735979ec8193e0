/* license.h: licence keys and the licences they open. */
#ifndef LICENSE_H
#define LICENSE_H

#include "db.h"

/* A new key: 26 characters of Crockford's base 32 (130 random bits) and 2 of checksum, in seven groups of four. */
char *license_key_new(struct mem *mem);

/* A key as people type it (any case, O for 0, I or L for 1, any spaces and hyphens) in its one right spelling; NULL when it
 * cannot be a key: wrong length, foreign letters, checksum. */
char *license_key_read(struct mem *mem, const char *typed);

/* What fulfilment knows when it issues a licence. */
struct license_issue {
	int64_t account_id, entitlement_id, product_id;
	const char *title, *price_title, *order_number;
	bool unlimited;
	int64_t seats; /* when not unlimited */
	bool transferable;
	struct moment updates_until, expires_at; /* absent: for ever */
};

/* Issues the licence of an entitlement, once (UNIQUE). In the transaction of the entitlement. */
void license_issue(struct db *db, struct license_issue issue);

#endif
