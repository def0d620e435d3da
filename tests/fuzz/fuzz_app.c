/* An application that answers anything: a whole call with keys in virtual time, its documents
 * served from memory, then the same call once more from the tape of the first, which must come to
 * the same record. Any text is read as a tape, too.
 *
 * An input is split by lines of "--": options and keys first ("outbound exoml 12#h"), then one
 * answer a piece, given in turn. A piece that begins with "< " is an answer with a status and
 * headers, as a tape has it, and its body behind an empty line; another one is a document. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/app.h"
#include "report/transcript.h"
#include "sim/tts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECES_MAX = 32, REQUESTS_MAX = 60 };

struct piece {
	int status;
	struct dd_str headers, body;
};
struct server {
	struct piece pieces[PIECES_MAX];
	size_t n;
	unsigned asked;
};

static bool allowed(void *self, const char *url)
{
	(void)self, (void)url;
	return true;
}

static bool answer(void *self, const struct dd_http_request *r, struct dd_http_answer *out)
{
	struct server *s = self;
	unsigned nth = s->asked++;
	if (!r->url || !*r->url || strchr(r->url, '\n'))
		abort();
	for (size_t i = 0; i < r->headers.n; i++)
		if (r->headers.p[i] == '\r' || r->headers.p[i] == '\0')
			abort(); /* a header of its own making */
	if (!s->n || nth >= REQUESTS_MAX) {
		*out = (struct dd_http_answer){.error = nth % 2 ? "refused" : "timeout"};
		return true;
	}
	const struct piece *p = &s->pieces[nth % s->n];
	*out = p->body.n > r->most
	        ? (struct dd_http_answer){.error = "too-large"}
	        : (struct dd_http_answer){p->status, NULL, p->body, "", 0, p->headers};
	return true;
}

static void forget(void *self, uint32_t id)
{
	(void)self, (void)id;
}

/* To the line "--", or the end. */
static struct dd_str cut(struct dd_str *rest)
{
	struct dd_str piece = *rest;
	for (size_t i = 0; i + 4 <= rest->n; i++) {
		if (memcmp(rest->p + i, "\n--\n", 4) != 0)
			continue;
		piece.n = i;
		*rest = (struct dd_str){rest->p + i + 4, rest->n - i - 4};
		return piece;
	}
	*rest = (struct dd_str){rest->p + rest->n, 0};
	return piece;
}

static struct piece parse(struct dd_str text)
{
	struct piece p = {200, dd_str("Content-Type: text/xml\n"), text};
	const char *end = text.n > 2 ? memchr(text.p, '\n', text.n) : NULL;
	if (!end || memcmp(text.p, "< ", 2) != 0)
		return p;
	p.status = 0;
	for (const char *c = text.p + 2; c < end && *c >= '0' && *c <= '9' && p.status < 100; c++)
		p.status = p.status * 10 + (*c - '0');
	p.status = p.status < 100 ? 200 : p.status;
	p.headers.p = end + 1;
	p.headers.n = text.n - (size_t)(end + 1 - text.p);
	p.body = (struct dd_str){text.p + text.n, 0};
	for (size_t i = 0; i < p.headers.n; i++) {
		if (p.headers.p[i] != '\n' || (i && p.headers.p[i - 1] != '\n'))
			continue;
		p.body = (struct dd_str){p.headers.p + i + 1, p.headers.n - i - 1};
		p.headers.n = i;
		break;
	}
	return p;
}

static unsigned times(struct dd_str text, const char *word)
{
	size_t n = strlen(word);
	unsigned found = 0;
	for (size_t i = 0; i + n <= text.n; i++)
		found += memcmp(text.p + i, word, n) == 0;
	return found;
}

static bool has(struct dd_str options, const char *word)
{
	return times(options, word) > 0;
}

/* Keys a quarter of a second apart; h hangs up, a blank waits for what happens next. */
static void press(struct dd_session *s, struct dd_str keys)
{
	for (size_t i = 0; i < keys.n && i < 200 && !dd_session_over(s); i++) {
		dd_ms now = dd_session_now(s) + 250;
		if (keys.p[i] == ' ') {
			dd_ms next = dd_session_next(s);
			if (next == DD_NEVER)
				return;
			dd_session_advance(s, next);
		} else if (keys.p[i] == 'h') {
			dd_session_hang_up(s, now);
		} else if (strchr("0123456789*#", keys.p[i]) && keys.p[i]) {
			dd_session_key(s, now, keys.p[i]);
		} else if (keys.p[i] == 's') {
			dd_session_say(s, now, dd_str("<said> \"so\" & so"));
		}
	}
}

/* The secret stands in addresses alone, and nothing else has credentials: then it must not come
   out, and a tape, which has not got it, answers as the application did. */
