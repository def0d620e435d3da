"""Menus, connects and greetings whose URL says what they do, with a real server behind it: what it
is asked, what its answers make of the call, and what hostile ones do."""
import http.server
import json
import os
import re
import tempfile
import urllib.parse

from lib import call, main, run, test
from serving import folder_with, Served, Server

GATHER = {
    "gather_prompt": {"text": "Type your code."},
    "max_input_digits": 4,
    "finish_on_key": "#",
    "input_timeout": 6,
    "repeat_menu": 1,
    "repeat_gather_prompt": {"text": "Once more."},
}
AGENT = {
    "destination": {"numbers": ["+919800000001", "+919800000002"]},
    "outgoing_phone_number": "+918047112345",
    "max_ringing_duration": 2,
    "max_conversation_duration": 3,
}


class Application(Served):
    """Answers by address; keeps what it was asked as (path, query, headers)."""

    def __init__(self, **answers):
        self.seen, outer = [], self
        self.answers = {"hello": "Hello from the server.", "gather": GATHER, "agent": AGENT}
        self.answers.update(answers)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urllib.parse.urlsplit(self.path)
                query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
                outer.seen.append((parts.path, query, dict(self.headers)))
                body = outer.answers.get(parts.path[1:], "")
                body = body if isinstance(body, (str, bytes)) else json.dumps(body)
                body = body if isinstance(body, bytes) else body.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.serve(Handler)


def flow_of(url):
    return f"""flow: By URL
steps:
  - greeting: {{ url: "{url}/hello" }}
  - id: pin
    ivr:
      prompt: A prompt of the flow.
      collect: {{ url: "{url}/gather" }}
      otherwise: [ greeting: Goodbye., hangup ]
  - passthru: {{ url: "{url}/log" }}
  - id: agent
    connect:
      to: {{ url: "{url}/agent" }}
      stub: [ no-answer, {{ outcome: answered, ring: 1s, talk: 9s }} ]
      exits:
        answered: [ sms: "{{pin.digits}} {{agent.to}} {{agent.seconds}}", hangup ]
        failed: [ sms: "nobody {{agent.status}}", hangup ]
  - hangup
"""


def asked_as_the_platform_asks(seen):
    assert [path for path, _, _ in seen] == ["/hello", "/gather", "/log", "/agent"], seen
    for path, query, headers in seen:
        assert (headers.get("Exotel-Version") == "1.0") == (path != "/log"), (path, headers)
        for name in ("CallSid", "CallFrom", "CallTo", "Direction", "Created", "CurrentTime"):
            assert query[name][0], (path, name)
        assert (query.get("CallStatus") == ["in-progress"]) == (path == "/gather"), query
        assert query.get("digits") == (None if path in ("/hello", "/gather") else ['"1234"'])


@test
def a_server_says_what_menus_and_connects_do():
    with Application() as app, tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "flow.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(flow_of(app.url))
        # offline nobody is asked, and the call does not begin
        done = run("call", path, "--fast")
        assert done.stderr.count("error[no-stub]") == 4 and not app.seen, done.stderr
        for how in (["--live"], ["--allow-host", "127.0.0.1"]):
            app.seen.clear()
            result = call(path, *how, "--keys", "-,1234")
            asked_as_the_platform_asks(app.seen)
            heard = [e.get("text") for e in result["events"] if e["type"] == "prompt"]
            assert heard == ["Hello from the server.", "Type your code.", "Once more."], heard
            assert result["sms"][0]["text"] == "1234 +919800000002 3", result["sms"]
            rung = [e for e in result["events"] if e["type"] == "connect"]
            assert rung[0]["caller_id"] == "+918047112345", rung[0]


@test
def a_served_call_asks_the_same():
    with Application() as app:
        folder = folder_with(by=flow_of(app.url))
        with Server("--rate", "0", "--allow-host", "127.0.0.1", flows=folder) as server:
            server.side("next", {"answer": "keys 1234"})
            sid = server.connect("by")["Sid"]
            assert server.over(sid)["Status"] == "completed"
            asked_as_the_platform_asks(app.seen)
            text = json.dumps(server.side("calls/" + sid))
            assert "1234 +919800000002 3" in text, text


@test
def hostile_answers_are_told_and_the_flow_goes_on():
    hostile = {
        "1" * 1000000: "it is no JSON object",
        '{"gather_prompt":{"text":"T"},"max_input_digits":' + "1" * 900000 + "}": "real number",
        '{"gather_prompt":{"text":"T"},"max_input_digits":1e400}': "real number overflow",
        '{"gather_prompt":' + "[" * 5000 + "]" * 5000 + "}": "cannot be used: ",
        b'{"gather_prompt":{"text":"T\x00"}}': "it is not JSON",
        b'{"gather_prompt":{"text":"\x01"}}': "it is not JSON",
        '{"gather_prompt":{"text":"\\u0000"}}': "it is not JSON",
        '{"gather_prompt":{"text":"T"},"max_input_digits":0}': "max_input_digits is 0",
        '{"gather_prompt":{"text":"T"},"max_input_digits":-1}': "max_input_digits is -1",
        '{"gather_prompt":{"text":"T"},"max_input_digits":4.5}': "max_input_digits is 4.5",
        '{"gather_prompt":{"text":"T"},"gather_prompt":{"text":"U"}}': "stands here twice",
        " " * (2 << 20): "cannot be used: ",
    }
    with Application() as app, tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "flow.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(flow_of(app.url))
        for body, why in hostile.items():
            app.answers["gather"] = body
            result = call(path, "--live", "--keys", "12#")
            errors = [e["message"] for e in result["events"] if e["type"] == "error"]
            assert len(errors) == 1 and why in errors[0], (body[:60], errors)
            assert "A prompt of the flow." in [e.get("text") for e in result["events"]]
            assert result["sms"][0]["text"].startswith("12 "), result["sms"]


