/* What the loader's files share: the tree of one flow becomes steps of a program. Faults are
   collected; loading goes on to find more. */
#ifndef DD_FLOW_LOAD_H
#define DD_FLOW_LOAD_H

#include "doc/read.h"
#include "flow/program.h"

/* A placeholder that awaits its slot: names may stand before what they name. */
struct dd_wanted {
	uint32_t part;
	uint16_t flow;
	struct dd_str name;
	struct dd_span span;
};

/* A jump that awaits its target. */
struct dd_jump {
	uint32_t step, key, branch_case; /* the last two: DD_NONE where it is none of theirs */
	struct dd_str id;
	struct dd_span span;
};

/* A transfer, or a subflow, that awaits its flow. */
struct dd_visit {
	uint32_t step;
	bool run;
	const char *path;
	const struct dd_source *source;
	struct dd_span span;
};

struct dd_loader {
	struct dd_reader doc; /* its source: the flow at hand */
	struct dd_program *program;
	/* the flow at hand */
	uint16_t flow;
	uint32_t voice; /* its default */
	const struct dd_overlay *overlays;
	size_t noverlays;
	DD_ARRAY(struct dd_wanted, wanted);
	DD_ARRAY(struct dd_jump, jumps);
	DD_ARRAY(struct dd_visit, visits); /* of all flows */
	bool too_many_steps;
};

/* Prompts and templates (load_prompt.c). */
enum dd_template_use { DD_USE_SPEECH, DD_USE_TEXT, DD_USE_URL, DD_USE_PATH, DD_USE_JSON };
uint32_t dd_load_template(struct dd_loader *l, const struct dd_node *node, const char *what,
        enum dd_template_use use);
uint32_t dd_load_prompt(struct dd_loader *l, const struct dd_node *node, const char *what);
/* A JSON document with templates in its texts. */
uint32_t dd_load_json(struct dd_loader *l, const struct dd_node *node);
/* A prompt given by the keys of a mapping that has others as well. */
struct dd_prompt_keys {
	struct dd_node *text, *audio, *url, *stand_in, *voice, *stub, *length, *prompt;
	bool known; /* no key of the mapping was unknown */
};
uint32_t dd_load_prompt_keys(struct dd_loader *l, const struct dd_node *map,
        const struct dd_prompt_keys *keys, const char *what);
uint32_t dd_load_voice(struct dd_loader *l, const struct dd_node *node, uint32_t base);
/* Of a part of a flow: "hi-IN", or a mapping; the rest is as it is around it. */
uint32_t dd_load_part_voice(struct dd_loader *l, const struct dd_node *node);
void dd_load_stubs(struct dd_loader *l, const struct dd_node *node, uint32_t *first, uint32_t *n);
/* The same for somebody who is rung: outcome, ring, talk. */
void dd_load_parties(struct dd_loader *l, const struct dd_node *node, uint32_t *first, uint32_t *n);
/* Finds the slot of every wanted placeholder, when all flows are loaded. */
void dd_load_resolve(struct dd_loader *l);

/* Steps (load_steps.c). The first step of the list, or `after` when it is empty. */
uint32_t dd_load_steps(struct dd_loader *l, const struct dd_node *list, uint32_t after);
void dd_load_jumps(struct dd_loader *l);
/* The steps of a mapping that may have a voice of its own (NULL: it has none). */
uint32_t dd_load_part(struct dd_loader *l, const struct dd_node *steps, const struct dd_node *voice,
        uint32_t after);
/* Remembers a jump for when all ids are known. */
void dd_load_want_jump(struct dd_loader *l, const struct dd_node *node, uint32_t step, uint32_t key,
        uint32_t branch_case);
/* Whether a call could run a subflow inside itself without end: faults, when all flows are loaded.
 */
void dd_load_circles(struct dd_loader *l);

/* Applets that decide (load_decide.c), and those in which somebody speaks (load_people.c). `next`
   is the step behind them. */
void dd_load_branch(struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next);
void dd_load_set(struct dd_loader *l, const struct dd_node *node, uint32_t index);
void dd_load_hours(struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next);
void dd_load_connect(
        struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next);
void dd_load_record(struct dd_loader *l, const struct dd_node *node, uint32_t index);
/* Applets by URL (load_url.c): whether this one is; what asks for a menu, for a connect. `index` is
   the applet itself, the step before it asks. `otherwise`: the menu has steps for it. */
bool dd_load_is_by_url(int applet, const struct dd_node *node);
void dd_load_gather(
        struct dd_loader *l, const struct dd_node *collect, uint32_t index, bool otherwise);
void dd_load_dial(struct dd_loader *l, const struct dd_node *to, uint32_t index);
/* The slot "ID.what" of the flow at hand. */
uint32_t dd_load_step_slot(struct dd_loader *l, struct dd_str name);
/* "/…/" as a pattern of the program; NULL after a fault. */
const struct dd_pattern *dd_load_pattern(
        struct dd_loader *l, const struct dd_node *node, const char *what);
bool dd_load_is_variable(struct dd_str name);
/* Whether a token names an id: a letter, then letters, digits, _ and -. */
bool dd_load_is_id(struct dd_str text);

#endif
