/* Diagnostics for machines. */
#ifndef DD_REPORT_DIAGS_H
#define DD_REPORT_DIAGS_H

#include "base/diag.h"

/* {"errors":n,"diagnostics":[{"file","line","column","end_line","end_column","severity","code","message","hint"}]} */
void dd_diags_json(const struct dd_diags *diags, struct dd_buf *out);

#endif
