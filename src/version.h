/* version.h: the versions of a product as its page shows them. */
#ifndef VERSION_H
#define VERSION_H

#include "db.h"

struct version_file {
	int64_t version_id;
	const char *name;
	struct size size;
};
VIEW(version_file, version_id, name, size);

struct version_view {
	const char *name;
	struct moment released_at;
	struct html notes;
	struct list files;
};
VIEW(version_view, name, released_at, OPT(notes), LIST(files, version_file));

/* The newest twenty, newest first, with notes in the language and their files: two queries. */
struct list versions_of_product(struct db *db, int64_t product_id, const char *language);

#endif
