/* invoice_pdf_test.c: what the PDF of a document holds, and what happens where none can be written. */
#include "invoices.h"

#ifdef HAVE_PANGO

/* What a PDF says, by pdftotext: packages.txt names it, so a machine without it has not proven this. */
static const char *pdf_text(struct fixture *f, const struct invoice *invoice)
{
	assert_true(invoice_pdf(&f->db, invoice));
	const char *path = invoice_path(f->mem, invoice), *text = mem_format(f->mem, "%s.txt", path);
	assert_int_equal(program_run((const char *[]){ "pdftotext", "-layout", path, text, NULL }), 0);
	FILE *file = fopen(text, "re");
	assert_non_null(file);
	char *said = mem_get(f->mem, 65536);
	assert_true(fread(said, 1, 65535, file) > 0);
	fclose(file);
	return said;
}

static void the_pdf_of_a_credit_note_names_what_it_corrects(void **state)
{
	struct fixture *f = *state;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 2400, "en");
	const struct invoice *invoice = invoice_by_id(&f->db, issued(f, order));
	refund_told_as(f, order, "succeeded");
	const struct invoice *credit = invoice_by_id(&f->db, db_int(&f->db, "SELECT id FROM invoice WHERE kind = 'credit'"));
	const char *said = pdf_text(f, credit);
	assert_non_null(strstr(said, mem_format(f->mem, "Credit note %s", credit->number)));
	assert_non_null(strstr(said, invoice->number));
	assert_non_null(strstr(said, "10.00"));
}

static void a_long_pdf_goes_on_overleaf(void **state)
{
	struct fixture *f = *state;
	int64_t id = issued(f, a_paid_order(f, "a@example.com", "walk", 2400, "en"));
	for (int i = 2; i <= 60; i++)
		db_run(&f->db,
			"INSERT INTO invoice_line (invoice_id, position, title, quantity, net, tax, currency) VALUES (?, ?, ?, ?, 100, 0, 'eur')",
			id, i, mem_format(f->mem, "Thing number %d", i), i == 60 ? 12 : 1);
	db_run(&f->db, "UPDATE invoice SET order_id = 0 WHERE id = ?", id); /* as of a subscription */
	const char *said = pdf_text(f, invoice_by_id(&f->db, id));
	assert_non_null(strstr(said, "Thing number 2 "));
	assert_non_null(strchr(said, '\f'));
	assert_non_null(strstr(strchr(said, '\f'), "12 × Thing number 60"));
	assert_non_null(strstr(strchr(said, '\f'), "24.00"));
	assert_null(strstr(said, "Order "));
}

static void pdf_run(void *arg)
{
	struct fixture *f = arg;
	invoice_pdf(&f->db, invoice_by_id(&f->db, db_int(&f->db, "SELECT MAX(id) FROM invoice")));
}

/* A folder that is none, a place that is taken: told as a fault, and no half of a file is left. */
static void a_pdf_that_cannot_be_written_is_a_fault(void **state)
{
	struct fixture *f = *state;
	int64_t id = issued(f, a_paid_order(f, "a@example.com", "walk", 2400, "en"));
	const char *why, *folder = mem_format(f->mem, "%s/pdf", conf.data_folder);
	const struct invoice *invoice = invoice_by_id(&f->db, id);
	assert_int_equal(close(creat(folder, 0600)), 0);
	assert_true(conf_set("data_folder", folder, &why));
	assert_string_equal(failing(pdf_run, f).event, "invoice.disk");
	assert_int_equal(unlink(folder), 0);
	folders_make(invoice_path(f->mem, invoice)); /* where the file should be is a folder */
	assert_string_equal(failing(pdf_run, f).event, "invoice.disk");
	assert_int_equal(files_below(folder), 0);
}

/* The page's words come through cmocka's own eyes elsewhere; here: the PDF holds what it should, with its accents. */
static void the_pdf_says_it_all(void **state)
{
	struct fixture *f = *state;
	const char *why;
	int64_t order = a_paid_order(f, "a@example.com", "walk", 123456789, "fr");
	conf_set("shop_legal_name", "Éditions du Comptoir Ébréché SARL", &why);
	conf_set("shop_address", "12 rue de l’Œuvre|75011 Paris", &why);
	db_run(&f->db, "UPDATE account SET name = 'Zoé Desœuvrée-Müller de la Très-Longue-Appellation-Contrôlée d’Aÿ-Champagne'");
	db_run(&f->db, "UPDATE order_line SET title = ?", "Un titre qui n’en finit pas, ça déborde, et l’été où l’on naît à Nîmes"
		" sur une ligne, puis sur une autre encore");
	db_run(&f->db, "UPDATE orders SET tax = 4242, total = total + 4242");
	db_run(&f->db, "UPDATE order_line SET tax = 4242");
	const struct invoice *invoice = invoice_by_id(&f->db, issued(f, order));
	const char *said = pdf_text(f, invoice);
	static const char *const wanted[] = { "Taxes 42,42", "Éditions du Comptoir Ébréché SARL", "12 rue de l’Œuvre", "75011 Paris",
		"Facture F20", "Desœuvrée-Müller", "€", "567,89", "l’été", "Total hors taxes" };
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		if (!strstr(said, wanted[i]))
			print_error("lacks %s in:\n%s\n", wanted[i], said);
		assert_non_null(strstr(said, wanted[i]));
	}
}

#else

/* Nothing is written, and that is no fault: the page is all there is (tests/cgi-bin/account/invoices_test.c). */
static void without_pango_there_is_no_pdf(void **state)
{
	struct fixture *f = *state;
	const struct invoice *invoice = invoice_by_id(&f->db, issued(f, a_paid_order(f, "a@example.com", "walk", 2400, "en")));
	assert_false(invoice_pdf(&f->db, invoice));
	assert_int_not_equal(access(invoice_path(f->mem, invoice), F_OK), 0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_PANGO
		OWN_FOLDER(the_pdf_says_it_all),
		OWN_FOLDER(the_pdf_of_a_credit_note_names_what_it_corrects),
		OWN_FOLDER(a_long_pdf_goes_on_overleaf),
		OWN_FOLDER(a_pdf_that_cannot_be_written_is_a_fault),
#else
		OWN_FOLDER(without_pango_there_is_no_pdf),
#endif
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
