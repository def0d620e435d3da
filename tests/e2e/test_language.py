"""What the flow language says of applets that decide, connect, record and run other flows; each
test is named after a sentence of its reference."""
import glob
import json
import os
import re
import subprocess
import tempfile

from lib import main, run, test


def dial(flow, *args, files=None, code=0):
    with tempfile.TemporaryDirectory() as d:
        for name, text in {"flow.yaml": flow, **(files or {})}.items():
            with open(os.path.join(d, name), "w", encoding="utf-8") as out:
                out.write(text)
        done = run("call", "flow.yaml", "--fast", "--format", "json", *args, cwd=d)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def scenarios(flow, tests, files=None):
    with tempfile.TemporaryDirectory() as d:
        tests = "flow: flow.yaml\nscenarios:\n" + tests
        for name, text in {"flow.yaml": flow, "t.test.yaml": tests, **(files or {})}.items():
            with open(os.path.join(d, name), "w", encoding="utf-8") as out:
                out.write(text)
        return run("test", "t.test.yaml", cwd=d)


def events(result, kind):
    return [e for e in result["events"] if e["type"] == kind]


def heard(result):
    return [e.get("text", "") for e in events(result, "prompt")]


FLOW = "flow: T\nsteps:\n"


@test
def cases_are_tried_in_order_and_the_first_wins():
    flow = FLOW + (
        "  - branch: { on: '5', cases: [ { above: 4, then: [ sms: a ] },"
        " { is: '5', then: [ sms: b ] } ] }\n  - hangup\n"
    )
    assert [m["text"] for m in dial(flow)["sms"]] == ["a"]


@test
def an_empty_value_meets_empty_and_no_number():
    flow = "flow: T\nvariables: { v: x }\nsteps:\n" + (
        "  - branch: { on: '{v}', cases: [ { below: 9, then: [ sms: number ] },"
        " { empty: true, then: [ sms: empty ] } ], otherwise: [ sms: other ] }\n  - hangup\n"
    )
    assert dial(flow, "--var", "v=")["sms"][0]["text"] == "empty"
    assert dial(flow, "--var", "v= ")["sms"][0]["text"] == "empty"
    assert dial(flow, "--var", "v=8.99")["sms"][0]["text"] == "number"
    assert dial(flow, "--var", "v=9")["sms"][0]["text"] == "other"


@test
def visits_rise_before_the_steps_own_templates_and_stop_at_999():
    flow = FLOW + (
        "  - id: a\n    greeting: [ { pause: 1ms }, 'No {a.visits}' ]\n"
        "  - branch: { on: '{a.visits}', cases: [ { below: 3, goto: a } ] }\n"
        "  - sms: '{a.visits} {b.visits}'\n  - id: b\n    hangup: {}\n"
    )
    result = dial(flow)
    assert heard(result) == ["No 1", "No 2", "No 3"] and result["sms"][0]["text"] == "3 0"


@test
def deciding_takes_no_time_and_counts_towards_runaway():
    flow = FLOW + "  - id: a\n    set: { n: { add: 1 } }\n  - goto: a\n"
    result = dial(flow)
    assert result["ended_by"] == "runaway" and result["duration_ms"] == 0
    assert 400 < len(events(result, "set")) <= 1000


@test
def names_set_anywhere_are_known_everywhere():
    part = "flow: P\npart: true\nsteps:\n  - set: { town: 'Pune {street}' }\n"
    flow = FLOW + (
        "  - sms: 'before {town}'\n  - set: { street: MG Road }\n  - subflow: part.yaml\n"
        "  - sms: '{town}'\n  - hangup\n"
    )
    result = dial(flow, files={"part.yaml": part})
    assert [m["text"] for m in result["sms"]] == ["before ", "Pune MG Road"]
    assert events(result, "missing")[0]["name"] == "town"


@test
def the_eleventh_level_is_runaway():
    def chain(n):
        files = {
            f"{i}.yaml": f"flow: L{i}\nsteps:\n  - subflow: {i + 1}.yaml\n" for i in range(1, n)
        }
        files[f"{n}.yaml"] = "flow: Last\nsteps:\n  - sms: deep\n"
        return dial(FLOW + "  - subflow: 1.yaml\n  - hangup\n", files=files)

    assert chain(10)["ended_by"] == "flow" and len(chain(10)["sms"]) == 1
    assert chain(11)["ended_by"] == "runaway" and not chain(11)["sms"]


