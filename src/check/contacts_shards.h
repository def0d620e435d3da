/* Shards of a list of contacts, joined: the same bytes however many shards there were, also one
   (--shard 1/1). Compared to a run without --shard, findings and counts are the same, and in a list
   of up to DD_CONTACTS_EXACT contacts every byte. In a longer list two things may differ. Shards
   estimate each value in a process of its own, an unsharded run several in one, which is quicker
   and moves a length by some hundredths of a second: so may the shortest message, and contacts at
   the edge of a histogram's bar stand in the next. And once a run has found 5,000 contacts over a
   limit it no longer measures messages that are far over one, and says "about"; each shard counts
   its own 5,000, so the joined findings may have a measured length (DD_CONTACT_MARGIN_MS from the
   estimate at the most) where one run estimates. */
#ifndef DD_CHECK_CONTACTS_SHARDS_H
#define DD_CHECK_CONTACTS_SHARDS_H

#include "check/contacts.h"
#include "report/shards.h"

struct dd_contacts_merged {
	struct dd_contacts *contacts;
	struct dd_contact_finding
	        *findings; /* by line; their texts are borrowed from the results */
	size_t nfindings;
	const char *list; /* its name */
};
enum dd_status dd_contacts_merge(const struct dd_shard_results *results,
        struct dd_contacts_merged *out, struct dd_error *err);
void dd_contacts_merged_fini(struct dd_contacts_merged *merged);

#endif
