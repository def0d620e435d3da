/* Numbers in words, by the spell-out rules of ICU (CLDR's RBNF). */
#ifndef DD_READ_SPELL_H
#define DD_READ_SPELL_H

#include "base/text.h"

enum read_locale { READ_EN_IN, READ_EN, READ_HI, READ_TA, READ_LOCALES };
enum read_rule { READ_CARDINAL, READ_ORDINAL, READ_YEAR, READ_RULES };

/* Appends the words of a decimal number ("150000", "1.5"). False: there is no ICU, or it has no
   words for it; nothing is appended then. */
bool read_spell(
        enum read_locale locale, enum read_rule rule, const char *number, struct dd_buf *out);

#endif
