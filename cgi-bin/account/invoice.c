/* /account/invoices/{number} and …/pdf, /account/orders/{number}/invoice: a document as a page to print, and as a PDF. */
#include "delivery.h"
#include "invoice.h"
#include "json.h"
#include "web.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct address_line {
	const char *text;
};
VIEW(address_line, text);

struct invoice_page {
	const char *number, *order_number, *credits, *seller_name, *seller_tax_id, *buyer_name, *buyer_email, *pdf_href;
	bool is_credit, is_taxed;
	struct list address, lines, note;
	struct money net, tax, total;
	struct moment issued_at;
};
VIEW(invoice_page, number, order_number, credits, seller_name, seller_tax_id, buyer_name, buyer_email, pdf_href, is_credit,
	is_taxed, LIST(address, address_line), LIST(lines, invoice_line), LIST(note, address_line), net, tax, total, issued_at);

static struct json_object *json_of(struct request *req, const char *text)
{
	return json_read(req->mem, (struct bytes){ (const unsigned char *)text, strlen(text) }, 4);
}

/* Settings hold several lines on one, with bars where it breaks. */
static struct list lines_of(struct request *req, const char *text)
{
	struct address_line *lines = mem_array(req->mem, strlen(text) + 1, sizeof *lines);
	struct list list = { .items = lines, .shape = &address_line_shape };
	while (*text) {
		size_t length = strcspn(text, "|");
		lines[list.count++].text = mem_textn(req->mem, text, length);
		text += length + (text[length] == '|');
	}
	return list;
}

static void show(struct request *req, const struct invoice *invoice)
{
	if (!invoice)
		not_found(req);
	struct json_object *seller = json_of(req, invoice->seller), *buyer = json_of(req, invoice->buyer);
	bool printed = !access(invoice_path(req->mem, invoice), R_OK);
	render(req, "account/invoice", invoice_page, .number = invoice->number, .order_number = invoice->order_number,
		.credits = invoice->credits, .seller_name = json_text(seller, "name"),
		.seller_tax_id = json_text(seller, "tax_id"), .buyer_name = json_text(buyer, "name"),
		.buyer_email = json_text(buyer, "email"),
		.pdf_href = printed ? mem_format(req->mem, "/account/invoices/%s/pdf", invoice->number) : "",
		.is_credit = !strcmp(invoice->kind, "credit"), .is_taxed = invoice->tax.minor != 0,
		.address = lines_of(req, json_text(seller, "address")),
		.note = lines_of(req, json_text(seller, "note")), .lines = invoice_lines(req->db, invoice->id),
		.net = invoice->net, .tax = invoice->tax, .total = invoice->total, .issued_at = invoice->issued_at);
}

ROUTE(GET, "/account/invoices/{invoice}", MEMBER, invoice_show)
{
	show(req, invoice_of(req->db, req->account_id, path_text(req, "invoice")));
}

ROUTE(GET, "/account/orders/{number}/invoice", MEMBER, order_invoice_show)
{
	show(req, invoice_of_order(req->db, req->account_id, path_text(req, "number")));
}

static void descriptor_close(void *descriptor)
{
	close((int)(intptr_t)descriptor);
}

/* The number came from a row of this account, so the path is one that we made. */
ROUTE(GET, "/account/invoices/{invoice}/pdf", MEMBER, invoice_fetch)
{
	struct stat stat;
	const struct invoice *invoice = invoice_of(req->db, req->account_id, path_text(req, "invoice"));
	if (!invoice)
		not_found(req);
	int file = open(invoice_path(req->mem, invoice), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0)
		not_found(req);
	mem_defer(req->mem, descriptor_close, (void *)(intptr_t)file);
	if (fstat(file, &stat) || !S_ISREG(stat.st_mode))
		not_found(req);
	header(req, "Content-Type", "application/pdf");
	header(req, "Content-Disposition", "%s", disposition_of(req->mem, mem_format(req->mem, "%s.pdf", invoice->number)));
	req->response.file = file;
	req->response.file_from = 0;
	req->response.file_length = stat.st_size;
}
