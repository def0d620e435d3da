"""drydial serve on disks that are full, broken or taken away: what is not on disk is not answered,
not rung, not asked and not told; what was promised is there when the server starts again."""
import http.client
import json
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time

from lib import DRYDIAL, ROOT, main, test
from serving import Disk, FLOW, folder_with, Receiver, Server, until


def end(server):
    """Ends a server whose ledger has failed: code 2, and it says why."""
    server.process.terminate()
    code = server.process.wait(30)
    server.process.stdout.close()
    server.errors.seek(0)
    said = server.errors.read()
    assert code == 2 and "runtime error" not in said and "ERROR: " not in said, (code, said)
    return said


def connect(server, **form):
    fields = {
        "From": "+919876543210",
        "CallerId": "08047112345",
        "Url": "http://my.exotel.com/exoml/start/balance",
        **form,
    }
    return server.ask("POST", "/v1/Accounts/me/Calls/connect.json", fields)


@test
def nothing_goes_out_that_is_not_on_disk():
    for word in ("full", "broken"):
        with Receiver() as receiver:
            folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
            disk = Disk("--rate", "0", flows=folder)
            server = disk.server.start()
            status, _, text = connect(server, StatusCallback=receiver.url + "/status")
            assert status == 200, text
            until(lambda: receiver.of("/status"))
            # a phone would ring, and hear of it
            events = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            events.request("GET", "/_drydial/events?phone=any")
            stream = events.getresponse()
            assert b"hello" in stream.readline() + stream.readline() + stream.readline()
            disk.is_(word)
            asked = len(receiver.got)
            for shape in ("", ".json"):
                status, headers, text = server.ask(
                    "POST",
                    "/v1/Accounts/me/Calls/connect" + shape,
                    {
                        "From": "+919876543211",
                        "CallerId": "0804",
                        "Url": "http://my.exotel.com/exoml/start/balance",
                        "StatusCallback": receiver.url + "/status",
                    },
                )
                assert status == 500 and "the database did not take a write" in text, text
                assert ("json" if shape else "xml") in headers["Content-Type"]
            rest = stream.read()
            assert b"9876543211" not in rest, rest
            for method, path, body in (
                ("GET", "/v1/Accounts/me/Calls.json", None),
                ("POST", "/v2/accounts/me/campaigns", "{}"),
                ("GET", "/_drydial/status", None),
                ("POST", "/_drydial/reset", ""),
            ):
                status, _, text = server.ask(method, path, body)
                assert status == 500 and "did not take a write" in text, (path, text)
            disk.is_("fine")  # too late: what is known here is not what is on disk
            assert connect(server)[0] == 500
            time.sleep(0.3)
            assert len(receiver.got) == asked, receiver.got
            assert "did not take a write" in end(server)
            server.start()
            calls = server.json("GET", "/v1/Accounts/me/Calls.json")["Calls"]
            assert [c["From"] for c in calls] == ["+919876543210"], calls
            server.stop()


@test
def messages_contacts_and_numbers_are_kept_or_refused():
    v1, v2, json_type = "/v1/Accounts/me/", "/v2/accounts/me/", {"Content-Type": "application/json"}
    phones, hello = v2 + "incoming-phone-numbers", "flow: Hello\nsteps: [ hangup ]\n"
    with Receiver() as receiver:
        hook = receiver.url + "/sms"
        sms = {"From": "DRYDAL", "To": "9876543210", "Body": "Hello", "StatusCallback": hook}
        number = {"contacts": [{"number": "9876543210"}]}
        for method, path, body, look, empty in (
            ("POST", v1 + "Sms/send.json", sms, "/_drydial/messages", "[]"),
            ("POST", v1 + "CustomerWhitelist", {"Number": "9876543210"}, None, "Neutral"),
            ("PUT", phones + "/08047112345", {"friendly_name": "Desk"}, phones, "+918047112345"),
            ("POST", v2 + "contacts", json.dumps(number), v2 + "contacts", '"total":0'),
            ("POST", v2 + "lists", '{"lists": [{"name": "x"}]}', v2 + "lists", '"total":0'),
        ):
            folder = folder_with(hello=hello)
            disk = Disk(flows=folder)
            server = disk.server.start()
            disk.is_("full")
            headers = json_type if isinstance(body, str) else None
            status, _, text = server.ask(method, path, body, headers)
            assert status == 500 and "did not take a write" in text, (path, text)
            disk.is_("fine")
            end(server)
            server.start()
            text = server.ask("GET", look or v1 + "CustomerWhitelist/9876543210.json")[2]
            assert empty in text and "Desk" not in text, (path, text)
            server.stop()
            shutil.rmtree(folder)
        assert not receiver.got, receiver.got


