"""Messages of drydial serve: sent over the API and by flows, on their way, checked, called back."""
import json
import re
import xml.etree.ElementTree as ElementTree

from lib import main, test
from serving import folder_with, Receiver, Server, until

FLOW = "flow: Note\nsteps: [ { greeting: Hello }, { sms: 'Your code is 1234.' }, hangup ]\n"
SERVE = """senders: [DRYDAL]
dnd: ["9811111111"]
numbers: { "9822222222": failed }
callers: ["08047112345"]
dlt:
  entities: ["1101"]
  templates: { "1107": "Your code is {#var#}." }
"""


def send(server, status=200, path="send.json", **form):
    fields = {"From": "DRYDAL", "To": "9876543210", "Body": "Your code is 1234.", **form}
    got, _, text = server.ask("POST", "/v1/Accounts/me/Sms/" + path, fields)
    assert got == status, text
    answer = json.loads(text)
    return answer["SMSMessage"] if path == "send.json" and status == 200 else answer


def read(server, sid):
    return server.json("GET", f"/v1/Accounts/me/SMS/Messages/{sid}.json")["SMSMessage"]


@test
def a_message_goes_its_way_and_says_how_it_ended():
    with Receiver() as receiver, Server(flows=folder_with(note=FLOW), speed="real") as server:
        hook = {"StatusCallback": receiver.url + "/sms", "CustomField": "order 7"}
        first = send(server, Body="Hello €", **hook)
        assert list(first) == [
            "Sid",
            "AccountSid",
            "From",
            "To",
            "DateCreated",
            "DateUpdated",
            "DateSent",
            "Body",
            "Direction",
            "Uri",
            "ApiVersion",
            "Price",
            "Status",
            "SmsUnits",
            "DetailedStatusCode",
            "DetailedStatus",
            "CustomField",
        ]
        assert (first["Status"], first["DetailedStatusCode"]) == ("queued", 21010), first
        assert first["DetailedStatus"] == "PENDING_TO_OPERATOR" and first["SmsUnits"] is None
        assert first["Uri"] == "/v1/Accounts/me/SMS/Messages/" + first["Sid"]
        seen = [first["Status"]]
        for advance in ("600ms", "1100ms", "7s"):
            server.side("clock", {"advance": advance})
            seen.append(read(server, first["Sid"])["Status"])
        assert seen == ["queued", "sending", "submitted", "sent"], seen
        over = read(server, first["Sid"])
        assert (over["DetailedStatusCode"], over["SmsUnits"]) == (20005, "1"), over
        got = until(lambda: receiver.of("/sms"))[0]
        assert got == {
            "SmsSid": first["Sid"],
            "To": "9876543210",
            "Status": "sent",
            "SmsUnits": "1",
            "DetailedStatus": "DELIVERED_TO_HANDSET",
            "DetailedStatusCode": "20005",
            "DateSent": over["DateSent"],
            "CustomField": "order 7",
        }, got
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", got["DateSent"])
        # what is on its way when the server is killed goes on
        late = send(server, Body="x" * 161, **hook)["Sid"]
        server.kill()
        server.start()
        server.side("clock", {"advance": "10s"})
        over = read(server, late)
        assert (over["SmsUnits"], over["Status"]) == ("2", "sent"), over
        until(lambda: late in [f["SmsSid"] for f in receiver.of("/sms")])
        status, _, text = server.ask("GET", f"/v1/Accounts/me/SMS/Messages/{late}")
        assert ElementTree.fromstring(text).find("SMSMessage/Status").text == "sent"
        assert server.ask("GET", f"/v1/Accounts/you/SMS/Messages/{late}.json")[0] == 404


@test
def send_takes_several_numbers_and_their_forms_as_the_clients_write_them():
    to = ("9876543210", "9876543211")
    with Server(flows=folder_with(note=FLOW)) as server:
        for body in (
            "To=9876543210,9876543211",
            "To=9876543210&To=9876543211",
            "To[0]=9876543210&To[1]=9876543211",
        ):
            for name in ("Sms", "SMS"):
                status, _, text = server.ask(
                    "POST",
                    f"/v1/Accounts/me/{name}/send.json",
                    "From=DRYDAL&Body=Hello&" + body,
                    {"Content-Type": "application/x-www-form-urlencoded"},
                )
                got = tuple(m["SMSMessage"]["To"] for m in json.loads(text))
                assert status == 200 and got == to, (body, text)
        own = [{"From": f"DRYDA{i}", "To": n, "Body": "Hello"} for i, n in enumerate(to)]
        got = server.json("POST", "/v1/Accounts/me/Sms/bulksend.json", {"sms": own})
        assert [m["SMSMessage"]["From"] for m in got] == ["DRYDA0", "DRYDA1"], got


