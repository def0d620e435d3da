/* Amounts and percentages. */
#include "read/reading.h"

#include <stdio.h>

static const struct read_currency *take_currency(
        const struct reading *r, size_t *at, enum read_table table)
{
	for (unsigned i = 0; read_next_entry(r, table, *at, &i);) {
		const struct read_currency *c = &r->w->currencies[i - 1];
		if (read_take_mark(r, at, table == READ_CURRENCIES ? c->marks : c->names))
			return c;
	}
	return NULL;
}

static const struct read_scale *take_scale(const struct reading *r, size_t *at)
{
	size_t from = read_spaces(r, *at);
	for (unsigned i = 0; read_next_entry(r, READ_SCALES, from, &i);)
		if (read_take_mark(r, &from, r->w->scales[i - 1].marks)) {
			*at = from;
			return &r->w->scales[i - 1];
		}
	return NULL;
}

/* "/-", as after 500/-: nothing follows the rupees. */
static bool take_closing(const struct reading *r, size_t *at)
{
	size_t from = read_spaces(r, *at);
	if (!read_take(r, &from, "/-") && !read_take(r, &from, "/="))
		return false;
	*at = from;
	return true;
}

struct amount {
	const struct read_currency *currency;
	struct number from, to; /* to.whole 0: it is no range */
	const struct read_scale *scale;
	const char *sign;
};

/* A dash behind a letter or a digit is none. */
static const char *take_sign(const struct reading *r, size_t *at)
{
	char before = *at ? r->text.p[*at - 1] : ' ';
	if ((before & 0x80) || (before >= '0' && before <= '9') || read_is_latin((uint32_t)before))
		return NULL;
	return read_take(r, at, "-") || read_take(r, at, "−") ? r->w->minus
	        : read_take(r, at, "+")                       ? r->w->plus
	                                                      : NULL;
}

/* "-2,000" or "-₹2,000" behind the first number of a range. */
static void take_second(const struct reading *r, size_t *at, struct amount *a)
{
	size_t from = *at;
	struct number to;
	if (!read_take_dash(r, &from))
		return;
	const struct read_currency *same = take_currency(r, &from, READ_CURRENCIES);
	from = same ? read_spaces(r, from) : from;
	if ((same && same != a->currency) || !read_take_number(r, &from, &to))
		return;
	a->to = to;
	*at = from;
}

static bool is_one(const struct number *n)
{
	return strcmp(n->text, "1") == 0;
}

/* "fifty paise": the part of a rupee that two decimals are. */
static bool say_part(struct reading *r, const struct amount *a, const char *decimals)
{
	char part[3] = {decimals[0], decimals[1] ? decimals[1] : '0', '\0'};
	const char *value = part[0] == '0' ? part + 1 : part;
	if (!read_say_spelled(r, r->locale, READ_CARDINAL, value))
		return false;
	read_say(r, " ");
	read_say(r, strcmp(value, "1") == 0 ? a->currency->part : a->currency->parts);
	return true;
}

/* A number of rupees, which has at most two decimals. */
static bool say_whole(struct reading *r, const struct amount *a)
{
	const struct read_currency *c = a->currency;
	struct number whole = a->from;
	const char *decimals = a->from.text + whole.whole + 1;
	bool part = whole.decimals && strspn(decimals, "0") < whole.decimals;
	whole.text[whole.whole] = '\0';
	whole.decimals = 0;
	if (part && strspn(whole.text, "0") == whole.whole)
		return say_part(r, a, decimals);
	if (!read_say_number(r, &whole, c->indian))
		return false;
	read_say(r, " ");
	read_say(r, is_one(&whole) ? c->one : c->many);
	if (!part)
		return true;
	read_say(r, r->w->and_part);
	return say_part(r, a, decimals);
}

static bool say_amount(struct reading *r, const struct amount *a)
{
	enum read_locale own = r->locale;
	if (own == READ_EN_IN && !a->currency->indian && !a->from.indian)
		r->locale = READ_EN;
	if (a->sign)
		read_say(r, a->sign), read_say(r, " ");
	bool said;
	if (!a->to.whole && !a->scale && a->from.decimals <= 2) {
		said = say_whole(r, a);
	} else {
		said = a->to.whole ? read_say_range(r, &a->from, &a->to, a->currency->indian)
		                   : read_say_number(r, &a->from, a->currency->indian);
		read_say(r, " ");
		if (a->scale)
			read_say(r, a->scale->word), read_say(r, " ");
		read_say(r, a->currency->many);
	}
	r->locale = own;
	return said;
}

