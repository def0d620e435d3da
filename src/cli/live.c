/* A call in real time: the clock, the keyboard, the loudspeaker and the screen. The call never sees
   the clock: what is due is told at the moment it was due, a key at the moment it was pressed. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "call/by_url.h"
#include "cli/call.h"
#include "cli/terminal.h"
#include "voice/speaker.h"

enum { TICK_MS = 40 };

struct live {
	struct dd_call_options *o;
	struct dd_session *session;
	struct dd_script script;
	struct dd_speaker *speaker;
	struct dd_curl *curl;
	struct timespec answered;
	size_t printed; /* events already on paper */
	bool keyboard, screen, status_shown, quit;
};

/* -- the terminal ----------------------------------------------------------- */

static void measure_screen(struct live *l)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		l->o->style.columns = size.ws_col;
}

static void clear_status(struct live *l)
{
	if (l->status_shown)
		fputs("\r\033[K", stdout);
	l->status_shown = false;
}

/* -- the screen ------------------------------------------------------------- */

static void print_events(struct live *l)
{
	struct dd_transcript t = {l->o->program, dd_session_call(l->session),
	        dd_session_trace(l->session), dd_session_outcome(l->session)};
	struct dd_buf out = {0};
	if (l->o->style.json || l->printed == t.trace->nevents)
		return;
	clear_status(l);
	for (; l->printed < t.trace->nevents; l->printed++) {
		dd_transcript_line(&t, &t.trace->events[l->printed], l->o->style.columns,
		        l->o->style.colour, &out);
		dd_buf_char(&out, '\n');
	}
	dd_print(&out);
	dd_buf_free(&out);
}

/* The words around the one being said, which is marked. */
static void speaking(
        const struct live *l, const struct dd_playing *p, size_t room, struct dd_buf *out)
{
	struct dd_str t = p->text;
	size_t from = 0, word = p->word < t.n ? p->word : t.n,
	       end = p->begun < t.n ? p->begun : t.n;
	if (end < word)
		end = word;
	while (dd_width_fit((struct dd_str){t.p + from, end - from}, room > 4 ? room - 4 : 1) <
	                end - from &&
	        from < word)
		from = dd_grapheme_end(t, from);
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, (struct dd_str){t.p + from, word - from});
	size_t a = clean.n;
	dd_buf_screen(&clean, (struct dd_str){t.p + word, end - word});
	size_t b = clean.n;
	dd_buf_screen(&clean, (struct dd_str){t.p + end, t.n - end});
	size_t fits = dd_width_fit((struct dd_str){clean.p, clean.n}, room);
	size_t cut_a = a < fits ? a : fits, cut_b = b < fits ? b : fits;
	dd_buf_add(out, clean.p, cut_a);
	dd_buf_str(out, l->o->style.colour ? "\033[1;7m" : "");
	dd_buf_add(out, clean.p + cut_a, cut_b - cut_a);
	dd_buf_str(out, l->o->style.colour ? "\033[0m" : "");
	dd_buf_add(out, clean.p + cut_b, fits - cut_b);
	dd_buf_free(&clean);
}

static void keys_of_menu(const struct live *l, struct dd_buf *out)
{
	const struct dd_call *call = dd_session_call(l->session);
	uint32_t at = dd_call_at(call);
	if (at == UINT32_MAX || l->o->program->steps[at].applet != DD_IVR)
		return;
	const struct dd_ivr *ivr = &l->o->program->steps[at].ivr;
	if (ivr->collect) {
		struct dd_str digits = dd_call_digits(call);
		struct dd_collect how;
		dd_call_collect(call, at, &how);
		/* with as many as there may be the menu goes on by itself */
		if (how.min == how.max)
			dd_buf_format(out, "%d digit%s", how.max, how.max == 1 ? "" : "s");
		else
			dd_buf_format(out, "%d to %d digits", how.min, how.max);
		if (how.finish && how.min != how.max)
			dd_buf_format(out, ", then %c", how.finish);
		if (digits.n)
			dd_buf_format(out, ": %.*s", (int)digits.n, digits.p);
		return;
	}
	dd_buf_str(out, "press");
	for (uint32_t i = 0; i < ivr->nkeys; i++)
		dd_buf_format(out, " %c", l->o->program->keys[ivr->first_key + i].key);
}

