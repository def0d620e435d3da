"""Faults on purpose of drydial serve: what its answers, callbacks, requests and parameters are on
a bad day, and that what was accepted is done all the same."""
import http.client
import json
import shutil
import sys
import tempfile
import time

from lib import main, run, test, waits
from serving import FLOW, folder_with, Receiver, Server, until

CONNECT = "/v1/Accounts/me/Calls/connect.json"


def fields(url, **more):
    return {
        "From": "+919876543210",
        "CallerId": "08047112345",
        "Url": "http://my.exotel.com/exoml/start/appointment-reminder",
        "StatusCallback": url + "/status",
        "StatusCallbackContentType": "application/json",
        **more,
    }


EVENTS = {"StatusCallbackEvents[0]": "terminal", "StatusCallbackEvents[1]": "answered"}


def calls(server):
    return [c["sid"] for c in server.side("calls")]


def struck(server):
    return [(x["fault"], x["nth"]) for x in server.side("faults")["struck"]]


@waits
@test
def answers_are_lost_late_wrong_or_cut_and_the_call_is_placed_all_the_same():
    with Receiver() as receiver, Server("--answer", "keys 1", "--faults", "answer-lost@1") as s:
        for faults, wrong in (
            (None, (http.client.RemoteDisconnected, ConnectionResetError)),
            ("answer-half@1", http.client.IncompleteRead),
            ("answer-500@1", 500),
            ("answer-late=1s@1", 200),
        ):
            if faults:
                s.side("reset", {})
                s.side("faults", {"faults": faults})
            begun, got = time.monotonic(), None
            try:
                got, _, text = s.ask("POST", CONNECT, fields(receiver.url))
            except wrong if isinstance(wrong, (tuple, type)) else ():
                pass
            took = time.monotonic() - begun
            assert got == (wrong if isinstance(wrong, int) else None), (faults, got)
            if wrong == 500:
                assert "answer-500, on purpose" in text, text
            assert (took >= 1) == (faults == "answer-late=1s@1"), (faults, took)
            # the call is there, goes on, and calls back; the next answer is as it should be
            (sid,) = until(lambda: calls(s))
            until(lambda: [f for f in receiver.of("/status") if f["CallSid"] == sid])
            assert struck(s) == [((faults or "answer-lost").split("@")[0].split("=")[0], 1)]
            assert s.connect()["Sid"] != sid and len(struck(s)) == 1


@waits
@test
def callbacks_are_lost_late_doubled_turned_and_before_the_answer():
    with Receiver() as receiver, Server("--answer", "keys 1") as s:

        def place(faults, n, **more):
            s.side("reset", {})
            s.side("faults", {"faults": faults})
            receiver.got.clear()
            status, _, text = s.ask("POST", CONNECT, fields(receiver.url, **more))
            assert status == 200, text
            answered = len(receiver.of("/status"))  # before the answer was here
            sid = json.loads(text)["Call"]["Sid"]
            until(lambda: len(receiver.of("/status")) >= n)
            s.over(sid)
            return answered, [f.get("EventType") for f in receiver.of("/status")]

        place("callback-twice@1", 2)
        assert len(receiver.of("/status")) == 2
        assert receiver.of("/status")[0] == receiver.of("/status")[1]
        begun = time.monotonic()
        place("callback-late=700ms@1", 1)
        assert time.monotonic() - begun >= 0.7
        assert place("callback-turned", 2, **EVENTS)[1] == ["terminal", "answered"]
        # where what it was to come behind is not asked for, or lost, it comes all the same
        alone = {"StatusCallbackEvents[0]": "answered"}
        assert place("callback-turned", 1, **alone)[1] == ["answered"]
        assert place("callback-turned, callback-lost@2", 1, **EVENTS)[1] == ["answered"]
        assert place("callback-early", 1)[0] == 1
        # lost is lost: it stands where callbacks are listed, and never comes
        place("callback-lost@1", 0)
        lost = s.side("callbacks")
        assert len(lost) == 1 and lost[0]["state"] == "given up", lost
        assert "callback-lost, on purpose" in lost[0]["error"], lost
        time.sleep(0.2)
        assert receiver.of("/status") == []


@test
def parameters_are_absent_or_empty_and_passthrus_ask_twice():
    with Receiver(lambda path, f: (200, "All is well.")) as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        with Server("--answer", "keys 1", flows=folder) as s:

            def place(faults):
                s.side("reset", {})
                s.side("faults", {"faults": faults})
                receiver.got.clear()
                call = fields(receiver.url, Url="http://my.exotel.com/exoml/start/balance")
                status, _, text = s.ask("POST", CONNECT, call)
                assert status == 200, text
                until(lambda: receiver.of("/status"))
                return receiver.of("/balance"), receiver.of("/status")[0]

            passthru, callback = place("passthru-twice")
            assert len(passthru) == 2 and passthru[0] == passthru[1]
            assert callback["Status"] == "completed"
            passthru, callback = place("recording-absent")
            assert "RecordingUrl" not in passthru[0] and "RecordingUrl" not in callback
            assert "CallSid" in passthru[0] and "Digits" in callback
            passthru, callback = place("recording-empty, digits-absent")
            assert passthru[0].get("RecordingUrl", "") == "" and callback["RecordingUrl"] == ""
            assert "Digits" not in callback and "digits" not in passthru[0]
            assert place("digits-empty")[1]["Digits"] == ""
            assert len(place("digits-empty@2")[0]) == 1
        shutil.rmtree(folder)


