"""python-telegram-bot, a client that knows nothing of us, uses the sandbox as if it were Telegram.

Called with the sandbox's address and token; prints `ok` at the end. With CREWBELL_VENDOR_DATA set,
every answer is also held against the vendor's description of its type, field by field.
"""
import asyncio
import json
import os
import sys
import urllib.request

from telegram import Bot, BotCommand, MessageEntity, ReactionTypeEmoji, ReplyParameters
from telegram import LinkPreviewOptions, User
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken
from telegram.request import HTTPXRequest

URL, TOKEN = sys.argv[1].rstrip("/"), sys.argv[2]
GROUP, ANA, BEN = -1001000000001, 101, 102
FOLDER = os.environ.get("CREWBELL_VENDOR_DATA")
SPEC = json.load(open(f"{FOLDER}/specs/telegram/api-trimmed.json")) if FOLDER else None


def fits(value, types, where):
    """Whether the value is of one of the types; the complaints of the nearest one."""
    complaints = []
    for name in types:
        found = list(misfits(value, name, where))
        if not found:
            return []
        complaints.append(found)
    return min(complaints, key=len)


def misfits(value, name, where):
    plain = {"Integer": int, "String": str, "Boolean": bool, "Float": (int, float), "True": bool}
    if name.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{where}: not a list"
            return
        for number, one in enumerate(value):
            yield from fits(one, [name[len("Array of "):]], f"{where}[{number}]")
    elif name in plain:
        if not isinstance(value, plain[name]) or isinstance(value, bool) != (plain[name] is bool):
            yield f"{where}: {value!r} is no {name}"
    elif SPEC["types"][name].get("subtypes"):
        yield from fits(value, SPEC["types"][name]["subtypes"], where)
    else:
        yield from misfits_of_object(value, SPEC["types"][name], where)


def misfits_of_object(value, description, where):
    if not isinstance(value, dict):
        yield f"{where}: not a {description['name']}"
        return
    fields = {field["name"]: field for field in description.get("fields", [])}
    for name in value.keys() - fields.keys():
        yield f"{where}.{name}: {description['name']} has no such field"
    for name, field in fields.items():
        if name in value:
            yield from fits(value[name], field["types"], f"{where}.{name}")
        elif field["required"]:
            yield f"{where}.{name}: missing"


class Watched(HTTPXRequest):
    """Holds each good answer against the description of its method."""

    async def do_request(self, url, method, *arguments, **more):
        status, body = await super().do_request(url, method, *arguments, **more)
        answer = json.loads(body)
        assert answer["ok"] == (status == 200), answer
        name = url.rsplit("/", 1)[1]
        if SPEC and answer["ok"]:
            returns = SPEC["methods"][name]["returns"]
            complaints = fits(answer["result"], returns, name)
            assert not complaints, complaints
        return status, body


def write(person, text, chat=GROUP):
    body = json.dumps({"person": person, "chat": chat, "text": text}).encode()
    request = urllib.request.Request(
        f"{URL}/api/messages", body, {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request))["id"]


async def raises(error, words, call):
    try:
        await call
    except error as found:
        assert words.lower() in str(found).lower(), found
        return
    raise AssertionError(f"no {error.__name__}: {words}")


def bot(token=TOKEN):
    # A busy machine answers late; the client waits five seconds by itself.
    patient = {f"{what}_timeout": 60 for what in ("connect", "read", "write", "pool")}
    return Bot(
        token, base_url=f"{URL}/bot", request=Watched(**patient),
        get_updates_request=Watched(**patient))


async def talk(bell):
    assert bell.username == "crewbell_bot" and bell.can_read_all_group_messages
    assert (await bell.get_webhook_info()).pending_update_count == 3
    updates = await bell.get_updates(timeout=0)
    added = updates[0].my_chat_member
    assert added.new_chat_member.status == "member" and added.from_user.first_name == "Ana"
    assert [user.first_name for user in updates[2].message.new_chat_members] == ["Ben", "李薇"]
    offset = updates[-1].update_id + 1
    waiting = asyncio.create_task(bell.get_updates(offset=offset, timeout=10))
    await asyncio.to_thread(write, ANA, "🎉 @ben++ /thanks #customer")
    message = (await waiting)[0].message
    kinds = {kind: words for kind, words in message.parse_entities().items()}
    assert sorted((e.type, words) for e, words in kinds.items()) == [
        ("bot_command", "/thanks"), ("hashtag", "#customer"), ("mention", "@ben")], kinds
    await answer(bell, message)
    return offset


async def answer(bell, message):
    ben = User(BEN, "Ben", False)
    sent = await bell.send_message(
        GROUP, "🎉 Ben: +1 <b>", disable_notification=True,
        entities=[MessageEntity("text_mention", 3, 3, user=ben), MessageEntity("bold", 8, 2)],
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True))
    assert sent.reply_to_message.message_id == message.message_id
    assert sent.text == "🎉 Ben: +1 <b>" and len(sent.entities) == 2
    assert await bell.set_message_reaction(GROUP, message.message_id, [ReactionTypeEmoji("👍")])
    changed = await bell.edit_message_text("changed", GROUP, sent.message_id)
    assert changed.text == "changed" and changed.edit_date is not None
    await raises(BadRequest, "not modified", bell.edit_message_text(
        "changed", GROUP, sent.message_id))
    commands = [BotCommand("tasks", "Show tasks."), BotCommand("help", "Help.")]
    assert await bell.set_my_commands(commands)
    assert list(await bell.get_my_commands()) == commands
    assert await bell.set_my_commands([BotCommand("tasks", "任务")], language_code="zh")
    assert (await bell.get_my_commands(language_code="zh"))[0].description == "任务"


async def refusals(bell, offset):
    await raises(BadRequest, "Chat not found", bell.send_message(5, "x"))
    await raises(Forbidden, "initiate conversation", bell.send_message(BEN, "x"))
    await raises(BadRequest, "Message text is empty", bell.send_message(GROUP, " "))
    await raises(BadRequest, "REACTION_INVALID", bell.set_message_reaction(
        GROUP, 1, [ReactionTypeEmoji("✅")]))
    await asyncio.to_thread(write, BEN, "/start", BEN)
    assert (await bell.send_message(BEN, "hello")).chat.type == "private"
    last = (await bell.get_updates(offset=offset, timeout=0))[-1].update_id + 1
    older = asyncio.create_task(bell.get_updates(offset=last, timeout=20))
    newer = asyncio.create_task(bell.get_updates(offset=last, timeout=20))
    done, pending = await asyncio.wait({older, newer}, return_when=asyncio.FIRST_COMPLETED)
    assert [type(task.exception()) for task in done] == [Conflict], done
    await asyncio.to_thread(write, ANA, "/free")
    assert [(await task)[0].message.text for task in pending] == ["/free"]
    assert await bell.delete_webhook(drop_pending_updates=True)
    assert (await bell.get_webhook_info()).pending_update_count == 0
    await raises(InvalidToken, "", bot("7000:other").initialize())


async def main():
    async with bot() as bell:
        offset = await talk(bell)
        await refusals(bell, offset)
    if not SPEC:
        print("the vendor's description: not run, CREWBELL_VENDOR_DATA is not set")
    print("ok")


asyncio.run(main())
