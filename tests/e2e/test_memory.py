"""Memory fails at each place in turn: a command then says one sentence and ends with 2, or comes to
the right result all the same. Some hundred and fifty allocations of a command are tried; all with
FAULTS=every (make faults)."""
import concurrent.futures
import os
import shutil
import subprocess
import tempfile

from lib import DRYDIAL, ROOT, main, test

FLOW = """flow: F
variables: { name: Asha }
steps:
  - greeting: Hello {name}.
  - id: m
    ivr:
      prompt: Press 1 to confirm, or press 9 to stop receiving these calls.
      keys:
        1: { answer: "yes", goal: true, then: [ sms: "Thanks, {name}", hangup ] }
        9: { answer: stop, opt_out: true, then: [ hangup ] }
      otherwise: [ hangup ]
  - passthru: { url: "http://127.0.0.1:1/{m.digits}", stub: { json: { a: 1 } } }
  - hangup
"""
TESTS = """flow: f.yaml
scenarios:
  - name: one
    script: [ { hear: /hello/ }, { keys: 1 }, { sms: thanks } ]
    expect: { answers: { m: "yes" }, never: error }
  - name: wrong
    script: [ { hear: goodbye } ]
"""
CAMPAIGN = """name: Four
flow: f.yaml
caller_id: "+918012345678"
contacts: c.csv
schedule: { start_time: 2025-01-20T09:00:00+05:30, daily_start: "09:00", daily_end: "18:00" }
retry: { max_attempts: 2 }
"""
MOST = 150  # allocations of a command that fail in turn, unless FAULTS says every one
COMMANDS = [
    "call f.yaml --fast --keys 1",
    "call f.yaml --fast --format json",
    "check f.yaml",
    "check f.yaml --format json",
    "check f.yaml --format sarif",
    "check f.yaml --format junit",
    "check f.yaml --format github",
    "check f.yaml --lengths",
    "check f.yaml --contacts c.csv",
    "check broken.yaml",
    "explore f.yaml",
    "explore f.yaml --format json",
    "graph f.yaml",
    "graph f.yaml --format mermaid",
    "graph f.yaml --format dot",
    "test t.test.yaml --jobs 1",
    "test t.test.yaml --jobs 1 --format json",
    "test t.test.yaml --jobs 1 --format junit",
    "test t.test.yaml --jobs 1 --format tap",
    "test t.test.yaml --jobs 1 --format html",
    "test t.test.yaml --jobs 1 --coverage table",
    "campaign p.yaml",
    "campaign p.yaml --format json",
    "campaign p.yaml --format html",
    "campaign p.yaml --format csv",
    "campaign p.yaml --runs 2",
    "campaign check p.yaml",
    "campaign check p.yaml --format json",
    "check --explain all",
]


def preload():
    """The library that makes allocations fail, which make builds beside the program."""
    return os.path.join(os.path.dirname(os.path.abspath(DRYDIAL)), "faults.so")


def folder():
    d = tempfile.mkdtemp()
    rows = "phone_number,name\n+919876543210,Asha\n+919876543211,\n9876543212,Ravi\n"
    broken = FLOW.replace("greeting", "gretting").replace("{m.digits}", "{m.digit}")
    files = {"f.yaml": FLOW, "t.test.yaml": TESTS, "p.yaml": CAMPAIGN, "c.csv": rows}
    for name, text in {**files, "broken.yaml": broken}.items():
        with open(f"{d}/{name}", "w") as out:
            out.write(text)
    return d


def run(command, d, most):
    """What it came to, and what it came to with each of its allocations failing in turn: by N, 0
    being none, (exit code, whether the same was printed, what was printed, what was said)."""
    reading, writing = os.pipe()
    env = dict(os.environ, LD_PRELOAD=preload(), XDG_CACHE_HOME=f"{d}/cache")
    env |= {"DRYDIAL_FAULT_TELL": str(writing), "DRYDIAL_FAULT_MOST": str(most)}
    process = subprocess.Popen([DRYDIAL, *command.split()], cwd=d, env=env, pass_fds=(writing,))
    os.close(writing)
    found = {}
    with os.fdopen(reading, "rb") as told:
        while line := told.readline():
            n, code, same, out, err = map(int, line.split())
            texts = [told.read(size).decode(errors="replace") for size in (out, err)]
            found[n] = (code, bool(same), *texts)
    assert process.wait() == 0, (command, process.returncode)
    return found


def is_the_library_s(command, code, said):
    """libgomp, which libsoxr brings, ends a program before it has begun; libsoxr, which resamples
    the sound of a test's page, does not look at all of its own memory: it crashes, or leaves some
    out."""
    page = command.startswith("test") and "html" in command
    return "libgomp: " in said or (page and code in (1, -11))


def faults_of(command, d):
    """What went wrong, with how many places there are."""
    every = os.environ.get("FAULTS") == "every"
    found = run(command, d, 0 if every else MOST)
    want = found.pop(0)
    bad = []
    for n, (code, same, out, said) in found.items():
        right = code == want[0] and same
        sentence = code == 2 and "drydial: " in said
        if not right and not sentence and not is_the_library_s(command, code, said):
            bad.append((n, n % 2, code, out[-80:], said[-200:]))
    assert len(found) > 5, (command, found, want)
    # a fault that nobody sees is no fault: most of them end in a sentence
    assert sum(code == 2 for code, *_ in found.values()) > len(found) / 3, command
    return command, len(found), bad


@test
def every_allocation_that_fails_is_a_sentence_or_changes_nothing():
    if "san" in DRYDIAL or not os.path.exists(preload()):
        return  # sanitizers bring an allocator of their own: test_memory.c stands for them
    d = folder()
    for command in COMMANDS:
        run(command, d, 1)  # what is kept between runs is there
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda command: faults_of(command, d), COMMANDS))
    shutil.rmtree(d)
    bad = [(command, *one) for command, _, faults in found for one in faults]
    print(sum(places for _, places, _ in found), "places,", len(bad), "bad")
    assert not bad, "\n".join(map(str, bad[:40]))


if __name__ == "__main__":
    main()
