/* The laws that drydial knows. A figure without a source does not belong here. */
#include "campaign/law.h"

#include <string.h>

#define HM(hours, minutes) (((hours)*60 + (minutes)) * 60000)
#define HOURS(days, from, until) \
	{ \
		.weekdays = (days), .start_ms = HM(from, 0), .end_ms = HM(until, 0) \
	}
enum { MONDAY_TO_FRIDAY = DD_WORKING_DAYS, WEEKEND = DD_ALL_DAYS & ~DD_WORKING_DAYS };

static const struct dd_law LAWS[] = {
        {
                .name = "trai",
                .country = "IN",
                .title = "India: commercial calls (Telecom Regulatory Authority of India)",
                .zone = "Asia/Kolkata",
                .hours = {HOURS(DD_ALL_DAYS, 9, 21)},
                .nhours = 1,
                .calls_per_day = 3,
                .abandoned_percent = -1,
                .consent = DD_CONSENT_PROMOTION,
                .dnd = DD_DND_WITH_CONSENT,
                .opt_out = true,
                .series_promotion = "140",
                .series_service = "160",
                .sources = {{"hours",
                                    "platform's guide to automated calls, Compliance: "
                                    "9:00 AM - 9:00 PM IST only; "
                                    "Telecom Commercial Communications Customer "
                                    "Preference Regulations 2010: "
                                    "none between 2100 and 0900 hours"},
                        {"zone", "the guide: IST, which is India's only zone"},
                        {"calls_per_day",
                                "the guide: not more than 2-3 times a day; a recommendation, "
                                "not a regulation"},
                        {"dnd",
                                "the guide: not to numbers registered with DND without consent; "
                                "TCCCP Regulations 2018"},
                        {"consent",
                                "the guide: prior consent for promotional automated calls; "
                                "TCCCP Regulations 2018"},
                        {"opt_out",
                                "the guide: an option to opt out, such as a key; "
                                "that it takes effect at once is drydial's choice"},
                        {"series",
                                "Department of Telecommunications: 140 for promotional, "
                                "160 (1600xx) for service and transactional calls of regulated "
                                "senders"}},
                .nsources = 7,
                .note = "The caller's number must be registered. "
                        "Customers may have chosen narrower hours and kinds of calls in the "
                        "preference "
                        "register.",
        },
        {
                .name = "tcpa",
                .country = "US",
                .title = "United States: recorded and artificial voices (Telephone Consumer "
                         "Protection Act)",
                .hours = {HOURS(DD_ALL_DAYS, 8, 21)},
                .nhours = 1,
                .abandoned_percent = 3,
                .abandoned_days = 30,
                .abandoned_message = true,
                .consent = DD_CONSENT_ALWAYS,
                .dnd = DD_DND_WITH_CONSENT,
                .opt_out = true,
                .opt_out_days = 10,
                .sources = {{"hours", "47 CFR 64.1200(c)(1): not before 8 a.m. or after 9 p.m."},
                        {"zone", "47 CFR 64.1200(c)(1): local time at the called party's location"},
                        {"abandoned",
                                "47 CFR 64.1200(a)(7): 3 % of telemarketing calls answered live, "
                                "over 30 days, for each campaign; "
                                "a recorded message within two seconds"},
                        {"consent",
                                "47 CFR 64.1200(a)(1), (a)(2), (a)(3): prior express consent, "
                                "in writing for telemarketing"},
                        {"dnd", "47 CFR 64.1200(c)(2): the national do-not-call registry"},
                        {"opt_out",
                                "47 CFR 64.1200(b)(3): an automated key or voice opt-out in the "
                                "call; (a)(10), (d)(3): "
                                "honoured within ten business days at most"}},
                .nsources = 6,
                .note = "States have narrower hours and caps on calls (Florida: 8 a.m. to 8 p.m., "
                        "three a day on one subject); write a profile of your own for them. "
                        "Ten business days are counted here as ten days.",
        },
        {
                .name = "ofcom",
                .country = "GB",
                .title = "United Kingdom: silent and abandoned calls (Ofcom, persistent misuse)",
                .hours = {HOURS(MONDAY_TO_FRIDAY, 8, 21), HOURS(WEEKEND, 9, 21)},
                .nhours = 2,
                .hours_by_code = true,
                .abandoned_percent = 3,
                .abandoned_days = 1,
                .abandoned_message = true,
                .abandoned_quiet_ms = (dd_ms)72 * 3600 * 1000,
                .consent = DD_CONSENT_PROMOTION,
                .dnd = DD_DND_WITH_CONSENT,
                .opt_out = true,
                .sources = {{"hours",
                                    "no law; Direct Marketing Association, code of practice: "
                                    "not before 8 a.m. (9 a.m. on Saturday and Sunday) or after 9 "
                                    "p.m."},
                        {"zone",
                                "no law; the customer's wall clock is "
                                "what a customer would expect"},
                        {"abandoned",
                                "Ofcom, Revised statement of policy on persistent misuse (2008): "
                                "3 % of live calls of a campaign over 24 hours, a recorded "
                                "message within two seconds, for 72 hours no call back without an "
                                "operator"},
                        {"consent",
                                "Privacy and Electronic Communications Regulations 2003, "
                                "regulation 19: recorded marketing only with prior consent"},
                        {"dnd", "the same, regulation 21: Telephone Preference Service"},
                        {"opt_out",
                                "the same, regulation 21: no further calls once told; "
                                "that it takes effect at once is drydial's choice"}},
                .nsources = 6,
                .note = "Ofcom's statement in force since 1 March 2017 weighs harm case by case; "
                        "the figures of 2008 are kept here as a careful caller's.",
        },
        {
                .name = "none",
                .title = "no law: calls at all times",
                .abandoned_percent = -1,
        },
};

const size_t dd_law_count = sizeof LAWS / sizeof *LAWS;
const char *const dd_law_names[] = {"trai", "tcpa", "ofcom", "none"};
_Static_assert(sizeof dd_law_names / sizeof *dd_law_names == sizeof LAWS / sizeof *LAWS,
        "a name for each law");

const struct dd_law *dd_law_find(const char *name)
{
	for (size_t i = 0; i < dd_law_count; i++)
		if (strcmp(LAWS[i].name, name) == 0)
			return &LAWS[i];
	return NULL;
}

struct dd_calendar_layer dd_law_layer(const struct dd_law *law, const struct dd_zone *zone)
{
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.zone = zone;
	layer.hours = law->hours;
	layer.nhours = law->nhours;
	return layer;
}
