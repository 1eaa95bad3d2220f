"""An OpenFeature provider over the file of flags.

Invariant: a switch is a boolean flag, an experiment a string flag whose value is its variant; any
other type is OpenFeature's type mismatch, and a name that nobody knows its flag not found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from copilot.adapters.flags.disk import FlagsOnDisk
from copilot.flags import Asker, Decision
from copilot.flags.deciding import assign, decide
from copilot.flags.values import SWITCHES
from copilot.flags.values import Reason as Told

_NONE = -1
Value = TypeVar("Value", bool, str)


class FileProvider(AbstractProvider):
    """Resolves by the rules of ``flags.deciding``; the context holds who asks."""

    def __init__(self, disk: FlagsOnDisk) -> None:
        super().__init__()
        self._disk = disk

    def get_metadata(self) -> Metadata:
        return Metadata(name="copilot flags.toml")

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        file = self._disk.now()
        if flag_key in file.experiments:
            raise TypeMismatchError(f"{flag_key} is an experiment: ask for a string")
        if flag_key not in SWITCHES:
            raise FlagNotFoundError(f"there is no flag {flag_key}")
        decision = decide(file.switch(flag_key), _asker(evaluation_context))
        return _details(decision, decision.on)

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        file = self._disk.now()
        if flag_key in SWITCHES:
            raise TypeMismatchError(f"{flag_key} is a switch: ask for a boolean")
        experiment = file.experiments.get(flag_key)
        if experiment is None:
            raise FlagNotFoundError(f"there is no experiment {flag_key}")
        decision = assign(experiment, _asker(evaluation_context))
        return _details(decision, decision.variant)

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        _mismatch(flag_key)

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        _mismatch(flag_key)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        _mismatch(flag_key)


def context_of(asker: Asker) -> EvaluationContext:
    """As a context of OpenFeature; its targeting key is the principal."""
    return EvaluationContext(
        targeting_key=asker.principal,
        attributes={
            "groups": list(asker.groups),
            "kind": asker.kind,
            "conversation": asker.conversation,
        },
    )


def decision_of(flag: str, variant: str, reason: str, told: Mapping[str, object]) -> Decision:
    """As the program takes it, from what OpenFeature passed on."""
    bucket, start, end = (_whole(told.get(name)) for name in ("bucket", "from", "to"))
    return Decision(
        flag,
        variant,
        _REASONS.get(reason, "error"),
        str(told.get("why", "")),
        max(0, _whole(told.get("rule"))),
        str(told.get("unit", "")),
        None if bucket == _NONE else bucket,
        None if end == _NONE else (start, end),
    )


_REASONS: Mapping[str, Told] = {
    Reason.STATIC: "static",
    Reason.DEFAULT: "default",
    Reason.TARGETING_MATCH: "targeting_match",
    Reason.SPLIT: "split",
    Reason.DISABLED: "disabled",
    Reason.ERROR: "error",
}


def _details(decision: Decision, value: Value) -> FlagResolutionDetails[Value]:
    start, end = decision.buckets or (_NONE, _NONE)
    return FlagResolutionDetails(
        value=value,
        reason=Reason(decision.reason.upper()),
        variant=decision.variant,
        flag_metadata={
            "why": decision.why,
            "rule": decision.rule,
            "unit": decision.unit,
            "bucket": _NONE if decision.bucket is None else decision.bucket,
            "from": start,
            "to": end,
        },
    )


def _asker(context: EvaluationContext | None) -> Asker:
    if context is None:
        return Asker("")
    told = context.attributes
    groups = told.get("groups")
    return Asker(
        principal=context.targeting_key or "",
        groups=tuple(map(str, groups)) if isinstance(groups, list | tuple) else (),
        kind=str(told.get("kind", "")),
        conversation=str(told.get("conversation", "")),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else _NONE


def _mismatch(flag: str) -> NoReturn:
    raise TypeMismatchError(f"{flag}: flags are switches (boolean) or experiments (string)")
