/* --write-missing: one file for one flow, or a folder for several. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/app.h"
#include "cli/test.h"
#include "scenario/missing.h"

/* A new file: `head` names what is called. 0, or an exit code after a message. */
static int write_new(const char *file, const struct dd_buf *head, const struct dd_buf *scenarios)
{
	struct dd_buf out = {0};
	dd_buf_format(&out,
	        "# What drydial test --write-missing found not yet reached. Read it, name it, "
	        "keep what is right.\n");
	dd_buf_add(&out, head->p, head->n);
	dd_buf_add(&out, scenarios->p, scenarios->n);
	FILE *to = fopen(file, "wx");
	bool fine = to && fwrite(out.p, 1, out.n, to) == out.n;
	if (to && fclose(to) != 0)
		fine = false;
	dd_buf_free(&out);
	return fine ? 0 : dd_usage_error("--write-missing %s: %s", file, strerror(errno));
}

static int write_file(
        const char *file, const struct dd_flow *flow, const struct dd_missing *missing)
{
	struct dd_buf head = {0};
	dd_cli_flow_line(file, flow->real, &head);
	int code = write_new(file, &head, &missing->yaml);
	dd_buf_free(&head);
	if (code)
		return code;
	const char *more = missing->unreachable == 1 ? "" : "s";
	char rest[80] = "";
	if (missing->unreachable)
		(void)snprintf(rest, sizeof rest, "; %u step%s or exit%s no call can reach",
		        missing->unreachable, more, more);
	dd_note("%u scenario%s written to %s%s", missing->written, missing->written == 1 ? "" : "s",
	        file, rest);
	return 0;
}

/* The counts of every suite of the flow, added up; NULL when an earlier suite is of the same flow.
 */
static struct dd_counts *counts_of(const struct dd_plan *plan, uint32_t i)
{
	const char *real = plan->suites[i]->program->flows[0].real;
	for (uint32_t j = 0; j < i; j++)
		if (plan->suites[j]->program && !plan->suites[j]->app &&
		        strcmp(plan->suites[j]->program->flows[0].real, real) == 0)
			return NULL;
	struct dd_counts *all = dd_counts_new(plan->ways[i]);
	for (uint32_t j = i; j < plan->nsuites; j++)
		if (plan->suites[j]->program && !plan->suites[j]->app &&
		        strcmp(plan->suites[j]->program->flows[0].real, real) == 0)
			dd_counts_add(all, plan->counts[j]);
	return all;
}

/* -- applications ----------------------------------------------------------- */

static int write_crawled(const char *file, const struct dd_buf *head, const struct dd_buf *yaml,
        const struct dd_crawled *found)
{
	if (!found->written) {
		dd_note("nothing is missing; %s is not written", file);
		return 0;
	}
	int code = write_new(file, head, yaml);
	if (!code)
		dd_note("%u scenario%s written to %s", found->written,
		        found->written == 1 ? "" : "s", file);
	return code;
}

int dd_test_crawl(const struct dd_test_options *o, const char *operand)
{
	struct dd_buf head = {0}, yaml = {0};
	struct dd_cli_app a = {.scenarios = &yaml};
	struct dd_crawled found = {0};
	char *told = dd_url_told(operand);
	dd_buf_str(&yaml, "scenarios:\n");
	int code = dd_cli_crawl(&a, operand, &found);
	dd_buf_str(&head, "app: ");
	dd_buf_yaml(&head, dd_str(told));
	dd_buf_char(&head, '\n');
	free(told);
	if (!code)
		code = write_crawled(o->write_missing, &head, &yaml, &found);
	if (found.program)
		dd_program_free(found.program);
	dd_cli_app_close(&a);
	dd_buf_free(&head);
	dd_buf_free(&yaml);
	return code;
}

