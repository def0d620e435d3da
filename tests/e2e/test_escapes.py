"""Texts of flows, lists, names of files and words of the command line tell a terminal nothing."""
import os
import pty
import re
import subprocess
import tempfile

from lib import DRYDIAL, main, test

EVIL = "\x1b]0;x\x07\x1b[2J\u202e\x9b31m\u061c"
YAML = '"H\\e]0;x\\a\\e[2J\\u202e\\x9b31m\\u061c'
NAME = "f\x1b[2J\x9b\u202e.yaml"
FLOW = f"""flow: {YAML}"
variables: {{ name: {YAML}" }}
steps:
  - id: m
    ivr:
      prompt: {YAML} {{name}}"
      keys:
        1: {{ answer: {YAML}", then: [ sms: {YAML}", hangup ] }}
        9: {{ answer: {YAML}9", then: [ hangup ] }}
  - passthru: {{ url: "http://127.0.0.1:1/x", stub: {{ json: {{ a: {YAML}" }} }} }}
  - greeting: {YAML}"
  - hangup
"""
FILES = {
    NAME: FLOW,
    "bad.yaml": FLOW + f'  - goto: {YAML}"\n',
    "t.test.yaml": f"""flow: "f\\e[2J\\x9b\\u202e.yaml"
scenarios:
  - name: {YAML}"
    script: [ hear: {YAML}z", keys: 1 ]
    expect: {{ answers: {{ m: {YAML}q" }} }}
""",
    "c.csv": f"phone_number,name\n+919876543210,{EVIL}\n987{EVIL},{EVIL}\n",
}
COMMANDS = [
    ["call", NAME, "--fast", "--keys", "1"],
    ["call", NAME, "--fast"],
    ["call", "bad.yaml"],
    ["check", NAME],
    ["check", NAME, "--lengths"],
    ["check", NAME, "--format", "github"],
    ["check", NAME, "--contacts", "c.csv"],
    ["test", "t.test.yaml"],
    ["test", "t.test.yaml", "--format", "tap"],
    ["test", "t.test.yaml", "--coverage", "table"],
    ["test", "t.test.yaml", "--mutate"],
    ["explore", NAME],
    ["explore", NAME, "--var", "name=" + EVIL],
    ["explore", NAME, "--show", "1"],
    ["graph", NAME],
    ["graph", NAME, "--format", "dot"],
    ["graph", NAME, "--format", "mermaid"],
    ["graph", NAME, "--format", "svg"],
]
WRONG = [
    [EVIL],
    ["call", EVIL],
    ["call", "--" + EVIL],
    ["call", NAME, "--var", EVIL],
    ["call", NAME, "--keys", EVIL],
    ["call", NAME, "--fast", "--at", EVIL],
    ["call", NAME, "--fast", "--record", "/x/" + EVIL],
    ["check", "--rule", EVIL, NAME],
    ["check", "--explain", EVIL],
    ["graph", NAME, "--format", EVIL],
    ["test", "t.test.yaml", "--write-missing", "/x/" + EVIL],
    ["campaign", EVIL],
    ["campaign", "calibrate", EVIL],
    ["campaign", "merge", EVIL],
    ["serve", EVIL],
    ["serve", ".", "--listen", EVIL],
    ["phone", EVIL],
]
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def folder():
    d = tempfile.mkdtemp()
    for name, text in FILES.items():
        with open(os.path.join(d, name), "w", encoding="utf-8", newline="") as out:
            out.write(text)
    return d


@test
def nothing_of_anybodys_text_reaches_a_terminal_as_it_is():
    d = folder()
    for args in COMMANDS + WRONG:
        done = subprocess.run(
            [DRYDIAL, *args], cwd=d, capture_output=True, timeout=60, stdin=subprocess.DEVNULL
        )
        assert done.returncode in ((0, 1, 2) if args in COMMANDS else (2,)), (args, done)
        for text in (done.stdout, done.stderr):
            found = CONTROL.search(text.decode("utf-8"))
            assert not found, (args, text[max(0, found.start() - 80) : found.end() + 20])


@test
def a_terminal_gets_colours_and_lines_and_nothing_else():
    """JSON says what is in a file, to whoever reads it; a terminal is not made to act on it."""
    d = folder()
    for args in COMMANDS + [["call", NAME, "--fast", "--format", "json"]]:
        master, slave = pty.openpty()
        p = subprocess.Popen(
            [DRYDIAL, *args], cwd=d, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave
        )
        os.close(slave)
        shown = b""
        while True:
            try:
                some = os.read(master, 65536)
            except OSError:
                break
            shown += some
            if not some:
                break
        p.wait(60)
        os.close(master)
        text = shown.decode("utf-8").replace("\r\n", "\n")
        text = re.sub("\x1b\\[[0-9;]*m", "", text)
        text = text.replace("\r\x1b[K", "")  # progress
        found = CONTROL.search(text)
        assert not found, (args, text[max(0, found.start() - 80) : found.end() + 20])


if __name__ == "__main__":
    main()
