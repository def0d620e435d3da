"""drydial graph, from outside: trees by eye of the test, pictures by Graphviz, Mermaid and a
browser."""
import glob
import html
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import xml.dom.minidom

import hostile
import large
from browser import Browser
from lib import IF_HERE, left_out, main, our_flows, ROOT, run, test


def drawn(flow, *args, cwd=ROOT, **more):
    done = run("graph", flow, *args, cwd=cwd, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@test
def a_tree_names_every_step():
    for flow in our_flows():
        tree = drawn(flow)
        with open(flow) as f:
            steps = len(
                re.findall(
                    r"^\s*(?:- (?:id: \S+.*\n\s+)?|\[ "
                    r"?)(?:greeting|ivr|passthru|sms|goto|hangup)\b",
                    f.read(),
                    re.M,
                )
            )
        lines = re.findall(
            r"(?:^|[│├└─ *]|\) )\*?(\d+) (?:greeting|ivr|passthru|sms|goto|hangup)\b", tree, re.M
        )
        assert steps > 1 and len(set(lines)) >= steps * 0.8, (flow, steps, len(set(lines)), tree)
    tree = drawn("flows/two-level-menu.yaml")
    assert (
        "├─ 1  33 ivr report" in tree
        and "*  → 15 ivr main" in tree
        and "1 (goal)  45 greeting" in tree
    ), tree
    assert all(len(line) <= 120 for line in drawn("flows/order-update.yaml").splitlines())


@test
def a_call_is_marked_and_a_gap_is_shaded():
    assert len(re.findall(r"\*\d+", drawn("flows/opt-out.yaml", "--path", "9"))) == 5
    marked = drawn("flows/opt-out.yaml", "--path", "9", "--format", "mermaid")
    assert (
        len(re.search(r"^  class (\S+) taken$", marked, re.M)[1].split(",")) == 5
        and len(re.search(r"linkStyle ([\d,]+) stroke-width:5px", marked)[1].split(",")) == 4
    )
    d = tempfile.mkdtemp()
    with open(f"{d}/one.test.yaml", "w") as f:
        f.write(
            f"flow: {ROOT}/flows/opt-out.yaml\nscenarios: [ {{ name: a, script: [ keys: 1 ] }} ]\n"
        )
    with open(f"{d}/c.json", "w") as f:
        f.write(run("test", f"{d}/one.test.yaml", "--format", "json").stdout)
    shaded = drawn("flows/opt-out.yaml", "--coverage", f"{d}/c.json", "--format", "dot")
    assert shaded.count("dashed,filled") == 12, shaded.count("dashed,filled")
    assert "no scenario comes here" in drawn("flows/opt-out.yaml", "--coverage", f"{d}/c.json")
    assert run("graph", "flows/opt-out.yaml", "--coverage", f"{d}/nothing.json").returncode == 2
    shutil.rmtree(d)


@test
def graphviz_lays_out_every_flow():
    for flow in our_flows():
        svg = drawn(flow, "--format", "svg")
        nodes = [
            g
            for g in xml.dom.minidom.parseString(svg).getElementsByTagName("g")
            if g.getAttribute("class") == "node"
        ]
        assert len(nodes) >= drawn(flow, "--format", "dot").count(" [shape="), flow


# Every finding, a goal, an opt-out, a hang-up without a step, a line that goes dead.
FAULTY = """flow: Faulty
variables: { unused: x }
steps:
  - id: ask
    ivr:
      prompt: Press 1 to agree, press 2 for more, or press 9 to stop these calls.
      keys:
        1: { goal: true, then: [ greeting: Thank you., hangup ] }
        2: { then: [ greeting: There is no more. ] }
        9: { opt_out: true, then: [ greeting: We will not call again. ] }
      otherwise: [ hangup ]
  - id: server
    passthru: { url: "https://example.com/", stub: { status: 200 } }
  - sms: Read example.com
  # drydial: allow menu-width
  - hangup
"""


def folder(**files):
    d = tempfile.mkdtemp()
    for name, text in files.items():
        with open(f"{d}/{name}.yaml", "w") as f:
            f.write(text)
    return d


@test
def findings_stand_on_their_steps():
    d = folder(f=FAULTY)
    checked = json.loads(run("check", "f.yaml", "--format", "json", cwd=d).stdout)
    tree = drawn("f.yaml", cwd=d)
    assert {"error", "warning", "note"} <= {x["severity"] for x in checked["diagnostics"]}, checked
    marks = {"error": "✗", "warning": "!", "note": "i"}
    for x in checked["diagnostics"]:
        for format in "text", "mermaid", "dot", "svg":
            shown = drawn("f.yaml", "--format", format, cwd=d)
            assert f"{marks[x['severity']]} {x['code']}" in html.unescape(shown).replace(
                "\u00a0", " "
            ), (format, x, shown)
            assert x["code"] not in drawn("f.yaml", "--format", format, "--no-findings", cwd=d)
    lines = tree.splitlines()
    assert lines[0] == "Faulty" and lines[1] == "  ! unused-variable", tree
    server = next(i for i, line in enumerate(lines) if "passthru server" in line)
    assert any("✗ passthru-no-fallback" in line for line in lines[server : server + 4]), tree
    nodes = re.findall(r"^  (s\d+)(.*)$", drawn("f.yaml", "--format", "mermaid", cwd=d), re.M)
    wrong = next(name for name, text in nodes if "passthru server" in text)
    assert re.search(
        rf"^  class (\w+,)*{wrong}(,\w+)* error$",
        drawn("f.yaml", "--format", "mermaid", cwd=d),
        re.M,
    )
    shutil.rmtree(d)


@test
def a_voice_that_nobody_speaks_is_a_finding():
    lines = drawn("tests/flows/bad/voice-nobody-speaks.yaml").splitlines()
    assert lines[1] == "  ✗ voice-unknown", lines


@test
def a_finding_behind_the_steps_of_a_key_is_the_menus():
    d = folder(
        f="""flow: f
steps:
  - id: ask
    ivr:
      prompt: Press 1 to agree.
      keys:
        1: { then: [ greeting: Thank you., hangup ] }
        5: { then: [ greeting: Five., hangup ] }
"""
    )
    lines = drawn("f.yaml", cwd=d).splitlines()
    assert "! key-not-announced" in "".join(lines[1:6]) and "Thank you" not in "".join(
        lines[1 : lines.index(next(x for x in lines if "key-not-announced" in x))]
    ), lines
    shutil.rmtree(d)


LOOK = """
[...document.querySelectorAll('g.node')].map(g => {
  const rect = e => {
    const r = e.getBoundingClientRect();
    return [r.left, r.top, r.right, r.bottom];
  };
  const around = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]),
                            Math.max(a[2], b[2]), Math.max(a[3], b[3])];
  const kinds = ['polygon', 'path', 'polyline', 'ellipse'].map(kind => ':scope > ' + kind);
  const shapes = [...g.querySelectorAll(kinds.join())];
  const texts = [...g.querySelectorAll('text')].filter(t => t.textContent.trim());
  return {title: g.querySelector('title').textContent, box: shapes.map(rect).reduce(around),
          fill: getComputedStyle(shapes[0]).fill,
          width: parseFloat(getComputedStyle(shapes[0]).strokeWidth),
          fills: shapes.map(s => getComputedStyle(s).fill),
          texts: texts.map(t => [t.textContent, rect(t)])};
})
"""


def looked_at(browser, d, flow, *args, cwd=ROOT):
    """The nodes as the browser has drawn them, after a look at whether they can be read."""
    with open(f"{d}/page.html", "w") as f:
        f.write(
            '<!doctype html><meta charset="utf-8"><title>mine</title>'
            + drawn(flow, "--format", "svg", *args, cwd=cwd).split("?>", 1)[1]
        )
    browser.events.clear()
    browser.open(f"{d}/page.html")
    nodes = browser.run(LOOK)
    assert nodes
    for i, a in enumerate(nodes):
        left, top, right, bottom = a["box"]
        for text, box in a["texts"]:
            assert (
                box[0] >= left - 1
                and box[1] >= top - 1
                and box[2] <= right + 1
                and box[3] <= bottom + 1
            ), (flow, text, box, a["box"])
            assert box[3] - box[1] >= 9, (flow, text, box)
        for b in nodes[:i]:
            apart = (
                a["box"][0] >= b["box"][2]
                or b["box"][0] >= a["box"][2]
                or a["box"][1] >= b["box"][3]
                or b["box"][1] >= a["box"][3]
            )
            assert apart, (flow, a, b)
    return nodes


def node_with(nodes, text):
    return next(n for n in nodes if any(text in t for t, _ in n["texts"]))


@test
def the_picture_is_looked_at_in_a_browser():
    d = folder(f=FAULTY, large=large.text())
    with Browser() as b:
        for flow in our_flows():
            looked_at(b, d, flow)
        nodes = looked_at(b, d, "f.yaml", "--path", "1", cwd=d)
        texts = [t for n in nodes for t, _ in n["texts"]]
        for mark in (
            "1 (goal)",
            "9 (opt-out)",
            "302, error, timeout ✗ dead line",
            "✗ passthru-no-fallback",
            "! hold-missing",
            "i allow-unused",
        ):
            assert mark in [" ".join(t.split()) for t in texts], (mark, texts)
        fills = [
            node_with(nodes, name)["fill"]
            for name in ("ivr ask", "Thank you.", "hangup", "We will not call again.")
        ]
        assert len(set(fills[:3])) == 3, fills
        ask, server = node_with(nodes, "ivr ask"), node_with(nodes, "passthru server")
        assert len(set(ask["fills"])) >= 3 and len(set(server["fills"])) >= 4, (
            ask["fills"],
            server["fills"],
        )
        assert ask["width"] == 4 and server["width"] == 1
        assert "! unused-variable" in b.run("document.querySelector('svg').textContent")
        opt_out = looked_at(b, d, "flows/opt-out.yaml")
        kinds = [
            node_with(opt_out, name)["fill"]
            for name in ("ivr choice", "Thank you for confirming.", "removal", "hangup")
        ]
        assert len(set(kinds)) == 4, kinds
        assert any(
            t.endswith("goal") for t, _ in node_with(opt_out, "Thank you for confirming.")["texts"]
        )
        nodes = looked_at(b, d, "large.yaml", cwd=d)
        assert len(nodes) > 180 and any("→" in t for n in nodes for t, _ in n["texts"])
        page = b.run(
            "(() => { const r = document.querySelector('svg').getBoundingClientRect(); return "
            "[r.width, r.height]; })()"
        )
        assert page[0] < 3500, page
    shutil.rmtree(d)


@test
def a_picture_of_hostile_texts_is_harmless_in_a_browser():
    d = folder()
    hostile.write_flow(d)
    for format in ("text", "mermaid", "dot", "svg"):
        shown = drawn("f.yaml", "--format", format, cwd=d)
        assert "\x1b" not in shown and "\u202e" not in shown, format
    with Browser() as b:
        nodes = looked_at(b, d, "f.yaml", cwd=d)
        assert b.run("document.title") == "mine"
        assert (
            b.run(
                "document.querySelectorAll('script, a, img, iframe, foreignObject, svg svg').length"
            )
            == 0
        )
        by_title = {n["title"]: "".join(t for t, _ in n["texts"]) for n in nodes}
        for i, text in enumerate(hostile.TEXTS):
            assert "".join(hostile.shown(text).split()) in "".join(by_title[f"s{i}"].split()), (
                text,
                by_title[f"s{i}"],
            )
        assert "steal" in b.run("document.querySelector('svg').textContent")
    shutil.rmtree(d)


TEXT = r"(?:[^\"#<>&;`{}\[\]()|\\%*~$@+^]|#\d+;|<br>)*"
MERMAID_LINES = [
    r"flowchart TD",
    rf'  flow\["{TEXT}"\]',
    rf'  s\d+(?:\("{TEXT}"\)|\{{\{{"{TEXT}"\}}\}}|\[/"{TEXT}"/\]|>"{TEXT}"\]'
    rf'|\(\("{TEXT}"\)\)|\[\["{TEXT}"\]\]|\(\["{TEXT}"\]\)'
    rf'|\{{"{TEXT}"\}}|\["{TEXT}"\]|\[/"{TEXT}"\\\])',
    r'  e\d+(?:\(\("hangs up"\)\)|\["✗ the line goes dead"\])',
    rf'  s\d+ (?:-->|==>|-\.->)(?:\|"{TEXT}"\|)? [se]\d+',
    r"  linkStyle \d+(?:,\d+)* stroke-width:\dpx,stroke:#[0-9a-f]{6}",
    r"  classDef [a-z]+ [-a-z]+:[#\w]+(?:,[-a-z]+:[#\w]+)*",
    r"  class [se]\d+(?:,[se]\d+)* [a-z]+",
]


@test
def each_line_of_mermaid_is_one_of_a_few():
    d = folder(f=FAULTY, large=large.text())
    hostile.write_flow(d)
    good = re.compile("|".join(f"(?:{line})" for line in MERMAID_LINES))
    for flow in (
        our_flows()
        + sorted(glob.glob(os.path.join(ROOT, "tests/flows/good/*.yaml")))
        + [f"{d}/f.yaml", f"{d}/large.yaml"]
    ):
        lines = drawn(flow, "--format", "mermaid").splitlines()
        wrong = [
            line
            for line in lines
            if not good.fullmatch(line) or re.search(r"direction\s|\\n|\$\$|:fa-", line, re.I)
        ]
        assert lines[0] == "flowchart TD" and not wrong, (flow, wrong)
        steps = {m[1] for m in map(re.compile(r"  (\w+)[^ \w]").match, lines) if m}
        used = {name for line in lines for name in re.findall(r"(?:^  |\| |> )([se]\d+)\b", line)}
        assert used <= steps, (flow, used - steps)
    shutil.rmtree(d)


@test
def mermaid_itself_reads_and_draws_them():
    done = subprocess.run(
        [os.path.join(ROOT, "tools/check-mermaid"), *IF_HERE], capture_output=True, text=True
    )
    assert done.returncode in (0, 77), done.stdout + done.stderr
    if done.returncode == 77:
        left_out(done.stdout.strip())


@test
def a_large_flow_is_a_tree_of_80_columns():
    d = folder(large=large.text())
    tree = drawn("large.yaml", cwd=d)
    assert len(tree.splitlines()) > 200 and tree.count("further on") == 2 and "goto → " in tree
    if shutil.which("script"):
        command = f"stty cols 80; TERM=xterm {run.__globals__['DRYDIAL']} graph {d}/large.yaml"
        env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        shown = subprocess.run(
            ["script", "-qec", command, "/dev/null"], capture_output=True, text=True, env=env
        ).stdout
        lines = [re.sub(r"\x1b\[\d*m", "", line.rstrip("\r\n")) for line in shown.splitlines()]
        assert len(lines) == len(tree.splitlines()) and max(map(len, lines)) == 80, max(
            map(len, lines)
        )
        for colour in 31, 32, 33, 35, 36:
            assert f"\x1b[{colour}m" in shown, colour
        for line in shown.splitlines():
            codes = re.findall(r"\x1b\[(\d*)m", line)
            assert not codes or codes[-1] == "0", line
    shutil.rmtree(d)


@test
def lines_that_would_cross_a_large_picture_are_named_instead():
    d = folder(large=large.text())
    dot = drawn("large.yaml", "--format", "dot", cwd=d)
    steps, lines = len(re.findall(r"^  s\d+ \[", dot, re.M)), len(re.findall(r" -> s\d", dot))
    assert steps > 180 and lines < steps, (steps, lines)
    assert re.search(r"0  → \d+ greeting operator", dot) and re.search(
        r"\d+ goto → \d+ greeting goodbye", dot
    )
    taken = drawn("large.yaml", "--format", "dot", "--path", "1,0", cwd=d)
    assert len(re.findall(r" -> s\d+\S* \[penwidth=4", taken)) == 4, taken
    small = drawn("flows/two-level-menu.yaml", "--format", "dot")
    assert "→" not in small and len(re.findall(r" -> s\d+ \[.*constraint=false", small)) == 3
    shutil.rmtree(d)


@test
def a_png_is_one_and_of_a_size_to_look_at():
    d = folder(large=large.text())
    for flow in "flows/survey.yaml", f"{d}/large.yaml":
        done = subprocess.run(
            [run.__globals__["DRYDIAL"], "graph", flow, "--format", "png"],
            cwd=ROOT,
            capture_output=True,
        )
        width, height = struct.unpack(">II", done.stdout[16:24])
        assert (
            done.stdout[:8] == b"\x89PNG\r\n\x1a\n" and 500 < width < 4000 and 100 < height < 10000
        ), (flow, width, height)
    shutil.rmtree(d)


@test
def without_graphviz_one_line_says_what_to_install():
    d = tempfile.mkdtemp()
    done = run("graph", "flows/otp.yaml", "--format", "svg", env={"PATH": d})
    os.rmdir(d)
    assert (
        done.returncode == 2
        and "install graphviz" in done.stderr
        and len(done.stderr.strip().splitlines()) <= 2
    ), done.stderr
    assert run("graph", "flows/otp.yaml", "--format", "gif").returncode == 2
    terminal = (
        subprocess.run(
            [
                "script",
                "-qec",
                f"{run.__globals__['DRYDIAL']} graph flows/otp.yaml --format png",
                "/dev/null",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if shutil.which("script")
        else None
    )
    assert terminal is None or "not to a terminal" in terminal.stdout, terminal


if __name__ == "__main__":
    main()
