/* A scenario as it is heard: through the loudspeaker in real time, or into files. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/replace.h"
#include "cli/test.h"
#include "report/transcript.h"
#include "voice/recorder.h"
#include "voice/speaker.h"

enum { TICK_MS = 40, CAPTION_COLUMNS = 42, KEY_CAPTION_MS = 700 };

/* -- real time -------------------------------------------------------------- */

struct live {
	const struct dd_test_options *o;
	const struct dd_program *program;
	struct dd_speaker *speaker;
	struct dd_ear ear;     /* the speaker's */
	struct timespec began; /* when `from` was */
	bool running;
	size_t printed;
};

static volatile sig_atomic_t stopped;

static void on_stop(int number)
{
	stopped = number;
}

static void print_events(struct live *l, const struct dd_session *session)
{
	struct dd_transcript t = {l->program, dd_session_call(session), dd_session_trace(session),
	        dd_session_outcome(session)};
	struct dd_buf out = {0};
	for (; l->printed < t.trace->nevents; l->printed++) {
		dd_transcript_line(&t, &t.trace->events[l->printed], l->o->paper.columns,
		        l->o->paper.colour, &out);
		dd_buf_char(&out, '\n');
	}
	dd_print(&out);
	dd_buf_free(&out);
}

static dd_ms now_ms(const struct live *l)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return l->o->from + (dd_ms)(now.tv_sec - l->began.tv_sec) * 1000 +
	        (now.tv_nsec - l->began.tv_nsec) / 1000000;
}

static bool until(void *self, const struct dd_session *session, dd_ms at)
{
	struct live *l = self;
	print_events(l, session);
	if (at > l->o->from && !l->running) {
		clock_gettime(CLOCK_MONOTONIC, &l->began);
		l->running = true;
	}
	while (l->running && !stopped && now_ms(l) < at) {
		dd_ms left = at - now_ms(l);
		if (l->speaker && !dd_speaker_feed(l->speaker)) {
			fputs("drydial: the sound device went away; "
			      "the call goes on without sound\n",
			        stderr);
			dd_speaker_close(l->speaker);
			l->speaker = NULL;
		}
		(void)poll(NULL, 0, left < TICK_MS ? (int)left : TICK_MS);
	}
	return !stopped;
}

static void over(void *self, const struct dd_session *session)
{
	print_events(self, session);
}

/* What happens before --from makes no sound. */
static void on_play(void *self, dd_ms at, const struct dd_piece *pieces, size_t n)
{
	struct live *l = self;
	if (l->speaker && at >= l->o->from)
		l->ear.play(l->ear.self, at, pieces, n);
}

static void on_stop_playing(void *self, dd_ms at)
{
	struct live *l = self;
	if (l->speaker && at >= l->o->from)
		l->ear.stop(l->ear.self, at);
}

static void on_key(void *self, dd_ms at, char key)
{
	struct live *l = self;
	if (l->speaker && at >= l->o->from)
		l->ear.key(l->ear.self, at, key);
}

static void on_end(void *self, dd_ms at)
{
	struct live *l = self;
	if (l->speaker)
		l->ear.end(l->ear.self, at);
}

