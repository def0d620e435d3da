"""An application to dial: a server whose pages a test gives."""
import http.server
import json
import threading
import urllib.parse

from lib import run
from serving import Served


def doc(*verbs):
    return '<?xml version="1.0" encoding="UTF-8"?><Response>' + "".join(verbs) + "</Response>"


class App(Served):
    """`pages` maps a path to a document, bytes, (status, headers, body), or a function of a request
    {method, path, params, headers} that gives one of these."""

    def __init__(self, **pages):
        self.pages = {"/" + name.replace("__", "/"): page for name, page in pages.items()}
        self.asked, self.lock = [], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # one packet an answer

            def take(self, form):
                split = urllib.parse.urlsplit(self.path)
                every = urllib.parse.parse_qsl(split.query, keep_blank_values=True) + form
                asked = {
                    "method": self.command,
                    "path": split.path,
                    "params": dict(every),
                    "form": form,
                    "url": self.path,
                    "headers": dict(self.headers.items()),
                }
                with outer.lock:
                    outer.asked.append(asked)
                page = outer.pages.get(split.path, (404, {}, "no such page"))
                page = page(asked) if callable(page) else page
                if not isinstance(page, tuple):
                    page = (200, {"Content-Type": "text/xml"}, page)
                status, headers, body = page
                body = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                self.take(urllib.parse.parse_qsl(body, keep_blank_values=True))

            def do_GET(self):
                self.take([])

            def log_message(self, *_):
                pass

        self.serve(Handler)
        self.url = self.origin + "/voice"

    def call(self, *options, code=0):
        return dial(self.url, *options, code=code)


def dial(operand, *options, code=0, cwd=None):
    more = {"cwd": cwd} if cwd else {}
    done = run("call", operand, "--fast", "--format", "json", *options, **more)
    assert done.returncode == code, (done.returncode, done.stderr, done.stdout[-2000:])
    found = json.loads(done.stdout)
    found["stderr"] = done.stderr
    return found


def of(found, kind):
    return [e for e in found["events"] if e["type"] == kind]


def heard(found):
    return [e.get("text", e.get("file")) for e in of(found, "prompt")]
