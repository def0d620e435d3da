"""Rules of flows and of campaigns: one table type, so names, severities, settings, comments and
--explain work alike."""
import json
import os
import tempfile

from lib import main, run, test

CAMPAIGN = """name: Reminders
caller_id: "08047112233"
numbers: ["9876543210"]
schedule:
  start_time: "2025-01-20T09:00:00+05:30"
  end_time: "2025-01-22T20:00:00+05:30"
  daily_start: "09:00"
  daily_end: "20:00"
retry: { max_attempts: 2, interval_minutes: 20 }
"""


def found(text, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "c.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        got = run("campaign", "check", path, "--format", "json", *arguments)
        assert got.returncode in (0, 1), got.stderr
        return {d["code"]: d for d in json.loads(got.stdout)["diagnostics"]}


@test
def a_campaign_sets_its_rules():
    assert set(found(CAMPAIGN)) == {"flow-unknown", "interval-short"}
    assert set(found(CAMPAIGN + "checks: { interval-short: off, flow-unknown: off }\n")) == set()
    assert (
        found(CAMPAIGN + "checks: { interval-short: { severity: note, min: 30m } }\n")[
            "interval-short"
        ]["severity"]
        == "note"
    )
    assert "interval-short" not in found(CAMPAIGN + "checks: { interval-short: { min: 20m } }\n")
    over = found(
        CAMPAIGN + "checks: { interval-short: { min: 20m }, attempts-over-limit: { max: 1 } }\n"
    )["attempts-over-limit"]
    assert over["message"] == "2 calls to a number are 1 retries, and the platform makes 0", over
    assert "interval-short" in found(
        CAMPAIGN + "checks: { interval-short: off }\n", "--rule", "interval-short=warning"
    )


@test
def a_comment_allows_at_its_line():
    allowed = CAMPAIGN.replace("retry:", "# drydial: allow interval-short until March\nretry:")
    assert set(found(allowed)) == {"flow-unknown"}
    assert set(found(allowed.replace("20 }", "40 }"))) == {"flow-unknown", "allow-unused"}


@test
def what_there_is_not_is_said():
    wrong = found(
        CAMPAIGN
        + "checks: { interval-shrot: off, flow-unknown: { max: 3 }, "
        + "list-too-long: { max: many } }\n"
    )
    assert {"unknown-rule", "unknown-setting", "bad-setting"} <= set(wrong)
    assert wrong["unknown-rule"]["hint"] == 'did you mean "interval-short"?'
    assert wrong["unknown-setting"]["hint"] == "see drydial campaign check --explain flow-unknown"


@test
def both_explain_themselves_alike():
    flows, campaigns = (
        json.loads(run(*command, "--explain", "all", "--format", "json").stdout)["rules"]
        for command in (("check",), ("campaign", "check"))
    )
    assert {tuple(rule) for rule in flows} == {tuple(rule) for rule in campaigns}
    named = {rule["name"]: rule for rule in campaigns}
    assert named["interval-short"]["settings"] == [
        {"name": "min", "default": 1800000, "unit": "ms"}
    ]
    assert named["list-too-long"]["settings"] == [{"name": "max", "default": 5000, "unit": "count"}]
    assert all(rule["bad"] != rule["good"] for rule in campaigns)
    one = run("campaign", "check", "--explain", "list-too-long").stdout
    assert "`checks: { list-too-long: { max: 5000 } }`" in one and "Breaks it:" in one, one
    wrong = run("campaign", "check", "--explain", "all", "--format", "csv")
    assert wrong.returncode == 2 and "--format csv: text, json, sarif" in wrong.stderr


if __name__ == "__main__":
    main()
