/* The tables of verbs, attributes and voices: Twilio's TwiML reference and Exotel's ExoML pages, as
   of November 2026. */
#include "apps/verbs.h"

static const char *const NAMES[] = {
#define VERB(NAME, text) text,
        DD_VERBS(VERB)
#undef VERB
};

const char *verb_name(enum verb verb)
{
	return NAMES[verb];
}

enum verb verb_named(struct dd_str name, const char **near)
{
	for (int i = 0; i < VERBS_COUNT; i++)
		if (dd_str_is(name, NAMES[i]))
			return (enum verb)i;
	*near = dd_nearest(name, NAMES, VERBS_COUNT);
	return VERBS_COUNT;
}

#define QUIET(element, name) \
	{ \
		element, name, AT_TEXT, 0, 0, NULL, true \
	}
#define CALLBACKS(element) \
	QUIET(element, "statusCallback"), QUIET(element, "statusCallbackMethod"), \
	        QUIET(element, "statusCallbackEvent")
#define MACHINES(element) \
	QUIET(element, "machineDetection"), QUIET(element, "machineDetectionTimeout"), \
	        QUIET(element, "machineDetectionSpeechThreshold"), \
	        QUIET(element, "machineDetectionSpeechEndThreshold"), \
	        QUIET(element, "machineDetectionSilenceTimeout"), \
	        QUIET(element, "amdStatusCallback"), QUIET(element, "amdStatusCallbackMethod")

