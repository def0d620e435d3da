/* Server-sent events, the phones that read them, and the sound of calls. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json.h"
#include "serve/serving.h"
#include "voice/line.h"

enum { BEAT_MS = 2000 };

/* What a reader hears that does not keep up. */
#define BEHIND \
	"what happened was not read in time: the server keeps 8 MiB for a reader, and 64 MiB for " \
	"all of them together"
static const char BEHIND_EVENT[] = "event: closed\ndata: {\"reason\":\"" BEHIND "\"}\n\n",
                  BEHIND_FRAME[] = "X\x6c\0\0\0" BEHIND;
static_assert(sizeof BEHIND - 1 == 0x6c, "the frame says how long it is");

bool events_wanted(const struct server *s)
{
	return s->events.readers != NULL;
}

void events_tell(struct server *s, const char *type, json_t *data)
{
	char *text = json_dumps(data, JSON_COMPACT);
	struct dd_buf out = {0};
	dd_buf_format(
	        &out, "id: %llu\nevent: %s\ndata: ", (unsigned long long)++s->events.last_id, type);
	dd_buf_str(&out, text ? text : "{}");
	dd_buf_str(&out, "\n\n");
	for (struct phone *p = s->events.readers; p; p = p->next)
		(void)dd_stream_write(p->stream, out.p, out.n);
	dd_buf_free(&out);
	free(text);
	json_decref(data);
}

void events_call(struct server *s, const struct dd_call_record *r)
{
	if (!events_wanted(s))
		return;
	struct live *c = exchange_find(s, dd_str(r->sid));
	json_t *o = json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:I, s:I, s:s?, s:I, s:I}", "sid",
	        r->sid, "status", r->status, "flow", r->app, "from", r->customer, "caller_id",
	        r->caller_id, "created", (json_int_t)r->created, "updated", (json_int_t)r->updated,
	        "digits", r->digits, "answered", (json_int_t)r->answered, "ended",
	        (json_int_t)r->ended);
	json_object_set_new(o, "phone", c && c->phone ? json_string(c->phone->id) : json_null());
	events_tell(s, "call", o);
}

/* The words of a prompt with the moments at which they begin, for captions. */
static json_t *words_of(struct live *c)
{
	size_t n;
	json_t *list = json_array();
	struct dd_spoken_word *words = dd_session_words(c->session, &n);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
		        json_pack("[I, I]", (json_int_t)words[i].at, (json_int_t)words[i].start));
	free(words);
	return list;
}

void events_record(struct live *c)
{
	struct server *s = c->server;
	const struct dd_trace *trace = dd_session_trace(c->session);
	struct dd_transcript t = {exchange_program(c), dd_session_call(c->session), trace,
	        dd_session_outcome(c->session)};
	for (; c->told < trace->nevents; c->told++) {
		if (!events_wanted(s))
			continue;
		const struct dd_trace_event *e = &trace->events[c->told];
		json_t *o = dd_json_event(&t, e);
		json_object_set_new(o, "sid", json_string(c->r.sid));
		json_object_set_new(
		        o, "index", e->step == UINT32_MAX ? json_null() : json_integer(e->step));
		if (e->type == DD_TR_PROMPT && c->told + 1 == trace->nevents)
			json_object_set_new(o, "words", words_of(c));
		events_tell(s, "record", o);
	}
}

/* -- readers ---------------------------------------------------------------- */

static void reader_gone(void *self)
{
	struct phone *p = self;
	struct server *s = p->server;
	struct phone **at = &s->events.readers;
	while (*at && *at != p)
		at = &(*at)->next;
	if (*at)
		*at = p->next;
	/* the line goes dead for whoever talks into it */
	for (uint32_t i = 0; i < s->exchange.nslots; i++) {
		struct live *c = s->exchange.slots[i];
		if (c && c->phone == p) {
			c->phone = NULL;
			s->clock.holds--;
			c->hung = true;
			s->exchange.hung = true;
		}
	}
	free(p);
}

struct phone *events_phone(struct server *s, uint64_t number, bool exact, bool *in_use)
{
	struct phone *any = NULL;
	bool taken = false;
	for (struct phone *p = s->events.readers; p; p = p->next) {
		bool mine = p->number && p->number == number;
		if (!p->rings_for || (p->number && !mine) || (exact && !mine))
			continue;
		taken |= p->call != NULL;
		if (!p->call && (mine || !any))
			any = p;
		if (!p->call && mine)
			break;
	}
	if (in_use)
		*in_use = taken && !any;
	return any;
}

