"""The campaigns to copy run and are clean, and their page is true: every example loads, every
key and rule is named."""
import glob
import json
import os
import re
import tempfile

import yaml

from lib import copy_of, main, ROOT, run, test

HERE = os.path.join(ROOT, "campaigns")
FLOW = os.path.join(ROOT, "flows/appointment-reminder.yaml")
OURS = sorted(
    path
    for path in glob.glob(os.path.join(HERE, "*.yaml")) + glob.glob(os.path.join(HERE, "*.json"))
    if not path.endswith(".schema.json")
)
MINIMAL = {
    "name": "A fragment",
    "caller_id": '"+918012345678"',
    "flow": "../flows/appointment-reminder.yaml",
    "contacts": 20,
}
AUDIENCE = {"answer", "personas", "hours", "menus", "ring"}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


PAGE = read("campaigns/README.md")


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.M | re.S)


def beside(text, end, command, *args):
    """Runs a text as a file of campaigns/, since it names others."""
    with copy_of("campaigns", "flows", "audio") as d:
        path = f"{d}/campaigns/reference{end}"
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return run("campaign", *command, path, *args)


def loads(text, end, *args):
    for command in (["check"], []):
        done = beside(text, end, command, *args)
        assert done.returncode == 0, text + done.stdout + done.stderr
        assert not re.search(r"^\S+: (warning|error)\[", done.stderr, re.M), text + done.stderr
    return done


@test
def the_campaigns_to_copy_are_clean_and_run():
    assert len(OURS) == 7
    names = sorted(glob.glob(os.path.join(HERE, "*.yaml")))
    done = run("campaign", "check", *names, "--strict")
    assert done.returncode == 0 and re.search(r"0 errors, 0 warnings, [01] notes?", done.stdout), (
        done.stdout + done.stderr
    )
    for path in OURS:
        assert run("campaign", "check", path, "--strict").returncode == 0, path
        done = run("campaign", path, "--format", "json")
        result = json.loads(done.stdout)[0]
        assert (
            done.returncode == 0
            and not done.stderr
            and result["finished"]
            and result["dialled"] > 0
        ), (path, done.stderr, result["dialled"])
        assert f"`{os.path.basename(path)}`" in PAGE, path
        assert path.endswith(".json") or read(path).startswith("# "), path


@test
def their_lists_fit_their_flows():
    for flow, contacts in (
        ("appointment-reminder", "contacts"),
        ("payment-reminder", "contacts"),
        ("promotion", "opted-in"),
    ):
        done = run(
            "check",
            f"flows/{flow}.yaml",
            "--contacts",
            f"campaigns/parts/{contacts}.csv",
            "--strict",
        )
        assert done.returncode == 0, done.stdout + done.stderr
    used = "".join(read(path) for path in OURS)
    for path in glob.glob(os.path.join(HERE, "parts/*")):
        assert f"parts/{os.path.basename(path)}" in used, path


@test
def every_yaml_example_of_the_page_loads():
    kinds = {"whole": 0, "audience": 0, "law": 0, "fragment": 0}
    for text in blocks("yaml"):
        keys = set(yaml.safe_load(text))
        if "law" in keys:
            kinds["law"] += 1
            with tempfile.TemporaryDirectory() as d:
                path = os.path.join(d, "law.yaml")
                with open(path, "w", encoding="utf-8") as out:
                    out.write(text)
                # its hours are not those of the campaign: it has to load, no more
                done = run("campaign", os.path.join(HERE, "appointments.yaml"), "--profile", path)
                assert done.returncode == 0 and "error[" not in done.stderr, text + done.stderr
        elif keys & AUDIENCE:
            kinds["audience"] += 1
            with tempfile.TemporaryDirectory() as d:
                path = os.path.join(d, "audience.yaml")
                with open(path, "w", encoding="utf-8") as out:
                    out.write(text)
                done = run("campaign", os.path.join(HERE, "appointments.yaml"), "--audience", path)
                assert done.returncode == 0 and not done.stderr, text + done.stderr
        elif "name" in keys:
            kinds["whole"] += 1
            loads(text, ".yaml")
        else:
            kinds["fragment"] += 1
            minimal = dict(MINIMAL)
            if "schedule" not in keys:
                minimal["schedule"] = (
                    "{ start_time: 2025-01-20T09:00:00+05:30, "
                    "end_time: 2025-01-23T18:00:00+05:30, daily_start: 09:00, daily_end: 18:00 }"
                )
            if "triggers" in keys:
                del minimal["contacts"]
            loads(
                "".join(f"{key}: {value}\n" for key, value in minimal.items() if key not in keys)
                + text,
                ".yaml",
            )
    assert kinds == {"whole": 1, "audience": 1, "law": 1, "fragment": 7}, kinds


