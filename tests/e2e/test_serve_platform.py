"""drydial serve answers as the platform does where clients and manuals were found to differ from
what a first reading gives: each test is a line of that list."""
import email.utils
import io
import json
import re
import select
import socket
import time
import urllib.error
import urllib.request
import wave

from lib import main, test
from serving import FLOW, folder_with, Receiver, Server, until


def connect(server, **form):
    """Status, headers and the answer."""
    fields = {
        "From": "+919876543210",
        "CallerId": "08047112345",
        "Url": "http://my.exotel.com/exoml/start/otp",
        **form,
    }
    status, headers, text = server.ask("POST", "/v1/Accounts/me/Calls/connect.json", fields)
    return status, headers, json.loads(text)


def listed(server, query, status=200):
    answer = server.json("GET", "/v1/Accounts/me/Calls.json?" + query, status=status)
    return [c["Sid"] for c in answer["Calls"]] if status == 200 else answer["RestException"]


@test
def a_callback_is_multipart_comes_after_the_answer_and_is_tried_three_times():
    early, waiting = [], {}

    def answer(path, fields):
        if path in ("/early", "/balance"):  # is the answer to connect there by now?
            early.append(bool(select.select([waiting["socket"]], [], [], 0)[0]))
        return {"/created": 201, "/nothing": 204, "/found": 302, "/never": 500}.get(path, 200), ""

    with Receiver(answer) as receiver:
        folder = folder_with(
            balance=FLOW.replace("{URL}", receiver.url),
            otp="flow: Otp\nsteps: [ { greeting: Hello }, hangup ]\n",
        )
        with Server("--rate", "0", "--answer", "human", flows=folder) as server:
            for flow in ["otp", "balance"] * 5:
                body = (
                    "From=09876543210&CallerId=08047112345&Url=http://my.exotel.com/exoml/start/"
                    + f"{flow}&StatusCallback={receiver.url}/early"
                )
                waiting["socket"] = s = socket.create_connection(("127.0.0.1", server.port))
                looked = len(early) + (2 if flow == "balance" else 1)
                s.sendall(
                    b"POST /v1/Accounts/me/Calls/connect HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    b"Authorization: Basic azp0\r\n"
                    b"Content-Type: application/x-www-form-urlencoded\r\n"
                    + f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
                )
                until(lambda: len(early) == looked)  # before its socket is another one
                s.close()
            assert len(early) == 15 and all(early), early
            types = [t for at, t, _ in receiver.got if at == "/early"]
            assert all(t.startswith("multipart/form-data; boundary=") for t in types), types
            for path in ("/created", "/nothing", "/found", "/never"):
                server.connect("otp", StatusCallback=receiver.url + path)
            until(lambda: server.side("status")["callbacks_given_up"] == 2)
            tries = {path: len(receiver.of(path)) for path in ("/created", "/nothing")}
            assert tries == {"/created": 1, "/nothing": 1}, tries
            assert len(receiver.of("/found")) == len(receiver.of("/never")) == 3
        yaml = folder_with(
            otp="flow: Otp\nsteps: [ { greeting: Hello }, hangup ]\n",
            serve__yaml="callback_form: urlencoded\n",
        )
        for path, options, flows in (
            ("/option", ["--callback-form", "urlencoded"], folder),
            ("/file", [], yaml),
        ):
            with Server(*options, flows=flows) as server:
                server.connect("otp", StatusCallback=receiver.url + path)
                until(lambda: receiver.of(path))
                assert [t for at, t, _ in receiver.got if at == path] == [
                    "application/x-www-form-urlencoded"
                ]


@test
def a_network_needs_seconds_to_find_out_that_nobody_answers():
    def moment(text):
        return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S"))

    with Server("--rate", "0") as server:
        seen = set()
        for answer in ("busy", "failed"):
            for n in range(12):
                server.side("next", {"answer": answer})
                over = server.over(server.connect("otp", From=f"+9198765432{n:02}")["Sid"])
                took = moment(over["EndTime"]) - moment(over["StartTime"])
                assert over["Status"] == answer and 2 <= took <= 7, over
                seen.add(took)
        assert len(seen) > 2, seen  # it is not always the same


