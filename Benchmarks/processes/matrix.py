"""Command → reply and a burst of 500 on a real Synapse, beside plain clients on the same server."""

import secrets
import threading
import time

from daemon import Daemon
from synapse import Ear, Synapse


def prepare(server, binary):
    names = (f"{name}{secrets.token_hex(3)}" for name in ("ana", "ben", "bell"))
    ana, ben, bell = (server.person(name) for name in names)
    daemon = Daemon.on_matrix(binary, server.port, bell.user)
    daemon.start()
    time.sleep(2)
    room = ana.room([ben, bell])
    ben.join(room)
    ear = Ear(ana.twin())
    ear.wait(lambda ear: any(sender == bell.user for _, sender, _ in ear.texts))
    return ana, ben, bell, room, ear, daemon


def delivery(sender, room, ear, text):
    begun = time.perf_counter()
    event = sender.say(room, text)
    ear.wait(lambda ear: event in ear.heard)
    return ear.heard[event] - begun


def reply(person, room, ear, bell, text):
    seen = sum(sender == bell for _, sender, _ in ear.texts)
    begun = time.perf_counter()
    person.say(room, text)
    ear.wait(lambda ear: sum(sender == bell for _, sender, _ in ear.texts) > seen)
    return [at for at, sender, _ in ear.texts if sender == bell][seen] - begun


def latency(server, binary, rounds):
    """Interleaved: there, back, asked; there, back, asked …"""
    ana, ben, bell, room, ear, daemon = prepare(server, binary)
    other = Ear(ben.twin())
    floors, replies = [], []
    for number in range(rounds + 10):
        there = delivery(ana, room, other, f"there {number}")
        back = delivery(ben, room, ear, f"back {number}")
        # The same words over and over are taken for a loop of two bots.
        words = "!task list" if number % 2 else "!goals"
        asked = reply(ana, room, ear, bell.user, words)
        if number >= 10:
            floors.append(there + back)
            replies.append(asked)
    daemon.remove()
    return floors, replies


def burst(server, binary, count):
    """All of them asked at once and answered, over the same number of messages from two plain
    clients at once."""
    ana, ben, bell, room, ear, daemon = prepare(server, binary)

    def talk(client, texts):
        for text in texts:
            client.say(room, text)

    def plain():
        begun = time.perf_counter()
        already = len(ear.texts)
        threads = [
            threading.Thread(target=talk, args=(client, [f"x{number}" for number in range(count)]))
            for client in (ana.twin(), ben.twin())]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ear.wait(lambda ear: len(ear.texts) >= already + 2 * count, 300)
        return time.perf_counter() - begun

    def asked():
        begun = time.perf_counter()
        already = sum(sender == bell.user for _, sender, _ in ear.texts)
        thread = threading.Thread(
            target=talk, args=(ana.twin(), [f"!task add thing {n}" for n in range(count)]))
        thread.start()
        thread.join()
        ear.wait(
            lambda ear: sum(s == bell.user for _, s, _ in ear.texts) >= already + count, 600)
        return time.perf_counter() - begun

    # A room takes longer the longer it is, and a server tires: so each goes first in turn.
    results = []
    for number in range(3):
        if number % 2 == 0:
            one = plain()
            answered = asked()
        else:
            answered = asked()
            one = plain()
        results.append((one, answered))
    daemon.remove()
    return results

