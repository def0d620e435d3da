/* A crawl: calls with each choice at each place, breadth first, until no new document comes or a
   bound is met. What it has found becomes a program in which nothing is asked any more: a Gather is
   a menu whose keys lead where they led, so that whatever reads flows (explore, graph, check) reads
   an application as well. */
#ifndef DD_APPS_CRAWL_H
#define DD_APPS_CRAWL_H

#include "apps/app.h"

enum { DD_CRAWL_CALLS = 5000, DD_CRAWL_DEPTH = 20 };

struct dd_crawl_options {
	struct dd_tts tts;                 /* lengths do not matter here: the model voice will do */
	unsigned max_calls;                /* 0: DD_CRAWL_CALLS */
	unsigned max_depth;                /* choices in one call; 0: DD_CRAWL_DEPTH */
	const char *from, *to, *direction; /* of every call; NULL: as a call has them */
	/* Scenarios that do what the calls did, one for each way to go on; NULL: none are wanted.
	   Those whose last choice leads to a step that has been visited are left out. */
	struct dd_buf *scenarios;
	const uint64_t *visits; /* of each step; NULL: none */
	uint32_t nvisits;
};

struct dd_crawled {
	struct dd_program *program; /* in the app's arena; dd_program_free(), before the app */
	unsigned calls, requests, documents, places;
	unsigned written;        /* scenarios */
	bool by_calls, by_depth; /* a bound was met: there may be more */
};

/* Takes the app's program: no call can be placed with it any more. */
void dd_app_crawl(
        struct dd_app *app, const struct dd_crawl_options *options, struct dd_crawled *out);

#endif
