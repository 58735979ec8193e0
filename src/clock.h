/* clock.h: the clock of a shop under test. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Puts the clock ahead by the seconds in the file test_clock of the settings. Returns them; 0 without such a file. */
int64_t clock_read(void);

#endif
