"""A person with rocketchat_API, the client from PyPI: writes commands, reads the answers.

Arguments: the server's address, the person's token and user id. Prints what it saw as one JSON
object.
"""
import json
import sys
import time

from rocketchat_API.rocketchat import RocketChat

chat = RocketChat(auth_token=sys.argv[2], user_id=sys.argv[3], server_url=sys.argv[1])
me = chat.me()
room = next(r for r in chat.rooms_get()["update"] if r.get("name") == "release-team")


def answer(words, rid, read):
    """The newest message of the bot that holds these words."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for message in read(rid):
            seen = message["msg"].replace("\u200b", "")
            if message["u"]["username"] == "crewbell" and words in seen:
                return message
        time.sleep(0.05)
    raise SystemExit(f"no answer with {words!r} came")


chat.chat_send_message({"rid": room["_id"], "msg": "!task add from the SDK"})
answered = answer("from the SDK", room["_id"], chat.channels_history)

head = chat.chat_send_message({"rid": room["_id"], "msg": "a thread"})["message"]
chat.chat_send_message({"rid": room["_id"], "tmid": head["_id"], "msg": "!task add in the thread"})
under = answer("in the thread", room["_id"], chat.channels_history)

direct = chat.dm_create("crewbell")["room"]
chat.chat_send_message({"rid": direct["rid"], "msg": "mine"})
quiet = answer("", direct["rid"], chat.dm_history)

print(json.dumps({
    "me": me["username"], "answer": answered["msg"].replace("\u200b", ""),
    "thread": under.get("tmid") == head["_id"], "alone": quiet["msg"],
}))
