/* mail_send_test.c: mails really sent, to a mail server of forty lines in a process of its own. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "account.h"
#include "job.h"
#include "login.h"
#include "crowd.h"

struct server {
	pid_t child;
	int received; /* the end of a pipe: all that clients said */
};

/* What the server answers to RCPT and at the end of a message. */
struct manners {
	const char *recipient;
	const char *message;
};

static void say(int client, const char *line)
{
	assert_int_equal(send(client, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
}

/* One conversation; every line heard goes into the pipe as it came. */
static void converse(int client, int heard, const struct manners *manners)
{
	FILE *in = fdopen(client, "r");
	char line[2000];
	bool data = false;
	say(client, "220 test\r\n");
	while (fgets(line, sizeof line, in)) {
		if (write(heard, line, strlen(line)) < 0)
			_exit(1);
		if (data && strcmp(line, ".\r\n") != 0)
			continue;
		if (data)
			say(client, manners->message);
		else if (!strncmp(line, "DATA", 4))
			say(client, "354 go on\r\n");
		else if (!strncmp(line, "RCPT", 4))
			say(client, manners->recipient);
		else if (!strncmp(line, "QUIT", 4))
			break;
		else
			say(client, "250 fine\r\n");
		data = !strncmp(line, "DATA", 4);
	}
	fclose(in);
}

static struct server server_start(const char *recipient, const char *message)
{
	const char *why;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int door = socket(AF_INET, SOCK_STREAM, 0), heard[2];
	assert_int_equal(bind(door, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(door, 8), 0);
	assert_int_equal(getsockname(door, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(pipe(heard), 0);
	conf_set("mail_server", mem_format(mem_program(), "smtp://127.0.0.1:%d", ntohs(address.sin_port)), &why);
	struct server server = { .child = fork(), .received = heard[0] };
	if (!server.child) {
		ends_with_its_parent();
		close(heard[0]);
		for (int client; (client = accept(door, NULL, NULL)) >= 0;)
			converse(client, heard[1], &(struct manners){ recipient, message });
		_exit(0);
	}
	close(door);
	close(heard[1]);
	return server;
}

/* Everything clients said, once the server is gone. */
static const char *server_stop(struct fixture *f, struct server server)
{
	struct buffer all = buffer_new(f->mem, 4096);
	struct pollfd ready = { .fd = server.received, .events = POLLIN };
	char block[4096];
	/* Wait for the last word of the conversation; libcurl says QUIT when the job's memory goes. */
	while (!strstr(all.text, "QUIT\r\n") && poll(&ready, 1, 10000) == 1) {
		ssize_t got = read(server.received, block, sizeof block);
		if (got <= 0)
			break;
		buffer_put(&all, block, (size_t)got);
	}
	kill(server.child, SIGKILL);
	waitpid(server.child, NULL, 0);
	close(server.received);
	return all.text;
}

static void run_job(void *arg)
{
	job_kind_named("mail_send")->run(arg);
}

static struct failure job_run(struct fixture *f, int64_t subject_id)
{
	struct job job = {
		.mem = mem_new((size_t)16 << 20), .db = &f->db, .subject_id = subject_id, .unique_key = "test"
	};
	f->db.mem = job.mem;
	struct failure failure = failing(run_job, &job);
	f->db.mem = f->mem;
	mem_free(job.mem);
	return failure;
}

static int64_t a_mail(struct fixture *f, const char *email)
{
	int64_t wait;
	if (!account_by_email(&f->db, email))
		a_member(f, email);
	db_run(&f->db, "UPDATE account SET language = 'fr' WHERE email = ?", email);
	assert_true(account_forgot(&f->db, email, "192.0.2.7", &wait));
	return db_int(&f->db, "SELECT MAX(id) FROM mail WHERE recipient = ?", email);
}

struct mail_row {
	const char *state, *error, *body;
	int64_t tries;
	struct moment send_at, sent_at;
};
ROW(mail_row, state, error, body, tries, send_at, OPT(sent_at));

static const struct mail_row *mail_of(struct fixture *f, int64_t id)
{
	return db_one(
		&f->db, mail_row, "SELECT state, error, body, tries, send_at, sent_at FROM mail WHERE id = ?", id);
}

static void a_mail_goes_out_once(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_mail(f, "helene@example.com");
	const char *link = link_to(f, "helene@example.com", "/reset/");
	assert_non_null(link);
	struct server server = server_start("250 fine\r\n", "250 fine\r\n");
	assert_int_equal(job_run(f, id).kind, FAILURE_NONE);
	assert_int_equal(job_run(f, id).kind, FAILURE_NONE);
	assert_int_equal(job_run(f, 0).kind, FAILURE_NONE);
	const char *heard = server_stop(f, server);
	assert_non_null(strstr(heard, mem_format(f->mem, "MAIL FROM:<%s>", conf.mail_from)));
	assert_non_null(strstr(heard, "RCPT TO:<helene@example.com>"));
	assert_non_null(strstr(heard, "\r\nSubject: Un nouveau mot de passe\r\n"));
	assert_non_null(strstr(heard, "=C3=A9")); /* é, as every server passes it on */
	assert_non_null(strstr(heard, mem_format(f->mem, "\r\nMessage-ID: <%lld.", (long long)id)));
	assert_non_null(strstr(heard, "\r\n.\r\n"));
	assert_null(strstr(strstr(heard, "RCPT TO") + 1, "RCPT TO"));
	const struct mail_row *mail = mail_of(f, id);
	assert_string_equal(mail->state, "sent");
	assert_string_equal(mail->body, ""); /* it held a secret link */
	assert_true(mail->sent_at.us > 0);
	assert_int_equal(mail->tries, 1);
}

static void one_connection_empties_the_outbox(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 5; i++)
		a_mail(f, mem_format(f->mem, "%d@example.com", i));
	struct server server = server_start("250 fine\r\n", "250 fine\r\n");
	assert_int_equal(job_run(f, 0).kind, FAILURE_NONE);
	const char *heard = server_stop(f, server);
	assert_null(strstr(strstr(heard, "EHLO") + 1, "EHLO"));
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail WHERE state = 'sent'"), 5);
}

static void later_means_later(void **state)
{
	struct fixture *f = *state;
	moment_clock_set(moment_from_unix(1800000000));
	int64_t id = a_mail(f, "a@example.com");
	struct server server = server_start("450 mailbox busy, a@example.com\r\n", "250 fine\r\n");
	assert_int_equal(job_run(f, id).kind, FAILURE_NONE);
	const struct mail_row *mail = mail_of(f, id);
	assert_string_equal(mail->state, "ready");
	assert_int_equal(moment_unix(mail->send_at), 1800000060);
	assert_non_null(strstr(mail->error, "450"));
	assert_null(strstr(mail->error, "example.com"));
	assert_true(strlen(mail->body) > 0);
	assert_int_equal(job_run(f, id).kind, FAILURE_NONE); /* not due: not tried */
	assert_int_equal(mail_of(f, id)->tries, 1);
	later(60);
	assert_int_equal(job_run(f, 0).kind, FAILURE_NONE);
	assert_int_equal(mail_of(f, id)->tries, 2);
	assert_int_equal(moment_unix(mail_of(f, id)->send_at), 1800000060 + 120);
	int tries = 2;
	for (; !strcmp(mail_of(f, id)->state, "ready") && tries < 50; tries++) {
		moment_clock_set(mail_of(f, id)->send_at);
		assert_int_equal(job_run(f, 0).kind, FAILURE_NONE);
	}
	assert_string_equal(mail_of(f, id)->state, "dead");
	assert_string_equal(mail_of(f, id)->body, "");
	assert_true(tries > 10 && tries < 14);
	assert_true(moment_unix(moment_now()) - 1800000000 > 86400);
	server_stop(f, server);
}

static void never_means_never(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_mail(f, "a@example.com"), other = a_mail(f, "b@example.com");
	struct server server = server_start("250 fine\r\n", "554 we do not want this\r\n");
	for (int i = 0; i < 3; i++) { /* it may have been a slip in the server's settings */
		assert_string_equal(mail_of(f, id)->state, "ready");
		assert_int_equal(job_run(f, 0).kind, FAILURE_NONE);
		later(3600);
	}
	server_stop(f, server);
	assert_string_equal(mail_of(f, id)->state, "dead");
	assert_string_equal(mail_of(f, other)->state, "dead");
	assert_string_equal(mail_of(f, id)->body, "");
}

static void without_a_server_all_wait(void **state)
{
	struct fixture *f = *state;
	const char *why;
	int64_t id = a_mail(f, "a@example.com"), other = a_mail(f, "b@example.com");
	struct server server = server_start("250 fine\r\n", "250 fine\r\n");
	kill(server.child, SIGKILL);
	waitpid(server.child, NULL, 0);
	assert_int_equal(job_run(f, 0).kind, FAILURE_NONE);
	assert_int_equal(mail_of(f, id)->tries + mail_of(f, other)->tries, 1);
	assert_string_equal(mail_of(f, id)->state, "ready");
	assert_string_equal(mail_of(f, other)->state, "ready");
	close(server.received);
	conf_set("mail_server", "", &why);
	later(3600);
	assert_int_equal(job_run(f, 0).kind, FAILURE_NONE); /* development: nothing leaves */
	assert_int_equal(mail_of(f, id)->tries + mail_of(f, other)->tries, 1);
}

static bool send_all(struct db *db, void *arg)
{
	(void)arg;
	struct job job = { .mem = db->mem, .db = db, .unique_key = "test" };
	return failing(run_job, &job).kind == FAILURE_NONE;
}

static void many_workers_send_each_mail_once(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 20; i++)
		a_mail(f, mem_format(f->mem, "%d@example.com", i));
	struct server server = server_start("250 fine\r\n", "250 fine\r\n");
	int through = at_once(f, 6, send_all, NULL);
	server_stop(f, server);
	assert_int_equal(through, 6);
	assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM mail WHERE state = 'sent' AND tries = 1"), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a_mail_goes_out_once), TEST(one_connection_empties_the_outbox),
		TEST(later_means_later), TEST(never_means_never), CROWDED(many_workers_send_each_mail_once),
		TEST(without_a_server_all_wait) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