@test
def two_numbers_have_two_legs_and_the_first_was_answered_by_nobody():
    with Receiver() as receiver, Server("--rate", "0", "--answer", "human") as server:
        events = {"StatusCallbackEvents[0]": "terminal"}
        for type in ("application/json", "multipart/form-data"):
            status, _, answer = connect(
                server,
                Url="",
                To=" 919876543211" if type == "application/json" else "9876543211",
                StatusCallback=receiver.url + "/" + type[:4],
                StatusCallbackContentType=type,
                **events,
            )
            assert status == 200, answer
        sid = answer["Call"]["Sid"]
        server.over(sid)
        details = server.json("GET", f"/v1/Accounts/me/Calls/{sid}.json?details=true")["Call"]
        assert [leg["Leg"]["Id"] for leg in details["Details"]["Legs"]] == [1, 2], details
        assert details["Details"]["Leg2Status"] == "completed"
        assert "<Id>2</Id>" in server.ask("GET", f"/v1/Accounts/me/Calls/{sid}?details=true")[2]
        legs = until(lambda: receiver.of("/appl"))[0]
        assert legs["To"] == "+919876543211", legs  # its plus was not encoded
        assert [leg["AnsweredBy"] for leg in legs["Legs"]] == ["NA", "Human"], legs
        assert [leg["Status"] for leg in legs["Legs"]] == ["completed"] * 2, legs
        form = until(lambda: receiver.of("/mult"))[0]
        assert (form["Legs[0][AnsweredBy]"], form["Legs[1][AnsweredBy]"]) == ("NA", "Human")
        assert form["Legs[1][OnCallDuration]"] == form["Legs[0][OnCallDuration]"] == "10"


@test
def lists_filter_as_the_manual_says_and_refuse_what_they_do_not_understand():
    with Server("--rate", "0", "--answer", "human", speed="max") as server:
        flow = server.connect("otp", From="+919876543210", CallerId="08047112345")["Sid"]
        other = server.connect("otp", From="9876543299", CallerId="08047119999")["Sid"]
        joined = connect(server, From="09876543210", To="9876543211", Url="")[2]["Call"]["Sid"]
        for sid in (flow, other, joined):
            server.over(sid)
        server.side("next", {"answer": "phone"})
        for query, want in {
            "": [joined, other, flow],
            "To=9876543210": [flow],
            "To=+919876543210": [flow],  # a blank by the time that it is read
            "To=09876543211": [joined],
            "To=9876543299,%2B919876543210": [other, flow],
            "From=09876543210": [joined, flow],
            "From=1234567890,919876543299": [other],
            "PhoneNumber=%2B918047119999": [other],
            "Direction=outbound-api": [joined, other, flow],
            "Direction=inbound": [],
            "Price=gte:0": [joined, other, flow],
            "Price=gte:0.5": [],
            "Status=completed": [joined, other, flow],
            "Status=in-progress": [],
            "EndTime=gte:2020-01-01 00:00:00".replace(" ", "%20"): [joined, other, flow],
            "RecordingUrlValidity=5": [joined, other, flow],
        }.items():
            assert listed(server, query) == want, query
        for query in (
            "To=1,2,3",
            "From=" + ",".join(["9876543210"] * 6),
            "PhoneNumber=x",
            "Direction=sideways",
            "Price=gte:dear",
            "Status=over",
            "Color=red",
            "to=9876543210",
            "RecordingUrlValidity=4",
            "RecordingUrlValidity=61",
        ):
            error = listed(server, query, 400)
            assert error["Code"] == "BAD_REQUEST", (query, error)
    with Server("--answer", "human", speed="real") as server:
        sid = server.connect("otp")["Sid"]
        assert listed(server, "") == [] and server.call(sid)["Sid"] == sid  # it is not over


@test
def fields_have_the_platforms_limits_and_numbers_vary():
    with Server("--rate", "3", "--answer", "human") as server:
        for form, status, word in (
            ({"CustomField": "₹" * 129}, 400, "CustomField"),
            ({"TimeOut": "61"}, 400, "TimeOut"),
            ({"CallType": "promo"}, 403, "no longer supported"),
            ({"Record": "perhaps"}, 400, "Record"),
            ({"StreamUrl": "wss://bot.example.com/x", "Url": ""}, 501, "not simulated"),
        ):
            got, headers, answer = connect(server, **form)
            assert got == status and word in answer["RestException"]["Message"], answer
            assert "X-RateLimit-Limit" not in headers
        for left in (2, 1, 0):
            got, headers, _ = connect(server, CustomField="₹" * 128, TimeOut="60")
            assert got == 200 and headers["X-RateLimit-Limit"] == "3"
            assert headers["X-RateLimit-Remaining"] == str(left)
        got, headers, answer = connect(server)
        assert got == 429 and answer["RestException"]["Code"] == "RATE_LIMIT_EXCEEDED", answer
        assert headers["X-RateLimit-Remaining"] == "0" and 0 < int(headers["Retry-After"]) <= 60
        assert int(headers["X-RateLimit-Reset"]) > 1500000000
        got, _, text = server.ask("GET", "/v1/Accounts/me/Calls.json", credentials=None)
        assert got == 401 and json.loads(text)["RestException"]["Code"] == "UNAUTHORIZED"
        known = [
            server.json("GET", f"/v1/Accounts/me/Numbers/98765432{n:02}.json")["Numbers"]
            for n in range(40)
        ]
        assert len({k["Circle"] for k in known}) > 8
        assert len({k["OperatorName"] for k in known}) > 2
        landline = server.json("GET", "/v1/Accounts/me/Numbers/08047112345.json")["Numbers"]
        assert (landline["Type"], known[0]["Type"]) == ("Landline", "Mobile"), (landline, known[0])
        again = server.json("GET", "/v1/Accounts/me/Numbers/+919876543200.json")["Numbers"]
        assert again == known[0]


