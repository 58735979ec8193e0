/* POST /admin/orders/{number}/refund, …/review, …/right: done once and told; refused with what was typed, and nothing done. */
#include "../../clerk.h"
#include "../../lines.h"
#include "payment.h"

static const int64_t amounts[LINES] = { 500, 600, 800 };

/* What a decision would have changed: one text, to be compared. */
static const char *all_there_is(struct fixture *f)
{
	return db_text(&f->db,
		"SELECT CONCAT((SELECT COUNT(*) FROM refund), ' ', (SELECT COUNT(*) FROM refund_line), ' ', (SELECT COUNT(*) FROM job),"
		" ' ', (SELECT COUNT(*) FROM audit), ' ', (SELECT COUNT(*) FROM event), ' ', (SELECT COUNT(*) FROM payment), ' ',"
		" (SELECT COALESCE(GROUP_CONCAT(state, review, refunded, updated_at ORDER BY id), '') FROM orders), ' ',"
		" (SELECT COALESCE(GROUP_CONCAT(state, reason ORDER BY id), '') FROM entitlement))");
}

static const char *path_of(struct fixture *f, int64_t order, const char *deed)
{
	return mem_format(f->mem, "/admin/orders/%s%s", number_of(f, order), deed);
}

static struct page refund(struct fixture *f, int64_t order, const char *form)
{
	return post(f, path_of(f, order, "/refund"), form);
}

#define KEY "key=AAAAAAAAAAAAAAAAAAAAAA&"
#define WHY "&reason=Asked+by+mail"

static void only_staff_decide(void **state)
{
	static const char *const deeds[] = { "/refund", "/review", "/right" };
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	for (size_t i = 0; i < 3; i++) {
		db_script(&f->db, "SAVEPOINT deed");
		const char *before = all_there_is(f);
		posted_by_staff_alone(f, path_of(f, order, deeds[i]), KEY "kind=all&action=close&right=AAAAAAAAAAAAAAAAAAAAAA" WHY);
		assert_int_equal(post(f, mem_format(f->mem, "/admin/orders/AAAA-BBBB-CCCC%s", deeds[i]), "").status, 404);
		assert_int_equal(get(f, path_of(f, order, deeds[i])).status, 405);
		proof_is_old(f);
		struct page page = post(f, path_of(f, order, deeds[i]), KEY "kind=all&action=close" WHY);
		assert_int_equal(page.status, 303);
		assert_string_equal(page.location,
			mem_format(f->mem, "/reauth?next=%%2Fadmin%%2Forders%%2F%s", number_of(f, order)));
		assert_string_equal(all_there_is(f), before);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT deed");
	}
}

static void a_key_of_another_order_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines), clerk = a_clerk(f);
	int64_t other = a_purchase(f, clerk, a_price(f, "other", 1900));
	db_run(&f->db, "UPDATE orders SET stripe_payment = 'pi_2' WHERE id = ?", other);
	assert_int_equal(refund(f, order, KEY "kind=all" WHY).status, 303);
	const char *before = all_there_is(f);
	struct page page = refund(f, other, KEY "kind=all" WHY);
	assert_int_equal(page.status, 422);
	assert_has(page, "This form was open for too long");
	assert_lacks(page, "AAAAAAAAAAAAAAAAAAAAAA"); /* the next try is one with a key of its own */
	assert_string_equal(all_there_is(f), before);
}