static const struct attribute ATTRIBUTES[] = {
        {"Say", "voice", AT_TEXT, 0, 0, NULL, false},
        {"Say", "language", AT_TEXT, 0, 0, NULL, false},
        {"Say", "loop", AT_NUMBER, 0, 1000, NULL, false},
        {"Play", "loop", AT_NUMBER, 0, 1000, NULL, false},
        {"Play", "digits", AT_TONES, 0, 0, NULL, false},
        {"Pause", "length", AT_SECONDS, 0, 14400, NULL, false},
        {"Gather", "action", AT_URL, 0, 0, NULL, false},
        {"Gather", "method", AT_METHOD, 0, 0, NULL, false},
        {"Gather", "timeout", AT_SECONDS, 0, 14400, "auto", false},
        {"Gather", "finishOnKey", AT_KEY, 0, 0, NULL, false},
        {"Gather", "numDigits", AT_NUMBER, 1, 1000, NULL, false},
        {"Gather", "maxDigits", AT_NUMBER, 1, 1000, NULL, false},
        {"Gather", "actionOnEmptyResult", AT_BOOL, 0, 0, NULL, false},
        {"Gather", "input", AT_WORDS, 0, 0, "dtmf speech", false},
        QUIET("Gather", "language"),
        QUIET("Gather", "hints"),
        QUIET("Gather", "speechTimeout"),
        QUIET("Gather", "maxSpeechTime"),
        QUIET("Gather", "minDigits"),
        QUIET("Gather", "bargeIn"),
        QUIET("Gather", "profanityFilter"),
        QUIET("Gather", "speechModel"),
        QUIET("Gather", "enhanced"),
        QUIET("Gather", "debug"),
        QUIET("Gather", "partialResultCallback"),
        QUIET("Gather", "partialResultCallbackMethod"),
        {"Record", "action", AT_URL, 0, 0, NULL, false},
        {"Record", "method", AT_METHOD, 0, 0, NULL, false},
        {"Record", "timeout", AT_SECONDS, 0, 14400, NULL, false},
        {"Record", "maxLength", AT_SECONDS, 1, 14400, NULL, false},
        {"Record", "finishOnKey", AT_KEYS, 0, 0, NULL, false},
        {"Record", "playBeep", AT_BOOL, 0, 0, NULL, false},
        {"Record", "trim", AT_TEXT, 0, 0, NULL, true},
        {"Record", "recordingStatusCallback", AT_URL, 0, 0, NULL, false},
        {"Record", "recordingStatusCallbackMethod", AT_METHOD, 0, 0, NULL, false},
        QUIET("Record", "recordingStatusCallbackEvent"),
        QUIET("Record", "recordingTrack"),
        QUIET("Record", "recordingChannels"),
        QUIET("Record", "transcribe"),
        QUIET("Record", "transcribeCallback"),
        {"Dial", "action", AT_URL, 0, 0, NULL, false},
        {"Dial", "method", AT_METHOD, 0, 0, NULL, false},
        {"Dial", "timeout", AT_SECONDS, 1, 600, NULL, false},
        {"Dial", "timeLimit", AT_SECONDS, 1, 86400, NULL, false},
        {"Dial", "callerId", AT_TEXT, 0, 0, NULL, false},
        {"Dial", "hangupOnStar", AT_BOOL, 0, 0, NULL, false},
        {"Dial", "record", AT_WORDS, 0, 0,
                "do-not-record record-from-answer record-from-ringing record-from-answer-dual "
                "record-from-ringing-dual true false",
                false},
        QUIET("Dial", "answerOnBridge"),
        QUIET("Dial", "ringTone"),
        QUIET("Dial", "trim"),
        QUIET("Dial", "sequential"),
        QUIET("Dial", "recordingStatusCallback"),
        QUIET("Dial", "recordingStatusCallbackMethod"),
        QUIET("Dial", "recordingStatusCallbackEvent"),
        QUIET("Dial", "recordingTrack"),
        QUIET("Dial", "recordingChannels"),
        QUIET("Dial", "referUrl"),
        QUIET("Dial", "referMethod"),
        QUIET("Dial", "events"),
        {"Number", "url", AT_URL, 0, 0, NULL, false},
        {"Number", "method", AT_METHOD, 0, 0, NULL, false},
        {"Number", "sendDigits", AT_TONES, 0, 0, NULL, false},
        QUIET("Number", "byoc"),
        CALLBACKS("Number"),
        MACHINES("Number"),
        {"Sip", "url", AT_URL, 0, 0, NULL, false},
        {"Sip", "method", AT_METHOD, 0, 0, NULL, false},
        QUIET("Sip", "username"),
        QUIET("Sip", "password"),
        CALLBACKS("Sip"),
        MACHINES("Sip"),
        {"Client", "url", AT_URL, 0, 0, NULL, false},
        {"Client", "method", AT_METHOD, 0, 0, NULL, false},
        CALLBACKS("Client"),
        {"Queue", "url", AT_URL, 0, 0, NULL, false},
        {"Queue", "method", AT_METHOD, 0, 0, NULL, false},
        QUIET("Queue", "reservationSid"),
        QUIET("Queue", "postWorkActivitySid"),
        QUIET("Conference", "muted"),
        QUIET("Conference", "beep"),
        QUIET("Conference", "startConferenceOnEnter"),
        QUIET("Conference", "endConferenceOnExit"),
        QUIET("Conference", "waitUrl"),
        QUIET("Conference", "waitMethod"),
        QUIET("Conference", "maxParticipants"),
        QUIET("Conference", "record"),
        QUIET("Conference", "region"),
        QUIET("Conference", "trim"),
        QUIET("Conference", "coach"),
        QUIET("Conference", "participantLabel"),
        QUIET("Conference", "jitterBufferSize"),
        QUIET("Conference", "eventCallbackUrl"),
        QUIET("Conference", "recordingStatusCallback"),
        QUIET("Conference", "recordingStatusCallbackMethod"),
        QUIET("Conference", "recordingStatusCallbackEvent"),
        CALLBACKS("Conference"),
        {"Redirect", "method", AT_METHOD, 0, 0, NULL, false},
        {"Reject", "reason", AT_WORDS, 0, 0, "rejected busy", false},
        {"Sms", "to", AT_TEXT, 0, 0, NULL, false},
        {"Sms", "from", AT_TEXT, 0, 0, NULL, false},
        {"Sms", "action", AT_URL, 0, 0, NULL, false},
        {"Sms", "method", AT_METHOD, 0, 0, NULL, false},
        QUIET("Sms", "statusCallback"),
        {"Message", "to", AT_TEXT, 0, 0, NULL, false},
        {"Message", "from", AT_TEXT, 0, 0, NULL, false},
        {"Message", "action", AT_URL, 0, 0, NULL, false},
        {"Message", "method", AT_METHOD, 0, 0, NULL, false},
        QUIET("Message", "statusCallback"),
        {"Hangup", NULL, AT_TEXT, 0, 0, NULL, true},
        {"Response", NULL, AT_TEXT, 0, 0, NULL, true},
};
enum { NATTRIBUTES = sizeof ATTRIBUTES / sizeof *ATTRIBUTES };

bool element_has_attributes(const char *element)
{
	for (size_t i = 0; i < NATTRIBUTES; i++)
		if (strcmp(ATTRIBUTES[i].element, element) == 0)
			return true;
	return false;
}

const struct attribute *attribute_named(const char *element, struct dd_str name, const char **near)
{
	const char *names[NATTRIBUTES];
	size_t n = 0;
	for (size_t i = 0; i < NATTRIBUTES; i++) {
		const struct attribute *a = &ATTRIBUTES[i];
		if (strcmp(a->element, element) != 0 || !a->name)
			continue;
		if (dd_str_is(name, a->name))
			return a;
		names[n++] = a->name;
	}
	*near = dd_nearest(name, names, n);
	return NULL;
}

