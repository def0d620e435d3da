"""Text as people read it: the sound is that of the words, and what has no number opens no ICU."""
import json
import os
import shutil
import subprocess
import tempfile

from lib import DRYDIAL, ROOT, main, test

PAIRS = [
    ("en-IN", "₹1,50,000", "one lakh fifty thousand rupees"),
    ("hi-IN", "₹1,50,000", "एक लाख पचास हज़ार रुपये"),
    ("ta-IN", "₹1,50,000", "ஒன்று லட்சம் ஐம்பது ஆயிரம் ரூபாய்"),
    ("en-IN", "Your code is 4578.", "Your code is four five seven eight."),
]


def flow_of(text, voice):
    return (
        "flow: Read\nsteps:\n  - greeting: { text: "
        + json.dumps(text, ensure_ascii=False)
        + f", voice: {{ {voice} }} }}\n  - hangup\n"
    )


class Folder:
    def __enter__(self):
        self.room = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_):
        self.room.cleanup()

    def run(self, *args, flow, name="f.yaml", before=(), **env):
        with open(f"{self.room.name}/{name}", "w") as f:
            f.write(flow)
        return subprocess.run(
            [*before, DRYDIAL, *args],
            cwd=self.room.name,
            capture_output=True,
            text=True,
            timeout=120,
            env=dict(os.environ, **env),
        )

    def sound(self, text, voice):
        done = self.run("call", "f.yaml", "--fast", "--record", "c.wav", flow=flow_of(text, voice))
        assert done.returncode == 0, done
        with open(f"{self.room.name}/c.wav", "rb") as f:
            return f.read()

    def prompt(self, flow, *args):
        done = self.run("call", "f.yaml", "--fast", "--format", "json", *args, flow=flow)
        assert done.returncode == 0, done
        return [e for e in json.loads(done.stdout)["events"] if e["type"] == "prompt"][0]


@test
def an_amount_sounds_as_its_words_do():
    with Folder() as f:
        for language, written, said in PAIRS:
            voice = f"language: {language}"
            natural = f.sound(written, voice)
            assert natural == f.sound(said, voice + ", read: literal"), written
            assert natural != f.sound(written, voice + ", read: literal"), written
            prompt = f.prompt(flow_of(written, voice))
            assert (prompt["text"], prompt["spoken"]) == (written, said), prompt
            assert "spoken" not in f.prompt(flow_of(written, voice + ", read: literal"))


@test
def values_are_read_where_they_stand():
    flow = "flow: R\nvariables: { a: '10', c: '4578' }\nsteps:\n  - greeting: %s\n  - hangup\n"
    with Folder() as f:
        prompt = f.prompt(flow % "'Pay ₹{a}.'", "--var", "a=1,50,000")
        assert prompt["spoken"] == "Pay one lakh fifty thousand rupees.", prompt
        assert "spoken" not in f.prompt(flow % "'Code {c:digits}'")
        # an answer of a server is read, too; what it claims to be markup is text
        prompt = f.prompt(
            "flow: R\nsteps:\n  - greeting: { url: 'https://example.com/h', stub: { body: "
            "'Pay ₹500' } }\n  - hangup\n"
        )
        assert prompt["spoken"] == "Pay five hundred rupees", prompt
        ssml = (
            "<speak>Pay <emphasis>₹500</emphasis>, ₹<break/>700, "
            "<say-as interpret-as='digits'>1,50,000</say-as> by {a}</speak>"
        )
        prompt = f.prompt(flow % json.dumps(ssml), "--var", "a=12/03/2025")
        assert prompt["spoken"] == (
            "Pay five hundred rupees , ₹ 700, 1,50,000 by twelfth March twenty twenty-five"
        ), prompt


HOSTILE = [
    "9" * 100000,
    "18446744073709551616",
    "9223372036854775808 rupees ₹9223372036854775808",
    "1,2,3,4",
    "₹",
    "Rs. ",
    "₹ १२ lakh रुपये ௧௨ and 12/0३/२०२५",
    "31/02/2026 13/13/2026",
    "XXXX ****",
    "",
    "\ue000₹500\ue001",
]


@test
def hostile_values_are_left_or_read_and_nothing_breaks():
    with Folder() as f:
        flow = "flow: R\nvariables: { v: x }\nsteps:\n  - greeting: 'Hi {v}.'\n  - hangup\n"
        for value in HOSTILE:
            for args in (["call", "f.yaml", "--fast"], ["check", "f.yaml", "--spoken"]):
                text = flow.replace("v: x", "v: " + json.dumps(value))
                done = f.run(*args, flow=text)
                assert done.returncode in (0, 1, 2) and "Traceback" not in done.stderr, done
        assert "spoken" not in f.prompt(flow, "--var", "v=31/02/2026")
        assert "spoken" not in f.prompt(flow, "--var", "v=1,2,3,4")


def opened(f, text, *args):
    log = f"{f.room.name}/log"
    trace = ["strace", "-f", "-e", "trace=open,openat,mmap", "-o", log]
    f.run(
        *args,
        flow=flow_of(text, "language: en-IN"),
        before=trace,
        XDG_CACHE_HOME=f.room.name,
        ASAN_OPTIONS="detect_leaks=0",
    )
    with open(log) as lines:
        return any("libicui18n" in line for line in lines)


