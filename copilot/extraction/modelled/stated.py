"""What rules read in a text, for a model's values to be held against.

Invariant: the same text gives the same candidates; none of them is a value by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot.config.records import ExtractionSettings
from copilot.extracted import SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.finding import Parsers, find
from copilot.extraction.finding.names import Names
from copilot.extraction.texts import read

Find = Callable[[SourceText], Sequence[Candidate]]
# Names of people and companies are words of the text: there is nothing to hold them against.
_KINDS = tuple(
    kind
    for kind in CandidateKind
    if kind
    not in (
        CandidateKind.PERSON,
        CandidateKind.COMPANY,
        CandidateKind.JOB_TITLE,
        CandidateKind.ADDRESS,
    )
)


def finder(settings: ExtractionSettings, parsers: Parsers) -> Find:
    """Finds what a text states: dates, sums, numbers to call, configured names and the like."""
    names = Names.of(settings)

    def found(source: SourceText) -> Sequence[Candidate]:
        reading = read(source, own_domains=settings.own_domains)
        return find(reading, _KINDS, names=names, parsers=parsers, region=settings.region)

    return found


def find_nothing(source: SourceText) -> Sequence[Candidate]:
    """For an extraction that goes without: relative dates and configured names then often fail."""
    return ()
