/* What the files that read scenarios share, and nobody else: a loader of flows, whose program holds
 * only stubs. */
#ifndef DD_SCENARIO_READING_H
#define DD_SCENARIO_READING_H

#include "flow/load.h"
#include "scenario/suite.h"

struct reader {
	struct dd_loader l;
	struct dd_suite *suite;
	struct dd_program scratch;
	struct dd_table *table; /* of the scenario at hand */
};

#define HOUR_MS ((dd_ms)3600 * 1000)
#define ARRAY(r, n, type) \
	((type *)dd_arena_alloc((r)->suite->arena, ((size_t)(n) + 1) * sizeof(type)))

/* Texts and words (suite_script.c). A want is part of the words, or exactly what it says. */
enum want_use { WANT_PART, WANT_WHOLE };
bool suite_want(struct reader *r, const struct dd_node *node, const char *what, enum want_use use,
        struct dd_want *out);
/* A step by its name (suite_script.c): of steps with one name in several flows the first that
 * `fits` (may be NULL) is meant. */
uint32_t suite_step(struct reader *r, const struct dd_node *node, const char *what,
        bool (*fits)(const struct dd_program *, uint32_t));
bool suite_asks(const struct dd_program *program, uint32_t step);

/* Reads a value (suite_cells.c), which may be another one in each row: then `otherwise` is
 * returned, and the table has them. `read` reads a node that is there. */
typedef int64_t (*cell_reader)(struct reader *r, const struct dd_node *node, const char *what);
int64_t suite_cell(struct reader *r, const struct dd_node *node, enum dd_cell cell,
        const char *what, cell_reader read, int64_t otherwise);
/* A duration; at most four hours, an hour, ten minutes. */
int64_t suite_read_ms(struct reader *r, const struct dd_node *node, const char *what);

/* The parts of a scenario (suite_script.c, suite_given.c). */
struct dd_item *suite_script(
        struct reader *r, const struct dd_node *list, const char *what, uint32_t *n);
void suite_expect(struct reader *r, const struct dd_node *node, struct dd_expect *e);
/* Faults on purpose; NULL where there is no node. */
const struct dd_faults *suite_faults(struct reader *r, const struct dd_node *node);
void suite_given(struct reader *r, const struct dd_node *node, struct dd_given *g);
void suite_rows(struct reader *r, const struct dd_node *list, struct dd_table *t);
void suite_rows_file(struct reader *r, const struct dd_node *node, struct dd_table *t);
/* `app` (suite_app.c): the application that is called. False after a fault. */
bool suite_app(struct reader *r, const struct dd_node *node);
void suite_app_free(struct dd_suite_app *app);
/* A path as it is seen from the scenario file. */
const char *suite_beside(struct reader *r, const char *file);

#endif
