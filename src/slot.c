/* slot.c: slots of the host, as locked files. */
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"

enum { POLL_MS = 20 };

/* The file of a slot: named after the host, so that hosts that share the folder do not share the slots. */
static int slot_open(const char *folder, const char *name, uint32_t slot)
{
	char path[1200], host[65] = "";
	gethostname(host, sizeof host - 1);
	snprintf(path, sizeof path, "%s/%s", conf.data_folder, folder);
	if (mkdir(path, 0770) && errno != EEXIST)
		return SLOT_LOST;
	snprintf(path, sizeof path, "%s/%s/%s-%s-%u", conf.data_folder, folder, name, host, slot);
	/* Reading is enough for flock(): the tool, run by root, may have made the file that the zone locks. */
	int file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	return file < 0 ? SLOT_LOST : file;
}

/* Each is looked at once. */
static int slot_look(const char *folder, const char *name, uint32_t slots)
{
	uint32_t first = randombytes_uniform(slots);
	for (uint32_t i = 0; i < slots; i++) {
		int file = slot_open(folder, name, (first + i) % slots);
		if (file == SLOT_LOST || !flock(file, LOCK_EX | LOCK_NB))
			return file;
		close(file);
	}
	return SLOT_NONE;
}

int slot_take(const char *folder, const char *name, int64_t count, int64_t wait_ms)
{
	uint32_t slots = count > 0 ? (uint32_t)count : 1;
	for (int64_t waited = 0;; waited += POLL_MS) {
		int slot = slot_look(folder, name, slots);
		if (slot != SLOT_NONE || waited >= wait_ms)
			return slot;
		nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000L }, NULL);
	}
}

void slot_give(int slot)
{
	if (slot >= 0)
		close(slot);
}
