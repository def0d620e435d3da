"""Flows as designers write them: no false finding, no labelled fault missed (tests/designers)."""
import glob
import json
import os

from lib import ROOT, main, run, test

HERE = os.path.join(ROOT, "tests/designers")
# Advice that a careful designer may follow or not: it names no fault of the call. Notes are advice,
# too.
ADVICE = {
    "no-sms-backup": "a code, an amount or a warning is hard to remember",
    "no-invalid-message": "a wrong key is answered with the prompt alone",
    "not-personal": "the same words for everybody: personalise when possible",
    "monologue-length": "what a message over its length also is",
}
# Findings beside a label that are right, and which its author did not think of.
ALSO_TRUE = {
    # six digits are complete without the # that the prompt asks for
    "18-pincode-service.yaml": {"collect-finish"},
    # the answers of the survey and the opt-out in it go nowhere, for one reason
    "19-car-service-feedback.yaml": {"opt-out-not-followed-up"},
    # no try is left, and three seconds are short: the reason for which nobody presses
    "28-vaccination-reminder.yaml": {"retries-zero", "timeout-short"},
    # the key that works in place of the announced one
    "29-holiday-packages.yaml": {"key-not-announced"},
    # the amount that was typed is read back as one number
    "17-card-payment.yaml": {"bare-number"},
}


def found_in(path):
    told = json.loads(run("check", path, "--format", "json").stdout)
    return [d for d in told["diagnostics"]]


@test
def each_labelled_fault_is_found_and_nothing_else():
    with open(os.path.join(HERE, "labels.json"), encoding="utf-8") as f:
        labels = json.load(f)
    paths = sorted(glob.glob(os.path.join(HERE, "*.yaml")))
    assert len(paths) == len(labels) == 30, len(paths)
    wrong = []
    for path in paths:
        name = os.path.basename(path)
        found = found_in(path)
        codes = {d["code"] for d in found}
        explained = set(ADVICE) | ALSO_TRUE.get(name, set())
        for label in labels[name]:
            if not codes & set(label["rules"]):
                wrong.append((name, "missed", label["fault"]))
            explained |= set(label["rules"])
        wrong += [
            (name, "false", d["line"], d["code"], d["message"])
            for d in found
            if d["severity"] != "note" and d["code"] not in explained
        ]
    assert not wrong, "\n".join(map(str, wrong))


if __name__ == "__main__":
    main()
