/* Rules of applications. Their names and words are in docs/apps.md. */
#include "apps/look.h"

#include <string.h>

static bool ends(const struct dd_program *p, uint32_t target)
{
	return target >= p->nsteps || p->steps[target].applet == DD_HANGUP;
}

static bool is_error(const struct dd_program *p, uint32_t target)
{
	return target < p->nsteps && p->steps[target].verb &&
	        strcmp(p->steps[target].verb, "error") == 0;
}

static void look_at_menu(const struct dd_program *p, uint32_t i, struct dd_diags *diags)
{
	const struct dd_step *s = &p->steps[i];
	const struct dd_source *source = p->flows[s->flow].source;
	uint32_t same = 0;
	if (ends(p, s->ivr.otherwise))
		dd_diag(diags, DD_WARNING, "gather-silence", source, s->span,
		        "whoever presses nothing hears no word more: the call ends")
		        ->hint = "put a <Say> or a <Redirect> behind the <Gather>";
	for (uint32_t k = 0; k < s->ivr.nkeys; k++) {
		const struct dd_key *key = &p->keys[s->ivr.first_key + k];
		same += key->target == i;
		if (is_error(p, key->target))
			dd_diag(diags, DD_ERROR, "key-fails", source, s->span,
			        "key %c leads to an application error", key->key);
	}
	if (s->ivr.nkeys && same == s->ivr.nkeys)
		dd_diag(diags, DD_WARNING, "gather-restarts", source, s->span,
		        "each of its keys leads back to this menu")
		        ->hint = "a <Gather> without action asks its own address again";
	if (s->ivr.collect && s->next < p->nsteps && is_error(p, s->next))
		dd_diag(diags, DD_ERROR, "key-fails", source, s->span,
		        "a number that is entered leads to an application error");
}

void dd_app_look(const struct dd_program *p, struct dd_diags *diags)
{
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->applet == DD_IVR)
			look_at_menu(p, i, diags);
		if (s->applet == DD_GOTO && s->verb && is_error(p, s->target))
			dd_diag(diags, DD_ERROR, "redirect-fails", p->flows[s->flow].source,
			        s->span, "this leads to an application error");
		if (s->applet == DD_GOTO && s->verb && s->target == i)
			dd_diag(diags, DD_ERROR, "redirect-itself", p->flows[s->flow].source,
			        s->span, "this leads to itself, without end");
	}
}

bool dd_app_rule(const char *name)
{
	static const char *const names[] = {"message-length", "monologue-length", "greeting-length",
	        "menu-prompt-length", "purpose-late", "greeting-endless", "timeout-short",
	        "timeout-long", "silent-flow", "endless-loop", "menu-width", "menu-depth",
	        "key-not-announced", "announced-key-missing", "key-announced-twice", "key-unheard",
	        "key-order", "collect-finish", "collect-digits", "bare-number", "abbreviation",
	        "read-oddly", "unspeakable", "language-mismatch", "audio-level", "audio-size",
	        "sms-segments"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}
