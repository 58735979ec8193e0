/* rights.h: what an account may download, for its pages: rights, newest first, each with the files it gives. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include "web.h"

struct file_row {
	int64_t right_id, version_id;
	const char *version_name, *file, *name, *sha256;
	struct moment released_at;
	struct size size;
};
ROW(file_row, right_id, version_id, version_name, file, name, sha256, OPT(released_at), size);

struct version {
	const char *version_name;
	struct moment released_at;
	struct list files;
};
VIEW(version, version_name, OPT(released_at), LIST(files, file_row));

/* anchor: the first right of a product on the page is what /account/downloads#slug goes to. */
struct right {
	const char *entitlement, *anchor, *title, *price_title, *state, *state_label, *reason_label, *version_name;
	bool is_active;
	struct moment released_at, updates_until, ends_at;
	struct list files, older;
};
VIEW(right, entitlement, anchor, title, price_title, state, state_label, reason_label, version_name, is_active,
	OPT(released_at), OPT(updates_until), OPT(ends_at), LIST(files, file_row), LIST(older, version));

/* Rights with an id below ?name=…, a page of them; *older_href is the address of the rest ("": none). Only
 * rights that stand have files: those of the newest version they cover, and those of at most eleven versions
 * before it. Two queries. */
struct list rights_page(struct request *req, const char *name, const char **older_href);

#endif