@test
def transfer_drops_the_way_back():
    files = {
        "a.yaml": "flow: A\nsteps:\n  - transfer: b.yaml\n",
        "b.yaml": "flow: B\nsteps:\n  - sms: b\n",
    }
    result = dial(FLOW + "  - subflow: a.yaml\n  - sms: never\n  - hangup\n", files=files)
    assert result["ended_by"] == "dropped" and [m["text"] for m in result["sms"]] == ["b"]
    result = dial(FLOW + "  - sms: a\n  - return\n")
    assert result["ended_by"] == "dropped"


@test
def an_exit_without_steps_drops_the_call_inside_a_subflow_too():
    part = "flow: P\nsteps:\n  - passthru: { url: 'https://e.com', stub: { status: 500 } }\n"
    result = dial(FLOW + "  - subflow: p.yaml\n  - hangup\n", files={"p.yaml": part})
    assert result["ended_by"] == "dropped"


@test
def a_connect_stub_answers_one_number_and_the_last_outcome_decides():
    flow = FLOW + (
        "  - id: c\n    connect:\n      to: [ '1', '2' ]\n      timeout: 20s\n"
        "      stub: [ { outcome: no-answer }, { outcome: failed, ring: 1s } ]\n"
        "      exits: { no-answer: [ sms: no ], failed: ["
        " sms: '{c.status} {c.to} {c.seconds}' ] }\n"
        "  - hangup\n"
    )
    result = dial(flow)
    assert result["sms"][0]["text"] == "failed 2 0" and result["duration_ms"] == 21000
    states = [(e["state"], e["at_ms"]) for e in events(result, "connect")]
    assert states == [("ringing", 0), ("no-answer", 20000), ("ringing", 20000), ("failed", 21000)]


@test
def a_talk_ends_at_its_time_limit():
    flow = FLOW + (
        "  - id: c\n    connect: { to: '1', time_limit: 10s, exits: {"
        " answered: [ sms: '{c.seconds}', hangup ] } }\n"
    )
    result = dial(flow)
    assert result["sms"][0]["text"] == "10" and result["duration_ms"] == 16000


@test
def keys_while_it_rings_are_lost_and_in_a_talk_they_are_the_other_partys():
    flow = FLOW + "  - connect: { to: '1' }\n"
    keys = events(dial(flow, "--press", "1000:1,7000:2"), "key")
    assert [k.get("lost", False) for k in keys] == [True, False]


@test
def a_key_kept_by_an_interruptible_greeting_is_lost_at_a_record():
    flow = FLOW + (
        "  - greeting: { text: Press any key now if you like., interruptible: true }\n"
        "  - record: {}\n  - hangup\n"
    )
    key = events(dial(flow, "--press", "500:4"), "key")[0]
    assert key["lost"] and "kept for a menu" in key["reason"]


@test
def a_recording_ends_by_its_key_by_silence_at_its_longest_or_with_nothing():
    flow = FLOW + (
        "  - id: r\n    record: { beep: false, max: 20s, silence: 3s }\n"
        "  - sms: '{r.seconds}'\n  - hangup\n"
    )

    def how(*args):
        result = dial(flow, *args)
        return (
            events(result, "record")[-1]["state"],
            result["sms"][0]["text"],
            result["duration_ms"],
        )

    assert how() == ("silence", "5", 8000)
    assert how("--speak", "30s") == ("max", "20", 20000)
    assert how("--speak", "0s") == ("nothing", "0", 3000)
    assert how("--press", "4000:#") == ("finish", "4", 4000)
    assert how("--press", "4000:1") == ("silence", "5", 8000)


@test
def hours_are_decided_by_the_calls_own_clock():
    flow = FLOW + (
        "  - greeting: { audio: %s/hold.wav, loop: 0, max: 90s }\n"
        "  - hours: { days: mon, from: '09:00', until: '10:00', then:"
        " [ sms: open ], otherwise: [ sms: closed ] }\n"
        "  - hangup\n"
    ) % os.path.abspath(os.path.join(os.path.dirname(__file__), "../../audio"))
    assert dial(flow, "--at", "2025-01-20T09:58:29+05:30")["sms"][0]["text"] == "open"
    assert dial(flow, "--at", "2025-01-20T09:58:30+05:30")["sms"][0]["text"] == "closed"
    assert dial(flow, "--at", "2025-01-20T03:29:00Z")["sms"][0]["text"] == "open"


