"""docs/source.md: every row of the source has what stands for it, and that exists."""
import glob
import json
import os
import re

from lib import ROOT, main, run, test

# Rows of the source's tables and items of its lists, by section of the page.
ROWS = {
    "How automated calls work": 6,
    "Common use cases": 9,
    "Method 1: single automated call": 6,
    "Method 2 and 3: campaigns and events": 7,
    "Designing flows": 7,
    "Handling call outcomes": 7,
    "Scheduling": 9,
    "Compliance": 7,
    "Monitoring and analytics": 5,
    "Best practices": 8,
    "Troubleshooting": 6,
}


def rows():
    section = None
    with open(os.path.join(ROOT, "docs/source.md"), encoding="utf-8") as f:
        for line in f:
            if line.startswith("## "):
                section = line[3:].strip()
            cells = [c.strip() for c in line.strip().strip("|").split(" | ")]
            if line.startswith("| ") and cells[0] != "The source":
                yield section, cells[0], cells[1]


def rules():
    names = set()
    for command in (("check",), ("campaign", "check")):
        told = json.loads(run(*command, "--explain", "all", "--format", "json").stdout)
        names |= {r["name"] for r in told["rules"]}
    return names


@test
def every_row_of_the_source_is_there():
    counted = {}
    for section, words, _ in rows():
        assert words, section
        counted[section] = counted.get(section, 0) + 1
    assert counted == ROWS, counted


@test
def what_stands_for_a_row_exists():
    known, tests = rules(), set()
    for path in glob.glob(os.path.join(ROOT, "tests/e2e/test_*.py")):
        with open(path, encoding="utf-8") as f:
            tests |= set(re.findall(r"^def (\w+)\(", f.read(), re.M))
    helps = {}

    def has_option(command, option):
        words = tuple(command.split())
        if words not in helps:
            helps[words] = run(*words, "--help").stdout
        return not option or option in re.findall(r"--[a-z-]+", helps[words])

    for section, words, proof in rows():
        named = re.findall(r"(test )?`([^`]+)`", proof)
        assert named, (section, words)
        for is_test, name in named:
            if is_test:
                assert name in tests, (words, name)
            elif "/" in name:
                assert os.path.exists(os.path.join(ROOT, name)), (words, name)
            elif " " in name:
                command, _, option = name.removeprefix("drydial ").partition(" --")
                assert has_option(command, option and "--" + option), (words, name)
            else:
                assert name in known, (words, name)


if __name__ == "__main__":
    main()
