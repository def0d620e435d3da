#!/usr/bin/env python3
"""Applications: recordings that can be fetched, documents on the page of a test run, scenarios that
a crawl writes, and what is asked at all."""
import io
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
import wave

from apps import App, dial, doc, heard, of
from lib import DRYDIAL, left_out, main, run, test

SAY = "<Say>Hello.</Say>"
MENU = doc('<Gather numDigits="1" action="/took"><Say>Press 1, or 2.</Say></Gather>', SAY)


def menu(**more):
    def took(asked):
        pages = {
            "1": doc('<Dial action="/after">+912</Dial>'),
            "2": doc('<Say>Speak.</Say><Record action="/kept"/>', "<Say>Silence.</Say>"),
        }
        wrong = doc("<Say>That {key} is not in use.</Say><Redirect>/voice</Redirect>")
        return pages.get(asked["params"].get("Digits"), wrong)

    def after(asked):
        return doc(f"<Say>The doctor was {asked['params']['DialCallStatus']}.</Say>")

    kept = doc("<Say>Thank you.</Say>")
    return App(**{"voice": MENU, "took": took, "after": after, "kept": kept, **more})


# -- recordings ----------------------------------------------------------------


@test
def a_recording_can_be_fetched_and_has_its_length():
    fetched = []

    def kept(asked):
        for ending in ("", ".wav", ".mp3"):
            with urllib.request.urlopen(asked["params"]["RecordingUrl"] + ending, timeout=10) as f:
                fetched.append((f.headers["Content-Type"], f.read()))
        for wrong in ("-1", "/../x"):
            try:
                urllib.request.urlopen(asked["params"]["RecordingUrl"] + wrong, timeout=10)
                fetched.append("too much")
            except urllib.error.HTTPError as e:
                fetched.append(e.code)
        return doc(f"<Play>{asked['params']['RecordingUrl']}</Play>", SAY)

    with App(voice=doc('<Record action="/kept"/>'), kept=kept) as app:
        found = app.call("--speak", "3s")
    assert fetched[3:] == [404, 404], fetched[3:]
    for kind, sound in fetched[:3]:
        assert kind == "audio/wav"
        with wave.open(io.BytesIO(sound)) as w:
            assert w.getnframes() == 3 * w.getframerate() and w.getnchannels() == 1
            assert max(w.readframes(2000)) > 0
    prompts = of(found, "prompt")  # the application plays it back
    assert prompts[0]["duration_ms"] == 3000 and not of(found, "error"), found["events"]


@test
def a_recording_lives_as_long_as_its_suite_and_is_on_this_machine():
    asked = []

    def voice(request):
        if asked:
            with urllib.request.urlopen(asked[0], timeout=10) as f:
                asked.append(len(f.read()))
        return doc('<Record action="/kept"/>')

    def kept(request):
        asked.insert(0, request["params"]["RecordingUrl"])
        return doc(SAY)

    with App(voice=voice, kept=kept) as app, tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/a.test.yaml", "w") as f:
            f.write(
                f"app: {app.url}\nscenarios:\n"
                "  - { name: one, script: [ speak: 2s, hear: Hello ] }\n"
                "  - { name: two, script: [ speak: 1s, hear: Hello ] }\n"
            )
        done = run("test", f"{folder}/a.test.yaml", "--jobs", "1")
    assert "2 passed" in done.stdout, done.stdout
    assert asked[0].startswith("http://127.0.0.1:") and asked[0] != asked[1]
    assert 44 + 2 * 16000 in asked, asked


@test
def a_tape_with_a_recording_replays_whatever_port_it_had():
    with menu() as app, tempfile.TemporaryDirectory() as folder:
        options = ["--fast", "--keys", "2", "--speak", "2s"]
        first = run("call", app.url, *options, "--tape", f"{folder}/tape")
        assert first.returncode == 0 and "Thank you." in first.stdout, first.stdout
        with open(f"{folder}/tape") as f:
            tape = f.read()
        assert "RecordingUrl=http://127.0.0.1:8127/recordings/" in tape, tape
        done = run("call", app.url, *options, "--replay", f"{folder}/tape")
    assert "Thank you." in done.stdout and "new" not in done.stdout, done.stdout


# -- the page ------------------------------------------------------------------


