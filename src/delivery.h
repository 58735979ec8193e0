/* delivery.h: a stored file on its way to a browser: by the front end (X-Accel-Redirect, X-Sendfile), or
 * streamed here. */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "download.h"
#include "web.h"

struct delivery {
	const char *name; /* what the customer saves it as */
	const char *media_type;
	const char *storage; /* below data_folder/files */
	int64_t size;
	struct bytes sha256;
	int file; /* open while the request lives */
	int status; /* 200, 206 or 416: what is asked for of it */
	int64_t from, length;
};

/* Opens the file, beneath data_folder/files whatever its name says, and reads what stretch of it the request
 * wants. False, with an alert in the log, when it is not there or not of its size. */
bool delivery_open(struct request *req, struct delivery *delivery);

/* Puts the file, or 416, into the response. */
void delivery_answer(struct request *req, const struct delivery *delivery);

/* The page that says why there is no file: 404, 410, 403 or 429. download may be NULL. */
void delivery_refuse(struct request *req, enum download_answer answer, const struct download *download);

/* One range of RFC 9110 §14 over a file of so many bytes: 206 with *from and *length, 416, or 200 for none,
 * for several and for what cannot be read. */
int range_read(const char *header, int64_t size, int64_t *from, int64_t *length);

/* The value of a Content-Disposition: attachment with an ASCII name for old clients, and the name in UTF-8
 * (RFC 6266). */
const char *disposition_of(struct mem *mem, const char *name);

#endif