@test
def a_flow_without_digits_opens_no_icu():
    assert shutil.which("strace"), "tools/install-deps brings strace"
    with Folder() as f:
        for args in (["check", "f.yaml"], ["call", "f.yaml", "--fast"]):
            assert not opened(f, "Hello, this is Example Store. Please call us.", *args)
            assert opened(f, "Hello, please pay ₹500.", *args)


@test
def a_scenario_may_hold_what_is_written_or_what_is_heard():
    flow = flow_of("Hello, pay ₹1,50,000 by 12/03/2025. Thank you", "language: en-IN")
    suite = "flow: f.yaml\nscenarios:\n" + "".join(
        f"  - name: n{i}\n    script:\n      - hear: {json.dumps(x, ensure_ascii=False)}\n"
        for i, x in enumerate(
            [
                "pay ₹1,50,000 by 12/03/2025",
                "one lakh fifty thousand rupees by twelfth March",
                "two lakh fifty thousand rupees by twelfth March",
            ]
        )
    )
    with Folder() as f:
        with open(f"{f.room.name}/s.test.yaml", "w") as out:
            out.write(suite)
        done = f.run("test", "s.test.yaml", "--record", "rec", flow=flow)
        assert "3 scenarios: 2 passed, 1 failed" in done.stdout, done
        assert "[one] lakh fifty thousand" in done.stdout, done.stdout
        captions = [n for n in os.listdir(f"{f.room.name}/rec") if n.endswith(".vtt")]
        with open(f"{f.room.name}/rec/{captions[0]}") as lines:
            vtt = lines.read()
        assert "NOTE written: Hello, pay ₹1,50,000" in vtt and "\none lakh" not in vtt[:9], vtt
        assert "Hello, pay one lakh fifty thousand rupees" in vtt.replace("\n", " "), vtt


@test
def recordings_machines_and_what_is_heard_go_together():
    flow = (
        "flow: Read\nvoice: { language: en-IN }\nsteps:\n"
        "  - greeting: [ { stand_in: song, length: 1s }, Pay ₹1500 by 12/03/2025., "
        "{ stand_in: bye, length: 1s } ]\n  - hangup\n"
    )
    suite = "flow: f.yaml\nscenarios:\n  - name: n\n    script:\n      - hear: Nobody says it\n"
    with Folder() as f:
        with open(f"{f.room.name}/s.test.yaml", "w") as out:
            out.write(suite)
        f.run("test", "s.test.yaml", "--record", "rec", flow=flow)
        (captions,) = [n for n in os.listdir(f"{f.room.name}/rec") if n.endswith(".vtt")]
        with open(f"{f.room.name}/rec/{captions}") as lines:
            vtt = [part for part in lines.read().split("\n\n")[1:]]
        assert vtt[0] == "NOTE written: Pay ₹1500 by 12/03/2025.", vtt
        assert vtt[1].endswith("00:00:01.000\n♪ stand-in song"), vtt
        assert vtt[2].startswith("00:00:01.000"), vtt
        assert "\nPay one thousand five hundred rupees by" in vtt[2], vtt
        assert vtt[-1].strip().endswith("\n♪ stand-in bye"), vtt
        machine = ["call", "f.yaml", "--fast", "--answered-by", "machine"]
        machine += ["--machine-greeting", "2200ms"]
        text = f.run(*machine, flow=flow).stdout
        assert "[lost: [stand-in song] Pay" in text and "(spoken: Pay one thousand" in text, text
        result = json.loads(f.run(*machine, "--format", "json", flow=flow).stdout)
        (prompt,) = [e for e in result["events"] if e["type"] == "prompt"]
        assert prompt["lost_spoken"].startswith("Pay one"), prompt
        assert prompt["spoken"].startswith(prompt["lost_spoken"]), prompt
        assert result["lost_spoken"] == prompt["lost_spoken"], result
        assert result["lost_spoken"] + " " + result["spoken_on_machine"] == prompt["spoken"]


@test
def check_prints_what_is_heard():
    with Folder() as f:
        flow = flow_of("Pay ₹500 now", "language: en-IN")
        done = f.run("check", "f.yaml", "--spoken", flow=flow)
        assert "greeting" in done.stdout or "message" in done.stdout, done
        lines = [line.split(None, 2) for line in done.stdout.splitlines()]
        assert ["3", "message", "Pay five hundred rupees now"] in lines, lines
        assert ["written", "Pay", "₹500 now"] in lines, lines
        done = f.run("check", "f.yaml", "--lengths", flow=flow)
        assert ["spoken", "Pay", "five hundred rupees now"] in [
            line.split(None, 2) for line in done.stdout.splitlines()
        ], done.stdout
        for more in (["--format", "json"], ["--contacts", "x.csv"]):
            assert f.run("check", "f.yaml", "--spoken", *more, flow=flow).returncode == 2


if __name__ == "__main__":
    main()
