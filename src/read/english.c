/* English: of India, where amounts are counted in lakh and crore, and of elsewhere. */
#include "read/reading.h"

#include <stdio.h>

static const struct read_currency CURRENCIES[] = {
        {"₹ Rs. Rs rs. rs RS. RS INR Rs.₹", "rupees rupee Rupees", "rupee", "rupees", "paisa",
                "paise", true},
        {"US$ $ USD", "dollars dollar", "dollar", "dollars", "cent", "cents", false},
        {"€ EUR", "euros euro", "euro", "euros", "cent", "cents", false},
        {"£ GBP", "pounds", "pound", "pounds", "penny", "pence", false},
        {"AED", "dirhams", "dirham", "dirhams", "fils", "fils", false},
        {NULL, NULL, NULL, NULL, NULL, NULL, false}};

static const struct read_scale SCALES[] = {
        {"lakh lakhs lac lacs Lakh Lakhs Lac Lacs LAKH LAKHS L", "lakh"},
        {"crore crores Crore Crores CRORE cr cr. Cr Cr. CR", "crore"}, {"thousand k K", "thousand"},
        {"million mn Mn M", "million"}, {"billion bn Bn B", "billion"}, {NULL, NULL}};

static const struct read_unit UNITS[] = {{"km kms Km KM kms.", "kilometre", "kilometres", false},
        {"kg kgs Kg KG Kgs kgs.", "kilogram", "kilograms", false},
        {"g gm gms gm. gms.", "gram", "grams", false}, {"mg", "milligram", "milligrams", false},
        {"ml mL ML", "millilitre", "millilitres", false},
        {"l ltr ltrs Ltr", "litre", "litres", false},
        {"cm cms", "centimetre", "centimetres", false}, {"mm", "millimetre", "millimetres", false},
        {"mtr mtrs", "metre", "metres", false},
        {"km/h kmph kmh km/hr", "kilometre an hour", "kilometres an hour", false},
        {"min mins min. mins. Min Mins", "minute", "minutes", false},
        {"sec secs sec. secs. Sec Secs", "second", "seconds", false},
        {"hr hrs hr. hrs. Hr Hrs", "hour", "hours", false}, {"yr yrs yrs.", "year", "years", false},
        {"GB", "gigabyte", "gigabytes", false}, {"MB", "megabyte", "megabytes", false},
        {"TB", "terabyte", "terabytes", false}, {"KB kB", "kilobyte", "kilobytes", false},
        {"Mbps mbps", "megabit a second", "megabits a second", false},
        {"Gbps", "gigabit a second", "gigabits a second", false},
        {"kWh KWH kwh", "kilowatt hour", "kilowatt hours", false},
        {"kW KW", "kilowatt", "kilowatts", false},
        {"sqft sq.ft. sq.ft sq.", "square foot", "square feet", false},
        {"°C ℃", "degree Celsius", "degrees Celsius", false},
        {"°F", "degree Fahrenheit", "degrees Fahrenheit", false}, {"°", "degree", "degrees", false},
        {NULL, NULL, NULL, false}};
_Static_assert(sizeof UNITS / sizeof *UNITS <= READ_ENTRIES, "a bit for each in an index");

/* "ten thirty", "fourteen oh five"; whole hours are said by what follows them. */
static bool say_clock(struct reading *r, const struct read_time *t, bool last)
{
	bool midnight = t->hour == 0 && !t->half;
	if (!read_say_long(r, t->hour == 0 ? 12 : t->hour))
		return false;
	if (t->minute) {
		read_say(r, t->minute < 10 ? " oh " : " ");
		if (!read_say_long(r, t->minute))
			return false;
	} else if (t->hour > 12) {
		read_say(r, " hundred");
	} else if (last && !t->half && !midnight && !t->hours) {
		read_say(r, " o'clock");
	}
	if (midnight || (t->half == READ_AM && t->hour <= 12))
		read_say(r, " AM");
	else if (t->half == READ_PM && t->hour <= 12)
		read_say(r, " PM");
	if (last && (t->hours || (t->hour > 12 && !t->minute)))
		read_say(r, " hours");
	return true;
}

static bool say_time(
        struct reading *r, const struct read_time *first, const struct read_time *t, size_t *at)
{
	(void)at;
	if (first) {
		if (!say_clock(r, first, false))
			return false;
		read_say(r, r->w->between);
	}
	return say_clock(r, t, true);
}

/* 1st, 22nd */
static bool say_ordinal(struct reading *r, size_t *at)
{
	char digits[5];
	size_t from = *at;
	if (!read_take_digits(r, &from, digits, 4) ||
	        !read_take_mark(r, &from, "st nd rd th ST ND RD TH") || !read_ends(r, from))
		return false;
	*at = from;
	return read_say_spelled(r, r->locale, READ_ORDINAL, digits);
}

#define PATTERN(name, match, ...) {name, match},
static const struct read_pattern PATTERNS[] = {
#include "read/english.def"
};
#undef PATTERN

const struct read_words READ_ENGLISH = {.language = "en",
        .locale = READ_EN,
        .patterns = PATTERNS,
        .npatterns = sizeof PATTERNS / sizeof *PATTERNS,
        .currencies = CURRENCIES,
        .scales = SCALES,
        .units = UNITS,
        .months = {"January", "February", "March", "April", "May", "June", "July", "August",
                "September", "October", "November", "December"},
        .month_marks = {"Jan January JAN JANUARY", "Feb February FEB FEBRUARY",
                "Mar March MAR MARCH", "Apr April APR APRIL", "May MAY", "Jun June JUN JUNE",
                "Jul July JUL JULY", "Aug August AUG AUGUST",
                "Sep Sept September SEP SEPT SEPTEMBER", "Oct October OCT OCTOBER",
                "Nov November NOV NOVEMBER", "Dec December DEC DECEMBER"},
        .percent = "percent",
        .per_annum = " per annum",
        .per = " per ",
        .per_what = "month mo year yr day night hour hr kg kilo person unit km litre week head "
                    "plate item piece minute min sq",
        .minus = "minus",
        .plus = "plus",
        .and_part = " and ",
        .between = " to ",
        .behind = "",
        .dot = " dot ",
        .slash = " slash ",
        .hyphen = " hyphen ",
        .underscore = " underscore ",
        .arobase = " at ",
        .ending = "ending in",
        .number = "number",
        .endings = "in with ending ends",
        .code_cues = "code codes otp pin mpin password passcode cvv pincode zip otp-code",
        .account_cues = "account a/c acct acc card reference ref pnr utr tracking aadhaar folio "
                        "complaint ending ends digits",
        .number_cues = "number no no. nos id nr num number:",
        .phone_cues = "call dial phone tel telephone mobile mob ph contact helpline toll-free "
                      "tollfree whatsapp landline cell missed",
        .links = "is are was as the your our my this us number no no. id last four 4 digits",
        .code_follows = "is as",
        .flight_cues = "flight flights train trains",
        .call_follows = "to for from or and now between on if at any anytime before during by "
                        "within again immediately today toll-free",
        .year_cues = "in since till until year of by from before after during january february "
                     "march april may june july august september october november december "
                     "budget diwali fy session batch edition summer winter",
        .year_follows = "and or is was will to for at on the by with from as we you has had",
        .hours = "hrs hours hrs. Hrs HRS",
        .days_are_ordinals = true,
        .say_time = say_time,
        .say_ordinal = say_ordinal};
