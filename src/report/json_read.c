/* Reading what was printed. */
#include "report/json_read.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/input.h"

json_t *dd_json_load(const char *path, struct dd_error *err)
{
	json_error_t fault;
	bool standard = strcmp(path, "-") == 0;
	struct dd_error why = {""};
	int fd = standard ? -1 : dd_input_open(path, &why);
	FILE *in = standard ? stdin : fd < 0 ? NULL : fdopen(fd, "r");
	if (!in) {
		(void)dd_fail(
		        err, DD_ERR_READ, "%s: %s", path, fd < 0 ? why.text : strerror(errno));
		return NULL;
	}
	json_t *root = json_loadf(in, JSON_REJECT_DUPLICATES, &fault);
	if (!root)
		(void)dd_fail(err, DD_ERR_FORMAT, "%s:%d: this is not JSON: %s",
		        standard ? "<stdin>" : path, fault.line, fault.text);
	if (!standard)
		(void)fclose(in);
	return root;
}

void dd_json_fault(struct dd_json_reader *r, const char *format, ...)
{
	char text[160];
	va_list args;
	if (r->failed)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	r->failed = true;
	(void)dd_fail(r->err, DD_ERR_FORMAT, "%s: %s", r->file, text);
}

static const char *kind(json_type type)
{
	static const char *const names[] = {[JSON_OBJECT] = "an object",
	        [JSON_ARRAY] = "a list",
	        [JSON_STRING] = "a text",
	        [JSON_INTEGER] = "a whole number",
	        [JSON_REAL] = "a number",
	        [JSON_TRUE] = "true or false",
	        [JSON_FALSE] = "true or false",
	        [JSON_NULL] = "null"};
	return names[type];
}

json_t *dd_json_field(
        struct dd_json_reader *r, const json_t *object, const char *key, json_type type)
{
	json_t *value = json_object_get(object, key);
	if (value && json_typeof(value) == type)
		return value;
	if (value)
		dd_json_fault(r, "\"%s\" is %s, and should be %s", key, kind(json_typeof(value)),
		        kind(type));
	else
		dd_json_fault(r, "there is no \"%s\" where there should be one", key);
	return NULL;
}

uint64_t dd_json_count(
        struct dd_json_reader *r, const json_t *value, const char *name, uint64_t most)
{
	json_int_t n = json_integer_value(value);
	if (json_is_integer(value) && n >= 0 && (uint64_t)n <= most)
		return (uint64_t)n;
	dd_json_fault(r, "a number in \"%s\" is not a whole one from 0 to %llu", name,
	        (unsigned long long)most);
	return 0;
}

uint64_t dd_json_count_field(
        struct dd_json_reader *r, const json_t *object, const char *key, uint64_t most)
{
	json_t *value = dd_json_field(r, object, key, JSON_INTEGER);
	return value ? dd_json_count(r, value, key, most) : 0;
}

int64_t dd_json_int_field(struct dd_json_reader *r, const json_t *object, const char *key)
{
	return json_integer_value(dd_json_field(r, object, key, JSON_INTEGER));
}

double dd_json_real_field(struct dd_json_reader *r, const json_t *object, const char *key)
{
	double x = json_real_value(dd_json_field(r, object, key, JSON_REAL));
	if (isfinite(x) && x >= 0)
		return x;
	dd_json_fault(r, "\"%s\" is below 0", key);
	return 0;
}

const char *dd_json_text_field(struct dd_json_reader *r, const json_t *object, const char *key)
{
	if (json_is_null(json_object_get(object, key)))
		return NULL;
	json_t *value = dd_json_field(r, object, key, JSON_STRING);
	return value ? json_string_value(value) : "";
}

bool dd_json_flag_field(struct dd_json_reader *r, const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_boolean(value))
		(void)dd_json_field(r, object, key, JSON_TRUE);
	return json_is_true(value);
}

uint64_t dd_json_sum(struct dd_json_reader *r, uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;
	if (sum >= a && sum <= INT64_MAX)
		return sum;
	dd_json_fault(r, "its numbers are too large to be added up");
	return 0;
}
