/* device.h: what a User-Agent header says, for a person who looks through a list of sessions. */
#ifndef DEVICE_H
#define DEVICE_H

#include "mem.h"

/* "Firefox, Linux"; one of both when the other is unknown; NULL when neither is known. Browsers that pass for
 * others are told apart by the order of the table in device.c. */
const char *device_of(struct mem *mem, const char *user_agent);

#endif
