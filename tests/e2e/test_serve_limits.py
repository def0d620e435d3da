"""Limits of the server, with a test on each side."""
import base64

from lib import main, test
from serving import Server

GOOD = {
    "From": "09876543210",
    "CallerId": "08047112345",
    "Url": "http://my.exotel.com/exoml/start/otp",
}


def place(server, **more):
    status, head, text = server.ask(
        "POST", "/v1/Accounts/me/Calls/connect.json", dict(GOOD, **more)
    )
    return status, head, text


@test
def a_secret_is_the_whole_secret():
    with Server() as server:
        for given, status in (
            ("k:t", 200),
            ("k:", 401),
            ("k", 401),
            ("", 401),
            ("k:tt", 401),
            ("k:tk:t", 401),
            ("k:t\0", 401),
            ("K:t", 401),
        ):
            head = {"Authorization": "Basic " + base64.b64encode(given.encode()).decode()}
            got, _, text = server.ask(
                "GET", "/v1/Accounts/me/Calls.json", headers=head, credentials=None
            )
            assert got == status, (given, got, text)
        # what repeats the encoded secret, or is its beginning
        whole = base64.b64encode(b"k:t").decode()
        for given in (whole * 2, whole[:-1], whole + "A", whole[:2]):
            got, _, text = server.ask(
                "GET",
                "/v1/Accounts/me/Calls.json",
                headers={"Authorization": "Basic " + given},
                credentials=None,
            )
            assert got == 401, (given, got, text)


@test
def calls_a_day_are_counted_to_the_last_one():
    options = ("--profile", "trai", "--at", "2025-01-20T10:00:00+05:30", "--rate", "0")
    with Server(*options) as server:
        for _ in range(3):
            status, _, text = place(server)
            assert status == 200, text
        status, _, text = place(server)
        assert status == 403 and "as many calls as are allowed" in text, (status, text)
        # another number is another day's count; the next day is new
        assert place(server, From="09876543211")[0] == 200
        server.side("clock", {"to": "2025-01-21T08:59:59+05:30"})
        assert place(server)[0] == 403
        server.side("clock", {"to": "2025-01-21T09:00:00+05:30"})
        assert place(server)[0] == 200


@test
def the_rate_s_window_is_a_minute_to_the_second():
    with Server("--rate", "2", "--at", "2025-01-20T10:00:00+05:30") as server:
        assert place(server)[0] == 200 and place(server)[0] == 200
        status, head, _ = place(server)
        wait = int(head["Retry-After"])
        assert status == 429 and 1 <= wait <= 60, (status, wait)
        server.side("clock", {"advance": "58s"})
        assert place(server)[0] == 429
        server.side("clock", {"advance": "3s"})
        assert place(server)[0] == 200 and place(server)[0] == 200 and place(server)[0] == 429


if __name__ == "__main__":
    main()
