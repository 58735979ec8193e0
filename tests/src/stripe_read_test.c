/* stripe_read_test.c: Stripe's objects in the shapes of every API version (stripe.md §11), whole and with parts missing or of
 * another type: what is read of each. */
#include "buyer.h"
#include "fake_stripe.h"
#include "json.h"
#include "stripe_read.h"

struct row {
	const char *name, *object, *read;
};

static struct json_object *object_of(struct fixture *f, const char *text)
{
	const char *json = json_of(f, text);
	struct json_object *object = json_read(f->mem, (struct bytes){ (const unsigned char *)json, strlen(json) }, 32);
	if (!object)
		fail_msg("%s is no JSON", json);
	return object;
}

static void at_put(struct buffer *text, const char *name, struct moment at)
{
	if (at.us)
		buffer_format(text, " %s %lld", name, (long long)moment_unix(at));
}

static void text_put(struct buffer *text, const char *name, const char *value)
{
	if (*value)
		buffer_format(text, " %s %s", name, value);
}

/* What is told, in words: "sub_1 cus_1 …"; what is not told is not there. */
static const char *subscription_in_words(struct fixture *f, const char *object)
{
	struct subscription_fact fact = subscription_read(f->mem, object_of(f, object));
	struct buffer text = buffer_new(f->mem, 512);
	text_put(&text, "id", fact.stripe_subscription);
	text_put(&text, "customer", fact.stripe_customer);
	text_put(&text, "item", fact.stripe_item);
	text_put(&text, "price", fact.stripe_price);
	text_put(&text, "status", fact.status);
	text_put(&text, "pause", fact.pause_behavior);
	at_put(&text, "resumes", fact.pause_resumes_at);
	at_put(&text, "started", fact.started_at);
	at_put(&text, "anchor", fact.anchor_at);
	at_put(&text, "from", fact.period_start);
	at_put(&text, "to", fact.period_end);
	at_put(&text, "trial", fact.trial_start);
	at_put(&text, "until", fact.trial_end);
	at_put(&text, "cancels", fact.cancel_at);
	at_put(&text, "canceled", fact.canceled_at);
	at_put(&text, "ended", fact.ended_at);
	return text.length ? text.text + 1 : "";
}

static const struct row subscriptions[] = {
	{ "since basil: the item has the period", "{'id':'sub_1','customer':'cus_1','status':'active','start_date':10,"
		"'billing_cycle_anchor':20,'items':{'data':[{'id':'si_1','price':{'id':'price_1'},'current_period_start':30,"
		"'current_period_end':40}]}}",
		"id sub_1 customer cus_1 item si_1 price price_1 status active started 10 anchor 20 from 30 to 40" },
	{ "before basil: the subscription has it", "{'id':'sub_1','customer':{'id':'cus_1'},'status':'active',"
		"'current_period_start':30,'current_period_end':40,'items':{'data':[{'id':'si_1','price':'price_1'}]}}",
		"id sub_1 customer cus_1 item si_1 price price_1 status active from 30 to 40" },
	{ "older still: a plan", "{'id':'sub_1','status':'active','items':{'data':[{'id':'si_1','plan':{'id':'plan_1'}}]}}",
		"id sub_1 item si_1 price plan_1 status active" },
	{ "a pause, a trial, an end", "{'id':'sub_1','status':'trialing','pause_collection':{'behavior':'void','resumes_at':50},"
		"'trial_start':1,'trial_end':2,'cancel_at':3,'canceled_at':4,'ended_at':5}",
		"id sub_1 status trialing pause void resumes 50 trial 1 until 2 cancels 3 canceled 4 ended 5" },
	{ "ends with its period", "{'id':'sub_1','status':'active','current_period_end':40,'cancel_at_period_end':true}",
		"id sub_1 status active to 40 cancels 40" },
	{ "ends at its own time", "{'id':'sub_1','status':'active','current_period_end':40,'cancel_at':35,"
		"'cancel_at_period_end':true}", "id sub_1 status active to 40 cancels 35" },
	{ "nulls and nothing", "{'id':'sub_1','status':'active','customer':null,'items':null,'trial_end':null,"
		"'pause_collection':null}", "id sub_1 status active" },
	{ "no items", "{'id':'sub_1','status':'active','items':{'data':[]}}", "id sub_1 status active" },
	{ "times that cannot be", "{'id':'sub_1','status':'new_in_2031','trial_end':-5,'cancel_at':68719476736,'ended_at':'soon',"
		"'start_date':9223372036854775807}", "id sub_1 status new_in_2031" },
	{ "words of 2031", "{'id':'sub_1','status':'suspended_for_compliance_review'}",
		"id sub_1 status suspended_for_compliance" },
	{ "of other types", "{'id':7,'status':{},'customer':[],'items':{'data':{'id':'x'}},'cancel_at_period_end':'yes'}", "" },
	{ "nothing at all", "{}", "" },
};

