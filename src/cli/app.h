/* Applications on the command line: options that several commands have, and what they become. */
#ifndef DD_CLI_APP_H
#define DD_CLI_APP_H

#include "apps/crawl.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "net/curl.h"

enum { DD_APP_PARAMS_MAX = 64, DD_APP_HOSTS_MAX = 32 };

struct dd_cli_app {
	struct dd_app_options o;
	const char *names[DD_APP_PARAMS_MAX], *values[DD_APP_PARAMS_MAX];
	const char *hosts[DD_APP_HOSTS_MAX];
	struct dd_app_map maps[DD_APP_MAPS_MAX];
	const char *tape, *replay, *documents;
	struct dd_buf *scenarios;      /* of a crawl; NULL: none are wanted */
	unsigned max_calls, max_depth; /* of a crawl; 0: as it is */
	bool get;                      /* --method GET was given */
	struct dd_faults faults;
	const char *faults_text;
	bool list_faults;  /* --faults list: they are told, and nothing else is done */
	bool yes;          /* it may place real requests without a question */
	const char *given; /* the first of these options that was given, for messages; NULL: none */
	/* once it is open */
	struct dd_app *app;
	struct dd_curl *curl, *waiting;
	struct dd_http http, first;
	struct dd_arena *arena;
};

/* Takes an option of DD_APP_OPTIONS: 0, or an exit code after a message; -1: it is another one. */
int dd_cli_app_take(struct dd_cli_app *a, int letter, char *value);
/* `--faults TEXT`; 0, or an exit code after a message. */
int dd_cli_faults(struct dd_faults *faults, const char *text);
/* Tells which faults there are. The exit code. */
int dd_cli_list_faults(bool served);
/* The application at `operand`; a call in real time, or in virtual time. 0, or an exit code after a
 * message. */
int dd_cli_app_open(struct dd_cli_app *a, const char *operand, bool real_time);
/* Crawls the application at `operand` after saying so: a program that is read as a flow is. 0, or
   an exit code after a message. */
int dd_cli_crawl(struct dd_cli_app *a, const char *operand, struct dd_crawled *out);
/* A flow, or an application after a crawl: `*out` is the caller's, to be freed before
   dd_cli_app_close(). 0, or an exit code after a message. */
int dd_cli_read(struct dd_cli_app *a, const char *operand, struct dd_diags *diags,
        const struct dd_style *style, struct dd_program **out);
/* For a flow: an exit code after a message where options of applications were given, else 0. */
int dd_cli_app_unused(const struct dd_cli_app *a);
/* Writes --tape and --documents. 0, or an exit code after a message. */
int dd_cli_app_keep(struct dd_cli_app *a);
void dd_cli_app_close(struct dd_cli_app *a);

/* So that a command's own letters are free. */
#define DD_APP_LETTER(c) (512 + (c))

/* Of commands that place one call. */
#define DD_OPTION_FAULTS(more_values) \
	{ \
		DD_APP_LETTER('F'), "faults", "FAULT,…", \
		        "what goes wrong on purpose, such as late=8s@2; list: which there are", \
		        .value = DD_TEXT, \
		        .words = "list " more_values \
		                 "late none 500 half twice lost hang-up keys callback-first", \
		        .more = "`FAULT=TIME@COUNT%CHANCE`: a time where it has one, which " \
		                "request (key, recording) of the call it strikes (`2`, `2-4`, " \
		                "`2-`; all), and how often of a hundred." \
	}

#define DD_APP_OPTIONS \
	{DD_APP_LETTER('D'), "dialect", "DIALECT", "of an application: twiml or exoml; twiml", \
	        .value = DD_WORD, .words = "twiml exoml"}, \
	        {DD_APP_LETTER('M'), "method", "METHOD", \
	                "of its first request: POST or GET; POST", .value = DD_WORD, \
	                .words = "POST GET"}, \
	        {DD_APP_LETTER('P'), "param", "NAME=VALUE", "a further parameter of its requests", \
	                .value = DD_TEXT, .again = true}, \
	        {DD_APP_LETTER('A'), "auth-token", "TOKEN", "its requests are signed with it", \
	                .value = DD_TEXT}, \
	        {DD_APP_LETTER('B'), "fallback", "URL", "asked when a document fails", \
	                .value = DD_TEXT}, \
	        {DD_APP_LETTER('Y'), "latency", "TIME", \
	                "how long each of its answers takes in virtual time; 0s", \
	                .value = DD_DURATION}, \
	        {DD_APP_LETTER('w'), "tape", "FILE", "writes what it was asked and answered", \
	                .value = DD_FILE}, \
	        {DD_APP_LETTER('W'), "replay", "FILE", "a tape answers in its place", \
	                .value = DD_FILE}, \
	        {DD_APP_LETTER('d'), "documents", "FOLDER", "writes its documents there", \
	                .value = DD_FOLDER}, \
	        {DD_APP_LETTER('U'), "public-url", "URL", \
	                "what it is known by: signatures are made over it", .value = DD_TEXT}, \
	{ \
		DD_APP_LETTER('x'), "map", "FROM=TO", "where an address is really asked", \
		        .value = DD_TEXT, .again = true, \
		        .more = "For example `https://your-app.com=http://127.0.0.1:5000`." \
	}

/* Of commands that crawl. */
#define DD_CRAWL_OPTIONS \
	DD_APP_OPTIONS, \
	        {DD_APP_LETTER('H'), "allow-host", "HOST", \
	                "an application may be asked at this host, or send there", \
	                .value = DD_TEXT, .again = true}, \
	        {DD_APP_LETTER('l'), "live", NULL, "it may be on another machine", \
	                .value = DD_SWITCH}, \
	        {DD_APP_LETTER('C'), "max-calls", "N", "calls of a crawl of an application; 5000", \
	                .value = DD_NUMBER}, \
	        {DD_APP_LETTER('N'), "max-depth", "N", "choices in one of them; 20", \
	                .value = DD_NUMBER}, \
	{ \
		DD_APP_LETTER('y'), "yes", NULL, "crawl without asking", .value = DD_SWITCH \
	}

#endif
