/* The table of the rules. Each brings a flow that breaks it, and it alone, and one that breaks none: they are tests, and `check --explain` shows
   them. */
#include "check/checking.h"

#define CALLBACK "status_callback: https://example.com/status\n"
#define HELLO "  - greeting: Hello from Example Store.\n"
#define BYE "      otherwise: [ greeting: Goodbye., hangup ]\n"
#define MENU_OF(prompt, more, keys)                                                                              \
	"  - ivr:\n      prompt: " prompt "\n      invalid: That key is not in use.\n" more "      keys:\n" keys BYE
#define ONE "        1: { answer: more, then: [ greeting: Thank you., hangup ] }\n"
#define OPT_OUT "        9: { answer: opted out, opt_out: true, then: [ greeting: We will not call again., hangup ] }\n"
#define MENU MENU_OF("Press 1 to hear more.", "", ONE)
#define FLOW(head, steps) "flow: Example\n" head "steps:\n" steps
#define CLEAN FLOW(CALLBACK, HELLO MENU)
#define ASK_OF(url, more, stub, exits)                                                                           \
	"  - id: ask\n    passthru:\n      url: " url "\n      timeout: 5s\n" more "      stub: { status: 200" stub " }\n      exits:\n" exits
#define HOLD "      hold: One moment please.\n"
#define EXITS "        302: [ goto: bye ]\n        error: [ goto: bye ]\n        timeout: [ goto: bye ]\n"
#define LAST "  - id: bye\n    greeting: Goodbye.\n  - hangup\n"
#define ASKS FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", "        1: { answer: more, goto: ask }\n") ASK_OF("https://example.com/", HOLD, "", EXITS) LAST)

#define BEST "the source's best practices"
#define TROUBLE "the source's troubleshooting table"
#define MANUAL "the platform's manual"

