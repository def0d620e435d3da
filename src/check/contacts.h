/* Every message as every contact will hear it: a list of contacts fills in the flow's variables,
   line by line.

   A list is longer than there is time to speak every message of it. What repeats is therefore
   spoken once: each message whole with the first contact's values, each other value in the words
   around it (the word before, the word after, the stop). The difference to the first contact's
   value is what it adds. Such an estimate is good to DD_CONTACT_MARGIN_MS; every message that is
   closer than that to a limit, or over one, and those that may be the longest are spoken whole and
   measured exactly. In a list of up to DD_CONTACTS_EXACT contacts every message is.

   A shard looks at every N-th contact only. It reads the whole list all the same, for the lines'
   numbers and for the first contact, to whom all shards compare; so an estimate is the same in
   whichever shard it is made, and shards add up to the whole (check/contacts_shards.h). */
#ifndef DD_CHECK_CONTACTS_H
#define DD_CHECK_CONTACTS_H

#include "base/shard.h"
#include "check/check.h"
#include "list/numbering.h"

enum {
	DD_CONTACT_MARGIN_MS = 300,
	DD_CONTACTS_EXACT = 1000,
	DD_CONTACT_BARS = 61, /* of a histogram: 0 s, 1 s … 59 s, and longer */
	DD_CONTACT_LONG = 32, /* so many of each message are measured whole since they are longest
	                         by estimate */
};

/* Something is wrong with a line of the list. */
struct dd_contact_finding {
	uint64_t line;
	enum dd_severity severity;
	const char *code, *message; /* good for the call only */
	struct dd_str text;         /* the message it is about; empty: none */
	const char *file; /* the flow's, and the line in it; NULL: it is not about a step */
	uint32_t flow_line;
	dd_ms ms; /* the message's length; -1: it is not about one */
};

/* A message that may be the longest of its kind. */
struct dd_contact_long {
	uint64_t frames; /* by estimate */
	uint64_t line;
	dd_ms ms;   /* measured; -1: it could not be */
	char *text; /* from malloc */
};

/* One prompt, or the text of one SMS, over all contacts. */
struct dd_contact_message {
	uint32_t step;
	const char *file, *id; /* of the step; id NULL: none */
	uint32_t line;
	enum dd_applet applet;
	const char *name;        /* "this message", "this menu's prompt", "this SMS" */
	bool varies;             /* some contact has other words than the next */
	bool sms;                /* what follows counts segments, not milliseconds */
	dd_ms shortest, longest; /* of equal ones the first in the list */
	uint64_t longest_line;
	char *longest_text; /* from malloc; NULL: no contact yet */
	uint64_t bars[DD_CONTACT_BARS];
	/* Of a shard: what the longest of the whole list can be told from. */
	struct dd_contact_long
	        exact; /* of those that were measured whole at once; text NULL: none */
	struct dd_contact_long candidates[DD_CONTACT_LONG]; /* those that are longest by estimate */
	size_t ncandidates;
};

struct dd_contacts_tally {
	uint64_t contacts, fine, over, lacking,
	        wrong,      /* nothing of that, but words that cannot be said or sent so */
	        unmeasured, /* nothing of that, but some length is not known: there was no voice */
	        unreadable; /* lines; `over` has a finding of its own about a length */
	uint64_t errors, warnings;
	uint64_t spoken, exact; /* texts that the voice was asked for, and those of them that are
	                           whole messages */
	uint64_t bytes;         /* of the list, so far */
};

struct dd_contacts_options {
	struct dd_check_options check;
	struct dd_shard shard;           /* the contacts that are looked at */
	int fd;                          /* the list */
	const struct dd_numbering *home; /* whose numbers need no calling code; NULL: none's */
	const char *name;                /* its name, for findings about the whole of it */
	void *self;
	void (*found)(void *self,
	        const struct dd_contact_finding *finding); /* in the order of the lines */
	void (*progress)(void *self, const struct dd_contacts_tally *tally); /* NULL: nobody asks */
};

struct dd_contacts {
	struct dd_contact_message *messages;
	size_t nmessages;
	struct dd_contacts_tally tally;
	struct dd_shard shard;
	uint64_t whole; /* of a shard: a digest of what all shards have in common: the list, the
	                   flow, the limits, the voice */
	uint64_t list_findings; /* the first so many findings are about the list itself, and are
	                           found in every shard */
	struct dd_arena *arena;
};

/* Never NULL. A list without a usable first line has a finding at line 1 and no contacts. */
struct dd_contacts *dd_check_contacts(
        const struct dd_program *program, const struct dd_contacts_options *options);
void dd_contacts_free(struct dd_contacts *contacts); /* NULL is fine */

/* The report (contacts_paper.c): what stands behind the findings. */
void dd_contacts_text(
        const struct dd_contacts *contacts, const char *list, bool colour, struct dd_buf *out);
void dd_contacts_finding_text(const struct dd_contact_finding *finding, const char *list,
        bool colour, struct dd_buf *out);
/* `{ "findings": [ …` with one object a line, then the rest. */
void dd_contacts_finding_json(const struct dd_contact_finding *finding, struct dd_buf *out);
void dd_contacts_json(const struct dd_contacts *contacts, const char *list, struct dd_buf *out);

#endif
