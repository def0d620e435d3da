/* Operands become files. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

#include "cli/cli.h"

struct files {
	const char *suffix, *but;
	char **list;
	size_t n, cap;
};

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), end = strlen(suffix);
	return n > end && strcmp(name + n - end, suffix) == 0;
}

static void walk(const char *dir, int depth, struct files *out)
{
	struct dirent **names;
	int n = depth < 32 ? scandir(dir, &names, NULL, alphasort) : -1;
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		struct dd_buf path = {0};
		struct stat st;
		dd_buf_format(&path, "%s%s%s", strcmp(dir, ".") == 0 ? "" : dir,
		        strcmp(dir, ".") == 0 || dir[strlen(dir) - 1] == '/' ? "" : "/", name);
		if (name[0] != '.' && lstat(path.p, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				walk(path.p, depth + 1, out);
			else if (ends_in(name, out->suffix) &&
			        !(out->but && ends_in(name, out->but)))
				DD_PUSH(out->list, out->n, out->cap) = dd_str_copy(dd_str(path.p));
		}
		dd_buf_free(&path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

size_t dd_cli_place(const char *operand)
{
	const char *colon = strrchr(operand, ':');
	struct stat st;
	if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")] ||
	        stat(operand, &st) == 0)
		return 0;
	return (size_t)(colon - operand);
}

int dd_cli_find(
        char **operands, int n, const char *suffix, const char *but, char ***files, size_t *nfiles)
{
	static char dot[] = ".", *here[] = {dot};
	struct files found = {.suffix = suffix, .but = but};
	if (n == 0) {
		operands = here;
		n = 1;
	}
	for (int i = 0; i < n; i++) {
		struct stat st;
		char *file = dd_str_copy(dd_str(operands[i]));
		if (dd_cli_place(file))
			file[dd_cli_place(file)] = '\0';
		if (strcmp(file, "-") != 0 && stat(file, &st) != 0) {
			free(file);
			for (size_t f = 0; f < found.n; f++)
				free(found.list[f]);
			free(found.list);
			return dd_usage_error("%s: %s", operands[i], strerror(errno));
		}
		if (strcmp(file, "-") != 0 && S_ISDIR(st.st_mode))
			walk(file, 0, &found);
		else
			DD_PUSH(found.list, found.n, found.cap) = dd_str_copy(dd_str(file));
		free(file);
	}
	size_t kept = 0;
	for (size_t i = 0; i < found.n; i++) {
		bool twice = false;
		for (size_t j = 0; j < kept; j++)
			twice |= strcmp(found.list[i], found.list[j]) == 0;
		if (twice)
			free(found.list[i]);
		else
			found.list[kept++] = found.list[i];
	}
	*files = found.list;
	*nfiles = kept;
	return 0;
}

/* `to` as seen from the folder `from`; both are real paths. */
static void relative(const char *from, const char *to, struct dd_buf *out)
{
	size_t same = 0;
	for (size_t i = 0;; i++) {
		bool end = from[i] == '\0' || from[i] == '/';
		if (end && to[i] == '/')
			same = i + 1;
		if (from[i] != to[i] || !from[i])
			break;
	}
	const char *rest = from + (same <= strlen(from) ? same : strlen(from));
	for (bool any = *rest != '\0'; any; any = rest != NULL) {
		dd_buf_str(out, "../");
		rest = strchr(rest, '/');
		if (rest)
			rest++;
	}
	dd_buf_str(out, to + same);
}

void dd_cli_flow_line(const char *file, const char *real, struct dd_buf *out)
{
	char folder[PATH_MAX];
	struct dd_buf path = {0};
	char *copy = dd_str_copy(dd_str(file));
	if (realpath(dirname(copy), folder))
		relative(strcmp(folder, "/") == 0 ? "" : folder, real, &path);
	else
		dd_buf_str(&path, real);
	free(copy);
	dd_buf_str(out, "flow: ");
	dd_buf_yaml(out, (struct dd_str){path.p, path.n});
	dd_buf_char(out, '\n');
	dd_buf_free(&path);
}
