/* drydial COMMAND …: finds the command. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/replace.h"
#include "cli/terminal.h"

const struct dd_command *dd_command_at(size_t i)
{
	static const struct dd_command *const all[] = {
#define COMMAND(name) &dd_command_##name,
	        DD_COMMANDS(COMMAND)
#undef COMMAND
	};
	return all[i];
}

static void print_commands(FILE *to)
{
	fprintf(to,
	        "drydial: dry-run an automated phone call before anyone's phone rings\n\n"
	        "Usage: drydial COMMAND FILE [options]\n\n"
	        "Commands:\n");
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		fprintf(to, "  %-10s %s\n", dd_command_at(i)->name, dd_command_at(i)->brief);
	fprintf(to,
	        "\nExample:\n  drydial call flows/appointment-reminder.yaml --keys 2 --fast\n\n"
	        "`drydial COMMAND --help` lists a command's options.\n"
	        "Exit: " DD_EXITS ".\n");
}

static int unknown(const char *name)
{
	const char *names[DD_COMMANDS_COUNT];
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		names[i] = dd_command_at(i)->name;
	const char *near = dd_nearest(dd_str(name), names, DD_COMMANDS_COUNT);
	return dd_usage_error("there is no command \"%s\"%s%s%s; see drydial --help", name,
	        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* Nothing half done stays behind: the terminal is as it was, no file is written aside. */
static void end_for_want_of_memory(void)
{
	static const char text[] =
	        "drydial: out of memory; free some, or give it less at once (docs/scaling.md)\n";
	dd_terminal_restore();
	dd_replace_abandon();
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(EXIT_USAGE);
	_exit(EXIT_USAGE);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_DFL);
	dd_memory_on_failure(end_for_want_of_memory);
	json_set_alloc_funcs(
	        dd_malloc, dd_free); /* none of its results can then be NULL for want of memory */
	if (argc < 2) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		print_commands(stdout);
		return EXIT_FINE;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		printf("drydial %s (eSpeak NG %s)\n", DRYDIAL_VERSION, dd_voice_release());
		return EXIT_FINE;
	}
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		if (strcmp(name, dd_command_at(i)->name) == 0)
			return dd_command_at(i)->run(argc - 1, argv + 1);
	if (strcmp(name, "write-docs") == 0)
		return dd_write_docs(argc - 1, argv + 1);
	return unknown(name);
}
