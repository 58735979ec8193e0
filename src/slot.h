/* slot.h: how many processes of this host may do something at once. A slot is a flock() on a file below data_folder, which
 * the kernel lets go when its process dies: nothing is left to clear away. */
#ifndef SLOT_H
#define SLOT_H

#include <stdint.h>

enum {
	SLOT_NONE = -1, /* all stayed taken */
	SLOT_LOST = -2, /* its file cannot be opened; errno says why */
};

/* A descriptor that holds one of count (at least 1) slots of that name, its files in data_folder/folder, which is made when
 * it is missing. Looks again for wait_ms when all are taken; 0: once. slot_give() lets it go. */
int slot_take(const char *folder, const char *name, int64_t count, int64_t wait_ms);

/* Nothing for SLOT_NONE and SLOT_LOST. */
void slot_give(int slot);

#endif
