"""A developer's server: what a passthru asks, and what a status callback tells.

python3 examples/app.py [PORT]"""
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

ANSWERS = {"1": "confirmed", "2": "wants another time", "3": "cancelled", "9": "wants no calls"}


class App(BaseHTTPRequestHandler):
    def reply(self, text):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):  # a passthru: what is said here, the flow speaks
        asked = parse_qs(urlsplit(self.path).query)
        self.reply(f"Hello customer {asked['customer'][0]}, your balance is 2,750 rupees.")

    def do_POST(self):  # a status callback: what became of a call
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = parse_qs(body, keep_blank_values=True)
        answer = ANSWERS.get(told["Digits"][0], "said nothing")
        print(f"{told['From'][0]}: {told['Status'][0]}, {answer}", flush=True)
        self.reply("")

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 5000), App).serve_forever()
