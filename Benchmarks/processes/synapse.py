"""A real Matrix homeserver on a free port of 127.0.0.1, and plain clients for it: standard library
only, one kept connection each, nothing between the socket and the clock."""

import base64
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

SERVER = "hs.test"

CONFIG = """
server_name: "{server}"
listeners:
  - port: {port}
    bind_addresses: ["127.0.0.1"]
    type: http
    tls: false
    resources: [{{names: [client]}}]
database: {{name: sqlite3, args: {{database: "{folder}/homeserver.db"}}}}
log_config: "{folder}/log.yaml"
media_store_path: "{folder}/media"
signing_key_path: "{folder}/signing.key"
pid_file: "{folder}/homeserver.pid"
registration_shared_secret: "for measuring only"
macaroon_secret_key: "for measuring only"
form_secret: "for measuring only"
trusted_key_servers: []
federation_domain_whitelist: []
report_stats: false
bcrypt_rounds: 4
presence: {{enabled: false}}
"""

LOGGING = """
version: 1
formatters: {{plain: {{format: "%(levelname)s %(name)s %(message)s"}}}}
handlers:
  file: {{class: logging.FileHandler, formatter: plain, filename: "{folder}/server.log"}}
root: {{level: WARNING, handlers: [file]}}
"""

FREE = "{per_second: 10000, burst_count: 10000}"
LIMITS = [
    f"{name}: {FREE}"
    for name in (
        "rc_message rc_registration rc_admin_redaction rc_joins_per_room rc_room_creation"
        " rc_profile"
    ).split()
] + [
    name + ":\n" + "\n".join(f"  {part}: {FREE}" for part in parts.split())
    for name, parts in (
        ("rc_login", "address account failed_attempts"),
        ("rc_joins", "local remote"),
        ("rc_invites", "per_room per_user per_issuer"),
    )
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Synapse:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="crewbell-bench-synapse-")
        self.port = free_port()
        values = {"server": SERVER, "port": self.port, "folder": self.folder}
        config = CONFIG.format(**values) + "\n".join(LIMITS) + "\n"
        for name, text in (
            ("homeserver.yaml", config),
            ("log.yaml", LOGGING.format(**values)),
            ("signing.key", "ed25519 a_test " + base64.b64encode(
                secrets.token_bytes(32)).decode().rstrip("=") + "\n"),
        ):
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "synapse.app.homeserver", "-c",
             self.folder + "/homeserver.yaml"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit("Synapse ended; see " + self.folder)
            try:
                Client(self.port).call("GET", "/_matrix/client/versions")
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit("Synapse did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, name):
        """A new user with a token of its own."""
        subprocess.run(
            [sys.executable, "-m", "synapse._scripts.register_new_matrix_user", "-c",
             self.folder + "/homeserver.yaml", "-u", name, "-p", "secret", "--no-admin",
             f"http://127.0.0.1:{self.port}"],
            check=True, stdout=subprocess.DEVNULL)
        client = Client(self.port)
        client.login(name)
        return client


class Client:
    def __init__(self, port, user="", token=""):
        self.port, self.user, self.token = port, user, token
        self.connection = None
        self.counter = 0
        self.since = None

    def twin(self):
        """The same user with a connection of its own, for another thread."""
        return Client(self.port, self.user, self.token)

    def login(self, name):
        answer = self.api("POST", "login", {
            "type": "m.login.password", "password": "secret",
            "identifier": {"type": "m.id.user", "user": name}})
        self.user, self.token = answer["user_id"], answer["access_token"]

    def call(self, method, path, body=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        data = json.dumps(body).encode() if body is not None else None
        self.connection.request(method, path, data, headers)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 200:
            raise SystemExit(f"{method} {path}: {response.status} {answer}")
        return answer

    def api(self, method, path, body=None):
        return self.call(method, "/_matrix/client/v3/" + path, body)

    def room(self, invite):
        return self.api("POST", "createRoom", {
            "preset": "private_chat", "invite": [one.user for one in invite]})["room_id"]

    def join(self, room):
        self.api("POST", "join/" + urllib.parse.quote(room), {})

    def say(self, room, text):
        self.counter += 1
        return self.api(
            "PUT", f"rooms/{urllib.parse.quote(room)}/send/m.room.message/"
            f"b{self.counter}x{secrets.token_hex(4)}", {"msgtype": "m.text", "body": text})["event_id"]

    def sync(self, seconds=0):
        path = f"sync?timeout={int(seconds * 1000)}"
        if self.since:
            path += "&since=" + self.since
        answer = self.api("GET", path)
        self.since = answer["next_batch"]
        found = []
        for room in answer.get("rooms", {}).get("join", {}).values():
            found += room["timeline"]["events"]
        return found


class Ear(threading.Thread):
    """A client that does nothing but listen; notes when each message came."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client = client
        self.heard = {}
        self.texts = []
        self.condition = threading.Condition()
        self.going = True
        client.sync()
        self.start()

    def run(self):
        while self.going:
            try:
                events = self.client.sync(20)
            except (OSError, http.client.HTTPException):
                return  # The server has ended, and the measuring with it.
            now = time.perf_counter()
            with self.condition:
                for event in events:
                    if event["type"] != "m.room.message":
                        continue
                    self.heard[event["event_id"]] = now
                    self.texts.append((now, event["sender"], event["content"].get("body", "")))
                self.condition.notify_all()

    def wait(self, ready, seconds=60):
        with self.condition:
            if not self.condition.wait_for(lambda: ready(self), seconds):
                raise SystemExit("waited too long")
