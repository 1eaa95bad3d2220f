"""Settings of the answer cache.

Invariant: as in ``schema.py``.
"""

from __future__ import annotations

from pydantic import Field

from copilot.config.sections import Section


class CacheSettings(Section):
    """Answers that a chat model wrote, given again to who asks the same and may see the same."""

    enabled: bool = Field(
        True,
        description="Give an answer again while all that it was made from is unchanged. It keeps "
        "questions and answers on disk; with ledger.bodies off it keeps none and is off too.",
    )
    semantic: bool = Field(
        True, description="Also when the same is asked in other words; else to the letter only."
    )
    similarity: float = Field(
        0.75,
        gt=0,
        le=1,
        description="Least cosine between two such questions. Numbers, names, negations and what "
        "kind of answer is asked for must agree in any case.",
    )
    keep_days: float = Field(30.0, gt=0, description="Days that an answer is kept.")
    max_entries: int = Field(2000, ge=1, description="Answers kept; the longest unused go first.")
    max_mb: float = Field(50.0, gt=0, description="Room that they may take.")
    recheck_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of answers to other words that are asked of the model all the same: "
        "the reader gets the new one, and it is compared with the kept one.",
    )
    false_hits_max: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Above this share of such comparisons that came out wrong, the cache no longer "
        "answers to other words, until `copilot cache on`.",
    )
    least_checks: int = Field(
        50, ge=1, description="The fewest comparisons that decide on that; the last 500 count."
    )
