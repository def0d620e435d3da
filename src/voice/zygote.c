/* One zygote process for each voice; one pipe for each text.

   eSpeak NG keeps state between two texts of one process: the same words are up to 50 ms longer or
   shorter after other words, and never the same samples. A process that is forked from one in which
   the voice was opened and nothing was spoken is always in the same state. So a process is kept
   that only opens the voice and waits (the zygote); for each text it forks a child, which speaks
   that one text into a pipe and exits. That costs a fifth of a millisecond beside three for the
   speaking, makes every sound reproducible, and a text that crashes the voice, or never ends, takes
   only its child along.

   The end of the pipe without the closing word is a child that crashed or ran out of time. A zygote
   that was killed, or gives no answer for longer than any text may take, is replaced, and what it
   owed is asked of the new one, once. */
#define _GNU_SOURCE
#include "voice/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "voice/espeak.h"

enum { ENDING_MS = 100, PATIENCE_MS = 25000, SEND_S = 5, AT_ONCE_MAX = 16, PIPE_BYTES = 1 << 20 };

struct zygote {
	char voice[64];
	int sock;
	pid_t pid;
};

struct dd_zygotes {
	struct zygote *list;
	size_t n, cap;
	bool gave_up; /* lengths: voices were lost again and again */
};

/* A text being spoken. */
struct flight {
	struct dd_spoken *job;
	pid_t pid;  /* of its zygote */
	bool again; /* a second zygote is asked */
	int fd;
	int64_t heard; /* when something of it was heard last, or it was asked for */
	char *data;
	size_t n, cap;
};

static unsigned patience_ms = PATIENCE_MS;

