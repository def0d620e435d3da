"""Recordings of every form that a flow may name, made by other programs and judged by sox."""
import glob
import json
import os
import re
import subprocess
import tempfile

from lib import main, run, test

FORMS = ["wav", "mp3", "ogg", "opus", "flac"]
LIMIT = 5 * 1024 * 1024


def sh(line, d):
    done = subprocess.run(line, shell=True, cwd=d, capture_output=True, text=True)
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout + done.stderr


def tones(d, rate, channels, name, how="synth 2 sine 440 vol 0.4"):
    sh(f"sox -n -r {rate} -c {channels} -b 16 {name}.wav {how}", d)
    for form in ("mp3", "ogg", "flac"):
        sh(f"sox {name}.wav {name}.{form}", d)
    sh(f"opusenc --quiet {name}.wav {name}.opus", d)


def flow_of(d, name, *lines):
    with open(os.path.join(d, name), "w", encoding="utf-8") as out:
        out.write("flow: Example\nsteps:\n" + "".join(f"  - {x}\n" for x in lines))
        out.write("  - hangup\n")


def prompts(d, name):
    done = run("call", name, "--fast", "--format", "json", cwd=d)
    assert done.returncode == 0, done.stdout + done.stderr
    return [e for e in json.loads(done.stdout)["events"] if e["type"] == "prompt"]


def stat(path, what):
    return float(re.search(what + r":\s+([-\d.]+)", sh(f"sox {path} -n stat", "/")).group(1))


@test
def every_form_plays_as_sox_hears_it():
    with tempfile.TemporaryDirectory() as d:
        tones(d, 8000, 1, "a")
        tones(d, 44100, 2, "b")
        for name in "ab":
            sh(f"opusdec --quiet {name}.opus {name}-opus.wav", d)
        loud = []
        for form in FORMS:
            flow_of(
                d,
                "f.yaml",
                f"greeting: {{ audio: a.{form} }}",
                f"greeting: [ {{ audio: b.{form} }}, {{ pause: 1s }} ]",
                # what a server names is audio by its ending
                f'greeting: {{ url: "http://e.com", stub: {{ body: "a.{form}" }} }}',
                f'greeting: {{ url: "http://e.com", stub: {{ body: "https://e.com/b.{form}" }} }}',
            )
            files = [f"{x}-opus.wav" if form == "opus" else f"{x}.{form}" for x in "ab"]
            want = [round(1000 * float(sh(f"soxi -D {f}", d))) for f in files]
            got = prompts(d, "f.yaml")
            lengths = [got[0], got[1]["segments"][0], got[2], got[3]]
            for i, one in enumerate(lengths):
                assert abs(one["duration_ms"] - want[i % 2]) <= 2, (form, i, one, want)
            run("call", "f.yaml", "--fast", "--record", "c.wav", cwd=d)
            first = sh("sox c.wav one.wav trim 0.2 1.6", d)
            rms, hz = stat(f"{d}/one.wav", r"RMS\s+amplitude"), stat(
                f"{d}/one.wav", r"Rough\s+frequency"
            )
            # the line takes some of it
            assert 0.24 < rms < 0.29 and abs(hz - 440) < 8, (form, rms, hz, first)
            sh(f"sox {files[0]} two.wav trim 0.2 1.6", d)
            loud.append(rms / stat(f"{d}/two.wav", r"RMS\s+amplitude"))
        assert max(loud) - min(loud) < 0.04, loud
        found = run("check", "f.yaml", "--rule", "audio-format=error", cwd=d).stdout
        assert '"./a.flac" is FLAC; the platform takes WAV and MP3' in found, found


@test
def the_rules_of_recordings_hold_for_every_form():
    with tempfile.TemporaryDirectory() as d:
        tones(d, 8000, 1, "quiet", "synth 2 sine 440 vol 0.005")
        tones(d, 8000, 1, "silent", "trim 0 2")
        for form in FORMS:
            for name, rule in (("quiet", "is too quiet"), ("silent", "is silent")):
                flow_of(d, "f.yaml", f"greeting: {{ audio: {name}.{form} }}")
                found = run("check", "f.yaml", cwd=d).stdout
                assert rule in found and "audio-level" in found, (form, name, found)
            flow_of(d, "f.yaml", 'greeting: { audio: "{CallTo}.' + form + '" }')
            found = run("check", "f.yaml", cwd=d).stdout
            assert "audio-missing" in found, (form, found)


@test
def five_mebibytes_are_the_most_on_each_side():
    with tempfile.TemporaryDirectory() as d:
        tones(d, 8000, 1, "a")
        for form in FORMS:
            with open(f"{d}/a.{form}", "rb") as f:
                sound = f.read()
            flow_of(d, "f.yaml", f"greeting: {{ audio: big.{form} }}")
            for n in (LIMIT, LIMIT + 1):
                with open(f"{d}/big.{form}", "wb") as f:
                    f.write(sound + bytes(n - len(sound)))
                done = run("call", "f.yaml", "--fast", "--format", "json", cwd=d)
                if n == LIMIT:
                    assert done.returncode == 0, (form, done.stderr)
                    events = json.loads(done.stdout)["events"]
                    assert not [e for e in events if e["type"] == "error"], (form, events)
                else:
                    assert done.returncode == 2 and "larger than 5 MiB" in done.stdout, done


@test
def hostile_recordings_end_in_a_sentence():
    with tempfile.TemporaryDirectory() as d:
        tones(d, 8000, 1, "a")
        sh("sox a.wav other.aiff", d)
        sh("cp other.aiff aiff.mp3; : > empty.ogg; echo no > text.flac", d)
        for form in FORMS:
            with open(f"{d}/a.{form}", "rb") as f:
                sound = f.read()
            with open(f"{d}/cut.{form}", "wb") as f:
                f.write(sound[:40])
        names = [os.path.basename(p) for p in sorted(glob.glob(d + "/cut.*"))]
        names += ["aiff.mp3", "empty.ogg", "text.flac"]
        flow_of(d, "f.yaml", *[f"greeting: {{ audio: {n} }}" for n in names])
        done = run("call", "f.yaml", "--fast", "--format", "json", cwd=d)
        errors = [e for e in json.loads(done.stdout)["events"] if e["type"] == "error"]
        assert len(errors) >= len(names) - 1, (names, errors)
        told = "\n".join(e["message"] for e in errors)
        assert "aiff.mp3: is not a WAV, MP3, Ogg Vorbis, Opus or FLAC file" in told, told
        assert run("check", "f.yaml", cwd=d).returncode in (0, 1)


if __name__ == "__main__":
    main()
