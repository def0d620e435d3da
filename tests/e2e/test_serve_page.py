"""The page of drydial serve in a real browser: it rings, sounds, takes keys, and can be used
without eyes or a mouse."""
import os
import shutil
import subprocess
import tempfile

from apps import App, doc
from browser import Browser
from lib import left_out, main, ONLINE, ROOT, test
from serving import folder_with, Server, until

# What a checker of accessibility looks for first; axe-core, where npm is there, says the same at
# length.
OWN_CHECKS = """(() => {
  const faults = [], visible = e => e.offsetParent !== null || e.tagName === 'OPTION';
  const said = i => document.getElementById(i) ? document.getElementById(i).textContent : '';
  const name = e => (e.getAttribute('aria-label') || e.textContent ||
    (e.labels && [...e.labels].map(l => l.textContent).join(' ')) ||
    (e.getAttribute('aria-labelledby') || '').split(' ').map(said).join(' ') || '').trim();
  const named = 'button, select, input, [role=region], [role=group], [role=log], section';
  for (const e of document.querySelectorAll(named))
    if (!name(e)) faults.push('no name: ' + e.outerHTML.slice(0, 80));
  for (const e of document.querySelectorAll('input, select'))
    if (!e.labels.length) faults.push('no label: ' + e.id);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  if (new Set(ids).size !== ids.length) faults.push('an id twice');
  if (!document.documentElement.lang || !document.title) faults.push('no language or title');
  for (const once of ['h1', 'main'])
    if (document.querySelectorAll(once).length !== 1) faults.push('headings or landmarks');
  const colour = c => c.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => {
    const [r, g, b] = colour(c).map(v => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (colour(c).length === 3 || colour(c)[3] === 1) return c;
    }
    return 'rgb(255,255,255)';
  };
  for (const e of document.querySelectorAll('p, button:enabled, label, th, td, li, h1, h2, h3')) {
    if (!visible(e) || !e.textContent.trim()) continue;
    const a = light(getComputedStyle(e).color), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5)
      faults.push('contrast ' + ratio.toFixed(1) + ': ' + e.textContent.slice(0, 40));
  }
  return faults;
})()"""


def axe_core():
    """The text of axe-core, which make check-online gets by npm, or None."""
    folder = os.path.join(ROOT, "build", "npm-axe")
    script = os.path.join(folder, "node_modules", "axe-core", "axe.min.js")
    if ONLINE and not os.path.exists(script) and shutil.which("npm"):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(
            [
                "npm",
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--prefix",
                folder,
                "axe-core@4",
            ],
            capture_output=True,
            timeout=120,
        )
    return open(script, encoding="utf-8").read() if os.path.exists(script) else None


def check_axe(b):
    source = axe_core()
    if not source:
        left_out("axe-core is not here")
        return
    b.run(source + "; 0")
    found = b.run(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => "
        "[v.impact, v.id, v.nodes.map(n => n.html).slice(0, 2)]))"
    )
    serious = [v for v in found if v[0] in ("serious", "critical")]
    assert not serious, serious


# The page is a telephone from here on; before, somebody simulated answers.
LISTENS = "own !== null && state.source.readyState === EventSource.OPEN"


