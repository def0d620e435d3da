/* Repairs are tried in memory and kept by what check then says. The gravest go first; those of one
   gravity are tried together, and by halves where that goes wrong, so that each is judged and few
   looks are needed. */
#include "check/fix.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/fixing.h"

enum { LOOKS_MAX = 300, BATCH_MAX = 256, NOWHERE = UINT32_MAX };

/* The rules first, then what a text that needs quotes looks like to the loader. */
static const struct {
	const char *code;
	void (*fix)(struct fix_case *c);
} REPAIRS[] = {
        {"otp-digits", fix_otp_digits},
        {"call-drops", fix_call_drops},
        {"words-cut", fix_words_cut},
        {"allow-unused", fix_allow_unused},
        {"yaml-syntax", fix_yaml},
        {"yaml-alias", fix_yaml},
        {"yaml-tag", fix_yaml},
};
enum { NREPAIRS = sizeof REPAIRS / sizeof *REPAIRS };

bool dd_fix_knows(const char *code)
{
	for (size_t i = 0; i < NREPAIRS; i++)
		if (strcmp(REPAIRS[i].code, code) == 0)
			return true;
	return false;
}

/* What a look found, without its arena. */
struct finding {
	uint32_t file, at;
	const char *code;
	enum dd_severity severity;
};
struct seen {
	struct finding *list;
	size_t n, cap;
	uint32_t *files; /* that the flow is made of */
	size_t nfiles, cap_files;
	bool loads, known;
};

struct fixing {
	struct dd_fixes *fixes;
	const char *const *paths;
	struct seen *seen; /* of each path, with the texts as they are */
	size_t npaths, path, looks;
	const struct dd_str *old; /* of each file, while a repair is tried: the text without it */
};

/* A repair and what it is for. */
struct attempt {
	struct fix_repair repair;
	struct finding finding;
};
struct batch {
	struct attempt list[BATCH_MAX];
	size_t n;
};

/* -- files ------------------------------------------------------------------ */

static uint32_t file_of(const struct dd_fixes *f, const char *real)
{
	for (uint32_t i = 0; i < f->nfiles; i++)
		if (strcmp(f->files[i].real, real) == 0)
			return i;
	return NOWHERE;
}

static uint32_t add_file(struct dd_fixes *f, const char *name, const char *real, struct dd_str text)
{
	uint32_t i = file_of(f, real);
	if (i != NOWHERE)
		return i;
	struct dd_str copy = {dd_arena_copy(f->arena, text.p, text.n), text.n};
	DD_PUSH(f->files, f->nfiles, f->cap_files) =
	        (struct dd_fix_file){.name = dd_arena_copy(f->arena, name, strlen(name)),
	                .real = dd_arena_copy(f->arena, real, strlen(real)),
	                .before = copy,
	                .after = copy};
	return f->nfiles - 1;
}

void dd_fix_give(struct dd_fixes *f, const char *path, struct dd_str text)
{
	(void)add_file(
	        f, strcmp(path, "-") == 0 ? "<stdin>" : path, dd_flow_real(f->arena, path), text);
}

void dd_fixes_fini(struct dd_fixes *f)
{
	dd_free(f->files);
	f->files = NULL;
	f->nfiles = f->cap_files = 0;
}

static uint32_t file_of_source(
        struct dd_fixes *f, const struct dd_source *source, struct dd_arena *arena)
{
	const char *name = strcmp(source->name, "<stdin>") == 0 ? "-" : source->name;
	return add_file(f, source->name, dd_flow_real(arena, name), source->text);
}

/* -- looking ---------------------------------------------------------------- */

static void forget(struct seen *seen)
{
	dd_free(seen->list);
	dd_free(seen->files);
	*seen = (struct seen){0};
}

