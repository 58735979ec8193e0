/* download.c: how long links serve and how often rights do. Links are made in download_link.c (the portal), used in
 * download_use.c (the zone of downloads). */
#include "download_private.h"

enum { SECONDS_MIN = 600, SECONDS_MAX = 3 * 3600, BYTES_PER_SECOND = 50 * 1024 };

int64_t download_seconds(int64_t size)
{
	int64_t seconds = size / BYTES_PER_SECOND;
	return seconds < SECONDS_MIN ? SECONDS_MIN : seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
}

bool download_used_up(struct db *db, const struct download *download)
{
	return download->download_limit && db_int(db,
		"SELECT COUNT(*) FROM download_event WHERE entitlement_id = ? AND file_id = ?", download->entitlement_id,
		download->file_id) >= download->download_limit;
}
