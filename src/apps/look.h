/* What is wrong in an application beside its documents: where its menus lead. */
#ifndef DD_APPS_LOOK_H
#define DD_APPS_LOOK_H

#include "apps/crawl.h"

/* Findings about what a crawl has drawn, to `diags`. */
void dd_app_look(const struct dd_program *program, struct dd_diags *diags);
/* Whether a rule of flows (by its name) says something of applications as well. */
bool dd_app_rule(const char *name);

#endif