const struct dd_rule DD_RULES[] = {
	{"message-length", DD_ERROR, "a message is too long", "Customers hang up on a message of over 30 seconds; from 25 on it is at the edge.", BEST,
	 {{"max", 30000, true}, {"warn", 25000, true}},
	 FLOW(CALLBACK, HELLO "  - ivr:\n      prompt: Press 1 to hear more.\n      invalid: [ That key is not in use., { pause: 30s } ]\n      keys:\n" ONE BYE), CLEAN,
	 rule_message_length},
	{"monologue-length", DD_WARNING, "too long without a chance to press a key", "Who cannot answer stops listening.", BEST, {{"max", 30000, true}},
	 FLOW(CALLBACK, "  - greeting: [ Hello., { pause: 13s } ]\n  - greeting: [ News for you., { pause: 17s } ]\n" MENU), CLEAN, rule_monologue_length},
	{"greeting-length", DD_WARNING, "the welcome is too long", "The first seconds decide whether a customer listens on.", MANUAL, {{"max", 15000, true}},
	 FLOW(CALLBACK, "  - greeting: [ Hello., { pause: 15s } ]\n" MENU), CLEAN, rule_greeting_length},
	{"menu-prompt-length", DD_WARNING, "a menu's prompt is too long", "At its end the first option is forgotten.", MANUAL, {{"max", 15000, true}},
	 FLOW(CALLBACK, HELLO MENU_OF("[ Press 1 to hear more., { pause: 15s } ]", "", ONE)), CLEAN, rule_menu_prompt_length},
	{"call-drops", DD_ERROR, "a path ends without hangup", "The line goes dead in mid-call, as if something broke.", TROUBLE, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", "        1: { answer: more, then: [ greeting: Thank you. ] }\n")), CLEAN, rule_call_drops},
	{"unreachable", DD_WARNING, "no call comes here", "What was meant to be heard never is.", MANUAL, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU "  - greeting: Nobody hears this.\n  - hangup\n"), CLEAN, rule_unreachable},
	{"endless-loop", DD_ERROR, "a call goes round for ever", "The customer is caught, and the call is paid for until the time limit.", MANUAL, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO "  - id: menu\n    ivr:\n      prompt: Press 1 to hear more.\n      invalid: That key is not in use.\n      keys:\n" ONE "      otherwise: [ goto: menu ]\n"),
	 CLEAN, rule_endless_loop},
	{"menu-width", DD_WARNING, "a menu has too many keys", "Nobody remembers more than four or five options.", MANUAL, {{"max", 5, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1, press 2, press 3, press 4, press 5 or press 6.", "",
		"        1: [ hangup ]\n        2: [ hangup ]\n        3: [ hangup ]\n        4: [ hangup ]\n        5: [ hangup ]\n        6: [ hangup ]\n")), CLEAN, rule_menu_width},
	{"retries-zero", DD_WARNING, "a menu is played once only", "One slip of the finger ends it; and the platform's pages disagree on what 0 does.", MANUAL, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "      retries: 0\n", ONE)), CLEAN, rule_retries_zero},
	{"retries-many", DD_WARNING, "a menu is played too often", "Who does not answer twice will not the fifth time, and is annoyed.", MANUAL, {{"max", 3, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "      retries: 4\n", ONE)), CLEAN, rule_retries_many},
	{"timeout-short", DD_WARNING, "too little time for a key", "A customer must take the phone from the ear to find the key.", MANUAL, {{"min", 4000, true}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "      timeout: 2s\n", ONE)), CLEAN, rule_timeout_short},
	{"timeout-long", DD_WARNING, "too long a silence", "A silent line sounds like a broken one.", MANUAL, {{"max", 10000, true}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "      timeout: 15s\n", ONE)), CLEAN, rule_timeout_long},
	{"no-timeout-branch", DD_WARNING, "nothing is said when the tries are used up", "The call ends without a word.", TROUBLE, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO "  - ivr:\n      prompt: Press 1 to hear more.\n      invalid: That key is not in use.\n      keys:\n" ONE), CLEAN, rule_no_timeout_branch},
	{"no-invalid-message", DD_WARNING, "nothing is said after a wrong key", "The customer presses the same key again.", MANUAL, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO "  - ivr:\n      prompt: Press 1 to hear more.\n      keys:\n" ONE BYE), CLEAN, rule_no_invalid_message},
	{"passthru-no-fallback", DD_ERROR, "a server's failure drops the call", "When your server is down every customer's line goes dead.", MANUAL, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", "        1: { answer: more, goto: ask }\n")
		ASK_OF("https://example.com/", HOLD, "", "        302: [ goto: bye ]\n        timeout: [ goto: bye ]\n") LAST), ASKS, rule_passthru_no_fallback},
	{"passthru-slow", DD_WARNING, "a server is slow to answer", "The customer waits in silence and hangs up.", MANUAL, {{"max", 3000, true}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", "        1: { answer: more, goto: ask }\n") ASK_OF("https://example.com/", HOLD, ", delay: 4s", EXITS) LAST), ASKS,
	 rule_passthru_slow},
	{"passthru-insecure", DD_WARNING, "a server is asked without encryption", "The customer's number and keys can be read on the way.", MANUAL, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", "        1: { answer: more, goto: ask }\n") ASK_OF("http://example.com/", HOLD, "", EXITS) LAST), ASKS,
	 rule_passthru_insecure},
	{"hold-missing", DD_WARNING, "nothing is heard while a server is asked", "A silent line sounds like a broken one.", MANUAL, {{"max", 3000, true}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", "        1: { answer: more, goto: ask }\n") ASK_OF("https://example.com/", "", "", EXITS) LAST), ASKS,
	 rule_hold_missing},
	{"greeting-endless", DD_WARNING, "a message repeats without end", "The customer hears it until the time runs out.", MANUAL, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", "        1: { answer: more, then: [ greeting: { text: Thank you., loop: 0, max: 20s }, hangup ] }\n")), CLEAN,
	 rule_greeting_endless},
	{"no-menu", DD_NOTE, "the customer can only listen", "A call without a question tells you nothing about who heard it.", BEST, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO "  - hangup\n"), CLEAN, rule_no_menu},
	{"no-opt-out", DD_WARNING, "no key says \"do not call me again\"", "The law and the source ask for a way out of such calls.", BEST, {{NULL, 0, false}},
	 FLOW("purpose: survey\n" CALLBACK, HELLO MENU), FLOW("purpose: survey\n" CALLBACK, HELLO MENU_OF("Press 1 to hear more, or press 9 for no more calls.", "", ONE OPT_OUT)),
	 rule_no_opt_out},
	{"opt-out-not-followed-up", DD_ERROR, "an opt-out reaches nobody", "The customer is called again all the same.", BEST, {{NULL, 0, false}},
	 FLOW("", HELLO MENU_OF("Press 1 to hear more, or press 9 for no more calls.", "", "        1: { answer: more, goto: ask }\n" OPT_OUT)
		ASK_OF("https://example.com/", HOLD, "", EXITS) LAST),
	 CLEAN, rule_opt_out_not_followed_up},
	{"responses-not-captured", DD_WARNING, "an answer reaches nobody", "The customer answered for nothing.", TROUBLE, {{NULL, 0, false}}, FLOW("", HELLO MENU), CLEAN,
	 rule_responses_not_captured},
	{"no-sms-backup", DD_WARNING, "nothing to read later", "A code, an amount or a warning is hard to remember.", BEST, {{NULL, 0, false}},
	 FLOW("purpose: alert\n" CALLBACK, HELLO MENU), FLOW("purpose: alert\n" CALLBACK, HELLO "  - sms: News from Example Store.\n" MENU), rule_no_sms_backup},
	{"not-personal", DD_WARNING, "every customer hears the same words", "A call by name is listened to; another is advertising.", BEST, {{NULL, 0, false}},
	 FLOW("purpose: promotion\n" CALLBACK, HELLO MENU_OF("Press 1 to hear more, or press 9 for no more calls.", "", ONE OPT_OUT)),
	 FLOW("purpose: promotion\nvariables: { name: Rahul }\n" CALLBACK, "  - greeting: Hello {name} from Example Store.\n"
		MENU_OF("Press 1 to hear more, or press 9 for no more calls.", "", ONE OPT_OUT)), rule_not_personal},
	{"sms-segments", DD_WARNING, "a message takes more than one SMS", "Each segment is paid for, and may arrive by itself.", "3GPP TS 23.038", {{"max", 1, false}},
	 FLOW(CALLBACK, HELLO "  - sms: This message is much longer than one hundred and sixty letters, so that the network must send it in two segments, "
		"each of which is paid for and may arrive without the other one.\n" MENU),
	 FLOW(CALLBACK, HELLO "  - sms: News from Example Store.\n" MENU), rule_sms_segments},
	{"unused-variable", DD_WARNING, "a variable is never used", "What was to be said to this customer is not.", BEST, {{NULL, 0, false}},
	 FLOW("variables: { name: Rahul }\n" CALLBACK, HELLO MENU), CLEAN, rule_unused_variable},
	{"same-answer-twice", DD_WARNING, "two keys have one answer", "A report cannot tell who pressed what.", BEST, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 for today, press 2 for tomorrow.", "", "        1: { answer: day, then: [ hangup ] }\n        2: { answer: day, then: [ hangup ] }\n")),
	 CLEAN, rule_same_answer_twice},
	{"key-not-announced", DD_WARNING, "a key nobody is told of", "It works, and nobody presses it.", BEST, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more.", "", ONE "        2: [ hangup ]\n")), CLEAN, rule_key_not_announced},
	{"announced-key-missing", DD_ERROR, "a key that is announced does nothing", "The customer does as told, and is told that it was wrong.", TROUBLE, {{NULL, 0, false}},
	 FLOW(CALLBACK, HELLO MENU_OF("Press 1 to hear more, or press 2 to stop.", "", ONE)), CLEAN, rule_announced_key_missing},
	{"otp-digits", DD_ERROR, "a code is spoken as a number", "\"Four thousand five hundred\" cannot be typed.", BEST, {{NULL, 0, false}},
	 FLOW("purpose: otp\nvariables: { code: 4578 }\n" CALLBACK, "  - greeting: Your code is {code}.\n  - sms: \"Your code is {code}\"\n" MENU),
	 FLOW("purpose: otp\nvariables: { code: 4578 }\n" CALLBACK, "  - greeting: \"Your code is {code:digits}. Again: {code:digits}.\"\n  - sms: \"Your code is {code}\"\n" MENU),
	 rule_otp_digits},
	{"otp-repeat", DD_WARNING, "a code is said once", "Who had no pen ready has lost it.", BEST, {{NULL, 0, false}},
	 FLOW("purpose: otp\nvariables: { code: 4578 }\n" CALLBACK, "  - greeting: \"Your code is {code:digits}.\"\n  - sms: \"Your code is {code}\"\n" MENU),
	 FLOW("purpose: otp\nvariables: { code: 4578 }\n" CALLBACK, "  - greeting: \"Your code is {code:digits}. Again: {code:digits}.\"\n  - sms: \"Your code is {code}\"\n" MENU),
	 rule_otp_repeat},
	{"bare-number", DD_WARNING, "a long number is spoken as a quantity", "\"Nine billion eight hundred million\" is no telephone number.", BEST, {{"digits", 5, false}},
	 FLOW(CALLBACK, "  - greeting: Hello from Example Store, call 9876543210.\n" MENU), CLEAN, rule_bare_number},
	{"abbreviation", DD_WARNING, "an abbreviation is read as it stands", "The voice says \"R S\", not \"rupees\".", BEST, {{NULL, 0, false}},
	 FLOW(CALLBACK, "  - greeting: Hello from Example Store, pay Rs. 500.\n" MENU), CLEAN, rule_abbreviation},
};
const size_t DD_NRULES = sizeof DD_RULES / sizeof *DD_RULES;