static void remember(struct fixing *x, const struct dd_program *p, const struct dd_diags *diags,
        struct seen *seen)
{
	*seen = (struct seen){.loads = p != NULL, .known = true};
	for (uint32_t i = 0; p && i < p->nflows; i++)
		DD_PUSH(seen->files, seen->nfiles, seen->cap_files) =
		        file_of_source(x->fixes, p->flows[i].source, diags->arena);
	for (size_t i = 0; i < diags->n; i++) {
		const struct dd_diag *d = &diags->items[i];
		uint32_t file =
		        d->source ? file_of_source(x->fixes, d->source, diags->arena) : NOWHERE;
		DD_PUSH(seen->list, seen->n, seen->cap) =
		        (struct finding){file, d->source ? d->span.start : 0, d->code, d->severity};
		if (!p && file != NOWHERE)
			DD_PUSH(seen->files, seen->nfiles, seen->cap_files) = file;
	}
}

static struct dd_program *look_at_repaired(
        struct fixing *x, size_t path, struct dd_diags *diags, struct seen *seen)
{
	struct dd_fixes *f = x->fixes;
	struct dd_overlay *texts = dd_alloc((f->nfiles + 1) * sizeof *texts);
	for (uint32_t i = 0; i < f->nfiles; i++)
		texts[i] = (struct dd_overlay){f->files[i].real, f->files[i].after};
	struct dd_program *p = f->look(f->self, x->paths[path], texts, f->nfiles, diags);
	x->looks++;
	dd_free(texts);
	remember(x, p, diags, seen);
	return p;
}

static void look_again(struct fixing *x, size_t path, struct seen *seen)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	dd_program_free(look_at_repaired(x, path, &diags, seen));
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

/* -- edits ------------------------------------------------------------------ */

struct edits {
	struct fix_edit *list;
	size_t n, cap;
};

static int by_place(const void *a, const void *b)
{
	const struct fix_edit *x = a, *y = b;
	return x->span.start < y->span.start ? -1 : x->span.start > y->span.start;
}

static struct edits edits_of(const struct batch *b, uint32_t file)
{
	struct edits all = {0};
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; b->list[i].repair.file == file && k < b->list[i].repair.n; k++)
			DD_PUSH(all.list, all.n, all.cap) = b->list[i].repair.edits[k];
	if (all.n)
		qsort(all.list, all.n, sizeof *all.list, by_place);
	return all;
}

static struct dd_str apply_edits(
        struct dd_arena *arena, struct dd_str text, const struct edits *edits)
{
	struct dd_buf out = {0};
	size_t at = 0;
	for (size_t i = 0; i < edits->n; i++) {
		const struct fix_edit *e = &edits->list[i];
		dd_buf_add(&out, text.p + at, e->span.start - at);
		dd_buf_add(&out, e->text.p, e->text.n);
		at = e->span.end;
	}
	dd_buf_add(&out, text.p + at, text.n - at);
	struct dd_str result = {dd_arena_copy(arena, out.p ? out.p : "", out.n), out.n};
	dd_buf_free(&out);
	return result;
}

/* Where a byte of the new text was in the old one; of what is new, where it was put. */
static uint32_t place_before(const struct edits *edits, uint32_t at)
{
	int64_t shift = 0;
	for (size_t i = 0; i < edits->n; i++) {
		const struct fix_edit *e = &edits->list[i];
		int64_t start = e->span.start + shift;
		if (at < start)
			break;
		if (at < start + (int64_t)e->text.n)
			return e->span.start;
		shift += (int64_t)e->text.n - (e->span.end - e->span.start);
	}
	return (uint32_t)(at - shift);
}

static bool clash(const struct fix_edit *a, const struct fix_edit *b)
{
	return a->span.start == b->span.start ||
	        (a->span.start < b->span.end && b->span.start < a->span.end);
}

/* Repairs that touch wait for the next round. */
static bool clashes(const struct batch *b, const struct fix_repair *r)
{
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; b->list[i].repair.file == r->file && k < b->list[i].repair.n;
		        k++)
			for (size_t j = 0; j < r->n; j++)
				if (clash(&b->list[i].repair.edits[k], &r->edits[j]))
					return true;
	return false;
}

