"""`crewbell run` as a process, with its state in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# People may ask as fast as they can: what is measured is the daemon, not its manners.
LIMITS = """limits:
  user_per_second: 1000
  user_burst: 1000
  room_per_second: 1000
  room_burst: 1000
"""

# The sandbox takes what it gets; Telegram's published limits would be all that is measured.
UNHURRIED = "  platform_share: 1000\n"


class Daemon:
    def __init__(self, binary, accounts, secrets, more="", folder=None):
        self.binary = binary
        self.folder = folder or tempfile.mkdtemp(prefix="crewbell-bench-")
        self.process = None
        self.config = os.path.join(self.folder, "crewbell.yaml")
        for name, text in secrets.items():
            path = os.path.join(self.folder, name)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(text)
        with open(self.config, "w") as file:
            file.write(f"state: {self.folder}/state\n{LIMITS}{more}accounts:\n{accounts}")

    @classmethod
    def on_matrix(cls, binary, port, user, more=""):
        return cls(binary, f"""  matrix:
    platform: matrix
    homeserver: http://127.0.0.1:{port}
    user: "{user}"
    password_file: password
    invite: ["*:hs.test"]
""", {"password": "secret\n"}, more)

    @classmethod
    def on_telegram(cls, binary, port, tokens, more=""):
        accounts = "".join(f"""  desk{number}:
    platform: telegram
    base_url: http://127.0.0.1:{port}
    token_file: token{number}
    invite: ["*"]
""" for number in range(len(tokens)))
        return cls(binary, accounts,
                   {f"token{number}": token for number, token in enumerate(tokens)},
                   UNHURRIED + more)

    def start(self):
        """Returns the seconds until it said that it is ready."""
        path = os.path.join(self.folder, "notify")
        if os.path.exists(path):
            os.unlink(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(path)
            told.settimeout(300)
            with open(os.path.join(self.folder, "log"), "a") as log:
                begun = time.perf_counter()
                self.process = subprocess.Popen(
                    [self.binary, "run", "--config", self.config],
                    env={**os.environ, "NOTIFY_SOCKET": path}, stdout=log, stderr=log)
            while b"READY=1" not in told.recv(4096):
                pass
            return time.perf_counter() - begun

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()
