/* Rounding once, for every report. */
#include "base/duration.h"

#include <stdio.h>
#include <string.h>

static struct dd_duration_text seconds_with(dd_ms ms, int digits)
{
	static const dd_ms units[] = {1000, 100, 10, 1};
	struct dd_duration_text out;
	dd_ms unit = units[digits], size = ms < 0 ? -ms : ms, n = (size + unit / 2) / unit,
	      whole = n * unit / 1000, rest = n - whole * 1000 / unit;
	(void)snprintf(out.p, sizeof out.p, "%s%lld.%0*lld s", ms < 0 && n ? "-" : "",
	        (long long)whole, digits, (long long)rest);
	return out;
}

struct dd_duration_text dd_seconds(dd_ms ms)
{
	return seconds_with(ms, 1);
}

struct dd_duration_text dd_seconds_beside(dd_ms ms, dd_ms other)
{
	for (int digits = 1; digits < 3; digits++) {
		struct dd_duration_text one = seconds_with(ms, digits);
		if (ms == other || strcmp(one.p, seconds_with(other, digits).p) != 0)
			return one;
	}
	return seconds_with(ms, 3);
}
