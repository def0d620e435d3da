/* One part of a work that several processes share: every N-th item, in turn, so that each part is
 * like the whole. */
#ifndef DD_BASE_SHARD_H
#define DD_BASE_SHARD_H

#include <drydial/base.h>

enum { DD_SHARDS_MAX = 10000 };

struct dd_shard {
	uint32_t index, of; /* 1 … of; of 0: the whole */
};

/* "2/8". False: it is no such thing. */
bool dd_shard_parse(const char *text, struct dd_shard *out);

/* Whether item `i`, counted from 0, is in it. */
static inline bool dd_shard_has(struct dd_shard s, uint64_t i)
{
	return s.of == 0 || i % s.of == s.index - 1;
}

/* Its share of a limit: the shares of all come to the limit again. */
static inline uint32_t dd_shard_share(struct dd_shard s, uint32_t total)
{
	return s.of == 0 ? total : total / s.of + (s.index - 1 < total % s.of);
}

#endif