/* -- judging ---------------------------------------------------------------- */

/* Takes one finding away that is the same; false: there is none. */
static bool cross_off(struct seen *seen, bool *taken, const struct finding *f)
{
	for (size_t i = 0; i < seen->n; i++) {
		const struct finding *s = &seen->list[i];
		if (taken[i] || s->file != f->file || s->at != f->at || s->severity < f->severity ||
		        strcmp(s->code, f->code) != 0)
			continue;
		return taken[i] = true;
	}
	return false;
}

/* In the lines that were touched, anything that is found is ours. */
static bool is_touched(const struct fixing *x, const struct edits *edits, const struct finding *f)
{
	struct dd_str text = x->old[f->file];
	for (size_t i = 0; i < edits->n; i++)
		if (fix_line_start(text, edits->list[i].span.start) ==
		        fix_line_start(text, f->at < text.n ? f->at : (uint32_t)text.n))
			return true;
	return false;
}

static bool is_of_yaml(const struct finding *f)
{
	return strncmp(f->code, "yaml-", 5) == 0;
}

static bool was_yaml(const struct seen *before, uint32_t file)
{
	for (size_t i = 0; i < before->n; i++)
		if (before->list[i].file == file && is_of_yaml(&before->list[i]))
			return false;
	return true;
}

/* Behind a fault of the YAML nothing was read: what shows up there was there before. A file that
   was YAML had no such fault, and gets none. */
static bool was_hidden(const struct fixing *x, const struct batch *b, const struct edits *edits,
        const struct seen *before, const struct finding *f)
{
	if (before->loads || f->file == NOWHERE || b->list[0].finding.file != f->file)
		return false;
	if (is_of_yaml(f) && (f->at <= b->list[0].finding.at || was_yaml(before, f->file)))
		return false;
	return !is_touched(x, edits, f);
}

/* Words that come back from behind a # may say more than the flow does: that was so before. */
static bool was_unsaid(const struct batch *b, const struct finding *f)
{
	static const char *const codes[] = {"announced-key-missing", "key-unheard", "key-order",
	        "key-before-action", "collect-finish", "collect-digits", "unspeakable",
	        "sms-segments"};
	bool cut = false, of_words = false;
	for (size_t i = 0; i < b->n; i++)
		cut |= strcmp(b->list[i].finding.code, "words-cut") == 0;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		of_words |= strcmp(f->code, codes[i]) == 0;
	return cut && of_words;
}

/* Whether the flow is no worse, and (`own`) what was to be repaired is gone. */
static bool is_better(struct fixing *x, const struct batch *b, struct seen *before,
        const struct seen *after, bool own)
{
	bool *taken = dd_alloc(before->n + 1), better = true;
	enum dd_severity limit = b->list[0].finding.severity;
	if (before->loads && !after->loads)
		better = false;
	for (size_t i = 0; i < after->n && better && (before->loads || !after->loads); i++) {
		struct finding f = after->list[i];
		struct edits edits = edits_of(b, f.file);
		f.at = place_before(&edits, f.at);
		better = cross_off(before, taken, &f) || (before->loads && f.severity < limit) ||
		        was_hidden(x, b, &edits, before, &f) || was_unsaid(b, &f);
		dd_free(edits.list);
	}
	for (size_t i = 0; i < b->n && own && better && (before->loads || !after->loads); i++)
		better = cross_off(before, taken, &b->list[i].finding);
	dd_free(taken);
	return better;
}

static bool reaches(const struct seen *seen, const struct batch *b)
{
	for (size_t i = 0; i < seen->nfiles; i++)
		for (size_t k = 0; k < b->n; k++)
			if (b->list[k].repair.file == seen->files[i])
				return true;
	return false;
}

