"""Takes a model's value only if the words that it copied say it.

Invariant: what is proven has its quote in the text, to the character; text that was put right
(dates, numbers, casing) still says what the quote says; whatever a model gives, nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from copilot.extracted import Evidence, Json, NullReason, SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.sheet import fold
from copilot.extraction.modelled import moments, numerals
from copilot.extraction.modelled.anchoring import Anchors
from copilot.extraction.modelled.choosing import chosen, has_words, truth
from copilot.extraction.modelled.kinds import ValueKind, described, kind_of
from copilot.extraction.modelled.spelling import says_called, says_email
from copilot.extraction.modelled.verdicts import (
    SURE_CHECKED,
    SURE_COPIED,
    SURE_FREE,
    SURE_TOLD,
    Proven,
    Refused,
    Verdict,
    not_said,
)
from copilot.guard.injection import suspicions, writes
from copilot.schemas import FieldRole, FieldSpec

LONGEST_QUOTE = 500
LONGEST_VALUE = 2_000
_ROOMY_QUOTE = 200  # longer ones are narrowed to the value's own words, where it has some
_SYMBOLS = {"EUR": "€ euro", "USD": "$ dollar", "GBP": "£ pound pfund livre libra", "JPY": "¥ yen"}
_SYMBOLS |= {"CHF": "franken fr. sfr", "INR": "₹ rupee"}
_WORDS = re.compile(r"[^\W_]+")
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?=[:/?#]|$)")
# What has words in it, always: a "1" that stands in the text is nobody's name.
_WORDED = frozenset({ValueKind.CALLED, ValueKind.OWN_WORDS, ValueKind.SUMMARY})
# Numbers in these are no sums, counts or percentages.
_COUNTED = frozenset({FieldRole.AMOUNT, FieldRole.COUNT, FieldRole.PERCENT})
_NO_COUNTS = (
    CandidateKind.DATE,
    CandidateKind.DATE_TIME,
    CandidateKind.TIME,
    CandidateKind.PHONE,
    CandidateKind.EMAIL,
    CandidateKind.URL,
    CandidateKind.VERSION,
)
_STOP = re.compile(r"[.!?]\s|\n")
_SPELT = re.compile(r"[\w@%+#][\w@.:/+#-]*\w|\w")


class Prover:
    """Proves values of one text. ``candidates``: what rules found in it, whose readings count."""

    def __init__(self, source: SourceText, candidates: Sequence[Candidate] = ()) -> None:
        self._source = source
        self._anchors = Anchors(source.text)
        self._candidates = candidates

    def prove(self, spec: FieldSpec, value: Json, quote: Json) -> Verdict:
        """The value as the field has it, with its evidence; or why it isn't taken."""
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            return Refused(NullReason.INVALID, "the value is too long")
        if isinstance(value, int | float) and not numerals.sane(value):
            return Refused(NullReason.INVALID, "the value is too large")
        if not isinstance(quote, str) or not quote.strip():
            if not isinstance(value, str):
                return Refused(NullReason.QUOTE_NOT_FOUND, "no quote was given")
            quote = value  # a value that stands in the text is its own quote
        evidence = self._anchors.find(quote)
        if evidence is None:
            return Refused(
                NullReason.QUOTE_NOT_FOUND, "the quote isn't in the text; copy it to the letter"
            )
        around = self._around(evidence)
        name = next(part for part in reversed(spec.path) if part != "[]")
        if suspicions(around) or writes(around, name):
            return Refused(
                NullReason.VALUE_NOT_IN_QUOTE,
                "the quote tells its reader what to write, and states nothing",
            )
        verdict = self._said(spec, value, evidence)
        if isinstance(verdict, Proven) and len(verdict.evidence.quote) > LONGEST_QUOTE:
            return Refused(
                NullReason.VALUE_NOT_IN_QUOTE,
                f"the quote is longer than {LONGEST_QUOTE} characters; copy only what says it",
            )
        return verdict

    def _said(self, spec: FieldSpec, value: Json, quote: Evidence) -> Verdict:
        match kind_of(spec):
            case ValueKind.CHOICE:
                return chosen(spec, value, quote)
            case ValueKind.TRUTH:
                return truth(value, quote)
            case ValueKind.NUMBER:
                return self._number(spec, value, quote)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            return Refused(NullReason.INVALID, f"the value isn't a text: {described(spec)}")
        return self._text(spec, value.strip(), quote)

    def _text(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        ways: dict[ValueKind, Callable[[FieldSpec, str, Evidence], Verdict]] = {
            ValueKind.DAY: self._day,
            ValueKind.MOMENT: self._moment,
            ValueKind.CLOCK: self._clock,
            ValueKind.EMAIL: self._email,
            ValueKind.PHONE: self._phone,
            ValueKind.URL: self._address,
            ValueKind.CURRENCY: self._currency,
            ValueKind.NAMED: self._named,
            ValueKind.CALLED: self._called,
            ValueKind.OWN_WORDS: self._own_words,
            ValueKind.SUMMARY: self._summary,
        }
        verdict = ways.get(kind_of(spec), self._as_copied)(spec, value, quote)
        worded = kind_of(spec) in _WORDED or spec.role is FieldRole.JOB_TITLE
        return _worded(verdict) if worded else verdict

    # --- values that are other than their words ---------------------------------------------

    def _number(self, spec: FieldSpec, value: Json, quote: Evidence) -> Verdict:
        found = numerals.number_in(value)
        if found is not None and spec.type == "integer":
            found = int(found) if found == int(found) else None
        if found is None:
            return Refused(NullReason.INVALID, f"the value isn't {described(spec)}")
        kinds = (CandidateKind.MONEY, CandidateKind.NUMBER, CandidateKind.PERCENT)
        for candidate in self._found_in(quote, kinds):
            if candidate.value == found:
                return self._checked(found, self._of(candidate), quote)
        counted = spec.role in _COUNTED
        if numerals.says_number(self._uncounted(quote) if counted else quote.quote, found):
            return self._checked(found, None, quote)
        return not_said(f"the number {found:g}")

    def _uncounted(self, quote: Evidence) -> str:
        """The quote without the dates, numbers to call and the like that rules found in it."""
        words = quote.quote
        for candidate in self._candidates:
            first = max(0, candidate.start - quote.start)
            last = min(len(words), candidate.end - quote.start)
            if first < last and candidate.kind in _NO_COUNTS:
                words = words[:first] + " " * (last - first) + words[last:]
        return words

    def _day(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        day = moments.day_in(value)
        if day is None:
            return Refused(NullReason.INVALID, f"the value isn't {described(spec)}")
        return self._when(day, day.isoformat(), quote)

    def _moment(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        moment = moments.moment_in(value)
        if moment is None:
            return Refused(NullReason.INVALID, f"the value isn't {described(spec)}")
        for candidate in self._found_in(quote, (CandidateKind.DATE_TIME,)):
            if candidate.value == moment:
                return self._checked(moment, self._of(candidate), quote)
        clock = moment[11:16]
        if clock and not moments.says_clock(quote.quote, clock):
            return not_said(f"the time {clock}")
        zone = re.search(r"(?:Z|[+-]\d{2}:\d{2})$", moment[16:])
        if zone is not None and not moments.says_zone(quote.quote, zone[0]):
            moment = moment.removesuffix(zone[0])
        if spec.format == "date-time" and clock:
            moment = re.sub(r"(T\d{2}:\d{2})(?!:\d)", r"\1:00", moment, count=1)
        return self._when(date.fromisoformat(moment[:10]), moment, quote)

    def _when(self, day: date, value: str, quote: Evidence) -> Verdict:
        """``value`` if the quote says its day, by a candidate's reading or by ours."""
        read = [*self._found_in(quote, (CandidateKind.DATE, CandidateKind.DATE_TIME))]
        for candidate in read:
            if str(candidate.value)[:10] == value[:10]:
                return self._checked(value, self._of(candidate), quote)
        told = self._source.received_at
        if moments.says_day(quote.quote, day, told, self._source.text):
            proven = self._checked(value, None, quote)
            # rules read "Friday" as another one, or 12/11 the other way round
            doubtful = read and not moments.day_in_quote(quote.quote, day)
            return replace(proven, confidence=SURE_FREE) if doubtful else proven
        if len(value) > 10 and self._day_is_told(day):  # its time is what the quote says
            return replace(self._checked(value, None, quote), confidence=SURE_TOLD)
        return not_said(f"the date {day.isoformat()}")

    def _day_is_told(self, day: date) -> bool:
        """Whether the text was sent on the day or the one after, or says it elsewhere."""
        told = self._source.received_at
        if told is not None and 0 <= (told.date() - day).days <= 1:
            return True
        dates = (CandidateKind.DATE, CandidateKind.DATE_TIME)
        said = (c.value for c in self._candidates if c.kind in dates)
        written = moments.day_in_quote(self._source.text, day)
        return written or any(str(one)[:10] == day.isoformat() for one in said)

    def _clock(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        clock = moments.clock_in(value)
        if clock is None:
            return Refused(NullReason.INVALID, f"the value isn't {described(spec)}")
        for candidate in self._found_in(quote, (CandidateKind.TIME, CandidateKind.DATE_TIME)):
            if clock in str(candidate.value):
                return self._checked(clock, None, quote)
        if moments.says_clock(quote.quote, clock):
            return self._checked(clock, None, quote)
        return not_said(f"the time {clock}")

    def _phone(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        digits = re.sub(r"\D", "", value.replace("(0)", ""))
        if not re.fullmatch(r"[+(]?\d[\d ()/.\u00a0-]*", value):
            return Refused(NullReason.INVALID, f"the value isn't {described(spec)}")
        for candidate in self._found_in(quote, (CandidateKind.PHONE,)):
            shown = re.sub(r"\D", "", self._source.text[candidate.start : candidate.end])
            if digits and digits in (re.sub(r"\D", "", str(candidate.value)), shown):
                return self._checked(candidate.value, self._of(candidate), quote)
        shown = re.sub(r"\D", "", quote.quote.replace("(0)", ""))
        national = shown.lstrip("0")
        abroad = "+" in quote.quote or shown.startswith("00")
        code = len(digits) - len(national)  # digits of the country code that the quote lacks
        fits = digits.endswith(national) and len(national) >= 6
        if not fits or code > (0 if abroad else 3) or not 7 <= len(digits) <= 15:
            return not_said(f"the number {value[:40]}")
        return self._checked(f"+{digits}" if value.startswith("+") else value, None, quote)

    def _currency(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        code = value.upper()
        if not re.fullmatch(r"[A-Z]{3}", code):
            return Refused(NullReason.INVALID, "the value isn't an ISO 4217 code")
        folded = fold(quote.quote)
        told = [candidate.unit for candidate in self._found_in(quote, (CandidateKind.MONEY,))]
        signs = "|".join(map(re.escape, (code.lower(), *_SYMBOLS.get(code, "").split())))
        if code in told or re.search(rf"(?<![a-z])(?:{signs})s?(?![a-z])", folded):
            return self._checked(code, None, quote)
        return not_said(f"the currency {code}")

    # --- values that are words of the text --------------------------------------------------

    def _copied(
        self, value: str, quote: Evidence, kinds: tuple[CandidateKind, ...] = ()
    ) -> Verdict:
        """A value that stands in its quote: the text's own characters, on one line."""
        shown = self._anchors.find(value, quote.start, quote.end)
        if shown is not None:
            own = " ".join(shown.quote.split())
            return Proven(own, self._narrow(quote, shown), SURE_COPIED)
        for candidate in self._found_in(quote, kinds or tuple(CandidateKind)):
            if isinstance(candidate.value, str) and fold(candidate.value) == fold(value):
                return self._checked(candidate.value, self._of(candidate), quote)
        return not_said(f"{value[:80]!r}")

    def _called(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        """A name or an address: as copied, but for capitals, and the marks between its words."""
        verdict = self._copied(value, quote)
        if isinstance(verdict, Proven):
            own = str(verdict.value)
            if own == value or own.casefold() != value.casefold() or not _shouted(own):
                return verdict
            return replace(verdict, value=value, normalised_from=own)
        if not says_called(value, quote.quote, person=spec.role is FieldRole.PERSON_NAME):
            return verdict
        return self._checked(" ".join(value.split()), None, quote)

    def _as_copied(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        return self._copied(value, quote)

    def _email(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        """An address as copied, in small letters, or as it was read aloud."""
        bare = value.removeprefix("mailto:")
        if not re.fullmatch(r"[^\s@]+@[^\s@]+", bare):
            return Refused(NullReason.INVALID, f"the value isn't {described(spec)}")
        verdict = self._copied(bare, quote, (CandidateKind.EMAIL,))
        if isinstance(verdict, Proven) and str(verdict.value).lower() == bare != verdict.value:
            return replace(verdict, value=bare, normalised_from=str(verdict.value))
        if isinstance(verdict, Refused) and says_email(bare, quote.quote):
            return self._checked(bare, None, quote)
        return verdict

    def _address(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        """A web address as the text has it, with https:// where that names no scheme."""
        bare = re.sub(r"^https?://", "", value, flags=re.I).rstrip("/")
        shown = self._anchors.find(bare, quote.start, quote.end)
        if shown is None or not _DOMAIN.match(bare):
            if re.match(r"[a-z][a-z0-9+.-]*:\S", value, flags=re.I):
                return self._copied(value, quote, (CandidateKind.URL,))
            return Refused(NullReason.INVALID, f"the value isn't {described(spec)}")
        scheme = re.search(r"[a-zA-Z][a-zA-Z0-9+.-]*://$", self._source.text[: shown.start][-40:])
        own = "".join(shown.quote.split())
        return self._checked((scheme[0] if scheme else "https://") + own, shown, quote)

    def _named(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        """A configured name where the quote says one by any of its names; else the text's own."""
        kinds = (
            CandidateKind.PRODUCT,
            CandidateKind.COMPONENT,
            CandidateKind.PLAN,
            CandidateKind.COMPETITOR,
        )
        for candidate in self._found_in(quote, kinds):
            shown = self._source.text[candidate.start : candidate.end]
            if fold(value) in (fold(str(candidate.value)), fold(shown)):
                return self._checked(candidate.value, self._of(candidate), quote)
        return _worded(self._copied(value, quote))

    def _own_words(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        """A stretch of the text; of a value that isn't one, its quote is."""
        verdict = self._copied(value, quote)
        if isinstance(verdict, Proven) or len(quote.quote) > LONGEST_QUOTE:
            return verdict
        return Proven(" ".join(quote.quote.split()), quote, SURE_TOLD)

    def _summary(self, spec: FieldSpec, value: str, quote: Evidence) -> Verdict:
        """Free words: its numbers and names must stand in the text, and half of the rest."""
        known = set(_SPELT.findall(fold(self._source.text)))
        told = _SPELT.findall(value)
        strict = [one for one in told if any(c.isdigit() or c in "@/" for c in one)]
        strict += [one for one in told[1:] if one[:1].isupper()]
        missing = [one for one in strict if fold(one) not in known]
        if missing:
            return not_said(f"{missing[0][:80]!r}")
        words = [fold(one) for one in told if len(one) > 3]
        if sum(word in known for word in words) * 2 < len(words):
            return not_said("most of the words")
        return Proven(value, quote, SURE_FREE, quote.quote)

    # --- what they share --------------------------------------------------------------------

    def _around(self, quote: Evidence) -> str:
        """The quote with its sentence and the one before, which say whom they speak to."""
        text = self._source.text
        first = max(0, quote.start - 400)
        ends = [match.end() for match in _STOP.finditer(text, first, quote.start)]
        start = ends[-2] if len(ends) > 1 else first
        after = _STOP.search(text, quote.end, quote.end + 200)
        return text[start : after.start() if after else quote.end + 200]

    def _found_in(self, quote: Evidence, kinds: tuple[CandidateKind, ...]) -> Iterator[Candidate]:
        """What rules read inside the quote."""
        for candidate in self._candidates:
            inside = quote.start <= candidate.start and candidate.end <= quote.end
            if inside and candidate.kind in kinds:
                yield candidate

    def _of(self, candidate: Candidate) -> Evidence:
        text = self._source.text[candidate.start : candidate.end]
        return Evidence(text, candidate.start, candidate.end)

    def _checked(self, value: Json, shown: Evidence | None, quote: Evidence) -> Proven:
        """A value of another form than its words; ``shown`` are those that say it, if known."""
        evidence = quote if shown is None else self._narrow(quote, shown)
        words = (shown or quote).quote
        return Proven(value, evidence, SURE_CHECKED, "" if str(value) == words else words)

    def _narrow(self, quote: Evidence, shown: Evidence) -> Evidence:
        return shown if len(quote.quote) > _ROOMY_QUOTE else quote


def _worded(verdict: Verdict) -> Verdict:
    if isinstance(verdict, Proven) and not has_words(str(verdict.value)):
        return Refused(NullReason.INVALID, "the value has no word in it")
    return verdict


def _shouted(name: str) -> bool:
    return any(len(word) > 2 and word.isupper() for word in _WORDS.findall(name))
