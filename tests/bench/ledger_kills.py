"""Kills writers and merges of one ledger at random moments, and counts what became of it all.

Whatever a writer had printed before it was killed was acknowledged; each of these names must be in
the database once. Of the writers some append runs, some give feedback; every third round a merge
is under way, and is killed too.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from pathlib import Path

from tests.integration.ledger_processes import acknowledged, recorded, start

AT_ONCE = 4


def killed(process: subprocess.Popen[bytes], wait_s: float) -> list[str]:
    """What the process had acknowledged when it was killed, ``wait_s`` after its first word."""
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(wait_s)
    process.kill()
    return acknowledged(first + process.communicate()[0])


def kill_all(folder: Path, kills: int, chance: random.Random) -> tuple[list[str], int]:
    """Names acknowledged by the writers that were killed, and how many merges were."""
    names: list[str] = []
    merges = 0
    for done in range(0, kills, AT_ONCE):
        crowd = [
            start("rate", folder)
            if chance.random() < 0.2
            else start("append", folder, 0, chance.randint(1, 40))
            for _ in range(min(AT_ONCE, kills - done))
        ]
        merge = start("merge", folder) if chance.random() < 0.33 else None
        for process in crowd:
            names += killed(process, chance.uniform(0, 0.05))
        if merge is not None:
            time.sleep(chance.uniform(0, 0.3))
            merge.kill()
            merge.communicate()
            merges += 1
    return names, merges


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "ledger"
        began = time.perf_counter()
        names, merges = kill_all(folder, chosen.kills, random.Random(chosen.seed))
        found = recorded(folder)
        took = time.perf_counter() - began
        lost = sum(found[name] == 0 for name in names)
        doubled = sum(times > 1 for times in found.values())
        print(
            f"{chosen.kills} writers and {merges} merges killed in {took:.0f} s; "
            f"{len(names)} records acknowledged, lost={lost}, doubled={doubled}, "
            f"spool files left: {len(list((folder / 'spool').glob('*.jsonl')))}"
        )


if __name__ == "__main__":
    main()