@test
def a_windows_night_belongs_to_the_day_on_which_it_begins():
    flow = FLOW + (
        "  - hours: { days: fri, from: '22:00', until: '06:00', holidays: [ 2025-01-31 ],"
        " then: [ sms: open ], otherwise: [ sms: closed ] }\n  - hangup\n"
    )
    for at, want in (
        ("2025-01-24T22:00", "open"),
        ("2025-01-25T05:59", "open"),
        ("2025-01-25T06:00", "closed"),
        ("2025-01-25T22:00", "closed"),
        ("2025-01-24T05:00", "closed"),
        ("2025-02-01T02:00", "closed"),
    ):
        assert dial(flow, "--at", at + ":00+05:30")["sms"][0]["text"] == want, at


@test
def the_platforms_parameters_are_not_added_to_a_bare_request():
    flow = 'flow: T\nvariables: { k: "a\\nb", n: \'é"\' }\nsteps:\n' + (
        "  - passthru: { url: 'https://e.com/x?y={n}', headers: { X-K:"
        " '{k}' }, json: { n: '{n}', list: [ 1, '{{', ~ ] },"
        " parameters: none, stub: {} }\n"
        "  - passthru: { url: 'https://e.com/x', form: { 'a b': '{n}' }, stub: {} }\n  - hangup\n"
    )
    one, two = events(dial(flow), "request")
    assert one["method"] == "POST" and one["url"] == "https://e.com/x?y=%C3%A9%22"
    assert json.loads(one["json"]) == {"n": 'é"', "list": [1, "{", None]}
    assert one["headers"] == {"X-K": "a b"}
    assert two["form"].startswith("a%20b=%C3%A9%22&CallSid=") and two["url"] == "https://e.com/x"


@test
def what_the_flow_says_before_the_beep_is_lost_and_the_rest_stays_on_the_machine():
    flow = FLOW + "  - greeting: One two three four five six.\n  - hangup\n"
    all_of_it = dial(flow, "--answered-by", "machine", "--machine-greeting", "0s")
    none_of_it = dial(flow, "--answered-by", "machine")
    assert all_of_it["left_on_machine"] == "One two three four five six."
    assert none_of_it["left_on_machine"] == "" and none_of_it["machine_greeting_ms"] == 8000
    some = dial(flow, "--answered-by", "machine", "--machine-greeting", "700ms")["left_on_machine"]
    assert some.endswith("six.") and not some.startswith("One"), some
    assert "left_on_machine" not in dial(flow)


@test
def each_record_of_a_call_to_a_machine_says_which_words_were_lost_before_the_beep():
    flow = FLOW + (
        "  - greeting: [ Lost words., { pause: 1s }, { stand_in: song, length: 2s } ]\n"
        "  - greeting: One two three four five six.\n  - greeting: Kept words.\n  - hangup\n"
    )
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "flow.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(flow)
        args = ("--fast", "--answered-by", "machine", "--machine-greeting", "4500ms")
        text = run("call", path, *args, "--record", d + "/m.wav").stdout
        run("call", path, "--fast", "--record", d + "/h.wav")
        result = json.loads(run("call", path, *args, "--format", "json").stdout)
        suite = os.path.join(d, "t.test.yaml")
        with open(suite, "w", encoding="utf-8") as out:
            out.write(
                "flow: flow.yaml\nscenarios:\n  - name: a machine\n    given: { answered_by:"
                " machine, machine_greeting: 4500ms }\n    expect: { left_on_machine: six }\n"
            )
        done = run("test", suite, "--report", f"html={d}/out.html")
        assert done.returncode == 0, done.stdout
        with open(d + "/out.html", encoding="utf-8") as f:
            html = f.read()

        def level(name, start, length):
            stat = subprocess.run(
                ["sox", f"{d}/{name}.wav", "-n", "trim", str(start), str(length), "stat"],
                capture_output=True,
                text=True,
            ).stderr
            return float(re.search(r"RMS\s+amplitude:\s+([\d.]+)", stat).group(1))

        # before the beep the line is softer by 12 dB; then half a second of tone; then as ever
        assert 3.8 < level("h", 2.2, 1.5) / level("m", 2.2, 1.5) < 4.2
        assert 0.1 < level("m", 4.6, 0.3) < 0.3
        later = result["duration_ms"] / 1000 - 1
        assert abs(level("h", later, 0.8) - level("m", later, 0.8)) < 0.0005
    first, middle, last = events(result, "prompt")
    assert first["lost_ms"] == first["duration_ms"] and first["lost_text"] == "Lost words."
    assert 0 < middle["lost_ms"] < middle["duration_ms"], middle
    assert middle["text"].startswith(middle["lost_text"]) and last["lost_ms"] == 0, result
    assert result["lost_on_machine"] == "Lost words. " + middle["lost_text"]
    whole = result["lost_on_machine"] + " " + result["left_on_machine"]
    assert whole == "Lost words. One two three four five six. Kept words."
    lost, rest = middle["lost_text"], middle["text"][len(middle["lost_text"]) :]
    assert "[lost: Lost words. … [stand-in song]]" in text, text
    assert f"[lost: {lost}]{rest}" in text, text
    assert f'lost      "Lost words. {lost}"' in text and "Kept words.\n" in text
    mark = '<span class="lost" title="lost before the beep">'
    assert f"{mark}Lost words.</span>" in html and f"{mark}{lost}</span>{rest}" in html
    assert f"♪ stand-in {mark}song</span>" in html and f"{mark}Kept" not in html


