"""drydial serve from outside: the platform's API, who answers, callbacks to the letter,
campaigns, errors."""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
import xml.etree.ElementTree as ElementTree

from lib import alone, call as dial, main, ROOT, run, test, waits
from serving import FLOW, folder_with, Receiver, Server, until


def source(start, end):
    text = open(os.path.join(ROOT, "tests/e2e/source-examples.txt"), encoding="utf-8").read()
    return text.split(start + "\n")[1].split("\n" + end)[0]


def curl(text, server, **values):
    """One of the source's curl commands, with its placeholders filled in and the base URL
    changed."""
    text = text.replace(
        "https://<api_key>:<api_token>@api.exotel.com", server.url.replace("://", "://k:t@")
    ).replace("<account_sid>", "me")
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    done = subprocess.run(
        ["sh", "-c", text.replace("curl ", "curl -s ", 1)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@test
def method_1_of_the_source_as_printed():
    with Receiver() as receiver, Server(
        "--answer", "keys 2", "--map", f"https://your-app.com={receiver.url}"
    ) as server:
        answer = curl(
            source("# method 1", "# end"),
            server,
            customer_number="+919876543210",
            exophone="08047112345",
            app_id="appointment-reminder",
        )["Call"]
        assert list(answer) == [
            "Sid",
            "ParentCallSid",
            "DateCreated",
            "DateUpdated",
            "AccountSid",
            "To",
            "From",
            "PhoneNumberSid",
            "Status",
            "StartTime",
            "EndTime",
            "Duration",
            "Price",
            "Direction",
            "AnsweredBy",
            "ForwardedFrom",
            "CallerName",
            "Uri",
            "RecordingUrl",
        ], answer
        assert (
            re.fullmatch(r"[0-9a-f]{32}", answer["Sid"])
            and answer["Status"] == "in-progress"
            and answer["To"] is None
            and answer["From"] == "+919876543210"
        )
        assert (
            answer["Direction"] == "outbound-api"
            and answer["Uri"] == f"/v1/Accounts/me/Calls.json/{answer['Sid']}"
        )
        got = until(lambda: receiver.of("/call-status"))
        assert got[0] == {
            "CallSid": answer["Sid"],
            "DateUpdated": got[0]["DateUpdated"],
            "Status": "completed",
            "RecordingUrl": "",
            "Digits": "2",
            "From": "+919876543210",
        }, got
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", got[0]["DateUpdated"])
        assert len(receiver.of("/call-status")) == 1


@test
def method_2_of_the_source_as_printed():
    with Server("--answer", "keys 1", "--at", "2025-01-20T08:59:00+05:30") as server:
        answer = curl(
            source("# method 2", "# end"),
            server,
            exophone="08047112345",
            flow_id="appointment-reminder",
        )
        campaign = answer["response"][0]["data"]
        assert (
            answer["http_code"] == 200
            and answer["method"] == "POST"
            and campaign["status"] == "Created"
        ), answer
        assert campaign["stats"] == {"created": 3, "completed": 0, "failed": 0, "pending": 3}
        path = f"/v1/Accounts/me/Campaigns/{campaign['id']}"
        over = until(
            lambda: (lambda d: d if d["status"] == "Completed" else None)(
                server.json("GET", path)["response"][0]["data"]
            )
        )
        assert over["stats"] == {"created": 3, "completed": 3, "failed": 0, "pending": 0}
        calls = server.json("GET", path + "/call-details")
        assert calls["metadata"] == {"count": 3, "offset": 0, "total": 3, "limit": 20}
        assert [c["number"] for c in calls["response"]] == [
            "+919876543210",
            "+919876543211",
            "+919876543212",
        ]
        assert all(
            c["digit"] == "1"
            and c["direction"] == "Outgoing"
            and c["status"] == "completed"
            and c["start_time"] >= "2025-01-20T09:00:00+05:30"
            for c in calls["response"]
        ), calls


@test
def method_3_of_the_source_and_its_handler():
    """The sketch's exotel_api is what a program makes of method 1; its handler is the source's
    own."""
    seen = []

    class Request:
        def __init__(self, post):
            self.POST = post

    class Db:
        def __getattr__(self, name):
            return lambda customer: seen.append((name, customer))

    space = {"db": Db()}
    exec(source("# handler", "# end"), space)

    def answer(path, fields):
        if path == "/reminder-status":
            space["handle_reminder_response"](Request(fields))
        return 200, ""

    with Receiver(answer) as receiver, Server(
        "--map", f"https://your-app.com={receiver.url}"
    ) as server:

        class Api:
            @staticmethod
            def connect_to_flow(from_number, caller_id, flow_url, status_callback):
                server.connect(
                    From=from_number,
                    CallerId=caller_id,
                    Url=flow_url,
                    StatusCallback=status_callback,
                )

        class Appointment:
            datetime, customer_phone = 5, "09876543210"

        space.update(
            exotel_api=Api,
            exophone="08047112345",
            REMINDER_FLOW_ID="appointment-reminder",
            now=lambda: 4,
            timedelta=lambda hours: hours,
        )
        exec(source("# method 3", "# end"), space)
        for keys in "123":
            server.side("next", {"answer": "keys " + keys})
            space["send_appointment_reminder"](Appointment)
            until(lambda: len(seen) == int(keys))
        assert seen == [
            ("confirm_appointment", "09876543210"),
            ("flag_for_reschedule", "09876543210"),
            ("cancel_appointment", "09876543210"),
        ], seen


@test
def xml_is_the_default_and_says_the_same():
    with Server("--answer", "keys 1") as server:
        form = {
            "From": "09876543210",
            "CallerId": "08047112345",
            "Url": "http://my.exotel.com/me/exoml/start_voice/otp",
            "CustomField": "a<b&c",
        }
        status, headers, text = server.ask("POST", "/v1/Accounts/me/Calls/connect", form)
        assert status == 200 and headers["Content-Type"].startswith("application/xml"), text
        root = ElementTree.fromstring(text)
        assert root.tag == "TwilioResponse" and root[0].tag == "Call"
        sid = root.find("Call/Sid").text
        server.over(sid)
        found = ElementTree.fromstring(
            server.ask("GET", f"/v1/Accounts/me/Calls/{sid}?details=true")[2]
        )
        as_json = server.json("GET", f"/v1/Accounts/me/Calls/{sid}.json?details=true")["Call"]
        assert found.find("Call/CustomField").text == "a<b&c" == as_json["CustomField"]
        assert (
            found.find("Call/Duration").text == as_json["Duration"]
            and found.find("Call/Details/Legs/Leg/OnCallDuration").text == as_json["Duration"]
        )
        assert as_json["Details"] == {
            "ConversationDuration": int(as_json["Duration"]),
            "Leg1Status": "completed",
            "Leg2Status": None,
            "Legs": [{"Leg": {"Id": 1, "OnCallDuration": int(as_json["Duration"])}}],
        }
        assert [e.tag for e in found.find("Call")] == list(as_json)
        for url in (
            "http://my.exotel.com/exoml/start/otp",
            "https://my.exotel.in/exoml/start_voice/otp",
            "http://my.exotel.com/x/exoml/start_voice/otp?a=b",
        ):
            assert server.connect(Url=url)["Sid"]


@test
def two_numbers_are_joined():
    with Server("--answer", "human") as server:
        status, _, text = server.ask(
            "POST",
            "/v1/Accounts/me/Calls/connect",
            {"From": "09876543210", "To": "09876543211", "CallerId": "1", "CallType": "trans"},
        )
        call = ElementTree.fromstring(text).find("Call")
        assert (
            status == 200
            and call.find("To").text == "09876543211"
            and call.find("Status").text == "in-progress"
        ), text
        over = server.over(call.find("Sid").text)
        assert (
            over["Status"] == "completed"
            and over["Duration"] == "10"
            and over["To"] == "09876543211"
        )


@test
def a_call_runs_as_drydial_call_runs_it():
    """The same keys at the same offsets: the same transcript to the millisecond."""
    with Server("--answer", "press 4000:2", "--at", "2025-01-20T10:00:00+05:30") as server:
        sid = server.connect(From="+919876543210", CallerId="08047112345")["Sid"]
        server.over(sid)
        served = server.side("calls/" + sid)["transcript"]
        dialled = dial(
            "flows/appointment-reminder.yaml",
            "--press",
            "4000:2",
            "--from",
            "+919876543210",
            "--at",
            "2025-01-20T10:00:02+05:30",
        )
        assert served["events"] == dialled["events"], (served["events"], dialled["events"])
        assert served["sms"] == dialled["sms"] and served["duration_ms"] == dialled["duration_ms"]


@test
def passthru_asks_the_developers_server_and_callbacks_have_every_field():
    def answer(path, fields):
        return (
            (200, "Hello Rahul, your balance is 1500 rupees.") if path == "/balance" else (200, "")
        )

    with Receiver(answer) as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        with Server(flows=folder) as server:
            events = {"StatusCallbackEvents[0]": "terminal", "StatusCallbackEvents[1]": "answered"}
            kinds = {
                "default": {},
                "json": {"StatusCallbackContentType": "application/json"},
                "form": {"StatusCallbackContentType": "application/x-www-form-urlencoded"},
            }
            for kind, more in kinds.items():
                sid = server.connect(
                    "balance",
                    StatusCallback=f"{receiver.url}/{kind}",
                    CustomField="order ₹ 12",
                    **events,
                    **more,
                )["Sid"]
                assert server.over(sid)["Status"] == "completed"
                got = until(lambda: (lambda g: g if len(g) == 2 else None)(receiver.of("/" + kind)))
                by = {g["EventType"]: g for g in got}
                assert set(by) == {"terminal", "answered"}, got
                terminal = by["terminal"]
                legs = (
                    terminal["Legs"][0]
                    if kind == "json"
                    else {k[8:-1]: v for k, v in terminal.items() if k.startswith("Legs[0]")}
                )
                assert {
                    "CallSid",
                    "DateUpdated",
                    "Status",
                    "RecordingUrl",
                    "EventType",
                    "DateCreated",
                    "To",
                    "From",
                    "PhoneNumberSid",
                    "StartTime",
                    "EndTime",
                    "ConversationDuration",
                    "Direction",
                    "CustomField",
                    "AnsweredBy",
                    "Digits",
                } <= set(terminal)
                assert (
                    terminal["CallSid"] == sid
                    and terminal["CustomField"] == "order ₹ 12"
                    and terminal["AnsweredBy"] == "Human"
                    and legs["Status"] == "completed"
                )
                assert (
                    str(legs["OnCallDuration"])
                    == str(terminal["ConversationDuration"])
                    == server.call(sid)["Duration"]
                )
                assert by["answered"]["Status"] == "in-progress"
                types = [t for at, t, _ in receiver.got if at == "/" + kind]
                assert all(
                    t.startswith(
                        {
                            "default": "multipart/form-data; boundary=",
                            "json": "application/json",
                            "form": "application/x-www-form-urlencoded",
                        }[kind]
                    )
                    for t in types
                )
            asked = receiver.of("/balance")[0]
            assert (
                asked["CallSid"]
                and asked["CallFrom"] == "+919876543210"
                and asked["CallTo"] == "08047112345"
                and asked["CustomField"] == "order ₹ 12"
            )
            assert "your balance is 1500 rupees" in json.dumps(
                server.side("calls/" + sid)["transcript"]
            )
        shutil.rmtree(folder)


@test
def servers_of_other_machines_are_not_asked_unless_allowed():
    with Receiver() as receiver:
        with Server(
            "--answer", "human"
        ) as server:  # personalized-balance asks example.com: its stub answers
            sid = server.connect("personalized-balance")["Sid"]
            server.over(sid)
            asked = server.side("calls/" + sid)["transcript"]["requests"]
            assert (
                asked
                and asked[0]["url"].startswith("https://")
                and asked[0]["status"] == 200
                and not receiver.got
            )
        host = re.match(r"(https?://[^/]+)", asked[0]["url"])[1]
        with Server("--map", f"{host}={receiver.url}") as server:
            server.over(server.connect("personalized-balance")["Sid"])
            assert receiver.got


@test
def who_answers_is_decided_by_rule_by_test_and_by_audience():
    folder = folder_with(
        serve__yaml=(
            "numbers:\n"
            '  "+919800000001": busy\n'
            '  "+919800000002": no-answer\n'
            '  "+919800000003": machine\n'
            '  "+919800000004": keys 3\n'
            '  "+919800000005": failed\n'
        )
    )
    for name in ("appointment-reminder", "otp"):
        shutil.copy(os.path.join(ROOT, "flows", name + ".yaml"), folder)
    with Server("--answer", "keys 1", flows=folder) as server:
        want = {
            "1": ("busy", None),
            "2": ("no-answer", None),
            "3": ("completed", "machine"),
            "4": ("completed", "human"),
            "5": ("failed", None),
            "6": ("completed", "human"),
        }
        sids = {n: server.connect(From=f"+91980000000{n}")["Sid"] for n in want}
        got = {n: server.over(sid) for n, sid in sids.items()}
        assert {n: (c["Status"], c["AnsweredBy"]) for n, c in got.items()} == want, got
        assert (
            server.side("calls/" + sids["4"])["digits"] == "3"
            and server.side("calls/" + sids["6"])["digits"] == "1"
        )
        server.side("next", {"answer": "no-answer", "number": "9800000004"})
        server.side("next", {"answer": "canceled"})
        assert (
            server.over(server.connect(From="09800000001")["Sid"])["Status"] == "canceled"
        )  # the next call of all
        assert server.over(server.connect(From="09800000004")["Sid"])["Status"] == "no-answer"
        assert server.over(server.connect(From="09800000004")["Sid"])["Status"] == "completed"
        assert (
            "keys 1,-,2"
            in server.side("next", {"answer": "nobody"}, status=400)["RestException"]["Message"]
        )
    rules = folder_with(rules="+919800000001: busy\n'*': keys 1\n")
    with Server("--answer", "rules", rules + "/rules.yaml") as server:
        assert server.over(server.connect(From="+919800000001")["Sid"])["Status"] == "busy"
        sid = server.connect(From="+919800000002")["Sid"]
        server.over(sid)
        assert server.side("calls/" + sid)["digits"] == "1"
    shutil.rmtree(rules)
    with Server(
        "--answer",
        "audience",
        "campaigns/parts/audience.yaml"
        if os.path.exists(os.path.join(ROOT, "campaigns/parts/audience.yaml"))
        else "tests/campaigns/good/audience.yaml",
        "--rate",
        "0",
    ) as server:
        sids = [server.connect(From=f"+9198{i:08d}")["Sid"] for i in range(200)]
        ends = [server.over(sid)["Status"] for sid in sids]
        assert {"completed", "no-answer"} <= set(ends) and len(set(ends)) >= 3, ends
    shutil.rmtree(folder)


@test
def edited_flows_are_taken_for_the_next_call_and_broken_ones_are_told():
    folder = folder_with(
        hello="flow: Hello\nsteps:\n  - greeting: One.\n  - hangup\n",
        serve__yaml="apps: { 12345: hello.yaml }\n",
    )
    path = os.path.join(folder, "hello.yaml")
    said = lambda server, sid: [
        e["text"]
        for e in server.side("calls/" + sid)["transcript"]["events"]
        if e["type"] == "prompt"
    ]
    with Server(flows=folder) as server:
        first = server.connect("12345")["Sid"]
        server.over(first)
        with open(path, "w") as out:
            out.write("flow: Hello\nsteps:\n  - greeting: Two, and more.\n  - hangup\n")
        second = server.connect("hello")["Sid"]
        server.over(second)
        assert said(server, first) == ["One."] and said(server, second) == ["Two, and more."]
        with open(path, "w") as out:
            out.write("flow: Hello\nsteps:\n  - gretting: Two.\n")
        status, _, text = server.ask(
            "POST",
            "/v1/Accounts/me/Calls/connect.json",
            {
                "From": "9876543210",
                "CallerId": "1",
                "Url": "http://my.exotel.com/exoml/start/hello",
            },
        )
        message = json.loads(text)["RestException"]["Message"]
        assert status == 400 and "hello.yaml:3" in message and "greeting" in message, text
        assert server.side("flows")[0]["broken"] is True
        with open(os.path.join(folder, "new.yaml"), "w") as out:
            out.write("flow: New\nsteps:\n  - hangup\n")
        assert server.over(server.connect("new")["Sid"])["Status"] == "completed"
        os.unlink(path)
        status, _, text = server.ask(
            "POST",
            "/v1/Accounts/me/Calls/connect.json",
            {
                "From": "9876543210",
                "CallerId": "1",
                "Url": "http://my.exotel.com/exoml/start/hello",
            },
        )
        assert status == 400 and "there are: new" in text
    shutil.rmtree(folder)


@test
def bad_requests_are_refused_in_the_platforms_shape():
    folder = folder_with(serve__yaml='callers: ["08047112345"]\ndnd: ["+919811111111"]\n')
    shutil.copy(os.path.join(ROOT, "flows/otp.yaml"), folder)
    good = {
        "From": "09876543210",
        "CallerId": "08047112345",
        "Url": "http://my.exotel.com/exoml/start/otp",
    }
    with Server(
        "--rate", "0", "--profile", "trai", "--at", "2025-01-20T10:00:00+05:30", flows=folder
    ) as server:

        def refused(
            status,
            words,
            path="/v1/Accounts/me/Calls/connect.json",
            method="POST",
            drop=(),
            body=None,
            credentials="k:t",
            headers=None,
            **fields,
        ):
            form = (
                {k: v for k, v in {**good, **fields}.items() if k not in drop}
                if body is None and method == "POST"
                else body
            )
            got, head, text = server.ask(
                method, path, form, credentials=credentials, headers=headers
            )
            assert got == status, (got, text)
            if path.endswith(".json") or "Campaigns" in path or path.startswith("/_drydial"):
                error = json.loads(text)["RestException"]
                assert (
                    error["Status"] == status
                    and isinstance(error["Code"], str)
                    and set(error) == {"Status", "Message", "Code"}
                )
                message = error["Message"]
            elif path.startswith("/v2/"):
                error = json.loads(text)
                assert error["http_code"] == status and error["response"][0]["status"] == "failure"
                message = error["response"][0]["error_data"]["description"]
            else:
                error = ElementTree.fromstring(text).find("RestException")
                assert error.find("Status").text == str(status)
                message = error.find("Message").text
            assert words in message, message
            return head

        refused(400, "From is missing", drop=["From"])
        refused(400, "CallerId is missing", drop=["CallerId"], path="/v1/Accounts/me/Calls/connect")
        refused(400, "Url is missing", drop=["Url"])
        refused(400, "telephone number", From="12")
        refused(400, "telephone number", From="'; drop table call; --")
        refused(400, "ExoPhone", CallerId="08047110000")
        refused(400, "To is not a telephone number", drop=["Url"], To="agent")
        for url in (
            "http://my.exotel.com/other/otp",
            "ftp://my.exotel.com/exoml/start/otp",
            "http://my.exotel.com/exoml/start/",
            "otp",
        ):
            refused(400, "Url must be", Url=url)
        for app in ("nobody", "..%2f..%2fetc%2fpasswd", "../otp", "%00otp", "otp%2e%2e", "serve"):
            refused(400, "", Url="http://my.exotel.com/exoml/start/" + app)
        refused(400, "TimeLimit", TimeLimit="14401")
        refused(400, "TimeLimit", TimeLimit="1e3")
        refused(400, "TimeOut", TimeOut="-1")
        refused(400, "CallType", CallType="x")
        refused(400, "CustomField", CustomField="x" * 5000)
        for url in (
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "//127.0.0.1/",
            "http://a b/",
            "gopher://x/",
        ):
            refused(400, "StatusCallback", StatusCallback=url)
        refused(
            400,
            "terminal and answered",
            StatusCallback="http://127.0.0.1/",
            **{"StatusCallbackEvents[0]": "all"},
        )
        refused(400, "StatusCallbackContentType", StatusCallbackContentType="text/xml")
        refused(
            400,
            "not a form",
            body="From=%zz",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        refused(
            400,
            "not a form",
            body="From=%00",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        refused(
            400,
            "not JSON",
            body='{"From": "1", "From": "2"}',
            headers={"Content-Type": "application/json"},
        )
        refused(400, "not JSON: line 1", body="{nope", headers={"Content-Type": "application/json"})
        refused(
            400,
            "not UTF-8",
            body=b"From=9876543210&CallerId=08047112345&CustomField=%ff"
            b"&Url=http://my.exotel.com/exoml/start/otp",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        head = refused(401, "key and token", credentials="k:x")
        assert head["WWW-Authenticate"].startswith("Basic ")
        refused(401, "Basic", credentials=None, path="/v1/Accounts/me/Calls", method="GET")
        refused(401, "", credentials="k:t:", path="/v2/accounts/me/campaigns", method="GET")
        refused(403, "do-not-disturb", From="9811111111")
        refused(404, "no call", path="/v1/Accounts/me/Calls/" + "0" * 32 + ".json", method="GET")
        refused(404, "nothing at this address", path="/v1/Accounts/me/Nothing", method="GET")
        refused(404, "", path="/v1/Accounts/me/../../etc/passwd", method="GET")
        refused(404, "no campaign", path="/v2/accounts/me/campaigns/x", method="GET")
        head = refused(405, "takes POST", path="/v1/Accounts/me/Calls/connect.json", method="GET")
        assert head["Allow"] == "POST"
        refused(
            413,
            "1,048,576",
            body="From=" + "1" * 1100000,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        refused(431, "headers", headers={f"X-{i}": "y" * 400 for i in range(60)})
        server.side("clock", {"to": "2025-01-20T21:15:00+05:30"})
        refused(403, "time of the day")
        server.side("clock", {"to": "2025-01-21T09:00:00+05:30"})
        server.side("next", {"status": 402, "times": 1})
        refused(402, "Payment")
        # JSON and multipart are bodies as good as a form
        json_placed = server.json(
            "POST",
            "/v1/Accounts/me/Calls/connect.json",
            dict(good, StatusCallbackEvents=["terminal"]),
        )["Call"]["Sid"]
        done = subprocess.run(
            [
                "curl",
                "-s",
                "-u",
                "k:t",
                server.url + "/v1/Accounts/me/Calls/connect.json",
                *[x for k, v in good.items() for x in ("-F", f"{k}={v}")],
            ],
            capture_output=True,
            text=True,
        )
        placed = json.loads(done.stdout)["Call"]
        assert placed["From"] == good["From"], done.stdout
        server.over(json_placed), server.over(placed["Sid"])  # only such calls are listed
        other = server.json("GET", "/v1/Accounts/other/Calls.json")
        assert (
            other["Metadata"]["Total"] == 0
            and len(server.json("GET", "/v1/Accounts/me/Calls.json")["Calls"]) == 2
        )
    shutil.rmtree(folder)


@test
def too_many_calls_a_minute_are_429():
    with Server("--rate", "5") as server:
        for _ in range(5):
            server.connect("otp")
        status, head, text = server.ask(
            "POST",
            "/v1/Accounts/me/Calls/connect.json",
            {"From": "09876543210", "CallerId": "1", "Url": "http://my.exotel.com/exoml/start/otp"},
        )
        assert (
            status == 429
            and 1 <= int(head["Retry-After"]) <= 60
            and json.loads(text)["RestException"]["Status"] == 429
        )
        server.side("clock", {"advance": "61s"})
        server.connect("otp")


@test
def calls_are_listed_by_page_and_filter():
    with Server("--rate", "0", "--at", "2025-01-20T10:00:00+05:30") as server:
        sids = []
        for i in range(25):
            server.side("next", {"answer": "busy" if i % 5 == 0 else "human"})
            sids.append(server.connect("otp", From=f"+9198765432{i:02d}")["Sid"])
            server.over(sids[-1])
        path = "/v1/Accounts/me/Calls.json"
        seen, uri, pages = [], path + "?PageSize=10&SortBy=DateCreated:asc", 0
        while uri:
            page = server.json("GET", uri)
            assert page["Metadata"]["Total"] == 25 and page["Metadata"]["PageSize"] == 10
            seen += [c["Sid"] for c in page["Calls"]]
            last, uri, pages = page, page["Metadata"]["NextPageUri"], pages + 1
        assert seen == sids and pages == 3
        back = server.json("GET", last["Metadata"]["PrevPageUri"])
        assert [c["Sid"] for c in back["Calls"]] == sids[10:20]
        assert (
            back["Metadata"]["PrevPageUri"]
            and server.json("GET", back["Metadata"]["FirstPageUri"])["Calls"][0]["Sid"] == sids[0]
        )
        newest = server.json("GET", path)["Calls"]
        assert [c["Sid"] for c in newest] == sids[::-1]
        after = server.json(
            "GET",
            path
            + "?PageSize=10&After="
            + re.search(
                r"After=(\d+)", server.json("GET", path + "?PageSize=10")["Metadata"]["NextPageUri"]
            )[1],
        )["Calls"]
        assert [c["Sid"] for c in after] == sids[::-1][10:20]
        assert (
            len(server.json("GET", path + "?Status=busy")["Calls"]) == 5
            and len(server.json("GET", path + "?Status=busy,completed")["Calls"]) == 25
        )
        assert [c["Sid"] for c in server.json("GET", path + "?From=09876543203")["Calls"]] == [
            sids[3]
        ]
        assert {
            c["Sid"] for c in server.json("GET", path + f"?Sid={sids[1]},{sids[2]}")["Calls"]
        } == {sids[1], sids[2]}
        third = server.call(sids[3])["DateCreated"].replace(" ", "%20")
        assert server.json("GET", path + f"?DateCreated=gte:{third}")["Metadata"]["Total"] == 22
        assert (
            server.json("GET", path + f"?DateCreated=gte:{third};lte:{third}")["Metadata"]["Total"]
            == 1
        )
        assert (
            server.json("GET", path + "?Duration=gte:1s")["Metadata"]["Total"] == 20
            and server.json("GET", path + "?Duration=lte:0s")["Metadata"]["Total"] == 5
        )
        for bad in (
            "PageSize=0",
            "PageSize=101",
            "SortBy=Price",
            "DateCreated=yesterday",
            "Duration=gte:x",
            "After=x",
        ):
            server.json("GET", path + "?" + bad, status=400)
        xml = ElementTree.fromstring(server.ask("GET", "/v1/Accounts/me/Calls?PageSize=3")[2])
        assert len(xml.findall("Call")) == 3 and xml.find("Metadata/Total").text == "25"
        number = server.json("GET", "/v1/Accounts/me/Numbers/09876543210.json")["Numbers"]
        assert (
            number["PhoneNumber"] == "09876543210"
            and number["DND"] == "No"
            and set(number)
            == {"PhoneNumber", "Circle", "CircleName", "Type", "Operator", "OperatorName", "DND"}
        )


def campaign(server, body, version="v2"):
    path = "/v2/accounts/me/campaigns" if version == "v2" else "/v1/Accounts/me/Campaigns"
    return server.json("POST", path, body)["response"][0]["data"]["id"], path


def wait_over(server, path, id):
    return until(
        lambda: (lambda d: d if d["status"] == "Completed" else None)(
            server.json("GET", f"{path}/{id}")["response"][0]["data"]
        )
    )


@test
def a_campaign_retries_and_calls_back_three_ways():
    with Receiver() as receiver, Server("--at", "2025-01-20T10:00:00+05:30") as server:
        for number, answers in {
            "+919800000001": ["busy", "keys 2"],
            "+919800000002": ["no-answer"] * 3,
            "+919800000003": ["failed", "failed"],
            "+919800000004": ["keys 1"],
        }.items():
            for answer in answers:
                server.side("next", {"number": number, "answer": answer})
        id, path = campaign(
            server,
            {
                "campaigns": [
                    {
                        "from": "+919800000001,+919800000002,+919800000003,+919800000004",
                        "caller_id": "08047112345",
                        "url": "http://my.exotel.com/me/exoml/start_voice/appointment-reminder",
                        "name": "January",
                        "retries": {
                            "number_of_retries": 2,
                            "interval_mins": 10,
                            "mechanism": "Linear",
                            "on_status": ["busy", "no-answer", "failed"],
                        },
                        "call_status_callback": receiver.url + "/call",
                        "call_schedule_callback": receiver.url + "/number",
                        "status_callback": receiver.url + "/campaign",
                    }
                ]
            },
        )
        over = wait_over(server, path, id)
        assert over["name"] == "January" and over["stats"] == {
            "created": 4,
            "completed": 2,
            "failed": 2,
            "pending": 0,
        }, over
        calls = server.json("GET", f"{path}/{id}/call-details?limit=100")["response"]
        starts = {}
        for c in calls:
            starts.setdefault(c["number"], []).append(c["start_time"][11:16])
        assert [c["status"] for c in calls if c["number"] == "+919800000001"] == [
            "busy",
            "completed",
        ]
        assert (
            len(starts["+919800000002"]) == 3 and len(starts["+919800000003"]) == 2
        )  # one that fails is tried once more
        minutes = [int(t[:2]) * 60 + int(t[3:]) for t in starts["+919800000002"]]
        assert (
            10 <= minutes[1] - minutes[0] <= 11 and 20 <= minutes[2] - minutes[1] <= 21
        ), starts  # 10, then 20 minutes
        until(lambda: receiver.of("/campaign"))
        until(lambda: len(receiver.of("/call")) == 8 and len(receiver.of("/number")) == 4)
        one = receiver.of("/call")[0]
        assert {
            "campaign_sid",
            "call_sid",
            "date_created",
            "date_updated",
            "number",
            "status",
        } <= set(one) and one["campaign_sid"] == id
        by = {n["to"]: n for n in receiver.of("/number")}
        assert (
            len(by["+919800000002"]["call_sids"]) == 3
            and by["+919800000002"]["status"] == "no-answer"
            and by["+919800000001"]["status"] == "completed"
        )
        assert receiver.of("/campaign")[0]["status"] == "Completed" and receiver.of("/campaign")[0][
            "report_url"
        ].startswith(server.url)
        report = server.json("GET", f"{path}/{id}/report")
        assert (
            report["summary"]["total"] == 4
            and report["summary"]["connected"] == 2
            and report["summary"]["connection_rate"] == 50
        )
        csv = server.ask("GET", f"{path}/{id}/report?format=csv")[2].splitlines()
        assert (
            csv[0] == "phone_number,attempts,final_status,duration,ivr_response,recording"
            and len(csv) == 5
            and csv[1].startswith("+919800000001,2,connected,")
        )
        some = server.json("GET", f"{path}/{id}/call-details?status=busy,failed&offset=1&limit=1")
        assert some["metadata"] == {"count": 1, "offset": 1, "total": 3, "limit": 1}


@test
def a_campaign_keeps_its_hours_its_pace_and_its_lines():
    with Server("--at", "2025-01-20T08:00:00+05:30", "--answer", "human") as server:
        id, path = campaign(
            server,
            {
                "name": "Pace",
                "caller_id": "0804",
                "call_flow_id": "otp",
                "type": "automated",
                "numbers": [f"+9198000000{i:02d}" for i in range(30)],
                "schedule": {
                    "start_time": "2025-01-20T09:00:00+05:30",
                    "end_time": "2025-01-20T18:00:00+05:30",
                },
                "concurrency": 3,
            },
            "v1",
        )
        wait_over(server, path, id)
        calls = server.json("GET", f"{path}/{id}/call-details?limit=100")["response"]
        spans = sorted((c["start_time"], c["end_time"]) for c in calls)
        assert len(spans) == 30 and spans[0][0] == "2025-01-20T09:00:00+05:30"
        for at, _ in spans:
            assert sum(1 for a, b in spans if a <= at < b) <= 3, spans
        # 60 calls a minute is the account's pace
        id, path = campaign(
            server,
            {
                "from": ",".join(f"+9198000001{i:02d}" for i in range(60)),
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
            },
        )
        wait_over(server, path, id)
        starts = sorted(
            c["start_time"]
            for c in server.json("GET", f"{path}/{id}/call-details?limit=100")["response"]
        )
        assert len(set(starts)) >= 59, starts


@test
def a_campaign_is_paused_resumed_stopped_and_archived():
    with Server("--at", "2025-01-20T10:00:00+05:30") as server:
        id, path = campaign(
            server,
            {
                "from": "+919800000001,+919800000002",
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
                "schedule": {
                    "send_at": "2025-01-20T12:00:00+05:30",
                    "end_at": "2025-01-20T18:00:00+05:30",
                },
            },
        )
        # the clock jumps to noon at once unless it is paused before
        until(
            lambda: server.json("GET", f"{path}/{id}")["response"][0]["data"]["status"]
            == "Completed"
        )
    with Server("--at", "2025-01-20T10:00:00+05:30", speed="real") as server:
        id, path = campaign(
            server,
            {
                "from": "+919800000001,+919800000002",
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
                "schedule": {
                    "send_at": "2025-01-20T12:00:00+05:30",
                    "end_at": "2025-01-20T18:00:00+05:30",
                },
            },
        )
        put = lambda action, status=200: server.json(
            "PUT", f"{path}/{id}", {"campaigns": [{"action": action}]}, status
        )
        put("resume", 400), put("complete", 400), put("archive", 400), put("dance", 400)
        assert put("pause")["response"][0]["data"]["status"] == "Paused"
        server.side("clock", {"to": "2025-01-20T13:00:00+05:30"})
        assert server.side("calls") == []
        added = server.json(
            "POST",
            f"/v1/Accounts/me/Campaigns/{id}/Numbers",
            {"Numbers": "+919800000003,9800000004"},
        )
        assert added["response"][0]["data"]["stats"]["created"] == 4
        assert put("resume")["response"][0]["data"]["status"] == "Resumed"
        server.side("clock", {"advance": "10m"})
        assert wait_over(server, path, id)["stats"]["completed"] == 4
        put("pause", 400)
        assert put("archive")["response"][0]["data"]["status"] == "Archived"
        listed = server.json("GET", path + "?status=Archived&sort_by=date_created:desc")
        assert listed["metadata"]["total"] == 1 and listed["response"][0]["data"]["id"] == id
        other, _ = campaign(
            server,
            {
                "from": "+919800000001",
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
                "schedule": {
                    "send_at": "2025-01-21T12:00:00+05:30",
                    "end_at": "2025-01-21T18:00:00+05:30",
                },
            },
        )
        assert server.json("POST", f"{path}/{other}/stop")["response"][0]["data"]["stats"] == {
            "created": 1,
            "completed": 0,
            "failed": 1,
            "pending": 0,
        }
        server.json("DELETE", f"{path}/{other}")
        server.json("GET", f"{path}/{other}", status=404)
        for body in (
            {},
            [],
            {"campaigns": []},
            {"from": "1", "caller_id": "0804", "url": "http://my.exotel.com/exoml/start/nobody"},
            {"from": 7, "caller_id": "0804"},
            {
                "from": "+919800000001",
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
                "retries": {"number_of_retries": 9},
            },
            {
                "from": ",".join(f"+9198{i:08d}" for i in range(5001)),
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
            },
            {
                "from": "+919800000001",
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
                "status_callback": "ftp://x/",
            },
            {
                "from": "+919800000001",
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/otp",
                "schedule": {
                    "send_at": "2020-01-01T09:00:00+05:30",
                    "end_at": "2020-01-02T09:00:00+05:30",
                },
            },
        ):
            error = server.json("POST", path, body, status=400)
            assert (
                error["response"][0]["status"] == "failure"
                and error["response"][0]["error_data"]["description"]
            ), error


@test
def the_law_holds_campaigns_back():
    folder = folder_with(serve__yaml='dnd: ["+919800000002"]\n')
    shutil.copy(os.path.join(ROOT, "flows/appointment-reminder.yaml"), folder)
    with Server(
        "--profile", "trai", "--at", "2025-01-20T20:59:00+05:30", "--answer", "keys 9", flows=folder
    ) as server:
        id, path = campaign(
            server,
            {
                "from": ",".join(f"+91980000{i:04d}" for i in range(200)),
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/appointment-reminder",
            },
        )
        over = wait_over(server, path, id)
        calls = server.json("GET", f"{path}/{id}/call-details?limit=500")["response"]
        assert len(calls) == 199 and "+919800000002" not in [c["number"] for c in calls]
        assert all("09:00" <= c["start_time"][11:16] < "21:00" for c in calls) and {
            c["start_time"][:10] for c in calls
        } == {"2025-01-20", "2025-01-21"}
        again, _ = campaign(
            server,
            {
                "from": "+919800000001,+919800000003",
                "caller_id": "0804",
                "url": "http://my.exotel.com/exoml/start/appointment-reminder",
            },
        )
        wait_over(server, path, again)  # both have opted out
        assert server.json("GET", f"{path}/{again}/call-details")["response"] == []
        rows = server.json("GET", f"{path}/{again}/report")["response"]
        assert [r["final_status"] for r in rows] == ["opted-out", "opted-out"]
        status, _, text = server.ask(
            "POST",
            "/v1/Accounts/me/Calls/connect.json",
            {
                "From": "9800000001",
                "CallerId": "1",
                "Url": "http://my.exotel.com/exoml/start/appointment-reminder",
            },
        )
        assert status == 403 and "opted out" in text
    shutil.rmtree(folder)


@test
@waits
def a_silent_receiver_delays_nobody_and_is_given_up_visibly():
    hung = socket.socket()
    hung.bind(("127.0.0.1", 0))
    hung.listen(200)
    tries = []

    def answer(path, fields):
        tries.append(fields["CallSid"])
        return (500, "") if tries.count(fields["CallSid"]) < 3 and path == "/flaky" else (200, "")

    with Receiver(answer) as receiver, Server("--rate", "0") as server:
        for _ in range(100):
            server.connect("otp", StatusCallback=f"http://127.0.0.1:{hung.getsockname()[1]}/never")
        begun = time.monotonic()
        sid = server.connect("otp", StatusCallback=receiver.url + "/quick")["Sid"]
        until(lambda: receiver.of("/quick"))
        assert time.monotonic() - begun < 5
        sid = server.connect("otp", StatusCallback=receiver.url + "/flaky")["Sid"]
        done = until(
            lambda: (lambda c: c if c and c[0]["state"] == "delivered" else None)(
                server.side("callbacks?sid=" + sid)
            )
        )
        assert done[0]["tries"] == 3 and len(receiver.of("/flaky")) == 3
        refused = server.connect("otp", StatusCallback="http://127.0.0.1:9/x")["Sid"]
        gone = until(
            lambda: (lambda c: c if c and c[0]["state"] == "given up" else None)(
                server.side("callbacks?sid=" + refused)
            ),
            40,
        )
        assert gone[0]["tries"] == 3 and gone[0]["error"] == "refused"
        assert server.side("status")["callbacks_given_up"] == 1
        assert "given up" in server.stop()
    hung.close()


@test
def slow_clients_do_not_delay_others():
    with Server("--rate", "0") as server:
        slow = []
        for i in range(400):
            s = socket.create_connection(("127.0.0.1", server.port))
            s.sendall(
                [
                    b"POST /v1/Accounts/me/Calls/connect.json HTTP/1.1\r\n"
                    b"Host: x\r\n"
                    b"Content-Length: 1000\r\n"
                    b"\r\n"
                    b"From=",
                    b"GET / HT",
                    b"GET / HTTP/1.1\r\nX: ",
                ][i % 3]
            )
            slow.append(s)
        times = []
        for _ in range(50):
            begun = time.monotonic()
            server.connect("otp")
            times.append(time.monotonic() - begun)
            for s in slow[::7]:
                try:
                    s.sendall(b"1")
                except OSError:
                    pass
        assert sorted(times)[45] < 0.2, times
        for s in slow:
            s.close()


@test
def the_side_door_is_for_this_machine_and_this_origin():
    with Server() as server:
        assert server.ask("GET", "/_drydial/status")[0] == 200
        for headers in (
            {"Host": "evil.example"},
            {"Host": f"127.0.0.1.evil.example:{server.port}"},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            for method, path in (
                ("GET", "/_drydial/calls"),
                ("POST", "/_drydial/reset"),
                ("GET", "/"),
                ("GET", "/_drydial/events"),
            ):
                status, _, text = server.ask(method, path, headers=headers)
                assert status == 403 and json.loads(text)["RestException"]["Status"] == 403, (
                    headers,
                    path,
                    status,
                )
        status, head, _ = server.ask(
            "GET", "/", headers={"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
        )
        assert (
            status == 200
            and "default-src 'none'" in head["Content-Security-Policy"]
            and head["X-Content-Type-Options"] == "nosniff"
        )
        for path in (
            "/../serve.c",
            "/page.js/..",
            "/%2e%2e/etc/passwd",
            "/_drydial/flows/..%2fREADME.md",
            "/_drydial/flows/../README.md",
        ):
            assert server.ask("GET", path)[0] in (400, 404), path
    # beyond this machine only with credentials, and then for everything
    refused = run("serve", "flows", "--listen", "0.0.0.0:0", "--db", ":memory:")
    assert refused.returncode == 2 and "--credentials" in refused.stderr


@test
def beyond_this_machine_everything_asks_for_credentials():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    import subprocess as sp
    from lib import DRYDIAL

    with tempfile.TemporaryDirectory() as d:
        p = sp.Popen(
            [
                DRYDIAL,
                "serve",
                "flows",
                "--listen",
                f"0.0.0.0:{port}",
                "--credentials",
                "k:t",
                "--db",
                d + "/x.db",
            ],
            stdout=sp.PIPE,
            stderr=sp.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert "0.0.0.0" in p.stdout.readline()
        for path in ("/", "/_drydial/status", "/page.js"):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10)
                raise AssertionError(path)
            except urllib.error.HTTPError as e:
                assert e.code == 401
        done = sp.run(
            ["curl", "-s", "-u", "k:t", f"http://127.0.0.1:{port}/_drydial/status"],
            capture_output=True,
            text=True,
        )
        assert json.loads(done.stdout)["speed"] == "real"
        p.terminate()
        assert p.wait(30) == 0
        p.stdout.close(), p.stderr.close()


@test
@waits
def events_tell_what_happens_and_a_phone_can_be_a_program():
    with Server("--answer", "human", speed="real") as server:
        stream = urllib.request.urlopen(
            server.url + "/_drydial/events?phone=%2B919876543210", timeout=60
        )
        lines, lock = [], threading.Lock()

        def read():
            try:
                for raw in stream:
                    with lock:
                        lines.append(raw.decode().rstrip("\n"))
            except (OSError, ValueError):
                pass

        threading.Thread(target=read, daemon=True).start()

        def events(type):
            with lock:
                return [
                    json.loads(lines[i + 1][6:])
                    for i in range(len(lines) - 1)
                    if lines[i] == "event: " + type
                ]

        until(lambda: events("hello"))
        sid = server.connect("otp", TimeOut="20")["Sid"]
        until(
            lambda: [
                e
                for e in events("call")
                if e["status"] == "ringing" and e["phone"] == events("hello")[0]["id"]
            ]
        )
        sound = urllib.request.urlopen(
            f"{server.url}/_drydial/calls/{sid}/sound?line=wide", timeout=60
        )
        server.side(f"calls/{sid}/press", {"keys": "1"}, status=409)
        server.side(f"calls/{sid}/answer", {})
        frames = b""
        while b"D" not in frames[5:6] and len(frames) < 20000:
            frames += sound.read1(20000)
        assert frames[:5] == b"H\0\0\0\0" and frames[5:6] == b"P", frames[:12]
        until(
            lambda: [
                e
                for e in events("record")
                if e["type"] == "prompt" and e["sid"] == sid and e["words"][0][0] < 200
            ]
        )
        server.side(f"calls/{sid}/press", {"keys": "x"}, status=400)
        server.side(f"calls/{sid}/hangup", {})
        assert server.over(sid)["Status"] == "completed"
        until(lambda: [e for e in events("record") if e["type"] == "end"])
        sound.close()
        # who goes away in the middle hangs up; while it rings, nobody answers
        sid = server.connect("otp")["Sid"]
        until(lambda: [e for e in events("call") if e["sid"] == sid and e["phone"]])
        stream.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        assert server.over(sid)["Status"] == "no-answer"
        sid = server.connect("otp")["Sid"]
        assert until(lambda: server.call(sid)["AnsweredBy"]) == "human"
        server.side("reset", {})
        assert server.side("calls") == [] and server.side("status")["in_progress"] == 0


@test
@alone
def the_clock_is_real_faster_or_jumps():
    with Server("--answer", "keys 1", speed="10x") as server:
        begun = time.monotonic()
        sid = server.connect()["Sid"]
        assert server.over(sid)["Status"] == "completed"
        took, lasted = time.monotonic() - begun, 2 + int(server.call(sid)["Duration"])
        assert lasted / 10 - 0.3 < took < lasted / 10 + 3, (took, lasted)
    with Server(speed="real") as server:
        sid = server.connect("otp")["Sid"]
        assert server.call(sid)["Status"] in ("queued", "ringing")
        now = server.side("clock")["unix_ms"]
        moved = server.side("clock", {"advance": "1m"})
        assert 60000 <= moved["unix_ms"] - now < 63000
        assert server.call(sid)["Status"] == "completed"
        server.side("clock", {"to": "2020-01-01T00:00:00Z"}, status=400)
        server.side("clock", {"advance": "x"}, status=400)


@test
def wrong_usage_is_told():
    with tempfile.TemporaryDirectory() as d:
        for args, words in (
            (["nowhere"], "no such folder"),
            (["flows/otp.yaml"], "no folder of flows"),
            (["flows", "--listen", "x:1", "--credentials", "k:t"], "is not an address"),
            (["flows", "--listen", "x:1"], "--credentials"),
            (["flows", "--listen", "127.0.0.1:99999"], "ADDRESS:PORT"),
            (["flows", "--answer", "nobody"], "who answers is"),
            (["flows", "--speed", "fast"], "10x"),
            (["flows", "--answer", "audience"], "--answer audience FILE"),
            (["flows", "--credentials", "k"], "KEY:TOKEN"),
            (["flows", "--profile", "moon"], "moon"),
            (["flows", "--db", "/nowhere/x.db"], "/nowhere/x.db"),
            (["flows", "--db", d], d),
            (["flows", "--map", "x"], "FROM=TO"),
            (["flows", "--rate", "-1"], "whole number"),
            (["flows", "--at", "noon"], "2025-01-20"),
            (["flows", "extra"], "one folder"),
            (["flows", "--anwser", "x"], "did you mean --answer"),
        ):
            done = run(
                "serve",
                *args,
                *([] if "--listen" in args else ["--listen", "0"]),
                *([] if "--db" in args else ["--db", ":memory:"]),
                timeout=20,
            )
            assert done.returncode == 2 and words in done.stderr, (args, done)
        with open(d + "/garbage.db", "w") as out:
            out.write("this is no database " * 1000)
        assert run("serve", "flows", "--listen", "0", "--db", d + "/garbage.db").returncode == 2
        bad = folder_with(
            serve__yaml='numbers:\n  12: keys 1\n  "+919876543210": kyes 1\nappz: {}\n'
        )
        done = run("serve", bad, "--listen", "0", "--db", ":memory:")
        assert (
            done.returncode == 2
            and "serve.yaml:2:3: error[bad-number]" in done.stderr
            and "serve.yaml:4" in done.stderr
            and 'did you mean "apps"' in done.stderr
        ), done.stderr
        shutil.rmtree(bad)
        # a flow that is not there is looked for among the numbers that were read before it
        bad = folder_with(
            otp="flow: OTP\nsteps: [ hangup ]\n",
            serve__yaml="apps: { 1: otp.yaml, 2: x, 3: otp, 4: y }\n",
        )
        done = run("serve", bad, "--listen", "0", "--db", ":memory:")
        assert (
            done.returncode == 2
            and done.stderr.count("error[missing-file]") == 2
            and 'no flow "x"' in done.stderr
        ), done
        shutil.rmtree(bad)
    with Server() as server:
        other = run("serve", "flows", "--listen", str(server.port), "--db", ":memory:")
        assert other.returncode == 2 and "cannot be had" in other.stderr
        same = run("serve", "flows", "--listen", "0", "--db", server.db)
        assert same.returncode == 2 and "another drydial serve" in same.stderr


def raw(server, text, seconds=10):
    """What comes back for bytes that no HTTP library would send."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as s:
        s.sendall(text)
        out = b""
        while True:
            got = s.recv(65536)
            out += got
            if not got:
                return out


GOOD = {
    "From": "09876543210",
    "CallerId": "0804",
    "Url": "http://my.exotel.com/exoml/start/opt-out",
}
API = "/v1/Accounts/me/Calls/connect.json"
V2 = "/v2/accounts/me/campaigns"
OTP = "http://my.exotel.com/exoml/start/otp"


@test
def a_hostile_client_gets_errors_and_nobody_else_notices():
    with Server(
        "--rate",
        "0",
        "--profile",
        "trai",
        "--at",
        "2025-01-20T11:00:00+05:30",
        "--answer",
        "keys 9",
    ) as server:
        # questions that are too long are refused, and only they
        for query in ("Duration=" + ";".join(["gte:0"] * 1200), "Sid=" + ",".join(["a"] * 300)):
            status, _, text = server.ask("GET", "/v1/Accounts/me/Calls.json?" + query)
            assert status == 400 and "too much" in text, text
        server.json("GET", "/v1/Accounts/me/Calls.json?Duration=4000000000h", status=400)
        server.side("clock", {"advance": "4000000000h"}, status=400)
        assert server.side("status")["over"] == 0
        # large bodies take no longer than others
        begun = time.monotonic()
        for body, status in (
            ("a=" + "b" * 900000, 400),
            ("{" + " " * 900000, 400),
            ("a=" + "b" * 3000000, 413),
        ):
            assert (
                server.ask(
                    "POST", API, body, {"Content-Type": "application/x-www-form-urlencoded"}
                )[0]
                == status
            )
        assert time.monotonic() - begun < 3
        # another spelling of a number is the same person
        assert server.over(server.connect("opt-out", From="98765-43211")["Sid"])
        status, _, text = server.ask("POST", API, dict(GOOD, From="09876543211"))
        assert status == 403 and "opted out" in text
        assert server.ask("POST", API, dict(GOOD, From="+4512345678"))[0] == 200
        for spelling in ("9876543211", "%2B919876543211", "00919876543211"):
            assert (
                server.json("GET", f"/v1/Accounts/me/Calls.json?From={spelling}")["Metadata"][
                    "Total"
                ]
                == 1
            ), spelling
        # a request names no file of this machine
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as secret:
            secret.write("phone_number\n09876543210\n")
            secret.flush()
            for key in ("audience", "contacts", "dnd", "profile", "triggers", "flow"):
                error = server.json(
                    "POST",
                    V2,
                    {"caller_id": "1", "url": OTP, "from": ["09876543210"], key: secret.name},
                    status=400,
                )
                assert key in json.dumps(error) and "phone_number" not in json.dumps(error), error
        server.json("POST", V2, {"caller_id": "1", "url": OTP, "contacts": 4000000}, status=400)
        for name in ("Größe \U0001F600", 'quote " and \\ backslash'):
            made = server.json(
                "POST", V2, {"caller_id": "1", "url": OTP, "from": ["09876543210"], "name": name}
            )
            assert made["response"][0]["data"]["name"] == name
        # addresses, hosts, methods
        for path in (
            "/v1/Accounts/me/Calls%00junk",
            "/v1/Accounts/me/Calls.json?PageSize=5%00x",
            "/v1/Accounts/me/Calls.json?Status=%ff",
        ):
            assert server.ask("GET", path)[0] == 400, path
        for host in ("[::1].evil.example", "localhost.evil.example", "127.0.0.1x", ""):
            assert server.ask("GET", "/_drydial/status", headers={"Host": host})[0] == 403, host
        answer = raw(
            server,
            b'PU"T /v2/accounts/me/campaigns HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        )
        assert json.loads(answer.split(b"\r\n\r\n")[1])["http_code"] == 405, answer
        status, head, _ = server.ask("PATCH", V2 + "/x")
        assert status == 405 and set(head["Allow"].split(", ")) == {"GET", "PUT", "DELETE"}
        # wrong types are told, not passed over
        for key, value in (
            ("TimeLimit", 1.5),
            ("TimeOut", 1e30),
            ("TimeLimit", [5]),
            ("StatusCallbackEvents", 5),
            ("StatusCallbackEvents", {"a": 1}),
            ("StatusCallback", ["http://x"]),
            ("CustomField", {"a": 1}),
            ("StatusCallbackEvents", ["terminal"] * 9 + ["bogus"]),
        ):
            server.json("POST", API, dict(GOOD, **{key: value}), status=400)
        assert (
            server.ask(
                "POST",
                "/_drydial/calls",
                b"from=9876543210&flow=otp&caller_id=%FF",
                {"Content-Type": "application/x-www-form-urlencoded"},
            )[0]
            == 400
        )
        server.json(
            "POST",
            "/_drydial/calls",
            {"from": "9876543210", "flow": "otp", "caller_id": "é" * 40},
            status=400,
        )
        status, _, text = server.ask(
            "POST", API, "--aaaa--\r\n", {"Content-Type": "multipart/form-data; boundary=aaaa"}
        )
        assert status == 400 and "not a form" in text
        sid = server.connect("otp", From="9800000000")["Sid"]
        assert server.json("GET", server.call(sid)["Uri"])["Call"]["Sid"] == sid


@test
def cursors_hold_at_both_ends():
    with Server("--rate", "0") as server:
        for i in range(12):
            server.connect("otp", From=f"98765432{i:02d}")
        path = "/v1/Accounts/me/Calls.json?PageSize=5"
        ids = lambda uri: [c["Sid"] for c in server.json("GET", uri)["Calls"]]
        until(lambda: server.side("status")["over"] == 12)
        everything = ids("/v1/Accounts/me/Calls.json")
        assert len(everything) == 12
        for before in range(1, 13):  # newest first: 12, 11 …
            assert (
                ids(f"{path}&Before={before}") == everything[max(0, 12 - before - 5) : 12 - before]
            ), before
            assert ids(f"{path}&After={before}") == everything[12 - before + 1 :][:5], before
        last = server.json("GET", path + "&After=1")
        assert (
            last["Calls"] == []
            and last["Metadata"]["PrevPageUri"] is None
            and last["Metadata"]["Total"] == 12
        )


@test
def what_was_changed_about_a_campaign_stays_changed():
    with Server("--at", "2025-01-20T10:00:00+05:30", speed="real") as server:
        later = {"send_at": "2025-01-20T12:00:00+05:30", "end_at": "2025-01-20T18:00:00+05:30"}
        id, path = campaign(
            server, {"from": ["+919800000001"], "caller_id": "1", "url": OTP, "schedule": later}
        )
        put = lambda body, status=200: server.json("PUT", f"{path}/{id}", body, status)
        get = lambda: server.json("GET", f"{path}/{id}")["response"][0]["data"]
        put({"status_callback": "http://127.0.0.1:9/new"})
        put({"call_status_callback": "http://127.0.0.1:9/ok", "status_callback": "bad"}, 400)
        put({"action": "archive", "status_callback": "http://127.0.0.1:9/changed"}, 400)
        for body in (
            {"action": 5},
            {"action": None},
            {"status_callback": 5},
            {"color": "red"},
            {"url": "http://x"},
            {},
            {"name": "x"},
        ):
            put(body, 400)
        assert (
            get()["status_callback"] == "http://127.0.0.1:9/new"
            and "call_status_callback" not in get()
        )
        server.kill()
        server.start()
        assert get()["status_callback"] == "http://127.0.0.1:9/new"
        assert (
            server.json("POST", f"{path}/{id}/numbers", ["9800000002"])["response"][0]["data"][
                "stats"
            ]["created"]
            == 2
        )
        for numbers, n in (([9800000003], 3), ("9800000004", 4), ([9800000005], 5)):
            assert (
                server.json("POST", f"{path}/{id}/numbers", {"numbers": numbers})["response"][0][
                    "data"
                ]["stats"]["created"]
                == n
            )
        server.json("POST", f"{path}/{id}/numbers", {"numbers": [True]}, status=400)
        assert server.json("POST", f"{path}/{id}/numbers", {"numbers": ["9800000002"]})["response"][
            0
        ]["data"]["stats"] == {"created": 6, "completed": 0, "failed": 1, "pending": 5}
        assert "number 2" in json.dumps(
            server.json(
                "POST",
                path,
                {"from": ["9800000001", "y"], "caller_id": "1", "url": OTP},
                status=400,
            )
        )
        server.side("clock", {"to": "2025-01-20T12:30:00+05:30"})
        first = wait_over(server, path, id)["stats"]["completed"]
        assert first == 5
        server.json("DELETE", f"{path}/{id}")
        again, _ = campaign(server, {"from": ["+919800000009"], "caller_id": "1", "url": OTP})
        server.side("clock", {"advance": "5m"})
        wait_over(server, path, again)
        assert server.json("GET", f"{path}/{again}/call-details")["metadata"]["total"] == 1
        # one that is stopped while it calls stays stopped after a kill, and the clock does not go
        # back
        server.side("next", {"answer": "human"})
        stopped, _ = campaign(
            server,
            {
                "from": ["+919800000001", "+919800000002"],
                "caller_id": "1",
                "url": OTP,
                "concurrency": 1,
                "retries": {"number_of_retries": 2, "interval_mins": 10, "on_status": ["failed"]},
            },
        )
        until(lambda: any(c["status"] == "in-progress" for c in server.side("calls")))
        server.json("POST", f"{path}/{stopped}/stop")
        now = server.side("clock")["unix_ms"]
        server.kill()
        server.start()
        assert (after := server.side("clock")["unix_ms"]) >= now - 5000, after - now
        assert wait_over(server, path, stopped)["stats"] == {
            "created": 2,
            "completed": 0,
            "failed": 2,
            "pending": 0,
        }


@test
def a_clock_that_is_advanced_gives_servers_their_time():
    with Receiver(
        lambda path, fields: (200, "Your balance is 5.") if path == "/balance" else (200, "")
    ) as receiver:
        folder = folder_with(
            balance=FLOW.replace("{URL}", receiver.url),
            need="flow: N\nvariables: { code: ~ }\nsteps:\n  - greeting: '{code}'\n  - hangup\n",
        )
        for speed in ("real", "max"):
            with Server("--at", "2025-01-20T09:55:00+05:30", flows=folder, speed=speed) as server:
                id, path = campaign(
                    server,
                    {
                        "from": ",".join(f"980000000{i}" for i in range(5)),
                        "caller_id": "1",
                        "url": "http://my.exotel.com/start/balance",
                        "schedule": {
                            "send_at": "2025-01-20T12:00:00+05:30",
                            "end_at": "2025-01-20T18:00:00+05:30",
                        },
                    },
                )
                moved = server.side("clock", {"to": "2025-01-20T13:00:00+05:30"})
                assert (
                    moved["now"] == "2025-01-20T13:00:00+05:30"
                    and server.side("clock")["now"] >= moved["now"]
                )
                replies = [
                    r["status"]
                    for c in server.side("calls")
                    for r in server.side("calls/" + c["sid"])["transcript"]["requests"]
                ]
                assert replies == [200] * 5, replies
                # a value that every call must supply is asked for
                refused = server.ask(
                    "POST", API, dict(GOOD, Url="http://my.exotel.com/exoml/start/need")
                )
                assert refused[0] == 400 and '\\"code\\"' in refused[2], refused
                server.json(
                    "POST", "/_drydial/calls", {"from": "9876543210", "flow": "need"}, status=400
                )
                server.json(
                    "POST",
                    "/_drydial/calls",
                    {"from": "9876543210", "flow": "need", "variables": {"cod": "1"}},
                    status=400,
                )
                sid = server.side(
                    "calls", {"from": "9876543210", "flow": "need", "variables": {"code": "42"}}
                )["sid"]
                assert "42" in json.dumps(
                    until(
                        lambda: (lambda c: c if c["status"] == "completed" else None)(
                            server.side("calls/" + sid)
                        )
                    )["transcript"]
                )
        shutil.rmtree(folder)


@test
def callbacks_come_in_order_once_and_stay_on_this_machine():
    with Receiver() as receiver, Server("--rate", "0", speed="max") as server:
        for i in range(60):
            server.connect(
                "otp",
                StatusCallback=receiver.url + "/x",
                **{"StatusCallbackEvents[0]": "terminal", "StatusCallbackEvents[1]": "answered"},
            )
        until(lambda: len(receiver.of("/x")) == 120)
        seen = {}
        for f in receiver.of("/x"):
            seen.setdefault(f["CallSid"], []).append(f["EventType"])
        assert all(v == ["answered", "terminal"] for v in seen.values()), seen
        sid = server.connect("otp", StatusCallback="https://your-app.com/call-status")["Sid"]
        server.over(sid)
        gone = server.side("callbacks?sid=" + sid)[0]
        assert (
            gone["state"] == "given up" and gone["tries"] == 0 and "--allow-host" in gone["error"]
        )
    with Receiver() as receiver, Server("--answer", "human", speed="real") as server:
        sids = [server.connect("otp", StatusCallback=receiver.url + "/y")["Sid"] for _ in range(3)]
        until(lambda: all(server.call(s)["Status"] == "in-progress" for s in sids))
        server.kill()
        server.start()
        until(lambda: server.side("status")["callbacks_waiting"] == 0)
        assert sorted(f["CallSid"] for f in receiver.of("/y")) == sorted(sids) and {
            f["Status"] for f in receiver.of("/y")
        } == {"failed"}
        assert all(server.call(s)["Status"] == "failed" for s in sids)


@test
def the_clock_goes_on_behind_the_calls_that_are_kept():
    with Server("--at", "2030-01-20T10:00:00+05:30", speed="max") as server:
        server.over(server.connect("otp")["Sid"])
        server.stop()
        server.args = [a for a in server.args if not a.startswith("2030") and a != "--at"]
        server.start()
        assert server.side("clock")["now"].startswith("2030-01-20T10:00")
        server.side("reset", {})
        assert not server.side("clock")["now"].startswith("2030")
        assert "the clock goes on at 2030-01-20T10:00" in server.stop()


@test
def calls_that_are_going_on_end_with_the_server_and_say_so():
    with Receiver() as receiver, Server("--answer", "human", speed="real") as server:
        sids = [
            server.connect("otp", StatusCallback=receiver.url + "/end")["Sid"] for _ in range(3)
        ]
        until(lambda: all(server.call(s)["Status"] == "in-progress" for s in sids))
        server.stop()
        assert sorted((f["CallSid"], f["Status"]) for f in receiver.of("/end")) == sorted(
            (s, "failed") for s in sids
        )
        server.start()
        assert (
            all(server.call(s)["Status"] == "failed" for s in sids)
            and server.side("status")["callbacks_waiting"] == 0
        )
        assert server.side("calls/" + sids[0])["transcript"]["events"]


@test
def it_ends_gracefully_whatever_is_going_on():
    for _ in range(3):
        with Server("--rate", "0", "--answer", "human", speed="real") as server:
            streams = [
                urllib.request.urlopen(server.url + "/_drydial/events", timeout=30)
                for _ in range(5)
            ]
            os.kill(server.process.pid, 19)
            waiting = []
            for i in range(20):
                s = socket.create_connection(("127.0.0.1", server.port))
                body = f"From=98765432{i:02d}&CallerId=1&Url={OTP}"
                s.sendall(
                    (
                        f"POST {API} HTTP/1.1\r\n"
                        "Host: x\r\n"
                        "Authorization: Basic azp0\r\n"
                        f"Content-Length: {len(body)}\r\n"
                        "\r\n"
                        f"{body}"
                    ).encode()
                )
                waiting.append(s)
            server.process.terminate()
            os.kill(server.process.pid, 18)
            server.stop()
            for s in waiting + streams:
                s.close()


@test
@waits
def listeners_that_went_away_are_let_go():
    with Server("--answer", "human", speed="real") as server:
        stream = urllib.request.urlopen(server.url + "/_drydial/events?phone=any", timeout=60)
        sid = server.connect("otp", TimeOut="60")["Sid"]
        until(lambda: server.call(sid)["Status"] == "ringing")
        files = lambda: len(os.listdir(f"/proc/{server.process.pid}/fd"))
        before = files()
        for _ in range(60):
            with urllib.request.urlopen(
                f"{server.url}/_drydial/calls/{sid}/sound", timeout=10
            ) as sound:
                sound.read(5)
        until(lambda: files() < before + 10, 15)
        stream.close()


@test
def a_receiver_may_answer_at_length():
    def answer(path, fields):
        return 200, "x" * 3000000

    with Receiver(answer) as receiver, Server() as server:
        sid = server.connect("otp", StatusCallback=receiver.url + "/long")["Sid"]
        done = until(
            lambda: (lambda c: c if c and c[0]["state"] != "waiting" else None)(
                server.side("callbacks?sid=" + sid)
            )
        )
        assert done[0]["state"] == "delivered" and done[0]["tries"] == 1


@test
def a_database_of_somebody_else_is_left_alone():
    import sqlite3

    with tempfile.TemporaryDirectory() as d:
        path = d + "/other.db"
        c = sqlite3.connect(path)
        c.execute("create table t(a)")
        c.commit()
        c.close()
        before = open(path, "rb").read()
        done = run("serve", "flows", "--listen", "0", "--db", path)
        assert (
            done.returncode == 2
            and "something else" in done.stderr
            and open(path, "rb").read() == before
        )


if __name__ == "__main__":
    main()
