/* Recordings of calls: files that the recorder makes, and the address at which they are fetched. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/app.h"
#include "serve/calls.h"
#include "voice/recorder.h"

enum { SAID_MOST_MS = 3600000 }; /* what is longer than Record's hour nobody has said */

static bool keeps_nothing(const struct server *s)
{
	return strcmp(s->o->db, ":memory:") == 0;
}

/* The folder's name; it is made when a call is recorded. */
static const char *folder_of(struct server *s)
{
	struct call_recordings *r = &s->recordings;
	const char *temporary = getenv("TMPDIR");
	struct dd_buf name = {0};
	if (r->folder)
		return r->folder;
	if (keeps_nothing(s))
		dd_buf_format(&name, "%s/drydial-files-XXXXXX",
		        temporary && *temporary ? temporary : "/tmp");
	else
		dd_buf_format(&name, "%s-files", s->o->db);
	r->folder = name.p;
	if (keeps_nothing(s))
		r->made = mkdtemp(r->folder) != NULL;
	return r->folder;
}

static void path_of(struct server *s, const char *sid, struct dd_buf *out)
{
	dd_buf_format(out, "%s/%s.wav", folder_of(s), sid);
}

static void tell(struct server *s, const struct live *c, const char *why)
{
	if (!s->recordings.refused)
		server_tell(s, "call %s is not recorded: %s", c->r.sid, why);
	s->recordings.refused = true;
}

static bool make_folder(struct server *s)
{
	const char *folder = folder_of(s);
	if (!s->recordings.made)
		s->recordings.made = mkdir(folder, 0777) == 0 || errno == EEXIST;
	return s->recordings.made;
}

char *recording_file(
        struct server *s, const char *name, const char *ending, const struct dd_buf *text)
{
	struct dd_buf path = {0};
	bool fine = make_folder(s);
	dd_buf_format(&path, "%s/%s%s", folder_of(s), name, ending);
	int fd = fine ? open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
	fine = fd >= 0 && write(fd, text->p, text->n) == (ssize_t)text->n;
	if (fd >= 0)
		fine &= close(fd) == 0;
	if (!fine)
		dd_buf_free(&path);
	return fine ? path.p : NULL;
}

bool recording_begin(struct live *c, struct dd_ear *ear)
{
	struct server *s = c->server;
	struct dd_buf path = {0};
	struct dd_error err = {""};
	if (c->r.record != DD_RECORD_WANTED)
		return false;
	path_of(s, c->r.sid, &path);
	(void)make_folder(s);
	if (dd_recorder_open(path.p, DD_LINE_ALAW, &c->recorder, &err) != DD_OK) {
		c->recorder = NULL;
		tell(s, c, err.text);
	}
	dd_buf_free(&path);
	if (!c->recorder)
		return false;
	*ear = dd_recorder_ear(c->recorder);
	return true;
}

void recording_end(struct live *c)
{
	struct dd_error err = {""};
	if (!c->recorder)
		return;
	if (dd_recorder_close(c->recorder, &err) == DD_OK)
		c->r.record = DD_RECORD_THERE;
	else
		tell(c->server, c, err.text);
	c->recorder = NULL;
}

const char *recording_of(
        const struct server *s, const struct dd_call_record *r, int64_t valid_ms, char room[256])
{
	if (r->record != DD_RECORD_THERE)
		return NULL;
	int n = snprintf(room, 256, "%s/recordings/%s/%s.wav", s->url, r->account, r->sid);
	if (valid_ms)
		(void)snprintf(room + n, 256 - (size_t)n, "?expires=%lld",
		        (long long)(s->clock.now + valid_ms));
	return room;
}

static bool note_recording(void *self, const void *record)
{
	*(bool *)self = ((const struct dd_call_record *)record)->record == DD_RECORD_THERE;
	return false;
}

static bool note_there(void *self, const void *record)
{
	(void)record;
	*(bool *)self = true;
	return false;
}