static bool is_tidy(struct dd_str text)
{
	static const char address[] = "http://user:s3cret@";
	enum { LENGTH = sizeof address - 1 };
	unsigned n = 0;
	for (size_t i = 1; i + LENGTH <= text.n; i++)
		n += memcmp(text.p + i, address, LENGTH) == 0 && strchr("\"'> \n", text.p[i - 1]);
	return n == times(text, "s3cret") && n == times(text, "@");
}

/* A whole call; its record as JSON, and as it is printed. */
static void dial(struct dd_app *app, struct dd_str options, bool secret, struct dd_buf *json)
{
	struct dd_sim_tts *voice = dd_sim_tts_new(1, 0);
	struct dd_buf page = {0};
	dd_app_begin(app);
	struct dd_session_options so = {.program = dd_app_program(app),
	        .setup = {.from = "+919876543210",
	                .to = "+918047112233",
	                .call_sid = "CA0123456789abcdef0123456789abcdef",
	                .time_limit = 600000},
	        .tts = dd_sim_tts_port(voice),
	        .documents = dd_app_documents(app),
	        .http = dd_app_http(app),
	        .record = true};
	struct dd_session *s = dd_session_new(&so);
	dd_session_start(s);
	const char *line = options.n ? memchr(options.p, '\n', options.n) : NULL;
	if (line)
		press(s, (struct dd_str){line + 1, options.n - (size_t)(line + 1 - options.p)});
	for (int i = 0; !dd_session_over(s); i++) {
		dd_ms next = dd_session_next(s);
		if (next == DD_NEVER || i > 100000)
			abort(); /* left alone a call comes to an end */
		dd_session_advance(s, next);
	}
	struct dd_transcript t = {dd_app_program(app), dd_session_call(s), dd_session_trace(s),
	        dd_session_outcome(s)};
	dd_transcript_json(&t, json);
	dd_transcript_text(&t, 80, false, &page);
	dd_transcript_summary(&t, false, &page);
	for (size_t i = 0; i < page.n; i++)
		if (((unsigned char)page.p[i] < 0x20 && page.p[i] != '\n') || page.p[i] == 0x7F)
			abort();
	struct dd_str all = {json->p, json->n}, shown = {page.p, page.n};
	if (dd_utf8_valid(all) < all.n ||
	        (secret && (times(all, "s3cret") || times(shown, "s3cret"))))
		abort();
	dd_buf_free(&page);
	dd_session_free(s);
	dd_sim_tts_free(voice);
}

static void from_tape(struct dd_app_options o, struct dd_str tape, struct dd_str options,
        const struct dd_buf *wanted)
{
	struct dd_error err;
	struct dd_buf json = {0};
	o.replay = tape;
	o.tape = false;
	o.http = NULL;
	struct dd_app *app = dd_app_new(&o, &err);
	if (!app && wanted)
		abort(); /* a tape of ours can be read */
	if (app)
		dial(app, options, false, &json);
	if (wanted && strcmp(json.p, wanted->p) != 0) {
		(void)fprintf(stderr, "%s\n%s\n%.*s\n", wanted->p, json.p, (int)tape.n, tape.p);
		abort();
	}
	dd_buf_free(&json);
	dd_app_free(app);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dd_str rest = {(const char *)data, size}, options = cut(&rest), tape = rest;
	struct server server = {.n = 0};
	struct dd_http http = {&server, allowed, answer, forget};
	struct dd_buf json = {0};
	struct dd_error err;
	(void)setenv("TMPDIR", "/dev/shm", 0);
	while (rest.n && server.n < PIECES_MAX)
		server.pieces[server.n++] = parse(cut(&rest));
	struct dd_app_options o = {.url = "http://user:s3cret@LOCALHOST:80/a b?c=%3C1#d",
	        .dialect = has(options, "exoml") ? DD_EXOML : DD_TWIML,
	        .method = has(options, "get") ? DD_GET : DD_POST,
	        .fallback = has(options, "fallback") ? "/fallback" : NULL,
	        .outbound = has(options, "outbound"),
	        .latency = has(options, "late") ? 700 : 0,
	        .http = &http,
	        .tape = true};
	struct dd_app *app = dd_app_new(&o, &err);
	if (!app)
		abort();
	bool secret = is_tidy((struct dd_str){(const char *)data, size});
	dial(app, options, secret, &json);
	struct dd_str kept = dd_app_tape(app);
	if (secret && has(kept, "s3cret"))
		abort();
	from_tape(o, kept, options, secret ? &json : NULL);
	from_tape(o, tape, options, NULL);
	dd_app_free(app);
	dd_buf_free(&json);
	return 0;
}
