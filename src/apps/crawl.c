/* The crawl. A choice is what the customer, or whoever is rung, does where a call waits for it; a
   call is a list of choices, which begins like another call and does one thing more. Where a call
   waits at a step of a place that was not seen before, calls with every choice there are added to
   the queue. What each choice led to is kept by step. */
#include "apps/crawl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apps/inside.h"

enum { CHOICES_MAX = 20, KEYS = 12, LENGTH_MAX = 66 };
static const char KEYPAD[] = "0123456789*#";

/* Keys as they are pressed ("" lets a Gather run out), or what a dd_party or a recording does. */
struct choice {
	char keys[LENGTH_MAX];
	int other; /* of a Dial: 1 + a dd_party; of a Record: 1 speaks, 2 says nothing */
};

/* A call that is to be placed: that of `before` (an index, DD_NONE: the first), and one choice
   more. */
struct planned {
	uint32_t before, depth;
	struct choice choice;
};

/* A choice at a step led to another step, or to an end. */
struct led {
	uint32_t from, to; /* of the representatives of their places; to may be a DD_GO_… */
	struct choice choice;
};

/* A way to go on: from where a call waited to what came then. */
struct way {
	uint32_t from, to;
};

struct crawl {
	struct dd_app *app;
	const struct dd_crawl_options *o;
	struct dd_crawled *out;
	DD_ARRAY(struct planned, queue);
	DD_ARRAY(struct led, leads);
	bool *waited; /* by step: calls have been planned for it */
	uint32_t nwaited;
	/* of the call at hand */
	uint32_t ask;       /* the ask step that was begun last; DD_NONE: another one since */
	struct choice last; /* the choice that was made last */
	uint32_t ended_ask;
	uint32_t after; /* the first step that is more than a request since then; DD_NONE: none */
	uint32_t waited_at;                       /* where the last choice was made */
	dd_ms chosen;                             /* when */
	enum dd_applet made[DD_CRAWL_DEPTH * 10]; /* what each choice was made at */
	DD_ARRAY(struct way, ways);               /* that scenarios have been written for */
	struct dd_watch watch;
};

/* The step of the first document that is the same place. */
static uint32_t same_step(const struct dd_app *app, uint32_t step)
{
	uint32_t first, n, other, count;
	if (step >= app->program->nsteps)
		return step;
	uint32_t flow = app->program->steps[step].flow;
	if (flow == 0)
		return step;
	dd_app_steps(app, flow, &first, &n);
	dd_app_steps(app, dd_app_place(app, flow), &other, &count);
	/* asks that come of redirects and failures stand behind their document's own steps */
	return step >= first && step < first + n ? other + (step - first) : step;
}

static bool same_choice(const struct choice *a, const struct choice *b)
{
	return a->other == b->other && strcmp(a->keys, b->keys) == 0;
}

static void lead(struct crawl *c, uint32_t from, uint32_t to)
{
	from = same_step(c->app, from);
	to = same_step(c->app, to);
	for (uint32_t i = 0; i < c->nleads; i++)
		if (c->leads[i].from == from && same_choice(&c->leads[i].choice, &c->last))
			return;
	DD_PUSH(c->leads, c->nleads, c->cap_leads) = (struct led){from, to, c->last};
}

static void on_effects(void *self, const struct dd_call *call, enum dd_event_type event,
        const struct dd_effects *fx)
{
	struct crawl *c = self;
	const struct dd_program *p = c->app->program;
	(void)call, (void)event;
	for (uint32_t i = 0; i < fx->n; i++) {
		const struct dd_effect *e = &fx->list[i];
		bool step = e->type == DD_FX_STEP &&
		        (p->steps[e->step].applet != DD_ASK ||
		                dd_app_part(c->app, e->step) == DD_APP_VERB) &&
		        p->steps[e->step].applet != DD_REMARK;
		if (c->after == DD_NONE && (step || e->type == DD_FX_OVER))
			c->after = step ? same_step(c->app, e->step) : DD_GO_HANGUP;
		if (e->type == DD_FX_OVER && c->ask != DD_NONE)
			lead(c, c->ask, DD_GO_HANGUP);
		if (e->type != DD_FX_STEP)
			continue;
		bool asks = p->steps[e->step].applet == DD_ASK && p->steps[e->step].ask.wait;
		if (c->ask != DD_NONE)
			lead(c, c->ask, e->step);
		c->ask = asks ? e->step : DD_NONE;
	}
}

