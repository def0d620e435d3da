/* One file a sound, written aside and renamed, so that two processes never see half of one. When
   the folder has outgrown its bound the files used longest ago go. */
#define XXH_INLINE_ALL
#include "voice/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/text.h"
#include "voice/voice.h"

enum { FORMAT = 1, MAGIC = 0x31736464, PATH_ROOM = 512, SWEEP_EVERY = 64 };

struct head {
	uint32_t magic, frames, nwords, spare;
	uint64_t key_high, key_low, sum;
};

struct dd_cache {
	char dir[PATH_ROOM - 80]; /* "": none */
	uint64_t bound;
	unsigned puts;
};

/* Another eSpeak NG sounds different: its file's size and age tell one from another without loading
 * it. */
static void voice_age(struct dd_buf *text)
{
	static struct stat st;
	if (st.st_size == 0 && stat(DRYDIAL_ESPEAK_FILE, &st) != 0)
		st.st_size = 1;
	dd_buf_format(text, "%s|%lld|%lld|", dd_voice_release(), (long long)st.st_size,
	        (long long)st.st_mtime);
}

struct dd_cache_key dd_cache_key(const struct dd_speech *s)
{
	struct dd_buf text = {0};
	voice_age(&text);
	dd_buf_format(&text, "%d|%s|%d|%d|%d|", FORMAT, s->voice, s->rate_wpm, s->pitch, s->ssml);
	dd_buf_str(&text, s->text);
	XXH128_hash_t h = XXH3_128bits(text.p, text.n);
	dd_buf_free(&text);
	return (struct dd_cache_key){h.high64, h.low64};
}

static bool make_dirs(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
	(void)mkdir(path, 0700);
	return access(path, W_OK | X_OK) == 0;
}

/* Empty: nowhere can be written. */
static void find_folder(const char *dir, char *out, size_t size)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n = 0;
	if (dir)
		n = snprintf(out, size, "%s", dir);
	else if (xdg && xdg[0] == '/')
		n = snprintf(out, size, "%s/drydial", xdg);
	else if (home && home[0] == '/')
		n = snprintf(out, size, "%s/.cache/drydial", home);
	if (n <= 0 || (size_t)n >= size || !make_dirs(out))
		out[0] = '\0';
}

struct dd_cache *dd_cache_open(const char *dir, uint64_t bound_bytes)
{
	struct dd_cache *c = dd_alloc(sizeof *c);
	c->bound = bound_bytes ? bound_bytes : (uint64_t)256 << 20;
	find_folder(dir, c->dir, sizeof c->dir);
	return c;
}

bool dd_cache_first_today(const char *what)
{
	enum { DAY_S = 86400 };
	char path[PATH_ROOM], folder[PATH_ROOM - 80];
	struct stat st;
	find_folder(NULL, folder, sizeof folder);
	if (!folder[0] || strchr(what, '/') ||
	        snprintf(path, sizeof path, "%s/told-%.40s", folder, what) >= (int)sizeof path)
		return true;
	if (stat(path, &st) == 0 && time(NULL) - st.st_mtime < DAY_S && st.st_mtime <= time(NULL))
		return false;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)futimens(fd, NULL);
		close(fd);
	}
	return true;
}

void dd_cache_close(struct dd_cache *cache)
{
	dd_free(cache);
}

static void path_of(const struct dd_cache *c, struct dd_cache_key key, char path[PATH_ROOM])
{
	(void)snprintf(path, PATH_ROOM, "%s/%016llx%016llx.snd", c->dir,
	        (unsigned long long)key.high, (unsigned long long)key.low);
}

