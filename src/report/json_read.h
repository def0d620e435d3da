/* Results of ours, read again. A result may be anybody's file: each value is asked for by name and
   kind, and what is not there, of another kind, or negative makes one sentence. */
#ifndef DD_REPORT_JSON_READ_H
#define DD_REPORT_JSON_READ_H

#include "report/json.h"

/* The first fault is kept, and `failed`; later values are then harmless: 0, "" or an empty list. */
struct dd_json_reader {
	const char *file;
	struct dd_error *err;
	bool failed;
};

/* NULL after an error. The caller drops it. */
json_t *dd_json_load(const char *path, struct dd_error *err);

void dd_json_fault(struct dd_json_reader *r, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* NULL after a fault. */
json_t *dd_json_field(
        struct dd_json_reader *r, const json_t *object, const char *key, json_type type);
/* From 0 to `most`. `name` is for the sentence. */
uint64_t dd_json_count(
        struct dd_json_reader *r, const json_t *value, const char *name, uint64_t most);
uint64_t dd_json_count_field(
        struct dd_json_reader *r, const json_t *object, const char *key, uint64_t most);
/* Any integer of 64 bits. */
int64_t dd_json_int_field(struct dd_json_reader *r, const json_t *object, const char *key);
double dd_json_real_field(struct dd_json_reader *r, const json_t *object, const char *key);
/* Borrowed from the object; "" after a fault, NULL for null. */
const char *dd_json_text_field(struct dd_json_reader *r, const json_t *object, const char *key);
bool dd_json_flag_field(struct dd_json_reader *r, const json_t *object, const char *key);
/* a + b, which must be a JSON integer as well. */
uint64_t dd_json_sum(struct dd_json_reader *r, uint64_t a, uint64_t b);

#endif