@test
def a_stand_in_is_shown_by_its_name_and_its_length_is_said_to_be_assumed():
    flow = (
        "flow: T\npurpose: promotion\nvariables: { name: Asha }\nsteps:\n"
        "  - id: hello\n    greeting: { stand_in: 'welcome, {name}', length: 4s }\n"
        "  - ivr:\n      prompt: [ { stand_in: the menu }, Thank you. ]\n"
        "      keys: { 1: yes, 9: { answer: no more, opt_out: true } }\n  - hangup\n"
    )
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "flow.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(flow)
        text = run("call", path, "--fast", "--keys", "1", "--record", d + "/c.wav").stdout
        assert "4.0 s assumed  [stand-in welcome, Asha]" in text, text
        assert "assumed  [stand-in the menu] Thank you." in text and "assumed\n" in text, text
        stat = ["sox", d + "/c.wav", "-n", "trim", "0.5", "3", "stat"]
        stat = subprocess.run(stat, capture_output=True, text=True).stderr
        assert 0.015 < float(re.search(r"RMS\s+amplitude:\s+([\d.]+)", stat).group(1)) < 0.03
        assert 420 < float(re.search(r"Rough\s+frequency:\s+(\d+)", stat).group(1)) < 460
        lengths = run("check", path, "--lengths").stdout
        assert re.search(r"4\.0 s\*.*\[welcome, \{name\}\]", lengths), lengths
        assert "* assumed: a recording in [ ] is not at hand" in lengths, lengths
        assert "stand-in welcome, Asha" in run("graph", path).stdout
        assert "4.0 s assumed" in run("graph", path).stdout
        # nobody knows its words: what it may announce is believed
        found = run("check", path).stdout
        assert "key-not-announced" not in found and "purpose-late" not in found, found
        with open(d + "/t.test.yaml", "w", encoding="utf-8") as out:
            out.write(
                "flow: flow.yaml\nscenarios:\n  - name: names\n    script:\n"
                "      - hear: Welcome Asha\n      - hear: the menu\n      - press: 1\n"
                "  - name: captions\n    script:\n      - hear: Nobody says this\n"
            )
        done = run("test", d + "/t.test.yaml", "--record", d + "/rec")
        assert "1 passed, 1 failed" in done.stdout and "not-heard" in done.stdout, done.stdout
        [captions] = glob.glob(d + "/rec/*.vtt")
        with open(captions, encoding="utf-8") as f:
            captions = f.read()
        assert "00:00.000 --> 00:00:04.000\n♪ stand-in welcome, Asha" in captions, captions
        assert "00:04.000 --> 00:00:09.000\n♪ stand-in the menu\n" in captions, captions
        assert re.search(r"00:09.000 --> 00:00:\S+\nThank you", captions), captions
        with open(d + "/list.csv", "w", encoding="utf-8") as out:
            out.write("number,name\n+919876543210,Ravi\n+919876543211,Meenakshi\n")
        lists = run("check", path, "--contacts", d + "/list.csv", "--voice", "model").stdout
        assert "2 contacts: 2 fine, 0 over a limit" in lists, lists
        # and what writes scenarios writes its name
        run("test", path, "--write-missing", d + "/w.test.yaml")
        with open(d + "/w.test.yaml", encoding="utf-8") as f:
            assert 'hear: "welcome, Asha"' in f.read()


