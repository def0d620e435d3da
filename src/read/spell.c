/* ICU is opened by the first number that is to be spelled. Its functions carry the number of its
   version in their names (unum_open_72), and so does the library's file; the few that are used here
   are the same in all of them (the C API is stable). So versions are tried until one is there, and
   a program that was built on one machine runs on the next. docs/decisions/spelling-out.md. */
#include "read/spell.h"

#include <pthread.h>
#include <stdio.h>

#include "base/library.h"
#include "read/aloud.h"

typedef struct UNumberFormat UNumberFormat;

/* unicode/unum.h */
enum { UNUM_SPELLOUT = 5, UNUM_DEFAULT_RULESET = 6 };
UNumberFormat *unum_open(int style, const uint16_t *pattern, int32_t length, const char *locale,
        void *error, int *status);
void unum_setTextAttribute(
        UNumberFormat *format, int tag, const uint16_t *value, int32_t length, int *status);
int32_t unum_formatDecimal(const UNumberFormat *format, const char *number, int32_t length,
        uint16_t *result, int32_t room, void *position, int *status);

#define FUNCTIONS(X) X(unum_open) X(unum_setTextAttribute) X(unum_formatDecimal)
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} icu;

enum { UNTRIED, THERE, LACKING };
static struct {
	pthread_mutex_t lock;
	int state;
	UNumberFormat *formats[READ_LOCALES][READ_RULES];
	void (*tell)(const char *sentence);
} spell = {.lock = PTHREAD_MUTEX_INITIALIZER};

void dd_aloud_on_lack(void (*tell)(const char *sentence))
{
	spell.tell = tell;
}

static bool open_version(int version)
{
	char file[40], names[3][40];
	(void)snprintf(file, sizeof file, "libicui18n.so.%d", version);
	(void)snprintf(names[0], sizeof names[0], "unum_open_%d", version);
	(void)snprintf(names[1], sizeof names[1], "unum_setTextAttribute_%d", version);
	(void)snprintf(names[2], sizeof names[2], "unum_formatDecimal_%d", version);
	const char *const files[] = {file, NULL};
	const struct dd_symbol symbols[] = {{names[0], &icu.unum_open},
	        {names[1], &icu.unum_setTextAttribute}, {names[2], &icu.unum_formatDecimal},
	        {NULL, NULL}};
	return dd_library_open(files, symbols, NULL) == DD_OK;
}

/* Debian 12 and 13 and Ubuntu 22.04 and 24.04 first. */
static bool open_any(void)
{
	static const int usual[] = {72, 76, 70, 74};
	enum { OLDEST = 60, NEWEST = 90 };
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (open_version(usual[i]))
			return true;
	for (int version = NEWEST; version >= OLDEST; version--)
		if (open_version(version))
			return true;
	return false;
}

static bool is_there(void)
{
	if (spell.state == UNTRIED) {
		spell.state = open_any() ? THERE : LACKING;
		if (spell.state == LACKING && spell.tell)
			spell.tell(
			        "amounts, dates and numbers are left to the voice: the library ICU "
			        "(libicui18n) is not installed; tools/install-deps names its "
			        "package");
	}
	return spell.state == THERE;
}

static const char *const LOCALES[READ_LOCALES] = {"en_IN", "en", "hi", "ta"};

static UNumberFormat *format_of(enum read_locale locale, enum read_rule rule)
{
	static const char *const rules[READ_RULES][READ_LOCALES] = {
	        [READ_ORDINAL] = {"%spellout-ordinal", "%spellout-ordinal",
	                "%spellout-ordinal-masculine", "%spellout-ordinal"},
	        [READ_YEAR] = {"%spellout-numbering-year", "%spellout-numbering-year",
	                "%spellout-numbering-year", "%spellout-numbering-year"}};
	UNumberFormat **at = &spell.formats[locale][rule];
	int status = 0;
	if (*at)
		return *at;
	UNumberFormat *format =
	        icu.unum_open(UNUM_SPELLOUT, NULL, 0, LOCALES[locale], NULL, &status);
	if (status > 0 || !format)
		return NULL;
	uint16_t name[40];
	int32_t n = 0;
	for (const char *p = rules[rule][locale]; p && *p; p++)
		name[n++] = (uint16_t)*p;
	if (n)
		icu.unum_setTextAttribute(format, UNUM_DEFAULT_RULESET, name, n, &status);
	return status > 0 ? NULL : (*at = format);
}

/* UTF-16; soft hyphens say nothing. */
static void put_words(const uint16_t *text, int32_t n, struct dd_buf *out)
{
	enum { SOFT_HYPHEN = 0xAD };
	for (int32_t i = 0; i < n; i++)
		if (text[i] != SOFT_HYPHEN)
			dd_buf_codepoint(out, text[i]);
}

bool read_spell(
        enum read_locale locale, enum read_rule rule, const char *number, struct dd_buf *out)
{
	enum { MOST = 600 };
	uint16_t words[MOST];
	int status = 0;
	int32_t n = 0;
	(void)pthread_mutex_lock(&spell.lock);
	UNumberFormat *format = is_there() ? format_of(locale, rule) : NULL;
	if (format)
		n = icu.unum_formatDecimal(
		        format, number, (int32_t)strlen(number), words, MOST, NULL, &status);
	(void)pthread_mutex_unlock(&spell.lock);
	if (!format || status > 0 || n <= 0 || n > MOST)
		return false;
	for (int32_t i = 0; i < n; i++) /* past its rules ICU writes digits */
		if (words[i] < 0x80 && words[i] >= '0' && words[i] <= '9')
			return false;
	put_words(words, n, out);
	return true;
}
