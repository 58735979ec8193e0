/* mail_test.c: the outbox, and mails as they go over the wire. */
#include <sodium.h>

#include "account.h"
#include "form.h"
#include "mail.h"
#include "people.h"
#include "smtp.h"

struct note_mail { const char *name, *reset_link; struct moment changed_at; };
VIEW(note_mail, name, reset_link, changed_at);

/* The order's number stands in the subject of its mail. */
struct failed_mail { const char *name, *number, *title, *link; };
VIEW(failed_mail, name, number, title, link);

struct writing {
	struct fixture *f;
	const char *recipient, *number, *key;
};

static void write_mail(void *arg)
{
	struct writing *writing = arg;
	mail_put(&writing->f->db,
		((struct mail_to){ .email = writing->recipient, .language = "en", .unique_key = writing->key }),
		"order_failed", failed_mail, .name = "Jenny", .number = writing->number, .title = "Night Walk",
		.link = "https://x");
}

static void a_mail_is_written_in_its_language(void **state)
{
	struct fixture *f = *state;
	mail_put(&f->db,
		((struct mail_to){ .email = "a@example.com", .language = "fr", .unique_key = "k1", .secret = true }),
		"password_changed", note_mail, .name = "Hélène & <Co>",
		.reset_link = "https://shop.example/forgot?a=1&b=2", .changed_at = moment_from_unix(1800000000));
	const char *subject = db_text(&f->db, "SELECT subject FROM mail WHERE unique_key = 'k1'");
	const char *body = db_text(&f->db, "SELECT body FROM mail WHERE unique_key = 'k1'");
	assert_string_equal(subject, "Votre mot de passe a changé");
	assert_non_null(strstr(body, "Hélène & <Co>")); /* plain text: nothing is escaped */
	assert_non_null(strstr(body, "https://shop.example/forgot?a=1&b=2"));
	assert_non_null(strstr(body, conf.shop_name));
	assert_non_null(strstr(body, conf.base_url));
	assert_null(strstr(body, "Subject"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job j JOIN mail m ON m.id = j.subject_id"
						   " WHERE j.reaction = 'mail_send' AND m.unique_key = 'k1'"), 1);
}

static void one_fact_is_one_mail(void **state)
{
	struct fixture *f = *state;
	struct writing writing = { f, "a@example.com", "A-1", "receipt:1" };
	assert_int_equal(failing(write_mail, &writing).kind, FAILURE_NONE);
	assert_int_equal(failing(write_mail, &writing).kind, FAILURE_NONE);
	assert_int_equal(mails_to(f, "a@example.com"), 1);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'mail_send'"), 1);
	writing.key = "receipt:2";
	assert_int_equal(failing(write_mail, &writing).kind, FAILURE_NONE);
	assert_int_equal(mails_to(f, "a@example.com"), 2);
}

static void nobody_writes_headers(void **state)
{
	struct fixture *f = *state;
	static const char *const numbers[] = { "A-1\nBcc: all@example.com", "A-1\r\nBcc: all@example.com", "A\rB",
		"A\tB\x7F" };
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct writing writing = { f, "a@example.com", numbers[i], "k" };
		assert_int_equal(failing(write_mail, &writing).kind, FAILURE_FAULT);
	}
	struct writing writing = { f, "a@example.com\r\nBcc: all@example.com", "A-1", "k" };
	assert_int_equal(failing(write_mail, &writing).kind, FAILURE_FAULT);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail"), 0);
}

static void report(const char *file, int line, const char *message)
{
	print_error("%s:%d: %s\n", file, line, message);
}

static void every_mail_of_this_program_is_whole(void **state)
{
	(void)state;
	assert_int_equal(mail_check(report), 0);
}

static const struct message plain = { .id = 7, .recipient = "a@example.com", .subject = "Your order A-1",
	.body = "Hello\n", .created_at = { 1800000000000000 } };

