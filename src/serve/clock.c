/* The platform's clock: the machine's, a multiple of it, or one that jumps from one thing that
 * happens to the next. */
#include <time.h>

#include "serve/serving.h"

int64_t machine_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_begin(struct server_clock *c, double speed, int64_t at)
{
	*c = (struct server_clock){.speed = speed, .now = at, .base = at, .mono = machine_ms()};
}

void clock_tick(struct server_clock *c)
{
	int64_t mono = machine_ms();
	if (c->speed > 0) {
		int64_t now = c->base + (int64_t)((double)(mono - c->mono) * c->speed);
		c->now = now > c->now ? now : c->now;
		return;
	}
	/* a clock that jumps goes on by itself only while somebody outside takes their time */
	if (c->holds)
		c->now += mono - c->mono;
	c->mono = mono;
}

void clock_jump(struct server_clock *c, int64_t to)
{
	if (to <= c->now)
		return;
	c->base += to - c->now;
	c->now = to;
}

int64_t clock_wait(const struct server_clock *c, int64_t at)
{
	if (at == INT64_MAX)
		return -1;
	if (at <= c->now)
		return 0;
	if (c->speed > 0)
		return (int64_t)((double)(at - c->now) / c->speed) + 1;
	return c->holds ? at - c->now : 0;
}
