/* Prints made-up forecasts: page FORMAT KIND…, so that a page can be looked at without a
 * simulation. */
#include "made_up.h"

#include <stdio.h>
#include <string.h>

static void print(
        const char *format, const struct dd_forecast *const *list, size_t n, struct dd_buf *out)
{
	if (strcmp(format, "html") == 0)
		dd_forecast_html(list, n, out);
	else if (strcmp(format, "json") == 0)
		dd_forecast_json(list, n, out);
	else if (strcmp(format, "csv") == 0)
		dd_forecast_csv(list, n, out);
	else
		dd_forecast_text(list, n,
		        &(struct dd_forecast_style){.colour = strcmp(format, "colour") == 0}, out);
}

int main(int argc, char **argv)
{
	enum { MOST = 8 };
	struct made_up *all[MOST];
	const struct dd_forecast *list[MOST];
	struct dd_buf out = {0};
	size_t n = 0;
	for (int i = 2; i < argc && n < MOST; i++) {
		all[n] = made_up(argv[i]);
		if (!all[n]) {
			fprintf(stderr, "no forecast of this kind: %s\n", argv[i]);
			return 2;
		}
		list[n] = &all[n]->f;
		n++;
	}
	print(argc > 1 ? argv[1] : "text", list, n, &out);
	fwrite(out.p, 1, out.n, stdout);
	dd_buf_free(&out);
	for (size_t i = 0; i < n; i++)
		made_up_free(all[i]);
	return 0;
}
