/* next.c: paths that came from outside, checked before anybody is sent there. */
#include "next.h"

#include <string.h>

enum { NEXT_MAX = 200 };

static bool is_local(const char *path)
{
	if (path[0] != '/' || path[1] == '/' || path[1] == '\\' || utf8_length(path) > NEXT_MAX)
		return false;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < 32 || *p == 127)
			return false;
	return true;
}

const char *next_of(struct request *req)
{
	bool posted = req->method == POST;
	const char *next = posted ? form_value(req->mem, req->body, "next") : query_text(req, "next");
	return next && is_local(next) ? next : "";
}

/* A Location holds ASCII without spaces (RFC 9110 §10.2.2); what is encoded already stays. */
static const char *path_ascii(struct mem *mem, const char *path)
{
	struct buffer out = buffer_new(mem, strlen(path) * 3);
	for (; *path; path++) {
		if ((unsigned char)*path > 32 && (unsigned char)*path < 127 && !strchr("\"<>\\^`{|}", *path))
			buffer_put(&out, path, 1);
		else
			buffer_format(&out, "%%%02X", (unsigned)(unsigned char)*path);
	}
	return out.text;
}

void next_see(struct request *req, const char *next, const char *fallback)
{
	see_other(req, "%s", path_ascii(req->mem, *next ? next : fallback));
}

const char *next_href(struct request *req, const char *path, const char *next)
{
	return *next ? mem_format(req->mem, "%s?next=%s", path, url_encode(req->mem, next)) : path;
}

bool next_is_checkout(const char *next)
{
	return !strncmp(next, "/checkout/", 10);
}
