/* Results of --shard, as a set: whether they are the shards of one whole. */
#ifndef DD_REPORT_SHARDS_H
#define DD_REPORT_SHARDS_H

#include "base/shard.h"
#include "report/json_read.h"

struct dd_shard_result {
	const char *path;
	json_t *root;         /* dd_shards_fini() drops it */
	const json_t *result; /* the object that was printed */
	const json_t *shard;  /* its "shard" */
	struct dd_shard place;
	const char *whole; /* the digest of what all shards have in common */
	bool is_list;      /* of check --contacts; else of a campaign */
};
struct dd_shard_results {
	struct dd_shard_result *list; /* by index */
	size_t n;
};

/* Reads the files. An error says what is missing, what is there twice, and what does not belong to
 * the rest. */
enum dd_status dd_shards_read(
        char *const *paths, size_t n, struct dd_shard_results *out, struct dd_error *err);
void dd_shards_fini(struct dd_shard_results *results);

#endif
