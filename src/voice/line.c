/* 22,050 Hz → 300-3,400 Hz at 8,000 Hz → G.711 → back to linear. */
#include "voice/line.h"

#include <math.h>
#include <spandsp/telephony.h>
#include <spandsp/bit_operations.h>
#include <spandsp/g711.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "voice/wav.h"

bool dd_line_parse(const char *name, enum dd_line *line)
{
	if (strcmp(name, "wide") == 0)
		*line = DD_LINE_WIDE;
	else if (strcmp(name, "phone") == 0 || strcmp(name, "alaw") == 0)
		*line = DD_LINE_ALAW;
	else if (strcmp(name, "mulaw") == 0)
		*line = DD_LINE_MULAW;
	else
		return false;
	return true;
}

uint32_t dd_line_rate_hz(enum dd_line line)
{
	return line == DD_LINE_WIDE ? DD_RATE_HZ : 8000;
}

/* A second-order Butterworth section (R. Bristow-Johnson's cookbook), run once forward. */
static void section(float *x, size_t n, double corner_hz, bool high)
{
	double w = 2 * M_PI * corner_hz / 8000, alpha = sin(w) / (2 * M_SQRT1_2), c = cos(w),
	       a0 = 1 + alpha;
	double b1 = high ? -(1 + c) / a0 : (1 - c) / a0, b0 = fabs(b1) / 2, a1 = -2 * c / a0,
	       a2 = (1 - alpha) / a0;
	double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
	for (size_t i = 0; i < n; i++) {
		double in = x[i], y = b0 * in + b1 * x1 + b0 * x2 - a1 * y1 - a2 * y2;
		x2 = x1, x1 = in, y2 = y1, y1 = y;
		x[i] = (float)y;
	}
}

static int16_t through(enum dd_line line, int16_t sample)
{
	return line == DD_LINE_ALAW ? alaw_to_linear(linear_to_alaw(sample))
	                            : ulaw_to_linear(linear_to_ulaw(sample));
}

enum dd_status dd_line_carry(
        enum dd_line line, const int16_t *pcm, size_t frames, int16_t **out, size_t *out_frames)
{
	if (line == DD_LINE_WIDE) {
		*out = dd_alloc((frames + 1) * sizeof **out);
		if (frames)
			memcpy(*out, pcm, frames * sizeof *pcm);
		*out_frames = frames;
		return DD_OK;
	}
	float *in = dd_alloc((frames + 1) * sizeof *in), *narrow = NULL;
	for (size_t i = 0; i < frames; i++)
		in[i] = (float)pcm[i] / 32768.0F;
	enum dd_status status = dd_resample(in, frames, DD_RATE_HZ, 8000, &narrow, out_frames);
	dd_free(in);
	if (status != DD_OK)
		return status;
	section(narrow, *out_frames, 300, true);
	section(narrow, *out_frames, 3400, false);
	*out = dd_alloc((*out_frames + 1) * sizeof **out);
	for (size_t i = 0; i < *out_frames; i++)
		(*out)[i] = through(line, dd_sample(narrow[i]));
	dd_free(narrow);
	return DD_OK;
}

enum dd_status dd_line_carry_pieces(enum dd_line line, const struct dd_piece *pieces, size_t n,
        int16_t **out, size_t *out_frames)
{
	size_t frames = 0, filled = 0;
	for (size_t i = 0; i < n; i++)
		frames += pieces[i].frames;
	int16_t *joined = dd_alloc((frames + 1) * sizeof *joined);
	for (size_t i = 0; i < n; filled += pieces[i++].frames)
		if (pieces[i].sound)
			memcpy(joined + filled, pieces[i].sound->pcm,
			        pieces[i].frames * sizeof *joined);
	enum dd_status status = dd_line_carry(line, joined, frames, out, out_frames);
	dd_free(joined);
	return status;
}

enum dd_status dd_line_alaw(
        const struct dd_piece *pieces, size_t n, unsigned char **out, size_t *out_bytes)
{
	int16_t *pcm;
	enum dd_status status = dd_line_carry_pieces(DD_LINE_ALAW, pieces, n, &pcm, out_bytes);
	if (status != DD_OK)
		return status;
	*out = dd_alloc(*out_bytes + 1);
	for (size_t i = 0; i < *out_bytes; i++)
		(*out)[i] = linear_to_alaw(pcm[i]);
	dd_free(pcm);
	return DD_OK;
}
