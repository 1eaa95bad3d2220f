"""What a front end may ask of the core, and what it is told in reply.

Invariant: every call and reply is frozen and survives a trip through JSON; the events of a call
come before its one reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from copilot.calls import dashboard, extracting, inbox
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
from copilot.calls.sessions import ListSessions, Loaded, LoadSession, Session, Sessions

Call = (
    Standing
    | Ask
    | Rate
    | ListSessions
    | LoadSession
    | dashboard.Call
    | extracting.Call
    | inbox.Call
)
Reply = Done | Stands | Sessions | Loaded | dashboard.Reply | extracting.Reply | inbox.Reply

CALLS: Mapping[str, type[Call]] = {kind.__name__: kind for kind in get_args(Call)}
REPLIES: Mapping[str, type[Reply]] = {kind.__name__: kind for kind in get_args(Reply)}

__all__ = [
    "CALLS",
    "REPLIES",
    "Ask",
    "Call",
    "CheckRecord",
    "DescribeSchema",
    "Done",
    "ListSchemas",
    "ListSessions",
    "LoadSession",
    "Loaded",
    "Rate",
    "RecordChecked",
    "Reply",
    "SchemaCard",
    "SchemaDescribed",
    "Schemas",
    "Session",
    "Sessions",
    "Standing",
    "Stands",
]
