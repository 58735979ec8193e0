/* download.h: the way from a right to a file (domain.md §7). A link is made at the click, for one file and a
 * short time; what it opens is asked again at each request, so a right withdrawn now ends a download begun a
 * minute ago.
 *
 * Which files a right gives: those of every version released within its updates, of the parts it names (all
 * when it names none); files without a part go with every right. */
#ifndef DOWNLOAD_H
#define DOWNLOAD_H

#include "db.h"

/* For statements over entitlement e, product_version v, product_file f. RIGHT_STANDS takes the moment as one
 * argument. */
#define RIGHT_STANDS                                                                                                 \
	"(e.state = 'active' AND e.deleted_at IS NULL AND COALESCE(e.ends_at > ?, TRUE))"
#define RIGHT_COVERS                                                                                                 \
	"(COALESCE(v.released_at <= e.updates_until, TRUE)"                                                               \
	" AND (f.part = '' OR e.parts = '' OR COALESCE(INSTR(e.parts, CONCAT(',', f.part, ',')) > 0, FALSE)))"

enum download_answer {
	DOWNLOAD_OPEN,
	DOWNLOAD_UNKNOWN, /* no such thing, or somebody else's */
	DOWNLOAD_EXPIRED,
	DOWNLOAD_REVOKED, /* the right was suspended, withdrawn, has ended, or does not give this file any more */
	DOWNLOAD_LIMIT,   /* as often as the benefit allows, already */
};

struct download {
	int64_t account_id, entitlement_id, file_id, version_id;
	const char *title, *version_name, *file_name, *media_type, *storage;
	struct size size;
	struct bytes sha256;
	int64_t download_limit; /* 0: none */
	bool stands, covers;
	struct bytes token_hash;   /* what follows is of a link: absent while there is none */
	struct moment expires_at;
	struct moment used_at;
};

/* Makes a link from the account's right to a file, both by public id. On DOWNLOAD_OPEN *token is what stands
 * in its address: 43 characters, kept nowhere else. *download is NULL when unknown. A transaction of its own,
 * audited. */
enum download_answer download_link_make(struct db *db, int64_t account_id, const char *entitlement, const char *file,
	const char **token, const struct download **download);

/* What an account's token opens now. *download is NULL when unknown. Changes nothing. */
enum download_answer download_find(struct db *db, int64_t account_id, const char *token,
	const struct download **download);

/* Before the first byte goes out: counts the link's one use, exactly also when many come at once; later
 * requests with the same token are free. A transaction of its own. */
enum download_answer download_use(struct db *db, const struct download *download);

/* How long a link of so many bytes lives: at least 10 minutes, at 50 KiB a second, at most 3 hours. */
int64_t download_seconds(int64_t size);

#endif
