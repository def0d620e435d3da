/* What the manuals of the Gather and the Connect applet say of their answers, held to the letter: a
   number in quotes, a key of two characters, a value out of its range make the whole answer
   useless, as the platform checks it against the version of the header Exotel-Version. Fields that
   the manuals do not know are passed over. */
#include "session/by_url.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "call/by_url.h"
#include "doc/json.h"

struct reading {
	struct dd_parsed_reply *out;
	const struct dd_node *root;
	bool failed;
};

/* The first fault is told. */
__attribute__((format(printf, 2, 3))) static void fault(struct reading *r, const char *format, ...)
{
	va_list args;
	if (r->failed)
		return;
	r->failed = true;
	va_start(args, format);
	(void)vsnprintf(r->out->why, sizeof r->out->why, format, args);
	va_end(args);
}

static const struct dd_node *field_of(const struct dd_node *map, const char *name)
{
	const struct dd_node *value = dd_node_value(map, name);
	return value && !dd_node_is_null(value) ? value : NULL;
}

static bool is_word(const struct dd_node *node)
{
	return dd_str_is(node->text, "true") || dd_str_is(node->text, "false");
}

static const char *kind_of(const struct dd_node *node)
{
	return node->kind == DD_LIST   ? "a list"
	        : node->kind == DD_MAP ? "an object"
	        : !node->plain         ? "a text"
	        : is_word(node)        ? "true or false"
	                               : "a number";
}

static bool is_text(const struct dd_node *node)
{
	return node->kind == DD_SCALAR && !node->plain;
}

/* What a person reads of a value that is wrong: its beginning, on one line. */
static const char *shown(const struct dd_node *node, char room[40])
{
	size_t n = 0;
	if (node->kind != DD_SCALAR)
		return kind_of(node);
	for (; n < node->text.n && n < 24; n++) {
		unsigned char c = (unsigned char)node->text.p[n];
		room[n] = (char)(c < 0x20 || c >= 0x7F ? '?' : c);
	}
	(void)snprintf(room + n, 40 - n, "%s", node->text.n > n ? "..." : "");
	return room;
}

static void whole_number(struct reading *r, const char *name, long low, long high)
{
	const struct dd_node *node = field_of(r->root, name);
	char room[40];
	long number;
	if (!node)
		return;
	if (node->kind == DD_SCALAR && !node->plain &&
	        dd_whole_number(node->text, low, high, &number))
		fault(r, "%s is \"%s\", a text: write the number without quotes", name,
		        shown(node, room));
	else if (node->kind != DD_SCALAR || !node->plain || is_word(node))
		fault(r, "%s is %s, and must be a whole number from %ld to %ld", name,
		        kind_of(node), low, high);
	else if (!dd_whole_number(node->text, low, high, &number))
		fault(r, "%s is %s, and must be a whole number from %ld to %ld", name,
		        shown(node, room), low, high);
}

static void true_or_false(struct reading *r, const char *name)
{
	const struct dd_node *node = field_of(r->root, name);
	if (node && (node->kind != DD_SCALAR || !node->plain || !is_word(node)))
		fault(r, "%s must be true or false without quotes, and is %s", name, kind_of(node));
}

/* Line breaks and tabs are white space to a voice. */
static bool has_control(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (((unsigned char)text.p[i] < 0x20 && !strchr("\t\n\r", text.p[i])) ||
		        text.p[i] == 0x7F)
			return true;
	return false;
}

static bool is_url(struct dd_str text)
{
	return (text.n > 7 && memcmp(text.p, "http://", 7) == 0) ||
	        (text.n > 8 && memcmp(text.p, "https://", 8) == 0);
}

