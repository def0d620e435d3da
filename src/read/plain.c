/* Quantities, ranges, ordinals, and addresses of the web. */
#include "read/reading.h"

#include <stdio.h>
#include <stdlib.h>

static const struct read_unit *take_unit(const struct reading *r, size_t *at)
{
	const struct read_unit *found = NULL;
	size_t spaced = read_spaces(r, *at), most = 0;
	for (unsigned i = 0; read_next_entry(r, READ_UNITS, spaced, &i);) {
		const struct read_unit *u = &r->w->units[i - 1];
		size_t end = spaced;
		if ((u->glued && spaced > *at) || !read_take_mark(r, &end, u->marks) ||
		        end <= most || !read_ends(r, end))
			continue;
		most = end;
		found = u;
	}
	*at = found ? most : *at;
	return found;
}

static bool is_digit_behind(const struct reading *r, size_t at)
{
	return read_digit(r, at, NULL) >= 0;
}

/* The American spelling of metre and litre. */
static void say_unit(struct reading *r, const char *words)
{
	for (const char *p = words; *p; p++) {
		bool re = r->american && p[0] == 'r' && p[1] == 'e' && p > words && p[-1] == 't';
		dd_buf_str(&r->out, re ? "er" : (char[]){*p, '\0'});
		p += re;
	}
}

/* 5 km, 500ml, 2-3 kg */
bool read_measure(struct reading *r, size_t *at)
{
	size_t from = *at, end;
	struct number a, b = {.whole = 0};
	if (!read_take_number(r, &from, &a))
		return false;
	end = from;
	if (read_take_dash(r, &end) && read_take_number(r, &end, &b))
		from = end;
	else
		b.whole = 0;
	const struct read_unit *unit = take_unit(r, &from);
	if (!unit)
		return false;
	if (!(b.whole ? read_say_range(r, &a, &b, false) : read_say_number(r, &a, false)))
		return false;
	bool one = !b.whole && strcmp(a.text, "1") == 0;
	read_say(r, " ");
	say_unit(r, one ? unit->one : unit->many);
	*at = from;
	return true;
}

/* 24/7 and 24x7 */
bool read_always(struct reading *r, size_t *at)
{
	size_t from = *at;
	if (!read_take_mark(r, &from, "24/7 24x7 24X7 24*7 २४x७") || !read_ends(r, from) ||
	        is_digit_behind(r, from))
		return false;
	size_t more = from;
	if (read_take(r, &more, "/") || read_take(r, &more, "-"))
		return false;
	*at = from;
	if (!read_say_long(r, 24))
		return false;
	read_say(r, " ");
	return read_say_long(r, 7);
}

/* A bare 10-12: small numbers that rise. */
bool read_range(struct reading *r, size_t *at)
{
	size_t from = *at, end;
	struct number a, b;
	char digits[4];
	bool small = read_take_digits(r, &from, digits, 3) && digits[0] != '0';
	if (!small || !read_take_dash(r, &from))
		return false;
	end = from;
	small = read_take_digits(r, &end, digits, 3) && digits[0] != '0';
	from = *at;
	if (!small || !read_take_number(r, &from, &a) || !read_take_dash(r, &from) ||
	        !read_take_number(r, &from, &b) || a.decimals || b.decimals)
		return false;
	end = from;
	bool more =
	        (read_take_dash(r, &end) || read_take(r, &end, "/") || read_take(r, &end, ":")) &&
	        is_digit_behind(r, end);
	if (more || !read_ends(r, from) || strtol(a.text, NULL, 10) >= strtol(b.text, NULL, 10) ||
	        !read_say_range(r, &a, &b, false))
		return false;
	*at = from;
	return true;
}

/* 1,50,000 and १५: with groups, or in Indian digits. */
bool read_grouped(struct reading *r, size_t *at)
{
	size_t from = *at, end;
	struct number n;
	if (!read_take_number(r, &from, &n) || (!n.grouped && !n.script) || !read_ends(r, from))
		return false;
	end = from;
	bool more =
	        (read_take(r, &end, "/") || read_take(r, &end, ":") || read_take(r, &end, "-")) &&
	        is_digit_behind(r, end);
	if (more || !read_say_number(r, &n, false))
		return false;
	*at = from;
	return true;
}

/* -- addresses -------------------------------------------------------------- */

static bool is_label(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	        c == '-';
}

struct address {
	size_t host, host_end, path_end;
	size_t local; /* of an e-mail address, where it begins; SIZE_MAX: it is none */
};