@test
def a_passthru_has_the_platforms_date_and_numbers():
    with Receiver() as receiver:
        folder = folder_with(balance=FLOW.replace("{URL}", receiver.url))
        with Server(flows=folder) as server:
            server.over(server.connect("balance")["Sid"])
            asked = receiver.of("/balance")[0]
            created = email.utils.parsedate(asked["Created"])
            assert created and re.fullmatch(
                r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d", asked["Created"]
            ), asked
            start = time.strptime(asked["StartTime"], "%Y-%m-%d %H:%M:%S")
            assert tuple(created[:6]) == tuple(start[:6]), asked
            assert time.strftime("%a", start) == asked["Created"][:3]
            assert asked["flow_id"].isdigit() and asked["tenant_id"].isdigit(), asked


@test
def a_call_that_is_recorded_has_a_file_that_can_be_fetched():
    def fetch(url):
        with urllib.request.urlopen(url) as answer:
            assert answer.headers["Content-Type"] == "audio/wav"
            return wave.open(io.BytesIO(answer.read()))

    with Receiver() as receiver, Server("--answer", "keys 1") as server:
        sid = server.connect(Record="true", StatusCallback=receiver.url + "/x")["Sid"]
        none = server.connect(Record="false", StatusCallback=receiver.url + "/none")["Sid"]
        busy = server.side("next", {"answer": "busy"}) and server.connect(Record="true")["Sid"]
        fields = {"From": "+919876543210", "CallerId": "08047112345", "Record": True}
        fields["Url"] = "http://my.exotel.com/exoml/start/appointment-reminder"
        said = server.json("POST", "/v1/Accounts/me/Calls/connect.json", fields)["Call"]["Sid"]
        assert server.over(said)["RecordingUrl"]  # JSON's own true
        over, other = server.over(sid), server.over(none)
        assert other["RecordingUrl"] is None and server.over(busy)["RecordingUrl"] is None
        sound = fetch(over["RecordingUrl"])
        ms = server.side("calls/" + sid)["transcript"]["duration_ms"]
        assert sound.getnframes() == ms * sound.getframerate() // 1000, (sound, ms)
        samples = sound.readframes(sound.getnframes())
        assert len(set(samples)) > 50  # somebody speaks
        assert until(lambda: receiver.of("/x"))[0]["RecordingUrl"] == over["RecordingUrl"]
        assert until(lambda: receiver.of("/none"))[0]["RecordingUrl"] == ""
        path = f"/v1/Accounts/me/Calls/{sid}.json?RecordingUrlValidity="
        short = server.json("GET", path + "5")["Call"]["RecordingUrl"]
        fetch(short)
        server.side("clock", {"advance": "6m"})
        try:
            fetch(short)
        except urllib.error.HTTPError as error:
            assert error.code == 403
        else:
            raise AssertionError("it has not expired")
        for path in ("../../etc/passwd", "me/" + none + ".wav", "you/" + sid + ".wav"):
            assert server.ask("GET", "/recordings/" + path)[0] == 404, path
        server.stop()
        server.start()  # the file and its address outlive the server
        fetch(server.call(sid)["RecordingUrl"])
        server.side("reset", {})
        assert server.ask("GET", "/" + over["RecordingUrl"].split("/", 3)[3])[0] == 404


