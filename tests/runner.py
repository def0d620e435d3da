"""Runs every test of one build variant, some at once, after building what they need.

Tests are the @test functions of tests/e2e, the unit test programs, the replays of the fuzz targets
and a few checks of the sources. Each is a process of its own: a function runs in a fork of this
process, which has read its file, in a session of its own, so that all it starts can be ended.
Tests marked @alone run after the others, one by one; those marked @waits, which mostly sleep, run
beside the others.

    tools/run-tests [release|debug|san|cover] [-k NAME]…
"""
import argparse
import ctypes
import faulthandler
import gc
import glob
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
# Twice the cores that this machine is likely to have: most tests wait now and then for what they
# have started. As long as the processors still have nothing to do, more are begun.
WORKERS, MOST_WORKERS, WAITERS = 4, 10, 4
# Test programs that mostly wait: for voices that are made to hang, until patience ends.
WAITING_PROGRAMS = {"unit voice/test_voice"}
LOG_LINES = 60
ROOM_OF_TESTS = 4 << 30  # bytes; what they have at once is under 1 GB
PR_SET_CHILD_SUBREAPER = 36


class Test:
    """What runs: a function, or a command. `alone`: nothing else may run meanwhile; `waits`: it
    takes no worker's place."""

    def __init__(self, name, function=None, command=None, alone=False, waits=False):
        self.name, self.function, self.command = name, function, command
        self.alone, self.waits = alone, waits
        self.pid, self.began, self.ended_late = 0, 0, False
        self.busy = 0.0  # seconds of a processor that it and its children took


# -- building ------------------------------------------------------------------


def environment(variant):
    """What the tests are given, whatever the user's own settings are."""
    build = os.path.join(ROOT, "build", variant)
    os.environ.update(
        DRYDIAL=os.path.join(build, "drydial"),
        XDG_CACHE_HOME=os.path.join(build, "cache"),
        LC_ALL="C.UTF-8",
        ASAN_OPTIONS="detect_leaks=1",
        LSAN_OPTIONS=f"suppressions={ROOT}/tests/leaks.supp:print_suppressions=0",
        UBSAN_OPTIONS="print_stacktrace=1",
    )
    for name in ("NO_COLOR", "ALSA_CONFIG_PATH"):
        os.environ.pop(name, None)
    for folder in ("cache", "test-logs"):
        os.makedirs(os.path.join(build, folder), exist_ok=True)
    return build


def make(variant):
    """A make command of our own, on all cores, even below a make that has one job."""
    flags = re.sub(r"(^| )(-j\d*|--jobserver-\S+)", "", os.environ.get("MAKEFLAGS", ""))
    os.environ["MAKEFLAGS"] = flags
    jobs = len(os.sched_getaffinity(0))
    return ["make", "--silent", "--no-print-directory", f"-j{jobs}", f"V={variant}"]


def build_all(variant, log, terminal):
    """Builds; at a terminal make tells what it compiles. The log is shown where that fails."""
    command = [*make(variant), "all", "unit-bins", "fuzz-bins"]
    if terminal:
        return subprocess.run(command, cwd=ROOT).returncode == 0
    with open(log, "wb") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    if done.returncode:
        show_end_of(log, 200)
    return done.returncode == 0


# -- finding -------------------------------------------------------------------


def functions():
    """The functions marked @test, file by file."""
    folder = os.path.join(ROOT, "tests/e2e")
    sys.path.insert(0, folder)
    import lib

    for path in sorted(glob.glob(f"{folder}/test_*.py")):
        module = os.path.basename(path)[:-3]
        lib.TESTS.clear()
        importlib.import_module(module)
        for function in lib.TESTS:
            name = f"{module}.{function.__name__}"
            how = {k: getattr(function, k, False) for k in ("alone", "waits")}
            yield Test(name, function=function, **how)


def programs(build):
    """The programs that make has built for us, and what looks at the sources."""
    for source in sorted(glob.glob(f"{ROOT}/tests/unit/*/test_*.c")):
        path = os.path.relpath(source, f"{ROOT}/tests/unit")[:-2]
        name = f"unit {path}"
        waits = name in WAITING_PROGRAMS
        yield Test(name, command=[f"{build}/tests/{path}"], waits=waits)
    for source in sorted(glob.glob(f"{ROOT}/tests/fuzz/fuzz_*.c")):
        name = os.path.basename(source)[:-2]
        yield Test(f"fuzz {name}", command=[f"{build}/fuzz/{name}", f"tests/fuzz/{name}.in"])
    yield Test("headers", command=["make", "--no-print-directory", "headers"])
    yield Test("arrows", command=["tools/check-arrows"])


