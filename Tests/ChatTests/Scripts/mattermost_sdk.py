"""A person with mattermostdriver, the client from PyPI: writes commands, reads the answers.

Arguments: the server's address, the person's token. Prints what it saw as one JSON object.
"""
import json
import sys
import time
import urllib.parse

from mattermostdriver import Driver

address = urllib.parse.urlparse(sys.argv[1])
driver = Driver({
    "scheme": "http", "url": address.hostname, "port": address.port, "token": sys.argv[2],
    "verify": False,
})
me = driver.login()
bell = driver.users.get_user_by_username("crewbell")
team = driver.teams.get_user_teams("me")[0]
channels = driver.channels.get_channels_for_user("me", team["id"])
room = next(c for c in channels if c["display_name"] == "Release team")


def answer(channel, after, words):
    """The bot's first post there, after another one, that holds these words."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        page = driver.posts.get_posts_for_channel(channel, params={"after": after})
        for post in reversed([page["posts"][i] for i in page["order"]]):
            if post["user_id"] == bell["id"] and words in post["message"]:
                return post
        time.sleep(0.05)
    raise SystemExit(f"no answer with {words!r} came")


asked = driver.posts.create_post({"channel_id": room["id"], "message": "!task add from the SDK"})
answered = answer(room["id"], asked["id"], "from the SDK")

head = driver.posts.create_post({"channel_id": room["id"], "message": "a thread"})
inside = driver.posts.create_post({
    "channel_id": room["id"], "root_id": head["id"], "message": "!task add in the thread"})
under = answer(room["id"], inside["id"], "in the thread")
thread = driver.posts.get_thread(head["id"])

direct = driver.channels.create_direct_message_channel([me["id"], bell["id"]])
alone = driver.posts.create_post({"channel_id": direct["id"], "message": "mine"})
quiet = answer(direct["id"], alone["id"], "")

print(json.dumps({
    "answer": answered["message"], "from_bot": answered["props"].get("from_bot"),
    "key": answered["props"].get("crewbell_id"), "thread": under["root_id"] == head["id"],
    "threadHolds": under["id"] in thread["posts"], "alone": quiet["message"],
}))
