"""drydial test, from outside: what it prints, writes and returns, judged by prove, xmllint, sox,
multimon-ng and a browser."""
import base64
import filecmp
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from browser import Browser
from lib import alone, DRYDIAL, ROOT, call, main, our_flows, run, test

HERE = os.path.join(ROOT, "tests/scenarios")
FLOW = """flow: Small
variables: {{ name: Rahul }}
steps:
  - id: hello
    greeting: {greeting}
  - id: choice
    ivr:
      prompt: Press 1 to stay, or press 2 to go.
      timeout: 3s
      retries: 1
      keys: {{ 1: stay, 2: {{ answer: go, goal: true, then: [ sms: "Bye {{name}}", hangup ] }} }}
      otherwise: [ hangup ]
  - greeting: You stay.
  - hangup
"""


def folder(flow=None, **files):
    d = tempfile.mkdtemp()
    with open(os.path.join(d, "small.yaml"), "w") as f:
        f.write(flow or FLOW.format(greeting="Hello {name}, this is a test."))
    for name, text in files.items():
        with open(os.path.join(d, name.replace("_", ".")), "w") as f:
            f.write(text)
    return d


def scenarios(text):
    return "flow: small.yaml\nscenarios:\n" + text


def suite(text, *args, flow=None, code=None, **more):
    d = folder(flow, small_test_yaml=scenarios(text))
    try:
        done = run("test", *args, cwd=d, **more)
    finally:
        shutil.rmtree(d)
    assert (
        code is None or done.returncode == code
    ), f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done


# -- our own flows -------------------------------------------------------------


@test
def a_failure_tells_of_the_keys_that_were_lost():
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "f.yaml"), "w") as f:
            f.write(
                "flow: F\nsteps:\n  - greeting: Hello there.\n  - ivr:\n"
                "      prompt: Press 1.\n      keys: { 1: [ greeting: Thanks., hangup ] }\n"
                "  - hangup\n"
            )
        test_file = os.path.join(d, "f.test.yaml")
        for script, lost in (
            ("press: 1", True),
            ("press: { keys: 1, during: Press 1 }", False),
        ):
            with open(test_file, "w") as f:
                f.write(
                    "flow: f.yaml\nscenarios:\n  - name: early\n    script:\n"
                    f"      - {script}\n      - hear: Thank you\n"
                )
            out = run("test", test_file).stdout
            assert "1 failed" in out, out
            assert ("key 1 at 0:00.0, greeting:3: this greeting takes no keys" in out) == lost, out


@test
def our_flows_are_covered_and_guarded():
    done = run("test", "flows/", "--coverage-min", "100", "--mutate-min", "90", "--format", "json")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    result = json.loads(done.stdout)
    assert result["failed"] == 0 and result["passed"] >= 42
    flows = {os.path.basename(c["flow"]) for c in result["coverage"]}
    assert flows == {os.path.basename(p) for p in our_flows()} | {"confirm-en.yaml"}
    for flow in result["coverage"]:
        assert (
            flow["steps_reached"] == flow["steps"] and flow["exits_reached"] == flow["exits"]
        ), flow
    assert result["mutation"]["changes"] > 400


@test
def any_number_of_jobs_gives_the_same_reports():
    d = tempfile.mkdtemp()
    try:
        for jobs in ("1", "8"):
            reports = [
                x
                for f in ("text", "tap", "junit", "json", "html")
                for x in ("--report", f"{f}={d}/{jobs}.{f}")
            ]
            assert (
                run("test", "flows", "tests/scenarios/wrong", "--jobs", jobs, *reports).returncode
                == 1
            )
        for f in ("text", "tap", "junit", "json", "html"):
            assert os.path.getsize(f"{d}/1.{f}") > 1000
            assert filecmp.cmp(f"{d}/1.{f}", f"{d}/8.{f}", shallow=False), f
        fast = [
            run("test", "tests/scenarios/wrong", "--fail-fast", "--jobs", jobs).stdout
            for jobs in ("1", "8")
        ]
        assert fast[0] == fast[1] and "1 failed" in fast[0]
    finally:
        shutil.rmtree(d)


# -- what is printed -----------------------------------------------------------


def timeless(text):
    """Lengths are the voice's, and differ from one release of eSpeak NG to the next; words and
    places do not."""
    text = re.sub(r" *\b\d+:\d\d(:\d\d)?\.\d\b", " T", text)
    text = re.sub(r"\b\d+\.\d+ s\b", "N s", text)
    return re.sub(r"--from \d+ms", "--from T", text)


def golden(kind, exit_code, least):
    where = os.path.join(HERE, kind)
    paths = sorted(glob.glob(os.path.join(where, "*.test.yaml")))
    assert len(paths) >= least
    faults = []
    for path in paths:
        done = run("test", os.path.basename(path), cwd=where)
        expected = path.replace(".test.yaml", ".expect")
        if "--write" in sys.argv:
            with open(expected, "w") as f:
                f.write(timeless(done.stdout))
        with open(expected) as f:
            if f.read() != timeless(done.stdout) or done.returncode != exit_code:
                faults.append(
                    f"{os.path.basename(path)}: exit {done.returncode}\n"
                    f"{timeless(done.stdout)}{done.stderr}"
                )
    assert not faults, "\n".join(faults)


