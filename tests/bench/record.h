/* record.h: what one transaction said to the database, as record.c writes it and floor_replay.c reads it. Everything is
 * padded to eight bytes, so that values are bound where they lie in the file. */
#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

enum { RECORD_ID_MAX = 48 };

/* A transaction; its statements follow. The id is the first argument of its first statement: the event's. */
struct record {
	uint32_t bytes, statements; /* bytes: with all that follows */
	char id[RECORD_ID_MAX];
};

struct record_statement {
	uint64_t sql;     /* see record_hash() */
	uint32_t arguments;
	uint32_t changed; /* rows, as the database told */
};

enum record_kind {
	RECORD_NULL,
	RECORD_NUMBER,
	RECORD_TEXT,
	RECORD_TIME,
	RECORD_BODY,         /* the body of the request */
	RECORD_ID,           /* the id that an earlier statement's row got: another one at each replay */
	RECORD_TEXT_WITH_ID, /* struct record_place, then the text around the id */
};

struct record_argument {
	uint32_t kind, length; /* its bytes follow */
};

struct record_place {
	uint32_t statement, at;
};

/* A statement's text, in the file beside; its text follows, padded. */
struct record_sql {
	uint64_t hash, length;
};

static inline uint32_t record_padded(uint64_t length)
{
	return (uint32_t)(length + 7) & ~7U;
}

static inline uint64_t record_hash(const char *text, uint64_t length)
{
	uint64_t hash = 0xcbf29ce484222325;
	for (uint64_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
	return hash;
}

#endif
