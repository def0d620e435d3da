"""drydial campaign, from outside."""
import collections
import csv
import datetime
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from lib import DRYDIAL, ROOT, copy_of, main, run, test

REMINDER = os.path.join(ROOT, "flows/appointment-reminder.yaml")
# As the source prints it.
SOURCE = """{
"name": "Appointment_Reminders_Jan20",
"caller_id": "<exophone>",
"call_flow_id": "<flow_id>",
"type": "automated",
"numbers": [
"+919876543210",
"+919876543211",
"+919876543212"
],
"schedule": {
"start_time": "2025-01-20T09:00:00+05:30",
"end_time": "2025-01-20T18:00:00+05:30"
},
"retry": {
"max_attempts": 2,
"interval_minutes": 60
},
"concurrency": 10
}"""
BIG = """name: Big
flow: {flow}
caller_id: "+918047112233"
contacts: {contacts}
schedule: {{ start_time: 2025-01-20T09:00:00+05:30, end_time: 2025-01-24T21:00:00+05:30,
            daily_start: "09:00", daily_end: "21:00" }}
retry: {{ max_attempts: 3, interval_minutes: 60 }}
concurrency: {lines}
throttle: 6000
account: {{ throttle: 6000 }}
{more}
"""


class Folder:
    def __init__(self, text, name="c.yaml", **files):
        self.path = tempfile.mkdtemp()
        self.name = name
        for file, content in {
            name: text,
            **{k.replace("_", "."): v for k, v in files.items()},
        }.items():
            with open(f"{self.path}/{file}", "w") as f:
                f.write(content)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def run(self, *args, verb=(), **more):
        return run("campaign", *verb, self.name, *args, cwd=self.path, **more)

    def json(self, *args):
        done = self.run("--format", "json", *args)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def big(contacts=2000, lines=50, more="", flow=REMINDER):
    return BIG.format(flow=flow, contacts=contacts, lines=lines, more=more)


def metric(result, name, what="contacts"):
    return [m for m in result["metrics"] if m["name"] == name][0][what]


def calls_of(folder, *args):
    result = folder.json("--calls", "calls.csv", *args)
    with open(f"{folder.path}/calls.csv", newline="") as f:
        return result[0], list(csv.DictReader(f))


@test
def the_source_s_own_request_runs_as_it_is():
    with Folder(SOURCE, "c.json") as f:
        done = f.run("--flow", REMINDER)
        assert done.returncode == 0 and not done.stderr, done.stderr
        for metric in ("Delivery", "Completion", "IVR response", "Action", "Opt-out"):
            assert re.search(rf"^\s+[✓✗ ]\s*{metric}\s+[\d.]+ %", done.stdout, re.M), (
                metric,
                done.stdout,
            )
        assert (
            "Appointment_Reminders_Jan20" in done.stdout
            and "> 50 %" in done.stdout
            and "<  2 %" in done.stdout
        )
        without = f.run()
        assert without.returncode == 2 and "--flow" in without.stderr, without.stderr


@test
def the_same_seed_gives_the_same_bytes():
    with Folder(big()) as f:
        one, two, other = (
            f.run("--format", "json", "--seed", seed).stdout for seed in ("7", "7", "8")
        )
        assert one == two != other


@test
def every_call_that_is_written_is_counted():
    with Folder(big(3000, 40)) as f:
        result, calls = calls_of(f)
        assert (
            len(calls) == result["calls"]
            and len({c["phone_number"] for c in calls}) == result["dialled"] == 3000
        )
        status = collections.Counter(c["final_status"] for c in calls)
        attempts = result["attempts"]
        assert status["busy"] == sum(a["busy"] for a in attempts) and status["failed"] == sum(
            a["failed"] for a in attempts
        )
        humans = {c["phone_number"] for c in calls if c["answered_by"] == "human"}
        acted = {c["phone_number"] for c in calls if c["goal"] == "true"}
        assert len(humans) == metric(result, "delivery") and len(acted) == metric(
            result, "action"
        ), result["metrics"]
        assert f.run("--calls", "calls.db").returncode == 0
        db = sqlite3.connect(f"{f.path}/calls.db")
        assert db.execute("SELECT count(*), sum(goal) FROM calls").fetchone() == (
            len(calls),
            sum(c["goal"] == "true" for c in calls),
        )
        assert db.execute("SELECT count(*) FROM contacts").fetchone()[0] == 3000
        assert [r[0] for r in db.execute("SELECT phone_number FROM calls")] == [
            c["phone_number"] for c in calls
        ]
        db.close()
        assert (
            f.run("--calls", "/nowhere/c.csv").returncode == 2
            and f.run("--calls", "/nowhere/c.db").returncode == 2
        )


