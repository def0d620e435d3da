/* Scenarios: scripted calls in virtual time, each held against what was expected. */
#ifndef DRYDIAL_SCENARIO_H
#define DRYDIAL_SCENARIO_H

#include <drydial/base.h>
#include <drydial/port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dd_results;

/* Runs all scenarios of the file at `path`, in the thread that calls. `voice` NULL: the model
   speaks (drydial/port.h). `*results` is to be given to dd_results_free(). DD_OK says that they
   ran, or could not be read, which is a result that failed; DD_ERR_MEMORY: `*results` is NULL.
   Nothing reaches the network, and no program is started: a file that calls an application is such
   a result as well. */
DD_API enum dd_status dd_scenarios_run(
        const char *path, const struct dd_tts *voice, struct dd_results **results);
/* The same of `n` bytes of text in memory: its flow is looked for beside `path`. */
DD_API enum dd_status dd_scenarios_run_text(const char *path, const char *text, size_t n,
        const struct dd_tts *voice, struct dd_results **results);

/* How many ran (each row of a scenario counts), and how many of them failed. */
DD_API size_t dd_results_count(const struct dd_results *results);
DD_API size_t dd_results_failed(const struct dd_results *results);
/* Of the i-th: its name, with its row; the line of its file on which it stands; whether it passed;
   the sentence that says why not (NULL: nothing was found). */
DD_API const char *dd_result_name(const struct dd_results *results, size_t i);
DD_API unsigned dd_result_line(const struct dd_results *results, size_t i);
DD_API bool dd_result_passed(const struct dd_results *results, size_t i);
DD_API const char *dd_result_message(const struct dd_results *results, size_t i);
/* All of them as `drydial test` shows them, as its JSON, and as JUnit's XML. */
DD_API const char *dd_results_text(const struct dd_results *results);
DD_API const char *dd_results_json(const struct dd_results *results);
DD_API const char *dd_results_junit(const struct dd_results *results);
DD_API void dd_results_free(struct dd_results *results); /* NULL is fine */

#ifdef __cplusplus
}
#endif

#endif
