/* invoice_pdf.c: a document as a PDF, by cairo and pango. A build without them (pkg-config pangocairo) has the page alone. */
#include "invoice.h"

#ifndef HAVE_PANGO

bool invoice_pdf(struct db *db, const struct invoice *invoice)
{
	(void)db;
	(void)invoice;
	return false;
}

#else

#include <cairo-pdf.h>
#include <errno.h>
#include <pango/pangocairo.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "conf.h"
#include "fail.h"
#include "json.h"
#include "moment.h"
#include "money.h"

/* A4, in points. */
enum { WIDTH = 595, HEIGHT = 842, LEFT = 56, RIGHT = WIDTH - 56, TOP = 56, BOTTOM = HEIGHT - 72, NUMBERS = 110 };

struct sheet {
	struct mem *mem;
	cairo_surface_t *surface;
	cairo_t *cairo;
	const struct invoice *invoice;
	int y;
};

static const char *word_in(const struct sheet *sheet, const char *key)
{
	return catalogue_word(language_index(sheet->invoice->language), key);
}

/* Text in a column from x, so wide; long ones wrap. Returns its height. */
static int put(struct sheet *sheet, int x, int width, const char *font, bool to_right, const char *text)
{
	PangoLayout *layout = pango_cairo_create_layout(sheet->cairo);
	PangoFontDescription *description = pango_font_description_from_string(font);
	int height = 0;
	pango_layout_set_font_description(layout, description);
	pango_layout_set_width(layout, width * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(layout, to_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	pango_layout_set_text(layout, text, -1);
	pango_layout_get_pixel_size(layout, NULL, &height);
	cairo_move_to(sheet->cairo, x, sheet->y);
	pango_cairo_show_layout(sheet->cairo, layout);
	pango_font_description_free(description);
	g_object_unref(layout);
	return height;
}

static void rule(struct sheet *sheet, int thickness)
{
	cairo_set_line_width(sheet->cairo, thickness);
	cairo_move_to(sheet->cairo, LEFT, sheet->y);
	cairo_line_to(sheet->cairo, RIGHT, sheet->y);
	cairo_stroke(sheet->cairo);
	sheet->y += 6;
}

static void down(struct sheet *sheet, const char *font, const char *text)
{
	if (*text)
		sheet->y += put(sheet, LEFT, RIGHT - LEFT, font, false, text);
}

/* Settings hold an address on one line, with bars where it breaks. */
static const char *lines_of(struct mem *mem, const char *text)
{
	char *lines = mem_text(mem, text);
	for (char *p = lines; *p; p++)
		if (*p == '|')
			*p = '\n';
	return lines;
}

static struct json_object *json_of(struct mem *mem, const char *text)
{
	return json_read(mem, (struct bytes){ (const unsigned char *)text, strlen(text) }, 4);
}

static void head_put(struct sheet *sheet)
{
	const struct invoice *invoice = sheet->invoice;
	bool credit = !strcmp(invoice->kind, "credit");
	struct json_object *seller = json_of(sheet->mem, invoice->seller), *buyer = json_of(sheet->mem, invoice->buyer);
	down(sheet, "Sans Bold 13", json_text(seller, "name"));
	down(sheet, "Sans 9", lines_of(sheet->mem, json_text(seller, "address")));
	down(sheet, "Sans 9", json_text(seller, "tax_id"));
	sheet->y += 28;
	down(sheet, "Sans Bold 18", mem_format(sheet->mem, "%s %s",
		word_in(sheet, credit ? "invoice.credit" : "invoice.title"), invoice->number));
	down(sheet, "Sans 9", moment_date(sheet->mem, invoice->issued_at, invoice->language));
	if (*invoice->order_number)
		down(sheet, "Sans 9", mem_format(sheet->mem, "%s %s", word_in(sheet, "order.word"), invoice->order_number));
	if (*invoice->credits)
		down(sheet, "Sans 9", mem_format(sheet->mem, "%s %s", word_in(sheet, "invoice.corrects"), invoice->credits));
	sheet->y += 16;
	down(sheet, "Sans Bold 9", word_in(sheet, "invoice.for"));
	down(sheet, "Sans 10", json_text(buyer, "name"));
	down(sheet, "Sans 9", json_text(buyer, "email"));
	sheet->y += 24;
}

static void sum_put(struct sheet *sheet, const char *font, const char *key, struct money money)
{
	put(sheet, LEFT, RIGHT - LEFT - NUMBERS - 12, font, true, word_in(sheet, key));
	sheet->y += put(sheet, RIGHT - NUMBERS, NUMBERS, font, true,
		money_print(sheet->mem, money, sheet->invoice->language)) + 4;
}

static void page_turn(struct sheet *sheet)
{
	if (sheet->y < BOTTOM)
		return;
	cairo_show_page(sheet->cairo);
	sheet->y = TOP;
}

/* Left of what the line comes to without it; returns the width it takes. */
static int tax_put(struct sheet *sheet, const struct invoice_line *line)
{
	put(sheet, RIGHT - 2 * NUMBERS, NUMBERS, "Sans 8", true, mem_format(sheet->mem, "%s %s", word_in(sheet, "order.tax"),
		money_print(sheet->mem, line->tax, sheet->invoice->language)));
	return NUMBERS;
}

static void lines_put(struct sheet *sheet, struct list lines)
{
	rule(sheet, 2);
	LIST_EACH(invoice_line, line, lines) {
		page_turn(sheet);
		const char *title = line->quantity == 1 ? line->title :
			mem_format(sheet->mem, "%lld × %s", (long long)line->quantity, line->title);
		int words = RIGHT - LEFT - NUMBERS - 12;
		put(sheet, RIGHT - NUMBERS, NUMBERS, "Sans 10", true,
			money_print(sheet->mem, line->net, sheet->invoice->language));
		if (sheet->invoice->tax.minor)
			words -= tax_put(sheet, line);
		sheet->y += put(sheet, LEFT, words, "Sans 10", false, title) + 6;
		rule(sheet, 1);
	}
	page_turn(sheet);
	sum_put(sheet, "Sans 10", "invoice.net", sheet->invoice->net);
	sum_put(sheet, "Sans 10", "order.tax", sheet->invoice->tax);
	sum_put(sheet, "Sans Bold 12", "order.total", sheet->invoice->total);
}

static void surface_drop(void *surface)
{
	cairo_surface_destroy(surface);
}

static void cairo_drop(void *cairo)
{
	cairo_destroy(cairo);
}

static void sheet_print(struct sheet *sheet, const char *path, struct list lines)
{
	sheet->surface = cairo_pdf_surface_create(path, WIDTH, HEIGHT);
	mem_defer(sheet->mem, surface_drop, sheet->surface);
	sheet->cairo = cairo_create(sheet->surface);
	mem_defer(sheet->mem, cairo_drop, sheet->cairo);
	cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_TITLE, sheet->invoice->number);
	head_put(sheet);
	lines_put(sheet, lines);
	sheet->y += 28;
	down(sheet, "Sans 8", lines_of(sheet->mem, json_text(json_of(sheet->mem, sheet->invoice->seller), "note")));
	cairo_surface_finish(sheet->surface);
}

/* Written beside and moved into its place: nobody fetches half a document. */
bool invoice_pdf(struct db *db, const struct invoice *invoice)
{
	const char *path = invoice_path(db->mem, invoice), *beside = mem_format(db->mem, "%s.new", path);
	const char *folder = mem_format(db->mem, "%s/invoices", conf.data_folder);
	struct sheet sheet = { .mem = db->mem, .invoice = invoice, .y = TOP };
	if (mkdir(folder, 0750) && errno != EEXIST)
		fail("invoice.disk", "%s cannot be made: %s", folder, strerror(errno));
	sheet_print(&sheet, beside, invoice_lines(db, invoice->id));
	if (cairo_surface_status(sheet.surface) != CAIRO_STATUS_SUCCESS || chmod(beside, 0640) || rename(beside, path)) {
		unlink(beside);
		fail("invoice.disk", "%s cannot be written", path);
	}
	return true;
}

#endif
