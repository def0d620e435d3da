#!/usr/bin/env python3
"""Applications that answer in XML: each row of the table of verbs, and what requests say. The
application is a server of this file; the length of a prompt is read from the transcript, all else
is expected to the millisecond."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
import time
import wave

from apps import App, dial, doc, heard, of
from lib import main, run, test, waits


def tone(path, seconds):
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\1\0" * int(8000 * seconds))


SAY = "<Say>Hello.</Say>"


# -- verbs ---------------------------------------------------------------------


@test
def say_speaks_its_text_as_often_as_it_loops():
    with App(voice=doc('<Say loop="2" language="hi-IN">नमस्ते</Say>', SAY)) as app:
        found = app.call()
    assert heard(found) == ["नमस्ते", "नमस्ते", "Hello."], heard(found)
    first, second, third = of(found, "prompt")
    assert second["at_ms"] == first["duration_ms"] and third["at_ms"] == 2 * first["duration_ms"]
    assert found["ended_by"] == "flow"
    assert found["duration_ms"] == third["at_ms"] + third["duration_ms"]


@test
def say_gives_ssml_to_the_voice():
    words = 'One <break time="700ms"/> <say-as interpret-as="characters">AB</say-as> &amp; two'
    with App(voice=doc(f"<Say>{words}</Say>"), plain=doc("<Say>One AB &amp; two</Say>")) as app:
        marked = of(app.call(), "prompt")[0]
        plain = of(dial(app.origin + "/plain"), "prompt")[0]
    assert marked["text"] == "One AB & two", marked
    assert marked["duration_ms"] > plain["duration_ms"] + 400, (marked, plain)


@test
def say_longer_than_a_voice_takes_is_said_whole():
    text = " ".join(f"word{i}" for i in range(1200))
    with App(voice=doc(f"<Say>{text}</Say>")) as app:
        found = app.call()
    assert "".join(heard(found)).replace(" ", "") == text.replace(" ", "")
    assert found["duration_ms"] > 120000  # not cut at a greeting's 120 s


@test
def voices_are_mapped_to_the_nearest():
    names = ["man", "woman", "alice", "Polly.Aditi", "Google.hi-IN-Standard-A", "Nobody"]
    with App(voice=doc(*(f'<Say voice="{n}">Hi.</Say>' for n in names))) as app:
        found = app.call()
    assert len(of(found, "prompt")) == 6 and not of(found, "error"), of(found, "error")
    assert '"Nobody" is no voice' in found["stderr"] and "Aditi" not in found["stderr"]


@test
def play_lasts_as_long_as_the_recording_that_it_fetches():
    with tempfile.TemporaryDirectory() as folder:
        tone(f"{folder}/a.wav", 1.5)
        with open(f"{folder}/a.wav", "rb") as f:
            bytes = f.read()
    pages = {
        "voice": doc("<Play>/a.wav</Play>", '<Play loop="3">a.wav</Play>', SAY),
        "a.wav": (200, {"Content-Type": "audio/wav"}, bytes),
    }
    with App(**pages) as app:
        found = app.call()
        assert [a["path"] for a in app.asked] == ["/voice", "/a.wav"]  # once
        assert app.asked[1]["method"] == "GET"
    prompts = of(found, "prompt")
    assert [p["duration_ms"] for p in prompts[:4]] == [1500] * 4, prompts
    assert [p["at_ms"] for p in prompts] == [0, 1500, 3000, 4500, 6000]
    assert prompts[0]["file"] == "a.wav", prompts[0]


@test
def play_without_a_recording_is_told_and_the_call_goes_on():
    with App(voice=doc("<Play>/none.wav</Play>", SAY)) as app:
        found = app.call()
    assert heard(found)[-1] == "Hello." and of(found, "prompt")[0]["duration_ms"] == 0
    assert "404" in of(found, "error")[0]["message"]


@test
def play_of_digits_is_tones_and_half_seconds():
    with App(voice=doc('<Play digits="1w2"/>', SAY)) as app:
        found = app.call()
    assert of(found, "prompt")[0]["file"] == "keys 1w2"
    assert of(found, "prompt")[1]["at_ms"] == 170 + 500 + 170


@test
def pause_is_silence():
    with App(voice=doc("<Pause/>", '<Pause length="3"/>', '<Pause length="0"/>', SAY)) as app:
        found = app.call()
    assert of(found, "prompt")[-1]["at_ms"] == 4000, of(found, "prompt")


def gathering(attributes="", after="<Say>Nothing came.</Say>", inside=SAY):
    return doc(f'<Gather action="/took" {attributes}>{inside}</Gather>', after)


TOOK = doc("<Say>Thank you.</Say>")


@test
def gather_ends_at_num_digits_and_asks_the_action():
    with App(voice=gathering('numDigits="2"'), took=TOOK) as app:
        found = app.call("--press", "100:1,300:2")
        assert app.asked[1]["params"]["Digits"] == "12" and app.asked[1]["method"] == "POST"
    assert of(found, "prompt_stopped")[0]["at_ms"] == 100  # a key ends the prompt at once
    assert of(found, "request")[1]["at_ms"] == 300
    assert heard(found) == ["Hello.", "Thank you."]


@test
def gather_ends_at_its_finishing_key_which_is_no_digit():
    with App(voice=gathering(), took=TOOK, other=gathering('finishOnKey="*"')) as app:
        app.call("--press", "100:4,300:2,500:#")
        assert app.asked[1]["params"]["Digits"] == "42"
        dial(app.origin + "/other", "--press", "100:#,300:*")
        assert app.asked[3]["params"]["Digits"] == "#"
        # alone: empty digits are sent
        found = app.call("--press", "100:#")
        assert app.asked[5]["params"]["Digits"] == ""
    assert heard(found) == ["Hello.", "Thank you."]


@test
def gather_without_finishing_key_waits_for_its_timeout():
    with App(voice=gathering('finishOnKey="" timeout="3"'), took=TOOK) as app:
        found = app.call("--press", "100:4,300:#")
        assert app.asked[1]["params"]["Digits"] == "4#"
    assert of(found, "request")[1]["at_ms"] == 3300  # after the last key


@test
def gather_without_digits_goes_on_with_the_next_verb():
    with App(voice=gathering(), took=TOOK) as app:
        found = app.call()
        assert len(app.asked) == 1
    prompt = of(found, "prompt")[0]
    assert of(found, "prompt")[1]["at_ms"] == prompt["duration_ms"] + 5000
    assert heard(found) == ["Hello.", "Nothing came."]


@test
def gather_may_ask_its_action_with_nothing():
    with App(voice=gathering('actionOnEmptyResult="true" timeout="2"'), took=TOOK) as app:
        found = app.call()
        assert app.asked[1]["params"]["Digits"] == ""
    assert heard(found) == ["Hello.", "Thank you."]


@test
def gather_asks_its_own_document_where_it_names_no_action():
    def voice(asked):
        if "Digits" in asked["params"]:
            return doc(f"<Say>You typed {asked['params']['Digits']}.</Say>")
        return doc(f"<Gather>{SAY}</Gather>")

    with App(voice=voice) as app:
        found = app.call("--press", "100:7,300:#")
    assert heard(found) == ["Hello.", "You typed 7."]


@test
def gather_plays_what_is_in_it_in_order():
    inside = '<Say loop="2">One.</Say><Pause length="2"/><Say>Two.</Say>'
    with App(voice=gathering(inside=inside), took=TOOK) as app:
        found = app.call()
    words = [s.get("text", "pause") for s in of(found, "prompt")[0]["segments"]]
    assert words == ["One.", "One.", "pause", "Two."], words


@test
def gather_takes_64_keys_at_most():
    with App(voice=gathering('finishOnKey=""'), took=TOOK) as app:
        app.call("--press", ",".join(f"{100 + 10 * i}:{i % 10}" for i in range(70)))
        assert len(app.asked[1]["params"]["Digits"]) == 64


@test
def gather_of_speech_is_silence_and_says_so():
    with App(voice=gathering('input="speech"'), took=TOOK) as app:
        found = app.call("--press", "100:1")
        assert len(app.asked) == 1
    assert "speech is not recognised here" in of(found, "note")[0]["message"]
    assert of(found, "key")[0]["lost"] and heard(found)[-1] == "Nothing came."


@test
def exoml_calls_the_digits_by_both_names():
    with App(voice=gathering('maxDigits="1"'), took=TOOK) as app:
        app.call("--press", "100:5", "--dialect", "exoml")
        first, second = app.asked[0]["params"], app.asked[1]["params"]
    assert second["DigitsPressed"] == second["Digits"] == "5"
    assert first["CallFrom"] == first["From"] and first["CallTo"] == first["To"]
    assert "AccountSid" not in first


@test
def record_keeps_what_the_customer_says():
    record = '<Record action="/took" timeout="2" maxLength="30"/>'
    with App(voice=doc(record, "<Say>Nothing.</Say>"), took=TOOK) as app:
        found = app.call("--speak", "8s")
        params = app.asked[1]["params"]
        assert params["RecordingDuration"] == "8" and params["RecordingSid"].startswith("RE")
        assert params["RecordingUrl"].startswith("http")
    assert of(found, "request")[1]["at_ms"] == 500 + 8000 + 2000  # beep, speech, silence


@test
def record_ends_at_its_keys_and_at_its_length():
    page = doc('<Record action="/took" maxLength="4" playBeep="false" finishOnKey="12"/>')
    with App(voice=page, took=TOOK) as app:
        found = app.call("--speak", "9s", "--press", "1000:3,2000:2")
        assert app.asked[1]["params"]["Digits"] == "2"
        assert app.asked[1]["params"]["RecordingDuration"] == "2"
        assert of(found, "request")[1]["at_ms"] == 2000
        found = app.call("--speak", "9s")
        assert of(found, "request")[1]["at_ms"] == 4000
        assert app.asked[3]["params"]["RecordingDuration"] == "4"


@test
def record_of_nothing_goes_on_with_the_next_verb():
    with App(voice=doc('<Record action="/took"/>', "<Say>Nothing.</Say>"), took=TOOK) as app:
        found = app.call("--speak", "0s")
        assert len(app.asked) == 1
    assert heard(found) == ["Nothing."] and of(found, "prompt")[0]["at_ms"] == 5500


@test
def record_tells_its_callback_as_well():
    page = doc('<Record action="/took" recordingStatusCallback="/stored"/>')
    with App(voice=page, took=TOOK, stored=(204, {}, "")) as app:
        app.call("--speak", "3s")
        stored = [a for a in app.asked if a["path"] == "/stored"][0]["params"]
    assert stored["RecordingStatus"] == "completed" and stored["RecordingDuration"] == "3"


@test
def dial_rings_and_talks_and_tells_its_action():
    page = doc('<Dial action="/took" callerId="+911" timeout="20"><Number>+912</Number></Dial>')
    with App(voice=page, took=TOOK) as app:
        found = app.call()
        params = app.asked[1]["params"]
        assert params["DialCallStatus"] == "completed" and params["DialCallDuration"] == "30"
        assert of(found, "request")[1]["at_ms"] == 36000
        assert of(found, "connect")[0]["to"] == "+912"
        assert of(found, "connect")[0]["caller_id"] == "+911"
        outcomes = {
            "busy": ("busy", 6000),
            "failed": ("failed", 6000),
            "no-answer": ("no-answer", 20000),
            "answered:40s": ("completed", 46000),
        }
        for given, (status, at) in outcomes.items():
            found = app.call("--dial", given)
            assert app.asked[-1]["params"]["DialCallStatus"] == status, given
            assert of(found, "request")[1]["at_ms"] == at, (given, of(found, "request"))


@test
def dial_without_action_goes_on_with_the_next_verb():
    page = doc('<Dial timeLimit="5" hangupOnStar="true">+912</Dial>', SAY)
    with App(voice=page) as app:
        assert of(app.call(), "prompt")[0]["at_ms"] == 11000  # at its time limit
        found = app.call("--press", "8000:1,9000:*")
        assert of(found, "prompt")[0]["at_ms"] == 9000
        assert len(app.asked) == 2


@test
def dial_asks_what_the_other_party_hears():
    page = doc('<Dial><Number url="/whisper" sendDigits="1w">+912</Number></Dial>')
    with App(voice=page, whisper=doc("<Say>A caller for you.</Say>")) as app:
        found = app.call()
        assert [a["path"] for a in app.asked] == ["/voice", "/whisper"]
    assert of(found, "request")[1]["at_ms"] == 6000
    assert "1w is dialled" in of(found, "note")[0]["message"]


@test
def redirect_replaces_the_document():
    page = doc("<Say>One.</Say>", '<Redirect method="GET">next?a=1</Redirect>', "<Say>No.</Say>")
    with App(voice=page, next=doc("<Say>Two.</Say>")) as app:
        found = app.call()
        assert app.asked[1]["method"] == "GET" and app.asked[1]["params"]["a"] == "1"
        assert app.asked[1]["params"]["CallStatus"] == "in-progress"
    assert heard(found) == ["One.", "Two."]


@test
def hangup_ends_the_call_and_so_does_the_end_of_the_verbs():
    with App(voice=doc(SAY, "<Hangup/>", SAY), empty=doc()) as app:
        found, empty = app.call(), dial(app.origin + "/empty")
    assert heard(found) == ["Hello."] and found["ended_by"] == "flow"
    assert empty["duration_ms"] == 0 and empty["ended_by"] == "flow"


@test
def reject_as_the_first_verb_does_not_take_the_call():
    with App(
        voice=doc("<Reject/>"), busy=doc('<Reject reason="busy"/>'), late=doc(SAY, "<Reject/>")
    ) as app:
        assert app.call()["status"] == "no-answer"
        found = dial(app.origin + "/busy")
        assert found["status"] == "busy" and not of(found, "answered")
        assert dial(app.origin + "/late")["status"] == "completed"


@test
def sms_and_message_put_a_message_into_the_outbox():
    page = doc('<Sms to="+915" from="SHOP">Hi &amp; bye</Sms>', "<Message>To you</Message>", SAY)
    with App(voice=page) as app:
        found = app.call("--from", "+919000000001")
    assert [(m["to"], m["text"]) for m in found["sms"]] == [
        ("+915", "Hi & bye"),
        ("+919000000001", "To you"),
    ]


@test
def what_is_not_simulated_is_named_and_passed():
    names = ["Enqueue", "Leave", "Connect", "Stream", "Start", "Stop", "Refer", "Pay", "Prompt"]
    with App(voice=doc(*(f'<{n} what="ever">x</{n}>' for n in names), SAY)) as app:
        found = app.call()
    notes = " ".join(e["message"] for e in of(found, "note"))
    assert all(f"<{n}> is not simulated" in notes for n in names), notes
    assert heard(found) == ["Hello."]


@test
def an_unknown_verb_ends_the_call_and_an_unknown_attribute_does_not():
    page = doc('<Say langauge="hi-IN">One.</Say>', '<Gather timeout="soon"/>', "<Sya>x</Sya>", SAY)
    with App(voice=page) as app:
        found = app.call(code=1)
    text = found["stderr"]
    assert f"{app.url}:1:" in text and 'did you mean "language"?' in text, text
    assert 'timeout="soon" is passed over' in text and "did you mean <Say>?" in text
    assert "(answer to request 1)" in text and "^^^" in text
    assert heard(found)[0] == "One." and "application error has occurred" in heard(found)[-1]


# -- requests ------------------------------------------------------------------


@test
def a_request_says_who_calls_whom():
    with App(voice=doc(SAY)) as app:
        app.call("--from", "+919000000001", "--param", "Shop=12 & 3", "--seed", "7")
        app.call("--outbound", "--from", "+919000000001", "--method", "GET")
        inbound, outbound = app.asked
    p = inbound["params"]
    assert p["CallSid"].startswith("CA") and len(p["CallSid"]) == 34
    assert (p["From"], p["Direction"], p["CallStatus"]) == ("+919000000001", "inbound", "ringing")
    assert p["Caller"] == p["From"] and p["Called"] == p["To"] and p["ApiVersion"] == "2010-04-01"
    assert p["AccountSid"].startswith("AC") and p["Shop"] == "12 & 3"
    p = outbound["params"]
    assert outbound["method"] == "GET" and p["To"] == "+919000000001"
    assert (p["Direction"], p["CallStatus"]) == ("outbound-api", "in-progress")


@test
def a_token_signs_each_request_as_the_platform_does():
    def checked(body):
        def page(asked):
            text = "https://app.example.com" + asked["url"]
            for name, value in sorted(asked["form"]):
                text += name + value
            mac = hmac.new(b"s3cret", text.encode(), hashlib.sha1).digest()
            fine = asked["headers"].get("X-Twilio-Signature") == base64.b64encode(mac).decode()
            return body if fine else (403, {}, "wrong signature")

        return page

    pages = {"voice": checked(gathering('numDigits="1" method="GET"')), "took": checked(TOOK)}
    with App(**pages) as app:
        options = ["--auth-token", "s3cret", "--public-url", "https://app.example.com"]
        found = app.call("--press", "100:1", *options)
        assert heard(found)[-1] == "Thank you."
        assert app.asked[1]["headers"]["Host"] == "app.example.com"
        app.call(*options[:1], "wrong", *options[2:], code=1)


@test
def relative_addresses_are_those_of_their_document():
    pages = {"voice": doc("<Redirect>a/b</Redirect>"), "a__b": doc("<Redirect>c</Redirect>")}
    with App(**pages, a__c=doc(SAY)) as app:
        assert heard(app.call()) == ["Hello."]


@test
def http_redirects_are_followed_ten_times():
    def hop(asked):
        n = int(asked["params"].get("n", 0))
        return (302, {"Location": f"/voice?n={n + 1}"}, "") if n < last else doc(SAY)

    with App(voice=hop, same=(307, {"Location": "/took"}, ""), took=TOOK) as app:
        last = 10
        assert heard(app.call()) == ["Hello."]
        assert app.asked[1]["method"] == "GET"
        last = 11
        found = app.call(code=1)
        assert "more than 10 redirects" in of(found, "error")[0]["message"]
        dial(app.origin + "/same")
        assert app.asked[-1]["method"] == "POST" and "CallSid" in app.asked[-1]["params"]


@test
def cookies_live_as_long_as_the_call():
    def voice(asked):
        return (
            200,
            {"Content-Type": "text/xml", "Set-Cookie": "id=7; Path=/"},
            doc("<Redirect>/took</Redirect>"),
        )

    with App(voice=voice, took=TOOK) as app:
        app.call()
        assert app.asked[1]["headers"]["Cookie"] == "id=7"
        app.call()
        assert "Cookie" not in app.asked[2]["headers"]


@test
def failures_are_heard_or_the_fallback_is_asked():
    pages = {
        "down": (500, {}, "boom"),
        "html": "<html><p>Hi</html>",
        "other": "<Answer/>",
        "nothing": "",
        "large": doc("<Say>" + "x" * 70000 + "</Say>"),
    }
    reasons = {
        "down": ("answered 500", "11200"),
        "html": ("cannot close", "12100"),
        "other": ("outermost tag is <Answer>", "12100"),
        "nothing": ("the answer is empty", "12100"),
        "large": ("larger than 64 KB", "11750"),
    }
    with App(**pages, rescue=doc("<Say>Rescued.</Say>")) as app:
        for name, (why, error) in reasons.items():
            found = dial(f"{app.origin}/{name}", code=1)
            assert "application error has occurred" in heard(found)[0], name
            assert any(why in e["message"] for e in of(found, "error")), (name, of(found, "error"))
            found = dial(f"{app.origin}/{name}", "--fallback", "/rescue")
            assert heard(found) == ["Rescued."], name
            assert app.asked[-1]["params"]["ErrorCode"] == error, name
            assert app.asked[-1]["params"]["ErrorUrl"] == f"{app.origin}/{name}"
    found = dial(app.url, code=1)  # nobody listens there any more
    assert "is the application running?" in of(found, "error")[0]["message"]


@test
def a_document_may_have_another_type_or_encoding():
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Say>Café</Say></Response>'
    pages = {
        "voice": (200, {"Content-Type": "text/html; charset=utf-8"}, doc(SAY)),
        "latin": (200, {"Content-Type": "text/xml"}, latin.encode("latin-1")),
        "wide": (
            200,
            {"Content-Type": "text/xml"},
            doc("<Say>Café</Say>").replace("UTF-8", "UTF-16").encode("utf-16"),
        ),
        "plain": (200, {"Content-Type": "text/plain"}, "Just words & more."),
        "koi": (
            200,
            {"Content-Type": "text/xml"},
            '<?xml version="1.0" encoding="KOI8-R"?><Response/>',
        ),
    }
    with App(**pages) as app:
        found = app.call()
        assert heard(found) == ["Hello."] and "calls this text/html" in found["stderr"]
        assert heard(dial(app.origin + "/latin")) == ["Café"]
        assert heard(dial(app.origin + "/wide")) == ["Café"]
        assert heard(dial(app.origin + "/plain")) == ["Just words & more."]
        assert "encoding" in dial(app.origin + "/koi", code=1)["stderr"]


@test
def a_request_takes_no_time_unless_latency_says_so():
    with App(voice=gathering('numDigits="1"'), took=TOOK) as app:
        assert of(app.call("--press", "100:1"), "prompt")[1]["at_ms"] == 100
        found = app.call("--press", "100:1", "--latency", "300ms")
    assert of(found, "prompt")[1]["at_ms"] == 400
    assert of(found, "reply")[1]["ms"] == 300


@test
def only_the_applications_own_server_is_asked():
    with App(other=doc(SAY)) as there:
        away = doc(f"<Redirect>{there.origin.replace('127.0.0.1', 'localhost')}/other</Redirect>")
        with App(voice=away) as app:
            found = app.call(code=1)
            assert "may not be asked" in of(found, "error")[0]["message"] and not there.asked
            assert heard(app.call("--allow-host", "localhost")) == ["Hello."]
    found = dial("http://192.0.2.1/voice", code=1)
    assert "may not be asked" in of(found, "error")[0]["message"]


@test
def one_connection_serves_all_requests_of_a_run():
    with App(voice=gathering('numDigits="1"'), took=TOOK) as app:
        connections = []
        accept = app.server.process_request
        app.server.process_request = lambda *a: (connections.append(a[1]), accept(*a))
        found = run("explore", app.url)
        assert found.returncode == 0 and len(app.asked) > 20 and len(connections) == 1, (
            len(app.asked),
            connections,
        )


@test
def events_carry_request_address_and_line():
    page = "<Response>\n" + gathering('numDigits="1"')[len(doc()) - 11 :]
    with App(voice=page, took="<Response>\n\n<Say>Two.</Say></Response>") as app:
        found = app.call("--press", "100:1")
    last = of(found, "prompt")[-1]
    assert (last["request"], last["document"], last["line"]) == (2, app.origin + "/took", 3), last
    assert last["verb"] == "Say"


# -- documents on disk, tapes --------------------------------------------------


@test
def documents_on_disk_run_without_a_server():
    with tempfile.TemporaryDirectory() as folder:

        def write(name, text):
            with open(f"{folder}/{name}", "w") as f:
                f.write(text)

        write(
            "voice.xml",
            doc('<Gather numDigits="1" action="menu%20one.xml?x=1"><Say>Hi.</Say></Gather>'),
        )
        write("menu one.xml", doc("<Play>beep.wav</Play><Redirect>../out.xml</Redirect>"))
        tone(f"{folder}/beep.wav", 0.5)
        found = dial("voice.xml", "--press", "100:1", code=1, cwd=folder)
        assert [p.get("duration_ms") for p in of(found, "prompt")][1] == 500
        assert "may not be asked" in of(found, "error")[0]["message"]


@test
def a_tape_replays_to_the_same_bytes_with_the_application_gone():
    def voice(asked):
        if "Digits" in asked["params"]:
            return doc(f"<Say>Code {asked['params']['Digits']}</Say><Play>/a.wav</Play>")
        return (
            200,
            {"Content-Type": "text/xml", "Set-Cookie": "secret=1"},
            "\n" + gathering('numDigits="1" action="/voice"').replace("><", ">\n<"),
        )

    with tempfile.TemporaryDirectory() as folder:
        tone(f"{folder}/a.wav", 0.4)
        with open(f"{folder}/a.wav", "rb") as f:
            bytes = f.read()
        options = ["--press", "100:1", "--auth-token", "s3cret"]
        with App(
            **{
                "voice": lambda a: doc(gathering('numDigits="1"')[len(doc()) - 11 : -11]),
                "took": voice,
                "a.wav": (200, {}, bytes),
            }
        ) as app:
            first = run("call", app.url, "--fast", *options, "--tape", f"{folder}/tape")
            again = run("call", app.url, "--fast", *options, "--tape", f"{folder}/tape2")
        assert first.returncode == 0, first.stderr
        with open(f"{folder}/tape") as a, open(f"{folder}/tape2") as b:
            tape = a.read()
            assert tape == b.read()
        assert "s3cret" not in tape and "secret=1" not in tape and "Signature" not in tape
        replay = run("call", app.url, "--fast", *options, "--replay", f"{folder}/tape")
        body = lambda text: text.split("Again:")[0]
        assert body(replay.stdout) == body(first.stdout) == body(again.stdout)
        other = run("call", app.url, "--fast", "--press", "100:2", "--replay", f"{folder}/tape")
        assert other.returncode == 1
        assert (
            "this request is new" in other.stdout
            and "Digits=1 in place of Digits=2" in other.stdout
        )
        for broken in ("", "x", "drydial tape 1\n\nPOST", "drydial tape 1\n\n> POST u\n< ok\n"):
            with open(f"{folder}/broken", "w") as f:
                f.write(broken)
            found = run("call", app.url, "--fast", "--replay", f"{folder}/broken")
            assert found.returncode in (1, 2) and found.stderr + found.stdout


@test
def a_call_is_saved_as_a_scenario_of_its_application():
    page = gathering('numDigits="1"', after="<Hangup/>")
    with App(voice=page, took=doc("<Dial>+912</Dial>", SAY)) as app:
        with tempfile.TemporaryDirectory() as folder:
            options = ["--press", "2000:1", "--dial", "busy", "--param", "Shop=a b"]
            options += [
                "--dialect",
                "exoml",
                "--outbound",
                "--save-scenario",
                f"{folder}/s.test.yaml",
            ]
            dial(app.url, *options)
            done = run("test", f"{folder}/s.test.yaml")
            with open(f"{folder}/s.test.yaml") as f:
                text = f.read()
            assert done.returncode == 0 and "1 passed" in done.stdout, (
                text + done.stdout + done.stderr
            )
            first, second = [a["params"] for a in app.asked if a["path"] == "/took"]
            assert second["Shop"] == "a b" and first["Direction"] == second["Direction"], second
            with open(f"{folder}/v.xml", "w") as f:
                f.write(doc(SAY))
            dial(f"{folder}/v.xml", "--save-scenario", f"{folder}/v.test.yaml")
            done = run("test", f"{folder}/v.test.yaml")
            assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr


@test
def documents_are_written_where_they_are_wanted():
    with tempfile.TemporaryDirectory() as folder, App(voice=doc(SAY)) as app:
        run("call", app.url, "--fast", "--documents", f"{folder}/docs")
        assert os.listdir(f"{folder}/docs") == ["1-voice.xml"]
        with open(f"{folder}/docs/1-voice.xml") as f:
            assert f.read() == doc(SAY)


# -- suites --------------------------------------------------------------------


def suite(folder, text, *options):
    with open(f"{folder}/app.test.yaml", "w") as f:
        f.write(text)
    return run("test", "app.test.yaml", *options, cwd=folder)


@test
def the_example_is_started_tested_and_stopped():
    done = run("test", "examples/app", "--start", "--coverage-min", "100", "--format", "tap")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nok ") == 10, done.stdout
    for port in (8391, 8392):  # nobody listens there any more
        with socket.socket() as s:
            assert s.connect_ex(("127.0.0.1", port)) != 0, port
    done = run("test", "examples/app/clinic.test.yaml")
    assert done.returncode == 2 and "drydial test --start allows it" in done.stdout + done.stderr


@test
def an_application_that_gives_no_document_is_not_passed():
    with tempfile.TemporaryDirectory() as folder, socket.socket() as closed, App() as app:
        closed.bind(("127.0.0.1", 0))  # and nobody listens
        for url in (f"http://127.0.0.1:{closed.getsockname()[1]}/voice", app.url):
            missing = ["test", "--write-missing", "m.test.yaml"]
            for command in (["check"], ["explore"], ["graph"], missing):
                done = run(*command, url, "--yes", cwd=folder)
                if done.returncode == 2 and "no option --yes" in done.stderr:
                    done = run(*command, url, cwd=folder)
                said = "no document came; drydial call" in done.stderr
                assert done.returncode == 2 and said, (command, done.stdout, done.stderr)
        assert not os.listdir(folder)


@test
def a_scenario_that_fails_says_what_the_application_printed():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/app.py", "w") as f:
            f.write(
                "import http.server, os, sys\n"
                "class H(http.server.BaseHTTPRequestHandler):\n"
                "    def do_POST(self):\n"
                "        print(os.environ['MOOD'], 'asked', self.path, flush=True)\n"
                "        text = b'<Response><Say>One.</Say></Response>'\n"
                "        self.send_response(200)\n"
                "        self.end_headers()\n"
                "        self.wfile.write(text)\n"
                "    do_GET = do_POST\n"
                "    def log_message(self, *_): pass\n"
                "s = http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), H)\n"
                "s.serve_forever()\n"
            )
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        text = (
            f"app: {{ url: 'http://127.0.0.1:{port}/voice', start: 'exec python3 app.py {port}',"
            " ready: GET /up, env: { MOOD: calm } }\n"
            "scenarios:\n"
            "  - { name: fine, script: [ hear: One ], expect: { verbs: [ Say ] } }\n"
            "  - { name: words, script: [ hear: Two ] }\n"
            "  - { name: order, expect: { verbs: [ Say, Dial ] } }\n"
            "  - { name: text, script: [ document: { contains: Gather } ] }\n"
        )
        done = suite(folder, text, "--start", "--verbose")
        assert done.returncode == 1 and "1 passed, 3 failed" in done.stdout, done.stdout
        assert done.stdout.count("| calm asked /voice") == 3, done.stdout
        assert "<Dial> is not run behind the verbs before it" in done.stdout
        assert "no such document from here on" in done.stdout
        done = suite(folder, text.replace("app.py", "none.py"), "--start")
        assert done.returncode == 2 and "ended before it answered" in done.stderr, done.stderr
        assert "none.py" in done.stderr


@test
def a_suite_says_what_is_said_and_who_answers():
    def took(asked):
        return doc(f"<Say>{asked['params'].get('SpeechResult', 'nothing')}</Say>")

    page = doc(
        '<Gather input="speech dtmf" action="/took"><Say>Who?</Say></Gather>', "<Dial>+91</Dial>"
    )
    with App(voice=page, took=took) as app, tempfile.TemporaryDirectory() as folder:
        text = (
            f"app: {{ url: '{app.url}', params: {{ Shop: a b }} }}\n"
            "scenarios:\n"
            "  - name: speaks {who}\n"
            "    rows: [ { who: Asha Rao }, { who: Ravi } ]\n"
            "    script:\n"
            "      - request: { params: { Shop: a b, CallStatus: ringing } }\n"
            "      - say: '{who}'\n"
            "      - hear: '{who}'\n"
            "  - name: is silent\n"
            "    script: [ dial: no-answer, ended_by: flow ]\n"
            "    expect: { duration: { min: 35s } }\n"
            "  - { name: presses, script: [ press: '1#', hear: nothing ] }\n"
        )
        done = suite(folder, text)
        assert done.returncode == 0, done.stdout + done.stderr
        sids = {a["params"]["CallSid"] for a in app.asked}
        assert len(sids) == 4, sids
        for wrong in ("app: { start: x }\n", "app: [ 1 ]\n", "app: ''\n", "app: u\nflow: f\n"):
            done = suite(folder, wrong + "scenarios: []\n")
            assert done.returncode == 2, wrong


# -- crawls --------------------------------------------------------------------


def tree(asked):
    """A menu of three, each of three, each of a message; other keys are refused."""
    at = asked["params"].get("at", "") + asked["params"].get("Digits", "")
    if set(at) - set("123"):
        again = f"/tree?at={at[:-1]}"
        return doc("<Say>No such key.</Say>", f"<Redirect>{again}</Redirect>")
    if len(at) == 2:
        return doc(
            f"<Say>It is {at}, the end {'abc'[int(at[0]) - 1]}{'xyz'[int(at[1]) - 1]}.</Say>"
        )
    name = "abc"[int(at) - 1] if at else "start"
    say = f"<Say>Menu {name}. Press 1, 2 or 3.</Say>"
    return doc(
        f'<Gather numDigits="1" action="/tree?at={at}">{say}</Gather>',
        "<Say>Goodbye.</Say>",
    )


def dead_end(asked):
    digit = asked["params"].get("Digits")
    if digit == "1":
        return (500, {}, "")
    again = "" if digit else "<Gather numDigits='1'><Say>Press 1, or 2.</Say></Gather>"
    return doc("<Say>Two.</Say><Redirect>/voice</Redirect>") if digit else doc(again)


@test
def a_crawl_finds_every_document():
    with App(tree=tree) as app:
        url = app.origin + "/tree"
        done = run("explore", url, "--format", "json")
        assert done.returncode == 0, done.stderr
        assert "this places calls with each key at each menu: real requests" in done.stderr
        sids = {a["params"]["CallSid"] for a in app.asked if a["path"] == "/tree"}
        assert len(sids) == 1 + 4 * 13, len(sids)  # each choice at each of four menus
        # a start, three menus, nine ends, a wrong key at the start and at the others
        assert " 15 of them different" in done.stderr, done.stderr
        found = json.loads(done.stdout)
        ends = [e for e in found["endings"] if "ended_by" in e]
        assert len(ends) >= 10, len(ends)
        drawn = run("graph", url)
        for words in ("Menu start", "Menu a", "Menu c", "the end cz", "Goodbye."):
            assert words in drawn.stdout, (words, drawn.stdout)
        dot = run("graph", url, "--format", "dot")
        assert (
            subprocess.run(
                ["dot", "-Tsvg"], input=dot.stdout, text=True, capture_output=True
            ).returncode
            == 0
        )
        few = run("explore", url, "--max-calls", "5")
        assert "stopped at --max-calls: there may be more" in few.stderr
        flat = run("explore", url, "--max-depth", "1")
        assert "stopped at --max-depth: there may be more" in flat.stderr


@test
def check_says_what_is_wrong_in_an_application():
    slow = "<Say>" + "A very long message about nothing. " * 40 + "</Say>"
    with App(voice=dead_end, slow=doc(slow), fine=gathering('numDigits="1"'), took=TOOK) as app:
        done = run("check", app.url)
        assert done.returncode == 1
        for code in ("gather-silence", "key-fails"):
            assert f"[{code}]" in done.stdout, (code, done.stdout)
        assert "key 1 leads to an application error" in done.stdout
        assert "[message-length]" in run("check", app.origin + "/slow").stdout
        done = run("check", app.origin + "/fine", "--format", "json", "--voice", "model")
        assert not [d for d in json.loads(done.stdout)["diagnostics"] if d["severity"] == "error"]
    done = run("check", "http://192.0.2.1/voice")
    assert done.returncode == 1 or "0 documents" in done.stderr, done.stdout + done.stderr
    for wrong in (("check", "flows/otp.yaml", "--max-calls", "5"), ("explore", "u.xml")):
        assert run(*wrong).returncode == 2, wrong


# -- hostile -------------------------------------------------------------------


@test
def hostile_documents_end_in_an_error():
    body = "<Response><Say>&b;</Say></Response>"
    bomb = f'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>{body}'
    outside = f'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>{body}'
    pages = {
        "bomb": bomb,
        "outside": outside,
        "deep": "<Response>" + "<Say>" * 5000 + "</Say>" * 5000 + "</Response>",
        "nul": b"<Response>\0</Response>",
        "wrong": doc("<Say>\xff\xfe</Say>").encode("latin-1"),
        "cut": "<Response><Say>Hel",
    }
    with App(**pages) as app:
        for name in pages:
            found = dial(f"{app.origin}/{name}", code=1)
            assert "application error" in heard(found)[-1], name
            assert "root:" not in json.dumps(found), name


@test
def many_verbs_and_circles_end_in_bounded_time():
    pages = {
        "many": doc("<Hangup/>" * 6000),
        "circle": doc("<Redirect>/circle</Redirect>"),
        "loop": doc('<Say loop="0">Hi.</Say>'),
    }
    with App(**pages) as app:
        began = time.monotonic()
        dial(app.origin + "/many")
        found = dial(app.origin + "/circle")
        assert found["ended_by"] == "runaway", found["ended_by"]
        assert len(app.asked) < 1200
        found = dial(app.origin + "/loop")
        assert len(of(found, "prompt")) == 1000
        assert time.monotonic() - began < 30


@test
@waits
def a_body_that_drips_without_end_is_cut():
    class Drip(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(65536)
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<Response>")
            try:
                while True:
                    self.request.sendall(b"<!-- -->" * 4096)
            except OSError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drip) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = dial(f"http://127.0.0.1:{server.server_address[1]}/", code=1)
        server.shutdown()
    assert "larger than 64 KB" in of(found, "error")[0]["message"]


@test
def limits_have_two_sides():
    def sized(n):
        page = "<Response><Say>Hi.</Say><!--{}--></Response>"
        return page.format("x" * (n - len(page) + 2))

    many = " ".join(f'a{i}=""' for i in range(7000))
    pages = {
        "fits": sized(65536),
        "large": sized(65537),
        "attributes": doc(f"<Say {many}>Hi.</Say>"),
        "gathers": doc('<Gather timeout="1"/>' * 1000, SAY),
        "loops": doc('<Gather timeout="0"><Say loop="0">a</Say></Gather>' * 1000),
        "nested": doc('<Gather timeout="1">', SAY, "<Gather><Say>No.</Say></Gather></Gather>", SAY),
        "sound": doc("<Play>/long.wav</Play>", SAY),
        "long.wav": (200, {}, b"x" * (20 * 1024 * 1024 + 1)),
    }
    with App(**pages) as app:
        began = time.monotonic()
        assert heard(dial(app.origin + "/fits")) == ["Hi."]
        found = dial(app.origin + "/large", code=1)
        assert "larger than 64 KB" in of(found, "error")[0]["message"]
        found = dial(app.origin + "/attributes")
        assert heard(found) == ["Hi."] and "… and 6800 more" in found["stderr"]
        assert heard(dial(app.origin + "/gathers"))[-1] == "Hello."
        dial(app.origin + "/loops")
        found = dial(app.origin + "/nested")
        assert heard(found) == ["Hello.", "Hello."] and "inside of <Gather>" in found["stderr"]
        found = dial(app.origin + "/sound")
        assert "(too-large): nothing is played" in of(found, "error")[0]["message"]
        assert heard(found)[-1] == "Hello." and time.monotonic() - began < 60


@test
def nothing_but_the_own_server_is_read():
    places = [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "FILE:///etc/passwd",
        "ftp://127.0.0.1/x",
        "//127.example.com/x",
        "http://127.0.0.1.example.com/",
        "data:text/xml,&lt;Response/>",
        "\\\\host\\share",
    ]
    pages = {f"r{i}": doc(f"<Redirect>{p}</Redirect>") for i, p in enumerate(places)}
    pages |= {f"h{i}": (302, {"Location": p}, "") for i, p in enumerate(places)}
    pages |= {f"p{i}": doc(f"<Play>{p}</Play>", SAY) for i, p in enumerate(places)}
    with App(**pages) as app:
        for i, place in enumerate(places):
            for kind in "rhp":
                # an address that is none is passed over, and the document asked once more
                done = run("call", f"{app.origin}/{kind}{i}", "--fast", "--format", "json")
                assert "root:" not in done.stdout + done.stderr, place
                assert json.loads(done.stdout)["events"], place
    assert {a["path"][1] for a in app.asked} <= set("rhp\\")
    for operand in ("http://127.example.com/", "http://localhost.example.com/"):
        assert "may not be asked" in of(dial(operand, code=1), "error")[0]["message"]


@test
def credentials_are_sent_and_never_told():
    def voice(asked):
        right = "Basic " + base64.b64encode(b"user:s3 cret").decode()
        fine = asked["headers"].get("Authorization") == right
        own = f"http://user:s3%20cret@{asked['headers']['Host']}"
        page = doc(f"<Gather numDigits='1' action='{own}/took'/><Plai>{own}</Plai>")
        return page if fine else (401, {}, own)

    def took(asked):
        fine = "Authorization" in asked["headers"]
        own = f"http://user:s3%20cret@{asked['headers']['Host']}/end"
        own += "?back=http://me:s3%20cret@h/"
        return (302, {"Location": own}, own) if fine else (401, {}, "")

    pages = {"voice": voice, "took": took, "end": (500, {}, "http://user:s3%20cret@h/")}
    with App(**pages) as app, tempfile.TemporaryDirectory() as folder:
        url = app.url.replace("//", "//user:s3%20cret@")
        options = ["--press", "100:1", "--fallback", url, "--tape", f"{folder}/tape"]
        options += ["--documents", f"{folder}/d", "--save-scenario", f"{folder}/s.yaml"]
        for format in ("text", "json"):
            done = run("call", url, "--fast", "--format", format, *options)
            told = done.stdout + done.stderr
            for path in ("tape", "s.yaml", "d/1-voice.xml"):
                with open(f"{folder}/{path}") as f:
                    told += f.read()
            assert "cret" not in told and "dXNlcj" not in told, told
            assert [a["path"] for a in app.asked] == ["/voice", "/took", "/end", "/voice"]
            assert app.asked[2]["params"]["back"] == "http://me:s3 cret@h/", app.asked[2]
            if format == "text":
                assert f"drydial call 'http://…@{app.origin[7:]}/voice'" in told, told
            app.asked.clear()
        again = run(
            "call", url, "--fast", "--format", "json", *options[:4], "--replay", f"{folder}/tape"
        )
        assert again.stdout == done.stdout and not app.asked


@test
def an_unknown_entity_is_named_alone():
    page = doc('<Gather action="http://user:s3cret@h/&nosuch;x&amp;"/>', "<Say>&lt;</Say>")
    with App(voice=page) as app:
        told = app.call(code=1)
        assert "XML knows no entity &nosuch; (" in json.dumps(told), told
        shown = run("call", app.url, "--fast")
        both = json.dumps(told) + shown.stdout + shown.stderr
        assert "s3cret" not in both, both


@test
def headers_of_an_answer_stay_what_they_are():
    class Raw(socketserver.StreamRequestHandler):
        """Answers as no library does."""

        def handle(self):
            seen.append(self.request.recv(65536).decode("latin-1"))
            path = seen[-1].split()[1].split("?")[0]
            body = doc("<Redirect>/last</Redirect>" if path == "/voice" else SAY).encode()
            head = heads.get(path, b"")
            length = b"Content-Length: %d\r\n" % len(body)
            head = head if b"Content-Length" in head else head + length
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + head + b"\r\n" + body)

    heads = {
        "/voice": b"Set-Cookie: a=1\rX-Evil: 1; Path=/\r\nSet-Cookie: b=2\r\n"
        b"Set-Cookie: c=3\r\nSet-Cookie: c=; Max-Age=0\r\n",
        "/nul": b"X-A: b\0c\r\n",
        "/long": b"Content-Length: 100000\r\n",
        "/short": b"Content-Length: 20\r\n",
        "/type": b"Content-Type: te\x1b[31mxt\x07\r\n",
        "/wide": b"X-Wide: " + b"x" * 90000 + b"\r\n",
    }
    seen = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Raw) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        dial(origin + "/voice")
        assert "\r\nCookie: " in seen[1] and "b=2" in seen[1] and "c=" not in seen[1], seen[1]
        assert "\rX-Evil" not in seen[1]
        for path in ("/nul", "/long", "/short", "/wide"):
            done = run("call", origin + path, "--fast")
            assert done.returncode in (0, 1) and "Traceback" not in done.stderr, path
            assert "\x1b" not in done.stdout + done.stderr
        done = run("call", origin + "/type", "--fast")
        assert done.returncode == 0 and "the server calls this te" in done.stderr
        assert "\x1b" not in done.stdout + done.stderr and "\x07" not in done.stderr
        server.shutdown()


@test
def cookies_of_another_server_stay_there():
    setting = {"Content-Type": "text/xml", "Set-Cookie": "theirs=1; Domain=localhost"}
    with App(
        other=lambda a: (200, setting, doc(f"<Redirect>{app.origin}/took</Redirect>"))
    ) as there:
        away = there.origin.replace("127.0.0.1", "localhost")
        page = (200, {"Set-Cookie": "ours=1"}, doc(f"<Redirect>{away}/other</Redirect>"))
        with App(voice=page, took=TOOK) as app:
            found = app.call("--allow-host", "localhost")
            assert heard(found) == ["Thank you."]
            assert app.asked[1]["headers"]["Cookie"] == "ours=1"
            assert "Cookie" not in there.asked[0]["headers"]


@test
def control_characters_reach_no_terminal():
    pages = {
        "plain": (200, {"Content-Type": "text/plain"}, b"One \x1b[31mtwo\0\x07 \xff\xe2\x82 three"),
        "verb": doc('<Say timeout="x" voice="\x9b31m">Hi\x9b2J.</Say>', "<Sa\xb7y/>"),
        "raw": b"<Response>\x1b[31m</Response>",
        "fail": (500, {}, b"\x1b]0;title\x07"),
        "half": doc("<Say>a</Say>").replace("UTF-8", "UTF-16").encode("utf-16") + b"\0\xd8",
    }
    with App(**pages) as app, tempfile.TemporaryDirectory() as folder:
        for name in pages:
            for format in ("text", "json"):
                done = run(
                    "call",
                    f"{app.origin}/{name}",
                    "--fast",
                    "--format",
                    format,
                    "--documents",
                    f"{folder}/d",
                    "--tape",
                    f"{folder}/t",
                )
                out = done.stdout + done.stderr
                with open(f"{folder}/t", encoding="utf-8") as f:
                    out += f.read()
                assert not [c for c in out if c < " " and c not in "\n\t"], (name, out)
                assert format == "json" or "\x9b" not in done.stdout + done.stderr, name
                assert format == "text" or json.loads(done.stdout)
        assert heard(dial(app.origin + "/plain"))[0].startswith("One")
        done = run("call", app.origin + "/\x1b[1m", "--fast")
        assert done.returncode == 2 and "\x1b" not in done.stderr, done.stderr
        for name in ("..%2f..%2fx", "..", "%2e%2e/%2e%2e/x", "a/..\\b"):
            app.pages["/" + name] = doc(SAY)
            run("call", f"{app.origin}/{name}", "--fast", "--documents", f"{folder}/deep/er")
            run("call", f"{app.origin}/{name}", "--fast", "--documents", f"{folder}/e")
        assert sorted(os.listdir(folder)) == ["d", "e", "t"]
        assert all(n[0].isdigit() and n.endswith(".xml") for n in os.listdir(f"{folder}/e"))


@test
def addresses_are_written_in_many_ways():
    def port(app):
        return app.origin.split(":")[-1]

    pages = {"my%20page": doc("<Redirect>next page?a=b c#there</Redirect>")}
    with App(**pages, next=TOOK) as app:
        app.pages["/next%20page"] = TOOK
        app.pages["/"] = doc(SAY)
        found = dial(f"http://LOCALHOST:{port(app)}/my page#here")
        assert heard(found) == ["Thank you."] and app.asked[1]["params"]["a"] == "b c"
        assert app.asked[0]["url"] == "/my%20page"
        for tail in ("", "#x", "?x=1", "/"):
            assert heard(dial(app.origin + tail)) == ["Hello."], tail
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/tape", "w") as f:
            f.write("drydial tape 1\n\n> GET http://h.example/\n")
        url = "http://H.example:80/"
        done = run("call", url, "--fast", "--method", "GET", "--replay", f"{folder}/tape")
        assert done.returncode == 2 and "line" in done.stderr, done.stderr
        done = run("call", url, "--fast", "--method", "GET", "--tape", f"{folder}/tape")
        assert done.returncode == 1 and "may not be asked" in done.stdout
        with open(f"{folder}/tape") as f:
            tape = f.read().replace("< not-allowed", "< 200\n|<Response/>")
        assert "> GET http://h.example/\n" in tape, tape
        with open(f"{folder}/tape", "w") as f:
            f.write(tape)
        for url in ("http://h.example", "http://h.EXAMPLE:80", "http://h.example/#x"):
            assert not of(dial(url, "--method", "GET", "--replay", f"{folder}/tape"), "error")

    class Six(http.server.HTTPServer):
        address_family = socket.AF_INET6

    try:
        server = Six(("::1", 0), http.server.BaseHTTPRequestHandler)
    except OSError:
        return  # a machine without it
    server.server_close()
    found = dial(f"http://[::1]:{server.server_port}/", code=1)
    assert "is the application running?" in of(found, "error")[0]["message"]


@test
def tapes_may_be_long_and_must_be_tapes():
    with tempfile.TemporaryDirectory() as folder:

        def replay(text, *options):
            with open(f"{folder}/tape", "w") as f:
                f.write(text)
            return run("call", "http://h/", "--fast", "--replay", f"{folder}/tape", *options)

        began = time.monotonic()
        one = "\n> POST http://h/x\na=1\nb=2\n< 200\n|<Response/>\n"
        done = replay("drydial tape 1\n" + one * 160000)
        assert done.returncode == 1 and "this request is new" in done.stdout
        done = replay("drydial tape 1\n\n> POST http://h/\n" + "a=1\n" * 999000 + "< 200\n")
        assert done.returncode == 1 and ", …" in done.stdout and len(done.stdout) < 9000
        assert time.monotonic() - began < 30
        wrong = ["", "drydial tape 2\n", "drydial tape 1\n< 200\n", "drydial tape 1\n> POST\n"]
        for status in ("", "99", "1000", "20000000000000000000"):
            wrong.append(f"drydial tape 1\n\n> POST http://h/\n< {status}\n")
        for text in wrong:
            done = replay(text)
            assert done.returncode == 2 and "tape" in done.stderr, (text, done.stderr)
        # what could not be had is not had again, and a tape of that is one, too
        for error in ("not-on-tape", "timeout", "whatever\x1b[31m"):
            done = replay("drydial tape 1\n\n> POST http://h/\n< " + error + "\n")
            assert done.returncode == 1 and "\x1b" not in done.stdout
        page = doc('<Gather numDigits="1" action="/a?%3Ca=1&amp;b=%0A%5C%1b"/>')
        with App(voice=page, a=TOOK) as app:
            made = run(
                "call",
                app.url,
                "--fast",
                "--press",
                "9:1",
                "--tape",
                f"{folder}/t",
                "--format",
                "json",
            )
        again = run(
            "call",
            app.url,
            "--fast",
            "--press",
            "9:1",
            "--replay",
            f"{folder}/t",
            "--format",
            "json",
        )
        assert made.stdout == again.stdout and "Thank you" in made.stdout, again.stdout


@test
@waits
def real_time_hears_an_untrusted_server_and_a_customer_who_has_gone():
    def slow(asked):
        time.sleep(1.5)
        return TOOK

    with App(
        voice=gathering('numDigits="1"'), took=slow
    ) as app, tempfile.TemporaryDirectory() as d:
        done = run("call", app.url, "--mute", "--press", "100:1,600:h", "--tape", f"{d}/tape")
        assert done.returncode == 0 and "ended by customer" in done.stdout, done.stdout
        with open(f"{d}/tape") as f:
            assert f.read().count("\n> ") == 1  # what was never answered is not on it
    with tempfile.TemporaryDirectory() as d:
        made = subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-keyout",
                f"{d}/key",
                "-out",
                f"{d}/cert",
            ],
            capture_output=True,
        )
        if made.returncode:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{d}/cert", f"{d}/key")
        with App(voice=doc(SAY)) as app:
            app.server.socket = context.wrap_socket(app.server.socket, server_side=True)
            found = dial(app.url.replace("http", "https"), code=1)
            assert "certificate cannot be trusted" in of(found, "error")[0]["message"], found
            assert not app.asked


if __name__ == "__main__":
    main()
