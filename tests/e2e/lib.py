"""What the end-to-end tests share: running drydial, and counting."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
DRYDIAL = os.environ.get("DRYDIAL", os.path.join(ROOT, "build", "drydial"))
TESTS = []


def our_flows():
    return sorted(
        p for p in glob.glob(os.path.join(ROOT, "flows/*.yaml")) if not p.endswith(".test.yaml")
    )


def test(function):
    TESTS.append(function)
    return function


def alone(function):
    """Of a test that needs the machine to itself: `@test`, then `@alone`."""
    function.alone = True
    return function


def waits(function):
    """Of a test that mostly waits for time to pass: `@test`, then `@waits`. It runs beside the two
    that work."""
    function.waits = True
    return function


def left_out(what):
    """Said by a test that cannot look at everything; make test repeats it at its end."""
    print(f"left out: {what}")


# Registries are asked by make check-online alone.
ONLINE = bool(os.environ.get("DRYDIAL_ONLINE"))
IF_HERE = [] if ONLINE else ["--here"]


def copy_of(*folders):
    """A temporary folder with copies of these of ours, for files that must lie beside them."""
    copy = tempfile.TemporaryDirectory()
    for folder in folders:
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(copy.name, folder))
    return copy


def run(*args, cwd=ROOT, env=None, input=None, timeout=120):
    full = dict(os.environ, **(env or {}))
    return subprocess.run(
        [DRYDIAL, *args],
        cwd=cwd,
        env=full,
        input=input,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def call(flow, *args, cwd=ROOT, **more):
    done = run("call", flow, "--fast", "--format", "json", *args, cwd=cwd, **more)
    assert done.returncode == 0, done.stderr or done.stdout
    return json.loads(done.stdout)


def main():
    """Runs the file's tests; with --first FILE, which keeps how long each takes, the quick ones
    first, and none after one that failed."""
    passed, failed, kept = 0, 0, sys.argv[2] if sys.argv[1:2] == ["--first"] else None
    took = {}
    if kept and os.path.exists(kept):
        with open(kept, encoding="utf-8") as f:
            took = json.load(f)
    for function in sorted(TESTS, key=lambda t: took.get(t.__name__, 0)):
        began = time.monotonic()
        try:
            function()
            passed += 1
            took[function.__name__] = time.monotonic() - began
        except Exception:
            failed += 1
            print(f"not ok - {function.__name__}")
            traceback.print_exc(file=sys.stdout)
            if kept:
                break
    if kept and not failed:
        with open(kept, "w", encoding="utf-8") as f:
            json.dump(took, f)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not TESTS else 0)
