"""Texts that mean something to one of the forms in which a flow is drawn, each short enough to
be drawn whole."""
import json
import os

TEXTS = [
    "</svg><script>steal()</script>",
    "<img src=x onerror=steal()>",
    "<a href=x>link</a>",
    "</TD></TR></TABLE>>]; x",
    "<!-- ",
    "]]>",
    "&lt;b&gt; &amp;lt; &#60;",
    "#35; #quot; #lt;",
    '" \\" \\N \\G \\n \\',
    "'single' `code` \"`md`\"",
    "**bold** _it_ ~~struck~~",
    "1. one",
    "12. twelve",
    "- item",
    "+ item",
    "# head",
    "[x](https://e.example)",
    "https://e.example www.e.example",
    "javascript:steal()",
    "%%{init: {'theme':'dark'}}%%",
    "%% comment",
    "click s0 href x",
    "end",
    "subgraph a",
    "a --> b; c --- d",
    "s0[x]:::taken",
    "classDef a fill:#f00",
    "style s0 fill:#f00",
    "@{ shape: rect }",
    "fa:fa-car",
    "$$x^2$$",
    "| pipe | {brace} (round)",
    "--- title: x ---",
    "a <br> b",
    "direction LR",
    "accTitle: x",
    "=> == -.- ~~~",
    "x fab:fa-x",
    "Direction TB",
    "the end;",
    "graph TD",
    "$$$$",
    "class s0 a",
    "s0 --> s1",
    "\u202eoverride",
    "नमस्ते 1. दो",
]


def shown(text):
    """As every form shows it: line ends and more than one space are a space, signs that turn the
    line round are replaced."""
    return " ".join(text.replace("\u202e", "\ufffd").split())


def write_flow(folder):
    """f.yaml: each text is said, the first is the title, a route's answer and an SMS; the steps
    stand in the order of TEXTS."""

    def yaml(text):
        return json.dumps(text.replace("{", "{{").replace("}", "}}"), ensure_ascii=False)

    said = "".join(f"  - greeting: {yaml(text)}\n" for text in TEXTS)
    with open(os.path.join(folder, "f.yaml"), "w", encoding="utf-8") as f:
        f.write(
            f"""flow: {json.dumps(TEXTS[0])}
variables: {{ unused: x }}
steps:
{said}  - id: ask
    passthru:
      url: "http://example.com/</text>%%{{{{init}}}}%%"
      stub: {{ status: 200 }}
      routes: {{ {json.dumps(TEXTS[1])}: [ hangup ], "end": [ hangup ] }}
      exits: {{ error: [ sms: {yaml(TEXTS[0])} ] }}
"""
        )
