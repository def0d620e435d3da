/* --write-missing: one file for one flow, or a folder for several. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/test.h"
#include "scenario/missing.h"

static int write_file(
        const char *file, const struct dd_flow *flow, const struct dd_missing *missing)
{
	struct dd_buf out = {0};
	dd_buf_format(&out,
	        "# What drydial test --write-missing found not yet reached. Read it, name it, "
	        "keep what is right.\n");
	dd_cli_flow_line(file, flow->real, &out);
	dd_buf_add(&out, missing->yaml.p, missing->yaml.n);
	FILE *to = fopen(file, "wx");
	bool fine = to && fwrite(out.p, 1, out.n, to) == out.n;
	if (to && fclose(to) != 0)
		fine = false;
	dd_buf_free(&out);
	if (!fine)
		return dd_usage_error("--write-missing %s: %s", file, strerror(errno));
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