/* A prompt has words or the address of a recording. */
static void prompt(struct reading *r, const char *name)
{
	const struct dd_node *map = field_of(r->root, name), *text = field_of(map, "text"),
	                     *audio = field_of(map, "audio_url"), *one = text ? text : audio;
	const char *which = text ? "text" : "audio_url";
	if (!map)
		return;
	if (map->kind != DD_MAP)
		fault(r, "%s is %s, and must be an object with text or audio_url", name,
		        kind_of(map));
	else if (text && audio)
		fault(r, "%s has a text and an audio_url: one of the two is said", name);
	else if (!one)
		fault(r, "%s has neither text nor audio_url", name);
	else if (!is_text(one))
		fault(r, "%s.%s is %s, and must be a text", name, which, kind_of(one));
	else if (dd_str_trim(one->text).n == 0)
		fault(r, "%s.%s is empty: nothing would be heard", name, which);
	else if (dd_utf8_count(one->text) > DD_TEXT_CHARS_MAX)
		fault(r, "%s.%s has more than 4,096 characters", name, which);
	else if (has_control(one->text))
		fault(r, "%s.%s holds a control character", name, which);
	else if (audio && !is_url(dd_str_trim(audio->text)))
		fault(r, "%s.audio_url must begin with http:// or https://", name);
}

static void finish(struct reading *r)
{
	const struct dd_node *node = field_of(r->root, "finish_on_key");
	char room[40];
	if (!node)
		return;
	if (!is_text(node))
		fault(r, "finish_on_key is %s: write the key in quotes", kind_of(node));
	else if (node->text.n > 1 || (node->text.n == 1 && dd_key_index(node->text.p[0]) < 0))
		fault(r,
		        "finish_on_key is \"%s\", and must be one key (0 to 9, * or #), or empty "
		        "for none",
		        shown(node, room));
}

static void gather(struct reading *r, const struct dd_passthru *pass)
{
	if (!field_of(r->root, "gather_prompt") && !pass->spare)
		fault(r, "it has no gather_prompt, and the flow no prompt of its own");
	prompt(r, "gather_prompt");
	prompt(r, "repeat_gather_prompt");
	whole_number(r, "max_input_digits", 1, DD_GATHER_DIGITS_MAX);
	finish(r);
	whole_number(r, "input_timeout", 1, 3600);
	whole_number(r, "repeat_menu", 0, 100);
}

/* What can be rung: no blank and no comma inside, as several stand in one value. */
static bool is_number(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7F || text.p[i] == ',')
			return false;
	return text.n > 0 && text.n <= DD_DIAL_NUMBER_BYTES_MAX;
}

static void a_number(struct reading *r, const char *name, const struct dd_node *node)
{
	char room[40];
	if (node && !is_text(node))
		fault(r, "%s is %s: write the number in quotes", name, kind_of(node));
	else if (node && !is_number(dd_str_trim(node->text)))
		fault(r, "%s is \"%s\", which nobody can ring", name, shown(node, room));
}

static void numbers(struct reading *r, const struct dd_passthru *pass)
{
	const struct dd_node *to = field_of(r->root, "destination"),
	                     *list = field_of(to, "numbers");
	if (!list && pass->spare && (!to || to->kind == DD_MAP))
		return;
	if (!to)
		fault(r, "it has no destination: whom is the call to ring?");
	else if (to->kind != DD_MAP || !list)
		fault(r, "destination must be an object with numbers");
	else if (list->kind != DD_LIST)
		fault(r, "destination.numbers is %s, and must be a list", kind_of(list));
	else if (list->n == 0)
		fault(r, "destination.numbers is empty: nobody is rung");
	else if (list->n > DD_DIAL_NUMBERS_MAX)
		fault(r, "destination.numbers has %u numbers, more than %d", list->n,
		        DD_DIAL_NUMBERS_MAX);
	for (uint32_t i = 0; !r->failed && i < list->n; i++)
		a_number(r, "a number of destination.numbers", list->items[i]);
}

/* Of the values beside the numbers only what a call goes by matters; the others must be right. */
static void dial(struct reading *r, const struct dd_passthru *pass)
{
	static const char *const channels[] = {"single", "dual"};
	const struct dd_node *recorded = field_of(r->root, "recording_channels"),
	                     *music = field_of(r->root, "music_on_hold"),
	                     *type = field_of(music, "type"),
	                     *at_once = field_of(field_of(r->root, "parallel_ringing"), "activate");
	true_or_false(r, "fetch_after_attempt");
	numbers(r, pass);
	a_number(r, "outgoing_phone_number", field_of(r->root, "outgoing_phone_number"));
	true_or_false(r, "record");
	if (recorded &&
	        !(is_text(recorded) &&
	                (dd_str_is(recorded->text, channels[0]) ||
	                        dd_str_is(recorded->text, channels[1]))))
		fault(r, "recording_channels must be \"single\" or \"dual\"");
	whole_number(r, "max_ringing_duration", 1, 3600);
	whole_number(r, "max_conversation_duration", 1, DD_TIME_LIMIT_MAX_S);
	if (music && (music->kind != DD_MAP || !type || !is_text(type)))
		fault(r, "music_on_hold must be an object with type, such as default_tone");
	if (at_once && dd_str_is(at_once->text, "true"))
		r->out->note = "parallel_ringing is not simulated: the numbers ring one after the "
		               "other";
	else if (field_of(r->root, "start_call_playback"))
		r->out->note = "start_call_playback is not simulated: nothing is played to who "
		               "answers";
}

