"""What published clients send, as it was recorded, is sent again: the stand-in answers it with what
they read. tests/clients/README.md tells the form of a recording."""
import glob
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile

from lib import left_out, main, ONLINE, ROOT, run, test
from serving import Server, folder_with

OTP = """flow: Code
steps:
  - ivr: { prompt: Press one to hear your code., keys: { 1: "yes" }, otherwise: [ hangup ] }
  - hangup
"""
SERVE = 'apps: { 12345: otp.yaml }\ncallers: ["08047112345"]\n'


def exchanges(path):
    """(host, request, status, what the answer must have) of each."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for part in re.split(r"^### ", text, flags=re.M)[1:]:
        host, rest = part.split("\n", 1)
        request, wanted = re.split(r"^=== ", rest, maxsplit=1, flags=re.M)
        status, *lines = wanted.strip().split("\n")
        yield host, request.rstrip("\n"), int(status), lines


def on_the_wire(request, known):
    """Lines end as they do in HTTP, and the length is that of what is sent now."""
    for name, value in known.items():
        request = request.replace("{" + name + "}", value)
    head, _, body = request.partition("\n\n")
    if "multipart/form-data" in head:
        body = body.replace("\n", "\r\n") + "\r\n"
    body = body.encode()
    lines = [line for line in head.split("\n") if not line.lower().startswith("content-length:")]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answer_of(server, context, host, request):
    with socket.create_connection(("127.0.0.1", server.port), 20) as plain:
        with context.wrap_socket(plain, server_hostname=host) as c:
            c.sendall(request)
            got = b""
            while b"\r\n\r\n" not in got:
                got += c.recv(65536)
            head, _, body = got.partition(b"\r\n\r\n")
            length = re.search(rb"\r\nContent-Length: (\d+)", head)
            while len(body) < int(length[1] if length else 0):
                body += c.recv(65536)
    return int(head.split(b" ")[1]), body.decode()


def member(text, path):
    """A value of JSON by its path, with numbers for places of a list; of XML by its tag."""
    if text.startswith("<"):
        found = re.search(f"<{path}(?:/>|>([^<]*))", text)
        if not found:
            raise KeyError(path)
        return found[1] or ""
    value = json.loads(text)
    for step in path.split("."):
        value = value[int(step) if isinstance(value, list) else step]
    return value


def differs(status, text, want, lines, known):
    """The first difference; None: there is none. Learns what later requests name."""
    if status != want:
        return f"{status} in place of {want}: {text[:300]}"
    for line in lines:
        name, _, path = line.rpartition(" = ")
        try:
            value = member(text, path)
        except (KeyError, IndexError, TypeError, ValueError):
            return f"no {path} in {text[:300]}"
        if name:
            known[name] = str(value)
    return None


@test
def requests_of_published_clients_are_answered_with_what_they_read():
    folder = folder_with(otp=OTP)
    with open(f"{folder}/serve.yaml", "w") as out:
        out.write(SERVE)
    found, n = [], 0
    context = ssl._create_unverified_context()
    files = sorted(glob.glob(f"{ROOT}/tests/clients/*.http"))
    # dates in the recordings are of then
    options = ("--tls", "--credentials", "key:t0ken", "--answer", "keys 1", "--rate", "0")
    options += ("--at", "2026-11-28T14:00:00+05:30")
    with Server(*options, flows=folder) as server:
        for path in files:
            known = {}
            for host, request, want, lines in exchanges(path):
                n += 1
                status, text = answer_of(server, context, host, on_the_wire(request, known))
                wrong = differs(status, text, want, lines, known)
                if wrong:
                    first = request.split("\n")[0]
                    found.append(f"{os.path.basename(path)}: {first}: {wrong}")
    assert not found, "\n".join(found)
    assert len(files) > 12 and n > 80, (len(files), n)


# Two clients of npm's registry, run unchanged: what each of their functions comes to, a line each.
DRIVER = """
const e = require('exotel-node'), o = require('exotel')({id: 'acme', token: 't0ken'})
const tell = (name, of) => (error, got) => console.log(name, error ? 'error' : of(got))
e.init('acme', 't0ken', '08047112345')
e.sendSMS('09876543210', 'Hello', tell('sms', m => m.Status))
e.connectCall('09876543210', '09812345678', (error, call) => {
  tell('call', c => c.From)(error, call)
  e.getCallDetails(call.Sid, tell('details', c => c.To))
})
o.sendSMS('09876543210', 'Hello & "<you>"', (error, sms) => {
  tell('sms of o', m => m.Status)(error, sms)
  o.checkSMS(sms.Sid, tell('checked', m => m.Body))
})
o.checkSMS('nope', tell('none', m => 'found'))
"""
TOLD = [
    "call 09876543210",
    'checked Hello & "<you>"',
    "details 09812345678",
    "none error",
    "sms of o queued",
    "sms queued",
]


@test
def two_clients_of_npm_s_registry_run_unchanged():
    there = os.path.join(ROOT, "build", "npm-clients")
    modules = os.path.join(there, "node_modules")
    if ONLINE and not os.path.exists(f"{modules}/exotel") and shutil.which("npm"):
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(
            [*install, "--prefix", there, "exotel@1.0.1", "exotel-node@0.0.3"],
            capture_output=True,
            timeout=180,
        )
    if not os.path.exists(f"{modules}/exotel"):
        left_out("npm's exotel and exotel-node are not here: make check-online gets them")
        return
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/driver.js", "w") as out:
            out.write(DRIVER)
        env = dict(os.environ, NODE_PATH=modules)
        done = run("serve", "flows", "--run", "--", "node", f"{d}/driver.js", env=env)
        told = sorted(done.stdout.splitlines())
        assert done.returncode == 0 and told == TOLD, (done.stdout, done.stderr)


if __name__ == "__main__":
    main()
