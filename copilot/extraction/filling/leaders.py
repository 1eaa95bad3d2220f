"""Who leads and who invites: people by the part that they play.

Invariant: a name is taken only where a word beside it, or what its bearer says, gives it the part;
who wrote an invitation invites.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.attending import named_lines
from copilot.extraction.filling.context import ASKER, Context, is_role, nothing
from copilot.extraction.filling.people import clean_name
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldSpec


def leader(context: Context, spec: FieldSpec) -> FieldValue:
    """Who leads the response to an incident: who is called so, or says so of themselves."""
    for line in context.forms:
        if _LED_BY.search(line.label):
            start, end, name = clean_name(context.text, line.value)
            return context.value(start, end, value=name, confidence=0.95)
    for sentence in context.sentences:
        told = context.folded[sentence.start : sentence.end]
        if _LEADS.search(told):
            message = context.reading.messages[sentence.segment.message]
            if message.sender_name is not None and message.part == "turn":
                start, end, name = clean_name(context.text, message.sender_name)
                return context.value(start, end, value=name, confidence=0.9)
    named = _NAMED.search(context.text)
    if named is not None and _LED_BY.search(context.folded[named.start() : named.start(1)]):
        return context.value(named.start(1), named.end(1), confidence=0.85)
    for one in context.of(CandidateKind.PERSON):
        if _LED_BY.search(context.before(one.start)) or _LEADER.match(
            context.folded[one.end : one.end + 40]
        ):
            return context.value(one.start, one.end, value=one.value, confidence=0.9)
    return nothing()


_LEADS = re.compile(
    r"\b(?:taking ic|i am (?:the )?ic|i'm (?:the )?ic|i(?:'ll| will)? (?:take|lead|run) (?:the )?"
    r"(?:lead|incident|command|ic|response)|i have command|i'm (?:the )?incident commander"
    r"|ich ubernehme (?:die )?(?:leitung|einsatzleitung|fuhrung)|ich leite|ubernehme die leitung"
    r"|je prends (?:la direction|le commandement|le pilotage|la main|le lead)|je pilote"
    r"|(?:yo )?(?:tomo|asumo|llevo) (?:el mando|la coordinacion|la direccion|el incidente|el"
    r" control)"
    r"|coordino yo)\b"
)
_NAMED = re.compile(
    r"\b(?i:ic|commander|incident commander|incident lead|einsatzleitung|leitung|pilote|responsable"
    r"|coordinadora?)\s?: ([A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+){1,2})"
)
_LED_BY = re.compile(
    r"\b(?:incident commander|commander|incident lead|incident manager|led by|lead|ic"
    r"|einsatzleitung|einsatzleiter\w*|leitung|geleitet von|pilote(?: de l'incident)?|pilotage"
    r"|responsable de l'incident|pilote par|dirige par|coordinador\w*|responsable|coordinado por"
    r"|al mando|mando)\b\W{0,4}$"
)
_LEADER = re.compile(
    r"\W{1,2}(?:takes? (?:over )?(?:command|the lead|lead|ic)|leads|ubernimmt (?:die"
    r" )?(?:einsatz)?leitung"
    r"|leitet|prend (?:la direction|le pilotage)|pilote|toma el mando|coordina|dirige)\b|"
    r"\W{1,3}(?:is |was |as |ist |war |als |est |comme |es |como )?(?:the |der |die |le |el )?"
    r"(?:incident commander|incident lead|ic\b|einsatzleit\w*|incident manager|pilote|coordinador)"
)


def inviter(context: Context, spec: FieldSpec) -> FieldValue:
    """Who invites: who is called so, else who wrote."""
    for one in context.of(CandidateKind.PERSON):
        if _INVITED_BY.search(context.before(one.start)):
            return context.value(one.start, one.end, value=one.value, confidence=0.9)
    sender = context.lead.sender_name
    if context.in_turns and _RECORDED.match(context.folded) and any(named_lines(context)):
        return nothing()  # it goes on already, and who speaks first needn't have called it
    if sender is not None and not is_role(context.asker) and not _OFFICE.search(context.asker):
        start, end, name = clean_name(context.text, sender)
        return context.value(start, end, value=name, confidence=0.85)
    for one in context.of(CandidateKind.PERSON):
        signed = context.kind(one.start) is SegmentKind.SIGNATURE
        if context.rank(one.start) == ASKER and (signed or one.label == "stated"):
            return context.value(one.start, one.end, value=one.value, confidence=0.8)
    return nothing()


_RECORDED = re.compile(
    r"\W*(?:(?:call |meeting |automatic )*transcript\w*|recorded|recording|aufzeichnung|mitschnitt"
    r"|abschrift|transkri\w*|enregistrement|retranscription|grabacion|transcripcion)\b"
)
_OFFICE = re.compile(
    r"\b(?:sekretariat|kanzlei|praxis|buro|office|team|secretariat|cabinet|secretaria|despacho"
    r"|gmbh|ltd|sarl|reception|empfang|zentrale|verwaltung|calendar|kalender|no-?reply)\b"
)


_INVITED_BY = re.compile(
    r"\b(?:organi[sz]e[rd](?: by)?|organi[sz]ation|host(?:ed by)?|invited by|called by"
    r"|convened by|chaired by|eingeladen von|einladende[rn]?|einladung von|organisation|leitung"
    r"|moderation|organise par"
    r"|organisateur|organisatrice|invite par|convoque par|animateur|animatrice|organiza(?:dor\w*)?"
    r"|convoca(?:do por)?|convocante|invita)\b"
    r"[^\w\n)]{0,40}(?:(?:mr|mrs|ms|herr|frau|m|mme|sr|sra)\W+)?$"
)
