/* Templates: any text is parsed, rendered over a view and over JSON, and checked; it may fail(), never
 * crash or hang. The input is up to three texts with a NUL between them: the template, the partial "p",
 * the JSON. */
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "tpl.h"

struct leaf {
	const char *a;
	int64_t b;
	struct moment c;
};
VIEW(leaf, OPT(a), b, OPT(c));

struct tree {
	const struct leaf *d;
	struct list e;
	struct money f;
	bool g;
};
VIEW(tree, REF(d, leaf), LIST(e, leaf), f, g);

struct input {
	struct mem *mem;
	const char *texts[3];
};

static const char *text_of(const struct tpl_source *source, const char *name)
{
	const struct input *input = source->arg;
	return !*name ? input->texts[0] : !strcmp(name, "p") ? input->texts[1] : NULL;
}

static const char *word_of(const struct tpl_source *source, const char *key)
{
	const struct input *input = source->arg;
	return !strcmp(key, "w") ? input->texts[1] : NULL;
}

static void ignore(void *arg, const char *where, int line, const char *message)
{
	(void)arg, (void)where, (void)line, (void)message;
}

static void json_free(void *p)
{
	json_object_put(p);
}

static void run(void *arg)
{
	struct input *input = arg;
	struct tpl_source source = { text_of, word_of, "fr", true, input };
	struct leaf leaves[] = { { "<a>", 1, { 1 } }, { NULL, 0, { 0 } } };
	struct tree tree = { leaves, { leaves, 2, &leaf_shape }, { 1900, "eur" }, true };
	struct scope view = { .shape = &tree_shape, .view = &tree };
	struct scope scope = { .outer = &view, .json = json_tokener_parse(input->texts[2]) };
	mem_defer(input->mem, json_free, scope.json);
	const struct tpl *tpl = tpl_load(input->mem, &source, "");
	const struct shape *shapes[] = { &tree_shape };
	tpl_check(tpl, shapes, 1, ignore, NULL);
	struct buffer out = buffer_new(input->mem, 0);
	tpl_render(&out, tpl, &scope);
	if (strlen(out.text) > out.length)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .mem = mem_new(4 << 20) };
	struct failure failure;
	const char *text = mem_textn(input.mem, (const char *)data, size);
	for (int i = 0; i < 3; i++) {
		input.texts[i] = text;
		if (text < input.texts[0] + size)
			text += strlen(text) + (text + strlen(text) < input.texts[0] + size);
	}
	attempt(run, &input, &failure);
	mem_free(input.mem);
	return 0;
}