int dd_test_rehearse(struct dd_test_options *o, struct dd_plan *plan, struct dd_cli_voice *voice)
{
	if (plan->nruns != 1)
		return dd_usage_error(
		        "--real-time plays one scenario; %zu are chosen, name one with --only",
		        plan->nruns);
	const struct dd_planned *run = &plan->runs[0];
	const struct dd_suite *suite = plan->suites[run->suite];
	struct live l = {.o = o, .program = suite->program};
	struct dd_error err;
	struct dd_result result;
	struct sigaction stop = {.sa_handler = on_stop};
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	if (!o->mute && dd_speaker_open(o->line, &l.speaker, &err) != DD_OK)
		dd_note("%s; the call goes on without sound", err.text);
	if (l.speaker)
		l.ear = dd_speaker_ear(l.speaker);
	struct dd_ear ear = {&l, on_play, on_stop_playing, on_key, on_end, NULL};
	struct dd_pace pace = {&l, until, over};
	struct dd_run_options ro = {
	        .tts = dd_cli_voice_port(voice), .ears = &ear, .nears = 1, .pace = &pace};
	dd_scenario_run(suite, run->scenario, run->row, &ro, &result);
	if (l.speaker)
		dd_speaker_close(l.speaker);
	struct dd_buf out = {0};
	dd_buf_char(&out, '\n');
	for (size_t i = 0; i < result.nfindings && !stopped; i++)
		dd_tests_finding(&result, &result.findings[i], &o->paper, &out);
	dd_buf_format(&out, "%s: %s\n",
	        stopped                               ? "stopped"
	                : result.verdict == DD_FAILED ? "failed"
	                                              : "passed",
	        result.name);
	dd_print(&out);
	dd_buf_free(&out);
	int code = stopped                    ? EXIT_INTERRUPTED
	        : result.verdict == DD_FAILED ? EXIT_FAILED
	                                      : EXIT_FINE;
	dd_result_fini(&result);
	return code;
}

/* -- captions --------------------------------------------------------------- */

struct cue {
	dd_ms from, until;
	char *text;
	char *written; /* before the first of a prompt that is heard in other words: what is
	                  written; else NULL */
};

struct captions {
	struct cue *list;
	size_t n, cap;
	size_t seen;        /* events of the trace */
	size_t open, close; /* the cues of the prompt that plays, which may be cut short */
};

static char *cue_text(struct dd_str text)
{
	struct dd_buf clean = {0}, escaped = {0};
	dd_buf_screen(&clean, text);
	dd_buf_xml(&escaped, (struct dd_str){clean.p, clean.n});
	dd_buf_free(&clean);
	return escaped.p ? escaped.p : dd_str_copy(dd_str(""));
}

static void add_cue(struct captions *c, dd_ms from, dd_ms until, struct dd_str text)
{
	DD_PUSH(c->list, c->n, c->cap) = (struct cue){from, until, cue_text(text), NULL};
}

static bool is_recording(const struct dd_trace_segment *g)
{
	return g->kind == DD_TS_FILE || g->kind == DD_TS_STAND_IN;
}

static bool has_recordings(const struct dd_trace *trace, const struct dd_trace_event *e)
{
	bool has = false;
	for (uint32_t i = 0; i < e->nsegments; i++)
		has |= is_recording(&trace->segments[e->first_segment + i]);
	return has;
}

/* Some of the words of the prompt that plays, as they are heard, in lines, each from when its first
   word is said. `said`: those are other words than what is written. */
static void caption_words(struct captions *c, const struct dd_session *session, struct dd_str words,
        bool said, size_t first, size_t end, dd_ms begins, dd_ms ends)
{
	for (size_t at = first; at < end;) {
		struct dd_str rest = {words.p + at, end - at};
		size_t n = dd_width_fit(rest, CAPTION_COLUMNS), space = n;
		while (n < rest.n && space > 0 && rest.p[space] != ' ')
			space--;
		if (n < rest.n && space > 0)
			n = space;
		dd_ms from = at == first ? begins
		        : said           ? dd_session_spoken_said(session, at)
		                         : dd_session_spoken(session, at);
		if (at > first)
			c->list[c->n - 1].until = from;
		add_cue(c, from, ends, (struct dd_str){rest.p, n});
		at += n;
		while (at < end && words.p[at] == ' ')
			at++;
	}
}

/* The parts of the prompt that plays, recordings by their names. */
static void caption_parts(struct captions *c, const struct dd_session *session,
        const struct dd_trace_event *e, struct dd_str words, bool said)
{
	const struct dd_trace *trace = dd_session_trace(session);
	size_t at = 0;
	for (uint32_t i = 0; i < e->nsegments; i++) {
		const struct dd_trace_segment *g = &trace->segments[e->first_segment + i];
		struct dd_str text = dd_trace_str(trace, said && g->said.n ? g->said : g->text);
		if (is_recording(g)) {
			struct dd_buf name = {0};
			dd_buf_str(&name, g->kind == DD_TS_FILE ? "♪ " : "♪ stand-in ");
			dd_buf_add(&name, text.p, text.n);
			add_cue(c, g->at, g->at + g->ms, (struct dd_str){name.p, name.n});
			dd_buf_free(&name);
		} else if (text.n) {
			at += at > 0;
			caption_words(
			        c, session, words, said, at, at + text.n, g->at, g->at + g->ms);
			at += text.n;
		}
	}
}

