/* PCG32 (M. E. O'Neill, 2014): small, fast, the same everywhere. Not for secrets. */
#ifndef DD_BASE_PCG_H
#define DD_BASE_PCG_H

#include <math.h>
#include <stdint.h>

struct dd_pcg {
	uint64_t state, stream;
};

static inline uint32_t dd_pcg_next(struct dd_pcg *rng)
{
	uint64_t old = rng->state;
	rng->state = old * UINT64_C(6364136223846793005) + rng->stream;
	uint32_t x = (uint32_t)(((old >> 18) ^ old) >> 27), rot = (uint32_t)(old >> 59);
	return (x >> rot) | (x << (-rot & 31));
}

static inline struct dd_pcg dd_pcg_seed(uint64_t seed, uint64_t stream)
{
	struct dd_pcg rng = {0, (stream << 1) | 1};
	(void)dd_pcg_next(&rng);
	rng.state += seed;
	(void)dd_pcg_next(&rng);
	return rng;
}

/* Uniform in [0, 1); exponential with mean 1. */
static inline double dd_draw(struct dd_pcg *rng)
{
	return dd_pcg_next(rng) * (1.0 / 4294967296.0);
}

static inline double dd_draw_exponential(struct dd_pcg *rng)
{
	return -log1p(-dd_draw(rng));
}

#endif