/* `app:` as it stands in the file, up to what begins the next key. */
static void copy_app(struct dd_str text, struct dd_buf *out)
{
	bool inside = false;
	while (text.n) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) + 1 : text.n;
		bool key = text.p[0] != ' ' && text.p[0] != '\n' && text.p[0] != '#';
		inside = key ? n > 4 && memcmp(text.p, "app:", 4) == 0 : inside;
		if (inside && text.p[0] != '\n')
			dd_buf_add(out, text.p, n);
		text.p += n;
		text.n -= n;
	}
}

/* What the scenarios of a file have not reached of their application. */
static int write_app(
        const struct dd_test_options *o, struct dd_suite *suite, struct dd_cli_voice *voice)
{
	struct dd_suite_app *a = suite->app;
	struct dd_buf head = {0}, yaml = {0};
	struct dd_crawled found = {0};
	bool twiml = a->options.dialect == DD_TWIML;
	struct dd_crawl_options c = {.tts = dd_cli_voice_port(voice),
	        .to = twiml ? "+918047112233" : NULL,
	        .direction = a->options.outbound ? "outbound-api" : "inbound",
	        .scenarios = &yaml,
	        .visits = a->visits,
	        .nvisits = a->nvisits};
	if (!a->visits)
		c.visits = (const uint64_t[]){0}, c.nvisits = 0;
	dd_buf_str(&yaml, "scenarios:\n");
	copy_app(suite->source->text, &head);
	dd_app_faults(a->app, NULL, 0);
	dd_app_crawl(a->app, &c, &found);
	int code = write_crawled(o->write_missing, &head, &yaml, &found);
	if (found.program)
		dd_program_free(found.program);
	dd_buf_free(&head);
	dd_buf_free(&yaml);
	return code;
}

static void name_in(const char *dir, const char *flow, struct dd_buf *out)
{
	const char *slash = strrchr(flow, '/'), *name = slash ? slash + 1 : flow,
	           *dot = strrchr(name, '.');
	dd_buf_format(out, "%s%s%.*s.missing.test.yaml", dir,
	        dir[strlen(dir) - 1] == '/' ? "" : "/",
	        (int)(dot ? dot - name : (long)strlen(name)), name);
}

int dd_test_write_missing(
        const struct dd_test_options *o, const struct dd_plan *plan, struct dd_cli_voice *voice)
{
	struct stat st;
	bool folder = stat(o->write_missing, &st) == 0 && S_ISDIR(st.st_mode);
	unsigned files = 0;
	int code = 0;
	for (uint32_t i = 0; i < plan->nsuites && !code; i++) {
		struct dd_missing missing = {0};
		if (plan->suites[i]->app && !plan->suites[i]->diags.errors) {
			code = files || folder ? dd_usage_error("--write-missing %s: one "
			                                        "application at a time, and a file",
			                                 o->write_missing)
			                       : write_app(o, plan->suites[i], voice);
			files++;
			continue;
		}
		bool has_flow = plan->suites[i]->program && !plan->suites[i]->app;
		struct dd_counts *counts = has_flow ? counts_of(plan, i) : NULL;
		if (!counts)
			continue;
		const struct dd_flow *flow = &plan->suites[i]->program->flows[0];
		dd_missing_write(
		        plan->suites[i]->program, dd_cli_voice_port(voice), counts, &missing);
		if (missing.written && files && !folder) {
			code = dd_usage_error(
			        "--write-missing %s: several flows have something missing; "
			        "name a folder",
			        o->write_missing);
		} else if (missing.written) {
			struct dd_buf name = {0};
			if (folder)
				name_in(o->write_missing, flow->path, &name);
			else
				dd_buf_str(&name, o->write_missing);
			code = write_file(name.p, flow, &missing);
			files++;
			dd_buf_free(&name);
		}
		dd_missing_fini(&missing);
		dd_counts_free(counts);
	}
	if (!files && !code)
		dd_note("nothing is missing; %s is not written", o->write_missing);
	return code;
}
