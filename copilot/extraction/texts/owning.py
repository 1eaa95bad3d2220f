"""Which messages the team that is asked wrote itself.

Invariant: who sent the current mail is not of that team unless their domain or their name says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.extraction.reading import Span
from copilot.extraction.texts.addresses import Named
from copilot.extraction.texts.drafts import Draft
from copilot.extraction.texts.roles import is_team_mailbox, side_of


def mark_own(text: str, drafts: Sequence[Draft], own_domains: Sequence[str]) -> None:
    """Sets ``own`` of what mails have it; turns were told apart with their transcript."""
    domains = tuple(domain.lower().lstrip("@") for domain in own_domains)
    mails = [draft for draft in drafts if draft.part != "turn"]
    if not mails:
        return
    first = mails[0]
    asking = _keys(text, [first.sender])
    handed_on = {
        key for one in mails if one.part == "forwarded" for key in _keys(text, [one.sender])
    }
    team = set() if _is_own(text, first, domains) else _keys(text, first.to) - asking - handed_on
    for draft in mails:
        ours = [one for one in draft.to if _of(_said(text, one.email), domains)]
        team |= _keys(text, ours) - asking
    for draft in mails:
        keys = _keys(text, [draft.sender])
        address = _said(text, draft.sender.email)
        if address and _of(address, domains):
            draft.own = True
            team |= keys
        elif address and domains and "@" in address and draft is not first and keys & asking:
            draft.own = first.own
        elif draft is first:
            draft.own = _is_own(text, first, domains)
        else:
            draft.own = bool(keys & team) or _role(text, draft) or is_team_mailbox(address)
    theirs = {key for one in mails if one.own for key in _keys(text, [one.sender])}
    for draft in mails[1:]:
        draft.own = draft.own or bool(_keys(text, [draft.sender]) & theirs)


def _is_own(text: str, first: Draft, domains: Sequence[str]) -> bool:
    address = _said(text, first.sender.email)
    return bool(address) and (
        _of(address, domains) or (is_team_mailbox(address) and _role(text, first))
    )


def _role(text: str, draft: Draft) -> bool:
    return side_of(_said(text, draft.sender.name)) == "own"


def _keys(text: str, people: Sequence[Named]) -> set[str]:
    """What tells that two senders are one: the address, and the name."""
    found = {_said(text, one.email) for one in people} | {_said(text, one.name) for one in people}
    found.discard("")
    return found


def _said(text: str, span: Span | None) -> str:
    return "" if span is None else " ".join(text[span.start : span.end].lower().split())


def _of(address: str, domains: Sequence[str]) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain == one or domain.endswith(f".{one}") for one in domains)
