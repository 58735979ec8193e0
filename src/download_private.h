/* download_private.h: what making a link and using it share: the right and the file together. */
#ifndef DOWNLOAD_PRIVATE_H
#define DOWNLOAD_PRIVATE_H

#include "download.h"

ROW(download, account_id, entitlement_id, file_id, version_id, title, version_name, file_name, media_type, storage, size,
	sha256, download_limit, stands, covers, token_hash, OPT(expires_at), OPT(used_at));

#define DOWNLOAD_COLUMNS                                                                                             \
	"e.account_id, e.id AS entitlement_id, f.id AS file_id, v.id AS version_id, e.title, v.name AS version_name,"     \
	" f.name AS file_name, f.media_type, f.storage, f.size, f.sha256, COALESCE(b.download_limit, 0) AS download_limit," \
	" " RIGHT_STANDS " AS stands, " RIGHT_COVERS " AS covers"

/* Whether the right's limit of uses is reached. One event per link that was ever used: their number is the number of uses. */
bool download_used_up(struct db *db, const struct download *download);

#endif