/* Names at the end of hosts that nobody takes for words. */
static bool is_domain(struct dd_str name, bool sure)
{
	static const char known[] = "com in org net edu gov io co info app biz me uk us ai dev "
	                            "shop store online bank xyz tv";
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < 'a' || name.p[i] > 'z')
			return false;
	return name.n >= 2 && (sure || read_is_cue(name, known));
}

static bool take_host(const struct reading *r, size_t *at, bool sure)
{
	size_t i = *at, label = i, labels = 0, first = 0;
	for (; i <= r->text.n; i++) {
		if (i < r->text.n && is_label(r->text.p[i]))
			continue;
		if (i == label)
			return false;
		if (!labels++)
			first = i - label;
		bool more = i + 1 < r->text.n && r->text.p[i] == '.' && is_label(r->text.p[i + 1]);
		if (!more)
			break;
		label = i + 1;
	}
	struct dd_str last = {r->text.p + label, i - label};
	if (labels < 2 || first < 2 || !is_domain(last, sure))
		return false;
	*at = i;
	return true;
}

/* Behind the path; one with questions and fragments nobody reads aloud. */
static bool take_path(const struct reading *r, size_t *at)
{
	size_t i = *at;
	if (i < r->text.n && r->text.p[i] == ':')
		return i + 1 >= r->text.n || r->text.p[i + 1] < '0' || r->text.p[i + 1] > '9';
	if (i >= r->text.n || r->text.p[i] != '/')
		return i >= r->text.n || !strchr("?#&=%@_", r->text.p[i]);
	while (i < r->text.n && (is_label(r->text.p[i]) || strchr("/._", r->text.p[i])))
		i++;
	if (i < r->text.n &&
	        (r->text.p[i] & 0x80 ? dd_is_letter(read_peek(r, i, NULL))
	                             : strchr("?#&=%@~+:", r->text.p[i]) != NULL))
		return i + 1 == r->text.n || r->text.p[i + 1] == ' ' ? (*at = i, true) : false;
	while (i > *at && strchr("/._-", r->text.p[i - 1]))
		i--;
	*at = i;
	return true;
}

/* Words as they are, other runs of capitals and digits one by one. */
static bool say_label(struct reading *r, struct dd_str label)
{
	bool digits = false, capitals = true;
	for (size_t i = 0; i < label.n; i++) {
		digits |= label.p[i] >= '0' && label.p[i] <= '9';
		capitals &= !(label.p[i] >= 'a' && label.p[i] <= 'z');
	}
	if (digits && capitals)
		return read_say_letters(r, label);
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i], one[20];
		size_t n = 0;
		while (i < label.n && label.p[i] >= '0' && label.p[i] <= '9' && n < sizeof one)
			one[n++] = label.p[i++];
		bool start = r->out.n == 0 || r->out.p[r->out.n - 1] == ' ';
		if (n) {
			dd_buf_str(&r->out, start ? "" : " ");
			if (!read_say_digits(r, one, n))
				return false;
			dd_buf_str(&r->out, i < label.n ? " " : "");
			i--;
		} else if (c == '-' || c == '_') {
			dd_buf_str(&r->out, c == '-' ? r->w->hyphen : r->w->underscore);
		} else {
			dd_buf_char(&r->out, c);
		}
	}
	return true;
}

static bool say_parts(struct reading *r, size_t from, size_t to)
{
	while (from < to) {
		size_t end = from;
		while (end < to && !strchr("/.@", r->text.p[end]))
			end++;
		if (!say_label(r, (struct dd_str){r->text.p + from, end - from}))
			return false;
		if (end < to)
			read_say(r,
			        r->text.p[end] == '.'           ? r->w->dot
			                : r->text.p[end] == '/' ? r->w->slash
			                                        : r->w->arobase);
		from = end + 1;
	}
	return true;
}

/* https://example.com/pay and help@example.com */
bool read_address(struct reading *r, size_t *at)
{
	size_t from = *at, host, end;
	bool scheme = read_take(r, &from, "https://") || read_take(r, &from, "http://");
	host = end = from;
	while (!scheme && end < r->text.n &&
	        (is_label(r->text.p[end]) || strchr("._+", r->text.p[end])))
		end++;
	bool mail = end > from && end < r->text.n && r->text.p[end] == '@';
	host = mail ? end + 1 : from;
	end = host;
	bool www = !mail && read_take(r, &end, "www.");
	end = host;
	if (!take_host(r, &end, scheme || www || mail) ||
	        (mail ? memchr(r->text.p + from, '+', host - from) != NULL : !take_path(r, &end)))
		return false;
	*at = end;
	return say_parts(r, from, end);
}
