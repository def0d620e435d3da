"""The sources look as `make format` leaves them, and none has a line over 100 columns."""
import os
import subprocess

from lib import left_out, main, ROOT, test

COLUMNS, TAB = 100, 8


def git(*args):
    done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else None


def sources(*patterns):
    """The files of these kinds that git knows; elsewhere than in a clone nothing is known."""
    found = git("ls-files", *patterns)
    if not found:
        left_out("the sources are no clone of git")
    return [f for f in found or [] if os.path.exists(os.path.join(ROOT, f))]


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def is_script(path):
    return text_of(path).startswith("#!")


def too_long(path):
    """Its lines of more than 100 columns: code points, and tabs to every eighth."""
    lines = text_of(path).splitlines()
    return [
        f"{path}:{i}: {len(line.expandtabs(TAB))} columns"
        for i, line in enumerate(lines, 1)
        if len(line.expandtabs(TAB)) > COLUMNS
    ]


@test
def no_line_is_over_a_hundred_columns():
    code = sources("*.c", "*.h", "*.def", "*.py")
    scripts = [f for f in sources("*.sh", "tools/*", ".ci/*") if is_script(f)]
    found = [line for path in code + scripts for line in too_long(path)]
    assert not found, "\n".join(found)
    assert not code or len(scripts) >= 9, scripts


def complaints(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"{command[0]}: failed"


@test
def make_format_would_change_nothing():
    c, python = sources("*.c", "*.h", "*.def"), sources("*.py")
    if not c:
        return
    found = complaints("clang-format", "--dry-run", "-Werror", *c)
    found += complaints("black", "--check", *python)
    assert not found, f"{found}run make format, and commit what it changes"


@test
def blame_skips_commits_that_are_there():
    revisions = [
        line
        for line in text_of(".git-blame-ignore-revs").splitlines()
        if line and not line.startswith("#")
    ]
    assert len(revisions) >= 2
    if git("rev-parse", "--is-shallow-repository") != ["false"]:
        left_out("a shallow clone does not have the commits of .git-blame-ignore-revs")
        return
    for revision in revisions:
        assert (
            git("merge-base", "--is-ancestor", revision, "HEAD") is not None
        ), f".git-blame-ignore-revs: {revision} is no ancestor of HEAD; a rebase renames commits"


if __name__ == "__main__":
    main()
