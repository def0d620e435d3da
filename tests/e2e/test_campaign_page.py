"""The page of a forecast in a real browser. The forecasts are made up (tests/page): what is
looked at is the page, not the simulation."""
import base64
import hashlib
import json
import os
import re
import subprocess
import tempfile

from browser import Browser
from lib import DRYDIAL, ROOT, main, test

PAGE = os.path.join(os.path.dirname(DRYDIAL), "page")
if not os.path.exists(PAGE):  # build/drydial stands beside the variants
    PAGE = os.path.join(ROOT, "build", "release", "page")
KINDS = ["reminder", "long", "empty", "one", "huge", "interrupted", "hostile"]
KEPT = tempfile.TemporaryDirectory()


def page(*kinds):
    path = os.path.join(KEPT.name, "-".join(kinds) + ".html")
    if not os.path.exists(path):
        html = subprocess.run(
            [PAGE, "html", *kinds], cwd=ROOT, capture_output=True, timeout=60, check=True
        ).stdout
        with open(path, "wb") as f:
            f.write(html)
    return path


def show(b, path, width=1280, theme="light"):
    b.send(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}]
    )
    b.size(width)
    b.events.clear()
    b.open(path)


def quiet(b):
    assert not b.named("Runtime.exceptionThrown") and not b.named(
        "Runtime.consoleAPICalled"
    ), b.events
    assert not b.named("Log.entryAdded"), b.named("Log.entryAdded")
    asked = [r["request"]["url"] for r in b.named("Network.requestWillBeSent")]
    assert all(u.startswith("file:") and u.endswith(".html") for u in asked), asked


def forecasts(b):
    return json.loads(b.run("document.getElementById('forecast').textContent"))


@test
def the_policy_names_what_is_in_the_page():
    html = open(page("empty"), encoding="utf-8").read()
    for tag in ("style", "script"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", html, re.S).group(1)
        digest = "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert (
            f"{tag}-src '{digest}'" in html
        ), f"src/campaign/paper_page.c: the hash of the {tag} is now {digest}"


@test
def nothing_is_asked_for_and_nothing_complains():
    with Browser() as b:
        for kinds in [[k] for k in KINDS] + [KINDS[:4]]:
            show(b, page(*kinds))
            quiet(b)
            assert b.run("document.querySelectorAll('section').length") == len(kinds)
            assert len(forecasts(b)) == len(kinds)


@test
def hostile_names_are_text():
    with Browser() as b:
        show(b, page("hostile", "reminder"))
        quiet(b)
        assert b.run("document.title") == "Forecast: 2 campaigns"
        assert b.run("document.querySelectorAll('script').length") == 2
        assert b.run("document.querySelectorAll('img, b script, iframe, object').length") == 0
        assert "</script>" in b.run("document.querySelector('h1').textContent")
        assert forecasts(b)[0]["campaign"].startswith("=cmd()</script>")
        assert not re.search(
            "[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", b.run("document.body.innerText")
        )


def at(forecast, path):
    for part in path.split("/"):
        forecast = forecast[int(part)] if isinstance(forecast, list) else forecast[part]
    return forecast


def percent(x):
    if x is None:
        return "–"
    if x == 1:
        return "100 %"
    if x > 0 and x < 0.0005:
        return "<0.1 %"
    if x < 1 and x >= 0.9995:
        return ">99.9 %"
    return f"{int(1000 * x + 0.5) / 10:.1f} %"


def same(shown, value):
    """One element against the JSON: a share, a whole number, an average or an amount, an instant
    or a length in its attribute, or words."""
    text = shown["text"]
    if shown["exact"] is not None:
        return (
            shown["exact"] == value
            if isinstance(value, str)
            else abs(float(shown["exact"]) - value) <= 0.5
        )
    if text.endswith("%") or text == "–":
        return text == percent(value) or text in (f"{100 * value:.0f} %", f"{100 * value:.2f} %")
    if isinstance(value, str):
        return text.replace("\ufffd", "")[:8] == re.sub("[\x00-\x1f]", "", value)[:8]
    if isinstance(value, int):
        return text == f"{value:,}"
    decimals = len(text.partition(".")[2])
    return decimals in (1, 2) and abs(
        float(text.replace(",", "")) - value
    ) <= 0.5001 * 10**-decimals + 1e-9 * abs(value)


SHOWN = """[...document.querySelectorAll('section')].flatMap((s) =>
  [...s.querySelectorAll('[data-j]')].map((e) => ({
    forecast: +s.dataset.forecast, path: e.dataset.j, text: e.textContent,
    exact: e.getAttribute('datetime') ?? e.getAttribute('value')})))"""


@test
def each_number_is_that_of_the_json():
    with Browser() as b:
        for kind in KINDS:
            show(b, page(kind))
            data, shown = forecasts(b), b.run(SHOWN)
            assert len(shown) > (30 if kind == "empty" else 600), (kind, len(shown))
            for s in shown:
                assert same(s, at(data[s["forecast"]], s["path"])), (
                    kind,
                    s,
                    at(data[s["forecast"]], s["path"]),
                )


