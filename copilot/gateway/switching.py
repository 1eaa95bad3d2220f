"""Whether models may be asked at all: the switches of all of them, and of a job.

Invariant: asked before every call, so a switch that somebody else turns off holds at the next one.
"""

from __future__ import annotations

from copilot.errors import ModelOffError
from copilot.flags import Flags

_SWITCHES = {
    "extract": "extraction-model",
    "rewrite": "rewrite",
    "judge": "judge",
    "summarise": "summarise",
}


def refuse_if_off(flags: Flags, job: str = "") -> None:
    """Raises ModelOffError, which names the switch and what turns it on again."""
    for name in ("models", _SWITCHES.get(job, "")):
        if name and not flags.on(name):
            what = "chat models are" if name == "models" else f"{name} is"
            raise ModelOffError(
                f"{what} switched off ({flags.switch(name).why})",
                hint=f'`copilot flags set {name} on --reason "…"`, or see `copilot flags explain '
                f"{name}`",
            )
