"""The server's campaigns are those of the forecast: caps, rounds, consent; and older databases."""
import collections
import os
import re
import shutil
import sqlite3
import tempfile

from lib import ROOT, main, run, test
from serving import Server, folder_with, until

FLOW = "http://my.exotel.com/exoml/start/hello"
HELLO = "flow: Hello\nsteps:\n  - greeting: Hello.\n  - hangup\n"
OFFER = "flow: Offer\npurpose: promotion\nsteps:\n  - greeting: Thirty percent off.\n  - hangup\n"
CAMPAIGN = """name: Four
flow: hello.yaml
numbers: ["+919876543210", "+919876543211"]
profile: {law}
schedule: {schedule}
retry: {{ max_attempts: 4, interval_minutes: 60 }}
audience: {{ answer: 0%, busy: 100%, failed: 0% }}
"""


def folder_of(law, **more):
    return folder_with(hello=HELLO, offer=OFFER, law__yml=f"law: Ours\n{law}\n", **more)


def campaign(server, schedule, app="hello", numbers=("+919876543210", "+919876543211"), retries=3):
    path = "/v1/Accounts/me/Campaigns"
    body = {
        "name": "Four",
        "caller_id": "08047112345",
        "call_flow_id": app,
        "type": "automated",
        "numbers": list(numbers),
        "schedule": schedule,
        "retry": {"max_attempts": retries + 1, "interval_minutes": 60},
    }
    made = server.json("POST", path, body)["id"]
    read = lambda: server.json("GET", f"{path}/{made}")["response"][0]["data"]
    until(lambda: read()["status"] == "Completed", 60)
    return read()


def days_of(server):
    """The days on which calls were placed, with how many."""
    calls = server.json("GET", "/v1/Accounts/me/Calls.json?PageSize=100")["Calls"]
    return collections.Counter(c["DateCreated"][:10] for c in calls)


