/* Times with medians of several rounds, and ratios to what the same machine does bare. tools/bench
 * runs it. */
#define _GNU_SOURCE
#include <errno.h>
#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "bench_app.h"
#include "bench_serve.h"
#include "base/pcg.h"
#include "session/script.h"
#include "sim/tts.h"
#include "voice/speaker.h"
#include "voice/voice.h"

enum { ROUNDS = 9, PROMPTS = 40 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare);
	return values[n / 2];
}

/* -- process start ---------------------------------------------------------- */

static struct rusage last_usage; /* of the program run last */

/* Seconds that the program takes with these arguments; it must succeed. */
static double run_with(const char *program, char *const *args)
{
	double begun = now();
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execv(program, args);
		_exit(127);
	}
	int status;
	wait4(pid, &status, 0, &last_usage);
	if (status != 0)
		fprintf(stderr, "bench: %s %s %s failed\n", program, args[1], args[2]);
	return now() - begun;
}

static double run_once(const char *program, const char *flow)
{
	char *args[] = {(char *)program, "call", (char *)flow, "--fast", NULL};
	return run_with(program, args);
}

/* The median of so many runs; `cold`: each with an empty sound cache. */
static double times_of(const char *program, char *const *args, int runs, bool cold)
{
	double t[32];
	for (int i = 0; i < runs; i++) {
		char dir[] = "/tmp/drydial-bench-XXXXXX", command[64];
		if (cold && mkdtemp(dir))
			setenv("XDG_CACHE_HOME", dir, 1);
		t[i] = run_with(program, args);
		(void)snprintf(command, sizeof command, "rm -r %s", dir);
		if (cold && system(command) != 0)
			break;
		if (cold)
			unsetenv("XDG_CACHE_HOME");
	}
	return median(t, (size_t)runs);
}

static void process_start(const char *program)
{
	double t[101];
	FILE *file = fopen("/tmp/drydial-bench-trivial.yaml", "w");
	if (!file)
		return;
	fputs("flow: T\nsteps:\n  - hangup\n", file);
	fclose(file);
	for (int i = 0; i < 101; i++)
		t[i] = run_once(program, "/tmp/drydial-bench-trivial.yaml");
	printf("process start, trivial flow          %8.2f ms      (aim: under 5)\n",
	        median(t, 101) * 1000);
	for (int i = 0; i < 21; i++)
		t[i] = run_once(program, "flows/appointment-reminder.yaml");
	printf("appointment reminder, warm cache     %8.2f ms\n", median(t, 21) * 1000);
	double cold[7];
	for (int i = 0; i < 7; i++) {
		char dir[] = "/tmp/drydial-bench-XXXXXX", command[64];
		if (!mkdtemp(dir))
			return;
		setenv("XDG_CACHE_HOME", dir, 1);
		cold[i] = run_once(program, "flows/appointment-reminder.yaml");
		(void)snprintf(command, sizeof command, "rm -r %s", dir);
		if (system(command) != 0)
			return;
	}
	unsetenv("XDG_CACHE_HOME");
	double c = median(cold, 7);
	printf("appointment reminder, cold cache     %8.2f ms      (%.1f times the warm one)\n",
	        c * 1000, c / t[10]);
}

/* -- scenarios -------------------------------------------------------------- */

