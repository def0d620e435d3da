/* The table of the rules, made of rules.def and the flows in tests/rules. */
#include "base/embed.h"
#include "check/checking.h"

#define RULE(id, name, ...) \
	DD_EMBED(bad_##id, "tests/rules/" name "/bad.yaml"); \
	DD_EMBED(good_##id, "tests/rules/" name "/good.yaml");
#include "check/rules.def"
#undef RULE

#define SETTINGS(...) \
	{ \
		__VA_ARGS__ \
	}
#define RULE(id, name, severity, title, meaning, origin, settings) \
	{name, severity, title, meaning, origin, settings, bad_##id, good_##id},
static const struct dd_rule RULES[] = {
#include "check/rules.def"
};
#undef RULE
const struct dd_rules DD_FLOW_RULES = {"check", RULES, sizeof RULES / sizeof *RULES};

#define RULE(id, ...) rule_##id,
void (*const CHECK_LOOKS[])(struct dd_checking *c) = {
#include "check/rules.def"
};
#undef RULE
