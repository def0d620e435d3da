/* Rules about text messages. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "call/sms_size.h"
#include "check/announce.h"
#include "check/checking.h"

void rule_no_sms_backup(struct dd_checking *c)
{
	if (check_purpose(c, "alert otp payment") && !check_has(c, DD_SMS) &&
	        c->program->flows[0].start < c->program->nsteps)
		check_step(c, c->program->flows[0].start, "add an sms",
		        "who cannot listen now has nothing to read later");
}

/* Where the text leaves the basic alphabet, that is the reason. The hint lives with the findings.
 */
static const char *segments_hint(const struct dd_checking *c, struct dd_sms_size size)
{
	struct dd_buf text = {0};
	if (!size.foreign.p)
		return "160 letters, or 153 a segment of several";
	dd_sms_foreign(size.foreign, &text);
	const char *hint = dd_arena_format(c->arena,
	        "%s: with it 70 letters fit into one segment, 67 into one of several", text.p);
	dd_buf_free(&text);
	return hint;
}

void check_sms_words(const struct dd_checking *c, const struct dd_sms *sms, struct dd_buf *out)
{
	const struct dd_program *p = c->program;
	const struct dd_template *t = &p->templates[sms->text];
	for (uint32_t k = 0; k < t->n; k++) {
		const struct dd_part *part = &p->parts[t->first + k];
		struct dd_str value =
		        part->slot == DD_NONE ? part->text : check_value(c, part->slot);
		dd_buf_add(out, value.p ? value.p : "", value.p ? value.n : 0);
	}
}

static bool is_word(const struct check_word *w, const char *const *words)
{
	for (; *words; words++)
		if (w->text.n == strlen(*words) && strncasecmp(w->text.p, *words, w->text.n) == 0)
			return true;
	return false;
}

/* "We have sent you the address by SMS": of what the flow does itself, so that a prompt which only
 * speaks of messages ("reply to our SMS") is none. */
static bool promises_sms(const struct check_word *w, size_t n)
{
	static const char *const sends[] = {"sent", "send", "sending", NULL},
	                         *const messages[] = {"sms", "text", NULL},
	                         *const we[] = {"we", "will", "have", "are", "is", "been", NULL};
	for (size_t i = 0; i < n; i++) {
		bool promised = false, message = false;
		if (!is_word(&w[i], sends))
			continue;
		for (size_t k = i; k > 0 && i - k < 4 && !w[k].begins; k--)
			promised |= is_word(&w[k - 1], we);
		for (size_t k = i + 1; k < n && !w[k].begins; k++)
			message |= is_word(&w[k], messages);
		if (promised && message)
			return true;
	}
	return false;
}

void rule_sms_not_sent(struct dd_checking *c)
{
	if (check_has(c, DD_SMS) || check_has(c, DD_PASSTHRU))
		return;
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		size_t count = check_prompts(&c->program->steps[i], prompts);
		for (size_t k = 0; k < count; k++) {
			size_t n;
			struct check_word *w = check_words_of(c, prompts[k].prompt, &n);
			if (promises_sms(w, n))
				check_step(c, i, "add an sms step",
				        "the customer is told that an SMS is sent, and no step "
				        "sends one");
			dd_free(w);
		}
	}
}

void rule_sms_segments(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct dd_buf text = {0};
		if (p->steps[i].applet != DD_SMS)
			continue;
		check_sms_words(c, &p->steps[i].sms, &text);
		struct dd_sms_size size =
		        dd_sms_size((struct dd_str){text.p ? text.p : "", text.n});
		if ((long)size.segments > c->now.settings[0])
			check_step(c, i, segments_hint(c, size),
			        "this message takes %u segments, each of which is paid for",
			        size.segments);
		dd_buf_free(&text);
	}
}

static bool all_digits(struct dd_str text, size_t n)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n == n;
}

/* Ids of templates and entities have 19 digits; what is filled in is not known here. */
static bool wrong_id(const struct dd_checking *c, uint32_t template)
{
	struct dd_str id = check_literal(c, template);
	return id.p && !all_digits(id, 19);
}

