/* Rules about applets that decide, and those in which people speak. */
#include "check/checking.h"

void rule_branch_no_otherwise(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_BRANCH && !s->branch.has_otherwise)
			check_step(c, i, "otherwise: […]",
			        "a value that meets no case goes on behind this branch");
	}
}

void rule_connect_no_fallback(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		struct dd_buf missing = {0};
		for (int e = DD_PARTY_BUSY; s->applet == DD_CONNECT && e < DD_PARTIES_COUNT; e++)
			if (!s->connect.has_exit[e] && (e != DD_PARTY_FULL || s->connect.queue))
				dd_buf_format(&missing, "%s%s", missing.n ? ", " : "",
				        dd_party_name((enum dd_party)e));
		if (missing.n)
			check_step(c, i, "steps for each under exits",
			        "this drops the call when the outcome is: %s", missing.p);
		dd_buf_free(&missing);
	}
}

/* What is heard in the meantime: a prompt that makes no sound, or the ringing tone for minutes. */
void rule_connect_ring(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		if (c->program->steps[i].applet != DD_CONNECT)
			continue;
		const struct dd_connect *n = &c->program->steps[i].connect;
		dd_ms longest = n->timeout * (n->nto ? n->nto : 1);
		if (n->ring != DD_NONE && c->played[n->ring].ms >= 0 && !c->played[n->ring].audible)
			check_step(c, i, "words or music under ring",
			        "the customer hears nothing while this rings, for up to %s",
			        check_seconds(longest));
		else if (n->ring == DD_NONE && longest > c->now.settings[0])
			check_step(c, i, "words or music under ring",
			        "the customer hears a ringing tone and nothing else for up to %s",
			        check_seconds(longest));
	}
}

void rule_connect_no_talk(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_connect *n = &c->program->steps[i].connect;
		bool empty = false;
		if (c->program->steps[i].applet != DD_CONNECT)
			continue;
		for (uint32_t k = 0; k < n->nstubs; k++) {
			const struct dd_stub *stub = &c->program->stubs[n->first_stub + k];
			empty |= stub->party == DD_PARTY_ANSWERED && stub->talk == 0;
		}
		if (empty)
			check_step(c, i, "talk: 30s", "its stub talks for no time");
	}
}

void rule_record_no_beep(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_RECORD && !s->record.beep)
			check_step(c, i, "beep: true", "the recording begins without a beep");
	}
}
