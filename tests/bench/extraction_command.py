"""How many mails a second the whole command reads, from its start to its end, as people run it.

    python -m tests.bench.extraction_command [--mails 2000] [--schema ticket] [--command copilot]

Golden texts that may be looked at, over and over, each time with other numbers in subject and
sentences, so that none comes twice: once as lines of JSON, once as a file each. A home of its own;
the first run fills its cache. Where other programs work as well, wall time tells little: what all
processes of the command computed, shared by two cores, is the least that it takes on two.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from tests.bench.extraction import GOLDEN, HELD_OUT
from tests.corpora import REPOSITORY

CORES = 2
_SUBJECT = re.compile(r"^((?:Subject|Betreff|Objet|Asunto): .+)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[a-zäöüß]{3})(?=[.!?](?:\s|$))")


def texts() -> list[tuple[str, str | None]]:
    """The developed texts and when they came."""
    rows = [
        json.loads(line)
        for path in sorted(GOLDEN.glob("*.jsonl"))
        if path.stem != HELD_OUT
        for line in path.read_text("utf-8").splitlines()
    ]
    return [(row["text"], row["received_at"]) for row in rows]


def mails(count: int) -> Iterator[dict[str, object]]:
    """As lines of JSON have them."""
    given = texts()
    for number, (text, received_at) in enumerate(islice(cycle(given), count)):
        numbered = _SUBJECT.sub(rf"\1 ({number})", text)
        numbered = _SENTENCE_END.sub(f" {number}", numbered)
        told = {"received_at": received_at} if received_at else {}
        yield {"id": number, "text": numbered, **told}


def measured(command: Sequence[str], home: Path) -> tuple[float, float, int]:
    """Seconds on the clock, seconds that all its processes computed, and lines that came out."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (home / "out.jsonl").open("wb") as out:
        env = {**os.environ, "COPILOT_HOME": str(home)}
        done = subprocess.run(
            command, stdout=out, stderr=subprocess.PIPE, env=env, cwd=REPOSITORY, check=False
        )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 9):
        sys.exit(done.stderr.decode("utf-8", "replace"))
    computed = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, computed, (home / "out.jsonl").read_bytes().count(b"\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--schema", default="ticket")
    parser.add_argument("--command", default=f"{sys.executable} -m copilot.cli")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        lines, folder = home / "mails.jsonl", home / "mails"
        folder.mkdir()
        with lines.open("w", encoding="utf-8") as handle:
            for mail in mails(asked.mails):
                handle.write(f"{json.dumps(mail, ensure_ascii=False)}\n")
                (folder / f"{mail['id']:06}.eml").write_text(str(mail["text"]), "utf-8")
        files = [str(path) for path in sorted(folder.iterdir())]
        base = [*asked.command.split(), "extract", asked.schema, "--rules"]
        for name, given in (
            ("lines, empty cache", [str(lines)]),
            ("lines", [str(lines)]),
            ("a file each", files),
        ):
            wall, computed, came = measured([*base, *given], home)
            print(
                f"{name:20}{asked.mails:6} mails{came:6} lines{wall:8.1f} s, "
                f"{asked.mails / wall:5.0f} a second;{computed:7.1f} s computed, "
                f"{asked.mails * CORES / computed:5.0f} a second on {CORES} cores at most"
            )


if __name__ == "__main__":
    main()
