/* Tamil. */
/* clang-format counts the marks of letters as no columns of their own: off */
/* clang-format off */
#include "read/reading.h"

#include <stdio.h>

static const struct read_currency CURRENCIES[] = {
        {"₹ ரூ. ரூ Rs. Rs rs. rs RS INR", "ரூபாய்", "ரூபாய்", "ரூபாய்", "பைசா", "பைசா", true},
        {"US$ $ USD", "டாலர் டாலர்கள்", "டாலர்", "டாலர்", "சென்ட்", "சென்ட்", false},
        {"€ EUR", "யூரோ", "யூரோ", "யூரோ", "சென்ட்", "சென்ட்", false},
        {"£ GBP", "பவுண்டு", "பவுண்டு", "பவுண்டு", "பென்ஸ்", "பென்ஸ்", false},
        {NULL, NULL, NULL, NULL, NULL, NULL, false}};

static const struct read_scale SCALES[] = {{"லட்சம் லட்ச இலட்சம் lakh lakhs lac lacs L", "லட்சம்"},
        {"கோடி crore crores cr Cr", "கோடி"}, {"ஆயிரம் thousand k K", "ஆயிரம்"}, {NULL, NULL}};

static const struct read_unit UNITS[] = {{"km kms கி.மீ. கி.மீ கிமீ", "கிலோமீட்டர்",
        "கிலோமீட்டர்", false},
        {"kg kgs கி.கி. கிகி", "கிலோகிராம்", "கிலோகிராம்", false},
        {"g gm gms கி.", "கிராம்", "கிராம்", false}, {"mg", "மில்லிகிராம்", "மில்லிகிராம்", false},
        {"ml mL மி.லி. மி.லி மிலி", "மில்லிலிட்டர்", "மில்லிலிட்டர்", false},
        {"l ltr", "லிட்டர்", "லிட்டர்", false}, {"cm செ.மீ. செமீ", "சென்டிமீட்டர்",
                "சென்டிமீட்டர்", false},
        {"mm", "மில்லிமீட்டர்", "மில்லிமீட்டர்", false},
        {"min mins min. mins.", "நிமிடம்", "நிமிடங்கள்", false},
        {"sec secs", "வினாடி", "வினாடிகள்", false}, {"hr hrs", "மணி நேரம்", "மணி நேரம்", false},
        {"GB", "ஜிபி", "ஜிபி", false}, {"MB", "எம்பி", "எம்பி", false},
        {"°C ℃", "டிகிரி செல்சியஸ்", "டிகிரி செல்சியஸ்", false}, {"°", "டிகிரி", "டிகிரி", false},
        {NULL, NULL, NULL, false}};
_Static_assert(sizeof UNITS / sizeof *UNITS <= READ_ENTRIES, "a bit for each in an index");

static const char *part_of_day(const struct read_time *t, enum read_half half)
{
	if (!half || t->hour > 12)
		return NULL;
	long hour = t->hour % 12;
	if (half == READ_AM)
		return hour == 0 ? "நள்ளிரவு" : hour < 5 ? "அதிகாலை" : "காலை";
	return hour < 4 ? "மதியம்" : hour < 7 ? "மாலை" : "இரவு";
}

static bool say_clock(struct reading *r, const struct read_time *t, const char *part, bool hours)
{
	if (part)
		read_say(r, part), read_say(r, " ");
	if (!read_say_long(r, t->hour == 0 && t->half ? 12 : t->hour))
		return false;
	read_say(r, hours ? " மணி" : "");
	if (!t->minute)
		return true;
	read_say(r, " ");
	if (!read_say_long(r, t->minute))
		return false;
	read_say(r, hours ? " நிமிடம்" : "");
	return true;
}

/* "காலை பத்து மணி முப்பது நிமிடம்"; where the text goes on with மணிக்கு the hours are its own
        word. */
static bool say_time(
        struct reading *r, const struct read_time *first, const struct read_time *t, size_t *at)
{
	struct read_near before;
	size_t end = read_spaces(r, *at);
	bool hours = !read_take(r, &end, "மணி"), known = false;
	read_before(r, *at, &before);
	for (size_t i = 0; i < before.n && i < 2; i++)
		known |= read_is_cue(before.words[i], "காலை மதியம் மாலை இரவு அதிகாலை நள்ளிரவு");
	const char *part = known ? NULL : part_of_day(t, t->half);
	if (first) {
		enum read_half half = read_first_half(first, t);
		const char *own = known ? NULL : part_of_day(first, half);
		if (!say_clock(r, first, own, hours && first->minute))
			return false;
		if (part && own && strcmp(part, own) == 0)
			part = NULL;
		read_say(r, r->w->between);
	}
	if (!say_clock(r, t, part, hours))
		return false;
	if (first && hours)
		read_say(r, " வரை");
	return true;
}

