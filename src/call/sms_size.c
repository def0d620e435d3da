/* The GSM 7-bit default alphabet, and how a text is cut into segments. */
#include "call/sms_size.h"

#include <string.h>

/* Septets a character takes: 1, 2 (extension table), or 0 where it is not in the alphabet. */
static unsigned septets(uint32_t c)
{
	static const uint32_t basic[] = {0xA3, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0xD8, 0xF8,
	        0xC5, 0xE5, 0x394, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E,
	        0xC6, 0xE6, 0xDF, 0xC9, 0xA4, 0xA1, 0xC4, 0xD6, 0xD1, 0xDC, 0xA7, 0xBF, 0xE4, 0xF6,
	        0xF1, 0xFC, 0xE0};
	if (c == 0x20AC || (c < 0x80 && c && strchr("^{}\\[~]|\f", (int)c)))
		return 2;
	if (c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F && c != '`'))
		return 1;
	for (size_t i = 0; i < sizeof basic / sizeof *basic; i++)
		if (basic[i] == c)
			return 1;
	return 0;
}

struct dd_sms_size dd_sms_size(struct dd_str text)
{
	struct dd_sms_size out = {.segments = 1};
	for (size_t at = 0; at < text.n && !out.foreign.p;) {
		size_t from = at;
		if (!septets(dd_utf8_next(text, &at)))
			out.foreign = (struct dd_str){text.p + from, at - from};
	}
	bool gsm = !out.foreign.p;
	size_t all = 0, used = 0, alone = gsm ? 160 : 70, joined = gsm ? 153 : 67;
	unsigned segments = 1;
	for (size_t at = 0; at < text.n;) {
		uint32_t c = dd_utf8_next(text, &at);
		size_t n = gsm ? septets(c) : c > 0xFFFF ? 2 : 1;
		if (used + n > joined) {
			segments++;
			used = 0;
		}
		used += n;
		all += n;
	}
	out.segments = all <= alone ? 1 : segments;
	return out;
}

void dd_sms_foreign(struct dd_str character, struct dd_buf *out)
{
	size_t at = 0;
	uint32_t c = character.n ? dd_utf8_next(character, &at) : 0;
	if (c == '\t')
		dd_buf_str(out, "a tab");
	else if (c < 0x20 || c == 0x7F)
		dd_buf_format(out, "the control character U+%04X", (unsigned)c);
	else if (c == 0xA0)
		dd_buf_str(out, "a no-break space (U+00A0)");
	else {
		dd_buf_char(out, '"');
		dd_buf_screen(out, character);
		dd_buf_format(out, "\" (U+%04X)", (unsigned)c);
	}
	dd_buf_str(out, " is not in the basic alphabet");
}
