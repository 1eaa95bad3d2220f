"""What a schema says of an edited record, by the schema's name.

Invariant: a schema that isn't at hand has no check, and what can't be checked can't be edited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.errors import CopilotError
from copilot.extracted import FieldError, Json

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot

Check = Callable[[Mapping[str, Json]], Sequence[FieldError]]


@dataclass(frozen=True, slots=True)
class SchemaChecks:
    """Loads a schema when one is asked for."""

    copilot: Copilot

    def check_for(self, name: str) -> Check | None:
        from copilot.extractors import Extractors

        try:
            return Extractors(self.copilot).schema(name).check
        except CopilotError:
            return None
