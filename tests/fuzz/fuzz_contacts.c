/* Lists of contacts: any bytes give findings by line, in order, and every line is counted once. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check/contacts.h"
#include "sim/tts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char FLOW[] = "flow: F\nvariables: { name: Rahul, amount: 5 }\nsteps:\n"
                           "  - greeting: [ \"Hello {name}, you owe {amount:digits}.\", { pause: "
                           "1s }, \"<speak>{name}</speak>\" ]\n"
                           "  - sms: \"{name} {amount}\"\n  - hangup\n";

struct told {
	uint64_t line, n;
	struct dd_buf out;
	const struct dd_program *program;
};

static void found(void *self, const struct dd_contact_finding *f)
{
	struct told *t = self;
	if (f->line < t->line)
		abort(); /* out of order */
	t->line = f->line;
	t->n++;
	dd_buf_clear(&t->out);
	dd_contacts_finding_text(f, "list", true, &t->out);
	dd_contacts_finding_json(f, &t->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dd_program *program;
	static struct dd_arena *arena;
	static struct dd_diags diags;
	if (!program) {
		char path[] = "/dev/shm/drydial-fuzz-XXXXXX";
		int fd = mkstemp(path);
		if (fd < 0 || write(fd, FLOW, sizeof FLOW - 1) != (ssize_t)sizeof FLOW - 1)
			abort();
		close(fd);
		arena = dd_arena_new();
		dd_diags_init(&diags, arena);
		program = dd_program_load(path, &diags);
		unlink(path);
		if (!program)
			abort();
	}
	int fd = memfd_create("list", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	struct dd_sim_tts *tts = dd_sim_tts_new(200, 0);
	struct told t = {.program = program};
	struct dd_contacts_options o = {.check = {.tts = dd_sim_tts_port(tts)},
	        .fd = fd,
	        .name = "list",
	        .self = &t,
	        .found = found};
	struct dd_contacts *c = dd_check_contacts(program, &o);
	if (c->tally.contacts !=
	                c->tally.fine + c->tally.over + c->tally.lacking + c->tally.unreadable ||
	        c->tally.bytes > size)
		abort();
	dd_contacts_text(c, "list", false, &t.out);
	dd_contacts_json(c, "list", &t.out);
	dd_buf_free(&t.out);
	dd_contacts_free(c);
	dd_sim_tts_free(tts);
	close(fd);
	return 0;
}
