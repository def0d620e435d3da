"""drydial check --contacts, from outside: lists of contacts, fine and hostile."""
import glob
import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from lib import DRYDIAL, call, main, run, test, waits

FLOW = """flow: Payment reminder
purpose: payment
variables: {{ name: Rahul, amount: 500, due_date: January 20 }}
status_callback: https://example.com/s
{checks}
steps:
  - id: hello
    greeting: Hello {{name}}, your payment of {{amount}} rupees is due on {{due_date}}.
  - sms: {{ text: "Dear {{name}}, Rs. {{amount}} is due on {{due_date}}. Pay at example.com, \
or call us, any day from nine to nine. Your Example Store.",
           sender: EXMPLE, template: "1107000000000000001", entity: "1101000000000000001" }}
  - hangup
"""
FIRST = (
    "Rahul Priya Amit Sunita Lakshmi Venkatesh Anil Deepa Kavita Suresh Meena Arjun Jo "
    "Alexandrina Bartholomew"
).split()
LAST = "Sharma Iyer Patel Reddy Nair Gupta Singh Venkatanarasimharajuvaripeta Menon Rao".split()
MONTHS = "January February March April May September".split()


class Folder:
    def __init__(self, csv, checks="", flow=None):
        self.path = tempfile.mkdtemp()
        with open(f"{self.path}/f.yaml", "w") as f:
            f.write(flow or FLOW.format(checks=checks))
        with open(f"{self.path}/c.csv", "wb") as f:
            f.write(csv if isinstance(csv, bytes) else csv.encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def run(self, *args, **more):
        return run("check", "f.yaml", "--contacts", "c.csv", *args, cwd=self.path, **more)

    def json(self, *args):
        return json.loads(self.run("--format", "json", *args).stdout)

    def part(self, first, n):
        """The list's first line and n of the others."""
        with open(f"{self.path}/c.csv") as f:
            lines = f.read().splitlines()
        with open(f"{self.path}/part.csv", "w") as f:
            f.write("\n".join([lines[0], *lines[1 + first : 1 + first + n]]) + "\n")
        return "part.csv"


def people(n, seed=1, amounts=range(10, 100000)):
    r = random.Random(seed)
    rows = [
        (
            f"{r.choice(FIRST)} {r.choice(LAST)}",
            str(r.choice(amounts)),
            f"{r.choice(MONTHS)} {r.randint(1, 28)}",
        )
        for _ in range(n)
    ]
    return rows, "phone_number,name,amount,due_date\n" + "".join(
        f"+9198{i:08d},{a},{b},{c}\n" for i, (a, b, c) in enumerate(rows)
    )


def codes(result):
    return [(x["line"], x["code"]) for x in result["findings"]]


@test
def each_message_is_as_long_as_the_call_plays_it():
    rows, csv = people(12)
    with Folder(csv, "checks: { message-length: { max: 1s, warn: 1s } }") as f:
        found = {
            x["line"]: x["duration_ms"]
            for x in f.json()["findings"]
            if x["code"] == "message-length"
        }
        for i, (name, amount, date) in enumerate(rows):
            played = call(
                "f.yaml",
                "--var",
                f"name={name}",
                "--var",
                f"amount={amount}",
                "--var",
                f"due_date={date}",
                cwd=f.path,
            )
            hello = [e for e in played["events"] if e["type"] == "prompt"][0]
            assert found[i + 2] == hello["duration_ms"], (name, amount, date, found[i + 2], hello)


def findings_about_lengths(result, from_=0):
    return {
        x["line"] + from_: (x["code"], x["severity"], x["duration_ms"], x["text"])
        for x in result["findings"]
    }


def long_against_short(f, n, parts, *args):
    """What a list of `n` finds is what lists of 1,000 or fewer, its `parts`, find; how many."""
    long = f.json(*args)
    short, longest = {}, 0
    for first, size in parts:
        done = f.run("--contacts", f.part(first, size), "--format", "json", *args)
        part = json.loads(done.stdout)
        short.update(findings_about_lengths(part, first))
        longest = max(longest, part["messages"][0]["longest_ms"])
    seen = {2 + first + i for first, size in parts for i in range(size)}
    got = {k: v for k, v in findings_about_lengths(long).items() if k in seen}
    assert got == short, [(k, got.get(k), short.get(k)) for k in set(got) ^ set(short)][:5]
    assert [x["line"] for x in long["findings"]] == sorted(x["line"] for x in long["findings"])
    assert longest <= long["messages"][0]["longest_ms"] + 20
    assert long["contacts"] == n == sum(b["contacts"] for b in long["messages"][0]["histogram"])
    assert long["fine"] + long["over_a_limit"] == n
    if len(seen) == n:
        assert abs(long["messages"][0]["longest_ms"] - longest) <= 20, (long["messages"], longest)
    return len(short)


@test
def a_long_list_finds_what_short_lists_find():
    """Above a thousand contacts lengths are estimates; who is over a limit, and how long that
    message is, must be exact all the same."""
    _, csv = people(3000)
    with Folder(csv, "checks: { message-length: { max: 5s, warn: 4500ms } }") as f:
        parts = [(first, 1000) for first in range(0, 3000, 1000)]
        found = long_against_short(f, 3000, parts, "--voice", "model")
        assert 100 < found < 2900, found


@test
def a_long_list_is_exact_in_the_real_voice():
    """As above, where words run into each other. To speak takes long: a part of it is compared."""
    _, csv = people(1010)
    with Folder(csv, "checks: { message-length: { max: 7900ms, warn: 7600ms } }") as f:
        found = long_against_short(f, 1010, [(0, 250)])
        assert 20 < found < 240, found


@test
def the_same_list_gives_the_same_bytes_on_any_number_of_cores():
    _, csv = people(2500, 7, range(10, 1000, 10))
    with Folder(csv) as f:
        one = subprocess.run(
            [
                "taskset",
                "-c",
                "0",
                DRYDIAL,
                "check",
                "f.yaml",
                "--contacts",
                "c.csv",
                "--format",
                "json",
            ],
            cwd=f.path,
            capture_output=True,
        )
        assert one.stdout == f.run("--format", "json").stdout.encode() and one.stdout.endswith(
            b"}\n"
        )


@test
def what_is_wrong_with_a_line_is_told_and_the_others_are_checked():
    def findings(text, **more):
        with Folder(text, **more) as f:
            result = f.json()
            assert (
                result["contacts"]
                == result["fine"]
                + result["over_a_limit"]
                + result["lacking_a_value"]
                + result["wrong_words"]
                + result["unreadable"]
            )
            return [(x["line"], x["code"], x["message"]) for x in result["findings"]], result

    head = b"phone_number,name,amount,due_date\n"
    good = b"+919876543210,Asha,5,May 1\n"
    for bad, words in (
        (b'+919876543210,"Asha,5,May 1\n', "never closed"),
        (b'+919876543210,"As"ha,5,May 1\n', "behind the closing quote"),
        (b"+919876543210,Asha,5,May 1,x\n", "5 columns"),
        (b"+919876543210,As\x00ha,5,May 1\n", "NUL"),
        (b"+919876543210,As\xffha,5,May 1\n", "not UTF-8"),
        (b"+919876543210," + b"x" * 1000000 + b",5,May 1\n", "at most 256 KiB"),
        (b'+919876543210,"' + b"x" * 1000000 + b'",5,May 1\n', "at most 256 KiB"),
        (b"+919876543210," + b"x" * 5000 + b",5,May 1\n", "more than 4,096 characters"),
        (b"," * 300 + b"\n", "at most 256 columns"),
    ):
        for end in (b"\n", b"\r\n"):
            got, result = findings((head + good + bad + good).replace(b"\n", end))
            assert [(g[0], g[1]) for g in got] == [(3, "bad-line")] and words in got[0][2], (
                bad[:30],
                got,
            )
            assert result["fine"] == 2
    got, _ = findings(b"\xef\xbb\xbf" + head + good)
    assert got == []
    # a line that ends early has empty values
    got, _ = findings(head + b"+919876543210,Asha,5\n")
    assert got == [(2, "value-missing", "the due_date is empty")], got
    got, _ = findings(
        head + b'+919876543210,"Asha ""the great""\nRao",5,May 1\n+919876543210,,5,May 1\n'
    )
    assert got == [(4, "value-missing", "the name is empty")]
    # what is certain is put right: UTF-16 with its mark, another sign between the columns
    whole = (head + good + good).decode()
    for text in (
        whole.encode("utf-16"),
        whole.replace(",", ";").encode(),
        whole.replace(",", "\t").encode("utf-16"),
    ):
        got, result = findings(text)
        assert got == [] and result["fine"] == 2, (text, got)
    got, _ = findings(b"")
    assert got[0][1] == "bad-list"
    got, _ = findings(b"name,name,amount,due_date\na,b,1,c\n")
    assert got[0][1] == "bad-list" and "twice" in got[0][2]
    got, _ = findings(b"phone_number;name;amount\n1;2\n2;3\n4;5\n")
    assert any("separated by commas" in g[2] for g in got)
    got, _ = findings(b"phone_number,nmae,amount,due_date\n+919876543210,Asha,5,May 1\n")
    assert got[0][1] == "column-missing" and 'did you mean "nmae"' in got[0][2], got
    got, result = findings(
        b"phone_number,amount\n+919876543210,5\n",
        flow=FLOW.format(checks="").replace("name: Rahul", "name: ~"),
    )
    assert (
        got[0][:2] == (1, "column-missing")
        and "must supply" in got[0][2]
        and result["errors"] == 1
        and result["warnings"] == 1
    ), got


@test
def an_sms_is_counted_for_each_contact():
    with Folder(
        "phone_number,name,amount,due_date\n"
        "9876543210,Asha,5,May 1\n"
        "9876543211,Bartholomew Venkatanarasimharajuvaripeta,5000000,September 28\n"
        "9876543212,आशा,5,May 1\n"
    ) as f:
        result = f.json()
        assert [x for x in codes(result) if x[1] == "sms-segments"] == [
            (3, "sms-segments"),
            (4, "sms-segments"),
        ], result["findings"]
        assert [m for m in result["messages"] if "most_segments" in m][0]["most_segments"] == 2


@test
def recordings_named_by_a_value_are_looked_for():
    flow = (
        "flow: F\n"
        "variables: { language: en }\n"
        "steps:\n"
        '  - greeting: [ Small talk., { audio: "{language}.wav" } ]\n'
        "  - hangup\n"
    )
    with Folder("language\nen\nta\n../en\n", flow=flow) as f:
        subprocess.run(
            ["sox", "-n", "-r", "8000", "-c", "1", f"{f.path}/en.wav", "synth", "2", "sine", "300"],
            check=True,
        )
        result = f.json()
        assert codes(result) == [(3, "audio-missing"), (4, "audio-missing")]
        assert 2900 < result["messages"][0]["longest_ms"] < 4500, result["messages"]


WORDS = """flow: T
status_callback: https://example.com/s
variables: {{ name: Asha, amount: "500", order: "12", due: Monday }}
steps:
  - greeting: Hello {{name}}, order {{order}} of {{amount}} rupees.
  - sms:
      text: "Dear {{name}}, pay {{amount}} by {{due}}."
      template: "1107000000000000001"
      entity: "1101000000000000001"
      sender: EXMPLE
{template}  - hangup
"""


@test
def words_of_each_contact_are_looked_at():
    text = '      template_text: "Dear {#var#}, pay {#numeric#} by {#var#}."\n'
    long = "the first working day after the monsoon"
    rows = [
        ("Asha,500,12,Monday", []),
        ("राहुल,500,12,Monday", ["language-mismatch"]),
        ("Ref Store,500,12,Monday", ["abbreviation"]),
        ("Rs. 5 Store,500,12,Monday", []),
        ("Asha,500,13/13/2026,Monday", ["read-oddly"]),
        ("Asha,5000000,12,Monday", []),
        ("Asha,500,98765432,Monday", ["bare-number"]),
        (f"Asha,500,12,{long}", ["sms-unlike-template"]),
        (f"Asha,500,12,{long[:30]}", []),
        (f"Asha,500,12,{long[:31]}", ["sms-unlike-template"]),
        ("Asha,,12,Monday", ["value-missing"]),
    ]
    csv = "name,amount,order,due\n" + "".join(row + "\n" for row, _ in rows)

    def found_in(flow, **files):
        with Folder(csv, flow=flow) as f:
            for name, data in files.items():
                with open(f"{f.path}/{name}.csv", "w") as out:
                    out.write(data)
            return f.json()

    want = [(n, code) for n, (_, all_) in enumerate(rows, 2) for code in all_]
    result = found_in(WORDS.format(template=text))
    assert codes(result) == want, codes(result)
    assert (result["wrong_words"], result["lacking_a_value"], result["fine"]) == (3, 1, 7), result
    # the same from a file beside the flow, and by the values alone where nobody knows the text
    registered = 'id,text\n1107000000000000001,"Dear {#var#}, pay {#numeric#} by {#var#}."\n'
    assert codes(found_in(WORDS.format(template=""), templates=registered)) == want
    other = [(n, "sms-variable" if c == "sms-unlike-template" else c) for n, c in want]
    assert codes(found_in(WORDS.format(template=""))) == other


@test
def settings_comments_and_choices_hold_for_lists_too():
    _, csv = people(5)
    with Folder(csv, "checks: { message-length: { max: 2s }, sms-variable: off }") as f:
        assert len(f.json()["findings"]) == 5 and f.run().returncode == 1
        assert (
            f.json("--rule", "message-length=off")["findings"] == []
            and f.run("--rule", "message-length=off").returncode == 0
        )
        assert {x["severity"] for x in f.json("--rule", "message-length=warning")["findings"]} == {
            "warning"
        }
        assert (
            f.run("--rule", "message-length=warning").returncode == 0
            and f.run("--rule", "message-length=warning", "--strict").returncode == 1
        )
    flow = FLOW.format(checks="checks: { message-length: { max: 2s }, sms-variable: off }").replace(
        "- id: hello", "- id: hello # drydial: allow message-length"
    )
    with Folder(csv, flow=flow) as f:
        assert f.json()["findings"] == []


@test
def the_text_report_reads_well():
    _, csv = people(30)
    with Folder(csv + "+919876543210,,5,May 1\nx\n") as f:
        text = f.run().stdout
        assert (
            "c.csv:32: error[value-missing]: the name is empty\n" in text
            and "c.csv:33: error[bad-line]:" in text
        ), text
        assert (
            "32 contacts: 30 fine, 0 over a limit, 1 lacking a value, 1 unreadable" in text
            and "####" in text
        ), text
        assert all(len(line) <= 100 for line in text.splitlines()), text
        assert run("check", "f.yaml", "c.csv", "--contacts", "c.csv", cwd=f.path).returncode == 2
        assert run("check", "f.yaml", "--contacts", "nothing.csv", cwd=f.path).returncode == 2
        assert run("check", "f.yaml", "--contacts", ".", cwd=f.path).returncode == 2
        assert (
            run(
                "check", "f.yaml", "--contacts", "c.csv", "--format", "sarif", cwd=f.path
            ).returncode
            == 2
        )
        piped = run("check", "f.yaml", "--contacts", "-", cwd=f.path, input=csv)
        assert piped.returncode == 0 and "30 contacts: 30 fine" in piped.stdout


@test
def hostile_values_do_not_reach_the_terminal():
    with Folder(
        'phone_number,name,amount,due_date\n9876543210,"\x1b[31mAsha\x07 </speak> {x} '
        + "long " * 200
        + '",5,May 1\n',
        "checks: { message-length: { max: 1s } }",
    ) as f:
        text = f.run().stdout
        assert "\x1b" not in text and "\x07" not in text and "error[message-length]" in text
        json.loads(f.run("--format", "json").stdout)


@test
def memory_does_not_grow_with_the_list():
    def most(n):
        row = "+9198{0:08d},{1},{2},{3}\n"
        csv = "phone_number,name,amount,due_date\n" + "".join(
            row.format(i, FIRST[i % 15], 100 + i % 40, MONTHS[i % 6]) for i in range(n)
        )
        with Folder(csv) as f:
            done, highest = (
                subprocess.Popen(
                    [DRYDIAL, "check", "f.yaml", "--contacts", "c.csv"],
                    cwd=f.path,
                    stdout=subprocess.DEVNULL,
                ),
                0,
            )
            while done.poll() is None:
                with open(f"/proc/{done.pid}/status") as status:
                    found = re.search(r"VmHWM:\s+(\d+)", status.read())
                highest = max(highest, int(found.group(1)) if found else 0)
                time.sleep(0.005)
            return highest

    if "san" in DRYDIAL:
        return
    small, large = most(20000), most(200000)
    assert large < small + 4096 and large < 100000, (small, large)


@test
def progress_is_shown_on_a_terminal_alone():
    """The list comes slowly: more than a batch of it at once, the rest when a second is over."""
    _, csv = people(17000, 3)
    lines = csv.splitlines(keepends=True)
    with Folder(csv) as f:
        parent, child = pty.openpty()
        done = subprocess.Popen(
            [DRYDIAL, "check", "f.yaml", "--contacts", "-", "--voice", "model"],
            cwd=f.path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=child,
            text=True,
        )
        os.close(child)
        done.stdin.write("".join(lines[:8500]))
        done.stdin.flush()
        time.sleep(1.3)
        out, _ = done.communicate("".join(lines[8500:]))
        seen = b""
        try:
            while True:
                got = os.read(parent, 65536)
                if not got:
                    break
                seen += got
        except OSError:
            pass
        os.close(parent)
        assert b"contacts, " in seen and seen.endswith(b"\r\x1b[K"), seen[-200:]
        assert "17,000 contacts: 17,000 fine" in out and "\x1b" not in out
        assert f.run("--voice", "model").stderr == ""


@test
@waits
def without_a_voice_nothing_is_said_of_lengths():
    """Voices that are killed as soon as they are there: no contact is blamed for it."""
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/f.yaml", "w") as out:
            out.write(
                "flow: F\nvariables: { name: Asha }\nsteps:\n"
                f"  - greeting: Hello {{name}}, it is {time.time()} now.\n  - hangup\n"
            )
        with open(f"{d}/c.csv", "w") as out:
            out.write("phone_number,name\n")
            for i in range(200):
                out.write(f"+91{9800000000 + i},Name {chr(97 + i % 26)}{i}\n")
        args = [DRYDIAL, "check", "f.yaml", "--contacts", "c.csv", "--format", "json"]
        fine = subprocess.run(args, cwd=d, capture_output=True, text=True, timeout=250)
        assert fine.returncode == 0 and json.loads(fine.stdout)["fine"] == 200, fine
        # the flow's own texts are spoken: they lie in the cache. A sanitizer that looks for leaks
        # does so in a child, which would be killed as well, and is waited for without end
        env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
        process = subprocess.Popen(args, cwd=d, stdout=subprocess.PIPE, text=True, env=env)
        over = threading.Event()

        def kill():
            while not over.is_set():
                for path in glob.glob(f"/proc/{process.pid}/task/*/children"):
                    try:
                        with open(path) as children:
                            for pid in children.read().split():
                                os.kill(int(pid), signal.SIGKILL)
                    except OSError:
                        pass

        thread = threading.Thread(target=kill)
        thread.start()
        try:
            text, _ = process.communicate(timeout=250)
        finally:
            over.set()
            thread.join()
        got = json.loads(text)
        rules = [f["code"] for f in got["findings"]]
        assert process.returncode == 1 and "not-measured" in rules, (process.returncode, got)
        assert rules.count("not-measured") == 1 and rules.count("not-spoken") < 20, rules
        assert got["not_measured"] > 0 and got["fine"] + got["not_measured"] <= 200


if __name__ == "__main__":
    main()
