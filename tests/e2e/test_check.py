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
      prompt: To hear more, press 1.
      invalid: That key is not in use.
      keys: {{ 1: {{ answer: more, then: [ greeting: Thank you., hangup ] }} }}
      otherwise: [ greeting: Goodbye., hangup ]
"""


def told(text):
    """Code, line and message of what is found, with the model of a voice."""
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "f.yaml")
        with open(path, "w") as f:
            f.write(text)
        got = json.loads(run("check", path, "--voice", "model", "--format", "json").stdout)
    return [(x["code"], x["line"], x["message"]) for x in got["diagnostics"]]


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
    assert (
        done.returncode == 0 and " flows: 0 errors, 0 warnings, 0 notes" in done.stdout
    ), done.stdout


def names_in(path):
    return {
        x["code"] for x in json.loads(run("check", path, "--format", "json").stdout)["diagnostics"]
    }


@test
def each_rule_has_a_flow_that_breaks_it_alone_and_one_that_breaks_none():
    rules = re.findall(r"^## (\S+)", run("check", "--explain", "all").stdout, re.M)
    assert len(rules) > 55 and set(rules) == set(os.listdir(os.path.join(ROOT, "tests/rules")))
    for rule in rules:
        bad, good = f"tests/rules/{rule}/bad.yaml", f"tests/rules/{rule}/good.yaml"
        assert names_in(bad) == {rule}, (rule, names_in(bad))
        assert names_in(good) == set(), (rule, names_in(good))
        off = run("check", bad, "--rule", f"{rule}=off")
        assert "0 errors, 0 warnings, 0 notes" in off.stdout, (rule, off.stdout)


@test
def words_are_lost_behind_a_hash_and_comments_are_not():
    text = """flow: Example
variables:
  name: Flat # 4
  order_id: 12
status_callback: https://example.com/s
steps:
  - greeting: Your order # {order_id} for {name} is here.
  - greeting: Hello there  # said first
  - greeting: Thank you. # the end
  - greeting: We are open # until Tuesday only
  - greeting:
      - Press # to go on.
      - { text: Hello } # x
  - sms: To finish, press # now
  - ivr:
      prompt: Enter your number followed by # now.
      invalid: That is wrong # the invalid prompt
      collect:
        min: 4 # four
        max: 6
        finish: #
  - ivr:
      prompt: Enter it again.
      collect:
        finish: # nothing ends it
  - hangup # over
"""
    lines = [line for code, line, _ in told(text) if code == "words-cut"]
    assert lines == [3, 7, 12, 14, 16, 21], lines


ASK = """
  - greeting: Hello.
  - id: menu
    ivr:
      prompt: To go on, press 1.
      keys:
        1: {key}
      otherwise: {otherwise}
  - id: ask
    passthru:
      url: https://example.com/x
      hold: Please wait.
      stub: {{ status: 200, body: ready }}
      routes: {{ ready: [ greeting: Done., hangup ] }}
      exits: {{ {exits} }}
