/* Lengths of time as people read them: seconds with a tenth, rounded. */
#ifndef DD_BASE_DURATION_H
#define DD_BASE_DURATION_H

#include <drydial/base.h>

/* A short text by value: dd_seconds(3798).p is good until the end of the statement. */
struct dd_duration_text {
	char p[32];
};
/* "3.8 s" of 3798 ms: never cut, since 29,960 ms are no 29.9 s. Negative lengths keep their sign.
 */
struct dd_duration_text dd_seconds(dd_ms ms);
/* The same beside another length that differs: with so many digits that both do not look alike,
   "15.02 s" beside 15,000 ms. */
struct dd_duration_text dd_seconds_beside(dd_ms ms, dd_ms other);

#endif
