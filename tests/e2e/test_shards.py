"""--shard and campaign merge: many processes, one result."""
import copy
import json
import os
import random
import re
import shutil
import subprocess
import tempfile

from lib import DRYDIAL, ROOT, main, run, test

REMINDER = os.path.join(ROOT, "flows/appointment-reminder.yaml")
CAMPAIGN = """name: Big
flow: {flow}
caller_id: "+918047112233"
contacts: {contacts}
schedule: {{ start_time: 2025-01-20T09:00:00+05:30, end_time: 2025-01-24T21:00:00+05:30,
            daily_start: "09:00", daily_end: "21:00" }}
retry: {{ max_attempts: 3, interval_minutes: 60, retry_on: [ busy, no-answer, failed ] }}
concurrency: {lines}
throttle: 6000
account: {{ throttle: 6000 }}
prices: {{ minute: 0.9, sms: 0.23, call: 0.07 }}
audience: {{ {audience} }}
"""
FLAT = "hours: { mon-sun: { 0-24: 1 } }, server: { error: 10%, timeout: 5% }"
# docs/scaling.md names these: they are of time, and N diallers are not one
OF_TIME = {
    "finished",
    "first_call",
    "last_end",
    "lasted_ms",
    "open_ms",
    "peak_lines",
    "mean_lines",
    "held_back",
    "waiting",
    "hours",
    "days",
    "heat",
}
FLOW = """flow: Payment reminder
variables: { name: Rahul, amount: 500 }
checks: { message-length: { max: 6800ms, warn: 6800ms } }
steps:
  - id: hello
    greeting: Hello {name}, your payment of {amount} rupees is due.
  - sms: { text: "Dear {name}, Rs. {amount} is due. Pay at example.com, or call us \
on any day from nine to nine, and we will gladly help you. Your Example Store, Main Road.",
           sender: EXMPLE, template: "1107000000000000001", entity: "1101000000000000001" }
  - hangup
"""
NAMES = (
    "Rahul Priya Amit Sunita Lakshmi Venkatesh Anil Jo Alexandrina Bartholomew "
    "Venkatanarasimharajuvaripeta"
).split()


class Folder:
    def __init__(self, **files):
        self.path = tempfile.mkdtemp()
        for name, content in files.items():
            self.write(name.replace("_", "."), content)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, name, content):
        with open(f"{self.path}/{name}", "w") as f:
            f.write(content if isinstance(content, str) else json.dumps(content))

    def read(self, name):
        with open(f"{self.path}/{name}") as f:
            return f.read()

    def run(self, *args, **more):
        return run(*args, cwd=self.path, **more)

    def shards(self, n, *command):
        """The files of n shards, in an order that is not theirs."""
        names = []
        for i in range(1, n + 1):
            done = self.run(*command, "--shard", f"{i}/{n}", "--format", "json")
            assert done.returncode < 2 and not done.stderr, done.stderr
            self.write(f"{n}-{i}.json", done.stdout)
            names.append(f"{n}-{i}.json")
        random.Random(n).shuffle(names)
        return names

    def merge(self, names, *args):
        done = self.run("campaign", "merge", *names, *args)
        assert done.returncode < 2, done.stderr
        return done.stdout


def campaign(contacts=2000, lines=100, audience=FLAT, flow=REMINDER):
    return CAMPAIGN.format(contacts=contacts, lines=lines, audience=audience, flow=flow)


def people(n, seed=1, amounts=60):
    r = random.Random(seed)
    rows = [f"{r.choice(NAMES)} {r.choice(NAMES)},{r.randint(1, amounts) * 37}" for _ in range(n)]
    return rows, "name,amount\n" + "\n".join(rows) + "\n"


def timeless(result):
    return {key: value for key, value in result.items() if key not in OF_TIME}


# -- campaigns -----------------------------------------------------------------


