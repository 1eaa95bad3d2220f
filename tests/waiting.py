"""A home with proposals in its outbox, for tests of who decides on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from copilot.bootstrap import Copilot
from copilot.config.load import load
from copilot.config.paths import Paths
from copilot.extracted import FieldValue, SourceText
from copilot.proposals import ProposalState, SinkEntry, Standing
from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.corpora import REPOSITORY
from tests.proposed import MAIL, record, stated

_TICKET = json.loads((REPOSITORY / "data/schemas/ticket.json").read_text())["properties"]
ASK = '[[rule]]\nname = "all"\ndecision = "ask"\nreason = "a person looks at each"\n'


class Receiver(HttpServer):
    """Takes each event of a webhook once, by its key, and gives it a number."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, str] = {}

    def answer(self, request: HttpRequest) -> HttpReply:
        key = request.headers["webhook-id"]
        number = self.taken.setdefault(key, f"H-{len(self.taken) + 1}")
        return HttpReply(200, {"id": number, "url": f"https://hooks.example/{number}"})


class Box:
    """The outbox of a home, and what stands behind it. ``receiver`` is the sink ``hook``, whose key
    is ``COPILOT_KEY_HOOK``.
    """

    def __init__(self, home: Path, *, receiver: HttpServer | None = None, rules: str = ASK) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        (home / "policy.toml").write_text(rules, encoding="utf-8")
        if receiver is not None:
            settings = (
                f'[actions.sinks.hook]\nkind = "webhook"\n'
                f'url = "{receiver.url}/hook"\nkey = "hook"\n'
            )
            (home / "config.toml").write_text(settings, encoding="utf-8")

    def of(self, principal: str = "") -> Copilot:
        """Built anew, as another process of this person."""
        given = {"COPILOT_HOME": str(self.home)}
        paths = Paths.from_environment(given)
        named = {"principal": {"name": principal}} if principal else {}
        return Copilot(settings=load(paths, given, overrides=named).settings, paths=paths)

    @property
    def copilot(self) -> Copilot:
        return self.of()

    async def hand(
        self,
        title: str = "export to CSV fails",
        *,
        sink: str = "desk",
        suspicions: Sequence[str] = (),
        severity: str = "critical",
    ) -> Standing:
        """Propose a ticket of its own."""
        text = MAIL.replace("export to CSV fails", title)
        fields = {name: FieldValue(None) for name in _TICKET} | {
            "title": stated(text, title),
            "severity": stated(text, "critical", severity),
            "requester_email": stated(text, "grace@navy.example"),
        }
        one = record(text, fields=fields, suspicions=tuple(suspicions))
        source = SourceText("mail.eml", text, hashlib.sha256(text.encode()).hexdigest())
        handover = self.copilot.delivery.handover(lambda message: None)
        [standing] = await handover.hand_over([one], source, sink)
        handover.close()
        return standing

    def standing(self, proposal_id: str) -> Standing:
        return self.copilot.delivery.outbox.get(proposal_id)

    def states(self) -> list[ProposalState]:
        """Of all, as they were proposed."""
        return [one.state for one in self.copilot.delivery.outbox.content().standings]

    def desk(self) -> list[SinkEntry]:
        """What the local desk holds."""
        return self.copilot.delivery.desk.entries()

    def audited(self) -> list[tuple[str, str]]:
        """Action and principal of each entry of the audit trail, oldest first."""
        found = [one.sealed.entry for one in self.copilot.audit_trail.newest_first() if one.sealed]
        return [(one.action, one.principal) for one in reversed(found)]
