"""Lists as the world has them: numbers of every country, registers, time zones, dirt."""
import csv
import datetime
import json
import os
import tempfile

from lib import main, run, test

FLOW = """flow: Reminder
voice: { language: en-IN }
purpose: reminder
steps:
  - greeting: Hello, your appointment is tomorrow at ten.
  - hangup
"""
NEVER = "law: House rules\ndnd: never\n"


def folder(**files):
    """A folder with these files; a __ in a name is its dot."""
    path = tempfile.mkdtemp()
    for name, text in {"f__yaml": FLOW, **files}.items():
        mode = "wb" if isinstance(text, bytes) else "w"
        with open(os.path.join(path, name.replace("__", ".")), mode) as f:
            f.write(text)
    return path


def campaign(path, name="c.yaml", *args):
    """The exit code, the forecast, what was told, and the calls."""
    r = run(
        "campaign",
        name,
        "--flow",
        "f.yaml",
        "--format",
        "json",
        "--calls",
        "calls.csv",
        *args,
        cwd=path,
    )
    calls = os.path.join(path, "calls.csv")
    rows = list(csv.DictReader(open(calls))) if os.path.exists(calls) else []
    return r.returncode, json.loads(r.stdout)[0] if r.stdout else None, r.stderr, rows


def ends(forecast):
    return {o["outcome"]: o["contacts"] for o in forecast["outcomes"]}


@test
def a_register_protects_in_whatever_form_its_numbers_are():
    registers = {
        "plain": "2125550123\n2125550124\n",
        "two columns": "212,5550123\n212,5550124\n",
        "a header": "phone_number\n2125550123\n2125550124\n",
        "a header of two": "area_code,number\n212,5550123\n212,5550124\n",
        "a column among others": "name,Mobile No.\nAnn,(212) 555-0123\nBob,1-212-555-0124\n",
        "remarks": "# the register\n2125550123  # asked\n\n+1 212 555 0124\n",
        "UTF-16": "2125550123\n2125550124\n".encode("utf-16"),
    }
    head = 'name: X\nnumbers: ["+12125550123", "+12125550124"]\ndnd: dnd.txt\n'
    for law in (
        "country: US\nprofile: law.yml\n",
        "profile: tcpa\n",
        "caller_id: '+13105550100'\n",
    ):
        for name, text in registers.items():
            path = folder(c__yaml=head + law, dnd__txt=text, law__yml=NEVER)
            code, forecast, told, calls = campaign(path)
            assert code == 1 and not calls, (law, name, told, calls)
            assert "nobody on the list may be called" in told, told
            assert ends(forecast)["dnd"] == 2, (law, name, forecast)


@test
def a_register_that_is_not_understood_stops_the_campaign():
    head = 'name: X\nnumbers: ["+12125550123", "+12125550124"]\ndnd: [ok.txt, dnd.txt]\n'
    for law, text, want in (
        ("profile: law.yml\n", "2125550123\n2125550124\n", "does not say which country"),
        ("profile: law.yml\n", "212,5550123\n", "does not say which country"),
        ("profile: trai\n", "2125550123\n", "were taken for IN"),
        ("profile: tcpa\n", "2125550123\n9.87654E+9\n", "line 2"),
        ("profile: tcpa\n", "2125550123\nunknown\n", "line 2"),
        ("profile: tcpa\n", "5550123\n", "7 digits"),
        ("profile: tcpa\n", "2125550123\nnull\n", "line 2"),
    ):
        path = folder(c__yaml=head + law, dnd__txt=text, ok__txt="+12125550123\n", law__yml=NEVER)
        for command in (
            campaign(path),
            (lambda r: (r.returncode, None, r.stderr, []))(
                run("campaign", "check", "c.yaml", "--flow", "f.yaml", cwd=path)
            ),
        ):
            code, _, told, calls = command
            assert code == 2 and not calls and want in told, (law, text, code, told)


