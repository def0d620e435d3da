/* Texts as they are heard, for the rules that judge words and numbers. */
#include "check/checking.h"

static bool add_part(const struct dd_program *p, const struct dd_segment *g, uint32_t part,
        struct dd_values values, struct dd_arena *arena, struct dd_filled *one,
        struct dd_filled *all)
{
	if (dd_spoken_fill(p, g->text, part, part + 1, values, arena, one, NULL, NULL) != DD_OK ||
	        all->n + one->n > DD_TEXT_BYTES_MAX)
		return false;
	for (size_t i = 0; i < one->nfixed; i++)
		all->fixed[all->nfixed++] =
		        (struct dd_stretch){one->fixed[i].from + all->n, one->fixed[i].to + all->n};
	memcpy(all->text + all->n, one->text, one->n);
	all->n += one->n;
	return true;
}

/* Part by part, to know where each begins. */
static bool fill_parts(const struct dd_program *p, const struct dd_segment *g,
        struct dd_values values, struct dd_arena *arena, struct dd_filled *all, size_t *ends)
{
	const struct dd_template *t = &p->templates[g->text];
	struct dd_filled one;
	all->n = all->nfixed = 0;
	all->fixed = dd_arena_alloc(arena, (t->n + 1) * sizeof *all->fixed);
	for (uint32_t k = 0; k < t->n; k++) {
		if (!add_part(p, g, k, values, arena, &one, all))
			return false;
		ends[k] = all->n;
	}
	return true;
}

bool check_hear(const struct dd_program *p, const struct dd_segment *g, struct dd_values values,
        struct dd_arena *arena, struct check_heard *out)
{
	const struct dd_template *t = &p->templates[g->text];
	struct dd_filled f;
	struct dd_xml_fault fault;
	size_t *ends = NULL;
	bool fits;
	if (t->ssml) {
		fits = dd_spoken_fill(p, g->text, 0, UINT32_MAX, values, arena, &f, NULL, NULL) ==
		        DD_OK;
	} else {
		ends = dd_arena_alloc(arena, (t->n + 1) * sizeof *ends);
		fits = fill_parts(p, g, values, arena, &f, ends);
	}
	out->ends = ends;
	return fits &&
	        dd_spoken_read(arena, &p->voices[g->voice], (struct dd_str){f.text, f.n}, t->ssml,
	                f.fixed, f.nfixed, &out->spoken, &fault);
}

static struct dd_str example_of(void *self, uint32_t slot)
{
	return check_value(self, slot);
}

bool check_hear_example(
        const struct dd_checking *c, const struct dd_segment *g, struct check_heard *out)
{
	return check_hear(
	        c->program, g, (struct dd_values){(void *)(uintptr_t)c, example_of}, c->arena, out);
}

bool check_left_to_voice(
        const struct check_heard *heard, uint32_t part, size_t *at, struct dd_str *piece)
{
	size_t from = part ? heard->ends[part - 1] : 0, to = heard->ends[part];
	const struct dd_aloud *aloud = &heard->spoken.aloud;
	from = *at > from ? *at : from;
	for (size_t i = 0; i < aloud->n; i++) {
		struct dd_stretch s = aloud->list[i].at;
		if (s.to <= from)
			continue;
		if (s.from > from) {
			to = s.from < to ? s.from : to;
			break;
		}
		from = s.to;
	}
	if (from >= to)
		return false;
	*piece = (struct dd_str){heard->spoken.words.p + from, to - from};
	*at = to;
	return true;
}

uint32_t check_part_at(const struct check_heard *heard, size_t at)
{
	uint32_t part = 0;
	while (heard->ends[part] <= at)
		part++;
	return part;
}
