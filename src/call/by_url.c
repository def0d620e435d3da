/* An answer has been looked at before it is here (session/by_url.c); a host of the library may give
   any: what cannot be used counts as left out. */
#include "call/by_url.h"

#include "call/state.h"

bool dd_whole_number(struct dd_str text, long low, long high, long *out)
{
	long n = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || text.n > 9)
			return false;
		n = 10 * n + (text.p[i] - '0');
	}
	if (text.n == 0 || n < low || n > high)
		return false;
	*out = n;
	return true;
}

void dd_collect_of(const struct dd_ivr *ivr, struct dd_values values, struct dd_collect *out)
{
	const uint32_t *slots = ivr->gather;
	long n = 0;
	*out = (struct dd_collect){ivr->min, ivr->max, ivr->finish, ivr->timeout, ivr->retries};
	if (!ivr->by_url)
		return;
	if (dd_whole_number(
	            values.value(values.self, slots[DD_GATHER_MAX]), 1, DD_GATHER_DIGITS_MAX, &n))
		out->max = (uint8_t)(n < DD_DIGITS_MAX ? n : DD_DIGITS_MAX);
	if (out->min > out->max)
		out->min = out->max;
	if (dd_whole_number(values.value(values.self, slots[DD_GATHER_TIMEOUT]), 1, 3600, &n))
		out->timeout = 1000 * (dd_ms)n;
	if (dd_whole_number(values.value(values.self, slots[DD_GATHER_REPEAT]), 0, 100, &n))
		out->retries = (uint32_t)n;
	struct dd_str finish = values.value(values.self, slots[DD_GATHER_FINISH]);
	if (finish.p && finish.n == 0)
		out->finish = '\0';
	else if (finish.n == 1 && dd_key_index(finish.p[0]) >= 0)
		out->finish = finish.p[0];
}

static struct dd_str value_of_call(void *self, uint32_t slot)
{
	return dd_call_value(self, slot, 0, NULL); /* none of these is the time of day */
}

void dd_call_collect(const struct dd_call *call, uint32_t step, struct dd_collect *out)
{
	dd_collect_of(&call->program->steps[step].ivr,
	        (struct dd_values){(void *)call, value_of_call}, out);
}
