#!/usr/bin/env python3
"""Runs the benchmarks and writes docs/performance.md: every figure a ratio made in one run.

    make bench                      all of them
    make bench BENCH="apply due"    some; the other rows of the page stay as they are
"""

import argparse
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Benchmarks", "processes"))

PAGE = os.path.join(ROOT, "docs", "performance.md")
PROCESSES = os.path.join(ROOT, "Benchmarks", "processes")

# name: (what it is, goal, whether the ratio is within it). A row of the page for each.
ROWS = {
    "synapse-reply": (
        "Command → reply on a real Synapse, over two messages from one plain client to another"
        " there", "≤ 1.10"),
    "synapse-burst": (
        "500 commands at once on Synapse, all answered: the time for as many messages from two"
        " plain clients, over ours", "≥ 0.9"),
    "sandbox-median": (
        "Command → reply on the sandbox, with every sync, over python-telegram-bot that answers"
        " with a word and keeps nothing: median", "≤ 0.5"),
    "sandbox-p99": ("The same, the 99th of a hundred", "≤ 0.5"),
    "sandbox-floor": (
        "The same for a bot of bare sockets that answers with a word and syncs a file once a"
        " command: what the sandbox and the disk alone take, median", ""),
    "sandbox-memory": (
        "The same without a disk (both on a file system in memory): what the work alone costs",
        ""),
    "apply": (
        "Commands from the inbox to events and posts on the disk, 64 to a commit, over bare SQLite"
        " writing the same rows in the same commits", "≥ 0.5"),
    "drain": (
        "100,000 waiting commands answered, over ten times 10,000", "≤ 1.2"),
    "start": ("Start with 1,000,000 events, from a snapshot, over 200 ms", "≤ 1"),
    "due": (
        "One look at what is due with 100,000 tasks, goals and roles, ten of them due, over one"
        " with 100, ten of them due", "≤ 2"),
    "idle-private": ("Idle, one account: private memory, over 10 MiB", "≤ 1"),
    "idle-pss": ("Idle, one account: proportional memory (PSS), over 32 MiB", "≤ 1"),
    "idle-cpu": ("Idle, one account: CPU, over 0.02 %", "≤ 1"),
    "accounts": (
        "1,000 accounts in one process: private memory, over that of a thousand processes with"
        " one", "≤ 0.05"),
    "polls": ("10,000 idle long polls: private memory, over bare libcurl's", "≤ 1.3"),
    "simulated-time": ("Simulated seconds a second of CPU", ""),
}

results = []


def row(name, ratio, figures):
    results.append({"name": name, "ratio": ratio, "figures": figures})
    print(f"{name}: {shown(ratio)}   {figures}", flush=True)


def shown(ratio):
    return f"{ratio:,.0f}" if ratio >= 1000 else f"{ratio:.3g}"


def swift(arguments, folder=None):
    """Runs the Swift side and takes its rows."""
    output = subprocess.run(
        [options.bench, *arguments], cwd=folder or scratch, stdout=subprocess.PIPE, check=True,
        text=True).stdout
    for line in output.splitlines():
        if line.startswith("{"):
            row(**json.loads(line))
    return output


def milliseconds(values):
    return f"{statistics.median(values) * 1000:.1f} ms (least {min(values) * 1000:.1f})"


def synapse():
    import matrix
    with matrix.Synapse() as server:
        if wanted("synapse-reply"):
            floors, replies = matrix.latency(server, options.binary, 100)
            row("synapse-reply", statistics.median(replies) / statistics.median(floors),
                f"{milliseconds(replies)} against {milliseconds(floors)}; 100 rounds in turn")
        if wanted("synapse-burst"):
            runs = matrix.burst(server, options.binary, 500)
            best = max(plain / answered for plain, answered in runs)
            ratio = statistics.median(plain / answered for plain, answered in runs)
            row("synapse-burst", ratio,
                "; ".join(f"{answered:.1f} s against {plain:.1f} s"
                          for plain, answered in runs) + f"; best {best:.2f}")


def bots():
    arguments = ["bots", options.binary, sys.executable, os.path.join(PROCESSES, "echo.py"),
                 os.path.join(PROCESSES, "bare.py")]
    swift(arguments)
    before = len(results)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        swift(arguments, folder=memory)
    found = results[before]
    del results[before:]
    row("sandbox-memory", found["ratio"], found["figures"])


