/* Campaigns that the server runs: what dial.c knows of each, for the API's file. */
#ifndef DD_SERVE_DIAL_H
#define DD_SERVE_DIAL_H

#include <assert.h>

#include "serve/serving.h"

/* A contact on its way. */
enum contact_stage { CONTACT_WAITS, CONTACT_CALLED, CONTACT_AGAIN, CONTACT_OVER, CONTACT_HELD };
static_assert((int)CONTACT_HELD == (int)DD_CONTACT_STAGE_LAST, "what the ledger takes for a stage");
struct contact {
	int64_t id; /* of its row */
	uint64_t number;
	enum contact_stage stage;
	const char
	        *status; /* static: "completed", "busy" …, "dnd", "invalid"; NULL: not called yet */
	int64_t attempts, failures, due, duration;
	char *digits, *sids; /* what was pressed last; all calls, with commas */
	char *variables;     /* what a list knows of the contact, as JSON; NULL: nothing */
};

struct dial {
	int64_t id;
	char sid[33];
	char *account, *name, *request;
	const char *status;                              /* static: "Created", "InProgress" … */
	int64_t version, created, updated, began, ended; /* version: 1 or 2 of the API */
	struct dd_arena *arena;
	struct dd_diags diags;
	struct dd_campaign *campaign;
	json_t *root;       /* the request */
	const json_t *body; /* the campaign in it */
	struct app *app;
	char *app_id;
	uint32_t index; /* of the server's dialler; DIAL_OVER: it has nothing to do with it any more
	                 */
	struct contact *contacts;
	uint32_t n, cap;
	uint32_t active; /* calls that are going on */
	bool stopped;    /* nobody is called any more */
	char *hooks[3];  /* DIAL_HOOK_… */
};
#define DIAL_OVER UINT32_MAX
enum { DIAL_HOOK_CALL, DIAL_HOOK_NUMBER, DIAL_HOOK_CAMPAIGN };
extern const char *const DIAL_HOOK_NAMES[3];

struct dial_counts {
	int64_t total, dialed, connected, failed, pending, again, over;
};
struct dial_counts dial_count(const struct dial *dial);
struct dial *dial_find(struct server *s, struct dd_str sid, const char *account);
/* A new one of a request; NULL, and `*why` from malloc: it cannot be. */
struct dial *dial_new(
        struct server *s, const char *account, int64_t version, struct dd_str request, char **why);
/* A campaign that was read from elsewhere than a request, which it then owns; for tests. NULL, and
 * `*why`. */
struct dial *dial_adopt(
        struct server *s, struct dd_campaign *campaign, const char *app, char **why);
/* More numbers; false after a fault. */
bool dial_add_numbers(struct server *s, struct dial *dial, struct dd_str numbers, const char **why);
void dial_set_status(struct server *s, struct dial *dial, const char *status);
/* Whoever has not been reached counts as failed, and it is over. */
void dial_complete(struct server *s, struct dial *dial);
void dial_delete(struct server *s, struct dial *dial);
void dial_pause(struct server *s, struct dial *dial, bool paused);
bool dial_is(const struct dial *dial, const char *status);
/* Takes callbacks of a request in place of those there are; NULL, or which one cannot be used. */
const char *dial_set_hooks(struct dial *dial, const json_t *body);
/* Writes them down. */
void dial_keep_hooks(struct server *s, struct dial *dial);

/* The same campaign by another request: what `changes` says, and else as it was. Until it begins;
 * NULL, and `*why`. `dial` is gone then. */
struct dial *dial_change(struct server *s, struct dial *dial, const json_t *changes, char **why);

/* What a request says (dial_request.c). */
enum { DIAL_NUMBERS_MAX = 5000 };
/* A sentence into `*why`, from malloc; false. */
bool dial_fail(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reads `root` of one that was just made: its flow and its campaign. False, and `*why`. */
bool dial_read(struct server *s, struct dial *dial, char **why);
/* Lists become the numbers of their contacts, so that what is kept says whom it calls. `by_number`
 * gets the contacts. NULL, and `*why`; from malloc. */
char *dial_with_lists(struct server *s, const char *account, struct dd_str request,
        json_t *by_number, char **why);
/* Whether it can be taken on as it was read; false, and `*why`. */
bool dial_is_usable(struct server *s, const struct dial *dial, char **why);
/* The request of before with what changes in it. From malloc. */
char *dial_merged(const struct dial *dial, const json_t *changes);

/* Answers of the platform's second version. */
struct v2_page {
	int64_t offset, limit, total, count;
	json_t *list;
};
json_t *v2_envelope(const struct ask *a);
bool v2_page_begin(struct ask *a, struct v2_page *page);
/* Whether the next of all stands on the page. */
bool v2_page_wants(struct v2_page *page);
/* `summary`, stolen: what stands before a report's page; NULL for none. */
void v2_page_answer(struct ask *a, struct v2_page *page, json_t *summary);

#endif
