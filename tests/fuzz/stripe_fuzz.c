/* stripe_fuzz.c: the signature header (first line) and the event behind it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "json.h"
#include "sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = { "id", "object", "type", "data.object.id", "data.object.total_details.amount_discount",
	"livemode", "data.object.metadata.order_id", "data.object.payment_intent" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *mem = mem_new((size_t)64 << 20);
	const uint8_t *line = memchr(data, '\n', size);
	size_t header = line ? (size_t)(line - data) : size;
	const uint8_t *body = data + header;
	size_t length = size - header;
	if (stripe_signature(mem, mem_textn(mem, (const char *)data, header), body, length, "whsec_a,whsec_b", 1000, 300) ==
		SIGNATURE_GOOD)
		__builtin_trap(); /* nobody guesses an HMAC */
	struct json_object *event = json_read(mem, (struct bytes){ body, length }, 32);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		json_text(event, paths[i]);
		json_id(event, paths[i]);
		json_int(event, paths[i], 0);
		json_is_true(event, paths[i]);
	}
	mem_free(mem);
	return 0;
}