@test
def faults_are_said_in_three_places_counted_told_and_refused_where_they_are_none():
    listed = run("serve", "--faults", "list").stdout
    names = [line.split()[0] for line in listed.splitlines()]
    assert len(names) == 14 and "answer-lost" in names and "late" not in names, listed
    done = run("serve", "flows", "--faults", "late", "--db", ":memory:")
    assert done.returncode == 2 and '"late" is no fault' in done.stderr, done.stderr
    folder = folder_with(
        serve__yaml="faults: answer-500@2-3\n", reminder="flow: R\nsteps: [hangup]\n"
    )
    wrong = folder_with(serve__yaml="faults: [x]\n", reminder="flow: R\nsteps: [hangup]\n")
    done = run("serve", wrong, "--db", ":memory:", "--listen", "0")
    assert done.returncode == 2 and "serve.yaml:1:" in done.stdout + done.stderr, done.stderr
    with Receiver() as receiver, Server("--answer", "busy", flows=folder) as s:
        form = fields(receiver.url, Url="http://my.exotel.com/exoml/start/reminder")
        got = [s.ask("POST", CONNECT, form)[0] for _ in range(4)]
        assert got == [200, 500, 500, 200], got
        told = s.side("faults")
        assert told["faults"] == "answer-500@2-3" and [x["nth"] for x in told["struck"]] == [2, 3]
        assert (
            told["struck"][0]["sid"] in calls(s) and "answer is 500" in told["struck"][0]["about"]
        )
        # the next one only, whatever was counted before; reading is no change and is not counted
        s.side("faults", {"faults": "answer-500@1", "seed": 3})
        s.ask("GET", "/v1/Accounts/me/Calls.json")
        assert [s.ask("POST", CONNECT, form)[0] for _ in range(2)] == [500, 200]
        assert s.ask("POST", "/_drydial/faults", {"faults": "none@1"})[0] == 400
        assert s.ask("POST", "/_drydial/faults", {})[0] == 400
        s.side("faults", {"faults": ""})
        assert s.ask("POST", CONNECT, form)[0] == 200 and struck(s) == []
        # by chance: the same seed decides the same
        drawn = []
        for _ in range(2):
            s.side("reset", {})
            s.side("faults", {"faults": "answer-500%50", "seed": 5})
            drawn.append([s.ask("POST", CONNECT, form)[0] for _ in range(20)])
        assert drawn[0] == drawn[1] and set(drawn[0]) == {200, 500}, drawn
        said = s.stop()
        assert "fault answer-500@2 (POST /v1/Accounts/me/Calls/connect.json of " in said, said
    shutil.rmtree(folder)
    shutil.rmtree(wrong)


# A client with the platform's host in its code. It places a call, and waits for the callback.
CLIENT = """
import http.server, json, sys, threading, urllib.parse, urllib.request
heard = threading.Event()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if urllib.parse.parse_qs(body).get("Status") == ["completed"]:
            heard.set()
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
own = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=own.serve_forever, daemon=True).start()
def ask(path, **form):
    data = urllib.parse.urlencode(form).encode() if form else None
    url = "https://api.exotel.com/v1/Accounts/me/Calls" + path
    request = urllib.request.Request(url, data, {"Authorization": "Basic a2V5OnRva2Vu"})
    with urllib.request.urlopen(request, timeout=4) as answer:
        return json.load(answer)
def place():
    ask("/connect.json", From="09876543210", CallerId="08047112345",
        Url="http://my.exotel.com/exoml/start/appointment-reminder",
        StatusCallback=f"http://127.0.0.1:{own.server_port}/")
try:
    place()
except Exception as fault:
    print("again:", fault)
    if sys.argv[1] == "careful" and heard.wait(3):
        sys.exit()
    place()
if not heard.wait(3):
    sys.exit("FAILED nothing was heard of the call")
"""


@waits
@test
def somebody_s_tests_run_once_a_fault_and_who_calls_twice_is_told():
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/client.py", "w") as out:
            out.write(CLIENT)

        def sweep(kind, *more):
            return run(
                *("serve", "flows", "--run", "--speed", "max", "--answer", "keys 1", *more),
                *("--", sys.executable, f"{d}/client.py", kind),
                timeout=240,
            )

        form = ("--callback-form", "urlencoded")
        hasty = sweep("hasty", "--faults", "all", *form)
        careful = sweep("careful", "--faults", "answer-lost@1", *form)
        # a handler that reads urlencoded forms alone fails as it would there
        one = sweep("careful")
        assert one.returncode == 1 and "nothing was heard" in one.stderr, one.stderr
    rows = {line.split()[0]: line for line in hasty.stdout.splitlines() if line.strip()}
    assert hasty.returncode == 1 and len(rows) >= 16, hasty.stdout
    for fault in ("answer-lost", "answer-late", "answer-500", "answer-half"):
        assert "+919876543210 2 times in place of 1" in rows[fault], hasty.stdout
    assert "nobody" in rows["callback-lost"] and "noticed" in rows["callback-lost"]
    assert "    FAILED nothing was heard of the call" in hasty.stdout
    assert "not met" in rows["passthru-twice"]  # its flow asks nobody
    assert "exit 0" in rows["callback-twice"] and "noticed" not in rows["callback-twice"]
    assert careful.returncode == 0 and "again: " in careful.stdout, careful.stdout
    assert "     1  POST   /v1/Accounts/*/Calls/connect" in careful.stderr, careful.stderr
    done = run("serve", "flows", "--faults", "all", "--db", ":memory:")
    assert done.returncode == 2 and "--run -- COMMAND" in done.stderr, done.stderr
    done = run("serve", "flows", "--run", "--faults", "all", "--", "true")
    assert done.returncode == 2 and "places no call" in done.stderr, done.stderr


if __name__ == "__main__":
    main()
