/* What the loaders of laws, campaigns and audiences share, and nobody else. Each function reports
 * what does not fit, with its place. */
#ifndef DD_CAMPAIGN_LOADING_H
#define DD_CAMPAIGN_LOADING_H

#include "base/csv.h"
#include "campaign/campaign.h"
#include "flow/load.h"

/* -- scalars (loading.c) ---------------------------------------------------- */

bool load_is_map(
        struct dd_loader *l, const struct dd_node *node, const char *what, const char *wanted);
/* One of some words, in any case: its index, or `otherwise` after a fault. */
int load_word(struct dd_loader *l, const struct dd_node *node, const char *what,
        const char *const *words, int n, int otherwise);
/* "09:00" to "23:59", or to "24:00", as milliseconds of the day. */
bool load_clock(struct dd_loader *l, const struct dd_node *node, const char *what, bool may_be_24,
        int32_t *ms);
/* "mon", "mon-fri", "sat-mon", "all": a set of weekdays; 0 for another text. */
uint8_t load_days_of(struct dd_str text);
/* One of those, or a list of them. */
uint8_t load_days(struct dd_loader *l, const struct dd_node *node);
/* A copy; NULL where there is none. */
const char *load_text_copy(struct dd_loader *l, const struct dd_node *node, const char *what);
int load_int(struct dd_loader *l, const struct dd_node *node, const char *what, long low, long high,
        int otherwise);
/* A number with or without decimals. */
void load_real(struct dd_loader *l, const struct dd_node *node, const char *what, double low,
        double high, double *out);
/* "40%" or 0.4, from 0 to 1. */
void load_share(struct dd_loader *l, const struct dd_node *node, const char *what, double *out);
bool load_share_of(struct dd_str text, double *out);
/* A number with decimals, and nothing else. */
bool load_real_of(struct dd_str text, double *out);
/* "2025-01-26" */
bool load_date(
        struct dd_loader *l, const struct dd_node *node, const char *what, struct dd_date *out);
/* A fault with "did you mean …?" when a name is near. */
void load_hint_near(struct dd_loader *l, struct dd_diag *d, struct dd_str text,
        const char *const *names, size_t n);
/* The items of a list, or the node itself as the only one. */
uint32_t load_items(struct dd_node *const *node, struct dd_node *const **items);
/* `path` as seen from the folder `dir`. */
const char *load_beside(struct dd_arena *arena, const char *dir, const char *path);

/* -- campaigns -------------------------------------------------------------- */

struct campaign_loader {
	struct dd_loader l;
	struct dd_campaign *campaign;
	const struct dd_campaign_choices *choices;
	struct dd_number_set seen; /* numbers of the lists so far */
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
/* The column called `name` in the first line of a list, or SIZE_MAX. */
size_t list_column(const struct dd_csv_record *first, const char *name);

void load_contacts(
        struct campaign_loader *r, const char *path, struct dd_span span); /* load_contacts.c */
void load_dnd(struct campaign_loader *r, const char *path, struct dd_span span);
void load_numbers(struct campaign_loader *r, struct dd_node *node, const char *what);
void load_triggers(struct campaign_loader *r, const struct dd_node *node); /* load_triggers.c */
void load_schedule(struct campaign_loader *r, const struct dd_node *node); /* load_schedule.c */
void load_retry(struct campaign_loader *r, const struct dd_node *node);    /* load_retry.c */
void load_retries(struct campaign_loader *r, const struct dd_node *node);

/* The defaults where `node` is NULL, else what it says in their place. `program` may be NULL: then
 * nobody can say which steps there are. */
struct dd_audience *load_audience(
        struct dd_loader *l, const struct dd_node *node, const struct dd_program *program);
/* The same from a file; NULL after a fault in it, or at `span` of `l` when it cannot be read. */
struct dd_audience *load_audience_file(struct dd_loader *l, const char *path, struct dd_span span,
        const struct dd_program *program);

#endif
