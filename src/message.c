/* message.c: a mail as RFC 5322 wants it. */
#include <string.h>

#include "conf.h"
#include "fail.h"
#include "moment.h"
#include "sign.h"
#include "smtp.h"

enum {
	LINE_MAX_QP = 76,   /* RFC 2045 §6.7 (5), with the "=" of a soft break */
	SUBJECT_PLAIN = 60, /* longer ones are encoded, and so folded, too */
	WORD_BYTES = 45,    /* 60 characters of base64 and 12 around them: RFC 2047 §2 allows 75 */
};

static bool is_plain(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 32 || (unsigned char)*p > 126)
			return false;
	return !strstr(text, "=?") && strlen(text) <= SUBJECT_PLAIN;
}

/* Whoever could put a line break here would write headers of his own. */
static void header_check(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 32 || *p == 127)
			fail("mail.line", "a control character in a header");
}

/* As many whole characters as fit into one encoded word. */
static size_t word_length(const char *text)
{
	size_t length = strlen(text);
	if (length <= WORD_BYTES)
		return length;
	for (length = WORD_BYTES; (text[length] & 0xC0) == 0x80;)
		length--;
	return length;
}

/* RFC 2047: =?utf-8?B?…?=, one word a line. */
static void encoded_put(struct buffer *out, const char *text)
{
	for (const char *between = ""; *text; between = "\r\n ") {
		size_t length = word_length(text);
		struct bytes bytes = { (const unsigned char *)text, length };
		buffer_format(out, "%s=?utf-8?B?%s?=", between, base64_of(out->mem, bytes));
		text += length;
	}
}

/* A display name: a quoted string (RFC 5322 §3.2.4), or encoded words. */
static void name_put(struct buffer *out, const char *name)
{
	header_check(name);
	if (!is_plain(name)) {
		encoded_put(out, name);
		return;
	}
	buffer_text(out, "\"");
	for (; *name; name++) {
		if (strchr("\"\\", *name))
			buffer_text(out, "\\");
		buffer_put(out, name, 1);
	}
	buffer_text(out, "\"");
}

static void date_put(struct buffer *out, struct moment moment)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }; /* 1970-01-01 … */
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
		"Oct", "Nov", "Dec" };
	struct civil civil = moment_civil(moment);
	buffer_format(out, "Date: %s, %02d %s %04lld %02d:%02d:%02d +0000\r\n",
		days[moment_unix(moment) / 86400 % 7], civil.day, months[civil.month - 1], (long long)civil.year,
		civil.hour, civil.minute, civil.second);
}

static void headers_put(struct buffer *out, const struct message *message)
{
	const char *domain = strrchr(conf.mail_from, '@');
	header_check(conf.mail_from);
	header_check(message->recipient);
	header_check(message->subject);
	date_put(out, message->created_at);
	buffer_text(out, "From: ");
	name_put(out, conf.shop_name);
	buffer_format(out, " <%s>\r\nTo: <%s>\r\nSubject: ", conf.mail_from, message->recipient);
	if (is_plain(message->subject))
		buffer_text(out, message->subject);
	else
		encoded_put(out, message->subject);
	buffer_format(out, "\r\nMessage-ID: <%lld.%lld@%s>\r\n", (long long)message->id,
		(long long)message->created_at.us, domain ? domain + 1 : "localhost");
	buffer_text(out,
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"Auto-Submitted: auto-generated\r\n\r\n");
}

/* One line of text as quoted-printable. A space at its end is encoded: servers on the way may cut it. */
static void quoted_put(struct buffer *out, const char *line, size_t length)
{
	size_t column = 0;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)line[i];
		bool last = i + 1 == length, blank = c == ' ' || c == '\t';
		bool literal = (c > 32 && c < 127 && c != '=') || (blank && !last);
		size_t width = literal ? 1 : 3, room = last ? LINE_MAX_QP : LINE_MAX_QP - 1;
		if (column + width > room) {
			buffer_text(out, "=\r\n");
			column = 0;
		}
		if (literal)
			buffer_put(out, line + i, 1);
		else
			buffer_format(out, "=%02X", (unsigned)c);
		column += width;
	}
	buffer_text(out, "\r\n");
}

struct buffer message_text(struct mem *mem, const struct message *message)
{
	struct buffer out = buffer_new(mem, strlen(message->body) * 2 + 1024);
	headers_put(&out, message);
	for (const char *line = message->body; *line;) {
		size_t length = strcspn(line, "\n");
		quoted_put(&out, line, length);
		line += length + (line[length] == '\n');
	}
	return out;
}
