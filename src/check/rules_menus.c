/* Rules about menus and what they lead to, servers, and what the law and good manners ask for. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "check/announce.h"
#include "check/checking.h"

/* Keys that the prompt offers as one range, "a number from 1 to 5", are one choice to a listener.
 */
static long choices_of(const struct dd_checking *c, const struct dd_ivr *ivr)
{
	size_t n;
	long choices = (long)ivr->nkeys;
	struct check_word *words = check_words_of(c, ivr->prompt, &n);
	for (size_t i = 0; i < n; i++) {
		long covered = 0;
		for (uint32_t k = 0; words[i].to && k < ivr->nkeys; k++)
			covered += check_word_covers(
			        &words[i], c->program->keys[ivr->first_key + k].key);
		choices -= covered > 1 ? covered - 1 : 0;
	}
	dd_free(words);
	return choices > 0 ? choices : 1;
}

void rule_menu_width(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_IVR && (long)s->ivr.nkeys > c->now.settings[0] &&
		        choices_of(c, &s->ivr) > c->now.settings[0])
			check_step(c, i, "two menus, the commonest choices first",
			        "this menu has %u keys, more than %ld", s->ivr.nkeys,
			        c->now.settings[0]);
	}
}

void rule_retries_zero(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_IVR && check_collect(c, i).retries == 0)
			check_step(c, i, "retries: 1 or 2",
			        "one wrong key and the menu is over; "
			        "on the platform 0 is said to mean endless replays");
}

void rule_retries_many(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_IVR &&
		        (long)check_collect(c, i).retries > c->now.settings[0])
			check_step(c, i, "2 is enough",
			        "who presses nothing hears this menu %u times",
			        check_collect(c, i).retries + 1);
}

void rule_no_timeout_branch(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_IVR &&
		        c->program->steps[i].ivr.otherwise == DD_GO_HANGUP)
			check_step(c, i, "add otherwise with a goodbye",
			        "who presses nothing is hung up on without a word");
}

void rule_no_invalid_message(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_IVR && s->ivr.invalid == DD_NONE && s->ivr.retries &&
		        !s->ivr.by_url) /* else the answer has words for it */
			check_step(c, i, "add invalid with a sentence",
			        "after a wrong key the menu begins anew, and nobody says why");
	}
}

void rule_passthru_no_fallback(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_passthru *p = &c->program->steps[i].passthru;
		if (c->program->steps[i].applet != DD_PASSTHRU || !p->wait)
			continue;
		bool error = p->exits[DD_EXIT_ERROR] == DD_NONE,
		     timeout = p->exits[DD_EXIT_TIMEOUT] == DD_NONE;
		if (error || timeout)
			check_step(c, i,
			        p->by_url == DD_BY_URL_GATHER
			                ? "give the menu a prompt of its own, or otherwise"
			                : p->by_url ? "connect the exit failed, or give numbers"
			                            : "connect the exits error and timeout",
			        "when the server %s%s%s the call drops", error ? "fails" : "",
			        error && timeout ? " or " : "", timeout ? "is too slow" : "");
	}
}

/* "10.1.2.3": four numbers, and nothing else. */
static bool is_ipv4(struct dd_str host, unsigned out[4])
{
	size_t at = 0;
	for (int i = 0; i < 4; i++) {
		size_t from = at;
		out[i] = 0;
		while (at < host.n && at - from < 3 && host.p[at] >= '0' && host.p[at] <= '9')
			out[i] = out[i] * 10 + (unsigned)(host.p[at++] - '0');
		if (at == from || out[i] > 255 || (i < 3 && (at >= host.n || host.p[at++] != '.')))
			return false;
	}
	return at == host.n;
}

