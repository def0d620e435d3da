"""drydial call from outside: options, exit codes, servers, sound, terminals. Other people's
tools judge."""
import array
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

from lib import call, DRYDIAL, main, our_flows, ROOT, run, test, waits

REMINDER = "flows/appointment-reminder.yaml"


def flow_file(text, folder):
    path = os.path.join(folder, "flow.yaml")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


@test
def the_reminder_with_key_two():
    first = run("call", REMINDER, "--keys", "2", "--fast", "--format", "json")
    again = run("call", REMINDER, "--keys", "2", "--fast", "--format", "json")
    assert first.stdout == again.stdout
    result = json.loads(first.stdout)
    assert result["status"] == "completed" and result["answers"] == {
        "choice": "rescheduled"
    }, result
    assert result["sms"][0]["text"].startswith("Pick a new time") and result["digits"] == "2"
    assert any("reschedule" in e.get("text", "") for e in result["events"] if e["type"] == "prompt")
    assert set(result) >= {
        "flow",
        "status",
        "answered_by",
        "ended_by",
        "duration_ms",
        "heard_message",
        "digits",
        "answers",
        "variables",
        "sms",
        "requests",
        "events",
    }


@test
def usage_errors_say_what_to_do():
    for args, words in [
        (["call"], "which flow"),
        (["cal"], 'did you mean "call"'),
        (["call", "no.yaml"], "No such file"),
        (["call", REMINDER, "--fasst"], "did you mean --fast"),
        (["call", REMINDER, "--keys", "2,,1"], "empty"),
        (["call", REMINDER, "--keys", "x"], "keys are"),
        (["call", REMINDER, "--var", "nmae=x"], 'did you mean "name"'),
        (["call", REMINDER, "--var", "x"], "NAME=VALUE"),
        (["call", REMINDER, "--at", "noon"], "2025-01-20"),
        (["call", REMINDER, "--time-limit", "5h"], "14400"),
        (["call", REMINDER, "--answered-by", "dog"], "human"),
        (["call", REMINDER, "--format", "xml"], "json"),
        (["call", REMINDER, "--line", "string"], "phone"),
        (["call", REMINDER, "--from", "abc"], "digits"),
        (["call", REMINDER, "--voice", "xx"], "no voice"),
        (["call", REMINDER, "--keys"], "needs a value"),
        (["call", REMINDER, "b.yaml"], "one flow"),
        (["call", REMINDER, "--record", "/no/such/dir/a.wav", "--fast"], "record"),
        (["call", "flows"], "directory"),
    ]:
        done = run(*args)
        assert done.returncode == 2 and words in done.stderr, (args, done.returncode, done.stderr)
        assert done.stdout == "", (args, done.stdout)
    assert (
        run("--help").returncode == 0
        and run("call", "--help").returncode == 0
        and run("--version").returncode == 0
    )
    example = [
        line
        for line in run("call", "--help").stdout.splitlines()
        if line.startswith("  drydial call")
    ][0]
    assert run(*example.split()[1:]).returncode == 0


@test
def variables_without_an_example_are_asked_for():
    with tempfile.TemporaryDirectory() as d:
        path = flow_file(
            "flow: T\nvariables: { order: ~ }\nsteps:\n  - sms: '{order}'\n  - hangup\n", d
        )
        done = run("call", path, "--fast")
        assert done.returncode == 2 and "--var order" in done.stderr, done.stderr
        assert call(path, "--var", "order=7")["sms"][0]["text"] == "7"


LOST = """flow: T
steps:
  - id: hello
    greeting: Hello there from the example store.
  - id: menu
    ivr:
      prompt: Press 1 to go on.
      barge_in: false
      keys:
        1:
          - passthru:
              url: https://example.com/x
              stub: { status: 200, delay: 3s }
          - hangup
  - hangup
"""