# -- running -------------------------------------------------------------------


def inside(test, log):
    """In the fork: the test. Its exit code is its result."""
    os.setsid()
    for target, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY)):
        os.dup2(os.open(os.devnull if target == 0 else log, flags), target)
    os.dup2(1, 2)
    os.closerange(3, 64)
    sys.stdout.reconfigure(line_buffering=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    if test.command:
        os.execvp(test.command[0], test.command)
    test.function()


def start(test, log):
    open(log, "w").close()
    test.began, test.log = time.monotonic(), log
    sys.stdout.flush()
    test.pid = os.fork()
    if test.pid:
        return
    code = 1
    try:
        os.environ["DRYDIAL_TEST"] = mark(os.getpid())
        inside(test, log)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def mark(pid):
    return f"{os.path.basename(tempfile.gettempdir())}.{pid}"


def children_of(pid):
    """The processes that a process, or a thread of it, has started or was given."""
    found = set()
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path) as f:
                found.update(map(int, f.read().split()))
        except OSError:
            pass
    return found


def has_mark(pid, named):
    try:
        with open(f"/proc/{pid}/environ", "rb") as env:
            return named in env.read()
    except OSError:
        return False


def family(pid):
    """Below a test's process, and whoever left it but was started with its mark: orphans are given
    to us."""
    named = f"DRYDIAL_TEST={mark(pid)}\0".encode()
    found, new = set(), {pid}
    new |= {child for child in children_of(os.getpid()) if has_mark(child, named)}
    while new:
        found |= new
        new = set().union(*map(children_of, new)) - found
    return found


def end_family(pid):
    """Ends a test, if it still runs, and what it left running; twice, for what forked meanwhile."""
    for _ in range(2):
        for other in family(pid):
            try:
                os.kill(other, signal.SIGKILL)
            except ProcessLookupError:
                pass


def end_late(test):
    """A test that hangs says where, and is ended."""
    test.ended_late = True
    if test.function:
        os.kill(test.pid, signal.SIGUSR1)
        time.sleep(0.3)
    end_family(test.pid)


def ended(running):
    """Takes the children that have ended, orphans too: the tests among them, with their status."""
    while True:
        try:
            pid, status, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in running:
            end_family(pid)
            running[pid].busy = used.ru_utime + used.ru_stime
            yield running.pop(pid), status


class Idle:
    """How much of the processors' time was not used of late, from Linux's count of it."""

    def __init__(self):
        self.at, self.before, self.share = 0.0, None, 0.0

    def look(self):
        """A share from 0 to 1, measured anew three times a second; 0: nobody knows."""
        now = time.monotonic()
        if now - self.at < 0.33:
            return self.share
        self.at = now
        try:
            with open("/proc/stat", encoding="ascii") as f:
                counts = [int(word) for word in f.readline().split()[1:9]]
        except (OSError, ValueError):
            return 0.0
        new = (sum(counts), counts[3] + counts[4])
        if self.before and new[0] > self.before[0]:
            self.share = (new[1] - self.before[1]) / (new[0] - self.before[0])
        self.before = new
        return self.share

    def taken(self):
        """What was begun now needs what was idle."""
        self.share = 0.0


def next_test(queues, running, workers, idle):
    """Of those that work and of those that wait, whichever has room; None: neither has."""
    at_work = sum(not test.waits for test in running.values())
    if 1 < workers <= at_work < MOST_WORKERS and idle.look() > 0.2:
        idle.taken()
        workers = at_work + 1
    for waits, room in ((False, workers), (True, WAITERS)):
        busy = sum(test.waits == waits for test in running.values())
        if queues[waits] and busy < room:
            return queues[waits].pop()
    return None


def run(tests, workers, limit, logs, tell):
    """Runs `tests` in their order, `workers` at once, and those that wait beside them."""
    queues, running, idle = {False: [], True: []}, {}, Idle()
    for test in reversed(tests):
        queues[test.waits].append(test)
    try:
        while any(queues.values()) or running:
            while (test := next_test(queues, running, workers, idle)) is not None:
                start(test, os.path.join(logs, re.sub(r"[ /]", "-", test.name) + ".log"))
                running[test.pid] = test
            for test, status in ended(running):
                tell(test, status)
            for test in running.values():
                if time.monotonic() - test.began > limit and not test.ended_late:
                    end_late(test)
            time.sleep(0.01)
    finally:
        for pid in running:
            end_family(pid)


