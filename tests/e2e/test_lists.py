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


def listed(path, *args, **more):
    done = run("list", *args, "--format", "json", cwd=path, **more)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


SAID = "flow: R\npurpose: reminder\nvariables: { name: Asha, amount: 200 }\nsteps:\n" + (
    "  - greeting: Hello {name}, pay {amount}.\n  - hangup\n"
)
DIRT = {
    # a row's own words → what list says of it, whether it is left out
    "9.19877E+11,Asha,200": "a spreadsheet has cut the telephone number",
    ",Asha,200": "there is no telephone number",
    "null,Asha,200": "a word for nothing stands for the telephone number",
    "#N/A,Asha,200": "a word for nothing stands for the telephone number",
    "98765,Asha,200": "the telephone number has too few or too many digits",
    "ask him,Asha,200": "this is no telephone number",
    "9876543210,Asha,200,extra": "the columns are shifted",
    "Asha,9876543299,200": "the columns are shifted",
    '9876543298,"As"ha,200': "the line cannot be read",
    "9876543220,,200": "a value that is said is empty",
    "9876543221": "a value that is said is empty",
    "9876543222,null,200": "a word for nothing stands for a value",
    "9876543223,NaN,200": "a word for nothing stands for a value",
    "9876543224,none,200": "a word for nothing stands for a value",
    "9876543225,#N/A,200": "a word for nothing stands for a value",
    "9876543226,%name%,200": "a placeholder is still to be filled in",
    "9876543227,[Customer Name],200": "a placeholder is still to be filled in",
    "9876543228,{{name}},200": "a placeholder is still to be filled in",
    "9876543229,Dear {name},200": "a placeholder is still to be filled in",
    "9876543230,*|FNAME|*,200": "a placeholder is still to be filled in",
    "9876543231,Asha,1.5E+05": "a spreadsheet has cut a value",
    "9876543232,Zo\u00c3\u00ab,200": "letters were garbled by a wrong encoding",
}
FINE = [
    "9876543240,Asha,200",
    "+91 98765 43241,O'Brien-Rao,1500.10",
    "09876543242,Nina None-Such,2 lakh",
    "9.876543243E+9,A < B,50% off 20%",
    "9876543244,[sic] Ann,45678",
    "9876543245.0,Zo\u00eb,10%",
    "919876543246,Na,{}",
]


@test
def a_list_s_faults_are_told_by_kind_and_never_guessed():
    for row, title in DIRT.items():
        path = folder(f__yaml=SAID, c__csv="phone_number,name,amount\n" + row + "\n")
        code, health, told = listed(path, "c.csv", "--flow", "f.yaml")
        found = {f["fault"] for f in health["faults"]}
        assert code == 1 and title in found, (row, health["faults"], told)
        # the other commands say so, too
        for command in (
            ("check", "f.yaml", "--contacts", "c.csv"),
            ("campaign", "check", "c.yaml", "--flow", "f.yaml"),
        ):
            with open(os.path.join(path, "c.yaml"), "w") as f:
                f.write("name: X\ncaller_id: '+918012345678'\ncontacts: c.csv\n")
            done = run(*command, cwd=path)
            assert done.returncode in (1, 2), (row, command, done.stdout, done.stderr)
    for row in FINE:
        path = folder(f__yaml=SAID, c__csv="phone_number,name,amount\n" + row + "\n")
        code, health, told = listed(path, "c.csv", "--flow", "f.yaml")
        assert code == 0 and not health["faults"], (row, health["faults"], told)
        done = run("check", "f.yaml", "--contacts", "c.csv", cwd=path)
        assert done.returncode == 0, (row, done.stdout)


