"""drydial explore, from outside: every call that it prints is placed, and must end as claimed,
to the millisecond."""
import glob
import json
import os
import random
import shlex
import shutil
import tempfile
import time

from lib import alone, DRYDIAL, ROOT, call, main, our_flows, run, test


def explored(path, *args, cwd=ROOT):
    done = run("explore", path, "--format", "json", *args, cwd=cwd)
    assert done.returncode in (0, 1), path + done.stderr + done.stdout
    return json.loads(done.stdout)


def place(flow, path, cwd=ROOT):
    result = call(flow, *shlex.split(path["arguments"]), cwd=cwd)
    got = (result["ended_by"], result["duration_ms"])
    # an endless flow goes on until the time limit
    assert got == (
        path["ended_by"],
        path["duration_ms"],
    ), f"{flow} {path['arguments']}: {got}, claimed {path['ended_by']} {path['duration_ms']}"


@test
def every_call_of_our_flows_ends_as_it_is_claimed():
    for flow in our_flows():
        x = explored(flow, "--paths", "25")
        assert (
            x["complete"]
            and x["paths_total"] >= 1
            and not x["unreachable"]
            and not x["never_taken"]
        ), flow
        assert {e["ended_by"] for e in x["endings"]} == {"flow"}, flow
        for path in [x["shortest"], x["longest"], x["silent"]] + x["endings"] + x["paths"]:
            if path:
                place(flow, path)
        assert x["shortest"]["duration_ms"] <= min(p["duration_ms"] for p in x["paths"])
        assert x["longest"]["duration_ms"] >= max(p["duration_ms"] for p in x["paths"])


def value(r, ids):
    """A value that a branch may look at: ids begin with the kind of their step."""
    field = {"i": "answer", "c": "seconds", "r": "seconds", "p": "status"}
    names = ["v", *(f"{i}.visits" for i in ids), *(f"{i}.{field[i[0]]}" for i in ids)]
    return "{" + r.choice(names) + "}"


def steps(r, depth, ids, indent):
    """Random steps whose prompts are pauses, so that nothing has to be spoken."""
    pad, out = " " * indent, []
    for _ in range(r.randint(1, 3)):
        kind = r.choice(
            "greeting greeting ivr ivr collect passthru sms goto skip set record branch branch "
            "hours connect".split()
        )
        if depth == 0 and kind in ("ivr", "passthru", "branch", "hours", "connect"):
            kind = "greeting"
        ident = f"{'i' if kind == 'collect' else kind[0]}{len(ids)}"
        pause = f"[ {{ pause: {r.randint(1, 9) * 100}ms }} ]"
        if kind == "greeting":
            out.append(f"{pad}- greeting: {pause}")
        elif kind == "skip":
            out.append(
                f"{pad}- greeting: {{ prompt: {pause}, {r.choice(['skip', 'interruptible'])}: "
                f"true }}"
            )
        elif kind == "sms":
            out.append(f"{pad}- sms: t")
        elif kind == "goto" and ids:
            out.append(f"{pad}- goto: {r.choice(ids)}")
        elif kind == "set":
            new = "{ add: 1 }" if r.random() < 0.5 else f'"{value(r, ids)}"'
            out.append(f"{pad}- set: {{ v: {new} }}")
        elif kind == "record":
            ids.append(ident)
            finish = r.choice(["", ', finish: "3"'])
            out.append(
                f"{pad}- id: {ident}\n"
                f"{pad}  record: {{ prompt: {pause}, max: {r.randint(2, 12)}s, "
                f"silence: {r.randint(1, 6)}s{finish} }}"
            )
        elif kind == "branch":
            on = value(r, ids)
            tests = [
                f"below: {r.randint(1, 40)}",
                f"above: {r.randint(1, 40)}",
                f'is: ["{r.randint(1, 9)}", "{r.randint(10, 99)}"]',
                "empty: true",
            ]
            if "answer" in on:  # of a count, a walk tells no digits
                tests.append('contains: "3"')
            out.append(f'{pad}- branch:\n{pad}    on: "{on}"\n{pad}    cases:')
            for a_test in r.sample(tests, r.randint(1, 2)):
                out.append(f"{pad}      - {a_test}\n{pad}        then:")
                out.append(steps(r, depth - 1, ids, indent + 10))
            if r.random() < 0.5:
                out.append(f"{pad}    otherwise:\n" + steps(r, depth - 1, ids, indent + 6))
        elif kind == "hours":
            days = r.choice(["mon-fri", "sat", "mon-sun"])
            out.append(
                f'{pad}- hours:\n{pad}    days: {days}\n{pad}    from: "09:00"\n'
                f'{pad}    until: "1{r.randint(2, 8)}:00"\n{pad}    then:\n'
                + steps(r, depth - 1, ids, indent + 6)
            )
        elif kind == "connect":
            ids.append(ident)
            to = r.choice(['"+911"', '[ "+911", "+912" ]'])
            out.append(
                f"{pad}- id: {ident}\n{pad}  connect:\n{pad}    to: {to}\n"
                f"{pad}    timeout: {r.randint(3, 9)}s\n{pad}    exits:"
            )
            for exit in r.sample("answered busy no-answer failed".split(), r.randint(1, 3)):
                out.append(f"{pad}      {exit}:\n" + steps(r, depth - 1, ids, indent + 8))
        elif kind == "collect":
            ids.append(ident)
            out.append(
                f"{pad}- id: {ident}\n"
                f"{pad}  ivr: {{ prompt: {pause}, timeout: {r.randint(1, 3)}s, retries: "
                f"{r.randint(0, 1)}, "
                f"collect: {{ min: {r.randint(1, 2)}, max: {r.randint(2, 3)} }} }}"
            )
        elif kind == "ivr":
            ids.append(ident)
            out.append(
                f"{pad}- id: {ident}\n"
                f"{pad}  ivr:\n"
                f"{pad}    prompt: {pause}\n"
                f"{pad}    timeout: {r.randint(1, 4)}s\n"
                f"{pad}    retries: {r.randint(0, 2)}"
            )
            if r.random() < 0.4:
                out.append(f"{pad}    {r.choice(['invalid', 'silence'])}: [ {{ pause: 300ms }} ]")
            out.append(f"{pad}    keys:")
            for key in r.sample("123456789", r.randint(1, 3)):
                out.append(
                    f"{pad}      {key}:\n" + steps(r, depth - 1, ids, indent + 8)
                    if r.random() < 0.7
                    else f"{pad}      {key}: answer"
                )
            if r.random() < 0.6:
                out.append(f"{pad}    otherwise:\n" + steps(r, depth - 1, ids, indent + 6))
        elif kind == "passthru":
            ids.append(ident)
            out.append(
                f"{pad}- id: {ident}\n"
                f"{pad}  passthru:\n"
                f"{pad}    url: http://example.com/\n"
                f"{pad}    timeout: 2s\n"
                f"{pad}    stub: {{ status: 200, delay: 400ms }}"
            )
            out.append(f"{pad}    exits:")
            for exit in r.sample(["200", "302", "error", "timeout"], r.randint(1, 3)):
                out.append(f"{pad}      {exit}:\n" + steps(r, depth - 1, ids, indent + 8))
        else:
            out.append(f"{pad}- hangup")
    return "\n".join(out)