@test
def each_kind_of_failure_is_told_word_for_word():
    golden("wrong", 1, 12)


@test
def broken_scenario_files_are_refused_word_for_word():
    golden("bad", 2, 20)


@test
def usage_errors_say_what_to_do():
    for args, words, code in (
        (["--only", "nobody"], "no scenario has this name", 1),
        (["nowhere"], "nowhere: No such file", 2),
        (["--reprot", "tap=x"], "did you mean --report", 2),
        (["--report", "tap"], "FORMAT=FILE", 2),
        (["--format", "xml"], "text, tap, junit, json or html", 2),
        (["--jobs", "0"], "1 to 64", 2),
        (["--coverage-min", "101"], "0 to 100", 2),
        (["--real-time"], "name one with --only", 2),
    ):
        done = suite(
            "  - { name: a, expect: { status: completed } }\n"
            "  - { name: b, expect: { status: completed } }\n",
            *args,
        )
        assert words in done.stderr and done.returncode == code, (
            args,
            done.returncode,
            done.stderr,
        )
    d = tempfile.mkdtemp()
    done = run("test", d)
    os.rmdir(d)
    assert done.returncode == 1 and "there is no *.test.yaml file" in done.stderr


@test
def scenarios_are_chosen_by_name_tag_and_place():
    text = """  - { name: first one, tags: [ smoke ], expect: { status: completed } }
  - name: second {k}
    rows: [ { k: 1 }, { k: 2 } ]
    expect: { status: completed }
"""
    for args, passed in (
        (["--only", "first"], 1),
        (["--only", "smoke"], 1),
        (["--only", "small.test.yaml:5"], 2),
        (["--only", "second 2"], 1),
        (["--only", "first", "--only", "small.test.yaml:4"], 3),
        (["--only", "small.test.yaml"], 3),
    ):
        done = suite(text, *args, code=0)
        assert f"{passed} passed" in done.stdout, (args, done.stdout)
    assert "2 passed, 0 failed, 1 skipped" in suite(text, "--skip", "smoke", code=0).stdout


@test
def a_step_of_another_flow_is_found_by_what_it_does():
    d = folder(
        "flow: First\nsteps:\n  - { id: a, greeting: Hello. }\n  - transfer: second.yaml\n",
        small_test_yaml=scenarios(
            "  - { name: t, script: [ keys: 1 ], expect: { answers: { a: one } } }\n"
        ),
    )
    with open(f"{d}/second.yaml", "w") as f:
        f.write(
            "flow: Second\n"
            "steps:\n"
            "  - { id: a, ivr: { prompt: Press 1., keys: { 1: one } } }\n"
            "  - hangup\n"
        )
    done = run("test", cwd=d)
    cover = run("test", "--coverage", "table", cwd=d).stdout
    shutil.rmtree(d)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^small\.yaml +2/2", cover, re.M) and re.search(
        r"^second\.yaml +2/2", cover, re.M
    ), cover


# -- rows ----------------------------------------------------------------------


@test
def rows_of_a_file_are_runs_with_names_of_their_own():
    d = folder(
        rows_csv='﻿key,"said, exactly",name\r\n1,stay,"O""Neil"\r\n2,go,प्रिया\r\n3,none,x\r\n',
        small_test_yaml=scenarios(
            """  - name: key {key}
    rows_file: rows.csv
    script:
      - hear: Hello {name}
      - keys: "{key}"
    expect: { answers: { choice: "{said, exactly}" } }
"""
        ),
    )
    done = run("test", cwd=d, timeout=60)
    names = json.loads(run("test", "--format", "json", cwd=d).stdout)["results"]
    shutil.rmtree(d)
    assert done.returncode == 1 and "2 passed, 1 failed" in done.stdout, done.stdout + done.stderr
    assert [r["name"] for r in names] == ["key 1 [row 1]", "key 2 [row 2]", "key 3 [row 3]"]


@test
def ten_thousand_rows_are_quick():
    rows = "first,second,rating,recommend\n" + "".join(
        f"{i % 3 + 1},{i % 2 + 1},{('excellent', 'good', 'poor')[i % 3]},{('yes', 'no')[i % 2]}\n"
        for i in range(10000)
    )
    d = folder(rows_csv=rows)
    with open(os.path.join(d, "s.test.yaml"), "w") as f:
        f.write(
            f"""flow: {ROOT}/flows/survey.yaml
scenarios:
  - name: survey
    rows_file: rows.csv
    script: [ keys: "{{first}},{{second}}" ]
    expect: {{ answers: {{ rating: "{{rating}}", recommend: "{{recommend}}" }} }}
"""
        )
    began = time.monotonic()
    done = run("test", cwd=d)
    took = time.monotonic() - began
    shutil.rmtree(d)
    assert done.returncode == 0 and "10000 scenarios: 10000 passed" in done.stdout
    # the real figure is in make bench; this only sees that nothing is quadratic, under sanitizers
    # too
    assert took < 60, took


# -- formats, judged by others -------------------------------------------------