@test
def a_list_is_repaired_where_it_is_certain_and_the_rest_keeps_its_reason():
    good = ["phone_number,name,amount", *FINE]
    rows = [x for pair in zip(good[1:], list(DIRT)[: len(FINE)]) for x in pair]
    text = "\n".join([good[0].replace("phone_number", "Mobile No.")] + rows) + "\n"
    variants = {
        "plain": text,
        "UTF-16": text.encode("utf-16"),
        "UTF-16 without its mark": text.encode("utf-16-le"),
        "CRLF and a mark": ("\ufeff" + text).replace("\n", "\r\n"),
        "semicolons": text.replace(",", ";"),
        "tabs": text.replace(",", "\t"),
    }
    for name, content in variants.items():
        path = folder(f__yaml=SAID, c__csv=content)
        done = run("list", "c.csv", "--flow", "f.yaml", "--fix", "good.csv", cwd=path)
        assert done.returncode == 1, (name, done.stdout, done.stderr)
        fixed = list(csv.DictReader(open(f"{path}/good.csv", encoding="utf-8")))
        assert [r["phone_number"] for r in fixed] == [f"+91987654324{i}" for i in range(7)], name
        assert fixed[1]["name"] == "O'Brien-Rao", (name, fixed)
        rest = list(csv.DictReader(open(f"{path}/good.rest.csv", encoding="utf-8")))
        assert len(rest) == 7 and all(r["reason"] for r in rest), (name, rest)
        assert [int(r["line"]) for r in rest] == [3, 5, 7, 9, 11, 13, 15], (name, rest)
        # what was repaired needs no repair any more
        code, health, told = listed(path, "good.csv", "--flow", "f.yaml")
        assert code == 0 and not health["faults"] and not health["repairs"], (name, health)
    # nothing is written over the list itself, and a list that is none leaves no file
    path = folder(f__yaml=SAID, c__csv=text, empty__csv="")
    for args in (("c.csv", "--fix", "c.csv"), ("c.csv", "--fix", "x.csv", "--rest", "c.csv")):
        done = run("list", *args, cwd=path)
        assert done.returncode == 2 and open(f"{path}/c.csv").read() == text, done
    done = run("list", "empty.csv", "--fix", "y.csv", cwd=path)
    assert done.returncode == 2 and not os.path.exists(f"{path}/y.csv"), done


@test
def two_thousand_rows_are_told_in_a_page():
    rows = ["phone_number,name,due_date,zip"]
    for i in range(2000):
        rows.append(
            f"98{i:08d},null,45678,0{i % 90 + 1000}"
            if i % 3
            else f"98{i - 1:08d},Asha,2025-01-20,{i % 90 + 1000}"
            if i % 10 == 0
            else f"9.8E+9,{{name}},2025-01-20,0{i % 90 + 1000}"
        )
    path = folder(c__csv="\n".join(rows) + "\n")
    done = run("list", "c.csv", cwd=path)
    assert done.returncode == 1 and len(done.stdout.splitlines()) < 60, done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80, done.stdout
    code, health, _ = listed(path, "c.csv")
    kinds = {f["fault"]: f for f in health["faults"]}
    cut = kinds["a spreadsheet has cut the telephone number"]
    assert cut["rows"] == sum(r.startswith("9.8E") for r in rows) and len(cut["examples"]) == 3
    dates = kinds["a spreadsheet has turned a date or time into a number"]
    assert "2025-01-21" in dates["examples"][0]["reason"], dates
    assert "leading zeros may be lost" in kinds and "the number stands earlier in the list" in kinds
    for bad in ("", "a,b\n1,2\n", "phone_number\n98765\n"):
        path = folder(c__csv=bad)
        assert run("list", "c.csv", cwd=path).returncode in (1, 2), bad
    path = folder(c__csv="9876543210,Asha\n9876543211,Ravi\n")
    code, health, _ = listed(path, "c.csv", "--fix", "good.csv")
    assert not health["has_head"] and health["callable"] == 2, health
    assert open(f"{path}/good.csv").read().startswith("phone_number,column_2\n+919876543210,Asha")
    code, health, _ = listed(path, "-", "--country", "US", input="phone_number\n2125550123\n")
    assert code == 0 and health["countries"] == {"+1": 1}, health


if __name__ == "__main__":
    main()