@test
def calls_of_random_flows_end_as_they_are_claimed():
    d = tempfile.mkdtemp()
    placed, kinds = 0, set()
    for seed in range(60):
        r = random.Random(seed)
        with open(f"{d}/f.yaml", "w") as f:
            f.write(
                'flow: F\nvariables: { v: "1" }\nsteps:\n'
                + steps(r, 2, [], 2)
                + ("\n  - hangup\n" if seed % 2 else "\n")
            )
        x = explored("f.yaml", "--paths", "12", cwd=d)
        assert x["complete"]
        for path in (
            [p for p in [x["shortest"], x["longest"], x["silent"]] if p] + x["endings"] + x["paths"]
        ):
            if path["ended_by"] != "?":
                place("f.yaml", path, cwd=d)
                placed += 1
                kinds.add(path["ended_by"])
    shutil.rmtree(d)
    assert placed > 300 and kinds >= {"flow", "dropped"}, (placed, kinds)


@test
def loops_drops_and_dead_steps_are_found():
    d = tempfile.mkdtemp()

    def of(text):
        with open(f"{d}/f.yaml", "w") as f:
            f.write("flow: F\nsteps:\n" + text)
        return explored("f.yaml", cwd=d), run("explore", "f.yaml", cwd=d)

    x, printed = of("  - id: a\n    greeting: [ { pause: 1s } ]\n  - goto: a\n  - hangup\n")
    assert (
        x["loops"][0]["by_itself"]
        and x["loops"][0]["no_way_out"]
        and x["unreachable"][0]["line"] == 6
    ), x
    assert printed.returncode == 1 and "no way out" in printed.stdout
    x, printed = of("  - greeting: [ { pause: 1s } ]\n")
    assert x["endings"][0]["ended_by"] == "dropped" and printed.returncode == 1
    x, _ = of("  - id: a\n    goto: a\n")
    assert x["endings"][0]["ended_by"] == "runaway"
    x, _ = of(
        "  - id: m\n"
        "    ivr: { prompt: [ { pause: 1s } ], keys: { 1: { goto: m } }, otherwise: [ hangup ] "
        "}\n"
    )
    assert [l["by_itself"] for l in x["loops"]] == [False] and not x["loops"][0]["no_way_out"], x[
        "loops"
    ]
    x, _ = of("  - greeting: { prompt: [ { pause: 3s } ], loop: 0, max: 10s }\n  - hangup\n")
    assert x["longest"]["duration_ms"] == 10000, x["longest"]
    x, _ = of(
        "".join(f"  - greeting: [ {{ pause: {n}00ms }} ]\n" for n in range(1, 9)) + "  - hangup\n"
    )
    assert x["no_chance_ms"] == 3600 and x["paths_total"] == 1
    shutil.rmtree(d)


