#!/usr/bin/env python3
"""The same from Python, through ctypes: nothing to build, nothing to install but libdrydial.

    python3 embed.py [path of libdrydial.so.0]
"""
import ctypes as c
import sys

FLOW = b"""flow: Reminder
variables: { name: Asha }
steps:
  - greeting: Hello {name}, your appointment is tomorrow at 3 PM.
  - id: choice
    ivr:
      prompt: Press 1 to confirm, or press 2 to reschedule.
      keys:
        1: { answer: confirmed, then: [greeting: Thank you., hangup] }
        2: { answer: later, then: [greeting: We will call you., hangup] }
      otherwise: [hangup]
"""

dd = c.CDLL(sys.argv[1] if len(sys.argv) > 1 else "libdrydial.so.0")


def declare(name, result, *arguments):
    function = getattr(dd, name)
    function.restype, function.argtypes = result, arguments
    return function


pointer, text = c.c_void_p, c.c_char_p
program_text = declare("dd_program_text", pointer, text, text, c.c_size_t, c.POINTER(pointer))
findings_text = declare("dd_findings_text", text, pointer)
findings_free = declare("dd_findings_free", None, pointer)
program_free = declare("dd_program_free", None, pointer)
run_new = declare("dd_run_new", pointer, pointer)
run_set = declare("dd_run_set", c.c_int, pointer, text, text)
run_keys = declare("dd_run_keys", c.c_int, pointer, text)
run_finish = declare("dd_run_finish", c.c_int, pointer)
run_events = declare("dd_run_events", c.c_size_t, pointer)
run_event_at = declare("dd_run_event_at", c.c_int64, pointer, c.c_size_t)
run_event_type = declare("dd_run_event_type", text, pointer, c.c_size_t)
run_event_text = declare("dd_run_event_text", text, pointer, c.c_size_t)
run_ended_by = declare("dd_run_ended_by", c.c_int, pointer)
ended_by_name = declare("dd_ended_by_name", text, c.c_int)
run_free = declare("dd_run_free", None, pointer)

findings = pointer()
program = program_text(b"reminder.yaml", FLOW, len(FLOW), c.byref(findings))
if not program:
    sys.exit(findings_text(findings).decode() if findings else "out of memory")
run = run_new(program)
if run_set(run, b"name", b"Rahul") or run_keys(run, b"2") or run_finish(run):
    sys.exit("the call could not be run")
for i in range(run_events(run)):
    if run_event_type(run, i) == b"prompt":
        print(f"{run_event_at(run, i):6} ms  {run_event_text(run, i).decode()}")
print("ended by", ended_by_name(run_ended_by(run)).decode())
run_free(run)
program_free(program)
findings_free(findings)
