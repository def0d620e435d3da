"""The schemas of campaigns, laws, audiences and serve.yaml say what the loaders say: of every good
file, of every broken one, and of
good files into which one mistake is put at every place."""
import copy
import glob
import json
import os
import re
import tempfile

from lib import main, ROOT, run, test
from schemas import document, validator
from serving import folder_with, Server

CAMPAIGN, LAW, AUDIENCE, SERVE = (
    validator(path)
    for path in (
        "campaigns/campaign.schema.json",
        "campaigns/law.schema.json",
        "campaigns/audience.schema.json",
        "flows/serve.schema.json",
    )
)

# Mistakes that a schema of the tree can see.
SEEN = {
    "unknown-key",
    "wrong-type",
    "bad-number",
    "bad-duration",
    "bad-share",
    "bad-value",
    "bad-time",
    "bad-date",
    "bad-days",
    "bad-hours",
    "bad-version",
    "bad-severity",
    "bad-rule",
    "missing-key",
    "too-many-keys",
    "empty-hours",
    "limit-hours",
    "limit-personas",
    "one-campaign",
}
# Files whose mistakes of those kinds are between two values, or in a file that they name.
LOADER_ALONE = {
    "audience-file",
    "audience-personas-zero",
    "audience-sums",
    "daily-empty",
    "empty-hours",
    "flow-broken",
    "recurring-keys",
    "recurring-where",
    "agents",
}


def paths(*patterns):
    return sorted(
        path
        for pattern in patterns
        for path in glob.glob(os.path.join(ROOT, pattern))
        if not path.endswith(".schema.json")
    )


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


GOOD_CAMPAIGNS = paths(
    "campaigns/*.yaml",
    "campaigns/*.json",
    "tests/campaigns/good/*.yaml",
    "tests/campaigns/good/*.json",
    "tests/campaigns/rules/*/bad.yaml",
    "tests/campaigns/rules/*/good.yaml",
)
GOOD_AUDIENCES = paths("campaigns/parts/audience.yaml", "tests/campaigns/good/people.yaml")
GOOD_CAMPAIGNS = [path for path in GOOD_CAMPAIGNS if path not in GOOD_AUDIENCES]
GOOD_LAWS = paths("campaigns/parts/house-rules.yaml", "tests/laws/good/*.yaml")


@test
def schemas_take_every_good_file():
    assert len(GOOD_CAMPAIGNS) > 70 and len(GOOD_LAWS) >= 3
    for schema, files in (CAMPAIGN, GOOD_CAMPAIGNS), (LAW, GOOD_LAWS), (AUDIENCE, GOOD_AUDIENCES):
        wrong = [
            (
                path,
                [
                    (list(e.absolute_path), e.message[:200])
                    for e in schema.iter_errors(document(read(path)))
                ][:1],
            )
            for path in files
            if not schema.is_valid(document(read(path)))
        ]
        assert not wrong, wrong


@test
def schemas_refuse_every_broken_file():
    seen, wrong = 0, []
    for schema, pattern in (CAMPAIGN, "tests/campaigns/bad/*.yaml"), (LAW, "tests/laws/bad/*.yaml"):
        for path in paths(pattern):
            name = os.path.basename(path)[:-5]
            codes = set(re.findall(r"error\[([a-z-]+)\]", read(path[:-5] + ".expect")))
            if not codes & SEEN or name in LOADER_ALONE:
                continue
            seen += 1
            if schema.is_valid(document(read(path))):
                wrong.append((name, codes))
    assert seen > 35 and not wrong, (seen, wrong)


def places(node, at=()):
    yield at, node
    for key, value in (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    ):
        yield from places(value, at + (key,))


def put(node, at, value):
    node = copy.deepcopy(node)
    if not at:
        return value
    inner = node
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return node


def mistakes(node):
    """The document with one more key in each mapping, and with another kind of thing in each
    place."""
    for at, value in places(node):
        if isinstance(value, dict):
            yield put(node, at, dict(value, zzz=1))
        if at:
            yield from (
                put(node, at, other)
                for other in ([[1]], {"zzz": 1}, None)
                if not isinstance(value, type(other))
            )


