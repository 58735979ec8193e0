/* asset.h: the files that the assembler put into the program (build/assets.s): templates, words, migrations. */
#ifndef ASSET_H
#define ASSET_H

/* name: "account/order.html", "lang/en.po", "sql/0001_account.sql". text up to end, followed by a NUL. */
struct asset {
	const char *name;
	const char *text;
	const char *end;
};

extern const struct asset assets[], assets_end[];

#endif
