"""Failures of one cause come together, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from copilot.figures import FailureOrigin, RecordedFailure
from copilot.ledger.failures import cluster_failures, shared_text

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def failure(
    message: str | None,
    *,
    error_type: str = "ModelTimeoutError",
    origin: FailureOrigin = "model",
    where: str = "openai/gpt-5",
    count: int = 1,
    hour: int = 0,
) -> RecordedFailure:
    at = NOON + timedelta(hours=hour)
    return RecordedFailure(origin, where, error_type, message, count, NOON, at, f"run-{hour}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("no answer in 30.5 s", "no answer in 2 s"),
        ("there is no model 'gpt-x'", "there is no model 'gpt-y'"),
        (
            "request 0198c0de-1111-7000-8000-0123456789ab failed",
            "request 0198c0df-2222-7000-8000-ba9876543210 failed",
        ),
        ("see req_01HZXABCDEF99Q", "see req_77KKPABCQEF12Z"),
        ("/home/ann/notes/a.md can't be read", "/srv/b/index/c.md can't be read"),
        ("GET https://a.example/v1?x=1 failed", "GET http://10.0.0.1:8080/v2 failed"),
        ("ann@example.com may not", "bob@example.org may not"),
        ("slow\n  down", "slow down"),
    ],
)
def test_texts_that_differ_in_what_varies_are_one_cause(one: str, other: str) -> None:
    assert shared_text(one) == shared_text(other)
    [cluster] = cluster_failures([failure(one), failure(other)])
    assert (cluster.count, cluster.texts) == (2, 1 if one == other else 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the connection was refused", "the connection was reset"),
        ("input and/or output is too long", "input is too long"),
        ("it isn't there and can't be made", "it isn't here and can't be made"),
        ("internationalisation failed", "containerisation failed"),
        (None, "the connection was refused"),
    ],
)
def test_other_words_are_another_cause(one: str | None, other: str | None) -> None:
    assert len(cluster_failures([failure(one), failure(other)])) == 2


def test_what_failed_and_how_part_failures_with_the_same_words() -> None:
    same = "no answer"
    assert (
        len(
            cluster_failures(
                [
                    failure(same),
                    failure(same, error_type="ModelConnectionError"),
                    failure(same, origin="run"),
                ]
            )
        )
        == 3
    )


def test_a_cluster_tells_its_commonest_text_places_and_last_run() -> None:
    clusters = cluster_failures(
        [
            failure("no table 7", count=2, hour=3),
            failure("no table 8", count=9, hour=1, where="openai/gpt-5-mini"),
            failure("down", count=1, hour=9),
        ]
    )
    assert [cluster.count for cluster in clusters] == [11, 1]
    first = clusters[0]
    assert (first.message, first.example) == ("no table #", "no table 8")
    assert first.where == ("openai/gpt-5-mini", "openai/gpt-5")
    assert (first.first_at, first.last_at) == (NOON, NOON + timedelta(hours=3))
    assert first.last_run == "run-3"


def test_a_text_without_end_is_cut() -> None:
    assert len(shared_text("word " * 100_000)) <= 200