@test
def a_call_is_placed_heard_answered_and_hung_up():
    with Server(speed="real") as server, Browser() as b:
        b.open(server.url + "/")
        b.until("document.querySelectorAll('#flow option').length > 10")
        b.run(
            "document.getElementById('flow').value = 'appointment-reminder'; "
            "document.getElementById('flow').dispatchEvent(new Event('change'))"
        )
        b.until(
            "document.querySelector('#picture svg g.step') && "
            "document.getElementById('variables').children.length === 3"
        )
        b.run("document.querySelector('#variables input[data-name=name]').value = 'Asha'")
        assert b.run("document.getElementById('answer').disabled")
        b.run("document.getElementById('call').click()")
        b.until("document.getElementById('phone').dataset.state === 'ringing'")
        assert b.run("document.activeElement.id") == "answer"
        b.run("document.getElementById('answer').click()")
        b.until("document.getElementById('phone').dataset.state === 'talking'")
        frames = b.until("Number(document.getElementById('phone').dataset.frames)")
        assert frames >= 8000, frames  # a second of the line's sound came as soon as it was made
        b.until("document.getElementById('spoken').textContent.includes('Hello Asha,')")
        assert b.until("document.querySelector('#picture .now')?.textContent.trim()")
        b.until("document.querySelector('#picture .now').textContent.includes('ivr')", 20)
        shot = os.path.join(ROOT, "build", "serve-page.png")
        b.run("new Promise(done => setTimeout(done, 1500))")
        b.screenshot(shot, 1280, 900)
        assert os.path.getsize(shot) > 20000
        b.press("2")  # a key of the keyboard
        b.until("document.getElementById('spoken').textContent.includes('We will call you')")
        b.until("document.getElementById('messages').textContent.includes('Pick a new time')", 20)
        b.until("document.getElementById('phone').dataset.state === 'idle'", 20)
        assert b.run("document.querySelectorAll('#picture svg').length") == 1
        # once more, and this time the customer hangs up
        b.run("document.querySelector('#variables input[data-name=name]').value = 'R & <b>'")
        b.run("document.getElementById('call').click()")
        b.until("document.getElementById('phone').dataset.state === 'ringing'")
        b.press("a")
        b.until("document.getElementById('phone').dataset.state === 'talking'")
        b.until(
            "document.getElementById('spoken').textContent.includes('Hello R & <b>')"
        )  # text, not markup
        b.run("document.getElementById('hangup').click()")
        b.until(
            "document.getElementById('phone').dataset.state === 'idle' && "
            "document.getElementById('state').textContent.includes('completed')"
        )
        b.until("document.querySelectorAll('#calls tr').length === 2")
        b.until("document.getElementById('transcript').textContent.includes('ended by customer')")
        calls = server.side("calls")
        assert [c["ended_by"] for c in calls] == ["customer", "flow"] and calls[1][
            "digits"
        ] == "2", calls
        b.run("document.querySelectorAll('#calls button')[1].click()")
        b.until("document.getElementById('transcript').textContent.includes('Pick a new time')")
        assert not b.run(OWN_CHECKS), b.run(OWN_CHECKS)
        check_axe(b)
        b.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark"}],
        )
        assert not b.run(OWN_CHECKS), b.run(OWN_CHECKS)
        outside = [
            e["request"]["url"]
            for e in b.named("Network.requestWillBeSent")
            if not e["request"]["url"].startswith((server.url, "data:"))
        ]
        assert not outside, outside
        wrong = [e for e in b.named("Log.entryAdded") if e["entry"]["level"] == "error"] + b.named(
            "Runtime.exceptionThrown"
        )
        assert not wrong, wrong


@test
def a_call_of_the_api_rings_on_the_page_and_a_closed_page_hangs_up():
    with Server(speed="real") as server, Browser() as b:
        b.open(server.url + "/")
        b.until(
            "document.getElementById('switch').getAttribute('aria-pressed') === 'true' && "
            "document.querySelectorAll('#flow option').length > 10"
        )
        b.until(LISTENS)
        sid = server.connect("survey")["Sid"]
        b.until("document.getElementById('phone').dataset.state === 'ringing'")
        assert (
            b.run("document.getElementById('state').textContent")
            == "08047112345 calls +919876543210."
        )
        b.run("document.getElementById('answer').click()")
        b.until("document.getElementById('phone').dataset.state === 'talking'")
        assert b.run("document.getElementById('flow').value") == "survey"
        b.run("location.href = 'about:blank'; 0")
        assert server.over(sid)["Status"] == "completed"
        assert server.side("calls/" + sid)["ended_by"] == "customer"


