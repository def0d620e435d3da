/* Texts of a call for whoever drives it from outside: effects name them by their numbers. */
#include "call/fill.h"
#include "call/state.h"

/* One behind the other in the caller's room. */
struct into {
	const struct dd_call *call;
	dd_ms at;
	char *out;
	size_t cap, n;
	enum dd_status status;
};

static void put_template(struct into *to, uint32_t template, enum dd_fill_use use)
{
	size_t n = 0, left = to->cap - to->n, missing = 0;
	if (template == DD_NONE || left == 0)
		return;
	enum dd_status status = dd_call_fill(
	        to->call, template, use, to->at, to->out + to->n, left, &n, NULL, &missing);
	to->n += n;
	if (status != DD_OK)
		to->status = status;
}

static void put_prompt(struct into *to, const struct dd_prompt *prompt)
{
	const struct dd_program *p = to->call->program;
	for (uint32_t i = 0; i < prompt->n; i++) {
		const struct dd_segment *g = &p->segments[prompt->first + i];
		if (g->kind == DD_SEG_PAUSE)
			continue;
		if (to->n && to->cap - to->n > 1)
			to->out[to->n++] = ' ';
		put_template(to, g->text, g->kind == DD_SEG_URL ? DD_FILL_URL : DD_FILL_PLAIN);
		if (g->kind == DD_SEG_REPLY) /* one of the two has a value */
			put_template(to, g->audio, DD_FILL_PLAIN);
	}
}

static void put_customer(struct into *to)
{
	char room[24];
	struct dd_str number = dd_call_value(to->call, DD_SLOT_CALL_FROM, to->at, room);
	size_t left = to->cap ? to->cap - 1 : 0, n = number.n < left ? number.n : left;
	if (n < number.n)
		to->status = DD_ERR_LIMIT;
	memcpy(to->out, number.p ? number.p : "", n);
	to->n = n;
	if (to->cap)
		to->out[n] = '\0';
}

enum dd_status dd_call_text(const struct dd_call *call, enum dd_call_text what, uint32_t index,
        dd_ms at, char *out, size_t cap, size_t *length)
{
	const struct dd_program *p = call->program;
	struct into to = {call, at, out, cap, 0, DD_OK};
	const struct dd_step *s = index < p->nsteps ? &p->steps[index] : NULL;
	bool sms = s && s->applet == DD_SMS;
	if (cap)
		out[0] = '\0';
	else
		to.status = DD_ERR_LIMIT;
	if (what == DD_TEXT_PROMPT && index < p->nprompts)
		put_prompt(&to, &p->prompts[index]);
	else if (what == DD_TEXT_URL && s && s->applet == DD_PASSTHRU)
		put_template(&to, s->passthru.url, DD_FILL_URL);
	else if (what == DD_TEXT_SMS && sms)
		put_template(&to, s->sms.text, DD_FILL_PLAIN);
	else if (what == DD_TEXT_SMS_SENDER && sms)
		put_template(&to, s->sms.sender, DD_FILL_PLAIN);
	else if (what == DD_TEXT_SMS_TO && sms && s->sms.to != DD_NONE)
		put_template(&to, s->sms.to, DD_FILL_PLAIN);
	else if (what == DD_TEXT_SMS_TO && sms)
		put_customer(&to);
	else
		to.status = DD_ERR_FORMAT;
	if (length)
		*length = to.n;
	return to.status;
}

struct dd_str dd_call_get(const struct dd_call *call, const char *name, dd_ms at, char room[20])
{
	uint32_t slot = dd_program_slot(call->program, dd_str(name));
	return slot == DD_NONE ? (struct dd_str){NULL, 0} : dd_call_value(call, slot, at, room);
}
