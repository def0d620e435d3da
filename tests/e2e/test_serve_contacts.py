"""Contact lists of drydial serve, campaigns that call them, and campaigns that are edited."""
import json

from lib import main, test
from serving import folder_with, Server, until

HELLO = "flow: Hello\nsteps: [ { greeting: Hello }, hangup ]\n"
NAMED = (
    "flow: Named\nvariables: { first_name: friend }\n"
    "steps: [ { greeting: 'Dear {first_name}' }, hangup ]\n"
)
URL = "http://my.exotel.com/me/exoml/start_voice/"
V2 = "/v2/accounts/me/"


def make(server, status=200, **body):
    body = {"caller_id": "08047112345", "url": URL + "hello", **body}
    body = {k: v for k, v in body.items() if v is not None}
    answer = server.json("POST", V2 + "campaigns", {"campaigns": [body]}, status)
    item = answer["response"][0]
    return item["data"] if status == 200 else item["error_data"]["description"]


def over(server, id):
    return until(
        lambda: (lambda d: d if d["status"] == "Completed" else None)(
            server.json("GET", V2 + "campaigns/" + id)["response"][0]["data"]
        )
    )


def words(server, id):
    """What each number of a campaign was told."""
    out = {}
    for call in server.json("GET", V2 + f"campaigns/{id}/call-details")["response"]:
        events = server.side("calls/" + call["call_sid"])["transcript"]["events"]
        out[call["number"]] = " ".join(e["text"] for e in events if e.get("text"))
    return out


@test
def lists_are_made_filled_called_and_read_aloud():
    with Server("--answer", "human", flows=folder_with(hello=HELLO, named=NAMED)) as server:
        people = [
            {"number": "+919876543210", "first_name": "Asha", "amount": "1500"},
            {"number": "09876543211", "first_name": "Ravi {x}"},
            {"number": "nobody"},
        ]
        answer = server.json("POST", V2 + "contacts", {"contacts": people}, 207)
        assert answer["metadata"] == {"total": 3, "success": 2, "failed": 1}, answer
        sids = [r["data"]["sid"] for r in answer["response"] if r["code"] == 200]
        made = server.json("POST", V2 + "lists", {"lists": [{"name": "patients", "tag": "a"}]})
        list = made["response"][0]["data"]["sid"]
        references = {"contact_references": [{"contact_sid": sid} for sid in sids + ["none"]]}
        server.json("POST", V2 + f"lists/{list}/contacts", references, 207)
        found = server.json("GET", V2 + f"lists/{list}/contacts")
        assert [r["data"]["number"] for r in found["response"]] == [
            "+919876543210",
            "+919876543211",
        ], found
        assert server.json("GET", V2 + "lists/" + list)["response"][0]["data"]["count"] == 2
        assert server.json("GET", V2 + "contacts")["metadata"]["total"] == 2
        got = server.json("GET", V2 + "contacts/" + sids[0])["response"][0]["data"]
        assert got["first_name"] == "Asha", got
        # a text with columns; a flow whose variable is a column; a text without any
        text = make(
            server,
            url=None,
            lists=[list],
            read_via_text="Dear @@first_name, you owe @@amount rupees {sic}.",
            campaign_type="dynamic",
        )
        named = make(server, url=URL + "named", lists=[list])
        plain = make(server, url=None, read_via_text="Hello all.", **{"from": ["9876543212"]})
        for campaign in (text, named, plain):
            over(server, campaign["id"])
        heard = words(server, text["id"])
        assert "Dear Asha, you owe 1500 rupees {sic}." in heard["+919876543210"], heard
        assert "Dear Ravi {x}, you owe amount rupees" in heard["+919876543211"], heard
        assert "Dear Asha" in words(server, named["id"])["+919876543210"]
        assert "Hello all." in words(server, plain["id"])["+919876543212"]
        for body, why in (
            ({"lists": ["none"]}, "not there"),
            ({"lists": [list], "from": ["9876543210"]}, "not both"),
            ({"url": None, "read_via_text": "Dear @@x", "from": ["9876543210"]}, "give lists"),
            ({"name": "abc", "from": ["9876543210"]}, "more than 3 characters"),
        ):
            assert why in make(server, 400, **body), body
        empty = server.json("POST", V2 + "lists", {"lists": [{"name": "nobody"}]})
        assert "nobody in them" in make(server, 400, lists=[empty["response"][0]["data"]["sid"]])
        # a file of a spreadsheet
        edge = "XXboundaryXX"
        parts = {"list_name": "upload", "file_name": "number,first_name\n9876543213,Mia\nx,y\n"}
        form = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in parts.items()
        )
        status, _, text = server.ask(
            "POST",
            V2 + "contacts/csv-upload",
            form + f"--{edge}--\r\n",
            {"Content-Type": "multipart/form-data; boundary=" + edge},
        )
        data = json.loads(text)["response"][0]["data"]
        assert status == 200 and (data["accepted"], data["rejected"]) == (1, 1), text
        uploaded = make(server, url=URL + "named", lists=[data["sid"]])
        over(server, uploaded["id"])
        assert "Dear Mia" in words(server, uploaded["id"])["+919876543213"]
        assert server.ask("DELETE", V2 + "lists/" + list)[0] == 200
        assert server.ask("GET", V2 + "lists/" + list)[0] == 404
        assert server.ask("DELETE", V2 + "contacts/" + sids[0])[0] == 200
        assert server.json("GET", V2 + "contacts")["metadata"]["total"] == 2


