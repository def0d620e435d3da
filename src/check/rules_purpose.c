/* Whether a call says in time what it is about. */
#include <string.h>

#include "base/text.h"
#include "check/checking.h"

/* The beginnings of words that tell a purpose, in English, Hindi and Tamil. */
static const struct {
	const char *purpose, *words;
} TELLS[] = {
        {"reminder",
                "remind,appointment,booking,visit,schedul,due,renew,expir,याद,अपॉइंटमेंट,"
                "अपॉइन्टमेंट,मुलाकात,बुकिंग,நினைவூட்ட,சந்திப்பு,முன்பதிவு"},
        {"payment",
                "pay,paid,due,overdue,bill,invoice,amount,emi,loan,instalment,"
                "installment,premium,balance,rupee,भुगतान,बिल,किस्त,बकाया,राशि,रुपये,"
                "रुपए,"
                "கட்டண,பணம்,தவணை,ரூபாய்,நிலுவை"},
        {"order", "order,ship,parcel,package,purchase,dispatch,ऑर्डर,आर्डर,सामान,ஆர்டர்"},
        {"delivery",
                "deliver,parcel,package,courier,shipment,order,arriv,डिलीवरी,डिलिवरी,"
                "पार्सल,டெலிவரி,விநியோக,பார்சல்,பொருள்"},
        {"otp",
                "code,otp,password,passcode,pin,verif,one-time,कोड,ओटीपी,पासवर्ड,सत्यापन,"
                "குறியீடு,கடவுச்சொல்,சரிபார்ப்பு"},
        {"survey",
                "survey,feedback,opinion,question,rate,rating,experience,review,सर्वे,"
                "राय,प्रतिक्रिया,अनुभव,सवाल,கருத்து,அனுபவ,கேள்வி"},
        {"alert",
                "alert,warn,emergency,urgent,danger,caution,security,severe,storm,flood,"
                "fire,evacuat,चेतावनी,अलर्ट,सावधान,आपात,எச்சரிக்கை,அவசர"},
        {"promotion",
                "offer,sale,discount,deal,off,save,free,new,launch,cashback,ऑफर,छूट,सेल,"
                "சலுகை,தள்ளுபடி"},
        {"event",
                "event,webinar,meeting,conference,concert,class,session,workshop,start,"
                "remind,invit,कार्यक्रम,वेबिनार,बैठक,நிகழ்ச்சி,கூட்ட"},
};

/* Words of a flow's name that say nothing about its purpose. */
static const char FILLER[] = "flow,call,the,and,for,with,new,test,demo,voice,ivr,version,menu,main";

/* The next word of a list with commas in it; false at its end. */
static bool next_item(struct dd_str *list, struct dd_str *item)
{
	while (list->n) {
		const char *comma = memchr(list->p, ',', list->n);
		size_t n = comma ? (size_t)(comma - list->p) : list->n;
		*item = dd_str_trim((struct dd_str){list->p, n});
		n += comma != NULL;
		list->p += n;
		list->n -= n;
		if (item->n)
			return true;
	}
	return false;
}

/* `text` begins with `with`, whatever the case. */
static bool begins(struct dd_str text, struct dd_str with)
{
	size_t a = 0, b = 0;
	while (b < with.n)
		if (a >= text.n ||
		        dd_fold(dd_utf8_next(text, &a)) != dd_fold(dd_utf8_next(with, &b)))
			return false;
	return true;
}

static bool is_in(struct dd_str word, struct dd_str list, bool whole)
{
	struct dd_str item;
	while (next_item(&list, &item))
		if (begins(word, item) && (!whole || item.n == word.n))
			return true;
	return false;
}

/* Words of the flow's name: "Appointment reminder" is about an appointment. A letter of the plural
 * may come or go. */
static bool is_of_name(struct dd_str word, const char *name)
{
	struct dd_str text = dd_str(name);
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		while (at < text.n && text.p[at] != ' ' && text.p[at] != '-' && text.p[at] != '_')
			at++;
		struct dd_str own = {text.p + from, at - from};
		at++;
		if (dd_utf8_count(own) < 3 || is_in(own, dd_str(FILLER), true))
			continue;
		if (own.n > 4 && own.p[own.n - 1] == 's')
			own.n--;
		if (begins(word, own))
			return true;
	}
	return false;
}

