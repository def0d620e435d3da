/* drydial COMMAND …: finds the command. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/input.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/replace.h"
#include "cli/terminal.h"
#include "read/aloud.h"

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

/* Whoever stops the program, politely or not, finds the terminal as it was, and no half file. */
static void end_by_signal(int number)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	dd_terminal_restore();
	dd_replace_abandon();
	(void)sigaction(number, &plain, NULL);
	(void)raise(number); /* it comes when this returns */
}

static void watch_signals(void)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction now, end = {.sa_handler = end_by_signal};
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			(void)sigaction(ending[i], &end, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails */
}

/* A descriptor of the first three that is closed would be given to the first file that is opened:
   what is printed would be written into it. Reading and writing must fail as before. */
static void keep_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		        open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_USAGE);
}

static int print_version(void)
{
	struct dd_buf out = {0};
	dd_buf_format(&out, "drydial %s (eSpeak NG %s)\n", DRYDIAL_VERSION, dd_voice_release());
	dd_print(&out);
	dd_buf_free(&out);
	return EXIT_FINE;
}

static void tell_lack(const char *sentence)
{
	dd_note("%s", sentence);
}

int main(int argc, char **argv)
{
	keep_standard();
	watch_signals();
	dd_inputs_remember();
	dd_aloud_on_lack(tell_lack);
	(void)atexit(dd_replace_abandon);
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
		dd_print(&(struct dd_buf){0});
		return EXIT_FINE;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		return print_version();
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		if (strcmp(name, dd_command_at(i)->name) == 0)
			return dd_command_at(i)->run(argc - 1, argv + 1);
	if (strcmp(name, "write-docs") == 0)
		return dd_write_docs(argc - 1, argv + 1);
	return unknown(name);
}
