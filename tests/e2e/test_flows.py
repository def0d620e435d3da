"""Every flow of tests/flows: the good ones do what their comments say, the bad ones are refused
word for word."""
import glob
import os
import shlex

from lib import ROOT, call, main, run, test

GOOD = os.path.join(ROOT, "tests/flows/good")
BAD = os.path.join(ROOT, "tests/flows/bad")


def spec_of(path):
    spec = {}
    for line in open(path, encoding="utf-8"):
        if not line.startswith("# "):
            break
        name, _, value = line[2:].strip().partition(": ")
        spec[name] = value
    return spec


def lookup(result, path):
    for part in path.split("."):
        result = result[int(part)] if isinstance(result, list) else result[part]
    return result


def check(result, name, want):
    types = [e["type"] for e in result["events"]]
    heard = [e.get("text", "") for e in result["events"] if e["type"] == "prompt"]
    if name == "heard":
        assert any(want in text for text in heard), (want, heard)
    elif name == "events_has":
        assert want in types, (want, types)
    elif name == "events":
        at = 0
        for wanted in want.split(","):
            assert wanted in types[at:], (want, types)
            at = types.index(wanted, at) + 1
    elif name.endswith("_has"):
        assert want in lookup(result, name[:-4]), (want, lookup(result, name[:-4]))
    else:
        got = lookup(result, name)
        got = str(got).lower() if isinstance(got, bool) else str(got)
        assert got == want, (name, want, got)


def run_good(path):
    spec = spec_of(path)
    args = shlex.split(spec.get("args", ""))
    args = [a.replace("~", " ") for a in args]
    if "keys" in spec:
        args += ["--keys", spec["keys"]]
    result = call(os.path.basename(path), *args, cwd=GOOD)
    assert spec.get("expect"), "the flow expects nothing"
    for pair in spec["expect"].split():
        name, _, want = pair.partition("=")
        check(result, name, want.replace("~", " "))


def for_each(folder, pattern, function, least):
    paths = sorted(
        p for p in glob.glob(os.path.join(folder, pattern)) if not p.endswith(".test.yaml")
    )
    assert len(paths) >= least, f"{len(paths)} flows in {folder}"
    faults = []
    for path in paths:
        try:
            function(path)
        except Exception as fault:
            faults.append(f"{os.path.basename(path)}: {type(fault).__name__} {fault}")
    assert not faults, "\n" + "\n".join(faults)


@test
def good_flows_do_what_they_say():
    for_each(GOOD, "*.yaml", run_good, 60)


def run_bad(path):
    done = run("call", os.path.basename(path), "--fast", cwd=BAD)
    want = open(path[:-5] + ".expect", encoding="utf-8").read()
    assert done.returncode == 2, done.returncode
    assert done.stderr == want, f"\n--- got\n{done.stderr}--- want\n{want}"
    assert done.stdout == "", done.stdout


@test
def bad_flows_are_refused_word_for_word():
    for_each(BAD, "*.yaml", run_bad, 140)


@test
def diagnostics_as_json():
    import json

    done = run("call", "many-at-once.yaml", "--fast", "--format", "json", cwd=BAD)
    found = json.loads(done.stdout)
    assert done.returncode == 2 and found["errors"] == 4, found
    assert [(d["line"], d["column"]) for d in found["diagnostics"]] == [
        (2, 10),
        (5, 16),
        (6, 42),
        (7, 11),
    ], found


@test
def our_own_flows_run_to_a_hangup():
    def one(path):
        result = call(path)
        assert result["ended_by"] == "flow" and not any(
            e["type"] in ("error", "missing") for e in result["events"]
        ), result

    for_each(os.path.join(ROOT, "flows"), "*.yaml", one, 15)


if __name__ == "__main__":
    main()