/* Addresses that nobody else's network carries (RFC 1918, 4193, 5735, 6761). */
static bool is_local(struct dd_str host)
{
	unsigned part[4];
	static const char name[] = "localhost";
	const size_t n = sizeof name - 1;
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n >= n && strncasecmp(host.p + host.n - n, name, n) == 0 &&
	        (host.n == n || host.p[host.n - n - 1] == '.'))
		return true;
	if (host.n > 2 && host.p[0] == '[')
		return dd_str_is(host, "[::1]") || strncasecmp(host.p, "[fc", 3) == 0 ||
		        strncasecmp(host.p, "[fd", 3) == 0 || strncasecmp(host.p, "[fe8", 4) == 0;
	if (!is_ipv4(host, part))
		return false;
	return part[0] == 127 || part[0] == 10 || (part[0] == 192 && part[1] == 168) ||
	        (part[0] == 172 && part[1] >= 16 && part[1] <= 31) ||
	        (part[0] == 169 && part[1] == 254);
}

/* The host of a URL; n 0 where a value makes part of it. */
static struct dd_str host_of(struct dd_str url, bool whole)
{
	static const char scheme[] = "http://";
	struct dd_str host = {url.p + sizeof scheme - 1, 0};
	size_t end = sizeof scheme - 1;
	if (url.n <= end || memcmp(url.p, scheme, end) != 0)
		return (struct dd_str){"", 0};
	while (end < url.n && !strchr("/?#", url.p[end]))
		end++;
	if (end == url.n && !whole)
		return (struct dd_str){"", 0};
	for (const char *p = host.p; p < url.p + end; p++)
		if (*p == '@') /* a name and a password stand before it */
			host.p = p + 1;
	host.n = (size_t)(url.p + end - host.p);
	const char *bracket = host.n && host.p[0] == '[' ? memchr(host.p, ']', host.n) : NULL;
	const char *colon = bracket ? NULL : memchr(host.p, ':', host.n);
	if (bracket || colon)
		host.n = (size_t)((bracket ? bracket + 1 : colon) - host.p);
	return host;
}

void rule_passthru_insecure(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		if (p->steps[i].applet != DD_PASSTHRU)
			continue;
		const struct dd_template *t = &p->templates[p->steps[i].passthru.url];
		struct dd_str url = t->n ? p->parts[t->first].text : (struct dd_str){"", 0},
		              host = host_of(url, t->n == 1);
		if (host.n && !is_local(host))
			check_step(c, i, "https://",
			        "the customer's number and keys travel unencrypted");
	}
}

void rule_no_menu(struct dd_checking *c)
{
	if (!check_has(c, DD_IVR) && c->program->flows[0].start < c->program->nsteps)
		check_step(c, c->program->flows[0].start, "a menu, if an answer is of use",
		        "the customer can only listen");
}

static bool has_opt_out(const struct dd_checking *c)
{
	for (uint32_t k = 0; k < c->program->nkeys; k++)
		if (c->program->keys[k].opt_out)
			return true;
	return false;
}

void rule_no_opt_out(struct dd_checking *c)
{
	if (!check_purpose(c, "reminder promotion survey event delivery payment") ||
	        has_opt_out(c) || !check_has(c, DD_IVR))
		return;
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		if (c->program->steps[i].applet == DD_IVR) {
			check_step(c, i, "9: { answer: opted out, opt_out: true, … }",
			        "no key says \"do not call me again\", "
			        "which a %s owes the customer",
			        c->program->flows[0].purpose);
			return;
		}
	}
}

/* Steps to look at, each once. */
struct todo {
	const struct dd_program *program;
	uint32_t *list, n;
	bool *seen;
};

static void look_at(struct todo *t, uint32_t step)
{
	if (step >= t->program->nsteps || t->seen[step])
		return;
	t->seen[step] = true;
	t->list[t->n++] = step;
}

static void look_at_way(void *self, uint32_t target, struct dd_str label)
{
	(void)label;
	look_at(self, target);
}

static void look_at_ways(struct todo *t, uint32_t step)
{
	dd_step_ways(t->program, step, look_at_way, t);
}

