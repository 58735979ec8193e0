/* import.h: what `product import` and `demo load` share. */
#ifndef TOOL_IMPORT_H
#define TOOL_IMPORT_H

#include "product.h"
#include "tool/tool.h"

struct import {
	struct db *db;
	struct mem *mem;     /* reset after each product */
	const char *sellers; /* "name=address": who a seller's name in the descriptions is; NULL: nobody */
	bool quiet;          /* says nothing of what stayed as it was */
	int64_t count, refused;
};

/* A product's folder or file, or a folder of such folders (categories.json in it comes first). Prints what became of each;
 * faults go to stderr. */
void import_path(struct import *import, const char *path);

bool file_exists(struct mem *mem, const char *folder, const char *name);

#endif