/* What is heard of the prompt that begins. */
static void caption_prompt(
        struct captions *c, const struct dd_session *session, const struct dd_trace_event *e)
{
	struct dd_playing p;
	const struct dd_trace *trace = dd_session_trace(session);
	c->open = c->n;
	if (!dd_session_playing(session, dd_session_now(session), &p) || p.text.n == 0) {
		struct dd_buf name = {0};
		dd_buf_str(&name, e->stand_in ? "♪ stand-in " : "♪ ");
		dd_prompt_described(trace, e, &name);
		if (e->ms > 0)
			add_cue(c, e->at, e->at + e->ms, (struct dd_str){name.p, name.n});
		dd_buf_free(&name);
		return;
	}
	bool said = e->said.n > 0;
	struct dd_str words = said ? dd_trace_str(trace, e->said) : p.text;
	if (has_recordings(trace, e))
		caption_parts(c, session, e, words, said);
	else
		caption_words(c, session, words, said, 0, words.n, e->at, p.until);
	if (said && c->n > c->open)
		c->list[c->open].written = cue_text(p.text);
}

static void cut(struct captions *c, dd_ms at)
{
	for (size_t i = c->open; i < c->close; i++)
		if (c->list[i].until > at)
			c->list[i].until = c->list[i].from > at
			        ? c->list[i].from
			        : at; /* a cue of no length is not written */
	c->open = c->close;
}

static void look_for_captions(struct captions *c, const struct dd_session *session)
{
	const struct dd_trace *t = dd_session_trace(session);
	for (; c->seen < t->nevents; c->seen++) {
		const struct dd_trace_event *e = &t->events[c->seen];
		if (e->type == DD_TR_PROMPT) {
			caption_prompt(c, session, e);
			c->close = c->n;
		} else if (e->type == DD_TR_PROMPT_STOPPED) {
			cut(c, e->at);
		} else if (e->type == DD_TR_KEY) {
			char text[24];
			(void)snprintf(text, sizeof text, "[key %c]", e->key);
			add_cue(c, e->at, e->at + KEY_CAPTION_MS, dd_str(text));
		}
	}
}

static bool go_along(void *self, const struct dd_session *session, dd_ms at)
{
	(void)at;
	look_for_captions(self, session);
	return true;
}

static void finish(void *self, const struct dd_session *session)
{
	look_for_captions(self, session);
}

static void vtt_time(struct dd_buf *out, dd_ms at)
{
	dd_buf_format(out, "%02lld:%02lld:%02lld.%03lld", (long long)(at / 3600000),
	        (long long)(at / 60000 % 60), (long long)(at / 1000 % 60), (long long)(at % 1000));
}