"""


@test
def a_loop_that_no_person_decides_is_endless():
    fine = dict(key="[ goto: ask ]", otherwise="[ hangup ]")
    fine["exits"] = "error: [ hangup ], timeout: [ hangup ]"
    fails, silent = "while the server fails", "who presses nothing"
    rows = [
        ({}, None),
        ({"exits": "error: [ goto: ask ], timeout: [ hangup ]"}, fails),
        ({"exits": "error: [ hangup ], timeout: [ greeting: Sorry., goto: ask ]"}, fails),
        # the key, and the silence that ends the call, are the customer's
        ({"exits": "error: [ goto: menu ], timeout: [ goto: menu ]"}, None),
        # silence leads to the server, and back
        (
            {
                "otherwise": "[ goto: ask ]",
                "exits": "error: [ goto: menu ], timeout: [ hangup ]",
            },
            fails,
        ),
        (
            {
                "otherwise": "[ goto: ask ]",
                "exits": "200: [ goto: menu ], error: [ hangup ], timeout: [ hangup ]",
            },
            silent,
        ),
        ({"otherwise": "[ goto: menu ]"}, silent),
        # "not yet" is what the server says, and may not say again
        (
            {"exits": "200: [ goto: ask ], error: [ hangup ], timeout: [ hangup ]"},
            None,
        ),
    ]
    for change, want in rows:
        text = "flow: T\nstatus_callback: https://example.com/s\nsteps:" + ASK.format(
            **{**fine, **change}
        )
        got = [m for code, _, m in told(text) if code == "endless-loop"]
        assert len(got) == (want is not None) and all(want in m for m in got), (change, got)


HEAD = "flow: T\nstatus_callback: https://example.com/s\n"


def codes(steps, code, head=""):
    """The lines at which a rule finds something."""
    return [line for c, line, _ in told(HEAD + head + "steps:\n" + steps) if c == code]


@test
def only_addresses_of_ones_own_network_are_local():
    step = """  - greeting: Hello.
  - passthru:
      url: http://{}/x
      hold: Please wait.
      stub: {{ status: 200 }}
      exits: {{ error: [ hangup ], timeout: [ hangup ] }}
  - hangup
"""
    for host, local in (
        ("localhost", True),
        ("localhost:8000", True),
        ("LOCALHOST", True),
        ("app.localhost", True),
        ("127.0.0.1:5000", True),
        ("10.1.2.3", True),
        ("192.168.0.7", True),
        ("172.16.0.9", True),
        ("172.31.255.255", True),
        ("user:word@10.1.2.3", True),
        ("[::1]:8000", True),
        ("[fd00::1]", True),
        ("localhost.evil.example", False),
        ("notlocalhost", False),
        ("10.example.com", False),
        ("10.1.2.3.example.com", False),
        ("127.example.com", False),
        ("192.168.example.com", False),
        ("172.15.0.9", False),
        ("172.32.0.9", False),
        ("192.169.0.1", False),
        ("11.1.2.3", False),
        ("localhost@example.com", False),
        ("[2001:db8::1]", False),
        ("example.com", False),
    ):
        got = codes(step.format(host), "passthru-insecure")
        assert got == ([] if local else [5]), (host, got)


MENU = """            - id: {id}
              ivr:
                prompt: {prompt}
                invalid: That key is not in use.
                keys: {{ {keys} }}
                otherwise: [ hangup ]
            - hangup
"""


@test
def a_way_back_leads_to_a_menu_above_or_beside():
    def menus(first, second, tail=""):
        text = """  - id: root
    ivr:
        prompt: For A press 1. For B press 2.
        invalid: That key is not in use.
        keys:
          1:
{}          2:
{}        otherwise: [ hangup ]
  - hangup
{}"""
        a = MENU.format(id="a", prompt="For X press 1. For more press 2.", keys=first)
        b = MENU.format(id="b", prompt="For Y press 1. For more press 2.", keys=second)
        return codes(text.format(a, b, tail), "no-way-back")

    up = "1: x, 2: { goto: root }"
    assert menus(up, up) == []
    assert menus("1: x, 2: y", up) == [10]
    # each leads to the other
    assert menus("1: x, 2: { goto: b }", "1: y, 2: { goto: a }") == []
    # star says the same again, and leads nowhere else
    assert menus('1: x, 2: y, "*": { goto: a }', up) == [10]
    # a server is asked on the way
    ask = """  - id: ask
    passthru:
      url: https://example.com/x
      stub: { status: 200 }
      exits: { 200: [ goto: root ], error: [ hangup ], timeout: [ hangup ] }
"""
    assert menus("1: x, 2: { goto: ask }", up, ask) == []


@test
def a_code_is_repeated_by_a_key_that_is_announced():
    text = """  - id: say
    greeting: Your code is {{code:digits}}.
  - ivr:
      prompt: {prompt}
      invalid: That key is not in use.
      keys: {{ 1: {target}, 2: [ hangup ] }}
      otherwise: [ hangup ]
  - hangup
