/* mem.c: arenas made of chunks; under AddressSanitizer every allocation is a malloc of its own,
	so overruns show. */
#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

#if defined(__SANITIZE_ADDRESS__)
#define ONE_MALLOC_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_MALLOC_EACH 1
#endif
#endif
#ifndef ONE_MALLOC_EACH
#define ONE_MALLOC_EACH 0
#endif

enum { ALIGN = 16, CHUNK = 32 * 1024 };

struct chunk {
	struct chunk *older;
	size_t room;
	size_t used;
	size_t padding;
	char bytes[];
};

struct deferred {
	struct deferred *older;
	void (*fn)(void *);
	void *p;
};

struct mem {
	struct chunk *newest;
	struct deferred *deferred;
	size_t total;
	size_t cap;
};

struct mem *mem_new(size_t cap)
{
	struct mem *mem = calloc(1, sizeof *mem);
	if (!mem)
		fail("mem.out", "no memory for an arena");
	mem->cap = cap;
	return mem;
}

static struct chunk *chunk_add(struct mem *mem, size_t size)
{
	size_t room = ONE_MALLOC_EACH || size > CHUNK ? size : CHUNK;
	struct chunk *chunk = calloc(1, sizeof *chunk + room);
	if (!chunk)
		fail("mem.out", "no memory for %zu bytes", size);
	chunk->room = room;
	chunk->older = mem->newest;
	mem->newest = chunk;
	return chunk;
}

void *mem_get(struct mem *mem, size_t size)
{
	if (size > mem->cap || mem->total + size > mem->cap)
		fail("mem.cap", "over the cap of %zu bytes", mem->cap);
	size_t step = ONE_MALLOC_EACH ? size : (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	struct chunk *chunk = mem->newest;
	if (ONE_MALLOC_EACH || !chunk || chunk->room - chunk->used < step)
		chunk = chunk_add(mem, step);
	void *p = chunk->bytes + chunk->used;
	chunk->used += step;
	mem->total += step;
	return p;
}

void *mem_array(struct mem *mem, size_t count, size_t size)
{
	size_t whole;
	if (__builtin_mul_overflow(count, size, &whole))
		fail("mem.cap", "an array of %zu items", count);
	return mem_get(mem, whole);
}

void *mem_copy(struct mem *mem, const void *from, size_t size)
{
	void *copy = mem_get(mem, size);
	if (size)
		memcpy(copy, from, size);
	return copy;
}

char *mem_textn(struct mem *mem, const char *from, size_t length)
{
	char *copy = mem_get(mem, length + 1);
	if (length)
		memcpy(copy, from, length);
	return copy;
}

char *mem_text(struct mem *mem, const char *from)
{
	return mem_textn(mem, from, strlen(from));
}

static size_t format_length(const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		fail("mem.format", "cannot format");
	return (size_t)length;
}

char *mem_vformat(struct mem *mem, const char *format, va_list args)
{
	size_t length = format_length(format, args);
	char *text = mem_get(mem, length + 1);
	vsnprintf(text, length + 1, format, args);
	return text;
}

char *mem_format(struct mem *mem, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = mem_vformat(mem, format, args);
	va_end(args);
	return text;
}

size_t mem_used(const struct mem *mem)
{
	return mem->total;
}

void mem_defer(struct mem *mem, void (*fn)(void *), void *p)
{
	struct deferred *deferred = mem_get(mem, sizeof *deferred);
	*deferred = (struct deferred){ mem->deferred, fn, p };
	mem->deferred = deferred;
}

struct mem_mark mem_mark(struct mem *mem)
{
	if (mem == mem_program())
		fail("mem.program", "the program's own memory holds statements: it is never rewound");
	return (struct mem_mark){ mem->newest, mem->newest ? mem->newest->used : 0, mem->total, mem->deferred };
}

static void deferred_run(struct mem *mem, void *until)
{
	while (mem->deferred != until) {
		struct deferred *deferred = mem->deferred;
		mem->deferred = deferred->older;
		deferred->fn(deferred->p);
	}
}

void mem_rewind(struct mem *mem, struct mem_mark mark)
{
	deferred_run(mem, mark.deferred);
	while (mem->newest != mark.chunk) {
		struct chunk *chunk = mem->newest;
		mem->newest = chunk->older;
		explicit_bzero(chunk->bytes, chunk->used);
		free(chunk);
	}
	if (mem->newest) {
		explicit_bzero(mem->newest->bytes + mark.used, mem->newest->used - mark.used);
		mem->newest->used = mark.used;
	}
	mem->total = mark.total;
}

void mem_reset(struct mem *mem)
{
	deferred_run(mem, NULL);
	struct chunk *kept = NULL;
	while (mem->newest) {
		struct chunk *chunk = mem->newest;
		mem->newest = chunk->older;
		explicit_bzero(chunk->bytes, chunk->used);
		if (!ONE_MALLOC_EACH && !kept && chunk->room == CHUNK) {
			kept = chunk;
			continue;
		}
		free(chunk);
	}
	if (kept)
		*kept = (struct chunk){ .room = kept->room };
	mem->newest = kept;
	mem->total = 0;
}

void mem_free(struct mem *mem)
{
	mem_reset(mem);
	free(mem->newest);
	free(mem);
}

struct mem *mem_program(void)
{
	static struct mem *program;
	if (!program)
		program = mem_new((size_t)256 << 20);
	return program;
}

char *program_copy(const char *text)
{
	return mem_text(mem_program(), text);
}

struct buffer buffer_new(struct mem *mem, size_t room)
{
	return (struct buffer){ .mem = mem, .text = mem_get(mem, room + 1), .room = room };
}

static void buffer_grow(struct buffer *buffer, size_t more)
{
	size_t need;
	if (__builtin_add_overflow(buffer->length, more, &need))
		fail("mem.cap", "a buffer of %zu more bytes", more);
	if (need <= buffer->room)
		return;
	size_t room = buffer->room * 2 > need ? buffer->room * 2 : need;
	char *text = mem_get(buffer->mem, room + 1);
	memcpy(text, buffer->text, buffer->length);
	buffer->text = text;
	buffer->room = room;
}

void buffer_put(struct buffer *buffer, const char *bytes, size_t length)
{
	if (length > buffer->room - buffer->length)
		buffer_grow(buffer, length);
	if (length)
		memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = 0;
}

void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_put(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	size_t length = format_length(format, args);
	buffer_grow(buffer, length);
	vsnprintf(buffer->text + buffer->length, length + 1, format, args);
	va_end(args);
	buffer->length += length;
}

void buffer_digits(struct buffer *buffer, uint64_t number, size_t width)
{
	char digits[20];
	size_t first = sizeof digits, least = sizeof digits - (width < sizeof digits ? width : sizeof digits);
	do
		digits[--first] = (char)('0' + number % 10);
	while (number /= 10);
	while (first > least)
		digits[--first] = '0';
	buffer_put(buffer, digits + first, sizeof digits - first);
}

void buffer_int(struct buffer *buffer, int64_t number)
{
	if (number < 0)
		buffer_put(buffer, "-", 1);
	buffer_digits(buffer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
}

/* What stands for a byte in HTML, NULL where it stands for itself. */
static const char *const html_entity[256] = {
	['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
};

void buffer_html(struct buffer *buffer, const char *text)
{
	const char *plain = text;
	for (; *text; text++) {
		const char *entity = html_entity[(unsigned char)*text];
		if (!entity)
			continue;
		buffer_put(buffer, plain, (size_t)(text - plain));
		buffer_text(buffer, entity);
		plain = text + 1;
	}
	buffer_put(buffer, plain, (size_t)(text - plain));
}
