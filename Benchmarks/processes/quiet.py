"""A server that speaks just enough of the Bot API to be waited for: every poll is held for as long
as it asks, and nothing ever happens."""

import asyncio
import json
import re
import sys


async def talk(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            body = await reader.readexactly(int(length.group(1))) if length else b""
            path = head.split(b" ", 2)[1].decode()
            method = path.split("?")[0].rsplit("/", 1)[-1].lower()
            result = True
            if method == "getme":
                result = {"id": 1, "is_bot": True, "first_name": "Bell", "username": "bell_bot"}
            if method == "getupdates":
                found = re.search(rb'"?timeout"?[=:] *"?(\d+)', body + path.encode())
                await asyncio.sleep(int(found.group(1)) if found else 0)
                result = []
            answer = json.dumps({"ok": True, "result": result}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                         b"Content-Length: %d\r\n\r\n" % len(answer) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=10000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(0)
