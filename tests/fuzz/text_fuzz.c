/* text_fuzz.c: the small readers of what people type: licence keys, amounts, dates, numbers, ids, encodings. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "checked.h"
#include "form.h"
#include "license.h"
#include "moment.h"
#include "money.h"
#include "sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem *mem = mem_new((size_t)16 << 20);
	char *text = mem_textn(mem, (const char *)data, size);
	struct money money;
	struct moment moment;
	int64_t number;
	char *key = license_key_read(mem, text);
	if (key && strcmp(license_key_read(mem, key), key) != 0)
		__builtin_trap(); /* a key read is spelt one way */
	if (money_parse(text, "eur", &money) && money.minor < 0)
		__builtin_trap();
	if (parse_int(text, -10, 10, &number) && (number < -10 || number > 10))
		__builtin_trap();
	moment_parse_iso(text, &moment);
	public_id_valid(text);
	bytes_of_hex(mem, text, strlen(text));
	bytes_of_base64url(mem, text);
	char *decoded = url_decode(mem, text, strlen(text), true);
	if (decoded && !utf8_valid(decoded, strlen(decoded)))
		__builtin_trap();
	char *again = url_decode(mem, url_encode(mem, text), strlen(url_encode(mem, text)), false);
	if (utf8_valid(text, strlen(text)) && (!again || strcmp(again, text) != 0))
		__builtin_trap(); /* what is encoded decodes to itself */
	mem_free(mem);
	return 0;
}