/* -- choices ---------------------------------------------------------------- */

static void add_choice(struct choice *list, size_t *n, const char *keys, int other)
{
	struct choice c = {.other = other};
	size_t length = strlen(keys);
	memcpy(c.keys, keys, length < LENGTH_MAX ? length + 1 : 0);
	for (size_t i = 0; i < *n; i++)
		if (same_choice(&list[i], &c))
			return;
	if (*n < CHOICES_MAX)
		list[(*n)++] = c;
}

/* voice-xml.md, section 5: each key with the finishing key behind it, one string of full length,
   the finishing key alone, silence. */
static size_t gather_choices(const struct dd_ivr *ivr, struct choice *list)
{
	size_t n = 0;
	char keys[LENGTH_MAX] = "";
	add_choice(list, &n, "", 0);
	for (int i = 0; i < KEYS && !ivr->deaf; i++) {
		keys[0] = KEYPAD[i];
		keys[1] = ivr->max > 1 && KEYPAD[i] != ivr->finish ? ivr->finish : '\0';
		keys[2] = '\0';
		add_choice(list, &n, keys, 0);
	}
	if (ivr->max > 1 && !ivr->deaf) {
		size_t full = ivr->max < DD_DIGITS_MAX ? ivr->max : 10;
		for (size_t i = 0; i < full; i++)
			keys[i] = (char)('1' + i % 9);
		keys[full] = ivr->max < DD_DIGITS_MAX ? '\0' : ivr->finish;
		keys[full + 1] = '\0';
		add_choice(list, &n, keys, 0);
	}
	return n;
}

static size_t choices_at(const struct dd_step *step, struct choice *list)
{
	size_t n = 0;
	if (step->applet == DD_IVR)
		return gather_choices(&step->ivr, list);
	if (step->applet == DD_CONNECT)
		for (int i = 0; i < DD_PARTY_FULL; i++)
			add_choice(list, &n, "", 1 + i);
	if (step->applet == DD_RECORD)
		for (int i = 1; i <= 2; i++)
			add_choice(list, &n, "", i);
	return n;
}

/* -- one call --------------------------------------------------------------- */

/* The step at which the call waits for somebody; DD_NONE: it does not. */
static uint32_t waits_at(const struct dd_session *s, unsigned *rings, unsigned *records)
{
	uint32_t step;
	const struct dd_call *call = dd_session_call(s);
	if (dd_session_over(s))
		return DD_NONE;
	if (dd_call_waits(call))
		return dd_call_at(call);
	if (dd_session_rings(s, &step) && !*rings) {
		*rings = 1;
		return step;
	}
	if (!dd_session_rings(s, &step))
		*rings = 0;
	if (dd_session_records(s) && *records < dd_session_recordings(s)) {
		*records = dd_session_recordings(s);
		return dd_call_at(call);
	}
	return DD_NONE;
}

static void choose(struct crawl *c, struct dd_session *s, const struct choice *choice)
{
	dd_ms now = dd_session_now(s);
	uint32_t step;
	c->last = *choice;
	c->after = DD_NONE;
	c->chosen = now;
	if (dd_session_rings(s, &step)) {
		struct dd_stub stub = {.party = (enum dd_party)(choice->other - 1),
		        .ring = choice->other - 1 == DD_PARTY_NO_ANSWER ? -1 : 0,
		        .talk = 1000};
		dd_session_decide(s, &stub);
	} else if (dd_session_records(s)) {
		dd_session_speak(s, choice->other == 1 ? 2000 : 0);
	} else if (!choice->keys[0]) {
		dd_session_advance(s, dd_session_next(s));
	}
	for (const char *k = choice->keys; *k && !dd_session_over(s); k++)
		dd_session_key(s, now, *k);
}

/* The choices of a planned call, the first one first. */
static size_t choices_of(const struct crawl *c, uint32_t plan, const struct choice **out)
{
	size_t n = c->queue[plan].depth;
	for (size_t i = n; i-- > 0; plan = c->queue[plan].before)
		out[i] = &c->queue[plan].choice;
	return n;
}

