"""drydial serve --run and --tls: programs that have the platform's host in their code reach the
stand-in, without a change to them; nothing else is reached."""
import http.server
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from lib import DRYDIAL, left_out, main, ROOT, run, test, waits
from serving import Server, until

FORM = "From=09876543210&CallerId=08047112345&Url=http://my.exotel.com/exoml/start/otp"
CALLS = "/v1/Accounts/me/Calls"

# What each prints is its status, a line each. Two hosts, a form and a list, this machine.
CLIENTS = {
    "python3": (
        "py",
        f"""import os, urllib.error, urllib.request
auth = {{"Authorization": "Basic azp0"}}
for url, data in (("https://api.exotel.com{CALLS}/connect.json", b"{FORM}"),
                  ("https://twilix.exotel.in{CALLS}.json", None),
                  (os.environ["DRYDIAL_URL"] + "/_drydial/status", None)):
    print(urllib.request.urlopen(urllib.request.Request(url, data, auth)).status)
try:
    urllib.request.urlopen("https://example.com/")
except OSError as fault:
    print("refused")
""",
    ),
    "curl": (
        "sh",
        f"""for a in "-d {FORM} https://k:t@api.exotel.com{CALLS}/connect.json" \\
    https://k:t@api.in.exotel.com{CALLS}.json $DRYDIAL_URL/_drydial/status; do
  curl -s -o /dev/null -w '%{{http_code}}\\n' $a
done
curl -s https://example.com/ || echo refused
""",
    ),
    "node": (
        "js",
        f"""const https = require('https')
const d = '{FORM}'
const done = async () => {{
  const get = (u) => fetch(u, {{headers: {{authorization: 'Basic azp0'}}}})
  console.log((await get('https://api.in.exotel.com{CALLS}.json')).status)
  console.log((await get(process.env.DRYDIAL_URL + '/_drydial/status')).status)
  await fetch('https://example.com/').catch(() => console.log('refused'))
}}
https.request({{method: 'POST', host: 'api.exotel.com', path: '{CALLS}/connect.json', auth: 'k:t',
  headers: {{'content-type': 'application/x-www-form-urlencoded', 'content-length': d.length}}}},
  x => {{ x.resume(); console.log(x.statusCode); done() }}).end(d)
""",
    ),
    "php": (
        "php",
        f"""<?php
foreach (["api.exotel.com{CALLS}/connect.json" => "{FORM}", "api.exotel.in{CALLS}.json" => ""]
    as $u => $d) {{
  $c = curl_init("https://$u");
  curl_setopt_array($c, [CURLOPT_USERPWD => "k:t", CURLOPT_RETURNTRANSFER => 1]
      + ($d ? [CURLOPT_POSTFIELDS => $d] : []));
  curl_exec($c);
  echo curl_getinfo($c, CURLINFO_HTTP_CODE), "\\n";
}}
echo strlen(file_get_contents(getenv("DRYDIAL_URL") . "/_drydial/status")) ? "200\\n" : "none\\n";
$c = curl_init("https://example.com/");
curl_setopt($c, CURLOPT_RETURNTRANSFER, 1);
echo curl_exec($c) === false ? "refused\\n" : "let through\\n";
""",
    ),
    "ruby": (
        "rb",
        f"""require 'net/http'
u = URI("https://api.exotel.com{CALLS}/connect.json")
q = Net::HTTP::Post.new(u)
q.basic_auth("k", "t")
q.body = "{FORM}"
q["Content-Type"] = "application/x-www-form-urlencoded"
puts Net::HTTP.start(u.host, u.port, use_ssl: true) {{ |h| h.request(q) }}.code
h = Net::HTTP.new("twilix.exotel.com", 443)
h.use_ssl = true
g = Net::HTTP::Get.new("{CALLS}.json")
g.basic_auth("k", "t")
puts h.request(g).code
puts Net::HTTP.get_response(URI(ENV["DRYDIAL_URL"] + "/_drydial/status")).code
begin
  Net::HTTP.get(URI("https://example.com/"))
rescue StandardError
  puts "refused"
end
""",
    ),
}


