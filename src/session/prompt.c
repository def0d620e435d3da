/* Filling in, speaking and joining the segments of prompts. */
#include "session/prompt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "call/fill.h"

/* A tone by what it was made of. */
struct tone {
	unsigned hz, loud;
	const struct dd_sound *sound;
};

struct dd_prompts {
	const struct dd_program *program;
	struct dd_tts tts;
	struct dd_arena *lasting;  /* prompts whose words stay */
	struct dd_arena *fleeting; /* the prompt asked for last */
	struct dd_ready **kept;
	uint32_t nkept;
	struct tone *tones; /* made so far: they must live as long as the call */
	size_t ntones, cap_tones;
};

struct dd_prompts *dd_prompts_new(const struct dd_program *program, struct dd_tts tts)
{
	struct dd_prompts *ps = dd_alloc(sizeof *ps);
	ps->program = program;
	ps->tts = tts;
	ps->lasting = dd_arena_new();
	ps->nkept = program->nprompts + 1;
	ps->kept = dd_alloc(ps->nkept * sizeof *ps->kept);
	return ps;
}

void dd_prompts_grow(struct dd_prompts *ps)
{
	uint32_t n = ps->program->nprompts + 1;
	if (n <= ps->nkept)
		return;
	n += n / 2;
	ps->kept = dd_realloc(ps->kept, n * sizeof *ps->kept, 1);
	memset(ps->kept + ps->nkept, 0, (n - ps->nkept) * sizeof *ps->kept);
	ps->nkept = n;
}

void dd_prompts_free(struct dd_prompts *ps)
{
	if (!ps)
		return;
	dd_arena_free(ps->lasting);
	dd_arena_free(ps->fleeting);
	dd_free(ps->kept);
	dd_free(ps->tones);
	dd_free(ps);
}

static struct dd_arena *fresh(struct dd_prompts *ps)
{
	dd_arena_free(ps->fleeting);
	return ps->fleeting = dd_arena_new();
}

static void problem(struct dd_ready *r, const char *what, const struct dd_error *err)
{
	if (!r->problem[0])
		(void)snprintf(
		        r->problem, sizeof r->problem, "%s%.200s", what, err ? err->text : "");
}

static void say(struct dd_prompts *ps, struct dd_arena *arena, struct dd_ready *r,
        struct dd_ready_part *part, uint32_t voice_index, bool ssml)
{
	const struct dd_voice_choice *v = &ps->program->voices[voice_index];
	const char *name =
	        v->variant ? dd_arena_format(arena, "%s+%s", v->language, v->variant) : v->language;
	struct dd_speech speech = {part->text.source.p, name, v->rate_wpm, v->pitch, ssml};
	struct dd_error err = {""};
	const struct dd_sound *sound = NULL;
	if (ps->tts.ready && !ps->tts.ready(ps->tts.self, &speech, NULL)) {
		r->later = true;
		return;
	}
	if (ps->tts.say(ps->tts.self, &speech, &sound, &err) != DD_OK) {
		problem(r, "", &err);
		return;
	}
	part->piece = (struct dd_piece){sound, sound->frames};
}

/* What a server sends may be no XML, and values may break a comment they stand in. */
static void text_part(struct dd_prompts *ps, struct dd_arena *arena, struct dd_ready *r,
        struct dd_ready_part *part, const struct dd_filled *f, bool ssml, uint32_t voice)
{
	struct dd_xml_fault fault;
	struct dd_error err = {""};
	if (dd_spoken_read(arena, &ps->program->voices[voice], (struct dd_str){f->text, f->n}, ssml,
	            f->fixed, f->nfixed, &part->text, &fault)) {
		say(ps, arena, r, part, voice, ssml);
		return;
	}
	(void)dd_fail(&err, DD_ERR_FORMAT, "%u: %s", fault.span.start + 1, fault.message);
	problem(r, "the SSML cannot be read from byte ", &err);
	struct dd_str text = {dd_arena_copy(arena, f->text, f->n), f->n};
	part->text = (struct dd_spoken){.source = text, .words = text, .said = text};
}

