"""Processes that send tickets, for tests that race and kill them: ``python -m`` this with a job.

``send HOME SINK STEP NAME…``: what a user's script does, with the real outbox, audit trail and
ledger: hand each name over as a ticket. SINK is a tracker's address, ``github=`` that of a GitHub,
or ``desk``. The process kills itself once STEP was done (``-``: never). ``naive``: the same with a
file that says what was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from copilot.handoff import Sink
from tests.corpora import REPOSITORY
from tests.products.github import NAME, OWNER

STEPS = {
    "send": ("proposed", "decided", "noted sending", "looked up", "written", "told", "noted sent"),
    "naive": ("written", "noted sent"),
}
TOKEN = "a-token"
READY = b"ready\n"
_MODULE = "tests.integration.sending_processes"


def start(
    job: str, home: Path, sink: str, names: Sequence[str], *, step: str = "-"
) -> subprocess.Popen[bytes]:
    """Start a job; ``ready`` stands on its stdout when it is about to begin."""
    return subprocess.Popen(
        [sys.executable, "-m", _MODULE, job, str(home), sink, step, *names],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "COPILOT_HOME": str(home)},
    )


def send(sink: str, step: str, names: Sequence[str]) -> int:
    from copilot.actions.handover import Handover, exit_code
    from copilot.actions.policy import Policy, Rule
    from copilot.bootstrap import build
    from copilot.config.records import ActionSettings
    from copilot.extracted import Evidence, ExtractedRecord, FieldValue, SourceText
    from tests.tracker import TrackerSink

    copilot = build()
    handover: Handover = replace(
        copilot.delivery.handover(lambda message: None),
        policy=lambda: Policy((Rule("all", "allow"),)),
        settings=ActionSettings(attempts=100),
        step=_dying_at(step),
    )
    there: Sink | None = None
    if sink.startswith("github="):
        there = _github(sink.removeprefix("github="))
    elif sink != "desk":
        there = TrackerSink(sink)
    if there is not None:
        chosen = there
        handover = replace(handover, sink_for=lambda name: chosen)
    os.write(1, READY)

    async def work() -> int:
        standings = []
        for name in names:
            field = FieldValue(name, Evidence(name, 0, len(name)), 0.9)
            source = SourceText("mail", name, hashlib.sha256(name.encode()).hexdigest())
            record = ExtractedRecord(
                name, "ticket", "1", "valid", {"title": name}, {"title": field}
            )
            target = "desk" if there is None else there.name
            standings += await handover.hand_over([record], source, target)
        return int(exit_code(standings))

    return asyncio.run(work())


def _github(url: str) -> Sink:
    from copilot.adapters.sinks import build_sink
    from copilot.config.records import SinkSettings

    settings = SinkSettings(
        kind="github",
        url=url,
        key="github",
        options={"repository": f"{OWNER}/{NAME}", "settles_s": 1},
    )
    return build_sink("github", settings, key_for=lambda name: TOKEN, desk=Path())


def naive(home: Path, sink: str, step: str, names: Sequence[str]) -> int:
    """Post, then write down that it was sent: what most scripts do."""
    from tests.tracker import BusyError, post

    dying = _dying_at(step)
    os.write(1, READY)
    for name in names:
        sent = home / f"{hashlib.sha256(name.encode()).hexdigest()}.sent"
        while not sent.exists():
            try:
                post(sink, name, name)
            except (BusyError, OSError, http.client.HTTPException):
                continue
            dying("written")
            sent.touch()
            dying("noted sent")
    return 0


def _dying_at(step: str) -> Callable[[str], None]:
    def done(what: str) -> None:
        if what == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return done


def main() -> int:
    job, home, sink, step, *names = sys.argv[1:]
    match job:
        case "send":
            return send(sink, step, names)
        case "naive":
            return naive(Path(home), sink, step, names)
        case _:
            raise SystemExit(f"no job {job}")


if __name__ == "__main__":
    sys.exit(main())
