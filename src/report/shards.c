/* One whole, each shard once. */
#include "report/shards.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* A campaign's result is a list with one object, a list's is an object. */
static void take_kind(struct dd_json_reader *r, struct dd_shard_result *s)
{
	s->result = json_is_array(s->root) && json_array_size(s->root) == 1
	        ? json_array_get(s->root, 0)
	        : s->root;
	s->shard = json_object_get(s->result, "shard");
	s->is_list = json_is_object(s->root);
	bool ours = json_is_object(s->result) &&
	        json_object_get(s->result, s->is_list ? "findings" : "metrics");
	if (!ours)
		dd_json_fault(r,
		        "this is no result of drydial campaign --format json, "
		        "nor of drydial check --contacts --format json");
	else if (!s->shard)
		dd_json_fault(r, "this is a whole already, not a result of --shard I/N");
	else if (!json_is_object(s->shard))
		dd_json_fault(r, "\"shard\" should be an object");
}

static enum dd_status read_one(const char *path, struct dd_shard_result *s, struct dd_error *err)
{
	struct dd_json_reader r = {.file = path, .err = err};
	*s = (struct dd_shard_result){.path = path, .root = dd_json_load(path, err)};
	if (!s->root)
		return DD_ERR_FORMAT;
	take_kind(&r, s);
	if (r.failed)
		return DD_ERR_FORMAT;
	s->place.index = (uint32_t)dd_json_count_field(&r, s->shard, "index", DD_SHARDS_MAX);
	s->place.of = (uint32_t)dd_json_count_field(&r, s->shard, "of", DD_SHARDS_MAX);
	s->whole = dd_json_text_field(&r, s->shard, "whole");
	if (!r.failed && (s->place.index == 0 || s->place.index > s->place.of))
		dd_json_fault(&r, "there is no shard %u of %u", s->place.index, s->place.of);
	if (!s->whole)
		dd_json_fault(&r, "\"whole\" should be a text");
	return r.failed ? DD_ERR_FORMAT : DD_OK;
}

static enum dd_status compare(
        const struct dd_shard_result *a, const struct dd_shard_result *b, struct dd_error *err)
{
	if (a->is_list != b->is_list)
		return dd_fail(err, DD_ERR_FORMAT, "%s is of a %s, %s is of a %s", a->path,
		        a->is_list ? "list of contacts" : "campaign", b->path,
		        b->is_list ? "list of contacts" : "campaign");
	if (a->place.of != b->place.of)
		return dd_fail(err, DD_ERR_FORMAT, "%s is one of %u shards, %s one of %u", a->path,
		        a->place.of, b->path, b->place.of);
	if (strcmp(a->whole, b->whole) != 0)
		return dd_fail(err, DD_ERR_FORMAT,
		        "%s and %s are not of the same whole: a list, a flow, a setting, "
		        "the voice or the version of drydial differs",
		        a->path, b->path);
	return DD_OK;
}

static int by_index(const void *a, const void *b)
{
	const struct dd_shard_result *x = a, *y = b;
	return x->place.index < y->place.index ? -1 : x->place.index > y->place.index;
}

/* The indices that nobody has: the first few of them by name. */
static enum dd_status missing(const struct dd_shard_results *all, struct dd_error *err)
{
	struct dd_buf names = {0};
	uint32_t of = all->list[0].place.of, lacking = of - (uint32_t)all->n, told = 0;
	for (uint32_t index = 1, at = 0; index <= of && told < 8; index++) {
		if (at < all->n && all->list[at].place.index == index) {
			at++;
			continue;
		}
		dd_buf_format(&names, "%s%u", told++ ? ", " : "", index);
	}
	(void)dd_fail(err, DD_ERR_FORMAT, "of %u shards %s %s missing: %s%s", of,
	        lacking == 1 ? "one" : "some", lacking == 1 ? "is" : "are", names.p,
	        lacking > told ? " …" : "");
	dd_buf_free(&names);
	return DD_ERR_FORMAT;
}

static enum dd_status check_set(struct dd_shard_results *all, struct dd_error *err)
{
	for (size_t i = 1; i < all->n; i++)
		if (compare(&all->list[0], &all->list[i], err) != DD_OK)
			return DD_ERR_FORMAT;
	qsort(all->list, all->n, sizeof *all->list, by_index);
	for (size_t i = 1; i < all->n; i++)
		if (all->list[i].place.index == all->list[i - 1].place.index)
			return dd_fail(err, DD_ERR_FORMAT, "%s and %s are both shard %u of %u",
			        all->list[i - 1].path, all->list[i].path, all->list[i].place.index,
			        all->list[i].place.of);
	return all->n < all->list[0].place.of ? missing(all, err) : DD_OK;
}

enum dd_status dd_shards_read(
        char *const *paths, size_t n, struct dd_shard_results *out, struct dd_error *err)
{
	*out = (struct dd_shard_results){dd_alloc((n + 1) * sizeof *out->list), 0};
	for (size_t i = 0; i < n; i++) {
		enum dd_status status = read_one(paths[i], &out->list[out->n++], err);
		if (status != DD_OK)
			return status;
	}
	return check_set(out, err);
}

void dd_shards_fini(struct dd_shard_results *all)
{
	for (size_t i = 0; i < all->n; i++)
		json_decref(all->list[i].root);
	dd_free(all->list);
	all->list = NULL;
}
