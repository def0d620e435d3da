"""What people expect around a project: the action, the hooks, the job of GitLab, the tarball, the
packages' files, the pages that a newcomer reads."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

import jsonschema
import yaml

from lib import DRYDIAL, ROOT, left_out, main, test

BUILD = os.path.dirname(os.path.abspath(DRYDIAL))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def git(*args, cwd=ROOT, check=True):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    got = subprocess.run(["git", *who, *args], cwd=cwd, capture_output=True, text=True, env=env)
    assert not check or got.returncode == 0, got.stderr
    return got


def is_clone():
    if git("rev-parse", "HEAD", check=False).returncode == 0:
        return True
    left_out("the sources are no clone of git: no tarball, and no hook, was tried")
    return False


# -- the action ----------------------------------------------------------------

ACTION = yaml.safe_load(read("action.yml"))


class Runner:
    """What GitHub's runner gives a step: files to write to, inputs, a folder of the caller's."""

    def __init__(self, folder, **inputs):
        self.folder = folder
        self.inputs = {k: str(v["default"]) for k, v in ACTION["inputs"].items()} | inputs
        self.env = dict(os.environ, PATH=f"{BUILD}:{os.environ['PATH']}", GITHUB_ACTION_PATH=ROOT)
        self.env["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", f"{BUILD}/cache")
        for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"):
            self.env[name] = f"{folder}/{name}"
            open(self.env[name], "w").close()

    def text(self, name):
        with open(self.env[name]) as f:
            return f.read()

    def value(self, text):
        def one(expression):
            return self.inputs[re.fullmatch(r"inputs\.([\w-]+)", expression[1].strip())[1]]

        return re.sub(r"\$\{\{(.*?)\}\}", one, str(text))

    def step(self, name):
        step = next(s for s in ACTION["runs"]["steps"] if s["name"] == name)
        script = f"{self.folder}/step.sh"
        with open(script, "w") as out:
            out.write(step["run"])
        env = self.env | {k: self.value(v) for k, v in step.get("env", {}).items()}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
        )


@test
def the_action_is_one():
    schema = json.loads(read("tests/packaging/action.schema.json"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(ACTION, schema)
    for broken in (
        {**ACTION, "runs": {"using": "composite", "steps": [{"run": "true"}]}},
        {**ACTION, "runs": {"using": "composite", "steps": [{"uses": "actions/upload-artifact"}]}},
        {**ACTION, "input": {}},
    ):
        assert not jsonschema.Draft7Validator(schema).is_valid(broken), broken
    # an input reaches a script as a value and never as a part of it
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step["name"]
        for used in re.findall(r"inputs\.([\w-]+)", json.dumps(step)):
            assert used in ACTION["inputs"], used


@test
def the_steps_of_the_action_run():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/my flows")
        shutil.copy(f"{ROOT}/flows/survey.yaml", f"{folder}/my flows/survey.yaml")
        with open(f"{folder}/my flows/survey.test.yaml", "w") as out:
            out.write("flow: survey.yaml\nscenarios:\n  - name: rings\n    script: [ hang_up: ]\n")
        runner = Runner(folder, flows="my flows", tests="my flows")
        got = runner.step("Get drydial")
        assert got.returncode == 0 and not runner.text("GITHUB_PATH"), got.stderr
        got = runner.step("Check the flows")
        assert got.returncode == 0, got.stdout + got.stderr
        got = runner.step("Run the scenarios")
        assert got.returncode in (0, 1), got.stderr
        passed = got.returncode == 0
        with open(f"{folder}/my flows/survey.test.yaml", "w") as out:
            out.write(
                "flow: survey.yaml\nscenarios:\n"
                "  - name: wrong\n    script: [ hear: xyzzy ]\n"
                "  - name: right\n    expect: { status: completed }\n"
            )
        got = runner.step("Run the scenarios")
        assert got.returncode == 1, (passed, got.stdout, got.stderr)
        assert "report=drydial-report" in runner.text("GITHUB_OUTPUT")
        assert "1 passed, 1 failed" in runner.text("GITHUB_STEP_SUMMARY")
        page = open(f"{folder}/drydial-report/calls.html").read()
        assert "wrong" in page and "<script" in page
        junit = xml.etree.ElementTree.parse(f"{folder}/drydial-report/junit.xml")
        assert len(junit.findall(".//failure")) == 1
        # what is wrong is marked at its line; with strict, what is risky fails
        with open(f"{folder}/my flows/bad.yaml", "w") as out:
            out.write("flow: F\nsteps:\n  - goto: nowhere\n")
        got = runner.step("Check the flows")
        assert got.returncode != 0 and "::error file=my flows/bad.yaml,line=3" in got.stdout, got
        os.unlink(f"{folder}/my flows/bad.yaml")
        strict = Runner(folder, flows="my flows", strict="true")
        lenient, severe = runner.step("Check the flows"), strict.step("Check the flows")
        warned = "::warning" in lenient.stdout
        assert lenient.returncode == 0 and severe.returncode == (1 if warned else 0), severe


@test
def the_action_builds_what_is_not_there():
    """With tools that only say what they were asked."""
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(folder)
        os.makedirs(f"{folder}/action/tools")
        os.mkdir(f"{folder}/bin")
        for path in (f"{folder}/action/tools/install-deps", f"{folder}/bin/make"):
            with open(path, "w") as out:
                out.write('#!/bin/sh\necho "$(basename "$0") $*"\n')
            os.chmod(path, 0o755)
        runner.env |= {
            "PATH": f"{folder}/bin:/usr/bin:/bin",
            "GITHUB_ACTION_PATH": f"{folder}/action",
        }
        got = runner.step("Get drydial")
        assert got.returncode == 0, got.stderr
        assert "install-deps --build\nmake " in got.stdout, got.stdout
        assert runner.text("GITHUB_PATH") == f"{folder}/action/build\n"


# -- hooks and jobs ------------------------------------------------------------


def hook(repository, name, files):
    """As pre-commit runs a hook of the language "script": the entry of its own copy, in the
    repository of the user, with the files that match."""
    one = next(h for h in yaml.safe_load(read(".pre-commit-hooks.yaml")) if h["id"] == name)
    assert one["language"] == "script"
    chosen = [f for f in files if re.search(one["files"], f)]
    chosen = [f for f in chosen if not re.search(one.get("exclude", "^$"), f)]
    entry, *rest = one["entry"].split()
    env = dict(os.environ, PATH=f"{BUILD}:{os.environ['PATH']}")
    got = subprocess.run(
        [f"{ROOT}/{entry}", *rest, *chosen], cwd=repository, env=env, capture_output=True, text=True
    )
    return chosen, got


@test
def the_hooks_judge_a_scratch_repository():
    if not is_clone():
        return
    with tempfile.TemporaryDirectory() as folder:
        git("init", "-q", cwd=folder)
        os.mkdir(f"{folder}/flows")
        shutil.copy(f"{ROOT}/flows/survey.yaml", f"{folder}/flows/survey.yaml")
        with open(f"{folder}/flows/survey.test.yaml", "w") as out:
            out.write(
                "flow: survey.yaml\nscenarios:\n" "  - name: a\n    expect: { status: completed }\n"
            )
        with open(f"{folder}/other.yaml", "w") as out:
            out.write("not: a flow\n")
        git("add", "-A", cwd=folder)
        files = git("diff", "--cached", "--name-only", cwd=folder).stdout.split()
        chosen, got = hook(folder, "drydial-check", files)
        assert chosen == ["flows/survey.yaml"] and got.returncode == 0, got.stdout + got.stderr
        chosen, got = hook(folder, "drydial-test", files)
        assert chosen == ["flows/survey.test.yaml"] and got.returncode == 0, got.stdout
        with open(f"{folder}/flows/survey.yaml", "a") as out:
            out.write("  - goto: nowhere\n")
        _, got = hook(folder, "drydial-check", files)
        assert got.returncode != 0 and "nowhere" in got.stdout + got.stderr, got
        if not shutil.which("pre-commit"):
            left_out("pre-commit itself did not run the hooks: it is not there")
            return
        got = subprocess.run(
            ["pre-commit", "try-repo", ROOT, "drydial-check", "--all-files"],
            cwd=folder,
            env=dict(
                os.environ, PATH=f"{BUILD}:{os.environ['PATH']}", PRE_COMMIT_HOME=f"{folder}/p"
            ),
            capture_output=True,
            text=True,
        )
        assert got.returncode == 1 and "nowhere" in got.stdout, got.stdout + got.stderr


@test
def the_job_of_gitlab_runs():
    document = yaml.safe_load(read("packaging/gitlab/drydial.gitlab-ci.yml"))
    job = document["drydial"]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(f"{ROOT}/flows", f"{folder}/flows")
        shutil.copytree(f"{ROOT}/audio", f"{folder}/audio")
        env = dict(os.environ, **document["variables"], PATH=f"{BUILD}:{os.environ['PATH']}")
        got = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
        )
        assert got.returncode == 0, got.stdout + got.stderr
        report = job["artifacts"]["reports"]["junit"].replace(
            "$DRYDIAL_REPORT", document["variables"]["DRYDIAL_REPORT"]
        )
        assert xml.etree.ElementTree.parse(f"{folder}/{report}").findall(".//testcase")


# -- releases ------------------------------------------------------------------


@test
def the_tarball_is_the_same_bytes_wherever_it_is_made():
    if not is_clone():
        return
    version = re.search(r"^VERSION +:= (\S+)$", read("Makefile"), re.M)[1]
    with tempfile.TemporaryDirectory() as folder:
        git("clone", "-q", "--shared", ROOT, f"{folder}/other")
        for out, tree, umask in (("one", ROOT, 0o022), ("two", f"{folder}/other", 0o077)):
            done = subprocess.run(
                [
                    f"{ROOT if tree == ROOT else tree}/tools/dist",
                    f"drydial-{version}",
                    f"{folder}/{out}",
                ],
                umask=umask,
                env=dict(os.environ, TZ="Asia/Kolkata" if out == "one" else "UTC"),
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        name = f"drydial-{version}.tar.gz"
        one, two = (open(f"{folder}/{n}/{name}", "rb").read() for n in ("one", "two"))
        assert one == two and len(one) > 100000
        listed = subprocess.run(
            ["tar", "-tzf", f"{folder}/one/{name}"], capture_output=True, text=True
        ).stdout.split()
        assert f"drydial-{version}/Makefile" in listed
        assert not [f for f in listed if "/build/" in f]


@test
def the_version_stands_in_one_place():
    version = re.search(r"^VERSION +:= (\S+)$", read("Makefile"), re.M)[1]
    said = subprocess.run([DRYDIAL, "--version"], capture_output=True, text=True).stdout
    assert version in said, said
    if not is_clone():
        return
    found = git("grep", "-lwF", version, check=False).stdout.split()
    assert set(found) <= {"Makefile", "CHANGELOG.md"}, found
    assert f"## [{version}]" in read("CHANGELOG.md")


@test
def the_packages_have_what_they_need():
    """make check-deb tries them, with lintian and in a Debian of their own."""
    control = read("packaging/debian/control")
    packages = re.findall(r"^Package: (\S+)$", control, re.M)
    assert packages == ["drydial", "libdrydial0", "libdrydial-dev"], packages
    soversion = re.search(r"^SOVERSION +:= (\d+)$", read("Makefile"), re.M)[1]
    assert f"libdrydial{soversion}" in packages
    for package in packages:
        assert os.path.exists(f"{ROOT}/packaging/debian/{package}.install"), package
    build = re.search(r'^DEBIAN="(.*?)"', read("tools/install-deps"), re.M | re.S)[1].split()
    depends = re.search(r"^Build-Depends: (.*)$", control, re.M)[1]
    missing = [p for p in build if p.endswith("-dev") and p not in depends]
    missing = [p for p in missing if p not in ("libc6-dev", "libgnutls28-dev")]
    assert not missing, missing


# -- pages ---------------------------------------------------------------------


@test
def the_picture_of_a_call_is_a_real_one():
    svg = xml.etree.ElementTree.fromstring(read("docs/call.svg"))
    rows = [e.text for e in svg.iter("{http://www.w3.org/2000/svg}text")]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [f"{ROOT}/tools/cast", DRYDIAL, f"{folder}/call.svg"], cwd=ROOT, capture_output=True
        )
        assert done.returncode == 0, done.stderr
        made = xml.etree.ElementTree.parse(f"{folder}/call.svg").getroot()
        now = [e.text for e in made.iter("{http://www.w3.org/2000/svg}text")]

    def words(texts):  # lengths and times are the voice's
        return [re.sub(r"[\d:.]+", "", text) for text in texts]

    assert words(now) == words(rows), "make docs renders docs/call.svg anew"
    assert rows[0].startswith("$ drydial call ") and any("rescheduled" in r for r in rows)


@test
def what_the_readme_says_can_be_pasted():
    """But for the demo, the tests and the server, which have tests of their own."""
    readme = read("README.md")
    assert len(readme.split()) < 700, "two minutes are some 600 words"
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    ours = [l for l in lines if l.startswith(("build/drydial ", "cp "))]
    ours = [l for l in ours if " serve " not in l and not l.endswith("appointment-reminder.yaml")]
    assert len(ours) >= 8, ours
    with tempfile.TemporaryDirectory() as folder:
        for name in ("flows", "campaigns", "audio"):
            shutil.copytree(f"{ROOT}/{name}", f"{folder}/{name}")
        for line in ours:
            command = line.replace("build/drydial", DRYDIAL)
            done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0, (line, done.stdout[-500:], done.stderr)


@test
def pages_lead_somewhere():
    pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/guide.md", "docs/licences.md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", read(page)):
            path = os.path.normpath(os.path.join(ROOT, os.path.dirname(page), target))
            assert os.path.exists(path), f"{page}: {target}"
    decisions = os.listdir(f"{ROOT}/docs/decisions")
    assert len(decisions) >= 10, decisions
    for decision in decisions:
        text = read(f"docs/decisions/{decision}")
        assert text.startswith("# ") and "**Decided.**" in text, decision
        assert 100 < len(text.split()) < 500, decision
    for name in re.findall(r"`(test_\w+)\.(\w{3,})`", read("SECURITY.md")):
        assert f"def {name[1]}(" in read(f"tests/e2e/{name[0]}.py"), name


if __name__ == "__main__":
    main()
