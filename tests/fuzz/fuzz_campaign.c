/* Any bytes as a campaign's file and, behind a 0x01, as its contact list: loaded, checked, and,
   where few people are in it, simulated and put through every printer. Behind a 0x02 come the bytes
   from which its flow is made up: any of them gives a flow that loads, so that keys without
   answers, menus without keys and steps without ids all reach the printers. */
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

static const char FLOW[] =
        "flow: F\npurpose: reminder\nsteps:\n  - greeting: Hello\n  - id: choice\n    ivr:\n"
        "      prompt: Press\n      keys:\n"
        "        1: { answer: yes, goal: true, then: [ sms: Thanks, hangup ] }\n"
        "        9: { answer: no, opt_out: true, then: [ hangup ] }\n"
        "  - passthru: { url: http://example.com/, stub: { status: 200 }, exits: { error: "
        "[ hangup ] } }\n  - hangup\n";

/* One step for each byte: what it is, by its low bits, and what stands in it, by the others. */
static void make_up_step(uint8_t byte, int place, struct dd_buf *out)
{
	static const char *const steps[] = {
	        "  - greeting: Hello\n",
	        "  - ivr: { prompt: Press, keys: { 1: [ greeting: hi ] } }\n",
	        "  - ivr: { prompt: Press, keys: { 2: Two, 3: { goal: true }, \"#\": { opt_out: "
	        "true, then: [ hangup ] } }, retries: 1 }\n",
	        "  - ivr: { prompt: Press, collect: { min: 1, max: 4 } }\n",
	        "  - passthru: { url: http://example.com/, stub: [ { status: 200 }, { error: "
	        "timeout }, { status: 500 } ], exits: { error: [ hangup ] } }\n",
	        "  - sms: Thanks\n",
	        "  - hangup\n",
	};
	static const char *const named[] = {
	        "  - { id: s%d, ivr: { prompt: Press, keys: { \"*\": { answer: \"{Digits}\" }, 0: "
	        "[ hangup ] }, otherwise: [ sms: Sorry ] } }\n",
	        "  - { id: s%d, greeting: { text: Hello, interruptible: true } }\n",
	};
	unsigned which = byte % 9;
	if (which < 7)
		dd_buf_str(out, steps[which]);
	else
		dd_buf_format(out, named[which - 7], place);
}

/* The flow that is played: the usual one, or one made up of `bytes`. */
static const char *flow_file(const char *bytes, size_t n)
{
	static char path[] = "/dev/shm/drydial-fuzz-campaign-XXXXXX";
	static int fd = -1;
	struct dd_buf text = {0};
	if (bytes && n)
		dd_buf_str(&text, "flow: F\nsteps:\n");
	else
		dd_buf_add(&text, FLOW, sizeof FLOW - 1);
	for (size_t i = 0; bytes && i < n && i < 24; i++)
		make_up_step((uint8_t)bytes[i], (int)i, &text);
	fd = fd < 0 ? mkstemp(path) : fd;
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, text.p, text.n, 0) != (ssize_t)text.n)
		abort();
	dd_buf_free(&text);
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
	dd_forecast_metrics_csv(told, 1, &out);
	dd_forecast_bands_text(told, 1, &style, &out);
	dd_forecast_bands_json(told, 1, &out);
	const struct dd_what_if_row row = {"10", f[0]};
	const struct dd_what_if what_if = {"concurrency", &row, 1, INT64_MAX};
	dd_what_if_text(&what_if, &style, &out);
	dd_what_if_json(&what_if, &out);
	dd_buf_free(&out);
	dd_forecast_free(f[0]);
	free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], list[64];
	if (size > 20000)
		return 0;
	const char *text = (const char *)data, *flow = size ? memchr(text, 2, size) : NULL;
	size_t flow_n = flow ? size - (size_t)(flow - text) - 1 : 0;
	size -= flow ? flow_n + 1 : 0;
	const char *split = size ? memchr(text, 1, size) : NULL;
	size_t n = split ? (size_t)(split - text) : size;
	int fd = file_of(text, n, path),
	    contacts =
	            file_of(split ? split + 1 : "phone_number\n", split ? size - n - 1 : 13, list);
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	struct dd_campaign_choices choices = {.flow = flow_file(flow ? flow + 1 : NULL, flow_n),
	        .contacts = split ? list : NULL,
	        .dnd = split ? list : NULL};
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
