"""drydial check for machines: SARIF by a schema, workflow commands by GitHub's own rules, JUnit
XML by a grammar; all say what JSON says."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from urllib.parse import unquote

import jsonschema

from lib import DRYDIAL, IF_HERE, left_out, main, our_flows, ROOT, test

HERE = os.path.join(ROOT, "tests/check")
with open(os.path.join(HERE, "sarif.schema.json"), encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
FORMATS = ("text", "json", "sarif", "github", "junit")
CONTROL = "\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"


def check(format, *args, cwd=ROOT, input=b""):
    """The bytes on stdout, which must be UTF-8, and the exit code."""
    done = subprocess.run(
        [DRYDIAL, "check", "--format", format, *args],
        cwd=cwd,
        input=input,
        capture_output=True,
        timeout=120,
    )
    assert not done.stderr or done.returncode == 2, done.stderr
    return done.stdout.decode("utf-8"), done.returncode


def screened(text):
    return re.sub(f"[{CONTROL}]", "\ufffd", re.sub("[\n\r\t]", " ", text))


def sentence(d):
    return screened(d["message"]) + ("; " + screened(d["hint"]) if d["hint"] else "")


def said_in_json(*args, **more):
    text, code = check("json", *args, **more)
    return json.loads(text)["diagnostics"], code


# -- flows that mean harm ------------------------------------------------------

NAMES = (
    "plain.yaml",
    "with space #1 100%.yaml",
    "a:b,c;d.yaml",
    "::error::x.yaml",
    "हिन्दी é.yaml",
    "-dash.yaml",
    "line\nend.yaml",
    b"not-\xff-utf8.yaml",
    "]]><&'\".yaml",
    "turn\u202e\x1b.yaml",
)
CALLBACK = "status_callback: https://example.com/s\n"
ATTACK = "::error file=x::y ]]> --> <b>&amp;</b> [here](1) {0} {12} %0A %25"
TEXTS = (
    # what a step is called is repeated in the message
    f"flow: A\nsteps:\n  - goto: {json.dumps(ATTACK)}\n".encode(),
    'flow: A\nsteps:\n  - greeting: Hi\n  - goto: "\u202eback\u2066 \u200f to front"\n'.encode(),
    b'flow: A\nsteps:\n  - greeting: "bell \\x07 escape \\x1b[31m"\n',
    b"flow: A\nsteps:\n  - greeting: Hi \xff\xfe\xc3( there\n",
    b"flow: A\r\nsteps:\r\n  - goto:\tnowhere\r\n",
    f"flow: A\nsteps:\n  - greeting: Hi\n  - goto: {'x' * 5000}\n".encode(),
    f"flow: A\nflow: {json.dumps(ATTACK)}\nsteps: [ hangup ]\n".encode(),
    b'flow: A\nsteps:\n  - goto: "no\n      where"\n',
    b"",
    b"flow: A\nsteps:\n  - greeting: a\0b\n",
    # these can be read, and break rules
    (
        "flow: A\n"
        f"{CALLBACK}steps:\n"
        f"  - greeting: \"Pay Rs. 500 at \U0001f600 once. {ATTACK.replace('{0} {12}', '')}\"\n"
        "  - ivr:\n"
        "      prompt: Press 1, or press 2.\n"
        "      invalid: No.\n"
        "      keys:\n"
        f"        1: {{ answer: {json.dumps(ATTACK)}, then: [ hangup ] }}\n"
        f"        2: {{ answer: {json.dumps(ATTACK)}, then: [ hangup ] }}\n"
        "      otherwise: [ greeting: Bye., hangup ]\n"
    ).encode(),
)


def hostile():
    d = tempfile.mkdtemp()
    for i, name in enumerate(NAMES):
        for k, text in enumerate(TEXTS):
            path = os.path.join(os.fsencode(d), str(k).encode(), os.fsencode(name))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if i == 0 or k == 0 or k == len(TEXTS) - 1:
                with open(path, "wb") as f:
                    f.write(text)
    return d


def everything():
    """Arguments, folder and input of each run that all formats are held against."""
    d = hostile()
    try:
        yield ("flows",), ROOT, b""
        yield ("tests/flows/bad", "tests/flows/good"), ROOT, b""
        yield ("./tests/flows/bad/id-twice.yaml",), ROOT, b""
        yield (os.path.join(ROOT, "tests/flows/bad/id-twice.yaml"),), d, b""
        yield ("-",), ROOT, TEXTS[0]
        yield ("-",), ROOT, TEXTS[-1]
        yield ("--", "-dash.yaml"), os.path.join(d, "0"), b""
        yield (".",), d, b""
    finally:
        shutil.rmtree(d)


# -- SARIF ---------------------------------------------------------------------


def file_of(location):
    artifact = location["physicalLocation"]["artifactLocation"]
    uri = artifact["uri"]
    assert ("uriBaseId" in artifact) == (
        not uri.startswith("file:///") and uri != "%3Cstdin%3E"
    ), artifact
    return unquote(uri[len("file://") :] if uri.startswith("file://") else uri)


def shown_in(file, region, cwd):
    """A snippet is the words at its place, counted in characters."""
    try:
        with open(os.path.join(cwd, file), "rb") as f:
            line = f.read().decode("utf-8").split("\n")[region["startLine"] - 1]
    except (OSError, ValueError):
        return
    if region["startLine"] == region["endLine"] and "snippet" in region:
        assert region["snippet"]["text"] == screened(
            line[region["startColumn"] - 1 : region["endColumn"] - 1]
        ), (file, region)


@test
def sarif_is_what_the_schema_allows_and_json_says():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    seen = 0
    for args, cwd, input in everything():
        text, code = check("sarif", *args, cwd=cwd, input=input)
        log = json.loads(text)
        faults = [f"{list(e.absolute_path)}: {e.message}" for e in VALIDATOR.iter_errors(log)]
        assert not faults, (args, faults[:5])
        said, expected = said_in_json(*args, cwd=cwd, input=input)
        assert code == expected and len(log["runs"][0]["results"]) == len(said), args
        rules = [r["id"] for r in log["runs"][0]["tool"]["driver"]["rules"]]
        assert len(rules) == len(set(rules)), rules
        for result, d in zip(log["runs"][0]["results"], said):
            place = result["locations"][0]["physicalLocation"]
            region = place.get("region", {})
            assert (
                rules[result["ruleIndex"]] == result["ruleId"] == d["code"]
                and result["level"] == d["severity"]
            ), (result, d)
            assert file_of(result["locations"][0]) == re.sub(r"^\./", "", d["file"]), (result, d)
            assert [
                region.get(k) for k in ("startLine", "startColumn", "endLine", "endColumn")
            ] == [d.get(k) for k in ("line", "column", "end_line", "end_column")], (result, d)
            assert result["message"]["text"].startswith(
                re.sub(r"\{(\d+)\}", r"{{\1}}", sentence(d).replace("](", "] ("))
            ), (result, d)
            shown_in(d["file"], region, cwd)
            for other in result.get("relatedLocations", []):
                assert result["message"]["text"].endswith(
                    f"; [{other['message']['text']}](1)"
                ), result
        seen += len(said)
    assert seen > 350, seen


@test
def a_rule_in_sarif_is_a_rule_of_the_page():
    log = json.loads(check("sarif", "flows/otp.yaml")[0])
    rules = {r["id"]: r for r in log["runs"][0]["tool"]["driver"]["rules"]}
    with open(os.path.join(ROOT, "flows/RULES.md"), encoding="utf-8") as f:
        page = re.findall(
            r"^## ([a-z-]+)\n\n(note|warning|error): (.*)\n\nFrom (.*?)\.(?: `|\n)", f.read(), re.M
        )
    assert (
        log["runs"][0]["results"] == []
        and sorted(rules) == sorted(name for name, *_ in page)
        and len(page) > 30
    )
    for name, severity, words, origin in page:
        r = rules[name]
        assert (
            r["defaultConfiguration"]["level"] == severity and r["properties"]["origin"] == origin
        ), r
        assert (
            words == f"{r['shortDescription']['text']}: {r['fullDescription']['text']}"
            or words.startswith(r["shortDescription"]["text"])
        ), (words, r)
    for text, code, level in (
        (TEXTS[0], "goto-unknown", "error"),
        (b"flow: A # drydial: allow otp-digits\nsteps: [ hangup ]\n", "allow-unused", "note"),
    ):
        found = json.loads(check("sarif", "-", input=text)[0])["runs"][0]["tool"]["driver"][
            "rules"
        ][len(page) :]
        assert [
            (r["id"], r["defaultConfiguration"]["level"]) for r in found if r["id"] == code
        ] == [(code, level)], found


def prints(text):
    results = json.loads(check("sarif", "-", input=text.encode())[0])["runs"][0]["results"]
    return [
        r["partialFingerprints"]["drydial/v1"] for r in results if r["ruleId"] == "goto-unknown"
    ]


@test
def a_finding_keeps_its_fingerprint_when_lines_move():
    flow = (
        "flow: A\n"
        "steps:\n"
        "  - greeting: Hi\n"
        "  - goto: nowhere\n"
        "  - goto: nowhere\n"
        "  - goto: elsewhere\n"
    )
    first = prints(flow)
    assert len(first) == len(set(first)) == 3 and [p.split(":")[1] for p in first] == [
        "1",
        "2",
        "1",
    ], first
    assert first[0].split(":")[0] == first[1].split(":")[0] != first[2].split(":")[0]
    assert prints("# a comment\n\n" + flow.replace("  -", "    -")) == first
    changed = prints(flow.replace("goto: elsewhere", "goto: elswhere"))
    assert changed[:2] == first[:2] and changed[2] != first[2]


@test
def a_path_that_goes_up_is_resolved():
    d = tempfile.mkdtemp()
    os.mkdir(f"{d}/sub")
    with open(f"{d}/f.yaml", "wb") as f:
        f.write(TEXTS[0])
    log = json.loads(check("sarif", "../f.yaml", cwd=f"{d}/sub")[0])
    assert not list(VALIDATOR.iter_errors(log))
    assert file_of(log["runs"][0]["results"][0]["locations"][0]) == os.path.realpath(f"{d}/f.yaml")
    shutil.rmtree(d)


@test
def sarif_fits_the_official_schema():
    """With the schema of a package of npm, where that is here already."""
    d = tempfile.mkdtemp()
    for i, (args, cwd, input) in enumerate(everything()):
        with open(f"{d}/{i}.sarif", "w", encoding="utf-8") as f:
            f.write(check("sarif", *args, cwd=cwd, input=input)[0])
    done = subprocess.run(
        [os.path.join(ROOT, "tools/check-sarif"), *IF_HERE, *sorted(glob.glob(f"{d}/*.sarif"))],
        capture_output=True,
        text=True,
    )
    shutil.rmtree(d)
    if done.returncode == 77:
        left_out(done.stdout.strip())
        return
    assert done.returncode == 0 and re.search(
        r"^8 files, \d{3,} results: valid", done.stdout, re.M
    ), (done.stdout + done.stderr)


# -- GitHub --------------------------------------------------------------------


def unescaped(text, codes):
    """As the runner undoes it: these and no others, each once."""
    return re.sub("%(" + "|".join(codes) + ")", lambda m: chr(int(m.group(1), 16)), text)


def commands(text):
    assert text == "" or text.endswith("\n")
    for line in text.split("\n")[:-1]:
        assert not re.search(f"[{CONTROL}]", line), repr(line)
        command = re.fullmatch(
            r"::(error|warning|notice) ((?:[a-zA-Z]+=[^:,]*)(?:,[a-zA-Z]+=[^:,]*)*)::(.*)", line
        )
        assert command, line
        properties = dict(p.split("=", 1) for p in command.group(2).split(","))
        yield command.group(1), {
            k: unescaped(v, ("25", "0D", "0A", "3A", "2C")) for k, v in properties.items()
        }, unescaped(command.group(3), ("25", "0D", "0A"))


@test
def github_is_told_what_json_says():
    for args, cwd, input in everything():
        text, code = check("github", *args, cwd=cwd, input=input)
        said, expected = said_in_json(*args, cwd=cwd, input=input)
        told = list(commands(text))
        assert code == expected and len(told) == len(said), args
        for (command, properties, message), d in zip(told, said):
            expect = {"file": re.sub("[\u202e\x1b]", "\ufffd", d["file"]), "title": d["code"]}
            if d["line"]:
                expect.update(line=str(d["line"]), endLine=str(d["end_line"]))
            if d["line"] and d["line"] == d["end_line"]:
                expect.update(col=str(d["column"]), endColumn=str(d["end_column"]))
            assert properties == expect and message == sentence(d), (properties, message, d)
            assert command == {"note": "notice"}.get(d["severity"], d["severity"]), (command, d)


# -- JUnit ---------------------------------------------------------------------


def junit(*args, cwd, input):
    text, code = check("junit", *args, cwd=cwd, input=input)
    done = subprocess.run(
        [
            "xmllint",
            "--noout",
            "--nonet",
            "--relaxng",
            os.path.join(ROOT, "tests/scenarios/junit.rng"),
            "-",
        ],
        input=text,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (args, done.stderr)
    return ElementTree.fromstring(text), code


def counted(root):
    for node in [root, *root]:
        assert int(node.get("tests")) == len(node.findall(".//testcase")) > 0, node.attrib
        assert int(node.get("failures")) == len(node.findall(".//failure")), node.attrib


@test
def junit_fails_where_the_exit_code_does():
    for args, cwd, input in everything():
        for strict in ((), ("--strict",)):
            root, code = junit(*strict, *args, cwd=cwd, input=input)
            said, expected = said_in_json(*strict, *args, cwd=cwd, input=input)
            counted(root)
            fails = ("error", "warning") if strict else ("error",)
            found = {(screened(d["file"]), d["code"]) for d in said}
            failing = {(screened(d["file"]), d["code"]) for d in said if d["severity"] in fails}
            cases = root.findall(".//testcase")
            assert len(cases) == len({(c.get("classname"), c.get("name")) for c in cases}), args
            assert code == expected and (code != 0) == bool(failing), (args, code)
            assert {
                (c.get("classname"), c.get("name")) for c in cases if c.get("name") != "no findings"
            } == found, args
            assert {
                (c.get("classname"), c.get("name")) for c in cases if c.find("failure") is not None
            } == failing, args
            assert not [c for c in cases if (c.get("name") == "no findings") == bool(len(c))], args


@test
def a_clean_run_has_a_case_for_each_flow():
    root, code = junit("flows", cwd=ROOT, input=b"")
    parts = glob.glob(os.path.join(ROOT, "flows/parts/*.yaml"))
    assert code == 0 and sorted(s.get("name") for s in root) == sorted(
        os.path.relpath(p, ROOT) for p in our_flows() + parts
    )
    assert all(c.get("name") == "no findings" for c in root.iter("testcase")) and check(
        "github", "flows"
    ) == ("", 0)


# -- all of them ---------------------------------------------------------------


@test
def the_same_flows_give_the_same_bytes_and_exit_code():
    d = hostile()
    codes = set()
    for format in FORMATS:
        first, second = check(format, d), check(format, d)
        assert first == second, format
        codes.add(first[1])
    assert codes == {2}
    shutil.rmtree(d)


@test
def nothing_is_lost_among_many_files_and_nothing_said_twice():
    d = tempfile.mkdtemp()
    for name in "abc":
        with open(f"{d}/{name}.yaml", "w") as f:
            f.write("flow: A\nsteps:\n" + "  - goto: nowhere\n" * 90)
    assert len(said_in_json(".", cwd=d)[0]) == 270
    with open(f"{d}/c.yaml", "w") as f:
        f.write("flow: A\nsteps:\n" + "  - goto: nowhere\n" * 250)
    notice = json.loads(check("sarif", "c.yaml", cwd=d)[0])["runs"][0]["invocations"][0][
        "toolExecutionNotifications"
    ][0]
    assert notice["message"]["text"] == "50 more findings are left out", notice
    assert check("github", "c.yaml", cwd=d)[0].endswith(
        "\n::notice title=drydial::50 more findings are left out\n"
    )
    for name in "ab":
        with open(f"{d}/{name}.yaml", "w") as f:
            f.write(f"flow: A\n{CALLBACK}steps:\n  - greeting: Hi\n  - transfer: c.yaml\n")
    with open(f"{d}/c.yaml", "w") as f:
        f.write(f"flow: C\n{CALLBACK}steps:\n  - greeting: Our sales Dept.\n  - hangup\n")
    said = said_in_json(".", cwd=d)[0]
    assert [x["code"] for x in said if x["file"] == "c.yaml"].count("abbreviation") == 1, said
    shutil.rmtree(d)


@test
def a_wrong_format_is_told_which_there_are():
    for args, words in (
        (("--format", "xml"), "--format xml: text, json, sarif, github or junit"),
        (("--format", "sarif", "--explain", "all"), "--explain is text or json, not sarif"),
        (("--format", "junit", "--lengths", "flows"), "--lengths is a table for people"),
    ):
        done = subprocess.run([DRYDIAL, "check", *args], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2 and words in done.stderr and not done.stdout, done


@test
def rules_explain_themselves_in_json():
    text = check("json", "--explain", "all")[0]
    rules = json.loads(text)["rules"]
    assert len(rules) > 30
    for rule in rules:
        assert list(rule) == [
            "name",
            "severity",
            "title",
            "meaning",
            "origin",
            "settings",
            "bad",
            "good",
        ]
        assert rule["severity"] in ("note", "warning", "error") and all(
            rule[k] for k in rule if k != "settings"
        ), rule
        assert all(
            list(s) == ["name", "default", "unit"] and s["unit"] in ("ms", "count", "words")
            for s in rule["settings"]
        ), rule
        assert json.loads(check("json", "--explain", rule["name"])[0])["rules"] == [rule]
    longest = next(r for r in rules if r["name"] == "message-length")
    assert {"name": "max", "default": 30000, "unit": "ms"} in longest["settings"]
    assert {d["code"] for d in said_in_json("-", input=longest["bad"].encode())[0]} == {
        "message-length"
    }
    assert said_in_json("-", input=longest["good"].encode())[0] == []


if __name__ == "__main__":
    main()