@test
def contacts_are_of_the_country_of_the_law_or_the_caller():
    for more, number, want in (
        ("profile: ofcom\n", "07911 123456", "+447911123456"),
        ("profile: tcpa\n", "2125550123", "+12125550123"),
        ("profile: trai\n", "9876543210", "+919876543210"),
        ("", "9876543210", "+919876543210"),
        ("caller_id: '+442079460018'\n", "07911 123456", "+447911123456"),
        ("country: DE\nprofile: none\n", "030 1234567", "+49301234567"),
        ("caller_id: '+12025550100'\n", "2125550123", "+12125550123"),
        ("country: IN\nprofile: tcpa\n", "9876543210", "+919876543210"),
    ):
        path = folder(
            c__yaml="name: X\ncontacts: c.csv\n" + more,
            c__csv=f"phone_number,consent\n{number},yes\n",
        )
        code, forecast, told, calls = campaign(path)
        assert code == 0 and {c["phone_number"] for c in calls} == {want}, (more, told, calls)
    path = folder(
        c__yaml="name: X\ncontacts: c.csv\nprofile: none\n", c__csv="phone_number\n2125550123\n"
    )
    r = run("campaign", "check", "c.yaml", "--flow", "f.yaml", cwd=path)
    assert r.returncode and "does not say which country" in r.stdout + r.stderr, r
    code, forecast, told, calls = campaign(path)
    assert not calls and code == 1, (code, told, calls)


@test
def a_customer_s_hours_are_those_of_the_number():
    """From New York at nine: Los Angeles must sleep until eight of its own."""
    path = folder(
        c__yaml="name: X\ncontacts: c.csv\nprofile: tcpa\nschedule:\n  zone: America/New_York\n"
        "  start_time: 2025-01-20T09:00:00\n  end_time: 2025-01-20T20:00:00\n"
        "throttle: 60\naudience: { answer: 100%, machine: 0% }\n",
        c__csv="phone_number,consent,time_zone\n+12125550123,yes,\n+13105550123,yes,\n"
        "+18085550123,yes,\n+18505550123,yes,\n+13105550124,yes,America/New_York\n"
        "+14155550100,yes,null\n",
    )
    path_calls = campaign(path)
    assert path_calls[0] == 0, path_calls[2]
    first = {}
    for call in path_calls[3]:
        first.setdefault(call["phone_number"], call["started"])
    hour = {number: placed[11:16] for number, placed in first.items()}
    assert hour["+12125550123"] == "09:00" and hour["+13105550124"] == "09:00", hour
    assert hour["+13105550123"] == "11:00" and hour["+14155550100"] == "11:00", hour
    assert hour["+18085550123"] == "13:00" and hour["+18505550123"] == "09:00", hour


@test
def two_campaigns_leave_a_number_in_peace_between_them():
    one = "name: {name}\ncontacts: c.csv\n{more}audience: {{ answer: 100%, machine: 0% }}\n"
    for more, gap in (("", 1800), ("min_gap: 0s\n", 0), ("min_gap: 2h\n", 7200)):
        path = folder(
            a__yaml=one.format(name="A", more=more),
            b__yaml=one.format(name="B", more=more),
            c__csv="phone_number\n9876543210\n",
        )
        r = run("campaign", "a.yaml", "b.yaml", "--flow", "f.yaml", "--calls", "x.csv", cwd=path)
        assert r.returncode == 0, r.stderr
        rows = list(csv.DictReader(open(os.path.join(path, "x.csv"))))
        assert len(rows) == 2, rows
        begun = [datetime.datetime.fromisoformat(c["started"]) for c in rows]
        ended = begun[0] + datetime.timedelta(
            seconds=float(rows[0]["ringing"]) + float(rows[0]["duration"])
        )
        waited = (begun[1] - (ended if gap else begun[0])).total_seconds()
        assert gap <= waited < gap + 2, (gap, rows)
        told = " ".join(r.stdout.split())
        assert bool(gap) == ("after another campaign's call" in told), r.stdout


if __name__ == "__main__":
    main()
