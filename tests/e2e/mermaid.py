"""Run by tools/check-mermaid: Mermaid in a browser reads and draws every flow, and a hostile
flow as nothing but text."""
import glob
import json
import os
import re
import sys
import tempfile

import hostile
import large
from browser import Browser
from lib import ROOT, main, our_flows, run, test

MERMAID = os.path.abspath(sys.argv[1])
DRAW = """
(async () => {
  const text = %s;
  mermaid.initialize({startOnLoad: false, securityLevel: %s, suppressErrorRendering: true});
  const kind = await mermaid.parse(text);
  const drawn = await mermaid.render('picture', text);
  const place = document.getElementById('place');
  place.innerHTML = drawn.svg;
  const count = what => place.querySelectorAll(what).length;
  const all = what => [...place.querySelectorAll(what)];
  return {kind: kind.diagramType, title: document.title,
          nodes: all('g.node').map(n => [n.id, n.textContent.replace(/\\s+/g, ' ')]),
          links: count('path.flowchart-link'),
          foreign: count('script, a, img, iframe, object, math, svg svg'),
          labels: all('g.edgeLabel').map(n => n.textContent.trim()).filter(t => t)};
})()
"""


def text_of(flow, *args, cwd=ROOT):
    done = run("graph", flow, "--format", "mermaid", *args, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def draw(browser, text, level="strict"):
    try:
        got = browser.run(DRAW % (json.dumps(text), json.dumps(level)))
    except AssertionError as fault:
        raise AssertionError(f"{fault}\n{text}") from None
    assert got["kind"].startswith("flowchart"), got
    assert got["foreign"] == 0 and got["title"] == "mine", got
    nodes = re.findall(r'^  (\w+)[(\[{>]+/?"', text, re.M)
    assert len(got["nodes"]) == len(nodes) > 0, (nodes, got["nodes"], text)
    assert got["links"] == len(re.findall(r"^  s\d+ [-=.]+>", text, re.M)), (got, text)
    return got


@test
def mermaid_draws_every_flow():
    with tempfile.TemporaryDirectory() as d, Browser() as b:
        with open(f"{d}/page.html", "w") as f:
            f.write(
                '<!doctype html><meta charset="utf-8"><title>mine</title>'
                f'<script src="file://{MERMAID}"></script><div id="place"></div>'
            )
        b.open(f"{d}/page.html")
        flows = our_flows() + sorted(glob.glob(os.path.join(ROOT, "tests/flows/good/*.yaml")))
        for flow in flows:
            draw(b, text_of(flow))
        assert len(flows) > 75
        two = draw(b, text_of("flows/two-level-menu.yaml", "--path", "1,2"))
        assert (
            len(two["nodes"]) == 16
            and "1, goal" in two["labels"]
            and any(t.startswith("15 ivr main, ") for _, t in two["nodes"])
        ), two
        with open(f"{d}/large.yaml", "w") as f:
            f.write(large.text())
        assert len(draw(b, text_of("large.yaml", cwd=d))["nodes"]) > 180
        hostile.write_flow(d)
        for level in "strict", "loose":
            got = draw(b, text_of("f.yaml", cwd=d), level)
            assert len(got["nodes"]) == len(hostile.TEXTS) + 7, got["nodes"]
            for i, text in enumerate(hostile.TEXTS):
                node = next(t for name, t in got["nodes"] if re.search(rf"flowchart-s{i}-", name))
                assert hostile.shown(text) in " ".join(node.replace("\u2060", "").split()), (
                    text,
                    node,
                )
            assert hostile.TEXTS[1][:20] in "".join(got["labels"]), got["labels"]


if __name__ == "__main__":
    main()
