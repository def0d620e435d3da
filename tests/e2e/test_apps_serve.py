#!/usr/bin/env python3
"""drydial serve with an application in place of a flow: the call API, the phone, what a call says
of itself afterwards, and who may be asked."""
import io
import json
import tempfile
import time
import urllib.error
import urllib.request
import wave

from apps import App, doc
from lib import main, run, test
from serving import Receiver, Server, until

MENU = doc('<Gather numDigits="1" action="/took"><Say>Press 1, or 2.</Say></Gather>', "<Hangup/>")


def took(asked):
    return doc(f"<Say>You pressed {asked['params']['Digits']}.</Say>", "<Sms>A message.</Sms>")


def placed(server, app, **form):
    call = server.connect(Url=app.url, **form)
    return server.over(call["Sid"])


@test
def an_application_is_called_as_a_flow_is():
    with App(voice=MENU, took=took) as app, Receiver() as hook, Server(
        "--answer", "keys 2"
    ) as server:
        call = placed(server, app, StatusCallback=hook.url + "/done", CustomField="A1")
        assert call["Status"] == "completed", call
        first, second = [a["params"] for a in app.asked]
        assert first["CallStatus"] == "in-progress" and first["Direction"] == "outbound-api"
        assert first["CallSid"] == call["Sid"] and first["CallFrom"] == call["From"], first
        assert second["DigitsPressed"] == "2" and app.asked[1]["method"] == "POST"
        until(lambda: hook.of("/done"))
        told = hook.of("/done")[0]
        assert told["Status"] == "completed", told
        record = server.side(f"calls/{call['Sid']}")["transcript"]
        heard = [e["text"] for e in record["events"] if e["type"] == "prompt"]
        assert heard == ["Press 1, or 2.", "You pressed 2."], heard
        assert record["sms"][0]["text"] == "A message."


@test
def what_was_said_can_be_fetched_and_played():
    """By the application, and by the platform where a later document plays it."""
    record = doc('<Record action="/said" maxLength="4"/>')
    said = lambda asked: doc(f"<Play>{asked['params']['RecordingUrl']}</Play>")
    with App(voice=record, said=said) as app, Server("--answer", "human") as server:
        call = placed(server, app)
        told = next(a["params"] for a in app.asked if "RecordingUrl" in a["params"])
        url, seconds = told["RecordingUrl"], int(told["RecordingDuration"])
        assert url.startswith(server.url + "/recordings/-/" + call["Sid"]) and seconds > 0, told
        for ending in "", ".wav", ".mp3":
            with urllib.request.urlopen(url + ending) as answer:
                assert answer.headers["Content-Type"] == "audio/wav"
                with wave.open(io.BytesIO(answer.read())) as sound:
                    assert sound.getnframes() == seconds * sound.getframerate(), told
        events = server.side(f"calls/{call['Sid']}")["transcript"]["events"]
        assert not [e for e in events if e["type"] in ("error", "note")], events
        for bad in (
            url.replace(call["Sid"], "0" * 32),
            url.rsplit("-", 1)[0] + "-3600001",
            url.rsplit("-", 1)[0] + "--1",
            url + ".ogg",
            url + ".wav/../x",
        ):
            try:
                urllib.request.urlopen(bad)
                raise AssertionError(bad)
            except urllib.error.HTTPError as e:
                assert e.code == 404, bad


@test
def an_application_that_does_not_answer_holds_up_no_other_call():
    def slow(asked):
        time.sleep(2)
        return MENU

    with App(voice=slow, took=took) as app, Server("--answer", "keys 1", speed="real") as server:
        waiting = server.connect(Url=app.url)
        until(lambda: app.asked)
        began = time.monotonic()
        for _ in range(20):
            server.ask("GET", "/_drydial/status", credentials=None)
        assert time.monotonic() - began < 1, "the loop stood still"
        assert server.call(waiting["Sid"])["Status"] == "in-progress"


