"""Kills senders at random moments and at every step, and counts tickets: each exactly once.

A script hands tickets over to a tracker that knows nothing of idempotency and is by chance busy,
slow, or hangs up, before or after it took a ticket. It is killed (-9), mostly at a random moment,
else right after a step; at times two of it run at once. Whatever was killed is run again, as a
script would be, until it ends by itself. The baseline, a script that notes what it has sent in a
file, goes through the same. Then the sinks that ship: a GitHub's, and the desk's.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from copilot.testing.http_server import HttpReply, HttpRequest
from tests.integration.sending_processes import READY, STEPS, TOKEN, start
from tests.products.github import GitHubServer
from tests.tracker import tracker


@dataclass
class Count:
    """What became of the tickets of one part."""

    kills: int = 0
    tickets: int = 0
    duplicates: int = 0
    losses: int = 0

    def told(self, titles: Counter[str], names: list[str]) -> None:
        self.tickets = len(names)
        self.duplicates = sum(titles[name] - 1 for name in names if titles[name] > 1)
        self.losses = sum(titles[name] == 0 for name in names)


def run_killed(job: str, home: Path, sink: str, kills: int, chance: random.Random) -> list[str]:
    """Run tickets one after the other, with so many kills; returns their names."""
    home.mkdir(mode=0o700, exist_ok=True)
    names: list[str] = []
    left = kills
    while left > 0:
        name = f"the {job} ticket number {len(names)}"
        names.append(name)
        ended = False
        # A script that is killed at each run never ends: after a few it is let go.
        for _ in range(chance.randint(1, 4)):
            killed, ended = _one_run(job, home, sink, name, chance)
            left -= killed
            if ended or left <= 0:
                break
        if not ended:
            _to_its_end(job, home, sink, name)
    return names


def _one_run(job: str, home: Path, sink: str, name: str, chance: random.Random) -> tuple[int, bool]:
    """Start it, at times twice, and kill it; how many were killed, and whether one got through."""
    by_step = chance.random() < 0.4
    crowd = [
        start(job, home, sink, [name], step=chance.choice(STEPS[job]) if by_step else "-")
        for _ in range(2 if chance.random() < 0.2 else 1)
    ]
    killed, ended = 0, False
    for process in crowd:
        if _until_ready(process) and not by_step:
            time.sleep(chance.uniform(0, 0.25))
            process.kill()
        code = process.wait(timeout=120)
        assert process.stdout is not None
        process.stdout.close()
        killed += code == -9
        ended = ended or code == 0
    return killed, ended


def _until_ready(process: subprocess.Popen[bytes]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == READY


def _to_its_end(job: str, home: Path, sink: str, name: str) -> None:
    process = start(job, home, sink, [name])
    process.communicate(timeout=300)
    if process.returncode != 0:
        raise SystemExit(f"{job} {name} ended with {process.returncode}")


def at_tracker(job: str, kills: int, seed: int) -> Count:
    """The ``job`` against a tracker of its own."""
    count = Count()
    with tempfile.TemporaryDirectory() as place, tracker(seed) as there:
        chance = random.Random(seed)
        names = run_killed(job, Path(place) / "home", there.url, kills, chance)
        count.kills = kills
        count.told(there.titles(), names)
    return count


class UnsureGitHub(GitHubServer):
    """Takes its time, and by chance hangs up before it did what it was asked for, or after."""

    def __init__(self, seed: int) -> None:
        super().__init__(TOKEN)
        self._chance = random.Random(seed)

    def answer(self, request: HttpRequest) -> HttpReply:
        time.sleep(self._chance.uniform(0, 0.02))
        return super().answer(request)

    def take(self, request: HttpRequest) -> HttpReply | None:
        if self.writes(request) and self._chance.random() < 0.4:
            self.fail_write(done=self._chance.random() < 0.6)
        return super().take(request)


def at_github(kills: int, seed: int) -> Count:
    """Through the sink that ships, to a server that behaves as GitHub's documentation says."""
    count = Count(kills=kills)
    with tempfile.TemporaryDirectory() as place, UnsureGitHub(seed) as there:
        home, chance = Path(place) / "home", random.Random(seed)
        names = run_killed("send", home, f"github={there.url}", kills, chance)
        count.told(Counter(str(issue["title"]) for issue in there.issues), names)
    return count


def at_desk(kills: int, seed: int) -> Count:
    count = Count(kills=kills)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        names = run_killed("send", home, "desk", kills, random.Random(seed))
        count.told(Counter(_desk_titles(home)), names)
    return count


def _desk_titles(home: Path) -> list[str]:
    import json
    import os
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "copilot.cli", "desk", "list", "--json", "--limit", "10000"],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "COPILOT_HOME": str(home)},
        capture_output=True,
        check=True,
    )
    return [json.loads(line)["entry"]["title"] for line in done.stdout.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--product-kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    for what, run in (
        ("copilot to a tracker", lambda: at_tracker("send", chosen.kills, chosen.seed)),
        ("a naive script to it", lambda: at_tracker("naive", chosen.kills, chosen.seed)),
        ("copilot to a GitHub", lambda: at_github(chosen.product_kills, chosen.seed)),
        ("copilot to the desk", lambda: at_desk(chosen.product_kills, chosen.seed)),
    ):
        began = time.perf_counter()
        found = run()
        print(
            f"{what:<22} kills={found.kills} tickets={found.tickets} "
            f"duplicates={found.duplicates} losses={found.losses} "
            f"in {time.perf_counter() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
