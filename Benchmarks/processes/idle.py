"""What the daemon takes while nothing happens: memory, CPU and wake-ups."""

import os
import re
import subprocess
import sys
import time

from daemon import Daemon


def memory(pid):
    """KiB by name: Rss, Pss, Private_Dirty …"""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return {name: int(value) for name, value in re.findall(r"(\w+): +(\d+) kB", file.read())}


class Watched:
    """Sums over all threads, those that have ended since included."""

    def __init__(self, pid):
        self.pid, self.cpu, self.woken = pid, {}, {}

    def look(self):
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            try:
                # The scheduler's own account, in nanoseconds; the ticks of stat are too coarse.
                with open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                    self.cpu[thread] = int(file.read().split()[0])
                with open(f"/proc/{self.pid}/task/{thread}/status") as file:
                    self.woken[thread] = int(re.search(
                        r"\nvoluntary_ctxt_switches:\t(\d+)", file.read()).group(1))
            except OSError:
                continue  # It ended this moment.

    def totals(self):
        self.look()
        return sum(self.cpu.values()) / 1e9, sum(self.woken.values())


class Quiet:
    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__), "quiet.py")],
            stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def idle(binary, accounts, settle, seconds):
    with Quiet() as server:
        daemon = Daemon.on_telegram(
            binary, server.port, [f"{n + 1}:{'A' * 35}" for n in range(accounts)])
        daemon.start()
        time.sleep(settle)
        pid = daemon.process.pid
        watched = Watched(pid)
        cpu, woken = watched.totals()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(1)
            watched.look()
        cpu, woken = (now - then for now, then in zip(watched.totals(), (cpu, woken)))
        found = memory(pid)
        found["threads"] = len(os.listdir(f"/proc/{pid}/task"))
        found["cpu_percent"] = cpu / seconds * 100
        found["wakeups_per_second"] = woken / seconds
        daemon.remove()
        return found