"""
    head = "purpose: otp\nvariables: { code: 4578 }\n"

    def repeat(prompt, target):
        return codes(text.format(prompt=prompt, target=target), "otp-repeat", head)

    again = "To hear it again, press 1. To end, press 2."
    assert repeat(again, "{ goto: say }") == []
    assert repeat(again, "[ greeting: Once more., goto: say ]") == []
    assert repeat(again, "[ hangup ]") == [7]
    assert repeat("To end, press 2.", "{ goto: say }") == [7]


@test
def a_number_is_one_answer_on_the_way_to_the_goal():
    text = """  - greeting: Hello.
  - ivr:
      prompt: Type your number.
      collect: {{ min: 6, max: 6 }}
      otherwise: [ hangup ]
{}  - ivr:
      prompt: To confirm, press 1.
      keys: {{ 1: {{ answer: yes, goal: true }} }}
      otherwise: [ hangup ]
  - hangup
"""
    asked = """  - ivr:
      prompt: To go on, press 1.
      keys: { 1: yes }
      otherwise: [ hangup ]
"""
    assert codes(text.format(asked), "goal-far") == []
    assert codes(text.format(asked * 2), "goal-far") == [17]


@test
def what_nobody_knows_the_words_of_is_not_guessed_at():
    tone = os.path.join(ROOT, "tests/flows/bad/tone.wav")
    menu = """  - ivr:
      prompt: {}
      keys: {{ 1: a, 2: b }}
      otherwise: [ hangup ]
  - hangup
"""
    recorded = "  - greeting: { audio: " + tone + " }\n"
    spoken = "  - greeting: Hello.\n"
    silent = menu.format("Please press a key now.")
    assert codes(recorded + silent, "key-not-announced") == []
    assert codes(spoken + silent, "key-not-announced") == [7, 7]
    # a menu that says one of its keys says all of them
    assert codes(recorded + menu.format("For A press 1."), "key-not-announced") == [7]
    assert codes(recorded + menu.format("{ audio: " + tone + " }"), "key-not-announced") == []
    ask = """  - id: ask
    passthru:
      url: https://example.com/x
      hold: Please wait.
      stub: { status: 200, body: Choose. }
      exits: { error: [ hangup ], timeout: [ hangup ] }
"""
    assert codes(spoken + ask + menu.format('"{ask.text}"'), "key-not-announced") == []
    named = '  - greeting: { audio: "' + ROOT + '/tests/{name}.wav" }\n  - hangup\n'
    head = "purpose: reminder\nvariables: { name: flows/bad/tone }\n"
    assert codes(named, "not-personal", head) == []
    assert codes(recorded + "  - hangup\n", "not-personal", "purpose: reminder\n") == [5]


@test
def every_value_that_may_be_missing_is_told():
    text = """  - id: ask
    passthru:
      url: https://example.com/x
      hold: Please wait.
      stub: { status: 200, json: { balance: 5, due: Monday } }
      exits: { error: [ goto: say ], timeout: [ goto: say ] }
  - id: say
    greeting: You owe {ask.balance} rupees until {ask.due}, {ask.balance} in all.
  - hangup
