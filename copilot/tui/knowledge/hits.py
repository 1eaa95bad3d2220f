"""What a search found: the passages, best first, two lines each; and the scores of one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from copilot.calls.knowledge import FoundPassage, ScoreCard
from copilot.places import describe, display_path
from copilot.tui.items import Items, Pieces, fitted
from copilot.tui.wording import shown, shown_line

_BAR = 12
_NAMES = {"dense": "meaning", "sentence": "nearest sentence", "support": "neighbours",
          "lexical": "words (BM25)", "title": "title"}  # fmt: skip


class HitList(Items):
    """The hits of one search."""

    def __init__(self) -> None:
        super().__init__(id="hits")
        self.found: Sequence[FoundPassage] = ()

    @property
    def count(self) -> int:
        return len(self.found)

    @property
    def chosen(self) -> FoundPassage | None:
        return None if self.at is None else self.found[self.at]

    def show(self, found: Sequence[FoundPassage]) -> None:
        self.found = found
        self.renew(0)

    def tops_of(self, width: int) -> Sequence[int]:
        return range(0, 2 * self.count + 1, 2)

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        hit = self.found[at]
        score = f"{hit.score:+.2f} "
        room = width - 5 - cell_len(score)
        title = fitted(shown_line(trail(hit)), room)
        where = shown_line(f"{display_path(hit.path)}, {describe(hit.locator)}")
        return (
            ((f" {hit.rank:>2}  ", "faint"), (title, "strong"), (score, "faint")),
            ((f"     {end_of(where, width - 6)}", "faint"),),
        )


def end_of(text: str, width: int) -> str:
    """As much of its end as there is room for: of a path the telling part."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[max(1, cell_len(text) - width) :]
    return f"…{text}"


def trail(hit: FoundPassage) -> str:
    headings = [one for one in hit.heading_path if one != hit.title]
    return " › ".join([hit.title or hit.path.rpartition("/")[2], *headings])


def explained(hit: FoundPassage) -> Content:
    """The scores by part: as they are, and how far above the other candidates."""
    lines = [Content.assemble(("fused".ljust(24), "bold"), (f"{hit.score:>+7.3f}", "bold"))]
    lines += [_part(one) for one in hit.scores]
    return Content("\n").join(lines)


def _part(one: ScoreCard) -> Content:
    name = _NAMES.get(one.name, one.name)
    name = f"{name}, alone" if one.own else name
    filled = round(max(0.0, min(3.0, one.above)) / 3 * _BAR)
    bar = "━" * filled
    return Content.assemble(
        (name.ljust(24), "$text-muted"),
        f"{one.score:>7.3f} ",
        (f"{one.above:>+6.2f}σ ", "$text-muted"),
        (bar, "$accent"),
    )


def lit(hit: FoundPassage) -> Content:
    """The passage, its sentence that is nearest to the question lit."""
    text, start, end = hit.text, hit.near_start, hit.near_end
    return Content.assemble(
        (shown(text[:start]), "$text-muted"),
        (shown(text[start:end]), "bold $accent"),
        (shown(text[end:]), "$text-muted"),
    )
