"""What is ten times as large takes about ten times as long (tools/growth; make bench has it
all)."""
import os
import subprocess
import sys

from lib import DRYDIAL, ROOT, main, test


@test
def time_grows_as_what_is_given_does():
    kinds = ("errors", "variables", "scenario", "walked", "contacts", "one more", "list", "beside")
    done = subprocess.run(
        [sys.executable, os.path.join(ROOT, "tools", "growth"), DRYDIAL, "--steps", "2", *kinds],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0 and done.stdout.count("\n") >= 7, done.stdout + done.stderr


if __name__ == "__main__":
    main()
