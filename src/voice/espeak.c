/* The only file that knows eSpeak NG. It runs in child processes alone: the library's output
   depends on all it has said before (static counters in its wave generator, libc's rand), so every
   text is spoken by a fresh copy of a process that has said nothing. */
#define _GNU_SOURCE
#include "voice/espeak.h"

#include <errno.h>
#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/library.h"

/* clang-format off */
#define FUNCTIONS(X) \
	X(espeak_Initialize) X(espeak_SetSynthCallback) X(espeak_SetParameter) X(espeak_Synth) \
	X(espeak_ng_SetVoiceByName)
/* clang-format on */
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} lib;

static enum dd_status open_library(struct dd_error *err)
{
	static const char *const names[] = {"libespeak-ng.so.1", "libespeak-ng.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.name},
	        FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	return lib.espeak_Initialize ? DD_OK : dd_library_open(names, symbols, err);
}

enum { SPEAK_CPU_S = 10, SPEAK_WALL_S = 20 };

/* What the callback gathers. A child speaks one text and exits, so this may be static. */
static struct {
	int16_t *pcm;
	size_t frames, cap;
	struct dd_word *words;
	size_t nwords, cap_words;
	const char *text;
	bool ssml;
	size_t at_char, at_byte; /* a character count and its byte */
	size_t scan;             /* SSML: where to look for the next word */
	bool lengths;            /* only the frames are counted */
} heard;

static size_t byte_of_char(size_t chars)
{
	if (chars < heard.at_char)
		heard.at_char = heard.at_byte = 0;
	while (heard.at_char < chars && heard.text[heard.at_byte]) {
		heard.at_byte++;
		while (((unsigned char)heard.text[heard.at_byte] & 0xC0) == 0x80)
			heard.at_byte++;
		heard.at_char++;
	}
	return heard.at_byte;
}

static bool word_byte(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	        (c >= 'a' && c <= 'z') || c == '\'';
}

/* Positions in SSML are not to be trusted: the next word outside tags is the one. */
static void next_ssml_word(struct dd_word *word)
{
	const char *t = heard.text;
	size_t i = heard.scan;
	while (t[i] && !word_byte((unsigned char)t[i])) {
		if (t[i] == '<')
			while (t[i] && t[i] != '>')
				i++;
		else if (t[i] == '&')
			while (t[i] && t[i] != ';' && t[i] != ' ')
				i++;
		if (t[i])
			i++;
	}
	word->start = (uint32_t)i;
	while (word_byte((unsigned char)t[i]))
		i++;
	word->end = (uint32_t)i;
	heard.scan = i;
}

static void add_word(const espeak_EVENT *event)
{
	struct dd_word word = {
	        (uint32_t)((uint64_t)(event->audio_position > 0 ? event->audio_position : 0) *
	                DD_RATE_HZ / 1000),
	        0, 0};
	if (heard.ssml) {
		next_ssml_word(&word);
	} else {
		word.start = (uint32_t)byte_of_char(
		        event->text_position > 0 ? (size_t)event->text_position - 1 : 0);
		word.end = word.start;
		while (heard.text[word.end] && heard.text[word.end] != ' ' &&
		        heard.text[word.end] != '\n')
			word.end++;
	}
	if (heard.nwords == heard.cap_words) {
		heard.cap_words = heard.cap_words ? heard.cap_words * 2 : 64;
		heard.words = reallocarray(heard.words, heard.cap_words, sizeof word);
		if (!heard.words)
			_exit(1);
	}
	heard.words[heard.nwords++] = word;
}

static int on_sound(short *wav, int n, espeak_EVENT *events)
{
	for (; events->type != espeakEVENT_LIST_TERMINATED && !heard.lengths; events++)
		if (events->type == espeakEVENT_WORD)
			add_word(events);
	if (!wav || n <= 0)
		return 0;
	if (heard.lengths) {
		heard.frames += (size_t)n;
		return 0;
	}
	if (heard.frames + (size_t)n > heard.cap) {
		heard.cap = (heard.frames + (size_t)n) * 2 +
		        (1 << 20); /* 47 s: only pages in use are paid for */
		heard.pcm = reallocarray(heard.pcm, heard.cap, sizeof *heard.pcm);
		if (!heard.pcm)
			_exit(1);
	}
	memcpy(heard.pcm + heard.frames, wav, (size_t)n * sizeof *wav);
	heard.frames += (size_t)n;
	return 0;
}

static void put(int fd, const void *data, size_t n)
{
	const char *p = data;
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			_exit(1);
		p += done;
		n -= (size_t)done;
	}
}

static uint32_t synthesise(const struct dd_espeak_ask *ask, char *text, size_t bytes)
{
	const struct rlimit cpu = {SPEAK_CPU_S, SPEAK_CPU_S};
	setrlimit(RLIMIT_CPU, &cpu);
	alarm(SPEAK_WALL_S);
	for (char *p = text; *p; p++) /* control characters are commands to eSpeak NG */
		if ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t')
			*p = ' ';
	heard.text = text;
	heard.ssml = ask->ssml != 0;
	lib.espeak_SetParameter(espeakRATE, ask->rate_wpm, 0);
	lib.espeak_SetParameter(espeakPITCH, ask->pitch, 0);
	unsigned flags = espeakCHARS_UTF8 | espeakENDPAUSE | (ask->ssml ? espeakSSML : 0);
	return (uint32_t)lib.espeak_Synth(text, bytes, 0, POS_CHARACTER, 0, flags, NULL, NULL);
}

