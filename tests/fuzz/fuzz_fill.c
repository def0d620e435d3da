/* Placeholders: any text as a template, any text as a value, in every use. Paths never climb, URLs
 * and SSML stay whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "call/fill.h"
#include "call/state.h"
#include "session/prompt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_quoted(FILE *file, const uint8_t *data, size_t size)
{
	fputc('"', file);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '"' || data[i] == '\\')
			fprintf(file, "\\%c", data[i]);
		else if (data[i] >= 0x20 && data[i] < 0x7F)
			fputc(data[i], file);
		else
			fprintf(file, "\\x%02X", data[i] < 0x20 ? ' ' : data[i]);
	}
	fputc('"', file);
}

static void use_all(const struct dd_program *p, const char *value)
{
	const char *name = "v";
	struct dd_call *c = malloc(dd_call_size(p, 65536));
	char text[DD_TEXT_BYTES_MAX + 1];
	dd_call_init(
	        c, p, 65536, &(struct dd_setup){.names = &name, .values = &value, .nvariables = 1});
	for (uint32_t t = 0; t < p->ntemplates; t++)
		for (int use = 0; use < 4; use++) {
			size_t n = 0;
			enum dd_status status = dd_call_fill(
			        c, t, (enum dd_fill_use)use, 0, text, sizeof text, &n, NULL, NULL);
			if (n >= sizeof text || text[n] != '\0')
				abort();
			if (use == DD_FILL_SPEECH && status == DD_OK) {
				struct dd_buf words = {0};
				dd_ssml_words((struct dd_str){text, n}, &words);
				if (words.n > n)
					abort();
				dd_buf_free(&words);
			}
			if (use == DD_FILL_URL && t == p->ntemplates - 1)
				for (size_t i = 0; i < n; i++)
					if (text[i] == ' ' || text[i] == '"' ||
					        (unsigned char)text[i] >= 0x7F)
						abort();
			if (use == DD_FILL_PATH && status == DD_OK && t == p->ntemplates - 1 &&
			        strstr(text + 9, ".."))
				abort();
		}
	free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	size_t half = size / 2;
	if (size > 8000)
		return 0;
	if (!path[0])
		(void)snprintf(path, sizeof path, "/dev/shm/drydial-fill-%ld.yaml", (long)getpid());
	FILE *file = fopen(path, "w");
	if (!file)
		abort();
	fputs("flow: F\nvariables: { v: x }\nsteps:\n  - sms: ", file);
	write_quoted(file, data, half);
	fputs("\n  - greeting: ", file);
	write_quoted(file, data, half);
	fputs("\n  - passthru: { url: 'http://x.y/{v}', stub: {} }\n", file);
	fclose(file);
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	struct dd_program *p = dd_program_load(path, &diags);
	char *value = malloc(size - half + 1);
	memcpy(value, data + half, size - half);
	value[size - half] = '\0';
	if (p)
		use_all(p, value);
	free(value);
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	unlink(path);
	return 0;
}
