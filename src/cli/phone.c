/* drydial phone: a telephone for a running drydial serve. It reads the server's events, hears the
   calls that ring here, and asks the server's side door to answer, press keys and hang up. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "net/curl.h"
#include "voice/speaker.h"

enum { TICK_MS = 40, EVENTS_ID = 1, SOUND_ID = 2, FIRST_ID = 100, FRAME_MAX = 64 * 1024 * 1024 };

struct phone {
	const char *url, *number, *credentials;
	enum dd_line line;
	struct dd_style style;
	bool once, mute, no_colour, keyboard, screen, reads, status_shown;
	struct dd_curl *curl;
	struct dd_http http;
	uint32_t last_id;
	struct dd_buf events, sound; /* what has come and is not yet taken */
	char own[40], sid[40]; /* as the server calls this phone; the call that rings here or goes
	                          on; "" */
	bool ringing, talking, lost, ended;
	bool hears, answers; /* the sound has been connected; the call is answered when it is */
	char why[256];
	struct dd_speaker *speaker;
	struct dd_ear ear;
	/* the prompt at hand */
	struct dd_sound **sounds;
	size_t nsounds, cap_sounds, got; /* samples of the last one that have come */
	struct dd_buf text;
	json_t *words;
	double began;
};

static int take_phone_option(void *self, int letter, char *value)
{
	struct phone *p = self;
	switch (letter) {
	case 'N':
		p->number = value;
		return strspn(value, "+0123456789") == strlen(value) && *value
		        ? 0
		        : dd_usage_error(
		                  "--number %s: a telephone number is digits, with or without +",
		                  value);
	case 'c': p->credentials = value; return 0;
	case '1': p->once = true; return 0;
	case 'm': p->mute = true; return 0;
	case 'L': return dd_line_parse(value, &p->line) ? 0 : EXIT_USAGE;
	case 'n': p->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

/* -- the screen ------------------------------------------------------------- */

static void clear_status(struct phone *p)
{
	if (p->status_shown)
		fputs("\r\033[K", stdout);
	p->status_shown = false;
}

static void print_line(struct phone *p, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void print_line(struct phone *p, const char *format, ...)
{
	struct dd_buf text = {0}, clean = {0};
	va_list args;
	char room[2048];
	va_start(args, format);
	(void)vsnprintf(room, sizeof room, format, args);
	va_end(args);
	clear_status(p);
	dd_buf_screen(&clean, dd_str(room));
	size_t n = p->style.columns
	        ? dd_width_fit((struct dd_str){clean.p, clean.n}, p->style.columns - 1)
	        : clean.n;
	dd_buf_add(&text, clean.p ? clean.p : "", n);
	dd_buf_char(&text, '\n');
	dd_print(&text);
	dd_buf_free(&text);
	dd_buf_free(&clean);
}

/* The words begun so far: as many of the last ones as fit. */
static void show_status(struct phone *p)
{
	char clock[24];
	if (!p->screen || (!p->ringing && !p->talking))
		return;
	if (dd_terminal_resized()) {
		struct winsize size;
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
			p->style.columns = size.ws_col;
	}
	size_t columns = p->style.columns ? p->style.columns : 80, begun = 0, word = 0, i;
	json_t *one;
	if (p->ringing) {
		printf("\r\033[Kringing: a answers, d declines");
		(void)fflush(stdout);
		p->status_shown = true;
		return;
	}
	dd_ms ms = (dd_ms)((dd_cli_seconds() - p->began) * 1000);
	json_array_foreach (p->words, i, one) {
		if (json_integer_value(json_array_get(one, 0)) > ms)
			break;
		word = (size_t)json_integer_value(json_array_get(one, 1));
		const json_t *next = json_array_get(p->words, i + 1);
		begun = next ? (size_t)json_integer_value(json_array_get(next, 1)) : p->text.n;
	}
	begun = begun < p->text.n ? begun : p->text.n;
	word = word < begun ? word : begun;
	size_t from = 0;
	while (from < word &&
	        dd_width((struct dd_str){p->text.p + from, begun - from}) + 12 > columns)
		from = dd_grapheme_end((struct dd_str){p->text.p, p->text.n}, from);
	struct dd_buf out = {0};
	dd_offset_text(ms, clock);
	dd_buf_str(&out, "\r\033[K\033[?7l> ");
	dd_buf_screen(&out, (struct dd_str){p->text.p + from, word - from});
	dd_buf_str(&out, p->style.colour ? "\033[1;7m" : "");
	dd_buf_screen(&out, (struct dd_str){p->text.p + word, begun - word});
	dd_buf_str(&out, p->style.colour ? "\033[0m\033[?7h" : "\033[?7h");
	(void)fwrite(out.p, 1, out.n, stdout);
	(void)fflush(stdout);
	p->status_shown = true;
	dd_buf_free(&out);
}

static void print_keys(struct phone *p)
{
	print_line(p, "a: answer   d: decline   0-9 * #: keys   h: hang up   Ctrl-C: end");
}

/* -- asking ----------------------------------------------------------------- */

static void ask(struct phone *p, const char *what, const char *json)
{
	struct dd_buf url = {0};
	struct dd_http_answer answer;
	dd_buf_format(&url, "%s/_drydial/calls/%s/%s", p->url, p->sid, what);
	struct dd_http_request r = {.id = ++p->last_id,
	        .post = true,
	        .url = url.p,
	        .form = dd_str(json),
	        .type = "application/json",
	        .timeout = 10000,
	        .credentials = p->credentials};
	(void)p->http.send(p->http.self, &r, &answer);
	dd_buf_free(&url);
}

/* The call is answered when the sound is there: its first words would be lost. */
static void answer_when_heard(struct phone *p)
{
	p->answers = p->ringing;
	if (!p->answers || !p->hears)
		return;
	p->answers = false;
	ask(p, "answer", "{}");
}

static void typed(struct phone *p, char c)
{
	char keys[24];
	if (c == '?')
		print_keys(p);
	else if (p->ringing && (c == 'a' || c == 'A'))
		answer_when_heard(p);
	else if (p->ringing && (c == 'd' || c == 'D'))
		ask(p, "decline", "{}");
	else if (p->talking && (c == 'h' || c == 'H'))
		ask(p, "hangup", "{}");
	else if (p->talking && dd_key_index(c) >= 0) {
		(void)snprintf(keys, sizeof keys, "{\"keys\":\"%c\"}", c);
		ask(p, "press", keys);
	}
}

static void read_keys(struct phone *p)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof keys);
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		p->reads = p->keyboard && n == 0;
	for (ssize_t i = 0; i < n; i++)
		typed(p, keys[i]);
}

/* -- sound ------------------------------------------------------------------ */

static void sound_is_there(struct phone *p)
{
	p->hears = true;
	if (p->answers)
		answer_when_heard(p);
}

static void drop_sounds(struct phone *p)
{
	for (size_t i = 0; i < p->nsounds; i++)
		free(p->sounds[i]);
	p->nsounds = 0;
}

static uint32_t number_at(const char *b)
{
	const unsigned char *u = (const unsigned char *)b;
	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

static void begin_sound(struct phone *p, uint32_t frames)
{
	if (frames > FRAME_MAX / 2)
		return;
	struct dd_sound *s = dd_alloc(sizeof *s + (size_t)frames * sizeof(int16_t));
	s->frames = frames;
	s->pcm = (const int16_t *)(const void *)(s + 1);
	DD_PUSH(p->sounds, p->nsounds, p->cap_sounds) = s;
	p->got = 0;
}

static void more_sound(struct phone *p, const char *bytes, size_t n)
{
	struct dd_sound *s = p->nsounds ? p->sounds[p->nsounds - 1] : NULL;
	size_t frames = n / sizeof(int16_t);
	if (!s || p->got + frames > s->frames)
		return;
	memcpy((int16_t *)(void *)(s + 1) + p->got, bytes, frames * sizeof(int16_t));
	p->got += frames;
	if (p->got == s->frames && p->speaker)
		p->ear.play(p->ear.self, 0, &(struct dd_piece){s, s->frames}, 1);
}

static void on_sound(void *self, const char *bytes, size_t n)
{
	struct phone *p = self;
	size_t at = 0;
	dd_buf_add(&p->sound, bytes, n);
	while (p->sound.n - at >= 5) {
		const char *frame = p->sound.p + at;
		uint32_t length = number_at(frame + 1);
		if (length > FRAME_MAX || p->sound.n - at - 5 < length)
			break;
		if (frame[0] == 'H')
			sound_is_there(p);
		else if (frame[0] == 'P' && length == 4)
			begin_sound(p, number_at(frame + 5));
		else if (frame[0] == 'D')
			more_sound(p, frame + 5, length);
		else if (frame[0] == 'S' && p->speaker)
			p->ear.stop(p->ear.self, 0);
		else if (frame[0] == 'K' && length == 1 && p->speaker)
			p->ear.key(p->ear.self, 0, frame[5]);
		else if (frame[0] == 'E' && p->speaker)
			p->ear.end(p->ear.self, 0);
		at += 5 + length;
	}
	memmove(p->sound.p, p->sound.p + at, p->sound.n - at);
	p->sound.n -= at;
}

static void listen(struct phone *p)
{
	struct dd_buf url = {0};
	dd_buf_clear(&p->sound);
	p->hears = p->answers = false;
	dd_buf_format(&url, "%s/_drydial/calls/%s/sound?line=wide", p->url, p->sid);
	dd_curl_follow(p->curl, SOUND_ID, url.p, p->credentials, on_sound, p);
	dd_buf_free(&url);
}

/* -- events ----------------------------------------------------------------- */

static const char *text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));
	return text ? text : "";
}

