/* Comma-separated values as RFC 4180 has them: quoted fields, doubled quotes, any line end, a byte-order mark. */
#ifndef DD_BASE_CSV_H
#define DD_BASE_CSV_H

#include "base/arena.h"

/* Reads the record at `*at` and moves `*at` behind it. Fields live in `arena` or in `text`. `fields` has room for `cap`; the number found is
   returned and may be more. 0: no more records (empty lines are passed over). `*open` is set when a quote is never closed. */
size_t dd_csv_record(struct dd_arena *arena, struct dd_str text, size_t *at, struct dd_str *fields, size_t cap, bool *open);

#endif
