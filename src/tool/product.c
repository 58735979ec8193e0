/* comptoir product …, category …: what is sold, from descriptions in files. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "tool/import.h"

enum { ARENA = 64 << 20 };

bool file_exists(struct mem *mem, const char *folder, const char *name)
{
	return !access(mem_format(mem, "%s/%s", folder, name), F_OK);
}

/* The account that a seller's name in a description stands for: "demo-seller=ines@example.com" in `names`, or an address. */
static bool seller_find(struct import *import, struct product_draft *draft)
{
	struct entry entry = { draft->intake, NULL, "" };
	const char *email = draft->seller;
	size_t length = strlen(email);
	if (import->sellers && !strncmp(import->sellers, email, length) && import->sellers[length] == '=')
		email = import->sellers + length + 1;
	if (!*draft->seller)
		return true;
	const struct account *account = strchr(email, '@') ? account_by_email(import->db, email) : NULL;
	draft->seller_id = account && account->seller ? account->id : 0;
	if (!account)
		fault(&entry, "seller", "who is \"%s\"? Say --seller %s=ADDRESS", draft->seller, draft->seller);
	else if (!account->seller)
		fault(&entry, "seller", "%s is no seller (comptoir account add … --seller)", email);
	return draft->seller_id != 0;
}

static void imported_print(struct import *import, const char *slug, enum imported end, const struct import_report *report)
{
	static const char *const ends[] = { "refused", "unchanged", "changed", "new" };
	if (import->quiet && end == IMPORT_SAME)
		return;
	printf("%s: %s", slug, ends[end]);
	if (report->files)
		printf(", %lld files", (long long)report->files);
	if (report->prices_made)
		printf(", %lld prices made", (long long)report->prices_made);
	if (report->prices_retired)
		printf(", %lld prices retired", (long long)report->prices_retired);
	putchar('\n');
}

static void product_one(struct import *import, const char *path)
{
	struct product_draft draft;
	struct import_report report;
	struct intake intake = intake_new(import->mem, path);
	struct mem *outer = import->db->mem;
	import->db->mem = import->mem;
	enum imported end = IMPORT_REFUSED;
	if (product_read(&intake, path, &draft) && seller_find(import, &draft))
		end = product_import(import->db, &draft, &report);
	if (end == IMPORT_REFUSED) {
		fputs(intake.faults.text, stderr);
		import->refused++;
	} else {
		imported_print(import, draft.slug, end, &report);
	}
	import->count++;
	import->db->mem = outer;
}

static void categories_one(struct import *import, const char *path)
{
	struct intake intake = intake_new(import->mem, path);
	struct mem *outer = import->db->mem;
	import->db->mem = import->mem;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int64_t changed = file < 0 ? -1 : categories_import(import->db, &intake, file);
	if (file >= 0)
		close(file);
	if (changed >= 0)
		printf("categories: %lld changed\n", (long long)changed);
	else
		fprintf(stderr, "%s", file < 0 ? "the file cannot be opened\n" : intake.faults.text);
	import->refused += changed < 0;
	import->db->mem = outer;
}

static int named_visibly(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A folder of product folders, in the order of their names. */
static void folder_each(struct import *import, const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, named_visibly, alphasort);
	for (int i = 0; i < count; i++) {
		const char *path = mem_format(import->mem, "%s/%s", folder, names[i]->d_name);
		if (file_exists(import->mem, path, "product.json")) {
			product_one(import, path);
			mem_reset(import->mem);
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

void import_path(struct import *import, const char *path)
{
	struct stat info;
	bool folder = !stat(path, &info) && S_ISDIR(info.st_mode);
	if (folder && file_exists(import->mem, path, "categories.json"))
		categories_one(import, mem_format(import->mem, "%s/categories.json", path));
	if (folder && !file_exists(import->mem, path, "product.json"))
		folder_each(import, path);
	else
		product_one(import, path);
	mem_reset(import->mem);
}

int product_import_command(struct tool *tool)
{
	struct import import = { .db = tool->db, .mem = mem_new(ARENA) };
	if (!options(tool, 1, 10000, { "--seller", NULL, &import.sellers }))
		return EXIT_USAGE;
	for (int i = 0; i < tool->argc; i++)
		import_path(&import, tool->argv[i]);
	if (!import.count)
		return refused("no product.json there");
	return import.refused ? refused("%lld of %lld refused", (long long)import.refused, (long long)import.count)
	                      : EXIT_DONE;
}

int category_import_command(struct tool *tool)
{
	struct import import = { .db = tool->db, .mem = mem_new(ARENA) };
	if (!options(tool, 1, 1, { 0 }))
		return EXIT_USAGE;
	categories_one(&import, tool->argv[0]);
	return import.refused ? EXIT_REFUSED : EXIT_DONE;
}

struct listed {
	const char *slug, *status, *title, *currency;
	int64_t price_from, price_count, versions, files;
};
ROW(listed, slug, status, title, currency, price_from, price_count, versions, files);

int product_list_command(struct tool *tool)
{
	if (!options(tool, 0, 0, { 0 }))
		return EXIT_USAGE;
	struct list rows = db_all(tool->db, listed,
		"SELECT d.slug, d.status, t.title, d.currency, d.price_from, d.price_count,"
		" COUNT(DISTINCT v.id) AS versions, COUNT(f.id) AS files"
		" FROM product d JOIN product_text t ON t.product_id = d.id AND t.language = 'en'"
		" LEFT JOIN product_version v ON v.product_id = d.id LEFT JOIN product_file f ON f.version_id = v.id"
		" GROUP BY d.id ORDER BY d.position, d.id");
	LIST_EACH(listed, row, rows)
		printf("%-36s %-9s %8lld %s  %lld prices  %lld versions  %lld files  %s\n", row->slug, row->status,
			(long long)row->price_from, row->currency, (long long)row->price_count, (long long)row->versions,
			(long long)row->files, row->title);
	return EXIT_DONE;
}