def disagreements(schema, node, loads):
    """`loads` gives the codes of what the loader finds wrong."""
    count = 0
    for changed in mistakes(node):
        codes, fits = loads(json.dumps(changed)), schema.is_valid(changed)
        count += 1
        assert not (codes & SEEN and fits), ("the schema takes it", codes, changed)
        assert codes or fits, (
            "the loader takes it",
            [e.message[:300] for e in schema.iter_errors(changed)],
            changed,
        )
    return count


def codes_of(done):
    assert done.returncode in (0, 1, 2), done
    return set(re.findall(r"error\[([a-z-]+)\]", done.stderr))


@test
def one_mistake_in_a_campaign():
    path = os.path.join(ROOT, "tests/campaigns/good/every-key.yaml")
    node = document(read(path))
    for key in ("triggers", "contacts", "dnd", "flow", "profile", "audience"):
        node.pop(key, None)
    node["numbers"] = ["9876543210"]
    loads = lambda text: codes_of(
        run("campaign", "check", "-", input=text, cwd=os.path.dirname(path))
    )
    assert not loads(json.dumps(node))
    assert disagreements(CAMPAIGN, node, loads) > 80


def with_part(option):
    def loads(text):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            return codes_of(
                run(
                    "campaign", "check", "-", option, file.name, input='{"numbers": ["9876543210"]}'
                )
            )

    return loads


@test
def one_mistake_in_a_law():
    assert (
        disagreements(
            LAW,
            document(read(os.path.join(ROOT, "tests/laws/good/every-key.yaml"))),
            with_part("--profile"),
        )
        > 80
    )


@test
def one_mistake_in_an_audience():
    node = {
        "answer": ["40%", 0.3],
        "busy": 0.1,
        "machine": "5%",
        "hours": {"mon-fri": {"10-12": 1.2}},
        "hang_up": {"per_second": "1%", "after": "10s", "then": 0},
        "keys": {"goal": 1},
        "menus": {"choice": {"1": "40%", "silence": 0.1, "think": "2s"}},
        "ring": {"mean": "9s"},
        "known_caller": True,
        "server": {"error": 0.01},
        "personas": {"busy people": {"share": "20%", "silence": 0.2}, "others": {"share": 0.8}},
    }
    assert disagreements(AUDIENCE, node, with_part("--audience")) > 80


HELLO = "flow: Hello\nsteps:\n  - greeting: Hello.\n  - hangup\n"
SERVED = {
    "apps": {"12345": "hello.yaml"},
    "numbers": {"+919800000001": "busy", "*": "keys 1,-,2"},
    "callers": ["08047112345"],
    "dnd": ["+919811111111"],
}


@test
def schemas_of_servers():
    page = read(os.path.join(ROOT, "docs/serve.md"))
    assert SERVE.is_valid(
        document(re.search(r"```yaml\n(# serve.yaml\n.*?)```", page, re.S).group(1))
    )
    assert SERVE.is_valid(SERVED) and SERVE.is_valid(
        {"callers": "08047112345", "dnd": "+919811111111"}
    )
    with Server(flows=folder_with(hello=HELLO, serve__yaml=json.dumps(SERVED))):
        pass  # it starts
    refused = 0
    for changed in mistakes(SERVED):
        if SERVE.is_valid(changed):
            continue
        refused += 1
        done = run(
            "serve",
            folder_with(hello=HELLO, serve__yaml=json.dumps(changed)),
            "--listen",
            "0",
            "--db",
            ":memory:",
            timeout=20,
        )
        assert done.returncode == 2 and codes_of(done) & SEEN, (changed, done.stderr)
    assert refused > 15, refused
    for wrong in (
        {"numbers": {"12": "nobody"}},
        {"numbers": {"*": "anyone"}},
        {"dnd": ["call me"]},
        {"app": {}},
    ):
        assert not SERVE.is_valid(wrong), wrong


if __name__ == "__main__":
    main()