void dd_zygotes_patience(unsigned ms)
{
	patience_ms = ms ? ms : PATIENCE_MS;
}

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* With the children that speak for it. */
static void put_down(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void put_down_all(void *self)
{
	struct dd_zygotes *zs = self;
	for (size_t i = 0; i < zs->n; i++)
		close(zs->list[i].sock);
	for (size_t i = 0; i < zs->n; i++)
		put_down(zs->list[i].pid);
	zs->n = 0;
}

struct dd_zygotes *dd_zygotes_new(void)
{
	struct dd_zygotes *zs = dd_alloc(sizeof *zs);
	dd_memory_defer(put_down_all, zs);
	return zs;
}

void dd_zygotes_free(struct dd_zygotes *zs)
{
	if (!zs)
		return;
	put_down_all(zs);
	dd_memory_done(zs);
	dd_free(zs->list);
	dd_free(zs);
}

/* This one gives no answer any more. Whoever needs its voice hatches another. */
static void replace(struct dd_zygotes *zs, pid_t pid)
{
	for (size_t i = 0; i < zs->n; i++) {
		if (zs->list[i].pid != pid)
			continue;
		close(zs->list[i].sock);
		put_down(pid);
		zs->list[i] = zs->list[--zs->n];
		return;
	}
}

/* Whether the zygote with this pid has ended, or was replaced. Its end of the socket is closed
   before anything that it has not taken out of it; but of what it had taken when it was killed the
   kernel closes one thing after the other, in no order: its end may follow a moment later. So
   whoever has less than it asked for waits for `ms`; where a text was at fault, and its zygote
   lives, that moment is lost. */
static bool has_ended(const struct dd_zygotes *zs, pid_t pid, int ms)
{
	for (size_t i = 0; i < zs->n; i++) {
		if (zs->list[i].pid != pid)
			continue;
		struct pollfd socket = {zs->list[i].sock, POLLIN, 0};
		return poll(&socket, 1, ms) > 0;
	}
	return true;
}

static const struct zygote *hatch(struct dd_zygotes *zs, const char *voice)
{
	int pair[2];
	for (size_t i = 0; i < zs->n; i++)
		if (strcmp(zs->list[i].voice, voice) == 0)
			return &zs->list[i];
	const struct timeval patience = {.tv_sec = SEND_S};
	struct zygote *z = &DD_PUSH(zs->list, zs->n, zs->cap);
	zs->n--; /* there is room for it */
	if (strlen(voice) >= sizeof zs->list->voice ||
	        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return NULL;
	pid_t pid = fork();
	if (pid == 0) {
		dd_memory_forked();
		(void)setpgid(0, 0);
		sigset_t none; /* whoever asks may keep signals for others */
		(void)sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		/* Nothing of the parent's may be kept open from here: keep the socket as 3 and
		 * close the rest. */
		if (pair[1] != 3)
			dup2(pair[1], 3);
		close_range(4, ~0U, 0);
		dd_espeak_zygote(3, voice);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return NULL;
	}
	(void)setpgid(pid, pid); /* whoever of the two comes first */
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	memset(z, 0, sizeof *z);
	strcpy(z->voice, voice);
	z->sock = pair[0];
	z->pid = pid;
	zs->n++;
	return z;
}

static bool ask(const struct zygote *z, const struct dd_espeak_ask *head, const char *text, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec parts[2] = {{(void *)head, sizeof *head}, {(void *)text, head->bytes}};
	struct msghdr message = {.msg_iov = parts,
	        .msg_iovlen = 2,
	        .msg_control = &control,
	        .msg_controllen = sizeof control};
	memset(&control, 0, sizeof control);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	return sendmsg(z->sock, &message, MSG_NOSIGNAL) >= 0;
}

static void failed(struct dd_spoken *job, const char *why)
{
	job->sound = NULL;
	job->status = dd_fail(&job->err, DD_ERR_VOICE, "the voice %s %s", job->speech->voice, why);
}

/* Not this text alone: there is no voice. */
static void missing(struct dd_spoken *job, const char *why)
{
	failed(job, why);
	job->status = DD_ERR_READ;
}

/* A zygote that takes no request is gone, or stuck: there is a second one. The pipe that the answer
   comes from; -1: neither took it. */
static int send_to_zygote(struct dd_zygotes *zs, const char *voice,
        const struct dd_espeak_ask *head, const char *text, pid_t *pid)
{
	int pipes[2];
	for (int tries = 0; tries < 2; tries++) {
		const struct zygote *z = hatch(zs, voice);
		if (!z || pipe2(pipes, O_CLOEXEC) != 0)
			return -1;
		(void)fcntl(pipes[0], F_SETPIPE_SZ, PIPE_BYTES);
		bool sent = ask(z, head, text, pipes[1]);
		*pid = z->pid;
		close(pipes[1]);
		if (sent)
			return pipes[0];
		close(pipes[0]);
		replace(zs, *pid);
	}
	return -1;
}

static bool take_off(struct dd_zygotes *zs, struct flight *f, struct dd_spoken *job, bool again)
{
	const struct dd_speech *s = job->speech;
	struct dd_espeak_ask head = {
	        s->rate_wpm, s->pitch, s->ssml, (uint32_t)strlen(s->text) + 1, 0, 0};
	pid_t pid = 0;
	int fd = send_to_zygote(zs, s->voice, &head, s->text, &pid);
	if (fd < 0) {
		missing(job, "could not be started");
		return false;
	}
	dd_memory_defer_close(fd);
	*f = (struct flight){.job = job, .pid = pid, .again = again, .fd = fd, .heard = now_ms()};
	return true;
}

static void close_flight(const struct flight *f)
{
	dd_memory_closed(f->fd);
	close(f->fd);
}

/* Not the text but its zygote may be at fault: it has ended (which takes its children along), or
   let more time pass than a text may take. Then the text is asked for once more. */
static bool fly_again(struct dd_zygotes *zs, struct flight *f, bool late)
{
	if (f->again || (f->n && !late) || (!late && !has_ended(zs, f->pid, ENDING_MS)))
		return false;
	struct flight old = *f;
	replace(zs, old.pid);
	close_flight(&old);
	dd_free(old.data);
	if (!take_off(zs, f, old.job, true)) {
		*f = (struct flight){.job = old.job, .fd = -1};
		return false;
	}
	return true;
}

/* The sound, or why there is none. */
static void land(struct flight *f)
{
	struct dd_espeak_head head;
	uint32_t end = 0;
	if (f->fd < 0)
		return; /* what is wrong has been told */
	close_flight(f);
	if (f->n >= sizeof head)
		memcpy(&head, f->data, sizeof head);
	if (f->n < sizeof head || head.magic != DD_ESPEAK_MAGIC) {
		failed(f->job, "crashed or took too long on this text");
	} else if (head.status != 0) {
		missing(f->job, "is not installed; tools/install-deps names its package");
	} else {
		size_t pcm = (size_t)head.frames * 2,
		       words = (size_t)head.nwords * sizeof(struct dd_word);
		if (f->n == sizeof head + pcm + words + sizeof end)
			memcpy(&end, f->data + f->n - sizeof end, sizeof end);
		if (end != DD_ESPEAK_END) {
			failed(f->job, "crashed or took too long on this text");
		} else {
			size_t aligned = (pcm + 7) / 8 * 8;
			struct dd_sound *s = dd_realloc(NULL, 1,
			        sizeof *s + aligned + words); /* all of it is written here */
			char *room = (char *)(s + 1);
			memcpy(room, f->data + sizeof head, pcm);
			memset(room + pcm, 0, aligned - pcm);
			memcpy(room + aligned, f->data + sizeof head + pcm, words);
			*s = (struct dd_sound){head.frames, head.nwords,
			        (const int16_t *)(const void *)room,
			        (const struct dd_word *)(const void *)(room + aligned)};
			f->job->sound = s;
			f->job->status = DD_OK;
		}
	}
	dd_free(f->data);
}

/* Reads what has come; true at the end. */
static bool glide(struct flight *f)
{
	if (f->cap - f->n < PIPE_BYTES) {
		f->cap = f->cap
		        ? f->cap * 2
		        : 4 * PIPE_BYTES; /* room for 90 s; only pages in use are paid for */
		f->data = dd_realloc(f->data, f->cap, 1);
	}
	ssize_t got = read(f->fd, f->data + f->n, f->cap - f->n);
	if (got < 0)
		return errno != EINTR && errno != EAGAIN;
	f->n += (size_t)got;
	f->heard = now_ms();
	return got == 0;
}

/* For how long poll() may wait until one of those that were heard at `heard` is late. */
static int wait_for(int64_t heard, int wait)
{
	int64_t left = heard + patience_ms - now_ms();
	left = left < 0 ? 0 : left;
	return left < wait ? (int)left : wait;
}

void dd_zygotes_speak(struct dd_zygotes *zs, struct dd_spoken *jobs, size_t n, unsigned at_once)
{
	struct flight air[AT_ONCE_MAX];
	struct pollfd polls[AT_ONCE_MAX];
	size_t next = 0, flying = 0;
	if (at_once == 0 || at_once > AT_ONCE_MAX)
		at_once = at_once ? AT_ONCE_MAX : 1;
	while (next < n || flying) {
		while (next < n && flying < at_once)
			flying += take_off(zs, &air[flying], &jobs[next], false), next++;
		int wait = flying ? (int)patience_ms : 0;
		for (size_t i = 0; i < flying; i++) {
			polls[i] = (struct pollfd){air[i].fd, POLLIN, 0};
			wait = wait_for(air[i].heard, wait);
		}
		if (poll(polls, (nfds_t)flying, wait) < 0)
			continue; /* interrupted */
		for (size_t i = flying; i-- > 0;) {
			bool late = !polls[i].revents && wait_for(air[i].heard, 1) == 0;
			bool over = late || (polls[i].revents && glide(&air[i]));
			if (!over || fly_again(zs, &air[i], late))
				continue;
			if (late)
				replace(zs, air[i].pid);
			land(&air[i]);
			air[i] = air[--flying];
		}
	}
}

/* -- lengths ---------------------------------------------------------------- */

/* Texts of one voice on their way to one process. */
struct batch {
	uint32_t *frames;
	size_t n;
	int fd;
	pid_t pid;     /* of its zygote */
	int64_t heard; /* when something of it was heard last, or it was asked for */
};
enum { BATCH_TEXTS = 64, LOST_IN_A_ROW = 4 };

static bool same_way(const struct dd_speech *a, const struct dd_speech *b)
{
	return a->rate_wpm == b->rate_wpm && a->pitch == b->pitch && a->ssml == b->ssml &&
	        strcmp(a->voice, b->voice) == 0;
}

/* Sends as many of the texts as one request holds; 0 when there is no voice to send them to. */
static size_t send_batch(struct dd_zygotes *zs, const struct dd_speech *speeches, size_t n,
        bool rough, struct batch *b)
{
	struct dd_espeak_ask head = {
	        speeches->rate_wpm, speeches->pitch, speeches->ssml, 0, 0, rough};
	struct dd_buf texts = {0};
	pid_t pid = 0;
	while (head.lengths < n && head.lengths < BATCH_TEXTS &&
	        same_way(speeches, &speeches[head.lengths])) {
		size_t bytes = strlen(speeches[head.lengths].text) + 1;
		if (head.lengths && texts.n + bytes > DD_ESPEAK_ASK_BYTES - sizeof head)
			break;
		dd_buf_add(&texts, speeches[head.lengths++].text, bytes);
	}
	head.bytes = (uint32_t)texts.n;
	int fd = send_to_zygote(zs, speeches->voice, &head, texts.p, &pid);
	dd_buf_free(&texts);
	if (fd >= 0)
		dd_memory_defer_close(fd);
	*b = (struct batch){NULL, head.lengths, fd, pid, now_ms()};
	return fd >= 0 ? head.lengths : 0;
}

/* Reads what has come; true at the end. Answers are written whole, so they are read whole. */
static bool receive_lengths(struct batch *b)
{
	struct dd_espeak_length answers[64];
	ssize_t got = read(b->fd, answers, sizeof answers);
	if (got < 0)
		return errno != EINTR && errno != EAGAIN;
	b->heard = now_ms();
	for (size_t i = 0; i < (size_t)got / sizeof *answers; i++)
		if (answers[i].index < b->n)
			b->frames[answers[i].index] = answers[i].frames;
	return got == 0;
}

static bool is_whole(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->frames[i] == UINT32_MAX)
			return false;
	return true;
}

/* Whether a zygote was lost, and what it owed with it. */
static bool measure(struct dd_zygotes *zs, const struct dd_speech *speeches, uint32_t *frames,
        size_t n, unsigned at_once, bool rough)
{
	bool lost = false;
	struct batch air[AT_ONCE_MAX];
	struct pollfd polls[AT_ONCE_MAX];
	size_t next = 0, flying = 0;
	memset(frames, 0xFF, n * sizeof *frames);
	at_once = at_once == 0 ? 1 : at_once > AT_ONCE_MAX ? AT_ONCE_MAX : at_once;
	while (next < n || flying) {
		while (next < n && flying < at_once) {
			/* near the end the rest is shared out; rough lengths depend on who stands
			 * together */
			size_t share = rough ? n - next : (n - next + at_once - 1) / at_once;
			size_t sent = send_batch(zs, speeches + next, share, rough, &air[flying]);
			if (sent)
				air[flying++].frames = frames + next;
			if (!sent)
				frames[next] = DD_TTS_UNMEASURED;
			next += sent ? sent : 1;
		}
		int wait = flying ? (int)patience_ms : 0;
		for (size_t i = 0; i < flying; i++) {
			polls[i] = (struct pollfd){air[i].fd, POLLIN, 0};
			wait = wait_for(air[i].heard, wait);
		}
		if (poll(polls, (nfds_t)flying, wait) < 0)
			continue; /* interrupted */
		for (size_t i = flying; i-- > 0;) {
			bool late = !polls[i].revents && wait_for(air[i].heard, 1) == 0;
			if (!late && !(polls[i].revents && receive_lengths(&air[i])))
				continue;
			int wait_ms = is_whole(&air[i]) ? 0 : ENDING_MS;
			if (late || has_ended(zs, air[i].pid, wait_ms)) {
				replace(zs, air[i].pid);
				lost = true;
			}
			dd_memory_closed(air[i].fd);
			close(air[i].fd);
			air[i] = air[--flying];
		}
	}
	return lost;
}

void dd_zygotes_measure(struct dd_zygotes *zs, const struct dd_speech *speeches, uint32_t *frames,
        size_t n, unsigned at_once, bool rough)
{
	uint32_t in_a_row[LOST_IN_A_ROW];
	unsigned nrow = 0;
	bool lost = !zs->gave_up && measure(zs, speeches, frames, n, at_once, rough);
	/* a text that crashed the voice, or a zygote that was lost, took those behind it along:
	   each gets a process of its own. Where several in a row fail then, too, it is not the
	   texts: no more of them are asked for, which may take long. */
	for (uint32_t i = 0; i < n; i++) {
		if (!zs->gave_up && !(frames[i] == UINT32_MAX && (rough || lost)))
			continue;
		if (!zs->gave_up)
			(void)measure(zs, &speeches[i], &frames[i], 1, 1, false);
		if (zs->gave_up)
			frames[i] = DD_TTS_UNMEASURED;
		else if (frames[i] < DD_TTS_UNMEASURED)
			nrow = 0;
		else
			in_a_row[nrow++] = i;
		if (nrow < LOST_IN_A_ROW)
			continue;
		zs->gave_up = true;
		while (nrow)
			frames[in_a_row[--nrow]] = DD_TTS_UNMEASURED;
	}
}