static bool write_scenarios(const char *dir)
{
	char path[128], real[512];
	if (!realpath("flows", real))
		return false;
	(void)snprintf(path, sizeof path, "%s/forty-two.test.yaml", dir);
	FILE *suite = fopen(path, "w");
	if (!suite)
		return false;
	fprintf(suite, "flow: %s/appointment-reminder.yaml\nscenarios:\n", real);
	for (int i = 0; i < 42; i++) {
		static const char *const keys[] = {"1", "2", "3", "9", "7,1", "-,-,-"};
		static const char *const said[] = {
		        "Thank you", "call you", "cancelled", "removed", "Thank you", "Goodbye"};
		fprintf(suite,
		        "  - name: scenario %d\n    script:\n      - hear: Hello Rahul\n"
		        "      - keys: \"%s\"\n      - hear: %s\n      - ended_by: flow\n"
		        "    expect: { status: completed }\n",
		        i, keys[i % 6], said[i % 6]);
	}
	fclose(suite);
	(void)snprintf(path, sizeof path, "%s/rows.csv", dir);
	FILE *rows = fopen(path, "w");
	if (!rows)
		return false;
	fputs("first,second,rating,recommend\n", rows);
	for (int i = 0; i < 10000; i++)
		fprintf(rows, "%d,%d,%s,%s\n", i % 3 + 1, i % 2 + 1,
		        (const char *[]){"excellent", "good", "poor"}[i % 3],
		        (const char *[]){"yes", "no"}[i % 2]);
	fclose(rows);
	(void)snprintf(path, sizeof path, "%s/survey.test.yaml", dir);
	FILE *survey = fopen(path, "w");
	if (!survey)
		return false;
	fprintf(survey,
	        "flow: %s/survey.yaml\nscenarios:\n  - name: survey\n    rows_file: rows.csv\n"
	        "    script:\n      - keys: \"{first},{second}\"\n"
	        "      - hear: Thank you for your feedback\n"
	        "    expect: { answers: { rating: \"{rating}\", recommend: \"{recommend}\" } }\n",
	        real);
	fclose(survey);
	return true;
}

static void scenarios(const char *program)
{
	char dir[] = "/tmp/drydial-bench-XXXXXX", suite[64], survey[64], command[64];
	if (!mkdtemp(dir) || !write_scenarios(dir))
		return;
	(void)snprintf(suite, sizeof suite, "%s/forty-two.test.yaml", dir);
	(void)snprintf(survey, sizeof survey, "%s/survey.test.yaml", dir);
	char *forty_two[] = {(char *)program, "test", suite, NULL},
	     *ours[] = {(char *)program, "test", "flows/", NULL};
	char *rows[] = {(char *)program, "test", survey, NULL},
	     *alone[] = {(char *)program, "test", survey, "--jobs", "1", NULL};
	char *mutate[] = {(char *)program, "test", "flows/", "--mutate", NULL};
	printf("42 scenarios, process start included %8.2f ms      (aim: under 50)\n",
	        times_of(program, forty_two, 21, false) * 1000);
	double warm = times_of(program, ours, 21, false);
	printf("drydial test flows/, warm            %8.2f ms      (aim: under 100)\n",
	        warm * 1000);
	printf("drydial test flows/, cold            %8.2f ms      (aim: under 1000)\n",
	        times_of(program, ours, 5, true) * 1000);
	printf("drydial test flows/ --mutate, warm   %8.2f ms      over what it takes without: "
	       "%.2f ms\n",
	        times_of(program, mutate, 11, false) * 1000,
	        (times_of(program, mutate, 11, false) - warm) * 1000);
	char *check[] = {(char *)program, "check", "flows/", NULL};
	printf("drydial check flows/, warm           %8.2f ms      (aim: under 50)\n",
	        times_of(program, check, 21, false) * 1000);
	double all = times_of(program, rows, 7, false), one = times_of(program, alone, 7, false);
	printf("10,000 rows of a survey              %8.2f ms      (aim: under 1000)\n",
	        all * 1000);
	printf("scenarios a second on one core       %8.0f         (all of the process, "
	       "10,000 rows)\n",
	        10000 / one);
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	if (system(command) != 0)
		fputs("bench: cannot clean up\n", stderr);
}

/* -- loading ---------------------------------------------------------------- */

static void loading(void)
{
	const char *path = "/tmp/drydial-bench-large.yaml";
	double t[ROUNDS];
	FILE *file = fopen(path, "w");
	if (!file)
		return;
	fputs("flow: Large\nvariables: { name: Rahul }\nsteps:\n", file);
	for (int i = 0; i < 5000; i++)
		fprintf(file,
		        "  - id: step%d\n"
		        "    greeting: Hello {name}, this is step number %d of a flow.\n"
		        "  - sms: Message %d for {name}\n",
		        i, i, i);
	fputs("  - hangup\n", file);
	long bytes = ftell(file);
	fclose(file);
	for (int i = 0; i < ROUNDS; i++) {
		struct dd_diags diags;
		struct dd_arena *arena = dd_arena_new();
		dd_diags_init(&diags, arena);
		double begun = now();
		struct dd_program *p = dd_program_load(path, &diags);
		t[i] = now() - begun;
		if (!p || dd_program_steps(p) != 10001)
			fprintf(stderr, "bench: the large flow was not loaded\n");
		dd_program_free(p);
		dd_diags_fini(&diags);
		dd_arena_free(arena);
	}
	double m = median(t, ROUNDS);
	printf("loading 10,000 steps (%ld KB)        %8.2f ms      %.1f MB/s (aim: over 20)\n",
	        bytes / 1000, m * 1000, (double)bytes / m / 1e6);
}

