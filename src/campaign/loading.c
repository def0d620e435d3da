/* Scalars that laws, campaigns and audiences have in common. */
#include "campaign/loading.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const DAYS[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

bool load_is_map(
        struct dd_loader *l, const struct dd_node *node, const char *what, const char *wanted)
{
	if (node->kind == DD_MAP)
		return true;
	dd_load_wrong_kind(l, node, what, wanted);
	return false;
}

void load_hint_near(struct dd_loader *l, struct dd_diag *d, struct dd_str text,
        const char *const *names, size_t n)
{
	const char *near = dd_nearest(text, names, n);
	if (near)
		d->hint = dd_arena_format(l->arena, "did you mean \"%s\"?", near);
}

int load_word(struct dd_loader *l, const struct dd_node *node, const char *what,
        const char *const *words, int n, int otherwise)
{
	struct dd_str text;
	if (!dd_load_text(l, node, what, &text))
		return otherwise;
	for (int i = 0; i < n; i++)
		if (text.n == strlen(words[i]) && strncasecmp(text.p, words[i], text.n) == 0)
			return i;
	struct dd_buf list = {0};
	for (int i = 0; i < n; i++)
		dd_buf_format(&list, "%s%s", i ? ", " : "", words[i]);
	struct dd_diag *d =
	        dd_load_fault(l, "bad-value", node->span, "%s is one of %s", what, list.p);
	load_hint_near(l, d, text, words, (size_t)n);
	dd_buf_free(&list);
	return otherwise;
}

static bool clock_time(struct dd_str text, int32_t *ms)
{
	bool digits = text.n == 5 && text.p[2] == ':';
	for (size_t i = 0; digits && i < 5; i++)
		digits = i == 2 || (text.p[i] >= '0' && text.p[i] <= '9');
	if (!digits)
		return false;
	int hour = (text.p[0] - '0') * 10 + text.p[1] - '0',
	    minute = (text.p[3] - '0') * 10 + text.p[4] - '0';
	*ms = (hour * 60 + minute) * 60000;
	return minute < 60 && (hour < 24 || (hour == 24 && minute == 0));
}

bool load_clock(struct dd_loader *l, const struct dd_node *node, const char *what, bool may_be_24,
        int32_t *ms)
{
	struct dd_str text;
	if (!dd_load_text(l, node, what, &text))
		return false;
	if (clock_time(text, ms) && (may_be_24 || *ms < 24 * 3600 * 1000))
		return true;
	dd_load_fault(l, "bad-time", node->span, "%s must be a time of the day", what)->hint =
	        may_be_24 ? "such as 21:00; midnight is 24:00"
	                  : "such as 09:00, from 00:00 to 23:59";
	return false;
}

static int day_named(const char *p, size_t n)
{
	for (int i = 0; i < 7; i++)
		if (n == 3 && strncasecmp(p, DAYS[i], 3) == 0)
			return i;
	return -1;
}

uint8_t load_days_of(struct dd_str text)
{
	uint8_t set = 0;
	if (dd_str_is(text, "all"))
		return DD_ALL_DAYS;
	int first = day_named(text.p, text.n < 3 ? 0 : 3), last = first;
	if (text.n == 7 && text.p[3] == '-')
		last = day_named(text.p + 4, 3);
	else if (text.n != 3)
		last = -1;
	if (first < 0 || last < 0)
		return 0;
	for (int i = first;; i = (i + 1) % 7) {
		set |= DD_DAY(i);
		if (i == last)
			return set;
	}
}

uint8_t load_days(struct dd_loader *l, const struct dd_node *node)
{
	uint8_t set = 0;
	bool list = node->kind == DD_LIST;
	for (uint32_t i = 0; i < (list ? node->n : 1); i++) {
		const struct dd_node *item = list ? node->items[i] : node;
		struct dd_str text;
		if (!dd_load_text(l, item, "days", &text))
			continue;
		uint8_t days = load_days_of(text);
		if (!days)
			dd_load_fault(l, "bad-days", item->span, "\"%.*s\" names no days",
			        (int)text.n, text.p)
			        ->hint = "such as mon, mon-fri or all";
		set |= days;
	}
	return set;
}

