/* How findings of rules are printed, whatever they are about. */
#ifndef DD_CLI_FINDINGS_H
#define DD_CLI_FINDINGS_H

#include "check/check.h"
#include "report/diags.h"

/* -- rules ------------------------------------------------------------------ */

enum { DD_CHOICES_MAX = 64 };
struct dd_rule_choices {
	struct dd_rule_choice list[DD_CHOICES_MAX];
	size_t n;
};
/* "NAME=SEVERITY" of --rule; an exit code after a message. */
int dd_cli_choose_rule(
        const struct dd_rules *rules, const char *value, struct dd_rule_choices *out);
/* Prints what a rule means, or all of them ("all"), as text or JSON. The exit code. */
int dd_cli_explain(const struct dd_rules *rules, const char *name, const char *format);

/* -- findings --------------------------------------------------------------- */

/* `print` is NULL for people's text: it alone knows of colours. */
struct dd_findings_format {
	const char *name;
	void (*print)(const struct dd_diags_report *report, struct dd_buf *out);
};
#define DD_FINDINGS_FORMATS "text json sarif github junit"
#define DD_FINDINGS_HELP    "text, json, sarif, github or junit"
/* One of DD_FINDINGS_FORMATS, which the parser of options has seen to. */
const struct dd_findings_format *dd_findings_format(const char *name);
/* `noun`: what the files are, "flow". */
void dd_findings_print(const struct dd_findings_format *format,
        const struct dd_diags_report *report, const char *noun, bool colour, struct dd_buf *out);

struct dd_findings_tally {
	size_t errors, warnings, notes;
};
struct dd_findings_tally dd_findings_tallied(const struct dd_diags *diags);

#endif
