/* Campaigns that the server runs: what dial.c knows of each, for the API's file. */
#ifndef DD_SERVE_DIAL_H
#define DD_SERVE_DIAL_H

#include "serve/serving.h"

/* A contact on its way. */
enum contact_stage { CONTACT_WAITS, CONTACT_CALLED, CONTACT_AGAIN, CONTACT_OVER };
struct contact {
	int64_t id; /* of its row */
	uint64_t number;
	enum contact_stage stage;
	const char
	        *status; /* static: "completed", "busy" …, "dnd", "invalid"; NULL: not called yet */
	int64_t attempts, failures, due, duration;
	char *digits, *sids; /* what was pressed last; all calls, with commas */
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
	struct dd_calendar *calendar;
	struct contact *contacts;
	uint32_t n, cap, fresh; /* fresh: the first that has not been called */
	struct dd_heap again;
	uint32_t active;
	bool stopped; /* nobody is called any more */
	int64_t free_us, gap_us;
	char *hooks[3]; /* DIAL_HOOK_… */
};
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
/* More numbers; false after a fault. */
bool dial_add_numbers(struct server *s, struct dial *dial, struct dd_str numbers, const char **why);
void dial_set_status(struct server *s, struct dial *dial, const char *status);
/* Whoever has not been reached counts as failed, and it is over. */
void dial_complete(struct server *s, struct dial *dial);
void dial_delete(struct server *s, struct dial *dial);
bool dial_is(const struct dial *dial, const char *status);
/* Takes callbacks of a request in place of those there are; NULL, or which one cannot be used. */
const char *dial_set_hooks(struct dial *dial, const json_t *body);
/* Writes them down. */
void dial_keep_hooks(struct server *s, struct dial *dial);

#endif
