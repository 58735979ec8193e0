/* delivery.c: opening beneath one folder, ranges, and the headers of a download. */
#include "delivery.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checked.h"
#include "conf.h"
#include "file_store.h"
#include "log.h"
#include "sign.h"

static void descriptor_close(void *p)
{
	close((int)(intptr_t)p);
}

/* Whatever the name says, nothing outside the folder is opened. */
static int open_beneath(const char *folder, const char *name)
{
	const char *why;
	int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return -1;
	int file = file_open_beneath(at, name, &why);
	close(at);
	return file;
}

/* Names we generate; anything else would need quoting in a header. */
static bool storage_plain(const char *storage)
{
	const char *plain = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_./";
	return *storage && *storage != '/' && !storage[strspn(storage, plain)];
}

int range_read(const char *header, int64_t size, int64_t *from, int64_t *length)
{
	char text[64];
	size_t whole = strlen(header);
	if (whole < 7 || whole >= sizeof text || strncmp(header, "bytes=", 6))
		return 200;
	memcpy(text, header + 6, whole - 5);
	char *dash = strchr(text, '-');
	if (!dash)
		return 200;
	*dash = 0;
	int64_t first = 0, last = size - 1;
	bool has_first = *text != 0, has_last = dash[1] != 0;
	if ((!has_first && !has_last) || (has_first && !parse_int(text, 0, INT64_MAX, &first)) ||
		(has_last && !parse_int(dash + 1, 0, INT64_MAX, &last)) || (has_first && has_last && last < first))
		return 200;
	if (!has_first) { /* the last so many */
		first = last < size ? size - last : 0;
		last = last ? size - 1 : -1;
	}
	if (first >= size || last < first)
		return 416;
	*from = first;
	*length = (last < size ? last : size - 1) - first + 1;
	return 206;
}

static const char *etag_of(struct mem *mem, struct bytes sha256)
{
	return mem_format(mem, "\"%s\"", hex_of(mem, sha256));
}

bool delivery_open(struct request *req, struct delivery *delivery)
{
	struct stat stat;
	const char *folder = mem_format(req->mem, "%s/files", conf.data_folder);
	int file = storage_plain(delivery->storage) ? open_beneath(folder, delivery->storage) : -1;
	if (file >= 0)
		mem_defer(req->mem, descriptor_close, (void *)(intptr_t)file);
	if (file < 0 || fstat(file, &stat) || !S_ISREG(stat.st_mode) || stat.st_size != delivery->size) {
		log_line("alert.file_lost", "storage=%s why=%s", log_word(delivery->storage),
			file < 0 ? "\"cannot be opened\"" : "\"not of its size\"");
		return false;
	}
	delivery->file = file;
	delivery->from = 0;
	delivery->length = delivery->size;
	delivery->status = 200;
	/* A resume of what is another file by now begins anew (RFC 9110 §13.1.5). */
	if (!*req->if_range || !strcmp(req->if_range, etag_of(req->mem, delivery->sha256)))
		delivery->status = range_read(req->range, delivery->size, &delivery->from, &delivery->length);
	return true;
}

const char *disposition_of(struct mem *mem, const char *name)
{
	char *ascii = mem_text(mem, name), *to = ascii;
	for (const char *p = name; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if ((c & 0xC0) == 0x80)
			continue; /* a character of several bytes is one underscore */
		*to++ = c < 32 || c > 126 || strchr("\"\\%/", c) ? '_' : (char)c;
	}
	*to = 0;
	return mem_format(mem, "attachment; filename=\"%s\"; filename*=UTF-8''%s", ascii, url_encode(mem, name));
}

static bool media_type_plain(const char *type)
{
	const char *plain = "0123456789abcdefghijklmnopqrstuvwxyz-+./";
	return strchr(type, '/') && !type[strspn(type, plain)];
}

/* Which stretch: the front end reads Range itself, so only our own streaming says it. */
static void stream(struct request *req, const struct delivery *delivery)
{
	header(req, "Accept-Ranges", "bytes");
	req->response.status = delivery->status;
	if (delivery->status == 206)
		header(req, "Content-Range", "bytes %lld-%lld/%lld", (long long)delivery->from,
			(long long)(delivery->from + delivery->length - 1), (long long)delivery->size);
	req->response.file = delivery->file;
	req->response.file_from = delivery->from;
	req->response.file_length = delivery->length;
}

void delivery_answer(struct request *req, const struct delivery *delivery)
{
	if (delivery->status == 416) {
		answer(req, 416, "text/plain; charset=utf-8", "%s", "");
		header(req, "Content-Range", "bytes */%lld", (long long)delivery->size);
		return;
	}
	bool plain = media_type_plain(delivery->media_type);
	header(req, "Content-Type", "%s", plain ? delivery->media_type : "application/octet-stream");
	header(req, "Content-Disposition", "%s", disposition_of(req->mem, delivery->name));
	header(req, "ETag", "%s", etag_of(req->mem, delivery->sha256));
	if (!strcmp(conf.file_delivery, "accel"))
		header(req, "X-Accel-Redirect", "/files/%s", delivery->storage);
	else if (!strcmp(conf.file_delivery, "sendfile"))
		header(req, "X-Sendfile", "%s/files/%s", conf.data_folder, delivery->storage);
	else
		stream(req, delivery);
}

struct refused_page {
	bool is_expired, is_revoked, is_unknown, is_limit;
	int64_t limit;
	const char *file_name;
};
VIEW(refused_page, is_expired, is_revoked, is_unknown, is_limit, limit, file_name);

static int status_of(enum download_answer answer)
{
	switch (answer) {
	case DOWNLOAD_OPEN:
		return 200;
	case DOWNLOAD_UNKNOWN:
		return 404;
	case DOWNLOAD_EXPIRED:
		return 410;
	case DOWNLOAD_REVOKED:
		return 403;
	case DOWNLOAD_LIMIT:
		return 429;
	}
	return 500;
}

void delivery_refuse(struct request *req, enum download_answer answer, const struct download *download)
{
	render_status(req, status_of(answer), "download/refused", refused_page, .is_expired = answer == DOWNLOAD_EXPIRED,
		.is_revoked = answer == DOWNLOAD_REVOKED, .is_unknown = answer == DOWNLOAD_UNKNOWN,
		.is_limit = answer == DOWNLOAD_LIMIT, .limit = download ? download->download_limit : 0,
		.file_name = download ? download->file_name : "");
}
