/* proxy.h: between the program and MariaDB, a process that reads the packets of both sides and, at the
 * one it was told, cuts the connection or answers an error in the server's place. */
#ifndef PROXY_H
#define PROXY_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "fixture.h"

enum strike {
	STRIKE_NONE,
	STRIKE_CUT,		 /* the packet does not arrive: nothing of it */
	STRIKE_TEAR,	 /* half of it does */
	STRIKE_DEADLOCK, /* the server has rolled the transaction back, and says 1213 */
	STRIKE_WAIT,	 /* 1205: the statement alone is undone */
	STRIKE_FULL,	 /* 1021, disk full: the same, and no use in trying again */
};

enum { COMMITS_MAX = 32 };

/* What test and proxy tell each other. */
struct plan {
	volatile unsigned run; /* connections of an earlier run are not counted */
	volatile enum strike strike;
	volatile long at;		/* the packet (STRIKE_CUT, STRIKE_TEAR) or command that is struck; 0: none */
	volatile long times;	/* commands struck from there on */
	volatile bool for_good; /* after the cut no connection is to be had */
	volatile bool down;
	volatile bool struck;
	volatile long packets;				/* of both sides, in this run */
	volatile long commands;				/* of the program */
	volatile long commits[COMMITS_MAX]; /* which packets they are */
	volatile long commit_count;
	pid_t child;
	char server[120], door[120];
};

enum {
	PROXY_ROOM = 1 << 20,
	PROXY_PAIRS = 6,
	HEADER = 4,
	COM_QUIT_ = 1, COM_QUERY_ = 3,
	COM_PREPARE_ = 0x16,
	COM_EXECUTE_ = 0x17
};

struct side {
	int fd;
	size_t length;
	unsigned char bytes[PROXY_ROOM];
};

struct pair {
	bool open;
	unsigned run;
	struct side program, server;
};

static inline bool bytes_write(int fd, const unsigned char *bytes, size_t length)
{
	while (length) {
		ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

static inline void pair_close(struct pair *pair)
{
	close(pair->program.fd);
	close(pair->server.fd);
	pair->open = false;
}

/* 3 bytes of length, one of sequence; 0: it is not all there yet. */
static inline size_t packet_length(const struct side *side)
{
	if (side->length < HEADER)
		return 0;
	const unsigned char *b = side->bytes;
	size_t length = HEADER + ((size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16);
	return side->length >= length ? length : 0;
}

static inline bool side_read(struct side *side)
{
	if (side->length == PROXY_ROOM)
		_exit(3);
	ssize_t n = read(side->fd, side->bytes + side->length, PROXY_ROOM - side->length);
	if (n <= 0)
		return false;
	side->length += (size_t)n;
	return true;
}

static inline void packet_drop(struct side *side, size_t length)
{
	side->length -= length;
	memmove(side->bytes, side->bytes + length, side->length);
}

/* The server rolls back, as it would have at a deadlock; its answer is ours to read. */
static inline bool server_rolls_back(struct pair *pair)
{
	static const unsigned char rollback[] = "\x09\0\0\0\x03ROLLBACK";
	size_t length;
	if (!bytes_write(pair->server.fd, rollback, sizeof rollback - 1))
		return false;
	while (!(length = packet_length(&pair->server)))
		if (!side_read(&pair->server))
			return false;
	packet_drop(&pair->server, length);
	return true;
}

static inline bool error_answer(struct pair *pair, enum strike strike)
{
	unsigned code = strike == STRIKE_DEADLOCK ? 1213 : strike == STRIKE_WAIT ? 1205 : 1021;
	unsigned char packet[64] = { 0, 0, 0, 1, 0xff, (unsigned char)code, (unsigned char)(code >> 8) };
	int length = snprintf((char *)packet + 7, sizeof packet - 7, "#%s struck by the test",
					 strike == STRIKE_DEADLOCK ? "40001" : "HY000") +
		3;
	packet[0] = (unsigned char)length;
	if (strike == STRIKE_DEADLOCK && !server_rolls_back(pair))
		return false;
	return bytes_write(pair->program.fd, packet, HEADER + (size_t)length);
}

/* A command that can fail: its packet is the first of its exchange. */
static inline bool is_command(const unsigned char *packet)
{
	unsigned char code = packet[HEADER];
	return !packet[3] && (code == COM_QUERY_ || code == COM_PREPARE_ || code == COM_EXECUTE_);
}

static inline void commit_note(struct plan *plan, const struct side *from, const struct pair *pair)
{
	static const char commit[] = "\x03"
								 "COMMIT";
	if (from == &pair->program && !from->bytes[3] && from->length >= HEADER + 7 &&
		plan->commit_count < COMMITS_MAX && !memcmp(from->bytes + HEADER, commit, 7))
		plan->commits[plan->commit_count++] = plan->packets;
}

static inline bool packet_struck(struct plan *plan, const struct side *from, const struct pair *pair)
{
	bool farewell = from == &pair->program && !from->bytes[3] && from->bytes[HEADER] == COM_QUIT_;
	if (pair->run != plan->run || farewell) /* nobody waits for what comes after a farewell */
		return false;
	plan->packets++;
	commit_note(plan, from, pair);
	if (plan->strike == STRIKE_CUT || plan->strike == STRIKE_TEAR)
		return plan->packets == plan->at;
	if (from != &pair->program || !is_command(from->bytes))
		return false;
	plan->commands++;
	return plan->at && plan->commands >= plan->at && plan->commands < plan->at + plan->times;
}

/* False: the connection is to be closed, on both sides. */
static inline bool packet_pass(
	struct plan *plan, struct pair *pair, struct side *from, struct side *to, size_t length)
{
	bool struck = packet_struck(plan, from, pair), whole = true;
	plan->struck |= struck; /* before the program can know of it */
	if (!struck) {
		whole = bytes_write(to->fd, from->bytes, length);
	} else if (plan->strike == STRIKE_CUT || plan->strike == STRIKE_TEAR) {
		whole = false;
		plan->down = plan->for_good;
		if (plan->strike == STRIKE_TEAR)
			bytes_write(to->fd, from->bytes, length / 2);
	} else {
		whole = error_answer(pair, plan->strike);
	}
	packet_drop(from, length);
	return whole;
}

static inline void side_turn(struct plan *plan, struct pair *pair, struct side *from, struct side *to)
{
	bool whole = side_read(from);
	for (size_t length; whole && (length = packet_length(from)) > 0;)
		whole = packet_pass(plan, pair, from, to, length);
	if (!whole)
		pair_close(pair);
}

static inline int unix_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%.107s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address))
		_exit(4);
	return fd;
}

