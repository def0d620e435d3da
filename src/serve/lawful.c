/* What a law asks that a single call can break: hours, the register, consent, opt-outs, calls a day
   and a week. The dialler knows; here is how the server tells it. */
#include "serve/serving.h"

const char *law_forbids(struct server *s, uint64_t number, bool promotional)
{
	static const char *const sentences[] = {[DD_MAY] = NULL,
	        [DD_MAY_NOT_HOURS] = "calls are not allowed at this time of the day",
	        [DD_MAY_NOT_DND] = "the number is on the do-not-disturb register",
	        [DD_MAY_NOT_CONSENT] = "the law asks for the customer's consent; "
	                               "\"consent\" of serve.yaml lists the numbers that gave it",
	        [DD_MAY_NOT_OPTED_OUT] = "the customer has opted out",
	        [DD_MAY_NOT_CAPPED] = "the number has had as many calls as are allowed"};
	return sentences[dd_dialler_may(
	        s->dialler, number, config_flags(s, number), promotional, s->clock.now)];
}