def idle():
    import idle as idling
    found = idling.idle(options.binary, 1, settle=20, seconds=120)
    private, pss = found["Private_Dirty"] / 1024, found["Pss"] / 1024
    row("idle-private", private / 10, f"{private:.1f} MiB")
    row("idle-pss", pss / 32, f"{pss:.1f} MiB, {found['Pss_File'] / 1024:.1f} of it program text")
    row("idle-cpu", found["cpu_percent"] / 0.02,
        f"{found['cpu_percent']:.4f} %, {found['wakeups_per_second']:.1f} wake-ups a second")
    if wanted("accounts"):
        many = idling.idle(options.binary, 1000, settle=60, seconds=60)
        row("accounts", many["Private_Dirty"] / 1000 / found["Private_Dirty"],
            f"{many['Private_Dirty'] / 1000:.0f} KiB and"
            f" {many['wakeups_per_second'] / 1000:.3f} wake-ups a second each,"
            f" CPU {many['cpu_percent']:.2f} %")


def polls():
    import idle as idling

    def measured(how):
        # A server for each: one would still hold the connections of the other.
        with idling.Quiet() as server:
            url = f"http://127.0.0.1:{server.port}/bot1:a/getUpdates?timeout=600"
            return int(swift([how, url]).split()[-1])

    bare, ours = measured("bare-polls"), measured("polls")
    row("polls", ours / bare, f"{ours / 10_000:.1f} KiB against {bare / 10_000:.1f} KiB each")


ROUNDS = 9


def start():
    from daemon import Daemon
    daemons, times = {}, {}
    for events in (0, 1_000_000):
        daemon = Daemon.on_telegram(options.binary, 9, ["1:" + "A" * 35])
        os.makedirs(daemon.folder + "/state")
        if events:
            swift(["grow", daemon.folder + "/state/crewbell.db", str(events)])
        daemon.start()  # Replays, and leaves a snapshot at its end.
        daemon.stop()
        daemons[events], times[events] = daemon, []
    for _ in range(ROUNDS):
        for events, daemon in daemons.items():
            times[events].append(daemon.start())
            daemon.stop()
    for daemon in daemons.values():
        daemon.remove()
    none, million = times.values()
    row("start", statistics.median(million) / 0.2,
        f"{milliseconds(million)} against {milliseconds(none)} with none, {ROUNDS} each in turn")


def simulated():
    years = 20
    output = subprocess.run(
        [options.simulator], env={**os.environ, "YEARS": str(years), "SEED": "1"}, cwd=scratch,
        stdout=subprocess.PIPE, check=True, text=True).stdout
    speed = int(re.search(r"(\d+) thousand simulated seconds a second", output).group(1)) * 1000
    row("simulated-time", speed, output.strip().removeprefix("simulation: ").split(";")[0])


# What is measured together.
GROUPS = {
    synapse: ["synapse-reply", "synapse-burst"],
    bots: ["sandbox-median", "sandbox-p99", "sandbox-floor", "sandbox-memory"],
    (lambda: swift(["apply"])): ["apply"],
    (lambda: swift(["drain"])): ["drain"],
    start: ["start"],
    (lambda: swift(["due"])): ["due"],
    idle: ["idle-private", "idle-pss", "idle-cpu", "accounts"],
    polls: ["polls"],
    simulated: ["simulated-time"],
}

HEAD = """# Performance

*Made by `make bench`; do not edit it. A test holds the rows against the benchmarks there are.*

Milliseconds say more about a machine than about a program, so every figure is a ratio of two
things measured in the same run, in turn. Where the goal is a size or a time of its own, the ratio
is over that. A goal that is missed says so.

To repeat it: `make bench`, or one row with `make bench BENCH=due`. The sources are in
`Benchmarks`, a package of its own.

| row | what | ratio | goal | in figures | when |
|---|---|---|---|---|---|
"""