@test
def a_beep_and_a_ringing_tone_are_heard_in_a_recording():
    flow = FLOW + (
        "  - connect: { to: '1', stub: { ring: 3s, talk: 1s }, exits: { answered: [] } }\n"
        "  - record: { silence: 1s }\n  - hangup\n"
    )
    with tempfile.TemporaryDirectory() as d:
        with open(d + "/flow.yaml", "w", encoding="utf-8") as out:
            out.write(flow)
        run("call", d + "/flow.yaml", "--fast", "--speak", "1s", "--record", d + "/c.wav")

        def loud(start, length):
            trim = ["sox", d + "/c.wav", "-n", "trim", str(start), str(length), "stat"]
            stat = subprocess.run(trim, capture_output=True, text=True).stderr
            return float(re.search(r"Maximum amplitude:\s+([-\d.]+)", stat).group(1)) > 0.01

        assert loud(0.05, 0.3) and not loud(0.42, 0.15) and loud(0.65, 0.3), "0.4 s, 0.2 s, 0.4 s"
        assert not loud(1.1, 1.8) and not loud(3.1, 0.8) and loud(4.1, 0.3) and not loud(4.6, 1)


@test
def in_a_script_connect_waits_for_that_ringing_and_decides_it():
    flow = FLOW + (
        "  - id: c\n    connect: { to: [ '1', '2' ], exits: { busy: [ sms: busy, hangup ] } }\n"
    )
    ok = (
        "  - name: both are busy\n    script:\n      -"
        " connect: { id: c, outcome: busy, ring: 2s }\n"
        "      - wait: 3s\n      - connect: busy\n      - sms: busy\n"
        "  - name: a long talk\n    script:\n"
        "      - connect: { id: c, outcome: answered, ring: 3s, talk: 1m }\n"
        "      - ended_by: flow\n    expect: { duration: { min:"
        " 63s, max: 63s }, never: { sms: '*' } }\n"
    )
    done = scenarios(flow, ok)
    assert done.returncode == 0, done.stdout
    done = scenarios(
        flow,
        "  - name: no third\n    script: [ connect: busy, wait:"
        " 7s, connect: busy, wait: 7s, connect: busy ]\n",
    )
    assert done.returncode == 1 and "not-rung" in done.stdout, done.stdout


@test
def never_and_count_tell_messages_requests_steps_and_lost_keys():
    flow = FLOW + (
        "  - id: hello\n    greeting: Hello there.\n  - sms: One.\n  - sms: Two.\n"
        "  - id: ask\n    passthru: { url: 'https://e.com', stub: {} }\n  - hangup\n"
    )

    def expect(what):
        return scenarios(flow, f"  - name: t\n    script: [ press: 1 ]\n    expect: {{ {what} }}\n")

    for good in (
        "count: { sms: 2, request: { ask: 1 }, step: { hello: 1 }, lost_keys: 1 }",
        "never: [ error, { sms: three } ]",
    ):
        done = expect(good)
        assert done.returncode == 0, good + done.stdout
    for bad, code in (
        ("count: { sms: 1 }", "count"),
        ("count: { request: 0 }", "never"),
        ("count: { lost_keys: 0 }", "never"),
        ("never: [ { sms: two } ]", "never"),
        ("never: { request: ask }", "never"),
        ("never: [ { step: hello } ]", "never"),
    ):
        done = expect(bad)
        assert done.returncode == 1 and f"error[{code}]" in done.stdout, bad + done.stdout


@test
def what_explore_prints_repeats_the_call():
    import re
    import shlex

    flow = FLOW + (
        "  - id: a\n    passthru: { url: 'https://e.com', stub: { json: { n: 5 } },"
        " exits: { 302: [ hangup ], error: [ hangup ], timeout: [ hangup ] } }\n"
        "  - branch: { on: '{a.n}', cases: [ { below: 10, then: [ sms: low"
        " ] }, { above: 99, then: [ sms: high, hangup ] } ] }\n"
        "  - hours: { days: mon-fri, then: [ connect: { to:"
        " '1', exits: { busy: [ hangup ] } } ] }\n"
        "  - record: { max: 9s }\n  - hangup\n"
    )
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "f.yaml")
        with open(path, "w") as out:
            out.write(flow)
        text = run("explore", path).stdout
        found = re.findall(
            r"^ +(?:shortest|longest|silent)? +(\d+):(\d\d\.\d)  (\S+) +(--.*?)(?:  after .*)?$",
            text,
            re.M,
        )
        assert len(found) >= 6 and "never taken" not in text, text
        for minutes, seconds, how, args in found:
            done = run("call", path, "--fast", "--format", "json", *shlex.split(args))
            result = json.loads(done.stdout)
            assert result["ended_by"] == how, args
            assert (
                abs(int(minutes) * 60 + float(seconds) - result["duration_ms"] / 1000) < 0.11
            ), args


if __name__ == "__main__":
    main()
