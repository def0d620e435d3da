"""Files and signals: what is read may never end, what is written may not fit, descriptors may be
closed, and somebody may press Ctrl-C in the middle of it."""
import os
import pty
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import termios
import time

from lib import DRYDIAL, ROOT, main, run, test

FLOW = """flow: F
steps:
  - greeting: [ { audio: hello.wav }, Good morning to you. ]
  - hangup
"""
SUITE = "flow: f.yaml\nscenarios:\n  - name: one\n    script: [ hear: good ]\n"
CAMPAIGN = """name: Four
flow: f.yaml
caller_id: "+918012345678"
contacts: c.csv
schedule: { start_time: 2025-01-20T09:00:00+05:30 }
"""


def folder():
    d = tempfile.mkdtemp()
    shutil.copy(os.path.join(ROOT, "audio", os.listdir(os.path.join(ROOT, "audio"))[0]), d)
    os.rename(os.path.join(d, os.listdir(d)[0]), os.path.join(d, "hello.wav"))
    rows = "phone_number\n" + "".join(f"+9198765{i:05d}\n" for i in range(50))
    for name, text in (
        ("f.yaml", FLOW),
        ("t.test.yaml", SUITE),
        ("c.csv", rows),
        ("p.yaml", CAMPAIGN),
    ):
        with open(os.path.join(d, name), "w") as out:
            out.write(text)
    return d


def content(d):
    return {
        name: open(os.path.join(d, name), "rb").read()
        for name in os.listdir(d)
        if os.path.isfile(os.path.join(d, name))
    }


@test
def what_goes_on_for_ever_is_not_read():
    d = folder()
    os.mkfifo(os.path.join(d, "fifo"))
    for source in ("/dev/zero", "fifo", "/dev/tty", "."):
        for args in (
            ["call", source, "--fast"],
            ["check", source],
            ["check", "f.yaml", "--contacts", source],
            ["test", source] if source != "." else ["check", "."],
            ["explore", source],
            ["graph", "f.yaml", "--coverage", source],
            ["campaign", source],
            ["campaign", "p.yaml", "--contacts", source],
            ["campaign", "p.yaml", "--profile", source],
            ["campaign", "p.yaml", "--audience", source],
            ["campaign", "calibrate", source],
            ["campaign", "merge", source],
            ["serve", ".", "--listen", "0", "--db", ":memory:", "--config", source],
            ["serve", ".", "--listen", "0", "--db", ":memory:", "--answer", "audience", source],
        ):
            done = run(*args, cwd=d, timeout=20, input="")
            empty = source == "fifo" and args[1] in ("calibrate", "f.yaml")
            assert done.returncode in ((1, 2) if empty else (2,)), (args, done)
            assert done.stderr or done.stdout, args


