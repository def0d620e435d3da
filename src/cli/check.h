/* What the files of drydial check share. */
#ifndef DD_CLI_CHECK_H
#define DD_CLI_CHECK_H

#include "base/shard.h"
#include "check/check.h"
#include "cli/cli.h"

/* Every message as each contact of a list will hear it; an exit code. */
int dd_cli_check_contacts(const char *flow, const char *list, const struct dd_check_options *check,
        struct dd_shard shard, const struct dd_numbering *home, struct dd_cli_voice *voice,
        bool json, bool strict, const struct dd_style *style);

#endif
