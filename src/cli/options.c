/* Options of every command. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { WIDE = 80, LEFT = 29 };

/* The text, in lines that fit beside the options. */
static void wrapped(const char *text)
{
	for (size_t column = LEFT; *text;) {
		size_t n = strcspn(text, " "), width = dd_width((struct dd_str){text, n});
		if (column > LEFT && column + 1 + width > WIDE) {
			printf("\n%*s", LEFT, "");
			column = LEFT;
		}
		column += (size_t)printf("%s", column > LEFT ? " " : "") + width;
		printf("%.*s", (int)n, text);
		text += n + (text[n] == ' ');
	}
	putchar('\n');
}

static void help(const struct dd_options *o)
{
	printf("Usage: drydial %s %s\n\n%s\n\n", o->command, o->usage, o->summary);
	for (size_t i = 0; i < o->n; i++) {
		const char *argument = o->table[i].argument ? o->table[i].argument : "";
		int room = 24 -
		        (int)(strlen(o->table[i].name) + (*argument ? 1 : 0) +
		                dd_width(dd_str(argument)));
		printf("  --%s%s%s%*s ", o->table[i].name, *argument ? " " : "", argument,
		        room > 0 ? room : 0, "");
		wrapped(o->table[i].help);
	}
	printf("\n%s", o->more);
}

static int unknown(const struct dd_options *o, const char *given)
{
	const char *names[DD_OPTIONS_MAX];
	for (size_t i = 0; i < o->n; i++)
		names[i] = o->table[i].name;
	const char *near =
	        strncmp(given, "--", 2) == 0 ? dd_nearest(dd_str(given + 2), names, o->n) : NULL;
	return dd_usage_error("there is no option %s%s%s%s; see drydial %s --help", given,
	        near ? "; did you mean --" : "", near ? near : "", near ? "?" : "", o->command);
}

int dd_options_parse(const struct dd_options *o, int argc, char **argv,
        int (*take)(void *self, int letter, char *value), void *self)
{
	struct option longs[DD_OPTIONS_MAX + 1] = {{NULL, 0, NULL, 0}};
	int letter;
	for (size_t i = 0; i < o->n && i < DD_OPTIONS_MAX; i++)
		longs[i] = (struct option){o->table[i].name,
		        o->table[i].argument ? required_argument : no_argument, NULL,
		        o->table[i].letter};
	optind = 1;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (letter == 'h') {
			help(o);
			return EXIT_FINE;
		}
		if (letter == ':')
			return dd_usage_error("%s needs a value; see drydial %s --help",
			        argv[optind - 1], o->command);
		if (letter == '?')
			return unknown(o, argv[optind - 1]);
		int code = take(self, letter, optarg);
		if (code)
			return code;
	}
	return -1;
}
