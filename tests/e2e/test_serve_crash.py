"""drydial serve loses nothing: many calls with callbacks, and kill -9 at random moments.
`CALLS=20000 KILLS=50 python3 tests/e2e/test_serve_crash.py` is the long run."""
import http.client
import os
import random
import sqlite3
import ssl
import threading
import time

from lib import main, test, waits
from serving import Disk, FLOW, folder_with, Receiver, Server, until

CALLS, KILLS = int(os.environ.get("CALLS", "1500")), int(os.environ.get("KILLS", "8"))
THREADS = 8


# What makes an answer uncertain, and what makes callbacks late or come twice.
FAULTS = (
    "answer-lost%4,answer-500%4,answer-half%4,answer-late=100ms%4,"
    "callback-twice%5,callback-late=200ms%5"
)


class Crowd:
    """Places calls from several threads; a call counts as accepted when its answer came whole.
    `strict`: an answer that is none of a platform that is well is a failure."""

    def __init__(self, server, receiver, calls, tls=False, strict=True):
        self.tls, self.strict = tls, strict
        self.server, self.receiver = server, receiver
        self.left, self.accepted, self.unknown, self.lock = (
            list(range(calls)),
            {},
            set(),
            threading.Lock(),
        )
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(THREADS)]
        for t in self.threads:
            t.start()

    def connection(self):
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        any_ = ssl._create_unverified_context()
        return http.client.HTTPSConnection("127.0.0.1", self.server.port, timeout=20, context=any_)

    def work(self):
        c = None
        while True:
            with self.lock:
                if not self.left:
                    return
                n = self.left.pop()
            body = (
                f"From=%2B9198{n:08d}&CallerId=0804&CustomField=n{n}"
                "&Url=http://my.exotel.com/exoml/start/balance"
                f"&StatusCallback={self.receiver.url}/status"
            )
            try:
                c = c or self.connection()
                c.request(
                    "POST",
                    "/v1/Accounts/me/Calls/connect.json",
                    body,
                    {
                        "Authorization": "Basic azp0",
                        "Content-Type": "application/x-www-form-urlencoded",
                    },
                )
                answer = c.getresponse()
                text = answer.read()
                if answer.status == 500 and b"the database did not take a write" in text:
                    raise http.client.HTTPException("the disk is full")
                if answer.status == 500 and not self.strict:
                    raise http.client.HTTPException("a fault")
                assert answer.status == 200, text
                sid = text.split(b'"Sid":"')[1][:32].decode()
                with self.lock:
                    self.accepted[sid] = n
            except (OSError, http.client.HTTPException):
                c = None
                with self.lock:
                    self.unknown.add(n)  # it may have been accepted, or not
                time.sleep(0.02)

    def done(self):
        return not any(t.is_alive() for t in self.threads)


def all_calls(server):
    uri, out = "/v1/Accounts/me/Calls.json?PageSize=100&SortBy=DateCreated:asc", []
    while uri:
        page = server.json("GET", uri)
        out += page["Calls"]
        uri = page["Metadata"]["NextPageUri"]
    return out


def settled(server):
    s = server.side("status")
    return s["in_progress"] == s["waiting"] == s["callbacks_waiting"] == 0


