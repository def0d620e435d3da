#!/usr/bin/env python3
"""Faults on purpose between a platform and an application: each does what it says, at the request
that it names, and the same each time."""
import json
import os
import tempfile

from apps import App, dial, doc, heard, of
from lib import main, run, test

MENU = doc('<Gather numDigits="1" action="/took"><Say>Hello.</Say></Gather><Say>Nothing.</Say>')
TOOK = doc("<Say>Thank you.</Say>")
ERROR = "We are sorry, an application error has occurred. Goodbye."


def app(**more):
    return App(**{"voice": MENU, "took": TOOK, **more})


def press(a, faults, *options, code=0):
    return dial(a.url, "--press", "100:1", "--faults", faults, *options, code=code)


@test
def an_answer_that_is_late_comes_late_and_over_15_seconds_not_at_all():
    with app() as a:
        found = press(a, "late=3s@2")
        assert of(found, "reply")[1]["ms"] == 3000 and of(found, "prompt")[1]["at_ms"] == 3100
        assert "on purpose: the application answers late" in of(found, "note")[0]["message"]
        found = press(a, "late@2")
        assert of(found, "reply")[1]["ms"] == 8000
        found = press(a, "late=15001ms@2", code=1)
        assert of(found, "reply")[1]["ms"] == 15000 and heard(found)[-1] == ERROR
        assert not of(press(a, "late=15s@2"), "error")
        # what it takes besides counts as well
        found = press(a, "late=15s@2", "--latency", "1ms", code=1)
        assert heard(found)[-1] == ERROR


@test
def an_answer_that_fails_is_an_application_error_or_asks_the_fallback():
    with app(rescue=doc("<Say>Rescued.</Say>")) as a:
        for fault in ("none@2", "500@2", "half@2", "twice@2"):
            found = press(a, fault, code=1)
            assert heard(found)[-1] == ERROR, fault
            assert [x["path"] for x in a.asked[-2:]] == ["/voice", "/took"], fault
            found = press(a, fault, "--fallback", "/rescue")
            assert heard(found)[-1] == "Rescued.", fault


@test
def an_answer_that_is_lost_is_asked_for_again():
    with app() as a:
        found = press(a, "lost=2s@2")
        took = [x["params"] for x in a.asked if x["path"] == "/took"]
        assert len(took) == 2 and took[0] == took[1]
        assert of(found, "prompt")[1]["at_ms"] == 2100 and heard(found)[-1] == "Thank you."


@test
def a_customer_hangs_up_while_a_request_is_on_its_way():
    with app() as a:
        found = press(a, "hang-up=700ms@2")
        assert found["ended_by"] == "customer" and found["duration_ms"] == 800
        assert len(a.asked) == 2 and heard(found) == ["Hello."]
        found = press(a, "hang-up@1")  # while it rang
        assert found["status"] == "canceled" and not of(found, "answered")


@test
def a_key_arrives_twice_at_once():
    twice = doc('<Gather action="/took"><Say>Hello.</Say></Gather>')
    with app(voice=twice) as a:
        dial(a.url, "--press", "100:4,300:2,500:#", "--faults", "keys@2")
        assert a.asked[1]["params"]["Digits"] == "422"
        dial(a.url, "--press", "100:4,300:2,500:#", "--faults", "keys@3")
        assert a.asked[3]["params"]["Digits"] == "42"


@test
def a_callback_comes_behind_the_action_or_by_fault_before_it():
    record = doc('<Record action="/took" recordingStatusCallback="/told"/>')
    with app(voice=record, told=(204, {}, "")) as a:
        found = dial(a.url, "--speak", "3s")
        assert [x["path"] for x in a.asked] == ["/voice", "/took", "/told"]
        assert heard(found)[-1] == "Thank you."
        dial(a.url, "--speak", "3s", "--faults", "callback-first")
        assert [x["path"] for x in a.asked[3:]] == ["/voice", "/told", "/took"]
        params = a.asked[4]["params"]
        assert params["RecordingDuration"] == "3" and params["RecordingStatus"] == "completed"


@test
def chance_strikes_the_same_requests_each_time():
    loop = doc('<Gather numDigits="1"><Say>Hello.</Say></Gather>')
    keys = ",".join(f"{i}00:1" for i in range(1, 40))

    def struck(seed):
        options = ["--press", keys, "--seed", str(seed), "--faults", "late=10ms%30"]
        with App(voice=loop) as a:
            found = dial(a.url, *options)
        return [e["ms"] == 10 for e in of(found, "reply")]

    first = struck(3)
    assert first == struck(3) and first != struck(4)
    assert 4 <= sum(first) <= 22, sum(first)


@test
def a_suite_says_what_goes_wrong():
    with app() as a, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.test.yaml")

        def suite(text, *options):
            with open(path, "w") as f:
                f.write(text.replace("URL", a.url))
            return run("test", path, *options)

        script = "script: [ press: 1, hear: NAME ]"
        both = (
            "app: { url: URL, faults: 500@2 }\nscenarios:\n"
            f"  - name: one\n    {script.replace('NAME', 'application error')}\n"
            f"  - name: two\n    given: {{ faults: late=2s@2 }}\n"
            f"    {script.replace('NAME', 'Thank you')}\n"
        )
        done = suite(both)
        assert "2 passed" in done.stdout, done.stdout
        done = suite(both, "--faults", "none@1")  # in place of what the file says
        assert "1 passed, 1 failed" in done.stdout, done.stdout
        done = suite("app: { url: URL, faults: 600 }\nscenarios: [ { name: a, script: [] } ]\n")
        assert done.returncode == 2 and '"600" is no fault' in done.stdout, done.stdout
        flow = os.path.join(folder, "f.yaml")
        with open(flow, "w") as f:
            f.write("flow: F\nsteps: [ hangup ]\n")
        done = suite("flow: f.yaml\nscenarios: [ { name: a, given: { faults: none } } ]\n")
        assert done.returncode == 2 and "faults are for applications" in done.stdout, done.stdout


@test
def each_fault_says_whether_the_customer_is_left_in_silence():
    with app(end=doc("<Hangup/>")) as a, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.test.yaml")
        with open(path, "w") as f:
            f.write(
                f"app: {a.url}\nscenarios:\n  - name: presses one\n"
                "    script: [ press: 1, hear: Thank you ]\n"
            )
        done = run("test", path, "--faults", "each")
        again = run("test", path, "--faults", "each", "--jobs", "2", "--format", "json")
    rows = [line for line in done.stdout.splitlines() if "@" in line]
    assert done.returncode == 0 and len(rows) == 8, done.stdout  # no recording, no callback
    assert "presses one" in done.stdout and "of 8 faults leave the customer" in done.stdout
    for row in rows:
        silent = "nothing for 8.0 s" in row or "nothing for 15.0 s" in row
        assert row.lstrip().startswith("✗" if silent else "·"), row
    assert json.loads(again.stdout) and [x for x in again.stderr.splitlines() if "@" in x] == rows


@test
def the_faults_are_listed_and_explained():
    listed = run("call", "--faults", "list").stdout
    assert listed == run("test", "--faults", "list").stdout
    names = [line.split()[0] for line in listed.splitlines()]
    assert names == "late none 500 half twice lost hang-up keys callback-first".split()
    done = run("call", "http://127.0.0.1:9/", "--fast", "--faults", "half=3s")
    assert done.returncode == 2 and "has no time" in done.stderr
    done = run("call", "flows/survey.yaml", "--fast", "--faults", "none")
    assert done.returncode == 2 and "--faults is for applications" in done.stderr


if __name__ == "__main__":
    main()
