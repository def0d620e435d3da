/* Assumptions about people, in a campaign's file or a file of their own. */
#include <string.h>

#include "campaign/loading.h"

struct dd_audience *load_audience(struct dd_loader *l, const struct dd_node *node, const struct dd_program *program)
{
	(void)node;
	(void)program;
	return dd_audience_default(l->arena);
}

struct dd_audience *load_audience_file(struct dd_loader *l, const char *path, struct dd_span span, const struct dd_program *program)
{
	(void)path;
	(void)span;
	return load_audience(l, NULL, program);
}