/* Puts the repairs into the texts. What was there before, from malloc, is for undo(). */
static struct dd_str *put_in(struct fixing *x, const struct batch *b, struct dd_arena *arena)
{
	struct dd_fixes *f = x->fixes;
	struct dd_str *old = dd_alloc((f->nfiles + 1) * sizeof *old);
	for (uint32_t i = 0; i < f->nfiles; i++) {
		struct edits edits = edits_of(b, i);
		old[i] = f->files[i].after;
		if (edits.n)
			f->files[i].after = apply_edits(arena, old[i], &edits);
		dd_free(edits.list);
	}
	return old;
}

static void undo(struct fixing *x, const struct dd_str *old, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		x->fixes->files[i].after = old[i];
}

static size_t looks_max(const struct fixing *x)
{
	return x->fixes->looks_max ? x->fixes->looks_max : LOOKS_MAX;
}

static bool is_too_large(const struct dd_fixes *f)
{
	for (uint32_t i = 0; i < f->nfiles; i++)
		if (f->files[i].after.n > DD_FILE_BYTES_MAX)
			return true;
	return false;
}

/* Whether all flows that were named are well with these repairs. */
static bool stands(struct fixing *x, const struct batch *b)
{
	uint32_t n = x->fixes->nfiles;
	struct dd_arena *arena = dd_arena_new();
	struct dd_str *old = put_in(x, b, arena);
	x->old = old;
	bool fine = !is_too_large(x->fixes);
	for (size_t i = 0; i < x->npaths && fine; i++) {
		struct seen after;
		if (i != x->path && !reaches(&x->seen[i], b))
			continue;
		look_again(x, i, &after);
		fine = is_better(x, b, &x->seen[i], &after, i == x->path) &&
		        x->looks < looks_max(x);
		forget(&after);
	}
	undo(x, old, n);
	dd_free(old);
	dd_arena_free(arena);
	return fine;
}

/* Adds to `kept` those of list[from .. from + n) that stand. */
static void settle(
        struct fixing *x, const struct batch *all, size_t from, size_t n, struct batch *kept)
{
	size_t had = kept->n;
	if (n == 0 || x->looks >= looks_max(x))
		return;
	for (size_t i = 0; i < n; i++)
		kept->list[kept->n++] = all->list[from + i];
	if (stands(x, kept))
		return;
	kept->n = had;
	if (n == 1)
		return;
	settle(x, all, from, n / 2, kept);
	settle(x, all, from + n / 2, n - n / 2, kept);
}

static void keep_repairs(struct fixing *x, const struct batch *kept)
{
	dd_free(put_in(x, kept, x->fixes->arena));
	for (size_t i = 0; i < kept->n; i++)
		x->fixes->files[kept->list[i].repair.file].repairs++;
	for (size_t i = 0; i < x->npaths; i++)
		if (i == x->path || reaches(&x->seen[i], kept)) {
			forget(&x->seen[i]);
			look_again(x, i, &x->seen[i]);
		}
}

/* -- gathering -------------------------------------------------------------- */

static void propose(struct fixing *x, const struct dd_program *p, const struct dd_diags *diags,
        size_t index, struct batch *b)
{
	const struct dd_diag *d = &diags->items[index];
	struct attempt a = {.finding = x->seen[x->path].list[index]};
	struct dd_diags quiet;
	if (a.finding.file == NOWHERE || d->span.end > d->source->text.n ||
	        d->span.start >= d->span.end)
		return;
	struct dd_fix_file *file = &x->fixes->files[a.finding.file];
	a.repair.file = a.finding.file;
	dd_diags_init(&quiet, diags->arena);
	struct fix_case c = {diags->arena, diags, d, d->source,
	        dd_yaml_read(diags->arena, d->source, &quiet), p, file->operand, &a.repair};
	dd_diags_fini(&quiet);
	for (size_t i = 0; i < d->nedits; i++)
		fix_edit(&c, d->edits[i].span.start, d->edits[i].span.end, d->edits[i].text);
	for (size_t i = 0; i < NREPAIRS && !d->nedits; i++)
		if (strcmp(REPAIRS[i].code, d->code) == 0 &&
		        (REPAIRS[i].fix == fix_yaml ? !p && !c.root : p && c.root))
			REPAIRS[i].fix(&c);
	if (a.repair.n == 0 || b->n == BATCH_MAX || clashes(b, &a.repair))
		return;
	if (!c.root && !file->readable.p)
		file->readable = file->after;
	b->list[b->n++] = a;
}