@test
def a_call_of_the_many_is_placed_as_it_was():
    with Folder(
        big(
            400,
            20,
            flow=os.path.join(ROOT, "flows/personalized-balance.yaml"),
            more="audience: { server: { error: 20%, timeout: 20% } }",
        )
    ) as f, Folder(big(400, 20)) as g:
        for folder in (f, g):
            _, calls = calls_of(folder)
            r, talked = random.Random(1), [c for c in calls if c["answered_by"] == "human"]
            last = {c["phone_number"]: c for c in calls}
            for c in r.sample(talked, 25):
                if last[c["phone_number"]] is not c:
                    continue
                placed = json.loads(
                    folder.run(
                        "--number", c["phone_number"], "--format", "json", verb=("sample",)
                    ).stdout
                )
                assert (
                    placed["duration_ms"] == round(float(c["duration"]) * 1000)
                    and placed["ended_by"] == c["ended_by"]
                    and placed["goal"] == (c["goal"] == "true")
                    and placed["digits"] == c["ivr_response"].lstrip("'")
                ), (c, placed)
        done = g.run(
            "--worst", "--record", "w.wav", "--save-scenario", "w.test.yaml", verb=("sample",)
        )
        assert done.returncode == 0, done.stderr
        assert (
            run("test", "w.test.yaml", cwd=g.path).returncode == 0
            and os.path.getsize(f"{g.path}/w.wav") > 10000
        )
        assert (
            g.run(verb=("sample",)).returncode == 2
            and g.run("--number", "+911", verb=("sample",)).returncode == 2
        )


@test
def a_log_that_the_simulator_wrote_gives_its_parameters_back():
    audience = """audience:
  answer: [ 45%, 30%, 20% ]
  busy: 25%
  failed: 5%
  machine: 8%
  hours: { mon-sun: { 0-24: 1 } }
  ring: { mean: 9s, min: 3s }
  hang_up: { per_second: 1%, after: 30s, then: 4% }
  personas:
    everybody:
      share: 100%
      menus: { choice: { 1: 40%, 2: 10%, 3: 5%, 9: 2%, silence: 35%, wrong: 8%, think: 1s } }
"""

    def read(text, name):
        found = re.search(
            rf'^\s*"?{re.escape(name)}"?: ([\d.]+)%.*?([\d.]+) to ([\d.]+)', text, re.M
        )
        assert found, (name, text)
        return [float(x) for x in found.groups()]

    def within(text, name, truth):
        value, low, high = read(text, name)
        # the interval holds nineteen times of twenty; three times as wide as half of it,
        # practically always
        assert (
            value - 1.5 * (high - low) / 2 - 0.01 <= truth <= value + 1.5 * (high - low) / 2 + 0.01
        ), (name, truth, value, low, high)

    with Folder(big(60000, 5000, audience)) as f:
        assert f.run("--calls", "log.csv").returncode == 0
        fitted = run("campaign", "calibrate", "log.csv", cwd=f.path)
        assert fitted.returncode == 0, fitted.stderr
        text = fitted.stdout
        for name, truth in (("busy", 25), ("failed", 5), ("machine", 8)):
            within(text, name, truth)
        answers = [
            float(x)
            for x in re.search(r"^answer: \[ (.*?) \]", text, re.M)
            .group(1)
            .replace("%", "")
            .split(", ")
        ]
        bands = [
            [float(x) for x in b.split(" to ")]
            for b in re.search(r"by attempt: (.*)$", text, re.M).group(1).split(", ")
        ]
        for truth, value, (low, high) in zip((45, 30, 20), answers, bands):
            assert low - 0.15 <= truth <= high + 0.15, (truth, value, low, high)
        hang = re.search(
            r"per_second: ([\d.]+)%, after: 30s, then: ([\d.]+)% }  # ([\d.]+) to ([\d.]+), "
            r"then ([\d.]+) to ([\d.]+)",
            text,
        )
        early, late, a, b, c, d = (float(x) for x in hang.groups())
        assert a <= 1 <= b and c <= 4 <= d, hang.group(0)
        ring = re.search(r"mean: (\d+)ms, min: (\d+)ms }  # mean (\d+) to (\d+)", text)
        # the ring time-out of 30 s cuts the longest
        assert (
            int(ring.group(3)) - 300 <= 9000 <= int(ring.group(4)) + 300
            and 3000 <= int(ring.group(2)) <= 3010
        ), ring.group(0)
        with open(f"{f.path}/fitted.yaml", "w") as out:
            out.write(text)
        again = f.json("--audience", "fitted.yaml")[0]
        assert (
            abs(metric(again, "delivery", "rate") - metric(f.json()[0], "delivery", "rate")) < 0.02
        )
    with Folder(
        big(
            60000,
            5000,
            audience.replace(
                "per_second: 1%, after: 30s, then: 4%", "per_second: 0%, after: 30s, then: 0%"
            ),
        )
    ) as f:
        assert f.run("--calls", "log.csv").returncode == 0
        text = run("campaign", "calibrate", "log.csv", "--flow", REMINDER, cwd=f.path).stdout
        within(text, "silence", 35)
        within(text, "wrong", 8)
        for key, truth in (("1", 40), ("2", 10), ("3", 5), ("9", 2)):
            value, low, high = read(text, key)
            assert (
                low - (high - low) / 4 <= truth / 57 * 100 <= high + (high - low) / 4
                and abs(value - truth) < 1
            ), (key, truth, value, low, high)
    with Folder("a,b\n1,2\n", "x.csv") as f:
        bad = run("campaign", "calibrate", "x.csv", cwd=f.path)
        assert bad.returncode == 2 and "final_status" in bad.stderr


