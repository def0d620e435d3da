/* A file that was read, and where in it a byte stands. */
#ifndef DD_BASE_SOURCE_H
#define DD_BASE_SOURCE_H

#include "base/arena.h"

/* Owned by the arena it was read into. */
struct dd_source {
	const char *name; /* as the user wrote it */
	struct dd_str text;
	uint32_t *lines; /* offset of each line's first byte */
	uint32_t nlines;
};

/* A stretch of a source, in bytes. */
struct dd_span {
	uint32_t start, end;
};

/* 1-based; the column counts characters (code points), as editors do. */
struct dd_place {
	uint32_t line, column;
};

/* Reads a regular file of at most `limit` bytes ("-" reads standard input). */
enum dd_status dd_source_read(struct dd_arena *arena, const char *name, size_t limit,
        struct dd_source **out, struct dd_error *err);
/* A source over text that outlives it. */
struct dd_source *dd_source_new(struct dd_arena *arena, const char *name, struct dd_str text);
/* The line on which a byte stands, 1-based; the place counts the line's characters as well. */
uint32_t dd_source_line_at(const struct dd_source *source, uint32_t offset);
struct dd_place dd_source_place(const struct dd_source *source, uint32_t offset);
/* The text of line `line` (1-based) without its end. */
struct dd_str dd_source_line(const struct dd_source *source, uint32_t line);

/* The folder that holds the file at `path`; "." of standard input ("-"). */
const char *dd_path_folder(struct dd_arena *arena, const char *path);
/* `path` as it is seen from `folder`. */
const char *dd_path_beside(struct dd_arena *arena, const char *folder, const char *path);

#endif
