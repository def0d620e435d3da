/* PCRE2 with a pool on the stack. */
#include "flow/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { POOL_BYTES = 128 * 1024, MATCH_LIMIT = 100000, DEPTH_LIMIT = 2000 };

struct dd_pattern {
	pcre2_code *code;
};

/* Memory is only ever handed out, for the length of one search. */
struct pool {
	size_t used;
	_Alignas(max_align_t) char bytes[POOL_BYTES];
};

static void *take(size_t n, void *self)
{
	struct pool *pool = self;
	size_t rounded = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (rounded < n || rounded > POOL_BYTES - pool->used)
		return NULL;
	void *p = pool->bytes + pool->used;
	pool->used += rounded;
	return p;
}

static void give(void *p, void *self)
{
	(void)p;
	(void)self;
}

static void *take_memory(size_t n, void *self)
{
	(void)self;
	return dd_alloc(n);
}

static void give_memory(void *p, void *self)
{
	(void)self;
	dd_free(p);
}

bool dd_is_pattern(struct dd_str t)
{
	bool any_case = t.n > 3 && t.p[t.n - 1] == 'i' && t.p[t.n - 2] == '/';
	return t.n > 2 && t.p[0] == '/' && (any_case || t.p[t.n - 1] == '/');
}

struct dd_pattern *dd_pattern_new(struct dd_str text, struct dd_error *err, size_t *at)
{
	bool any_case = text.p[text.n - 1] == 'i';
	struct dd_str inner = {text.p + 1, text.n - 2 - any_case};
	int number = 0;
	PCRE2_SIZE offset = 0;
	pcre2_general_context *memory =
	        pcre2_general_context_create(take_memory, give_memory, NULL);
	pcre2_compile_context *context = pcre2_compile_context_create(memory);
	pcre2_set_max_pattern_length(context, 4096);
	pcre2_set_parens_nest_limit(context, 50);
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)inner.p, inner.n,
	        PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
	                (any_case ? PCRE2_CASELESS : 0),
	        &number, &offset, context);
	pcre2_compile_context_free(context);
	pcre2_general_context_free(memory);
	if (!code) {
		PCRE2_UCHAR why[160];
		(void)pcre2_get_error_message(number, why, sizeof why);
		(void)dd_fail(err, DD_ERR_FORMAT, "%s", (const char *)why);
		*at = offset + 1;
		return NULL;
	}
	struct dd_pattern *p = dd_alloc(sizeof *p);
	p->code = code;
	return p;
}

void dd_pattern_free(struct dd_pattern *p)
{
	if (!p)
		return;
	pcre2_code_free(p->code);
	dd_free(p);
}

int dd_pattern_find(const struct dd_pattern *p, struct dd_str text)
{
	struct pool pool;
	pool.used = 0;
	pcre2_general_context *memory = pcre2_general_context_create(take, give, &pool);
	pcre2_match_context *limits = pcre2_match_context_create(memory);
	pcre2_match_data *data = pcre2_match_data_create(1, memory);
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	int n = pcre2_match(
	        p->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, data, limits);
	return n >= 0 ? 1 : n == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