@test
def what_if_finds_the_cheapest_setting_that_meets_a_deadline():
    with Folder(big(20000, 50, "prices: { minute: 1.2, pulse: 60 }")) as f:
        rows = json.loads(
            f.run(
                "--what-if",
                "concurrency=20,60,200,600",
                "--deadline",
                "2025-01-20T20:00:00+05:30",
                "--format",
                "json",
            ).stdout
        )
        text = f.run(
            "--what-if", "concurrency=20..600/290", "--deadline", "2025-01-20T20:00:00+05:30"
        ).stdout
        assert len(rows["rows"]) == 4 and "310" in text and "600" in text, (rows, text)
        for wrong in ("concurrency", "colour=1..2", "concurrency=9..1", "max_attempts=99"):
            assert f.run("--what-if", wrong).returncode == 2, wrong


@test
def the_page_holds_the_numbers_of_the_json():
    with Folder(big(500, 20)) as f:
        page = f.run("--format", "html").stdout
        inside = re.search(
            r'<script type="application/json" id="forecast">(.*?)</script>', page, re.S
        ).group(1)
        assert json.loads(inside) == f.json() and "http" not in re.sub(
            r"xmlns=\S+", "", page.replace(inside, "")
        ).replace("http-equiv", ""), "the page asks for something"


@test
def events_call_when_they_are_due():
    events = (
        "time,phone_number,event\n"
        "2025-01-22T15:00:00+05:30,+919876543210,appointment\n"
        "2025-01-20T11:30:00+05:30,+919876543211,payment_overdue\n"
    )
    text = f"""name: Events
flow: {REMINDER}
caller_id: "+918047112233"
triggers: {{ file: e.csv, rules: {{ appointment: 24h before, payment_overdue: immediately }} }}
schedule: {{ start_time: 2025-01-20T09:00:00+05:30, end_time: 2025-01-25T21:00:00+05:30 }}
"""
    with Folder(text, e_csv=events) as f:
        _, calls = calls_of(f)
        first = {c["phone_number"]: c["started"][:19] for c in reversed(calls)}
        assert first == {
            "+919876543210": "2025-01-21T15:00:00",
            "+919876543211": "2025-01-20T11:30:00",
        }, first


@test
def runs_have_bands():
    with Folder(big(800, 40)) as f:
        bands = json.loads(f.run("--runs", "9", "--format", "json").stdout)
        singles = sorted(
            metric(f.json("--seed", str(seed))[0], "delivery", "rate") for seed in range(1, 10)
        )
        delivery = bands["bands"]["delivery"]
        assert [delivery["median"], delivery["low"], delivery["high"]] == [
            singles[4],
            singles[0],
            singles[8],
        ], (delivery, singles)
        assert f.run("--runs", "x").returncode == 2


@test
def ctrl_c_gives_the_report_so_far():
    with Folder(big(20000000, 2000)) as f:
        child = subprocess.Popen(
            [DRYDIAL, "campaign", "c.yaml", "--format", "json"],
            cwd=f.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(2.5 if "san" not in DRYDIAL else 8)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=60)
        assert child.returncode == 130, child.returncode
        result = json.loads(out)[0]
        assert result["interrupted"] and not result["finished"] and result["calls"] > 0


@test
def each_rule_is_broken_by_one_campaign_and_by_nothing_else():
    folder = os.path.join(ROOT, "tests/campaigns/rules")
    rules = re.findall(r"^## (\S+)", run("campaign", "check", "--explain", "all").stdout, re.M)
    assert len(rules) >= 30 and set(rules) == set(os.listdir(folder)), set(rules) ^ set(
        os.listdir(folder)
    )
    for rule in rules:
        bad, good = (
            json.loads(
                run("campaign", "check", f"{folder}/{rule}/{name}.yaml", "--format", "json").stdout
            )["diagnostics"]
            for name in ("bad", "good")
        )
        assert {x["code"] for x in bad} == {rule} and good == [], (rule, bad, good)
        off = run(
            "campaign", "check", f"{folder}/{rule}/bad.yaml", "--rule", f"{rule}=off", "--strict"
        )
        assert off.returncode == 0 and "0 errors, 0 warnings, 0 notes" in off.stdout, (
            rule,
            off.stdout,
        )