static const char *invoice_in_words(struct fixture *f, const char *object)
{
	struct invoice_fact fact = invoice_read(f->mem, object_of(f, object));
	struct buffer text = buffer_new(f->mem, 512);
	text_put(&text, "id", fact.id);
	text_put(&text, "of", fact.stripe_subscription);
	text_put(&text, "price", fact.stripe_price);
	text_put(&text, "left", fact.from_price);
	text_put(&text, "status", fact.status);
	text_put(&text, "why", fact.billing_reason);
	text_put(&text, "in", fact.currency);
	text_put(&text, "page", fact.hosted_url);
	if (fact.amount_due || fact.amount_paid || fact.tax)
		buffer_format(&text, " due %lld paid %lld tax %lld", (long long)fact.amount_due, (long long)fact.amount_paid,
			(long long)fact.tax);
	if (fact.lines_told)
		buffer_format(&text, " lines %d", (int)fact.lines_told);
	if (fact.attempts)
		buffer_format(&text, " attempt %lld", (long long)fact.attempts);
	at_put(&text, "next", fact.next_attempt_at);
	at_put(&text, "from", fact.period_start);
	at_put(&text, "to", fact.period_end);
	at_put(&text, "change", fact.change_at);
	at_put(&text, "ends", fact.change_end);
	at_put(&text, "made", fact.created_at);
	return text.length ? text.text + 1 : "";
}

#define NEW_LINE(price, amount, from, to, more)                                                                      \
	"{'amount':" amount ",'period':{'start':" from ",'end':" to "},'pricing':{'price_details':{'price':'" price "'}},"  \
	"'parent':{'subscription_item_details':{'subscription':'sub_1'" more "}}}"
#define OLD_LINE(price, amount, from, to, more)                                                                      \
	"{'type':'subscription','amount':" amount ",'period':{'start':" from ",'end':" to "},'price':{'id':'" price "'}" more "}"

