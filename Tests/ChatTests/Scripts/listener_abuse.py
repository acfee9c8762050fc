"""A thousand connections that say nothing, and some that say what is no call.

Arguments: where to call, and headers (JSON) and body of a good call, which is made while the
thousand are held. Prints what it saw as one JSON object.
"""
import http.client
import json
import os
import resource
import select
import socket
import sys
import time
import urllib.parse

place = urllib.parse.urlsplit(sys.argv[1])
port = place.port
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))

garbage = [
    b"", b"\0" * 100, b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n",
    b"POST /slack HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /slack HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"POST /slack HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /slack HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /slack HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /slack HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10000)) + b"\r\n",
    b"POST /slack HTTP/1.1\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /%00%ff/../slack HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    os.urandom(20_000),
]
answers = []
for call in garbage:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(call)
            connection.shutdown(socket.SHUT_WR)
            answers.append(connection.recv(64)[:12].decode("latin-1"))
        except OSError as error:
            answers.append(type(error).__name__)

silent = []
for _ in range(1000):
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex(("127.0.0.1", port))
    silent.append(connection)
# Part of a call, and then nothing; and a body that never comes.
for connection in silent[:50]:
    try:
        connection.send(b"POST /slack HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab")
    except OSError:
        pass
# With all of them at the door a call comes in, and whoever says nothing is shown out.
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
connection.request("POST", place.path, sys.argv[3].encode(), json.loads(sys.argv[2]))
status = connection.getresponse().status
# The kernel may have kept some from the door; none of those that came in may stay.
waiting = {connection.fileno(): connection for connection in silent}
poll = select.poll()
for number in waiting:
    poll.register(number, select.POLLIN)
deadline = time.monotonic() + 60
while len(waiting) > 300 and time.monotonic() < deadline:
    for number, _ in poll.poll(1000):
        poll.unregister(number)
        waiting.pop(number)
print(json.dumps({
    "shown out": len(silent) - len(waiting), "silent": len(silent), "status": status, "garbage": answers,
    "taken": [answer for answer in answers if answer.startswith("HTTP/1.1 2")],
}))
