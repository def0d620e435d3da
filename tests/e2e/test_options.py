"""A command is described once: the manual pages and completions of docs/ are what that
description gives now, and the shells themselves complete by them."""
import fcntl
import glob
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import tempfile
import termios
import time

from lib import left_out, main, ROOT, run, test

COMMANDS = re.findall(
    r"^  ([a-z]+) +\S", run("--help").stdout.split("Commands:")[1].split("\n\n")[0], re.M
)
HELP = {command: run(command, "--help").stdout for command in COMMANDS}
COMPLETIONS = os.path.join(ROOT, "docs/completions")


def options_of(command):
    return re.findall(r"^  --([a-z-]+)", HELP[command], re.M)


def files_below(folder):
    paths = glob.glob(os.path.join(folder, "man/*")) + glob.glob(
        os.path.join(folder, "completions/*")
    )
    return {os.path.relpath(path, folder): open(path, encoding="utf-8").read() for path in paths}


@test
def the_pages_and_completions_are_current():
    with tempfile.TemporaryDirectory() as d:
        assert run("write-docs", d).returncode == 0
        now, there = files_below(d), files_below(os.path.join(ROOT, "docs"))
    assert len(now) == len(COMMANDS) + 4
    differing = [name for name in now.keys() | there.keys() if now.get(name) != there.get(name)]
    assert not differing, f"make docs: {sorted(differing)}"
    wrong = run("write-docs", "/no/such/folder")
    assert wrong.returncode == 2 and "/no/such/folder/man/drydial.1" in wrong.stderr


@test
def every_option_has_its_place_on_its_page():
    assert len(COMMANDS) >= 8 and "call" in COMMANDS
    index = open(os.path.join(ROOT, "docs/man/drydial.1"), encoding="utf-8").read()
    for command in COMMANDS:
        with open(os.path.join(ROOT, f"docs/man/drydial-{command}.1"), encoding="utf-8") as f:
            page = f.read()
        options = options_of(command)
        assert len(options) > 4
        assert re.findall(r"^\.It Fl -([a-z-]+)", page, re.M) == options, command
        assert f".It Xr drydial-{command} 1\n" in index, command


@test
def mandoc_finds_no_fault_with_the_pages():
    for page in glob.glob(os.path.join(ROOT, "docs/man/*.1")):
        done = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True)
        # whether the others are installed on this machine is not the question
        faults = [
            line for line in done.stdout.splitlines() if "referenced manual not found" not in line
        ]
        assert not faults, "\n".join(faults)


@test
def help_is_at_most_80_columns_wide():
    for command, text in HELP.items():
        wide = [line for line in text.splitlines() if len(line) > 80]
        assert not wide, (command, wide)


@test
def a_word_that_is_no_choice_is_told_the_choices():
    for args, words in [
        (("call", "--format", "xml"), "--format xml: text or json"),
        (("call", "--line", "string"), "--line string: phone, alaw, mulaw or wide"),
        (("check", "--voice", "festival"), "--voice festival: espeak or model"),
        (("campaign", "--format", "sarif"), "--format sarif: text, json, csv or html"),
        (("campaign", "check", "--format", "csv"), "text, json, sarif, github or junit"),
        (("graph", "--format", "gif"), "--format gif: text, svg, png, mermaid or dot"),
        (("test", "--coverage", "all"), "--coverage all: table, annotate or lcov"),
    ]:
        done = run(*args)
        assert done.returncode == 2 and words in done.stderr, (args, done.stderr)


@test
def a_count_is_of_digits_alone_and_within_its_limits():
    flow = "flows/otp.yaml"
    for args, words in [
        (("call", flow, "--fast", "--seed", "1x"), "--seed 1x: a whole number"),
        (("call", flow, "--fast", "--seed", " 1"), "--seed  1: a whole number"),
        (("call", flow, "--fast", "--seed", "18446744073709551616"), ": a whole number"),
        (("serve", "flows", "--seed", "18446744073709551616"), ": a whole number"),
        (("serve", "flows", "--rate", "10001"), ": a whole number from 0 to 10000"),
        (("test", "flows", "--jobs", "65"), "--jobs 65: a whole number from 1 to 64"),
        (("campaign", "campaigns/x", "--runs", "1001"), ": a whole number from 1 to 1000"),
        (("explore", flow, "--paths", "-1"), ": a whole number from 0 to 100000000"),
    ]:
        done = run(*args)
        assert done.returncode == 2 and words in done.stderr, (args, done.stderr)
    most = run("call", flow, "--fast", "--seed", str(2**64 - 1))
    assert most.returncode == 0, most.stderr


# -- the shells ------------------------------------------------------------------------------------