@test
def the_check_has_the_formats_of_check():
    with Folder(SOURCE, "c.json") as f:
        found = json.loads(f.run("--format", "json", verb=("check",)).stdout)["diagnostics"]
        assert [(x["code"], x["line"]) for x in found] == [
            ("flow-unknown", 2),
            ("caller-id-placeholder", 3),
        ], found
        sarif = json.loads(f.run("--format", "sarif", verb=("check",)).stdout)
        assert [r["ruleId"] for r in sarif["runs"][0]["results"]] == [
            "flow-unknown",
            "caller-id-placeholder",
        ]
        assert "::warning file=c.json,line=3" in f.run("--format", "github", verb=("check",)).stdout
        assert (
            f.run(verb=("check",)).returncode == 0
            and f.run("--strict", verb=("check",)).returncode == 1
        )
        assert (
            f.run("--format", "html", verb=("check",)).returncode == 2
            and f.run("--format", "sarif", "--flow", REMINDER).returncode == 2
        )
        assert (
            f.run("--rule", "flow-unknow=off", verb=("check",)).returncode == 2
            and run("campaign", "check", "--explain", "nothing").returncode == 2
        )


@test
def a_key_without_an_answer_is_told_by_the_key():
    flow = (
        "flow: F\n"
        "steps:\n"
        "  - ivr:\n"
        "      prompt: Press 1.\n"
        "      keys:\n"
        "        1: [ greeting: hi ]\n"
        "        2: Two\n"
        "  - hangup\n"
    )
    with Folder("name: Keys\nflow: f.yaml\ncontacts: 100\n", f_yaml=flow) as f:
        keys = {k["key"]: k for k in f.json()[0]["menus"][0]["keys"]}
        assert (
            keys["1"]["answer"] == "1" and keys["2"]["answer"] == "Two" and keys["1"]["pressed"] > 0
        ), keys
        assert re.search(r"^  1 +[1-9]\d* ", f.run().stdout, re.M) and re.search(
            r"^  2  Two +\d+ ", f.run().stdout, re.M
        )
        for options in (
            ("--format", "html"),
            ("--format", "csv"),
            ("--runs", "3"),
            ("--what-if", "concurrency=1..3"),
            ("--calls", "calls.csv"),
        ):
            done = f.run(*options)
            assert done.returncode == 0, (options, done.returncode, done.stderr)
        # a shard is written and read again by other code
        for i in (1, 2):
            shard = f.run("--shard", f"{i}/2", "--format", "json")
            assert shard.returncode == 0, shard.stderr
            pathlib.Path(f.path, f"{i}.json").write_text(shard.stdout)
        merged = run("campaign", "merge", "1.json", "2.json", cwd=f.path)
        assert merged.returncode == 0 and re.search(r"^  1 +[1-9]\d* ", merged.stdout, re.M), (
            merged.stdout,
            merged.stderr,
        )


@test
def files_that_lie_are_told_or_answered_and_never_hang():
    schedule = "schedule: {{ start_time: {0}, end_time: {1} }}"
    for text in (
        "name: X\n"
        "flow: {flow}\n"
        "contacts: 5\n"
        "schedule: {{ start_time: 2025-01-20T18:00:00+05:30, "
        "end_time: 2025-01-20T09:00:00+05:30 }}\n",
        "name: X\nflow: {flow}\ncontacts: -5\n",
        "name: X\nflow: {flow}\ncontacts: 99999999999999\n",
        "name: X\nflow: {flow}\ncontacts: 5\nconcurrency: -1\n",
        "name: X\nflow: {flow}\ncontacts: 5\nretry: {{ max_attempts: 1000000000 }}\n",
        "name: X\nflow: {flow}\ncontacts: 5\nretry: {{ interval_minutes: -60 }}\n",
        "name: X\n"
        "flow: {flow}\n"
        "contacts: 5\n"
        "schedule: {{ start_time: 2025-02-29T09:00:00+05:30 }}\n",
        "name: [\n",
        "",
        "{flow}\n",
        "name: X\nflow: nowhere.yaml\ncontacts: 5\n",
        "name: X\nflow: {flow}\ncontacts: 5\nprofile: nowhere\n",
        "name: X\nflow: {flow}\ncontacts: 5\ncolour: red\n",
    ):
        with Folder(text.format(flow=REMINDER)) as f:
            done = f.run(timeout=20)
            assert done.returncode == 2 and "error[" in done.stderr, (
                text,
                done.returncode,
                done.stdout[-300:],
                done.stderr,
            )
    # the clocks of New York go forward on 9 March 2025; the leap day exists in 2028
    for start, end in (
        ("2025-03-08T00:00:00-05:00", "2025-03-11T00:00:00-04:00"),
        ("2028-02-29T00:00:00+05:30", "2028-03-01T00:00:00+05:30"),
    ):
        with Folder(
            "name: X\nflow: %s\ncontacts: 500\n%s\n" % (REMINDER, schedule.format(start, end))
        ) as f:
            result = f.json()[0]
            assert sum(o["contacts"] for o in result["outcomes"]) == 500, result["outcomes"]
    rows = "phone_number\n" + "+919876543210\n" * 300000
    with Folder("name: X\nflow: %s\ncontacts: d.csv\n" % REMINDER, d_csv=rows) as f:
        begun = time.monotonic()
        result = f.json()[0]
        assert result["dialled"] == 1 and time.monotonic() - begun < (
            10 if "san" not in DRYDIAL else 60
        ), result


