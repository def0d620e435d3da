/* drydial check --fix: a diff, a question, and files that are written whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/source.h"
#include "base/text.h"
#include "check/fix.h"
#include "cli/cli.h"
#include "cli/replace.h"
#include "doc/yaml.h"
#include "report/diff.h"

static bool is_repaired(const struct dd_fix_file *f)
{
	return !dd_str_same(f->before, f->after);
}

/* What cannot be read again: standard input, a pipe. */
static bool is_stream(const char *path)
{
	struct stat st;
	return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

static void give_streams(struct dd_fixes *fixes, char **files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct dd_source *source;
		struct dd_error err;
		if (is_stream(files[i]) &&
		        dd_source_read(fixes->arena, files[i], DD_FILE_BYTES_MAX, &source, &err) ==
		                DD_OK)
			dd_fix_give(fixes, files[i], source->text);
	}
}

/* -- writing ---------------------------------------------------------------- */

static int refuse(const struct dd_fix_file *f, const char *why)
{
	return dd_usage_error("--fix %s: %s", f->name, why);
}

static int replace(const struct dd_fix_file *f)
{
	int why = dd_replace_file(f->real, f->after);
	return why ? refuse(f, strerror(why)) : 0;
}

/* Somebody may have saved it since it was read. */
static bool is_as_read(const struct dd_fix_file *f)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_source *now;
	struct dd_error err;
	bool same = dd_source_read(arena, f->real, DD_FILE_BYTES_MAX, &now, &err) == DD_OK &&
	        dd_str_same(now->text, f->before);
	dd_arena_free(arena);
	return same;
}

static int write_file(const struct dd_fix_file *f)
{
	struct stat st;
	if (stat(f->real, &st) != 0)
		return refuse(f, strerror(errno));
	if ((st.st_mode & 0222) == 0 || access(f->real, W_OK) != 0)
		return refuse(f, "is read-only; not written");
	if (!is_as_read(f))
		return refuse(f, "has changed meanwhile; not written");
	return replace(f);
}

/* Those that could be written are taken for what they are now. */
static int write_files(struct dd_fixes *fixes, size_t *left)
{
	int code = 0;
	for (uint32_t i = 0; i < fixes->nfiles; i++) {
		struct dd_fix_file *f = &fixes->files[i];
		if (!is_repaired(f))
			continue;
		int failed =
		        is_stream(f->real) ? refuse(f, "is no file; not written") : write_file(f);
		if (failed)
			code = failed;
		else
			--*left;
	}
	return code;
}

/* -- showing ---------------------------------------------------------------- */

static size_t show(const struct dd_fixes *fixes, bool colour)
{
	struct dd_buf out = {0};
	size_t n = 0;
	for (uint32_t i = 0; i < fixes->nfiles; i++) {
		const struct dd_fix_file *f = &fixes->files[i];
		n += is_repaired(f);
		dd_diff_unified(f->name, f->before, f->after, colour, &out);
	}
	dd_print(&out);
	dd_buf_free(&out);
	return n;
}

/* Only "y" or "yes" is a yes. */
static bool ask(void)
{
	char answer[16] = "";
	printf("Write these changes? [y/N] ");
	(void)fflush(stdout);
	if (!fgets(answer, sizeof answer, stdin))
		printf("\n");
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 || strcmp(answer, "yes") == 0;
}

int dd_cli_fix(struct dd_fixes *fixes, char **files, size_t n, bool write,
        const struct dd_style *style, size_t *left)
{
	const char **paths = dd_alloc((n + 1) * sizeof *paths);
	for (size_t i = 0; i < n; i++)
		paths[i] = files[i];
	give_streams(fixes, files, n);
	dd_fix(fixes, paths, n);
	free(paths);
	*left = show(fixes, style->colour);
	if (*left == 0) {
		fprintf(stderr, "drydial: nothing to fix\n");
		return 0;
	}
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (write || (terminal && ask()))
		return write_files(fixes, left);
	if (!terminal)
		fprintf(stderr,
		        "drydial: nothing is written; --fix --write writes these changes\n");
	return 0;
}