def marks(b, chart):
    return b.run(f"document.querySelectorAll('svg.{chart} .mark').length")


@test
def each_chart_has_its_marks_and_its_table():
    with Browser() as b:
        for kind in KINDS:
            show(b, page(kind))
            f = forecasts(b)[0]
            bins = f["hours"] if len(f["hours"]) <= 14 * 24 else f["days"]
            assert marks(b, "timeline") == len(bins), kind
            assert (
                marks(b, "funnel") == 6 and marks(b, "week") == 168 and marks(b, "dropoff") == 121
            )
            assert marks(b, "attempts") == len(f["attempts"])
            assert marks(b, "outcomes") == sum(o["contacts"] > 0 for o in f["outcomes"])
            assert marks(b, "steps") == sum(s["hung_up"] > 0 for s in f["drop_off"]["steps"])
            assert b.run("document.querySelectorAll('svg.menu').length") == len(f["menus"])
            assert b.run(
                "[...document.querySelectorAll('figure')].every((f) => "
                "f.querySelector('svg.plot[aria-label]') && f.querySelector('table th'))"
            )
            share = b.run(
                "parseFloat(document.querySelectorAll('svg.funnel .mark')[1].getAttribute('width'))"
            )
            assert f["contacts"] == 0 or abs(share - 100 * f["dialled"] / f["contacts"]) < 0.001


@test
def the_page_fits_wide_and_narrow():
    with Browser() as b:
        for kinds in [[k] for k in KINDS] + [KINDS]:
            show(b, page(*kinds))
            for width in (1280, 800, 360):
                b.size(width)
                b.run("document.querySelectorAll('details').forEach((d) => { d.open = false })")
                over = b.run(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert over <= 0, (kinds, width, over)
                b.run("document.querySelectorAll('details').forEach((d) => { d.open = true })")
                over = b.run(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert over <= 0, (kinds, width, "tables open", over)


# Every text against what is behind it: the nearest background, and for words in a chart the page.
CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (c) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = c;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map((v) => linear(v / 255))
    .reduce((all, v, i) => all + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c[3] > 250) return c;
    }
    return [255, 255, 255, 255];
  };
  let worst = [99, ''];
  const judge = (ink, paper, e) => {
    const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 120)];
  };
  for (const e of document.querySelectorAll('main *, footer')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const drawn = e.ownerSVGElement, style = getComputedStyle(e);
    let paper = behind(drawn ? drawn.closest('figure') : e);
    if (e.classList.contains('heat')) {
      const cell = getComputedStyle(e.previousElementSibling);
      const fill = rgb(cell.fill), part = +cell.fillOpacity;
      paper = paper.map((v, i) => v * (1 - part) + fill[i] * part);
    }
    judge(rgb(drawn ? style.fill : style.color), paper, e);
  }
  return worst;
})()"""


@test
def words_are_legible_in_both_themes():
    with Browser() as b:
        seen = set()
        for theme in ("light", "dark"):
            show(b, page("interrupted", "reminder"), theme=theme)
            seen.add(b.run("getComputedStyle(document.body).backgroundColor"))
            ratio, where = b.run(CONTRAST)
            assert ratio >= 4.5, (theme, ratio, where)
        assert len(seen) == 2, seen


@test
def keys_and_pointer_tell_what_a_mark_is():
    with Browser() as b:
        show(b, page("reminder"))
        press = (
            "(k) => document.activeElement.dispatchEvent("
            "new KeyboardEvent('keydown', { key: k, bubbles: true }))"
        )
        frame = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))"
        b.run("document.querySelector('svg.week').focus()")
        b.run(frame)  # the page moves there, and what was told goes away
        b.run(f"['Home', 'ArrowDown', 'ArrowRight'].forEach({press})")
        assert (
            b.run("tip.hidden") is False
            and b.run("tip.textContent") == "Tuesday, 01:00 to 02:00: no calls"
        )
        b.run(f"['Escape'].forEach({press})")
        assert b.run("tip.hidden") is True
        b.run("document.querySelector('svg.funnel').scrollIntoView({ block: 'center' })")
        b.run(frame)
        x, y = b.run(
            "(() => { const r = document.querySelector('svg.funnel .mark')"
            ".getBoundingClientRect(); return [r.x + 9, r.y + 5]; })()"
        )
        b.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        assert b.run("tip.textContent") == "contacts: 100,000, 100 %", b.run("tip.textContent")
        b.run("dispatchEvent(new Event('beforeprint'))")
        assert b.run("document.querySelectorAll('details:not([open])').length") == 0
        b.run("dispatchEvent(new Event('afterprint'))")
        assert b.run("document.querySelectorAll('details[open]').length") == 0
        assert b.run("document.querySelectorAll('svg.plot:not([tabindex=\"0\"])').length") == 0
        quiet(b)


if __name__ == "__main__":
    main()
