"""The pages are true: every example of the language reference runs, the schema and the loader
agree, what is installed can be used."""
import glob
import json
import os
import re
import select
import shlex
import socket
import subprocess
import tempfile

import jsonschema
import yaml

from lib import call, copy_of, DRYDIAL, main, our_flows, ROOT, run, test
from schemas import document

# What no schema of the tree can see: places, files, names elsewhere in the file, and the YAML
# itself.
LOADER_ALONE = {
    "placeholder-of-other-step",
    "slip-step-in-text",
    "slip-step-without-id",
    "alias-of-itself",
    "branch-goto",
    "subflow-itself",
    "subflow-missing",
    "visits-of-nothing",
    "placeholder-of-other-step",
    "slip-step-in-text",
    "audio-folder",
    "audio-missing",
    "bad-utf8",
    "collect-min",
    "duplicate-deep",
    "duplicate-key",
    "escape-character",
    "goto-nowhere",
    "hindi-caret",
    "id-twice",
    "key-goto-nowhere",
    "many-at-once",
    "merge-key",
    "nul",
    "passthru-hold",
    "by-url-no-stub",
    "passthru-no-stub",
    "placeholder-close",
    "placeholder-empty",
    "placeholder-format",
    "placeholder-in-sms",
    "placeholder-in-url",
    "placeholder-near",
    "placeholder-near-step",
    "placeholder-of-step",
    "placeholder-open",
    "placeholder-unknown",
    "ssml-ampersand",
    "ssml-entity",
    "ssml-stray",
    "ssml-unclosed",
    "segment-pause",
    "tag",
    "too-deep",
    "too-many-nodes",
    "transfer-broken",
    "transfer-missing",
    "two-documents",
    "voice-nobody-speaks",
    "voice-variant-unknown",
    "subflow-itself",
    "visits-of-nothing",
    "subflow-missing",
    "branch-goto",
}