@test
def hours_that_are_never_at_one_time_are_no_way():
    """Saturday's hours are not a weekday's; a window of five minutes, or of one day in 2031, is."""
    with tempfile.TemporaryDirectory() as d:

        def of(outer, inner):
            with open(f"{d}/f.yaml", "w") as f:
                f.write(
                    f"flow: F\nsteps:\n  - hours: {{ {outer}, then: [ hours: {{ {inner}, "
                    "then: [ greeting: [ { pause: 1s } ], hangup ] } ] }\n  - hangup\n"
                )
            return explored("f.yaml", "--paths", "9", cwd=d)

        day = 'from: "00:00", until: "24:00"'
        x = of('days: sat, from: "09:00", until: "15:00"', f"days: mon-fri, {day}")
        assert [u["line"] for u in x["unreachable"]] == [3, 3] and x["paths_total"] == 2, x
        for inner, ways in (
            ('days: mon-sun, from: "09:05", until: "09:10"', 3),
            (f"days: sat-sun, {day}", 2),  # it is then always open
        ):
            x = of('days: sat, from: "09:00", until: "15:00"', inner)
            assert not x["unreachable"] and x["paths_total"] == ways, (inner, x)
            for path in x["paths"]:
                place("f.yaml", path, cwd=d)
        x = of(f"days: mon-sun, {day}, holidays: [ 2031-01-26 ]", f"days: mon-sun, {day}")
        closed = [p for p in x["paths"] if "2031-01-26" in p["arguments"]]
        assert x["paths_total"] == 2 and len(closed) == 1, x
        place("f.yaml", closed[0], cwd=d)


@test
def parts_without_an_end_keep_nobody_waiting():
    """Twenty menus that lead to each other, of which one hangs up behind a menu that does not."""
    menus = "".join(
        f"  - id: m{n}\n    ivr: {{ prompt: [ {{ pause: 1s }} ], keys: {{ "
        + ", ".join(f"{k}: {{ goto: m{(n * k + 1) % 20} }}" for k in range(1, 10))
        + f" }}, otherwise: [ goto: m{(n + 7) % 20} ] }}\n"
        for n in range(20)
    )
    gate = "  - ivr: { prompt: [ { pause: 1s } ], keys: { 1: [ hangup ] } }\n"
    with tempfile.TemporaryDirectory() as d:
        for text, ends in ((menus, 0), (gate + menus, 1)):
            with open(f"{d}/f.yaml", "w") as f:
                f.write("flow: F\nsteps:\n" + text)
            x = explored("f.yaml", "--paths", "50", cwd=d)
            assert len(x["paths"]) >= ends and x["complete"], x


@test
def who_is_rung_answers_when_it_is_said():
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/f.yaml", "w") as f:
            f.write(
                "flow: F\nsteps:\n  - id: a\n    connect: { to: [ '+911', '+912' ], timeout: 5s, "
                "exits: { answered: [ hangup ], busy: [ hangup ], no-answer: [ hangup ] } }\n"
                "  - hangup\n"
            )
        for given, ms in (
            ("answered@2s:7s", 9000),
            ("answered@5s:7s", 12000),
            ("answered@5001ms:7s", 10000),  # given up before
            ("answered:7s", 10000),  # as after the usual 6 s
            ("busy@1s,answered@500ms:1s", 2500),
            ("no-answer,busy@0s", 5000),
        ):
            got = call("f.yaml", "--connect", f"a={given}", cwd=d)["duration_ms"]
            assert got == ms, (given, got)
        for wrong in ("answered@", "busy:4s", "no-answer@4s", "answered@4s:x", "later", ""):
            done = run("call", "f.yaml", "--fast", "--connect", f"a={wrong}", cwd=d)
            assert done.returncode == 2 and "an outcome is" in done.stderr, (wrong, done.stderr)
        x = explored("f.yaml", "--paths", "20", cwd=d)
        for path in x["paths"]:
            place("f.yaml", path, cwd=d)
        assert any("answered@5000ms" in p["arguments"] for p in x["paths"]), x["paths"]
        done = run("test", "f.yaml", "--write-missing", "f.test.yaml", cwd=d)
        again = run("test", "f.test.yaml", cwd=d)
        assert again.returncode == 0 and "0 failed" in again.stdout, (
            done.stdout + done.stderr + again.stdout
        )


