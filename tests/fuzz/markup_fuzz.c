/* Markdown: whatever comes in, the HTML is bounded and holds no tag, address or attribute that could run
 * anything. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fail.h"
#include "markup.h"

struct input {
	struct mem *mem;
	const char *text;
};

/* Every tag that the library may write. */
static const char *const tags[] = { "p", "h2", "h3", "h4", "h5", "h6", "em", "strong", "del", "a", "img",
	"ul", "ol", "li", "code", "pre", "blockquote", "hr", "br", "table", "thead", "tbody", "tr", "th", "td" };

static bool tag_allowed(const char *at)
{
	at += *at == '/';
	size_t length = strcspn(at, " />");
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (strlen(tags[i]) == length && !memcmp(tags[i], at, length))
			return true;
	return false;
}

static bool address_allowed(const char *at)
{
	size_t scheme = strcspn(at, ":/?#\"");
	return at[scheme] != ':' || !strncasecmp(at, "http:", 5) || !strncasecmp(at, "https:", 6) ||
		!strncasecmp(at, "mailto:", 7);
}

static void run(void *arg)
{
	struct input *input = arg;
	const char *html = markup_html(input->mem, input->text).text;
	if (strlen(html) > 1600 * 1024)
		abort();
	for (const char *at = html; (at = strchr(at, '<')); at++)
		if (!tag_allowed(at + 1))
			abort();
	for (const char *at = html; (at = strstr(at, "<a href=\"")); at += 9)
		if (!address_allowed(at + 9))
			abort();
	for (const char *at = html; (at = strstr(at, "<img src=\"")); at += 10)
		if (!address_allowed(at + 10))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .mem = mem_new(16 << 20) };
	struct failure failure;
	input.text = mem_textn(input.mem, (const char *)data, size);
	if (!attempt(run, &input, &failure))
		abort();
	mem_free(input.mem);
	return 0;
}