/* Whether a server is asked at `from` or somewhere behind it. */
static bool asks(const struct dd_program *p, uint32_t from)
{
	struct todo t = {p, dd_alloc((p->nsteps + 1) * sizeof *t.list), 0, dd_alloc(p->nsteps + 1)};
	bool found = false;
	look_at(&t, from);
	while (t.n && !found) {
		uint32_t at = t.list[--t.n];
		found = p->steps[at].applet == DD_PASSTHRU;
		look_at_ways(&t, at);
	}
	dd_free(t.list);
	dd_free(t.seen);
	return found;
}

void rule_opt_out_not_followed_up(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->applet != DD_IVR || p->flows[s->flow].status_callback.p ||
		        p->flows[0].status_callback.p)
			continue;
		for (uint32_t k = s->ivr.first_key; k < s->ivr.first_key + s->ivr.nkeys; k++)
			if (p->keys[k].opt_out && !asks(p, p->keys[k].target))
				check_at(c, s->flow, p->keys[k].span,
				        "a passthru behind it, or a status_callback",
				        "nobody learns that this customer opted out");
	}
}

void rule_responses_not_captured(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->applet == DD_IVR && !p->flows[s->flow].status_callback.p &&
		        !p->flows[0].status_callback.p && c->found->n < DD_DIAGS_MAX && !asks(p, i))
			check_step(c, i, "a status_callback, or a passthru behind it",
			        "nobody learns what was pressed here");
	}
}

/* -- nesting ---------------------------------------------------------------- */

/* Whether a branch that begins at `from` falls through to the step after its menu. */
static bool falls_through(const struct dd_program *p, uint32_t from, uint32_t after)
{
	for (uint32_t n = 0; from < p->nsteps && n < p->nsteps; n++) {
		const struct dd_step *s = &p->steps[from];
		if (from == after)
			return true;
		if (s->applet == DD_HANGUP || s->applet == DD_GOTO || s->applet == DD_TRANSFER ||
		        s->applet == DD_RETURN)
			return false;
		from = s->next;
	}
	return false;
}

struct levels {
	const struct dd_program *program;
	uint32_t *level; /* of each step: menus above it whose choice led here; UINT32_MAX: not seen
	                  */
	uint32_t *todo, n;
	bool *waiting;
};

static void level_is(struct levels *l, uint32_t step, uint32_t level)
{
	if (step >= l->program->nsteps || l->level[step] <= level)
		return;
	l->level[step] = level;
	if (!l->waiting[step])
		l->todo[l->n++] = step;
	l->waiting[step] = true;
}

struct level_way {
	struct levels *levels;
	uint32_t level;
};

static void level_way(void *self, uint32_t target, struct dd_str label)
{
	struct level_way *w = self;
	(void)label;
	level_is(w->levels, target, w->level);
}

static void level_below(struct levels *l, uint32_t i)
{
	const struct dd_program *p = l->program;
	const struct dd_step *s = &p->steps[i];
	uint32_t here = l->level[i];
	switch (s->applet) {
	case DD_IVR:
		/* a menu behind this one, to which its answers fall through, is the next question,
		 * no deeper one */
		if (s->ivr.collect || falls_through(p, s->ivr.otherwise, s->next))
			level_is(l, s->next, here);
		for (uint32_t k = 0; k < s->ivr.nkeys; k++)
			if (falls_through(p, p->keys[s->ivr.first_key + k].target, s->next))
				level_is(l, s->next, here);
		for (uint32_t k = 0; k < s->ivr.nkeys; k++)
			level_is(l, p->keys[s->ivr.first_key + k].target, here + 1);
		level_is(l, s->ivr.otherwise, here + 1);
		level_is(l, s->ivr.otherwise_invalid, here + 1);
		break;
	default:
		if (s->applet == DD_PASSTHRU)
			level_is(l, s->next, here);
		dd_step_ways(p, i, level_way, &(struct level_way){l, here});
	}
}

