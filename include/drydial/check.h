/* The rules: what is wrong or risky in a program that runs. */
#ifndef DRYDIAL_CHECK_H
#define DRYDIAL_CHECK_H

#include <drydial/flow.h>
#include <drydial/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Walks every call that can happen and judges it by the rules of flows/RULES.md, as `drydial check`
   does; what the flow says of them (checks:, comments) holds. Lengths are those of `voice`; NULL:
   those of the model (drydial/port.h). What was found goes into `*findings` (drydial/flow.h), to be
   given to dd_findings_free(): DD_OK says that it was looked for, not that nothing is wrong.
   DD_ERR_MEMORY: `*findings` is NULL. */
DD_API enum dd_status dd_program_check(const struct dd_program *program, const struct dd_tts *voice,
        struct dd_findings **findings);

#ifdef __cplusplus
}
#endif

#endif
