/* load.c: sends a fixed number of requests over a fixed number of kept connections and says how long that took.
 *
 *	load port connections count file [rate]     prints: seconds, requests sent, bytes of the last body;
 *	                                            then a line with the microseconds of each answer
 *
 * The file holds whole HTTP requests, each behind a line with its length; they are sent in turn, from the first again
 * after the last; as fast as they are answered, or at most so many a second. Anything but 200 ends the run: what is
 * measured must have worked. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "checked.h"

enum { CONNECTIONS_MAX = 64, ANSWER_MAX = 1 << 20 };

struct message {
	const char *text;
	size_t length;
};

static struct message *messages;
static size_t messages_count;
static long wanted;
static atomic_long next;
static int port, rate;
static unsigned *times;
static double began;

static void stop(const char *why, const char *text)
{
	fprintf(stderr, "load: %s: %.400s\n", why, text);
	exit(1);
}

static char *file_whole(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	struct stat info;
	if (!file || fstat(fileno(file), &info))
		stop("cannot read", path);
	*length = (size_t)info.st_size;
	char *text = malloc(*length + 1);
	if (!text || fread(text, 1, *length, file) != *length)
		stop("cannot read", path);
	fclose(file);
	text[*length] = 0;
	return text;
}

static void messages_read(const char *path)
{
	size_t whole;
	char *at = file_whole(path, &whole), *end = at + whole;
	messages = calloc(whole / 16 + 1, sizeof *messages);
	while (at < end) {
		size_t length = strtoul(at, &at, 10);
		messages[messages_count++] = (struct message){ ++at, length };
		at += length;
	}
	if (!messages_count || at != end)
		stop("no requests in", path);
}

static int connection_open(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
		stop("cannot connect", "nginx");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static void message_send(int fd, struct message message)
{
	while (message.length) {
		ssize_t n = send(fd, message.text, message.length, MSG_NOSIGNAL);
		if (n <= 0)
			stop("the connection ended", "while sending");
		message.text += n;
		message.length -= (size_t)n;
	}
}

static size_t answer_more(int fd, char *answer, size_t have)
{
	ssize_t n = recv(fd, answer + have, ANSWER_MAX - have, 0);
	if (n <= 0)
		stop("the connection ended inside an answer", answer);
	answer[have + (size_t)n] = 0;
	return have + (size_t)n;
}

/* Reads one answer; returns the length of its body. Every page here tells its length. */
static size_t answer_read(int fd, char *answer)
{
	size_t have = 0;
	char *end;
	do
		have = answer_more(fd, answer, have);
	while (!(end = strstr(answer, "\r\n\r\n")));
	const char *field = strcasestr(answer, "\r\nContent-Length:");
	if (strncmp(answer, "HTTP/1.1 200", 12) || !field || field > end)
		stop("not what was asked for", answer);
	size_t length = strtoul(field + 17, NULL, 10), whole = (size_t)(end + 4 - answer) + length;
	if (whole > ANSWER_MAX)
		stop("too long", "");
	while (have < whole)
		have = answer_more(fd, answer, have);
	return length;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* With a rate each request has its time: this waits for it. */
static void due_wait(long i)
{
	double left = rate ? began + (double)i / rate - seconds() : 0;
	if (left > 0)
		usleep((useconds_t)(left * 1e6));
}

static void *connection_run(void *body)
{
	char *answer = malloc(ANSWER_MAX + 1);
	int fd = connection_open();
	for (long i; answer && (i = atomic_fetch_add(&next, 1)) < wanted;) {
		due_wait(i);
		double from = seconds();
		message_send(fd, messages[(size_t)i % messages_count]);
		*(size_t *)body = answer_read(fd, answer);
		times[i] = (unsigned)((seconds() - from) * 1e6);
	}
	close(fd);
	free(answer);
	return NULL;
}

static int64_t number(const char *what, const char *text, int64_t min, int64_t max)
{
	int64_t value = 0;
	if (!parse_int(text, min, max, &value))
		stop(what, text);
	return value;
}

int main(int argc, char **argv)
{
	if (argc != 5 && argc != 6)
		stop("usage", "load port connections count file [rate]");
	port = (int)number("port", argv[1], 1, 65535);
	int connections = (int)number("connections", argv[2], 1, CONNECTIONS_MAX);
	wanted = (long)number("count", argv[3], 1, 100 * 1000 * 1000);
	rate = argc > 5 ? (int)number("rate", argv[5], 0, 1000 * 1000) : 0;
	times = calloc((size_t)wanted, sizeof *times);
	messages_read(argv[4]);
	pthread_t threads[CONNECTIONS_MAX];
	size_t bodies[CONNECTIONS_MAX] = { 0 };
	began = seconds();
	for (int i = 0; i < connections; i++)
		if (pthread_create(&threads[i], NULL, connection_run, &bodies[i]))
			stop("no thread", "");
	for (int i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	printf("%.6f %ld %zu\n", seconds() - began, wanted, bodies[0]);
	for (long i = 0; i < wanted; i++)
		printf("%u ", times[i]);
	return puts("") < 0;
}