const char *load_text_copy(struct dd_loader *l, const struct dd_node *node, const char *what)
{
	struct dd_str text;
	return node && dd_load_text(l, node, what, &text) ? dd_arena_copy(l->arena, text.p, text.n)
	                                                  : NULL;
}

int load_int(struct dd_loader *l, const struct dd_node *node, const char *what, long low, long high,
        int otherwise)
{
	long value = otherwise;
	dd_load_number(l, node, what, low, high, &value);
	return (int)value;
}

/* strtod() would take hexadecimal numbers, infinities and the comma of a locale. */
bool load_real_of(struct dd_str text, double *out)
{
	size_t at = 0, digits = 0;
	double value = 0, scale = 1;
	for (; at < text.n && text.p[at] >= '0' && text.p[at] <= '9'; at++, digits++)
		value = value * 10 + (text.p[at] - '0');
	if (at < text.n && text.p[at] == '.')
		for (at++; at < text.n && text.p[at] >= '0' && text.p[at] <= '9'; at++, digits++)
			value += (text.p[at] - '0') * (scale /= 10);
	if (at != text.n || digits == 0 || digits > 18)
		return false;
	*out = value;
	return true;
}

void load_real(struct dd_loader *l, const struct dd_node *node, const char *what, double low,
        double high, double *out)
{
	double value = 0;
	if (!node)
		return;
	if (node->kind != DD_SCALAR || !load_real_of(node->text, &value) || value < low ||
	        value > high)
		dd_load_fault(l, "bad-number", node->span,
		        "%s must be a number from %.10g to %.10g", what, low, high);
	else
		*out = value;
}

bool load_share_of(struct dd_str text, double *out)
{
	double value = 0;
	bool percent = text.n && text.p[text.n - 1] == '%';
	struct dd_str number = dd_str_trim((struct dd_str){text.p, text.n - percent});
	if (!load_real_of(number, &value))
		return false;
	value = percent ? value / 100 : value;
	if (value > 1)
		return false;
	*out = value;
	return true;
}

void load_share(struct dd_loader *l, const struct dd_node *node, const char *what, double *out)
{
	if (node && (node->kind != DD_SCALAR || !load_share_of(node->text, out)))
		dd_load_fault(
		        l, "bad-share", node->span, "%s must be a share from 0%% to 100%%", what)
		        ->hint = "such as 40% or 0.4";
}

static bool date_of(struct dd_str text, struct dd_date *out)
{
	static const char shape[] = "dddd-dd-dd";
	int parts[3] = {0}, part = 0;
	if (text.n != sizeof shape - 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		bool digit = text.p[i] >= '0' && text.p[i] <= '9';
		if (digit != (shape[i] == 'd') || (!digit && text.p[i] != '-'))
			return false;
		if (digit)
			parts[part] = parts[part] * 10 + text.p[i] - '0';
		else
			part++;
	}
	*out = (struct dd_date){parts[0], parts[1], parts[2]};
	return out->year >= 1970 && dd_date_valid(*out);
}

bool load_date(
        struct dd_loader *l, const struct dd_node *node, const char *what, struct dd_date *out)
{
	struct dd_date date;
	struct dd_str text;
	if (!dd_load_text(l, node, what, &text))
		return false;
	if (!date_of(text, &date)) {
		dd_load_fault(
		        l, "bad-date", node->span, "%s must be a day that the calendar has", what)
		        ->hint = "such as 2025-01-26";
		return false;
	}
	*out = date;
	return true;
}

uint32_t load_items(struct dd_node *const *node, struct dd_node *const **items)
{
	bool list = (*node)->kind == DD_LIST;
	*items = list ? (*node)->items : node;
	return list ? (*node)->n : 1;
}

const char *load_beside(struct dd_arena *arena, const char *dir, const char *path)
{
	if (path[0] == '/' || strcmp(dir, ".") == 0)
		return dd_arena_copy(arena, path, strlen(path));
	return dd_arena_format(arena, "%s/%s", dir, path);
}