"""
    assert codes(text, "unknown-variable") == [11, 11]


@test
def an_sms_fits_its_registered_template():
    def unlike(text, template):
        step = f'  - sms: {{ text: "{text}", template_text: "{template}" }}\n  - hangup\n'
        return [
            m
            for c, _, m in told(HEAD + "steps:\n  - greeting: Hello.\n" + step)
            if c == "sms-unlike-template"
        ]

    order = "Your order {#var#} arrives on {#var#}."
    long = "the first working day after the m"
    for text, template, want in (
        ("Your order 12 arrives on Monday.", order, None),
        ("Your  order 12 arrives on Monday. ", order, None),
        ("Your order 12 arrives on Monday", order, "is not where it should be"),
        ("Your order 12 comes on Monday.", order, '" arrives on "'),
        ("Thanks. Bye.", "Thanks.", "where the template ends"),
        (f"Your order {long[:30]} arrives on Monday.", order, None),
        (f"Your order {long[:31]} arrives on Monday.", order, "more than 30 characters"),
        ("आपका ऑर्डर 12 आएगा।", "आपका ऑर्डर {#var#} आएगा।", None),
        (long, "{#var#}", "more than 30 characters"),
        (long, "{#var#}{#alphanumeric#}", None),
        ("Thanks.", "Thanks.", None),
        ("Thanks!", "Thanks.", "is not where it should be"),
    ):
        got = unlike(text, template)
        assert (len(got) == 1 and want in got[0]) if want else got == [], (text, template, got)


@test
def a_file_of_templates_that_cannot_be_read_is_told():
    step = '  - sms: { text: Thanks., template: "1107000000000000001" }\n'
    flow = HEAD + "steps:\n  - greeting: Hello.\n" + step + "  - hangup\n"
    for table, want in (
        (None, None),
        ("id,text\n1107000000000000001,Thanks.\n", None),
        ("Template ID;Template Text\n1107000000000000001;Thanks.\n", None),
        ("id,text\n1107000000000000001,Bye.\n", "does not fit"),
        ("id,text\n1107000000000000002,Thanks.\n", "has no template 1107000000000000001"),
        ("number,words\n1107000000000000001,Thanks.\n", "must name the columns id and text"),
        ("id,text\n1107000000000000001\n", "line 2: "),
        ('id,text\n1107000000000000001,"Thanks.\n', "line 2: "),
        ("", "cannot be used"),
    ):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "f.yaml")
            with open(path, "w") as f:
                f.write(flow)
            if table is not None:
                with open(os.path.join(d, "templates.csv"), "w") as f:
                    f.write(table)
            out = run("check", path, "--voice", "model", "--format", "json").stdout
        got = [
            x["message"]
            for x in json.loads(out)["diagnostics"]
            if x["code"] == "sms-unlike-template"
        ]
        assert (len(got) == 1 and want in got[0]) if want else got == [], (table, got)


@test
def the_voice_is_asked_of_each_value():
    text = """  - greeting: Hello {name}, welcome to {city}.
  - greeting: { text: "नमस्ते {name}, {city}", voice: { language: hi-IN } }
  - hangup
