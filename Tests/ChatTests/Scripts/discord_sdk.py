"""A person with discord.py, the client from PyPI: writes commands, reads the answers.

Arguments: the server's address, the person's token, the channel, the bot's number. Prints what it
saw as one JSON object.
"""
import asyncio
import json
import sys
import time

import discord
from discord.http import Route

address, token, room, bell = sys.argv[1:]
Route.BASE = address + "/api/v10"


async def answer(channel, after, words):
    """The bot's first message after another one that holds these words."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        async for message in channel.history(after=after, limit=200, oldest_first=True):
            if message.author.id == int(bell) and words in message.content:
                return message
        await asyncio.sleep(0.05)
    raise SystemExit(f"no answer with {words!r} came")


async def main():
    client = discord.Client(intents=discord.Intents.none())
    await client.login(token)
    channel = await client.fetch_channel(int(room))

    asked = await channel.send("!task add from discord.py", nonce="1", silent=True)
    answered = await answer(channel, asked, "from discord")
    assert answered.author.bot and answered.created_at >= asked.created_at

    wrong = await channel.send("good morning")
    await wrong.edit(content="!task add by an edit")

    head = await channel.send("a thread")
    thread = await head.create_thread(name="talk")
    inside = await thread.send("!task add in a thread")
    under = await answer(thread, inside, "in a thread")

    user = await client.fetch_user(int(bell))
    direct = await user.create_dm()
    alone = await direct.send("mine")
    quiet = await answer(direct, alone, "")

    last = await answer(channel, await channel.send("!task add the last"), "the last")
    said = [m.content async for m in channel.history(after=wrong, limit=200)
            if m.author.id == int(bell)]
    print(json.dumps({
        "answer": answered.content, "thread": under.channel.id == head.id,
        "answered": answered.reference is not None
        and answered.reference.message_id == asked.id,
        "pings": [user.id for user in answered.mentions], "everyone": answered.mention_everyone,
        "alone": quiet.content, "direct": isinstance(quiet.channel, discord.DMChannel),
        "edited": any("by an edit" in text for text in said), "last": last.content,
    }))
    await client.close()


asyncio.run(main())