static void file_part(struct dd_prompts *ps, struct dd_arena *arena, struct dd_ready *r,
        struct dd_ready_part *part, struct dd_str name, const char *dir, struct dd_str shown)
{
	struct dd_error err = {""};
	const struct dd_sound *sound = NULL;
	part->file = (struct dd_str){dd_arena_copy(arena, name.p, name.n), name.n};
	const char *path = name.n && name.p[0] == '/'
	        ? part->file.p
	        : dd_arena_format(arena, "%s/%s", dir, part->file.p);
	if (shown.p)
		part->file = shown;
	if (ps->tts.ready && !ps->tts.ready(ps->tts.self, NULL, path)) {
		r->later = true;
		return;
	}
	if (ps->tts.load(ps->tts.self, path, &sound, &err) != DD_OK) {
		problem(r, "", &err);
		return;
	}
	part->piece = (struct dd_piece){sound, sound->frames};
}

static void add_words(struct dd_buf *all, struct dd_str words, size_t *at)
{
	if (words.n && all->n)
		dd_buf_char(all, ' ');
	*at = all->n;
	dd_buf_add(all, words.p, words.n);
}

/* Frames until a tone is at the same place of its wave again: of 441 Hz fifty. */
static uint32_t period_of(unsigned hz)
{
	uint32_t a = DD_RATE_HZ, b = hz;
	while (b) {
		uint32_t rest = a % b;
		a = b;
		b = rest;
	}
	return DD_RATE_HZ / a;
}

/* A tone swells and fades within 20 ms, so that nothing clicks. It is made for one period, and
   repeated. `loud` is of 32,767. */
static const struct dd_sound *tone(
        struct dd_prompts *ps, unsigned hz, unsigned loud, uint32_t frames)
{
	enum { EDGE = DD_RATE_HZ / 50 };
	for (size_t i = 0; i < ps->ntones; i++)
		if (ps->tones[i].hz == hz && ps->tones[i].loud == loud &&
		        ps->tones[i].sound->frames == frames)
			return ps->tones[i].sound;
	struct dd_sound *s = dd_arena_alloc(ps->lasting, sizeof *s);
	int16_t *pcm = dd_arena_alloc(ps->lasting, ((size_t)frames + 1) * sizeof *pcm);
	uint32_t period = period_of(hz);
	for (uint32_t i = 0; i < frames && i < period; i++)
		pcm[i] = (int16_t)lrint(loud * sin(2 * M_PI * hz * i / DD_RATE_HZ));
	for (uint32_t i = period; i < frames; i++)
		pcm[i] = pcm[i - period];
	for (uint32_t i = 0; i < EDGE && i < frames / 2; i++) {
		pcm[i] = (int16_t)(pcm[i] * (int)i / EDGE);
		pcm[frames - 1 - i] = (int16_t)(pcm[frames - 1 - i] * (int)i / EDGE);
	}
	*s = (struct dd_sound){frames, 0, pcm, NULL};
	DD_PUSH(ps->tones, ps->ntones, ps->cap_tones) = (struct tone){hz, loud, s};
	return s;
}

static struct dd_piece tone_piece(struct dd_prompts *ps, unsigned hz, unsigned loud, dd_ms ms)
{
	uint32_t frames = (uint32_t)dd_frames_in(ms, DD_RATE_HZ);
	return (struct dd_piece){loud ? tone(ps, hz, loud, frames) : NULL, frames};
}

struct dd_piece dd_prompts_beep(struct dd_prompts *ps, dd_ms ms)
{
	return tone_piece(ps, 1000, 6500, ms);
}

/* India's ringing tone: 0.4 s, 0.2 s of silence, 0.4 s, 2 s of silence (ITU-T E.180, supplement 2).
 */
struct dd_piece *dd_prompts_ringing(struct dd_prompts *ps, dd_ms ms, size_t *n)
{
	static const dd_ms cadence[] = {400, 200, 400, 2000};
	size_t most = (size_t)(ms / 200 + 2);
	struct dd_piece *list = dd_arena_alloc(fresh(ps), most * sizeof *list);
	*n = 0;
	for (dd_ms at = 0; at < ms; (*n)++) {
		dd_ms part = cadence[*n % 4];
		if (part > ms - at)
			part = ms - at;
		list[*n] = tone_piece(ps, 400, *n % 2 ? 0 : 2000, part);
		at += part;
	}
	return list;
}

static void stand_in_part(struct dd_prompts *ps, struct dd_arena *arena, struct dd_ready_part *part,
        struct dd_str name, dd_ms length)
{
	part->stand_in = true;
	part->file = (struct dd_str){dd_arena_copy(arena, name.p, name.n), name.n};
	/* soft, at -30 dB of full scale: nobody takes it for a recording, and nobody for silence */
	part->piece = tone_piece(ps, 441, 1036, length);
}

