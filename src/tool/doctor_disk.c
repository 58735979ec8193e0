/* doctor_disk.c: data_folder: writable, not served, and holding what the rows say. */
#include <curl/curl.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "file_store.h"
#include "sign.h"
#include "tool/doctor.h"

enum { FREE_PERCENT = 5, STRAY_SECONDS = 3600, FETCH_SECONDS = 5 };

void check_folder(struct doctor *doctor)
{
	struct statvfs space;
	static const char *const folders[] = { "files", "media" };
	found(doctor, HEALTH_OK, "%s", conf.data_folder);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (access(mem_format(doctor->mem, "%s/%s", conf.data_folder, folders[i]), R_OK | W_OK | X_OK))
			found(doctor, HEALTH_FAIL, "%s/%s is missing or cannot be written to", conf.data_folder, folders[i]);
	if (statvfs(conf.data_folder, &space))
		return;
	int percent = space.f_blocks ? (int)(space.f_bavail * 100 / space.f_blocks) : 100;
	if (percent < FREE_PERCENT)
		found(doctor, HEALTH_WARN, "only %d %% of the disk of %s are free", percent, conf.data_folder);
}

struct fetched {
	const char *looked_for;
	size_t length;
	bool there;
};

static size_t body_look(char *bytes, size_t size, size_t count, void *arg)
{
	struct fetched *fetched = arg;
	if (memmem(bytes, size * count, fetched->looked_for, fetched->length))
		fetched->there = true;
	return size * count;
}

/* 0: not served; 1: served; -1: nobody answers. */
static int served(const char *url, const char *canary)
{
	struct fetched fetched = { canary, strlen(canary), false };
	CURL *curl = curl_easy_init();
	if (!curl)
		return -1;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* "..", as an attacker sends it */
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)FETCH_SECONDS);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L); /* a bad certificate is another check's matter */
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_look);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &fetched);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	return fetched.there ? 1 : code == CURLE_OK ? 0 : -1;
}

static void canary_look(struct doctor *doctor, const char *name, const char *canary)
{
	static const char *const roads[] = { "/files/", "/data/files/", "/data/", "/", "/media/../files/",
		"/media/..%2ffiles/", "/static/../files/", "/download/", "/comptoir/files/" };
	for (size_t i = 0; i < sizeof roads / sizeof roads[0]; i++) {
		const char *url = mem_format(doctor->mem, "%s%s%s", conf.base_url, roads[i], name);
		switch (served(url, canary)) {
		case 1:
			found(doctor, HEALTH_FAIL, "%s%s… is served to everybody: move data_folder or mend the web server",
				conf.base_url, roads[i]);
			return;
		case -1:
			found(doctor, HEALTH_WARN, "nobody answers at %s: could not be looked at", conf.base_url);
			return;
		}
	}
	found(doctor, HEALTH_OK, "a file put into files/ cannot be fetched over HTTP");
}

/* A file nobody may have, put where the sold ones are, asked for over HTTP. */
void check_not_served(struct doctor *doctor)
{
	const char *canary = random_id(doctor->mem), *name = mem_format(doctor->mem, "canary-%s.txt", random_id(doctor->mem));
	const char *path = mem_format(doctor->mem, "%s/files/%s", conf.data_folder, name);
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ssize_t length = (ssize_t)strlen(canary);
	if (file < 0 || fchmod(file, 0644) || write(file, canary, (size_t)length) != length)
		found(doctor, HEALTH_FAIL, "%s/files cannot be written to", conf.data_folder);
	else
		canary_look(doctor, name, canary);
	if (file >= 0) {
		close(file);
		unlink(path);
	}
}

struct kept_file {
	const char *storage, *name;
	int64_t size;
	struct bytes sha256;
};
ROW(kept_file, storage, name, size, sha256);

struct tally {
	struct doctor *doctor;
	int64_t files, bytes, wrong;
	char first[200];
};

static bool file_stands(struct doctor *doctor, const struct kept_file *row)
{
	struct stored stored = { 0 };
	struct stat info;
	const char *why;
	int file = open(file_store_path(doctor->db->mem, row->storage), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool stands = file >= 0 && !fstat(file, &info) && S_ISREG(info.st_mode) && info.st_size == row->size;
	if (stands && doctor->deep)
		stands = file_measure(file, &stored, &why) && !memcmp(stored.sha256, row->sha256.data, sizeof stored.sha256);
	if (file >= 0)
		close(file);
	return stands;
}

static void file_check(const void *row, void *arg)
{
	const struct kept_file *file = row;
	struct tally *tally = arg;
	tally->files++;
	tally->bytes += file->size;
	if (file_stands(tally->doctor, file))
		return;
	if (!tally->wrong++)
		snprintf(tally->first, sizeof tally->first, "%.100s (%.60s)", file->name, file->storage);
}

void check_files(struct doctor *doctor)
{
	struct tally tally = { .doctor = doctor };
	db_each(doctor->db, kept_file, file_check, &tally, "SELECT storage, name, size, sha256 FROM product_file");
	if (tally.wrong)
		found(doctor, HEALTH_FAIL, "%lld are missing or %s than their rows say, first %s: restore them from a backup",
			(long long)tally.wrong, doctor->deep ? "other" : "of another size", tally.first);
	else
		found(doctor, HEALTH_OK, "%lld files, %lld bytes, %s", (long long)tally.files, (long long)tally.bytes,
			doctor->deep ? "every digest is right" : "sizes are right (--deep reads them)");
}

static bool is_stray(struct db *db, const FTSENT *entry)
{
	if (entry->fts_info != FTS_F || entry->fts_level != 2 || entry->fts_statp->st_mtime > time(NULL) - STRAY_SECONDS)
		return false;
	struct mem_mark mark = mem_mark(db->mem);
	const char *storage = mem_format(db->mem, "%.2s/%s", entry->fts_parent->fts_name, entry->fts_name);
	bool stray = !db_int(db, "SELECT COUNT(*) FROM product_file WHERE storage = ?", storage);
	mem_rewind(db->mem, mark);
	return stray;
}

int64_t strays_each(struct db *db, bool removing)
{
	char *roots[] = { mem_format(db->mem, "%s/files", conf.data_folder), NULL };
	int64_t strays = 0;
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	for (FTSENT *entry; tree && (entry = fts_read(tree)) != NULL;)
		if (is_stray(db, entry)) {
			strays++;
			if (removing)
				unlink(entry->fts_accpath);
		}
	if (tree)
		fts_close(tree);
	return strays;
}

void check_strays(struct doctor *doctor)
{
	int64_t strays = strays_each(doctor->db, false);
	found(doctor, strays ? HEALTH_WARN : HEALTH_OK, "%lld files that no row names%s", (long long)strays,
		strays ? ", left by an interrupted import: comptoir doctor --clean" : "");
}