/* The word of `words` at `start`, without what surrounds it. */
static struct dd_str word_at(struct dd_str words, size_t start)
{
	size_t end = start;
	while (start < words.n && strchr("\"'(", words.p[start]))
		start++;
	end = start > end ? start : end;
	while (end < words.n && !strchr(" \t\n.,;:!?\"()", words.p[end]))
		end++;
	return (struct dd_str){words.p + start, end - start};
}

static bool tells(const struct dd_checking *c, struct dd_str word)
{
	const struct dd_flow *flow = &c->program->flows[0];
	if (word.n == 0)
		return false;
	if (c->now.words[1].p)
		return is_in(word, c->now.words[1], false);
	for (size_t i = 0; i < sizeof TELLS / sizeof *TELLS; i++)
		if (strcmp(TELLS[i].purpose, flow->purpose) == 0 &&
		        is_in(word, dd_str(TELLS[i].words), false))
			return true;
	return is_of_name(word, flow->name);
}

/* Whether anything is known by which the purpose could be told. */
static bool can_tell(const struct dd_checking *c)
{
	const char *name = c->program->flows[0].name;
	if (c->now.words[1].p || strcmp(c->program->flows[0].purpose, "other") != 0)
		return true;
	for (uint32_t i = 0; i < c->program->nprompts; i++)
		for (size_t w = 0; w < c->played[i].nlist; w++)
			if (is_of_name(
			            word_at(c->played[i].words, c->played[i].list[w].start), name))
				return true;
	return false;
}

struct telling {
	bool found, recorded; /* the word, or a recording that may say it */
	dd_ms at;             /* of the word; without one, how long was listened */
	uint32_t step;        /* the first prompt's */
	struct dd_str word;
};

static void listen(
        const struct dd_checking *c, const struct dd_played *p, dd_ms from, struct telling *t)
{
	for (size_t w = 0; w < p->nlist && !t->found; w++) {
		struct dd_str word = word_at(p->words, p->list[w].start);
		if (!tells(c, word))
			continue;
		t->found = true;
		t->at = from + p->list[w].at;
		t->word = word;
	}
	t->recorded |= !t->found && p->recorded;
}

/* What the customer hears who presses nothing, until the flow waits for a key: servers answer as
 * they do in the flow. */
static struct telling listen_to_all(const struct dd_checking *c)
{
	const struct dd_walk *walk = c->explored->walk;
	struct telling t = {.step = DD_NONE};
	uint32_t at = 0;
	dd_ms now = 0;
	for (uint32_t n = 0; n <= walk->nstates && at != DD_NONE; n++) {
		const struct dd_walk_state *s = &walk->states[at];
		uint32_t next = DD_NONE;
		if (s->prompt != DD_NONE) {
			t.step = t.step == DD_NONE ? s->step : t.step;
			listen(c, &c->played[s->prompt], now, &t);
		}
		if (t.found || t.recorded || s->over || s->waits)
			break;
		for (uint32_t k = s->first; k < s->first + s->n && next == DD_NONE; k++) {
			const struct dd_choice *choice = &walk->edges[k].choice;
			if (choice->kind == DD_CH_LISTEN || choice->kind == DD_CH_WAIT ||
			        (choice->kind == DD_CH_REPLY && choice->reply == DD_EXIT_200))
				next = k;
		}
		if (next == DD_NONE)
			break;
		now += walk->edges[next].ms;
		at = walk->edges[next].to;
	}
	if (!t.found)
		t.at = now;
	return t;
}

void rule_purpose_late(struct dd_checking *c)
{
	static const char hint[] = "say it in the first sentence; checks: { purpose-late: { words: "
	                           "\"…\" } } names other words";
	struct telling t = can_tell(c) ? listen_to_all(c) : (struct telling){.recorded = true};
	if (t.recorded || t.step == DD_NONE)
		return;
	if (t.found && t.at > c->now.settings[0])
		check_step(c, t.step, hint,
		        "what this call is about is said only after %s (\"%.*s\"), later than %s",
		        check_seconds_beside(t.at, c->now.settings[0]), (int)t.word.n, t.word.p,
		        check_seconds(c->now.settings[0]));
	else if (!t.found && t.at > c->now.settings[0])
		check_step(c, t.step, hint, "nothing in the first %s says what this call is about",
		        check_seconds(t.at));
}
