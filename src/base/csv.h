/* Comma-separated values as RFC 4180 has them: quoted fields, doubled quotes, any line end, a
   byte-order mark. Read record by record, so that a list of any length takes the same room. A
   record that is not what it should be is told with its line, and reading goes on behind it. */
#ifndef DD_BASE_CSV_H
#define DD_BASE_CSV_H

#include <drydial/base.h>

#include <sys/types.h>

enum {
	DD_CSV_RECORD_BYTES = 256 * 1024, /* the most a record may have */
	DD_CSV_FIELDS = 256,              /* the most fields */
};

struct dd_csv;
struct dd_csv_record {
	struct dd_str *fields; /* good until the next record is asked for */
	size_t n;
	uint64_t line;       /* of its first character */
	const char *problem; /* one clause; NULL: none */
};

/* Reads `fd`, which stays the caller's; or a text, which must live as long; or what `read` gives
 * (as read(2) does), with another sign than a comma between the fields. */
struct dd_csv *dd_csv_open(int fd);
typedef ssize_t (*dd_csv_read_fn)(void *self, char *to, size_t n);
struct dd_csv *dd_csv_read(dd_csv_read_fn read, void *self, char separator);
struct dd_csv *dd_csv_over(struct dd_str text);
void dd_csv_free(struct dd_csv *csv); /* NULL is fine */
/* The next record (empty lines are passed over); false at the end. One with a problem has no
 * fields. */
bool dd_csv_next(struct dd_csv *csv, struct dd_csv_record *out);
/* Bytes read so far. */
uint64_t dd_csv_bytes(const struct dd_csv *csv);

#endif
