/* Zone files: TZif, RFC 8536, versions 1 to 4. The header says how many of each thing follow;
   nothing is believed before it is known to lie within the file. */
#include <string.h>

#include "base/arena.h"
#include "base/zoning.h"

/* Years that calls do not see are refused, so that no sum of seconds overflows. */
static const int64_t LATEST_S = INT64_C(253402300799);

struct header {
	int version;
	uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

/* The parts of one block of data. */
struct block {
	const unsigned char *times, *indices, *types;
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t time_at(const unsigned char *p, size_t size)
{
	if (size == 4)
		return (int32_t)be32(p);
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool header(struct dd_str bytes, size_t at, struct header *h)
{
	const unsigned char *p = (const unsigned char *)bytes.p + at;
	if (bytes.n < at + 44 || memcmp(p, "TZif", 4) != 0)
		return false;
	*h = (struct header){p[4] ? p[4] - '0' : 1, be32(p + 20), be32(p + 24), be32(p + 28),
	        be32(p + 32), be32(p + 36), be32(p + 40)};
	return h->version >= 1 && h->version <= 4;
}

/* Whole bytes of a block: 64 bits hold the sum of whatever six 32-bit counts say. */
static uint64_t block_size(const struct header *h, size_t time_size)
{
	return (uint64_t)h->timecnt * (time_size + 1) + (uint64_t)h->typecnt * 6 + h->charcnt +
	        (uint64_t)h->leapcnt * (time_size + 4) + h->isstdcnt + h->isutcnt;
}

static void add_turn(struct dd_zone *zone, int64_t at, int32_t offset)
{
	DD_PUSH(zone->turns, zone->n, zone->cap) = (struct zone_turn){at, offset};
}

static const char *types_fault(const struct header *h, const struct block *b)
{
	if (h->typecnt == 0 || h->typecnt > 256)
		return "it has no kind of time";
	if (h->leapcnt)
		return "it counts leap seconds, which clocks of computers do not";
	for (uint32_t i = 0; i < h->typecnt; i++) {
		int32_t offset = (int32_t)be32(b->types + i * 6);
		if (offset < -DD_ZONE_WEST_MAX_S || offset > DD_ZONE_EAST_MAX_S)
			return "an offset is over a day";
	}
	return NULL;
}

/* Turns from a block that lies within the file; what is wrong with it, or NULL. */
static const char *read_block(
        struct dd_zone *zone, const struct header *h, const unsigned char *p, size_t time_size)
{
	struct block b = {p, p + h->timecnt * time_size, p + h->timecnt * (time_size + 1)};
	const char *fault = types_fault(h, &b);
	if (fault)
		return fault;
	int64_t last = INT64_MIN;
	add_turn(zone, INT64_MIN, (int32_t)be32(b.types));
	for (uint32_t i = 0; i < h->timecnt; i++) {
		int64_t at = time_at(b.times + i * time_size, time_size);
		if (i && at <= last)
			return "its changes are not in order";
		if (b.indices[i] >= h->typecnt)
			return "a change is to a kind of time that it does not have";
		if (at > LATEST_S)
			return "a change is after the year 9999";
		last = at;
		/* Old files begin with a change at the big bang, or with one that changes nothing.
		 */
		int32_t offset = (int32_t)be32(b.types + b.indices[i] * 6);
		if (at < -LATEST_S)
			zone->turns[0].offset = offset;
		else if (offset != zone->turns[zone->n - 1].offset)
			add_turn(zone, at, offset);
	}
	return NULL;
}

/* From version 2 on the data stand twice; the second time their seconds have 64 bits, and a rule
 * follows. */
static const char *read_wide(struct dd_zone *zone, struct dd_str bytes, size_t at)
{
	struct header h;
	if (!header(bytes, at, &h))
		return "its second part is missing";
	uint64_t size = block_size(&h, 8);
	at += 44;
	if (size > bytes.n - at)
		return "it is cut off";
	const char *fault = read_block(zone, &h, (const unsigned char *)bytes.p + at, 8);
	if (fault)
		return fault;
	at += (size_t)size;
	if (bytes.n - at < 2 || bytes.p[at] != '\n')
		return "its rule is cut off";
	const char *rule = bytes.p + at + 1, *end = memchr(rule, '\n', bytes.n - at - 1);
	if (!end)
		return "its rule is cut off";
	if (end > rule && !zone_rule(zone, (struct dd_str){rule, (size_t)(end - rule)}))
		return "its rule is none";
	return NULL;
}

static const char *read_file(struct dd_zone *zone, struct dd_str bytes)
{
	struct header h;
	if (!header(bytes, 0, &h))
		return "it is no zone file";
	uint64_t size = block_size(&h, 4);
	if (size > bytes.n - 44)
		return "it is cut off";
	if (h.version > 1)
		return read_wide(zone, bytes, 44 + (size_t)size);
	return read_block(zone, &h, (const unsigned char *)bytes.p + 44, 4);
}

enum dd_status dd_zone_of_file(
        const char *name, struct dd_str bytes, struct dd_zone **out, struct dd_error *err)
{
	struct dd_zone *zone = dd_alloc(sizeof *zone);
	*zone = (struct dd_zone){.repeats = INT64_MAX};
	zone->name = dd_alloc(strlen(name) + 1);
	memcpy(zone->name, name, strlen(name) + 1);
	const char *fault = read_file(zone, bytes);
	if (!fault) {
		*out = zone;
		return DD_OK;
	}
	dd_zone_free(zone);
	return dd_fail(err, DD_ERR_FORMAT, "the file of the time zone \"%s\" cannot be used: %s",
	        name, fault);
}