@test
def what_does_not_depend_on_time_is_exact_byte_for_byte():
    for contacts, n in ((2000, 4), (1999, 3), (5, 5), (3, 4), (700, 17)):
        with Folder(
            c_yaml=campaign(
                contacts,
                flow=os.path.join(ROOT, "flows/personalized-balance.yaml") if n == 3 else REMINDER,
            )
        ) as f:
            whole = f.run("campaign", "c.yaml", "--format", "json").stdout
            merged = f.merge(f.shards(n, "campaign", "c.yaml"), "--format", "json")
            a, b = json.loads(whole)[0], json.loads(merged)[0]
            assert list(a) == list(b), (list(a), list(b))
            assert json.dumps(timeless(a)) == json.dumps(timeless(b)), (contacts, n)
            assert a["outcomes"][-1]["outcome"] == "pending" and a["outcomes"][-1]["contacts"] == 0
            # what is named as of time comes close all the same
            assert (
                b["finished"]
                and abs(a["lasted_ms"] - b["lasted_ms"]) < 600000
                and b["peak_lines"] <= 100
            )
            assert (
                sum(h["calls"] for h in b["hours"])
                == b["calls"]
                == sum(h["calls"] for h in b["heat"])
                == sum(d["calls"] for d in b["days"])
            )
            assert b["held_back"] == a["held_back"] or contacts > 1000


@test
def one_shard_is_the_whole():
    with Folder(c_yaml=campaign(1000, audience="busy: 20%")) as f:
        for fmt in ("json", "text", "html", "csv"):
            assert f.run("campaign", "c.yaml", "--format", fmt).stdout == f.merge(
                f.shards(1, "campaign", "c.yaml"), "--format", fmt
            ), fmt


@test
def calls_are_those_of_the_whole():
    with Folder(c_yaml=campaign(600)) as f:

        def calls(*args):
            assert f.run("campaign", "c.yaml", "--calls", "calls.csv", *args).returncode == 0
            head, *rows = f.read("calls.csv").splitlines()
            started = head.split(",").index("started")
            return sorted(
                ",".join(c for i, c in enumerate(row.split(",")) if i != started) for row in rows
            )

        whole, parts = calls(), [calls("--shard", f"{i}/3") for i in (1, 2, 3)]
        assert sorted(sum(parts, [])) == whole and min(map(len, parts)) > 200


@test
def other_audiences_are_sampled_fairly():
    with Folder(c_yaml=campaign(20000, 500, audience="busy: 20%")) as f:
        a = json.loads(f.run("campaign", "c.yaml", "--format", "json").stdout)[0]
        b = json.loads(f.merge(f.shards(4, "campaign", "c.yaml"), "--format", "json"))[0]
        for x, y in zip(a["metrics"], b["metrics"]):
            assert abs(x["rate"] - y["rate"]) < 0.02, (x, y)
        assert abs(a["lasted_ms"] / b["lasted_ms"] - 1) < 0.2


@test
def limits_are_shared():
    with Folder(c_yaml=campaign(3000, 10)) as f:
        parts = [
            json.loads(f.run("campaign", "c.yaml", "--shard", f"{i}/4", "--format", "json").stdout)[
                0
            ]
            for i in (1, 2, 3, 4)
        ]
        assert [p["peak_lines"] for p in parts] == [3, 3, 2, 2] and sum(
            p["contacts"] for p in parts
        ) == 3000
        assert [(p["shard"]["index"], p["shard"]["of"]) for p in parts] == [
            (i, 4) for i in (1, 2, 3, 4)
        ]
        assert (
            "shard 2 of 4" in f.run("campaign", "c.yaml", "--shard", "2/4").stdout
            and "shard 2 of 4"
            in f.run("campaign", "c.yaml", "--shard", "2/4", "--format", "html").stdout
        )
        done = f.run("campaign", "c.yaml", "--shard", "2/11")
        assert done.returncode == 2 and "cannot share 10 calls at once" in done.stderr, done.stderr
        for args in (("--runs", "2"), ("--what-if", "concurrency=1,2")):
            assert f.run("campaign", "c.yaml", "--shard", "1/2", *args).returncode == 2
        for wrong in ("0/4", "5/4", "1/0", "x", "1", "1/4x", "-1/4"):
            done = f.run("campaign", "c.yaml", "--shard", wrong)
            assert done.returncode == 2 and "I/N" in done.stderr, done.stderr


# -- lists ---------------------------------------------------------------------

# how lists are cut and joined, not how they sound: the shell example runs with the real voice
CHECK = ("check", "f.yaml", "--contacts", "c.csv", "--voice", "model")


@test
def a_short_list_is_exact_byte_for_byte():
    rows, _ = people(150)
    rows[7] = "broken"
    rows[20:22] = [",5", '"two\nlines",6']
    for first in ("name,amount", "name,amuont"):
        with Folder(f_yaml=FLOW, c_csv=first + "\n" + "\n".join(rows) + "\n") as f:
            whole = f.run(*CHECK, "--format", "json").stdout
            assert len(json.loads(whole)["findings"]) > 3
            for n in (1, 3, 7):
                names = f.shards(n, *CHECK)
                assert f.merge(names, "--format", "json") == whole, n
                assert f.merge(names) == f.run(*CHECK).stdout
            assert f.run("campaign", "merge", *names).returncode == f.run(*CHECK).returncode == 1