@test
def the_page_shows_documents_and_what_was_really_spoken():
    page = doc(
        '<Gather numDigits="1" action="/took"><Say>It costs Rs. 250 &lt;b&gt;</Say></Gather>'
    )
    with App(voice=page, took=doc("<Say>Bye.</Say>")) as app, tempfile.TemporaryDirectory() as d:
        with open(f"{d}/a.test.yaml", "w") as f:
            f.write(f"app: {app.url}\nscenarios: [ {{ name: a, script: [ press: 1 ] }} ]\n")
        done = run("test", "a.test.yaml", "--report", "html=page.html", cwd=d)
        assert done.returncode == 0, done.stdout + done.stderr
        with open(f"{d}/page.html") as f:
            text = f.read()
    documents = text[text.index('class="documents"') :]
    assert "/voice" in documents and "/took" in documents
    assert "&lt;Gather numDigits=&quot;1&quot; action=&quot;/took&quot;&gt;" in documents
    assert "&amp;lt;b&amp;gt;" in documents and "<b>" not in text
    assert re.search('class="said">spoken: [^<]*two hundred', text), text[text.index("Rs.") :][:400]


# -- scenarios that a crawl writes ---------------------------------------------


@test
def a_crawl_writes_scenarios_that_pass():
    with menu() as app, tempfile.TemporaryDirectory() as folder:
        done = run("test", "--write-missing", f"{folder}/m.test.yaml", app.url)
        assert done.returncode == 0 and "scenarios written" in done.stderr, done.stderr
        with open(f"{folder}/m.test.yaml") as f:
            text = f.read()
        for wanted in (
            'keys: "1"',
            "dial: busy",
            "speak: 2s",
            "speak: 0s",
            "Thank you.",
            "Silence",
        ):
            assert wanted in text, text
        done = run("test", f"{folder}/m.test.yaml", "--coverage-min", "100")
        assert done.returncode == 0 and "0 failed" in done.stdout, text + done.stdout
        again = run("test", "--write-missing", f"{folder}/m.test.yaml", app.url)
        assert again.returncode == 2 and "exists" in again.stderr  # nothing is written over


@test
def a_suite_of_an_application_is_completed():
    with menu() as app, tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/a.test.yaml", "w") as f:
            f.write(
                f"# mine\napp:\n  url: {app.url}\n  params: {{ Shop: a }}\n\nscenarios:\n"
                '  - { name: one, script: [ keys: "1", dial: busy, hear: doctor ] }\n'
            )
        missing = f"{folder}/m.test.yaml"
        done = run("test", f"{folder}/a.test.yaml", "--write-missing", missing)
        assert done.returncode == 0 and "written to" in done.stderr, done.stdout + done.stderr
        with open(missing) as f:
            text = f.read()
        assert "params: { Shop: a }" in text and "speak: 2s" in text, text
        assert "doctor was busy" not in text, text  # that was reached
        done = run("test", f"{folder}/a.test.yaml", missing)
        assert done.returncode == 0 and "0 failed" in done.stdout, text + done.stdout + done.stderr
        assert all(a["params"]["Shop"] == "a" for a in app.asked)
        done = run("test", folder, "--write-missing", f"{folder}/n.test.yaml")
        assert "nothing is missing" in done.stderr or done.returncode == 2, done.stderr


# -- who is asked --------------------------------------------------------------


@test
def a_crawl_connects_to_the_applications_own_server_alone():
    if not shutil.which("strace"):
        left_out("strace is not here: nobody watches what a crawl connects to")
        return
    links = [
        "<Redirect>http://192.0.2.1/x</Redirect>",
        "<Play>http://198.51.100.7/a.wav</Play>",
        "<Redirect>http://localhost:9/x</Redirect>",
        "<Redirect>https://app.example.com/x</Redirect>",
    ]

    def took(asked):
        key = asked["params"].get("Digits", "")
        return doc(links[int(key)]) if key in ("0", "1", "2", "3") else doc(SAY)

    with App(voice=MENU, took=took) as app, tempfile.TemporaryDirectory() as folder:
        port = app.origin.split(":")[-1]
        for verb in ("explore", "graph", "check"):
            log = f"{folder}/{verb}"
            command = ["strace", "-f", "-e", "trace=connect,sendto", "-o", log]
            done = subprocess.run(
                [*command, DRYDIAL, verb, app.url], capture_output=True, text=True, timeout=120
            )
            if not os.path.exists(log) or "ptrace" in done.stderr.lower():
                left_out("strace may not watch here")
                return
            with open(log) as f:
                text = f.read()
            inet = re.findall(r"AF_INET6?, sin6?_port=htons\((\d+)\).*?\"([^\"]+)\"", text)
            assert (port, "127.0.0.1") in inet, (verb, inet, done.stderr)
            others = {x for x in inet if x != (port, "127.0.0.1")}
            assert not others, (verb, others)
        assert len(app.asked) > 40


@test
def a_name_of_the_caller_is_told_where_one_is_given():
    with App(voice=doc(SAY)) as app:
        dial(app.url, "--param", "CallerName=ASHA RAO")
        dial(app.url)
    assert app.asked[0]["params"]["CallerName"] == "ASHA RAO"
    assert "CallerName" not in app.asked[1]["params"]


if __name__ == "__main__":
    main()
