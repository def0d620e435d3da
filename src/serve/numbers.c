/* Telephone numbers, as the platform knows them: made up, and the same for the same number. */
#include <stdio.h>
#include <string.h>

#include "serve/sheet.h"

/* The licensed service areas of India and the letters that stand for them, and those who run
 * networks in them. */
static const struct {
	const char *letters, *name;
} CIRCLES[] = {{"AP", "Andhra Pradesh"}, {"AS", "Assam"}, {"BR", "Bihar"}, {"CH", "Chennai"},
        {"DL", "Delhi"}, {"GJ", "Gujarat"}, {"HP", "Himachal Pradesh"}, {"HR", "Haryana"},
        {"JK", "Jammu and Kashmir"}, {"KA", "Karnataka"}, {"KL", "Kerala"}, {"KO", "Kolkata"},
        {"MH", "Maharashtra"}, {"MP", "Madhya Pradesh"}, {"MU", "Mumbai"}, {"NE", "North East"},
        {"OR", "Orissa"}, {"PB", "Punjab"}, {"RJ", "Rajasthan"}, {"TN", "Tamil Nadu"},
        {"UE", "Uttar Pradesh East"}, {"UW", "Uttar Pradesh West"}, {"WB", "West Bengal"}};
static const struct {
	const char *letters, *name;
} OPERATORS[] = {{"AT", "Airtel"}, {"BS", "BSNL"}, {"RJ", "Reliance Jio"}, {"VI", "Vi"}};

void numbers_get(struct ask *a)
{
	uint64_t number = number_at_home(a->server, a->part[1]);
	char text[24];
	struct sheet p;
	if (!number) {
		api_fail(a, 400, "that is not a telephone number");
		return;
	}
	bool indian = number / 10000000000 == 91;
	uint64_t national = number % 10000000000, hash = number * UINT64_C(0x9E3779B97F4A7C15);
	/* Bengaluru's and Ahmedabad's landlines begin as mobile numbers do */
	uint64_t area = national / 100000000, then = national / 10000000 % 10;
	bool city = (area == 79 || area == 80) && then >= 2 && then <= 7,
	     mobile = !indian || (area >= 60 && !city);
	size_t circle = (size_t)(hash >> 33) % (sizeof CIRCLES / sizeof *CIRCLES),
	       operator=(size_t)(hash >> 45) % (sizeof OPERATORS / sizeof *OPERATORS);
	(void)snprintf(text, sizeof text, indian ? "0%llu" : "+%llu",
	        (unsigned long long)(indian ? national : number));
	sheet_begin(a, &p);
	sheet_open(&p, "Numbers");
	sheet_member(&p, "PhoneNumber", text);
	sheet_member(&p, "Circle", indian ? CIRCLES[circle].letters : "NA");
	sheet_member(&p, "CircleName", indian ? CIRCLES[circle].name : "Not applicable");
	sheet_member(&p, "Type", mobile ? "Mobile" : "Landline");
	sheet_member(&p, "Operator", indian ? OPERATORS[operator].letters : "NA");
	sheet_member(&p, "OperatorName", indian ? OPERATORS[operator].name : "Not applicable");
	sheet_member(&p, "DND", dd_number_set_has(&a->server->config.dnd, number) ? "Yes" : "No");
	sheet_close(&p, "Numbers");
	sheet_end(&p);
}
