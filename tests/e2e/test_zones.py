"""Time zones are what Python's zoneinfo says they are: around every change from 1990 to 2050,
and between."""
import datetime
import glob
import os
import subprocess
import zoneinfo

from lib import DRYDIAL, main, ROOT, test

ZONES = """
Africa/Cairo Africa/Casablanca
America/Caracas America/Chicago America/Havana America/Los_Angeles America/New_York America/Nuuk
America/Santiago America/Sao_Paulo America/St_Johns
Antarctica/Troll
Asia/Gaza Asia/Jerusalem Asia/Kathmandu Asia/Kolkata Asia/Pyongyang Asia/Tehran
Australia/Lord_Howe Australia/Sydney
Europe/Dublin Europe/Istanbul Europe/London Europe/Moscow
Pacific/Apia Pacific/Chatham Pacific/Kiritimati
UTC
""".split()
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
START, END, DAY = 631152000, 2524608000, 86400


def offset(zone, s):
    return int((EPOCH + datetime.timedelta(seconds=s)).astimezone(zone).utcoffset().total_seconds())


def change_between(zone, low, high):
    """The first second with the offset of `high`; between the two there is one change."""
    before = offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high


def instant(zone, wall):
    """What `wall` (seconds, as if it were UTC) means: the first of two, and after a gap its end."""
    naive = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=wall)
    s = int((naive.replace(tzinfo=zone) - EPOCH).total_seconds())
    if s + offset(zone, s) == wall:
        return s
    later = int((naive.replace(tzinfo=zone, fold=1) - EPOCH).total_seconds())
    return change_between(zone, min(s, later) - 1, max(s, later) + 1)


def table():
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        yield f"Z {name}"
        days = [(s, offset(zone, s)) for s in range(START, END, DAY)]
        changes = [
            change_between(zone, s, s + DAY) for (s, a), (_, b) in zip(days, days[1:]) if a != b
        ]
        for s in changes:
            for near in (s - 1, s, s + 1):
                yield f"O {near} {offset(zone, near)}"
            for wall in range(s + offset(zone, s - 1) - 7200, s + offset(zone, s - 1) + 7201, 600):
                yield f"I {wall // DAY} {wall % DAY} {instant(zone, wall)}"
        for s, a in days[::41]:
            yield f"O {s} {a}"
            yield f"I {(s + a) // DAY} {(s + a) % DAY} {s}"


@test
def zones_are_what_zoneinfo_says():
    beside = os.path.join(os.path.dirname(DRYDIAL), "tests/base/test_zone")
    binary = next(
        p
        for p in [beside, *glob.glob(os.path.join(ROOT, "build/*/tests/base/test_zone"))]
        if os.path.exists(p)
    )
    lines = "\n".join(table()) + "\n"
    done = subprocess.run([binary, "-"], input=lines, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    assert (
        done.stdout == f"{lines.count(chr(10))} lines, 0 wrong\n" and lines.count("\n") > 20000
    ), done.stdout


if __name__ == "__main__":
    main()
