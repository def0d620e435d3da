/* What the files of drydial graph share. */
#ifndef DD_CLI_GRAPHING_H
#define DD_CLI_GRAPHING_H

#include "cli/cli.h"
#include "report/graph.h"

/* The findings of the rules by step, as struct dd_graph wants them; texts and list live in `arena`.
 */
struct dd_graph_finding *dd_cli_graph_findings(
        const struct dd_program *program, struct dd_tts tts, struct dd_arena *arena, size_t *n);

#endif
