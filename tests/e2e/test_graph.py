"""drydial graph, from outside: trees by eye of the test, pictures by Graphviz and a browser."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.dom.minidom

from browser import Browser
from lib import ROOT, main, our_flows, run, test

HOSTILE = "</svg><script>document.title='stolen'</script>\x1b[31m \" \\ ]] | {x}"


def drawn(flow, *args, cwd=ROOT, **more):
    done = run("graph", flow, *args, cwd=cwd, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def hostile_folder():
    d = tempfile.mkdtemp()
    text = json.dumps(HOSTILE.replace("{x}", "{{x}}"))
    with open(f"{d}/f.yaml", "w") as f:
        f.write(f"""flow: {text}
steps:
  - id: hello
    greeting: {text}
  - id: ask
    passthru:
      url: http://example.com/
      stub: {{ status: 200 }}
      routes: {{ {text}: [ hangup ] }}
      exits: {{ error: [ sms: {text} ] }}
""")
    return d


@test
def a_tree_names_every_step():
    for flow in our_flows():
        tree = drawn(flow)
        with open(flow) as f:
            steps = len(re.findall(r"^\s*(?:- (?:id: \S+.*\n\s+)?|\[ ?)(?:greeting|ivr|passthru|sms|goto|hangup)\b", f.read(), re.M))
        lines = re.findall(r"(?:^|[│├└─ *]|\) )\*?(\d+) (?:greeting|ivr|passthru|sms|goto|hangup)\b", tree, re.M)
        assert steps > 1 and len(set(lines)) >= steps * 0.8, (flow, steps, len(set(lines)), tree)
    tree = drawn("flows/two-level-menu.yaml")
    assert "├─ 1  33 ivr report" in tree and "*  → 15 ivr main" in tree and "1 (goal)  45 greeting" in tree, tree
    assert all(len(line) <= 120 for line in drawn("flows/order-update.yaml").splitlines())


@test
def a_call_is_marked_and_a_gap_is_shaded():
    assert len(re.findall(r"\*\d+", drawn("flows/opt-out.yaml", "--path", "9"))) == 5
    marked = drawn("flows/opt-out.yaml", "--path", "9", "--format", "mermaid")
    assert len(re.findall(r"^  class s\d+ taken$", marked, re.M)) == 5 and len(re.search(r"linkStyle ([\d,]+) stroke-width:5px", marked)[1].split(",")) == 4
    d = tempfile.mkdtemp()
    with open(f"{d}/one.test.yaml", "w") as f:
        f.write(f"flow: {ROOT}/flows/opt-out.yaml\nscenarios: [ {{ name: a, script: [ keys: 1 ] }} ]\n")
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
        nodes = [g for g in xml.dom.minidom.parseString(svg).getElementsByTagName("g") if g.getAttribute("class") == "node"]
        assert len(nodes) >= drawn(flow, "--format", "dot").count(" [shape="), flow


@test
def a_picture_of_hostile_texts_is_harmless_in_a_browser():
    d = hostile_folder()
    for format in ("text", "mermaid", "dot", "svg"):
        assert "\x1b" not in drawn("f.yaml", "--format", format, cwd=d), format
    with open(f"{d}/f.svg", "w") as f:
        f.write(drawn("f.yaml", "--format", "svg", cwd=d))
    with open(f"{d}/page.html", "w") as f:
        f.write("<!doctype html><title>mine</title>" + drawn("f.yaml", "--format", "svg", cwd=d).split("?>", 1)[1])
    with Browser() as b:
        b.open(f"{d}/page.html")
        assert b.run("document.title") == "mine"
        assert b.run("document.querySelectorAll('script').length") == 0
        assert "stolen" in b.run("document.body.textContent")
        assert b.run("[...document.querySelectorAll('g.node')].every(g => g.getBoundingClientRect().width > 5)")
    shutil.rmtree(d)


@test
def a_large_flow_is_drawn():
    d = tempfile.mkdtemp()
    with open(f"{d}/large.yaml", "w") as f:
        f.write("flow: Large\nsteps:\n" + "".join(
            f"  - id: m{i}\n    ivr: {{ prompt: [ {{ pause: 1s }} ], keys: {{ 1: {{ goto: m{(i * 7) % 100} }}, 2: [ hangup ] }} }}\n" for i in range(100)) + "  - hangup\n")
    assert len(drawn("large.yaml", cwd=d).splitlines()) > 200
    assert drawn("large.yaml", "--format", "svg", cwd=d).count('class="node"') > 200
    shutil.rmtree(d)


@test
def without_graphviz_one_line_says_what_to_install():
    d = tempfile.mkdtemp()
    done = run("graph", "flows/otp.yaml", "--format", "svg", env={"PATH": d})
    os.rmdir(d)
    assert done.returncode == 2 and "install graphviz" in done.stderr and len(done.stderr.strip().splitlines()) <= 2, done.stderr
    assert run("graph", "flows/otp.yaml", "--format", "gif").returncode == 2
    terminal = subprocess.run(["script", "-qec", f"{run.__globals__['DRYDIAL']} graph flows/otp.yaml --format png", "/dev/null"],
                              cwd=ROOT, capture_output=True, text=True) if shutil.which("script") else None
    assert terminal is None or "not to a terminal" in terminal.stdout, terminal


if __name__ == "__main__":
    main()