FOUND = """
## What profiling found

With `perf`, in the order in which it cost most; each was mended.

- **Copies of a team.** A command is tried on a copy before it counts, and a changed copy copied
  every task, twice a command: more than half of `apply`, and the reason why many waiting commands
  took longer than their number. Tasks lie in pages now, and only what can change words is copied
  for the words.
- **Lists and letters.** Lists of bound values, which were half of a transaction, are made no more,
  and plain letters are not looked up in Unicode's tables: a third of what a command takes is gone.
- **One after the other.** While a batch was recorded nothing was decided. Now the next one is, on a
  copy that counts only if the record does; events are written without Foundation, which took as
  long as deciding; a burst of a thousand is not read from the file again. That doubled `apply`.
- **Statements that keep a copy.** A statement that adds what a query found has SQLite copy each
  page that it changes, in case it fails halfway; one that reads the table it adds to is run by way
  of a table in memory besides. Naming a column that stays as it is has its index written anew.
  Posts and updates are added as plain rows now. Values are bound without a list of boxes, a pack of
  tuples (whose type was looked up for each member of each event) is no longer made, and what was
  decided ahead is taken over and not applied again. Together a third of a command in `apply`, which
  runs on the network's thread, as the daemon does.
- **Threads that sleep.** From an update to its answer ten tasks each woke another thread, some
  50 µs each time. They run on the network's thread now: of what `sandbox-memory` takes beyond the
  floor a third is gone.
- **Large pieces.** The log's reserve was written a mebibyte at a time. The kernel held it in large
  pieces, and walked through all pages of a piece for each page that was logged: a tenth of an
  answer's processor time. It is written page by page.
- **Libraries in general.** What a message and a post are stored as was encoded by Foundation, what
  Telegram says was decoded by it, and GRDB prepared the statements around each transaction anew
  and made objects of rows: generic code, which after a pause has left the caches. A reader and a
  writer that know what they read and write take a quarter of `sandbox-median` away. In the sandbox
  itself one thread does it all, and one sleeper wakes all who wait.
- **Commits that somebody waits for.** An update was stored in one commit and its answer in the
  next; they are one. Every sixtieth commit put the log into the file, two syncs more, and most of
  these were an answer's: that was `sandbox-p99`, and is left to commits that nobody waits for. The
  disk begins to write while the post is made ready, so less of the sync is waited for.
- **Before the first byte.** The thread that syncs was woken for a commit that the sender was about
  to ask for; Foundation looked for `://` in a URL, and for the ends of a date; a text in which
  nobody is named was put together anew: a fortieth of `sandbox-median`.
- **A thread for a beat.** Every twenty seconds one was made to note that the daemon lives. The note
  is made where it is due: a quarter of what an idle daemon takes.
- **The snapshot at the start.** A start with a long history was Foundation's decoding of the
  snapshot, then the splitting of dates, then the reading of each task as an object with named
  fields. Snapshots have a form of their own now, and tasks stand in it as two lists, read in one
  pass into the pages that they are kept in. The look for damage, which took the other processor,
  and the log's reserve wait for the first commit.
- **Pages of the program.** Two thirds of what an idle daemon had in memory was code that only the
  start had run, and the pages that the kernel maps around it. It is given back.
- **Looks at everything.** What is due was looked for among all goals, roles and blockers there ever
  were, and each working day since a date was counted again at each look. Indices lead to what may
  be due, and what was said is seen before anything is counted.
- **The question itself.** `drain` counted rows fifty times a second on the ledger's own connection;
  it asks seldom now, and waits until the last answer is sent.
"""


def met(ratio, goal):
    if not goal:
        return True
    sign, limit = goal.split()
    return ratio <= float(limit) if sign == "≤" else ratio >= float(limit)


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if "model name" in line),
                     model)
    load = os.getloadavg()[1]
    return f"{os.cpu_count()} × {model}, Linux {platform.release().split('-')[0]}, load {load:.0f}"


def commit():
    run = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                         stdout=subprocess.PIPE, text=True)
    return run.stdout.strip() or "unknown"


def page():
    """Rows that were not measured now stay as they are."""
    known = {}
    if os.path.exists(PAGE):
        with open(PAGE) as file:
            known = {match.group(1): line for line in file
                     if (match := re.match(r"\| `([a-z0-9-]+)` \|", line))}
    when = f"{datetime.date.today()} at {commit()}; {machine()}"
    for found in results:
        what, goal = ROWS[found["name"]]
        ratio = shown(found["ratio"])
        if not met(found["ratio"], goal):
            ratio += ", **missed**"
        known[found["name"]] = (
            f"| `{found['name']}` | {what} | {ratio} | {goal or '–'} | {found['figures']} |"
            f" {when} |\n")
    with open(PAGE, "w") as file:
        file.write(HEAD)
        for name, (what, goal) in ROWS.items():
            line = known.get(name, "")
            # What was measured under other words is no figure for these.
            if f"| {what} |" not in line or f"| {goal or '–'} |" not in line:
                line = f"| `{name}` | {what} | not measured yet | {goal or '–'} | | |\n"
            file.write(line)
        file.write(FOUND)


def wanted(name):
    return not options.rows or name in options.rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, help="crewbell, built for release")
    parser.add_argument("--bench", required=True, help="the Swift side of the benchmarks")
    parser.add_argument("--simulator", help="for simulated-time")
    parser.add_argument("rows", nargs="*")
    options = parser.parse_args()
    unknown = set(options.rows) - set(ROWS)
    if unknown:
        raise SystemExit(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    # Not below /tmp: that is often memory, and then a sync costs nothing.
    os.makedirs(os.path.join(ROOT, ".cache"), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, ".cache")) as scratch:
        tempfile.tempdir = scratch
        failed = []
        for measure, names in GROUPS.items():
            if not any(wanted(name) for name in names):
                continue
            begun = time.monotonic()
            try:
                measure()
            except (Exception, SystemExit):
                # The others are measured nevertheless.
                traceback.print_exc()
                failed += names
            page()
            print(f"({', '.join(names)}: {time.monotonic() - begun:.0f} s)", flush=True)
        if failed:
            raise SystemExit(f"not measured: {', '.join(failed)}")