@test
def the_account_its_numbers_and_whom_it_may_call():
    folder = folder_with(
        otp="flow: Otp\nsteps: [ { greeting: Hello }, hangup ]\n",
        serve__yaml='callers: ["+918047112345", "+918047119999"]\n',
    )
    xml = "/v1/Accounts/me"
    with Server("--profile", "tcpa", "--at", "2025-01-20T10:00:00-05:00", flows=folder) as server:
        assert server.json("GET", xml + ".json")["Account"]["Status"] == "active"
        assert "<Sid>me</Sid>" in server.ask("GET", xml)[2]
        assert float(server.json("GET", xml + "/Balance.json")["Balance"]["Balance"]) > 0
        assert "<Currency>INR</Currency>" in server.ask("GET", xml + "/Balance")[2]
        three = (
            "/v1/Accounts/me/IncomingPhoneNumbers",
            "/v2_beta/Accounts/me/IncomingPhoneNumbers",
        )
        three += ("/v2/accounts/me/incoming-phone-numbers",)
        # each version of the API has a shape of its own, as its clients read them
        first = server.json("GET", three[0] + ".json")["IncomingPhoneNumbers"]
        beta = server.json("GET", three[1])
        second = [item["data"] for item in server.json("GET", three[2])["response"]]
        assert beta["page"] == 0 and beta["next_page_uri"] is None, beta
        assert beta["incoming_phone_numbers"] == second and len(second) == 2, beta
        assert first[0]["IncomingPhoneNumber"]["PhoneNumber"] == "+918047112345", first
        assert "<PhoneNumber>+918047112345<" in server.ask("GET", three[0])[2]
        phone = second[0]
        assert set(phone) == {
            "sid",
            "phone_number",
            "friendly_name",
            "capabilities",
            "country",
            "region",
            "voice_url",
            "sms_url",
        }
        assert phone["capabilities"] == {"voice": True, "sms": True}
        url = "http://my.exotel.com/me/exoml/start_voice/otp"
        at = f"{three[1]}/{phone['sid']}"
        status, _, text = server.ask("PUT", at, {"VoiceUrl": url})
        assert status == 200 and json.loads(text)["voice_url"] == url, text
        assert server.json("PUT", at, {"friendly_name": "Desk"})["voice_url"] == url
        server.kill()
        server.start()
        kept = server.json("GET", f"{three[2]}/{phone['sid']}")["response"]["data"]
        assert (kept["voice_url"], kept["friendly_name"]) == (url, "Desk"), kept
        assert server.ask("PUT", at, {"voice_url": url.replace("otp", "none")})[0] == 400
        assert server.ask("PUT", at, {"voice_url": "tel:1"})[0] == 400
        assert server.ask("PUT", at, {"color": "red"})[0] == 400
        assert server.ask("GET", three[1] + "/none")[0] == 404
        # the law of this profile asks for consent, which the whitelist is
        form = {"From": "+12125550123", "CallerId": "+918047112345"}
        number = xml + "/CustomerWhitelist/+12125550123.json"
        assert server.json("GET", number)["Result"]["Status"] == "Neutral"
        assert connect(server, **form)[0] in (200, 403)
        added = server.ask(
            "POST", xml + "/CustomerWhitelist.json", {"Number": "+12125550123,+12125550123,x"}
        )
        assert json.loads(added[2])["Result"] == {
            "Total": 3,
            "Processed": 2,
            "Succeeded": 1,
            "Redundant": 1,
            "Failed": 1,
        }, added
        server.kill()
        server.start()
        assert server.json("GET", number)["Result"]["Status"] == "Whitelist"
        assert connect(server, **form)[0] == 200


@test
def what_the_platform_has_and_is_not_here_is_named_behind_credentials():
    with Server() as server:
        for method, path in (
            ("GET", "/v2_beta/Accounts/me/AvailablePhoneNumbers/IN/Mobile"),
            ("POST", "/v2_beta/Accounts/me/IncomingPhoneNumbers"),
            ("DELETE", "/v2_beta/Accounts/me/IncomingPhoneNumbers/1"),
            ("GET", "/v2/accounts/me/users"),
            ("POST", "/v2/accounts/me/messages"),
            ("POST", "/v3/accounts/me/calls"),
            ("GET", "/v1/Accounts/me/Sms/Templates.json"),
        ):
            status, _, text = server.ask(method, path)
            assert status == 501 and "is not simulated" in text, (path, text)
            assert server.ask(method, path, credentials=None)[0] == 401
            assert server.ask(method, path, credentials="k:x")[0] == 401
        assert server.ask("GET", "/v2/accounts/me/nothing")[0] == 404
        assert server.ask("GET", "/v2/accounts/me/userships")[0] == 404


if __name__ == "__main__":
    main()