void events_open(struct server *s, const struct dd_http_in *in, struct dd_http_out *out)
{
	struct phone *p = dd_alloc(sizeof *p);
	struct dd_buf hello = {0};
	p->server = s;
	new_sid(p->id);
	for (size_t i = 0; i < in->nquery; i++) {
		if (!dd_str_is(in->query[i].name, "phone"))
			continue;
		p->rings_for = true;
		p->number = number_at_home(s, in->query[i].value);
	}
	p->stream = dd_stream_new(reader_gone, p, dd_str(BEHIND_EVENT));
	p->next = s->events.readers;
	s->events.readers = p;
	dd_buf_format(&hello, "retry: 1000\nevent: hello\ndata: {\"id\":\"%s\",\"now\":%lld}\n\n",
	        p->id, (long long)s->clock.now);
	(void)dd_stream_write(p->stream, hello.p, hello.n);
	dd_buf_free(&hello);
	out->type = "text/event-stream; charset=utf-8";
	out->stream = p->stream;
}

/* Whoever has gone away is found out by writing to them. */
void events_beat(struct server *s)
{
	int64_t now = machine_ms();
	if (now < s->events.beat)
		return;
	s->events.beat = now + BEAT_MS;
	for (struct phone *p = s->events.readers; p; p = p->next)
		(void)dd_stream_write(p->stream, ":\n\n", 3);
	for (uint32_t i = 0; i < s->exchange.nslots; i++)
		for (struct sound *d = s->exchange.slots[i] ? s->exchange.slots[i]->sounds : NULL;
		        d; d = d->next)
			(void)dd_stream_write(d->stream, "H\0\0\0\0", 5);
}

/* -- sound ------------------------------------------------------------------ */

/* Frames: a letter, the length of what follows in four bytes (the lowest first), and that. P: what
   plays is over, a prompt of so many samples (four bytes) begins; D: some of them, mono, 16 bits,
   the lower byte first; S: silence; K: a key was pressed; E: the call is over. The samples of a
   prompt come as soon as it begins. */
static void frame(struct live *c, bool wide, char letter, const void *bytes, size_t n)
{
	char head[5] = {letter, (char)(n & 255), (char)(n >> 8 & 255), (char)(n >> 16 & 255),
	        (char)(n >> 24 & 255)};
	struct dd_buf out = {0};
	dd_buf_add(&out, head, 5);
	if (n)
		dd_buf_add(&out, bytes, n);
	for (struct sound *d = c->sounds; d; d = d->next)
		if ((letter != 'D' && letter != 'P') || d->wide == wide)
			(void)dd_stream_write(d->stream, out.p, out.n);
	dd_buf_free(&out);
}

static void send_samples(struct live *c, bool wide, const struct dd_piece *pieces, size_t n)
{
	enum { CHUNK = 8000 };
	int16_t *pcm = NULL;
	size_t frames = 0;
	bool wanted = false;
	for (struct sound *d = c->sounds; d; d = d->next)
		wanted |= d->wide == wide;
	unsigned char total[4];
	if (!wanted ||
	        dd_line_carry_pieces(
	                wide ? DD_LINE_WIDE : DD_LINE_ALAW, pieces, n, &pcm, &frames) != DD_OK)
		return;
	for (int i = 0; i < 4; i++)
		total[i] = (unsigned char)(frames >> 8 * i);
	frame(c, wide, 'P', total, sizeof total);
	for (size_t at = 0; at < frames; at += CHUNK)
		frame(c, wide, 'D', pcm + at,
		        (frames - at < CHUNK ? frames - at : CHUNK) * sizeof *pcm);
	free(pcm);
}

static void on_play(void *self, dd_ms at, const struct dd_piece *pieces, size_t n)
{
	struct live *c = self;
	(void)at;
	send_samples(c, false, pieces, n);
	send_samples(c, true, pieces, n);
}

static void on_stop(void *self, dd_ms at)
{
	(void)at;
	frame(self, false, 'S', NULL, 0);
}

static void on_key(void *self, dd_ms at, char key)
{
	(void)at;
	frame(self, false, 'K', &key, 1);
}

static void on_end(void *self, dd_ms at)
{
	(void)at;
	frame(self, false, 'E', NULL, 0);
}

struct dd_ear sound_ear(struct live *c)
{
	return (struct dd_ear){c, on_play, on_stop, on_key, on_end, NULL};
}

static void sound_gone(void *self)
{
	struct sound *d = self;
	for (struct sound **at = d->live ? &d->live->sounds : NULL; at && *at; at = &(*at)->next) {
		if (*at != d)
			continue;
		*at = d->next;
		break;
	}
	free(d);
}

void sound_open(struct live *c, bool wide, struct dd_http_out *out)
{
	struct sound *d = dd_alloc(sizeof *d);
	d->live = c;
	d->wide = wide;
	d->stream = dd_stream_new(
	        sound_gone, d, (struct dd_str){BEHIND_FRAME, sizeof BEHIND_FRAME - 1});
	d->next = c->sounds;
	c->sounds = d;
	(void)dd_stream_write(d->stream, "H\0\0\0\0", 5);
	out->type = "application/octet-stream";
	out->stream = d->stream;
}

void sound_end(struct live *c)
{
	for (struct sound *d = c->sounds, *next; d; d = next) {
		next = d->next;
		d->live = NULL;
		dd_stream_end(d->stream);
	}
	c->sounds = NULL;
}