static const struct row invoices[] = {
	{ "since basil", "{'id':'in_1','parent':{'subscription_details':{'subscription':'sub_1'}},'status':'paid','currency':'usd',"
		"'billing_reason':'subscription_cycle','amount_due':900,'amount_paid':900,'attempt_count':1,'created':9,"
		"'hosted_invoice_url':'https://x','total_taxes':[{'amount':100},{'amount':50},{}],"
		"'lines':{'data':[" NEW_LINE("price_1", "900", "10", "20", "") "]}}",
		"id in_1 of sub_1 price price_1 status paid why subscription_cycle in usd page https://x due 900 paid 900 tax 150"
		" attempt 1 from 10 to 20 made 9" },
	{ "before basil", "{'id':'in_1','subscription':'sub_1','status':'open','tax':150,'next_payment_attempt':30,"
		"'lines':{'data':[" OLD_LINE("price_1", "900", "10", "20", "") "]}}",
		"id in_1 of sub_1 price price_1 status open due 0 paid 0 tax 150 next 30 from 10 to 20 made 1" },
	{ "before basil, by rate", "{'id':'in_1','tax':null,'total_tax_amounts':[{'amount':100},{'amount':50}]}",
		"id in_1 due 0 paid 0 tax 150 made 1" },
	{ "its tax said twice", "{'id':'in_1','tax':150,'total_tax_amounts':[{'amount':150}],'total_taxes':[{'amount':150}]}",
		"id in_1 due 0 paid 0 tax 150 made 1" },
	{ "only its lines tell the tax", "{'id':'in_1','lines':{'data':[{'taxes':[{'amount':100},{'amount':20}]},{'taxes':[]},"
		"{'taxes':[{'amount':30}]}]}}", "id in_1 due 0 paid 0 tax 150 made 1" },
	{ "only its lines, before basil", "{'id':'in_1','lines':{'data':[{'tax_amounts':[{'amount':150}]}]}}",
		"id in_1 due 0 paid 0 tax 150 made 1" },
	{ "expanded", "{'id':'in_1','subscription':{'id':'sub_1','status':'active'},'status':'paid'}",
		"id in_1 of sub_1 status paid made 1" },
	{ "only its line says of what", "{'id':'in_1','lines':{'data':[" NEW_LINE("price_1", "900", "10", "20", "") "]}}",
		"id in_1 of sub_1 price price_1 from 10 to 20 made 1" },
	{ "only its old line says of what", "{'id':'in_1','lines':{'data':[" OLD_LINE("price_1", "9", "10", "20",
		",'subscription':'sub_1'") "]}}", "id in_1 of sub_1 price price_1 from 10 to 20 made 1" },
	{ "a plan, not a price", "{'id':'in_1','subscription':'sub_1','lines':{'data':[{'type':'subscription',"
		"'plan':{'id':'plan_1'},'period':{'start':10,'end':20}}]}}", "id in_1 of sub_1 price plan_1 from 10 to 20 made 1" },
	{ "before there was a status", "{'id':'in_1','subscription':'sub_1','paid':true}", "id in_1 of sub_1 status paid made 1" },
	{ "before, and not paid", "{'id':'in_1','subscription':'sub_1','paid':false}", "id in_1 of sub_1 made 1" },
	{ "the later period counts", "{'id':'in_1','subscription':'sub_1','lines':{'data':["
		OLD_LINE("price_1", "900", "10", "20", "") "," OLD_LINE("price_2", "900", "20", "30", "") ","
		OLD_LINE("price_3", "900", "5", "9", "") "]}}", "id in_1 of sub_1 price price_2 from 20 to 30 made 1" },
	{ "an upgrade since basil", "{'id':'in_1','subscription':'sub_1','lines':{'data':["
		NEW_LINE("price_1", "-450", "15", "20", ",'proration':true") ","
		NEW_LINE("price_2", "2000", "16", "40", ",'proration':true") "]}}",
		"id in_1 of sub_1 price price_2 left price_1 change 15 ends 40 made 1" },
	{ "an upgrade before basil, told the other way round", "{'id':'in_1','subscription':'sub_1','lines':{'data':["
		OLD_LINE("price_2", "2000", "16", "40", ",'proration':true") ","
		OLD_LINE("price_1", "-450", "15", "20", ",'proration':true") "]}}",
		"id in_1 of sub_1 price price_2 left price_1 change 15 ends 40 made 1" },
	{ "a proration and the next period", "{'id':'in_1','subscription':'sub_1','lines':{'data':["
		OLD_LINE("price_2", "5", "16", "20", ",'proration':true") ","
		OLD_LINE("price_3", "900", "20", "30", "") "]}}",
		"id in_1 of sub_1 price price_3 from 20 to 30 change 16 ends 20 made 1" },
	{ "the next period and a proration", "{'id':'in_1','subscription':'sub_1','lines':{'data':["
		OLD_LINE("price_3", "900", "20", "30", "") "," OLD_LINE("price_2", "5", "16", "20", ",'proration':true") "]}}",
		"id in_1 of sub_1 price price_3 from 20 to 30 change 16 ends 20 made 1" },
	{ "a proration of an invoice item", "{'id':'in_1','subscription':'sub_1','lines':{'data':[{'amount':5,'period':{'start':16,"
		"'end':20},'parent':{'invoice_item_details':{'proration':true}}}]}}", "id in_1 of sub_1 change 16 ends 20 made 1" },
	{ "an extra that is no plan", "{'id':'in_1','subscription':'sub_1','lines':{'data':[{'type':'invoiceitem','amount':500,"
		"'price':'price_x','period':{'start':1,'end':99}}]}}", "id in_1 of sub_1 made 1" },
	{ "of no subscription", "{'id':'in_1','parent':null,'subscription':null,'lines':{'data':[{'type':'invoiceitem'}]}}",
		"id in_1 made 1" },
	{ "of other types", "{'id':{},'subscription':7,'lines':[],'total_taxes':{},'amount_paid':'900','created':-1}", "made 1" },
	{ "words of 2031", "{'id':'in_1','subscription':'sub_1','status':'waits_for_the_tax_authority',"
		"'billing_reason':'subscription_of_a_kind_that_nobody_has_thought_of_until_now'}",
		"id in_1 of sub_1 status waits_for_the_tax_author why subscription_of_a_kind_that_nobody_has_thought_o made 1" },
	{ "of some lines nothing is taken", "{'id':'in_1','lines':{'has_more':true,'data':["
		NEW_LINE("price_1", "900", "10", "20", "") "]}}", "id in_1 of sub_1 lines 1 made 1" },
	{ "lines that are none", "{'id':'in_1','subscription':'sub_1','lines':{'data':['x',7]}}", "id in_1 of sub_1 made 1" },
};

