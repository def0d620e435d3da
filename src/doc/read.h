/* Typed readers over the tree of a document. Each loader (of flows, scenarios, campaigns, laws,
   audiences, serve.yaml) embeds one struct dd_reader and asks it for texts, numbers, words and so
   on; what does not fit becomes a fault at its place, and loading goes on to find more.

   Where nothing else is said: a NULL node is a key that is absent and leaves what `out` holds, the
   default; so does a fault. `what` begins the message: "the time limit", "a rule". Texts are
   borrowed from the tree. */
#ifndef DD_DOC_READ_H
#define DD_DOC_READ_H

#include "base/clock.h"
#include "doc/tree.h"

struct dd_reader {
	struct dd_arena *arena;
	struct dd_diags *diags;
	const struct dd_source *source;
};

/* -- a whole document ------------------------------------------------------- */

/* The root of the file at `path` ("-": standard input), which becomes the reader's source; NULL
   after a fault, which is called "unreadable" where there is no such file. */
const struct dd_node *dd_read_file(struct dd_reader *r, const char *path);
/* The root of the reader's source. */
const struct dd_node *dd_read_source(struct dd_reader *r);

/* -- faults ----------------------------------------------------------------- */

struct dd_diag *dd_read_fault(struct dd_reader *r, const char *code, struct dd_span span,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
/* "X must be …, not …" */
void dd_read_wrong_kind(
        struct dd_reader *r, const struct dd_node *node, const char *what, const char *wanted);
/* Adds "did you mean …?" when a name is near to `text`; false when none is. */
bool dd_hint_near(struct dd_diags *diags, struct dd_diag *d, struct dd_str text,
        const char *const *names, size_t n);

/* Adds "write it like this: …" with what stands from `start` to `end` of the source between
 * `before` and `behind`, cut where it is long. */
void dd_hint_like(struct dd_reader *r, struct dd_diag *d, const char *before, uint32_t start,
        uint32_t end, const char *behind);
/* "{name}" where a text was to begin: a mapping of that name to nothing. */
bool dd_read_is_placeholder(const struct dd_reader *r, const struct dd_node *node);
/* Key `i` of a mapping in brackets, whose value was left out, is the rest of the text before it:
 * then a fault says so, once a text. */
bool dd_read_rest_of(struct dd_reader *r, const struct dd_node *map, uint32_t i, const char *code);
/* A plain text that a comma ended too early, since it stands in brackets: `rest`, which follows
   `text`, was to be part of it. Such a fault has its repair. */
bool dd_read_is_rest(
        const struct dd_reader *r, const struct dd_node *text, const struct dd_node *rest);
void dd_read_comma(struct dd_reader *r, struct dd_diag *d, const struct dd_node *text,
        const struct dd_node *rest);
/* The same of a plain text whose first `n` bytes were to be a key: "sms:Bye". */
void dd_read_glued(struct dd_reader *r, struct dd_diag *d, const struct dd_node *node, size_t n);

/* -- mappings --------------------------------------------------------------- */

/* The keys that a mapping may have. */
struct dd_keys {
	const char *what; /* "a greeting" */
	const char *const *names;
	size_t n;
};
#define DD_KEYS(what, names) ((struct dd_keys){what, names, sizeof(names) / sizeof *(names)})

/* Whether the node is a mapping; if not, a fault says that `wanted` is. */
bool dd_read_is_map(
        struct dd_reader *r, const struct dd_node *node, const char *what, const char *wanted);
/* Spreads the values of `map` over `out` in the order of the names (NULL: absent); unknown keys are
   faults. False after one: then a key that is absent was probably meant, and saying so as well
   would be one message too many. */
bool dd_read_keys(
        struct dd_reader *r, const struct dd_node *map, struct dd_keys keys, struct dd_node **out);

/* -- scalars ---------------------------------------------------------------- */

/* `version`, which can only be 1; `of`: "campaigns". */
void dd_read_version(struct dd_reader *r, const struct dd_node *node, const char *of);
void dd_read_bool(struct dd_reader *r, const struct dd_node *node, const char *what, bool *out);
/* A whole number. */
void dd_read_number(struct dd_reader *r, const struct dd_node *node, const char *what, long low,
        long high, long *out);
int dd_read_int(struct dd_reader *r, const struct dd_node *node, const char *what, long low,
        long high, int otherwise);
/* A number with or without decimals. */
void dd_read_real(struct dd_reader *r, const struct dd_node *node, const char *what, double low,
        double high, double *out);
bool dd_real_parse(struct dd_str text, double *out);
/* "40%" or 0.4, from 0 to 1. */
void dd_read_share(struct dd_reader *r, const struct dd_node *node, const char *what, double *out);
bool dd_share_parse(struct dd_str text, double *out);
/* "800ms", "5s", "1h30m", at most `high`. */
void dd_read_duration(
        struct dd_reader *r, const struct dd_node *node, const char *what, dd_ms high, dd_ms *out);
/* "09:00" to "23:59", or to "24:00", as milliseconds of the day. True where it was read. The node
 * must be there. */
bool dd_read_clock(struct dd_reader *r, const struct dd_node *node, const char *what,
        bool may_be_24, int32_t *ms);
/* "2025-01-26". The same. */
bool dd_read_date(
        struct dd_reader *r, const struct dd_node *node, const char *what, struct dd_date *out);
/* Any scalar that is not nothing. The same. */
bool dd_read_text(
        struct dd_reader *r, const struct dd_node *node, const char *what, struct dd_str *out);
/* A copy that ends in NUL; NULL where there is none. */
const char *dd_read_text_copy(struct dd_reader *r, const struct dd_node *node, const char *what);
/* One of some words, in any case: its index, or `otherwise`. Empty words are none. */
int dd_read_word(struct dd_reader *r, const struct dd_node *node, const char *what,
        const char *const *words, size_t n, int otherwise);
#define DD_READ_WORD(r, node, what, words, otherwise) \
	dd_read_word(r, node, what, words, sizeof(words) / sizeof *(words), otherwise)

#endif
