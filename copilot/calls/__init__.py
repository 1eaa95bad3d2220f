"""What a front end may ask of the core, and what it is told in reply.

Invariant: every call and reply is frozen and survives a trip through JSON; the events of a call
come before its one reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from copilot.calls import (
    composing,
    dashboard,
    extracting,
    inbox,
    knowledge,
    reading,
    runs,
    sessions,
    settings,
    welcome,
)
from copilot.calls.asking import Ask, Done, Rate, Standing, Stands
from copilot.calls.extracting import (
    CheckRecord,
    DescribeSchema,
    ListSchemas,
    RecordChecked,
    SchemaCard,
    SchemaDescribed,
    Schemas,
)
from copilot.calls.reading import DocumentPiece, PassagesRead, ReadAround, ReadPassages
from copilot.calls.sessions import (
    AnswersRecalled,
    DeleteSession,
    EarlierAnswer,
    ExportSession,
    ListSessions,
    Loaded,
    LoadSession,
    PinSession,
    RecallAnswers,
    RenameSession,
    Said,
    SearchSessions,
    Session,
    SessionExported,
    SessionHit,
    SessionHits,
    Sessions,
)

Call = (
    Standing
    | Ask
    | Rate
    | sessions.Call
    | reading.Call
    | composing.Call
    | dashboard.Call
    | extracting.Call
    | inbox.Call
    | knowledge.Call
    | runs.Call
    | settings.Call
    | welcome.Call
)
Reply = (
    Done
    | Stands
    | sessions.Reply
    | reading.Reply
    | composing.Reply
    | dashboard.Reply
    | extracting.Reply
    | inbox.Reply
    | knowledge.Reply
    | runs.Reply
    | settings.Reply
    | welcome.Reply
)

CALLS: Mapping[str, type[Call]] = {kind.__name__: kind for kind in get_args(Call)}
REPLIES: Mapping[str, type[Reply]] = {kind.__name__: kind for kind in get_args(Reply)}

__all__ = [
    "CALLS",
    "REPLIES",
    "AnswersRecalled",
    "Ask",
    "Call",
    "CheckRecord",
    "DeleteSession",
    "DescribeSchema",
    "DocumentPiece",
    "Done",
    "EarlierAnswer",
    "ExportSession",
    "ListSchemas",
    "ListSessions",
    "LoadSession",
    "Loaded",
    "PassagesRead",
    "PinSession",
    "Rate",
    "ReadAround",
    "ReadPassages",
    "RecallAnswers",
    "RecordChecked",
    "RenameSession",
    "Reply",
    "Said",
    "SchemaCard",
    "SchemaDescribed",
    "Schemas",
    "SearchSessions",
    "Session",
    "SessionExported",
    "SessionHit",
    "SessionHits",
    "Sessions",
    "Standing",
    "Stands",
]
