/* Any bytes as the body of a multipart form. The first byte says where it goes to; its head fits
 * whatever it is. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "served.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const TARGETS[] = {"POST /v1/Accounts/me/Calls/connect.json",
        "POST /v1/Accounts/me/Sms/send.json", "POST /v1/Accounts/me/Sms/bulksend.json",
        "POST /v2/accounts/me/contacts/csv-upload", "POST /v1/Accounts/me/CustomerWhitelist.json"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *request;
	if (size == 0)
		return 0;
	int head = asprintf(&request,
	        "%s HTTP/1.1\r\nHost: a\r\nAuthorization: Basic azp0\r\n"
	        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %zu\r\n\r\n",
	        TARGETS[data[0] % (sizeof TARGETS / sizeof *TARGETS)], size - 1);
	if (head < 0)
		abort();
	request = realloc(request, (size_t)head + size);
	if (!request)
		abort();
	memcpy(request + head, data + 1, size - 1);
	served_once(false, request, (size_t)head + size - 1);
	free(request);
	return 0;
}