static void a_plain_message(void **state)
{
	struct fixture *f = *state;
	const char *why;
	conf_set("mail_from", "shop@shop.example", &why);
	conf_set("shop_name", "The \"Shop\"", &why);
	assert_string_equal(message_text(f->mem, &plain).text,
		"Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"
		"From: \"The \\\"Shop\\\"\" <shop@shop.example>\r\n"
		"To: <a@example.com>\r\n"
		"Subject: Your order A-1\r\n"
		"Message-ID: <7.1800000000000000@shop.example>\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"\r\n"
		"Hello\r\n");
	conf_set("shop_name", "Comptoir", &why);
}

/* The words of a folded subject put together again; each whole, short, and valid by itself. */
static const char *subject_decoded(struct fixture *f, const char *at, int *words)
{
	struct buffer decoded = buffer_new(f->mem, 200);
	for (*words = 1;; ++*words) {
		size_t length = strcspn(at, "\r");
		assert_true(length <= 75);
		assert_int_equal(strncmp(at, "=?utf-8?B?", 10), 0);
		assert_int_equal(strncmp(at + length - 2, "?=", 2), 0);
		unsigned char part[100];
		size_t got;
		assert_int_equal(sodium_base642bin(part, sizeof part, at + 10, length - 12, NULL, &got, NULL,
			sodium_base64_VARIANT_ORIGINAL), 0);
		assert_true(utf8_valid((const char *)part, got)); /* no character is cut in two */
		buffer_put(&decoded, (const char *)part, got);
		at += length + 2;
		if (*at++ != ' ')
			return decoded.text;
	}
}

static void a_french_subject_is_encoded_and_folded(void **state)
{
	struct fixture *f = *state;
	static const char *const subjects[] = { "Votre adresse e-mail a été modifiée; élève, œuvre: tout en plusieurs mots",
		"ééééééééééééééééééééééééééééééééééééééééé", "aéééééééééééééééééééééééééééééééééééééééé",
		"€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€", "a€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€", "ab€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€" };
	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
		struct message message = plain;
		int words;
		message.subject = subjects[i];
		const char *text = message_text(f->mem, &message).text;
		assert_string_equal(subject_decoded(f, strstr(text, "\r\nSubject: ") + 11, &words), message.subject);
		assert_true(words > 1);
	}
}

static void lines_are_short_and_come_back(void **state)
{
	struct fixture *f = *state;
	struct message message = plain;
	message.body =
		"été = long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
		"exactly seventy-six characters aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
		"space at the end \n\n.\n..two dots\nFrom here\nlast, without an end";
	const char *text = message_text(f->mem, &message).text, *body = strstr(text, "\r\n\r\n") + 4;
	for (const char *line = body; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\r") <= 76);
	assert_non_null(strstr(body, "=C3=A9t=C3=A9 =3D long: aaa"));
	assert_non_null(
		strstr(body, "\r\nexactly seventy-six characters aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"));
	assert_non_null(strstr(
		body, "\r\nspace at the end=20\r\n\r\n.\r\n..two dots\r\nFrom here\r\nlast, without an end\r\n"));
	struct buffer joined = buffer_new(f->mem, 400);
	for (const char *p = body; *p; p++) {
		if (!strncmp(p, "=\r\n", 3))
			p += 2;
		else
			buffer_put(&joined, p, 1);
	}
	assert_non_null(strstr(joined.text,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"));
}

static void text_of(void *arg)
{
	message_text(mem_program(), arg);
}

static void a_message_with_a_line_break_is_not_written(void **state)
{
	(void)state;
	struct message message = plain;
	message.subject = "A\r\nBcc: all@example.com";
	assert_string_equal(failing(text_of, &message).event, "mail.line");
	message = plain;
	message.recipient = "a@example.com>\nBcc: <all@example.com";
	assert_string_equal(failing(text_of, &message).event, "mail.line");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a_mail_is_written_in_its_language), TEST(one_fact_is_one_mail),
		TEST(nobody_writes_headers), TEST(every_mail_of_this_program_is_whole), TEST(a_plain_message),
		TEST(a_french_subject_is_encoded_and_folded), TEST(lines_are_short_and_come_back),
		TEST(a_message_with_a_line_break_is_not_written) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
