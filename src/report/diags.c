/* Diagnostics as JSON, and what all formats say of one. */
#include "report/diags.h"

#include "report/json.h"

const char *dd_severity_name(enum dd_severity severity)
{
	static const char *const names[] = {"note", "warning", "error"};
	return names[severity];
}

const char *dd_diag_file(const struct dd_diag *d)
{
	return d->file && !dd_str_is(dd_str(d->file), "-") ? d->file : "<stdin>";
}

struct dd_diag_place dd_diag_place(const struct dd_source *source, struct dd_span span)
{
	if (!source)
		return (struct dd_diag_place){{0, 0}, {0, 0}};
	return (struct dd_diag_place){dd_source_place(source, span.start),
	        dd_source_place(source, span.end > span.start ? span.end : span.start)};
}

void dd_diag_sentence(const struct dd_diag *d, struct dd_buf *out)
{
	dd_buf_screen(out, dd_str(d->message));
	if (!d->hint)
		return;
	dd_buf_str(out, "; ");
	dd_buf_screen(out, dd_str(d->hint));
}

static json_t *json_number(uint32_t value)
{
	return value ? json_integer(value) : json_null();
}

static json_t *one(const struct dd_diag *d)
{
	struct dd_diag_place place = dd_diag_place(d->source, d->span);
	json_t *o = json_object();
	json_object_set_new(o, "file", d->file ? dd_json_text(dd_str(d->file)) : json_null());
	json_object_set_new(o, "line", json_number(place.from.line));
	json_object_set_new(o, "column", json_number(place.from.column));
	if (d->source) {
		json_object_set_new(o, "end_line", json_number(place.to.line));
		json_object_set_new(o, "end_column", json_number(place.to.column));
	}
	json_object_set_new(o, "severity", json_string(dd_severity_name(d->severity)));
	json_object_set_new(o, "code", json_string(d->code));
	json_object_set_new(o, "message", dd_json_text(dd_str(d->message)));
	json_object_set_new(o, "hint", d->hint ? dd_json_text(dd_str(d->hint)) : json_null());
	return o;
}

void dd_diags_json(const struct dd_diags *diags, struct dd_buf *out)
{
	json_t *root = json_object(), *list = json_array();
	for (size_t i = 0; i < diags->n; i++)
		json_array_append_new(list, one(&diags->items[i]));
	json_object_set_new(root, "errors", json_integer((json_int_t)diags->errors));
	json_object_set_new(root, "diagnostics", list);
	dd_json_print(root, JSON_INDENT(2), out);
}