/* The call's sid in "SID.wav" or "SID.mp3"; what comes is a WAV file. */
static bool sid_of(struct dd_str name, char sid[64])
{
	if (name.n > 4 &&
	        (memcmp(name.p + name.n - 4, ".wav", 4) == 0 ||
	                memcmp(name.p + name.n - 4, ".mp3", 4) == 0))
		name.n -= 4;
	(void)snprintf(sid, 64, "%.*s", (int)(name.n < 63 ? name.n : 63), name.p);
	return name.n < 63 && strspn(sid, "0123456789abcdef") == name.n;
}

static bool is_call(struct server *s, const char *sid)
{
	bool there = false;
	struct dd_question of_sid;
	dd_question_begin(&of_sid);
	dd_question_text(&of_sid, "sid", dd_str(sid));
	const struct dd_query q = dd_question_ask(&of_sid);
	(void)dd_ledger_each(s->ledger, DD_TABLE_CALL, &q, note_there, &there);
	return there;
}

/* What was said to an application's Record, "SID-NTH-MS" (dd_app_options, recordings_at). Nothing
   of it is kept: its length, which is all that it has of its own, stands in the name. */
static void get_said(struct ask *a)
{
	char sid[64] = "", ending[8] = "";
	unsigned nth;
	long long ms = -1;
	char name[128];
	(void)snprintf(name, sizeof name, "%.*s",
	        (int)(a->part[1].n < sizeof name ? a->part[1].n : 0), a->part[1].p);
	int n = sscanf(name, "%63[0-9a-f]-%4u-%8lld%7s", sid, &nth, &ms, ending);
	bool fine = n >= 3 && ms >= 0 && ms <= SAID_MOST_MS &&
	        (n == 3 || strcmp(ending, ".wav") == 0 || strcmp(ending, ".mp3") == 0);
	if (!fine || !is_call(a->server, sid)) {
		api_fail(a, 404, "there is no such recording");
		return;
	}
	a->out->type = "audio/wav";
	dd_app_recording(ms, &a->out->body);
}

void recordings_get(struct ask *a)
{
	if (dd_str_is(a->part[0], "-")) {
		get_said(a);
		return;
	}
	char account[64], sid[64];
	bool there = false;
	struct dd_question of_sid;
	struct dd_buf path = {0};
	struct stat st;
	int64_t expires = INT64_MAX;
	if (!api_number(a, "expires", 0, INT64_MAX / 2, &expires))
		return;
	(void)snprintf(account, sizeof account, "%.*s",
	        (int)(a->part[0].n < 63 ? a->part[0].n : 63), a->part[0].p);
	if (sid_of(a->part[1], sid)) {
		dd_question_begin(&of_sid);
		dd_question_text(&of_sid, "sid", dd_str(sid));
		dd_question_text(&of_sid, "account", dd_str(account));
		const struct dd_query q = dd_question_ask(&of_sid);
		(void)dd_ledger_each(a->server->ledger, DD_TABLE_CALL, &q, note_recording, &there);
	}
	if (there && expires < a->server->clock.now) {
		api_fail(a, 403, "this address of the recording has expired: read the call again");
		return;
	}
	if (there)
		path_of(a->server, sid, &path);
	int fd = there ? open(path.p, O_RDONLY | O_CLOEXEC) : -1;
	dd_buf_free(&path);
	if (fd <= 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			(void)close(fd);
		api_fail(a, 404, "there is no such recording");
		return;
	}
	a->out->type = "audio/wav";
	a->out->file = fd;
	a->out->file_bytes = (size_t)st.st_size;
}

void recordings_forget(struct server *s)
{
	DIR *folder = opendir(folder_of(s));
	if (!folder)
		return;
	for (struct dirent *e; (e = readdir(folder));)
		if (strstr(e->d_name, ".wav") || strstr(e->d_name, ".yaml"))
			(void)unlinkat(dirfd(folder), e->d_name, 0);
	(void)closedir(folder);
}

void recordings_end(struct server *s)
{
	if (keeps_nothing(s) && s->recordings.made) {
		recordings_forget(s);
		(void)rmdir(s->recordings.folder);
	}
	free(s->recordings.folder);
}