@test
def prove_reads_the_tap():
    d = tempfile.mkdtemp()
    for where, code, words in (
        ("flows", 0, "All tests successful"),
        ("tests/scenarios/wrong", 1, "Failed test"),
    ):
        with open(f"{d}/out.tap", "w") as f:
            f.write(run("test", where, "--format", "tap").stdout)
        done = subprocess.run(
            ["prove", "-e", "cat", f"{d}/out.tap"], capture_output=True, text=True
        )
        assert (done.returncode != 0) == bool(code) and words in done.stdout + done.stderr, (
            done.stdout + done.stderr
        )
        assert "Parse errors" not in done.stdout, done.stdout
    shutil.rmtree(d)


HOSTILE = (
    "</script><script>document.title='stolen'</script>\x1b[31m\x1b]0;owned\x07 & \" ' ]]> --> {{x}}"
)


def hostile():
    """A flow and scenarios whose every text is an attack; two pass, one fails."""
    quoted = json.dumps(HOSTILE)
    flow = f"""flow: {quoted}
variables: {{ name: {json.dumps(HOSTILE.replace('{{x}}', ''))} }}
steps:
  - id: hello
    greeting: {quoted}
  - id: ask
    passthru:
      url: http://example.com/
      stub: {{ status: 200, body: {quoted} }}
      exits: {{ 200: [ {{ greeting: "{{ask.text}}" }}, {{ sms: {quoted} }}, hangup ] }}
"""
    text = f"""  - name: {quoted.replace('{{x}}', 'x')}
    tags: [ {quoted} ]
    script: [ {{ hear: {quoted} }} ]
  - name: fails
    script: [ {{ hear: {json.dumps('not ' + HOSTILE)} }} ]
  - name: row
    rows: [ {{ name: {quoted} }} ]
    expect: {{ status: completed }}
"""
    return folder(flow, small_test_yaml=scenarios(text))