/* Joins the parts: lengths, words, pieces. */
static void join(struct dd_arena *arena, struct dd_ready *r)
{
	struct dd_buf words = {0}, said = {0};
	uint64_t frames = 0;
	bool differs = false;
	r->pieces = dd_arena_alloc(arena, (r->nparts + 1) * sizeof *r->pieces);
	for (size_t i = 0; i < r->nparts; i++) {
		struct dd_ready_part *part = &r->parts[i];
		r->pieces[i] = part->piece;
		frames += part->piece.frames;
		add_words(&words, part->text.words, &part->words_at);
		add_words(&said, part->text.said, &part->said_at);
		differs |= dd_spoken_differs(&part->text);
	}
	r->ms = dd_ms_of(frames, DD_RATE_HZ);
	r->words = (struct dd_str){dd_arena_copy(arena, words.p, words.n), words.n};
	r->said = r->words;
	if (differs)
		r->said = (struct dd_str){dd_arena_copy(arena, said.p, said.n), said.n};
	if (r->nparts == 1) {
		r->file = r->parts[0].file;
		r->stand_in = r->parts[0].stand_in;
	}
	dd_buf_free(&words);
	dd_buf_free(&said);
}

static struct dd_ready *ready_new(struct dd_arena *arena, size_t n)
{
	struct dd_ready *r = dd_arena_alloc(arena, sizeof *r);
	r->parts = dd_arena_alloc(arena, (n + 1) * sizeof *r->parts);
	r->nparts = n;
	return r;
}

static bool is_of_slot(
        const struct dd_program *p, const struct dd_call *call, uint32_t text, struct dd_str *out)
{
	char room[24];
	*out = dd_call_value(call, p->parts[p->templates[text].first].slot, 0, room);
	*out = dd_str_trim(*out);
	return out->n > 0 && out->n <= DD_TEXT_BYTES_MAX;
}

static void line_part(struct dd_prompts *ps, struct dd_arena *arena, struct dd_ready *r,
        struct dd_ready_part *part, struct dd_str line, uint32_t voice);
static struct dd_str last_name(struct dd_str path);

/* What an applet's URL answered: words, or the address of a recording. */
static void reply_part(struct dd_prompts *ps, struct dd_arena *arena, struct dd_ready *r,
        struct dd_ready_part *part, const struct dd_call *call, const struct dd_segment *s)
{
	struct dd_str line;
	if (is_of_slot(ps->program, call, s->text, &line))
		line_part(ps, arena, r, part, line, s->voice);
	else if (is_of_slot(ps->program, call, s->audio, &line))
		file_part(ps, arena, r, part, last_name(line), ps->program->flows[s->flow].dir,
		        (struct dd_str){NULL, 0});
}

static struct dd_ready *make(struct dd_prompts *ps, struct dd_arena *arena,
        const struct dd_call *call, uint32_t index, dd_ms at, uint32_t *missing, size_t *nmissing)
{
	const struct dd_program *p = ps->program;
	const struct dd_prompt *prompt = &p->prompts[index];
	struct dd_ready *r = ready_new(arena, prompt->n);
	size_t room = *nmissing, found = 0;
	struct dd_filled f; /* not cleared: it is large, and this is done for each prompt */
	f.n = f.nfixed = 0;
	f.fixed = NULL;
	for (uint32_t i = 0; i < prompt->n; i++) {
		const struct dd_segment *s = &p->segments[prompt->first + i];
		struct dd_ready_part *part = &r->parts[i];
		size_t some = room - found;
		if (s->kind == DD_SEG_PAUSE) {
			part->pause = true;
			part->piece.frames = (uint32_t)((uint64_t)s->pause * DD_RATE_HZ / 1000);
			continue;
		}
		if (s->kind == DD_SEG_REPLY) {
			reply_part(ps, arena, r, part, call, s);
			continue;
		}
		enum dd_fill_use use = s->kind == DD_SEG_AUDIO ? DD_FILL_PATH : DD_FILL_PLAIN;
		enum dd_status status = s->kind == DD_SEG_TEXT
		        ? dd_spoken_fill_call(call, s->text, at, arena, &f, missing + found, &some)
		        : dd_call_fill(call, s->text, use, at, f.text, sizeof f.text, &f.n,
		                  missing + found, &some);
		found += some;
		if (status == DD_ERR_LIMIT)
			problem(r, "the text has more than 4,096 characters when filled in", NULL);
		else if (status != DD_OK)
			problem(r, "a value with /, \\ or .. may not stand in a file's name", NULL);
		else if (s->kind == DD_SEG_AUDIO)
			file_part(ps, arena, r, part, (struct dd_str){f.text, f.n},
			        p->flows[s->flow].dir, s->shown);
		else if (s->kind == DD_SEG_STAND_IN)
			stand_in_part(ps, arena, part, (struct dd_str){f.text, f.n}, s->pause);
		else
			text_part(ps, arena, r, part, &f, p->templates[s->text].ssml, s->voice);
	}
	*nmissing = found;
	join(arena, r);
	return r;
}

