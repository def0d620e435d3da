"""What the end-to-end tests share: running drydial, and counting."""
import glob
import json
import os
import subprocess
import sys
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
    failed = 0
    for function in TESTS:
        try:
            function()
        except Exception:
            failed += 1
            print(f"not ok - {function.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not TESTS else 0)