static struct dd_str joined(struct dd_arena *arena, const struct dd_node *list)
{
	struct dd_buf all = {0};
	for (uint32_t i = 0; i < list->n; i++) {
		struct dd_str number = dd_str_trim(list->items[i]->text);
		dd_buf_str(&all, i ? "," : "");
		dd_buf_add(&all, number.p, number.n);
	}
	struct dd_str text = {dd_arena_copy(arena, all.p, all.n), all.n};
	dd_buf_free(&all);
	return text;
}

const struct dd_node *dd_by_url_read(struct dd_parsed_reply *out, const struct dd_passthru *pass,
        struct dd_str body, struct dd_str *numbers_joined)
{
	struct dd_diags unasked;
	char where[120];
	struct reading r = {.out = out};
	if (body.n == 0) {
		fault(&r, "it is empty");
	} else if (body.p[0] != '{' || !dd_is_json_or(body, where, sizeof where)) {
		if (body.p[0] != '{')
			fault(&r, "it is no JSON object, which begins with {");
		else
			fault(&r, "it is not JSON: %s", where);
	} else {
		dd_diags_init(&unasked, out->arena);
		r.root = dd_json_read(
		        out->arena, dd_source_new(out->arena, "answer", body), &unasked);
		if (!r.root || unasked.errors)
			fault(&r, "%s", unasked.n ? unasked.items[0].message : "it cannot be read");
		dd_diags_fini(&unasked);
	}
	if (!r.failed && pass->by_url == DD_BY_URL_GATHER)
		gather(&r, pass);
	else if (!r.failed)
		dial(&r, pass);
	if (r.failed) {
		out->note = NULL;
		return NULL;
	}
	*numbers_joined = (struct dd_str){NULL, 0};
	const struct dd_node *list = field_of(field_of(r.root, "destination"), "numbers");
	if (pass->by_url == DD_BY_URL_CONNECT && list)
		*numbers_joined = joined(out->arena, list);
	return r.root;
}

struct answer {
	const struct dd_program *program;
	const struct dd_passthru *pass;
	struct dd_parsed_reply parsed;
};

static struct dd_str value_of_answer(void *self, uint32_t slot)
{
	const struct answer *a = self;
	for (uint32_t i = 0; i < a->pass->nfields; i++) {
		const struct dd_field *field = &a->program->fields[a->pass->first_field + i];
		for (size_t k = 0; field->slot == slot && k < a->parsed.reply.nfields; k++)
			if (dd_str_same(a->parsed.reply.fields[k].name, field->name))
				return a->parsed.reply.fields[k].value;
	}
	return (struct dd_str){NULL, 0};
}

static struct dd_str value_of_none(void *self, uint32_t slot)
{
	(void)self;
	(void)slot;
	return (struct dd_str){NULL, 0};
}

void dd_stub_collect(const struct dd_program *p, uint32_t step, struct dd_collect *out)
{
	const struct dd_ivr *ivr = &p->steps[step].ivr;
	bool usable = false;
	dd_collect_of(ivr, (struct dd_values){NULL, value_of_none}, out);
	if (!ivr->by_url)
		return;
	struct answer a = {.program = p, .pass = &p->steps[step - 1].passthru};
	for (uint32_t i = 0; i < a.pass->nstubs && !usable; i++) {
		const struct dd_stub *s = &p->stubs[a.pass->first_stub + i];
		dd_reply_parse(&a.parsed, p, step - 1, s->status, s->error, s->body);
		usable = !a.parsed.why[0];
		if (usable)
			dd_collect_of(ivr, (struct dd_values){&a, value_of_answer}, out);
		dd_reply_fini(&a.parsed);
	}
}
