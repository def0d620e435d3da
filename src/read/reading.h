/* A text that is being read: what the patterns share, and nobody else. */
#ifndef DD_READ_READING_H
#define DD_READ_READING_H

#include "read/aloud.h"
#include "read/spell.h"

struct reading;
struct number;

/* A pattern looks at the text from `*at` on. True: it fits up to `*at`, which it has moved, and
   what is said lies in r->out. */
typedef bool read_match(struct reading *r, size_t *at);
struct read_pattern {
	const char *name;
	read_match *match;
};

/* Lists of words in these tables are separated by spaces. Those of `marks` are as they are written,
   those of cues are in small letters. */
struct read_currency {
	const char *marks;                     /* that stand for it: "₹ Rs. Rs INR" */
	const char *names;                     /* its words, which need no reading by themselves */
	const char *one, *many, *part, *parts; /* "rupee", "rupees", "paisa", "paise" */
	bool indian;                           /* counted in lakh and crore */
};
struct read_scale {
	const char *marks, *word;
};
struct read_unit {
	const char *marks, *one, *many;
	bool glued; /* its mark says it only where it touches the number: 500g */
};
enum read_half { READ_NO_HALF, READ_AM, READ_PM };
struct read_time {
	long hour, minute;
	enum read_half half;
	bool hours; /* "14:05 hrs" */
};
/* What belongs to a language. */
struct read_words {
	const char *language;
	enum read_locale locale; /* of numbers, unless they are counted otherwise */
	const struct read_pattern *patterns;
	size_t npatterns;
	const struct read_currency *currencies; /* the first is the rupee; all lists end in NULL */
	const struct read_scale *scales;
	const struct read_unit *units;
	const char *months[12], *month_marks[12];
	const char *percent, *per_annum, *per, *per_what, *minus, *plus;
	const char *and_part;                                    /* between rupees and paise */
	const char *between, *behind;                            /* of a range: " to ", "" */
	const char *dot, *slash, *hyphen, *underscore, *arobase; /* of addresses */
	const char *ending;                                      /* "ending in" */
	const char *number;                                      /* what # says */
	const char *endings;      /* words that say already that the end of a number follows */
	const char *code_cues;    /* whose digits are said one by one: "code otp" */
	const char *account_cues; /* the same, of at least four digits */
	const char *number_cues;  /* "number no. id": of at least three */
	const char *phone_cues;
	const char *links;        /* words between a cue and its number: "is your" */
	const char *code_follows; /* between a number and its cue: "4578 is your code" */
	const char *flight_cues;
	const char *call_follows;             /* words behind a short number that is to be called */
	const char *year_cues, *year_follows; /* before, behind */
	const char *hours;                    /* marks behind a time of 24 hours */
	bool days_are_ordinals;               /* "the twelfth of March"; else "twelve March" */
	/* `first` NULL, or what a range begins with. False: it has no words. */
	bool (*say_time)(struct reading *r, const struct read_time *first,
	        const struct read_time *time, size_t *at);
	read_match *say_ordinal;
};
extern const struct read_words READ_ENGLISH, READ_HINDI, READ_TAMIL;

/* Which entries of a table have a mark that begins with a character: a bit each, by the character's
   low bits. Without it each word of a text would be held against some two hundred marks. */
enum read_table {
	READ_CURRENCIES,
	READ_CURRENCY_NAMES,
	READ_SCALES,
	READ_UNITS,
	READ_MONTHS,
	READ_TABLES
};
enum { READ_ENTRIES = 64 }; /* at most, in a table */
struct read_index {
	uint64_t entries[READ_TABLES][256];
};
/* NULL: it is none of the languages above. Safe in any thread. */
const struct read_index *read_index_of(const struct read_words *words);

enum read_order { READ_DAY_FIRST, READ_MONTH_FIRST, READ_EITHER };
struct reading {
	const struct read_words *w;
	const struct read_index *index; /* of w */
	struct dd_str text;
	const struct dd_stretch *fixed;
	size_t nfixed;
	enum read_order order;   /* of the numbers of a date */
	bool american;           /* how words are spelled */
	enum read_locale locale; /* of numbers that are no rupees */
	struct dd_buf out;
};

