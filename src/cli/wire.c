/* Joins the library to the terminal and the real voice. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <drydial/call.h>

#include "cli/cli.h"
#include "cli/replace.h"
#include "cli/terminal.h"
#include "report/diags.h"
#include "voice/cache.h"

struct dd_style dd_style_of(const char *format, bool no_colour)
{
	struct dd_style style = {.json = strcmp(format, "json") == 0};
	const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");
	struct winsize size;
	bool terminal = isatty(STDOUT_FILENO);
	style.colour =
	        terminal && !no_colour && !(plain && *plain) && term && strcmp(term, "dumb") != 0;
	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		style.columns = size.ws_col ? size.ws_col : 80;
	return style;
}

void dd_print(const struct dd_buf *text)
{
	/* each printer looks after the texts that it is given; on a terminal none may have
	 * forgotten */
	struct dd_buf clean = {0};
	if (isatty(STDOUT_FILENO)) {
		dd_buf_terminal(&clean, (struct dd_str){text->p, text->n});
		text = &clean;
	}
	bool fine = text->n == 0 || fwrite(text->p, 1, text->n, stdout) == text->n;
	dd_buf_free(&clean);
	if (fflush(stdout) == 0 && fine)
		return;
	/* what was found would be lost, and nobody told */
	(void)dd_usage_error("standard output cannot be written: %s", strerror(errno));
	exit(EXIT_USAGE);
}

double dd_cli_seconds(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Names of files, and what servers and libraries say, are anybody's text. */
static void tell(const char *format, va_list args)
{
	char text[8192];
	struct dd_buf clean = {0};
	(void)vsnprintf(text, sizeof text, format, args);
	dd_buf_screen(&clean, dd_str(text));
	fprintf(stderr, "drydial: %s\n", clean.p ? clean.p : "");
	dd_buf_free(&clean);
}

int dd_usage_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	tell(format, args);
	va_end(args);
	return EXIT_USAGE;
}

void dd_note(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	tell(format, args);
	va_end(args);
}

void dd_cli_show(struct dd_diags *diags, const struct dd_style *style)
{
	struct dd_buf out = {0};
	const char *plain = getenv("NO_COLOR");
	dd_diags_sort(diags);
	if (style->json) {
		dd_diags_json(diags, &out);
		dd_print(&out);
	} else {
		dd_diags_text(diags, &out, isatty(STDERR_FILENO) && !(plain && *plain));
		if (diags->errors)
			dd_buf_format(&out, "%zu error%s\n", diags->errors,
			        diags->errors == 1 ? "" : "s");
		(void)fwrite(out.p ? out.p : "", 1, out.n, stderr);
	}
	dd_buf_free(&out);
}

struct dd_program *dd_cli_load(
        const char *path, struct dd_diags *diags, const struct dd_style *style)
{
	struct dd_program *program = dd_program_load(path, diags);
	if (!program)
		dd_cli_show(diags, style);
	return program;
}

/* Without a voice every length is nothing, and each figure that is made of lengths is wrong: none
   is printed. This may be a thread of many, so that nothing but the program's traces is undone. */
static void need_voice(enum dd_status status, const char *why)
{
	if (status != DD_ERR_READ)
		return;
	(void)dd_usage_error("%s", why);
	dd_terminal_restore();
	dd_replace_abandon();
	_exit(EXIT_USAGE);
}

static enum dd_status say_text(void *self, const struct dd_speech *speech,
        const struct dd_sound **out, struct dd_error *err)
{
	struct dd_cli_voice *v = self;
	struct dd_error why = {""};
	enum dd_status status = v->words.say(v->words.self, speech, out, &why);
	need_voice(status, why.text);
	if (status != DD_OK && err)
		*err = why;
	return status;
}

enum dd_status dd_cli_voice_try(const struct dd_tts *tts, struct dd_error *err)
{
	const struct dd_speech ready = {"Ready.", "en-gb", 160, 50, false};
	const struct dd_sound *sound;
	return tts->say(tts->self, &ready, &sound, err);
}

static enum dd_status load_recording(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	struct dd_cli_voice *v = self;
	return v->real.load(v->real.self, path, out, err);
}

static void lengths(
        void *self, const struct dd_speech *speeches, uint32_t *frames, size_t n, bool rough)
{
	struct dd_cli_voice *v = self;
	const struct dd_sound *sound;
	bool any = n == 0;
	v->words.lengths(v->words.self, speeches, frames, n, rough);
	for (size_t i = 0; i < n && !any; i++)
		any = frames[i] != UINT32_MAX;
	if (!any) /* it may be that there is no voice */
		(void)say_text(v, &speeches[0], &sound, NULL);
}

static enum dd_status about(
        void *self, const char *path, struct dd_recording *out, struct dd_error *err)
{
	struct dd_cli_voice *v = self;
	return v->real.about(v->real.self, path, out, err);
}

struct dd_tts dd_cli_voice_port(struct dd_cli_voice *voice)
{
	voice->real = dd_voice_port(voice->voice);
	voice->words = voice->model ? dd_sim_tts_port(voice->model) : voice->real;
	return (struct dd_tts){voice, say_text, load_recording, lengths, about, NULL};
}