/* One round: what can be repaired of one gravity. False: nothing more. */
static bool once(struct fixing *x, enum dd_severity severity)
{
	struct dd_arena *arena = dd_arena_new();
	struct batch *all = dd_alloc(sizeof *all), *kept = dd_alloc(sizeof *kept);
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	forget(&x->seen[x->path]);
	struct dd_program *p = look_at_repaired(x, x->path, &diags, &x->seen[x->path]);
	for (size_t i = 0; i < diags.n; i++)
		if (diags.items[i].severity == severity && diags.items[i].source &&
		        (diags.items[i].nedits || dd_fix_knows(diags.items[i].code)))
			propose(x, p, &diags, i, all);
	settle(x, all, 0, all->n, kept);
	bool made = kept->n > 0;
	if (made)
		keep_repairs(x, kept);
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	dd_free(all);
	dd_free(kept);
	return made;
}

/* -- all -------------------------------------------------------------------- */

static bool is_yaml(const char *name, struct dd_str text)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	bool fine = dd_yaml_read(arena, dd_source_new(arena, name, text), &diags) != NULL;
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return fine;
}

/* Whether what stands where in a file is still wrong: then its lines were not put together as they
 * were meant. A name that nothing has is another matter. */
static bool is_misbuilt(const struct seen *seen, uint32_t file)
{
	static const char *const codes[] = {
	        "unknown-key", "wrong-type", "too-many-keys", "missing-key", "bad-step", "bad-key"};
	for (size_t i = 0; i < seen->n; i++)
		for (size_t k = 0; k < sizeof codes / sizeof *codes; k++)
			if (seen->list[i].file == file && strcmp(seen->list[i].code, codes[k]) == 0)
				return true;
	return false;
}

/* Half a repair is none: a file that still is no YAML, or no flow, stays as it was. */
static bool take_back(struct dd_fixes *f, const struct seen *seen)
{
	bool any = false;
	for (uint32_t i = 0; i < f->nfiles; i++) {
		struct dd_fix_file *file = &f->files[i];
		if (!file->readable.p)
			continue;
		if (!is_yaml(file->name, file->after) || is_misbuilt(seen, i)) {
			file->after = file->readable;
			file->repairs = 0;
			any = true;
		}
		file->readable = (struct dd_str){NULL, 0};
	}
	return any;
}

void dd_fix(struct dd_fixes *f, const char *const *paths, size_t n)
{
	struct fixing x = {.fixes = f,
	        .paths = paths,
	        .seen = dd_alloc((n + 1) * sizeof *x.seen),
	        .npaths = n};
	for (size_t i = 0; i < n; i++)
		look_again(&x, i, &x.seen[i]);
	for (size_t i = 0; i < n; i++) {
		uint32_t file = file_of(f, dd_flow_real(f->arena, paths[i]));
		if (file != NOWHERE)
			f->files[file].operand = true;
	}
	for (x.path = 0; x.path < n; x.path++) {
		x.looks = 0;
		for (int severity = DD_ERROR; severity >= DD_NOTE; severity--)
			while (x.looks < looks_max(&x) && once(&x, (enum dd_severity)severity)) {
			}
		bool stale = take_back(f, &x.seen[x.path]);
		for (size_t i = 0; stale && i < n; i++) {
			forget(&x.seen[i]);
			look_again(&x, i, &x.seen[i]);
		}
	}
	for (size_t i = 0; i < n; i++)
		forget(&x.seen[i]);
	dd_free(x.seen);
}