const struct dd_ready *dd_prompts_get(struct dd_prompts *ps, const struct dd_call *call,
        uint32_t index, dd_ms at, uint32_t *missing, size_t *nmissing)
{
	if (ps->kept[index]) {
		*nmissing = 0;
		return ps->kept[index];
	}
	bool moves = ps->program->prompts[index].moves;
	struct dd_ready *r =
	        make(ps, moves ? fresh(ps) : ps->lasting, call, index, at, missing, nmissing);
	if (!moves && *nmissing == 0 && !r->later)
		ps->kept[index] = r;
	return r;
}

static bool is_audio(struct dd_str line)
{
	static const char *const ends[] = {".wav", ".mp3", ".ogg", ".opus", ".flac"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);
		if (line.n > n && memcmp(line.p + line.n - n, ends[i], n) == 0)
			return true;
	}
	return (line.n > 7 && memcmp(line.p, "http://", 7) == 0) ||
	        (line.n > 8 && memcmp(line.p, "https://", 8) == 0);
}

static void line_part(struct dd_prompts *ps, struct dd_arena *arena, struct dd_ready *r,
        struct dd_ready_part *part, struct dd_str line, uint32_t voice)
{
	struct dd_filled f;
	f.n = line.n;
	f.nfixed = 0;
	f.fixed = NULL;
	memcpy(f.text, line.p, line.n);
	f.text[line.n] = '\0';
	text_part(ps, arena, r, part, &f, dd_is_ssml(line), voice);
}

/* Audio of a server is played by the platform; here it is looked for beside the flow under its last
 * name. */
static struct dd_str last_name(struct dd_str path)
{
	size_t n = path.n;
	while (n && path.p[n - 1] != '/')
		n--;
	return (struct dd_str){path.p + n, path.n - n};
}

const struct dd_ready *dd_prompts_fetched(
        struct dd_prompts *ps, const struct dd_segment *segment, struct dd_str body)
{
	const struct dd_program *p = ps->program;
	struct dd_arena *arena = fresh(ps);
	size_t lines = 1, n = 0;
	for (size_t i = 0; i < body.n; i++)
		lines += body.p[i] == '\n';
	if (lines > 100)
		lines = 100;
	struct dd_ready *r = ready_new(arena, lines);
	for (size_t at = 0; at < body.n && n < lines;) {
		const char *end = memchr(body.p + at, '\n', body.n - at);
		size_t stop = end ? (size_t)(end - body.p) : body.n;
		struct dd_str line = dd_str_trim((struct dd_str){body.p + at, stop - at});
		at = stop + 1;
		if (line.n == 0)
			continue;
		if (line.n > DD_TEXT_BYTES_MAX || dd_utf8_count(line) > DD_TEXT_CHARS_MAX)
			problem(r, "the server's text has more than 4,096 characters", NULL);
		else if (is_audio(line))
			file_part(ps, arena, r, &r->parts[n], last_name(line),
			        p->flows[segment->flow].dir, (struct dd_str){NULL, 0});
		else
			line_part(ps, arena, r, &r->parts[n], line, segment->voice);
		n++;
	}
	r->nparts = n;
	join(arena, r);
	return r;
}

/* -- what has been heard ---------------------------------------------------- */

/* Bytes of the part's source that have been begun after `frames`, and where the last word begins.
 */
static size_t source_begun(const struct dd_ready_part *part, uint64_t frames, size_t *word)
{
	const struct dd_sound *sound = part->piece.sound;
	struct dd_str source = part->text.source;
	size_t end = 0;
	*word = 0;
	if (!sound || frames == 0)
		return 0;
	if (frames >= part->piece.frames) {
		*word = source.n;
		return source.n;
	}
	for (uint32_t i = 0; i < sound->nwords && sound->words[i].frame < frames; i++) {
		if (sound->words[i].end > end && sound->words[i].end <= source.n) {
			end = sound->words[i].end;
			*word = sound->words[i].start;
		}
	}
	/* a full stop belongs to the word before it */
	while (end && end < source.n && strchr(".,;:!?)\"'", source.p[end]))
		end++;
	return end;
}

