/* GET /metrics: who may read it, that Prometheus can, and that its numbers are those of the shop. */
#include "../../clerk.h"
#include "invariant.h"
#include "product.h"

static struct page with_token(struct fixture *f, const char *setting, const char *borne)
{
	const char *why;
	assert_true(conf_set("metrics_token", setting, &why));
	if (borne)
		with(f, "HTTP_AUTHORIZATION", borne);
	return get(f, "/metrics");
}

static int token_gone(void **state)
{
	const char *why;
	assert_true(conf_set("metrics_token", "", &why));
	return gone(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fresh, token_gone)

static void staff_or_a_program_with_the_token_read_it(void **state)
{
	static const struct { const char *setting, *borne; int guest, customer, clerk; } rows[] = {
		{ "", NULL, 303, 403, 200 },
		{ "", "Bearer ", 303, 403, 200 }, /* no setting is no token */
		{ "", "Bearer", 303, 403, 200 },
		{ "s3cret", NULL, 303, 403, 200 },
		{ "s3cret", "Bearer s3cret", 200, 200, 200 },
		{ "s3cret", "Bearer s3cre", 303, 403, 200 },
		{ "s3cret", "Bearer s3crett", 303, 403, 200 },
		{ "s3cret", "Bearer  s3cret", 303, 403, 200 },
		{ "s3cret", "Bearer ", 303, 403, 200 },
		{ "s3cret", "Basic s3cret", 303, 403, 200 },
		{ "s3cret", "s3cret", 303, 403, 200 },
	};
	struct fixture *f = *state;
	int64_t customer = a_member(f, "customer@example.com"), clerk = a_clerk(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		log_out(f);
		struct page page = with_token(f, rows[i].setting, rows[i].borne);
		assert_int_equal(page.status, rows[i].guest);
		if (page.status == 303)
			assert_string_equal(page.location, "/login?next=%2Fmetrics");
		assert_int_equal(strstr(page.body, "comptoir_broken") != NULL, rows[i].guest == 200);
		log_in(f, customer);
		assert_int_equal(with_token(f, rows[i].setting, rows[i].borne).status, rows[i].customer);
		log_in(f, clerk);
		assert_int_equal(with_token(f, rows[i].setting, rows[i].borne).status, rows[i].clerk);
	}
	log_out(f);
	with(f, "HTTP_AUTHORIZATION", "Bearer s3cret");
	assert_int_equal(get(f, "/admin/health").status, 303); /* the token opens this one page */
}

static bool is_name(const char *text, size_t length)
{
	return length && strspn(text, "abcdefghijklmnopqrstuvwxyz_") == length;
}

/* name 1 or name{name="…"} 1, quotes and backslashes inside escaped; the family is the one just declared. */
static bool is_sample(const char *line, const char *family)
{
	size_t name = strcspn(line, " {");
	if (!is_name(line, name) || strlen(family) != name || strncmp(line, family, name))
		return false;
	line += name;
	if (*line == '{') {
		size_t label = strcspn(++line, "=");
		if (!is_name(line, label) || line[label + 1] != '"')
			return false;
		for (line += label + 2; *line && *line != '"'; line++)
			if (*line == '\\' && !strchr("\\\"n", *++line))
				return false;
		if (strncmp(line, "\"}", 2))
			return false;
		line += 2;
	}
	line += *line == ' ';
	line += *line == '-';
	return *line && !line[strspn(line, "0123456789")];
}

/* Every family: HELP, TYPE, its samples, each family once. Returns how many lines were samples. */
static int well_formed(struct fixture *f, const char *body)
{
	const char *family = "", *seen = "|";
	int samples = 0;
	assert_true(*body && body[strlen(body) - 1] == '\n');
	for (const char *at = body; *at; at += strcspn(at, "\n") + 1) {
		const char *line = mem_textn(f->mem, at, strcspn(at, "\n"));
		if (!strncmp(line, "# HELP ", 7)) {
			family = mem_textn(f->mem, line + 7, strcspn(line + 7, " "));
			const char *mark = mem_format(f->mem, "|%s|", family);
			assert_true(is_name(family, strlen(family)) && strlen(line) > strlen(family) + 8);
			assert_null(strstr(seen, mark));
			seen = mem_format(f->mem, "%s%s|", seen, family);
			at += strlen(line) + 1;
			line = mem_textn(f->mem, at, strcspn(at, "\n"));
			bool counts = !strcmp(line, mem_format(f->mem, "# TYPE %s counter", family));
			assert_true(counts || !strcmp(line, mem_format(f->mem, "# TYPE %s gauge", family)));
			assert_int_equal(counts, strlen(family) > 6 && !strcmp(family + strlen(family) - 6, "_total"));
		} else {
			if (!is_sample(line, family))
				fail_msg("%s", line);
			samples++;
		}
	}
	return samples;
}

static void it_is_as_prometheus_reads_it(void **state)
{
	struct fixture *f = *state;
	a_clerk(f);
	db_run(&f->db, "DELETE FROM invariant");
	db_run(&f->db, "DELETE FROM reconcile");
	struct page page = get(f, "/metrics");
	assert_string_equal(header_of(f, page, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
	assert_int_equal(well_formed(f, page.body), 3); /* an empty shop: how late, held, disputes */
	assert_has(page, "\ncomptoir_job_late_seconds 0\n");
	invariants_prove(&f->db);
	db_run(&f->db, "INSERT INTO invariant VALUES ('a\"b\\\\c\nd', 7, NOW())");
	page = get(f, "/metrics");
	assert_has(page, "\ncomptoir_broken{promise=\"a\\\"b\\\\c\\nd\"} 7\n");
	assert_int_equal(well_formed(f, page.body), 4 + db_int(&f->db, "SELECT COUNT(*) FROM invariant WHERE broken < 7"));
	with(f, "REQUEST_METHOD", "HEAD");
	assert_int_equal(get(f, "/metrics").status, 200);
}

static void counts(struct fixture *f, struct page page, const char *name, int64_t number)
{
	const char *line = mem_format(f->mem, "\n%s %lld\n", name, (long long)number);
	if (!strstr(page.body, line))
		fail_msg("no%sin\n%s", line, page.body);
}

/* What the reconciler counted last is what is told, promise by promise. */
static void promises_are_those_that_were_counted(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_purchase(f, a_member(f, "jenny@example.com"), a_price(f, NULL, 1900));
	a_clerk(f);
	for (int turn = 0; turn < 2; turn++) {
		product_prices_refresh(&f->db, product_id_of(f, "night-walk"));
		invariants_prove(&f->db);
		struct page page = get(f, "/metrics");
		struct list known = invariants_known(&f->db);
		assert_true(known.count > 10);
		LIST_EACH(invariant, one, known)
			counts(f, page, mem_format(f->mem, "comptoir_broken{promise=\"%s\"}", one->name), one->broken);
		assert_int_equal(times(page.body, "\ncomptoir_broken{"), known.count);
		counts(f, page, "comptoir_broken{promise=\"orders_lacking_rights\"}", turn);
		db_run(&f->db, "DELETE FROM license");
		db_run(&f->db, "DELETE FROM entitlement WHERE order_id = ?", order);
	}
}

static void work_and_money_are_counted(void **state)
{
	struct fixture *f = *state;
	struct moment now = moment_now();
	int64_t jenny = a_member(f, "jenny@example.com");
	const char *price = a_price(f, NULL, 1900);
	a_purchase(f, jenny, price);
	for (int i = 0; i < 3; i++)
		an_order(f, jenny, price);
	db_run(&f->db, "UPDATE orders SET review = 'amount_mismatch' WHERE state = 'pending' ORDER BY id LIMIT 2");
	db_run(&f->db, "DELETE FROM job");
	db_run(&f->db, "DELETE FROM mail");
	db_run(&f->db, "INSERT INTO job (reaction, unique_key, state, run_at, created_at) VALUES ('a', '1', 'ready', ?, ?),"
		" ('a', '2', 'ready', ?, ?), ('a', '3', 'dead', ?, ?), ('a', '4', 'leased', ?, ?)", moment_add_seconds(now, -90), now,
		moment_add_seconds(now, 600), now, moment_add_seconds(now, -900), now, now, now);
	db_run(&f->db, "INSERT INTO mail (account_id, unique_key, recipient, subject, body, state, created_at, send_at) VALUES"
		" (1, 'a', 'a', 'a', 'a', 'ready', ?, ?), (1, 'b', 'a', 'a', 'a', 'sent', ?, ?), (1, 'c', 'a', 'a', 'a', 'dead', ?, ?)",
		now, now, now, now, now, now);
	db_run(&f->db, "INSERT INTO stripe_event (id, type, object_id, api_version, livemode, state, payload, created_at, received_at)"
		" VALUES ('evt_1', 'a', 'a', 'a', 0, 'failed', '', ?, ?), ('evt_2', 'a', 'a', 'a', 0, 'applied', '', ?, ?),"
		" ('evt_3', 'a', 'a', 'a', 0, 'failed', '', ?, ?)", now, now, now, now, now, now);
	db_run(&f->db, "INSERT INTO dispute (public_id, stripe_dispute, payment_intent, status, amount, currency, opened_at, closed_at,"
		" told_at) VALUES (?, 'du_1', 'pi_1', 'needs_response', 1, 'eur', ?, NULL, ?), (?, 'du_2', 'pi_1', 'won', 1, 'eur', ?, ?, ?)",
		random_id(f->mem), now, now, random_id(f->mem), now, now, now);
	db_run(&f->db, "INSERT INTO reconcile (id, ran_at, missed_ever) VALUES (1, '2027-01-15 08:00:00.9', 12) ON DUPLICATE KEY"
		" UPDATE ran_at = VALUES(ran_at), missed_ever = VALUES(missed_ever)");
	moment_clock_set(now);
	a_clerk(f);
	struct page page = get(f, "/metrics");
	well_formed(f, page.body);
	static const struct { const char *name; int64_t number; } rows[] = { { "comptoir_orders{state=\"paid\"}", 1 },
		{ "comptoir_orders{state=\"pending\"}", 3 }, { "comptoir_orders_held", 2 }, { "comptoir_jobs{state=\"ready\"}", 2 },
		{ "comptoir_jobs{state=\"dead\"}", 1 }, { "comptoir_jobs{state=\"leased\"}", 1 }, { "comptoir_job_late_seconds", 90 },
		{ "comptoir_mails{state=\"ready\"}", 1 }, { "comptoir_mails{state=\"dead\"}", 1 },
		{ "comptoir_stripe_events{state=\"failed\"}", 2 }, { "comptoir_disputes_open", 1 },
		{ "comptoir_stripe_events_missed_total", 12 }, { "comptoir_reconciled_timestamp_seconds", 1800000000 } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		counts(f, page, rows[i].name, rows[i].number);
	assert_lacks(page, "state=\"sent\"");
	assert_lacks(page, "state=\"applied\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(staff_or_a_program_with_the_token_read_it), CASE(it_is_as_prometheus_reads_it),
		CASE(promises_are_those_that_were_counted), CASE(work_and_money_are_counted) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
