"""drydial serve as a test has it: started on a free port, asked over HTTP, stopped; and a
receiver of callbacks and passthrus."""
import base64
import email.parser
import http.client
import http.server
import json
import os
import re
import select
import shutil
import socketserver
import subprocess
import tempfile
import threading
import time
import urllib.parse

from lib import DRYDIAL, ROOT


class Server:
    """`options` are those of drydial serve; key k, token t."""

    def __init__(self, *options, flows=os.path.join(ROOT, "flows"), db=None, speed="max", env=None):
        self.folder = tempfile.mkdtemp()
        self.db = db or os.path.join(self.folder, "serve.db")
        self.args = [
            DRYDIAL,
            "serve",
            flows,
            "--credentials",
            "k:t",
            "--db",
            self.db,
            "--speed",
            speed,
            *options,
        ]
        self.env, self.port = env, 0

    def start(self):
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [*self.args, "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            cwd=ROOT,
            text=True,
            env=dict(os.environ, **(self.env or {})),
        )
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        line = self.process.stdout.readline() if ready else ""
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.errors.seek(0)
            raise AssertionError(line + self.errors.read())
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Ends it gracefully; what it said on stderr."""
        self.process.terminate()
        code = self.process.wait(60)
        self.process.stdout.close()
        self.errors.seek(0)
        said = self.errors.read()
        assert code == 0 and "ERROR: " not in said and "runtime error" not in said, (
            code,
            said[-4000:],
        )
        return said

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            if self.process.poll() is None:
                self.stop()
            elif kind is None and self.process.returncode != 0:
                raise AssertionError(f"the server ended by itself: {self.process.returncode}")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, path, body=None, headers=None, credentials="k:t", timeout=30):
        """Status, headers and text."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        head = dict(headers or {})
        if credentials and not path.startswith("/_drydial"):
            head["Authorization"] = "Basic " + base64.b64encode(credentials.encode()).decode()
        if isinstance(body, dict) and "Content-Type" not in head:
            body = urllib.parse.urlencode(body)
            head["Content-Type"] = "application/x-www-form-urlencoded"
        c.request(method, path, body, head)
        answer = c.getresponse()
        text = answer.read().decode("utf-8", "replace")
        c.close()
        return answer.status, answer.headers, text

    def json(self, method, path, body=None, status=200, **more):
        if body is not None:
            more["headers"] = dict(more.get("headers", {}), **{"Content-Type": "application/json"})
            body = json.dumps(body)
        got, _, text = self.ask(method, path, body, **more)
        assert got == status, (got, text)
        return json.loads(text)

    def side(self, path, body=None, status=200):
        return self.json("GET" if body is None else "POST", "/_drydial/" + path, body, status)

    def connect(self, flow="appointment-reminder", **form):
        fields = {
            "From": "+919876543210",
            "CallerId": "08047112345",
            "Url": f"http://my.exotel.com/exoml/start/{flow}",
            **form,
        }
        status, _, text = self.ask("POST", "/v1/Accounts/me/Calls/connect.json", fields)
        assert status == 200, text
        return json.loads(text)["Call"]

    def call(self, sid):
        return self.json("GET", f"/v1/Accounts/me/Calls/{sid}.json")["Call"]

    def over(self, sid, seconds=30):
        return until(
            lambda: (
                lambda c: c if c["Status"] not in ("queued", "ringing", "in-progress") else None
            )(self.call(sid)),
            seconds,
        )


DISK = os.path.join(os.path.dirname(os.path.abspath(DRYDIAL)), "disk.so")


class Disk:
    """A server whose database can be made to fail: full, broken (for writes), unreadable."""

    def __init__(self, *options, **more):
        self.word = tempfile.mktemp()
        env = {"DRYDIAL_DISK": self.word}
        with open(DRYDIAL, "rb") as program:
            sanitized = b"__asan_init" in program.read()
        if not sanitized:
            env["LD_PRELOAD"] = DISK
        else:  # its own library must stand first
            env["LD_PRELOAD"] = (
                subprocess.check_output(["gcc", "-print-file-name=libasan.so"], text=True).strip()
                + ":"
                + DISK
            )
        self.server = Server(*options, env=env, **more)

    def is_(self, word):
        if word == "fine":
            os.path.exists(self.word) and os.unlink(self.word)
            return
        with open(self.word + ".new", "w") as out:
            out.write(word)
        os.rename(self.word + ".new", self.word)


# A flow that asks a developer's server.
FLOW = """flow: Balance
steps:
  - id: account
    passthru:
      url: "{URL}/balance"
      timeout: 2s
      exits:
        200:
          - greeting: "{account.text} Goodbye."
          - hangup
        error:
          - greeting: Something went wrong.
          - hangup
        timeout:
          - greeting: Nobody answered.
          - hangup
"""


def folder_with(**flows):
    folder = tempfile.mkdtemp()
    for name, text in flows.items():
        with open(
            os.path.join(folder, name.replace("__", ".") + ("" if "__" in name else ".yaml")),
            "w",
            encoding="utf-8",
        ) as out:
            out.write(text)
    return folder


def until(look, seconds=30):
    end = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def fields_of(type, body):
    """The body of a callback as a mapping, by its content type."""
    if type.startswith("application/json"):
        return json.loads(body)
    if type.startswith("multipart/form-data"):
        message = email.parser.BytesParser().parsebytes(
            b"Content-Type: " + type.encode() + b"\r\n\r\n" + body
        )
        return {
            p.get_param("name", header="content-disposition"): p.get_payload(decode=True).decode()
            for p in message.get_payload()
        }
    return dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))


class Threaded(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, *_):
        pass  # a client that was killed


class Served:
    """What answers by a handler, on a port of its own, until the block ends."""

    def serve(self, handler):
        self.server = Threaded(("127.0.0.1", 0), handler)
        self.origin = self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Receiver(Served):
    """Keeps what is posted to it as (path, type, fields); `answer` (path, fields) gives (status,
    text)."""

    def __init__(self, answer=None):
        self.got, self.lock = [], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def take(self, fields, type):
                path = self.path.split("?")[0]
                with outer.lock:
                    outer.got.append((path, type, fields))
                status, text = answer(path, fields) if answer else (200, "ok")
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                type = self.headers.get("Content-Type", "")
                self.take(fields_of(type, body), type)

            def do_GET(self):
                self.take(
                    dict(
                        urllib.parse.parse_qsl(
                            urllib.parse.urlsplit(self.path).query, keep_blank_values=True
                        )
                    ),
                    "GET",
                )

            def log_message(self, *_):
                pass

        self.serve(Handler)

    def of(self, path):
        with self.lock:
            return [fields for at, _, fields in self.got if at == path]