static void on_call(struct phone *p, const json_t *o)
{
	const char *sid = text_of(o, "sid"), *status = text_of(o, "status");
	bool mine = strcmp(text_of(o, "phone"), p->own) == 0 && p->own[0];
	if (mine && !p->sid[0] && strcmp(status, "ringing") == 0) {
		(void)snprintf(p->sid, sizeof p->sid, "%s", sid);
		p->ringing = true;
		print_line(p, "%s calls %s (%s)", text_of(o, "caller_id"), text_of(o, "from"),
		        text_of(o, "flow"));
		if (p->speaker)
			dd_speaker_ring(p->speaker);
		listen(p);
		return;
	}
	if (!p->sid[0] || strcmp(sid, p->sid) != 0)
		return;
	if (strcmp(status, "in-progress") == 0) {
		p->ringing = false;
		p->talking = true;
		clear_status(p);
		if (p->speaker)
			p->ear.stop(p->ear.self, 0);
	} else if (strcmp(status, "ringing") != 0 && strcmp(status, "queued") != 0) {
		if (p->speaker)
			p->ear.stop(p->ear.self, 0);
		print_line(p, "the call is over: %s%s%s", status,
		        *text_of(o, "digits") ? ", keys " : "", text_of(o, "digits"));
		p->sid[0] = '\0';
		p->ringing = p->talking = false;
		drop_sounds(p);
		dd_buf_clear(&p->text);
		p->ended = p->once;
	}
}

