/* log.h: one logfmt line to stderr, the event first: order.paid order=A-1 ms=12 req=8f3c.
 *
 * Never addresses, keys or bodies. Lines longer than 1,000 bytes are cut; control characters become spaces. */
#ifndef LOG_H
#define LOG_H

/* Writes one line; format gives further key=value pairs (may be ""). The request id is added when one is set. */
void log_line(const char *event, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text made fit for a value: quoted when it holds spaces or quotes. Valid until the fourth next call. */
const char *log_word(const char *text);

/* The id that ends every line from now on; "" or NULL for none. Kept by copy (at most 40 characters). */
void log_request(const char *id);
const char *log_request_id(void); /* "" when none is set */

#endif