void rule_sms_template(struct dd_checking *c)
{
	static const char hint[] =
	        "sms: { text: …, template: \"19 digits\", entity: \"19 digits\" }";
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_sms *s = &c->program->steps[i].sms;
		if (c->program->steps[i].applet != DD_SMS)
			continue;
		if (s->template_id == DD_NONE)
			check_step(c, i, hint,
			        "this SMS names no registered template: "
			        "in India it is not delivered");
		else if (wrong_id(c, s->template_id))
			check_step_as(c, DD_WARNING, i, hint,
			        "a template's id has 19 digits; this SMS will not be delivered");
		else if (s->entity == DD_NONE)
			check_step(c, i, hint,
			        "this SMS does not say to which entity its template belongs");
		else if (wrong_id(c, s->entity))
			check_step_as(c, DD_WARNING, i, hint,
			        "an entity's id has 19 digits; this SMS will not be delivered");
	}
}

/* A header is 6 letters, or digits for promotions; elsewhere up to 11 letters and digits, or a
 * number. */
static bool is_header(struct dd_str text)
{
	size_t letters = 0, digits = 0;
	for (size_t i = 0; i < text.n; i++) {
		char x = text.p[i];
		letters += (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z');
		digits += x >= '0' && x <= '9';
	}
	if (text.n && text.p[0] == '+')
		return digits == text.n - 1 && digits >= 8 && digits <= 15;
	return letters + digits == text.n && text.n >= 3 && (letters ? text.n <= 11 : text.n <= 15);
}

void rule_sms_sender(struct dd_checking *c)
{
	static const char hint[] = "sms: { text: …, sender: EXMPLE }";
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_sms *s = &c->program->steps[i].sms;
		if (c->program->steps[i].applet != DD_SMS)
			continue;
		struct dd_str sender = check_literal(c, s->sender);
		if (s->sender == DD_NONE)
			check_step(c, i, hint,
			        "this SMS has no sender: the customer sees a number that nobody "
			        "knows");
		else if (sender.p && !is_header(sender))
			check_step_as(c, DD_WARNING, i, hint,
			        "\"%.*s\" is no sender that can be registered", (int)sender.n,
			        sender.p);
	}
}

/* -- registered templates --------------------------------------------------- */

/* Where the registered text is known, what stands for each variable part is held against it, and
 * several values may share one. */
void rule_sms_variable(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	struct dd_templates *templates = dd_templates_read(p, c->arena);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_sms *s = &p->steps[i].sms;
		const char *problem;
		if (p->steps[i].applet != DD_SMS || dd_template_text(templates, i, &problem).p)
			continue;
		const struct dd_template *t = &p->templates[s->text];
		for (uint32_t k = 0; k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			struct dd_str value = part->slot == DD_NONE ? (struct dd_str){NULL, 0}
			                                            : check_value(c, part->slot);
			size_t n = value.p ? dd_utf8_count(value) : 0;
			if ((long)n <= c->now.settings[0])
				continue;
			/* elsewhere than in India an SMS needs no template */
			check_at_as(c, s->template_id == DD_NONE ? DD_NOTE : DD_WARNING, t->flow,
			        part->span, "say it shorter, or in two values",
			        "\"%s\" has %zu characters here, and a variable part of a "
			        "registered template at most %ld",
			        p->slots[part->slot].name, n, c->now.settings[0]);
		}
	}
}

void rule_sms_unlike_template(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	struct dd_templates *templates = dd_templates_read(p, c->arena);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const char *problem;
		struct dd_buf text = {0};
		if (p->steps[i].applet != DD_SMS)
			continue;
		struct dd_str template = dd_template_text(templates, i, &problem);
		if (problem)
			check_step(c, i, "a line \"id,text\", then a line a template",
			        "whether this SMS fits its registered template is not known: %s",
			        problem);
		if (!template.p)
			continue;
		check_sms_words(c, &p->steps[i].sms, &text);
		const char *how = dd_template_unlike(
		        c->arena, template, (struct dd_str){text.p ? text.p : "", text.n});
		if (how)
			check_step(c, i, "a text that fits no registered template is not delivered",
			        "this SMS does not fit its registered template: %s", how);
		dd_buf_free(&text);
	}
}
