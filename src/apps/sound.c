/* Recordings that applications name: fetched into a folder of the call, and played from there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/inside.h"
#include "voice/dtmf.h"

static const char *folder_of(struct dd_app *app)
{
	const char *base = getenv("TMPDIR");
	struct dd_buf path = {0};
	if (app->temporary)
		return app->temporary;
	dd_buf_format(&path, "%s/drydial-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(path.p)) {
		dd_buf_free(&path);
		return NULL;
	}
	return app->temporary = path.p;
}

static void put_u32(unsigned char *at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(n >> 8 * i);
}

/* Mono, 16 bits. */
static void wav_head(unsigned char head[44], uint32_t frames)
{
	static const unsigned char model[44] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0"
	                                       "\0\0\0\0\0\0\0\0\2\0\x10\0data";
	memcpy(head, model, 44);
	put_u32(head + 4, 36 + 2 * frames);
	put_u32(head + 24, DD_RATE_HZ);
	put_u32(head + 28, 2 * DD_RATE_HZ);
	put_u32(head + 40, 2 * frames);
}

static void set_path(struct dd_app *app, uint32_t sound, const char *path)
{
	struct dd_program *p = app->program;
	struct dd_part *part = &p->parts[p->templates[app->sounds[sound].template].first];
	part->text = (struct dd_str){dd_arena_copy(app->arena, path, strlen(path)), strlen(path)};
	app->sounds[sound].asked = true;
}

static bool write_bytes(const char *path, struct dd_str bytes)
{
	FILE *f = fopen(path, "wb");
	if (!f)
		return false;
	bool fine = bytes.n == 0 || fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
	return fclose(f) == 0 && fine;
}

void sound_keep(struct dd_app *app, uint32_t sound, struct dd_str bytes, bool fine)
{
	unsigned char silence[44];
	const char *folder = folder_of(app);
	struct dd_buf path = {0};
	if (!fine) {
		wav_head(silence, 0);
		bytes = (struct dd_str){(const char *)silence, sizeof silence};
	}
	dd_buf_format(&path, "%s/%u.wav", folder ? folder : "/nowhere", sound);
	if (folder)
		(void)write_bytes(path.p, bytes);
	set_path(app, sound, path.p);
	dd_buf_free(&path);
}

void sound_of_keys(struct dd_app *app, uint32_t sound, struct dd_str keys)
{
	size_t on = (size_t)dd_frames_in(DD_DTMF_ON_MS, DD_RATE_HZ),
	       off = (size_t)dd_frames_in(DD_DTMF_OFF_MS, DD_RATE_HZ);
	size_t n = keys.n > 64 ? 64 : keys.n, frames = 0;
	int16_t *pcm = dd_alloc((n * DD_RATE_HZ / 2 + 1) * sizeof *pcm);
	for (size_t i = 0; i < n; i++) {
		bool tone = dd_dtmf_tone(keys.p[i], DD_RATE_HZ, pcm + frames);
		frames += tone ? on + off : DD_RATE_HZ / 2;
	}
	struct dd_buf wav = {0};
	unsigned char head[44];
	wav_head(head, (uint32_t)frames);
	dd_buf_add(&wav, (const char *)head, sizeof head);
	dd_buf_add(&wav, (const char *)pcm, frames * sizeof *pcm);
	sound_keep(app, sound, (struct dd_str){wav.p, wav.n}, true);
	dd_buf_free(&wav);
	free(pcm);
}

void sounds_remove(struct dd_app *app)
{
	struct dd_buf path = {0};
	if (!app->temporary)
		return;
	for (uint32_t i = 0; i < app->nsounds; i++) {
		dd_buf_clear(&path);
		dd_buf_format(&path, "%s/%u.wav", app->temporary, i);
		(void)unlink(path.p);
	}
	(void)rmdir(app->temporary);
	dd_buf_free(&path);
	free(app->temporary);
	app->temporary = NULL;
}