# What is typed, what must be offered, what must not be.
LINES = [
    ("drydial ca", {"call", "campaign"}, {"check"}),
    ("drydial campaign ch", {"check"}, {"sample"}),
    ("drydial call --answered-by ", {"human", "no-answer"}, {"text"}),
    ("drydial campaign --format ", {"csv", "html"}, {"sarif"}),
    ("drydial campaign check --format ", {"sarif", "junit"}, {"csv"}),
    ("drydial campaign check --rule interval", {"interval-short="}, {"no-opt-out="}),
    ("drydial check --explain al", {"all"}, set()),
    ("drydial campaign sample --wor", {"--worst"}, set()),
    ("drydial campaign check --wor", set(), {"--worst"}),
    ("drydial graph --no-f", {"--no-findings"}, {"--no-color"}),
    ("drydial call flow", {"flow.yaml", "flows/"}, {"flow.txt"}),
    ("drydial campaign calibrate ", {"log.csv"}, {"flow.yaml"}),
    ("drydial serve ", {"flows/"}, {"log.csv", "flow.yaml"}),
    ("drydial test --record ", {"flows/"}, {"log.csv"}),
    ("drydial campaign --profile t", {"trai", "tcpa"}, {"none"}),
]


def folder_of_examples():
    d = tempfile.TemporaryDirectory()
    os.mkdir(f"{d.name}/flows")
    for name in ("flow.yaml", "flow.txt", "log.csv"):
        open(f"{d.name}/{name}", "w").close()
    return d


def complete_all(offer):
    """`offer` completes a line in a folder; folders count with or without a slash at the end."""
    with folder_of_examples() as d:
        for line, wanted, unwanted in LINES:
            offered = {word.rstrip("/") for word in offer(line, d)}
            missing = {word for word in wanted if word.rstrip("/") not in offered}
            assert not missing, (line, missing, offered)
            assert not offered & {word.rstrip("/") for word in unwanted}, (line, offered)


def in_bash(line, folder):
    words = line.split(" ")
    script = (
        f'. "{COMPLETIONS}/drydial.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        'complete -p drydial >/dev/null && _drydial; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script, "bash", *words], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


@test
def bash_completes():
    complete_all(in_bash)
    with folder_of_examples() as d:
        # --option=value comes as three words
        assert set(in_bash("drydial call --format = j", d)) == {"json"}
        assert set(in_bash("drydial call --format =", d)) == {"text", "json"}
        for command in COMMANDS:
            offered = in_bash(f"drydial {command} -", d)
            verbs = set(re.findall(r"^  --([a-z-]+)[^\n]* {2}[a-z, ]+: ", HELP[command], re.M))
            lacking = set(options_of(command)) - {word[2:] for word in offered}
            assert lacking <= verbs and (command == "campaign" or not lacking), (command, lacking)


def in_fish(line, folder):
    script = f'source "{COMPLETIONS}/drydial.fish"; complete -C "{line}"'
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        env=dict(os.environ, HOME=folder),
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [row.split("\t")[0] for row in done.stdout.splitlines()]


@test
def fish_completes():
    if not shutil.which("fish"):
        left_out("there is no fish to try its completions")
        return
    complete_all(in_fish)
    with folder_of_examples() as d:
        assert in_fish("drydial call --format=j", d) == ["--format=json"]


class Zsh:
    """An interactive zsh whose compadd also prints what it offers."""

    SETUP = (
        "PS1=''; fpath=({} $fpath); autoload -Uz compinit && compinit -u -D; "
        'compadd() {{ local -a found; builtin compadd -O found "$@"; '
        'print -l -- \\<$^found\\> > /dev/tty; builtin compadd "$@" }}; '
        "zstyle ':completion:*' insert-tab false; "
        'try() {{ zle complete-word; BUFFER=""; print "DO""NE" > /dev/tty }}; '
        "zle -N try; bindkey '^I' try; print RE''ADY\n"
    )

    def __init__(self, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update(TERM="dumb", HOME=folder)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 400, 0, 0))
        shutil.copy(f"{COMPLETIONS}/drydial.zsh", f"{folder}/.zfunc/_drydial")
        self.ask(self.SETUP.format(f"{folder}/.zfunc"), "READY")

    def ask(self, typed, until):
        os.write(self.fd, typed.encode())
        text, end = "", time.time() + 60
        while until not in text:
            assert time.time() < end, text
            if select.select([self.fd], [], [], 1)[0]:
                text += os.read(self.fd, 65536).decode(errors="replace")
        return text

    def offer(self, line, folder):
        self.ask(f"cd {folder}; print THE''RE\n", "THERE")
        text = self.ask(f"{line}\t", "DONE")
        return re.findall(r"<([^<>\s]+)>", text)

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@test
def zsh_completes():
    if not shutil.which("zsh"):
        left_out("there is no zsh to try its completions")
        return
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(f"{home}/.zfunc")

        zsh = Zsh(home)
        try:
            complete_all(zsh.offer)
        finally:
            zsh.close()


if __name__ == "__main__":
    main()
