#!/usr/bin/env python3
"""A clinic's telephone menu: an application that answers in XML. python3 clinic.py PORT"""
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

MENU = """<Response>
  <Gather numDigits="1" action="/choice" timeout="4">
    <Say language="en-IN">City Clinic. Press 1 for the doctor, 2 to leave a message.</Say>
  </Gather>
  <Say language="en-IN">We heard nothing. Goodbye.</Say>
</Response>"""
DOCTOR = (
    '<Response><Dial timeout="20" action="/after"><Number>+918047000001</Number></Dial></Response>'
)
RECORD = (
    '<Response><Say>Speak after the beep.</Say><Record action="/stored" maxLength="30"/></Response>'
)
SAY = "<Response><Say>{}</Say></Response>"


def answer(path, form):
    if path == "/voice":
        return MENU
    if path == "/choice":
        pages = {"1": DOCTOR, "2": RECORD}
        again = SAY.format("There is no such choice.").replace(
            "</R", "<Redirect>/voice</Redirect></R"
        )
        return pages.get(form.get("Digits"), again)
    if path == "/after":
        busy = form.get("DialCallStatus") != "completed"
        return SAY.format("The doctor is not free. We will call you back." if busy else "Goodbye.")
    return SAY.format(f"Thank you, {form.get('RecordingDuration')} seconds are kept.")


class Handler(BaseHTTPRequestHandler):
    wbufsize = 65536

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        text = answer(self.path, form).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST


HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
