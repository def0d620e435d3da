"""drydial check, from outside."""
import json
import os
import re
import shutil
import subprocess
import tempfile

from lib import ROOT, main, run, test

CLEAN = """flow: Small{head}
status_callback: https://example.com/s
steps:
  - id: hello
    greeting: {greeting}
  - ivr:
      prompt: Press 1 to hear more.
      invalid: That key is not in use.
      keys: {{ 1: {{ answer: more, then: [ greeting: Thank you., hangup ] }} }}
      otherwise: [ greeting: Goodbye., hangup ]
"""


def checked(text, *args, files=()):
    d = tempfile.mkdtemp()
    with open(f"{d}/f.yaml", "w") as f:
        f.write(text)
    for name in files:
        shutil.copy(name, d)
    try:
        return run("check", "f.yaml", *args, cwd=d)
    finally:
        shutil.rmtree(d)


def found(text, *args, **more):
    result = json.loads(checked(text, "--format", "json", *args, **more).stdout)
    return [(x["code"], x["severity"], x["line"]) for x in result["diagnostics"]]


@test
def our_own_flows_are_clean():
    done = run("check", "flows/", "--strict")
    assert done.returncode == 0 and "15 flows: 0 errors, 0 warnings, 0 notes" in done.stdout, done.stdout


@test
def the_page_of_the_rules_is_current():
    with open(os.path.join(ROOT, "flows/RULES.md")) as f:
        assert f.read() == run("check", "--explain", "all").stdout, "drydial check --explain all > flows/RULES.md"
    one = run("check", "--explain", "call-drops").stdout
    assert one.startswith("## call-drops\n\nerror: ") and "Breaks it:" in one
    wrong = run("check", "--explain", "call-drop")
    assert wrong.returncode == 2 and 'did you mean "call-drops"' in wrong.stderr


@test
def the_length_of_a_message_is_what_sox_reads():
    d = tempfile.mkdtemp()
    for seconds, severity in (("31.0", "error"), ("29.5", "warning"), ("24.9", None)):
        wav = f"{d}/m.wav"
        subprocess.run(["sox", "-n", "-r", "8000", "-c", "1", wav, "synth", seconds, "sine", "300", "vol", "0.3"], check=True)
        assert abs(float(subprocess.run(["soxi", "-D", wav], capture_output=True, text=True).stdout) - float(seconds)) < 0.01
        got = [x[1] for x in found(CLEAN.format(head="", greeting="{ audio: m.wav }"), files=[wav]) if x[0] == "message-length"]
        assert got == ([severity] if severity else []), (seconds, got)
    shutil.rmtree(d)


@test
def lengths_are_a_table():
    table = checked(CLEAN.format(head="", greeting="[ Hello there., { pause: 12s } ]"), "--lengths").stdout
    row = re.search(r"^ +4  message +(\d+)\.\d s +\d+/m  (#+\.+)  Hello there\.$", table, re.M)
    assert row and 12 <= int(row.group(1)) <= 14 and row.group(2).count("#") in (9, 10), table
    assert len(re.findall(r"^ +\d+  ", table, re.M)) == 5, table


@test
def settings_choices_and_comments_change_the_rules():
    long = CLEAN.format(head="", greeting="[ Hello., { pause: 20s } ]")
    assert found(CLEAN.format(head="", greeting="Hello.")) == []
    assert found(long) == [("greeting-length", "warning", 4)]
    assert found(long, "--rule", "greeting-length=off") == []
    assert found(long, "--rule", "greeting-length=error") == [("greeting-length", "error", 4)]
    assert checked(long).returncode == 0 and checked(long, "--strict").returncode == 1
    assert checked(long, "--rule", "greeting-length=error").returncode == 1
    head = "\nchecks: { greeting-length: { max: 30s } }"
    assert found(CLEAN.format(head=head, greeting="[ Hello., { pause: 20s } ]")) == []
    assert found(CLEAN.format(head="\nchecks: { greeting-length: note }", greeting="[ Hello., { pause: 20s } ]")) == [("greeting-length", "note", 5)]
    allowed = long.replace("  - id: hello", "  - id: hello # drydial: allow greeting-length")
    assert found(allowed) == []
    assert found(CLEAN.format(head="", greeting="Hello. # drydial: allow greeting-length, no-such-rule")) == [
        ("allow-unused", "note", 5), ("allow-unused", "note", 5)]


@test
def wrong_settings_are_told():
    done = checked(CLEAN.format(head="\nchecks: { mesage-length: off, menu-width: { most: 3 } }", greeting="Hello."))
    assert done.returncode == 1 and 'did you mean "message-length"' in done.stdout and 'no setting "most"' in done.stdout, done.stdout
    assert run("check", "flows/otp.yaml", "--rule", "menu-with=off").returncode == 2
    assert run("check", "flows/otp.yaml", "--rule", "menu-width=loud").returncode == 2
    broken = checked("flow: B\nsteps: [ gretting: x ]\n")
    assert broken.returncode == 2 and "did you mean" in broken.stdout


@test
def findings_have_a_place_and_a_caret():
    done = checked(CLEAN.format(head="", greeting="Pay Rs. 500 to 9876543210."))
    assert re.search(r"^f\.yaml:4:9: warning\[abbreviation\]: .*\n +4 \|   - id: hello\n +\| +\^", done.stdout, re.M), done.stdout
    assert "bare-number" in done.stdout and done.stdout.rstrip().endswith("1 flow: 0 errors, 2 warnings, 0 notes")


if __name__ == "__main__":
    main()