/* 5வது → ஐந்தாவது, 5ஆம் → ஐந்தாம் */
static bool say_ordinal(struct reading *r, size_t *at)
{
	static const char ending[] = "வது";
	char digits[5];
	size_t from = *at, n = sizeof ending - 1;
	if (!read_take_digits(r, &from, digits, 4))
		return false;
	(void)read_take(r, &from, "-");
	(void)read_take(r, &from, " ");
	bool full = read_take_mark(r, &from, "வது ஆவது");
	if ((!full && !read_take_mark(r, &from, "ஆம் ம்")) || !read_ends(r, from))
		return false;
	if (!read_say_spelled(r, r->locale, READ_ORDINAL, digits))
		return false;
	if (!full) {
		if (r->out.n < n || memcmp(r->out.p + r->out.n - n, ending, n) != 0)
			return false;
		r->out.n -= n;
		r->out.p[r->out.n] = '\0';
		read_say(r, "ம்");
	}
	*at = from;
	return true;
}

#define PATTERN(name, match, ...) {name, match},
static const struct read_pattern PATTERNS[] = {
#include "read/tamil.def"
};
#undef PATTERN

const struct read_words READ_TAMIL = {.language = "ta",
        .locale = READ_TA,
        .patterns = PATTERNS,
        .npatterns = sizeof PATTERNS / sizeof *PATTERNS,
        .currencies = CURRENCIES,
        .scales = SCALES,
        .units = UNITS,
        .months = {"ஜனவரி", "பிப்ரவரி", "மார்ச்", "ஏப்ரல்", "மே", "ஜூன்", "ஜூலை", "ஆகஸ்ட்",
                "செப்டம்பர்",
                "அக்டோபர்", "நவம்பர்", "டிசம்பர்"},
        .month_marks = {"ஜனவரி Jan January", "பிப்ரவரி Feb February", "மார்ச் Mar March",
                "ஏப்ரல் Apr April", "மே May", "ஜூன் Jun June", "ஜூலை Jul July", "ஆகஸ்ட் Aug August",
                "செப்டம்பர் Sep Sept September", "அக்டோபர் Oct October", "நவம்பர் Nov November",
                "டிசம்பர் Dec December"},
        .percent = "சதவீதம்",
        .per = NULL,
        .minus = "மைனஸ்",
        .plus = "பிளஸ்",
        .and_part = " ",
        .between = " முதல் ",
        .behind = "",
        .dot = " டாட் ",
        .slash = " ஸ்லாஷ் ",
        .hyphen = " ஹைபன் ",
        .underscore = " அண்டர்ஸ்கோர் ",
        .arobase = " அட் ",
        .ending = "கடைசி எண்கள்",
        .number = "எண்",
        .endings = "கடைசி எண்கள்",
        .code_cues = "குறியீடு குறியீட்டு ஓடிபி ஒடிபி பின் பின்கோடு கடவுச்சொல் கடவுக்குறியீடு "
                "otp code pin "
                     "password",
        .account_cues =
                "கணக்கு கணக்கில் கார்டு அட்டை பாலிசி குறிப்பு புகார் account a/c card ref pnr",
        .number_cues = "எண் எண்ணை எண்: no no. number id",
        .phone_cues =
                "அழைக்கவும் அழைக்க அழையுங்கள் தொலைபேசி மொபைல் போன் ஃபோன் கைபேசி ஹெல்ப்லைன் உதவி "
                "call "
                      "phone mobile",
        .links = "எண் எண்: உங்கள் இந்த இது : no no. number",
        .code_follows = "உங்கள் என்பது இது is",
        .flight_cues = "விமானம் விமான ரயில் flight train",
        .call_follows = "என்ற ஐ",
        .year_cues =
                "ஆண்டு வருடம் ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர் "
                        "அக்டோபர் நவம்பர் டிசம்பர்",
        .year_follows = "ஆண்டு ஆண்டில் வருடம் இல் ல்",
        .hours = NULL,
        .say_time = say_time,
        .say_ordinal = say_ordinal};
