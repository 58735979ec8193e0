/* invoice_lines_test.c: an invoice of more lines than an event brings: nothing is taken of some of them, all are asked for, it is
 * counted as long as it has no period. */
#include "../src/club.h"

#include "fake_stripe.h"
#include "invariant.h"
#include "job.h"
#include "json.h"
#include "stripe_event.h"
#include "stripe_handler.h"
#include "subscription_ask.h"

static const char *prorations(struct fixture *f, int count)
{
	struct buffer lines = buffer_new(f->mem, 4096);
	for (int i = 0; i < count; i++)
		buffer_format(&lines, "%s{'id':'il_%d','amount':%d,'parent':{'type':'invoice_item_details','invoice_item_details':"
			"{'proration':true,'subscription':'sub_1'}},'period':{'start':%lld,'end':%lld},"
			"'pricing':{'price_details':{'price':'" MONTH "'}}}", i ? "," : "", i, i % 2 ? 10 : -10,
			(long long)begin + i, (long long)month_end(1));
	return lines.text;
}

static const char *plan_line(struct fixture *f)
{
	return mem_format(f->mem, "{'id':'il_plan','amount':900,'parent':{'type':'subscription_item_details',"
		"'subscription_item_details':{'proration':false,'subscription':'sub_1'}},'period':{'start':%lld,'end':%lld},"
		"'pricing':{'price_details':{'price':'" MONTH "'}}}", (long long)month_end(1), (long long)month_end(2));
}

static const char *invoice(struct fixture *f, const char *lines)
{
	return mem_format(f->mem,
		"{'id':'in_2','object':'invoice','status':'paid','billing_reason':'subscription_cycle','currency':'usd',"
		"'amount_paid':900,'amount_due':900,'total':900,'created':%lld,'parent':{'type':'subscription_details',"
		"'subscription_details':{'subscription':'sub_1','metadata':{}}},'lines':{'object':'list','data':[%s],"
		"'has_more':true,'total_count':11}}", (long long)month_end(1), lines);
}

static struct json_object *object_of(struct fixture *f, const char *text)
{
	const char *body = json_of(f, text);
	return json_read(f->mem, (struct bytes){ (const unsigned char *)body, strlen(body) }, 16);
}

static enum stripe_taken renewal_told(struct fixture *f)
{
	const char *body = json_of(f, mem_format(f->mem,
		"{'id':'evt_2','object':'event','type':'invoice.paid','created':%lld,'livemode':false,'data':{'object':%s}}",
		(long long)month_end(1), invoice(f, prorations(f, 10))));
	return stripe_event_take(&f->db, (struct bytes){ (const unsigned char *)body, strlen(body) });
}

/* The other two roads: the latest invoice of a subscription that was asked for, and a page of a list. */
static enum stripe_taken renewal_read(struct fixture *f)
{
	db_begin(&f->db);
	subscription_apply_read(&f->db, object_of(f, mem_format(f->mem, "{'id':'sub_1','status':'active','customer':'cus_1',"
		"'items':{'data':[{'id':'si_1','price':{'id':'" MONTH "'}}]},'latest_invoice':%s}", invoice(f, prorations(f, 10)))));
	db_commit(&f->db);
	return TAKEN_APPLIED;
}

static enum stripe_taken renewal_listed(struct fixture *f)
{
	db_begin(&f->db);
	invoices_note(&f->db, object_of(f, mem_format(f->mem, "[%s]", invoice(f, prorations(f, 10)))));
	subscription_settle(&f->db, "sub_1");
	db_commit(&f->db);
	return TAKEN_APPLIED;
}

static int64_t missing(struct fixture *f)
{
	invariants_prove(&f->db);
	return db_int(&f->db, "SELECT broken FROM invariant WHERE name = 'periods_missing'");
}

static void lines_read(void *arg)
{
	struct fixture *f = arg;
	job_kind_named("invoice_lines")->run(&(struct job){ .mem = f->mem, .db = &f->db, .unique_key = "asked" });
}

static void all_lines_are_asked_for(void **state)
{
	static enum stripe_taken (*const roads[])(struct fixture *) = { renewal_told, renewal_read, renewal_listed };
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof roads / sizeof roads[0]; i++) {
		db_script(&f->db, "SAVEPOINT row");
		struct scene scene = a_member_of_the_club(f);
		struct fake_stripe *fake = fake_stripe_new(f);
		moment_clock_set(moment_from_unix(month_end(1) + 4 * 3600));
		assert_int_equal(roads[i](f), TAKEN_APPLIED);
		assert_int_equal(balance(f, &scene), 0);
		assert_int_equal(missing(f), 1);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM job WHERE reaction = 'invoice_lines'"), 1);
		fake_says(fake, 200, json_of(f, mem_format(f->mem, "{'object':'list','data':[%s],'has_more':false}", plan_line(f))));
		fake_then(fake, 200, "", json_of(f, mem_format(f->mem, "{'object':'list','data':[%s],'has_more':true}", prorations(f, 10))));
		lines_read(f);
		assert_string_equal(fake->paths, "GET /v1/invoices/in_2/lines?limit=100\n"
			"GET /v1/invoices/in_2/lines?limit=100&starting_after=il_9\n");
		assert_int_equal(balance(f, &scene), 1000);
		assert_int_equal(db_int(&f->db, "SELECT COUNT(*) FROM subscription_period WHERE stripe_invoice = 'in_2' AND starts_at = ?"
			" AND ends_at = ?", moment_from_unix(month_end(1)), moment_from_unix(month_end(2))), 1);
		assert_int_equal(missing(f), 0);
		roads[i](f); /* told again, it is not asked again */
		lines_read(f);
		assert_int_equal(fake->count, 2);
		assert_int_equal(balance(f, &scene), 1000);
		fake_stripe_end(fake);
		db_script(&f->db, "ROLLBACK TO SAVEPOINT row");
	}
}

static void without_an_answer_it_is_tried_again_and_counted(void **state)
{
	struct fixture *f = *state;
	a_member_of_the_club(f);
	struct fake_stripe *fake = fake_stripe_new(f);
	renewal_told(f);
	fake_says(fake, 404, "{}");
	assert_non_null(strstr(failing(lines_read, f).message, "1 invoices"));
	assert_int_equal(missing(f), 1);
	fake_stripe_end(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = { CASE(all_lines_are_asked_for), CASE(without_an_answer_it_is_tried_again_and_counted) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