/* "/month": what the price is of. */
static void say_per(struct reading *r, size_t *at)
{
	size_t from = *at, word;
	if (!read_take(r, &from, "/"))
		return;
	word = from;
	if (!r->w->per || !read_take_mark(r, &word, r->w->per_what))
		return;
	read_say(r, r->w->per);
	*at = from;
}

static bool ends_amount(const struct reading *r, size_t at)
{
	return read_ends(r, at) && read_peek(r, at, NULL) != '%';
}

/* ₹1,50,000 and Rs. 500/- and INR 1.5 lakh and ₹500-700 */
static bool amount_behind_mark(struct reading *r, size_t *at)
{
	size_t from = *at;
	struct amount a = {.sign = take_sign(r, &from)};
	a.currency = take_currency(r, &from, READ_CURRENCIES);
	if (!a.currency)
		return false;
	from = read_spaces(r, from);
	if (!a.sign)
		a.sign = take_sign(r, &from);
	if (!read_take_number(r, &from, &a.from))
		return false;
	take_second(r, &from, &a);
	a.scale = take_scale(r, &from);
	(void)take_closing(r, &from);
	if (!ends_amount(r, from) || !say_amount(r, &a))
		return false;
	say_per(r, &from);
	*at = from;
	return true;
}

/* 500/- and 500 Rs, and where a voice would not say it so 1,500.50 rupees */
static bool amount_before_mark(struct reading *r, size_t *at)
{
	size_t from = *at, behind, number;
	struct amount a = {0};
	if (!read_take_number(r, &from, &a.from))
		return false;
	bool plain = !a.from.grouped && !a.from.decimals && !a.from.script;
	take_second(r, &from, &a);
	a.scale = take_scale(r, &from);
	behind = read_spaces(r, from);
	if (take_closing(r, &from)) {
		a.currency = r->w->currencies;
	} else if ((a.currency = take_currency(r, &behind, READ_CURRENCIES))) {
		number = read_spaces(r, behind);
		if (read_digit(r, number, NULL) >= 0) /* the mark is the next number's */
			return false;
		(void)take_closing(r, &behind);
		from = behind;
	} else if (!plain || a.to.whole) {
		a.currency = take_currency(r, &behind, READ_CURRENCY_NAMES);
		from = behind;
	}
	if (!a.currency || !ends_amount(r, from) || !say_amount(r, &a))
		return false;
	say_per(r, &from);
	*at = from;
	return true;
}

bool read_amount(struct reading *r, size_t *at)
{
	if (amount_behind_mark(r, at))
		return true;
	dd_buf_clear(&r->out);
	return amount_before_mark(r, at);
}

/* 12.5% and 5-10% */
bool read_percent(struct reading *r, size_t *at)
{
	size_t from = *at, end;
	struct number a, b = {.whole = 0};
	const char *sign = take_sign(r, &from);
	if (!read_take_number(r, &from, &a))
		return false;
	end = from;
	(void)read_take(r, &end, "%"); /* 5%-10% */
	if (read_take_dash(r, &end) && read_take_number(r, &end, &b))
		from = end;
	from = read_spaces(r, from);
	if (!read_take(r, &from, "%") || !read_ends(r, from))
		return false;
	if (sign)
		read_say(r, sign), read_say(r, " ");
	if (!(b.whole ? read_say_range(r, &a, &b, false) : read_say_number(r, &a, false)))
		return false;
	read_say(r, " ");
	read_say(r, r->w->percent);
	end = read_spaces(r, from);
	if (r->w->per_annum &&
	        (read_take(r, &end, "p.a.") || (read_take(r, &end, "p.a") && read_ends(r, end)) ||
	                (read_take(r, &end, "pa") && read_ends(r, end)))) {
		read_say(r, r->w->per_annum);
		from = end;
	}
	*at = from;
	return true;
}
