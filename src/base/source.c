/* Reading files with a bound; line maps. */
#include "base/source.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "base/input.h"
#include "base/text.h"

struct dd_source *dd_source_new(struct dd_arena *arena, const char *name, struct dd_str text)
{
	struct dd_source *s = dd_arena_alloc(arena, sizeof *s);
	uint32_t count = 1;
	for (size_t i = 0; i < text.n; i++)
		count += text.p[i] == '\n';
	s->name = dd_arena_copy(arena, name, strlen(name));
	s->text = text;
	s->lines = dd_arena_alloc(arena, count * sizeof *s->lines);
	s->lines[s->nlines++] = 0;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\n')
			s->lines[s->nlines++] = (uint32_t)i + 1;
	return s;
}

/* `limit` + 1 bytes tell a file at the limit from one beyond it. */
static enum dd_status read_all(int fd, size_t limit, struct dd_buf *buf)
{
	char chunk[65536];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return DD_ERR_READ;
		if (n == 0)
			return DD_OK;
		dd_buf_add(buf, chunk, (size_t)n);
		if (buf->n > limit)
			return DD_ERR_LIMIT;
	}
}

static void close_descriptor(void *fd)
{
	close((int)(intptr_t)fd);
}

enum dd_status dd_source_read(struct dd_arena *arena, const char *name, size_t limit,
        struct dd_source **out, struct dd_error *err)
{
	bool input = strcmp(name, "-") == 0;
	int fd = input ? STDIN_FILENO : dd_input_open(name, err);
	if (fd < 0)
		return DD_ERR_READ;
	struct dd_buf buf = {0};
	if (!input)
		dd_memory_defer(close_descriptor, (void *)(intptr_t)fd);
	enum dd_status status = read_all(fd, limit, &buf);
	if (status == DD_ERR_READ)
		dd_fail(err, status, "%s", strerror(errno));
	else if (status == DD_ERR_LIMIT)
		dd_fail(err, status, "is larger than %zu KiB, the most a file may hold",
		        limit / 1024);
	else
		*out = dd_source_new(arena, input ? "<stdin>" : name,
		        (struct dd_str){dd_arena_copy(arena, buf.p, buf.n), buf.n});
	dd_buf_free(&buf);
	if (!input) {
		dd_memory_done((void *)(intptr_t)fd);
		close(fd);
	}
	return status;
}

struct dd_str dd_source_line(const struct dd_source *source, uint32_t line)
{
	if (line == 0 || line > source->nlines)
		return (struct dd_str){"", 0};
	uint32_t start = source->lines[line - 1];
	size_t end = line < source->nlines ? source->lines[line] - 1 : source->text.n;
	if (end > start && source->text.p[end - 1] == '\r')
		end--;
	return (struct dd_str){source->text.p + start, end - start};
}

uint32_t dd_source_line_at(const struct dd_source *source, uint32_t offset)
{
	uint32_t low = 0, high = source->nlines;
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;
		if (source->lines[mid] <= offset)
			low = mid;
		else
			high = mid;
	}
	return low + 1;
}

struct dd_place dd_source_place(const struct dd_source *source, uint32_t offset)
{
	uint32_t line = dd_source_line_at(source, offset), start = source->lines[line - 1];
	struct dd_str before = {source->text.p + start, 0};
	before.n = (offset < source->text.n ? offset : source->text.n) - start;
	return (struct dd_place){line, (uint32_t)dd_utf8_count(before) + 1};
}

const char *dd_path_folder(struct dd_arena *arena, const char *path)
{
	return strcmp(path, "-") == 0 ? "." : dirname(dd_arena_copy(arena, path, strlen(path)));
}

const char *dd_path_beside(struct dd_arena *arena, const char *folder, const char *path)
{
	if (path[0] == '/' || strcmp(folder, ".") == 0)
		return dd_arena_copy(arena, path, strlen(path));
	return dd_arena_format(arena, "%s/%s", folder, path);
}