static int by_time(const void *a, const void *b)
{
	const struct cue *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static void write_captions(struct captions *c, struct dd_buf *out)
{
	dd_buf_str(out, "WEBVTT\n");
	if (c->n)
		qsort(c->list, c->n, sizeof *c->list, by_time);
	for (size_t i = 0; i < c->n; i++) {
		if (c->list[i].until > c->list[i].from) {
			dd_buf_char(out, '\n');
			if (c->list[i].written)
				dd_buf_format(out, "NOTE written: %s\n\n", c->list[i].written);
			vtt_time(out, c->list[i].from);
			dd_buf_str(out, " --> ");
			vtt_time(out, c->list[i].until);
			dd_buf_format(out, "\n%s\n", c->list[i].text);
		}
		free(c->list[i].text);
		free(c->list[i].written);
	}
	free(c->list);
}

/* -- files ------------------------------------------------------------------ */

/* "flows/survey.test.yaml" line 12, row 3 → "flows-survey-12-3". */
static void name_of(const struct dd_result *r, const char *dir, struct dd_buf *out)
{
	size_t n = strlen(r->suite);
	const char *ends[] = {".test.yaml", ".test.yml", ".yaml"};
	for (int i = 0; i < 3; i++) {
		size_t end = strlen(ends[i]);
		if (n > end && strcmp(r->suite + n - end, ends[i]) == 0) {
			n -= end;
			break;
		}
	}
	dd_buf_format(out, "%s/", dir);
	size_t from = 0;
	while (from < n && (r->suite[from] == '.' || r->suite[from] == '/'))
		from++;
	for (size_t i = from; i < n; i++) {
		char c = r->suite[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9') || c == '_' || c == '.' || (c & 0x80);
		dd_buf_char(out, plain ? c : '-');
	}
	dd_buf_format(out, "-%u", r->line);
	if (r->row)
		dd_buf_format(out, "-%u", r->row);
}

static int write_text(const char *base, const char *end, const struct dd_buf *text)
{
	struct dd_buf path = {0};
	dd_buf_format(&path, "%s%s", base, end);
	const char *why = dd_output_write(path.p, (struct dd_str){text->p, text->n});
	int code = why ? dd_usage_error("--record %s: %s", path.p, why) : 0;
	dd_buf_free(&path);
	return code;
}

static int record(const struct dd_test_options *o, const struct dd_plan *plan,
        const struct dd_planned *run, struct dd_tts tts, struct dd_result *r)
{
	struct dd_buf base = {0}, wav = {0}, text = {0}, vtt = {0};
	struct dd_recorder *recorder;
	struct captions captions = {0};
	struct dd_error err;
	struct dd_result again;
	name_of(r, o->record, &base);
	dd_buf_format(&wav, "%s.wav", base.p);
	int code = 0;
	const char *aside = NULL, *why = dd_output_open(wav.p, &aside);
	if (why) {
		code = dd_usage_error("--record %s: %s", wav.p, why);
	} else if (dd_recorder_open(aside, o->line, &recorder, &err) != DD_OK) {
		dd_output_drop(aside);
		code = dd_usage_error("--record %s: %s", wav.p, err.text);
	} else {
		struct dd_ear ear = dd_recorder_ear(recorder);
		struct dd_pace pace = {&captions, go_along, finish};
		struct dd_run_options ro = {
		        .tts = tts, .ears = &ear, .nears = 1, .pace = &pace, .quick = true};
		dd_scenario_run(plan->suites[run->suite], run->scenario, run->row, &ro, &again);
		ear.end(ear.self,
		        again.call_ms); /* a scenario that failed leaves the call where it stood */
		dd_result_fini(&again);
		bool fine = dd_recorder_close(recorder, &err) == DD_OK;
		why = fine ? dd_output_keep(aside) : err.text;
		if (!fine)
			dd_output_drop(aside);
		if (why)
			code = dd_usage_error("--record %s: %s", wav.p, why);
		struct dd_transcript t = {r->program, NULL, &r->trace, &r->outcome};
		dd_transcript_text(&t, 0, false, &text);
		write_captions(&captions, &vtt);
	}
	code = code ? code : write_text(base.p, ".txt", &text);
	code = code ? code : write_text(base.p, ".vtt", &vtt);
	if (!code && r->arena)
		r->recording = dd_arena_copy(r->arena, wav.p, wav.n);
	dd_buf_free(&base);
	dd_buf_free(&wav);
	dd_buf_free(&text);
	dd_buf_free(&vtt);
	return code;
}

int dd_test_record(const struct dd_test_options *o, const struct dd_plan *plan,
        struct dd_test_report *report, struct dd_cli_voice *voice)
{
	struct dd_result *results = report->results + (report->n - plan->nruns);
	int code = 0;
	if (mkdir(o->record, 0777) != 0 && errno != EEXIST)
		return dd_usage_error("--record %s: %s", o->record, strerror(errno));
	for (size_t i = 0; i < plan->nruns && !code; i++)
		if (results[i].kept && (o->record_all || results[i].verdict == DD_FAILED))
			code = record(
			        o, plan, &plan->runs[i], dd_cli_voice_port(voice), &results[i]);
	return code;
}
