"""Processes that send tickets, for tests that race and kill them: ``python -m`` this with a job.

``send HOME SINK STEP NAME…``: what a user's script does, with the real outbox, audit trail and
ledger: hand each name over as a ticket. SINK is a tracker's address, ``github=`` that of a GitHub,
or ``desk``. The process kills itself once STEP was done (``-``: never). ``ask``: the same, and
each is approved. ``naive``: the same with a file that says what was sent. ``everywhere HOME SINK
JOB``: a sender for each system call by which that job writes or asks, which is killed before it
or, of a write, in its midst; and after each of them one that ends what it left.
"""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

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


def send(sink: str, step: str, names: Sequence[str], *, ask: bool = False) -> int:
    from copilot.actions.handover import Handover, exit_code
    from copilot.actions.policy import Policy, Rule
    from copilot.bootstrap import build
    from copilot.config.records import ActionSettings
    from copilot.extracted import Evidence, ExtractedRecord, FieldValue, SourceText
    from tests.tracker import TrackerSink

    copilot = build()
    handover: Handover = replace(
        copilot.delivery.handover(lambda message: None),
        policy=lambda: Policy((Rule("all", "ask" if ask else "allow"),)),
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
            found = await handover.hand_over([record], source, target)
            standings += (
                [await handover.approve(one.proposal.id) for one in found] if ask else found
            )
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


def everywhere(home: Path, sink: str, job: str) -> int:
    """Writes down how many calls there were. Forks, since a start takes longer than a job."""
    os.environ["COPILOT_HOME"] = str(home / "0")
    if send(sink, "-", ["ticket 0"], ask=job == "ask") != 0:  # and has loaded what all need
        return 70

    def forked(number: int, *, dies: bool) -> int:
        child = os.fork()
        if child == 0:
            os.environ["COPILOT_HOME"] = str(home / str(number))
            if dies:
                _die_before(number)
            with suppress(BaseException):
                os._exit(send(sink, "-", [f"ticket {number}"], ask=job == "ask"))
            os._exit(70)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    number = 1
    while (died := forked(number, dies=True)) != 0:
        if died != -signal.SIGKILL or forked(number, dies=False) != 0:
            return 1
        number += 1
    (home / "calls").write_text(str(number - 1))
    return 0


def _die_before(number: int) -> None:
    """Before the so-many-th call that changes a file or speaks to the sink, or halfway through."""
    left = iter(range(number - 1, -1, -1))
    counting = threading.Lock()

    def last() -> bool:
        with counting:
            return next(left) == 0

    def watched(call: Callable[..., Any], *, halved: bool = False) -> Callable[..., Any]:
        def act(*given: Any, **more: Any) -> Any:
            if last():
                os.kill(os.getpid(), signal.SIGKILL)
            if halved and last():
                call(given[0], given[1][: len(given[1]) // 2], *given[2:])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **more)

        return act

    for name in ("open", "mkdir", "fsync", "ftruncate", "rename", "replace"):
        setattr(os, name, watched(getattr(os, name)))
    for name in ("write", "pwrite"):
        setattr(os, name, watched(getattr(os, name), halved=True))
    for name in ("connect", "sendall", "recv_into"):
        setattr(socket.socket, name, watched(getattr(socket.socket, name)))


def _dying_at(step: str) -> Callable[[str], None]:
    def done(what: str) -> None:
        if what == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return done


def main() -> int:
    job, home, sink, step, *names = sys.argv[1:]
    match job:
        case "send" | "ask":
            return send(sink, step, names, ask=job == "ask")
        case "everywhere":
            return everywhere(Path(home), sink, step)
        case "naive":
            return naive(Path(home), sink, step, names)
        case _:
            raise SystemExit(f"no job {job}")


if __name__ == "__main__":
    sys.exit(main())
