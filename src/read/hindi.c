/* Hindi. */
/* clang-format counts the marks of letters as no columns of their own: off */
/* clang-format off */
#include "read/reading.h"

#include <stdio.h>
#include <stdlib.h>

static const struct read_currency CURRENCIES[] = {
        {"₹ रु. रु रू. रू Rs. Rs rs. rs RS INR", "रुपये रुपए रुपया रूपये रूपए", "रुपया",
                "रुपये", "पैसा", "पैसे",
                true},
        {"US$ $ USD", "डॉलर", "डॉलर", "डॉलर", "सेंट", "सेंट", false},
        {"€ EUR", "यूरो", "यूरो", "यूरो", "सेंट", "सेंट", false},
        {"£ GBP", "पाउंड", "पाउंड", "पाउंड", "पेंस", "पेंस", false},
        {NULL, NULL, NULL, NULL, NULL, NULL, false}};

static const struct read_scale SCALES[] = {{"लाख lakh lakhs lac lacs L", "लाख"},
        {"करोड़ करोड़ करोड crore crores cr Cr", "करोड़"}, {"हज़ार हज़ार हजार thousand k K",
                "हज़ार"},
        {NULL, NULL}};

static const struct read_unit UNITS[] = {
        {"km kms कि.मी. कि.मी किमी", "किलोमीटर", "किलोमीटर", false},
        {"kg kgs कि.ग्रा. कि.ग्रा किग्रा", "किलोग्राम", "किलोग्राम", false},
        {"g gm gms ग्रा.", "ग्राम", "ग्राम", false}, {"mg मिग्रा", "मिलीग्राम", "मिलीग्राम", false},
        {"ml mL मिली मि.ली. मि.ली", "मिलीलीटर", "मिलीलीटर", false},
        {"l ltr ली.", "लीटर", "लीटर", false}, {"cm से.मी. सेमी", "सेंटीमीटर", "सेंटीमीटर", false},
        {"mm मिमी मि.मी.", "मिलीमीटर", "मिलीमीटर", false},
        {"min mins min. mins. मि.", "मिनट", "मिनट", false}, {"sec secs", "सेकंड", "सेकंड", false},
        {"hr hrs", "घंटा", "घंटे", false}, {"GB जीबी", "जीबी", "जीबी", false},
        {"MB एमबी", "एमबी", "एमबी", false}, {"kWh", "किलोवाट घंटा", "किलोवाट घंटे", false},
        {"°C ℃", "डिग्री सेल्सियस", "डिग्री सेल्सियस", false}, {"°", "डिग्री", "डिग्री", false},
        {NULL, NULL, NULL, false}};
_Static_assert(sizeof UNITS / sizeof *UNITS <= READ_ENTRIES, "a bit for each in an index");

static const char *part_of_day(const struct read_time *t, enum read_half half)
{
	if (!half || t->hour > 12)
		return NULL;
	long hour = t->hour % 12;
	if (half == READ_AM)
		return hour < 4 ? "रात" : "सुबह";
	return hour < 4 ? "दोपहर" : hour < 7 ? "शाम" : "रात";
}

static bool say_hour(struct reading *r, const struct read_time *t, const char *part)
{
	if (part)
		read_say(r, part), read_say(r, " ");
	return read_say_long(r, t->hour == 0 && t->half ? 12 : t->hour);
}

static bool say_minutes(struct reading *r, const struct read_time *t)
{
	if (!t->minute)
		return true;
	read_say(r, " बजकर ");
	if (!read_say_long(r, t->minute))
		return false;
	read_say(r, " मिनट");
	return true;
}

/* "सुबह दस बजकर तीस मिनट": the part of the day in place of AM and PM, unless the text says it. */
static bool say_time(
        struct reading *r, const struct read_time *first, const struct read_time *t, size_t *at)
{
	struct read_near before;
	read_before(r, *at, &before);
	bool known = false;
	for (size_t i = 0; i < before.n && i < 2; i++)
		known |= read_is_cue(before.words[i], "सुबह दोपहर शाम रात सवेरे");
	const char *part = known ? NULL : part_of_day(t, t->half);
	if (first) {
		enum read_half half = read_first_half(first, t);
		const char *own = known ? NULL : part_of_day(first, half);
		if (!say_hour(r, first, own) || !say_minutes(r, first))
			return false;
		if (part && own && strcmp(part, own) == 0)
			part = NULL;
		read_say(r, r->w->between);
	}
	if (!say_hour(r, t, part) || !say_minutes(r, t))
		return false;
	size_t end = read_spaces(r, *at);
	bool hours = read_take_mark(r, &end, "बजे");
	if (!t->minute)
		read_say(r, " बजे");
	if (hours)
		*at = end;
	return true;
}

