/* kept.c: a few places, each for the last page that fell into it. */
#include "kept.h"

#include <string.h>
#include <time.h>

enum { PLACES = 16, PAGE_MAX = 64 * 1024, PLACE_CAP = PAGE_MAX + 32 * 1024, KEY_MAX = 1000 };

struct place {
	struct mem *mem; /* its own: emptied for the next page */
	const char *key; /* NULL: nothing kept */
	time_t second;
	struct response response;
};

static struct place places[PLACES];

/* When the request at hand began: what it read may be older than its answer. */
static time_t began;

/* nginx asks the same of a cookie (nginx/http.conf.in). */
static bool is_personal(const struct request *req)
{
	return req->method != GET || strstr(req->cookies, "session=") || strstr(req->cookies, "visitor=");
}

/* All that shared pages differ by. */
static const char *key_of(const struct request *req)
{
	const char *language = cookie_text(req, "language");
	return mem_format(req->mem, "%s\n%s\n%s\n%s", req->path, req->query, language ? language : "", req->accept_language);
}

static struct place *place_of(const char *key)
{
	uint32_t hash = 2166136261; /* FNV-1a */
	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619;
	return &places[hash % PLACES];
}

bool kept_give(struct request *req)
{
	began = time(NULL);
	if (!req->path || is_personal(req))
		return false;
	const char *key = key_of(req);
	const struct place *place = place_of(key);
	if (!place->key || place->second != began || strcmp(place->key, key))
		return false;
	req->response = place->response;
	req->shared = true;
	return true;
}

static bool may_be_kept(const struct request *req)
{
	return req->path && req->shared && req->response.status == 200 && req->response.file < 0 && !is_personal(req) &&
		!strstr(req->response.headers.text, "Set-Cookie:") &&
		req->response.headers.length + req->response.body.length <= PAGE_MAX;
}

static struct buffer buffer_copy(struct mem *mem, const struct buffer *from)
{
	struct buffer copy = buffer_new(mem, from->length);
	buffer_put(&copy, from->text, from->length);
	return copy;
}

void kept_take(const struct request *req)
{
	const char *key = may_be_kept(req) ? key_of(req) : "";
	if (!*key || strlen(key) > KEY_MAX)
		return;
	struct place *place = place_of(key);
	if (!place->mem)
		place->mem = mem_new(PLACE_CAP);
	mem_reset(place->mem);
	*place = (struct place){ .mem = place->mem, .key = mem_text(place->mem, key), .second = began,
		.response = { .status = 200, .headers = buffer_copy(place->mem, &req->response.headers),
			.body = buffer_copy(place->mem, &req->response.body), .file = -1 } };
}
