/* One text has one sound, whatever was said before, in whichever process, on however many cores. */
#include "../unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sndfile.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <drydial/call.h>

#include "base/arena.h"
#include "base/pcg.h"
#include "call/fill.h"
#include "flow/program.h"
#include "voice/voice.h"
#include "voice/wav.h"
#include "voice/zygote.h"

enum { TEXTS = 8 };
static const char *const texts[TEXTS] = {"Yes.", "Thank you for calling.",
        "Hello Rahul, your appointment is tomorrow at 3 PM.", "4. 5. 7. 8.",
        "<speak>One <break time='500ms'/> two</speak>", "नमस्ते, आपका अपॉइंटमेंट कल है।", "வணக்கம்",
        "Press 1 to confirm."};

static struct dd_speech speech_of(size_t i)
{
	const char *voice = i == 5 ? "hi" : i == 6 ? "ta" : "en-gb";
	return (struct dd_speech){texts[i], voice, 160, 50, texts[i][0] == '<'};
}

static uint64_t hash_of(const struct dd_sound *s)
{
	return XXH3_64bits(s->pcm, (size_t)s->frames * 2) ^
	        XXH3_64bits(s->words, s->nwords * sizeof *s->words);
}

static void speak_all(const struct dd_voice_options *o, int order, uint64_t hashes[TEXTS])
{
	struct dd_voice *v = dd_voice_new(o);
	struct dd_speech list[TEXTS];
	const struct dd_sound *sounds[TEXTS];
	size_t at[TEXTS];
	for (size_t i = 0; i < TEXTS; i++) {
		at[i] = order == 0 ? i : order == 1 ? TEXTS - 1 - i : (i * 5 + 3) % TEXTS;
		list[i] = speech_of(at[i]);
	}
	assert_int_equal(dd_voice_say_all(v, list, TEXTS, sounds, NULL), DD_OK);
	for (size_t i = 0; i < TEXTS; i++) {
		assert_true(sounds[i]->frames > 1000);
		hashes[at[i]] = hash_of(sounds[i]);
	}
	dd_voice_free(v);
}

static void one_sound(void **state)
{
	(void)state;
	uint64_t first[TEXTS], other[TEXTS];
	speak_all(&(struct dd_voice_options){.cache_dir = "", .jobs = 1}, 0, first);
	for (int order = 0; order < 3; order++)
		for (unsigned jobs = 1; jobs <= 2; jobs++) {
			speak_all(&(struct dd_voice_options){.cache_dir = "", .jobs = jobs}, order,
			        other);
			assert_memory_equal(first, other, sizeof first);
		}
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	if (fork() == 0) {
		speak_all(&(struct dd_voice_options){.cache_dir = "", .jobs = 2}, 2, other);
		_exit(write(pipes[1], other, sizeof other) != (ssize_t)sizeof other);
	}
	assert_int_equal(read(pipes[0], other, sizeof other), sizeof other);
	assert_memory_equal(first, other, sizeof first);
	wait(NULL);
}

/* Does to each child of this process what a person, or a lack of memory, does. */
static int signal_children(int signal)
{
	char path[64], text[4096] = "", *at = text;
	int n = 0;
	(void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	(void)fread(text, 1, sizeof text - 1, f);
	(void)fclose(f);
	for (long pid; (pid = strtol(at, &at, 10)) > 0; n++)
		assert_int_equal(kill((pid_t)pid, signal), 0);
	return n;
}

/* A zygote that is dead, or that says nothing any more, is replaced: for speaking and for lengths,
   and the sound is the same. */
static void dead_and_stuck_children_are_replaced(void **state)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGSTOP};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct dd_voice *v =
		        dd_voice_new(&(struct dd_voice_options){.cache_dir = "", .jobs = 2});
		struct dd_speech list[TEXTS], one = speech_of(0);
		const struct dd_sound *sound = NULL, *sounds[TEXTS];
		uint32_t frames[TEXTS];
		uint64_t plain[TEXTS];
		speak_all(&(struct dd_voice_options){.cache_dir = "", .jobs = 2}, 0, plain);
		for (size_t t = 0; t < TEXTS; t++)
			list[t] = speech_of(t);
		assert_int_equal(dd_voice_say(v, &one, &sound, NULL), DD_OK);
		/* longer than a healthy child takes on a machine that is busy */
		dd_zygotes_patience(5000);
		assert_true(signal_children(signals[i]) > 0);
		assert_int_equal(dd_voice_say_all(v, list, TEXTS, sounds, NULL), DD_OK);
		for (size_t t = 0; t < TEXTS; t++)
			assert_true(hash_of(sounds[t]) == plain[t]);
		for (int rough = 0; rough < 2; rough++) {
			assert_true(signal_children(signals[i]) > 0);
			dd_voice_measure(v, list, frames, TEXTS, rough);
			for (size_t t = 0; t < TEXTS; t++)
				assert_true(frames[t] < DD_TTS_UNMEASURED &&
				        (rough || frames[t] == sounds[t]->frames));
		}
		dd_voice_free(v);
		assert_int_equal(signal_children(0), 0);
		dd_zygotes_patience(0);
	}
}