@test
def an_application_rings_talks_and_takes_keys_on_the_page():
    menu = doc('<Gather numDigits="1" action="/took"><Say>Press 1, or 2.</Say></Gather>')

    def took(asked):
        return doc(f"<Say>You pressed {asked['params']['Digits']}. Good bye.</Say>")

    with App(voice=menu, took=took) as app, Server(speed="real") as server, Browser() as b:
        b.open(server.url + "/")
        b.until("document.querySelectorAll('#flow option').length > 10")
        b.until(LISTENS)
        sid = server.connect(Url=app.url)["Sid"]
        b.until("document.getElementById('phone').dataset.state === 'ringing'")
        b.press("a")
        b.until("document.getElementById('spoken').textContent.includes('Press 1, or 2.')")
        b.press("2")
        b.until("document.getElementById('spoken').textContent.includes('You pressed 2.')")
        b.until("Number(document.getElementById('phone').dataset.frames) > 8000")
        b.until("document.getElementById('phone').dataset.state === 'idle'", 20)
        assert server.over(sid)["Status"] == "completed"
        said = b.run("document.body.textContent")
        assert app.origin in said and "<Gather" in said, said[-3000:]  # documents are shown beside


@test
def the_page_declines_and_a_busy_phone_lets_others_be_answered():
    with Server(speed="real") as server, Browser() as b:
        b.open(server.url + "/")
        b.until("document.querySelectorAll('#flow option').length > 10")
        b.until(LISTENS)
        sid = server.connect()["Sid"]
        b.until("document.getElementById('phone').dataset.state === 'ringing'")
        other = server.connect("otp", From="+919876500000")["Sid"]
        until(lambda: server.call(other)["Status"] == "in-progress")  # by a simulated person
        b.run("document.getElementById('decline').click()")
        assert server.over(sid)["Status"] == "busy"
        b.until("document.getElementById('state').textContent.includes('busy')")


@test
def a_message_is_there_at_once_keys_that_are_lost_say_why_and_the_transcript_follows():
    flow = (
        "flow: Sms\nsteps:\n  - sms: Your number is 4711.\n"
        + "".join(f"  - greeting: Sentence {i}.\n" for i in range(40))
        + "  - greeting: { text: This is a long greeting that says nothing new for quite some "
        "time and then ends at last with a good bye. , loop: 9 }\n" * 15  # we hang up
        + "  - hangup\n"
    )
    with Server(speed="10x", flows=folder_with(sms=flow)) as server, Browser() as b:
        b.open(server.url + "/")
        b.until("document.querySelectorAll('#flow option').length === 1")
        b.until(LISTENS)
        sid = server.connect("sms")["Sid"]
        b.until("document.getElementById('phone').dataset.state === 'ringing'")
        b.run("document.getElementById('answer').click()")
        b.until("document.getElementById('messages').textContent.includes('4711')", 10)
        assert not server.side("messages") and server.call(sid)["Status"] == "in-progress"
        b.until("document.getElementById('transcript').children.length > 30", 20)
        b.until(
            "(() => { const t = document.getElementById('transcript'); return "
            "t.scrollHeight > t.clientHeight + 50 && "
            "t.scrollHeight - t.clientHeight - t.scrollTop < 40; })()"
        )
        server.side(f"calls/{sid}/press", {"keys": "7"})
        b.until("document.getElementById('state').textContent.startsWith('Key 7 was lost: ')")
        b.until("document.querySelector('#transcript li.lost')?.textContent.includes('lost: ')")
        # who reads further up is left there
        b.run("document.getElementById('transcript').scrollTop = 0")
        n = b.run("document.getElementById('transcript').children.length")
        server.side(f"calls/{sid}/press", {"keys": "8"})
        b.until(f"document.getElementById('transcript').children.length > {n}")
        assert b.run("document.getElementById('transcript').scrollTop") == 0
        server.side(f"calls/{sid}/hangup", {})
        b.until("document.getElementById('phone').dataset.state === 'idle'", 20)
        until(lambda: server.side("messages"))
        b.run("new Promise(done => setTimeout(done, 500))")
        assert b.run("document.getElementById('messages').textContent").count("4711") == 1


if __name__ == "__main__":
    main()