static void on_record(struct phone *p, const json_t *o)
{
	const char *type = text_of(o, "type"), *fact = text_of(o, "text");
	char clock[24], place[32] = "", other[1100] = "";
	if (!p->sid[0] || strcmp(text_of(o, "sid"), p->sid) != 0)
		return;
	dd_offset_text(json_integer_value(json_object_get(o, "at_ms")), clock);
	if (json_is_integer(json_object_get(o, "line")))
		(void)snprintf(place, sizeof place, "%.20s:%lld", text_of(o, "step"),
		        (long long)json_integer_value(json_object_get(o, "line")));
	if (strcmp(type, "prompt") == 0) {
		fact = *fact ? fact : text_of(o, "file");
		dd_buf_clear(&p->text);
		dd_buf_str(&p->text, text_of(o, "text"));
		json_decref(p->words);
		p->words = json_incref(json_object_get(o, "words"));
		p->began = dd_cli_seconds();
	} else if (strcmp(type, "prompt_stopped") == 0 || strcmp(type, "end") == 0) {
		dd_buf_clear(&p->text);
		fact = strcmp(type, "end") == 0 ? text_of(o, "ended_by") : text_of(o, "heard");
	} else if (strcmp(type, "sms") == 0) {
		(void)snprintf(other, sizeof other, "to %.40s: %.1000s", text_of(o, "to"), fact);
		fact = other;
	} else if (strcmp(type, "request") == 0) {
		(void)snprintf(other, sizeof other, "%.8s %.1000s", text_of(o, "method"),
		        text_of(o, "url"));
		fact = other;
	} else if (strcmp(type, "reply") == 0) {
		(void)snprintf(other, sizeof other, "%lld %.20s %.1000s",
		        (long long)json_integer_value(json_object_get(o, "status")),
		        text_of(o, "error"), text_of(o, "body"));
		fact = other;
	} else if (strcmp(type, "answer") == 0) {
		fact = text_of(o, "answer");
	} else if (strcmp(type, "key") == 0) {
		bool gone = json_is_true(json_object_get(o, "lost"));
		(void)snprintf(other, sizeof other, "%.8s%s%s%.1000s", text_of(o, "key"),
		        gone ? "  lost" : "", gone && *text_of(o, "reason") ? ": " : "",
		        gone ? text_of(o, "reason") : "");
		fact = other;
	} else if (strcmp(type, "error") == 0) {
		fact = text_of(o, "message");
	}
	print_line(p, "%8s  %-14s %-14s %s", clock, type, place, fact);
}