/* Every prompt of flows/ with its examples filled in. */
static size_t prompts_of_flows(struct dd_arena *arena, struct dd_speech *list, size_t room)
{
	glob_t found;
	size_t count = 0;
	assert_int_equal(glob("flows/*.yaml", 0, NULL, &found), 0);
	for (size_t f = 0; f < found.gl_pathc; f++) {
		if (strstr(found.gl_pathv[f], ".test.yaml"))
			continue;
		struct dd_program *p = dd_program_open(found.gl_pathv[f], NULL);
		assert_non_null(p);
		struct dd_call *call = malloc(dd_call_size(p, DD_STORE_BYTES));
		dd_call_init(call, p, DD_STORE_BYTES, &(struct dd_setup){0});
		for (uint32_t i = 0; i < p->nsegments && count < room; i++) {
			const struct dd_segment *g = &p->segments[i];
			const struct dd_voice_choice *v = &p->voices[g->voice];
			char text[DD_TEXT_BYTES_MAX + 1], *name = dd_arena_alloc(arena, 64);
			size_t n, missing = 0;
			bool nearest;
			if (g->kind != DD_SEG_TEXT)
				continue;
			assert_int_equal(dd_call_fill(call, g->text, DD_FILL_SPEECH, 0, text,
			                         sizeof text, &n, NULL, &missing),
			        DD_OK);
			assert_int_equal(
			        dd_voice_find(v->language, v->variant, name, &nearest, NULL),
			        DD_OK);
			list[count++] = (struct dd_speech){dd_arena_copy(arena, text, n), name,
			        v->rate_wpm, v->pitch, p->templates[g->text].ssml};
		}
		free(call);
		dd_program_free(p);
	}
	globfree(&found);
	return count;
}

enum { MOST = 400 };

/* order 0: as they stand, 1: backwards, 2: by strides; hashes in the order of the list. */
static void speak_list(
        const struct dd_speech *list, size_t n, int order, unsigned jobs, uint64_t *hashes)
{
	static struct dd_speech turned[MOST];
	static const struct dd_sound *sounds[MOST];
	size_t stride = n % 7 ? 7 : n % 11 ? 11 : 13;
	struct dd_voice *v =
	        dd_voice_new(&(struct dd_voice_options){.cache_dir = "", .jobs = jobs});
	for (size_t i = 0; i < n; i++)
		turned[i] = list[order == 0 ? i : order == 1 ? n - 1 - i : i * stride % n];
	assert_int_equal(dd_voice_say_all(v, turned, n, sounds, NULL), DD_OK);
	for (size_t i = 0; i < n; i++)
		hashes[order == 0            ? i
		                : order == 1 ? n - 1 - i
		                             : i * stride % n] = hash_of(sounds[i]);
	dd_voice_free(v);
}

static void each_prompt_of_our_flows_has_one_sound(void **state)
{
	static struct dd_speech list[MOST];
	static uint64_t first[MOST], other[MOST];
	struct dd_arena *arena = dd_arena_new();
	size_t n = prompts_of_flows(arena, list, MOST), bytes = n * sizeof *first;
	int pipes[2];
	(void)state;
	assert_in_range(n, 60, MOST - 1);
	speak_list(list, n, 0, 1, first);
	speak_list(list, n, 0, 2, other);
	assert_memory_equal(first, other, bytes);
	for (int order = 1; order < 3; order++)
		for (unsigned jobs = 1; jobs <= 2; jobs++) {
			memset(other, 0, bytes);
			speak_list(list, n, order, jobs, other);
			assert_memory_equal(first, other, bytes);
		}
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	if (child == 0) {
		speak_list(list, n, 2, 2, other);
		_exit(write(pipes[1], other, bytes) != (ssize_t)bytes);
	}
	assert_int_equal(read(pipes[0], other, bytes), bytes);
	assert_memory_equal(first, other, bytes);
	waitpid(child, NULL, 0);
	dd_arena_free(arena);
}

