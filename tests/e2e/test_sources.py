"""The sources look as `make format` leaves them, and none has a line over 100 columns."""
import os
import shutil
import subprocess
import tempfile

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


@test
def make_format_would_change_nothing():
    """It is run on a copy: twice in a row it must say the same, too."""
    paths = sources("*.c", "*.h", "*.def", "*.py")
    with tempfile.TemporaryDirectory() as d:
        for path in [*paths, *sources("Makefile", ".clang-format", "pyproject.toml")]:
            os.makedirs(os.path.dirname(f"{d}/{path}"), exist_ok=True)
            shutil.copy(os.path.join(ROOT, path), f"{d}/{path}")
        if not paths:
            return
        for command in (["git", "init", "-q"], ["git", "add", "."], ["make", "-s", "format"]):
            done = subprocess.run(command, cwd=d, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        changed = []
        for path in paths:
            with open(f"{d}/{path}", encoding="utf-8") as f:
                if f.read() != text_of(path):
                    changed.append(path)
        assert not changed, f"make format changes {', '.join(changed)}: run it and commit"


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
