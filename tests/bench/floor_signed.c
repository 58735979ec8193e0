/* floor_signed.c: the body of a webhook and its signature, for the bare webhook. */
#include <fcgiapp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "floor.h"

char floor_body[FLOOR_BODY_MAX + 1];
unsigned long floor_body_length;

/* t=…,v1=…: the one form of the header that the bench sends. */
static int signature_good(const char *header)
{
	static const char digits[] = "0123456789abcdef";
	static char signed_text[FLOOR_BODY_MAX + 32];
	unsigned char mac[32];
	char hex[65];
	const char *v1 = header ? strstr(header, ",v1=") : NULL;
	if (!v1 || strncmp(header, "t=", 2) || labs(time(NULL) - strtol(header + 2, NULL, 10)) > 300)
		return 0;
	size_t before = (size_t)(v1 - header) - 2;
	memcpy(signed_text, header + 2, before);
	signed_text[before] = '.';
	memcpy(signed_text + before + 1, floor_body, floor_body_length);
	const char *secret = setting("FLOOR_SECRET");
	HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)signed_text, before + 1 + floor_body_length, mac, NULL);
	for (size_t i = 0; i < 32; i++) {
		hex[2 * i] = digits[mac[i] >> 4];
		hex[2 * i + 1] = digits[mac[i] & 15];
	}
	hex[64] = 0;
	return !strcmp(hex, v1 + 4);
}

int floor_signed(FCGX_Request *request)
{
	const char *length = FCGX_GetParam("CONTENT_LENGTH", request->envp);
	floor_body_length = length ? strtoul(length, NULL, 10) : 0;
	int whole = (int)floor_body_length;
	int good = whole && floor_body_length <= FLOOR_BODY_MAX && FCGX_GetStr(floor_body, whole, request->in) == whole;
	floor_body[good ? whole : 0] = 0;
	return good && signature_good(FCGX_GetParam("HTTP_STRIPE_SIGNATURE", request->envp));
}
