/* usage.c: debits by day. */
#include "usage.h"

#include "count.h"
#include "moment.h"

#define DAY (INT64_C(86400) * 1000000)

struct spent {
	int64_t age, tokens;
};
ROW(spent, age, tokens);

static struct moment today(void)
{
	struct moment now = moment_now();
	return (struct moment){ now.us - now.us % DAY };
}

static struct list spent_read(struct request *req)
{
	struct moment first = moment_add_days(today(), 1 - USAGE_DAYS);
	return db_all(req->db, spent,
		"SELECT COALESCE(DATEDIFF(?, created_at), 0) AS age, COALESCE(CAST(-SUM(amount) AS SIGNED), 0) AS tokens"
		" FROM token_entry WHERE account_id = ? AND kind = 'debit' AND created_at >= ? GROUP BY DATE(created_at)",
		today(), req->account_id, first);
}

static int64_t peak_of(const int64_t spent[USAGE_DAYS])
{
	int64_t peak = 0;
	for (size_t i = 0; i < USAGE_DAYS; i++)
		peak = spent[i] > peak ? spent[i] : peak;
	return peak;
}

/* What was used shows, however little beside the peak. */
static int64_t height_of(int64_t tokens, int64_t peak)
{
	int64_t height = (int64_t)((__int128)tokens * USAGE_HEIGHT / peak);
	return tokens && height < 2 ? 2 : height;
}

static struct usage_day day_of(struct request *req, size_t i, int64_t tokens, int64_t peak)
{
	int64_t x = (int64_t)i * USAGE_STEP + (USAGE_STEP - USAGE_BAR) / 2, height = height_of(tokens, peak);
	struct moment day = moment_add_days(today(), (int64_t)i + 1 - USAGE_DAYS);
	return (struct usage_day){ .day = day, .tokens = tokens ? count_print(req->mem, tokens, req->language) : "",
		.label = mem_format(req->mem, "%d", moment_civil(day).day), .x = x, .middle = x + USAGE_BAR / 2,
		.y = USAGE_TOP + USAGE_HEIGHT - height, .height = height };
}

struct list usage_days(struct request *req)
{
	int64_t spent[USAGE_DAYS] = { 0 };
	struct list rows = spent_read(req), list = { .shape = &usage_day_shape };
	LIST_EACH(spent, row, rows)
		if (row->age >= 0 && row->age < USAGE_DAYS)
			spent[USAGE_DAYS - 1 - row->age] = row->tokens;
	int64_t peak = peak_of(spent);
	if (!peak)
		return list;
	struct usage_day *days = mem_array(req->mem, USAGE_DAYS, sizeof *days);
	list.items = days;
	for (bool told = false; list.count < USAGE_DAYS; list.count++) {
		days[list.count] = day_of(req, list.count, spent[list.count], peak);
		days[list.count].is_peak = !told && spent[list.count] == peak;
		told |= days[list.count].is_peak;
	}
	return list;
}