static bool read_whole(int fd, void *data, size_t n)
{
	char *p = data;
	while (n) {
		ssize_t got = read(fd, p, n);
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static struct dd_sound *read_sound(int fd, struct dd_cache_key key, uint64_t size)
{
	struct head h;
	if (!read_whole(fd, &h, sizeof h) || h.magic != MAGIC || h.key_high != key.high ||
	        h.key_low != key.low)
		return NULL;
	uint64_t pcm = ((uint64_t)h.frames * 2 + 7) / 8 * 8,
	         words = (uint64_t)h.nwords * sizeof(struct dd_word);
	if (size != sizeof h + pcm + words)
		return NULL;
	struct dd_sound *s = dd_alloc(sizeof *s + pcm + words);
	char *room = (char *)(s + 1);
	if (!read_whole(fd, room, pcm + words) || XXH3_64bits(room, pcm + words) != h.sum) {
		dd_free(s);
		return NULL;
	}
	*s = (struct dd_sound){h.frames, h.nwords, (const int16_t *)(const void *)room,
	        (const struct dd_word *)(const void *)(room + pcm)};
	return s;
}

struct dd_sound *dd_cache_get(struct dd_cache *c, struct dd_cache_key key)
{
	char path[PATH_ROOM];
	struct stat st;
	if (!c->dir[0])
		return NULL;
	path_of(c, key, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	dd_memory_defer_close(fd);
	bool fits = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < ((off_t)1 << 30);
	struct dd_sound *s = fits ? read_sound(fd, key, (uint64_t)st.st_size) : NULL;
	if (s && time(NULL) - st.st_mtime > 86400)
		(void)futimens(fd, NULL); /* used: young again, noted once a day */
	dd_memory_closed(fd);
	close(fd);
	return s;
}

struct kept {
	char name[64];
	time_t used;
	uint64_t bytes;
};

static int by_age(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	return x->used < y->used ? -1 : x->used > y->used;
}

static void close_folder(void *dir)
{
	(void)closedir(dir);
}

/* Deletes the oldest until three quarters of the bound are left. */
static void sweep(struct dd_cache *c)
{
	DIR *dir = opendir(c->dir);
	struct kept *all = NULL;
	size_t n = 0, cap = 0;
	uint64_t total = 0;
	if (!dir)
		return;
	dd_memory_defer(close_folder, dir);
	for (const struct dirent *e; (e = readdir(dir));) {
		struct stat st;
		if (strlen(e->d_name) >= sizeof all->name || !strstr(e->d_name, ".snd") ||
		        fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		        !S_ISREG(st.st_mode))
			continue;
		struct kept *k = &DD_PUSH(all, n, cap);
		strcpy(k->name, e->d_name);
		k->used = st.st_mtime;
		k->bytes = (uint64_t)st.st_size;
		total += k->bytes;
	}
	if (total > c->bound) {
		qsort(all, n, sizeof *all, by_age);
		for (size_t i = 0; i < n && total > c->bound / 4 * 3; i++) {
			if (unlinkat(dirfd(dir), all[i].name, 0) == 0)
				total -= all[i].bytes;
		}
	}
	dd_free(all);
	dd_memory_done(dir);
	closedir(dir);
}

void dd_cache_put(struct dd_cache *c, struct dd_cache_key key, const struct dd_sound *s)
{
	char path[PATH_ROOM], aside[PATH_ROOM + 16];
	uint64_t pcm = ((uint64_t)s->frames * 2 + 7) / 8 * 8,
	         words = (uint64_t)s->nwords * sizeof(struct dd_word);
	if (!c->dir[0])
		return;
	/* samples and words lie behind the sound as they do in the file (zygote.c, read_sound) */
	const char *room = (const char *)(s + 1);
	struct head h = {
	        MAGIC, s->frames, s->nwords, 0, key.high, key.low, XXH3_64bits(room, pcm + words)};
	path_of(c, key, path);
	(void)snprintf(aside, sizeof aside, "%s.%ld", path, (long)getpid());
	int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	bool fine = write(fd, &h, sizeof h) == (ssize_t)sizeof h &&
	        write(fd, room, pcm + words) == (ssize_t)(pcm + words);
	if (close(fd) != 0 || !fine || rename(aside, path) != 0)
		(void)unlink(aside);
	if (++c->puts % SWEEP_EVERY == 1)
		sweep(c);
}
