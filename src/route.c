/* route.c: from a path to the route it is of, and to the page it is shown by. */
#include "route.h"

#include <ctype.h>
#include <string.h>

extern const struct route *const __start_routes[] __attribute__((weak));
extern const struct route *const __stop_routes[] __attribute__((weak));

void routes_each(void (*each)(const struct route *route, void *arg), void *arg)
{
	for (const struct route *const *at = __start_routes; at < __stop_routes; at++)
		each(*at, arg);
}

/* Ids, slugs, numbers and tokens are spelt so. Anything else is nobody's, and would be an error to compare with their
 * ASCII columns. */
static bool name_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("-_.~", text[i]))
			return false;
	return length > 0;
}

/* Matches a path against /a/{b}/c, keeping what stands for {b}. */
static bool pattern_matches(struct request *req, const char *pattern)
{
	const char *path = req->path;
	req->path_count = 0;
	while (*pattern == '/' && *path == '/') {
		size_t want = strcspn(++pattern, "/"), have = strcspn(++path, "/");
		bool named = *pattern == '{';
		if (named && name_plain(path, have) && req->path_count < 8) {
			req->path_names[req->path_count] = mem_textn(req->mem, pattern + 1, want - 2);
			req->path_values[req->path_count++] = mem_textn(req->mem, path, have);
		} else if (named || want != have || memcmp(pattern, path, want)) {
			return false;
		}
		pattern += want;
		path += have;
	}
	return !*pattern && !*path;
}

const struct route *route_find(struct request *req, bool *other_method)
{
	*other_method = false;
	for (const struct route *const *at = __start_routes; at < __stop_routes; at++) {
		if (!pattern_matches(req, (*at)->pattern))
			continue;
		if ((*at)->method == req->method)
			return *at;
		*other_method = true;
	}
	return NULL;
}

static bool shown_by_get(const struct request *req, const char *path, bool *by_post)
{
	struct request asked = { .mem = req->mem, .path = path, .method = GET };
	return route_find(&asked, by_post) != NULL;
}

const char *route_shown(const struct request *req)
{
	bool by_post;
	if (req->method != POST || shown_by_get(req, req->path, &by_post) || !by_post)
		return req->path;
	char *path = mem_text(req->mem, req->path);
	while (*path && !shown_by_get(req, path, &by_post))
		*strrchr(path, '/') = 0;
	return *path ? path : "/";
}
