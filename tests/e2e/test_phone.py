"""drydial phone: a terminal that rings for a running server."""
import fcntl
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import termios
import time

from apps import App, doc
from lib import DRYDIAL, main, ROOT, run, test, waits
from serving import Server, folder_with, until


class Phone:
    """A phone on a terminal of its own."""

    def __init__(self, *options, env=None):
        self.master, slave = pty.openpty()
        full = dict(os.environ, TERM="xterm", **(env or {}))
        self.process = subprocess.Popen(
            [DRYDIAL, "phone", *options],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=full,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.text = ""

    def wait(self, pattern, seconds=30):
        """Reads on until the pattern comes; what stood before it is not looked at again, so that
        one call's words are not taken for the next one's."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            ready, _, _ = select.select([self.master], [], [], 0.2)
            if ready:
                try:
                    self.text += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    break
            assert time.monotonic() < end, (pattern, self.text[-2000:])
        found = re.search(pattern, self.text)
        assert found, (pattern, self.text[-2000:])
        self.text = self.text[found.end() :]

    def type(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        code = self.process.wait(20)
        os.close(self.master)
        return code


@test
@waits
def it_rings_talks_takes_keys_and_sounds():
    flows = folder_with(short="flow: Short\nsteps:\n  - greeting: Hello.\n  - hangup\n")
    shutil.copy(os.path.join(ROOT, "flows/appointment-reminder.yaml"), flows)
    with tempfile.TemporaryDirectory() as d, Server(flows=flows, speed="real") as server:
        config, heard = d + "/alsa.conf", d + "/heard.raw"
        with open(config, "w") as out:
            # this device takes sound hundreds of times faster than it lasts: what is silent in
            # between is left out
            out.write(
                f"pcm.!default {{ type file slave.pcm {{ type null }} file \"|tr -d '\\\\000' "
                f'>{heard}" format "raw" }}\n'
                f"ctl.!default {{ type null }}\n"
            )
        phone = Phone(
            server.url, "--number", "+919876543210", "--once", env={"ALSA_CONFIG_PATH": config}
        )
        phone.wait("with the number")
        # another number does not ring here
        other = server.connect("short", From="+919800000001")["Sid"]
        sid = server.connect("appointment-reminder")["Sid"]
        phone.wait("08047112345 calls \\+919876543210")
        phone.wait("a answers")
        phone.type("?a")  # at once: the first words are heard all the same
        phone.wait("hang up")
        phone.wait("Hello Rahul")
        phone.wait("Press 1 to confirm")
        phone.type("2")
        phone.wait("We will call you")
        phone.wait("sms .*Pick a new time")
        phone.wait("the call is over: completed, keys 2")
        assert phone.end() == 0
        assert (
            server.over(other)["Status"] == "completed"
            and server.side("calls/" + sid)["digits"] == "2"
        )
        # "Hello Rahul …" and "We will call you …" last 5 s and more; what has passed through the
        # pipe is written when its last process has ended
        until(lambda: os.path.getsize(heard) > 150000)
        assert os.path.getsize(heard) < 20000000, os.path.getsize(heard)
    shutil.rmtree(flows)


@test
@waits
def it_declines_hangs_up_and_goes_with_ctrl_c():
    with Server(speed="real") as server:
        phone = Phone(server.url, "--mute")
        phone.wait("calls to any number")
        sid = server.connect("otp")["Sid"]
        phone.wait("a answers")
        phone.type("d")
        phone.wait("the call is over: busy")
        assert server.over(sid)["Status"] == "busy"
        sid = server.connect("survey")["Sid"]
        phone.wait("a answers")
        phone.type("a")
        phone.wait("Thank you for being our customer")
        phone.type("h")
        phone.wait("over: completed")
        assert server.side("calls/" + sid)["ended_by"] == "customer"
        sid = server.connect("survey")["Sid"]
        phone.wait("a answers")
        phone.type("\x03")
        assert phone.end() == 130
        assert server.over(sid)["Status"] == "no-answer"
        # in a pipe the same letters work, and a server that goes away is told
        piped = subprocess.Popen(
            [DRYDIAL, "phone", server.url, "--mute"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert "any number" in piped.stdout.readline()
        sid = server.connect("otp")["Sid"]
        assert "calls" in piped.stdout.readline()
        piped.stdin.write("a")
        piped.stdin.flush()
        until(lambda: server.call(sid)["Status"] == "in-progress")
        server.stop()
        out, err = piped.communicate(timeout=30)
        assert piped.returncode == 1 and "is gone" in err and "\x1b" not in out, (out, err)


@test
@waits
def an_application_is_talked_to_as_a_flow_is():
    menu = doc('<Gather numDigits="1" action="/took"><Say>Press 1, or 2.</Say></Gather>')

    def took(asked):
        return doc(f"<Say>You pressed {asked['params']['Digits']}.</Say>", "<Sms>A message.</Sms>")

    with App(voice=menu, took=took) as app, Server(speed="real") as server:
        phone = Phone(server.url, "--mute", "--once")
        phone.wait("calls to any number")
        sid = server.connect(Url=app.url)["Sid"]
        phone.wait("a answers")
        phone.type("a")
        phone.wait("Press 1, or 2")
        phone.type("2")
        phone.wait("You pressed 2")
        phone.wait("sms .*A message")
        phone.wait("the call is over: completed, keys 2")
        assert phone.end() == 0 and server.over(sid)["Status"] == "completed"


@test
def wrong_usage_is_told():
    done = run("phone", "http://127.0.0.1:9", "--mute", input="", timeout=30)
    assert done.returncode == 2 and "nothing answers" in done.stderr
    assert (
        run("phone", "localhost").returncode == 2
        and run("phone", "--number", "x").returncode == 2
        and run("phone", "--line", "x").returncode == 2
    )


if __name__ == "__main__":
    main()