@test
def one_call_is_shown_choice_by_choice_and_lasts_as_long_as_it_does():
    for flow, keys in (
        ("flows/two-level-menu.yaml", "1,7,1"),
        ("flows/survey.yaml", "-,7,1,2"),
        ("flows/personalized-balance.yaml", ""),
        ("flows/opt-out.yaml", "9"),
    ):
        shown = explored(flow, "--show", keys)["shown"]
        placed = call(flow, *(["--keys", keys] if keys else []))
        assert (shown["duration_ms"], shown["ended_by"]) == (
            placed["duration_ms"],
            placed["ended_by"],
        ), (flow, shown, placed["duration_ms"])
        said = [e["text"] for e in placed["events"] if e["type"] == "prompt" and e.get("text")]
        assert [s["what"] for s in shown["steps"] if s["what"] in said] == said, (
            flow,
            shown["steps"],
            said,
        )
        text = run("explore", flow, "--show", keys).stdout
        assert (
            text.rstrip().endswith("the end: flow")
            and len(text.splitlines()) == len(shown["steps"]) + 1
        ), text
    over = run("explore", "flows/survey.yaml", "--show", "1,1,1,1")
    assert over.returncode == 1 and "over before" in over.stderr
    assert run("explore", "flows/survey.yaml", "--show", "x").returncode == 2
    d = tempfile.mkdtemp()
    with open(f"{d}/f.yaml", "w") as f:
        f.write(
            "flow: F\n"
            "steps:\n"
            "  - id: n\n"
            "    ivr: { prompt: [ { pause: 1s } ], collect: { min: 4, max: 6 } }\n"
            "  - hangup\n"
        )
    for keys in ("4321#", "43,4321#", "-,4321", "432,-,-"):
        shown, placed = explored("f.yaml", "--show", keys, cwd=d)["shown"], call(
            "f.yaml", "--keys", keys, cwd=d
        )
        assert abs(shown["duration_ms"] - placed["duration_ms"]) <= 1400, (
            keys,
            shown["duration_ms"],
            placed["duration_ms"],
        )  # digits are pressed faster by a script
        assert shown["ended_by"] == placed["ended_by"]
    shutil.rmtree(d)


@test
def a_prompt_that_a_server_gives_is_as_long_as_it_is():
    d = tempfile.mkdtemp()
    with open(f"{d}/f.yaml", "w") as f:
        f.write(
            "flow: F\n"
            "steps:\n"
            '  - greeting: { url: "http://127.0.0.1/x", stub: { status: 200, body: "Good day to '
            'you all", delay: 700ms } }\n'
            "  - id: a\n"
            "    passthru: { url: http://127.0.0.1/y, stub: { status: 200, json: { n: 12345 } "
            "}, exits: { error: [ hangup ], timeout: [ hangup ], 302: [ hangup ] } }\n"
            '  - greeting: "You have {a.n} points."\n  - hangup\n'
        )
    x = explored("f.yaml", cwd=d)
    for path in [x["longest"], x["silent"]] + x["endings"]:
        place("f.yaml", path, cwd=d)
    lengths = run("check", "f.yaml", "--lengths", cwd=d).stdout
    assert (
        "You have 12345 points." in lengths
        and "Good day to you all" in lengths
        and "in call" not in lengths
    ), lengths
    shutil.rmtree(d)


@test
def a_walk_that_is_stopped_says_so():
    x = explored("flows/two-level-menu.yaml", "--max-states", "5")
    assert not x["complete"] and x["states"] == 5
    assert "NOT COMPLETE" in run("explore", "flows/two-level-menu.yaml", "--max-states", "5").stdout


@test
@alone
def ten_levels_of_ten_keys_with_ways_back_are_walked():
    d = tempfile.mkdtemp()
    text = "flow: Tree\nsteps:\n"
    for level in range(10):
        text += (
            f"  - id: m{level}\n"
            "    ivr:\n"
            f"      prompt: [ {{ pause: 1s }} ]\n"
            "      retries: 2\n"
            "      keys:\n"
        )
        for key in range(9):
            text += f"        {key}: {{ answer: k{key}, goto: m{(level + key) % 10} }}\n"
        text += (
            f"        9: {{ goto: m{level + 1 if level < 9 else 0} }}\n"
            "      otherwise: [ hangup ]\n"
        )
    with open(f"{d}/tree.yaml", "w") as f:
        f.write(text + "  - hangup\n")
    begun = time.monotonic()
    x = explored("tree.yaml", "--paths", "3", cwd=d)
    took = time.monotonic() - begun
    shutil.rmtree(d)
    assert x["complete"] and x["states"] > 50, x["states"]
    assert took < (1 if "san" not in DRYDIAL else 10), took


if __name__ == "__main__":
    main()