static inline void pair_open(struct plan *plan, struct pair *pairs, int door)
{
	int program = accept(door, NULL, NULL);
	if (program < 0)
		_exit(0);
	if (plan->down) {
		close(program);
		return;
	}
	for (size_t i = 0; i < PROXY_PAIRS; i++) {
		struct pair *pair = &pairs[i];
		if (pair->open)
			continue;
		pair->open = true;
		pair->run = plan->run;
		pair->program.fd = program;
		pair->server.fd = unix_connect(plan->server);
		pair->program.length = pair->server.length = 0;
		return;
	}
	_exit(5);
}

/* Ends with the test program, whatever becomes of the test, and holds none of its output open
 * meanwhile. */
static inline void proxy_run(struct plan *plan, int door)
{
	static struct pair pairs[PROXY_PAIRS];
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		_exit(2);
	close(STDOUT_FILENO);
	for (;;) {
		struct pollfd fds[1 + 2 * PROXY_PAIRS] = { { .fd = door, .events = POLLIN } };
		for (size_t i = 0; i < PROXY_PAIRS; i++) {
			fds[1 + 2 * i] = (struct pollfd){ .fd = pairs[i].open ? pairs[i].program.fd : -1,
				.events = POLLIN };
			fds[2 + 2 * i] = (struct pollfd){ .fd = pairs[i].open ? pairs[i].server.fd : -1,
				.events = POLLIN };
		}
		if (poll(fds, 1 + 2 * PROXY_PAIRS, -1) < 0)
			continue;
		for (size_t i = 0; i < PROXY_PAIRS; i++) {
			if (pairs[i].open && fds[1 + 2 * i].revents)
				side_turn(plan, &pairs[i], &pairs[i].program, &pairs[i].server);
			if (pairs[i].open && fds[2 + 2 * i].revents)
				side_turn(plan, &pairs[i], &pairs[i].server, &pairs[i].program);
		}
		if (fds[0].revents)
			pair_open(plan, pairs, door);
	}
}

/* Begins it beside the server's own socket, and points the settings there. */
static inline struct plan *proxy_new(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *why;
	struct plan *plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(plan != MAP_FAILED && door >= 0);
	snprintf(plan->server, sizeof plan->server, "%s", conf.database_hosts);
	snprintf(
		plan->door, sizeof plan->door, "%.80s.%.20s", plan->server, strrchr(conf.database_name, '_') + 1);
	snprintf(address.sun_path, sizeof address.sun_path, "%.107s", plan->door);
	unlink(plan->door); /* of a program that was killed */
	assert_int_equal(bind(door, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(door, 16), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child)
		proxy_run(plan, door);
	plan->child = child;
	close(door);
	assert_true(conf_set("database_hosts", plan->door, &why));
	return plan;
}

static inline void proxy_end(struct plan *plan)
{
	const char *why;
	kill(plan->child, SIGKILL);
	waitpid(plan->child, NULL, 0);
	unlink(plan->door);
	conf_set("database_hosts", plan->server, &why);
	munmap(plan, sizeof *plan);
}

/* A new run: what is struck, and where. at 0: it is only counted. */
static inline void proxy_plan(struct plan *plan, enum strike strike, long at, long times, bool for_good)
{
	plan->strike = strike;
	plan->at = at;
	plan->times = times;
	plan->for_good = for_good;
	plan->down = plan->struck = false;
	plan->packets = plan->commands = plan->commit_count = 0;
	plan->run++;
}

#endif
