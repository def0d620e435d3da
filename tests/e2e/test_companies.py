"""Ten flows as companies would run them (tests/companies): checked strictly, all steps and exits
walked by their scenarios, each with a forecast."""
import glob
import json
import os

from lib import ROOT, main, run, test

FOLDER = os.path.join(ROOT, "tests/companies")
FLOWS = sorted(p for p in glob.glob(FOLDER + "/*.yaml") if not p.endswith(".test.yaml"))


@test
def ten_companies_are_checked_tested_and_rehearsed():
    assert len(FLOWS) == 10
    done = run("check", *FLOWS, "--strict")
    assert done.returncode == 0, done.stdout
    assert "10 flows: 0 errors, 0 warnings, 0 notes" in done.stdout, done.stdout
    suites = [p[: -len(".yaml")] + ".test.yaml" for p in FLOWS]
    done = run("test", *suites, "--coverage-min", "100", "--format", "json")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    result = json.loads(done.stdout)
    assert result["failed"] == 0 and result["passed"] > 300
    for flow in result["coverage"]:
        reached = (flow["steps_reached"], flow["exits_reached"])
        assert reached == (flow["steps"], flow["exits"]), flow
    used = "".join(open(p, encoding="utf-8").read() for p in FLOWS)
    for word in ("branch:", "set:", "hours:", "connect:", "record:", "subflow:", "voice: hi-IN"):
        assert word in used, word
    campaigns = sorted(glob.glob(FOLDER + "/campaigns/*.yaml"))
    assert len(campaigns) == 10
    for path in campaigns:
        done = run("campaign", "check", path, "--strict")
        assert done.returncode == 0, done.stdout + done.stderr
        done = run("campaign", path, "--format", "json")
        assert done.returncode == 0, done.stderr
        [forecast] = json.loads(done.stdout)
        assert forecast["finished"] and forecast["dialled"] == 800, path
        agents = forecast.get("agents", {"wanted": 0, "talks": 0})
        assert agents["wanted"] >= agents["talks"] and forecast["talk"]["hung_up"] > 0
        with open(path, encoding="utf-8") as f:
            asked = "\nagents:" in f.read()
        assert asked == ("agents" in forecast) and (not asked or agents["talks"] > 0), path


if __name__ == "__main__":
    main()
