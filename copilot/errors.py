"""Every error that copilot raises on purpose, as one tree.

CopilotError
├── UsageError               2   a wrong argument, an empty question
│   ├── ConfigError          2   a setting that is wrong, missing or unknown
│   └── SchemaError          2   an extraction schema that can't be had, or isn't one
├── NotFoundError            3   a run, document, conversation or file that isn't there
├── ModelError               4   a chat or embedding model, or its provider
│   ├── ModelAuthError           key missing or refused
│   ├── ModelUnavailableError    refused, DNS, 5xx (retryable)
│   ├── ModelRateLimitError      429 (retryable)
│   ├── ModelTimeoutError        no answer in time (retryable)
│   ├── ModelStreamError         the stream broke or stalled in the middle (retryable)
│   ├── ModelRequestError        the provider rejects the request itself
│   │   ├── ModelContextError        because it is longer than the model can read
│   │   └── ModelRefusedError        because of its content
│   ├── ModelOffError            somebody switched it off
│   └── ModelUngroundedError     nothing that it wrote is borne out by its sources
├── KnowledgeIndexError      5   the index: missing, damaged, another embedder's, locked, no room
├── ToolError                6   a tool, or where something is sent
│   └── SinkError                a ticket or CRM system; nothing was written, but for the last one
│       ├── SinkAuthError            key missing or refused, or it may not do this
│       ├── SinkRequestError         the sink rejects the entry; names the fields
│       ├── SinkUnavailableError     refused, DNS, 5xx, busy (retryable)
│       └── SinkUnknownError         no answer: it may have been written (retryable, after a look)
├── DeniedError              7   a policy or a person said no
├── LimitError               8   over a budget or a size limit
│   └── BudgetError              a model isn't asked for what it may cost (a ModelError, too)
├── StorageError             5   the ledger or a conversation: no room, read-only, busy, damaged
├── ReadError                9   one input that can't be read; its neighbours go on
│   └── SkippedInputError        nothing in it to read, or a format that no reader takes
├── StoppedError           130   the person stopped it; what was done is kept
└── InternalError           70   a bug

Invariant: a message names the thing that failed, and the hint names the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command returns to the shell; documented in ``--help`` and the README."""

    DONE = 0
    USAGE = 2
    NOT_FOUND = 3
    MODEL = 4
    INDEX = 5
    TOOL = 6
    DENIED = 7
    LIMIT = 8
    PARTIAL = 9
    ABSTAINED = 10
    NO_SHIP = 11
    INCONCLUSIVE = 12
    BUG = 70
    INTERRUPTED = 130


class CopilotError(Exception):
    """The root. ``str(error)`` names the thing; ``hint`` names the remedy."""

    exit_code: ExitCode = ExitCode.BUG
    retryable: bool = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CopilotError):
    """The command was called with something it can't work with."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """A setting is unknown, malformed or contradicts another."""


class SchemaError(UsageError):
    """An extraction schema is missing, malformed, or uses what extraction can't fill."""


class NotFoundError(CopilotError):
    """The named thing does not exist."""

    exit_code = ExitCode.NOT_FOUND


class ModelError(CopilotError):
    """A model call failed."""

    exit_code = ExitCode.MODEL


class ModelAuthError(ModelError):
    """The provider refused the key, or there is none."""


class ModelUnavailableError(ModelError):
    """The provider can't be reached or answers with a server error."""

    retryable = True


class ModelRateLimitError(ModelError):
    """The provider asks to slow down. ``retry_after`` is in seconds, when it said."""

    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ModelTimeoutError(ModelError):
    """No answer, or no first token, within the configured time."""

    retryable = True


class ModelStreamError(ModelError):
    """A stream ended before its answer did."""

    retryable = True


class ModelRequestError(ModelError):
    """The provider rejects the request: unknown model, too long a context, bad parameter."""


class ModelContextError(ModelRequestError):
    """The request is longer than the model's context."""


class ModelRefusedError(ModelRequestError):
    """The provider, or its filter, refuses the content; another one may take it."""


class ModelOffError(ModelError):
    """A switch says that it isn't to be asked."""


class ModelUngroundedError(ModelError):
    """The model answered, and nothing of it could be shown: no source says it."""


class KnowledgeIndexError(CopilotError):
    """The index is missing, damaged, locked, full, or built with another embedder."""

    exit_code = ExitCode.INDEX


class ToolError(CopilotError):
    """A tool or a sink failed."""

    exit_code = ExitCode.TOOL


class SinkError(ToolError):
    """A ticket or CRM system didn't take an entry. Only SinkUnknownError may have written it."""


class SinkAuthError(SinkError):
    """The key is missing or refused, or it doesn't allow this."""


class SinkRequestError(SinkError):
    """The sink rejects the entry. ``fields``: what it says of each, by the sink's field name."""

    def __init__(
        self, message: str, *, hint: str = "", fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.fields = dict(fields or {})


class SinkUnavailableError(SinkError):
    """It can't be reached, or is busy. ``retry_after`` is in seconds, when it said."""

    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class SinkUnknownError(SinkError):
    """No answer came after the request had gone out: only the sink knows whether it wrote."""

    retryable = True


class DeniedError(CopilotError):
    """A policy or a person refused."""

    exit_code = ExitCode.DENIED


class LimitError(CopilotError):
    """A budget or a size limit is reached."""

    exit_code = ExitCode.LIMIT


class BudgetError(LimitError, ModelError):
    """A request to a model may cost more than is left, or a run has made too many of them.

    Who lives with a model that fails lives with one that isn't asked; it says nothing of its
    health.
    """


class ReadError(CopilotError):
    """One document can't be read; it is listed with this reason and the rest goes on."""

    exit_code = ExitCode.PARTIAL


class StorageError(CopilotError):
    """The ledger or a conversation can't be read or written.

    Raised while a run is recorded, it never costs the answer: ``ledger.recording`` turns it
    into a warning. It shares the index's exit code: both are what we keep on the disk.
    """

    exit_code = ExitCode.INDEX


class SkippedInputError(ReadError):
    """An empty file, or a format that no reader takes: listed as skipped, not as failed."""


class StoppedError(CopilotError):
    """The person pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED


class InternalError(CopilotError):
    """A state that should be impossible."""

    exit_code = ExitCode.BUG


class CoreStoppedError(InternalError):
    """The process that was asked ended before it had answered."""
