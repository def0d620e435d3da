/* Text messages as the network counts them. */
#ifndef DD_CALL_SMS_SIZE_H
#define DD_CALL_SMS_SIZE_H

#include "base/text.h"

/* A text as a message: 160 septets of the GSM 7-bit alphabet or 70 units of UCS-2 alone; 153 and 67
   a segment where there are several, since a header joins them (3GPP TS 23.038, 23.040). An escape
   pair (`[`, `€`: two septets) and a surrogate pair (an emoji) are never split between segments
   (TS 23.040, 9.2.3.24.1), so that a segment may stay one short of full. */
struct dd_sms_size {
	unsigned segments;     /* at least 1 */
	struct dd_str foreign; /* the first character that is not in the GSM alphabet, of the text
	                          itself; p NULL: all are */
};
struct dd_sms_size dd_sms_size(struct dd_str text);

/* Appends a clause that names what made a message Unicode: `"`" is not in the basic alphabet`. */
void dd_sms_foreign(struct dd_str character, struct dd_buf *out);

#endif