@test
def a_list_shorter_than_its_shards():
    for text in (
        "name,amount\nAsha,5\n",
        "name,amount\nbroken\nAsha,5\n",
        "name,amount\n",
        "name,name\nx,y\n",
        "",
    ):
        with Folder(f_yaml=FLOW, c_csv=text) as f:
            assert (
                f.merge(f.shards(4, *CHECK), "--format", "json")
                == f.run(*CHECK, "--format", "json").stdout
            ), text


@test
def a_long_list_is_the_same_however_it_is_cut():
    with Folder(f_yaml=FLOW, c_csv=people(1300, 3)[1]) as f:
        whole = json.loads(f.run(*CHECK, "--format", "json").stdout)
        one, three = (f.merge(f.shards(n, *CHECK), "--format", "json") for n in (1, 3))
        assert one == three
        merged = json.loads(one)
        assert whole["findings"] == merged["findings"] and len(whole["findings"]) > 20
        assert {k: v for k, v in whole.items() if k != "messages"} == {
            k: v for k, v in merged.items() if k != "messages"
        }
        for a, b in zip(whole["messages"], merged["messages"]):
            if "most_segments" in a:
                assert a == b
                continue
            assert (
                abs(a["shortest_ms"] - b["shortest_ms"]) < 100
                and abs(a["longest_ms"] - b["longest_ms"]) < 100
            )
            moved = sum(
                abs(x["contacts"] - y["contacts"]) for x, y in zip(a["histogram"], b["histogram"])
            )
            assert moved < 130 and sum(x["contacts"] for x in b["histogram"]) == 1300, (
                a["histogram"],
                b["histogram"],
            )


@test
def the_shell_example_of_the_pages_runs():
    with open(os.path.join(ROOT, "docs/scaling.md")) as page:
        example = re.search(r"## GNU parallel\n.*?```sh\n(.*?)```", page.read(), re.S).group(1)
    with Folder(flow_yaml=FLOW, list_csv=people(1100, 4, 2)[1], c_yaml=campaign(100)) as f:
        os.symlink(DRYDIAL, f"{f.path}/drydial")
        env = dict(os.environ, PATH=f"{f.path}:{os.environ['PATH']}", PARALLEL_HOME=f.path)
        done = subprocess.run(
            ["sh", "-ec", example], cwd=f.path, env=env, capture_output=True, text=True
        )
        assert done.returncode == 1 and "1,100 contacts: " in done.stdout, done.stdout + done.stderr
        whole = f.run("check", "flow.yaml", "--contacts", "list.csv").stdout
        assert done.stdout.splitlines()[-1] == whole.splitlines()[-1]


# -- sets that are none --------------------------------------------------------


def refused(f, names, *words):
    done = f.run("campaign", "merge", *names, "--format", "json")
    assert (
        done.returncode == 2 and not done.stdout and len(done.stderr.strip().splitlines()) == 1
    ), (names, done.returncode, done.stderr)
    assert all(word in done.stderr for word in words), (words, done.stderr)


@test
def only_shards_of_one_whole_are_joined():
    with Folder(c_yaml=campaign(60), d_yaml=campaign(61), f_yaml=FLOW, c_csv=people(9)[1]) as f:
        a = sorted(f.shards(3, "campaign", "c.yaml"))
        f.write(
            "two.json", f.run("campaign", "c.yaml", "--shard", "2/2", "--format", "json").stdout
        )
        f.write(
            "other.json", f.run("campaign", "d.yaml", "--shard", "3/3", "--format", "json").stdout
        )
        f.write(
            "seed.json",
            f.run("campaign", "c.yaml", "--seed", "5", "--shard", "3/3", "--format", "json").stdout,
        )
        f.write("list.json", f.run(*CHECK, "--shard", "3/3", "--format", "json").stdout)
        f.write("whole.json", f.run("campaign", "c.yaml", "--format", "json").stdout)
        refused(f, a[:2], "one is missing: 3")
        refused(f, a[:1], "some are missing: 2, 3")
        refused(f, [*a, a[1]], "both shard 2 of 3")
        refused(f, [*a[:2], "two.json"], "one of 3 shards", "one of 2")
        refused(f, [*a[:2], "other.json"], "not of the same whole")
        refused(f, [*a[:2], "seed.json"], "not of the same whole")
        refused(f, [*a[:2], "list.json"], "list of contacts")
        refused(f, [*a[:2], "whole.json"], "a whole already")
        refused(f, ["nothing.json"], "No such file")
        refused(f, ["."], "directory")
        assert f.run("campaign", "merge").returncode == 2
        assert f.run("campaign", "merge", *a, "--runs", "3").returncode == 2


