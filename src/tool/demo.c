/* comptoir demo …: a lived-in shop to look at, and away with it again. Demo people have addresses at demo.example, a domain
 * that can belong to nobody (RFC 2606); demo products are theirs. Past orders take the same road as real ones, with the clock
 * put back. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "clock.h"
#include "conf.h"
#include "invoice.h"
#include "moment.h"
#include "order.h"
#include "password.h"
#include "sign.h"
#include "tool/import.h"

enum { ARENA = 64 << 20, DAY = 86400 };

struct demo {
	struct import import; /* its mem is the demo's scratch too */
	const char *folder;
	const char *sellers; /* "demo-seller=ines@demo.example" */
	int64_t accounts, orders;
};

/* Calls each with every object of a list file of the demo folder. */
static bool demo_each(struct demo *demo, const char *name, void (*each)(struct demo *demo, const struct entry *entry))
{
	struct mem *mem = mem_program();
	struct intake intake = intake_new(mem, mem_format(mem, "%s/%s", demo->folder, name));
	int file = open(intake.file, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return refused("%s cannot be opened", intake.file) == EXIT_DONE;
	struct entry list = intake_list(&intake, file);
	close(file);
	size_t count = list.object ? json_object_array_length(list.object) : 0;
	for (size_t i = 0; i < count; i++) {
		struct entry entry = take_item(&list, "", i);
		each(demo, &entry);
	}
	fputs(intake.faults.text, stderr);
	return !intake.faults.length;
}

static bool is_demo_address(const char *email)
{
	const char *at = strchr(email, '@');
	return at && !strcmp(at, "@demo.example");
}

static void account_make(struct demo *demo, const struct entry *entry)
{
	struct db *db = demo->import.db;
	const char *email = take_text(entry, "email", 254, NULL), *name = take_text(entry, "name", 100, NULL);
	const char *language = take_word(entry, "language", "en fr", NULL), *role = take_text(entry, "role", 20, NULL);
	const char *password = take_text(entry, "password", 100, NULL), *seller = take_slug(entry, "seller", 64, "");
	if (!email || !name || !language || !role || !password || !seller)
		return;
	if (!is_demo_address(email)) {
		fault(entry, "email", "is not at demo.example: `demo wipe` would not find it");
		return;
	}
	if (*seller)
		demo->sellers = mem_format(mem_program(), "%s=%s", seller, email);
	if (account_by_email(db, email))
		return;
	const char *hash = password_hash(db->mem, password);
	demo->accounts += hash && account_add(db, email, name, language, hash, !strcmp(role, "staff"),
		!strcmp(role, "seller"), true);
}

/* Pays the order as Stripe's word would, at the moment the clock shows. No receipts for what never happened. */
static void order_pay_by_clock(struct db *db, int64_t order_id)
{
	db_begin(db);
	const struct order *order = order_locked(db, order_id);
	const struct order *paid = !strcmp(order->state, "pending") ? order_move(db, order, "paid", "demo") : NULL;
	if (paid) {
		order_fulfil(db, paid);
		invoice_issue(db, order_id);
		db_run(db,
			"DELETE j FROM job j JOIN event e ON e.id = j.event_id"
			" WHERE e.topic = 'order.paid' AND e.subject_id = ? AND j.reaction LIKE 'mail%'",
			order_id);
	}
	db_commit(db);
}

static void line_buy(struct demo *demo, const struct entry *order, size_t i, const struct account *buyer, int64_t days)
{
	struct db *db = demo->import.db;
	struct entry line = take_item(order, "lines", i);
	const char *product = take_slug(&line, "product", 100, NULL), *price = take_slug(&line, "price", 32, NULL);
	int64_t quantity = take_number_or(&line, "quantity", 1, 1000, 1), id;
	if (!product || !price)
		return;
	const char *public_id = db_text(db,
		"SELECT p.public_id FROM price p JOIN product d ON d.id = p.product_id"
		" WHERE d.slug = ? AND p.name = ? AND p.active",
		product, price);
	const char *key = mem_format(db->mem, "demo/%s/%lld/%s/%s", buyer->email, (long long)days, product, price);
	key = mem_textn(db->mem, hex_of(db->mem, sha256_of(db->mem, key, strlen(key))), PUBLIC_ID_LENGTH);
	bool known = db_int(db, "SELECT COUNT(*) FROM orders WHERE account_id = ? AND request_key = ?", buyer->id, key);
	if (!public_id || order_make(db, buyer->id, public_id, quantity, key, buyer->language, &id) != ORDER_MADE) {
		fault(&line, "", "%s/%s cannot be bought", product, price);
		return;
	}
	order_pay_by_clock(db, id);
	demo->orders += !known;
}

/* One order per line: an order here holds one price. */
static void order_past(struct demo *demo, const struct entry *entry)
{
	const char *email = take_text(entry, "buyer", 254, NULL);
	int64_t days = take_number(entry, "days_ago", 0, 10000), base = clock_read();
	size_t count = take_count(entry, "lines");
	const struct account *buyer = email ? account_by_email(demo->import.db, email) : NULL;
	if (!buyer || !is_demo_address(email)) {
		fault(entry, "buyer", "is no demo account");
		return;
	}
	moment_clock_offset(base - days * DAY);
	for (size_t i = 0; i < count; i++)
		line_buy(demo, entry, i, buyer, days);
	moment_clock_offset(base);
}

int demo_load_command(struct tool *tool)
{
	if (!options(tool, 0, 1, { 0 }))
		return EXIT_USAGE;
	if (conf.stripe_livemode)
		return refused("this shop takes real money: no demo in it");
	struct demo demo = { .import = { .db = tool->db, .mem = mem_new(ARENA), .quiet = true },
		.folder = tool->argc ? tool->argv[0] : "demo" };
	if (!demo_each(&demo, "accounts.json", account_make))
		return EXIT_REFUSED;
	demo.import.sellers = demo.sellers;
	import_path(&demo.import, demo.folder);
	if (demo.import.refused)
		return refused("%lld products refused", (long long)demo.import.refused);
	bool whole = demo_each(&demo, "orders.json", order_past);
	printf("demo: %lld products, %lld new accounts, %lld new orders\n", (long long)demo.import.count,
		(long long)demo.accounts, (long long)demo.orders);
	return whole ? EXIT_DONE : EXIT_REFUSED;
}

static const char wipe_script[] =
	"CREATE OR REPLACE TEMPORARY TABLE demo_account SELECT id FROM account WHERE email LIKE '%@demo.example';"
	"CREATE OR REPLACE TEMPORARY TABLE demo_category SELECT DISTINCT category_id AS id FROM product"
	" WHERE seller_id IN (SELECT id FROM demo_account);"
	"DELETE FROM download_event WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM download_link WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM api_key WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM access_token WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM module_access WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM token_debit WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE s FROM token_spend s JOIN token_entry e ON e.id = s.entry_id"
	" WHERE e.account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM token_entry WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM token_lot WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM token_account WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM license WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM entitlement WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM free_claim WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE l FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM orders WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE j FROM job j JOIN event e ON e.id = j.event_id WHERE e.account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM event WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM audit WHERE account_id IN (SELECT id FROM demo_account);"
	"DELETE FROM mail WHERE account_id IN (SELECT id FROM demo_account);"
	/* What others bought, or give with their own products, stays, out of the catalogue. */
	"CREATE OR REPLACE TEMPORARY TABLE demo_product SELECT d.id FROM product d"
	" WHERE d.seller_id IN (SELECT id FROM demo_account)"
	" AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.product_id = d.id)"
	" AND NOT EXISTS (SELECT 1 FROM entitlement e WHERE e.product_id = d.id)"
	" AND NOT EXISTS (SELECT 1 FROM benefit b JOIN price p ON p.id = b.price_id"
	"  WHERE b.product_id = d.id AND p.product_id <> d.id);"
	"UPDATE product SET status = 'withdrawn' WHERE seller_id IN (SELECT id FROM demo_account)"
	" AND id NOT IN (SELECT id FROM demo_product);"
	"DELETE b FROM benefit b JOIN price p ON p.id = b.price_id WHERE p.product_id IN (SELECT id FROM demo_product);"
	"DELETE FROM price WHERE product_id IN (SELECT id FROM demo_product);"
	"DELETE FROM product_file WHERE product_id IN (SELECT id FROM demo_product);"
	"DELETE FROM product_version WHERE product_id IN (SELECT id FROM demo_product);"
	"DELETE FROM product WHERE id IN (SELECT id FROM demo_product);"
	"DELETE FROM account WHERE id IN (SELECT id FROM demo_account) AND id NOT IN (SELECT seller_id FROM product);"
	"DELETE FROM category WHERE id IN (SELECT id FROM demo_category) AND id NOT IN (SELECT category_id FROM product);"
	"DROP TEMPORARY TABLE demo_account;"
	"DROP TEMPORARY TABLE demo_category;"
	"DROP TEMPORARY TABLE demo_product";

struct held_file {
	const char *storage;
};
ROW(held_file, storage);

struct counts {
	int64_t accounts, orders, products;
};
ROW(counts, accounts, orders, products);

static const struct counts *demo_counts(struct db *db)
{
	return db_one(db, counts,
		"SELECT COUNT(DISTINCT a.id) AS accounts, COUNT(DISTINCT o.id) AS orders, COUNT(DISTINCT d.id) AS products"
		" FROM account a LEFT JOIN orders o ON o.account_id = a.id LEFT JOIN product d ON d.seller_id = a.id"
		" WHERE a.email LIKE '%@demo.example'");
}

int demo_wipe_command(struct tool *tool)
{
	bool yes = false;
	struct db *db = tool->db;
	if (!options(tool, 0, 0, { "--yes", &yes, NULL }))
		return EXIT_USAGE;
	if (conf.stripe_livemode)
		return refused("this shop takes real money: nothing is wiped in it");
	const struct counts *before = demo_counts(db);
	printf("%lld accounts at demo.example, their %lld orders and %lld products\n", (long long)before->accounts,
		(long long)before->orders, (long long)before->products);
	if (!yes)
		return refused("say --yes to remove them for ever");
	struct list files = db_all(db, held_file,
		"SELECT f.storage FROM product_file f JOIN product d ON d.id = f.product_id JOIN account a ON a.id = d.seller_id"
		" WHERE a.email LIKE '%@demo.example'");
	db_begin(db);
	db_script(db, wipe_script);
	db_commit(db);
	LIST_EACH(held_file, file, files)
		if (!db_int(db, "SELECT COUNT(*) FROM product_file WHERE storage = ?", file->storage))
			file_store_remove(file->storage);
	const struct counts *after = demo_counts(db);
	printf("removed; %lld products that others bought are withdrawn instead\n", (long long)after->products);
	return EXIT_DONE;
}