/* "en-IN" or "en-IN+f2". */
static void choice_name(const struct dd_voice_choice *v, char out[64])
{
	(void)snprintf(out, 64, "%s%s%s", v->language, v->variant ? "+" : "",
	        v->variant ? v->variant : "");
}

void dd_cli_check_voices(const struct dd_program *program, struct dd_diags *diags, bool say_nearest)
{
	char said[64] = "";
	for (uint32_t i = 0; i < program->nvoices; i++) {
		const struct dd_voice_choice *v = &program->voices[i];
		char choice[64], name[64];
		bool nearest = false;
		struct dd_error err = {""};
		choice_name(v, choice);
		if (dd_voice_choose(choice, name, &nearest, &err) != DD_OK) {
			const struct dd_source *source =
			        v->source ? v->source : program->flows[0].source;
			dd_diag(diags, DD_ERROR, "voice-unknown", source, v->span, "%s", err.text);
		} else if (nearest && say_nearest && strcmp(said, v->language) != 0) {
			if (dd_cache_first_today(v->language))
				dd_note("eSpeak NG has no %s voice; %s speaks", v->language, name);
			(void)snprintf(said, sizeof said, "%s", v->language);
			say_nearest = false;
		}
	}
}

void dd_cli_check_stubs(const struct dd_program *program, const struct dd_given_stubs *given,
        size_t ngiven, struct dd_diags *diags)
{
	for (uint32_t i = 0; i < program->nsteps; i++) {
		const struct dd_step *s = &program->steps[i];
		bool answered = s->applet != DD_PASSTHRU || s->passthru.nstubs > 0;
		for (size_t g = 0; g < ngiven; g++)
			answered |= given[g].step == i;
		if (!answered)
			dd_diag(diags, DD_ERROR, "no-stub", program->flows[s->flow].source,
			        s->applet == DD_PASSTHRU && s->passthru.by_url
			                ? program->templates[s->passthru.url].span
			                : s->span,
			        "offline this request needs an answer")
			        ->hint = "add a stub, or ask the real server with --live";
	}
	for (uint32_t i = 0; i < program->nsegments; i++) {
		const struct dd_segment *g = &program->segments[i];
		const struct dd_source *source = program->flows[0].source;
		if (g->kind == DD_SEG_URL && g->nstubs == 0)
			dd_diag(diags, DD_ERROR, "no-stub", source, g->span,
			        "offline this prompt's URL needs an answer")
			        ->hint = "add a stub, or ask the real server with --live";
	}
}

/* Whether a segment's text is new with these values; it is not from then on. */
static bool is_new(struct dd_cli_warm *w, const struct dd_segment *g, const struct dd_filled *f)
{
	size_t n = sizeof g + f->n;
	char *key = dd_arena_alloc(w->arena, n);
	memcpy(key, &g, sizeof g);
	memcpy(key + sizeof g, f->text, f->n);
	struct dd_str name = {key, n};
	if (dd_names_find(&w->seen, name) != DD_NAME_NONE)
		return false;
	dd_names_add(&w->seen, name, 0);
	return true;
}

void dd_cli_warm_add(
        struct dd_cli_warm *w, const struct dd_program *program, const struct dd_call *call)
{
	struct dd_filled f = {.n = 0};
	if (!w->arena)
		w->arena = dd_arena_new();
	for (uint32_t i = 0; i < program->nsegments; i++) {
		const struct dd_segment *g = &program->segments[i];
		size_t nmissing = 0;
		struct dd_spoken spoken;
		struct dd_xml_fault fault;
		char choice[64], *name = dd_arena_alloc(w->arena, 64);
		bool nearest;
		if (g->kind != DD_SEG_TEXT || program->templates[g->text].moves ||
		        dd_spoken_fill_call(call, g->text, 0, w->arena, &f, NULL, &nmissing) !=
		                DD_OK ||
		        !is_new(w, g, &f))
			continue;
		const struct dd_voice_choice *v = &program->voices[g->voice];
		choice_name(v, choice);
		if (dd_voice_choose(choice, name, &nearest, NULL) != DD_OK)
			continue;
		bool ssml = program->templates[g->text].ssml;
		if (dd_spoken_read(w->arena, v, (struct dd_str){f.text, f.n}, ssml, f.fixed,
		            f.nfixed, &spoken, &fault))
			DD_PUSH(w->speeches, w->n, w->cap) = (struct dd_speech){
			        spoken.source.p, name, v->rate_wpm, v->pitch, ssml};
	}
}

void dd_cli_warm_say(struct dd_cli_warm *w, struct dd_cli_voice *voice)
{
	const struct dd_sound **sounds = dd_alloc((w->n + 1) * sizeof *sounds);
	if (!voice->model)
		(void)dd_voice_say_all(voice->voice, w->speeches, w->n, sounds, NULL);
	free(sounds);
	free(w->speeches);
	dd_names_fini(&w->seen);
	dd_arena_free(w->arena);
	*w = (struct dd_cli_warm){0};
}
