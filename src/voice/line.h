/* The telephone line: what of a sound reaches the customer's ear. */
#ifndef DD_VOICE_LINE_H
#define DD_VOICE_LINE_H

#include "port/sound.h"

/* WIDE leaves 22,050 Hz as they are. ALAW and MULAW: 300-3,400 Hz, 8,000 Hz, through ITU-T G.711
 * and back. */
enum dd_line { DD_LINE_WIDE, DD_LINE_ALAW, DD_LINE_MULAW };

/* "wide", "phone" (A-law, as Indian networks use), "alaw", "mulaw"; false for anything else. */
bool dd_line_parse(const char *name, enum dd_line *line);

/* 22,050 or 8,000. */
uint32_t dd_line_rate_hz(enum dd_line line);

/* Carries `frames` samples at DD_RATE_HZ over the line. Allocates `*out` (free() it) of
   `*out_frames` samples at dd_line_rate_hz(line): exactly frames * rate / DD_RATE_HZ, rounded up.
   The same input gives the same samples. */
enum dd_status dd_line_carry(
        enum dd_line line, const int16_t *pcm, size_t frames, int16_t **out, size_t *out_frames);

/* The same for the pieces of a prompt, joined. */
enum dd_status dd_line_carry_pieces(enum dd_line line, const struct dd_piece *pieces, size_t n,
        int16_t **out, size_t *out_frames);

/* The pieces as A-law bytes at 8,000 Hz, from malloc. */
enum dd_status dd_line_alaw(
        const struct dd_piece *pieces, size_t n, unsigned char **out, size_t *out_bytes);

#endif