@test
def a_list_is_known_by_its_name_and_by_its_id():
    with Server("--answer", "human", flows=folder_with(hello=HELLO)) as server:
        new = {"lists": [{"name": "patients"}]}
        made = server.json("POST", V2 + "lists", new)["response"][0]["data"]
        again = server.json("POST", V2 + "lists", new, 207)["response"][0]
        assert again["code"] == 409 and "of that name" in json.dumps(again), again
        people = {"contacts": [{"number": "9876543210", "first_name": "Asha"}]}
        contact = server.json("POST", V2 + "contacts", people)["response"][0]["data"]
        references = {"contact_references": [{"contact_sid": contact["sid"]}]}
        added = server.json("POST", V2 + f"lists/{made['sid']}/contacts", references)
        assert made["sid"] in json.dumps(added["response"][0]), added
        # a list that is gone leaves its name to another
        assert server.ask("DELETE", V2 + "lists/" + made["sid"])[0] == 200
        assert server.json("POST", V2 + "lists", new)["response"][0]["code"] == 200


@test
def a_campaign_can_be_edited_until_it_begins():
    with Server(
        "--answer",
        "human",
        "--at",
        "2025-01-20T10:00:00+05:30",
        flows=folder_with(hello=HELLO, named=NAMED),
        speed="real",
    ) as server:
        later = {"send_at": "2025-01-20T12:00:00+05:30", "end_at": "2025-01-20T18:00:00+05:30"}
        made = make(server, name="Early", schedule=later, **{"from": ["9876543210"]})
        path = V2 + "campaigns/" + made["id"]

        def put(body, status=200):
            item = server.json("PUT", path, {"campaigns": [body]}, status)["response"][0]
            return item["data"] if status == 200 else item["error_data"]["description"]

        changed = put(
            {
                "name": "Other",
                "from": ["9876543211", "9876543212"],
                "url": URL + "named",
                "schedule": dict(later, send_at="2025-01-20T11:00:00+05:30"),
            }
        )
        assert changed["id"] == made["id"] and changed["name"] == "Other", changed
        assert changed["stats"]["created"] == 2
        assert "only action" not in put({"retries": {"number_of_retries": 1, "interval_mins": 30}})
        for body in ({"color": "red"}, {"name": "abc"}, {"from": ["x"]}, {"url": "tel:1"}):
            put(body, 400)  # and nothing of it is kept
        assert server.json("GET", path)["response"][0]["data"]["name"] == "Other"
        server.kill()
        server.start()
        server.side("clock", {"to": "2025-01-20T10:59:00+05:30"})
        assert server.json("GET", path + "/call-details")["metadata"]["total"] == 0
        server.side("clock", {"to": "2025-01-20T11:10:00+05:30"})
        calls = server.json("GET", path + "/call-details")["response"]
        assert [c["number"] for c in calls] == ["+919876543211", "+919876543212"], calls
        assert "has begun" in put({"name": "Late"}, 400)
        assert put({"status_callback": "http://127.0.0.1:9/x"})  # those always can


if __name__ == "__main__":
    main()