@test
def a_disk_that_fills_up_among_many_calls_breaks_no_promise():
    chance = random.Random(int(os.environ.get("SEED", "7")))
    with Receiver() as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        disk = Disk("--rate", "0", "--quiet", flows=folder)
        server = disk.server.start()
        for turn in range(4):
            accepted, lock = [], threading.Lock()

            def place(n):
                for i in range(200):
                    try:
                        status, _, text = connect(
                            server,
                            CustomField=f"{turn}.{n}.{i}",
                            StatusCallback=receiver.url + "/status",
                        )
                    except (OSError, http.client.HTTPException):
                        return
                    if status != 200:
                        assert status == 500, text
                        return
                    with lock:
                        accepted.append(text.split('"Sid":"')[1][:32])

            threads = [threading.Thread(target=place, args=(n,)) for n in range(6)]
            for t in threads:
                t.start()
            time.sleep(chance.uniform(0.02, 0.4))
            disk.is_("full")
            for t in threads:
                t.join()
            end(server)
            disk.is_("fine")
            server.start()
            calls, uri = {}, "/v1/Accounts/me/Calls.json?PageSize=100"
            until(lambda: server.side("status")["callbacks_waiting"] == 0)
            while uri:
                page = server.json("GET", uri)
                calls.update({c["Sid"]: c for c in page["Calls"]})
                uri = page["Metadata"]["NextPageUri"]
            assert accepted and set(accepted) <= set(calls)
            for path, _, fields in list(receiver.got):
                sid = fields["CallSid"]
                assert sid in calls, f"{path} of a call that nobody knows"
                if path == "/status":
                    assert fields["Status"] == calls[sid]["Status"], (fields, calls[sid])
        server.stop()


@test
def a_database_that_cannot_be_read_is_not_begun_anew():
    disk = Disk()
    server = disk.server.start()
    server.over(server.connect()["Sid"])
    server.stop()
    disk.is_("unreadable")
    before = open(server.db, "rb").read()
    try:
        server.start()
        raise RuntimeError("it started")
    except AssertionError as e:
        assert "serve.db: " in str(e), e
    assert open(server.db, "rb").read() == before


@test
def a_database_that_is_taken_away_is_noticed():
    for how in ("deleted", "replaced", "cut", "log deleted"):
        server = Server().start()
        server.connect()
        if how == "deleted":
            os.unlink(server.db)
        elif how == "replaced":
            shutil.copy(server.db, server.db + ".copy")
            os.rename(server.db + ".copy", server.db)
        elif how == "cut":
            os.truncate(server.db, 0)
        else:
            os.unlink(server.db + "-wal")
        status, _, text = connect(server, Url="http://my.exotel.com/exoml/start/survey")
        assert status == 500 and "deleted, replaced or cut" in text, (how, status, text)
        assert "deleted, replaced or cut" in end(server)


@test
def databases_that_are_not_ours_or_not_whole_are_left_alone():
    folder = tempfile.mkdtemp()
    flows = os.path.join(ROOT, "flows")

    def refused(path, *sentence):
        done = subprocess.run(
            [DRYDIAL, "serve", flows, "--listen", "0", "--db", path],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 2 and not done.stdout, done
        assert all(s in done.stderr for s in sentence), done.stderr

    other = os.path.join(folder, "other.db")
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE accounts (name TEXT)")
    db.close()
    text = os.path.join(folder, "notes.db")
    with open(text, "w") as out:
        out.write("not a database\n" * 100)
    for path in (other, text):
        before = open(path, "rb").read()
        refused(path, path)
        assert open(path, "rb").read() == before, path
    refused("/dev/zero", "it is no file")
    refused("/dev/full", "it is no file")
    refused(folder, "it is no file")
    fifo = os.path.join(folder, "fifo.db")
    os.mkfifo(fifo)
    refused(fifo, "it is no file")
    refused(os.path.join(folder, "no", "such.db"), "such.db")
    server = Server().start()
    server.connect()
    refused(server.db, "another program uses it")
    server.stop()
    with sqlite3.connect(server.db) as db:  # somebody looks into it, and holds it
        db.execute("BEGIN EXCLUSIVE")
        refused(server.db, "another program uses it")
    db.close()
    size = os.path.getsize(server.db)
    os.truncate(server.db, size // 2)
    refused(server.db, "serve.db")
    assert os.path.getsize(server.db) == size // 2


@test
def a_database_that_cannot_be_written_is_refused():
    """Of a folder or a file that may only be read; whoever may write anything is not stopped by
    that, so that it is the disk that refuses."""
    disk = Disk()
    disk.is_("full")
    try:
        disk.server.start()
        raise RuntimeError("it started")
    except AssertionError as e:
        assert "serve.db: " in str(e) and "full" in str(e), e


if __name__ == "__main__":
    main()
