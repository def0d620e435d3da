/* What the platform's first version answers, as XML elements or JSON members. */
#include "serve/sheet.h"

#include <stdio.h>
#include <string.h>

#include "serve/calls.h"

void sheet_member(struct sheet *p, const char *name, const char *value)
{
	if (p->xml) {
		dd_buf_format(p->out, "<%s>", name);
		dd_buf_xml(p->out, dd_str(value ? value : ""));
		dd_buf_format(p->out, "</%s>", name);
		return;
	}
	dd_buf_str(p->out, p->any ? ",\"" : "\"");
	dd_buf_str(p->out, name);
	dd_buf_str(p->out, "\":");
	if (value)
		dd_buf_json(p->out, dd_str(value));
	else
		dd_buf_str(p->out, "null");
	p->any = true;
}

void sheet_open(struct sheet *p, const char *name)
{
	if (p->xml)
		dd_buf_format(p->out, "<%s>", name);
	else
		dd_buf_format(p->out, "%s\"%s\":{", p->any ? "," : "", name);
	p->any = false;
}

void sheet_close(struct sheet *p, const char *name)
{
	if (p->xml)
		dd_buf_format(p->out, "</%s>", name);
	else
		dd_buf_char(p->out, '}');
	p->any = true;
}

void sheet_number(struct sheet *p, const char *name, int64_t value)
{
	if (p->xml)
		dd_buf_format(p->out, "<%s>%lld</%s>", name, (long long)value, name);
	else
		dd_buf_format(p->out, "%s\"%s\":%lld", p->any ? "," : "", name, (long long)value);
	p->any = true;
}

int64_t call_seconds(const struct dd_call_record *r)
{
	return r->answered && r->ended > r->answered ? (r->ended - r->answered + 999) / 1000 : 0;
}

static void details(struct sheet *p, const struct dd_call_record *r)
{
	sheet_open(p, "Details");
	sheet_number(p, "ConversationDuration", call_seconds(r));
	sheet_member(p, "Leg1Status", r->status);
	sheet_member(p, "Leg2Status", r->callee && r->answered ? r->status : NULL);
	dd_buf_str(p->out, p->xml ? "<Legs>" : ",\"Legs\":[");
	for (int leg = 1; leg <= (r->callee ? 2 : 1); leg++)
		dd_buf_format(p->out,
		        p->xml ? "<Leg><Id>%d</Id><OnCallDuration>%lld</OnCallDuration></Leg>"
		               : &",{\"Leg\":{\"Id\":%d,\"OnCallDuration\":%lld}}"[leg == 1],
		        leg, (long long)call_seconds(r));
	dd_buf_str(p->out, p->xml ? "</Legs>" : "]");
	sheet_close(p, "Details");
}

/* The members in the platform's order. */
void sheet_call(
        struct sheet *p, const struct dd_call_record *r, const char *status, bool with_details)
{
	char created[24], updated[24], ended[24], seconds[24], uri[192], recording[256];
	bool over = r->stage == DD_STAGE_OVER;
	dd_time_ist(r->created, created);
	dd_time_ist(r->updated, updated);
	dd_time_ist(r->ended, ended);
	(void)snprintf(seconds, sizeof seconds, "%lld", (long long)call_seconds(r));
	(void)snprintf(uri, sizeof uri, "/v1/Accounts/%s/Calls%s/%s", r->account,
	        p->xml ? "" : ".json", r->sid);
	sheet_member(p, "Sid", r->sid);
	sheet_member(p, "ParentCallSid", NULL);
	sheet_member(p, "DateCreated", created);
	sheet_member(p, "DateUpdated", updated);
	sheet_member(p, "AccountSid", r->account);
	sheet_member(p, "To", r->callee);
	sheet_member(p, "From", r->customer);
	sheet_member(p, "PhoneNumberSid", r->caller_id);
	sheet_member(p, "Status", status);
	sheet_member(p, "StartTime", created);
	sheet_member(p, "EndTime", over ? ended : NULL);
	sheet_member(p, "Duration", over ? seconds : NULL);
	sheet_member(p, "Price", over ? "0.000000" : NULL);
	sheet_member(p, "Direction", "outbound-api");
	sheet_member(p, "AnsweredBy", r->answered_by);
	sheet_member(p, "ForwardedFrom", NULL);
	sheet_member(p, "CallerName", NULL);
	sheet_member(p, "Uri", uri);
	sheet_member(p, "RecordingUrl", recording_of(p->server, r, p->valid_ms, recording));
	if (r->custom_field)
		sheet_member(p, "CustomField", r->custom_field);
	if (with_details)
		details(p, r);
}

void sheet_begin(struct ask *a, struct sheet *p)
{
	*p = (struct sheet){.out = &a->out->body, .xml = a->shape == ASK_XML, .server = a->server};
	a->out->type = p->xml ? "application/xml; charset=utf-8" : "application/json";
	dd_buf_str(p->out,
	        p->xml ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TwilioResponse>" : "{");
}

void sheet_end(struct sheet *p)
{
	dd_buf_str(p->out, p->xml ? "</TwilioResponse>\n" : "}\n");
}
