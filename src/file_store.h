/* file_store.h: what is sold, and the covers, on disk.
 *
 * data_folder/files/<2>/<32 hexadecimal digits>: sold, never served directly; readable by owner and group.
 * data_folder/media/<sha256>.<png|webp|jpeg>: covers, public.
 * A file is written under a temporary name, synced and renamed: under its own name it is always whole. Both folders belong
 * to the user of the shop; what root stores is given to the folder's owner and group. */
#ifndef FILE_STORE_H
#define FILE_STORE_H

#include "mem.h"
#include "shape.h"

enum { STORAGE_NAME = 48, COVER_BYTES_MAX = 4 << 20 };

/* What was stored, or would be. */
struct stored {
	char storage[STORAGE_NAME]; /* name below files/: "3f/3f9c…" */
	int64_t size;
	unsigned char sha256[32];
};

/* Opens the regular file at a path beneath a folder; no "..", no link leads out of it. -1 with a sentence in *why. */
int file_open_beneath(int folder, const char *path, const char **why);

/* Size and SHA-256 of an open file, from its beginning. */
bool file_measure(int file, struct stored *stored, const char **why);

/* Copies an open file into the store. False, with nothing left behind, and a sentence in *why. */
bool file_store_put(int file, struct stored *stored, const char **why);

/* Removes a stored file (rows that name it are gone, or never came to be). */
void file_store_remove(const char *storage);

/* The path of a stored file, in mem. */
const char *file_store_path(struct mem *mem, const char *storage);

/* Stores a cover from an open file; its name below media/ goes to mem. NULL with a sentence in *why: not a PNG, WebP or
 * JPEG by its first bytes, or over COVER_BYTES_MAX. */
const char *media_put(struct mem *mem, int file, const char **why);

#endif