static void a_refund_is_asked_for_once(void **state)
{
	static const struct { const char *form; int64_t amount, lines; } rows[] = {
		{ KEY "kind=all" WHY, 1900, 0 },
		{ KEY "kind=lines&line_1=yes&line_3=yes" WHY, 1300, 2 },
		{ KEY "kind=lines&line_2=yes&part=2%2C50" WHY, 250, 1 },
		{ KEY "kind=amount&amount=+3.10+" WHY, 310, 0 },
		{ KEY "kind=all&amount=&part=&payment=&line_9=yes&more=x" WHY, 1900, 0 }, /* empty fields and no line of ours */
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines), clerk = a_clerk(f);
		const char *there = path_of(f, order, "?notice=refund_asked");
		for (int twice = 0; twice < 2; twice++) {
			struct page page = refund(f, order, rows[i].form);
			assert_int_equal(page.status, 303);
			assert_string_equal(page.location, there);
		}
		assert_string_equal(db_text(&f->db, "SELECT CONCAT_WS(' ', COUNT(*), MAX(amount), MAX(status), MAX(reason), MAX(actor_id)"
			" - ?, MAX(cancels)) FROM refund", clerk), mem_format(f->mem, "1 %lld asked Asked by mail 0 0", (long long)rows[i].amount));
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM refund_line"), rows[i].lines);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'refund_now'"), 1);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM audit WHERE action = 'refund.asked' AND actor_id = ?", clerk), 1);
		assert_has(get(f, there), "The refund is on its way.");
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

/* Shown again: the page of the order, with these words on it and the form as it was sent. */
static void refused(struct fixture *f, struct page page, int64_t order, const char *name, const char *says)
{
	if (page.status != 422 || !strstr(page.body, says))
		fail_msg("%s: %d, without \"%s\"", name, page.status, says);
	assert_has(page, "role=\"alert\"");
	assert_has(page, number_of(f, order));
	assert_has(page, "Order placed");
	assert_null(header_of(f, page, "Refresh"));
	assert_has(page, mem_format(f->mem, "href=\"/admin/orders/%s?lang=fr\"", number_of(f, order)));
}

static const char *marked(struct fixture *f, struct page page, const char *name)
{
	return strstr(input_of(f, page, name), "aria-invalid") ? name : "";
}

static void a_bad_refund_keeps_what_was_typed(void **state)
{
	static const char ticks[] = "Tick the lines to give back.", bad[] = "This is no amount in the currency of the order.",
		other[] = "Something is filled in here that is not what you chose", choose[] = "Please choose one of the options.";
	static const struct { const char *form, *says, *field; } rows[] = { /* field: marked as wrong */
		{ "", "This form was open for too long", "reason" },
		{ "key=short&kind=all" WHY, "This form was open for too long", "" },
		{ KEY "kind=all", "Please fill this in.", "reason" },
		{ KEY "kind=all&reason=no", "This is too short.", "reason" },
		{ KEY "kind=all&reason=a%0Ab", "Some characters here cannot be used.", "reason" },
		{ KEY "kind=all&reason=one+is&reason=two+are", "This cannot be right.", "reason" },
		{ KEY "kind=all&reason=%FF%FE", "Some characters here cannot be used.", "reason" },
		{ KEY "line_1=yes" WHY, "Please fill this in.", "" },
		{ KEY "kind=some&line_2=yes" WHY, choose, "" },
		{ KEY "kind=all+lines" WHY, choose, "" },
		{ KEY "kind=lines" WHY, ticks, "" },
		{ KEY "kind=lines&line_9=yes" WHY, ticks, "" },
		{ KEY "kind=lines&part=2" WHY, ticks, "" },
		{ KEY "kind=lines&line_1=yes&line_2=yes&part=2" WHY, "A part is of one line", "part" },
		{ KEY "kind=lines&line_1=yes&part=much" WHY, bad, "part" },
		{ KEY "kind=lines&line_1=yes&part=0" WHY, bad, "part" },
		{ KEY "kind=lines&line_1=yes&payment=pi_1" WHY, choose, "" },
		{ KEY "kind=lines&line_1=yes&amount=5" WHY, other, "amount" },
		{ KEY "kind=amount" WHY, "Please fill this in.", "amount" },
		{ KEY "kind=amount&amount=0.00" WHY, bad, "amount" },
		{ KEY "kind=amount&amount=-1" WHY, bad, "amount" },
		{ KEY "kind=amount&amount=1.001" WHY, bad, "amount" },
		{ KEY "kind=amount&amount=1e3" WHY, bad, "amount" },
		{ KEY "kind=amount&amount=%D9%A3" WHY, bad, "amount" },
		{ KEY "kind=amount&amount=99999999999999999999" WHY, bad, "amount" },
		{ KEY "kind=amount&amount=100000000000000000000" WHY, bad, "amount" },
		{ KEY "kind=amount&amount=5&part=2" WHY, other, "part" },
		{ KEY "kind=amount&amount=5&line_3=yes" WHY, other, "" },
		{ KEY "kind=all&amount=5" WHY, other, "amount" },
		{ KEY "kind=all&part=5" WHY, other, "part" },
		{ KEY "kind=all&line_1=yes" WHY, other, "" },
		{ KEY "kind=all&payment=%C3%A9" WHY, "Please look at the fields marked below.", "" },
		{ KEY "kind=all&payment=a&payment=b" WHY, "Please look at the fields marked below.", "" },
		{ KEY "kind=all&ends=yes&ends=yes" WHY, "Please look at the fields marked below.", "" },
	};
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	a_clerk(f);
	const char *before = all_there_is(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct page page = refund(f, order, rows[i].form);
		refused(f, page, order, rows[i].form, rows[i].says);
		if (*rows[i].field)
			assert_non_null(strstr(strstr(page.body, "<h2 id=\"refund\">"), "aria-invalid"));
		if (strstr("amount part", rows[i].field))
			assert_string_equal(marked(f, page, rows[i].field), rows[i].field);
		assert_string_equal(all_there_is(f), before);
	}
}

