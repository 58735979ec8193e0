/* invoices_test.c: the page of a document, with its PDF and while there is none; nobody else's. */
#include "buyer.h"
#include "invoices.h"

static const char *path_to(struct fixture *f, const char *after)
{
	return mem_format(f->mem, "/account/invoices/%s%s", db_text(&f->db, "SELECT number FROM invoice"), after);
}

/* Before the worker printed it, and for ever in a build without pango. */
static void without_its_pdf_a_document_is_a_page(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 2400, "en");
	issued(f, order);
	log_in(f, db_int(&f->db, "SELECT account_id FROM orders WHERE id = ?", order));
	struct page page = get(f, path_to(f, ""));
	assert_int_equal(page.status, 200);
	assert_has(page, db_text(&f->db, "SELECT number FROM invoice"));
	assert_has(page, "24.00");
	assert_lacks(page, "/pdf\"");
	assert_int_equal(get(f, path_to(f, "/pdf")).status, 404);
}

static void lines_show_their_tax_where_there_is_one(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 2000, "en");
	log_in(f, db_int(&f->db, "SELECT account_id FROM orders WHERE id = ?", order));
	db_run(&f->db, "UPDATE orders SET tax = 400, total = 2400");
	db_run(&f->db, "UPDATE order_line SET tax = 400");
	issued(f, order);
	assert_has(get(f, path_to(f, "")), "<td class=\"number\">€20.00</td><td class=\"number\">€4.00</td></tr>");
	db_run(&f->db, "UPDATE invoice SET tax = 0");
	assert_lacks(get(f, path_to(f, "")), "€4.00");
}

static void with_its_pdf_it_has_a_link_to_it(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 2400, "en");
	const struct invoice *invoice = invoice_by_id(&f->db, issued(f, order));
	folders_make(mem_format(f->mem, "%s/invoices", conf.data_folder));
	FILE *file = fopen(invoice_path(f->mem, invoice), "we");
	assert_non_null(file);
	assert_true(fputs("%PDF-1.7 of a test", file) >= 0 && !fclose(file));
	log_in(f, db_int(&f->db, "SELECT account_id FROM orders WHERE id = ?", order));
	assert_has(get(f, path_to(f, "")), mem_format(f->mem, "href=\"%s\"", path_to(f, "/pdf")));
	struct page page = get(f, path_to(f, "/pdf"));
	assert_int_equal(page.status, 200);
	assert_string_equal(header_of(f, page, "Content-Type"), "application/pdf");
	assert_string_equal(page.body, "%PDF-1.7 of a test");
	log_in(f, a_member(f, "b@example.com"));
	assert_int_equal(get(f, path_to(f, "")).status, 404);
	assert_int_equal(get(f, path_to(f, "/pdf")).status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = { OWN_FOLDER(without_its_pdf_a_document_is_a_page),
		OWN_FOLDER(lines_show_their_tax_where_there_is_one), OWN_FOLDER(with_its_pdf_it_has_a_link_to_it) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
