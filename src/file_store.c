/* file_store.c: copying with a digest, through a temporary name. */
#include "file_store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "sign.h"

enum { BLOCK = 128 * 1024, RANDOM_BYTES = 16, SOLD_MODE = 0640, PUBLIC_MODE = 0644 };

/* One component at a time, no links at all: for kernels and sandboxes without openat2. */
static int open_by_steps(int folder, const char *path)
{
	char part[256];
	int at = dup(folder);
	while (at >= 0 && *path) {
		size_t length = strcspn(path, "/");
		if (!length || length >= sizeof part || (length == 2 && !strncmp(path, "..", 2))) {
			close(at);
			errno = EXDEV;
			return -1;
		}
		snprintf(part, sizeof part, "%.*s", (int)length, path);
		path += length + (path[length] == '/');
		int next = openat(at, part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (*path ? O_DIRECTORY : 0));
		int why = errno;
		close(at);
		errno = why;
		at = next;
	}
	return at;
}

static int open_beneath(int folder, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	long file = syscall(SYS_openat2, folder, path, &how, sizeof how);
	if (file < 0 && (errno == ENOSYS || errno == EPERM))
		return open_by_steps(folder, path);
	return (int)file;
}

int file_open_beneath(int folder, const char *path, const char **why)
{
	struct stat info;
	int file = open_beneath(folder, path);
	if (file < 0) {
		*why = errno == EXDEV || errno == ELOOP ? "leads out of its folder" : strerror(errno);
		return -1;
	}
	if (fstat(file, &info) || !S_ISREG(info.st_mode)) {
		*why = "is no regular file";
		close(file);
		return -1;
	}
	return file;
}

static bool write_whole(int to, const unsigned char *bytes, size_t length)
{
	while (length) {
		ssize_t n = write(to, bytes, length);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
	return true;
}

/* Reads the file from its beginning through the digest, and into `to` unless that is -1. */
static bool copy_digest(int from, int to, EVP_MD_CTX *digest, struct stored *stored)
{
	static unsigned char block[BLOCK];
	ssize_t n;
	stored->size = 0;
	while ((n = pread(from, block, sizeof block, stored->size)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !EVP_DigestUpdate(digest, block, (size_t)n) || (to >= 0 && !write_whole(to, block, (size_t)n)))
			return false;
		stored->size += n;
	}
	return EVP_DigestFinal_ex(digest, stored->sha256, NULL) == 1;
}

static bool copy(int from, int to, struct stored *stored, const char **why)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	if (!digest || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL))
		fail("file.digest", "OpenSSL refused");
	errno = 0;
	bool whole = copy_digest(from, to, digest, stored);
	*why = errno == ENOSPC || errno == EDQUOT ? "the disk of data_folder is full" : strerror(errno);
	EVP_MD_CTX_free(digest);
	return whole;
}

bool file_measure(int file, struct stored *stored, const char **why)
{
	stored->storage[0] = 0;
	return copy(file, -1, stored, why);
}

/* A folder below data_folder, made when it is missing; errors show when it is written to. */
static int folder_open(const char *name, const char *sub)
{
	char path[4096];
	struct stat info;
	snprintf(path, sizeof path, "%s/%s", conf.data_folder, name);
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || !sub)
		return folder;
	bool made = !mkdirat(folder, sub, 0750);
	int inner = openat(folder, sub, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (made && inner >= 0 && !fstat(folder, &info) && (fchown(inner, info.st_uid, info.st_gid) || fsync(folder)))
		errno = 0; /* not root: it is ours, as it should be */
	close(folder);
	return inner;
}

/* The modes and owner that the folder calls for, whatever the umask and whoever we are. */
static bool mode_give(int folder, int file, mode_t mode)
{
	struct stat info;
	return !fchmod(file, mode) && !fstat(folder, &info) &&
	       (geteuid() != 0 || !fchown(file, info.st_uid, info.st_gid));
}

static void random_name(char name[RANDOM_BYTES * 2 + 1])
{
	unsigned char bytes[RANDOM_BYTES];
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(name, RANDOM_BYTES * 2 + 1, bytes, sizeof bytes);
}

/* Copies into the folder under a temporary name, which is then `name`. */
static bool put(int folder, const char *name, int file, mode_t mode, struct stored *stored, const char **why)
{
	char random[RANDOM_BYTES * 2 + 1], temporary[sizeof random + 5];
	random_name(random);
	snprintf(temporary, sizeof temporary, "%s.new", random);
	int to = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0) {
		*why = strerror(errno);
		return false;
	}
	bool copied = copy(file, to, stored, why);
	bool kept = copied && mode_give(folder, to, mode) && !fsync(to);
	if (copied && !kept)
		*why = strerror(errno);
	kept = !close(to) && kept;
	if (kept && !renameat(folder, temporary, folder, name) && !fsync(folder))
		return true;
	if (kept)
		*why = strerror(errno);
	unlinkat(folder, temporary, 0);
	return false;
}

bool file_store_put(int file, struct stored *stored, const char **why)
{
	char name[RANDOM_BYTES * 2 + 1];
	random_name(name);
	char sub[3] = { name[0], name[1], 0 };
	snprintf(stored->storage, sizeof stored->storage, "%s/%s", sub, name);
	int folder = folder_open("files", sub);
	*why = strerror(errno);
	bool stands = folder >= 0 && put(folder, stored->storage + 3, file, SOLD_MODE, stored, why);
	if (folder >= 0)
		close(folder);
	return stands;
}

const char *file_store_path(struct mem *mem, const char *storage)
{
	return mem_format(mem, "%s/files/%s", conf.data_folder, storage);
}

void file_store_remove(const char *storage)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/files/%s", conf.data_folder, storage);
	unlink(path);
}

/* By the first bytes: PNG (ISO 15948 §5.2), JPEG (SOI and a marker), WebP (RIFF container). */
static const char *picture_kind(int file)
{
	unsigned char head[12] = { 0 };
	if (pread(file, head, sizeof head, 0) != (ssize_t)sizeof head)
		return NULL;
	if (!memcmp(head, "\x89PNG\r\n\x1a\n", 8))
		return "png";
	if (!memcmp(head, "\xff\xd8\xff", 3))
		return "jpeg";
	return !memcmp(head, "RIFF", 4) && !memcmp(head + 8, "WEBP", 4) ? "webp" : NULL;
}

const char *media_put(struct mem *mem, int file, const char **why)
{
	struct stored stored;
	const char *kind = picture_kind(file);
	*why = "is no PNG, WebP or JPEG";
	if (!kind || !file_measure(file, &stored, why))
		return NULL;
	*why = "is over 4 MiB";
	if (stored.size > COVER_BYTES_MAX)
		return NULL;
	const char *name = mem_format(mem, "%s.%s", hex_of(mem, (struct bytes){ stored.sha256, 32 }), kind);
	int folder = folder_open("media", NULL);
	*why = strerror(errno);
	if (folder < 0)
		return NULL;
	bool stands = !faccessat(folder, name, F_OK, 0) || put(folder, name, file, PUBLIC_MODE, &stored, why);
	close(folder);
	return stands ? name : NULL;
}