FLOW = """flow: Both
steps:
  - greeting: Hello.
  - id: pin
    ivr:
      collect:
        url: https://example.com/gather
        stub:
          - json:
              gather_prompt: { text: "Enter four digits, then press hash." }
              max_input_digits: 5
          - json:
              gather_prompt: { text: "Type one digit." }
              max_input_digits: 1
              finish_on_key: ""
      otherwise: [ greeting: Goodbye., hangup ]
  - id: agent
    connect:
      to:
        url: "https://example.com/agent"
        stub: { json: { destination: { numbers: ["+911", "+912"] } } }
      exits:
        answered: [ greeting: "You have spoken to {agent.to}.", hangup ]
        busy: [ greeting: Busy., hangup ]
        no-answer: [ greeting: Nobody., hangup ]
        failed: [ greeting: It failed., hangup ]
"""


@test
def what_is_known_of_passthrus_is_known_of_them():
    with tempfile.TemporaryDirectory() as d:
        flow = os.path.join(d, "flow.yaml")
        with open(flow, "w", encoding="utf-8") as out:
            out.write(FLOW)
        # explore: both stubs, failure and time-out are paths, and each is repeated word for word
        listed = run("explore", flow, "--format", "json").stdout
        assert "pin=" in run("explore", flow).stdout and json.loads(listed)
        # scenarios that write themselves reach every step and exit, and notice every change
        out = os.path.join(d, "all.test.yaml")
        assert run("test", "--write-missing", out, flow).returncode == 0
        done = run("test", out, "--coverage", "table", "--mutate")
        assert done.returncode == 0 and "100.0% of steps" in done.stdout, done.stdout
        assert re.search(r"score 100\.0%", done.stdout), done.stdout
        # graph, lengths and rules know the words of the stub
        assert "https://example.com/gather" in run("graph", flow).stdout
        assert "Enter four digits, then press hash." in run("check", "--lengths", flow).stdout
        found = run("check", flow, "--rule", "collect-digits=warning")
        assert "[passthru-no-fallback]" not in found.stderr + found.stdout


@test
def rules_look_at_the_answer():
    def findings(steps):
        with tempfile.TemporaryDirectory() as d:
            flow = os.path.join(d, "flow.yaml")
            with open(flow, "w", encoding="utf-8") as out:
                out.write("flow: T\nsteps:\n  - greeting: Hi.\n" + steps + "  - hangup\n")
            done = run("check", flow, "--format", "json")
            return {found["code"] for found in json.loads(done.stdout)["diagnostics"]}

    def menu(fields, more="", url="https://example.com/g"):
        return (
            f"  - ivr: {{ {more}collect: {{ url: '{url}', stub: {{ json: {{ gather_prompt: "
            f"{{ text: 'Enter four digits, then press hash.' }}{fields} }} }} }} }}\n"
        )

    fine = "otherwise: [ greeting: Bye. ], invalid: No., "
    good = ", max_input_digits: 5, repeat_menu: 1, input_timeout: 6"
    rules = {"passthru-no-fallback", "passthru-insecure", "passthru-slow", "collect-digits"}
    rules |= {"collect-finish", "timeout-long", "timeout-short", "retries-many", "retries-zero"}
    rules |= {"message-length", "hold-missing", "connect-no-fallback"}
    assert not findings(menu(good, fine)) & rules, findings(menu(good, fine)) & rules
    for rule, steps in {
        "passthru-no-fallback": menu(good),
        "passthru-insecure": menu(good, fine, "http://example.com/g"),
        "passthru-slow": menu(good, fine).replace("stub: {", "stub: { delay: 4s, "),
        "collect-digits": menu(good.replace("5", "3"), fine),
        "collect-finish": menu(good + ", finish_on_key: '*'", fine),
        "timeout-long": menu(good.replace("6", "60"), fine),
        "timeout-short": menu(good.replace("input_timeout: 6", "input_timeout: 1"), fine),
        "retries-many": menu(good.replace("menu: 1", "menu: 9"), fine),
        "retries-zero": menu(good.replace("menu: 1", "menu: 0"), fine),
        "message-length": menu(good, fine).replace("hash.", "hash. " + "And so on. " * 60),
    }.items():
        assert rule in findings(steps), (rule, findings(steps))


if __name__ == "__main__":
    main()