@test
def an_application_that_is_gone_is_heard_as_an_error():
    with App(voice=MENU) as app:
        pass
    with Server("--answer", "keys 1") as server:
        call = placed(server, app)
        record = server.side(f"calls/{call['Sid']}")["transcript"]
    assert "application error" in [e["text"] for e in record["events"] if e["type"] == "prompt"][0]


@test
def only_this_machine_and_named_hosts_are_asked():
    with App(voice=MENU, took=took) as app, Server(
        "--answer", "keys 1", "--map", f"https://app.example.com={app.origin}"
    ) as server:
        for url, why in (
            ("http://192.0.2.1/voice", "--allow-host"),
            ("http://a:b@127.0.0.1/voice", "user:secret@"),
            ("http:///", ""),
            ("ftp://127.0.0.1/", "Url must be"),
        ):
            fields = {"From": "09876543210", "CallerId": "08047112345", "Url": url}
            status, _, text = server.ask("POST", "/v1/Accounts/me/Calls/connect.json", fields)
            assert status == 400 and why in text, (url, status, text)
        call = server.over(server.connect(Url="https://app.example.com/voice")["Sid"])
        assert call["Status"] == "completed" and len(app.asked) == 2


@test
def a_campaign_rehearses_an_application():
    with App(voice=MENU, took=took) as app, tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/c.yaml", "w") as f:
            f.write(
                f"name: C\nflow: {app.url}\ncaller_id: '+918012345678'\ncontacts: c.csv\n"
                "schedule: { start_time: 2025-01-20T09:00:00+05:30 }\n"
            )
        with open(f"{folder}/c.csv", "w") as f:
            f.write("phone_number\n" + "".join(f"+91{9000000000 + i}\n" for i in range(200)))
        done = run("campaign", f"{folder}/c.yaml", "--format", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        asked = len(app.asked)  # by the crawl alone: nobody of the 200 asks
        assert 20 < asked < 80 and "real requests" in done.stderr, (asked, done.stderr)
        again = run("campaign", f"{folder}/c.yaml", "--format", "json")
        assert again.stdout == done.stdout and '"contacts": 200' in done.stdout, done.stdout[:500]
        done = run("campaign", "check", f"{folder}/c.yaml")
        assert done.returncode in (0, 1) and app.url in done.stdout + done.stderr


@test
def a_campaign_of_the_api_calls_an_application():
    numbers = [f"+91980000000{i}" for i in range(5)]
    with App(voice=MENU, took=took) as app, Server("--answer", "keys 2") as server:
        for path, named in (
            ("/v2/accounts/me/campaigns", {"from": ",".join(numbers), "url": app.url}),
            ("/v1/Accounts/me/Campaigns", {"numbers": numbers, "call_flow_id": app.url}),
        ):
            before = len(app.asked)
            body = {"name": "Round", "caller_id": "08047112345", **named}
            made = server.json("POST", path, body)
            id = made["id"] if "id" in made else made["response"][0]["data"]["id"]
            until(lambda: len(app.asked) >= before + 10)
            until(lambda: server.side("status")["in_progress"] == 0)
            got = server.json("GET", f"/v2/accounts/me/campaigns/{id}")["response"][0]["data"]
            assert got["status"] == "Completed" and got["stats"]["completed"] == 5, got
            asked = [a["params"] for a in app.asked[before:]]
            first = [p for p in asked if "DigitsPressed" not in p]
            assert len(asked) == 10 and sorted(p["CallFrom"] for p in first) == numbers, asked
        for url, why in (("http://192.0.2.1/v", "--allow-host"), ("nowhere", "of an application")):
            body = {"name": "Round", "caller_id": "0804", "from": numbers[0], "url": url}
            status, _, text = server.ask(
                "POST",
                "/v2/accounts/me/campaigns",
                json.dumps(body),
                headers={"Content-Type": "application/json"},
            )
            assert status == 400 and why in text, (url, status, text)


@test
def a_call_from_the_page_may_name_an_application():
    with App(voice=MENU, took=took) as app, Server("--answer", "keys 1") as server:
        server.side("calls", {"from": "09876543210", "flow": app.url})
        until(lambda: len(app.asked) == 2)


if __name__ == "__main__":
    main()