/* From malloc. */
static uint32_t *levels_of(const struct dd_program *p)
{
	struct levels l = {p, dd_alloc((p->nsteps + 1) * sizeof *l.level),
	        dd_alloc((p->nsteps + 1) * sizeof *l.todo), 0, dd_alloc(p->nsteps + 1)};
	memset(l.level, 0xFF, (p->nsteps + 1) * sizeof *l.level);
	level_is(&l, p->flows[0].start, 1);
	for (size_t rounds = 0; l.n && rounds < (size_t)64 * (p->nsteps + 1); rounds++) {
		uint32_t i = l.todo[--l.n];
		l.waiting[i] = false;
		level_below(&l, i);
	}
	dd_free(l.todo);
	dd_free(l.waiting);
	return l.level;
}

void rule_menu_depth(struct dd_checking *c)
{
	uint32_t *level = levels_of(c->program);
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_IVR && level[i] != UINT32_MAX &&
		        (long)level[i] > c->now.settings[0])
			check_step(c, i, "fewer levels, more words",
			        "this menu is at level %u, deeper than %ld", level[i],
			        c->now.settings[0]);
	dd_free(level);
}

/* The ways out of a step; a menu's keys only where `keys` says so. */
static void look_behind(struct todo *t, const struct dd_step *s, bool keys)
{
	const struct dd_program *p = t->program;
	switch (s->applet) {
	case DD_IVR:
		for (uint32_t k = 0; keys && k < s->ivr.nkeys; k++)
			look_at(t, p->keys[s->ivr.first_key + k].target);
		if (keys || s->ivr.collect)
			look_at(t, s->ivr.otherwise), look_at(t, s->ivr.otherwise_invalid);
		if (s->ivr.collect)
			look_at(t, s->next);
		break;
	default:
		if (s->applet == DD_PASSTHRU)
			look_at(t, s->next);
		look_at_ways(t, (uint32_t)(s - p->steps));
	}
}

static struct todo todo_of(const struct dd_program *p)
{
	return (struct todo){
	        p, dd_alloc((p->nsteps + 1) * sizeof(uint32_t)), 0, dd_alloc(p->nsteps + 1)};
}

static void todo_fini(struct todo *t)
{
	dd_free(t->list);
	dd_free(t->seen);
}

/* Whether some call that is in menu `from` comes to menu `to`. */
static bool leads_to(const struct dd_program *p, uint32_t from, uint32_t to)
{
	struct todo t = todo_of(p);
	look_behind(&t, &p->steps[from], true);
	while (t.n && !t.seen[to])
		look_behind(&t, &p->steps[t.list[--t.n]], true);
	bool found = t.seen[to];
	todo_fini(&t);
	return found;
}

/* Whether a key leads to another menu, no deeper than this one, from which one comes here again:
 * that above, or one beside it. What is said, asked and typed on the way does not matter. */
static bool leads_back(
        const struct dd_program *p, const uint32_t *level, uint32_t menu, uint32_t from)
{
	struct todo t = todo_of(p);
	bool back = false;
	look_at(&t, from);
	while (t.n && !back) {
		uint32_t i = t.list[--t.n];
		const struct dd_step *s = &p->steps[i];
		if (s->applet != DD_IVR || s->ivr.collect)
			look_behind(&t, s, false);
		else
			back = i != menu && level[i] <= level[menu] && leads_to(p, i, menu);
	}
	todo_fini(&t);
	return back;
}

void rule_no_way_back(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	uint32_t *level = levels_of(p);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_ivr *ivr = &p->steps[i].ivr;
		if (p->steps[i].applet != DD_IVR || ivr->collect || level[i] == UINT32_MAX ||
		        level[i] < 2)
			continue;
		bool back = false;
		for (uint32_t k = 0; k < ivr->nkeys && !back; k++)
			back = leads_back(p, level, i, p->keys[ivr->first_key + k].target);
		if (!back)
			check_step(c, i, "\"*\": { goto: … }",
			        "no key leads back from this menu, which is at level %u", level[i]);
	}
	dd_free(level);
}
