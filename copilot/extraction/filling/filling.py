"""Fills a schema's fields from what was found in a text: for each role its own way of reading.

Invariant: every field of every record has an entry; a value has its quote, and what has none has
the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from copilot.extracted import FieldValue, NullReason
from copilot.extraction.assembling import Draft
from copilot.extraction.filling import (
    accounts,
    calendars,
    codes,
    companies,
    incidents,
    leaders,
    lists,
    meetings,
    moments,
    named,
    numbers,
    people,
    places,
    plain_moments,
    prose,
    sums,
    titles,
)
from copilot.extraction.filling.alike import alike_in
from copilot.extraction.filling.attending import attendees
from copilot.extraction.filling.choices import choose
from copilot.extraction.filling.context import Context, nothing
from copilot.extraction.filling.labelled import by_label
from copilot.extraction.filling.languages import preferred
from copilot.extraction.filling.likeness import Examples
from copilot.extraction.filling.phrases import Lexicon
from copilot.extraction.filling.records import parts
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.filling.talks import Talk, talk_of
from copilot.extraction.filling.wishes import wish
from copilot.extraction.reading import Span
from copilot.schemas import FieldRole, FieldSpec, Schema

Fill = Callable[[Context, FieldSpec], FieldValue]
_PLAIN = frozenset(
    {FieldRole.TEXT, FieldRole.CHOICE, FieldRole.DATE, FieldRole.TIME, FieldRole.DATE_TIME}
)
_OF_PEOPLE = frozenset(
    {
        FieldRole.PERSON_NAME,
        FieldRole.PERSON_EMAIL,
        FieldRole.PERSON_PHONE,
        FieldRole.PERSON_MOBILE,
        FieldRole.COMPANY,
        FieldRole.JOB_TITLE,
        FieldRole.ADDRESS,
    }
)
_GOES_ON = frozenset(
    {"investigating", "identified", "monitoring", "open", "ongoing", "in_progress"}
)
_STATED = 0.9
_LEADERS = ("commander", "leader", "incident_manager", "lead", "einsatzleiter", "einsatzleitung")
_INVITERS = ("organiser", "organizer", "host", "chair", "inviter", "einladender", "organisateur")

_FILLS: Mapping[FieldRole, Fill] = {
    FieldRole.PERSON_EMAIL: people.person_email,
    FieldRole.PERSON_PHONE: numbers.person_phone,
    FieldRole.PERSON_MOBILE: numbers.person_phone,
    FieldRole.COMPANY: companies.company,
    FieldRole.JOB_TITLE: companies.job_title,
    FieldRole.ADDRESS: companies.address,
    FieldRole.PRODUCT: named.name,
    FieldRole.COMPONENT: named.name,
    FieldRole.COMPETITOR: named.name,
    FieldRole.VERSION: codes.version,
    FieldRole.ERROR_CODE: codes.error_code,
    FieldRole.REFERENCE: codes.reference,
    FieldRole.URL: codes.url,
    FieldRole.OCCURRED_AT: moments.happened,
    FieldRole.STARTED_AT: incidents.began,
    FieldRole.DETECTED_AT: incidents.of_incident,
    FieldRole.RESOLVED_AT: incidents.of_incident,
    FieldRole.DUE_DATE: moments.due,
    FieldRole.CLOSE_DATE: moments.closing,
    FieldRole.DATE: plain_moments.plain,
    FieldRole.DATE_TIME: plain_moments.plain,
    FieldRole.TIME: plain_moments.plain,
    FieldRole.MEETING_DATE: meetings.day,
    FieldRole.START_TIME: meetings.start,
    FieldRole.END_TIME: meetings.end,
    FieldRole.TIME_ZONE: meetings.time_zone,
    FieldRole.LOCATION: places.location,
    FieldRole.AMOUNT: sums.amount,
    FieldRole.CURRENCY: sums.currency,
    FieldRole.COUNT: sums.count,
    FieldRole.PERCENT: sums.percent,
    FieldRole.IMPACT: accounts.impact,
    FieldRole.CAUSE: accounts.cause,
    FieldRole.REASON: prose.say,
    FieldRole.WORKAROUND: prose.say,
    FieldRole.NEXT_STEP: prose.say,
    FieldRole.TEXT: by_label,
}


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills one schema. ``lexicons``: labelled examples by role; ``issues``: what tells an
    issue; ``likeness``: whole sentences for a category; ``own``: the schema's examples, by field.
    """

    schema: Schema
    lexicons: Mapping[FieldRole, tuple[Lexicon, ...]]
    issues: Lexicon | None
    likeness: Examples | None = None
    own: Mapping[str, Examples] = field(default_factory=dict)

    def fill(self, context: Context) -> list[Draft]:
        """The records of a text, one at least."""
        talk = talk_of(context) if self._is_users() else None
        if talk is not None:
            return [{spec.name: self._wish(context, talk, spec) for spec in self.schema.fields}]

        def weight(stretch: Span | Sentence) -> float:
            return self._weight(context, stretch)

        return [self._record(part, weight) for part in parts(context, self.schema, weight)]

    def _is_users(self) -> bool:
        """Whether most of the schema's fields have no part to play that is known."""
        return sum(spec.role in _PLAIN for spec in self.schema.fields) * 2 > len(self.schema.fields)

    def _wish(self, context: Context, talk: Talk, spec: FieldSpec) -> FieldValue:
        told = by_label(context, spec)
        if told.value is not None:
            return told
        if spec.name in self.own:
            return alike_in(context, talk, spec, self.own[spec.name])
        return wish(context, talk, spec, self.schema)

    def _weight(self, context: Context, stretch: Span | Sentence) -> float:
        """How much a stretch says of an issue: its weightiest phrase."""
        if self.issues is None:
            return 0.0
        told = context.words(stretch)
        return max((one.phrase.weight for one in self.issues.matches(told)), default=0.0)

    def _record(self, context: Context, weight: Callable[[Span | Sentence], float]) -> Draft:
        draft: dict[str, FieldValue] = {}
        meets = any(spec.role is FieldRole.MEETING_DATE for spec in self.schema.fields)
        entry = calendars.event(context) if meets else None
        for spec in self.schema.fields:
            told = calendars.said(context, entry, spec.role) if entry and not spec.many else None
            if told is not None:
                draft[spec.name] = told
            elif spec.many:
                draft |= self._many(context, spec)
            else:
                draft[spec.name] = self._one(context, spec, weight)
        self._settle(context, draft)
        return draft

    def _one(
        self, context: Context, spec: FieldSpec, weight: Callable[[Span | Sentence], float]
    ) -> FieldValue:
        roles = {one.role for one in self.schema.fields}
        if spec.role in _OF_PEOPLE and not context.apart:
            context = context.whole()
        if spec.role is FieldRole.LANGUAGE and spec.choices:
            told = preferred(context, spec)
            if told.value is not None:
                return told
        if spec.choices:
            category = self.likeness if spec.role is FieldRole.CATEGORY else None
            examples = self.own.get(spec.name, category)
            return choose(context, spec, self.lexicons.get(spec.role, ()), examples)
        match spec.role:
            case FieldRole.TITLE:
                return titles.title(context, spec, weight, ways=self._ways(roles))
            case FieldRole.PERSON_NAME:
                return self._person(context, spec)
            case FieldRole.PERSON_EMAIL:
                return people.person_email(context, spec, outside=self._of_strangers())
            case FieldRole.PERSON_PHONE | FieldRole.PERSON_MOBILE:
                return numbers.person_phone(context, spec, apart=FieldRole.PERSON_MOBILE in roles)
            case FieldRole.PRODUCT:
                return named.name(context, spec, deal=FieldRole.STAGE in roles)
            case FieldRole.URL if FieldRole.MEETING_DATE in roles:
                return codes.meeting_url(context, spec)
            case _:
                fill = _FILLS.get(spec.role)
                return fill(context, spec) if fill else nothing(NullReason.NEEDS_MODEL)

    def _person(self, context: Context, spec: FieldSpec) -> FieldValue:
        name = spec.name.split(".")[-1].casefold()
        if any(word in name for word in _LEADERS):
            return leaders.leader(context, spec)
        if any(word in name for word in _INVITERS):
            return leaders.inviter(context, spec)
        return people.person_name(context, spec, outside=self._of_strangers())

    def _ways(self, roles: Collection[FieldRole]) -> titles.Ways:
        """How the schema's titles are found."""
        return titles.Ways(
            incident=FieldRole.STARTED_AT in roles,
            headed=any(
                role in roles
                for role in (FieldRole.STARTED_AT, FieldRole.MEETING_DATE, FieldRole.STAGE)
            ),
            wish=FieldRole.WORKAROUND in roles,
            deal=FieldRole.STAGE in roles,
            meeting=FieldRole.MEETING_DATE in roles,
        )

    def _of_strangers(self) -> bool:
        """Whether the records are of customers, also where a colleague writes of them."""
        roles = {spec.role for spec in self.schema.fields}
        return not roles.isdisjoint({FieldRole.STAGE, FieldRole.JOB_TITLE})

    def _many(self, context: Context, spec: FieldSpec) -> Draft:
        array = spec.name.split("[]")[0]
        if spec.path[-1] != "[]":
            return {}
        if spec.role is FieldRole.PERSON_NAMES:
            found = attendees(context)
        elif spec.role in (FieldRole.DECISIONS, FieldRole.ACTION_ITEMS):
            found = lists.listed(context, spec.role)
        else:
            found = []
        if not found:
            return {array: lists.none_listed(spec.role)}
        return {f"{array}[{number}]": value for number, value in enumerate(found)}

    def _settle(self, context: Context, draft: dict[str, FieldValue]) -> None:
        """Fields that depend on another one's value."""
        by_role = {spec.role: spec.name for spec in self.schema.fields}
        state, over = by_role.get(FieldRole.STATUS), by_role.get(FieldRole.RESOLVED_AT)
        if state and over and str(draft[state].value).casefold() in _GOES_ON:
            stated = draft[over].confidence >= _STATED  # under a label of its own
            draft[over] = draft[over] if stated else nothing()
        step, day = by_role.get(FieldRole.NEXT_STEP), by_role.get(FieldRole.NEXT_STEP_DATE)
        if step is None or day is None:
            return
        told = draft[step].evidence
        if told is None:
            draft[day] = nothing()
            return
        sentence = context.sentence_at(told.start)
        line_end = context.text.find("\n", told.end)
        end = max(sentence.end if sentence else told.end, line_end if line_end > 0 else told.end)
        draft[day] = moments.day_after(context, told.start, end)