def serve(*words, **more):
    return run("serve", "flows", "--run", *words, **more)


def started(script, env):
    """A shell's background jobs ignore Ctrl-C: this one does not."""
    return subprocess.Popen(
        [DRYDIAL, "serve", "flows", "--run", "--", "sh", "-c", script],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@waits
@test
def programs_of_five_languages_reach_it_unchanged_and_nothing_else():
    with tempfile.TemporaryDirectory() as d:
        for program, (ending, text) in CLIENTS.items():
            if not shutil.which(program):
                left_out(f"{program} is not here")
                continue
            with open(f"{d}/client.{ending}", "w") as out:
                out.write(text)
            command = sys.executable if program == "python3" else program
            command = "sh" if program == "curl" else command
            done = serve("--", command, f"{d}/client.{ending}")
            if program == "php" and "curl_init" in done.stdout + done.stderr:
                left_out("php-curl is not here")
                continue
            got = done.stdout.split()
            assert got == ["200", "200", "200", "refused"], (program, done.stdout, done.stderr)
            assert "     1  POST   /v1/Accounts/*/Calls/connect" in done.stderr, done.stderr
            assert "refused, for they are no hosts of the platform" in done.stderr, done.stderr
            assert "example.com" in done.stderr, done.stderr


@test
def the_sum_names_what_was_refused_and_what_is_not_simulated():
    script = (
        "for path in v2/accounts/me/sms-campaigns v1/Accounts/me/Calls v9/nothing; do "
        "curl -s -u k:t https://api.exotel.com/$path; done"
    )
    done = serve("--", "sh", "-c", script)
    assert "(campaigns of messages) is not simulated" in done.stdout, done.stdout
    lines = [" ".join(line.split()[1:]) for line in done.stderr.splitlines()]
    assert "1 GET /v2/accounts/me/sms-campaigns (1 refused, the last with 501)" in lines, lines
    assert "1 GET /v1/Accounts/*/Calls" in lines, lines
    assert any(line.startswith("1 GET /v9/nothing (1 refused") for line in lines), lines


@waits
@test
def the_exit_code_is_the_command_s_and_nothing_is_left_behind():
    with tempfile.TemporaryDirectory() as d:
        env = dict(os.environ, TMPDIR=d)
        for script, code in (("exit 7", 7), ("kill -9 $$", 137), ("exit 0", 0)):
            assert serve("--", "sh", "-c", script, env=env).returncode == code, script
        assert serve("--", "no-such-program", env=env).returncode == 127
        assert serve(env=env).returncode == 2
        done = serve("--", "sh", "-c", 'ls "${SSL_CERT_FILE%/*}"; cat "$SSL_CERT_FILE"', env=env)
        # the key of the authority is in memory alone
        assert "bundle.pem" in done.stdout and "PRIVATE KEY" not in done.stdout, done.stdout
        for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            # a shell that is about to start another program would let it live
            p = started("echo on; exec sleep 20", env)
            assert p.stdout.readline() == b"on\n"
            p.send_signal(sent)
            assert p.wait(10) == code
            p.stdout.close()
        # of a server that was killed neither the folder nor the command stays
        p = started("echo $$; exec sleep 20", env)
        pid = int(p.stdout.readline())
        p.kill()
        p.wait()
        p.stdout.close()
        until(lambda: not os.path.exists(f"/proc/{pid}/exe") or state(pid) == "Z")
        until(lambda: not os.listdir(d))


def state(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


@waits
@test
def https_is_served_for_those_hosts_and_garbage_does_no_harm():
    with tempfile.TemporaryDirectory() as d, Server("--tls-ca", f"{d}/ca.pem") as s:
        assert os.stat(f"{d}/ca.pem.key").st_mode & 0o777 == 0o600
        context = ssl.create_default_context(cafile=f"{d}/ca.pem")

        def over_tls(name, path):
            with socket.create_connection(("127.0.0.1", s.port), 10) as plain:
                with context.wrap_socket(plain, server_hostname=name) as c:
                    c.sendall(
                        f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n"
                        "Authorization: Basic azp0\r\n\r\n".encode()
                    )
                    return b"".join(iter(lambda: c.recv(65536), b"")).split(b" ")[1]

        for name in ("api.exotel.com", "ccm-api.exotel.com", "twilix.exotel.in", "localhost"):
            assert over_tls(name, CALLS + ".json") == b"200", name
        try:
            over_tls("example.com", "/")
            raise AssertionError("a certificate for example.com")
        except ssl.SSLCertVerificationError:
            pass
        # hellos that are none, cut, or too long; a proxy that was not asked for
        hello = bytes.fromhex("1603010200010001fc0303") + bytes(64)
        for garbage in (b"\x16", hello, hello[:7], b"\x16\x03\x01\xff\xff" + b"\xff" * 70000):
            with socket.create_connection(("127.0.0.1", s.port), 10) as c:
                c.settimeout(0.3)
                try:
                    c.sendall(garbage)
                    c.recv(4096)
                except OSError:
                    pass
        status = s.ask("GET", CALLS + ".json")[0]  # plain HTTP on the same port, as before
        assert status == 200
        with socket.create_connection(("127.0.0.1", s.port), 10) as c:
            c.sendall(b"CONNECT api.exotel.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert c.recv(4096)[:9] == b"HTTP/1.1 " and time.monotonic() > 0
        assert over_tls("api.exotel.com", CALLS + ".json") == b"200"
        # what is refused before anyone is asked says so over TLS, too
        for n, status in ((400, b"200"), (401, b"431"), (3000, b"431")):
            values = "&".join(f"a{i}=1" for i in range(n))
            assert over_tls("localhost", "/_drydial/status?" + values) == status, n


def own_address():
    """An address of this machine that is not the loopback's; None: it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))  # nothing is sent
            return s.getsockname()[0]
        except OSError:
            return None


@test
def what_is_not_the_platform_s_is_let_through_where_that_is_asked_for():
    seen = []

    class Other(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Host"], self.headers.get("X-Own"), body))
            self.send_response(201)
            self.end_headers()
            self.wfile.write(b"others")

        def log_message(self, *_):
            pass

    own = own_address()
    with http.server.ThreadingHTTPServer(("0.0.0.0", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        port = other.server_port
        # by a request to the proxy, and through a tunnel; this machine is always let through
        script = (
            "for way in '' -p; do curl -s $way --noproxy '' -x $DRYDIAL_URL -H 'X-Own: 1' -d "
            f"a=b http://$1:{port}/x?y -w ' %{{http_code}}\n' || echo refused; done"
        )
        for host, options, lines in (
            ("127.0.0.1", (), ["others 201"] * 2),
            (own, ("--pass-through",), ["others 201"] * 2),
            (own, (), [" 403", " 000", "refused"]),
        ):
            if not host:
                left_out("this machine has no address but the loopback's")
                continue
            seen.clear()
            done = serve(*options, "--", "sh", "-c", script, "sh", host)
            got = done.stdout.splitlines()
            assert [line for line in got if not line.startswith("drydial: ")] == lines, (
                host,
                options,
                done.stdout,
                done.stderr,
            )
            through = "others 201" in lines
            want = [("/x?y", f"{host}:{port}", "1", b"a=b")] * 2
            assert seen == (want if through else []), (host, seen)
            named = f"{host} port {port}" in done.stderr
            assert named == (host != "127.0.0.1"), done.stderr
            assert ("let through" in done.stderr) == bool(options), done.stderr
        other.shutdown()


if __name__ == "__main__":
    main()
