"""drydial serve among others: clients that dawdle, receivers that are silent, pages of other sites,
flows that take long."""
import glob
import http.client
import os
import signal
import socket
import threading
import time

from lib import call, main, test, waits
from serving import folder_with, Receiver, Server, until


@test
@waits
def many_silent_receivers_take_no_room_from_one_that_answers():
    hung = []
    for _ in range(40):
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        s.listen(200)
        hung.append(s)
    with Receiver() as receiver, Server("--rate", "0") as server:
        for i in range(40 * 20):
            port = hung[i % 40].getsockname()[1]
            server.connect("otp", StatusCallback=f"http://127.0.0.1:{port}/never")
        for _ in range(2):  # before their first silence is over, and behind it
            begun = time.monotonic()
            n = len(receiver.of("/quick"))
            for _ in range(50):
                server.connect("otp", StatusCallback=receiver.url + "/quick")
            until(lambda: len(receiver.of("/quick")) == n + 50)
            assert time.monotonic() - begun < 5
            time.sleep(16)
    for s in hung:
        s.close()


@test
@waits
def a_request_has_half_a_minute_to_come_and_its_answer_to_be_taken():
    with Server("--rate", "0") as server:
        drips = []
        for start in (
            b"GET / HTTP/1.1\r\nX: ",
            b"POST /x HTTP/1.1\r\nContent-Length: 999\r\n\r\n",
            b"G",
        ):
            s = socket.create_connection(("127.0.0.1", server.port))
            s.sendall(start)
            drips.append(s)
        events = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        events.request("GET", "/_drydial/events")
        stream = events.getresponse()
        begun, closed = time.monotonic(), {}
        while len(closed) < len(drips):
            time.sleep(0.5)
            assert time.monotonic() - begun < 45, closed
            for s in drips:
                if s in closed:
                    continue
                try:
                    s.sendall(b"1")
                    s.setblocking(False)
                    gone = s.recv(100) == b""
                except BlockingIOError:
                    gone = False
                except OSError:
                    gone = True
                if gone:
                    closed[s] = time.monotonic() - begun
        assert all(25 < at < 45 for at in closed.values()), closed
        # who listens for longer is no dawdler
        server.connect("otp")
        until(lambda: b"event: call" in stream.readline())
        for s in drips:
            s.close()


@test
def pages_of_other_sites_reach_nothing():
    foreign = (
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    )
    form = {
        "From": "+919876543210",
        "CallerId": "0804",
        "Url": "http://my.exotel.com/exoml/start/otp",
    }
    asks = (
        ("POST", "/v1/Accounts/me/Calls/connect", form, "application/xml"),
        ("POST", "/v1/Accounts/me/Calls/connect.json", form, "application/json"),
        ("GET", "/v1/Accounts/me/Calls.json", None, "application/json"),
        ("POST", "/v2/accounts/me/campaigns", "{}", "application/json"),
        ("DELETE", "/v2/accounts/me/campaigns/1", None, "application/json"),
        ("POST", "/_drydial/calls", "{}", "application/json"),
        ("GET", "/_drydial/calls/1/sound", None, "application/json"),
    )
    with Server() as server:
        for headers in foreign:
            for method, path, body, type in asks:
                # the browser knows the credentials, and sends them along
                status, head, text = server.ask(method, path, body, headers=headers)
                assert status == 403 and "other sites" in text, (headers, path, status, text)
                assert type in head["Content-Type"] and not head["WWW-Authenticate"]
        assert server.side("status")["accepted"] == 0
        # programs, and the page itself, behind a proxy or not
        for headers in (
            {},
            {"Host": "api.exotel.com"},
            {"Origin": server.url},
            {"Host": "calls.example", "Origin": "https://calls.example"},
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ):
            status, _, text = server.ask("POST", asks[1][1], form, headers=headers)
            assert status == 200, (headers, text)


def say(text):
    return f"flow: Say\nsteps:\n  - greeting: {text}\n  - hangup\n"


