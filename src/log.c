/* log.c: the log, one line at a time, in one write so that lines of several processes never mix. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char request[41];

void log_request(const char *id)
{
	snprintf(request, sizeof request, "%s", id ? id : "");
}

const char *log_word(const char *text)
{
	static char slots[4][420];
	static unsigned next;
	char *slot = slots[next++ % 4];
	size_t n = 0;
	slot[n++] = '"';
	for (; *text && n < sizeof slots[0] - 3; text++) {
		if (*text == '"' || *text == '\\')
			slot[n++] = '\\';
		slot[n++] = (unsigned char)*text < 32 ? ' ' : *text;
	}
	slot[n++] = '"';
	slot[n] = 0;
	return slot;
}

void log_line(const char *event, const char *format, ...)
{
	char line[1000];
	int n = snprintf(line, sizeof line, "%s", event);
	size_t length = n < 0 ? 0 : (size_t)n;
	va_list args;
	va_start(args, format);
	if (*format && length < sizeof line - 2) {
		line[length++] = ' ';
		n = vsnprintf(line + length, sizeof line - length, format, args);
		length += n < 0 ? 0 : (size_t)n;
	}
	va_end(args);
	if (*request && length < sizeof line - 1) {
		n = snprintf(line + length, sizeof line - length, " req=%s", request);
		length += n < 0 ? 0 : (size_t)n;
	}
	if (length > sizeof line - 1)
		length = sizeof line - 1;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)line[i] < 32)
			line[i] = ' ';
	line[length++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, length);
	(void)written; /* a log that cannot be written has nowhere to complain */
}

const char *log_request_id(void)
{
	return request;
}
