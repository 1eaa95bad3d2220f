"""Which of the desk's open entries may be on the same issue, or of the same person.

Invariant: what two entries contradict each other in (another error code, another reference)
keeps them apart, however alike their titles are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from copilot.adapters.sinks.desk.kinds import Kind
from copilot.extracted import Json
from copilot.titles import alike

Values = Mapping[str, Json]
_NEAR = 0.5  # titles of which so many words are the same
_RELATED = 0.3  # … where something else speaks for it, too


def compared(kind: Kind) -> tuple[str, ...]:
    """The columns that tell; texts aren't among them, and may be long."""
    return _SAID.get(kind.table, ("data",))


def likely(kind: Kind, values: Values, rows: Iterable[Sequence[Json]]) -> list[str]:
    """The ids of those that may be the same, likeliest first; of equals the first stays first.

    A row is an id and what stands in the columns that are ``compared``.
    """
    score = _SCORES.get(kind.table, _of_record)
    scored = [(score(values, _held(kind, cells)), str(number)) for number, *cells in rows]
    return [number for points, number in sorted(scored, key=lambda one: -one[0]) if points > 0]


def _held(kind: Kind, cells: Sequence[Json]) -> Values:
    if kind.generic:
        data: Values = json.loads(str(cells[0] or "{}"))
        return data
    return dict(zip(compared(kind), cells, strict=True))


def _of_ticket(new: Values, held: Values) -> float:
    if any(_differ(new, held, name) for name in ("error_code", "reference", "product", "service")):
        return 0.0
    near = alike(_text(new, "title"), _text(held, "title"))
    points = near + 1 if near >= _NEAR else 0.0
    points += 2 * _same(new, held, "error_code") + 2 * _same(new, held, "reference")
    if _same(new, held, "requester_email") and near >= _RELATED:
        points += near + 0.5
    return points


def _of_contact(new: Values, held: Values) -> float:
    numbers = {_text(new, name) for name in ("phone", "mobile")} - {""}
    known = {_text(held, name) for name in ("phone", "mobile")} - {""}
    if _same(new, held, "email"):
        return 3.0
    same_name = _same(new, held, "name")
    if numbers & known and not _differ(new, held, "name"):
        return 2.0
    return 1.0 if same_name and _same(new, held, "company") else 0.0


def _of_deal(new: Values, held: Values) -> float:
    if not _same(new, held, "company") or _differ(new, held, "product"):
        return 0.0
    near = alike(_text(new, "title"), _text(held, "title"))
    return near + _same(new, held, "product") + _same(new, held, "contact_email")


def _of_meeting(new: Values, held: Values) -> float:
    if _differ(new, held, "date") or _differ(new, held, "start_time"):
        return 0.0
    near = alike(_text(new, "title"), _text(held, "title"))
    return _same(new, held, "url") + (near if near >= _NEAR else 0.0)


def _of_record(new: Values, held: Values) -> float:
    """Somebody's own schema: most of what it says is the same."""
    names = [name for name in new if not name.startswith("@") and new[name]]
    same = sum(_same(new, held, name) for name in names)
    return float(same) if same * 2 > len(names) else 0.0


_SAID: Mapping[str, tuple[str, ...]] = {
    "tickets": ("title", "error_code", "reference", "product", "service", "requester_email"),
    "contacts": ("name", "company", "email", "phone", "mobile"),
    "deals": ("title", "company", "product", "contact_email"),
    "meetings": ("title", "date", "start_time", "url"),
}
_SCORES: Mapping[str, Callable[[Values, Values], float]] = {
    "tickets": _of_ticket,
    "contacts": _of_contact,
    "deals": _of_deal,
    "meetings": _of_meeting,
}


def _text(values: Values, name: str) -> str:
    return " ".join(str(values.get(name) or "").casefold().split())


def _same(new: Values, held: Values, name: str) -> bool:
    return bool(_text(new, name)) and _text(new, name) == _text(held, name)


def _differ(new: Values, held: Values, name: str) -> bool:
    """Whether both say something, and not the same."""
    mine, theirs = _text(new, name), _text(held, name)
    return bool(mine) and bool(theirs) and mine != theirs
