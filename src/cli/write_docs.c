/* drydial write-docs FOLDER: the manual pages and completions, which stand in docs/. It is for
   those who build drydial (`make docs`), and in no list of commands. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/command.h"

static int write_page(const char *folder, const char *name, const struct dd_buf *text)
{
	struct dd_buf path = {0};
	dd_buf_format(&path, "%s/%s", folder, name);
	FILE *file = fopen(path.p, "w");
	bool fine = file && fwrite(text->p, 1, text->n, file) == text->n;
	fine = file && fclose(file) == 0 && fine;
	int code = fine ? EXIT_FINE : dd_usage_error("%s: %s", path.p, strerror(errno));
	dd_buf_free(&path);
	return code;
}

static int write_manual(const char *folder, const struct dd_command *c)
{
	struct dd_buf text = {0}, name = {0};
	dd_buf_format(&name, c ? "man/drydial-%s.1" : "man/drydial%s.1", c ? c->name : "");
	if (c)
		dd_manual(c, &text);
	else
		dd_manual_of_all(&text);
	int code = write_page(folder, name.p, &text);
	dd_buf_free(&text);
	dd_buf_free(&name);
	return code;
}

static int write_completion(const char *folder, const char *name, void (*print)(struct dd_buf *))
{
	struct dd_buf text = {0};
	print(&text);
	int code = write_page(folder, name, &text);
	dd_buf_free(&text);
	return code;
}

static void make_folder(const char *folder, const char *name)
{
	struct dd_buf path = {0};
	dd_buf_format(&path, "%s/%s", folder, name);
	(void)mkdir(path.p, 0777); /* if it is not there then, writing into it says so */
	dd_buf_free(&path);
}

int dd_write_docs(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(struct dd_buf *);
	} shells[] = {{"completions/drydial.bash", dd_complete_bash},
	        {"completions/drydial.zsh", dd_complete_zsh},
	        {"completions/drydial.fish", dd_complete_fish}};
	if (argc != 2)
		return dd_usage_error("where to? drydial write-docs FOLDER");
	make_folder(argv[1], "man");
	make_folder(argv[1], "completions");
	int code = write_manual(argv[1], NULL);
	for (size_t i = 0; i < DD_COMMANDS_COUNT && !code; i++)
		code = write_manual(argv[1], dd_command_at(i));
	for (size_t i = 0; i < sizeof shells / sizeof *shells && !code; i++)
		code = write_completion(argv[1], shells[i].name, shells[i].print);
	return code;
}
