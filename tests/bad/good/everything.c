/* The right use of everything that the files beside this folder use wrongly. */
#include "db.h"
#include "web.h"

struct line {
	int64_t id;
	const char *title;
	struct money price;
};
ROW(line, id, OPT(title), price);
struct buy_form {
	int64_t quantity;
	bool agreed;
	const char *name;
};
FORM(buy_form, NUMBER(quantity, 1, 3), FLAG(agreed), LINE(name, 1, 20));
struct page {
	const struct line *line;
	struct list lines;
	struct html text;
};
VIEW(page, REF(line, line), LIST(lines, line), text);

ROUTE(POST, "/x/{id}", MEMBER, buy)
{
	const struct buy_form *form = form_read(req, buy_form);
	db_run(req->db, "UPDATE line SET amount = ?, title = ? WHERE id = ?", form->quantity, form->name, form->agreed);
	header(req, "X-Name", "%s", path_text(req, "id"));
	render(req, "page", page, .line = db_one(req->db, line, "SELECT 1"), .lines = db_all(req->db, line, "SELECT 2"),
		.text = { "<p>" });
}
