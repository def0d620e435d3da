/* Which sounds leave the cache when it is full. */
#include "../unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "voice/cache.h"

enum { OLD = 20, BYTES = 1000, BOUND = 20000 };

/* Files of 1,000 bytes, each used a minute after the one before, in an order that no directory
 * gives. */
static void the_sounds_used_longest_ago_go_first(void **state)
{
	char dir[] = "/tmp/drydial-cache-XXXXXX", path[96], bytes[BYTES] = {0};
	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < OLD; i++) {
		int n = i * 7 % OLD;
		snprintf(path, sizeof path, "%s/%032x.snd", dir, n * 977 % 1000);
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, bytes, BYTES), BYTES);
		const struct timespec used[2] = {
		        {1700000000 + n * 60, 0}, {1700000000 + n * 60, 0}};
		assert_int_equal(futimens(fd, used), 0);
		close(fd);
	}
	struct dd_cache *c = dd_cache_open(dir, BOUND);
	struct {
		struct dd_sound sound;
		int16_t pcm[8];
	} quiet = {.sound = {.frames = 8}};
	quiet.sound.pcm = quiet.pcm;
	/* the folder is looked at when so many sounds were put that it may be full */
	for (uint64_t i = 0; i < 64; i++)
		dd_cache_put(c, (struct dd_cache_key){i + 1, 7}, &quiet.sound);
	dd_cache_close(c);
	int left = 0, first = OLD;
	for (int n = 0; n < OLD; n++) {
		snprintf(path, sizeof path, "%s/%032x.snd", dir, n * 977 % 1000);
		bool here = access(path, F_OK) == 0;
		first = here && n < first ? n : first;
		left += here;
	}
	/* three quarters of the bound remain: the newest ones, without a gap */
	assert_true(left > 0 && left < OLD);
	assert_int_equal(left, OLD - first);
	snprintf(path, sizeof path, "rm -r %s", dir);
	assert_int_equal(system(path), 0);
}

static void a_note_is_told_once_a_day(void **state)
{
	char dir[] = "/tmp/drydial-cache-XXXXXX", path[96];
	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("XDG_CACHE_HOME", dir, 1);
	assert_true(dd_cache_first_today("en-IN"));
	assert_false(dd_cache_first_today("en-IN"));
	assert_true(dd_cache_first_today("ta-IN"));
	snprintf(path, sizeof path, "%s/drydial/told-en-IN", dir);
	for (int ago = 86390; ago <= 86400; ago += 10) {
		const struct timespec before[2] = {{time(NULL) - ago, 0}, {time(NULL) - ago, 0}};
		assert_int_equal(utimensat(AT_FDCWD, path, before, 0), 0);
		assert_int_equal(dd_cache_first_today("en-IN"), ago >= 86400);
	}
	assert_true(dd_cache_first_today("a/b"));
	snprintf(path, sizeof path, "rm -r %s", dir);
	assert_int_equal(system(path), 0);
	unsetenv("XDG_CACHE_HOME");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sounds_used_longest_ago_go_first),
        cmocka_unit_test(a_note_is_told_once_a_day),
};

UNIT_MAIN(tests)
