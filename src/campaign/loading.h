/* What the loaders of campaigns and audiences share, and nobody else. Each function reports what
 * does not fit, with its place. */
#ifndef DD_CAMPAIGN_LOADING_H
#define DD_CAMPAIGN_LOADING_H

#include "base/csv.h"
#include "campaign/campaign.h"
#include "campaign/weekdays.h"
#include "doc/read.h"

struct campaign_loader {
	struct dd_reader doc;
	struct dd_campaign *campaign;
	const struct dd_campaign_choices *choices;
	struct dd_number_set seen; /* numbers of the lists so far */
	size_t cap_own;            /* of the campaign's own_events */
	bool twice;                /* a number may be called as often as it stands in the list
	                              (call_duplicate_numbers) */
};

/* Lines of a list that are not what they should be: the first of them are told one by one, the rest
 * counted. */
struct list_trouble {
	struct campaign_loader *r;
	const char *path;
	uint64_t n, shown;
};
void list_trouble(struct list_trouble *t, uint64_t line, const char *code, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void list_trouble_end(struct list_trouble *t);
/* Opens a list for reading; -1 after a fault at `span` (an empty one: it was named by the command
 * line). */
int list_open(struct campaign_loader *r, const char *path, struct dd_span span);
/* A fault about the file named at `span`. */
struct dd_diag *list_fault(struct campaign_loader *r, const char *path, struct dd_span span,
        const char *code, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* One more contact, with its flags; false after a fault when there are too many. */
bool list_add(
        struct campaign_loader *r, const char *path, struct dd_span span, struct dd_person person);
void load_contacts(
        struct campaign_loader *r, const char *path, struct dd_span span); /* load_contacts.c */
/* The registers that `node` names, one or several, or the one of the command line. */
void load_dnd(struct campaign_loader *r, struct dd_node *node);
void load_numbers(struct campaign_loader *r, struct dd_node *node, const char *what);
/* What the rule of the event that was chosen says instead of the campaign; NULL: nothing. */
void load_own_trigger(const struct campaign_loader *r, const struct dd_node *triggers,
        struct dd_node **flow, struct dd_node **start, struct dd_node **end);
/* A window of the day in place of the schedule's. Either may be NULL: nothing is said. */
void load_daily(struct campaign_loader *r, const struct dd_node *start, const struct dd_node *end);
void load_triggers(struct campaign_loader *r, const struct dd_node *node); /* load_triggers.c */
void load_schedule(struct campaign_loader *r, const struct dd_node *node); /* load_schedule.c */
void load_retry(struct campaign_loader *r, const struct dd_node *node);    /* load_retry.c */
void load_retries(struct campaign_loader *r, const struct dd_node *node);

/* The defaults where `node` is NULL, else what it says in their place. `program` may be NULL: then
 * nobody can say which steps there are. */
struct dd_audience *load_audience(
        struct dd_reader *doc, const struct dd_node *node, const struct dd_program *program);
/* The same from a file; NULL after a fault in it, or at `span` of `doc` when it cannot be read. */
struct dd_audience *load_audience_file(struct dd_reader *doc, const char *path, struct dd_span span,
        const struct dd_program *program);

#endif