static void on_event(struct phone *p, const char *type, const char *data)
{
	json_t *o = json_loads(data, 0, NULL);
	if (strcmp(type, "hello") == 0) {
		(void)snprintf(p->own, sizeof p->own, "%s", text_of(o, "id"));
		print_line(p,
		        p->number ? "a phone of %s, with the number %s; ? helps"
		                  : "a phone of %s, for calls to any number; ? helps",
		        p->url, p->number);
	} else if (strcmp(type, "closed") == 0) {
		(void)snprintf(p->why, sizeof p->why, "the server closed the events: %.200s",
		        text_of(o, "reason"));
	} else if (strcmp(type, "call") == 0) {
		on_call(p, o);
	} else if (strcmp(type, "record") == 0) {
		on_record(p, o);
	}
	json_decref(o);
}

/* Lines of an event stream; an empty one ends an event. */
static void on_events(void *self, const char *bytes, size_t n)
{
	struct phone *p = self;
	dd_buf_add(&p->events, bytes, n);
	for (;;) {
		char *end = p->events.n ? strstr(p->events.p, "\n\n") : NULL;
		if (!end)
			return;
		char *type = strstr(p->events.p, "event: "), *data = strstr(p->events.p, "data: ");
		size_t length = (size_t)(end - p->events.p) + 2;
		*end = '\0';
		if (type && data && type < end && data < end) {
			type[strcspn(type, "\n")] = '\0';
			data[strcspn(data, "\n")] = '\0';
			on_event(p, type + 7, data + 6);
		}
		memmove(p->events.p, p->events.p + length, p->events.n - length + 1);
		p->events.n -= length;
	}
}

/* -- the loop --------------------------------------------------------------- */

static void take_answers(struct phone *p)
{
	struct dd_http_answer answer;
	uint32_t id;
	while (dd_curl_run(p->curl, &id, &answer)) {
		if (id == EVENTS_ID) {
			p->lost = true;
			if (answer.status && !p->own[0])
				(void)snprintf(p->why, sizeof p->why,
				        answer.status == 401
				                ? "%s asks for credentials: --credentials KEY:TOKEN"
				                : "%s is no drydial serve",
				        p->url);
			else
				(void)snprintf(p->why, sizeof p->why,
				        p->own[0] ? "the server at %s is gone"
				                  : "nothing answers at %s; "
				                    "start drydial serve first",
				        p->url);
		} else if (id == SOUND_ID) {
			sound_is_there(p); /* none will come: the call goes on without */
		} else if (answer.status != 200) {
			print_line(p, "that was not possible%s%s", answer.error ? ": " : "",
			        answer.error ? answer.error : "");
		}
	}
}

