"""Where there is no voice there is no figure: not a length of nothing, not a total made of them."""
import os
import subprocess
import tempfile

from lib import DRYDIAL, ROOT, main, test

MUTE = os.path.join(os.path.dirname(os.path.abspath(DRYDIAL)), "mute.so")
COMMANDS = [
    "call flows/otp.yaml --fast",
    "call flows/otp.yaml --fast --format json",
    "call flows/otp.yaml --fast --record {d}/call.wav",
    "call flows/otp.yaml --fast --save-scenario {d}/call.test.yaml",
    "check flows/otp.yaml",
    "check flows/otp.yaml --format json",
    "check flows/otp.yaml --lengths",
    "check flows/payment-reminder.yaml --contacts campaigns/parts/contacts.csv",
    "explore flows/otp.yaml",
    "explore flows/otp.yaml --show 1",
    "explore flows/otp.yaml --format json",
    "graph flows/otp.yaml",
    "graph flows/otp.yaml --format svg",
    "test flows",
    "test flows --report html={d}/out.html",
    "test flows/otp.yaml --write-missing {d}/w.test.yaml",
    "campaign campaigns/appointments.yaml",
    "campaign campaigns/appointments.yaml --format json",
    "campaign campaigns/appointments.yaml --calls {d}/calls.csv",
    "serve flows --listen 0 --db {d}/x.db",
]


def run_mute(line, d, cache):
    with open(DRYDIAL, "rb") as program:
        sanitized = b"__asan_init" in program.read()
    before = (
        subprocess.check_output(["gcc", "-print-file-name=libasan.so"], text=True).strip() + ":"
        if sanitized
        else ""
    )
    return subprocess.run(
        [DRYDIAL, *line.format(d=d).split()],
        cwd=ROOT,
        env=dict(os.environ, LD_PRELOAD=before + MUTE, XDG_CACHE_HOME=cache),
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


@test
def without_a_voice_there_is_a_sentence_and_no_figure():
    for line in COMMANDS:
        with tempfile.TemporaryDirectory() as d:
            done = run_mute(line, d, d + "/cache")
            assert done.returncode == 2, (line, done)
            assert "is not installed; tools/install-deps" in done.stderr, (line, done)
            # what is counted before anything is spoken may stand
            assert not done.stdout or "--write-missing" in line, (line, done.stdout)
            assert not [n for n in os.listdir(d) if n != "cache"], (line, os.listdir(d))


@test
def what_needs_no_voice_goes_on():
    with tempfile.TemporaryDirectory() as d:
        for line in ("check flows/otp.yaml --voice model", "check --explain otp-digits", "--help"):
            done = run_mute(line, d, d + "/cache")
            assert done.returncode in (0, 1) and done.stdout, (line, done)


if __name__ == "__main__":
    main()
