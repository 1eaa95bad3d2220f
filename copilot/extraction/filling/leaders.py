"""Who leads and who invites: people by the part that they play.

Invariant: a name is taken only where a word beside it, or what its bearer says, gives it the part;
who wrote an invitation invites.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.attending import named_lines
from copilot.extraction.filling.context import ASKER, OWN, Context, is_role, nothing
from copilot.extraction.filling.people import clean_name
from copilot.extraction.finding.sheet import fold
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldSpec


def leader(context: Context, spec: FieldSpec) -> FieldValue:
    """Who leads the response to an incident: who is called so, or says so of themselves."""
    for line in context.forms:
        if _LED_BY.search(line.label):
            start, end, name = clean_name(context.text, line.value)
            return context.value(start, end, value=name, confidence=0.95)
    if not any(word in context.folded for word in _WORDS):
        return nothing()
    for sentence in context.sentences:
        told = context.folded[sentence.start : sentence.end]
        if _LEADS.search(told):
            said_by = _speaker(context, sentence.segment.message)
            if said_by is not None:
                return said_by
    named = _NAMED.search(context.text)
    if named is not None:
        return context.value(named.start(1), named.end(1), confidence=0.85)
    for one in context.of(CandidateKind.PERSON):
        if _LED_BY.search(context.before(one.start)) or _LEADER.match(
            context.folded[one.end : one.end + 40]
        ):
            return context.value(one.start, one.end, value=one.value, confidence=0.9)
    who = _WHO_LED.search(context.text)
    if who is not None and context.rank(who.start(1)) <= OWN:
        return context.value(who.start(1), who.end(1), confidence=0.85)
    for found in _LEADER.finditer(context.folded):
        before = _NAME_BEFORE.search(context.text, max(0, found.start() - 60), found.start())
        if before is not None and context.rank(before.start()) <= OWN:
            start, end = _in_full(context, before)
            return context.value(start, end, confidence=0.85)
    return nothing()


_WORDS = (  # one of which stands in all that tells who leads
    *("lead", " led ", "command", "manager", "charge", "coordin", "koordin", "headed", "ran the"),
    *(" ic", "/ic", "leit", "fuhrung", "pilot", "dirig", "direc", "prends", "gere", "mando"),
    *("cargo", "control", "coordon", "lleva", "llevo", "incidente", "responsable", "lider"),
)
_WHO_LED = re.compile(
    r"\b(?i:c'est|it was|fue)\s([A-ZÀ-Ý][a-zß-ÿ][\w'’-]*(?: [A-ZÀ-Ý][\w'’-]+){0,2})\s(?:qui (?:a )?"
    r"(?:pilot|coordonn|dirig)\w*|who (?:led|coordinated|ran)|quien (?:dirig|coordin|lider)\w+)"
)
_NAME_BEFORE = re.compile(
    r"(?<!\w)(?!(?:The|Our|Der|Die|Das|Den|Dem|Le|La|El|Los|We|They|She|He)\s)"
    r"[A-ZÀ-Ý][a-zß-ÿ][\w'’-]*(?: [A-ZÀ-Ý][\w'’-]+){1,2}$"
    r"|(?<=\d[ \t][–—-][ \t])[A-ZÀ-Ý][a-zß-ÿ][\w'’-]+$|(?<=\d[ \t])[A-ZÀ-Ý][a-zß-ÿ][\w'’-]+$"
)


def _in_full(context: Context, name: re.Match[str]) -> tuple[int, int]:
    """Where a first name stands with the family's; else where it stands."""
    if " " not in name[0]:
        full = re.search(rf"\b{re.escape(name[0])} [A-ZÀ-Ý][a-zß-ÿ][\w'’-]*", context.text)
        return full.span() if full else name.span()
    return name.span()


def _speaker(context: Context, number: int) -> FieldValue | None:
    """Who says something: the turn's speaker, or who signs or sends the mail."""
    message = context.reading.messages[number]
    if message.part != "turn":
        signed = [
            one
            for one in context.of(CandidateKind.PERSON)
            if message.start <= one.start < message.end
            and context.kind(one.start) in (SegmentKind.SIGNATURE, SegmentKind.CLOSING)
            and not _OFFICE.search(fold(str(one.value)))
        ]
        if signed:
            one = max(signed, key=lambda told: len(str(told.value).split()))
            return context.value(one.start, one.end, value=one.value, confidence=0.85)
        alone = list(_NAME_ALONE.finditer(context.text, message.start, message.end))
        if alone:
            return context.value(*alone[-1].span(1), confidence=0.8)
    sender = message.sender_name
    if sender is None or _OFFICE.search(fold(context.reading.quote(sender))):
        return None
    start, end, name = clean_name(context.text, sender)
    return context.value(start, end, value=name, confidence=0.9)