static void plan_choices(struct crawl *c, uint32_t plan, uint32_t step)
{
	struct choice list[CHOICES_MAX];
	uint32_t at = same_step(c->app, step);
	if (at >= c->nwaited) {
		uint32_t n = c->app->program->nsteps * 2;
		c->waited = dd_realloc(c->waited, n, sizeof *c->waited);
		memset(c->waited + c->nwaited, 0, n - c->nwaited);
		c->nwaited = n;
	}
	if (c->waited[at])
		return;
	if (c->queue[plan].depth >= c->o->max_depth) {
		c->out->by_depth = true;
		return;
	}
	c->waited[at] = true;
	size_t n = choices_at(&c->app->program->steps[step], list);
	for (size_t i = 0; i < n; i++)
		DD_PUSH(c->queue, c->nqueue, c->cap_queue) =
		        (struct planned){plan, c->queue[plan].depth + 1, list[i]};
}

/* -- scenarios -------------------------------------------------------------- */

static bool is_visited(const struct crawl *c, uint32_t step)
{
	for (uint32_t i = 0; i < c->o->nvisits && i < c->app->program->nsteps; i++)
		if (c->o->visits[i] && same_step(c->app, i) == step)
			return true;
	return false;
}

/* Whether this way to go on is a new one. */
static bool is_new_way(struct crawl *c)
{
	for (uint32_t i = 0; i < c->nways; i++)
		if (c->ways[i].from == c->waited_at && c->ways[i].to == c->after)
			return false;
	DD_PUSH(c->ways, c->nways, c->cap_ways) = (struct way){c->waited_at, c->after};
	return !c->o->visits || (c->after < c->app->program->nsteps && !is_visited(c, c->after));
}

static const char *outcome_name(const struct choice *choice)
{
	return dd_party_name((enum dd_party)(choice->other - 1));
}

/* What is done where: a Gather's keys, a Dial's outcome, a Record's speech. */
static enum dd_applet made_at(const struct crawl *c, const struct choice *choice, uint32_t step)
{
	return choice->other == 0 || step == DD_NONE ? DD_IVR : c->app->program->steps[step].applet;
}

static void write_name(
        const struct choice **choices, const enum dd_applet *at, size_t n, struct dd_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		dd_buf_str(out, i ? ", then " : "");
		if (at[i] == DD_CONNECT)
			dd_buf_str(out, outcome_name(choices[i]));
		else if (at[i] == DD_RECORD)
			dd_buf_str(out, choices[i]->other == 1 ? "speaks" : "says nothing");
		else
			dd_buf_str(out, choices[i]->keys[0] ? choices[i]->keys : "silence");
	}
	dd_buf_str(out, n ? "" : "the call is answered");
}

static void write_choice(const struct choice *choice, enum dd_applet at, struct dd_buf *out)
{
	if (at == DD_CONNECT)
		dd_buf_format(out, "      - dial: %s\n", outcome_name(choice));
	else if (at == DD_RECORD)
		dd_buf_format(out, "      - speak: %s\n", choice->other == 1 ? "2s" : "0s");
	else
		dd_buf_format(out, "      - keys: \"%s\"\n", choice->keys[0] ? choice->keys : "-");
}

/* The words that were heard first since the last choice, without the last ones of a long text. */
static void write_heard(const struct crawl *c, const struct dd_session *s, struct dd_buf *out)
{
	enum { WORDS_MAX = 60 };
	const struct dd_trace *t = dd_session_trace(s);
	for (size_t i = 0; i < t->nevents; i++) {
		const struct dd_trace_event *e = &t->events[i];
		struct dd_str text = dd_trace_str(t, e->text);
		if (e->type != DD_TR_PROMPT || e->at < c->chosen || !text.n)
			continue;
		if (c->waited_at != DD_NONE && e->step != DD_NONE &&
		        same_step(c->app, e->step) == c->waited_at && e->at == c->chosen)
			continue; /* the prompt at which the choice was made */
		size_t n = text.n > WORDS_MAX ? WORDS_MAX : text.n;
		while (n < text.n && n && text.p[n] != ' ')
			n--;
		struct dd_buf words = {0};
		for (size_t k = 0; k < (n ? n : text.n); k++) {
			dd_buf_char(&words, text.p[k]);
			if (text.p[k] == '{' || text.p[k] == '}') /* no placeholder */
				dd_buf_char(&words, text.p[k]);
		}
		dd_buf_str(out, "      - hear: ");
		dd_buf_yaml(out, (struct dd_str){words.p, words.n});
		dd_buf_char(out, '\n');
		dd_buf_free(&words);
		return;
	}
}