"""
    head = "variables: { name: राहुल, city: Pune }\n"
    assert codes(text, "language-mismatch", head) == [5]


@test
def the_page_of_the_rules_is_current():
    with open(os.path.join(ROOT, "flows/RULES.md")) as f:
        assert (
            f.read() == run("check", "--explain", "all").stdout
        ), "drydial check --explain all > flows/RULES.md"
    one = run("check", "--explain", "call-drops").stdout
    assert one.startswith("## call-drops\n\nerror: ") and "Breaks it:" in one
    wrong = run("check", "--explain", "call-drop")
    assert wrong.returncode == 2 and 'did you mean "call-drops"' in wrong.stderr


@test
def the_length_of_a_message_is_what_sox_reads():
    d = tempfile.mkdtemp()
    for seconds, severity in (("31.0", "error"), ("29.5", "warning"), ("24.9", None)):
        wav = f"{d}/m.wav"
        subprocess.run(
            [
                "sox",
                "-n",
                "-r",
                "8000",
                "-c",
                "1",
                wav,
                "synth",
                seconds,
                "sine",
                "300",
                "vol",
                "0.3",
            ],
            check=True,
        )
        assert (
            abs(
                float(subprocess.run(["soxi", "-D", wav], capture_output=True, text=True).stdout)
                - float(seconds)
            )
            < 0.01
        )
        got = [
            x[1]
            for x in found(CLEAN.format(head="", greeting="{ audio: m.wav }"), files=[wav])
            if x[0] == "message-length"
        ]
        assert got == ([severity] if severity else []), (seconds, got)
    shutil.rmtree(d)


def seconds(wav):
    return float(
        subprocess.run(["soxi", "-D", wav], capture_output=True, text=True, check=True).stdout
    )


@test
def the_purpose_is_late_by_the_word_times_of_the_recording():
    d = tempfile.mkdtemp()
    for pause in (2, 5, 7):
        with open(f"{d}/f.yaml", "w") as f:
            f.write(
                CLEAN.format(
                    head="\npurpose: survey",
                    greeting=f"[ Hello., {{ pause: {pause}s }}, Survey time. ]",
                )
            )
        assert run("call", "f.yaml", "--fast", "--record", "r.wav", cwd=d).returncode == 0
        # what is left of the recording behind the first two seconds, when the silence before the
        # word is taken off
        subprocess.run(
            ["sox", f"{d}/r.wav", f"{d}/rest.wav", "trim", "1.5", "silence", "1", "0", "-45d"],
            check=True,
        )
        spoken = seconds(f"{d}/r.wav") - seconds(f"{d}/rest.wav")
        late = [
            x
            for x in json.loads(run("check", "f.yaml", "--format", "json", cwd=d).stdout)[
                "diagnostics"
            ]
            if x["code"] == "purpose-late"
        ]
        assert bool(late) == (spoken > 5), (pause, spoken, late)
        if late:
            told = float(
                re.search(r"only after (\d+\.\d) s \(\"Survey\"\)", late[0]["message"]).group(1)
            )
            assert abs(told - spoken) <= 0.1 + 0.05, (told, spoken)  # the message cuts to tenths
    shutil.rmtree(d)


@test
def the_purpose_is_told_by_words_of_the_purpose_of_the_name_or_your_own():
    late = "[ Hello and good day., { pause: 6s }, %s ]"

    def names(purpose, words, head=""):
        text = CLEAN.format(head=f"\npurpose: {purpose}{head}", greeting=late % words)
        return [x[0] for x in told(text) if x[0] == "purpose-late"]

    assert names("payment", "Your bill is due.") == ["purpose-late"]
    assert names("other", "It is about a small matter.") == [
        "purpose-late"
    ]  # the flow is called Small
    assert names("other", "It is about something.") == []  # nothing is known of it
    assert names("payment", "Hello again.") == ["purpose-late"]
    assert names("payment", "Your bill is due.", "\nchecks: { purpose-late: { max: 9s } }") == []
    early = CLEAN.format(
        head='\npurpose: payment\nchecks: { purpose-late: { words: "hello, namaste" } }',
        greeting=late % "x",
    )
    assert "purpose-late" not in [x[0] for x in found(early)]


@test
def recordings_are_judged_by_what_sox_made_of_them():
    d = tempfile.mkdtemp()
    cases = {
        "fine": (["synth", "2", "sine", "300", "vol", "-20dB"], set()),
        "quiet": (["synth", "2", "sine", "300", "vol", "-40dB"], {"audio-level"}),
        "silent": (["trim", "0", "2"], {"audio-level"}),
        "clipped": (["synth", "2", "sine", "300", "vol", "12dB"], {"audio-level"}),
        "loud": (["synth", "2", "sine", "300", "vol", "-0.3dB"], set()),
    }
    for name, (effect, wanted) in cases.items():
        wav = f"{d}/{name}.wav"
        subprocess.run(
            ["sox", "-n", "-r", "8000", "-c", "1", "-b", "16", wav, *effect],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        got = {
            x[0]
            for x in found(
                CLEAN.format(head="", greeting=f"[ Small talk., {{ audio: {name}.wav }} ]"),
                files=[wav],
            )
        }
        assert got - {"silent-flow"} == wanted, (name, got)
    for rate, channels, wanted in (
        ("44100", "1", True),
        ("8000", "2", True),
        ("16000", "2", True),
        ("8000", "1", False),
    ):
        subprocess.run(
            [
                "sox",
                "-n",
                "-r",
                rate,
                "-c",
                channels,
                f"{d}/f.wav",
                "synth",
                "1",
                "sine",
                "300",
                "vol",
                "0.1",
            ],
            check=True,
        )
        got = {
            x[0]
            for x in found(
                CLEAN.format(head="", greeting="[ Small talk., { audio: f.wav } ]"),
                files=[f"{d}/f.wav"],
            )
        }
        assert got == ({"audio-format"} if wanted else set()), (rate, channels, got)
    subprocess.run(
        [
            "sox",
            "-n",
            "-r",
            "48000",
            "-c",
            "2",
            f"{d}/large.wav",
            "synth",
            "40",
            "sine",
            "300",
            "vol",
            "0.1",
        ],
        check=True,
    )
    large = CLEAN.format(
        head="\nvariables: { which: large }", greeting='[ Small talk., { audio: "{which}.wav" } ]'
    )
    assert "audio-size" in {x[0] for x in found(large, files=[f"{d}/large.wav"])}
    assert {x[0] for x in found(large)} == {"audio-missing"}
    shutil.rmtree(d)


@test
def the_voice_itself_says_what_it_skips():
    def skipped(text, voice=None):
        head = f"\nvoice: {{ language: {voice} }}" if voice else ""
        return [
            x[0]
            for x in found(
                CLEAN.format(head=head, greeting=json.dumps(text, ensure_ascii=False)),
                "--rule",
                "language-mismatch=off",
            )
            if x[0] == "unspeakable"
        ]

    assert skipped("Small → talk") == [] and skipped("Small ★ talk") == ["unspeakable"]
    assert skipped("Small talk for ₹500, 50% off & more") == []
    assert skipped("आपके ₹ बाकी हैं", "hi-IN") == ["unspeakable"]
    assert skipped("आपके ₹500 बाकी हैं", "hi-IN") == []  # put into words
    assert skipped("नमस्ते। आप कैसे हैं?", "hi-IN") == [] and skipped("“Small” – talk…") == []


@test
def scripts_are_held_against_voices():
    def mismatch(text, voice="en-IN"):
        text = CLEAN.format(
            head=f"\nvoice: {{ language: {voice} }}", greeting=json.dumps(text, ensure_ascii=False)
        )
        return [
            (x[0], x[1])
            for x in found(text, "--rule", "unspeakable=off")
            if x[0] == "language-mismatch" and x[2] == 6
        ]

    assert mismatch("Small talk") == [] and mismatch("नमस्ते दोस्त") == [
        ("language-mismatch", "error")
    ]
    assert mismatch("नमस्ते Rahul दोस्त", "hi-IN") == [] and mismatch(
        "Good day to you", "hi-IN"
    ) == [("language-mismatch", "warning")]
    assert mismatch("வணக்கம்", "ta-IN") == [] and mismatch("வணக்கம்", "hi-IN") == [
        ("language-mismatch", "error")
    ]
    assert mismatch("नमस्कार", "mr-IN") == [] and mismatch("12345.", "hi-IN") == []


@test
def values_that_a_way_does_not_set_are_found():
    text = """flow: Balance
