/* smtp.h: one message to the mail server of conf.mail_server, by libcurl.
 *
 * smtps:// is TLS from the first byte, with the server's certificate checked. smtp:// turns to TLS when the
 * server offers STARTTLS; with conf.mail_user set and a server that is not this host it must, and its
 * certificate is checked, so that the password meets nobody else. Without a password the certificate is not
 * looked at: that is what the mail system of a host (Debian's snakeoil certificate) can do, and it is never
 * worse than the plain text it replaces. */
#ifndef SMTP_H
#define SMTP_H

#include "mem.h"
#include "shape.h"

struct message {
	int64_t
		id; /* of the outbox: the Message-ID is made of it, so that a repeated sending can be recognised */
	const char *recipient;
	const char *subject; /* one line */
	const char *body;    /* plain text, lines end with \n */
	struct moment created_at;
};

/* The message as it goes over the wire (RFC 5322, 2045, 2047; quoted-printable UTF-8), lines ending in CR LF.
 * fail()s for control characters in what becomes a header. */
struct buffer message_text(struct mem *mem, const struct message *message);

/* A connection, opened by the first message and kept for the next; closed when mem is reset. */
struct smtp;
struct smtp *smtp_new(struct mem *mem);

enum smtp_end {
	SMTP_SENT,
	SMTP_LATER,   /* the server said 4xx: this message later */
	SMTP_REFUSED, /* the server said 5xx: this message never */
	SMTP_DOWN,    /* no server to talk to: all messages later */
};

/* why: a sentence for the log and the outbox, without addresses. Takes at most 30 seconds. */
enum smtp_end smtp_send(struct smtp *smtp, const struct message *message, const char **why);

#endif