/* -- looking (reading.c) ---------------------------------------------------- */

/* The character at `at`, 0 at the end; `*next` (may be NULL) is behind it. */
uint32_t read_peek(const struct reading *r, size_t at, size_t *next);
bool read_is_latin(uint32_t c);
/* The digit of any script at `at`, or -1. */
int read_digit(const struct reading *r, size_t at, size_t *next);
/* Behind up to two spaces. */
size_t read_spaces(const struct reading *r, size_t at);
/* Whether no letter or digit goes on at `at`; letters of another script than Latin are endings of
   words there. */
bool read_ends(const struct reading *r, size_t at);
/* Takes what is there, and moves `*at` behind it. */
bool read_take(const struct reading *r, size_t *at, const char *what);
bool read_take_mark(const struct reading *r, size_t *at, const char *marks);
/* The next entry of a table that may have a mark at `at`: those from `*entry` on, 0 at first, are
   looked at; `*entry` is behind it then. False: there is none. */
bool read_next_entry(const struct reading *r, enum read_table table, size_t at, unsigned *entry);
/* A hyphen or a dash, with a space on both sides or on none. */
bool read_take_dash(const struct reading *r, size_t *at);
/* Up to `most` digits, as ASCII; no more may follow. 0, and "": there are none, or too many. */
size_t read_take_digits(const struct reading *r, size_t *at, char *digits, size_t most);

enum { READ_DIGITS_MAX = 15 };
struct number {
	char text[40]; /* "150000.5" */
	size_t whole;  /* digits before the point */
	size_t decimals;
	bool grouped, indian; /* 1,500; 1,50,000 */
	bool script;          /* in Indian digits */
};
/* A number with or without groups and decimals, that nothing goes on behind: 1,50,000.50. */
bool read_take_number(const struct reading *r, size_t *at, struct number *n);

/* The words before `at` in its sentence, the nearest first; what stands directly before `at`
   ('#', ':', '-' or ' '). */
enum { READ_NEAR = 8 };
struct read_near {
	struct dd_str words[READ_NEAR];
	size_t n;
	char joint;
};
void read_before(const struct reading *r, size_t at, struct read_near *out);
void read_behind(const struct reading *r, size_t at, struct read_near *out);
/* Whether a word is in a list, whatever its case. */
bool read_is_cue(struct dd_str word, const char *list);
/* Whether a cue stands directly before, or before words of `links`. */
bool read_has_cue(const struct read_near *before, const char *cues, const char *links);

/* -- saying (reading.c) ----------------------------------------------------- */

void read_say(struct reading *r, const char *words);
bool read_say_spelled(
        struct reading *r, enum read_locale locale, enum read_rule rule, const char *number);
/* A number, counted as `indian` says, or as it is grouped. */
bool read_say_number(struct reading *r, const struct number *n, bool indian);
bool read_say_long(struct reading *r, long value);
/* Digits one by one, in groups with a comma between. */
bool read_say_digits(struct reading *r, const char *digits, size_t n);
/* Capital letters and digits one by one. */
bool read_say_letters(struct reading *r, struct dd_str code);
/* Of a range: "ten to twelve". */
bool read_say_range(
        struct reading *r, const struct number *from, const struct number *to, bool indian);
/* In which half of the day a range of times begins, of which only the end may say so. */
enum read_half read_first_half(const struct read_time *first, const struct read_time *last);
/* "2025" as a year. */
bool read_say_year(struct reading *r, const char *year);

/* -- patterns, by what they read -------------------------------------------- */

read_match read_address, read_masked, read_iso_date, read_numeric_date, read_worded_date,
        read_clock, read_amount, read_percent, read_telephone, read_code_digits, read_hash,
        read_measure, read_year, read_place, read_flight, read_code, read_always, read_range,
        read_grouped, read_long_number;

#endif