/* One line under the transcript: the clock, the words, the keys, the seconds left. */
static void show_status(struct live *l, dd_ms now)
{
	if (!l->screen || dd_session_over(l->session))
		return;
	if (dd_terminal_resized())
		measure_screen(l);
	struct dd_buf line = {0}, keys = {0};
	struct dd_playing playing;
	char clock[24];
	unsigned columns = l->o->style.columns ? l->o->style.columns : 80;
	dd_offset_text(now, clock);
	dd_buf_format(&line, "\r\033[K\033[?7l%s ",
	        clock); /* no wrapping, whatever the terminal thinks a character is wide */
	size_t room = columns - 1 > strlen(clock) + 1 ? columns - strlen(clock) - 2 : 1;
	uint32_t step;
	if (dd_session_talks(l->session))
		dd_buf_str(&keys, "talking: press a for the other party to hang up");
	else if (dd_session_rings(l->session, &step))
		dd_buf_str(&keys, "ringing: press a for what comes of it");
	else if (dd_session_records(l->session))
		dd_buf_str(&keys, "recording");
	else if (dd_call_listens(dd_session_call(l->session)))
		keys_of_menu(l, &keys);
	if (dd_session_playing(l->session, now, &playing) && playing.text.n) {
		size_t wide = keys.n && room > keys.n + 30 ? keys.n + 3 : 0;
		speaking(l, &playing, room - wide, &line);
		if (wide)
			dd_buf_format(&line, " [%s]", keys.p);
	} else if (keys.n) {
		dd_ms left = dd_call_deadline(dd_session_call(l->session)) - now;
		dd_buf_format(&keys, "  %lld s", (long long)((left > 0 ? left + 999 : 0) / 1000));
		dd_buf_add(&line, keys.p, dd_width_fit((struct dd_str){keys.p, keys.n}, room));
	}
	dd_buf_str(&line, "\033[?7h");
	fwrite(line.p, 1, line.n, stdout);
	fflush(stdout);
	l->status_shown = true;
	dd_buf_free(&line);
	dd_buf_free(&keys);
}

static void show_help(struct live *l)
{
	clear_status(l);
	puts("0-9 * #: keys   h: hang up   a: who is rung or talked to   ?: help   Ctrl-C: end");
}

/* -- the call --------------------------------------------------------------- */

static dd_ms since_answer(const struct live *l)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (dd_ms)(t.tv_sec - l->answered.tv_sec) * 1000 +
	        (t.tv_nsec - l->answered.tv_nsec) / 1000000;
}

static void typed(struct live *l, char c)
{
	if (strchr("0123456789*#", c) && c)
		dd_session_key(l->session, since_answer(l), c);
	else if (c == 'h' || c == 'H')
		dd_session_hang_up(l->session, since_answer(l));
	else if (c == 'a' || c == 'A')
		dd_session_party(l->session, since_answer(l));
	else if (c == '?')
		show_help(l);
}

static void read_keyboard(struct live *l)
{
	char typed_keys[64];
	ssize_t n = read(STDIN_FILENO, typed_keys, sizeof typed_keys);
	if (n <= 0 && errno != EINTR && errno != EAGAIN)
		l->keyboard = n < 0 ? false : l->keyboard;
	for (ssize_t i = 0; i < n && !dd_session_over(l->session); i++)
		typed(l, typed_keys[i]);
}

static void lose_speaker(struct live *l)
{
	clear_status(l);
	fputs("drydial: the sound device is gone; the call goes on without sound\n", stderr);
	/* It stays an ear of the session until the call is over; it only stops being fed. */
	l->speaker = NULL;
}

/* Everything that has become due. */
static void catch_up(struct live *l)
{
	struct dd_http_answer answer;
	uint32_t id;
	while (dd_curl_run(l->curl, &id, &answer))
		dd_session_reply(l->session, since_answer(l), id, &answer);
	while (dd_script_step(&l->script, l->session, since_answer(l)))
		continue;
	if (l->speaker && !dd_speaker_feed(l->speaker))
		lose_speaker(l);
	print_events(l);
}

