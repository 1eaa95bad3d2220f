"""All values of a text that can be told by their form.

Invariant: ``text[start:end]`` is exactly what states the value; whatever the text, nothing is
raised and the time grows with its length.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.codes import find_error_codes
from copilot.extraction.finding.counts import find_numbers, find_percents
from copilot.extraction.finding.moments import find_moments, find_undated
from copilot.extraction.finding.money import find_money
from copilot.extraction.finding.names import Names, find_names
from copilot.extraction.finding.online import find_emails, find_urls
from copilot.extraction.finding.phones import find_phones
from copilot.extraction.finding.references import find_references
from copilot.extraction.finding.sheet import Sheet, lay_out
from copilot.extraction.finding.spoken_phones import find_spoken_phones
from copilot.extraction.finding.taken import Taken
from copilot.extraction.finding.versions import find_versions
from copilot.extraction.reading import Reading, SegmentKind
from copilot.extraction.texts.headers import machine_lines
from copilot.handoff import DateWords, PhoneNumbers


@dataclass(frozen=True, slots=True)
class Parsers:
    """What libraries know of how countries write."""

    phones: PhoneNumbers
    dates: DateWords


_NAMED = (
    CandidateKind.PRODUCT,
    CandidateKind.COMPONENT,
    CandidateKind.PLAN,
    CandidateKind.COMPETITOR,
)
_MOMENTS = (
    CandidateKind.DATE,
    CandidateKind.DATE_TIME,
    CandidateKind.TIME,
    CandidateKind.TIME_ZONE,
)
_FINDERS: tuple[tuple[CandidateKind, Callable[[Sheet], Iterator[Candidate]]], ...] = (
    (CandidateKind.EMAIL, find_emails),
    (CandidateKind.URL, find_urls),
    (CandidateKind.MONEY, find_money),
    (CandidateKind.NUMBER, find_numbers),
    (CandidateKind.PERCENT, find_percents),
    (CandidateKind.VERSION, find_versions),
    (CandidateKind.ERROR_CODE, find_error_codes),
    (CandidateKind.REFERENCE, find_references),
)


def _machine_lines(reading: Reading) -> Taken | None:
    """Header lines that nobody wrote: what stands there states nothing."""
    taken: Taken | None = None
    for segment in reading.segments:
        if segment.kind is SegmentKind.HEADERS:
            for line in machine_lines(reading.text, segment.start, segment.end):
                taken = taken or Taken()
                taken.take(line.start, line.end)
    return taken


def find(
    reading: Reading,
    kinds: Collection[CandidateKind],
    *,
    names: Names,
    parsers: Parsers,
    region: str = "",
    undated: bool = False,
) -> list[Candidate]:
    """Candidates of these kinds, in the order in which they stand in the text.

    They may overlap: a date, and the date with the time beside it. What is quoted or boilerplate is
    found as well. ``region`` is the country of telephone numbers where the text doesn't tell.
    ``undated``: days that can't be told without the day of writing too, with None for their value.
    """
    sheet = lay_out(reading, kinds, region=region, dates=parsers.dates, name_words=names.last_words)
    found: list[Candidate] = []
    for kind, finder in _FINDERS:
        if sheet.wants(kind):
            found.extend(finder(sheet))
    if sheet.wants(*_MOMENTS):
        found.extend(find_moments(sheet))
        if undated and sheet.wants(CandidateKind.DATE):
            found.extend(find_undated(sheet))
    if sheet.wants(CandidateKind.PHONE):
        found.extend(find_phones(sheet, parsers.phones))
        found.extend(find_spoken_phones(sheet, parsers.phones))
    if sheet.wants(*_NAMED):
        found.extend(find_names(sheet, names))
    machine = _machine_lines(reading)
    if machine:
        found = [one for one in found if not machine.overlaps(one.start, one.end)]
    return sorted(found, key=lambda candidate: (candidate.start, -candidate.end))
