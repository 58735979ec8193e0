/* request_fuzz.c: what a front end passes on: address, query, cookies, headers, body. The input is those, a NUL between. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "conf.h"
#include "serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_form {
	const char *name, *email, *text, *choice, *path, *id;
	int64_t number;
	bool flag;
};
FORM(fuzz_form, LINE(name, 1, 20), EMAIL(email), TEXT(text, 0, 50), CHOICE(choice, "en fr"), PATH(path), ID(id),
	NUMBER(number, -5, 5), FLAG(flag));

struct variables {
	const char *values[8];
};

static const char *const names[8] = { "REQUEST_URI", "QUERY_STRING", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE", "HTTP_RANGE",
	"HTTP_X_FORWARDED_FOR", "CONTENT_LENGTH", "HTTP_X_REQUEST_ID" };

static const char *get(const char *name, void *arg)
{
	const struct variables *variables = arg;
	for (size_t i = 0; i < 8; i++)
		if (!strcmp(names[i], name))
			return variables->values[i];
	return !strcmp(name, "REQUEST_METHOD") ? "POST" : !strcmp(name, "REMOTE_ADDR") ? "127.0.0.1" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *mem = mem_new((size_t)32 << 20);
	struct variables variables = { { NULL } };
	char *text = mem_textn(mem, (const char *)data, size), *end = text + size;
	for (size_t i = 0; i < 8 && text < end; i++, text += strlen(text) + 1)
		variables.values[i] = text;
	conf.trusted_proxies = "127.0.0.1";
	conf.language = "en";
	struct request req = { .mem = mem, .response = { .file = -1 }, .language = "en" };
	if (request_read(&req, get, &variables)) {
		request_length(&req, get, &variables);
		req.body = (struct bytes){ data, size };
		form_read(&req, fuzz_form);
		query_text(&req, "after");
		cookie_text(&req, "session");
	}
	mem_free(mem);
	return 0;
}
