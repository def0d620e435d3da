/* What the loaders of laws, campaigns and audiences share, and nobody else. Each function reports what does not fit, with its place. */
#ifndef DD_CAMPAIGN_LOADING_H
#define DD_CAMPAIGN_LOADING_H

#include "campaign/campaign.h"
#include "flow/load.h"

/* -- scalars (loading.c) ----------------------------------------------------------------------------------------------------- */

bool load_is_map(struct dd_loader *l, const struct dd_node *node, const char *what, const char *wanted);
/* One of some words, in any case: its index, or `otherwise` after a fault. */
int load_word(struct dd_loader *l, const struct dd_node *node, const char *what, const char *const *words, int n, int otherwise);
/* "09:00" to "23:59", or to "24:00", as milliseconds of the day. */
bool load_clock(struct dd_loader *l, const struct dd_node *node, const char *what, bool may_be_24, int32_t *ms);
/* "mon", "mon-fri", "sat-mon", "all": a set of weekdays; 0 for another text. */
uint8_t load_days_of(struct dd_str text);
/* One of those, or a list of them. */
uint8_t load_days(struct dd_loader *l, const struct dd_node *node);
/* A copy; NULL where there is none. */
const char *load_text_copy(struct dd_loader *l, const struct dd_node *node, const char *what);
int load_int(struct dd_loader *l, const struct dd_node *node, const char *what, long low, long high, int otherwise);
/* A number with or without decimals. */
void load_real(struct dd_loader *l, const struct dd_node *node, const char *what, double low, double high, double *out);
/* "40%" or 0.4, from 0 to 1. */
void load_share(struct dd_loader *l, const struct dd_node *node, const char *what, double *out);
bool load_share_of(struct dd_str text, double *out);
/* A number with decimals, and nothing else. */
bool load_real_of(struct dd_str text, double *out);
/* "2025-01-26" */
bool load_date(struct dd_loader *l, const struct dd_node *node, const char *what, struct dd_date *out);
/* A fault with "did you mean …?" when a name is near. */
void load_hint_near(struct dd_loader *l, struct dd_diag *d, struct dd_str text, const char *const *names, size_t n);
/* The items of a list, or the node itself as the only one. */
uint32_t load_items(struct dd_node *const *node, struct dd_node *const **items);
/* `path` as seen from the folder `dir`. */
const char *load_beside(struct dd_arena *arena, const char *dir, const char *path);

#endif
