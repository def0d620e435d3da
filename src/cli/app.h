/* Applications on the command line: options that several commands have, and what they become. */
#ifndef DD_CLI_APP_H
#define DD_CLI_APP_H

#include "apps/app.h"
#include "cli/command.h"
#include "net/curl.h"

enum { DD_APP_PARAMS_MAX = 64, DD_APP_MAPS_MAX = 16, DD_APP_HOSTS_MAX = 32 };

struct dd_cli_app {
	struct dd_app_options o;
	const char *names[DD_APP_PARAMS_MAX], *values[DD_APP_PARAMS_MAX];
	const char *hosts[DD_APP_HOSTS_MAX];
	struct dd_app_map maps[DD_APP_MAPS_MAX];
	const char *tape, *replay, *documents;
	const char *given; /* the first of these options that was given, for messages; NULL: none */
	/* once it is open */
	struct dd_app *app;
	struct dd_curl *curl, *waiting;
	struct dd_http http, first;
	struct dd_arena *arena;
};

/* Takes an option of DD_APP_OPTIONS: 0, or an exit code after a message; -1: it is another one. */
int dd_cli_app_take(struct dd_cli_app *a, int letter, char *value);
/* The application at `operand`; a call in real time, or in virtual time. 0, or an exit code after a
 * message. */
int dd_cli_app_open(struct dd_cli_app *a, const char *operand, bool real_time);
/* Writes --tape and --documents. 0, or an exit code after a message. */
int dd_cli_app_keep(struct dd_cli_app *a);
void dd_cli_app_close(struct dd_cli_app *a);

#define DD_APP_OPTIONS \
	{'D', "dialect", "DIALECT", "of an application: twiml or exoml; twiml", .value = DD_WORD, \
	        .words = "twiml exoml"}, \
	        {'M', "method", "METHOD", "of its first request: POST or GET; POST", \
	                .value = DD_WORD, .words = "POST GET"}, \
	        {'P', "param", "NAME=VALUE", "a further parameter of its requests", \
	                .value = DD_TEXT, .again = true}, \
	        {'A', "auth-token", "TOKEN", "its requests are signed with it", .value = DD_TEXT}, \
	        {'B', "fallback", "URL", "asked when a document fails", .value = DD_TEXT}, \
	        {'Y', "latency", "TIME", "how long each of its answers takes in virtual time; 0s", \
	                .value = DD_DURATION}, \
	        {'w', "tape", "FILE", "writes what it was asked and answered", .value = DD_FILE}, \
	        {'W', "replay", "FILE", "a tape answers in its place", .value = DD_FILE}, \
	        {'d', "documents", "FOLDER", "writes its documents there", .value = DD_FOLDER}, \
	        {'U', "public-url", "URL", "what it is known by: signatures are made over it", \
	                .value = DD_TEXT}, \
	{ \
		'x', "map", "FROM=TO", "where an address is really asked", \
		        .value = DD_TEXT, .again = true, \
		        .more = "For example `https://your-app.com=http://127.0.0.1:5000`." \
	}

#endif
