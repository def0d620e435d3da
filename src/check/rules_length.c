/* Rules about how long things take. */
#include "check/checking.h"

static bool is_endless(const struct dd_step *s)
{
	return s->applet == DD_GREETING && s->greeting.loop != 1;
}

void rule_message_length(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		size_t n = check_prompts(&c->program->steps[i], prompts);
		for (size_t k = 0; k < n; k++) {
			dd_ms ms = c->played[prompts[k].prompt].ms;
			if (ms > c->now.settings[0])
				check_step(c, i, "split it, or say it shorter",
				        "%s lasts %s, longer than %s", prompts[k].name,
				        check_seconds_beside(ms, c->now.settings[0]),
				        check_seconds(c->now.settings[0]));
			else if (ms > c->now.settings[1])
				check_step_as(c, DD_WARNING, i, "people hang up at 30 s",
				        "%s lasts %s", prompts[k].name, check_seconds(ms));
		}
	}
}

void rule_monologue_length(struct dd_checking *c)
{
	if (c->explored->deaf_step != DD_NONE && c->explored->deaf_ms > c->now.settings[0])
		check_step(c, c->explored->deaf_step, "ask something earlier, or make it shorter",
		        "from here on a customer cannot press a key for %s, longer than %s",
		        check_seconds_beside(c->explored->deaf_ms, c->now.settings[0]),
		        check_seconds(c->now.settings[0]));
}

void rule_greeting_length(struct dd_checking *c)
{
	uint32_t first = c->program->flows[0].start;
	if (first >= c->program->nsteps || c->program->steps[first].applet != DD_GREETING)
		return;
	if (check_purpose(c, "otp")) /* its code, slowly and twice, is no welcome */
		return;
	dd_ms ms = c->played[c->program->steps[first].greeting.prompt].ms;
	if (ms > c->now.settings[0])
		check_step(c, first, "who calls, and why, in one sentence",
		        "the welcome lasts %s, longer than %s",
		        check_seconds_beside(ms, c->now.settings[0]),
		        check_seconds(c->now.settings[0]));
}

void rule_menu_prompt_length(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_IVR && c->played[s->ivr.prompt].ms > c->now.settings[0])
			check_step(c, i, "fewer options, or two menus",
			        "this menu's prompt lasts %s, longer than %s",
			        check_seconds_beside(
			                c->played[s->ivr.prompt].ms, c->now.settings[0]),
			        check_seconds(c->now.settings[0]));
	}
}

void rule_greeting_endless(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (is_endless(&c->program->steps[i]) && c->program->steps[i].greeting.loop == 0)
			check_step(c, i, "give it a loop",
			        "this message is played again and again for %s",
			        check_seconds(c->program->steps[i].greeting.max));
}

void rule_timeout_short(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_IVR && check_collect(c, i).timeout < c->now.settings[0])
			check_step(c, i, "5s to 7s",
			        "a customer has %s to find the key, less than %s",
			        check_seconds_beside(
			                check_collect(c, i).timeout, c->now.settings[0]),
			        check_seconds(c->now.settings[0]));
	}
}

void rule_timeout_long(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_IVR && check_collect(c, i).timeout > c->now.settings[0])
			check_step(c, i, "5s to 7s",
			        "who presses nothing waits %s in silence, longer than %s",
			        check_seconds_beside(
			                check_collect(c, i).timeout, c->now.settings[0]),
			        check_seconds(c->now.settings[0]));
	}
}

void rule_passthru_slow(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_passthru *p = &c->program->steps[i].passthru;
		if (c->program->steps[i].applet != DD_PASSTHRU || !p->wait)
			continue;
		for (uint32_t k = 0; k < p->nstubs; k++) {
			dd_ms delay = c->program->stubs[p->first_stub + k].delay;
			if (delay > c->now.settings[0] && delay < p->timeout) {
				check_step(c, i, "answer at once and do the work afterwards",
				        "the server takes %s to answer, longer than %s",
				        check_seconds_beside(delay, c->now.settings[0]),
				        check_seconds(c->now.settings[0]));
				break;
			}
		}
	}
}

void rule_hold_missing(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_passthru *p = &c->program->steps[i].passthru;
		if (c->program->steps[i].applet == DD_PASSTHRU && p->wait && p->hold == DD_NONE &&
		        !p->by_url && p->timeout > c->now.settings[0])
			check_step(c, i, "give it a hold prompt",
			        "a customer may hear nothing for %s while the server is asked",
			        check_seconds(p->timeout));
	}
}
