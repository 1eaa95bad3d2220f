"""What callers answer when they are asked for their name or their company.

Invariant: an answer is the next turn of the other side, and only its first words.
"""

from __future__ import annotations

import re
from itertools import pairwise

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people.firms import COMPANY
from copilot.extraction.people.naming import FULL_NAME
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.reading import Message, Span

_ASKS_NAME = re.compile(
    r"(?:your|full|first|last|sur)\s?name|vorname|nachname|prénom|who am i (?:speaking|talking)"
    r"|whom am i|may i ask who"
    r"|(?:ihr|ihren|der|wie ist ihr) (?:vollständiger )?name|wie heißen|wer (?:ist|spricht)"
    r"|mit wem spreche"
    r"|votre (?:nom|prénom)|vous êtes (?:madame|monsieur)|à qui ai-je|qui est à l|su nombre"
    r"|cómo se llama|con quién hablo|quién (?:habla|llama)|me dice su nombre|su apellido",
    re.IGNORECASE,
)
_ASKS_COMPANY = re.compile(
    r"(?:which|what|your|the) (?:company|organi[sz]ation|business|firm|account)"
    r"|where are you calling from|who do you work|welche[rms]? (?:firma|unternehmen|betrieb)"
    r"|ihre firma|von welcher|name der firma|aus welchem"
    r"|quelle (?:société|entreprise|structure)|votre (?:société|entreprise)|de quelle"
    r"|nom de (?:la|votre) (?:société|entreprise)|qué empresa|su empresa|cuál empresa"
    r"|nombre de (?:la|su) empresa|de dónde (?:me )?llama|desde qué",
    re.IGNORECASE,
)
_CONFIRMS = re.compile(
    rf"(?i:vous êtes (?:bien )?(?:chez|de)|are you (?:from|with|at|calling from)"
    rf"|you['’]re (?:from|with|at|calling from)|sie sind (?:von|bei)(?: der)?|sie rufen (?:von"
    rf"|für)|es usted de|llama (?:usted )?de|está (?:usted )?en)\s(?P<company>{COMPANY})\s?\?"
)
_YES = re.compile(
    r"\W*(?:yes|yeah|yep|aye|correct|ja|genau|richtig|stimmt|oui|exact|tout à fait|sí|si"
    r"|correcto|exacto|that['’]s)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"(?:\W*(?:yes|yeah|yep|sure|of course|erm?|um|uh|well|so|it['’]s|that['’]s|the|from|at"
    r"|with|ja|also|gerne?|klar|das ist|die|der|von|vom|bei|firma|oui|alors|c['’]est|chez|de|du"
    r"|la|société|euh|sí|si|cómo no|claro|pues"
    r"|es|la empresa|desde|mire|good morning|good afternoon|guten (?:morgen|tag)|buenos días"
    r"|buenas(?: tardes)?|my name is|i['’]m|this is|mein name ist|ich bin|ich heiße"
    r"|je suis|je m['’]appelle|soy|me llamo|hi|hello|hallo|bonjour|hola)\b[,.…:]?\s*){0,5}",
    re.IGNORECASE,
)
_FULL = re.compile(FULL_NAME)
_NAME = re.compile(rf"{FULL_NAME}|[A-ZÀ-Þ][^\W\d_]{{2,}}")
_OPENING = re.compile(
    rf"(?P<name>{FULL_NAME}),?\s(?:(?i:hier|here|ici|à l['’]appareil|al habla),?\s)?"
    rf"(?i:from|at|with|von der firma|von der|vom|von|bei|de chez|de la société|de la empresa"
    rf"|de|du|chez|d['’])\s?"
    rf"(?:(?i:der|the|la|le|les|firma|société|empresa)\s){{0,2}}(?P<company>{COMPANY})"
    rf"|(?P<who>{FULL_NAME}),\s(?P<whose>{COMPANY})(?=[,.])"
)
_COMPANY = re.compile(COMPANY)


def read_answers(sheet: Sheet) -> None:
    """Adds names and companies that are answers to the team's questions."""
    turns = [one for one in sheet.reading.messages if one.part == "turn"]
    for turn in [one for one in turns if not one.own][:2]:
        start = _said(sheet, turn)
        _opening(sheet, start, sheet.text[start : min(turn.end, start + 300)])
    sided = any(one.own for one in turns)
    for asked, answered in pairwise(turns):
        if answered.own or not (asked.own or not sided):
            continue
        question = sheet.text[_said(sheet, asked) : asked.end][:600]
        start = _said(sheet, answered)
        answer = sheet.text[start : min(answered.end, start + 300)]
        if found := _CONFIRMS.search(question):
            _confirmed(sheet, asked, start, found, answer)
        if _ASKS_NAME.search(question):
            _answer_name(sheet, start, answer)
        if _ASKS_COMPANY.search(question):
            _answer_company(sheet, start, answer)


def _opening(sheet: Sheet, start: int, answer: str) -> None:
    """ "Oui bonjour, Karim Belhadj, de la société Transports Belhadj": how callers begin."""
    lead = _LEADS.match(answer)
    found = _OPENING.match(answer, lead.end() if lead else 0)
    if not found:
        return
    name, company = ("name", "company") if found["name"] else ("who", "whose")
    span = Span(start + found.start(name), start + found.end(name))
    if sheet.person(span, sure=0.9, label="stated"):
        span = Span(start + found.start(company), start + found.end(company))
        sheet.add(CandidateKind.COMPANY, span, sure=0.85, label="stated")


def _said(sheet: Sheet, turn: Message) -> int:
    """Where a turn's words begin, behind the speaker."""
    if turn.sender_name is None:
        return turn.start
    colon = re.compile(r"[^\n]{0,60}?(?:(?<!\d):(?!\d)\s?|\s{2,}|\n)").match(
        sheet.text, turn.sender_name.end, turn.end
    )
    return colon.end() if colon else turn.sender_name.end


def _answer_name(sheet: Sheet, start: int, answer: str) -> None:
    lead = _LEADS.match(answer)
    at = lead.end() if lead else 0
    found = _NAME.match(answer, at)
    if found is None or " " not in found[0]:
        found = _FULL.search(answer, 0, at + 60) or found
    if found:
        several = len(found[0].split()) > 1
        span = Span(start + found.start(), start + found.end())
        sheet.person(span, sure=0.93 if several else 0.75, label="stated")


def _answer_company(sheet: Sheet, start: int, answer: str) -> None:
    lead = _LEADS.match(answer)
    found = _COMPANY.match(answer, lead.end() if lead else 0)
    if found and len(found[0]) > 2:
        words = found[0].rstrip(" .,")
        span = Span(start + found.start(), start + found.start() + len(words))
        sheet.add(CandidateKind.COMPANY, span, sure=0.9, label="stated")


def _confirmed(sheet: Sheet, asked: Message, start: int, found: re.Match[str], answer: str) -> None:
    """A company that the team names and the caller affirms, best in their own words."""
    company = found["company"].strip()
    at = answer.find(company)
    if at >= 0:
        span = Span(start + at, start + at + len(company))
        sheet.add(CandidateKind.COMPANY, span, sure=0.92, label="stated")
    elif _YES.match(answer):
        base = _said(sheet, asked)
        span = Span(base + found.start("company"), base + found.start("company") + len(company))
        sheet.add(CandidateKind.COMPANY, span, sure=0.85, label="stated")