/* The form of a page, field by field. */
static const char *typed(struct fixture *f, struct page page)
{
	static const char *const kinds[] = { "all", "lines", "amount" }, *const fields[] = { "part", "amount", "reason" };
	struct buffer out = buffer_new(f->mem, 400);
	page.body = strstr(page.body, "<h2 id=\"refund\">");
	for (size_t i = 0; i < 3; i++)
		buffer_text(&out, strstr(choice_of(f, page, "kind", kinds[i]), " checked") ? kinds[i] : "");
	for (int i = 1; i <= LINES; i++)
		if (strstr(input_of(f, page, mem_format(f->mem, "line_%d", i)), " checked"))
			buffer_format(&out, " %d", i);
	for (size_t i = 0; i < 3; i++) {
		const char *value = strstr(input_of(f, page, fields[i]), " value=\"");
		buffer_format(&out, "|%.*s", value ? (int)strcspn(value + 8, "\"") : 0, value ? value + 8 : "");
	}
	return out.text;
}

static void every_field_is_kept(void **state)
{
	static const struct { const char *form, *typed; } rows[] = {
		{ KEY "kind=lines&line_1=yes&line_3=yes&part=2&amount=7&reason=x", "lines 1 3|2|7|x" },
		{ KEY "kind=amount&amount=%3Cb%3E%22&line_2=yes&reason=%26amp%3B", "amount 2||&lt;b&gt;&quot;|&amp;amp;" },
		{ KEY "kind=all&reason=", "all|||" },
		{ KEY "kind=none&part=1&reason=because", "|1||because" },
		{ KEY "kind=amount&amount=%C3%A9%F0%9F%92%B6&reason=%C3%A7a", "amount||é💶|ça" },
	};
	struct fixture *f = *state;
	int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
	a_clerk(f);
	assert_string_equal(typed(f, get(f, path_of(f, order, ""))), "all|||");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct page page = refund(f, order, rows[i].form);
		assert_int_equal(page.status, 422);
		assert_string_equal(typed(f, page), rows[i].typed);
		assert_has(page, "name=\"key\" value=\"AAAAAAAAAAAAAAAAAAAAAA\"");
	}
	db_run(&f->db, "UPDATE account SET language = 'fr'");
	struct page page = refund(f, order, KEY "kind=amount&amount=abc" WHY);
	assert_has(page, "Regardez les champs signalés ci-dessous.");
	assert_has(page, "Ce n’est pas un montant dans la devise de la commande.");
	page = refund(f, order, "key=%3Cb%3E&kind=lines&line_1=yes" WHY);
	assert_has(page, "Ce formulaire est resté ouvert trop longtemps.");
	const char *key = strstr(input_of(f, page, "key"), "value=\"") + strlen("value=\"");
	assert_int_equal(strcspn(key, "\""), 22); /* a new one, good for the next try */
}

