#!/usr/bin/env python3
"""Applications that others have published: what running them has taught, in documents of our own
that have the same shape (docs/apps.md names them); and, with npm, the vendor's own check of
signatures."""
import json
import os
import shutil
import subprocess
import tempfile

from apps import App, dial, doc, heard, of
from lib import left_out, main, ONLINE, ROOT, run, test

WELCOME = "Thanks for calling. Press 2 for a list. Press 3 for directions."
LIST = "For the north, press 2. For the south, press 3. For the main menu, press the star key"


def phone_tree():
    """A menu said three times, a second menu whose star key is what any wrong key is, and
    documents that are sent as text/html."""
    html = {"Content-Type": "text/html; charset=utf-8"}

    def menu(asked):
        pages = {
            "2": doc(f'<Gather action="/places" numDigits="1"><Say loop="3">{LIST}</Say></Gather>'),
            "3": doc("<Say>Down the street.</Say><Hangup/>"),
        }
        return 200, html, pages.get(asked["params"]["Digits"], back)

    def places(asked):
        known = asked["params"]["Digits"] in ("2", "3")
        return 200, html, doc("<Dial>+912</Dial>") if known else back

    back = doc("<Say>Returning to the main menu</Say><Redirect>/voice</Redirect>")
    gather = f'<Gather action="/menu" numDigits="1"><Say loop="3">{WELCOME}</Say></Gather>'
    return App(voice=(200, html, doc(gather)), menu=menu, places=places)


def spoken_menu():
    """Keys or words; silence asks the same document again, for ever."""
    words = "<Say>Please press 1 or say sales.</Say><Say>Press 2 or say address.</Say>"
    gather = f'<Gather numDigits="1" action="took" input="speech dtmf">{words}</Gather>'
    page = doc(gather, "<Say>Sorry, we could not understand you.</Say><Redirect/>")

    def took(asked):
        said = asked["params"].get("Digits") or asked["params"].get("SpeechResult")
        if not said:
            return doc("<Say>Something went wrong.</Say>")
        known = {"1": "To sales.", "2": "Our address is on its way.", "sales": "To sales."}
        again = "<Say>We did not recognize that.</Say><Redirect>voice</Redirect>"
        return doc(f"<Say>{known[said]}</Say>") if said in known else doc(again)

    return App(voice=page, took=took)


def rules(app, *options):
    done = run("check", app.url, "--format", "json", *options)
    return {d["code"] for d in json.loads(done.stdout)["diagnostics"]}


@test
def a_menu_that_is_said_three_times_announces_its_keys_once():
    with phone_tree() as app:
        found = rules(app)
    assert "key-order" not in found and "key-announced-twice" not in found, found
    assert {"content-type", "gather-silence"} <= found, found


@test
def a_star_key_that_is_announced_in_words_is_a_key_of_the_menu():
    with phone_tree() as app:
        assert "announced-key-missing" not in rules(app)
        drawn = run("graph", app.url).stdout
    assert "├─ *" in drawn or "└─ *" in drawn or ", *" in drawn, drawn


@test
def the_finishing_key_of_a_menu_need_not_be_announced():
    with spoken_menu() as app:
        found = rules(app)
    assert "key-not-announced" not in found and "endless-loop" in found, found


@test
def a_menu_of_words_or_keys_takes_both():
    with spoken_menu() as app, tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/a.test.yaml", "w") as f:
            f.write(
                f"app: {app.url}\nscenarios:\n"
                "  - name: a word\n    script: [ say: sales, hear: To sales ]\n"
                "  - name: a key, after a wrong one\n"
                '    script: [ keys: "7,2", hear: address is ]\n'
            )
        done = run("test", f"{folder}/a.test.yaml")
    assert "2 passed" in done.stdout, done.stdout + done.stderr


@test
def a_message_is_kept_though_what_comes_after_it_fails():
    record = '<Say>Leave a message.</Say><Record action="/sent"/>'
    with App(voice=doc(record), sent=(500, {}, "no network")) as app:
        found = app.call("--speak", "4s", code=1)
    assert app.asked[1]["params"]["RecordingDuration"] == "4"
    assert "application error" in heard(found)[-1] and of(found, "error")


# -- with npm ------------------------------------------------------------------

SERVER = """
const express = require('express'), twilio = require('twilio');
const app = express(), token = process.env.TWILIO_AUTH_TOKEN;
app.use(express.urlencoded({ extended: false }));
app.use(twilio.webhook(token, { validate: true, url: process.env.PUBLIC_URL }));
function answer(request, response) {
  const voice = new twilio.twiml.VoiceResponse();
  const digits = { ...request.query, ...request.body }.Digits;
  if (digits) voice.say('You pressed ' + digits);
  else voice.gather({ numDigits: 1, method: request.query.next }).say('Press a key, please.');
  response.type('text/xml').send(voice.toString());
}
app.post('/voice', answer);
app.get('/voice', answer);
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


def packages():
    """The folder with the vendor's package, which make check-online gets by npm, or None."""
    folder = os.path.join(ROOT, "build", "npm-twilio")
    there = os.path.join(folder, "node_modules", "twilio")
    if ONLINE and not os.path.exists(there) and shutil.which("npm"):
        os.makedirs(folder, exist_ok=True)
        quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        wanted = ["twilio@5.10.4", "express@4.21.2"]
        subprocess.run(
            ["npm", "install", *quiet, "--prefix", folder, *wanted],
            capture_output=True,
            timeout=180,
        )
    return folder if os.path.exists(there) and shutil.which("node") else None


@test
def the_vendors_own_middleware_accepts_our_signatures():
    folder = packages()
    if not folder:
        left_out("npm's twilio is not here: signatures are checked by our own hand alone")
        return
    with open(os.path.join(folder, "signed.js"), "w") as f:
        f.write(SERVER)
    env = dict(os.environ, TWILIO_AUTH_TOKEN="s3cret", NODE_ENV="production")
    server = subprocess.Popen(
        ["node", "signed.js"], cwd=folder, env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        origin = f"http://127.0.0.1:{int(server.stdout.readline())}"
        signed = ["--auth-token", "s3cret", "--param", "Größe=a b&c=d+é%"]
        for query in ("", "?next=GET", "?next=POST&a=b%20c"):
            for method in ("POST", "GET"):
                options = [*signed, "--method", method, "--keys", "7"]
                found = dial(origin + "/voice" + query, *options)
                assert heard(found)[-1] == "You pressed 7", (query, method, found)
        for wrong, status in ((["--auth-token", "other"], 403), ([], 400)):
            found = dial(origin + "/voice", *wrong, code=1)
            errors = " ".join(e["message"] for e in of(found, "error"))
            assert f"answered {status}" in errors, found
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
