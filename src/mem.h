/* mem.h: memory by lifetime. Program (never freed), request or job (one arena, reset at its end), scratch (mark, rewind).
 *
 * Allocation never returns NULL: out of memory, or over the arena's cap, is fail(). Memory comes zeroed and is wiped on
 * reset. Nothing that lives longer than an arena may keep a pointer into it; a copy across is spelt program_copy(). */
#ifndef MEM_H
#define MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct mem;

struct mem_mark {
	void *chunk;
	size_t used;
	size_t total;
	void *deferred;
};

/* A new arena that may hold at most cap bytes. Lives until mem_free(). */
struct mem *mem_new(size_t cap);
void mem_free(struct mem *mem);

/* size zeroed bytes, aligned for any type, valid until reset or rewind past it. */
void *mem_get(struct mem *mem, size_t size) __attribute__((malloc, alloc_size(2), returns_nonnull));
void *mem_array(struct mem *mem, size_t count, size_t size) __attribute__((malloc, alloc_size(2, 3), returns_nonnull));
void *mem_copy(struct mem *mem, const void *from, size_t size) __attribute__((returns_nonnull));
char *mem_text(struct mem *mem, const char *from) __attribute__((returns_nonnull));
char *mem_textn(struct mem *mem, const char *from, size_t length) __attribute__((returns_nonnull));
char *mem_format(struct mem *mem, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));
char *mem_vformat(struct mem *mem, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Bytes handed out since the last reset. */
size_t mem_used(const struct mem *mem);

/* Runs fn(p) when the arena is reset or rewound past this point, newest first. */
void mem_defer(struct mem *mem, void (*fn)(void *), void *p);

/* Scratch: everything taken after the mark goes at the rewind. */
struct mem_mark mem_mark(struct mem *mem);
void mem_rewind(struct mem *mem, struct mem_mark mark);

/* Runs what was deferred, wipes and keeps one chunk for the next request. */
void mem_reset(struct mem *mem);

/* The program's own memory: made before the first request, never freed. */
struct mem *mem_program(void);
char *program_copy(const char *text);

/* A growing byte buffer in an arena; text is always NUL-terminated behind its length. */
struct buffer {
	struct mem *mem;
	char *text;
	size_t length;
	size_t room;
};

struct buffer buffer_new(struct mem *mem, size_t room);
void buffer_put(struct buffer *buffer, const char *bytes, size_t length);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The number in decimal; buffer_digits fills up to width (at most 20) with zeros. Many times faster than buffer_format. */
void buffer_int(struct buffer *buffer, int64_t number);
void buffer_digits(struct buffer *buffer, uint64_t number, size_t width);
/* Text with & < > " ' escaped for HTML text and attributes. */
void buffer_html(struct buffer *buffer, const char *text);

#endif
