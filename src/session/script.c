/* Keys at the moments a menu waits. */
#include "session/script.h"

#include <string.h>

const char *dd_script_check(const char *text)
{
	for (const char *p = text;;) {
		size_t n = strcspn(p, ",");
		if (n == 0)
			return "an item is empty; write - for a wait that runs out";
		if (!(n == 1 && *p == '-') && strspn(p, "0123456789*#") < n)
			return "keys are 0 to 9, * and #; items are separated by commas; "
			       "- lets a wait run out";
		if (!p[n])
			return NULL;
		p += n + 1;
	}
}

void dd_script_init(struct dd_script *script, const char *text)
{
	*script = (struct dd_script){.rest = text && *text ? text : NULL, .at = DD_NEVER};
}

/* One "2600:2" of a list: its offset and key, and what is left. False when it is not one. */
static bool fixed_item(const char **at, dd_ms *ms, char *key)
{
	const char *p = *at;
	*ms = 0;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		*ms = *ms * 10 + (*p - '0');
		if (*ms > 14400000)
			return false;
	}
	if (*p++ != ':' || !*p || !strchr("0123456789*#h", *p) || (p[1] && p[1] != ','))
		return false;
	*key = *p;
	*at = p[1] ? p + 2 : NULL;
	return true;
}

const char *dd_script_check_fixed(const char *text)
{
	dd_ms last = 0, ms;
	char key;
	while (text) {
		if (!fixed_item(&text, &ms, &key) || ms < last)
			return "write MS:KEY,MS:KEY with milliseconds that never fall; h hangs up";
		last = ms;
	}
	return NULL;
}

void dd_script_init_fixed(struct dd_script *script, const char *text)
{
	*script = (struct dd_script){.at = DD_NEVER, .fixed = text};
}

static bool pressing(const struct dd_script *s)
{
	return s->item && *s->item && *s->item != ',';
}

dd_ms dd_script_next(struct dd_script *s, const struct dd_session *session)
{
	const char *peek = s->fixed;
	char key;
	if (peek && fixed_item(&peek, &s->at, &key))
		return s->at;
	if (pressing(s))
		return s->at;
	if (!s->rest || dd_session_waits(session) <= s->waits ||
	        !dd_call_waits(dd_session_call(session)))
		return DD_NEVER;
	s->waits = dd_session_waits(session);
	s->item = s->rest[0] == '-' ? NULL : s->rest;
	s->at = dd_session_now(session);
	const char *comma = strchr(s->rest, ',');
	s->rest = comma ? comma + 1 : NULL;
	return s->item ? s->at : DD_NEVER;
}

void dd_script_press(struct dd_script *s, struct dd_session *session)
{
	dd_ms at = s->at;
	char key = '\0';
	if (s->fixed) {
		if (fixed_item(&s->fixed, &at, &key) && key == 'h')
			dd_session_hang_up(session, at);
		else
			dd_session_key(session, at, key);
		return;
	}
	key = *s->item++;
	s->at += DD_KEY_GAP_MS;
	dd_session_key(session, at, key);
}

dd_ms dd_script_moment(struct dd_script *s, const struct dd_session *session, bool *presses)
{
	dd_ms key = dd_script_next(s, session), due = dd_session_next(session);
	*presses = key < due;
	return *presses ? key : due;
}

bool dd_script_step(struct dd_script *s, struct dd_session *session, dd_ms until)
{
	bool presses;
	dd_ms at = dd_script_moment(s, session, &presses);
	if (dd_session_over(session) || at == DD_NEVER || at > until)
		return false;
	if (presses)
		dd_script_press(s, session);
	else
		dd_session_advance(session, at);
	return true;
}

void dd_script_run(struct dd_script *s, struct dd_session *session)
{
	while (dd_script_step(s, session, DD_NEVER))
		continue;
}