static void disputed(struct fixture *f)
{
	payment_told(&f->db, (struct payment_fact){ .payment_intent = "pi_1", .charge = "ch_1", .stripe_invoice = "", .amount = 1900 });
	dispute_told(&f->db, (struct dispute_fact){ .stripe_dispute = "du_1", .payment_intent = "pi_1", .charge = "ch_1",
		.status = "needs_response", .reason = "general", .currency = "eur", .amount = 1900, .opened_at = moment_now(),
		.told_at = moment_now() });
}

static void unpaid(struct fixture *f)
{
	db_run(&f->db, "UPDATE orders SET paid_at = NULL, state = 'pending'");
}

/* So much was asked for before, and the first line with it. */
static void asked_before(struct fixture *f, int64_t amount)
{
	int64_t id = db_insert(&f->db,
		"INSERT INTO refund (public_id, payment_intent, order_id, amount, currency, status, created_at, updated_at)"
		" SELECT 'BBBBBBBBBBBBBBBBBBBBBB', 'pi_1', id, ?, 'eur', 'asked', ?, ? FROM orders",
		amount, moment_now(), moment_now());
	db_run(&f->db, "INSERT INTO refund_line SELECT ?, id, 500 FROM order_line WHERE position = 1", id);
}

static void a_line_back(struct fixture *f)
{
	asked_before(f, 500);
}

static void all_back(struct fixture *f)
{
	asked_before(f, 1900);
}

static void nothing(struct fixture *f)
{
	(void)f;
}

static void what_the_rules_refuse_is_kept_too(void **state)
{
	static const struct { const char *name; void (*before)(struct fixture *f); const char *form, *says, *typed, *field; } rows[] = {
		{ "unpaid", unpaid, KEY "kind=amount&amount=5" WHY, "Nothing was paid", "amount||5|Asked by mail", "" },
		{ "disputed", disputed, KEY "kind=all" WHY, "The payment is disputed", "all|||Asked by mail", "" },
		{ "all is back", all_back, KEY "kind=lines&line_2=yes" WHY, "All of it is refunded already", "lines 2|||Asked by mail", "" },
		{ "too much", nothing, KEY "kind=amount&amount=19.01" WHY, "That is more than is left.", "amount||19.01|Asked by mail",
			"amount" },
		{ "too much of a line", nothing, KEY "kind=lines&line_1=yes&part=5.01" WHY, "That is more than is left.",
			"lines 1|5.01||Asked by mail", "part" },
		{ "a line is back", a_line_back, KEY "kind=lines&line_1=yes&line_2=yes" WHY, "One of the lines is refunded already",
			"lines 1 2|||Asked by mail", "" },
		{ "no payment of this order", nothing, KEY "kind=all&payment=pi_9" WHY, "Nothing was paid", "all|||Asked by mail", "" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		int64_t lines[LINES], order = an_order_of_lines(f, amounts, 1900, lines);
		a_clerk(f);
		rows[i].before(f);
		const char *before = all_there_is(f);
		struct page page = refund(f, order, rows[i].form);
		refused(f, page, order, rows[i].name, rows[i].says);
		assert_string_equal(typed(f, page), rows[i].typed);
		if (*rows[i].field)
			assert_string_equal(marked(f, page, rows[i].field), rows[i].field);
		assert_string_equal(all_there_is(f), before);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(only_staff_decide), TEST(a_refund_is_asked_for_once),
		TEST(a_key_of_another_order_is_refused),
		TEST(a_bad_refund_keeps_what_was_typed), TEST(every_field_is_kept), TEST(what_the_rules_refuse_is_kept_too) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
