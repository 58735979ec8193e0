/* product.h: the writing side of what is sold: a product as its maker describes it, and how it gets into the shop.
 *
 * A file once released and a price once sold never change: other bytes under a released name are refused, another amount or
 * another benefit retires the price and makes a new one. What left the description keeps standing for those who bought it. */
#ifndef PRODUCT_H
#define PRODUCT_H

#include "db.h"
#include "file_store.h"
#include "intake.h"

enum { NONE = -1 }; /* of a number that may be absent: no limit, for ever */

struct file_draft {
	const char *path; /* beneath the product's folder */
	const char *name; /* what the customer saves it as */
	const char *media_type;
	const char *part;
	const char *where; /* in the description: versions[0].files[1] */
	struct stored stored;
	bool fresh; /* not in the shop yet */
};

struct version_draft {
	const char *name;
	struct moment released_at;
	const char *notes[LANGUAGES];
	struct file_draft *files;
	size_t file_count;
	const char *where;
};

struct benefit_draft {
	const char *kind;
	const char *product; /* slug of another product whose things it gives; "": this one's */
	const char *where;
	const char *parts; /* ",wav,stems,"; "": all */
	const char *module, *level;
	int64_t download_limit, seats, updates_days, duration_days, uses; /* NONE: none */
	int64_t tokens;
	bool transferable;
	int64_t product_id; /* found when it is saved */
};

struct price_draft {
	const char *key;
	const char *title[LANGUAGES], *summary[LANGUAGES];
	int64_t amount;
	const char *currency;
	int64_t position, quantity_max;
	const char *recurring; /* once, month, year */
	int64_t trial_days, trial_percent; /* of one that recurs; days 0: no trial */
	bool trial_card;
	struct benefit_draft *benefits;
	size_t benefit_count;
};

struct product_draft {
	struct intake *intake;
	int folder; /* what paths are beneath; closed with the intake's mem */
	const char *slug, *category, *status;
	const char *seller; /* as the description names it; "": the house */
	int64_t seller_id;  /* set by the caller */
	int64_t position;
	const char *title[LANGUAGES], *summary[LANGUAGES], *description[LANGUAGES], *cover_alt[LANGUAGES];
	const char **tags;
	size_t tag_count;
	const char *cover; /* path, then name below media/; "": none */
	struct version_draft *versions;
	size_t version_count;
	struct price_draft *prices;
	size_t price_count;
};

/* Reads a description: a folder with product.json, or the file itself. False when intake->faults says why not. */
bool product_read(struct intake *intake, const char *path, struct product_draft *draft);

enum imported { IMPORT_REFUSED, IMPORT_SAME, IMPORT_CHANGED, IMPORT_NEW };

struct import_report {
	int64_t changes; /* rows */
	int64_t files;   /* stored now */
	int64_t prices_made, prices_retired;
};

/* Brings the shop to what the draft says, whole or not at all. REFUSED: see intake->faults. */
enum imported product_import(struct db *db, struct product_draft *draft, struct import_report *report);

/* In the open transaction: the price, versions and files of a product (product_price.c, product_version.c). */
void product_prices_save(struct db *db, int64_t product_id, const struct product_draft *draft,
	struct import_report *report);
void product_versions_save(struct db *db, int64_t product_id, const struct product_draft *draft,
	struct import_report *report);

/* Measures the draft's files and marks those that are new; faults for what was released with other bytes. */
void product_files_compare(struct db *db, struct product_draft *draft);

/* Lowest price, its currency and the number of prices, kept in the product's row for the catalogue. */
void product_prices_refresh(struct db *db, int64_t product_id);

/* A category, made or changed. Returns whether anything changed. */
bool category_save(struct db *db, const char *slug, int64_t position, const char *const title[LANGUAGES]);

/* A list of categories: [{"slug", "position", "title": {"en", "fr"}}]. Whole or not at all: -1 and faults, or how many
 * changed. */
int64_t categories_import(struct db *db, struct intake *intake, int file);

#endif