static void dump_coverage(void)
{
#ifdef DRYDIAL_COVER
	extern void __gcov_dump(void); /* _exit would forget what was covered */
	__gcov_dump();
#endif
}

static void speak(int fd, const struct dd_espeak_ask *ask, char *text)
{
	struct dd_espeak_head head = {DD_ESPEAK_MAGIC, 0, 0, 0};
	const uint32_t end = DD_ESPEAK_END;
	head.status = synthesise(ask, text, ask->bytes);
	head.frames = (uint32_t)heard.frames;
	head.nwords = (uint32_t)heard.nwords;
	put(fd, &head, sizeof head);
	put(fd, heard.pcm, heard.frames * sizeof *heard.pcm);
	put(fd, heard.words, heard.nwords * sizeof *heard.words);
	put(fd, &end, sizeof end);
	dump_coverage();
}

static void measure_one(
        int fd, const struct dd_espeak_ask *ask, uint32_t index, char *text, size_t bytes)
{
	struct dd_espeak_length answer = {index, 0};
	heard.frames = 0;
	if (synthesise(ask, text, bytes) != 0)
		return;
	answer.frames = (uint32_t)heard.frames;
	put(fd, &answer, sizeof answer);
}

/* Each text in a process of its own, unless it may be rough: a length so depends on its text alone.
 * One that fails has no answer. */
static void measure(int fd, const struct dd_espeak_ask *ask, char *texts)
{
	char *text = texts;
	heard.lengths = true;
	signal(SIGCHLD, SIG_DFL);
	for (uint32_t i = 0; i < ask->lengths && text < texts + ask->bytes; i++) {
		size_t bytes = strlen(text) + 1;
		pid_t pid = ask->rough ? 0 : fork();
		if (pid == 0)
			measure_one(fd, ask, i, text, bytes);
		if (pid == 0 && !ask->rough) {
			dump_coverage();
			_exit(0);
		}
		if (pid > 0)
			(void)waitpid(pid, NULL, 0);
		text += bytes;
	}
	dump_coverage();
}

/* The request's bytes and its pipe; -1 when the socket is closed. */
static int receive(int sock, char *buffer, size_t cap, size_t *n)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {buffer, cap};
	struct msghdr message = {.msg_iov = &part,
	        .msg_iovlen = 1,
	        .msg_control = &control,
	        .msg_controllen = sizeof control};
	ssize_t got;
	int fd = -1;
	do
		got = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	if (got <= 0 || !head || head->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof fd);
	*n = (size_t)got;
	return fd;
}

static espeak_ng_STATUS start(const char *voice)
{
	setenv("PULSE_SERVER", "/nonexistent",
	        1); /* even a synchronous eSpeak NG would look for a sound server */
	srand(1);
	if (open_library(NULL) != DD_OK)
		return ENS_COMPILE_ERROR;
	if (lib.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, NULL, espeakINITIALIZE_DONT_EXIT) !=
	        DD_RATE_HZ)
		return ENS_COMPILE_ERROR;
	lib.espeak_SetSynthCallback(on_sound);
	if (strncmp(voice, "en-gb", 5) != 0 || (voice[5] && voice[5] != '+'))
		return lib.espeak_ng_SetVoiceByName(voice);
	/* British English is the one voice whose file is not named after its language */
	char name[64] = "en";
	strncat(name, voice + 5, sizeof name - 3);
	return lib.espeak_ng_SetVoiceByName(name);
}

void dd_espeak_zygote(int sock, const char *voice)
{
	char *buffer = malloc(DD_ESPEAK_ASK_BYTES + 1);
	size_t n;
	signal(SIGCHLD, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL); /* the program's own handlers undo what is the program's */
	signal(SIGQUIT, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	espeak_ng_STATUS status = start(voice);
	for (int fd; buffer && (fd = receive(sock, buffer, DD_ESPEAK_ASK_BYTES, &n)) >= 0;
	        close(fd)) {
		struct dd_espeak_ask ask;
		if (n < sizeof ask)
			continue;
		memcpy(&ask, buffer, sizeof ask);
		buffer[n] = '\0';
		if (status != ENS_OK && ask.lengths)
			continue;
		if (status != ENS_OK) {
			struct dd_espeak_head head = {DD_ESPEAK_MAGIC, (uint32_t)status, 0, 0};
			put(fd, &head, sizeof head);
			continue;
		}
		if (fork() == 0) {
			close(sock);
			signal(SIGALRM, SIG_DFL);
			if (ask.lengths)
				measure(fd, &ask, buffer + sizeof ask);
			else
				speak(fd, &ask, buffer + sizeof ask);
			_exit(0);
		}
	}
	_exit(0);
}
