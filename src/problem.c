/* problem.c: application/problem+json. */
#include "problem.h"

#include "shape_json.h"

static const struct {
	int status;
	const char *title, *code;
} usual[] = {
	{ 400, "Bad Request", "bad_request" },
	{ 401, "Unauthorized", "unauthorized" },
	{ 402, "Payment Required", "insufficient_tokens" },
	{ 403, "Forbidden", "forbidden" },
	{ 404, "Not Found", "not_found" },
	{ 405, "Method Not Allowed", "method_not_allowed" },
	{ 409, "Conflict", "conflict" },
	{ 413, "Content Too Large", "too_large" },
	{ 415, "Unsupported Media Type", "unsupported_media_type" },
	{ 422, "Unprocessable Content", "invalid_request" },
	{ 429, "Too Many Requests", "too_many_requests" },
	{ 503, "Service Unavailable", "unavailable" },
	{ 500, "Internal Server Error", "internal" }, /* and whatever is not named above */
};

static void put(struct request *req, int status, const char *code, const struct shape *shape,
	const void *view)
{
	size_t i = 0, last = sizeof usual / sizeof usual[0] - 1;
	while (i < last && usual[i].status != status)
		i++;
	struct buffer *out = &req->response.body;
	req->response.status = status;
	out->length = 0;
	/* about:blank: the title is the status's own, the code says the rest (RFC 9457 §4.2.1). */
	buffer_format(out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":", usual[i].title,
		status);
	json_string_put(out, code ? code : usual[i].code);
	if (shape)
		buffer_text(out, ",");
	if (shape)
		shape_json_members(out, shape, view);
	buffer_text(out, "}\n");
	if (status == 401)
		header(req, "WWW-Authenticate", "Bearer");
	header(req, "Content-Type", "application/problem+json");
}

void problem_put(struct request *req, int status, const char *code)
{
	put(req, status, code, NULL, NULL);
}

void problem(struct request *req, int status, const char *code)
{
	put(req, status, code, NULL, NULL);
	done(req);
}

void problem_view(struct request *req, int status, const char *code, const struct shape *shape,
	const void *view)
{
	put(req, status, code, shape, view);
	done(req);
}