static int run_loop(struct phone *p)
{
	struct dd_buf url = {0};
	dd_buf_format(&url, "%s/_drydial/events?phone=", p->url);
	dd_buf_percent(&url, dd_str(p->number ? p->number : "any"));
	dd_curl_follow(p->curl, EVENTS_ID, url.p, p->credentials, on_events, p);
	dd_buf_free(&url);
	while (!dd_terminal_stopped() && !p->lost && !p->ended) {
		take_answers(p);
		if (p->speaker && !dd_speaker_feed(p->speaker)) {
			print_line(p, "the sound device is gone; it goes on without sound");
			p->speaker = NULL;
		}
		show_status(p);
		if (dd_curl_wait(p->curl, p->reads ? STDIN_FILENO : -1, -1, TICK_MS))
			read_keys(p);
	}
	clear_status(p);
	if (dd_terminal_stopped())
		return EXIT_INTERRUPTED;
	if (!p->lost)
		return EXIT_FINE;
	(void)dd_usage_error("%s", p->why);
	return p->own[0] ? EXIT_FAILED : EXIT_USAGE;
}

static int run_phone(int argc, char **argv)
{
	struct phone p = {
	        .url = "http://127.0.0.1:8080", .line = DD_LINE_ALAW, .last_id = FIRST_ID};
	struct dd_error err = {""};
	int code = dd_command_parse(&dd_command_phone, "", argc, argv, &p);
	if (code >= 0)
		return code;
	if (argc - optind > 1)
		return dd_usage_error("one server: drydial phone [URL] [options]");
	if (argc > optind)
		p.url = argv[optind];
	size_t n = strlen(p.url);
	if (strncmp(p.url, "http://", 7) != 0 && strncmp(p.url, "https://", 8) != 0)
		return dd_usage_error(
		        "%s: write the server's address, such as http://127.0.0.1:8080", p.url);
	if (p.url[n - 1] == '/')
		argv[optind][n - 1] = '\0';
	p.style = dd_style_of("text", p.no_colour);
	const char *term = getenv("TERM");
	p.screen = p.style.columns && term && strcmp(term, "dumb") != 0;
	p.reads = true;
	p.curl = dd_curl_new(NULL, 0, false, &err);
	if (!p.curl)
		return dd_usage_error("%s", err.text);
	p.http = dd_curl_port(p.curl);
	struct dd_speaker *speaker = NULL;
	if (!p.mute && dd_speaker_open(p.line, &speaker, &err) != DD_OK)
		dd_note("%s; calls go on in silence (--mute says so yourself)", err.text);
	p.speaker = speaker;
	if (speaker)
		p.ear = dd_speaker_ear(speaker);
	p.keyboard = dd_terminal_raw();
	dd_terminal_watch();
	code = run_loop(&p);
	dd_terminal_restore();
	if (speaker)
		dd_speaker_close(speaker);
	dd_curl_free(p.curl);
	drop_sounds(&p);
	free(p.sounds);
	json_decref(p.words);
	dd_buf_free(&p.events);
	dd_buf_free(&p.sound);
	dd_buf_free(&p.text);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option PHONE_OPTIONS[] = {
        {'N', "number", "NUMBER", "the phone's number: it rings for calls to it alone; any",
                .value = DD_TEXT},
        {'c', "credentials", "KEY:TOKEN", "of a server that asks for them", .value = DD_TEXT},
        {'1', "once", NULL, "end after one call", .value = DD_SWITCH},
        {'m', "mute", NULL, "no sound", .value = DD_SWITCH},
        DD_OPTION_LINE("what the sound goes through"), DD_OPTION_NO_COLOR};

const struct dd_command dd_command_phone = {.name = "phone",
        .operands = "[URL]",
        .brief = "be the phone of a drydial serve: it rings here, with sound and keys",
        .summary = "Rings in this terminal for calls of the drydial serve at URL\n"
                   "(http://127.0.0.1:8080).",
        .notes = "While it rings: a answers, d declines. During a call: 0-9 * # are keys,\n"
                 "h hangs up, ? shows help. Ctrl-C ends.\n"
                 "Without a terminal the same letters are read from standard input.",
        .examples = "drydial phone --number +919876543210",
        .manual = "Prompts are heard, and their words are shown as they are spoken.",
        DD_OPTIONS(PHONE_OPTIONS),
        .take = take_phone_option,
        .run = run_phone};
