"""drydial check --fix: each pair in tests/fixes is a flow before and after it, byte for byte."""
import glob
import json
import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time

from lib import call, DRYDIAL, main, our_flows, ROOT, run, test

PAIRS = sorted(p for p in glob.glob(os.path.join(ROOT, "tests/fixes/*")) if os.path.isdir(p))
DROPS = "flow: Shop\nsteps:\n  - greeting: Hello.\n"


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


class Folder:
    """A copy of a pair's folder, or an empty one, and check in it."""

    def __init__(self, source=None):
        self.path = tempfile.mkdtemp()
        if source:
            shutil.copytree(source, self.path, dirs_exist_ok=True)
        self.operand = (
            "main.yaml"
            if source and os.path.exists(os.path.join(source, "main.yaml"))
            else "before.yaml"
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def at(self, name):
        return os.path.join(self.path, name)

    def fix(self, *args, operand=None, **more):
        return subprocess.run(
            [DRYDIAL, "check", operand or self.operand, "--fix", *args],
            cwd=self.path,
            capture_output=True,
            timeout=120,
            **more,
        )


def for_each_pair(function):
    faults = []
    for path in PAIRS:
        try:
            function(
                path,
                read(os.path.join(path, "before.yaml")),
                read(os.path.join(path, "after.yaml")),
            )
        except Exception as fault:
            faults.append(f"{os.path.basename(path)}: {type(fault).__name__} {fault}")
    assert len(PAIRS) > 50 and not faults, "\n" + "\n".join(faults)


@test
def a_flow_is_repaired_byte_for_byte_and_once():
    def one(path, before, after):
        with Folder(path) as d:
            main_before = read(d.at(d.operand)) if d.operand == "main.yaml" else None
            done = d.fix("--write")
            got = read(d.at("before.yaml"))
            assert got == after, got.decode() + done.stderr.decode()
            assert main_before is None or read(d.at(d.operand)) == main_before
            assert (b"nothing to fix" in done.stderr) == (before == after), done.stderr
            again = d.fix("--write")
            assert (
                b"nothing to fix" in again.stderr and read(d.at("before.yaml")) == after
            ), again.stdout
            assert sorted(os.listdir(d.path)) == sorted(os.listdir(path)), os.listdir(d.path)

    for_each_pair(one)


@test
def without_a_terminal_only_the_diff_is_shown_and_patch_makes_the_same_of_it():
    def one(path, before, after):
        with Folder(path) as d:
            done = d.fix(stdin=subprocess.DEVNULL)
            assert read(d.at("before.yaml")) == before and b"\033" not in done.stdout
            if before == after:
                return
            assert done.returncode == 1 and done.stdout.startswith(
                b"--- before.yaml\n+++ before.yaml\n@@ "
            ), done.stdout
            assert (
                done.stderr == b"drydial: nothing is written; --fix --write writes these changes\n"
            ), done.stderr
            write(d.at("diff"), done.stdout)
            for tool in (
                ["patch", "-p0", "--binary", "--quiet", "-i", "diff"],
                ["git", "apply", "-p0", "--whitespace=nowarn", "diff"],
            ):
                write(d.at("before.yaml"), before)
                subprocess.run(
                    tool, cwd=d.path, check=True, env=dict(os.environ, GIT_CEILING_DIRECTORIES="/")
                )
                assert read(d.at("before.yaml")) == after, tool

    for_each_pair(one)


@test
def hunks_are_those_of_diff():
    with Folder() as d:
        lines = ["flow: Code", "purpose: otp", "voice: { read: literal }"]
        lines += ["variables: { code: 4578 }", "steps:"]
        for gap in (0, 1, 5, 6, 7, 8, 20):
            lines += [f"  - greeting: Line {n}." for n in range(gap)] + [
                "  - greeting: Your code is {code}."
            ]
        write(d.at("before.yaml"), "\n".join(lines))
        ours = d.fix().stdout.split(b"\n", 2)[2]
        write(
            d.at("after.yaml"), "\n".join(lines).replace("{code}", "{code:digits}") + "\n  - hangup"
        )
        theirs = subprocess.run(
            ["diff", "-u", "before.yaml", "after.yaml"], cwd=d.path, capture_output=True
        ).stdout.split(b"\n", 2)[2]
        assert ours == theirs, ours.decode() + theirs.decode()


@test
def exit_codes_say_what_is_left():
    with Folder() as d:
        write(d.at("before.yaml"), DROPS)
        assert d.fix().returncode == 1
        done = d.fix("--write")
        assert (
            done.returncode == 0
            and b"1 flow: 0 errors" in done.stdout
            and done.stdout.startswith(b"---")
        ), done.stdout
        clean = d.fix()
        assert (
            clean.returncode == 0
            and clean.stderr == b"drydial: nothing to fix\n"
            and b"1 flow: 0 errors" in clean.stdout
        )
        write(d.at("before.yaml"), DROPS + "  - goto: nowhere\n")
        assert d.fix().returncode == 2
        write(
            d.at("before.yaml"),
            "flow: Shop\nsteps:\n  - greeting: Dear: you {nobody}\n  - hangup\n",
        )
        assert d.fix("--write").returncode in (1, 2)
    assert run("check", "--write", "flows/otp.yaml").returncode == 2
    assert run("check", "--fix", "--format", "json", "flows/otp.yaml").returncode == 2


@test
def what_has_nothing_to_repair_is_left_alone():
    paths = our_flows() + sorted(glob.glob(os.path.join(ROOT, "tests/flows/good/*.yaml")))
    found = json.loads(run("check", "flows", "tests/flows/good", "--format", "json").stdout)[
        "diagnostics"
    ]
    drop = {os.path.join(ROOT, x["file"]) for x in found if x["code"] == "call-drops"}
    paths = [p for p in paths if p not in drop and not p.endswith(".test.yaml")]
    before = [read(p) for p in paths]
    done = run("check", *paths, "--fix", "--write")
    assert len(paths) > 75 and "nothing to fix" in done.stderr, done.stdout
    assert before == [read(p) for p in paths]


@test
def hostile_files_are_no_danger():
    for source in ("tests/flows/bad", "tests/fuzz/fuzz_flow.in", "tests/flows/good", "tests/rules"):
        with Folder(os.path.join(ROOT, source)) as d:
            for name in glob.glob(d.at("*")):
                if os.path.isfile(name) and not name.endswith(".yaml"):
                    os.rename(name, name + ".yaml")
            first = d.fix("--write", operand=".")
            assert first.returncode in (0, 1, 2), (source, first.returncode, first.stderr)
            again = d.fix("--write", operand=".")
            assert b"nothing to fix" in again.stderr, (source, again.stdout)


@test
def files_keep_their_mode_their_link_and_their_place():
    with Folder() as d:
        os.mkdir(d.at("real"))
        write(d.at("real/flow.yaml"), DROPS)
        os.chmod(d.at("real/flow.yaml"), 0o640)
        os.symlink("real/flow.yaml", d.at("before.yaml"))
        done = d.fix("--write", "real/flow.yaml")
        assert (
            done.returncode == 0
            and os.path.islink(d.at("before.yaml"))
            and done.stdout.count(b"+  - hangup") == 1
        ), done.stdout
        assert stat.S_IMODE(os.stat(d.at("real/flow.yaml")).st_mode) == 0o640
        assert read(d.at("real/flow.yaml")).count(b"- hangup") == 1 and os.listdir(
            d.at("real")
        ) == ["flow.yaml"]
        write(d.at("fixed.yaml"), DROPS)
        os.chmod(d.at("fixed.yaml"), 0o444)
        done = d.fix("--write", operand="fixed.yaml")
        assert (
            done.returncode == 2
            and b"is read-only" in done.stderr
            and read(d.at("fixed.yaml")) == DROPS.encode()
        )


@test
def a_flow_that_two_lead_to_is_repaired_once_and_for_both():
    with Folder() as d:
        for name in ("a.yaml", "b.yaml"):
            write(
                d.at(name),
                "flow: Main\nsteps:\n  - greeting: Welcome.\n  - transfer: shared.yaml\n",
            )
        write(d.at("shared.yaml"), DROPS)
        done = d.fix("--write", "b.yaml", "shared.yaml", operand="a.yaml")
        assert (
            done.returncode == 0 and read(d.at("shared.yaml")) == DROPS.encode() + b"  - hangup\n"
        ), done.stdout


@test
def a_comment_that_one_of_two_flows_needs_stays():
    with Folder() as d:
        write(
            d.at("a.yaml"),
            "flow: Code\n"
            "purpose: otp\n"
            "variables: { code: 4578, pin: 1234 }\n"
            "steps:\n"
            "  - greeting: Welcome.\n"
            "  - transfer: shared.yaml\n",
        )
        shared = (
            "flow: Shared\n"
            "variables: { pin: 1234 }\n"
            "voice: { read: literal }\n"
            "steps:\n"
            "  # drydial: allow otp-digits\n"
            "  - greeting: Your pin is {pin}.\n"
            "  - hangup\n"
        )
        write(d.at("shared.yaml"), shared)
        d.fix("--write", "shared.yaml", operand="a.yaml")
        assert read(d.at("shared.yaml")).decode() == shared, read(d.at("shared.yaml")).decode()


@test
def standard_input_gives_a_diff_and_no_more():
    for args in ((), ("--write",)):
        done = run("check", "-", "--fix", *args, input=DROPS)
        assert done.stdout.startswith(
            "--- <stdin>\n+++ <stdin>\n@@ -1,3 +1,4 @@\n"
        ) and done.returncode == (2 if args else 1), done
    clean = run("check", "-", "--fix", input=DROPS + "  - hangup\n")
    assert clean.returncode == 0 and "1 flow: 0 errors" in clean.stdout, clean


def at_a_terminal(folder, answer, *args):
    """What the terminal shows, and the exit code, when the question is answered."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ["TERM"] = "xterm"
        os.environ.pop("NO_COLOR", None)
        os.execv(DRYDIAL, [DRYDIAL, "check", "before.yaml", "--fix", *args])
    seen, asked, end = b"", False, time.time() + 60
    while time.time() < end:
        if not select.select([fd], [], [], 1)[0]:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
        if not asked and b"[y/N]" in seen:
            asked = True
            os.write(fd, answer)
    status = os.waitpid(pid, 0)[1]
    os.close(fd)
    return seen, status


@test
def at_a_terminal_it_asks():
    for answer, written in (
        (b"n\n", False),
        (b"\n", False),
        (b"\x04", False),
        (b"\x03", False),
        (b"yesterday\n", False),
        (b"y\n", True),
        (b"yes\n", True),
    ):
        with Folder() as d:
            write(d.at("before.yaml"), DROPS)
            seen, status = at_a_terminal(d.path, answer)
            assert (
                b"\033[32m+  - hangup\033[0m" in seen and b"Write these changes? [y/N]" in seen
            ), seen
            assert (b"- hangup" in read(d.at("before.yaml"))) == written, (answer, seen)
            assert os.listdir(d.path) == ["before.yaml"]
            if answer == b"\x03":
                assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
            else:
                assert os.WEXITSTATUS(status) == (0 if written else 1), (answer, status)
    with Folder() as d:
        write(d.at("before.yaml"), DROPS)
        seen, status = at_a_terminal(d.path, b"", "--write")
        assert (
            b"[y/N]" not in seen
            and b"- hangup" in read(d.at("before.yaml"))
            and os.WEXITSTATUS(status) == 0
        )


@test
def what_was_saved_meanwhile_is_not_overwritten():
    with Folder() as d:
        write(d.at("before.yaml"), DROPS)
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(d.path)
            os.execv(DRYDIAL, [DRYDIAL, "check", "before.yaml", "--fix"])
        seen = b""
        while b"[y/N]" not in seen:
            seen += os.read(fd, 65536)
        write(d.at("before.yaml"), DROPS + "# mine\n")
        os.write(fd, b"y\n")
        try:
            while True:
                data = os.read(fd, 65536)
                if not data:
                    break
                seen += data
        except OSError:
            pass
        status = os.waitpid(pid, 0)[1]
        assert (
            b"has changed meanwhile" in seen
            and os.WEXITSTATUS(status) == 2
            and read(d.at("before.yaml")).endswith(b"# mine\n")
        ), seen


@test
def a_repair_changes_nothing_else_of_a_call():
    """Quotes, comments and hangups: every word before the end of the call is what it was."""
    seen = 0
    for path in PAIRS:
        name = os.path.basename(path)
        before, after = os.path.join(path, "before.yaml"), os.path.join(path, "after.yaml")
        if name.split("-")[0] not in ("drops", "allow") or read(before) == read(after):
            continue
        for keys in ("1", "2,1", "-,-,-"):
            texts = [
                [
                    e.get("text")
                    for e in call(p, "--keys", keys)["events"]
                    if e["type"] in ("prompt", "sms", "answer")
                ]
                for p in (before, after)
            ]
            assert texts[0] == texts[1], (name, keys, texts)
            seen += 1
    assert seen > 30
    for name, words in (
        ("words-quotes", 'Say "yes" or \'no\' at C:\\x #1 "now"'),
        ("yaml-quotes", 'He said: "yes\\no"'),
        ("words-lines", "Your order with the number #1234"),
        ("yaml-colon", "Dear customer: your order is ready."),
    ):
        texts = [
            e.get("text")
            for e in call(os.path.join(ROOT, "tests/fixes", name, "after.yaml"))["events"]
            if e["type"] == "prompt"
        ]
        assert texts == [words], texts


@test
def rules_say_whether_they_are_repaired():
    text = run("check", "--explain", "all").stdout
    repaired = {part.split("\n")[0] for part in text.split("\n## ") if "Repaired by --fix." in part}
    assert repaired == {"otp-digits", "call-drops", "words-cut"}, repaired
    for rule in repaired:
        with Folder(os.path.join(ROOT, "tests/rules", rule)) as d:
            assert d.fix("--write", operand="bad.yaml").returncode == 0


if __name__ == "__main__":
    main()