class Stopped:
    """The voices of a server give no answer, as long as this lasts: their processes are stopped as
    soon as they are there."""

    def __init__(self, server):
        self.pid, self.over = server.process.pid, False

    def signal(self, what):
        for path in glob.glob(f"/proc/{self.pid}/task/*/children"):
            try:
                with open(path) as children:
                    for pid in children.read().split():
                        os.kill(int(pid), what)
            except OSError:
                pass

    def __enter__(self):
        def stop():
            while not self.over:
                self.signal(signal.SIGSTOP)

        self.thread = threading.Thread(target=stop, daemon=True)
        self.thread.start()
        time.sleep(0.2)
        return self

    def no_more(self):
        """Those that are stopped stay so; no other is."""
        self.over = True
        self.thread.join()

    def __exit__(self, *_):
        self.no_more()
        self.signal(signal.SIGCONT)


@test
@waits
def a_call_whose_sound_is_not_ready_stands_still_and_others_go_on():
    other = f"{time.time()} is a number that nobody has said before."
    folder = folder_with(one=say("One."), other=say(other))
    with Server("--rate", "0", flows=folder, speed="real") as server:
        server.over(server.connect("one")["Sid"])
        with Stopped(server):
            parked = server.connect("other")["Sid"]
            until(lambda: server.call(parked)["AnsweredBy"] == "human")
            begun = time.monotonic()
            quick = server.connect("one")["Sid"]
            assert server.over(quick)["Status"] == "completed"
            took = time.monotonic() - begun
            assert took < 5, took
            for _ in range(20):
                begun = time.monotonic()
                assert server.call(parked)["Status"] == "in-progress"
                assert time.monotonic() - begun < 0.3
                time.sleep(0.05)
        assert server.over(parked)["Status"] == "completed"
        got = server.side("calls/" + parked)
        want = call(os.path.join(folder, "other.yaml"))
        plain = lambda events: [
            {k: v for k, v in e.items() if k != "line"} for e in events if e["type"] != "ringing"
        ]
        assert plain(got["transcript"]["events"]) == plain(want["events"])
        assert got["seconds"] == -(-want["duration_ms"] // 1000), (got, want)


@test
@waits
def calls_that_stand_still_hold_a_clock_that_jumps_and_end_with_the_server():
    folder = folder_with(other=say(f"{time.time()} has not been said before, either."))
    with Server("--rate", "0", flows=folder) as server:
        before = server.side("clock")["unix_ms"]
        with Stopped(server):
            sid = server.connect("other")["Sid"]
            time.sleep(1)
            assert server.call(sid)["Status"] == "in-progress"
            assert server.side("clock")["unix_ms"] == before + 2000  # it rang
        assert server.over(sid)["Status"] == "completed"
    server = Server("--rate", "0", "--quiet", flows=folder_with(x=say(f"{time.time()} as well.")))
    server.start()
    with Stopped(server) as stopped:
        sid = server.connect("x")["Sid"]
        until(lambda: server.call(sid)["Status"] == "in-progress")
        stopped.no_more()  # a sanitizer looks for leaks by a child of its own
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 10


@test
@waits
def looking_for_findings_keeps_nobody_waiting():
    steps = "".join(
        f"  - id: m{i}\n    ivr:\n      prompt: {time.time()} press {i % 9 + 1} for number {i}.\n"
        f"      keys: {{ {i % 9 + 1}: {{ answer: a{i}, then: [ goto: m{(i * 7 + 1) % 60} ] }} }}\n"
        for i in range(60)
    )
    folder = folder_with(large=f"flow: Large\nsteps:\n{steps}  - hangup\n", one=say("One."))
    with Server("--rate", "0", flows=folder) as server:
        with Stopped(server):
            got = []
            looks = [
                threading.Thread(target=lambda: got.append(server.side("flows/large")))
                for _ in range(3)
            ]
            for t in looks:
                t.start()
            time.sleep(0.5)
            for _ in range(20):
                begun = time.monotonic()
                server.side("status")
                assert time.monotonic() - begun < 0.3
            assert not got
        for t in looks:
            t.join()
        assert len(got) == 3 and got[0]["findings"] and got[0] == got[1] == got[2]
        begun = time.monotonic()
        assert server.side("flows/large") == got[0]
        assert time.monotonic() - begun < 0.3


if __name__ == "__main__":
    main()
