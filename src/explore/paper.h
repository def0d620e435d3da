/* Explorations on paper. */
#ifndef DD_EXPLORE_PAPER_H
#define DD_EXPLORE_PAPER_H

#include "explore/explore.h"

struct dd_explore_style {
	bool colour;
	unsigned columns;
	const char *flow;           /* as the user named it, for the commands */
	uint32_t paths;             /* so many are listed */
	const struct dd_path *show; /* this call alone, choice by choice; NULL: the whole report */
};
void dd_explored_text(const struct dd_explored *explored, const struct dd_explore_style *style,
        struct dd_buf *out);
void dd_explored_json(const struct dd_explored *explored, const struct dd_explore_style *style,
        struct dd_buf *out);

#endif
