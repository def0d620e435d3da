/* Rules about text messages. */
#include <string.h>

#include "call/sms_size.h"
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

void rule_sms_segments(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct dd_buf text = {0};
		if (p->steps[i].applet != DD_SMS)
			continue;
		const struct dd_template *t = &p->templates[p->steps[i].sms.text];
		for (uint32_t k = 0; k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			struct dd_str value =
			        part->slot == DD_NONE ? part->text : check_value(c, part->slot);
			dd_buf_add(&text, value.p ? value.p : "", value.n);
		}
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
