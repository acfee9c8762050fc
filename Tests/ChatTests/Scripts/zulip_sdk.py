"""Ana with Zulip's own client, in the channel where the daemon is; then the bot's account too.

Arguments: the address of the server, and the bot's key.
"""

import sys
import time

import zulip

site, key = sys.argv[1:]


def client(email: str, key: str) -> zulip.Client:
    return zulip.Client(email=email, api_key=key, site=site)


def well(answer: dict) -> dict:
    assert answer["result"] == "success", answer
    return answer


ana = client("ana@zulip.example", "ana")
assert well(ana.get_profile())["user_id"] == 11
queue = well(ana.register(event_types=["message"], apply_markdown=False))["queue_id"]


def wait(wanted: str, last: list = [-1]) -> dict:
    """The next message of the bot with these words in it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = well(ana.get_events(queue_id=queue, last_event_id=last[0], dont_block=True))
        time.sleep(0.05)
        for event in answer["events"]:
            last[0] = max(last[0], event["id"])
            message = event.get("message", {})
            if message.get("sender_email", "").startswith("crewbell") and wanted in message["content"]:
                return message
    raise AssertionError(f"the bot never said {wanted!r}")


sent = well(ana.send_message(
    {"type": "stream", "to": "team", "topic": "from the client", "content": "/task add ring **twice**"}))
answer = wait("ring ")
assert answer["subject"] == "from the client", answer
assert "**twice**" not in answer["content"], "what Ana wrote is markup in the answer"

well(ana.send_message({"type": "private", "to": [9], "content": "task list"}))
assert wait("ring ")["type"] == "private"

rendered = well(ana.get_messages({
    "anchor": answer["id"], "num_before": 0, "num_after": 0, "apply_markdown": True}))
assert rendered["messages"][0]["id"] == answer["id"] and rendered["found_anchor"]
found = well(ana.get_messages({
    "anchor": "newest", "num_before": 50, "num_after": 0, "apply_markdown": False,
    "narrow": [["sender", "crewbell-bot@zulip.example"], ["stream", 5],
               ["topic", "from the client"]]}))
assert [m["id"] for m in found["messages"]][:1] == [answer["id"]], found

bell = client("crewbell-bot@zulip.example", key)
well(bell.add_reaction({"message_id": sent["id"], "emoji_name": "check_mark"}))
again = bell.add_reaction({"message_id": sent["id"], "emoji_name": "check_mark"})
assert again["code"] == "REACTION_ALREADY_EXISTS", again
well(bell.update_message({"message_id": answer["id"], "content": "changed"}))
assert well(bell.get_user_by_id(12))["user"]["full_name"] == "Ben"
assert bell.send_message(
    {"type": "stream", "to": "nowhere", "topic": "x", "content": "x"}
)["code"] == "STREAM_DOES_NOT_EXIST"
assert client("ana@zulip.example", "wrong").get_profile()["code"] == "UNAUTHORIZED"
well(ana.deregister(queue))
assert ana.get_events(queue_id=queue, last_event_id=-1, dont_block=True)["code"] == "BAD_EVENT_QUEUE_ID"
print("well")
