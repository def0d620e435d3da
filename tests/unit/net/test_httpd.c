/* Forms, decoded in place. */
#include "net/httpd.h"

#include <stdlib.h>

#include "../unit.h"

static void forms_are_decoded(void **state)
{
	(void)state;
	char text[] = "From=%2B91+98&Empty=&Bare&&a%20b=%C3%A9%26%3D";
	struct dd_param *pairs;
	size_t n;
	assert_true(dd_form_read(text, strlen(text), &pairs, &n));
	const char *want[][2] = {{"From", "+91 98"}, {"Empty", ""}, {"Bare", ""}, {"a b", "é&="}};
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++) {
		assert_true(dd_str_is(pairs[i].name, want[i][0]));
		assert_true(dd_str_is(pairs[i].value, want[i][1]));
	}
	free(pairs);
}

static void malformed_forms_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
	        "a=%", "a=%4", "a=%zz", "a=%00", "%=a", "a=b&c=%g1", "a=%4&b=c"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[32];
		struct dd_param *pairs;
		size_t n;
		(void)snprintf(text, sizeof text, "%s", bad[i]);
		assert_false(dd_form_read(text, strlen(text), &pairs, &n));
		free(pairs);
	}
	struct dd_param *pairs;
	size_t n;
	char nul[] = "a=b\0c";
	assert_false(dd_form_read(nul, 5, &pairs, &n));
	free(pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(forms_are_decoded), cmocka_unit_test(malformed_forms_are_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
