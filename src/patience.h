/* patience.h: how long whoever waits for this process still waits. A page has one deadline for all that it asks of others,
 * however often; where nobody waits (the worker, the operator's tool) there is none. */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

/* From now on somebody waits, for so many seconds (at least 1, at most an hour). serve() does this. */
void patience_begin(int64_t seconds);
void patience_end(void);

/* Whether somebody waits, and for how many milliseconds more: 0 when that time is over, INT64_MAX when nobody does. */
bool patience_counts(void);
int64_t patience_left(void);

#endif
