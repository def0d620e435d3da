/* Addresses that are joined: nearly all by ourselves, the others by libcurl; both ways say the
   same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/url.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void each_is_what_rfc_3986_makes_of_it(void **state)
{
	static const struct {
		const char *base, *relative, *want;
	} rows[] = {
	        {"http://a.example:81/x/y?z", "/b", "http://a.example:81/b"},
	        {"http://a.example:81/x/y?z", "b", "http://a.example:81/x/b"},
	        {"http://a.example/x/y", "../b?c=d", "http://a.example/b?c=d"},
	        {"http://a.example", "/", "http://a.example/"},
	        {"https://a.example/x", "//b.example/y", "https://b.example/y"},
	        {"https://a.example/x", "http://b.example/y", "http://b.example/y"},
	        {"http://a.example/x", "/a b", "http://a.example/a%20b"},
	        {"http://a.example/x", "/a/../b", "http://a.example/b"},
	        {"http://127.1/x", "/b", "http://127.0.0.1/b"},
	        {"http://a.example:65535/x", "/b", "http://a.example:65535/b"},
	        {"http://a.example:65536/x", "/b", NULL},
	        {"http://a.example:99999/x", "/b", NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *got = dd_url_join(rows[i].base, rows[i].relative);
		if (rows[i].want)
			assert_string_equal(got, rows[i].want);
		else
			assert_null(got);
		free(got);
	}
}

/* A fragment is nothing that we join ourselves. */
static void ours_is_what_libcurl_says(void **state)
{
	static const char *const bases[] = {"http://localhost:3000/voice", "http://127.0.0.1:1/",
	        "http://a.example", "https://a.example:443/x/y?q=1", "http://a-b.c.example:8/x",
	        "http://010.1.1.1/x", "http://1.2.3/x", "http://0x7f.1/x", "http://256.1.1.1/x",
	        "http://a.example./x", "http://a..b/x", "http://-a/x", "http://a:0/x",
	        "http://a:080/x", "http://a:/x", "http://A.example/x", "HTTP://a.example/x",
	        "http://u:p@a.example/x", "http://a.example?x", "http://a_b.example/x",
	        "http://[::1]:5/x", "http://a.example:59999/x", "http://a.example:60000/x"},
	                         *const paths[] = {"/", "/b", "/b/", "/b/c.xml?d=e&f=g,h", "/.b",
	                                 "/b/./c", "/b/../../c", "/b//c", "/b;c:d", "/b?c=/../d",
	                                 "/b%2fc", "/b?", "/b..", "/~b+c", "/b?c?d"};
	(void)state;
	for (size_t i = 0; i < COUNT(bases); i++)
		for (size_t k = 0; k < COUNT(paths); k++) {
			char longer[64], *ours = dd_url_join(bases[i], paths[k]), *theirs, *end;
			(void)snprintf(longer, sizeof longer, "%s#z", paths[k]);
			theirs = dd_url_join(bases[i], longer);
			if (theirs && (end = strstr(theirs, "#z")))
				*end = '\0';
			if (!ours || !theirs || strcmp(ours, theirs) != 0)
				print_message("%s and %s\n", bases[i], paths[k]);
			assert_int_equal(ours == NULL, theirs == NULL);
			if (ours)
				assert_string_equal(ours, theirs);
			free(ours);
			free(theirs);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_is_what_rfc_3986_makes_of_it),
	        cmocka_unit_test(ours_is_what_libcurl_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