def judge(server, receiver, crowd, killed):
    calls = {c["Sid"]: c for c in all_calls(server)}
    lost = [sid for sid in crowd.accepted if sid not in calls]
    assert not lost, f"{len(lost)} accepted calls are gone"
    fields = [c["CustomField"] for c in calls.values()]
    assert len(fields) == len(set(fields)), "a request became two calls"
    assert set(fields) <= {f"n{n}" for n in list(crowd.accepted.values()) + list(crowd.unknown)}
    asked, told = {}, {}
    for path, _, f in receiver.got:
        if path == "/balance":
            asked[f["CallSid"]] = asked.get(f["CallSid"], 0) + 1
        else:
            told.setdefault(f["CallSid"], []).append(f)
    twice = [sid for sid, n in asked.items() if n > 1]
    assert not twice, f"{len(twice)} calls were placed twice"
    untold = [sid for sid in calls if sid not in told]
    assert not untold, f"{len(untold)} callbacks were lost"
    again = 0
    for sid, list_ in told.items():
        assert all(f == list_[0] for f in list_), f"two stories of one call: {list_}"
        assert list_[0]["Status"] == calls[sid]["Status"] and calls[sid]["Status"] in (
            ("completed", "failed") if killed else ("completed",)
        )
        again += len(list_) - 1
    assert killed or (
        again == 0 and len(calls) == len(crowd.accepted) == CALLS and not crowd.unknown
    )
    failed = sum(c["Status"] == "failed" for c in calls.values())
    return (
        f"{len(calls)} calls, {len(crowd.accepted)} of them acknowledged, {failed} were going "
        f"on when the server was killed, {again} callbacks sent again"
    )


def balance(path, fields):
    return (200, "Your balance is 5 rupees.") if path == "/balance" else (200, "")


@test
def none_is_lost_and_none_doubled():
    with Receiver(balance) as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        with Server("--rate", "0", flows=folder) as server:
            begun = time.monotonic()
            crowd = Crowd(server, receiver, CALLS)
            until(crowd.done, 600)
            until(lambda: settled(server), 600)
            took = time.monotonic() - begun
            print(f"{judge(server, receiver, crowd, False)}; {took:.1f} s")


@test
def nothing_is_lost_by_kill_minus_nine():
    chance = random.Random(int(os.environ.get("SEED", "6")))
    with Receiver(balance) as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        server = Server("--rate", "0", "--quiet", flows=folder).start()
        try:
            crowd = Crowd(server, receiver, CALLS)
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.01, 0.25))
                server.kill()
                server.start()
            until(crowd.done, 600)
            until(lambda: settled(server), 600)
            print(f"{KILLS} kills: {judge(server, receiver, crowd, True)}")
        finally:
            server.stop()


