/* Writes the whole call as the customer hears it, keys included, to a WAV file. */
#ifndef DD_VOICE_RECORDER_H
#define DD_VOICE_RECORDER_H

#include "voice/line.h"

struct dd_recorder;

/* Opens `path` (mono 16-bit PCM at dd_line_rate_hz(line); "-" is not special). DD_ERR_READ when it
 * cannot be written. */
enum dd_status dd_recorder_open(
        const char *path, enum dd_line line, struct dd_recorder **out, struct dd_error *err);
/* Borrowed from the recorder. The file is complete after end(at): exactly dd_frames_in(at, rate)
   frames. Tones of keys pressed closer together than a tone and its pause follow one another; under
   a tone the prompt is lowered. */
struct dd_ear dd_recorder_ear(struct dd_recorder *recorder);
/* Closes the file (ended or not, it is a valid WAV file). Reports a write that failed. NULL is
 * fine. */
enum dd_status dd_recorder_close(struct dd_recorder *recorder, struct dd_error *err);

#endif
