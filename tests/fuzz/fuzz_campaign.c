/* Any bytes as a campaign's file and, behind a 0x01, as its contact list: loaded, and checked. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "campaign/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory, and a path that names it. */
static int file_of(const char *p, size_t n, char path[64])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	(void)snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], list[64];
	if (size > 20000)
		return 0;
	const char *text = (const char *)data, *split = size ? memchr(text, 1, size) : NULL;
	size_t n = split ? (size_t)(split - text) : size;
	int fd = file_of(text, n, path), contacts = file_of(split ? split + 1 : "phone_number\n", split ? size - n - 1 : 13, list);
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	struct dd_campaign_choices choices = {.contacts = list, .dnd = list};
	dd_diags_init(&diags, arena);
	struct dd_campaign *campaign = dd_campaign_load(path, &choices, &diags);
	if (!campaign && !diags.errors)
		abort();
	if (campaign)
		dd_campaign_check(campaign, NULL, &diags);
	struct dd_buf out = {0};
	dd_diags_text(&diags, &out, false);
	dd_buf_free(&out);
	dd_campaign_free(campaign);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	close(fd);
	close(contacts);
	return 0;
}