@test
def a_key_that_nothing_takes_is_told_as_lost():
    with tempfile.TemporaryDirectory() as d:
        path = flow_file(LOST, d)
        greeting = next(
            e for e in call(path)["events"] if e["type"] == "prompt" and e["step"] == "hello"
        )
        menu = greeting["at_ms"] + greeting["duration_ms"]
        taken = menu + 4000
        keys = f"500:1,{menu + 100}:1,{taken}:1,{taken + 100}:2"
        events = call(path, "--press", keys)["events"]
        got = [(e["key"], e.get("lost"), e.get("reason")) for e in events if e["type"] == "key"]
        text = run("call", path, "--fast", "--press", keys).stdout
        # an interruptible greeting keeps the key, one that may be skipped is skipped by it
        for how in ("interruptible", "skip"):
            other = flow_file(
                LOST.replace(
                    "greeting: Hello there from the example store.",
                    "greeting: { text: Hello there., " + how + ": true }",
                ),
                d,
            )
            first = next(e for e in call(other, "--press", "100:1")["events"] if e["type"] == "key")
            assert "lost" not in first, first
    assert got == [
        ("1", True, "this greeting takes no keys"),
        ("1", True, "barge_in is false: no key is taken while the prompt plays"),
        ("1", None, None),
        ("2", True, "no key is taken while a server is asked"),
    ], got
    assert text.count("lost: ") == 3 and "1  lost: this greeting takes no keys" in text, text


@test
def reads_standard_input():
    done = run("call", "-", "--fast", "--format", "json", input="flow: T\nsteps:\n  - hangup\n")
    assert json.loads(done.stdout)["ended_by"] == "flow"


@test
def terminal_escapes_do_no_harm():
    with tempfile.TemporaryDirectory() as d:
        path = flow_file("flow: T\nvariables: { a: b }\nsteps:\n  - sms: 'x {a}'\n  - hangup\n", d)
        done = run("call", path, "--fast", "--var", "a=\x1b[2J\x07<script>")
        assert "\x1b" not in done.stdout and "\x07" not in done.stdout, repr(done.stdout)