@test
def every_json_example_of_the_page_loads():
    shapes = 0
    for text in blocks("json"):
        if "event" in json.loads(text):
            with tempfile.TemporaryDirectory() as d:
                events, campaign = os.path.join(d, "events.jsonl"), os.path.join(d, "c.yaml")
                with open(events, "w", encoding="utf-8") as out:
                    out.write(text)
                with open(campaign, "w", encoding="utf-8") as out:
                    out.write(f"name: Events\nflow: {FLOW}\ntriggers: events.jsonl\n")
                assert (
                    json.loads(run("campaign", campaign, "--format", "json").stdout)[0]["dialled"]
                    == 1
                )
            continue
        shapes += 1
        loads(text, ".json", "--flow", FLOW)
    assert shapes == 2
    assert (
        json.loads(blocks("json")[0])["retry"]
        == json.loads(read("campaigns/appointments.json"))["retry"]
    )


def known_words():
    """Every key, and every word that a key may hold, as the loaders' tables have them."""
    paths = glob.glob(os.path.join(ROOT, "src/campaign/load_*.c")) + [
        os.path.join(ROOT, "src/campaign", name) for name in ("campaign.c", "law_load.c")
    ]
    sources = "".join(read(path) for path in paths)
    # whole tables, from "static const char *const" to the semicolon
    tables = re.findall(r"static const char \*const ([^;]*?\{[^;]*?\});", sources, re.S)
    words = set(re.findall(r'"([a-z_-]+)"', " ".join(tables))) | set(
        re.findall(r'X\([A-Z_]+, "([a-z_]+)"\)', sources)
    )
    return words - {"true", "false", "yes", "no", "y", "n", "on", "off"}


@test
def every_key_of_the_loaders_is_on_the_page():
    words = known_words()
    assert (
        len(words) > 110
        and {
            "call_flow_id",
            "daily_start",
            "hang_up",
            "calls_per_day",
            "short_months",
            "on_status",
            "pulse",
            "time_zone",
        }
        <= words
    ), sorted(words)
    missing = [
        word
        for word in sorted(words)
        if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", PAGE)
    ]
    assert not missing, missing


@test
def every_rule_metric_end_and_option_is_on_the_page():
    rules = dict(
        re.findall(
            r"^## (\S+)\n\n(\w+):", run("campaign", "check", "--explain", "all").stdout, re.M
        )
    )
    assert len(rules) >= 30
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (error|warning|note) \|", PAGE, re.M))
    assert rows == rules, set(rows.items()) ^ set(rules.items())
    result = json.loads(run("campaign", OURS[0], "--format", "json").stdout)[0]
    assert not [o["outcome"] for o in result["outcomes"] if f"`{o['outcome']}`" not in PAGE]
    assert len(result["metrics"]) == 5
    for name in re.findall(
        r"^  ✓?✗? *(Delivery|Completion|IVR response|Action|Opt-out) ",
        run("campaign", OURS[0]).stdout,
        re.M,
    ):
        assert f"| {name} |" in PAGE, name
    options = re.findall(r"^  --([a-z-]+)", run("campaign", "--help").stdout, re.M)
    assert not [
        o for o in options if f"--{o}" not in PAGE and o not in ("help", "no-color")
    ], options
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "calls.csv")
        assert run("campaign", OURS[0], "--calls", path).returncode == 0
        with open(path, encoding="utf-8") as f:
            assert not [c for c in f.readline().strip().split(",") if f"`{c}`" not in PAGE]


@test
def the_guide_shows_what_is_printed():
    text = re.search(r"^\$ drydial (campaign \S+)\n(.*?)^```", read("docs/guide.md"), re.M | re.S)
    printed = run(*text.group(1).split()).stdout.splitlines()
    at = -1
    for line in text.group(2).splitlines():
        if line.strip() != "…":
            at = printed.index(line, at + 1)


@test
def the_page_tells_the_limits_that_hold():
    for text, low, high in (
        ("ring_timeout: {}", "1s", "300s"),
        ("time_limit: {}", "1s", "14400s"),
        ("throttle: {}", 1, 1000000),
        ("concurrency: {}", 1, 1000000),
        ("contacts: {}", 1, None),
        ("retry: {{ max_attempts: {} }}", 1, 10),
        ("retry: {{ max_attempts: 2, interval_minutes: {} }}", 1, 10080),
        ("repeat_menu_attempts: {}", 0, 10),
        ("retries: {{ number_of_retries: {} }}", 0, 3),
    ):

        def code(value):
            minimal = {key: value for key, value in MINIMAL.items() if not text.startswith(key)}
            return beside(
                "".join(f"{key}: {v}\n" for key, v in minimal.items()) + text.format(value) + "\n",
                ".yaml",
                ["check"],
            ).returncode

        for value in (low, high):
            assert value is None or code(value) in (0, 1), (text, value)
        beyond = (
            ["0s", "14401s"]
            if text.startswith("time")
            else ["0s", "301s"]
            if text.startswith("ring")
            else [low - 1] + ([] if high is None else [high + 1])
        )
        for value in beyond:
            assert code(value) == 2, (text, value)


if __name__ == "__main__":
    main()
