"""A person with slack-sdk, the client from PyPI: writes commands, reads the answers.

Arguments: the server's address, the person's token. Prints what it saw as one JSON object.
"""
import json
import sys
import time

from slack_sdk import WebClient

client = WebClient(base_url=sys.argv[1] + "/api/", token=sys.argv[2])
me = client.auth_test()["user_id"]
room = next(c for c in client.users_conversations()["channels"] if c["name"] == "release-team")


def answer(read, after, words):
    """The bot's first message after another one that holds these words."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page = read(oldest=after, include_all_metadata=True, limit=200)
        for message in sorted(page["messages"], key=lambda m: m["ts"]):
            if message["ts"] > after and message.get("bot_id") and words in message["text"]:
                return message
        time.sleep(0.05)
    raise SystemExit(f"no answer with {words!r} came")


def in_room(**arguments):
    return client.conversations_history(channel=room["id"], **arguments)


asked = client.chat_postMessage(channel=room["id"], text="!task add from the SDK")
answered = answer(in_room, asked["ts"], "from the SDK")

head = client.chat_postMessage(channel=room["id"], text="a thread")
inside = client.chat_postMessage(
    channel=room["id"], thread_ts=head["ts"], text="!task add in the thread")
under = answer(
    lambda **a: client.conversations_replies(channel=room["id"], ts=head["ts"], **a),
    inside["ts"], "in the thread")

direct = client.conversations_open(users=["U0BELL"])["channel"]["id"]
alone = client.chat_postMessage(channel=direct, text="mine")
quiet = answer(
    lambda **a: client.conversations_history(channel=direct, **a), alone["ts"], "")

print(json.dumps({
    "answer": answered["text"], "key": answered["metadata"]["event_payload"]["k"],
    "event": answered["metadata"]["event_type"], "thread": under["thread_ts"] == head["ts"],
    "alone": quiet["text"],
}))
