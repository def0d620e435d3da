/* A stand-in for the call platform: its API over HTTP, calls that really run their flows, callbacks
 * that are really sent. */
#ifndef DD_SERVE_SERVE_H
#define DD_SERVE_SERVE_H

#include <signal.h>

#include "doc/diag.h"
#include "flow/program.h"
#include "port/tts.h"

/* The voice that a server speaks with. Sounds live as long as their voice, so that a server takes a
   new one when the old one has said much: `open` gives one, `close` ends it when no call needs it.
 */
struct dd_serve_voices {
	void *self;
	void *(*open)(void *self, struct dd_tts *tts);
	void (*close)(void *self, void *voice);
	bool here; /* they take no time: they are asked on the loop, and no thread is made.
	              Otherwise several are open at once, each for a thread of its own. */
};

enum { DD_SERVE_CALLS_MAX = 10000, DD_SERVE_RATE = 200, DD_SERVE_HOSTS_MAX = 32 };

/* "https://your-app.com" is asked at "http://127.0.0.1:5000". */
struct dd_serve_map {
	const char *from, *to;
};

/* How clients reach the server besides, that have the platform's hosts in their code. */
struct dd_serve_reach {
	bool tls;              /* the port takes HTTPS, too, with a certificate for those hosts */
	const char *authority; /* the file of who signs it, and "FILE.key"; both are made when
	                          they are not there. NULL: a new one, in memory alone */
	bool proxy;            /* the port is a proxy for those hosts */
	bool pass_through;     /* it lets through to others */
	int wake;              /* readable: look at `stop`; -1: none */
	/* The certificate to be trusted, in PEM, before the server is ready; may be NULL. */
	void (*trust)(void *self, const char *authority);
	/* What was asked and what was refused, at the end, in lines; may be NULL. */
	void (*sum)(void *self, const char *lines);
};

/* What a stretch of serving came to. */
struct dd_serve_tally {
	size_t struck; /* faults */
	size_t n;
	struct dd_serve_called {
		uint64_t number;
		unsigned calls; /* that were placed to it */
	} * numbers;            /* borrowed */
};

struct dd_serve_options {
	const char *flows;       /* the folder */
	const char *config;      /* NULL: serve.yaml of the folder, if there is one */
	const char *address;     /* "127.0.0.1" */
	uint16_t port;           /* 0: any that is free */
	const char *credentials; /* "key:token" of the API; NULL: made up */
	bool guarded; /* the page and the side door ask for them, too: whoever is not on this
	                 machine can come */
	bool any_credentials; /* of the API, not of the side door: whoever gives some may ask */
	double speed;         /* of the clock: 1, 10 …; 0: it jumps to whatever happens next */
	bool at_given;
	int64_t at;                   /* unix ms at which the clock begins */
	const char *db;               /* ":memory:" */
	const char *answer;           /* who answers: "human", "keys 1" …; NULL: human */
	const char *rules, *audience; /* files; NULL: none */
	const char *profile;          /* of the law; NULL: none */
	const char *callback_form;    /* "multipart" or "urlencoded"; NULL: multipart */
	unsigned rate;                /* calls accepted a minute; 0: as many as come */
	unsigned calls;               /* at once, at most DD_SERVE_CALLS_MAX; 0: that */
	bool any_host; /* passthru may ask any server; otherwise this machine's and `hosts` */
	const char *hosts[DD_SERVE_HOSTS_MAX];
	size_t nhosts;
	struct dd_serve_map maps[DD_SERVE_HOSTS_MAX];
	size_t nmaps;
	const char
	        *faults; /* what goes wrong on purpose (sim/faults.h); NULL: what serve.yaml says */
	uint64_t seed;   /* of the audience, and of faults with a chance */
	struct dd_serve_reach reach;
	struct dd_serve_voices voices;
	/* More that is wrong with a flow (voices that nobody has); may be NULL. */
	void (*look)(const struct dd_program *program, struct dd_diags *diags);
	void *self;
	/* The server listens: tell it. `credentials` are those that hold. */
	void (*ready)(void *self, const char *url, const char *credentials);
	/* It is over, and this is what it was; may be NULL. */
	void (*over)(void *self, const struct dd_serve_tally *tally);
	/* One line about what happens; may be NULL. */
	void (*tell)(void *self, const char *line);
	const volatile sig_atomic_t *stop; /* not 0: end gracefully */
};

/* Serves until `stop`. An error is told in `err`, or, of a configuration file, in `diags`. */
enum dd_status dd_serve(
        const struct dd_serve_options *options, struct dd_diags *diags, struct dd_error *err);

#endif
