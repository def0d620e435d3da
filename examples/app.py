"""A developer's server: what a passthru asks, and what a status callback tells. [PORT]"""
import sys
from email import message_from_bytes
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
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = message_from_bytes(kind + body).get_payload()  # multipart: one part a field
        told = {p.get_param("name", header="Content-Disposition"): p.get_payload() for p in parts}
        answer = ANSWERS.get(told["Digits"], "said nothing")
        print(f"{told['From']}: {told['Status']}, {answer}", flush=True)
        self.reply("")

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 5000), App).serve_forever()
