/* What a law asks that a single call can break: hours, the register, opt-outs, calls a day. Consent
 * is nothing that a request of the platform tells. */
#include "serve/serving.h"

#define X(NAME, word, sentence) word,
const char *const LAW_WORDS[] = {LAW_SAYS(X)};
#undef X
#define X(NAME, word, sentence) sentence,
const char *const LAW_SENTENCES[] = {LAW_SAYS(X)};
#undef X

enum law_says law_says(struct server *s, uint64_t number)
{
	const struct dd_law *law = s->config.law;
	int64_t now = s->clock.now, ist = (int64_t)DD_IST_OFFSET_S * 1000,
	        today = now - (now + ist) % 86400000;
	struct dd_query opted = {.where = "number = ?1 AND opted_out = 1",
	        .binds = (struct dd_bind[]){{.number = (int64_t)number}},
	        .nbinds = 1};
	struct dd_query had = {.where = "number = ?1 AND placed >= ?2",
	        .binds = (struct dd_bind[]){{.number = (int64_t)number}, {.number = today}},
	        .nbinds = 2};
	if (s->hours && dd_calendar_next(s->hours, now) != now)
		return LAW_HOURS;
	if (law->dnd != DD_DND_NOT_ASKED && dd_number_set_has(&s->config.dnd, number))
		return LAW_DND;
	if (law->opt_out && dd_ledger_count(s->ledger, DD_TABLE_CALL, &opted) > 0)
		return LAW_OPTED_OUT;
	if (law->calls_per_day &&
	        dd_ledger_count(s->ledger, DD_TABLE_CALL, &had) >= law->calls_per_day)
		return LAW_CAPPED;
	return LAW_FINE;
}