@test
def the_saved_scenario_and_the_command_repeat_the_call():
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "a.test.yaml")
        done = run(
            "call",
            REMINDER,
            "--fast",
            "--keys",
            "5,2",
            "--var",
            "name=O'Hara",
            "--save-scenario",
            path,
        )
        text = open(path, encoding="utf-8").read()
        assert "press:" in text and "status: completed" in text, text
        # the flow is named as seen from where the scenario lies
        assert (
            run("test", "a.test.yaml", cwd=d).returncode == 0
            and "appointment-reminder.yaml" in text
        ), text
        command = re.search(r"^Again:  (.*)$", done.stdout, re.M).group(1)
        again = subprocess.run(
            ["sh", "-c", command.replace("drydial", DRYDIAL, 1)],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert again.stdout == done.stdout, (command, again.stdout, again.stderr)


@test
@waits
def a_call_by_hand_is_repeated_to_the_millisecond():
    with tempfile.TemporaryDirectory() as d:
        first = run(
            "call",
            REMINDER,
            "--press",
            "1000:5,4200:2",
            "--mute",
            "--at",
            "2025-01-20T10:00:00+05:30",
        )
        command = re.search(r"^Again:  (.*)$", first.stdout, re.M).group(1)
        assert "--press 1000:5,4200:2" in command, command
        again = subprocess.run(
            ["sh", "-c", command.replace("drydial", DRYDIAL, 1)],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert again.stdout == first.stdout, (again.stdout, first.stdout)
    assert call(REMINDER, "--press", "500:h")["ended_by"] == "customer"
    for wrong in ["x", "5:2,4:1", "5:a", "5", "5:1,"]:
        assert run("call", REMINDER, "--press", wrong).returncode == 2, wrong


# -- servers -------------------------------------------------------------------


class Server(http.server.BaseHTTPRequestHandler):
    seen = []

    def answer(self, body):
        url = urllib.parse.urlsplit(self.path)
        Server.seen.append(
            (
                self.command,
                url.path,
                urllib.parse.parse_qs(url.query, keep_blank_values=True),
                urllib.parse.parse_qs(body, keep_blank_values=True),
                self.path,
            )
        )
        code = int(url.path[1:]) if url.path[1:].isdigit() else 200
        if url.path == "/slow":
            time.sleep(3)
        try:
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/must-not-be-asked")
            self.end_headers()
            if url.path == "/large":
                for _ in range(50):
                    self.wfile.write(b"x" * 1000000)
            elif url.path == "/json":
                self.wfile.write(b'{"name": "Asha", "n": 5, "t": true, "deep": {"a": 1}}')
            else:
                self.wfile.write(b"hello\n")
        except (BrokenPipeError, ConnectionResetError):
            pass

    def do_GET(self):
        self.answer("")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def log_message(self, *args):
        pass


def with_server(function):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Server.seen.clear()
    try:
        with tempfile.TemporaryDirectory() as d:
            function(f"http://127.0.0.1:{server.server_port}", d)
    finally:
        server.shutdown()
        server.server_close()


EXITS = (
    "exits: { 200: [ sms: ok ], 302: [ sms: moved ], error: [ sms: 'error {p.status}' ], "
    "timeout: [ sms: late ] }"
)


@test
def live_passthru_takes_the_exit_of_the_answer():
    def body(base, d):
        for path, want in [
            ("/200", "ok"),
            ("/302", "moved"),
            ("/500", "error 500"),
            ("/404", "error 404"),
            ("/204", "error 204"),
            ("/slow", "late"),
            ("/large", "error too-large"),
        ]:
            flow = flow_file(
                "flow: T\n"
                "steps:\n"
                "  - id: p\n"
                f"    passthru: {{ url: '{base}{path}', timeout: 1s, {EXITS} }}\n"
                "  - hangup\n",
                d,
            )
            result = call(flow, "--live")
            assert result["sms"][0]["text"] == want, (path, result["sms"])
        flow = flow_file(
            "flow: T\n"
            "steps:\n"
            "  - id: p\n"
            f"    passthru: {{ url: 'http://127.0.0.1:1/', {EXITS} }}\n"
            "  - hangup\n",
            d,
        )
        assert call(flow, "--live")["sms"][0]["text"] == "error refused"
        assert not any(seen[1] == "/must-not-be-asked" for seen in Server.seen)

    with_server(body)


@test
def live_passthru_sends_the_platforms_parameters():
    wanted = {
        "CallSid",
        "CallFrom",
        "CallTo",
        "From",
        "To",
        "Direction",
        "Created",
        "DialCallDuration",
        "StartTime",
        "EndTime",
        "CallType",
        "DialWhomNumber",
        "RecordingUrl",
        "CurrentTime",
        "flow_id",
        "tenant_id",
    }

    def body(base, d):
        flow = flow_file(
            f"""flow: T
variables: {{ name: "a b&c" }}
steps:
  - ivr: {{ prompt: [ {{ pause: 1s }} ], keys: {{ 1: yes }} }}
  - id: p
    passthru: {{ url: "{base}/json?n={{name}}" }}
  - passthru: {{ url: "{base}/post", method: POST }}
  - sms: "{{p.name}} {{p.n}} {{p.t}}"
  - hangup
""",
            d,
        )
        result = call(
            flow, "--live", "--keys", "1", "--from", "+911234567890", "--var", "CustomField=x"
        )
        get, post = Server.seen
        assert set(get[2]) == wanted | {"n", "digits", "CustomField"}, set(get[2]) ^ wanted
        assert (
            get[2]["digits"] == ['"1"'] and "digits=%221%22" in get[4] and get[2]["n"] == ["a b&c"]
        )
        assert get[2]["EndTime"] == ["1970-01-01 05:30:00"] and get[2]["CallFrom"] == [
            "+911234567890"
        ]
        assert get[2]["CurrentTime"] == ["2025-01-20 10:00:01"] and len(get[2]["CallSid"][0]) == 32
        assert (
            post[0] == "POST"
            and set(post[3]) == wanted | {"digits", "CustomField"}
            and post[2] == {}
        )
        assert result["sms"][0]["text"] == "Asha 5 true", result["sms"]

    with_server(body)


@test
def hosts_that_are_not_allowed_are_not_asked():
    def body(base, d):
        flow = flow_file(
            "flow: T\n"
            "steps:\n"
            "  - id: p\n"
            f"    passthru: {{ url: '{base}/x', stub: {{ body: stub }} }}\n"
            f"  - sms: '{{p.text}}'\n"
            "  - hangup\n",
            d,
        )
        assert call(flow, "--allow-host", "example.com")["sms"][0]["text"] == "stub"
        assert Server.seen == []
        assert call(flow, "--allow-host", "127.0.0.1")["sms"][0]["text"] == "hello"

    with_server(body)


@test
def live_in_real_time():
    def body(base, d):
        flow = flow_file(
            "flow: T\n"
            "steps:\n"
            "  - id: p\n"
            f"    passthru: {{ url: '{base}/json' }}\n"
            f"  - sms: '{{p.name}}'\n"
            "  - hangup\n",
            d,
        )
        done = run("call", flow, "--live", "--mute", "--format", "json")
        assert json.loads(done.stdout)["sms"][0]["text"] == "Asha", done.stdout + done.stderr

    with_server(body)


@test
def offline_makes_no_connection():
    if not shutil.which("strace"):
        return
    with tempfile.TemporaryDirectory() as d:
        log = os.path.join(d, "log")
        done = subprocess.run(
            [
                "strace",
                "-f",
                "-e",
                "trace=connect,sendto,bind",
                "-o",
                log,
                DRYDIAL,
                "call",
                "flows/personalized-balance.yaml",
                "--fast",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env=dict(os.environ, XDG_CACHE_HOME=d, ASAN_OPTIONS="detect_leaks=0"),
        )
        assert done.returncode == 0, done.stderr
        calls = [line for line in open(log) if "AF_INET" in line]
        assert calls == [], calls


@test
def numbers_of_a_reply_keep_the_text_that_the_server_wrote():
    flow = (
        "flow: N\nsteps:\n  - id: p\n    passthru: {{ url: 'http://127.0.0.1:1/', "
        "stub: {{ {0} }}, exits: {{ error: [ hangup ] }} }}\n"
        "  - sms: '{{p.a}} {{p.b}} {{p.c}} {{p.d}}'\n  - hangup\n"
    )
    body = '{"a":1500.10,"b":9223372036854775808,"c":-1e3,"d":"07"}'
    with tempfile.TemporaryDirectory() as d:
        for stub in (
            f"body: '{body}'",
            'json: { a: 1500.10, b: 9223372036854775808, c: -1e3, d: "07" }',
            f"body: '\ufeff{body}'",
        ):
            result = call(flow_file(flow.format(stub), d))
            text = [e["text"] for e in result["events"] if e["type"] == "sms"]
            assert text == ["1500.10 9223372036854775808 -1e3 07"], (stub, result["events"])


@test
def a_reply_without_fields_says_why():
    flow = (
        "flow: N\nsteps:\n  - id: p\n    passthru: {{ url: 'http://127.0.0.1:1/', "
        "stub: {{ body: '{0}' }} }}\n  - hangup\n"
    )
    with tempfile.TemporaryDirectory() as d:
        for body, why in (
            ('[{"a":1}]', "a JSON list has no fields"),
            ('{"a":1,}', "this is not JSON"),
            ('{"a":', "this is not JSON"),
            ('{"a":[1]}', None),
            ("ok", None),
        ):
            result = call(flow_file(flow.format(body), d))
            reply = [e for e in result["events"] if e["type"] == "reply"][0]
            told = reply.get("no_fields")
            assert (told is None) == (why is None) and (why or "") in (told or ""), reply
            text = run("call", flow_file(flow.format(body), d), "--fast").stdout
            assert why is None or why in " ".join(text.split()), text


# -- sound ---------------------------------------------------------------------

KEYS_FLOW = """flow: Keys
steps:
  - id: n
    ivr: { prompt: Type your number, collect: { max: 5 } }
  - greeting: Thank you, goodbye.
  - hangup
"""


def decode(wav):
    raw = subprocess.run(
        ["sox", wav, "-t", "raw", "-r", "22050", "-e", "signed", "-b", "16", "-c", "1", "-"],
        capture_output=True,
    ).stdout
    out = subprocess.run(
        ["multimon-ng", "-q", "-t", "raw", "-a", "DTMF", "-"], input=raw, capture_output=True
    ).stdout.decode()
    return "".join(re.findall(r"DTMF: (.)", out))


@test
def a_recording_holds_the_keys_and_lasts_as_long_as_the_call():
    with tempfile.TemporaryDirectory() as d:
        flow = flow_file(KEYS_FLOW.replace("max: 5", "max: 5, finish: ~"), d)
        for line, rate in [("phone", 8000), ("mulaw", 8000), ("wide", 22050)]:
            wav = os.path.join(d, line + ".wav")
            result = call(flow, "--keys", "129*#", "--record", wav, "--line", line)
            frames = int(subprocess.run(["soxi", "-s", wav], capture_output=True, text=True).stdout)
            assert (
                int(subprocess.run(["soxi", "-r", wav], capture_output=True, text=True).stdout)
                == rate
            )
            assert abs(frames - result["duration_ms"] * rate / 1000) <= 1, (
                frames,
                result["duration_ms"],
            )
            assert decode(wav) == "129*#", (line, decode(wav))


@test
def a_key_over_a_prompt_is_heard():
    with tempfile.TemporaryDirectory() as d:
        wav = os.path.join(d, "a.wav")
        for key in "1239":
            call(REMINDER, "--keys", key, "--record", wav)
            assert decode(wav) == key, (key, decode(wav))


def sink(d):
    """An ALSA device that takes everything: PortAudio runs for real, without a sound card."""
    path = os.path.join(d, "asound.conf")
    with open(path, "w") as out:
        out.write("pcm.!default { type null }\nctl.!default { type null }\n")
    return {"ALSA_CONFIG_PATH": path}


@test
@waits
def real_time_and_virtual_time_give_the_same_transcript():
    with tempfile.TemporaryDirectory() as d:
        flow = flow_file(
            """flow: Both
variables: { name: Rahul }
steps:
  - greeting: { text: "Hello {name}", interruptible: true }
  - id: m
    ivr: { prompt: Press 1 or 2., timeout: 1s, retries: 2, silence: Sorry., invalid: No.,
           keys: { 1: one } }
  - id: p
    passthru: { url: "http://example.com/", hold: [ { pause: 200ms } ],
                stub: { body: x, delay: 500ms } }
  - sms: "{p.text} {CurrentTime}"
  - greeting: { text: Goodbye for now, max: 600ms }
  - hangup
""",
            d,
        )
        args = ["--keys", "-,7,1", "--format", "json", "--at", "2025-01-20T10:00:00+05:30"]
        real = run("call", flow, *args, env=sink(d))
        fast = run("call", flow, *args, "--fast")
        assert real.returncode == 0 and "sound" not in real.stderr, real.stderr
        assert real.stdout == fast.stdout, (real.stdout, fast.stdout)


def samples(data):
    """16-bit samples without the silence: a device that is not paced is given silence whenever
    nothing is due."""
    values = array.array("h")
    values.frombytes(data[: len(data) // 2 * 2])
    return array.array("h", (v for v in values if v)).tobytes()


@test
@waits
def what_the_device_is_given_is_what_is_recorded():
    with tempfile.TemporaryDirectory() as d:
        capture, wav, conf = (
            os.path.join(d, name) for name in ("capture.raw", "call.wav", "asound.conf")
        )
        with open(conf, "w") as out:
            out.write(
                'pcm.!default { type file slave.pcm { type null } file "'
                + capture
                + '" format "raw" }\nctl.!default { type null }\n'
            )
        flow = flow_file(
            """flow: Device
steps:
  - id: m
    ivr: { prompt: Press 1., keys: { 1: yes } }
  - greeting: [ { pause: 300ms }, Thank you. ]
  - hangup
""",
            d,
        )
        done = run(
            "call",
            flow,
            "--keys",
            "1",
            "--line",
            "wide",
            "--record",
            wav,
            env={"ALSA_CONFIG_PATH": conf},
        )
        assert done.returncode == 0 and "no sound" not in done.stderr, done.stderr
        recorded = subprocess.run(["sox", wav, "-t", "raw", "-"], capture_output=True).stdout
        want = samples(recorded)
        channels = (
            2 if os.path.getsize(capture) and want not in samples(open(capture, "rb").read()) else 1
        )
        got = open(capture, "rb").read()
        if channels == 2:  # the same in both ears
            left = array.array("h")
            left.frombytes(got[: len(got) // 4 * 4])
            got = left[::2].tobytes()
        assert len(want) > 20000 and want in samples(got), (len(want), len(got))


@test
def no_device_is_one_line_and_the_call_goes_on():
    if os.path.exists("/dev/snd"):
        return
    with tempfile.TemporaryDirectory() as d:
        flow = flow_file(
            "flow: T\nvoice: { language: en-GB }\nsteps:\n  - greeting: Hi\n  - hangup\n", d
        )
        done = run("call", flow)
        assert done.returncode == 0 and "completed" in done.stdout, done.stderr
        assert done.stderr.count("\n") == 1 and "no sound" in done.stderr, done.stderr


@test
def every_prompt_has_one_sound():
    """In two processes, in any order, each flow's recording has the same bytes: cold cache and
    none shared."""
    with tempfile.TemporaryDirectory() as d:
        flows = our_flows()
        hashes = []
        for turn, order in enumerate([flows, flows[::-1]]):
            cache = os.path.join(d, f"cache{turn}")
            found = {}
            for flow in order:
                wav = os.path.join(d, "a.wav")
                call(flow, "--record", wav, "--line", "wide", env={"XDG_CACHE_HOME": cache})
                found[flow] = open(wav, "rb").read()
            hashes.append(found)
        assert hashes[0] == hashes[1]


# -- terminals -----------------------------------------------------------------


def tmux(name, *args):
    return subprocess.run(["tmux", "-L", name, *args], capture_output=True, text=True).stdout


def wait_for(name, words, seconds=15):
    end = time.time() + seconds
    while time.time() < end:
        screen = tmux(name, "capture-pane", "-p", "-S", "-100")
        if words in screen:
            return screen
        time.sleep(0.05)
    raise AssertionError(f"{words!r} did not appear:\n{screen}")


def in_terminal(function, columns="100"):
    in_terminal.count = getattr(in_terminal, "count", 0) + 1
    name = f"drydial-test-{os.getpid()}-{in_terminal.count}"
    env = dict(os.environ, TERM="xterm-256color")
    subprocess.run(
        [
            "tmux",
            "-L",
            name,
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            columns,
            "-y",
            "40",
            "sh",
        ],
        cwd=ROOT,
        env=env,
        check=True,
    )
    try:
        tmux(name, "send-keys", "PS1='ready> '; clear", "Enter")
        time.sleep(0.3)
        function(name)
    finally:
        tmux(name, "kill-server")


def restored(name):
    tmux(
        name,
        "send-keys",
        "echo typ''ed; stty -a | tr ';' '\\n' | grep -cE '(^| )(icanon|echo)( |$)' | "
        "sed 's/^/modes=/'",
        "Enter",
    )
    wait_for(name, "typed")
    wait_for(name, "modes=1")


@test
@waits
def a_terminal_shows_words_takes_a_key_and_survives_a_resize():
    def body(name):
        tmux(name, "send-keys", f"{DRYDIAL} call {REMINDER} --mute", "Enter")
        wait_for(name, "Hello Rahul")
        tmux(name, "resize-window", "-x", "40", "-y", "20")
        wait_for(name, "prompt   7.")
        tmux(name, "send-keys", "2")
        wait_for(name, "prompt_s heard")
        wait_for(name, "Again:")
        restored(name)

    in_terminal(body)


@test
def ctrl_c_and_sigterm_restore_the_terminal():
    def body(name):
        tmux(name, "send-keys", f"{DRYDIAL} call {REMINDER} --mute; echo code=$?", "Enter")
        wait_for(name, "Hello Rahul")
        tmux(name, "send-keys", "C-c")
        wait_for(name, "code=130")
        restored(name)
        tmux(name, "send-keys", "clear; echo swe''pt", "Enter")  # or the first call's words stand
        wait_for(name, "swept")
        tmux(name, "send-keys", f"{DRYDIAL} call {REMINDER} --mute; echo over''=$?", "Enter")
        wait_for(name, "Hello Rahul")
        shell = tmux(name, "display", "-p", "#{pane_pid}").strip()
        call = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True).stdout
        os.kill(int(call), signal.SIGTERM)
        wait_for(name, "over=130")
        restored(name)

    in_terminal(body)


@test
@waits
def wide_scripts_do_not_wrap_the_status_line():
    def body(name):
        tmux(name, "send-keys", f"{DRYDIAL} call flows/hindi-appointment.yaml --mute", "Enter")
        wait_for(name, "prompt   9.")
        time.sleep(2)
        screen = tmux(name, "capture-pane", "-p", "-S", "-100")
        assert (
            len([line for line in screen.splitlines() if re.match(r"\d:\d\d\.\d ", line)]) == 1
        ), screen
        tmux(name, "send-keys", "h")
        wait_for(name, "ended by customer")

    in_terminal(body, columns="40")


@test
def a_dumb_terminal_and_a_pipe_get_plain_lines():
    done = run("call", REMINDER, "--keys", "1", "--fast", env={"TERM": "dumb"})
    assert "\x1b" not in done.stdout and "Hello Rahul" in done.stdout


if __name__ == "__main__":
    main()