static void write_scenario(
        struct crawl *c, struct dd_session *s, const struct choice **choices, size_t n)
{
	struct dd_buf *out = c->o->scenarios, name = {0}, script = {0};
	if (!is_new_way(c))
		return;
	for (size_t i = 0; i < n; i++)
		write_choice(choices[i], c->made[i], &script);
	write_heard(c, s, &script);
	if (dd_session_over(s) && dd_session_outcome(s)->ended_by != DD_ENDED_NOT_ANSWERED)
		dd_buf_format(&script, "      - ended_by: %s\n",
		        dd_ended_by_name(dd_session_outcome(s)->ended_by));
	if (script.n) {
		write_name(choices, c->made, n, &name);
		dd_buf_str(out, "  - name: ");
		dd_buf_yaml(out, (struct dd_str){name.p, name.n});
		dd_buf_str(out, "\n    script:\n");
		dd_buf_add(out, script.p, script.n);
		c->out->written++;
	}
	dd_buf_free(&name);
	dd_buf_free(&script);
}

static void place_call(struct crawl *c, uint32_t plan)
{
	const struct choice *choices[DD_CRAWL_DEPTH * 10];
	char sid[36] = "CA";
	unsigned rings = 0, records = 0;
	size_t n = choices_of(c, plan, choices), done = 0;
	dd_session_sid(UINT64_C(77000000) + plan, sid + 2);
	dd_app_begin(c->app);
	struct dd_session_options so = {.program = c->app->program,
	        .setup = {.from = c->o->from,
	                .to = c->o->to,
	                .direction = c->o->direction,
	                .call_sid = c->app->o.dialect == DD_TWIML ? sid : sid + 2,
	                .answered_unix_ms = DD_STARTS_UNIX_MS},
	        .tts = c->o->tts,
	        .http = dd_app_http(c->app),
	        .documents = dd_app_documents(c->app),
	        .record = c->o->scenarios != NULL,
	        .watch = &c->watch};
	struct dd_session *s = dd_session_new(&so);
	c->ask = c->after = c->waited_at = DD_NONE;
	c->chosen = 0;
	c->last = (struct choice){.other = 0};
	dd_session_start(s);
	while (!dd_session_over(s)) {
		uint32_t step = waits_at(s, &rings, &records);
		if (step == DD_NONE) {
			if (dd_session_next(s) == DD_NEVER)
				break;
			dd_session_advance(s, dd_session_next(s));
			continue;
		}
		if (done == n) {
			plan_choices(c, plan, step);
			break;
		}
		struct choice choice = *choices[done++];
		c->waited_at = same_step(c->app, step);
		c->made[done - 1] = made_at(c, &choice, step);
		choose(c, s, &choice);
	}
	if (c->o->scenarios && done == n)
		write_scenario(c, s, choices, n);
	c->out->calls++;
	c->out->requests += dd_app_requests(c->app);
	dd_session_free(s);
}

/* -- what it comes to ------------------------------------------------------- */

struct picture {
	struct crawl *c;
	struct dd_program *from, *p;
	uint32_t *moved; /* of each step of `from`: where it is in `p`; DD_NONE: it is not */
};

static const struct led *led_by(const struct crawl *c, uint32_t ask, const struct choice *choice)
{
	for (uint32_t i = 0; i < c->nleads; i++)
		if (c->leads[i].from == ask &&
		        (!choice || same_choice(&c->leads[i].choice, choice)))
			return &c->leads[i];
	return NULL;
}

/* What is passed on the way and does nothing that is heard: the next step that does. Redirects are
   kept: they are verbs. */
static uint32_t passed(const struct picture *w, uint32_t step, const struct choice *choice)
{
	for (int i = 0; i < 1000 && step < w->from->nsteps; i++) {
		const struct dd_step *s = &w->from->steps[step];
		if (s->applet == DD_REMARK) {
			step = s->next;
			continue;
		}
		if (s->applet != DD_ASK || (!choice && dd_app_part(w->c->app, step) == DD_APP_VERB))
			return step;
		if (!s->ask.wait || w->c->app->asks[s->ask.nth].kind == ASK_SOUND) {
			step = s->next;
			continue;
		}
		const struct led *l = led_by(w->c, same_step(w->c->app, step), choice);
		if (!l && choice)
			l = led_by(w->c, same_step(w->c->app, step), NULL);
		if (!l)
			return DD_GO_HANGUP;
		step = l->to;
		choice = NULL;
	}
	return step;
}

