/* Any bytes as a campaign's file and, behind a 0x01, as its contact list: loaded, checked, and, where few people are in it, simulated and
   printed. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "campaign/forecast.h"
#include "campaign/paper.h"
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

static const char FLOW[] = "flow: F\npurpose: reminder\nsteps:\n  - greeting: Hello\n  - id: choice\n    ivr:\n      prompt: Press\n      keys:\n"
			   "        1: { answer: yes, goal: true, then: [ sms: Thanks, hangup ] }\n        9: { answer: no, opt_out: true, then: [ hangup ] }\n"
			   "  - passthru: { url: http://example.com/, stub: { status: 200 }, exits: { error: [ hangup ] } }\n  - hangup\n";

/* The flow that is played, whatever the bytes say. */
static const char *flow_file(void)
{
	static char path[] = "/dev/shm/drydial-fuzz-campaign-XXXXXX";
	static int fd = -1;
	if (fd < 0) {
		fd = mkstemp(path);
		if (fd < 0 || write(fd, FLOW, sizeof FLOW - 1) != (ssize_t)sizeof FLOW - 1)
			abort();
	}
	return path;
}

static int patience;

static bool go_on(void *self, const struct dd_forecast *so_far)
{
	(void)self, (void)so_far;
	return --patience > 0;
}

static void simulate(const struct dd_campaign *c)
{
	dd_ms lengths[64];
	const dd_ms *all[] = {lengths};
	const struct dd_campaign *list[] = {c};
	struct dd_simulate_options o = {.prompt_ms = all, .seed = 1, .go_on = go_on};
	struct dd_error err;
	if (!c->program || c->people->n > 300 || c->program->nprompts > 64)
		return;
	for (int i = 0; i < 64; i++)
		lengths[i] = 1500;
	patience = 20;
	struct dd_forecast **f = dd_simulate(list, 1, &o, &err);
	if (!f)
		return;
	uint64_t ends = 0;
	for (int e = 0; e < DD_CONTACT_ENDS_COUNT; e++)
		ends += f[0]->ends[e];
	if (ends != f[0]->contacts || (c->concurrency && f[0]->peak > c->concurrency))
		abort();
	const struct dd_forecast_style style = {true, 80};
	struct dd_buf out = {0};
	const struct dd_forecast *const *told = (const struct dd_forecast *const *)f;
	dd_forecast_text(told, 1, &style, &out);
	dd_forecast_json(told, 1, &out);
	dd_forecast_html(told, 1, &out);
	dd_forecast_csv(told, 1, &out);
	dd_buf_free(&out);
	dd_forecast_free(f[0]);
	free(f);
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
	struct dd_campaign_choices choices = {.flow = flow_file(), .contacts = split ? list : NULL, .dnd = split ? list : NULL};
	dd_diags_init(&diags, arena);
	struct dd_campaign *campaign = dd_campaign_load(path, &choices, &diags);
	if (!campaign && !diags.errors)
		abort();
	if (campaign)
		dd_campaign_check(campaign, NULL, &diags);
	if (campaign)
		simulate(campaign);
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
