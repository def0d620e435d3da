"""drydial serve among others: clients that dawdle, receivers that are silent, pages of other sites,
flows that take long."""
import http.client
import socket
import time

from lib import main, test, waits
from serving import Receiver, Server, until


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


if __name__ == "__main__":
    main()
