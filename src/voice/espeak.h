/* What crosses between drydial and the processes in which eSpeak NG runs. */
#ifndef DD_VOICE_ESPEAK_H
#define DD_VOICE_ESPEAK_H

#include "port/tts.h"

/* A request; the text follows, with its NUL. The pipe for the answer travels with it. With
   `lengths` there are so many texts, each with its NUL, and the answers are their lengths alone, in
   any order. With `rough` one process speaks them all, one after the other: a length is then some
   20 ms longer or shorter than the text by itself has, and costs less. */
struct dd_espeak_ask {
	int32_t rate_wpm, pitch, ssml;
	uint32_t bytes;
	uint32_t lengths, rough;
};
enum { DD_ESPEAK_ASK_BYTES = 256 * 1024 }; /* the most a request may have */
struct dd_espeak_length {
	uint32_t index, frames;
};

/* The answer's head; then frames of samples, then words, then DD_ESPEAK_END. */
struct dd_espeak_head {
	uint32_t magic, status; /* status 0: fine; else eSpeak NG's */
	uint32_t frames, nwords;
};
enum { DD_ESPEAK_MAGIC = 0x64645350, DD_ESPEAK_END = 0x21646E65 };

/* The life of a zygote: initialises eSpeak NG, selects `voice`, then forks a child for every
   request on `sock` until it is closed. Never returns. */
void dd_espeak_zygote(int sock, const char *voice) __attribute__((noreturn));

#endif