def both(law, schedule, want):
    """The forecast's calls by day, and the server's, are `want`."""
    folder = folder_of(law)
    yaml = "{ " + ", ".join(f'{k}: "{v}"' for k, v in schedule.items() if k != "recurring")
    yaml += ", recurring: { every: 1 day }" if "recurring" in schedule else ""
    with open(f"{folder}/c.yaml", "w") as out:
        out.write(CAMPAIGN.format(law="law.yml", schedule=yaml + " }"))
    done = run("campaign", "c.yaml", "--calls", "calls.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    with open(f"{folder}/calls.csv") as rows:
        forecast = collections.Counter(re.findall(r",(\d{4}-\d\d-\d\d)T", rows.read()))
    options = ("--profile", f"{folder}/law.yml", "--answer", "busy")
    with Server(*options, "--at", "2025-01-20T08:00:00+05:30", flows=folder) as server:
        campaign(server, schedule)
        served = days_of(server)
    shutil.rmtree(folder)
    assert forecast == served == want, (forecast, served)


@test
def a_call_a_day_and_three_retries_are_four_days_in_both():
    hours = {"start_time": "2025-01-20T09:00:00+05:30", "end_time": "2025-02-20T18:00:00+05:30"}
    hours |= {"daily_start": "09:00", "daily_end": "18:00"}
    both("calls_per_day: 1", hours, {f"2025-01-{d}": 2 for d in (20, 21, 22, 23)})
    both("calls_per_week: 2", hours, {"2025-01-20": 4, "2025-01-27": 4})


@test
def a_list_that_recurs_is_called_on_each_day_in_both():
    schedule = {
        "start_time": "2025-01-20T09:00:00+05:30",
        "end_time": "2025-01-23T18:00:00+05:30",
        "daily_start": "09:00",
        "daily_end": "10:30",
        "recurring": {"every": "1 day"},
    }
    both("", schedule, {f"2025-01-{d}": 4 for d in (20, 21, 22, 23)})


@test
def a_day_of_a_cap_is_that_of_the_law_s_zone():
    folder = folder_of("calls_per_day: 1\nzone: America/New_York")
    form = {"From": "+919876543210", "CallerId": "08047112345", "Url": FLOW}
    options = ("--profile", f"{folder}/law.yml", "--at", "2025-01-20T23:30:00+05:30")
    with Server(*options, flows=folder) as server:
        connect = lambda: server.ask("POST", "/v1/Accounts/me/Calls/connect.json", form)[0]
        assert connect() == 200 and connect() == 403
        server.side("clock", {"advance": "8h"})  # another day of India, the same of New York
        assert connect() == 403
        server.side("clock", {"advance": "4h"})
        assert connect() == 200
    shutil.rmtree(folder)


@test
def whoever_did_not_agree_is_not_called():
    folder = folder_of("consent: promotion", serve__yaml='consent: ["+919876543210"]\n')
    with Server("--profile", f"{folder}/law.yml", flows=folder) as server:
        connect = lambda who, app: server.ask(
            "POST",
            "/v1/Accounts/me/Calls/connect.json",
            {"From": who, "CallerId": "1", "Url": f"http://my.exotel.com/exoml/start/{app}"},
        )
        assert connect("+919876543211", "hello")[0] == 200
        assert connect("+919876543210", "offer")[0] == 200
        status, _, text = connect("+919876543211", "offer")
        assert status == 403 and "consent" in text, text
        schedule = {"start_time": "2025-01-20T09:00:00+05:30"}
        stats = campaign(server, schedule, "offer", retries=0)["stats"]
        assert stats == {"created": 2, "completed": 1, "failed": 1, "pending": 0}, stats
    shutil.rmtree(folder)


# What the first version of drydial wrote: its tables, and what was going on when it stopped.
VERSION_1 = """
CREATE TABLE call (id INTEGER PRIMARY KEY, sid TEXT, account TEXT, app TEXT, customer TEXT,
 caller_id TEXT, callee TEXT, status TEXT, answered_by TEXT, ended_by TEXT, digits TEXT,
 custom_field TEXT, variables TEXT, hook TEXT, hook_type TEXT, hook_events INTEGER NOT NULL,
 stage INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
 placed INTEGER NOT NULL, answered INTEGER NOT NULL, ended INTEGER NOT NULL,
 time_limit INTEGER NOT NULL, ring_timeout INTEGER NOT NULL, campaign INTEGER NOT NULL,
 contact INTEGER NOT NULL, attempt INTEGER NOT NULL, opted_out INTEGER NOT NULL,
 goal INTEGER NOT NULL, number INTEGER NOT NULL, caller INTEGER NOT NULL) STRICT;
CREATE TABLE transcript (id INTEGER PRIMARY KEY, call INTEGER NOT NULL, json TEXT) STRICT;
CREATE TABLE hook (id INTEGER PRIMARY KEY, sid TEXT, event TEXT, url TEXT, type TEXT, body TEXT,
 error TEXT, state INTEGER NOT NULL, tries INTEGER NOT NULL, status INTEGER NOT NULL,
 created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
CREATE TABLE message (id INTEGER PRIMARY KEY, sid TEXT, customer TEXT, sender TEXT, text TEXT,
 segments INTEGER NOT NULL, created INTEGER NOT NULL) STRICT;
CREATE TABLE campaign (id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT, account TEXT, name TEXT,
 request TEXT, status TEXT, version INTEGER NOT NULL, created INTEGER NOT NULL,
 updated INTEGER NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL,
 stopped INTEGER NOT NULL) STRICT;
CREATE TABLE contact (id INTEGER PRIMARY KEY, number TEXT, status TEXT, digits TEXT, last_sid TEXT,
 sids TEXT, campaign INTEGER NOT NULL, place INTEGER NOT NULL, stage INTEGER NOT NULL,
 attempts INTEGER NOT NULL, failures INTEGER NOT NULL, due INTEGER NOT NULL,
 duration INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
CREATE TABLE note (id INTEGER PRIMARY KEY, name TEXT, value INTEGER NOT NULL) STRICT;
PRAGMA user_version = 1; PRAGMA application_id = 1685218425;
"""
MORNING = 1737345600000  # 2025-01-20T09:30:00+05:30


def older_database(path):
    db = sqlite3.connect(path)
    db.executescript(VERSION_1)
    request = (
        '{"name":"Four","caller_id":"08047112345","call_flow_id":"hello","type":"automated",'
        '"numbers":["+919876543210","+919876543211"],'
        '"schedule":{"start_time":"2025-01-20T09:00:00+05:30"},'
        '"retry":{"max_attempts":2,"interval_minutes":60}}'
    )
    row = ("c" * 32, "me", "Four", request, "InProgress", 1, *[MORNING] * 3, 0, 0)
    db.execute(f"INSERT INTO campaign VALUES (1{', ?' * len(row)})", row)
    for place, (stage, due) in enumerate(((2, MORNING + 3600000), (0, 0))):
        row = (f"+91987654321{place}", "busy" if stage else None, None, None, None, 1, place, stage)
        row += (1 if stage else 0, 0, due, 0, MORNING)
        db.execute(f"INSERT INTO contact VALUES (NULL{', ?' * len(row)})", row)
    texts = ("a" * 32, "me", "hello", "+919876543210", "08047112345", None, "busy", None, None)
    texts += (None, None, None, None, "form")
    numbers = (0, 2, MORNING, MORNING, MORNING, 0, MORNING, 14400000, 30000, 1, 0, 1, 0, 0)
    numbers += (919876543210, 918047112345)
    row = texts + numbers
    db.execute(f"INSERT INTO call VALUES (NULL{', ?' * len(row)})", row)
    row = ("a" * 32, "+919876543210", "DRYDAL", "Hello", 1, MORNING)
    db.execute("INSERT INTO message VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)
    db.execute("INSERT INTO note VALUES (NULL, 'now', ?)", (MORNING,))
    db.commit()
    db.close()


@test
def an_older_database_is_taken_over_and_its_campaign_goes_on():
    folder, place = folder_of("calls_per_day: 2"), tempfile.mkdtemp()
    older_database(f"{place}/old.db")
    options = ("--profile", f"{folder}/law.yml", "--at", "2025-01-20T09:30:00+05:30")
    with Server(*options, flows=folder, db=f"{place}/old.db") as server:
        path = "/v1/Accounts/me/Campaigns/" + "c" * 32
        read = lambda: server.json("GET", path)["response"][0]["data"]
        until(lambda: read()["status"] == "Completed", 30)
        assert read()["stats"]["completed"] == 2, read()
        calls = server.json("GET", "/v1/Accounts/me/Calls.json")["Calls"]
        times = sorted(c["DateCreated"] for c in calls if c["To"] or c["From"])
        assert len(calls) == 3 and times[-1] == "2025-01-20 10:30:00", times
        # what came later knows the rows of before
        found = server.json("GET", "/v1/Accounts/me/Calls.json?To=9876543210&Status=busy")["Calls"]
        assert [c["Sid"] for c in found] == ["a" * 32], found
        assert server.side("messages")[-1]["status"] == "sent"
        answer = server.json("POST", "/v2/accounts/me/lists", {"lists": [{"name": "new"}]})
        assert answer["response"][0]["data"]["name"] == "new"
        # the call of the older version counts for today's cap: that was the second
        form = {"From": "+919876543210", "CallerId": "1", "Url": FLOW}
        status, _, text = server.ask("POST", "/v1/Accounts/me/Calls/connect.json", form)
        assert status == 403 and "as many calls" in text, text
    with Server(*options, flows=folder, db=f"{place}/old.db") as server:
        assert len(server.json("GET", "/v1/Accounts/me/Calls.json")["Calls"]) == 3
    db = sqlite3.connect(f"{place}/old.db")
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()
    newer = run("serve", folder, "--listen", "0", "--db", f"{place}/old.db")
    assert newer.returncode == 2 and "newer drydial" in newer.stderr, newer.stderr
    shutil.rmtree(folder)
    shutil.rmtree(place)


if __name__ == "__main__":
    main()