/* -- calls ------------------------------------------------------------------ */

/* The least a walk over such a graph can be: nine nodes, a random key at the menus, totals only. */
static double bare_walk(int calls)
{
	static const struct {
		unsigned char next[4];
		unsigned ms;
	} nodes[9] = {{{1, 1, 1, 1}, 3600}, {{2, 3, 4, 5}, 7200}, {{8, 8, 8, 8}, 1500},
	        {{6, 6, 6, 6}, 1900}, {{8, 8, 8, 8}, 1800}, {{7, 7, 7, 7}, 2500}, {{8, 8, 8, 8}, 0},
	        {{8, 8, 8, 8}, 500}, {{9, 9, 9, 9}, 0}};
	uint32_t x = 2463534242U;
	volatile uint64_t total = 0;
	uint64_t ms = 0;
	double begun = now();
	for (int i = 0; i < calls; i++)
		for (unsigned at = 0; at < 9;) {
			x ^= x << 13, x ^= x >> 17, x ^= x << 5;
			ms += nodes[at].ms;
			at = nodes[at].next[x & 3];
		}
	total = ms;
	(void)total;
	return calls / (now() - begun);
}

static double machine_rate; /* calls a second of the bare call machine, for the campaign's ratio */

/* Seconds of a processor that this process has had: what else runs takes its turns, not ours. */
static double busy(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Calls a second, on the processor's own clock. */
static double calls_per_second(struct dd_session *s, int calls)
{
	static const char *const keys[4] = {"1", "2", "3", "9"};
	double begun = busy();
	for (int i = 0; i < calls; i++) {
		struct dd_script script;
		dd_script_init(&script, keys[i & 3]);
		dd_session_start(s);
		dd_script_run(&script, s);
	}
	return calls / (busy() - begun);
}

static struct dd_session *session_of(const struct dd_program *p, struct dd_tts tts, bool record)
{
	struct dd_session_options o = {.program = p, .tts = tts, .record = record, .store = 512};
	return dd_session_new(&o);
}

/* What is compared takes turns, round by round: what else runs on the machine changes within a
 * second, and would otherwise fall on one of them alone. */
static void calls(void)
{
	enum { TURNS = 15 };
	struct dd_diags diags;
	struct dd_arena *arena = dd_arena_new();
	dd_diags_init(&diags, arena);
	struct dd_program *p = dd_program_load("flows/appointment-reminder.yaml", &diags);
	struct dd_program *q = dd_program_load("tests/bench/decides.yaml", &diags);
	struct dd_sim_tts *tts = dd_sim_tts_new(0, 0);
	struct dd_session *plain = session_of(p, dd_sim_tts_port(tts), false);
	struct dd_session *record = session_of(p, dd_sim_tts_port(tts), true);
	struct dd_session *decides = session_of(q, dd_sim_tts_port(tts), false);
	double fast[TURNS], traced[TURNS], decided[TURNS], share[TURNS];
	double bare = bare_walk(5000000);
	for (int turn = 0; turn < TURNS; turn++) {
		fast[turn] = calls_per_second(plain, 100000);
		decided[turn] = calls_per_second(decides, 100000);
		traced[turn] = calls_per_second(record, 30000);
		share[turn] = decided[turn] / fast[turn];
	}
	machine_rate = median(fast, TURNS);
	printf("virtual calls, no transcript         %8.2f M/s     (aim: "
	       "over 5) 1/%.0f of the bare walk's %.0f M/s\n",
	        machine_rate / 1e6, bare / machine_rate, bare / 1e6);
	printf("virtual calls, with transcript       %8.2f M/s     (aim: over 1)\n",
	        median(traced, TURNS) / 1e6);
	printf("with branch, set and connect         %8.2f M/s     %.2f of those without (aim: at "
	       "least 0.5)\n",
	        median(decided, TURNS) / 1e6, median(share, TURNS));
	dd_session_free(plain);
	dd_session_free(record);
	dd_session_free(decides);
	dd_program_free(q);
	dd_sim_tts_free(tts);
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

/* -- synthesis -------------------------------------------------------------- */

static char prompts[PROMPTS][128];

static int count_samples(short *wav, int n, espeak_EVENT *events)
{
	(void)wav, (void)n, (void)events;
	return 0;
}

static void pin(size_t cores)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	for (size_t i = 0; i < cores; i++)
		CPU_SET(i, &set);
	(void)sched_setaffinity(0, sizeof set, &set);
}

/* eSpeak NG by itself, in a child so that nothing of it stays here. Start-up included, as it is for
 * drydial. */
static double espeak_alone(const char *const *texts, size_t n)
{
	int pipes[2];
	double t = 0;
	if (pipe(pipes) != 0)
		return 0;
	if (fork() == 0) {
		setenv("PULSE_SERVER", "/nonexistent", 1);
		double begun = now();
		espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, NULL, espeakINITIALIZE_DONT_EXIT);
		espeak_SetSynthCallback(count_samples);
		espeak_ng_SetVoiceByName("en");
		espeak_SetParameter(espeakRATE, 160, 0);
		for (size_t i = 0; i < n; i++)
			espeak_Synth(texts[i], strlen(texts[i]) + 1, 0, POS_CHARACTER, 0,
			        espeakCHARS_UTF8 | espeakENDPAUSE, NULL, NULL);
		t = now() - begun;
		_exit(write(pipes[1], &t, sizeof t) != (ssize_t)sizeof t);
	}
	if (read(pipes[0], &t, sizeof t) != (ssize_t)sizeof t)
		t = 0;
	close(pipes[0]);
	close(pipes[1]);
	wait(NULL);
	return t;
}