@test
def many_are_sent_at_once_and_bad_ones_are_refused():
    with Server(flows=folder_with(note=FLOW)) as server:
        for form in (
            {"To[0]": "9876543210", "To[1]": "9876543211", "To": ""},
            {"To": "9876543210,9876543211"},
        ):
            form = {k: v for k, v in form.items() if v}
            body = {"From": "DRYDAL", "Body": "Hello", **form}
            status, _, text = server.ask("POST", "/v1/Accounts/me/Sms/bulksend.json", body)
            assert status == 200, text
            assert [m["SMSMessage"]["To"] for m in json.loads(text)] == [
                "9876543210",
                "9876543211",
            ]
        status, _, text = server.ask(
            "POST",
            "/v1/Accounts/me/Sms/bulksend",
            {
                "From": "DRYDAL",
                "Messages[0][To]": "9876543210",
                "Messages[0][Body]": "One",
                "Messages[1][To]": " 919876543211",
                "Messages[1][Body]": "Two",
            },
        )
        found = ElementTree.fromstring(text).findall("SMSMessage")
        assert [(m.find("To").text, m.find("Body").text) for m in found] == [
            ("9876543210", "One"),
            ("+919876543211", "Two"),
        ], text
        assert len(server.side("messages")) == 6
        for form, word in (
            ({"From": ""}, "From is missing"),
            ({"To": ""}, "To is missing"),
            ({"To": "12"}, "no"),
            ({"Body": ""}, "Body is missing"),
            ({"Body": "x" * 2001}, "2,000"),
            ({"EncodingType": "utf"}, "plain or unicode"),
            ({"EncodingType": "plain", "Body": "नमस्ते"}, "unicode"),
            ({"SmsType": "spam"}, "transactional"),
            ({"Priority": "low"}, "normal or high"),
            ({"StatusCallback": "nowhere"}, "StatusCallback"),
            ({"CustomField": "x" * 129}, "128"),
        ):
            error = send(server, 400, **form)["RestException"]
            assert word in error["Message"], (form, error)
        assert send(server, Body="x" * 2000, EncodingType="plain")["Status"] == "queued"
        assert len(server.side("messages")) == 7


@test
def callbacks_of_messages_are_urlencoded_unless_the_request_says_otherwise():
    forms = {
        "plain": ({}, "application/x-www-form-urlencoded"),
        "json": ({"StatusCallbackContentType": "application/json"}, "application/json"),
        "parts": ({"StatusCallbackContentType": "multipart/form-data"}, "multipart/form-data"),
    }
    with Receiver() as receiver, Server("--answer", "human") as server:
        for path, (more, _) in forms.items():
            send(server, StatusCallback=f"{receiver.url}/{path}", CustomField="नमस्ते & co", **more)
        for path, (_, type) in forms.items():
            got = until(lambda: receiver.of("/" + path))[0]
            assert got["Status"] == "sent" and got["CustomField"] == "नमस्ते & co", got
            types = [t for at, t, _ in receiver.got if at == "/" + path]
            assert types[0].startswith(type), (path, types)
        error = send(server, 400, StatusCallbackContentType="text/xml")["RestException"]
        assert "application/json" in error["Message"], error


@test
def what_the_registers_do_not_know_is_not_delivered():
    folder = folder_with(note=FLOW, other=FLOW.replace("1234", "12" * 16), serve__yaml=SERVE)
    dlt = {"DltEntityId": "1101", "DltTemplateId": "1107"}
    with Receiver() as receiver, Server("--answer", "human", flows=folder) as server:
        for form, status, code in (
            ({}, "sent", 20005),
            ({"From": "08047112345"}, "sent", 20005),
            ({"From": "OTHERS"}, "failed", 23072),
            ({"To": "98765"}, "failed", 23010),
            ({"To": "9811111111"}, "sent", 20005),
            ({"To": "9811111111", "SmsType": "promotional"}, "failed-dnd", 23005),
            ({"To": "9822222222"}, "expired", 23020),
            ({"DltEntityId": "1102"}, "failed", 23080),
            ({"DltTemplateId": "1108"}, "failed", 23081),
            ({"DltTemplateId": ""}, "failed", 23081),
            ({"Body": "Your word is 1234."}, "failed", 23082),
            ({"Body": f"Your code is {'x' * 30}."}, "sent", 20005),
            ({"Body": f"Your code is {'x' * 31}."}, "failed", 23083),
        ):
            sid = send(server, **{**dlt, "StatusCallback": receiver.url + "/x", **form})["Sid"]
            over = until(
                lambda: (lambda m: m if m["Price"] is not None else None)(read(server, sid))
            )
            assert (over["Status"], over["DetailedStatusCode"]) == (status, code), (form, over)
            got = until(lambda: [f for f in receiver.of("/x") if f["SmsSid"] == sid])
            assert [f["Status"] for f in got] == [status]
        # those of flows walk the same way, and have to fit a template
        for flow, status in (("note", "sent"), ("other", "failed")):
            call = server.connect(flow)["Sid"]
            message = until(
                lambda: [
                    m
                    for m in server.side("messages?sid=" + call)
                    if m["status"] in ("sent", "failed")
                ]
            )[0]
            assert message["status"] == status and read(server, message["id"]), message


if __name__ == "__main__":
    main()
