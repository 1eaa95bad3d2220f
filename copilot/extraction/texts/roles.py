"""Words for the side that a speaker or sender is on: the team that is asked, or who asks.

Invariant: a name that says nothing of a side is on none.
"""

from __future__ import annotations

import re
from typing import Literal

Side = Literal["own", "asking", ""]

_OWN = re.compile(
    r"""(?<![\w-])(?:
      agent|agents|support|bot|chatbot|\w+bot|service[\s-]?desk|help[\s-]?desk|hotline|operator
    | customer\s(?:care|service|success)|(?:virtual\s)?assistant|assistent(?:in)?|asistente
    | technician|representative|rep|advisor|adviser|dispatcher|call\s?taker
    | kundendienst|kundenservice|kundenbetreuung|kundenberater(?:in)?|berater(?:in)?
    | mitarbeiter(?:in)?|sachbearbeiter(?:in)?|disponent(?:in)?|zentrale
    | conseill(?:er|ère)|télé?conseill(?:er|ère)|assistance|opérat(?:eur|rice)|technicien(?:ne)?
    | service\s(?:client|clients)|support\sclient|standard
    | agente|asesor(?:a)?|operador(?:a)?|soporte|técnic[oa]|atención\sal\scliente
      |teleoperador(?:a)?
    | system|système|sistema|no-?reply|mailer-daemon|noreply
    )(?![\w-])""",
    re.VERBOSE | re.IGNORECASE,
)
_ASKING = re.compile(
    r"""(?<![\w-])(?:
      caller|customer|visitor|client|guest|user|end\suser|requester|reporter
    | kunde|kundin|anrufer(?:in)?|besucher(?:in)?|gast|anwender(?:in)?|nutzer(?:in)?
    | cliente|appelant(?:e)?|visiteur|visiteuse|utilisat(?:eur|rice)|usager|usagère
    | llamante|visitante|usuari[oa]|invitad[oa]
    )(?![\w-])""",
    re.VERBOSE | re.IGNORECASE,
)
_MAILBOX = re.compile(
    r"(?:it-?)?(?:support|help|help-?desk|service-?desk|hotline|service|kundenservice"
    r"|kundendienst"
    r"|assistance|sav|soporte|ayuda|hilfe|aide|tickets?|cases?|care|customer-?(?:care|service)"
    r"|it|edv|informatica|informatique|bot|jira|zendesk|servicenow|freshdesk|notifications?)"
    r"(?:[-_.+][\w.+-]*)?@",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"(?:no-?reply|do-?not-?reply|donotreply|mailer-daemon|postmaster|notifications?|alerts?"
    r"|monitoring|bounce|automat\w*|nepasrepondre|ne-pas-repondre"
    r"|no-?responder)(?:[-_.+][\w.+-]*)?@",
    re.IGNORECASE,
)


def side_of(words: str) -> Side:
    """The side that a sender's or speaker's name tells: "Lea (Support)", "CALLER"."""
    if _OWN.search(words[:80]):
        return "own"
    return "asking" if _ASKING.search(words[:80]) else ""


def is_team_mailbox(address: str) -> bool:
    """support@, helpdesk@, it@ …"""
    return _MAILBOX.match(address) is not None


def is_machine(address: str) -> bool:
    """noreply@, alerts@ …: what nobody reads answers at."""
    return _MACHINE.match(address) is not None
