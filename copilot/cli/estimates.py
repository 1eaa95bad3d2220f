"""``--estimate`` of ``ask`` and ``extract``: what it would cost, a line a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from copilot.cli import console
from copilot.cli.tables import table
from copilot.errors import ExitCode
from copilot.extracted import SourceText
from copilot.guard.terminal import clean_line
from copilot.messages import Usage
from copilot.metering import total_usage
from copilot.operations import estimating
from copilot.operations.estimating import Estimate
from copilot.quantities import money

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.extraction.items import Item
    from copilot.schemas import Schema

_FREE = "no chat model would be asked: it costs nothing"
_MORE = "the first request of each; a correction, or a model that steps in, may cost as much again"


async def ask(copilot: Copilot, text: str, *, conversation: str, path: str) -> int:
    """Tell what a question would cost."""
    from copilot.answering.remembering import Memory, going_on
    from copilot.cli.asking import narrowed

    told = going_on(copilot.conversations.kept(conversation)) if conversation else ()
    memory = Memory(conversation, told, copilot.conversations)
    where = narrowed(copilot, path)
    found = await estimating.of_question(copilot, text, memory=memory, where=where)
    _show(found, "answer")
    return int(ExitCode.DONE)


async def extract(copilot: Copilot, schema: Schema, items: Iterable[Item | None]) -> int:
    """Tell what all inputs together would cost; one that can't be read is told of, and passed."""
    code, found = ExitCode.DONE, list[Estimate]()
    for item in items:
        if item is None:
            continue
        if not isinstance(item.text, SourceText):
            console.err(clean_line(f"copilot: {item.text.message}"))
            code = ExitCode.PARTIAL
            continue
        found += await estimating.of_text(copilot, item.text, schema)
    models = dict.fromkeys(one.model for one in found)
    _show([_together([one for one in found if one.model == model]) for model in models], "extract")
    return int(code)


def _together(several: Sequence[Estimate]) -> Estimate:
    model = several[0].model
    probable = total_usage(model, [one.probable for one in several])
    return Estimate(model, probable, total_usage(model, [one.most for one in several]))


def _show(found: Sequence[Estimate], job: str) -> None:
    if console.json_mode():
        models = [
            {"model": one.model, "probable": _plain(one.probable), "most": _plain(one.most)}
            for one in found
        ]
        console.emit({"kind": "estimate", "job": job, "models": models})
        return
    if not found:
        console.out(_FREE)
        return
    header = ["model", "reads", "writes", "costs", "reads at most", "writes", "costs at most"]
    rows = [[one.model, *_figures(one.probable), *_figures(one.most)] for one in found]
    for line in table(header, rows, right=header[1:]):
        console.out(line)
    console.err(f"copilot: {_MORE}")


def _figures(usage: Usage) -> list[str]:
    cost = money(usage.cost_microusd)
    return [f"{usage.input_tokens:,}", f"{usage.output_tokens:,}", cost]


def _plain(usage: Usage) -> dict[str, object]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.cost_usd,
    }