@test
def junit_is_what_jenkins_reads():
    d = hostile()
    for where in (
        d,
        os.path.join(ROOT, "flows"),
        os.path.join(HERE, "wrong"),
        os.path.join(HERE, "bad"),
    ):
        run("test", where, "--report", f"junit={d}/r.xml")
        done = subprocess.run(
            [
                "xmllint",
                "--noout",
                "--nonet",
                "--relaxng",
                os.path.join(HERE, "junit.rng"),
                f"{d}/r.xml",
            ],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    shutil.rmtree(d)


@test
def hostile_texts_do_no_harm_in_any_report():
    d = hostile()
    for format in ("text", "tap", "junit", "json", "html"):
        done = run("test", "--format", format, "--verbose", cwd=d)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "\x1b" not in done.stdout and "\x07" not in done.stdout, format
        if format == "html":
            assert "<script>document.title" not in done.stdout
    for kind in ("table", "annotate", "lcov"):
        done = run("test", "--coverage", kind, cwd=d)
        assert "\x1b" not in done.stdout, kind
    run("test", "--record", "rec", "--record-all", cwd=d)
    for path in glob.glob(f"{d}/rec/*"):
        with open(path, "rb") as f:
            assert path.endswith(".wav") or b"\x1b" not in f.read(), path
    done = run("test", "small.yaml", "--write-missing", "more.test.yaml", cwd=d)
    assert run("test", "more.test.yaml", cwd=d).returncode == 0, "what is written must pass"
    shutil.rmtree(d)


@test
def the_page_works_in_a_browser():
    d = hostile()
    shutil.copy(os.path.join(ROOT, "flows/appointment-reminder.yaml"), d)
    shutil.copy(os.path.join(ROOT, "flows/appointment-reminder.test.yaml"), d)
    run("test", "--report", "html=page.html", "--mutate", cwd=d)
    with Browser() as b:
        b.open(f"{d}/page.html")
        assert b.run("document.title").startswith("failed: "), b.run("document.title")
        assert b.run("document.querySelectorAll('details.call').length") >= 15
        assert b.run("document.querySelectorAll('details.call.bad').length") == 1
        # every text of the attack stands on the page as text
        assert "document.title='stolen'" in b.run("document.body.textContent")
        which = (
            "[...document.querySelectorAll('details.call')].find(d => "
            "d.querySelector('.name').textContent == 'customer reschedules')"
        )
        assert b.run(
            f"{which}.querySelector('.chat').textContent.includes('We will call you to reschedule')"
        )
        assert b.run(f"{which}.querySelectorAll('svg.timeline rect.prompt').length") == 3
        assert b.run(f"{which}.querySelectorAll('svg.timeline line.key').length") == 1
        assert b.run(f"{which}.querySelectorAll('svg.graph g.taken').length") == 5
        length = call("flows/appointment-reminder.yaml")["events"]
        assert length
        # the recording: put together by the page, played by the browser, read by multimon-ng
        wav = b.run(
            f"""(async () => {{
            const box = {which}; box.open = true;
            const audio = box.querySelector('audio');
            await new Promise(r => {{
                audio.addEventListener('canplay', r);
                if (audio.readyState > 2) r(); }});
            await audio.play();
            await new Promise(r => setTimeout(r, 900));
            audio.pause();
            const bytes = new Uint8Array(await (await new Promise(r => {{
                const call = data.calls[Number(box.dataset.call)];
                r(recording(call)); }})).arrayBuffer());
            let text = ''; for (const c of bytes) text += String.fromCharCode(c);
            const cursor = box.querySelector('.cursor');
            return JSON.stringify({{ wav: btoa(text),
                                     duration: audio.duration, at: audio.currentTime,
                                     cursor: Number(cursor.getAttribute('x1')),
                                     now: box.querySelectorAll('li.now').length,
                                     ms: data.calls[Number(box.dataset.call)].ms }}); }})()"""
        )
        result = json.loads(wav)
        assert abs(result["duration"] * 1000 - result["ms"]) < 20, result["duration"]
        assert result["at"] > 0.2 and result["cursor"] > 0 and result["now"] == 1, {
            k: result[k] for k in ("at", "cursor", "now")
        }
        # the browser's own player brings its pictures along as data
        requests = [r["request"]["url"] for r in b.named("Network.requestWillBeSent")]
        assert all(
            u.startswith(("file://" + d, "blob:", "data:image/svg")) for u in requests
        ), requests
        errors = [e for e in b.named("Log.entryAdded") if e["entry"]["level"] == "error"] + b.named(
            "Runtime.exceptionThrown"
        )
        assert not errors, errors
    with open(f"{d}/page.wav", "wb") as f:
        f.write(base64.b64decode(result["wav"]))
    raw = subprocess.run(
        ["sox", f"{d}/page.wav", "-r", "22050", "-t", "raw", "-e", "signed", "-b", "16", "-"],
        capture_output=True,
    ).stdout
    read = subprocess.run(
        ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", "-"], input=raw, capture_output=True
    ).stdout.decode()
    assert re.findall(r"DTMF: (\S)", read) == ["2"], read
    loud = subprocess.run(
        ["sox", f"{d}/page.wav", "-n", "stat"], capture_output=True, text=True
    ).stderr
    assert float(re.search(r"RMS     amplitude: *([\d.]+)", loud).group(1)) > 0.01, loud
    shutil.rmtree(d)


# -- coverage ------------------------------------------------------------------


@test
def coverage_names_what_is_missing():
    text = "  - name: goes\n    script: [ keys: 2 ]\n"
    table = suite(text, "--coverage", "table", code=0).stdout
    assert (
        re.search(
            r"^small\.yaml +4/7 +1/9  5 hang-up; 9 key 1; 7 invalid, silence, tries used up, "
            r"barge-in, hang-up; ",
            table,
            re.M,
        )
        or "key 1" in table
        and "key 2" not in table.split("MISSING")[1]
    ), table
    annotated = suite(text, "--coverage", "annotate", code=0).stdout
    assert re.search(r"never +.*→ key 1$", annotated, re.M) and re.search(
        r"^ +1 +.*→ key 2$", annotated, re.M
    ), annotated
    lcov = suite(text, "--coverage", "lcov", code=0).stdout
    assert lcov.startswith("TN:\nSF:small.yaml\n") and lcov.rstrip().endswith("end_of_record"), lcov
    assert suite(text, "--coverage-min", "90").returncode == 1
    assert suite(text, "--coverage-min", "10").returncode == 0


@test
def what_write_missing_writes_passes_and_covers_all_that_can_be_reached():
    d = tempfile.mkdtemp()
    unreachable = {
        "empty-pause-runaway": 1,
        "goto": 1,
        "key-goto": 1,
        "prompt-url-fails": 1,
        "prompt-url-ssml-broken": 1,
        "branch-no-number": 4,
        "connect-hangs-up": 2,
        "part-returns": 4,
    }
    paths = our_flows() + sorted(glob.glob(os.path.join(ROOT, "tests/flows/good/*.yaml")))
    assert len(paths) > 80
    for i, path in enumerate(paths):
        out = f"{d}/{i}.test.yaml"
        done = run("test", path, "--write-missing", out)
        assert done.returncode == 0, path + done.stderr
        name = os.path.splitext(os.path.basename(path))[0]
        if not os.path.exists(out):
            assert "nothing is missing" in done.stderr, path
            continue
        done = run("test", out, "--format", "json")
        result = json.loads(done.stdout)
        assert done.returncode == 0 and result["failed"] == 0, path + done.stdout
        missing = sum(
            len(c["missing"]) for c in result["coverage"] if os.path.samefile(c["flow"], path)
        )
        assert missing == (unreachable.get(name, 0) if "good" in path else 0), f"{path}: {missing}"
    shutil.rmtree(d)


@test
def write_missing_adds_only_what_is_missing():
    d = folder(
        small_test_yaml=scenarios(
            "  - name: goes\n    script: [ { press: { keys: 2, during: Press 1 } } ]\n"
        )
    )
    done = run("test", "--write-missing", "more.test.yaml", cwd=d)
    assert done.returncode == 0, done.stderr
    with open(f"{d}/more.test.yaml") as f:
        text = f.read()
    assert (
        'name: "choice: key 2"' not in text
        and 'name: "choice: key 1"' in text
        and text.splitlines()[1] == 'flow: "small.yaml"'
    ), text
    assert "100.0%" in run("test", "--coverage", "table", cwd=d).stdout
    again = run("test", "--write-missing", "third.test.yaml", cwd=d)
    assert "nothing is missing" in again.stderr and not os.path.exists(f"{d}/third.test.yaml")
    kept = run("test", "small.yaml", "--write-missing", "more.test.yaml", cwd=d)
    assert kept.returncode == 2 and "exists" in kept.stderr
    shutil.rmtree(d)


# -- mutation ------------------------------------------------------------------


@test
def changes_that_nobody_notices_are_listed_with_a_scenario_that_would():
    weak = "  - name: weak\n    script: [ keys: 2 ]\n    expect: { status: completed }\n"
    done = suite(weak, "--mutate", code=0)
    assert re.search(
        r"^small\.yaml:\d+: not noticed: keys 1 and 2 swapped\n   would notice {1,2}\"choice: key",
        done.stdout,
        re.M,
    ), done.stdout
    score = float(re.search(r"score ([\d.]+)%", done.stdout).group(1))
    strong = suite(
        weak
        + (
            "  - name: strong\n"
            "    script: [ { keys: 2 }, { sms: Bye Rahul }, { ended_by: flow } ]\n"
            "    expect: { answers: { choice: go }, goal: true }\n"
        ),
        "--mutate",
        code=0,
    )
    assert float(re.search(r"score ([\d.]+)%", strong.stdout).group(1)) > score
    assert suite(weak, "--mutate-min", "99").returncode == 1


# -- recordings ----------------------------------------------------------------


def seconds(stamp):
    h, m, s = stamp.split(":")
    return int(h) * 3600 + int(m) * 60 + float(s)


@test
def a_recording_its_transcript_and_its_captions_line_up():
    d = folder(
        small_test_yaml=scenarios(
            """  - name: goes
    script:
      - press: { keys: 1, during: Press 1 to stay }
      - hear: nothing of the kind
  - name: passes
    expect: { status: completed }
"""
        )
    )
    done = run("test", "--record", "rec", cwd=d)
    assert done.returncode == 1 and "recording  rec/small-3.wav" in done.stdout, done.stdout
    assert sorted(os.listdir(f"{d}/rec")) == ["small-3.txt", "small-3.vtt", "small-3.wav"]
    with open(f"{d}/rec/small-3.vtt") as f:
        vtt = f.read()
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> ")
    cues = [(seconds(a), seconds(b), t) for a, b, t in re.findall(r"(\S+) --> (\S+)\n(.*)", vtt)]
    length = float(
        subprocess.run(
            ["soxi", "-D", f"{d}/rec/small-3.wav"], capture_output=True, text=True
        ).stdout
    )
    assert all(a < b <= length + 1 for a, b, _ in cues), (cues, length)
    key = next(a for a, _, t in cues if t == "[key 1]")
    menu = next((a, b) for a, b, t in cues if t.startswith("Press 1"))
    assert (
        menu[0] < key and abs(menu[1] - key) < 0.002
    ), cues  # the words end where the key cut them
    # a recording is silent nowhere while a caption stands, and the key sounds where they say
    one = f"{d}/key.wav"
    subprocess.run(
        [
            "sox",
            f"{d}/rec/small-3.wav",
            "-r",
            "22050",
            one,
            "trim",
            str(max(0, key - 0.05)),
            "0.25",
        ],
        check=True,
    )
    raw = subprocess.run(
        ["sox", one, "-t", "raw", "-e", "signed", "-b", "16", "-"], capture_output=True
    ).stdout
    read = subprocess.run(
        ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", "-"], input=raw, capture_output=True
    ).stdout.decode()
    assert "DTMF: 1" in read, read
    assert run("test", "--record", "all", "--record-all", cwd=d).returncode == 1
    assert len(os.listdir(f"{d}/all")) == 6
    shutil.rmtree(d)


@test
@alone
def one_scenario_is_heard_in_real_time_from_a_moment_on():
    d = folder(
        small_test_yaml=scenarios(
            "  - name: waits\n    script: [ { keys: 2 }, { ended_by: flow } ]\n"
        ),
        sink_conf="pcm.!default { type null }\nctl.!default { type null }\n",
    )
    end = call(f"{d}/small.yaml", "--keys", "2")["duration_ms"]
    began = time.monotonic()
    done = run(
        "test",
        "--real-time",
        "--from",
        f"{end - 1500}ms",
        cwd=d,
        env={"ALSA_CONFIG_PATH": f"{d}/sink.conf"},
    )
    took = time.monotonic() - began
    assert done.returncode == 0 and "passed: waits" in done.stdout and "sms" in done.stdout, (
        done.stdout + done.stderr
    )
    assert 1.2 < took < 20, took
    started = subprocess.Popen(
        [DRYDIAL, "test", "--real-time", "--mute"], cwd=d, stdout=subprocess.PIPE, text=True
    )
    time.sleep(1)
    started.send_signal(signal.SIGINT)
    assert started.wait(10) == 130
    started.stdout.close()
    shutil.rmtree(d)


# -- update, watch, saved scenarios --------------------------------------------


@test
def update_writes_what_was_heard_after_showing_it():
    text = """  - name: goes   # a comment stays
    script:
      - hear: Hello Rahul, this is a task
      - press: { keys: 2, during: 'Press 7 to stay' }
      - sms: "Bye Rajesh"
      - ended_by: customer
    expect: { answers: { choice: stay }, digits: "9", goal: false }
"""
    d = folder(small_test_yaml=scenarios(text))
    done = run("test", "--update", cwd=d)
    with open(f"{d}/small.test.yaml") as f:
        after = f.read()
    shutil.rmtree(d)
    assert done.returncode == 0, done.stdout + after
    assert "-       - hear: Hello Rahul, this is a task\n+       - hear: " in done.stdout
    assert (
        "name: goes   # a comment stays" in after and "hear: Hello Rahul, this is a test\n" in after
    ), after
    assert (
        'during: "Press 1 to stay"' in after
        and 'sms: "Bye Rahul"' in after
        and "ended_by: flow" in after
    ), after
    assert 'answers: { choice: go }, digits: "2", goal: true' in after, after


@test
def update_mends_placeholders_and_cells_in_the_order_of_the_file_and_says_what_is_left():
    flow = (
        "flow: U\npurpose: reminder\nvariables: { who: Asha }\nsteps:\n"
        "  - greeting: Hello {who}, your parcel is here!\n"
        "  - greeting: Please keep your card at hand, and your number, too.\n"
        "  - greeting: Nothing is like it.\n  - hangup\n"
    )
    old = (
        "flow: u.yaml\nscenarios:\n"
        "  - name: each\n    rows:\n      - { who: Priya }\n      - { who: Arjun }\n"
        "    script: [ hear: 'Hello {who}, your letter is here!' ]\n"
        "  - name: cut\n    rows:\n"
        '      - { words: "Please keep the card at hand" }\n      - { words: Your bill }\n'
        "    script:\n      - hang_up: { during: '{words}' }\n      - ended_by: customer\n"
        "  - name: end\n    script:\n"
        "      - hear: Hello Asha, your letter is here!\n"
        "      - hear: Please keep your card at hand, and your PIN, too\n"
    )
    with tempfile.TemporaryDirectory() as d:
        for name, text in (("u.yaml", flow), ("u.test.yaml", old)):
            with open(os.path.join(d, name), "w") as f:
                f.write(text)
        done = run("test", "--update", cwd=d)
        with open(f"{d}/u.test.yaml") as f:
            after = f.read()
        machine = run("test", "--update", "--format", "json", cwd=d)
    for was, now in (
        ("'Hello {who}, your letter is here!'", '"Hello {who}, your parcel is here!"'),
        ("Please keep the card at hand", "Please keep your card at hand"),
        ("hear: Hello Asha, your letter is here!", "hear: Hello Asha, your parcel is here!"),
        ("and your PIN, too\n", "and your number, too\n"),  # no stop where there was none
    ):
        assert was in old
        old = old.replace(was, now)
    assert after == old, after
    lines = re.findall(r"^u\.test\.yaml:(\d+):$", done.stdout, re.M)
    assert lines == ["7", "10", "17", "18"], done.stdout
    assert "4 lines are written anew; 1 failure is left to you" in done.stdout, done.stdout
    # what stands in the place of words that nothing is like
    assert "closest    Hello Asha, your parcel is here!" in done.stdout, done.stdout
    assert machine.returncode == 1 and "1 failure is left" in machine.stderr, machine.stderr
    assert '"failed": 1' in machine.stdout, machine.stdout


@test
def watch_runs_again_what_a_saved_file_touches():
    d = folder(
        small_test_yaml=scenarios("  - { name: a, expect: { status: completed } }\n"),
        other_test_yaml=scenarios("  - { name: b, expect: { status: completed } }\n"),
    )
    out = open(f"{d}/out.txt", "w")
    started = subprocess.Popen(
        [DRYDIAL, "test", "--watch"], cwd=d, stdout=out, stderr=subprocess.STDOUT
    )

    def rounds(n):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with open(f"{d}/out.txt") as f:
                text = f.read()
            if text.count("watching;") >= n:
                return text
            time.sleep(0.05)
        raise AssertionError(text)

    try:
        rounds(1)
        time.sleep(0.2)
        with open(f"{d}/small.test.yaml", "a") as f:
            f.write("  - { name: c, expect: { status: busy } }\n")
        text = rounds(2)
        assert "1 scenario" not in text and "2 scenarios: 1 passed, 1 failed" in text, text
        with open(f"{d}/aside", "w") as f:
            f.write(FLOW.format(greeting="Hello."))
        os.rename(f"{d}/aside", f"{d}/small.yaml")  # as editors save
        text = rounds(3)
        assert "3 scenarios: 2 passed, 1 failed" in text, text
    finally:
        started.send_signal(signal.SIGINT)
        assert started.wait(10) == 130
        out.close()
        shutil.rmtree(d)


@test
def a_call_saved_as_a_scenario_is_accepted_as_it_is():
    d = folder()
    for n, keys in enumerate(
        (
            ["--keys", "2"],
            ["--keys", "7,1"],
            ["--press", "2000:1,6000:2"],
            ["--press", "5500:h"],
            ["--answered-by", "busy"],
        )
    ):
        done = run(
            "call", "small.yaml", "--fast", *keys, "--save-scenario", f"s{n}.test.yaml", cwd=d
        )
        assert done.returncode == 0, done.stderr
        done = run("test", f"s{n}.test.yaml", cwd=d)
        assert done.returncode == 0, f"{keys}\n{done.stdout}{done.stderr}"
    shutil.rmtree(d)


PEOPLE = """flow: People
steps:
  - id: agent
    connect:
      to: ["111", "222"]
      timeout: 20s
      stub: [ { outcome: busy, ring: 3s }, { outcome: answered, ring: 4s, talk: 15s } ]
      exits:
        answered: [ greeting: Back. ]
        busy: [ greeting: Busy. ]
        no-answer: [ greeting: None. ]
        failed: [ greeting: Failed. ]
        full: [ greeting: Full. ]
  - id: msg
    record: { prompt: Speak now., silence: 2s }
  - record: { prompt: Once more., max: 10s }
  - id: srv
    passthru:
      url: "https://example.com/a"
      stub: { json: { a: 1 } }
      exits: { 200: [ greeting: "Value {srv.a}" ], timeout: [ greeting: Late. ] }
  - branch: { on: "{srv.visits}", cases: [ { below: 2, goto: srv } ], otherwise: [] }
  - hangup
"""


@test
def who_is_rung_and_what_is_spoken_is_saved_with_a_scenario():
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/people.yaml", "w", encoding="utf-8") as f:
            f.write(PEOPLE)
        for args in (
            ["--speak", "3s,20s", "--connect", "agent=busy", "--reply", 'srv={"a":7}'],
            ["--connect", "agent=no-answer,answered", "--speak", "0s"],
            ["--speak", "1200ms"],
            ["--press", "3000:1,8000:h"],  # in the second ringing's talk
            ["--press", "2000:h"],  # while it rings
            ["--press", "24500:1,26000:#,40000:h", "--reply", "srv=timeout,200"],
            ["--reply", "srv=timeout", "--speak", "1s"],
            ["--answered-by", "machine", "--machine-greeting", "0s"],
            ["--answered-by", "machine", "--machine-greeting", "24s"],
        ):
            first = run(
                *("call", "people.yaml", "--fast", "--format", "json", *args),
                *("--save-scenario", "s.test.yaml"),
                cwd=d,
            )
            assert first.returncode == 0, first.stderr
            done = run("test", "s.test.yaml", "--report", "json=out.json", cwd=d)
            assert done.returncode == 0, f"{args}\n{done.stdout}{done.stderr}"
            # the same call, event for event, but for keys that were lost while they spoke
            with open(f"{d}/out.json", encoding="utf-8") as f:
                [one] = json.load(f)["results"]
            want, got = (
                [e for e in x["events"] if e["type"] != "key" or "lost" not in e]
                for x in (json.loads(first.stdout), one["transcript"])
            )
            assert want == got, (args, [x for x in zip(want, got) if x[0] != x[1]][:1])


@test
def what_nothing_tests_is_not_covered():
    flow = "flow: X\npurpose: reminder\nsteps:\n  - greeting: Hello there.\n  - hangup\n"
    tests = "flow: one.yaml\nscenarios:\n  - name: it is heard\n    expect: { ended_by: flow }\n"
    with tempfile.TemporaryDirectory() as d:
        files = {"one.yaml": flow, "one.test.yaml": tests, "serve.yaml": "apps: {}\n"}
        for name, text in files.items():
            with open(os.path.join(d, name), "w") as f:
                f.write(text)
        done = run("test", ".", "--coverage", "table", "--coverage-min", "60", cwd=d)
        assert done.returncode == 0 and "66.7% of steps" in done.stdout, done
        os.makedirs(f"{d}/more")
        with open(f"{d}/more/two.yaml", "w") as f:
            f.write(flow)
        for args in ((".",), (), (".", "--format", "json")):
            done = run("test", *args, "--coverage-min", "60", cwd=d)
            assert done.returncode == 1 and "33.3%" in done.stderr, done
        table = run("test", ".", "--coverage", "table", cwd=d).stdout
        assert re.search(r"more/two.yaml +0/2 +0/\d +no scenario comes here", table), table
        assert "33.3% of steps and exits" in table
        lcov = run("test", ".", "--coverage", "lcov", cwd=d).stdout
        assert "SF:more/two.yaml" in lcov and "LH:0" in lcov, lcov
        # a test file alone is about its own flow
        assert run("test", "one.test.yaml", "--coverage-min", "60", cwd=d).returncode == 0
        # a flow that cannot be read is told, as is a test file
        with open(f"{d}/more/two.yaml", "w") as f:
            f.write("steps:\n  - greting: x\n")
        done = run("test", ".", "--coverage-min", "60", cwd=d)
        assert done.returncode == 2 and "greting" in done.stdout + done.stderr, done
        os.remove(f"{d}/more/two.yaml")
        with open(f"{d}/one.test.yaml", "w") as f:
            f.write("flow: one.yaml\nscenarios: [\n")
        done = run("test", ".", "--coverage", "table", cwd=d)
        assert done.returncode == 2 and "100.0%" not in done.stdout, done.stdout
        done = run("test", "one.test.yaml", "--coverage", "table", cwd=d)
        assert done.returncode == 2 and "no flow could be looked at" in done.stdout, done.stdout
        # a flow of its own, without any scenario
        with open(f"{d}/one.test.yaml", "w") as f:
            f.write("flow: one.yaml\nscenarios: []\n")
        done = run("test", ".", "--coverage-min", "1", cwd=d)
        assert done.returncode and "100.0%" not in done.stdout + done.stderr, done


@test
def words_in_the_wrong_order_are_not_rewritten_and_failures_end_the_report():
    flow = (
        "flow: U\npurpose: reminder\nsteps:\n  - greeting: Hello there my friend.\n"
        "  - greeting: This is about your bill.\n  - greeting: Goodbye now.\n  - hangup\n"
    )
    tests = (
        "flow: u.yaml\nscenarios:\n  - name: turned\n    script:\n"
        "      - hear: This is about your bill.\n      - hear: Hello there my friend.\n"
        "  - name: fine\n    expect: { ended_by: flow }\n"
    )
    with tempfile.TemporaryDirectory() as d:
        for name, text in (("u.yaml", flow), ("u.test.yaml", tests)):
            with open(os.path.join(d, name), "w") as f:
                f.write(text)
        done = run("test", "--update", cwd=d)
        assert done.returncode == 1 and "\n+ " not in done.stdout, done.stdout
        assert "these words were heard before" in done.stdout
        assert done.stdout.splitlines()[-1] == "  FAIL u.test.yaml:3: turned", done.stdout
        with open(f"{d}/u.test.yaml") as f:
            assert f.read() == tests


ROWS = """flow: small.yaml
scenarios:
  - name: "{who} {n}"
    rows_file: rows.csv
    given: { answered_by: "{who}", ring_timeout: "{ring}" }
    script: [ { keys: "{keys}" } ]
    expect:
      status: "{status}"
      ended_by: "{end}"
      goal: "{goal}"
      opted_out: "{out}"
      heard_message: "{heard}"
      duration: { min: "{least}", max: "{most}s" }
      first_words_within: "{first}"
      heard_under: { warn: "{warn}", fail: "{fail}" }
"""
HEAD = "n,who,ring,keys,status,end,goal,out,heard,least,most,first,warn,fail\n"


@test
def a_column_may_stand_wherever_something_is_expected():
    good = [
        "1,human,,2,completed,flow,true,false,true,1s,60,1s,20s,30s",
        "2,human,10s,1,completed,flow,false,false,true,1,60,,,",
        "3,busy,,-,busy,,,,,,0,,,",
        "4,no-answer,5s,-,no-answer,not-answered,,,,,0,,,",
        "5,machine,,-,Completed,flow,,,,,600,,,",
    ]
    good, others = good[:2], good[2:]
    without = ROWS.replace('    script: [ { keys: "{keys}" } ]\n', "")

    def go(rows, text=ROWS):
        d = folder(**{"rows.csv": HEAD + "\n".join(rows) + "\n", "t.test.yaml": text})
        return d, run("test", "t.test.yaml", cwd=d)

    for rows, text in ((good, ROWS), (others, without)):
        _, done = go(rows, text)
        assert done.returncode == 0, done.stdout + done.stderr
    _, done = go([others[0].replace(",busy,,-", ",failed,,-")], without)
    assert done.returncode == 1 and "the call's status is not as expected" in done.stdout, done
    # each is really looked at, in its own row
    for row, column, wrong, said in (
        (1, "status", "busy", "the call's status is not as expected"),
        (1, "end", "customer", "expected"),
        (1, "goal", "false", "goal is not as expected"),
        (2, "goal", "true", "goal is not as expected"),
        (1, "out", "true", "opted_out is not as expected"),
        (2, "heard", "false", "heard_message is not as expected"),
        (2, "least", "5m", "may last no less than 5:00.0"),
        (1, "most", "1", "may last at most 0:01.0"),
        (1, "fail", "100ms", "0.1"),
    ):
        cells = good[row - 1].split(",")
        cells[HEAD.strip().split(",").index(column)] = wrong
        rows = good[: row - 1] + [",".join(cells)] + good[row:]
        d, done = go(rows)
        assert done.returncode == 1 and said in done.stdout, (column, done.stdout, done.stderr)
        assert done.stdout.count("FAIL") == 2, done.stdout  # and once more at the end
        assert f"{cells[1]} {row}" in done.stdout
        before = open(f"{d}/t.test.yaml").read()
        run("test", "t.test.yaml", "--update", cwd=d)
        assert open(f"{d}/t.test.yaml").read() == before, "a column was written over"
    # what does not fit is told with its row, before anything runs
    for column, wrong, said in (
        ("status", "buzy", "row 2 (rows.csv:3): status is one of completed, busy"),
        ("end", "me", "row 2 (rows.csv:3): ended_by is one of"),
        ("goal", "yes", "row 2 (rows.csv:3): goal must be true or false"),
        ("most", "soon", "row 2 (rows.csv:3): max must be a duration"),
        ("warn", "x", "row 2 (rows.csv:3): warn must be a duration"),
        ("who", "nobody", "row 2 (rows.csv:3): answered_by is one of human"),
        ("ring", "5h", "row 2 (rows.csv:3): ring_timeout may be at most 600 seconds"),
    ):
        cells = good[1].split(",")
        cells[HEAD.strip().split(",").index(column)] = wrong
        _, done = go([good[0], ",".join(cells)])
        assert done.returncode == 2 and said in done.stdout + done.stderr, done
    _, done = go(good, ROWS.replace('"{goal}"', '"{gaol}"'))
    assert done.returncode == 2 and 'no column is called "gaol"' in done.stdout + done.stderr
    _, done = go(good, ROWS.replace("    rows_file: rows.csv\n", ""))
    assert done.returncode == 2 and "no rows" in done.stdout + done.stderr


if __name__ == "__main__":
    main()
