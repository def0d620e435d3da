/* termios and signals. */
#include "cli/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static volatile sig_atomic_t terminal_raw, stop_signal, resized = 1;

void dd_terminal_restore(void)
{
	if (terminal_raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	terminal_raw = 0;
}

static void on_stop_signal(int number)
{
	stop_signal = number;
}

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

bool dd_terminal_raw(void)
{
	struct termios raw;
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0)
		return false;
	raw = saved;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
		return false;
	terminal_raw = 1;
	atexit(dd_terminal_restore);
	return true;
}

void dd_terminal_watch(void)
{
	struct sigaction stop = {.sa_handler = on_stop_signal},
	                 size = {.sa_handler = on_resize, .sa_flags = SA_RESTART};
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGHUP, &stop, NULL);
	sigaction(SIGWINCH, &size, NULL);
}

int dd_terminal_stopped(void)
{
	return stop_signal;
}

bool dd_terminal_resized(void)
{
	bool was = resized;
	resized = 0;
	return was;
}