/* The same of the part's words: a word that is said as several is begun with the first of them. */
static size_t words_begun(const struct dd_ready_part *part, uint64_t frames, size_t *word)
{
	size_t end = source_begun(part, frames, word);
	if (!part->text.before)
		return end;
	*word = part->text.before[*word];
	return part->text.behind[end];
}

static size_t said_before(const struct dd_ready_part *part, size_t at)
{
	at = at < part->text.source.n ? at : part->text.source.n;
	return part->text.heard ? part->text.heard[at] : at;
}

void dd_ready_begun(const struct dd_ready *r, dd_ms elapsed, size_t *begun, size_t *word)
{
	uint64_t frames = dd_frames_in(elapsed > 0 ? elapsed : 0, DD_RATE_HZ), before = 0;
	*begun = *word = 0;
	for (size_t i = 0; i < r->nparts && before < frames; i++) {
		const struct dd_ready_part *part = &r->parts[i];
		size_t at;
		if (part->text.words.n) {
			*begun = part->words_at + words_begun(part, frames - before, &at);
			*word = part->words_at + at;
		}
		before += part->piece.frames;
	}
}

size_t dd_ready_said(const struct dd_ready *r, dd_ms elapsed)
{
	uint64_t frames = dd_frames_in(elapsed > 0 ? elapsed : 0, DD_RATE_HZ), before = 0;
	size_t begun = 0, word;
	for (size_t i = 0; i < r->nparts && before < frames; i++) {
		const struct dd_ready_part *part = &r->parts[i];
		if (part->text.words.n)
			begun = part->said_at +
			        said_before(part, source_begun(part, frames - before, &word));
		before += part->piece.frames;
	}
	return begun;
}

bool dd_ready_differs(const struct dd_ready *r)
{
	return r->said.p != r->words.p;
}

/* Where in the part's words, or in what is said for them, its word `i` begins. */
static size_t word_at(const struct dd_ready_part *part, uint32_t i, bool said)
{
	size_t at = part->piece.sound->words[i].start;
	if (said)
		return part->said_at + said_before(part, at);
	if (part->text.before)
		at = part->text.before[at < part->text.source.n ? at : part->text.source.n];
	return part->words_at + at;
}

static dd_ms spoken(const struct dd_ready *r, size_t bytes, bool said)
{
	uint64_t before = 0;
	for (size_t i = 0; i < r->nparts; i++) {
		const struct dd_ready_part *part = &r->parts[i];
		const struct dd_sound *sound = part->piece.sound;
		for (uint32_t w = 0; part->text.words.n && sound && w < sound->nwords; w++)
			if (word_at(part, w, said) >= bytes)
				return (dd_ms)((before + sound->words[w].frame) * 1000 /
				        DD_RATE_HZ);
		before += part->piece.frames;
	}
	return r->ms;
}

dd_ms dd_ready_spoken(const struct dd_ready *r, size_t bytes)
{
	return spoken(r, bytes, false);
}

dd_ms dd_ready_spoken_said(const struct dd_ready *r, size_t bytes)
{
	return spoken(r, bytes, true);
}

struct dd_spoken_word *dd_ready_words(const struct dd_ready *r, size_t *n)
{
	struct dd_spoken_word *list = NULL;
	size_t cap = 0;
	uint64_t before = 0;
	*n = 0;
	for (size_t i = 0; i < r->nparts; i++) {
		const struct dd_ready_part *part = &r->parts[i];
		const struct dd_sound *sound = part->piece.sound;
		for (uint32_t w = 0; part->text.words.n && sound && w < sound->nwords; w++)
			DD_PUSH(list, *n, cap) = (struct dd_spoken_word){
			        (dd_ms)((before + sound->words[w].frame) * 1000 / DD_RATE_HZ),
			        word_at(part, w, false)};
		before += part->piece.frames;
	}
	return list;
}

void dd_ready_heard(const struct dd_ready *r, dd_ms elapsed, struct dd_buf *out)
{
	size_t begun, word;
	dd_ready_begun(r, elapsed, &begun, &word);
	dd_buf_add(out, r->words.p, begun);
}