static void rows_read(struct fixture *f, const struct row *rows, size_t count,
	const char *(*in_words)(struct fixture *f, const char *object))
{
	for (size_t i = 0; i < count; i++) {
		const char *read = in_words(f, rows[i].object);
		if (strcmp(read, rows[i].read))
			fail_msg("%s:\n%s\nnot\n%s", rows[i].name, read, rows[i].read);
	}
}

static void subscriptions_of_every_version_are_read(void **state)
{
	rows_read(*state, subscriptions, sizeof subscriptions / sizeof subscriptions[0], subscription_in_words);
}

static void invoices_of_every_version_are_read(void **state)
{
	rows_read(*state, invoices, sizeof invoices / sizeof invoices[0], invoice_in_words);
}

static void our_order_is_found_wherever_it_is_named(void **state)
{
	static const char *const rows[][2] = {
		{ "{'parent':{'subscription_details':{'metadata':{'order_id':'A'}}},"
			"'lines':{'data':[{'metadata':{'order_id':'B'}}]}}", "A" },
		{ "{'subscription_details':{'metadata':{'order_id':'A'}}}", "A" },
		{ "{'lines':{'data':[{'metadata':{'order_id':'A'}}]}}", "A" },
		{ "{'metadata':{'order_id':'A'}}", "" },
		{ "{'lines':{'data':[{'metadata':{'order_id':7}}]}}", "" },
		{ "{}", "" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(invoice_order_number(object_of(f, rows[i][0])), rows[i][1]);
}

static void texts_are_read_whole_or_not_at_all(void **state)
{
	static const struct { const char *text; size_t length; bool read; } rows[] = {
		{ "{\"a\":1}", 7, true }, { "{\"a\":1} \n\t", 10, true }, { " {\"a\":1}", 8, true }, { "{\"a\":1}x", 8, false },
		{ "{\"a\":1} {}", 10, false }, { "{\"a\":1}\0", 8, false }, { "{\"a\":1}\0x", 9, false }, { "{\"a\":1", 6, false },
		{ "{\"a\":\"\xff\"}", 9, false }, { "{\"a\":'b'}", 9, false }, { "", 0, false }, { "null", 4, false }, { "null ", 5, false },
		{ "[[[[1]]]]", 9, false },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct json_object *value = json_read(f->mem, (struct bytes){ (const unsigned char *)rows[i].text, rows[i].length }, 4);
		if ((value != NULL) != rows[i].read)
			fail_msg("%s is %sread", rows[i].text, value ? "" : "not ");
	}
}

static void paths_into_what_is_no_object_find_nothing(void **state)
{
	struct fixture *f = *state;
	struct json_object *value = object_of(f, "{'a':{'b':'c','n':7,'t':true,'o':{'id':'x'},'z':'\\u0000'},'l':[1]}");
	assert_string_equal(json_text(value, "a.b"), "c");
	assert_string_equal(json_text(value, "a.b.c"), "");
	assert_string_equal(json_text(value, "l.0"), "");
	assert_string_equal(json_text(value, "a.n"), "");
	assert_string_equal(json_text(value, "a.z"), ""); /* a NUL would end it early */
	assert_string_equal(json_id(value, "a.o"), "x");
	assert_string_equal(json_id(value, "a.b"), "c");
	assert_string_equal(json_id(value, "a.n"), "");
	assert_int_equal(json_int(value, "a.n", 3), 7);
	assert_int_equal(json_int(value, "a.b", 3), 3);
	assert_true(json_is_true(value, "a.t"));
	assert_false(json_is_true(value, "a.b"));
	assert_null(json_at(value, "a_name_longer_than_any_that_stripe_gives_to_a_field_of_its_objects_so_far"));
	assert_null(json_at(NULL, "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(subscriptions_of_every_version_are_read),
		TEST(invoices_of_every_version_are_read),
		TEST(our_order_is_found_wherever_it_is_named),
		TEST(texts_are_read_whole_or_not_at_all),
		TEST(paths_into_what_is_no_object_find_nothing),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
