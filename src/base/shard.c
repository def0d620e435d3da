/* Shards as people write them. */
#include "base/shard.h"

/* Digits, up to `most`; 0: there are none, or the number is larger. */
static uint32_t number(const char **at, uint32_t most)
{
	uint32_t n = 0;
	while (**at >= '0' && **at <= '9') {
		n = n * 10 + (uint32_t)(*(*at)++ - '0');
		if (n > most)
			return 0;
	}
	return n;
}

bool dd_shard_parse(const char *text, struct dd_shard *out)
{
	struct dd_shard s = {.index = number(&text, DD_SHARDS_MAX)};
	if (s.index == 0 || *text++ != '/')
		return false;
	s.of = number(&text, DD_SHARDS_MAX);
	if (*text || s.of < s.index)
		return false;
	*out = s;
	return true;
}