static const struct {
	const char *name, *language;
	bool woman;
} VOICES[] = {
        {"man", NULL, false},
        {"woman", NULL, true},
        {"alice", NULL, true},
        {"Polly.Aditi", "en-IN", true},
        {"Polly.Raveena", "en-IN", true},
        {"Polly.Kajal", "en-IN", true},
        {"Polly.Joanna", "en-US", true},
        {"Polly.Kendra", "en-US", true},
        {"Polly.Kimberly", "en-US", true},
        {"Polly.Salli", "en-US", true},
        {"Polly.Ivy", "en-US", true},
        {"Polly.Ruth", "en-US", true},
        {"Polly.Danielle", "en-US", true},
        {"Polly.Joey", "en-US", false},
        {"Polly.Justin", "en-US", false},
        {"Polly.Matthew", "en-US", false},
        {"Polly.Stephen", "en-US", false},
        {"Polly.Gregory", "en-US", false},
        {"Polly.Amy", "en-GB", true},
        {"Polly.Emma", "en-GB", true},
        {"Polly.Brian", "en-GB", false},
        {"Polly.Arthur", "en-GB", false},
        {"Polly.Nicole", "en-AU", true},
        {"Polly.Olivia", "en-AU", true},
        {"Polly.Russell", "en-AU", false},
        {"Polly.Celine", "fr-FR", true},
        {"Polly.Lea", "fr-FR", true},
        {"Polly.Mathieu", "fr-FR", false},
        {"Polly.Chantal", "fr-CA", true},
        {"Polly.Marlene", "de-DE", true},
        {"Polly.Vicki", "de-DE", true},
        {"Polly.Hans", "de-DE", false},
        {"Polly.Carla", "it-IT", true},
        {"Polly.Bianca", "it-IT", true},
        {"Polly.Giorgio", "it-IT", false},
        {"Polly.Conchita", "es-ES", true},
        {"Polly.Lucia", "es-ES", true},
        {"Polly.Enrique", "es-ES", false},
        {"Polly.Mia", "es-MX", true},
        {"Polly.Lupe", "es-US", true},
        {"Polly.Penelope", "es-US", true},
        {"Polly.Miguel", "es-US", false},
        {"Polly.Camila", "pt-BR", true},
        {"Polly.Vitoria", "pt-BR", true},
        {"Polly.Ricardo", "pt-BR", false},
        {"Polly.Ines", "pt-PT", true},
        {"Polly.Cristiano", "pt-PT", false},
        {"Polly.Mizuki", "ja-JP", true},
        {"Polly.Takumi", "ja-JP", false},
        {"Polly.Zhiyu", "cmn-CN", true},
        {"Polly.Tatyana", "ru-RU", true},
        {"Polly.Maxim", "ru-RU", false},
        {"Polly.Filiz", "tr-TR", true},
        {"Polly.Lotte", "nl-NL", true},
        {"Polly.Ruben", "nl-NL", false},
        {"Polly.Ewa", "pl-PL", true},
        {"Polly.Maja", "pl-PL", true},
        {"Polly.Jacek", "pl-PL", false},
        {"Polly.Astrid", "sv-SE", true},
        {"Polly.Naja", "da-DK", true},
        {"Polly.Mads", "da-DK", false},
        {"Polly.Liv", "nb-NO", true},
        {"Polly.Carmen", "ro-RO", true},
        {"Polly.Gwyneth", "cy-GB", true},
        {"Polly.Zeina", "arb", true},
};

/* "Google.hi-IN-Standard-A" speaks hi-IN; A, C, E … are mostly women, B, D … men. */
static bool google_voice(struct dd_str name, const char **language, const char **variant)
{
	static _Thread_local char tag[16];
	static const char google[] = "Google.";
	size_t n = 0, dashes = 0;
	if (name.n < 10 || memcmp(name.p, google, sizeof google - 1) != 0)
		return false;
	struct dd_str rest = {name.p + sizeof google - 1, name.n - sizeof google + 1};
	while (n < rest.n && n < sizeof tag - 1 && (rest.p[n] != '-' || dashes++ == 0))
		n++;
	memcpy(tag, rest.p, n);
	tag[n] = '\0';
	*language = tag;
	char last = rest.p[rest.n - 1];
	*variant = last >= 'A' && last <= 'Z' && (last - 'A') % 2 ? "m3" : "f2";
	return dashes > 0;
}

bool verb_voice(struct dd_str name, const char **language, const char **variant)
{
	static const char neural[] = "-Neural", generative[] = "-Generative";
	const char *ends[] = {neural, generative};
	for (int i = 0; i < 2; i++) {
		size_t n = strlen(ends[i]);
		if (name.n > n && memcmp(name.p + name.n - n, ends[i], n) == 0)
			name.n -= n;
	}
	for (size_t i = 0; i < sizeof VOICES / sizeof *VOICES; i++) {
		if (!dd_str_is(name, VOICES[i].name))
			continue;
		*language = VOICES[i].language;
		*variant = VOICES[i].woman ? "f2" : "m3";
		return true;
	}
	return google_voice(name, language, variant);
}
