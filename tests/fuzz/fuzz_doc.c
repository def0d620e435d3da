/* Documents: any bytes become a tree or diagnostics, as JSON, YAML and XML. SSML that was read is
 * read again as the same words. */
#include <stdlib.h>
#include <string.h>

#include "doc/json.h"
#include "doc/yaml.h"
#include "flow/ssml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every place lies in the text, and children in their parents. */
static void walk(const struct dd_node *node, const struct dd_source *source, size_t depth)
{
	if (depth > DD_DEPTH_MAX || node->span.start > node->span.end || node->end > source->text.n)
		abort();
	for (uint32_t i = 0; node->kind == DD_LIST && i < node->n; i++)
		walk(node->items[i], source, depth + 1);
	for (uint32_t i = 0; node->kind == DD_MAP && i < node->n; i++)
		walk(node->pairs[i].value, source, depth + 1);
}

static void read_tree(struct dd_arena *arena, struct dd_str text)
{
	struct dd_diags diags;
	struct dd_buf out = {0};
	dd_diags_init(&diags, arena);
	const struct dd_source *source = dd_source_new(arena, "f", text);
	const struct dd_node *root = dd_tree_read(arena, source, &diags);
	if (!root && diags.errors == 0)
		abort();
	if (root && root->count < 100000)
		walk(root, source, 0);
	if (!dd_xml_read(arena, source, &diags) && diags.n == 0)
		abort();
	dd_diags_text(&diags, &out, true);
	dd_buf_free(&out);
	dd_diags_fini(&diags);
}

static void read_ssml(struct dd_arena *arena, struct dd_str text)
{
	struct dd_xml_fault fault;
	struct dd_ssml once, twice;
	(void)dd_is_ssml(text);
	if (!dd_ssml_read(arena, text, &once, &fault)) {
		if (!fault.message || fault.span.start > text.n)
			abort();
		return;
	}
	for (size_t i = 1; i <= once.source.n; i++)
		if (once.before[i] < once.before[i - 1] || once.before[i] > once.words.n)
			abort();
	if (!dd_ssml_read(arena, once.source, &twice, &fault) && once.source.n)
		abort();
	if (once.source.n && !dd_str_same(once.words, twice.words))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dd_arena *arena = dd_arena_new();
	/* exactly as long as it is: a byte read behind its end is found */
	char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	read_tree(arena, (struct dd_str){copy, size});
	read_ssml(arena, (struct dd_str){copy, size});
	free(copy);
	dd_arena_free(arena);
	return 0;
}