@test
def standard_output_that_takes_nothing_is_an_error_and_a_closed_one_is_no_file():
    d = folder()
    before = content(d)
    for args in (
        ["--help"],
        ["--version"],
        ["help"],
        ["call", "--help"],
        ["call", "f.yaml", "--fast"],
        ["call", "f.yaml", "--fast", "--format", "json"],
        ["check", "f.yaml"],
        ["check", "--explain", "all"],
        ["test", "t.test.yaml"],
        ["explore", "f.yaml"],
        ["graph", "f.yaml", "--format", "svg"],
        ["campaign", "p.yaml"],
        ["campaign", "check", "p.yaml"],
    ):
        line = " ".join([DRYDIAL, *args])
        for how in (">/dev/full", ">&-", "<&- >&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"):
            done = subprocess.run(
                ["sh", "-c", f"{line} {how}"], cwd=d, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 2, (line, how, done)
            if "2>" not in how:
                assert "standard output cannot be written" in done.stderr, (line, how, done)
        # nothing is lost of what goes elsewhere
        done = subprocess.run(
            ["sh", "-c", f"{line} 0<&- 2>&-"], cwd=d, capture_output=True, timeout=60
        )
        assert done.stdout, line
    # with everything closed, the first file that is opened is not taken for a standard one
    for args in ("call f.yaml --fast --record r.wav", "campaign p.yaml --calls calls.csv"):
        done = subprocess.run(["sh", "-c", f"{DRYDIAL} {args} <&- >&- 2>&-"], cwd=d, timeout=60)
        assert done.returncode == 2
    after = content(d)
    assert {k: after[k] for k in before} == before
    for name in set(after) - set(before):
        assert name in ("r.wav", "calls.csv") and b"drydial" not in after[name], name


OUTPUTS = (
    ("call f.yaml --fast --record", "out.wav"),
    ("call f.yaml --fast --save-scenario", "out.test.yaml"),
    ("test t.test.yaml --report html=", "out.html"),
    ("test t.test.yaml --report junit=", "out.xml"),
    ("campaign p.yaml --calls", "out.csv"),
    ("campaign p.yaml --calls", "out.db"),
)


def arguments(line, path):
    words = line.split()
    return words[:-1] + [words[-1] + path] if words[-1].endswith("=") else [*words, path]


@test
def a_file_that_does_not_fit_is_an_error_and_the_old_one_stays():
    for line, name in OUTPUTS:
        d = folder()
        done = run(*arguments(line, name), cwd=d)
        assert done.returncode in (0, 1), done
        before = content(d)
        assert before[name] and not [n for n in before if n.startswith(".")], sorted(before)

        def small():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

        done = subprocess.run(
            [DRYDIAL, *arguments(line, name)],
            cwd=d,
            capture_output=True,
            text=True,
            preexec_fn=small,
            timeout=60,
            env=dict(os.environ, XDG_CACHE_HOME=d + "/cache"),
        )
        assert done.returncode == 2 and name in done.stderr, (line, done)
        assert content(d) == before, line


@test
def what_a_command_reads_it_does_not_write_over():
    for line, inputs in (
        ("call f.yaml --fast --record", ("f.yaml", "hello.wav")),
        ("call f.yaml --fast --save-scenario", ("f.yaml", "hello.wav")),
        ("test t.test.yaml --report html=", ("t.test.yaml", "f.yaml", "hello.wav")),
        ("campaign p.yaml --calls", ("p.yaml", "f.yaml", "c.csv")),
    ):
        for name in inputs:
            d = folder()
            os.symlink(name, os.path.join(d, "link"))
            os.link(os.path.join(d, name), os.path.join(d, "same"))
            before = content(d)
            for way in (name, "link", "same", os.path.join(d, "..", os.path.basename(d), name)):
                done = run(*arguments(line, way), cwd=d)
                assert done.returncode == 2, (line, way, done)
                assert "is read by this command" in done.stderr, (line, way, done.stderr)
                assert content(d) == before, (line, way)


@test
def files_in_dev_shm_are_files_and_no_devices():
    if not os.access("/dev/shm", os.W_OK):
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as d:
        flow = os.path.join(d, "f.yaml")
        shutil.copy(os.path.join(ROOT, "flows/otp.yaml"), flow)
        before = content(d)
        done = run("call", flow, "--fast", "--record", flow, cwd=d)
        assert done.returncode == 2 and "is read by this command" in done.stderr, done
        assert content(d) == before


@test
def links_modes_and_pipes_stay_what_they_are():
    d = folder()
    path = lambda name: os.path.join(d, name)
    with open(path("real.test.yaml"), "w") as out:
        out.write("old")
    os.chmod(path("real.test.yaml"), 0o640)
    os.symlink("real.test.yaml", path("link"))
    assert run("call", "f.yaml", "--fast", "--save-scenario", "link", cwd=d).returncode == 0
    assert os.path.islink(path("link"))
    assert "recorded call" in open(path("real.test.yaml")).read()
    assert os.stat(path("real.test.yaml")).st_mode & 0o777 == 0o640
    for out in ("/dev/stdout", "/dev/stderr"):
        with open(path("shown"), "w") as shown:
            done = subprocess.run(
                [DRYDIAL, "call", "f.yaml", "--fast", "--save-scenario", out],
                cwd=d,
                stdout=shown,
                stderr=shown,
            )
        assert done.returncode == 0 and "recorded call" in open(path("shown")).read()
    assert run("call", "f.yaml", "--fast", "--record", "/dev/null", cwd=d).returncode == 0
    for line, _ in OUTPUTS:
        done = run(*arguments(line, "-"), cwd=d)
        assert done.returncode == 2 and "name a file" in done.stderr, (line, done)
        assert not os.path.exists(path("-")), line
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")


@test
def a_database_that_is_not_ours_is_not_replaced():
    d = folder()
    other = os.path.join(d, "other.db")
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE accounts (name TEXT)")
    db.close()
    with open(os.path.join(d, "notes.db"), "w") as out:
        out.write("my notes")
    before = content(d)
    for name in ("other.db", "notes.db"):
        done = run("campaign", "p.yaml", "--calls", name, cwd=d)
        assert done.returncode == 2 and "no list of calls" in done.stderr, done
        assert content(d) == before
    for _ in range(2):  # one of ours is
        assert run("campaign", "p.yaml", "--calls", "ours.db", cwd=d).returncode in (0, 1)
        with sqlite3.connect(os.path.join(d, "ours.db")) as db:
            assert db.execute("SELECT count(*) FROM contacts").fetchone() == (50,)
        db.close()


STOPS = (signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def as_at_a_terminal():
    """A shell's background jobs ignore Ctrl-C; no file of the memory is written."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)


@test
def whoever_stops_it_finds_the_terminal_as_it_was_and_no_half_file():
    for number in STOPS:
        d = folder()
        before = sorted(os.listdir(d))
        master, slave = pty.openpty()
        was = termios.tcgetattr(slave)
        p = subprocess.Popen(
            [DRYDIAL, "call", "f.yaml", "--record", "r.wav"],
            cwd=d,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=as_at_a_terminal,
        )
        end = time.monotonic() + 20
        while termios.tcgetattr(slave)[3] == was[3]:
            assert time.monotonic() < end
            time.sleep(0.02)
        time.sleep(0.3)
        p.send_signal(number)
        while p.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert p.returncode != 0, number
        assert termios.tcgetattr(slave) == was, number
        left = sorted(set(os.listdir(d)) - set(before))
        assert left in ([], ["r.wav"]), left  # of a call that was hung up there is a recording
        os.close(master), os.close(slave)


if __name__ == "__main__":
    main()
