/* fake_stripe.h: a Stripe of one process that answers what the test says and keeps what it was asked. */
#ifndef FAKE_STRIPE_H
#define FAKE_STRIPE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "fixture.h"

enum { FAKE_TURNS = 8, FAKE_HANGS = -1 };

struct fake_turn {
	int status;        /* 0: hangs up without a word; FAKE_HANGS: says nothing, and keeps the line */
	char headers[300]; /* each with its line end */
	char answer[8000];
	size_t blanks;     /* so many after it */
};

struct fake_stripe {
	struct fake_turn usual;             /* what it answers */
	struct fake_turn turns[FAKE_TURNS]; /* what it answers before that, once each: fake_then() */
	int turn_count, turn;
	char asked[8000]; /* the last request, whole */
	char paths[8000]; /* of all of them: "GET /v1/events?…", a line each */
	int count;        /* of requests */
	int keys;         /* of different idempotency keys, one after the other */
	char key[100];    /* the last */
	void (*meanwhile)(void); /* runs in its process before each answer: what happens while we wait */
	pid_t child;
};

static inline size_t whole_request(const char *text, size_t length)
{
	const char *end = strstr(text, "\r\n\r\n"), *given = strcasestr(text, "\r\nContent-Length: ");
	return end && length >= (size_t)(end + 4 - text) + (given && given < end ? strtoul(given + 18, NULL, 10) : 0);
}

static inline void key_note(struct fake_stripe *fake)
{
	static const char name[] = "\r\nIdempotency-Key: ";
	const char *at = strcasestr(fake->asked, name);
	char key[sizeof fake->key];
	if (!at)
		return;
	at += sizeof name - 1;
	snprintf(key, sizeof key, "%.*s", (int)strcspn(at, "\r"), at);
	fake->keys += strcmp(key, fake->key) != 0;
	memcpy(fake->key, key, sizeof key);
}

static inline void fake_read(struct fake_stripe *fake, int connection)
{
	size_t length = 0;
	for (ssize_t n; length < sizeof fake->asked - 1; length += (size_t)n) {
		n = read(connection, fake->asked + length, sizeof fake->asked - 1 - length);
		if (n <= 0)
			break;
		fake->asked[length + (size_t)n] = 0;
		if (whole_request(fake->asked, length + (size_t)n))
			break;
	}
	size_t used = strlen(fake->paths);
	int first = (int)strcspn(fake->asked, "\r\n") - (int)strlen(" HTTP/1.1");
	snprintf(fake->paths + used, sizeof fake->paths - used, "%.*s\n", first > 0 ? first : 0, fake->asked);
	fake->count++;
	key_note(fake);
}

/* Who asked may hang up in the middle: that is theirs to do. */
static inline void fake_write(int connection, const char *text, size_t length)
{
	for (ssize_t n; length; text += n, length -= (size_t)n)
		if ((n = send(connection, text, length, MSG_NOSIGNAL)) <= 0)
			return;
}

static inline void fake_answer(struct fake_stripe *fake, int connection)
{
	char head[600];
	fake_read(fake, connection);
	if (fake->meanwhile)
		fake->meanwhile();
	const struct fake_turn *turn = fake->turn < fake->turn_count ? &fake->turns[fake->turn++] : &fake->usual;
	if (turn->status == FAKE_HANGS)
		return; /* whoever asked closes it some day, or the end of this process does */
	int n = snprintf(head, sizeof head, "HTTP/1.1 %d x\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
		turn->status, turn->headers, strlen(turn->answer) + turn->blanks);
	if (turn->status) {
		fake_write(connection, head, (size_t)n);
		fake_write(connection, turn->answer, strlen(turn->answer));
		char *blanks = malloc(turn->blanks + 1);
		fake_write(connection, memset(blanks, ' ', turn->blanks + 1), turn->blanks);
		free(blanks);
	}
	close(connection);
}

/* Ends with the test program, whatever becomes of the test, and holds none of its output open meanwhile. */
static inline void fake_serve(struct fake_stripe *fake, int door)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		_exit(2);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	for (;;) {
		int connection = accept(door, NULL, NULL);
		if (connection < 0)
			_exit(0);
		fake_answer(fake, connection);
	}
}

/* Begins it and points the settings there. */
static inline struct fake_stripe *fake_stripe_new(struct fixture *f)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *why;
	struct fake_stripe *fake = mmap(NULL, sizeof *fake, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(fake != MAP_FAILED && door >= 0);
	assert_int_equal(bind(door, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(door, 8), 0);
	assert_int_equal(getsockname(door, (struct sockaddr *)&address, &size), 0);
	assert_true(conf_set("stripe_api", mem_format(f->mem, "http://127.0.0.1:%d", ntohs(address.sin_port)), &why));
	assert_true(conf_set("stripe_key", "sk_test_fake", &why));
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child)
		fake_serve(fake, door);
	fake->child = child; /* by the parent alone: the child shares this memory, and would note 0 */
	close(door);
	return fake;
}

static inline void fake_stripe_end(struct fake_stripe *fake)
{
	kill(fake->child, SIGKILL);
	waitpid(fake->child, NULL, 0);
	munmap(fake, sizeof *fake);
}

static inline void turn_set(struct fake_turn *turn, int status, const char *headers, const char *answer)
{
	assert_true(strlen(answer) < sizeof turn->answer);
	turn->status = status;
	turn->blanks = 0;
	snprintf(turn->headers, sizeof turn->headers, "%s", headers);
	snprintf(turn->answer, sizeof turn->answer, "%s", answer);
}

/* From now on; forgets what it was asked. */
static inline void fake_says(struct fake_stripe *fake, int status, const char *answer)
{
	turn_set(&fake->usual, status, "", answer);
	*fake->asked = *fake->paths = *fake->key = 0;
	fake->count = fake->keys = fake->turn = fake->turn_count = 0;
}

/* One answer more that comes, once, before what fake_says() said. */
static inline struct fake_turn *fake_then(struct fake_stripe *fake, int status, const char *headers, const char *answer)
{
	assert_true(fake->turn_count < FAKE_TURNS);
	struct fake_turn *turn = &fake->turns[fake->turn_count++];
	turn_set(turn, status, headers, answer);
	return turn;
}

/* JSON written with single quotes. */
static inline const char *json_of(struct fixture *f, const char *text)
{
	char *json = mem_text(f->mem, text);
	for (char *at = json; (at = strchr(at, '\'')) != NULL;)
		*at = '"';
	return json;
}

#endif
