/* Days of the week as files say them. */
#ifndef DD_DOC_DAYS_H
#define DD_DOC_DAYS_H

#include "doc/read.h"

/* "mon", "mon-fri", "sat-mon", "all": a set of weekdays, bit 0 is Monday; 0 for another text. */
uint8_t dd_weekdays_of(struct dd_str text);
/* One of those, or a list of them; what does not fit is reported. */
uint8_t dd_read_days(struct dd_reader *r, const struct dd_node *node);

#endif