static void spoil(const char *dir, int how)
{
	DIR *d = opendir(dir);
	for (const struct dirent *e; (e = readdir(d));) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] == '.')
			continue;
		if (how == 0)
			assert_int_equal(truncate(path, 1000), 0);
		int fd = open(path, O_WRONLY);
		if (how == 1)
			assert_int_equal(pwrite(fd, "spoilt", 6, 5000), 6);
		if (how == 2)
			assert_int_equal(pwrite(fd, "spoilt", 6, 0), 6);
		close(fd);
	}
	closedir(d);
}

static void the_cache_is_harmless(void **state)
{
	(void)state;
	char dir[] = "/tmp/drydial-cache-XXXXXX", command[64];
	uint64_t cold[TEXTS], warm[TEXTS];
	assert_non_null(mkdtemp(dir));
	struct dd_voice_options o = {.cache_dir = dir};
	speak_all(&o, 0, cold);
	speak_all(&o, 1, warm);
	assert_memory_equal(cold, warm, sizeof cold);
	for (int how = 0; how < 3; how++) {
		spoil(dir, how);
		speak_all(&o, 0, warm);
		assert_memory_equal(cold, warm, sizeof cold);
	}
	struct dd_voice *v = dd_voice_new(&o);
	const struct dd_sound *sound;
	struct dd_speech speech = speech_of(0);
	assert_int_equal(dd_voice_say(v, &speech, &sound, NULL), DD_OK);
	assert_int_equal(dd_voice_stats(v).disk_hits, 1);
	assert_int_equal(dd_voice_say(v, &speech, &sound, NULL), DD_OK);
	assert_int_equal(dd_voice_stats(v).memory_hits, 1);
	dd_voice_free(v);
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void the_cache_is_bounded(void **state)
{
	(void)state;
	char dir[] = "/tmp/drydial-cache-XXXXXX", command[64], text[32];
	assert_non_null(mkdtemp(dir));
	struct dd_voice *v =
	        dd_voice_new(&(struct dd_voice_options){.cache_dir = dir, .cache_bytes = 500000});
	for (int i = 0; i < 130; i++) {
		const struct dd_sound *sound;
		snprintf(text, sizeof text, "Number %d.", i);
		struct dd_speech speech = {text, "en-gb", 300, 50, false};
		assert_int_equal(dd_voice_say(v, &speech, &sound, NULL), DD_OK);
	}
	dd_voice_free(v);
	snprintf(command, sizeof command, "test $(ls %s | wc -l) -lt 100", dir);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static void unknown_voices(void **state)
{
	(void)state;
	char name[64];
	bool nearest;
	struct dd_error err;
	assert_int_equal(dd_voice_find("en-IN", NULL, name, &nearest, NULL), DD_OK);
	assert_string_equal(name, "en-gb");
	assert_true(nearest);
	assert_int_equal(dd_voice_find("hi-IN", "f2", name, &nearest, NULL), DD_OK);
	assert_string_equal(name, "hi+f2");
	assert_false(nearest);
	assert_int_equal(dd_voice_find("xx", NULL, name, &nearest, &err), DD_ERR_VOICE);
	assert_int_equal(dd_voice_find("hi", "../x", name, &nearest, &err), DD_ERR_VOICE);
	struct dd_voice *v = dd_voice_new(&(struct dd_voice_options){.cache_dir = ""});
	const struct dd_sound *sound = NULL;
	struct dd_speech speech = {"Hi", "no-such-voice", 160, 50, false};
	assert_int_equal(dd_voice_say(v, &speech, &sound, &err), DD_ERR_READ);
	assert_null(sound);
	speech.voice = "en-gb"; /* and the next text is spoken */
	assert_int_equal(dd_voice_say(v, &speech, &sound, &err), DD_OK);
	dd_voice_free(v);
}

static void words_have_places(void **state)
{
	(void)state;
	struct dd_voice *v = dd_voice_new(&(struct dd_voice_options){.cache_dir = ""});
	const struct dd_sound *s;
	struct dd_speech speech = {"Héllo wörld again", "en-gb", 160, 50, false};
	assert_int_equal(dd_voice_say(v, &speech, &s, NULL), DD_OK);
	assert_int_equal(s->nwords, 3);
	assert_int_equal(s->words[0].start, 0);
	assert_int_equal(s->words[1].start, strlen("Héllo "));
	assert_int_equal(s->words[1].end, strlen("Héllo wörld"));
	assert_true(s->words[1].frame > s->words[0].frame && s->words[2].frame > s->words[1].frame);
	assert_true(s->words[2].frame < s->frames);
	dd_voice_free(v);
}

/* A pause in SSML takes exactly its time. */
static void breaks_are_exact(void **state)
{
	(void)state;
	struct dd_voice *v = dd_voice_new(&(struct dd_voice_options){.cache_dir = ""});
	const struct dd_sound *one, *two;
	struct dd_speech speech = {
	        "<speak>One <break time='1s'/> two</speak>", "en-gb", 160, 50, true};
	assert_int_equal(dd_voice_say(v, &speech, &one, NULL), DD_OK);
	speech.text = "<speak>One <break time='3s'/> two</speak>";
	assert_int_equal(dd_voice_say(v, &speech, &two, NULL), DD_OK);
	assert_in_range(two->frames - one->frames, 2 * DD_RATE_HZ - 200, 2 * DD_RATE_HZ + 200);
	dd_voice_free(v);
}

static void hostile_texts(void **state)
{
	(void)state;
	struct dd_voice *v = dd_voice_new(&(struct dd_voice_options){.cache_dir = ""});
	const struct dd_sound *s;
	const char *bad[] = {"", " ",
	        "\x01"
	        "50S fast",
	        "\xff\xfe", "[[h@l'oU]]", "<<<<<", "%n%s%d"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct dd_speech speech = {bad[i], "en-gb", 160, 50, false};
		assert_int_equal(dd_voice_say(v, &speech, &s, NULL), DD_OK);
	}
	dd_voice_free(v);
}

static void recordings(void **state)
{
	(void)state;
	struct dd_voice *v = dd_voice_new(&(struct dd_voice_options){.cache_dir = ""});
	const struct dd_sound *s;
	struct dd_error err;
	assert_int_equal(dd_voice_load(v, "tests/flows/good/second.wav", &s, &err), DD_OK);
	assert_int_equal(s->frames, DD_RATE_HZ);
	assert_int_equal(dd_voice_load(v, "/dev/zero", &s, &err), DD_ERR_READ);
	assert_int_equal(dd_voice_load(v, "tests/flows/good", &s, &err), DD_ERR_READ);
	assert_int_equal(dd_voice_load(v, "Makefile", &s, &err), DD_ERR_FORMAT);
	const struct {
		const char *form;
		uint32_t frames;
	} forms[] = {{"-r 44100 -b 24 -c 2", DD_RATE_HZ / 2},
	        {"-r 16000 -b 8 -e unsigned -c 1", DD_RATE_HZ / 2},
	        {"-r 48000 -b 32 -e float -c 3", DD_RATE_HZ / 2},
	        {"-r 8000 -e a-law -c 1", DD_RATE_HZ / 2}};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		char command[200], path[64];
		snprintf(path, sizeof path, "/tmp/drydial-test-%d-%zu.wav", (int)getpid(), i);
		snprintf(command, sizeof command,
		        "sox -n %s %s synth 0.5 sine 440 vol 0.3 2>/dev/null", forms[i].form, path);
		assert_int_equal(system(command), 0);
		assert_int_equal(dd_voice_load(v, path, &s, &err), DD_OK);
		assert_int_equal(s->frames, forms[i].frames);
		int64_t energy = 0;
		for (uint32_t k = 2000; k < 9000; k++)
			energy += s->pcm[k] * s->pcm[k];
		assert_in_range(energy / 7000, 40000000,
		        56000000); /* 0.3 of full scale: rms 0.212, squared */
		unlink(path);
	}
	dd_voice_free(v);
}

/* A small file that holds more than may be read. */
static void write_hours_of_silence(const char *path)
{
	enum { SAMPLES = 106000000, BLOCK = 1 << 16 };
	static const short silence[BLOCK];
	SF_INFO form = {
	        .samplerate = 8000, .channels = 1, .format = SF_FORMAT_FLAC | SF_FORMAT_PCM_S8};
	double fastest = 0;
	SNDFILE *out = sf_open(path, SFM_WRITE, &form);
	assert_non_null(out);
	(void)sf_command(out, SFC_SET_COMPRESSION_LEVEL, &fastest, sizeof fastest);
	for (long n = 0; n < SAMPLES; n += BLOCK)
		assert_int_equal(sf_writef_short(out, silence, BLOCK), BLOCK);
	assert_int_equal(sf_close(out), 0);
}

/* Real files of every form, then each of them cut short and with bytes changed: a sound or a
   sentence, and nothing worse. */
static void recordings_of_every_form(void **state)
{
	(void)state;
	static const char *const forms[] = {"wav", "mp3", "ogg", "opus", "flac"};
	struct dd_sound *s = NULL;
	struct dd_recording about;
	struct dd_error err;
	char dir[] = "/tmp/drydial-forms-XXXXXX", command[600], path[300];
	assert_non_null(mkdtemp(dir));
	snprintf(command, sizeof command,
	        "cd %s && sox -n -r 16000 -c 2 -b 16 a.wav synth 1.5 sine 440 vol 0.3 2>e && "
	        "for f in mp3 ogg flac; do sox a.wav a.$f 2>e || exit 1; done && "
	        "opusenc --quiet a.wav a.opus",
	        dir);
	assert_int_equal(system(command), 0);
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		struct stat st;
		snprintf(path, sizeof path, "%s/a.%s", dir, forms[f]);
		assert_int_equal(dd_wav_read(path, &s, &err), DD_OK);
		/* MP3 knows no length but that of its blocks */
		uint32_t more = f == 1 ? DD_RATE_HZ / 8 : 0;
		assert_in_range(s->frames, DD_RATE_HZ * 3 / 2, DD_RATE_HZ * 3 / 2 + more);
		int64_t energy = 0;
		for (uint32_t k = 8000; k < 24000; k++)
			energy += s->pcm[k] * s->pcm[k];
		assert_in_range(energy / 16000, 43000000, 54000000);
		free(s);
		assert_int_equal(dd_wav_about(path, &about, &err), DD_OK);
		assert_true(about.measured && about.channels == 2 && about.peak_db > -11.5 &&
		        about.peak_db < -9.5);
		int fd = open(path, O_RDONLY);
		assert_true(fd >= 0 && fstat(fd, &st) == 0);
		char *whole = malloc((size_t)st.st_size);
		assert_int_equal(read(fd, whole, (size_t)st.st_size), st.st_size);
		close(fd);
		struct dd_pcg rng = dd_pcg_seed(7, f);
		for (int i = 0; i < 60; i++) {
			char *copy = malloc((size_t)st.st_size);
			size_t n =
			        i % 3 ? (size_t)st.st_size : dd_pcg_next(&rng) % (size_t)st.st_size;
			memcpy(copy, whole, (size_t)st.st_size);
			for (int k = 0; k < 1 + i / 6; k++)
				copy[dd_pcg_next(&rng) % (i % 2 ? 200 : (size_t)st.st_size)] =
				        (char)dd_pcg_next(&rng);
			snprintf(path, sizeof path, "%s/broken.%s", dir, forms[f]);
			FILE *to = fopen(path, "wb");
			assert_non_null(to);
			(void)fwrite(copy, 1, n, to);
			fclose(to);
			free(copy);
			err.text[0] = '\0';
			if (dd_wav_read(path, &s, &err) == DD_OK)
				free(s);
			else
				assert_true(strstr(err.text, path) == err.text);
			(void)dd_wav_about(path, &about, &err);
		}
		free(whole);
	}
	snprintf(path, sizeof path, "%s/bomb.flac", dir);
	write_hours_of_silence(path);
	assert_int_equal(dd_wav_read(path, &s, &err), DD_ERR_LIMIT);
	assert_non_null(strstr(err.text, "more than 104 million samples"));
	assert_int_equal(dd_wav_about(path, &about, &err), DD_OK);
	assert_false(about.measured);
	snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_sound),
        cmocka_unit_test(dead_and_stuck_children_are_replaced),
        cmocka_unit_test(each_prompt_of_our_flows_has_one_sound),
        cmocka_unit_test(the_cache_is_harmless),
        cmocka_unit_test(the_cache_is_bounded),
        cmocka_unit_test(unknown_voices),
        cmocka_unit_test(words_have_places),
        cmocka_unit_test(breaks_are_exact),
        cmocka_unit_test(hostile_texts),
        cmocka_unit_test(recordings),
        cmocka_unit_test(recordings_of_every_form),
};
UNIT_MAIN(tests)