static double drydial_speaks(unsigned jobs)
{
	struct dd_speech list[PROMPTS];
	const struct dd_sound *sounds[PROMPTS];
	double begun = now();
	struct dd_voice *v =
	        dd_voice_new(&(struct dd_voice_options){.cache_dir = "", .jobs = jobs});
	for (int i = 0; i < PROMPTS; i++)
		list[i] = (struct dd_speech){prompts[i], "en-gb", 160, 50, false};
	(void)dd_voice_say_all(v, list, PROMPTS, sounds, NULL);
	double t = now() - begun;
	dd_voice_free(v);
	return t;
}

static void synthesis(void)
{
	double alone[ROUNDS], one[ROUNDS], two[ROUNDS];
	const char *texts[PROMPTS];
	for (int i = 0; i < PROMPTS; i++)
		texts[i] = prompts[i];
	for (int i = 0; i < PROMPTS; i++)
		(void)snprintf(prompts[i], sizeof prompts[i],
		        "Hello Rahul, your order number %d has been shipped and will arrive by "
		        "January %d.",
		        1000 + i * 7, 1 + i % 28);
	for (int i = 0; i < ROUNDS; i++) {
		pin(1);
		alone[i] = espeak_alone(texts, PROMPTS);
		one[i] = drydial_speaks(1);
		pin(2);
		two[i] = drydial_speaks(2);
	}
	double a = median(alone, ROUNDS), b = median(one, ROUNDS), c = median(two, ROUNDS);
	printf("eSpeak NG alone, %d prompts          %8.2f ms\n", PROMPTS, a * 1000);
	printf("drydial, one core                    %8.2f ms      %.2f of eSpeak NG alone (aim: "
	       "under 1.3)\n",
	        b * 1000, b / a);
	printf("drydial, two cores                   %8.2f ms      %.2f of eSpeak NG alone (aim: "
	       "under 0.8)\n",
	        c * 1000, c / a);
}

/* -- contacts --------------------------------------------------------------- */

enum { CONTACTS = 100000, NAMES = 400, AMOUNTS = 5000, DATES = 168 };

/* The distinct spoken parts of the list: every value once, by itself, and the words between them.
 */
