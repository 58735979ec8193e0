/* /download/{token}: the file behind a link, checked at every request. HEAD and refused ranges use nothing. */
#include "delivery.h"
#include "web.h"

ROUTE(GET, "/download/{token}", MEMBER, download_get)
{
	const struct download *download;
	struct delivery delivery = { 0 };
	enum download_answer answer = download_find(req->db, req->account_id, path_text(req, "token"), &download);
	if (answer == DOWNLOAD_OPEN) {
		delivery = (struct delivery){ .name = download->file_name, .media_type = download->media_type,
			.storage = download->storage, .size = download->size.bytes, .sha256 = download->sha256 };
		if (!delivery_open(req, &delivery))
			refuse(req, 503);
		if (!req->head && delivery.status != 416)
			answer = download_use(req->db, download);
	}
	if (answer == DOWNLOAD_OPEN)
		delivery_answer(req, &delivery);
	else
		delivery_refuse(req, answer, download);
}