# -- telling -------------------------------------------------------------------


def show_end_of(log, lines):
    with open(log, encoding="utf-8", errors="replace") as f:
        print("".join(f.readlines()[-lines:]), end="", flush=True)


class Tally:
    """Counts, and tells each end: at a terminal all, else those of failures; all go to `times`."""

    def __init__(self, terminal, limit, times):
        self.terminal, self.limit, self.times = terminal, limit, times
        self.passed = self.failed = 0
        self.began = time.monotonic()
        self.left_out = []

    def tell(self, test, status):
        seconds = time.monotonic() - test.began
        fine = status == 0 and not test.ended_late
        line = f"{'ok    ' if fine else 'FAILED'} {seconds:6.1f} s  {test.name}"
        since = f"from {test.began - self.began:.1f} s on, {test.busy:.1f} s busy"
        print(f"{line}  ({since})", file=self.times, flush=True)
        if self.terminal:
            print(line, flush=True)
        self.passed += fine
        self.failed += not fine
        self.note_left_out(test)
        if fine:
            return
        print(f"--- {test.name} failed{self.why(test, status)}:")
        show_end_of(test.log, LOG_LINES)
        print(f"--- run it again: tools/run-tests -k '{test.name}'; its log: {test.log}")

    def why(self, test, status):
        if test.ended_late:
            return f", ended after {self.limit} s"
        return f", ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else ""

    def note_left_out(self, test):
        """A test that cannot look at everything says so in a line of its own."""
        with open(test.log, encoding="utf-8", errors="replace") as f:
            found = [line.strip() for line in f if line.startswith("left out: ")]
        self.left_out += [f"{line} ({test.name})" for line in found]


# -- main ----------------------------------------------------------------------


def options():
    parser = argparse.ArgumentParser(prog="tools/run-tests", description="Runs the tests.")
    kinds = ["release", "debug", "san", "cover"]
    parser.add_argument("variant", nargs="?", default="release", choices=kinds)
    parser.add_argument("-k", metavar="NAME", action="append", help="tests with NAME in theirs")
    return parser.parse_args()


def interrupted(*_):
    raise KeyboardInterrupt


def all_tests(build, names):
    tests = [*functions(), *programs(build)]
    return [t for t in tests if not names or any(name in t.name for name in names)]


def fast_folder():
    """Where temporary files cost no disk, if there is such a place with room for all tests and
    their programs; else None, which is the system's own: the tests make and delete thousands of
    small files and databases, and a disk's journal made them wait for a quarter of their time."""
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return None
    room = found.f_bavail * found.f_frsize >= ROOM_OF_TESTS
    writable = os.access("/dev/shm", os.W_OK) and not found.f_flag & os.ST_NOEXEC
    return "/dev/shm" if room and writable and "TMPDIR" not in os.environ else None


def run_all(tests, build, tally):
    """In a temporary folder that goes with us, whatever is left in it."""
    folder = tempfile.mkdtemp(prefix="drydial-tests-", dir=fast_folder())
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    logs = os.path.join(build, "test-logs")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    gc.freeze()  # forks share these pages: a collection would write into them, and so copy them
    try:
        run([t for t in tests if not t.alone], WORKERS, tally.limit, logs, tally.tell)
        run([t for t in tests if t.alone], 1, tally.limit, logs, tally.tell)
    finally:
        shutil.rmtree(tempfile.tempdir, ignore_errors=True)


def main():
    o = options()
    os.chdir(ROOT)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    terminal = sys.stdout.isatty()
    build, began = environment(o.variant), time.monotonic()
    if not build_all(o.variant, os.path.join(build, "test-logs/build.log"), terminal):
        return 1
    built = time.monotonic()
    tests = all_tests(build, o.k)
    if not tests:
        print(f"no test has a name with {' or '.join(o.k)} in it; the names are those of @test")
        return 1
    limit = 300 if o.variant == "release" else 1200
    with open(os.path.join(build, "test-logs/times.txt"), "w") as times:
        tally = Tally(terminal, limit, times)
        run_all(tests, build, tally)
    for line in tally.left_out:
        print(line)
    print(f"build {built - began:.0f} s, tests {time.monotonic() - built:.0f} s")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("interrupted: everything that was started has been ended", file=sys.stderr)
        sys.exit(130)
