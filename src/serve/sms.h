/* Text messages, for the server's files that send them. */
#ifndef DD_SERVE_SMS_H
#define DD_SERVE_SMS_H

#include "serve/calls.h"
#include "serve/sheet.h"

enum { SMS_BULK_MAX = 100 };

/* What becomes of a message, in the platform's codes. Those of DLT are 23080 to 23083. */
enum {
	SMS_DELIVERED = 20005,
	SMS_SUBMITTED = 20006,
	SMS_PENDING = 21010,
	SMS_DND = 23005,
	SMS_BAD_NUMBER = 23010,
	SMS_EXPIRED = 23020,
	SMS_BAD_SENDER = 23072,
	SMS_DLT_ENTITY = 23080,
	SMS_DLT_TEMPLATE = 23081,
	SMS_DLT_TEXT = 23082,
	SMS_DLT_VARIABLE = 23083
};

struct sms {
	const char *account, *call; /* call: the sid of the one whose flow sends it; NULL: none */
	const char *sender, *to, *text;
	const char *entity, *template_id, *custom_field, *hook; /* NULL: none */
	const char *hook_type; /* of hooks_form(); NULL: urlencoded, as the platform's */
	bool promotional, of_flow;
	int64_t at; /* when it is sent; 0: now */
};
/* Keeps it and lets it go its way. Its row's id. */
int64_t sms_send(struct server *s, const struct sms *message, char sid[33]);
const char *sms_status(const struct dd_message_record *message);
const char *sms_detail(const struct dd_message_record *message);

#endif
