/* Numbers as people and servers write them, compared digit by digit: 0.1 is 0.1, and no number is
   too long. */
#ifndef DD_BASE_DECIMAL_H
#define DD_BASE_DECIMAL_H

#include <drydial/base.h>

/* Points into the text that it was read from. */
struct dd_decimal {
	struct dd_str digits; /* from the first digit that is not 0, with what stands between */
	long point; /* digits before the decimal point, counted from there; may be below 0 */
	bool negative, zero;
};

/* "150000", "1,50,000" and "150,000", "-2.50", "1.5e3", white space around them; false for anything
   else. Commas stand where people group digits: three before the end, two or three between others.
 */
bool dd_decimal_parse(struct dd_str text, struct dd_decimal *out);
/* Below 0, 0 or above 0, as a is less than, equal to or greater than b. */
int dd_decimal_compare(const struct dd_decimal *a, const struct dd_decimal *b);
/* `text` and `add` together, as text; a text that is no number counts as 0. False where the sum has
   more than 12 digits before its point, or more than 6 behind it. */
bool dd_decimal_add(struct dd_str text, long add, char out[32]);

#endif
