/* files.h: folders, files and programs of tests, without a shell between. */
#ifndef FILES_H
#define FILES_H

#include <errno.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

/* A folder, and those it lies in. */
static inline void folders_make(const char *path)
{
	char part[1000];
	assert_true(snprintf(part, sizeof part, "%s/", path) < (int)sizeof part);
	for (char *at = strchr(part + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = 0;
		if (mkdir(part, 0700) && errno != EEXIST)
			fail_msg("%s: %s", part, strerror(errno));
		*at = '/';
	}
}

static inline int file_drop(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

/* A folder or a file with all that is in it; one that is not there is gone already. */
static inline void folder_remove(const char *path)
{
	if (nftw(path, file_drop, 20, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		fail_msg("%s: %s", path, strerror(errno));
}

static long files_seen;

static inline int file_seen(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)path;
	(void)info;
	(void)at;
	files_seen += type == FTW_F;
	return 0;
}

/* How many files lie below a folder; 0: it is not there. */
static inline long files_below(const char *path)
{
	files_seen = 0;
	nftw(path, file_seen, 20, FTW_PHYS);
	return files_seen;
}

/* Runs a program of PATH with its words, ended by NULL; returns its exit status, 127: there is none. */
static inline int program_run(const char *const words[])
{
	extern char **environ;
	pid_t child;
	int status;
	if (posix_spawnp(&child, words[0], NULL, NULL, (char *const *)(uintptr_t)words, environ))
		return 127;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#endif