static uint32_t moved_to(const struct picture *w, uint32_t step, const struct choice *choice)
{
	step = passed(w, step, choice);
	if (step >= w->from->nsteps)
		return step;
	step = same_step(w->c->app, step);
	return w->moved[step] == DD_NONE ? DD_GO_HANGUP : w->moved[step];
}

static bool is_letter(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Whether a word stands alone in a text. */
static bool has_word(struct dd_str text, const char *word)
{
	size_t n = strlen(word);
	for (size_t k = 0; k + n <= text.n; k++)
		if (strncasecmp(text.p + k, word, n) == 0 &&
		        (k == 0 || !is_letter(text.p[k - 1])) &&
		        (k + n == text.n || !is_letter(text.p[k + n])))
			return true;
	return false;
}

/* Whether the words of a prompt hold a key: "press 1", "press the star key". */
static bool is_named(const struct dd_program *p, uint32_t prompt, char key)
{
	const char *names[] = {(char[]){key, '\0'}, key == '*' ? "star" : "pound", "hash"};
	size_t n = key == '*' ? 2 : key == '#' ? 3 : 1;
	for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[prompt].first + i];
		for (size_t k = 0; g->kind == DD_SEG_TEXT && k < n; k++)
			if (has_word(p->parts[p->templates[g->text].first].text, names[k]))
				return true;
	}
	return false;
}

/* Where each single key of a menu led. The target that most keys share which its words do not name
   is what a wrong key comes to. */
static void draw_menu(struct picture *w, struct dd_step *s, uint32_t asks)
{
	uint32_t to[KEYS], best = 0, wrong = DD_NONE;
	struct choice one = {.other = 0}, silence = {.other = 0};
	for (int i = 0; i < KEYS; i++) {
		one.keys[0] = KEYPAD[i];
		to[i] = led_by(w->c, asks, &one) ? moved_to(w, asks, &one) : DD_NONE;
	}
	for (int i = 0; i < KEYS; i++) {
		uint32_t same = 0;
		for (int k = 0; k < KEYS; k++)
			same += to[k] == to[i];
		if (to[i] != DD_NONE && same > best && same > 2) {
			best = same;
			wrong = to[i];
		}
	}
	uint32_t otherwise = moved_to(w, s->ivr.otherwise, &silence);
	s->ivr.collect = false;
	s->ivr.first_key = w->p->nkeys;
	for (int i = 0; i < KEYS; i++) {
		bool named = is_named(w->p, s->ivr.prompt, KEYPAD[i]);
		if (to[i] == DD_NONE || (to[i] == wrong && !named))
			continue;
		s->ivr.by_key[i] = w->p->nkeys;
		DD_PUSH(w->p->keys, w->p->nkeys, w->p->cap_keys) = (struct dd_key){
		        .key = KEYPAD[i], .answer = DD_NONE, .target = to[i], .span = s->span};
	}
	s->ivr.nkeys = w->p->nkeys - s->ivr.first_key;
	s->ivr.otherwise = otherwise;
	s->ivr.otherwise_invalid = wrong == DD_NONE ? otherwise : wrong;
	s->ivr.otherwise_by_try = s->ivr.otherwise != s->ivr.otherwise_invalid;
}

static void draw_number(struct picture *w, struct dd_step *s, uint32_t asks)
{
	struct choice list[CHOICES_MAX], silence = {.other = 0};
	size_t n = gather_choices(&s->ivr, list);
	s->next = moved_to(w, asks, &list[n - 1]); /* the string of full length */
	s->ivr.min = s->ivr.min ? s->ivr.min : 1;
	s->ivr.otherwise = s->ivr.otherwise_invalid = moved_to(w, s->ivr.otherwise, &silence);
}

static void draw_step(struct picture *w, struct dd_step *s, uint32_t old)
{
	struct choice choice = {.other = 0};
	uint32_t next = s->next;
	switch (s->applet) {
	case DD_IVR:
		if (s->ivr.max == 1 && !s->ivr.deaf)
			draw_menu(w, s, next);
		else
			draw_number(w, s, next);
		break;
	case DD_CONNECT:
		for (int i = 0; i < DD_PARTIES_COUNT; i++) {
			choice.other = 1 + (i < DD_PARTY_FULL ? i : DD_PARTY_BUSY);
			s->connect.exits[i] = moved_to(w, s->connect.exits[i], &choice);
		}
		s->next = s->connect.exits[DD_PARTY_ANSWERED];
		s->connect.whispers = false;
		break;
	case DD_RECORD:
		choice.other = 1;
		s->next = moved_to(w, next, &choice);
		choice.other = 2;
		s->record.nothing = moved_to(w, s->record.nothing, &choice);
		break;
	case DD_ASK: /* a redirect */
		s->applet = DD_GOTO;
		s->target = s->next = moved_to(w, old, &choice);
		if (s->target >= w->p->nsteps)
			s->applet = DD_HANGUP;
		break;
	default: s->next = moved_to(w, next, NULL); break;
	}
}