static size_t spoken_parts(char (*room)[40], const char **parts)
{
	static const char *const first[] = {"Rahul", "Priya", "Amit", "Sunita", "Lakshmi",
	        "Venkatesh", "Anil", "Deepa", "Kavita", "Suresh", "Meena", "Arjun", "Pooja",
	        "Vikram", "Neha", "Ravi", "Anita", "Manoj", "Divya", "Kiran"};
	static const char *const last[] = {"Sharma", "Iyer", "Patel", "Reddy", "Nair", "Gupta",
	        "Singh", "Das", "Menon", "Rao", "Joshi", "Khan", "Mehta", "Pillai", "Bose", "Verma",
	        "Chopra", "Bhat", "Shetty", "Kulkarni"};
	static const char *const months[] = {
	        "January", "February", "March", "April", "May", "June"};
	size_t n = 0;
	for (int i = 0; i < NAMES; i++)
		(void)snprintf(room[n++], sizeof *room, "%s %s", first[i % 20], last[i / 20]);
	for (int i = 0; i < AMOUNTS; i++)
		(void)snprintf(room[n++], sizeof *room, "%d", 100 + i * 2);
	for (int i = 0; i < DATES; i++)
		(void)snprintf(room[n++], sizeof *room, "%s %d", months[i / 28], i % 28 + 1);
	for (size_t i = 0; i < n; i++)
		parts[i] = room[i];
	parts[n++] = "Hello";
	parts[n++] = "your payment of";
	parts[n++] = "rupees is due on";
	return n;
}

static bool write_list(const char *flow, const char *list, char (*room)[40])
{
	struct dd_pcg rng = dd_pcg_seed(1, 1);
	FILE *f = fopen(flow, "w"), *l = fopen(list, "w");
	if (!f || !l)
		return false;
	fputs("flow: Payment\nvariables: { name: Rahul, amount: 500, due_date: January 20 }\n"
	      "steps:\n"
	      "  - greeting: Hello {name}, your payment of {amount} rupees is due on {due_date}.\n"
	      "  - sms: Rs. {amount} is due on {due_date}.\n  - hangup\n",
	        f);
	fputs("phone_number,name,amount,due_date\n", l);
	for (int i = 0; i < CONTACTS; i++)
		fprintf(l, "+9198%08d,%s,%s,%s\n", i, room[dd_pcg_next(&rng) % NAMES],
		        room[NAMES + dd_pcg_next(&rng) % AMOUNTS],
		        room[NAMES + AMOUNTS + dd_pcg_next(&rng) % DATES]);
	return fclose(f) == 0 && fclose(l) == 0;
}

static void contacts(const char *program)
{
	static char room[NAMES + AMOUNTS + DATES + 8][40];
	static const char *parts[NAMES + AMOUNTS + DATES + 8];
	static char flow[] = "/tmp/drydial-bench-contacts.yaml",
	            list[] = "/tmp/drydial-bench-contacts.csv";
	size_t n = spoken_parts(room, parts);
	char *args[] = {(char *)program, "check", flow, "--contacts", list, NULL};
	double alone[3], ours[3];
	if (!write_list(flow, list, room))
		return;
	for (int i = 0; i < 3; i++) {
		alone[i] = espeak_alone(parts, n);
		ours[i] = run_with(program, args);
	}
	double a = median(alone, 3), b = median(ours, 3);
	printf("eSpeak NG alone, %zu spoken parts   %8.2f s\n", n, a);
	printf("check --contacts, 100,000 contacts   %8.2f s       %.2f of eSpeak NG alone (aim: "
	       "under 2), at most %ld MB (aim: under 200)\n",
	        b, b / a, last_usage.ru_maxrss / 1024);
	(void)unlink(flow);
	(void)unlink(list);
}

/* -- campaigns -------------------------------------------------------------- */

/* Wall seconds and the most memory of `drydial campaign` with so many contacts, two retries, over
 * three days, on one core. */