SCHEMA = json.load(open(os.path.join(ROOT, "flows/flow.schema.json"), encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def fits(text):
    return VALIDATOR.is_valid(document(text))


def read(path):
    return open(path, encoding="utf-8").read()


@test
def the_schema_takes_what_the_loader_takes():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    paths = our_flows() + glob.glob(os.path.join(ROOT, "tests/flows/good/*.yaml"))
    wrong = [
        (p, [e.message for e in VALIDATOR.iter_errors(document(read(p)))][:1])
        for p in paths
        if not fits(read(p))
    ]
    assert len(paths) > 75 and not wrong, wrong


@test
def the_schema_refuses_what_the_loader_refuses():
    wrong, seen = [], 0
    for path in glob.glob(os.path.join(ROOT, "tests/flows/bad/*.yaml")):
        name = os.path.basename(path)[:-5]
        if name in LOADER_ALONE:
            continue
        seen += 1
        try:
            if fits(read(path)):
                wrong.append(name)
        except yaml.YAMLError:
            pass
    assert seen > 100 and not wrong, wrong


@test
def every_example_of_the_reference_runs():
    text = read(os.path.join(ROOT, "flows/README.md"))
    examples = re.findall(r"```yaml\n(.*?)```", text, re.S)
    assert len(examples) >= 6
    for example in examples:
        assert fits(example), example
        done = run(
            "call",
            "-",
            "--fast",
            "--format",
            "json",
            "--keys",
            "1,4321#",
            input=example,
            cwd=os.path.join(ROOT, "flows"),
        )
        assert done.returncode == 0, example + done.stderr
        result = json.loads(done.stdout)
        assert result["ended_by"] == "flow" and not any(
            e["type"] == "error" for e in result["events"]
        ), (example, done.stdout)


@test
def every_key_of_the_schema_is_in_the_reference():
    text = read(os.path.join(ROOT, "flows/README.md"))
    keys = set()

    def walk(node):
        if isinstance(node, dict):
            keys.update(
                node.get("properties", {}) if isinstance(node.get("properties"), dict) else {}
            )
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(SCHEMA)
    missing = [
        key
        for key in keys
        if key not in ("severity",) and f"`{key}`" not in text and f"{key}:" not in text
    ]
    assert not missing, missing


@test
def our_flows_name_the_schema():
    for path in our_flows():
        assert read(path).startswith("# yaml-language-server: $schema=flow.schema.json\n"), path


@test
def every_scenario_of_the_reference_passes():
    blocks = re.findall(
        r"^```yaml\n(.*?)^```", read(os.path.join(ROOT, "flows/SCENARIOS.md")), re.M | re.S
    )
    assert len(blocks) >= 4
    with copy_of("flows", "audio") as d:
        for i, block in enumerate(blocks):
            path = f"{d}/flows/reference-{i}.test.yaml"
            with open(path, "w") as out:
                out.write(block)
            done = run("test", path)
            assert done.returncode == 0, block + done.stdout + done.stderr


@test
def every_key_of_a_scenario_is_in_the_reference():
    """The loader names the keys that it knows; the page and the schema must name the same."""
    text = read(os.path.join(ROOT, "flows/SCENARIOS.md"))
    sources = "".join(read(path) for path in glob.glob(os.path.join(ROOT, "src/scenario/suite*.c")))
    known = set(
        re.findall(
            r'"([a-z_]+)"', " ".join(re.findall(r"names\[COUNT\] = \{(.*?)\}", sources, re.S))
        )
    )
    known |= set(
        re.findall(r'ITEM\([A-Z_]+, "([a-z_]+)"', read(os.path.join(ROOT, "src/scenario/suite.h")))
    )
    assert len(known) > 40, known
    missing = [key for key in sorted(known) if not re.search(rf"\b{key}\b", text)]
    assert not missing, missing
    schema = json.dumps(json.loads(read(os.path.join(ROOT, "flows/scenario.schema.json"))))
    assert not [key for key in sorted(known) if f'"{key}"' not in schema], "the schema lacks keys"


@test
def the_scenario_schema_agrees_with_the_loader():
    validator = jsonschema.Draft7Validator(
        json.loads(read(os.path.join(ROOT, "flows/scenario.schema.json")))
    )
    good = glob.glob(os.path.join(ROOT, "flows/*.test.yaml")) + glob.glob(
        os.path.join(ROOT, "tests/scenarios/wrong/*.test.yaml")
    )
    assert len(good) > 30
    for path in good:
        faults = [e.message for e in validator.iter_errors(document(read(path)))]
        assert not faults, f"{path}: {faults}"
    # what no schema can see: names of steps and variables, placeholders, expressions, files, YAML
    # itself
    alone = {"placeholder", "regex", "no-words", "steps", "no-flow-file", "broken-flow", "tabs"}
    for path in glob.glob(os.path.join(ROOT, "tests/scenarios/bad/*.test.yaml")):
        name = os.path.basename(path)[: -len(".test.yaml")]
        if name not in alone:
            assert not validator.is_valid(document(read(path))), name


@test
def the_example_of_the_readme_runs():
    """As a newcomer pastes it, but for ports that are free and a clock that jumps."""
    from serving import Server, until

    text = read(os.path.join(ROOT, "README.md"))
    example = re.search(r"```sh\n(python3 examples/app\.py.*?)```", text, re.S)[1]
    assert len(read(os.path.join(ROOT, "examples/app.py")).splitlines()) <= 35
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen(
        ["python3", "examples/app.py", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        options = re.search(r"serve flows/ (.*) &\n", example)[1].replace(":5000", f":{port}")
        server = Server(*shlex.split(options.replace("--credentials key:token ", "")))
        server.args = [a if a != "k:t" else "key:token" for a in server.args]
        with server:
            curl = re.search(r"curl .*", example, re.S)[0].replace(
                "http://127.0.0.1:8080", server.url
            )
            answer = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, timeout=30)
            assert json.loads(answer.stdout)["Call"]["Status"] == "in-progress", answer
            assert select.select([app.stdout], [], [], 30)[0], "the example was not called back"
            assert app.stdout.readline() == re.search(r"prints `(.*?)`", text)[1] + "\n"
            sid = server.side(
                "calls", {"from": "9876543210", "flow": "personalized-balance", "answer": "human"}
            )["sid"]
            until(lambda: server.side("calls/" + sid)["status"] == "completed")
            assert "Hello customer C1001, your balance is 2,750 rupees." in json.dumps(
                server.side("calls/" + sid)["transcript"]
            )
    finally:
        app.terminate()
        app.wait()
        app.stdout.close()


@test
def the_reference_of_serve_names_every_address():
    text = read(os.path.join(ROOT, "docs/serve.md"))
    routes = re.findall(
        r'ROUTE\("[A-Z]+", "/_drydial/([a-z]+)[^"]*"',
        read(os.path.join(ROOT, "src/serve/serving.h")),
    )
    assert len(routes) > 15
    missing = [r for r in set(routes) if not re.search(rf"\b{r}\b", text)]
    assert not missing, missing
    for option in (
        "rate",
        "calls",
        "profile",
        "map",
        "allow-host",
        "speed",
        "at",
        "db",
        "answer",
        "listen",
        "live",
    ):
        assert f"--{option}" in text, option


@test
def the_tour_of_applications_runs():
    """As a newcomer pastes it, but for ports that are free."""
    text = read(os.path.join(ROOT, "docs/apps.md"))
    tour = re.search(r"runs this one -->\n```sh\n(.*?)```", text, re.S)[1]
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(str(free.getsockname()[1]))
    assert "sleep 1" in tour  # enough on a machine that has nothing else to do
    wait = f"until curl -s -o /dev/null http://127.0.0.1:{ports[0]}/; do sleep 0.1; done"
    with copy_of("examples") as d, tempfile.TemporaryDirectory() as bin:
        os.symlink(os.path.abspath(DRYDIAL), f"{bin}/drydial")
        path = f"{d}/examples/app/clinic.test.yaml"
        suite = read(path).replace("8391", ports[1])
        with open(path, "w") as out:
            out.write(suite)
        done = subprocess.run(
            [
                "sh",
                "-e",
                "-c",
                tour.replace(":5000", ":" + ports[0])
                .replace(" 5000", " " + ports[0])
                .replace("sleep 1", wait),
            ],
            cwd=d,
            env=dict(os.environ, PATH=f"{bin}:{os.environ['PATH']}"),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The doctor is not free" in done.stdout, done.stdout
        assert done.stdout.count("Thank you, 8 seconds are kept.") == 2, done.stdout
        assert "0 failed" in done.stdout, done.stdout


@test
def the_page_of_applications_names_every_option_and_verb():
    text = read(os.path.join(ROOT, "docs/apps.md"))
    options = re.findall(
        r"DD_APP_LETTER\('\w'\), \"([a-z-]+)\"", read(os.path.join(ROOT, "src/cli/app.h"))
    )
    assert len(options) > 10 and "map" in options, options
    assert not [o for o in options if f"--{o}" not in text]
    verbs = re.findall(r'VERB\([A-Z]+, "(\w+)"\)', read(os.path.join(ROOT, "src/apps/verbs.h")))
    assert len(verbs) == 21 and not [
        v for v in verbs if v != "Name" and f"`{v}`" not in text
    ], verbs


@test
def what_is_installed_runs():
    if "/san/" in DRYDIAL or "/cover/" in DRYDIAL:
        return  # the release build is what is installed
    with tempfile.TemporaryDirectory() as d:
        env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        subprocess.run(
            ["make", "--no-print-directory", "install", f"PREFIX={d}/usr"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env=env,
        )
        for installed in (
            "man/man1/drydial.1",
            "man/man1/drydial-call.1",
            "bash-completion/completions/drydial",
            "zsh/site-functions/_drydial",
            "fish/vendor_completions.d/drydial.fish",
        ):
            assert os.path.getsize(f"{d}/usr/share/{installed}"), installed
        assert (
            subprocess.run(
                [
                    f"{d}/usr/bin/drydial",
                    "call",
                    f"{d}/usr/share/drydial/flows/order-status-recorded.yaml",
                    "--fast",
                ],
                env=env,
                capture_output=True,
            ).returncode
            == 0
        )
        assert (
            subprocess.run(
                [
                    f"{d}/usr/bin/drydial",
                    "campaign",
                    f"{d}/usr/share/drydial/campaigns/appointments.yaml",
                ],
                env=env,
                capture_output=True,
            ).returncode
            == 0
        )
        tests = [f"{d}/usr/bin/drydial", "test", f"{d}/usr/share/drydial/flows"]
        done = subprocess.run(tests, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr


if __name__ == "__main__":
    main()
