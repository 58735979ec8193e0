/* script.c: an SQL script taken apart at its semicolons. */
#include <ctype.h>
#include <string.h>

#include "migrate.h"

/* Behind a quoted text that begins at p: 'it''s', "a\"b", `name`. */
static const char *quoted_end(const char *p)
{
	char quote = *p++;
	while (*p && *p != quote)
		p += p[0] == '\\' && p[1] && quote != '`' ? 2 : 1;
	return *p ? p + 1 : p; /* a doubled quote is two texts side by side */
}

/* Behind a comment that begins at p; p itself when none does. */
static const char *comment_end(const char *p)
{
	if (*p == '#' || (p[0] == '-' && p[1] == '-' && (!p[2] || isspace((unsigned char)p[2]))))
		return p + strcspn(p, "\n");
	if (p[0] != '/' || p[1] != '*')
		return p;
	const char *end = strstr(p + 2, "*/");
	return end ? end + 2 : p + strlen(p);
}

const char *script_next(struct mem *mem, const char **sql)
{
	struct buffer out = buffer_new(mem, 256);
	const char *p = *sql;
	while (*p && !(*p == ';' && out.length)) {
		const char *after = comment_end(p);
		if (after == p && strchr("'\"`", *p))
			after = quoted_end(p);
		else if (after != p || *p == ';' || (!out.length && isspace((unsigned char)*p))) {
			p = after == p ? p + 1 : after;
			continue;
		} else
			after = p + 1;
		buffer_put(&out, p, (size_t)(after - p));
		p = after;
	}
	*sql = *p ? p + 1 : p;
	return out.length ? out.text : NULL;
}