static bool is_drawn(const struct dd_app *app, uint32_t step)
{
	const struct dd_step *s = &app->program->steps[step];
	if (s->flow && dd_app_place(app, s->flow) != s->flow)
		return false;
	if (same_step(app, step) != step)
		return false;
	return s->applet == DD_ASK ? s->flow && dd_app_part(app, step) == DD_APP_VERB
	                           : s->applet != DD_REMARK;
}

/* Steps that some call came to, and those behind them. */
static void draw(struct crawl *c)
{
	struct dd_app *app = c->app;
	struct dd_program *from = app->program;
	struct picture w = {.c = c, .from = from};
	struct choice none = {.other = 0};
	w.p = dd_arena_alloc(app->arena, sizeof *w.p);
	*w.p = *from;
	w.p->steps = NULL;
	w.p->nsteps = w.p->cap_steps = 0;
	w.moved = dd_alloc((from->nsteps + 1) * sizeof *w.moved);
	uint32_t *old = dd_alloc((from->nsteps + 1) * sizeof *old);
	bool erred = false;
	for (uint32_t i = 0; i < c->nleads; i++)
		erred |= c->leads[i].to == app->error_step;
	for (uint32_t i = 0; i < from->nsteps; i++) {
		bool beginning = from->steps[i].flow == 0;
		w.moved[i] = DD_NONE;
		if (!is_drawn(app, i) || (beginning && !erred))
			continue;
		w.moved[i] = w.p->nsteps;
		old[w.p->nsteps] = i;
		DD_PUSH(w.p->steps, w.p->nsteps, w.p->cap_steps) = from->steps[i];
	}
	for (uint32_t i = 0; i < w.p->nsteps; i++)
		draw_step(&w, &w.p->steps[i], old[i]);
	for (uint32_t i = 1; i < from->nflows; i++)
		w.p->flows[i].start = moved_to(&w, from->flows[i].start, NULL);
	w.p->flows[0].start = moved_to(&w, from->flows[0].start, &none);
	if (w.p->flows[0].start >= w.p->nsteps) { /* the call ends at once, or is not taken */
		DD_PUSH(w.p->steps, w.p->nsteps, w.p->cap_steps) =
		        (struct dd_step){.applet = DD_HANGUP,
		                .next = DD_GO_HANGUP,
		                .line = 1,
		                .visits_slot = DD_NONE};
		w.p->flows[0].start = w.p->nsteps - 1;
	}
	free(w.moved);
	free(old);
	/* all but the steps is the new program's now */
	struct dd_step *steps = from->steps;
	memset(from, 0, sizeof *from);
	dd_free(steps);
	c->out->program = w.p;
}

void dd_app_crawl(
        struct dd_app *app, const struct dd_crawl_options *options, struct dd_crawled *out)
{
	struct dd_crawl_options o = *options;
	o.max_calls = o.max_calls ? o.max_calls : DD_CRAWL_CALLS;
	o.max_depth = o.max_depth ? o.max_depth : DD_CRAWL_DEPTH;
	if (o.max_depth > DD_CRAWL_DEPTH * 10 - 1)
		o.max_depth = DD_CRAWL_DEPTH * 10 - 1;
	struct crawl c = {.app = app, .o = &o, .out = out};
	*out = (struct dd_crawled){0};
	c.watch = (struct dd_watch){&c, on_effects};
	DD_PUSH(c.queue, c.nqueue, c.cap_queue) = (struct planned){.before = DD_NONE};
	for (uint32_t i = 0; i < c.nqueue; i++) {
		if (out->calls == o.max_calls) {
			out->by_calls = true;
			break;
		}
		place_call(&c, i);
	}
	out->documents = app->ndocuments;
	for (uint32_t i = 0; i < app->ndocuments; i++)
		out->places += app->documents[i].place == i;
	draw(&c);
	free(c.queue);
	free(c.leads);
	free(c.waited);
	free(c.ways);
}