static double rehearse(const char *program, long contacts, long *kib)
{
	static char path[] = "/tmp/drydial-bench-campaign.yaml";
	char real[512];
	FILE *file = fopen(path, "w");
	if (!file || !realpath("flows/appointment-reminder.yaml", real))
		return 0;
	/* as many lines as let the whole list be called in three windows of twelve hours */
	fprintf(file,
	        "name: Bench\nflow: %s\ncaller_id: \"+918047112233\"\ncontacts: %ld\n"
	        "schedule: { start_time: 2025-01-20T09:00:00+05:30, end_time: "
	        "2025-01-22T21:00:00+05:30, "
	        "daily_start: \"09:00\", daily_end: \"21:00\" }\n"
	        "retry: { max_attempts: 3, interval_minutes: 60 }\nconcurrency: %ld\n"
	        "throttle: %ld\naccount: { throttle: %ld }\n",
	        real, contacts, contacts / 2000 + 1, contacts / 500 + 1, contacts / 500 + 1);
	fclose(file);
	double begun = now();
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		pin(1);
		execl(program, program, "campaign", path, "--format", "json", (char *)NULL);
		_exit(127);
	}
	int status;
	struct rusage usage;
	wait4(pid, &status, 0, &usage);
	*kib = usage.ru_maxrss;
	(void)unlink(path);
	if (status != 0)
		fprintf(stderr, "bench: campaign failed\n");
	return now() - begun;
}

static void campaigns(const char *program)
{
	double million[5], t;
	long small = 0, kib = 0;
	(void)rehearse(program, 1000, &small);
	for (int i = 0; i < 5; i++)
		million[i] = rehearse(program, 1000000, &kib);
	double m = median(million, 5);
	printf("campaign, a million contacts         %8.2f s       (aim: "
	       "under 2) %.2f M contacts/s, %ld MB (aim: under 100), %.0f bytes a contact\n",
	        m, 1 / m, kib / 1024, (double)(kib - small) * 1024 / 1e6);
	/* some 1.87 calls a contact: about two in five of them are answered and walk through the
	 * flow */
	printf("campaign against the call machine    %8.2f         of the %.1f M calls a second "
	       "that it makes by itself\n",
	        1.87e6 / m / machine_rate, machine_rate / 1e6);
	t = rehearse(program, 10000000, &kib);
	printf("campaign, ten million contacts       %8.2f s       %.1f times a million's (n log "
	       "n: %.1f), %ld MB\n",
	        t, t / m, 10 * 7.0 / 6.0, kib / 1024);
}

/* -- barge-in --------------------------------------------------------------- */

static void barge_in(void)
{
	struct dd_speaker *speaker;
	struct dd_error err;
	double t[21];
	if (dd_speaker_open(DD_LINE_WIDE, &speaker, &err) != DD_OK) {
		printf("barge-in delay                       not measured: %s\n", err.text);
		return;
	}
	struct dd_ear ear = dd_speaker_ear(speaker);
	static int16_t pcm[DD_RATE_HZ * 2];
	for (size_t i = 0; i < sizeof pcm / sizeof *pcm; i++)
		pcm[i] = (int16_t)(i % 100 * 50);
	const struct dd_sound sound = {DD_RATE_HZ * 2, 0, pcm, NULL};
	const struct dd_piece piece = {&sound, sound.frames};
	int n = 0;
	for (int i = 0; i < 21; i++) {
		const struct timespec play = {0, 100000000}, stop = {0, 60000000};
		ear.play(ear.self, 0, &piece, 1);
		nanosleep(&play, NULL);
		ear.stop(ear.self, 0);
		nanosleep(&stop, NULL);
		if (dd_speaker_stop_ms(speaker) >= 0)
			t[n++] = dd_speaker_stop_ms(speaker);
	}
	if (n)
		printf("barge-in, key to silent callback     %8.2f ms      + device latency %.1f "
		       "ms (aim: under 50)\n",
		        median(t, (size_t)n), dd_speaker_latency_ms(speaker));
	else
		printf("barge-in delay                       not measured: "
		       "the device asked for no sound\n");
	dd_speaker_close(speaker);
}

int main(int argc, char **argv)
{
	char program[512];
	(void)snprintf(program, sizeof program, "%s", argv[0]);
	char *slash = strrchr(program, '/');
	strcpy(slash ? slash + 1 : program, "drydial");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && strcmp(argv[1], "scenarios") == 0) {
		scenarios(program);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "calls") == 0) { /* for a profiler */
		calls();
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "campaigns") == 0) {
		calls();
		campaigns(program);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "contacts") == 0) {
		contacts(program);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "serve") == 0) {
		bench_serve(program);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "apps") == 0) {
		bench_app(program);
		return 0;
	}
	process_start(program);
	scenarios(program);
	loading();
	calls();
	synthesis();
	contacts(program);
	campaigns(program);
	bench_serve(program);
	bench_app(program);
	barge_in();
	return 0;
}
