"""What a front end may ask of the core, and what it is told in reply.

Invariant: every call and reply is frozen and survives a trip through JSON; the events of a call
come before its one reply. An area's calls are imported when one of them is first named: making a
hundred of these classes takes as long as the first paint may.
"""

from __future__ import annotations

import importlib
import operator
import pkgutil
from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
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

    CALLS: Mapping[str, type[Call]]
    REPLIES: Mapping[str, type[Reply]]

_AREAS = tuple(module.name for module in pkgutil.iter_modules(__path__))
_FIRST = ("asking", "sessions", "extracting", "reading")  # whose names are told here, likely first


def __getattr__(name: str) -> Any:
    """An area; a name of one; or all of them, for who takes and sends any."""
    if name in _AREAS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in ("CALLS", "REPLIES"):
        kinds = get_args(__getattr__("Call" if name == "CALLS" else "Reply"))
        found: Any = {kind.__name__: kind for kind in kinds}
    elif name in ("Call", "Reply"):
        found = reduce(operator.or_, (getattr(__getattr__(area), name) for area in _AREAS))
    elif name in __all__:
        places = (__getattr__(area) for area in (*_FIRST, *_AREAS))
        found = next(getattr(place, name) for place in places if hasattr(place, name))
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


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
