/* Rules about recordings. */
#include <string.h>

#include "check/checking.h"

/* The file of a segment with the examples in its name; NULL where a value is not known. */
static const char *path_of(const struct dd_checking *c, const struct dd_segment *g)
{
	const struct dd_template *t = &c->program->templates[g->text];
	struct dd_buf name = {0};
	bool known = true;
	for (uint32_t k = 0; k < t->n; k++) {
		const struct dd_part *part = &c->program->parts[t->first + k];
		struct dd_str text =
		        part->slot == DD_NONE ? part->text : check_value(c, part->slot);
		known &= text.p != NULL;
		dd_buf_add(&name, text.p ? text.p : "", text.p ? text.n : 0);
	}
	const char *path = NULL;
	if (known && name.n)
		path = name.p[0] == '/' ? dd_arena_copy(c->arena, name.p, name.n)
		                        : dd_arena_format(c->arena, "%s/%s",
		                                  c->program->flows[g->flow].dir, name.p);
	dd_buf_free(&name);
	return path;
}

/* Gives each recording to `look`, with what is known about its file; `found` tells whether it could
 * be opened. */
static void each_recording(struct dd_checking *c,
        void (*look)(struct dd_checking *c, const struct dd_segment *g, const char *path,
                bool found, const struct dd_recording *about))
{
	for (uint32_t i = 0; i < c->program->nsegments; i++) {
		const struct dd_segment *g = &c->program->segments[i];
		const char *path = g->kind == DD_SEG_AUDIO ? path_of(c, g) : NULL;
		struct dd_recording about = {0};
		if (path && c->tts.about)
			look(c, g, path, c->tts.about(c->tts.self, path, &about, NULL) == DD_OK,
			        &about);
	}
}

static void missing(struct dd_checking *c, const struct dd_segment *g, const char *path, bool found,
        const struct dd_recording *about)
{
	(void)about;
	if (!found)
		check_at(c, g->flow, g->span, "record it, or choose another name",
		        "with the examples there is no recording \"%s\" that can be played", path);
}

void rule_audio_missing(struct dd_checking *c)
{
	each_recording(c, missing);
}

static void format(struct dd_checking *c, const struct dd_segment *g, const char *path, bool found,
        const struct dd_recording *about)
{
	static const char hint[] = "sox IN -r 8000 -c 1 -b 16 OUT.wav";
	if (!found)
		return;
	if (strcmp(about->form, "WAV") != 0 && strcmp(about->form, "MP3") != 0)
		check_at(c, g->flow, g->span,
		        strcmp(about->form, "Opus") == 0
		                ? "opusdec IN.opus OUT.wav, then sox OUT.wav -r 8000 -c 1 -b 16"
		                : hint,
		        "\"%s\" is %s; the platform takes WAV and MP3", path, about->form);
	else if (about->rate_hz != 8000 || about->channels != 1)
		check_at(c, g->flow, g->span, hint,
		        "\"%s\" has %u Hz and %u channel%s; a telephone line has 8000 Hz and one",
		        path, about->rate_hz, about->channels, about->channels == 1 ? "" : "s");
}

void rule_audio_format(struct dd_checking *c)
{
	each_recording(c, format);
}

static void size(struct dd_checking *c, const struct dd_segment *g, const char *path, bool found,
        const struct dd_recording *about)
{
	if (found && about->bytes > (uint64_t)c->now.settings[0] * 1024)
		check_at(c, g->flow, g->span, "8000 Hz and one channel make it smaller",
		        "\"%s\" has %llu KiB, more than %ld", path,
		        (unsigned long long)(about->bytes / 1024), c->now.settings[0]);
}

void rule_audio_size(struct dd_checking *c)
{
	each_recording(c, size);
}

static void level(struct dd_checking *c, const struct dd_segment *g, const char *path, bool found,
        const struct dd_recording *about)
{
	if (!found || !about->measured)
		return;
	if (about->peak_db < -60)
		check_at(c, g->flow, g->span, "record it again", "\"%s\" is silent", path);
	else if (about->level_db < -(double)c->now.settings[0])
		check_at(c, g->flow, g->span, "sox --norm=-3 IN.wav OUT.wav",
		        "\"%s\" is too quiet: %.0f dB below full scale, where speech has about 20",
		        path, -about->level_db);
	if (about->clipped_per_mille > (double)c->now.settings[1])
		check_at(c, g->flow, g->span, "record it again, quieter",
		        "\"%s\" is clipped: %.1f of 1,000 samples are at full scale", path,
		        about->clipped_per_mille);
}

void rule_audio_level(struct dd_checking *c)
{
	each_recording(c, level);
}
