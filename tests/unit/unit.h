/* cmocka with what it wants included before it. */
#ifndef DD_TESTS_UNIT_H
#define DD_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNIT_MAIN(tests) \
	int main(void) \
	{ \
		int failed = cmocka_run_group_tests(tests, NULL, NULL); \
		return failed > 100 ? 100 : failed; \
	}

#endif