status_callback: https://example.com/s
steps:
  - greeting: Hello, here is your balance.
  - id: account
    passthru:
      url: https://example.com/
      hold: One moment.
      stub: { status: 200, json: { balance: 5 } }
      exits: { 302: %s, error: [ hangup ], timeout: [ hangup ] }
  - id: told
    greeting: Your balance is {account.balance}.
  - hangup
"""
    assert "unknown-variable" not in [x[0] for x in found(text % "[ hangup ]")]
    assert ("unknown-variable", "warning", 12) in found(text % "[ goto: told ]")


@test
def lengths_are_a_table():
    table = checked(
        CLEAN.format(head="", greeting="[ Hello there., { pause: 12s } ]"), "--lengths"
    ).stdout
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
    assert found(
        CLEAN.format(
            head="\nchecks: { greeting-length: note }", greeting="[ Hello., { pause: 20s } ]"
        )
    ) == [("greeting-length", "note", 5)]
    allowed = long.replace("  - id: hello", "  - id: hello # drydial: allow greeting-length")
    assert found(allowed) == []
    assert found(
        CLEAN.format(head="", greeting="Hello. # drydial: allow greeting-length, no-such-rule")
    ) == [("allow-unused", "note", 5), ("allow-unused", "note", 5)]


@test
def wrong_settings_are_told():
    done = checked(
        CLEAN.format(
            head="\nchecks: { mesage-length: off, menu-width: { most: 3 } }", greeting="Hello."
        )
    )
    assert (
        done.returncode == 1
        and 'did you mean "message-length"' in done.stdout
        and 'no setting "most"' in done.stdout
    ), done.stdout
    assert run("check", "flows/otp.yaml", "--rule", "menu-with=off").returncode == 2
    assert run("check", "flows/otp.yaml", "--rule", "menu-width=loud").returncode == 2
    broken = checked("flow: B\nsteps: [ gretting: x ]\n")
    assert broken.returncode == 2 and "did you mean" in broken.stdout


@test
def findings_have_a_place_and_a_caret():
    done = checked(CLEAN.format(head="", greeting="Ask our Dept for 1234567."))
    assert re.search(
        r"^f\.yaml:4:9: warning\[abbreviation\]: .*\n +4 \|   - id: hello\n +\| +\^",
        done.stdout,
        re.M,
    ), done.stdout
    assert "bare-number" in done.stdout and done.stdout.rstrip().endswith(
        "1 flow: 0 errors, 2 warnings, 0 notes"
    )


@test
def local_addresses_end_where_they_end():
    local = (
        "127.0.0.1 127.255.255.255 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 "
        "192.168.255.255 169.254.0.1 169.254.255.255 localhost localhost. a.localhost [::1] "
        "[fe80::1] [fd00::1] 127.0.0.1:8080"
    ).split()
    foreign = (
        "126.255.255.255 128.0.0.1 9.255.255.255 11.0.0.1 172.15.255.255 172.32.0.1 192.167.1.1 "
        "192.169.0.1 169.253.1.1 169.255.0.1 localhost.example.com 10.example.com "
        "10.0.0.1.example.com xlocalhost 256.0.0.1 [2001:db8::1]"
    ).split()
    with tempfile.TemporaryDirectory() as d:
        for hosts, found in ((local, False), (foreign, True)):
            for host in hosts:
                path = os.path.join(d, "f.yaml")
                with open(path, "w") as f:
                    f.write(
                        "flow: X\npurpose: reminder\nsteps:\n  - passthru: { url: 'http://"
                        f"{host}/x', stub: {{ status: 200 }} }}\n  - hangup\n"
                    )
                told = run("check", path).stdout
                assert ("passthru-insecure" in told) == found, (host, told)


@test
def a_comma_in_a_value_inside_braces_is_told_and_repaired():
    flow = (
        "flow: X\npurpose: reminder\nvariables: { due: Monday, amount: 1,200 rupees, to: Asha }\n"
        "steps:\n  - greeting: Your payment of {amount} is due on {due}, {to}.\n  - hangup\n"
    )
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "f.yaml")
        with open(path, "w") as f:
            f.write(flow)
        told = run("check", path)
        assert told.returncode == 2 and 'write it like this: "1,200 rupees"' in told.stdout, told
        run("check", path, "--fix", "--write")
        with open(path) as f:
            assert 'amount: "1,200 rupees", to: Asha' in f.read()


if __name__ == "__main__":
    main()
