"""drydial serve and requests that are odd: refused ones leave nothing behind, what could be read in
two ways is not read, and nobody's memory or order suffers from others."""
import http.client
import json
import os
import resource
import socket
import time

from lib import DRYDIAL, main, test, waits
from serving import folder_with, Receiver, Server, until


def sanitized():
    with open(DRYDIAL, "rb") as program:
        return b"__asan_init" in program.read()


def memory(server):
    """In KiB; a sanitizer keeps what was freed."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return int(status.read().split("VmRSS:")[1].split()[0])


def raw(server, request, seconds=10):
    """All that comes until the connection is closed; whether it was."""
    with socket.create_connection(("127.0.0.1", server.port)) as s:
        s.settimeout(seconds)
        s.sendall(request)
        got = b""
        try:
            while True:
                piece = s.recv(65536)
                if not piece:
                    return got, True
                got += piece
        except ConnectionResetError:
            return got, True
        except TimeoutError:
            return got, False


@test
def a_call_that_is_refused_leaves_no_answer_to_the_next():
    flow = "flow: F\nvariables: { name: ~ }\nsteps:\n  - greeting: Hi {name}.\n  - hangup\n"
    place = {"from": "+919876543210", "flow": "f", "answer": "busy"}
    with Server("--rate", "0", flows=folder_with(f=flow)) as server:
        for more in ({}, {"variables": {"nobody": "x"}}, {"variables": {"name": 5}}):
            server.side("calls", {**place, **more}, status=400)
        server.side("calls", {**place, "answer": "nobody I know", "variables": {"name": "x"}}, 400)
        good = {"from": "+919876543210", "flow": "f", "variables": {"name": "Asha"}}

        def outcome(of):
            sid = server.side("calls", of)["sid"]
            return until(
                lambda: (lambda c: c["ended"] and c["status"])(server.side("calls/" + sid))
            )

        assert outcome(good) == "completed"
        # an answer is of the call that it came with, whoever else was asked for
        server.side("next", {"answer": "no-answer"})
        assert outcome({**good, "answer": "busy"}) == "busy"
        assert outcome(good) == "no-answer"
        assert outcome(good) == "completed"


@test
def what_holds_for_all_calls_is_replaced_and_takes_no_more_memory():
    with Server("--rate", "0") as server:
        for who, status in (("busy", "busy"), ("no-answer", "no-answer"), ("human", "completed")):
            server.side("next", {"answer": who, "times": 0})
            for _ in range(2):
                assert server.over(server.connect("otp")["Sid"])["Status"] == status
        server.side("next", {"answer": "busy", "number": "+919876543210", "times": 0})
        # what was asked for first is heard first; both stay
        assert server.over(server.connect("otp")["Sid"])["Status"] == "completed"
        long = "keys " + ",".join("1" * 400)
        for _ in range(50):
            server.side("next", {"answer": long, "times": 0})
        before = memory(server)
        for _ in range(1500):
            server.side("next", {"answer": long, "times": 0})
        assert sanitized() or memory(server) - before < 1000, memory(server) - before


@test
def so_many_answers_wait_and_no_more():
    with Server("--rate", "0") as server:
        c = http.client.HTTPConnection("127.0.0.1", server.port)
        for i in range(10001):
            c.request("POST", "/_drydial/next", '{"answer": "busy", "number": "+919000000000"}')
            answer = c.getresponse()
            text = answer.read().decode()
            assert answer.status == (200 if i < 10000 else 400), (i, text)
        assert "10,000 answers" in text
        c.close()


@test
def thousands_of_arguments_are_refused_or_read_and_then_forgotten():
    def address(n):
        values = "&".join(f"a{i}=1" for i in range(n))
        return f"GET /_drydial/status?{values} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    with Server("--rate", "0") as server:
        for n in (1, 400):
            with socket.create_connection(("127.0.0.1", server.port)) as s:
                s.sendall(address(n))
                assert s.recv(100).startswith(b"HTTP/1.1 200 "), n
        for n in (401, 450, 460, 500, 1000, 3000):
            got, closed = raw(server, address(n))
            assert closed and got.startswith(b"HTTP/1.1 431 ") and b"400 values" in got, (n, got)
            assert got.count(b"HTTP/1.1 ") == 1
        form = {f"a{i}": "1" for i in range(5000)}
        for _ in range(30):
            assert server.ask("POST", "/_drydial/next", form)[0] == 400
        many = address(1000)
        for step in range(2):
            before = memory(server)
            for _ in range(1500):
                with socket.create_connection(("127.0.0.1", server.port)) as s:
                    s.sendall(many)
            for _ in range(30):
                assert server.ask("POST", "/_drydial/next", form)[0] == 400
        # a thousand names kept of 1,500 requests would be tens of megabytes
        assert sanitized() or memory(server) - before < 2000, memory(server) - before


@test
def a_body_of_two_lengths_is_not_read():
    head = "POST /_drydial/next HTTP/1.1\r\nHost: localhost\r\n"
    behind = "\r\n0\r\n\r\nGET /_drydial/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Server("--rate", "0") as server:
        for lines, sentence in (
            ("Content-Length: 5\r\nContent-Length: 5\r\n", "more than one Content-Length"),
            ("Content-Length: 5\r\ncontent-length: 60\r\n", "more than one Content-Length"),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "more than one"),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "more than one"),
            ("Transfer-Encoding: gzip, chunked\r\n", "only Transfer-Encoding"),
            ("Transfer-Encoding: identity\r\n", "only Transfer-Encoding"),
            ("Content-Length: 5\r\nTransfer-Encoding : chunked\r\n", "a blank in it"),
            ("Content-Length : 5\r\n", "a blank in it"),
        ):
            got, closed = raw(server, (head + lines + behind).encode())
            got = got.decode()
            # one answer, and what may be a second request is read by nobody
            assert closed and got.count("HTTP/1.1 ") == 1, (lines, got)
            assert got.startswith("HTTP/1.1 400 ") and sentence in got, (lines, got)
            assert "Connection: close" in got
        for lines in ("Content-Length: +5\r\n", "Content-Length: 5, 5\r\n"):
            got, closed = raw(server, (head + lines + behind).encode())
            assert closed and got.startswith(b"HTTP/1.1 400 ") and b"accepted" not in got, got
        # one that is plain is read, and so is what comes behind it
        for lines in ("Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"):
            got, closed = raw(server, (head + lines + behind).encode(), 1)
            assert not closed and got.count(b"HTTP/1.1 ") == 2 and b"accepted" in got, got


@test
def no_descriptors_left_is_no_fault_of_a_flow():
    folder = folder_with(a="flow: A\nsteps:\n  - greeting: One.\n  - hangup\n")
    path = os.path.join(folder, "a.yaml")
    form = {"From": "+919876543210", "CallerId": "0804"}
    connect = "/v1/Accounts/me/Calls/connect.json"
    campaign = {
        "from": "+919876543210",
        "caller_id": "0804",
        "url": "http://my.exotel.com/exoml/start/b",
    }
    with Server("--rate", "0", flows=folder) as server:
        c = http.client.HTTPConnection("127.0.0.1", server.port)

        def ask(method, path, body=None):
            head = {"Authorization": "Basic azp0"}
            if body and body[0] != "{":
                head["Content-Type"] = "application/x-www-form-urlencoded"
            c.request(method, path, body, head)
            answer = c.getresponse()
            return answer.status, answer.read().decode()

        def of(flow):
            url = f"http://my.exotel.com/exoml/start/{flow}"
            return f"From=9876543210&CallerId=0804&Url={url}"

        sid = server.over(server.connect("a")["Sid"])["Sid"]
        assert ask("GET", "/_drydial/status")[0] == 200
        with open(os.path.join(folder, "b.yaml"), "w") as out:
            out.write("flow: B\nsteps:\n  - greeting: Two.\n  - hangup\n")
        limits = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
        for method, address, body in (
            ("POST", connect, of("b")),  # its folder cannot be read
            ("POST", "/v2/accounts/me/campaigns", json.dumps(campaign)),
            ("GET", "/_drydial/flows/b", None),
        ):
            status, text = ask(method, address, body)
            assert status == 503 and "ulimit -n" in text, (address, status, text)
        # one that is known is as it was
        os.utime(path, (1, 1))
        status, text = ask("POST", connect, of("a"))
        assert status == 200 and form, text
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limits)
        assert ask("POST", connect, of("b"))[0] == 200
        assert ask("GET", "/_drydial/flows/a")[0] == 200
        server.over(sid)
        c.close()


@test
def clients_leave_descriptors_for_flows_and_voices():
    folder = folder_with(a="flow: A\nsteps:\n  - greeting: One.\n  - hangup\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    server = Server("--rate", "0", flows=folder)
    server.args = ["prlimit", "--nofile=100:100", *server.args]
    with server:
        crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(45)]
        time.sleep(0.3)
        assert server.over(server.connect("a")["Sid"])["Status"] == "completed"
        late = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        time.sleep(0.3)
        for s in crowd + late:
            s.close()
        assert server.over(server.connect("a")["Sid"])["Status"] == "completed"
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)


@test
@waits
def an_end_never_overtakes_an_answer():
    refused = {}

    def answer(path, fields):
        sid, event = fields["CallSid"], fields["EventType"]
        if path == "/never" and event == "answered":
            return 500, ""
        if event == "answered" and refused.setdefault(sid, 0) < 1:
            refused[sid] += 1
            return 503, ""
        return 200, "ok"

    with Receiver(answer) as receiver, Server("--rate", "0") as server:

        def place(path, flow):
            return server.connect(
                flow,
                StatusCallback=receiver.url + path,
                **{"StatusCallbackEvents[0]": "terminal", "StatusCallbackEvents[1]": "answered"},
            )["Sid"]

        def events(path, sid):
            return [f["EventType"] for f in receiver.of(path) if f["CallSid"] == sid]

        sids = [place("/x", "otp") for _ in range(20)]
        never = place("/never", "otp")
        until(lambda: events("/never", never))  # the call was answered before the kill
        server.kill()  # what waits is told in the same order by the next one
        server.start()
        sids += [place("/x", "otp") for _ in range(20)]
        until(lambda: all("terminal" in events("/x", s) for s in sids), 30)
        for sid in sids:
            told = events("/x", sid)
            assert told[-1] == "terminal" and "terminal" not in told[:-1], told
        # others are not held up by one that is never heard, and its end comes when it is given up
        until(lambda: events("/never", never)[-1:] == ["terminal"], 60)
        told = events("/never", never)
        assert told.count("answered") >= 3 and told.count("terminal") == 1, told
        until(lambda: server.side("status")["callbacks_waiting"] == 0)
        assert server.side("status")["callbacks_given_up"] == 1


def reader(server, path="/_drydial/events", room=65536):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    s.connect(("127.0.0.1", server.port))
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return s


def drain(s):
    """What has come already, and what comes at once."""
    got = b""
    s.settimeout(0.3)
    try:
        while piece := s.recv(1 << 20):
            got += piece
            if b"event: closed" in piece:
                break
    except OSError:
        pass
    return got


LONG = "flow: L\nsteps:\n  - greeting: {text}\n  - greeting: {text}\n  - hangup\n"


@test
@waits
def readers_that_never_read_share_one_total():
    folder = folder_with(l=LONG.replace("{text}", "One two three four five. " * 150))
    with Server("--rate", "0", flows=folder) as server:
        until(lambda: server.over(server.connect("l")["Sid"]))
        begun = memory(server)
        deaf = [reader(server) for _ in range(100)]
        good = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        good.request("GET", "/_drydial/events")
        stream = good.getresponse()
        last, most = None, 0
        for i in range(150):  # each some 34 KB of events
            last = server.connect("l")["Sid"]
            if i % 10 == 0:
                most = max(most, memory(server))
            line = b""
            while last.encode() not in line or b'"completed"' not in line:  # who reads hears all
                line = stream.readline()
                assert line and b"event: closed" not in line, line
        assert sanitized() or most - begun < 160 * 1024, (most, begun)
        # who is far behind hears what has begun to its end, and then why
        told = None
        for s in reversed(deaf):  # the system keeps some MB of each, too
            got = drain(s)
            if b"event: closed" in got:
                told = got
                break
        assert told and b"8 MiB for a reader" in told, "nobody was told why"
        chunks, body = told.split(b"\r\n\r\n", 1)[1], b""
        while chunks:
            size, chunks = chunks.split(b"\r\n", 1)
            body += chunks[: int(size, 16)]
            chunks = chunks[int(size, 16) + 2 :]
        for event in body.decode().split("\n\n")[:-1]:
            if event != ":":
                json.loads(event.split("data: ", 1)[1])
        for s in deaf:
            s.close()
        good.close()


@test
@waits
def a_reader_that_is_always_behind_takes_no_more_memory_for_it():
    folder = folder_with(l=LONG.replace("{text}", "One two three four five. " * 150))
    with Server("--rate", "0", flows=folder) as server:
        s = reader(server)
        s.settimeout(20)
        behind, a_call, got = 5 << 20, 34000, 0

        def place():
            sid = server.connect("l")["Sid"]
            until(lambda: server.over(sid))

        def take(n):
            nonlocal got
            while n > 0:
                piece = s.recv(min(n, 1 << 16))
                assert piece and b"event: closed" not in piece
                got += len(piece)
                n -= len(piece)

        # the reader is some 5 MB behind, most of which the server holds, and stays so: for each
        # call more it takes what a call brings
        for _ in range(160):
            place()
        take(160 * a_call - behind)
        before = memory(server)
        for _ in range(300):
            place()
            take(a_call)
        assert sanitized() or memory(server) - before < 24 * 1024, memory(server) - before
        assert got > behind + (4 << 20)
        s.close()


if __name__ == "__main__":
    main()