_NAME_ALONE = re.compile(  # below an empty line, above the signature
    r"\n[ \t]*\n[ \t]*([A-ZÀ-Ý][a-zß-ÿ][\w'’-]*(?: [A-ZÀ-Ý][\w'’-]+){1,3})[ \t]*(?=\n|$)"
)
_LEADS = re.compile(
    r"\b(?:(?:i'm|i am) (?:leading|coordinating|running (?:the|this)|in charge|in command)"
    r"|(?:i'm|i am) (?:the )?(?:incident )?(?:lead|commander|manager)\b"
    r"|i (?:led|coordinated) (?:the|our)|ich koordiniere|ich habe (?:heute "
    r"|gerade )?die (?:einsatz)?leitung"
    r"|moi qui (?:coordonne|pilote|dirige|gere)|je (?:coordonne|dirige)|j'ai (?:coordonne|pilote)"
    r"|he (?:coordinado|dirigido|llevado) yo|yo (?:coordino|dirijo)|l[oa] llevo yo"
    r"|taking ic|i am (?:the )?ic|i'm (?:the )?ic|i(?:'ll| will)? (?:take|lead|run) (?:the )?"
    r"(?:lead|incident|command|ic|response)|i have command|i'm (?:the )?incident commander"
    r"|ich ubernehme (?:die )?(?:leitung|einsatzleitung|fuhrung)|ich leite|ubernehme die leitung"
    r"|je prends (?:la direction|le commandement|le pilotage|la main|le lead)|je pilote"
    r"|(?:yo )?(?:tomo|asumo|llevo) (?:el mando|la coordinacion|la direccion|el incidente|el"
    r" control)"
    r"|coordino yo)\b"
)
_NAMED = re.compile(
    r"(?:(?:^|[^\w/])(?i:ic|commander|incident commander|incident (?:lead|manager)|lead|in charge"
    r"|einsatzleit(?:ung|er|erin)|leitung|koordination|pilote|pilotage|coordination"
    r"|responsable(?: de l'incident| del incidente)?|coordina(?:dora?|cion|ción)|al mando)"
    r"\*{0,2}\s?(?::\*{0,2}|=|–|—)\s?|(?:^|\s)/(?:lead|ic|commander)\s"
    r"|\b(?i:led by|coordinated by|l[oa] lleva|a cargo de|geleitet von|koordiniert von|pilotée? par"
    r"|coordonnée? par|dirigée? par|coordinad[oa] por|dirigid[oa] por|(?:coordina|lleva"
    r"|dirige) la (?:incidencia|respuesta)|pilote l'incident|leitete|koordinierte)\s)@?"
    r"(?:(?:Frau|Herr|Mr|Mrs|Ms|Dr|Prof|Mme|M|Sr|Sra|Ing|D|Dña)\.?\s)*"
    r"([A-ZÀ-Ý][a-zß-ÿ][\w'’-]*(?: (?:(?:de|van|von|der|den|del|la|le) )*[A-ZÀ-Ý][\w'’-]+){0,2})"
)
_LED_BY = re.compile(
    r"\b(?:incident commander|commander|incident lead|incident manager|led by|lead|ic"
    r"|einsatzleitung|einsatzleiter\w*|leitung|geleitet von|pilote(?: de l'incident)?|pilotage"
    r"|responsable de l'incident|pilote par|dirige par|coordinador\w*|responsable|coordinado por"
    r"|al mando|mando|l[oa] llevan?|a cargo de|in charge(?: is)?|coordonne par|koordiniert von"
    r"|leader)\b\W{0,4}$"
)
_LEADER = re.compile(
    r"\W{1,2}(?:takes? (?:over )?(?:command|the lead|lead|ic)|leads|led (?:the|our|this)"
    r"|headed (?:the|our)"
    r"|ran the (?:response|incident|call)|coordinate[sd] (?:the|our)|(?:is|was) (?:in (?:charge"
    r"|command)"
    r"|leading|coordinating)|ha(?:t|tte) die (?:einsatz)?leitung|leitete|koordinier\w+"
    r"|a (?:dirige|pilote|coordonne)|pilotait|coordonn(?:e|ait)|dirigio|coordino|lidero"
    r"|esta al mando|ubernimmt (?:die"
    r" )?(?:einsatz)?leitung"
    r"|leitet|prend (?:la direction|le pilotage)|pilote|toma el mando|coordina|dirige)\b|"
    r"\W{1,3}(?:(?:\w+ )?(?:as|als|comme|como) |is |was |ist |war |est |es )?(?:the |der |die "
    r"|le |el )?"
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
    r"|astreinte|bereitschaft|on-?call|guardia|leitstelle|it-?service|service desk|technik"
    r"|technique"
    r"|gmbh|ltd|sarl|reception|empfang|zentrale|verwaltung|calendar|kalender|no-?reply)\b"
)


_INVITED_BY = re.compile(
    r"\b(?:organi[sz]e[rd](?: by)?|organi[sz]ation|host(?:ed by)?|invited by|called by"
    r"|convened by|chaired by|facilitator|facilitated by|eingeladen von|einladende[rn]?"
    r"|einladung von|organisation|leitung"
    r"|moderation|organise par"
    r"|organisateur|organisatrice|invite par|convoque par|animateur|animatrice|organiza(?:dor\w*)?"
    r"|convoca(?:do por)?|convocante|invita)\b"
    r"[^\w\n)]{0,40}(?:(?:mr|mrs|ms|herr|frau|m|mme|sr|sra)\W+)?$"
)