static int wait_ms(struct live *l)
{
	bool presses;
	dd_ms due = dd_script_moment(&l->script, l->session, &presses), now = since_answer(l);
	dd_ms ms = due > now + TICK_MS ? TICK_MS : due > now ? due - now : 0;
	return (int)ms;
}

static void wait_for_something(struct live *l)
{
	int fd = l->keyboard ? STDIN_FILENO : -1, ms = wait_ms(l);
	bool readable;
	if (l->curl) {
		readable = dd_curl_wait(l->curl, fd, -1, ms);
	} else {
		struct pollfd p = {fd, POLLIN, 0};
		readable = poll(&p, fd >= 0 ? 1 : 0, ms) > 0;
	}
	if (readable)
		read_keyboard(l);
}

static void ring(struct live *l, dd_ms ms)
{
	struct timespec begun = l->answered;
	if (l->speaker)
		dd_speaker_ring(l->speaker);
	if (l->screen) {
		printf("ringing…");
		fflush(stdout);
		l->status_shown = true;
	}
	while (!dd_terminal_stopped() && since_answer(l) < ms) {
		struct timespec nap = {0, 20 * 1000000};
		if (l->speaker && !dd_speaker_feed(l->speaker))
			lose_speaker(l);
		nanosleep(&nap, NULL);
	}
	(void)begun;
	clear_status(l);
}

static dd_ms ring_length(const struct dd_call_options *o)
{
	dd_ms timeout = o->ring_timeout ? o->ring_timeout : DD_RING_TIMEOUT_MS;
	if (o->answered_by == DD_BY_NOBODY_NO_ANSWER)
		return timeout;
	return o->answered_by <= DD_BY_MACHINE ? (DD_RING_MS < timeout ? DD_RING_MS : timeout) : 0;
}

static void talk(struct live *l)
{
	clock_gettime(CLOCK_MONOTONIC, &l->answered);
	ring(l, ring_length(l->o));
	clock_gettime(CLOCK_MONOTONIC, &l->answered);
	dd_session_start(l->session);
	while (!dd_session_over(l->session)) {
		catch_up(l);
		if (dd_session_over(l->session))
			break;
		if (dd_terminal_stopped()) {
			l->quit = true;
			dd_session_hang_up(l->session, since_answer(l));
			break;
		}
		show_status(l, since_answer(l));
		wait_for_something(l);
	}
	print_events(l);
	clear_status(l);
}

int dd_call_live(struct dd_call_options *o, struct dd_session_options *so, struct dd_ear *ears,
        struct dd_cli_voice *voice, struct dd_curl *curl, dd_call_finish_fn finish)
{
	struct live l = {.o = o, .curl = curl};
	struct dd_speaker *speaker = NULL;
	struct dd_error err = {""};
	/* The prompts are spoken before the phone rings, and before the sound device starts a
	 * thread. */
	struct dd_call *trial = dd_alloc(dd_call_size(o->program, dd_call_store(&o->setup)));
	dd_call_init(trial, o->program, dd_call_store(&o->setup), &o->setup);
	struct dd_cli_warm warm = {0};
	dd_cli_warm_add(&warm, o->program, trial);
	dd_cli_warm_say(&warm, voice);
	free(trial);
	if (!o->mute && dd_speaker_open(o->line, &speaker, &err) != DD_OK)
		fprintf(stderr,
		        "drydial: %s; the call goes on in silence (--mute says so yourself)\n",
		        err.text);
	if (speaker)
		ears[so->nears++] = dd_speaker_ear(speaker);
	l.speaker = speaker;
	l.keyboard = dd_terminal_raw();
	const char *term = getenv("TERM");
	l.screen = isatty(STDOUT_FILENO) && !o->style.json && term && strcmp(term, "dumb") != 0;
	dd_terminal_watch();
	l.session = dd_session_new(so);
	dd_call_script(o, &l.script);
	if (l.keyboard && l.screen)
		show_help(&l);
	talk(&l);
	dd_terminal_restore();
	if (speaker)
		dd_speaker_close(speaker);
	int code = finish(o, l.session);
	dd_session_free(l.session);
	return l.quit || dd_terminal_stopped() ? EXIT_INTERRUPTED : code;
}