def second(text):
    return datetime.datetime.fromisoformat(text)


def most_at_once(spans):
    moments = sorted([(a, 1) for a, _ in spans] + [(b, -1) for _, b in spans])
    now = most = 0
    for _, change in moments:  # at one moment ends come first
        now += change
        most = max(most, now)
    return most


@test
def every_figure_is_what_the_calls_add_up_to():
    """The report and --calls tell of the same campaign: one is worked out from the other here."""
    more = """audience: { answer: [50%, 40%, 30%], machine: 25%, server: { error: 10% } }
prices: { minute: 0.6, pulse: 30s, sms: 0.15, call: 0.05 }
time_limit: 25s
"""
    for flow in ("appointment-reminder", "payment", "survey"):
        path = os.path.join(ROOT, "flows", flow + ".yaml")
        if not os.path.exists(path):
            continue
        with Folder(big(700, 20, more, path)) as f:
            told, calls = calls_of(f)
        people = collections.defaultdict(list)
        for c in calls:
            c["at"] = second(c["started"])
            c["ms"] = round(float(c["duration"]) * 1000)
            c["rings"] = round(float(c["ringing"]) * 1000)
            c["end"] = c["at"] + datetime.timedelta(milliseconds=c["rings"] + c["ms"])
            people[c["phone_number"]].append(c)
        humans = [c for c in calls if c["answered_by"] == "human"]
        taken = [c for c in calls if c["answered_by"] in ("human", "machine")]
        assert len(humans) < len(taken) < len(calls)

        def contacts(what, rows=humans):
            return len({c["phone_number"] for c in rows if what(c)})

        want = {
            "dialled": len(people),
            "calls": len(calls),
            "first_call": min(c["started"] for c in calls),
            "sms": sum(int(c["sms"]) for c in calls),
            "requests": sum(int(c["requests"]) for c in calls),
            "request_errors": sum(int(c["request_errors"]) for c in calls),
            "peak_lines": most_at_once([(c["at"], c["end"]) for c in calls]),
        }
        assert {k: told[k] for k in want} == want, (flow, want, {k: told[k] for k in want})
        for name, count in {
            "delivery": contacts(lambda c: True),
            "completion": contacts(lambda c: c["message_heard"] == "true"),
            "ivr_response": contacts(lambda c: c["ivr_response"]),
            "action": contacts(lambda c: c["goal"] == "true"),
            "opt_out": contacts(lambda c: c["opted_out"] == "true", calls),
        }.items():
            assert metric(told, name) == count, (flow, name, metric(told, name), count)
            assert abs(metric(told, name, "rate") - count / len(people)) < 1e-12
            answered = contacts(lambda c: True)
            assert abs(metric(told, name, "rate_of_answered") - count / answered) < 1e-12
        talk = told["talk"]
        assert talk["calls_ms"] == sum(c["ms"] for c in humans), (flow, talk)
        assert talk["ringing_ms"] == sum(c["rings"] for c in calls), (flow, talk)
        mean = sum(c["ms"] for c in humans) / len(humans)
        assert abs(talk["mean_call_ms"] - mean) < 1e-6, (flow, talk, mean)
        for name, by in {
            "hung_up": "customer",
            "dropped": "dropped",
            "time_limited": "time limit",
        }.items():
            count = sum(c["ended_by"].replace("-", " ").replace("_", " ") == by for c in humans)
            assert talk[name] == count, (flow, name, talk, count)
        only = [
            rows
            for rows in people.values()
            if any(c["answered_by"] == "machine" for c in rows)
            and not any(c["answered_by"] == "human" for c in rows)
        ]
        assert talk["machine_only_contacts"] == len(only)
        pulses = sum(-(-c["ms"] // 30000) for c in taken)
        charged = sum(c["ms"] > 0 for c in taken)
        cost = charged * 0.05 + pulses * 0.3 + want["sms"] * 0.15
        assert abs(told["cost"]["total"] - cost) < 1e-6, (flow, told["cost"], cost)
        for row in told["attempts"]:
            of = [c for c in calls if int(c["attempts"]) == row["attempt"]]
            by = collections.Counter(c["answered_by"] for c in of)
            assert row["calls"] == len(of) and row["reached"] == by["human"], (row, by)
            assert row["machines"] == by["machine"], (row, by)
            status = collections.Counter(c["final_status"] for c in of)
            assert row["busy"] == status["busy"] and row["failed"] == status["failed"], row
            assert row["no_answer"] == status["no answer"], (row, status)
        last = {k: max(rows, key=lambda c: c["at"]) for k, rows in people.items()}
        outcomes = {o["outcome"]: o["contacts"] for o in told["outcomes"]}
        taken_by = {c["phone_number"] for c in taken}
        assert outcomes["connected"] == len(taken_by), outcomes
        left = collections.Counter(c["final_status"] for k, c in last.items() if k not in taken_by)
        for outcome in ("busy", "failed"):
            assert outcomes.get(outcome, 0) == left[outcome], (outcomes, left)
        for rows, key in ((told["hours"], lambda c: c["at"].strftime("%Y-%m-%dT%H")),):
            begun, met = collections.Counter(), collections.Counter()
            for c in calls:
                begun[key(c)] += 1
                met[key(c)] += c["answered_by"] == "human"
            for row in rows:
                hour = row["from"][:13]
                assert row["calls"] == begun[hour] and row["answered"] == met[hour], (row, begun)
        heat = collections.Counter((c["at"].strftime("%A"), c["at"].hour) for c in calls)
        for row in told["heat"]:
            assert row["calls"] == heat[(row["weekday"], row["hour"])], row
        hung = collections.Counter(c["ms"] // 1000 for c in humans if c["ended_by"] == "customer")
        for row in told["drop_off"]["seconds"][:60]:
            assert row["hung_up"] == hung[row["second"]], (row, hung[row["second"]])
            still = sum(c["ms"] // 1000 >= row["second"] for c in humans)
            assert row["still_there"] == still, (row, still)


@test
def a_campaign_that_falls_short_fails():
    with Folder(big(300)) as f:
        told = f.json()[0]
        share = 100 * metric(told, "completion", "rate")
        for goals, code in (
            ([f"completion={share - 1:.2f}%"], 0),
            ([f"completion={share:.10f}%"], 0),
            ([f"completion={share + 1:.2f}%"], 1),
            (["completion=1%", "delivery=99.9%"], 1),
            (["opt_out=100%"], 0),
            (["opt_out=0%"], 1),
            (["targets"], int(any(m["met"] is False for m in told["metrics"]))),
        ):
            done = f.run(*[x for g in goals for x in ("--fail-under", g)])
            assert done.returncode == code, (goals, done.returncode, done.stderr)
            assert bool(done.stderr) == bool(code), (goals, done.stderr)
            assert "All calls together" in done.stdout
        done = f.run("--fail-under", "completion=99%")
        assert re.search(r"completion is [\d.]+ %, and at least 99 % was asked for", done.stderr)
        for wrong in ("completion", "completion=", "completion=40", "sales=4%", "completion=140%"):
            done = f.run("--fail-under", wrong)
            assert done.returncode == 2 and "such as completion=40%" in done.stderr, done.stderr
        assert f.run("--fail-under", "targets", "--runs", "3").returncode == 2


@test
def a_fitted_audience_can_be_used_whatever_the_log_lacks():
    log = (
        "To,Status,DateCreated,Duration,Digits\n"
        "+919876543210,completed,2025-01-20 10:00:00,12,1\n"
        "+919876543211,no-answer,2025-01-20 10:01:00,0,\n"
        "+919876543212,busy,2025-01-20 11:01:00,0,\n"
    )
    with Folder(big(50), log_csv=log) as f:
        done = run("campaign", "calibrate", "log.csv", "--flow", REMINDER, cwd=f.path)
        assert done.returncode == 0 and "menus:" in done.stdout, done
        assert not re.search(r"^hours:$", done.stdout, re.M), done.stdout
        with open(f"{f.path}/audience.yaml", "w") as out:
            out.write(done.stdout)
        used = f.run("--audience", "audience.yaml")
        assert used.returncode == 0, used.stderr


@test
def what_if_steps_by_what_stands_behind_the_slash():
    with Folder(big(50)) as f:
        for values, want in (
            ("5..50/5", [str(x) for x in range(5, 51, 5)]),
            ("10..25/10", ["10", "20", "25"]),
            ("10..100", [str(x) for x in range(10, 101, 10)]),
        ):
            done = f.run("--what-if", f"concurrency={values}", "--format", "json")
            rows = json.loads(done.stdout)["rows"]
            assert [str(r["value"]) for r in rows] == want, (values, rows)
        assert f.run("--what-if", "concurrency=1..1000/1").returncode == 2
        assert f.run("--what-if", "concurrency=1..10/0").returncode == 2


@test
def who_is_not_reached_gets_an_sms():
    more = "audience: { answer: [30%, 20%, 10%], machine: 20% }\nprices: { sms: 0.5 }\n"
    for after, text in (
        ("last_attempt", "sms_if_unanswered: We called you.\n"),
        ("last_attempt", "sms_if_unanswered: { text: We called you. }\n"),
        ("first_attempt", "sms_if_unanswered: { text: Hi, after: first_attempt }\n"),
    ):
        with Folder(big(800, 50, more + text)) as f:
            told, calls = calls_of(f)
            shown = f.run().stdout
        taken = {c["phone_number"] for c in calls if c["answered_by"] in ("human", "machine")}
        if after == "last_attempt":
            want = len({c["phone_number"] for c in calls} - taken)
        else:
            want = sum(
                c["attempts"] == "1" and c["answered_by"] not in ("human", "machine") for c in calls
            )
        assert told["sms_unanswered"] == want > 50, (after, told["sms_unanswered"], want)
        assert abs(told["cost"]["total"] - (told["sms"] + want) * 0.5) < 1e-6, told["cost"]
        assert f"{want:,} to those whom no call has reached" in " ".join(shown.split()), shown
    with Folder(big(100)) as f:
        told = f.json()[0]
        assert told["sms_unanswered"] == 0 and "no call has reached" not in f.run().stdout


@test
def few_answers_are_met_with_the_source_s_advice():
    for answer, known, advised in (
        ("20%", False, True),
        ("20%", True, False),
        ("70%", False, False),
    ):
        more = f"audience: {{ answer: {answer}, known_caller: {str(known).lower()} }}\n"
        with Folder(big(500, 50, more)) as f:
            told = f.json()[0]
            assert bool(told["advice"]) == advised, (answer, known, told["advice"])
            assert ("Truecaller" in f.run().stdout) == advised
            done = f.run(verb=("check",))
            checked = done.stdout + done.stderr
            assert ("low-answers" in checked) == advised, checked


@test
def each_event_may_have_its_own_flow_and_hours():
    path = os.path.join(ROOT, "campaigns/five-events.yaml")
    told = json.loads(run("campaign", path, "--format", "json").stdout)
    assert [t["campaign"].split(": ")[1] for t in told] == [
        "appointment_created",
        "payment_overdue",
        "order_shipped",
        "account_activity",
        "subscription_expiring",
    ]
    assert {t["contacts"] for t in told} == {8}, [t["contacts"] for t in told]
    for t, (start, end) in zip(told, ((9, 10), (14, 16), (16, 18), (9, 21), (9, 10))):
        hours = {int(h["from"][11:13]) for h in t["hours"] if h["calls"]}
        assert hours and min(hours) >= start and max(hours) < end, (t["campaign"], hours)
    steps = [json.dumps(t["drop_off"]["steps"]) + json.dumps(t["menus"]) for t in told]
    assert "was_it_you" in steps[3] and "was_it_you" not in steps[1], steps
    with Folder(
        "name: X\ncaller_id: '+918012345678'\nflow: " + REMINDER + "\ncontacts: 10\n"
        "triggers: { file: e.csv, rules: { a: immediately, b: { when: 1h after, "
        "daily_start: '10:00', daily_end: '11:00' } } }\n",
        e_csv="time,number,event\n2025-01-20T10:00:00+05:30,9876543210,a\n"
        "2025-01-20T10:00:00+05:30,9876543211,b\n2025-01-20T10:00:00+05:30,9876543212,c\n",
    ) as f:
        done = f.run("--format", "json")
        told = json.loads(done.stdout)
        assert [(t["campaign"], t["contacts"]) for t in told] == [("X", 11), ("X: b", 1)], told
        assert done.stderr.count("event-without-rule") == 1, done.stderr
        # without the mapping's `when` it is told
        with open(f"{f.path}/c.yaml") as file:
            text = file.read().replace("when: 1h after, ", "")
        with open(f"{f.path}/c.yaml", "w") as file:
            file.write(text)
        assert "when to call" in f.run().stderr


@test
def a_log_is_reviewed_against_targets_and_forecast():
    with Folder(big(2000)) as f:
        told, calls = calls_of(f)
        review = run(
            "campaign", "review", "calls.csv", "--against", "c.yaml", "--format", "json", cwd=f.path
        )
        assert review.returncode == 0, review.stderr
        for m in json.loads(review.stdout)["metrics"]:
            rate = metric(told, m["name"], "rate")
            assert abs(m["rate"] - rate) < 1e-12 and m["beside_forecast"] == "as forecast", (
                m,
                rate,
            )
            assert m["low"] < rate < m["high"], m
        text = run("campaign", "review", "calls.csv", "--against", "c.yaml", cwd=f.path).stdout
        assert max(len(line) for line in text.splitlines()) <= 80, text
        # half as many answers: told as worse, and --fail-under judges the log
        with open(f"{f.path}/half.csv", "w", newline="") as out:
            w = csv.DictWriter(out, calls[0].keys())
            w.writeheader()
            for i, c in enumerate(calls):
                if i % 2 and c["answered_by"] == "human":
                    c = {**c, "final_status": "no answer", "answered_by": "nobody"}
                w.writerow(c)
        worse = run(
            "campaign",
            "review",
            "half.csv",
            "--against",
            "c.yaml",
            "--format",
            "json",
            "--fail-under",
            "delivery=50%",
            cwd=f.path,
        )
        first = json.loads(worse.stdout)["metrics"][0]
        assert worse.returncode == 1 and first["beside_forecast"] == "worse than forecast", first
        # the platform's export has fewer columns: what is not in it is not told
        with open(f"{f.path}/export.csv", "w") as out:
            out.write("To,Status\n+919876543210,completed\n+919876543211,no-answer\n")
        export = run(
            "campaign",
            "review",
            "export.csv",
            "--against",
            "c.yaml",
            "--format",
            "json",
            cwd=f.path,
        )
        rates = [m["rate"] for m in json.loads(export.stdout)["metrics"]]
        assert rates == [0.5, None, None, None, None], rates
        for bad in ("", "a,b\n1,2\n"):
            with open(f"{f.path}/bad.csv", "w") as out:
                out.write(bad)
            done = run("campaign", "review", "bad.csv", "--against", "c.yaml", cwd=f.path)
            assert done.returncode == 2, (bad, done)


AGENTS = """name: Agents
flow: flows/payment-agent.yaml
contacts: {n}
{agents}
concurrency: 20
audience:
  answer: 100%
  machine: 0
  connect: {{ busy: {busy}, no-answer: {lost}, ring: 4s, talk: 2m, patience: 30s }}
"""


def with_agents(d, name, agents, n=600, busy="10%", lost="5%"):
    with open(f"{d}/{name}.yaml", "w", encoding="utf-8") as out:
        out.write(AGENTS.format(n=n, agents=agents, busy=busy, lost=lost))
    return f"{d}/{name}.yaml"


@test
def agents_are_shared_by_all_calls_and_who_waits_too_long_hangs_up():
    with copy_of("flows", "audio") as d:
        seen = []
        for agents in (1, 3, 10, 1000):
            path = with_agents(d, "a", f"agents: {agents}")
            done = run("campaign", path, "--format", "json")
            assert done.returncode == 0, done.stderr
            seen.append(json.loads(done.stdout)[0]["agents"])
        few, some, many, plenty = seen
        for one in seen:
            # each ringing ends in one way, or the customer hung up while it rang
            ends = sum(
                one[k] for k in ("talks", "busy", "no_answer", "failed", "abandoned", "timed_out")
            )
            assert one["wanted"] - 8 <= ends <= one["wanted"], one
            assert 0 < one["occupancy"] <= 1, one
        # the same customers want them; the more there are, the fewer wait
        assert len({one["wanted"] for one in seen}) == 1
        assert few["waited"] > some["waited"] > many["waited"] >= plenty["waited"] == 0, seen
        assert few["abandonment"] > some["abandonment"] > plenty["abandonment"] == 0, seen
        assert few["occupancy"] > some["occupancy"] > many["occupancy"] > plenty["occupancy"]
        assert few["talks"] < some["talks"] < plenty["talks"] and few["occupancy"] > 0.9
        assert few["mean_wait_ms"] > some["mean_wait_ms"] and few["longest_wait_ms"] <= 120000
        assert plenty["mean_wait_ms"] is None and plenty["longest_wait_ms"] == 0
        # the talks of one agent do not overlap: no more fit into the time
        assert few["busy_ms"] <= 600 * 60000
        text = run("campaign", with_agents(d, "a", "agents: 3")).stdout
        assert "\nAgents\n  agents        3, busy " in text and "hung up (" in text, text
        html = run("campaign", with_agents(d, "a", "agents: 3"), "--format", "html").stdout
        assert 'data-j="agents/occupancy"' in html and 'data-j="agents/abandoned"' in html
        # without agents nobody waits, and nothing of it is said
        done = run("campaign", with_agents(d, "b", ""), "--format", "json")
        assert "agents" not in json.loads(done.stdout)[0]
        said = run("campaign", with_agents(d, "b", ""), "--assumptions").stdout
        assert "85 % answered, 10 % busy, 5 % no-answer" in said, said


@test
def agents_are_divided_among_shards():
    with copy_of("flows", "audio") as d:
        path, parts = with_agents(d, "a", "agents: 5", n=400), []
        for i in (1, 2):
            done = run("campaign", path, "--shard", f"{i}/2", "--format", "json")
            parts.append(f"{d}/{i}.json")
            with open(parts[-1], "w", encoding="utf-8") as out:
                out.write(done.stdout)
        shards = [json.load(open(p, encoding="utf-8"))[0]["agents"] for p in parts]
        whole = run("campaign", "merge", *parts, "--format", "json")
        whole = json.loads(whole.stdout)[0]["agents"]
        for key in ("wanted", "talks", "waited", "abandoned", "busy_ms"):
            assert whole[key] == sum(s[key] for s in shards), key
        assert whole["agents"] == 5
        assert whole["longest_wait_ms"] == max(s["longest_wait_ms"] for s in shards)
        done = run("campaign", with_agents(d, "a", "agents: 1"), "--shard", "1/2")
        assert done.returncode == 2 and "2 shards cannot share 1 agents" in done.stderr, done


@test
def every_outcome_of_a_connect_comes_as_often_as_the_audience_says():
    with copy_of("flows", "audio") as d:
        path = with_agents(d, "a", "agents: 100000", n=20000, busy="30%", lost="20%")
        a = json.loads(run("campaign", path, "--format", "json").stdout)[0]["agents"]
        # most who hear it ring for two minutes hang up before that is "no answer"
        assert a["talks"] + a["busy"] > 1500 and 0 < a["no_answer"] < a["wanted"] * 0.2, a
        assert abs(a["busy"] / (a["talks"] + a["busy"]) - 0.3 / 0.8) < 0.03, a


if __name__ == "__main__":
    main()
