/* A dry run: one call carried out, and what came of it. It joins a program to ports
   (drydial/port.h) and keeps time; whoever drives it says how late it is, so that a call in real
   time and the same keys in no time at all give the same record.

       struct dd_run *run = dd_run_new(program);
       dd_run_set(run, "name", "Rahul");
       dd_run_keys(run, "2");
       dd_run_finish(run);                  in virtual time, to the end
       puts(dd_run_transcript(run));
       dd_run_free(run);

   In real time instead of dd_run_finish(): dd_run_start(); then sleep until dd_run_next(), or until
   a key is pressed; dd_run_advance() or dd_run_key(); until dd_run_over(). */
#ifndef DRYDIAL_RUN_H
#define DRYDIAL_RUN_H

#include <drydial/call.h>
#include <drydial/port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dd_run;

/* A run of `program`, which must outlive it. NULL: there is no memory. */
DD_API struct dd_run *dd_run_new(const struct dd_program *program);
/* Ports are told nothing more, but that answers which are still out are no longer wanted. NULL is
   fine. */
DD_API void dd_run_free(struct dd_run *run);

/* -- before the call: DD_ERR_REFUSED once it has begun. Texts are copied ---- */

/* Gives a variable its value. DD_ERR_REFUSED: the flow has no such variable. */
DD_API enum dd_status dd_run_set(struct dd_run *run, const char *name, const char *value);
/* The customer's number; without it one is made up. */
DD_API enum dd_status dd_run_from(struct dd_run *run, const char *number);
/* Who takes the call; without it a human does. */
DD_API enum dd_status dd_run_answered_by(struct dd_run *run, enum dd_answered_by by);
/* The moment of the answer, in ms since 1970; without it 2025-01-20T10:00:00+05:30. */
DD_API enum dd_status dd_run_at(struct dd_run *run, int64_t unix_ms);
/* The longest the call may last: 1 to 14,400,000 ms, which it is without it. */
DD_API enum dd_status dd_run_time_limit(struct dd_run *run, dd_ms limit);
/* Keys for dd_run_finish(), as those of `drydial call --keys`: items joined by commas, one for each
   time that a menu waits, such as "2,-,4321#"; "-" lets that time run out. DD_ERR_FORMAT: they are
   something else. */
DD_API enum dd_status dd_run_keys(struct dd_run *run, const char *keys);
/* What the server of the passthru with this id answers, in place of the flow's stubs: a status of
   HTTP (0: no answer in time) and a body (NULL: none). Again: the next answer; the last one
   repeats. DD_ERR_REFUSED: the flow has no such passthru. */
DD_API enum dd_status dd_run_stub(
        struct dd_run *run, const char *step, int status, const char *body);
/* Ports; the tables are copied, what they point to must outlive the run. Without a voice the model
   speaks (drydial/port.h). Without servers, and where they do not allow a host, stubs answer. Of
   ears there may be several; they hear in the order in which they came. */
DD_API enum dd_status dd_run_speech(struct dd_run *run, const struct dd_tts *voice);
DD_API enum dd_status dd_run_http(struct dd_run *run, const struct dd_http *servers);
DD_API enum dd_status dd_run_hear(struct dd_run *run, const struct dd_ear *ear);

/* -- the call: times never fall. DD_ERR_REFUSED before dd_run_start() ------- */

/* Begins the call: it rings, is answered at 0, and does what is due then. */
DD_API enum dd_status dd_run_start(struct dd_run *run);
/* When something happens by itself, or DD_NEVER. */
DD_API dd_ms dd_run_next(const struct dd_run *run);
/* Everything that is due until `at`, in order. */
DD_API enum dd_status dd_run_advance(struct dd_run *run, dd_ms at);
/* After everything due until `at`: a key, one of 0-9 * # (DD_ERR_FORMAT: another), the customer's
   hang-up, the answer to the request `id` of the port of servers. After the end they do nothing. */
DD_API enum dd_status dd_run_key(struct dd_run *run, dd_ms at, char key);
DD_API enum dd_status dd_run_hang_up(struct dd_run *run, dd_ms at);
DD_API enum dd_status dd_run_reply(
        struct dd_run *run, dd_ms at, uint32_t id, const struct dd_http_answer *answer);
/* Runs the call to its end in virtual time, with the keys of dd_run_keys(); begins it where nobody
   has. DD_ERR_REFUSED: it waits for an answer of the port of servers, and nothing else is due. */
DD_API enum dd_status dd_run_finish(struct dd_run *run);

/* -- what came of it: of the call so far, until it is over ------------------- */

/* Whether it is over; true as well of a run that is out of memory. */
DD_API bool dd_run_over(const struct dd_run *run);
/* The call itself, borrowed; NULL before the start. */
DD_API const struct dd_call *dd_run_call(const struct dd_run *run);
/* What the platform would say of it, who ended it, how long it lasted in ms. */
DD_API enum dd_call_status dd_run_status(const struct dd_run *run);
DD_API enum dd_ended_by dd_run_ended_by(const struct dd_run *run);
DD_API dd_ms dd_run_duration(const struct dd_run *run);
/* Whether the goal was reached, the customer opted out, and the whole message was heard. */
DD_API bool dd_run_goal(const struct dd_run *run);
DD_API bool dd_run_opted_out(const struct dd_run *run);
DD_API bool dd_run_heard(const struct dd_run *run);
/* The inputs that menus took, joined with commas. */
DD_API const char *dd_run_digits(const struct dd_run *run);

/* The record, event by event: when, what ("prompt", "key", "sms" …: the words of the transcript),
   which step (DD_STEP_NONE: none), and what it says, good until the next call of this function. Of
   an `i` that is not less than dd_run_events(): 0, NULL, DD_STEP_NONE, NULL. */
DD_API size_t dd_run_events(const struct dd_run *run);
DD_API dd_ms dd_run_event_at(const struct dd_run *run, size_t i);
DD_API const char *dd_run_event_type(const struct dd_run *run, size_t i);
DD_API uint32_t dd_run_event_step(const struct dd_run *run, size_t i);
DD_API const char *dd_run_event_text(struct dd_run *run, size_t i);

/* The record and what it came to as `drydial call` prints them, and the JSON of `--format json`;
   each good until the run goes on or it is asked for again. NULL: there is no memory, or nothing
   has begun. */
DD_API const char *dd_run_transcript(struct dd_run *run);
DD_API const char *dd_run_summary(struct dd_run *run);
DD_API const char *dd_run_json(struct dd_run *run);

#ifdef __cplusplus
}
#endif

#endif
