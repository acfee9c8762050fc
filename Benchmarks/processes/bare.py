"""What no bot can be below that keeps its promises: bare sockets, no library, one word for an
answer, and one sync of a file between a command and its answer.

usage: bare.py <port> <token>
"""

import json
import os
import socket
import sys
import tempfile

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]


class Line:
    """One connection, kept open, with one call at a time."""

    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, method, **arguments):
        body = json.dumps(arguments).encode()
        self.socket.sendall(
            f"POST /bot{TOKEN}/{method} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.receive()
        head, body = answer.split(b"\r\n\r\n", 1)
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                      if line.lower().startswith(b"content-length"))
        while len(body) < length:
            body += self.receive()
        return json.loads(body)["result"]

    def receive(self):
        return self.socket.recv(65536) or sys.exit("the sandbox is gone")


def main():
    asking, saying, offset = Line(), Line(), 0
    with tempfile.TemporaryFile(dir=".") as file:
        while True:
            for update in asking.call("getUpdates", offset=offset, timeout=20):
                offset = update["update_id"] + 1
                message = update.get("message", {})
                if "text" not in message:
                    continue
                file.write(bytes(4096))
                file.flush()
                os.fdatasync(file.fileno())
                saying.call("sendMessage", chat_id=message["chat"]["id"], text="ok")


main()