/* The ending that an ordinal has in writing says how it is said: 5वीं, 2री. */
static bool say_ordinal(struct reading *r, size_t *at)
{
	static const struct {
		const char *marks, *vowel;
		bool fifth; /* the ending of the numbers from five on */
	} endings[] = {{"वां वाँ", "ा", true}, {"वीं वी", "ी", true}, {"वें वे", "े", true},
	        {"ला रा था ठा", "ा", false}, {"ली री थी ठी", "ी", false}, {"ले रे थे ठे", "े",
	                false}};
	static const char *const stems[] = {NULL, "पहल", "दूसर", "तीसर", "चौथ", NULL, "छठ"};
	char digits[5];
	size_t from = *at;
	if (!read_take_digits(r, &from, digits, 4))
		return false;
	long value = strtol(digits, NULL, 10);
	(void)read_take(r, &from, "-");
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (!read_take_mark(r, &from, endings[i].marks) || !read_ends(r, from))
			continue;
		*at = from;
		if (value >= 1 && value <= 6 && stems[value]) {
			read_say(r, stems[value]);
			read_say(r, endings[i].vowel);
			return true;
		}
		if (!endings[i].fifth || !read_say_long(r, value))
			return false;
		read_say(r, "व");
		read_say(r, endings[i].vowel);
		read_say(r, "ं");
		return true;
	}
	return false;
}

#define PATTERN(name, match, ...) {name, match},
static const struct read_pattern PATTERNS[] = {
#include "read/hindi.def"
};
#undef PATTERN

const struct read_words READ_HINDI = {.language = "hi",
        .locale = READ_HI,
        .patterns = PATTERNS,
        .npatterns = sizeof PATTERNS / sizeof *PATTERNS,
        .currencies = CURRENCIES,
        .scales = SCALES,
        .units = UNITS,
        .months = {"जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त",
                "सितंबर", "अक्टूबर",
                "नवंबर", "दिसंबर"},
        .month_marks = {"जनवरी जन. Jan January", "फ़रवरी फ़रवरी फरवरी Feb February",
                "मार्च Mar March",
                "अप्रैल Apr April", "मई May", "जून Jun June", "जुलाई Jul July", "अगस्त Aug August",
                "सितंबर सितम्बर Sep Sept September", "अक्टूबर अक्तूबर Oct October",
                "नवंबर नवम्बर Nov November", "दिसंबर दिसम्बर Dec December"},
        .percent = "प्रतिशत",
        .per = NULL,
        .minus = "माइनस",
        .plus = "प्लस",
        .and_part = " ",
        .between = " से ",
        .behind = "",
        .dot = " डॉट ",
        .slash = " स्लैश ",
        .hyphen = " हाइफ़न ",
        .underscore = " अंडरस्कोर ",
        .arobase = " ऐट ",
        .ending = "आख़िरी अंक",
        .number = "नंबर",
        .endings = "अंक अंकों अंतिम आखिरी आख़िरी",
        .code_cues = "कोड ओटीपी पिन पासवर्ड पासकोड पिनकोड otp code pin password",
        .account_cues =
                "खाता खाते खाता-संख्या कार्ड पॉलिसी संदर्भ रेफ़रेंस पीएनआर आधार शिकायत account "
                        "a/c card "
                "ref pnr",
        .number_cues = "नंबर नम्बर संख्या क्रमांक आईडी no no. number id",
        .phone_cues = "कॉल फ़ोन फोन डायल मोबाइल हेल्पलाइन संपर्क व्हाट्सऐप call dial phone mobile",
        .links = "है हैं का की के को नंबर नम्बर संख्या पर में आपका आपके आपकी यह ये करें : no no. "
                "number",
        .code_follows = "आपका आपकी यह है ही एक is",
        .flight_cues = "उड़ान उड़ान फ़्लाइट फ्लाइट ट्रेन गाड़ी flight train",
        .call_follows = "पर को या और",
        .year_cues =
                "सन सन् साल वर्ष जनवरी फ़रवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर "
                        "अक्टूबर नवंबर दिसंबर",
        .year_follows = "में का की के तक से",
        .hours = NULL,
        .say_time = say_time,
        .say_ordinal = say_ordinal};
