/* Any bytes as a scenario file beside a flow that has everything: loaded, and every scenario run.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/run.h"
#include "sim/tts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char flow[] = "tests/fuzz/everything.yaml";
	if (size > 20000)
		return 0;
	/* the first bytes are words for the matcher as well */
	struct dd_str text = {(const char *)data, size};
	struct dd_str half = {text.p, size / 2}, rest = {text.p + size / 2, size - size / 2};
	struct dd_buf folded = {0}, a = {0}, b = {0};
	uint32_t *origins;
	size_t end = 0;
	dd_fold_words(half, &folded, &origins);
	if (dd_folded_holds((struct dd_str){folded.p, folded.n},
	            (struct dd_str){folded.p, folded.n / 2}, &end) &&
	        origins[end ? end - 1 : 0] > half.n)
		abort();
	free(origins);
	if (size < 400)
		(void)dd_words_differ(half, rest, &a, &b, NULL);
	dd_buf_free(&folded);
	dd_buf_free(&a);
	dd_buf_free(&b);

	struct dd_buf file = {0};
	dd_buf_format(&file, "flow: %s\n", flow);
	dd_buf_add(&file, text.p, text.n);
	struct dd_suite *suite =
	        dd_suite_of_text("fuzz.test.yaml", (struct dd_str){file.p, file.n});
	dd_buf_free(&file);
	struct dd_sim_tts *tts = dd_sim_tts_new(20, 0);
	for (uint32_t i = 0; !suite->diags.errors && i < suite->nscenarios && i < 4; i++) {
		uint32_t runs = dd_scenario_runs(&suite->scenarios[i]);
		for (uint32_t row = 0; row < runs && row < 4; row++) {
			struct dd_run_options o = {.tts = dd_sim_tts_port(tts), .keep = true};
			struct dd_result result;
			dd_scenario_run(suite, i, row, &o, &result);
			dd_result_fini(&result);
		}
	}
	dd_sim_tts_free(tts);
	dd_suite_free(suite);
	return 0;
}
