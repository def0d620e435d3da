"""A flow of about 200 steps as a bank might have it: menus three deep, greetings, passthrus,
text messages, shared endings, ways back."""
TOPICS, SUBJECTS = ["cards", "loans", "accounts", "insurance", "branches"], [
    "balance",
    "statement",
    "block",
    "limit",
]

LEAVES = [
    """
- greeting: Your {0} is being looked up, please hold the line.
- passthru:
    url: https://example.com/{0}
    stub: {{ status: 200 }}
    exits:
      error: [ greeting: We cannot look up your {0} now. Please call us later., goto: goodbye ]
- sms: Your {0} is at example.com
- goto: goodbye
""",
    """
- sms: The {0} is at example.com for a week.
- greeting: We sent the {0} by text message. Goodbye.
- hangup
""",
    """
- greeting: To change the {0}, visit a branch with a proof of identity.
- goto: main
""",
    """
- greeting: A person will call you about your {0} within the hour.
- goto: goodbye
""",
]


def indented(text, by):
    return "".join(" " * by + line + "\n" for line in text.strip("\n").splitlines())


def menu(name, prompt, keys):
    """`keys`: the mapping below a key, or a whole line."""
    lines = [f"- id: {name}", "  ivr:", f"    prompt: {prompt}", "    keys:"]
    for key, what in keys:
        lines.append(
            f'      "{key}": {what}'
            if what.startswith("{")
            else f'      "{key}":\n{indented(what, 8)}'.rstrip("\n")
        )
    return "\n".join(lines + ["    otherwise: [ goto: goodbye ]"])


def then(steps, goal=False):
    return ("goal: true\n" if goal else "") + "then:\n" + indented(steps, 2)


def third(topic, subject, n):
    text, back = f"{topic} {subject}", ("*", f"{{ goto: {topic} }}")
    return menu(
        f"{topic}_{subject}",
        f"For the {text}, press 1 to hear it, press 2 to get it by text message, or star to go "
        "back.",
        [
            ("1", then(LEAVES[n % 4].format(text))),
            ("2", then(LEAVES[(n + 1) % 4].format(text), True)),
            back,
            ("0", "{ goto: operator }"),
        ],
    )


def second(topic, n):
    keys = [(str(i + 1), then(third(topic, subject, n + i))) for i, subject in enumerate(SUBJECTS)]
    return menu(
        topic,
        f"You chose {topic}. Press 1 for the balance, 2 for the statement, 3 to block, 4 for "
        "limits, or star to go back.",
        keys + [("*", "{ goto: main }"), ("0", "{ goto: operator }")],
    )


def text():
    keys = [(str(i + 1), f"{{ goto: {topic} }}") for i, topic in enumerate(TOPICS)] + [
        ("9", "{ opt_out: true, goto: optout }"),
        ("0", "{ goto: operator }"),
    ]
    steps = [
        "- id: hello\n"
        "  greeting: Hello, this is the bank of examples with news about your account.",
        menu("main", "Press 1 to 5, or 9 to stop.", keys),
    ]
    steps += [second(topic, n) for n, topic in enumerate(TOPICS)]
    for name, said in (
        ("operator", "One of us will call you back."),
        ("optout", "You will not be called again."),
        ("goodbye", "Thank you. Goodbye."),
    ):
        steps.append(f"- id: {name}\n  greeting: {said}\n- hangup")
    return "flow: Everything about your account\nsteps:\n" + indented("\n".join(steps), 2)
