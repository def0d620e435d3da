/* Diagnostics as JSON. */
#include "report/diags.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *one(const struct dd_diag *d)
{
	static const char *const severities[] = {"note", "warning", "error"};
	json_t *o = json_object();
	json_object_set_new(o, "file", d->file ? json_string(d->file) : json_null());
	if (d->source) {
		struct dd_place from = dd_source_place(d->source, d->span.start), to = dd_source_place(d->source, d->span.end);
		json_object_set_new(o, "line", json_integer(from.line));
		json_object_set_new(o, "column", json_integer(from.column));
		json_object_set_new(o, "end_line", json_integer(to.line));
		json_object_set_new(o, "end_column", json_integer(to.column));
	} else {
		json_object_set_new(o, "line", json_null());
		json_object_set_new(o, "column", json_null());
	}
	json_object_set_new(o, "severity", json_string(severities[d->severity]));
	json_object_set_new(o, "code", json_string(d->code));
	json_t *message = json_string(d->message);
	json_object_set_new(o, "message", message ? message : json_string("(not UTF-8)"));
	json_object_set_new(o, "hint", d->hint ? json_string(d->hint) : json_null());
	return o;
}

void dd_diags_json(const struct dd_diags *diags, struct dd_buf *out)
{
	json_t *root = json_object(), *list = json_array();
	for (size_t i = 0; i < diags->n; i++)
		json_array_append_new(list, one(&diags->items[i]));
	json_object_set_new(root, "errors", json_integer((json_int_t)diags->errors));
	json_object_set_new(root, "diagnostics", list);
	char *text = json_dumps(root, JSON_INDENT(2));
	if (text)
		dd_buf_str(out, text);
	dd_buf_char(out, '\n');
	free(text);
	json_decref(root);
}
