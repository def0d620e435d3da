/* What the loader's files share: the tree of one flow becomes steps of a program. Faults are
   collected; loading goes on to find more. */
#ifndef DD_FLOW_LOAD_H
#define DD_FLOW_LOAD_H

#include "doc/read.h"
#include "flow/program.h"

/* A placeholder that awaits its slot: names may stand before what they name. */
struct dd_wanted {
	uint32_t part;
	struct dd_str name;
	struct dd_span span;
};

/* A jump that awaits its target. */
struct dd_jump {
	uint32_t *target_step; /* unused where key is not DD_NONE */
	uint32_t step, key;
	struct dd_str id;
	struct dd_span span;
};

/* A transfer that awaits its flow. */
struct dd_visit {
	uint32_t step;
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
enum dd_template_use { DD_USE_SPEECH, DD_USE_TEXT, DD_USE_URL, DD_USE_PATH };
uint32_t dd_load_template(struct dd_loader *l, const struct dd_node *node, const char *what,
        enum dd_template_use use);
uint32_t dd_load_prompt(struct dd_loader *l, const struct dd_node *node, const char *what);
/* A prompt given by the keys of a mapping that has others as well: text, audio, url, voice, stub,
 * prompt. */
struct dd_prompt_keys {
	struct dd_node *text, *audio, *url, *voice, *stub, *prompt;
	bool known; /* no key of the mapping was unknown */
};
uint32_t dd_load_prompt_keys(struct dd_loader *l, const struct dd_node *map,
        const struct dd_prompt_keys *keys, const char *what);
uint32_t dd_load_voice(struct dd_loader *l, const struct dd_node *node, uint32_t base);
void dd_load_stubs(struct dd_loader *l, const struct dd_node *node, uint32_t *first, uint32_t *n);
/* Finds the slot of every wanted placeholder of the flow. */
void dd_load_resolve(struct dd_loader *l);

/* Steps (load_steps.c). The first step of the list, or `after` when it is empty. */
uint32_t dd_load_steps(struct dd_loader *l, const struct dd_node *list, uint32_t after);
void dd_load_jumps(struct dd_loader *l);
/* Whether a token names an id: a letter, then letters, digits, _ and -. */
bool dd_load_is_id(struct dd_str text);

#endif