@test
def nothing_is_lost_over_tls_with_faults_among_the_kills():
    chance = random.Random(int(os.environ.get("SEED", "9")))
    calls, kills = (CALLS, KILLS) if "CALLS" in os.environ else (CALLS // 3, KILLS // 2)
    with Receiver(balance) as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        server = Server("--rate", "0", "--quiet", "--tls", "--faults", FAULTS, flows=folder).start()
        try:
            crowd = Crowd(server, receiver, calls, tls=True, strict=False)
            for _ in range(kills):
                time.sleep(chance.uniform(0.1, 0.4))
                server.kill()
                server.start()
            until(crowd.done, 600)
            struck = server.side("faults")
            until(lambda: settled(server), 600)
            print(f"{kills} kills, over TLS with faults: {judge(server, receiver, crowd, True)}")
            assert struck["struck"], "no fault has struck"
        finally:
            server.stop()


def look_into(path, receiver, crowd):
    """What was answered by 200 is there, and what was asked and told is of what is there: read from
    the file itself, without the server."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        calls = {
            sid: (field, status, stage)
            for sid, field, status, stage in db.execute(
                "SELECT sid, custom_field, status, stage FROM call"
            )
        }
        hooks = db.execute("SELECT sid, state, body FROM hook").fetchall()
        said = {
            sid
            for (sid,) in db.execute("SELECT c.sid FROM call c JOIN transcript t ON t.call = c.id")
        }
    db.close()
    lost = {sid for sid, n in crowd.accepted.items() if calls.get(sid, ("",))[0] != f"n{n}"}
    assert not lost, f"{len(lost)} calls that were answered by 200 are gone"
    fields = [c[0] for c in calls.values()]
    assert len(set(fields)) == len(fields), "a request became two calls"
    assert all(stage == 2 for _, _, stage in calls.values()), "a call is not over"
    completed = {sid for sid, c in calls.items() if c[1] == "completed"}
    assert completed <= said, "a call that is over has no transcript"
    per = {}
    for sid, state, body in hooks:
        per.setdefault(sid, []).append(body)
        assert state == 1, "a callback was not delivered"
    assert set(per) == set(calls) and all(len(b) == 1 for b in per.values())
    asked = {}
    for path_, _, f in receiver.got:
        sid = f["CallSid"]
        assert sid in calls, f"{path_}: nobody knows of {sid}"
        if path_ == "/balance":
            asked[sid] = asked.get(sid, 0) + 1
        else:
            assert f["Status"] == calls[sid][1], (f, calls[sid])
    assert all(n == 1 for n in asked.values()), "a call was placed twice"
    assert completed <= set(asked), "a call went on without what it asked for"
    return len(calls)


@test
def nothing_is_lost_on_a_disk_that_fills_up_among_the_kills():
    chance = random.Random(int(os.environ.get("SEED", "8")))
    with Receiver(balance) as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        disk = Disk("--rate", "0", "--quiet", flows=folder)
        server, full = disk.server.start(), 0
        try:
            crowd = Crowd(server, receiver, CALLS)
            for turn in range(KILLS):
                time.sleep(chance.uniform(0.01, 0.25))
                if turn % 2:
                    disk.is_("full")
                    time.sleep(chance.uniform(0.0, 0.05))
                    full += 1
                if turn % 4 == 3:  # it ends by itself, as it can
                    server.process.terminate()
                    server.process.wait(30)
                    server.process.stdout.close()
                else:
                    server.kill()
                disk.is_("fine")
                server.start()
            until(crowd.done, 600)
            until(lambda: settled(server), 600)
            judged = judge(server, receiver, crowd, True)
        finally:
            server.stop()
        look_into(server.db, receiver, crowd)
        print(f"{KILLS} kills, {full} of them on a full disk: {judged}")


@test
@waits
def campaigns_go_on_after_kill_minus_nine():
    with Receiver() as receiver:
        folder = folder_with(
            hi="flow: Hi\nsteps:\n  - greeting: Good morning to you.\n  - hangup\n"
        )
        server = Server("--quiet", flows=folder, speed="10000x").start()
        try:
            path = "/v2/accounts/me/campaigns"
            numbers = ",".join(f"+9198000{i:05d}" for i in range(600))
            made = server.json(
                "POST",
                path,
                {
                    "from": numbers,
                    "caller_id": "0804",
                    "url": "http://my.exotel.com/exoml/start/hi",
                    "call_schedule_callback": receiver.url + "/number",
                    "status_callback": receiver.url + "/over",
                    "retries": {
                        "number_of_retries": 2,
                        "interval_mins": 5,
                        "on_status": ["failed"],
                    },
                },
            )
            id = made["response"][0]["data"]["id"]
            for _ in range(4):
                time.sleep(0.15)
                server.kill()
                server.start()
            over = until(
                lambda: (lambda d: d if d["status"] == "Completed" else None)(
                    server.json("GET", f"{path}/{id}")["response"][0]["data"]
                ),
                120,
            )
            assert (
                over["stats"]["pending"] == 0
                and over["stats"]["completed"] + over["stats"]["failed"] == 600
            ), over
            until(lambda: receiver.of("/over") and settled(server))
            assert {n["to"] for n in receiver.of("/number")} == {
                f"+9198000{i:05d}" for i in range(600)
            }
            calls = [
                c
                for o in range(0, 2000, 500)
                for c in server.json("GET", f"{path}/{id}/call-details?limit=500&offset={o}")[
                    "response"
                ]
            ]
            per = {}
            for c in calls:
                per.setdefault(c["number"], []).append(c["status"])
            assert len(per) == 600 and all(s.count("completed") <= 1 for s in per.values())
            assert all(s[-1] == "completed" or s == ["failed", "failed"] for s in per.values()), [
                s for s in per.values() if s[-1] != "completed"
            ]
        finally:
            server.stop()


if __name__ == "__main__":
    main()