def spoil(r, node):
    """The node with one thing in it changed for something that nobody asked for."""
    wrong = [
        None,
        -1,
        -(2**63),
        2**63 - 1,
        4294967296,
        0,
        1.5,
        "",
        "x" * 300,
        "\x1b[31m",
        [],
        {},
        [[]],
        True,
    ]
    places = []

    def walk(x):
        for key in x if isinstance(x, dict) else range(len(x)):
            places.append((x, key))
            if isinstance(x[key], (dict, list)):
                walk(x[key])

    walk(node)
    at, key = r.choice(places)
    if r.random() < 0.25:
        del at[key]
    else:
        at[key] = r.choice(wrong)


@test
def hostile_results_are_refused_or_read_and_never_more():
    r = random.Random(9)
    with Folder(c_yaml=campaign(60), f_yaml=FLOW, c_csv=people(20)[1]) as f:
        for command in (("campaign", "c.yaml"), CHECK):
            names = f.shards(2, *command)
            good = json.loads(f.read("2-1.json"))
            shard = good[0] if isinstance(good, list) else good
            for text in (
                "",
                "{",
                "[]",
                "{}",
                "[{}]",
                "null",
                "1",
                "\x00",
                "[[" * 5,
                json.dumps(good)[:-9],
                "[" * 5000000,
                '{"a":' * 2000000,
                json.dumps(good).replace('"of": 2', '"of": 0'),
                json.dumps(good).replace('"of": 2', '"of": -2'),
                json.dumps(good).replace('"of": 2', '"of": 99999999999999999999'),
                json.dumps(good).replace('"index": 1', '"index": "1"'),
            ):
                f.write("2-1.json", text)
                refused(f, names)
            with open(f"{f.path}/2-1.json", "w") as out:
                out.write("[" * 100000000)
            refused(f, names, "this is not JSON")
            codes = set()
            for i in range(100):
                bad = copy.deepcopy(good)
                # mostly in what merging reads
                spoil(r, (bad[0] if isinstance(bad, list) else bad)["shard"] if i % 3 else bad)
                f.write("2-1.json", bad)
                done = f.run(
                    "campaign", "merge", *names, "--format", "json" if i % 2 else "text", timeout=20
                )
                assert done.returncode in (0, 1, 2) and "\x1b" not in done.stdout, (
                    i,
                    done.returncode,
                    done.stderr,
                )
                assert done.returncode < 2 or (
                    not done.stdout and done.stderr.startswith("drydial: ")
                ), done.stderr
                codes.add(done.returncode)
            assert 2 in codes and shard
            f.write("2-1.json", good)


@test
def numbers_that_contradict_each_other_are_refused():
    with Folder(c_yaml=campaign(60)) as f:
        names = f.shards(2, "campaign", "c.yaml")
        good = json.loads(f.read("2-1.json"))

        def with_(change, *words):
            bad = copy.deepcopy(good)
            change(bad[0])
            f.write("2-1.json", bad)
            refused(f, names, *words)

        with_(lambda x: x["shard"]["counters"]["calls"].__setitem__(0, 5), "do not add up")
        with_(lambda x: x["shard"]["counters"]["ends"].__setitem__(0, 2**62), "do not add up")
        with_(lambda x: x["shard"]["counters"].__setitem__("call_ms", [2**63 - 1]), "too large")
        with_(lambda x: x["shard"]["times"].__setitem__("last_end_ms", 5), "ends before")
        with_(
            lambda x: x["shard"]["times"].__setitem__("first_hour_ms", -(2**60)),
            "no time of this era",
        )
        with_(lambda x: x.__setitem__("interrupted", True), "stopped before its end")
        with_(lambda x: x["shard"]["hours"].extend([[0, 0, 0, 0]] * 3000), "hours")
        with_(lambda x: x["shard"]["steps"].pop(), "should be")


if __name__ == "__main__":
    main()
