/* One call of a walk, choice by choice; for the room's papers, since it speaks of jansson. */
#ifndef DD_EXPLORE_SHOW_H
#define DD_EXPLORE_SHOW_H

#include "explore/explore.h"
#include "report/json.h"

void dd_explored_show(const struct dd_explored *explored, const struct dd_path *path,
        unsigned columns, struct dd_buf *out);
json_t *dd_explored_show_json(const struct dd_explored *explored, const struct dd_path *path);

#endif
